"""Sums over all coalitions in whole numbers, for the judges: what they are charged, what they would pay alone."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.cost_game import CostGame

Array = NDArray[Any]

_ROOM = 1 << 62
"""Sums below this are safe in machine integers."""


def total_of(costs: CostGame) -> Fraction:
    """Return what all players together cost."""
    return Fraction(costs.upper[costs.grand])


def added_up(numbers: Array) -> Array:
    """Return the sum over every group of players: entry S adds the numbers of the players whose bit is set in S."""
    sums = np.zeros(1, dtype=numbers.dtype)
    for number in numbers:
        sums = np.concatenate((sums, sums + number))
    return sums


def sizes_of(players: int) -> Array:
    """Return the number of members of every coalition."""
    return added_up(np.ones(players, dtype=np.int64))


def exact_sums(costs: CostGame, shares: Sequence[Fraction]) -> tuple[Array, Array, int]:
    """Return what every coalition owes and what it is charged as integers, and what both are multiplied by.

    Parameters
    ----------
    costs
        A game of kind ``cost`` with exact numbers.
    shares
        One per player; none: nothing is charged.
    """
    table = costs.numbers
    assert table.exact, "judged where numbers are exact"
    whole = lcm(table.denominator, *(share.denominator for share in shares))
    more = whole // table.denominator
    parts = [share.numerator * (whole // share.denominator) for share in shares]
    owed = times(table.values, more)
    largest = max(abs(int(owed.min())), abs(int(owed.max())))
    # Sums over all coalitions are taken too.
    fits = (largest + sum(map(abs, parts))) * len(owed) < _ROOM
    owed = owed.astype(np.int64 if fits else object)
    paid = added_up(np.array(parts or [0] * len(costs.players), dtype=np.int64 if fits else object))
    return owed, paid, whole


def times(numbers: Array, factor: int) -> Array:
    """Return integers times a factor, in Python's own where machine integers are too small."""
    largest = max(abs(int(numbers.min())), abs(int(numbers.max())), 1)
    if numbers.dtype != object and largest * abs(factor) >= _ROOM:
        numbers = numbers.astype(object)
    product: Array = numbers * factor
    return product
