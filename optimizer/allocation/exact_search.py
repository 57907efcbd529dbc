"""The search for a level in exact fractions: slower, for games whose numbers floating point cannot tell apart.

The dual of a level's linear program has a column for every row of the programme and few equations: the weighted rows
must add up to something that is fixed, and the weights of goals to 1. The revised simplex method in two phases solves
it; at each step all coalitions are looked at for the column that enters.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np

from optimizer.allocation.exact import Span, as_fraction, subset_sums
from optimizer.allocation.levels import Programme, Row

MOST_PLAYERS = 12
"""Players up to which every coalition is looked at in long integers at each step."""

_PATIENCE = 40
"""Steps without progress after which columns enter and leave in a fixed order, which cannot go round in circles."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the dual: its entries and its price; `row` is None for those that only start the search."""

    row: Row | None
    entries: list[Fraction]
    price: Fraction

    @property
    def order(self) -> tuple[bool, int, tuple[str, ...], bool]:
        """Place in a fixed order of all columns."""
        if self.row is None:
            return (False, 0, (), False)
        return (True, len(self.row.who), self.row.who, bool(self.row.weight))


class ExactSearch:
    """The dual of one level after another, for at most `MOST_PLAYERS` players and exact numbers."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.players = len(programme.costs.players)

    def fix(self, row: Row, paid: Fraction) -> None:
        """Hold what a row comes to from now on: the span that is given to `solve` knows it."""

    def solve(self, span: Span) -> list[float]:
        """Find the prices of a level, and return shares of it."""
        self.span, self.free = span, span.free_columns()
        self.watched = self.programme.proper()
        if self.programme.weights is not None:
            self.watched &= ~span.contained()
        size = len(self.free) + 1
        self.inverse = [[Fraction(int(row == column)) for column in range(size)] for row in range(size)]
        self.basis = [_Column(None, entries, Fraction(1)) for entries in self.inverse]
        for self.starting in (True, False):
            self._improve()
        return [float(share) for share in self._shares()]

    def priced(self) -> list[tuple[Row, Fraction]]:
        """Return the rows with a positive price, and that price."""
        return [
            (column.row, line[-1])
            for column, line in zip(self.basis, self.inverse, strict=True)
            if column.row is not None and line[-1] > 0
        ]

    def _improve(self) -> None:
        """Let columns enter until none improves the objective of this phase."""
        idle = 0
        while (entering := self._entering(in_order=idle > _PATIENCE)) is not None:
            steps = [_dot(line, entering.entries) for line in self.inverse]
            leaving = self._leaving(steps)
            idle = 0 if self.inverse[leaving][-1] else idle + 1
            self.basis[leaving] = entering
            head = [one / steps[leaving] for one in self.inverse[leaving]]
            self.inverse = [
                head if index == leaving else [one - step * other for one, other in zip(line, head, strict=True)]
                for index, (line, step) in enumerate(zip(self.inverse, steps, strict=True))
            ]

    def _price(self, column: _Column) -> Fraction:
        if self.starting:
            return Fraction(int(column.row is None))
        return Fraction(0) if column.row is None else column.price

    def _multipliers(self) -> list[Fraction]:
        """Return the prices of the equations: the free shares, and last the negative of the level."""
        prices = [self._price(column) for column in self.basis]
        return [_dot(prices, [line[one] for line in self.inverse]) for one in range(len(prices))]

    def _shares(self) -> list[Fraction]:
        found = dict(zip(self.free, self._multipliers(), strict=False))
        guess = (found.get(bit, Fraction(0)) for bit in range(self.players))
        return self.span.solution(guess, homogeneous=self.starting)

    def _entering(self, *, in_order: bool) -> _Column | None:
        """Return a column that improves the objective: the one that does most, or the first one."""
        multipliers = self._multipliers()
        columns = [self._column(row) for row in self.programme.rows]
        columns += [self._column(self.programme.coalition(mask)) for mask in self._violated(-multipliers[-1], in_order)]
        found = []
        for column in columns:
            gain = _dot(multipliers, column.entries) - (0 if self.starting else column.price)
            settled = column.row is not None and column.row.weight and not any(column.entries[:-1])
            if gain > 0 and not settled:
                found.append((gain, column))
        if in_order:
            return min((column for _, column in found), key=lambda column: column.order, default=None)
        return max(found, key=lambda one: (one[0], one[1].order), default=(0, None))[1]

    def _violated(self, level: Fraction, in_order: bool) -> Iterable[int]:
        """Return the coalition that is most above its row, or all that are, in their order."""
        shares, programme = self._shares(), self.programme
        weights = programme.weights
        table = programme.costs.numbers
        whole = lcm(*(share.denominator for share in shares), table.denominator, programme.slack.denominator)
        whole *= level.denominator * (weights.denominator if weights else 1)
        above = subset_sums(np.array([int(share * whole) for share in shares], dtype=object))
        if not self.starting:
            above = above - table.values.astype(object) * (whole // table.denominator) - int(programme.slack * whole)
        if weights is not None:
            above = above - weights.values.astype(object) * int(level * whole / weights.denominator)
        above[~self.watched] = 0
        if in_order:
            return [int(mask) for mask in np.flatnonzero(above > 0)]
        worst = int(np.argmax(above))
        return [worst] if as_fraction(above[worst]) > 0 else []

    def _leaving(self, steps: Sequence[Fraction]) -> int:
        """Return the place in the basis that comes to 0 first."""
        places = []
        for index, (step, column) in enumerate(zip(steps, self.basis, strict=True)):
            value = self.inverse[index][-1]
            # What is left of the start must stay at 0: it leaves as soon as it would move, either way.
            if step > 0 or (step and column.row is None and not self.starting):
                places.append((value / abs(step), column.order, index))
        assert places, "the limits leave no shares"
        return min(places)[-1]

    def _column(self, row: Row) -> _Column:
        rest, bound = self.span.reduced(row.vector, row.bound)
        return _Column(row, [*(rest[bit] for bit in self.free), row.weight], bound)


def _dot(one: Sequence[Fraction], other: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(one, other, strict=True) if a and b), start=Fraction(0))
