"""The search for the levels of a programme: linear programs in floating point, levels rebuilt in exact fractions.

Only rows that stay at the level in *every* optimum may be fixed: those with a positive dual price. Fixing all that
are tight in one optimum is the classic mistake. Coalitions become rows when one look at all of them finds them
violated; what the fixed rows determine is settled, found by rank.

References
----------
Guajardo, M., Joernsten, K. (2015). Common mistakes in computing the nucleolus. European Journal of
Operational Research 241, 931-935. https://doi.org/10.1016/j.ejor.2014.10.037
"""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from optimizer.allocation.exact import Span, indicator, subset_sums
from optimizer.allocation.exact_search import MOST_PLAYERS, ExactSearch
from optimizer.allocation.levels import Level, Levels, Programme, Row

_VIOLATED = 1e-9
"""How far a coalition may be above its row, relative to the largest cost, before the row is added."""

_PRICED = 1e-7
"""Dual price from which a row counts as tight in every optimum; the prices of a level's goals sum to about 1."""


class InexactError(ArithmeticError):
    """Rounding kept the search from exact fractions; carries the best approximate shares."""

    def __init__(self, shares: Sequence[float]) -> None:
        self.shares = tuple(shares)
        super().__init__("no exact prices could be rebuilt")


def levels_of(programme: Programme, *, exactly: bool = False, first_only: bool = False) -> Levels:
    """Make the largest goal as small as it can be, fix what is tight in every optimum, go on with the rest.

    Parameters
    ----------
    programme
        Its limits must leave some shares.
    exactly
        Search in fractions: slower, and only for small games with exact numbers.
    first_only
        Stop after the first level; the shares are then only one optimum of it, in floating point.

    Raises
    ------
    InexactError
        When a level's dual prices cannot be rebuilt exactly, or the game is too large to be searched exactly.
    """
    costs = programme.costs
    players = len(costs.players)
    if exactly and (players > MOST_PLAYERS or not costs.numbers.exact):
        raise InexactError([float(costs.upper[costs.grand]) / players] * players)
    span = Span(players)
    span.add(indicator(costs.grand, players), Fraction(costs.upper[costs.grand]))
    search = ExactSearch(programme) if exactly else _Search(programme)
    levels: list[Level] = []
    shares = [0.0] * players
    while span.rank < players:
        shares = search.solve(span)
        level = _exact_level(span, search.priced(), shares)
        levels.append(level)
        if first_only:
            break
        for row, _ in level.rows:
            paid = row.bound + row.weight * level.value
            if span.add(row.vector, paid):
                search.fix(row, paid)
    return Levels(levels=tuple(levels), shares=tuple(span.solution(Fraction(share) for share in shares)))


class _Search:
    """The linear program of one level: the least level with all limits and the goals that are open."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.players = len(programme.costs.players)
        self.table = programme.costs.numbers.floats()
        self.scale = float(np.abs(self.table).max()) or 1.0
        self.bounds = (self.table + float(programme.slack)) / self.scale
        self.weights: NDArray[np.float64] | None = None
        if programme.weights is not None:
            self.weights = programme.weights.floats() * (programme.level_unit / self.scale)
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        free = self.solver.infinity()
        self.shares = [self.solver.NumVar(-free, free, "") for _ in range(self.players)]
        self.level = self.solver.NumVar(-free, free, "")
        self.solver.Minimize(self.level)
        self.rows: dict[int | Row, pywraplp.Constraint] = {}
        grand = programme.coalition(programme.costs.grand)
        self.fix(grand, Fraction(programme.costs.upper[programme.costs.grand]))
        for row in programme.rows:
            self._add(row, row)
        for bit in range(self.players):
            for coalition in (1 << bit, programme.costs.grand ^ 1 << bit):
                self._add_coalition(coalition)

    def fix(self, row: Row, paid: Fraction) -> None:
        """Hold what a row comes to from now on."""
        size = self._size(row)
        equation = self.solver.Constraint(float(paid) / size, float(paid) / size)
        self._fill(equation, row, size)

    def solve(self, span: Span) -> list[float]:
        """Return shares that make the largest open goal as small as possible, adding coalitions until it is so."""
        watched = self.programme.proper()
        if self.weights is not None:
            watched &= ~span.contained()
        self._close(span, watched)
        while True:
            if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
                raise InexactError([float(self.table[-1]) / self.players] * self.players)
            shares = np.array([share.solution_value() for share in self.shares])
            violated = self._violated(shares, watched)
            if not violated:
                return [share * self.scale for share in shares.tolist()]
            for coalition in violated:
                self._add_coalition(coalition)

    def priced(self) -> list[tuple[Row, float | Fraction]]:
        """Return the rows with a positive dual price, and that price."""
        found: list[tuple[Row, float | Fraction]] = []
        for key, constraint in self.rows.items():
            price = -constraint.dual_value()
            if price > _PRICED:
                row = self.programme.coalition(key) if isinstance(key, int) else key
                found.append((row, price * self.programme.level_unit / self._size(row)))
        return found

    def _violated(self, shares: NDArray[np.float64], watched: NDArray[np.bool_]) -> list[int]:
        """Return the coalitions that are most above their rows and have none yet."""
        above = subset_sums(shares)
        above -= self.bounds
        if self.weights is not None:
            above -= self.weights * self.level.solution_value()
        worst = np.flatnonzero((above > _VIOLATED) & watched)
        worst = worst[np.argsort(-above[worst], kind="stable")[: 8 * self.players]]
        return [int(coalition) for coalition in worst if int(coalition) not in self.rows][: 4 * self.players]

    def _close(self, span: Span, watched: NDArray[np.bool_]) -> None:
        """Drop the goals that are settled."""
        free = self.solver.infinity()
        for key in list(self.rows):
            goal_settled = isinstance(key, Row) and key.weight and span.settles(key.vector)
            if goal_settled or (isinstance(key, int) and not watched[key]):
                self.rows.pop(key).SetBounds(-free, free)

    def _add_coalition(self, mask: int) -> None:
        if 0 < mask < self.programme.costs.grand and mask not in self.rows:
            self._add(mask, self.programme.coalition(mask))

    def _add(self, key: int | Row, row: Row) -> None:
        size = self._size(row)
        constraint = self.solver.Constraint(-self.solver.infinity(), float(row.bound) / size)
        self._fill(constraint, row, size)
        constraint.SetCoefficient(self.level, -float(row.weight) * self.programme.level_unit / size)
        self.rows[key] = constraint

    def _fill(self, constraint: pywraplp.Constraint, row: Row, size: float) -> None:
        for share, number in zip(self.shares, row.vector, strict=True):
            if number:
                constraint.SetCoefficient(
                    share, self.scale / size if number == 1 else float(number) * self.scale / size
                )

    def _size(self, row: Row) -> float:
        """Return what a row is divided by: its largest coefficient, where shares are counted in the largest cost."""
        return float(row.largest) * self.scale


def _exact_level(span: Span, priced: Sequence[tuple[Row, float | Fraction]], shares: Sequence[float]) -> Level:
    """Rebuild the dual prices of a level exactly, and from them its value."""
    rows = [row for row, _ in priced]
    # The weighted rows must add up to something that is fixed: nothing may be left modulo the span.
    left_open = [span.reduced(row.vector)[0] for row in rows]
    prices = Span(len(rows))
    prices.add([row.weight for row in rows], 1)
    for bit in range(span.columns):
        equation = [vector[bit] for vector in left_open]
        if not prices.add(equation, 0) and prices.value(equation) != 0:
            raise InexactError(shares)
    weights = prices.solution(Fraction(price).limit_denominator(10**6) for _, price in priced)
    total = [
        sum((one * row.vector[bit] for one, row in zip(weights, rows, strict=True)), start=Fraction(0))
        for bit in range(span.columns)
    ]
    paid = span.value(total)
    if paid is None or not rows or any(weight <= 0 for weight in weights):
        raise InexactError(shares)
    owed = sum((one * row.bound for one, row in zip(weights, rows, strict=True)), start=Fraction(0))
    return Level(value=paid - owed, rows=tuple(zip(rows, weights, strict=True)))
