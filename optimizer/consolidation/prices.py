"""What the rows of the linear master are worth, as integers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from optimizer.consolidation.fillings import Ints

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

    def toward(self, other: "Prices", permille: int) -> "Prices":
        """Return prices so many per mille of the way to others; what both may be, a mix of them may be."""
        here = 1000 - permille

        def mix(one: int, two: int) -> int:
            return (here * one + permille * two) // 1000

        return Prices(
            rows=(here * self.rows + permille * other.rows) // 1000,
            counts=_mixed(self.counts, other.counts, mix),
            links=_mixed(self.links, other.links, mix),
            counters=(here * self.counters + permille * other.counters) // 1000,
        )


Key = TypeVar("Key", int, tuple[int, int])


def _mixed(one: dict[Key, int], two: dict[Key, int], mix: Callable[[int, int], int]) -> dict[Key, int]:
    return {key: mix(one.get(key, 0), two.get(key, 0)) for key in sorted(one.keys() | two.keys())}
