"""Exact linear algebra on coalitions: common denominators, subset sums, and the span of coalitions in fractions."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from optimizer.cost_game import Numbers as Table

Numbers = NDArray[Any]
"""An array of exact integers: int64 where sums cannot overflow, Python integers otherwise."""

_SAFE = 1 << 62

_WORDS = 1 << 64


def common_integers(numbers: Sequence[Fraction | int]) -> tuple[list[int], int]:
    """Return the numerators over the least common denominator, and that denominator."""
    denominator = lcm(*{number.denominator for number in numbers})
    if denominator == 1:
        return [number.numerator for number in numbers], 1
    return [number.numerator * (denominator // number.denominator) for number in numbers], denominator


def as_fraction(number: Any) -> Fraction:
    """Return an entry of an array as a fraction of Python's own integers."""
    return Fraction(number.item() if isinstance(number, np.generic) else number)


def integer_array(numbers: Numbers | Sequence[int], terms: int) -> Numbers:
    """Return an array of exact integers in which any sum of `terms` entries is still exact."""
    try:
        found = np.asarray(numbers, dtype=np.int64)
    except OverflowError:
        return np.array(numbers, dtype=object)
    largest = max(abs(int(found.max(initial=0))), abs(int(found.min(initial=0))))
    return found if largest * terms < _SAFE else found.astype(object)


def subset_sums(numbers: Numbers) -> Numbers:
    """Return the sum over every coalition: entry S adds the numbers of the players whose bit is set in S."""
    sums = np.zeros(1 << len(numbers), dtype=numbers.dtype)
    for player, number in enumerate(numbers):
        size = 1 << player
        np.add(sums[:size], number, out=sums[size : 2 * size])
    return sums


def sizes(players: int) -> NDArray[np.int64]:
    """Return the number of members of every coalition."""
    return subset_sums(np.ones(players, dtype=np.int64))


def indicator(coalition: int, players: int) -> list[int]:
    """Return a coalition's bit mask as a vector of zeros and ones."""
    return [coalition >> player & 1 for player in range(players)]


class Span:
    """What a set of exact linear equations determines, kept in reduced row echelon form.

    A row is kept in integers without a common factor, its right-hand side last: they are much faster than fractions.
    """

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._rows: dict[int, list[int]] = {}

    @property
    def rank(self) -> int:
        """Number of independent equations."""
        return len(self._rows)

    def settles(self, vector: Sequence[Fraction | int]) -> bool:
        """Say whether the value of a vector follows from the equations."""
        return not any(self._reduced(vector, 0)[0][:-1])

    def reduced(self, vector: Sequence[Fraction | int], right: Fraction | int = 0) -> tuple[list[Fraction], Fraction]:
        """Return what the known equations leave open of another one; all zeros when it follows from them."""
        rest, scale = self._reduced(vector, right)
        numbers = [Fraction(number, scale) if number else _ZERO for number in rest]
        return numbers[:-1], numbers[-1]

    def add(self, vector: Sequence[Fraction | int], right: Fraction | int) -> bool:
        """Add an equation vector . x = right; return False when the vector already lies in the span."""
        rest, _ = self._reduced(vector, right)
        pivot = next((column for column, number in enumerate(rest[:-1]) if number), None)
        if pivot is None:
            return False
        rest = _primitive(rest)
        for other, row in self._rows.items():
            if row[pivot]:
                self._rows[other] = _primitive(_without_pivot(row, rest, pivot))
        self._rows[pivot] = rest
        return True

    def value(self, vector: Sequence[Fraction | int]) -> Fraction | None:
        """Return the value that the equations give to a vector, None where they leave it open."""
        rest, scale = self._reduced(vector, 0)
        return None if any(rest[:-1]) else Fraction(-rest[-1], scale)

    def free_columns(self) -> list[int]:
        """Return the unknowns that may be chosen: all others follow from them."""
        return [column for column in range(self.columns) if column not in self._rows]

    def solution(self, guess: Iterable[Fraction], *, homogeneous: bool = False) -> list[Fraction]:
        """Return a solution of the equations in which unknowns that they leave open keep the guessed value.

        Parameters
        ----------
        homogeneous
            Solve the equations with 0 on their right-hand sides.
        """
        found = list(guess)
        free = self.free_columns()
        for pivot, row in self._rows.items():
            known = sum((row[column] * found[column] for column in free if row[column]), start=_ZERO)
            found[pivot] = ((0 if homogeneous else row[-1]) - known) / row[pivot]
        return found

    def contained(self) -> NDArray[np.bool_]:
        """Return for every coalition of the columns whether its sum follows from the equations.

        A coalition does when it is orthogonal to all that the equations leave open, the kernel. One random
        combination of the kernel modulo 2^64 stands for all of it: where a coalition is not orthogonal to one
        vector, the combination misses that with a chance of about 2^-64.
        """
        mixed = [0] * self.columns
        draw = Random(0)  # noqa: S311 - no secret
        for open_column in self.free_columns():
            whole = lcm(*(row[pivot] for pivot, row in self._rows.items()))
            factor = draw.getrandbits(64) | 1
            mixed[open_column] += factor * whole
            for pivot, row in self._rows.items():
                mixed[pivot] -= factor * row[open_column] * (whole // row[pivot])
        inside: NDArray[np.bool_] = subset_sums(np.array([one % _WORDS for one in mixed], dtype=np.uint64)) == 0
        return inside

    def _reduced(self, vector: Sequence[Fraction | int], right: Fraction | int) -> tuple[list[int], int]:
        """Return what is left of an equation as integers, its right-hand side last, and what they are multiplied by."""
        rest, scale = common_integers([*vector, right])
        for pivot, row in self._rows.items():
            if rest[pivot]:
                scale *= row[pivot] // gcd(row[pivot], rest[pivot])
                rest = _without_pivot(rest, row, pivot)
        return rest, scale


_ZERO = Fraction(0)


def _without_pivot(row: list[int], other: list[int], pivot: int) -> list[int]:
    """Return a multiple of a row, less a multiple of another one, so that nothing is left at the pivot.

    The row is multiplied by the other's pivot, less common factors.
    """
    common = gcd(row[pivot], other[pivot])
    keep, take = other[pivot] // common, row[pivot] // common
    return [keep * one - take * two for one, two in zip(row, other, strict=True)]


def _primitive(row: list[int]) -> list[int]:
    """Return a row without the common factor of its numbers."""
    common = gcd(*row)
    return row if common == 1 else [number // common for number in row]


def exceeds(
    table: Table, shares: Sequence[Fraction], among: NDArray[np.bool_], *, most: Fraction, by: Table | None = None
) -> bool:
    """Say whether shares of some coalition among those marked sum to more than its cost plus an allowance.

    Parameters
    ----------
    most, by
        The allowance: `most`, times the coalition's entry of `by` where that is given.
    """
    near = _near(table, shares, among, most, by)
    if not table.exact:
        return bool(near.any())
    denominators = [share.denominator for share in shares]
    whole = lcm(*denominators, table.denominator, most.denominator * (by.denominator if by else 1))
    # Only coalitions that floating point cannot tell apart from their limit are compared in long integers.
    masks = np.flatnonzero(near)
    paid = np.zeros(len(masks), dtype=object)
    for bit, share in enumerate(shares):
        paid[masks >> bit & 1 == 1] += int(share * whole)
    owed = table.values[masks].astype(object) * (whole // table.denominator)
    if by is None:
        return bool((paid - owed > int(most * whole)).any())
    allowed = by.values[masks].astype(object) * int(most / by.denominator * whole)
    return bool((paid - owed > allowed).any())


def _near(
    table: Table, shares: Sequence[Fraction], among: NDArray[np.bool_], most: Fraction, by: Table | None
) -> NDArray[np.bool_]:
    """Mark the coalitions that in floating point exceed their limit; for exact tables also those that nearly do."""
    costs = table.floats()
    margin = 1e-9 * float(np.abs(costs).max())
    above = subset_sums(np.array([float(share) for share in shares])) - costs
    above -= float(most) if by is None else float(most) * by.floats()
    near: NDArray[np.bool_] = among & (above > (-margin if table.exact else margin))
    return near
