"""What the rows of the linear master are worth, as integers."""

from dataclasses import dataclass

from optimizer.consolidation.knapsack import Ints

SCALE = 1 << 13
"""Prices are whole numbers of 1/SCALE of a minor unit, fine enough for rows of thousands of packages."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Integer prices in 1/SCALE minor units: what the rows of the master are worth.

    Parameters
    ----------
    rows
        What carrying one of each row is worth, any sign.
    counts
        By group of places: what one more container is worth, <= 0 at a most and >= 0 at a fewest.
    links
        (trigger, row) -> what using the trigger costs one of the row, <= 0.
    counters
        What one line costs, any sign, negative meaning a cost.
    """

    rows: Ints
    counts: dict[int, int]
    links: dict[tuple[int, int], int]
    counters: Ints
