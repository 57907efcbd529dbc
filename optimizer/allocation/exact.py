"""Exact linear algebra on coalitions: common denominators, subset sums, and the span of coalitions in fractions."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]
"""An array of exact integers: int64 where sums cannot overflow, Python integers otherwise."""

_SAFE = 1 << 62


def common_integers(numbers: Sequence[Fraction | int]) -> tuple[list[int], int]:
    """Return the numerators over the least common denominator, and that denominator."""
    denominator = lcm(*{number.denominator for number in numbers})
    return [number.numerator * (denominator // number.denominator) for number in numbers], denominator


def integer_array(numbers: Sequence[int], terms: int) -> Numbers:
    """Return an array of exact integers in which any sum of `terms` entries is still exact."""
    largest = max((abs(number) for number in numbers), default=0)
    return np.array(numbers, dtype=np.int64 if largest * terms < _SAFE else object)


def subset_sums(numbers: Numbers) -> Numbers:
    """Return the sum over every coalition: entry S adds the numbers of the players whose bit is set in S."""
    sums = np.zeros(1, dtype=numbers.dtype)
    for number in numbers:
        sums = np.concatenate((sums, sums + number))
    return sums


def indicator(coalition: int, players: int) -> list[Fraction]:
    """Return a coalition's bit mask as a vector of zeros and ones."""
    return [Fraction(coalition >> player & 1) for player in range(players)]


class Span:
    """What a set of exact linear equations determines, kept in reduced row echelon form."""

    def __init__(self, columns: int) -> None:
        self.columns = columns
        self._rows: dict[int, tuple[list[Fraction], Fraction]] = {}

    @property
    def rank(self) -> int:
        """Number of independent equations."""
        return len(self._rows)

    def reduced(self, vector: Sequence[Fraction], right: Fraction | int = 0) -> tuple[list[Fraction], Fraction]:
        """Return what the known equations leave open of another one; all zeros when it follows from them."""
        rest, value = list(vector), Fraction(right)
        for pivot, (row, known) in self._rows.items():
            factor = rest[pivot]
            if factor:
                rest = [one - factor * other for one, other in zip(rest, row, strict=True)]
                value -= factor * known
        return rest, value

    def add(self, vector: Sequence[Fraction], right: Fraction | int) -> bool:
        """Add an equation vector . x = right; return False when the vector already lies in the span."""
        rest, value = self.reduced(vector, right)
        pivot = next((column for column, number in enumerate(rest) if number), None)
        if pivot is None:
            return False
        head = rest[pivot]
        rest, value = [number / head for number in rest], value / head
        for other, (row, known) in self._rows.items():
            factor = row[pivot]
            if factor:
                cleared = [one - factor * two for one, two in zip(row, rest, strict=True)]
                self._rows[other] = (cleared, known - factor * value)
        self._rows[pivot] = (rest, value)
        return True

    def value(self, vector: Sequence[Fraction]) -> Fraction | None:
        """Return the value that the equations give to a vector, None where they leave it open."""
        rest, value = self.reduced(vector)
        return None if any(rest) else -value

    def solution(self, guess: Iterable[Fraction]) -> list[Fraction]:
        """Return a solution of the equations in which unknowns that they leave open keep the guessed value."""
        found = list(guess)
        free = [column for column in range(self.columns) if column not in self._rows]
        for pivot, (row, value) in self._rows.items():
            found[pivot] = value - sum((row[column] * found[column] for column in free), start=Fraction(0))
        return found

    def contained(self) -> NDArray[np.bool_]:
        """Return for every coalition of the columns whether its sum follows from the equations."""
        inside = np.ones(1 << self.columns, dtype=bool)
        for free in (column for column in range(self.columns) if column not in self._rows):
            kernel = [Fraction(int(column == free)) for column in range(self.columns)]
            for pivot, (row, _) in self._rows.items():
                kernel[pivot] = -row[free]
            integers, _ = common_integers(kernel)
            inside &= subset_sums(integer_array(integers, self.columns)) == 0
        return inside
