"""Rules that look at what coalitions would pay alone: the nucleolus, the least core, and evidence on the core.

Level by level, the largest excess x(S) - c(S) is made as small as it can be. Only coalitions that stay at the
level in *every* optimum may be fixed: those with a positive dual price. Fixing all that are tight in one
optimum is the classic mistake. The search runs in floating point with rows generated as needed; prices and
shares are then rebuilt in exact fractions and checked by Kohlberg's criterion against the full table.

References
----------
Guajardo, M., Joernsten, K. (2015). Common mistakes in computing the nucleolus. European Journal of
Operational Research 241, 931-935. https://doi.org/10.1016/j.ejor.2014.10.037
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp

from optimizer.allocation.exact import Span, indicator, subset_sums
from optimizer.allocation.levels import Level, Levels, kohlberg_holds
from optimizer.allocation.rule import Shares, ShareStatus, answer, as_costs, undefined
from optimizer.cost_game import CostGame

_VIOLATED = 1e-9
"""Excess above the level, relative to the largest cost, from which a coalition's row is added."""

_PRICED = 1e-7
"""Dual price from which a row counts as tight in every optimum; the prices of a level sum to 1."""


class _InexactError(ArithmeticError):
    """Rounding kept the search from exact fractions; carries the best approximate shares."""

    def __init__(self, shares: Sequence[float]) -> None:
        self.shares = tuple(shares)
        super().__init__("no exact prices could be rebuilt")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreEvidence:
    """Numbers that decide whether the core is empty; at most one of the two is given.

    Parameters
    ----------
    balanced_weights
        Coalition -> weight > 0: the weights of the coalitions of every player sum to 1, yet the weighted
        costs are less than the cost of all, so that no shares can satisfy all of them.
    core_point
        Player -> share: shares that no coalition can improve upon.
    """

    balanced_weights: Mapping[int, Fraction] = field(default_factory=dict)
    core_point: Mapping[str, Fraction] = field(default_factory=dict)


def nucleolus(game: CostGame) -> Shares:
    """Return the nucleolus over the imputations, the shares in which nobody pays more than alone.

    Returns
    -------
    Shares
        Exact, with the levels in `detail`; undefined (``no_imputations``) where the stand-alone costs sum to
        less than the cost of all; bounded (``not_verified``) where rounding spoilt the exact check.
    """
    costs = as_costs(game)
    alone = sum((Fraction(costs.upper[1 << bit]) for bit in range(len(costs.players))), start=Fraction(0))
    if alone < costs.upper[costs.grand]:
        return undefined("nucleolus", "no_imputations", stand_alone=alone, total=Fraction(costs.upper[costs.grand]))
    return _lexicographic("nucleolus", game, individually_rational=True)


def least_core(game: CostGame) -> Shares:
    """Return the centre of the least core: its point in which the further excesses are smallest too.

    The least core holds all shares whose largest excess is as small as it can be, also those in which
    somebody pays more than alone. Its centre is the prenucleolus, one and the same point on every machine.
    """
    return _lexicographic("least_core", game, individually_rational=False)


def core_evidence(game: CostGame, total: Fraction | int | None = None) -> CoreEvidence:
    """Look for numbers that decide whether a total can be shared so that no coalition pays more than alone.

    Parameters
    ----------
    total
        What is to be shared; the best known cost (value) of all by default.

    Returns
    -------
    CoreEvidence
        Balanced weights that prove the core empty at the best known costs, or a point that is in the core even
        at the lower ends of the intervals; neither where the intervals leave it open.
    """
    costs = as_costs(game)
    sign = 1 if game.kind == "cost" else -1
    whole = Fraction(costs.upper[costs.grand]) if total is None else sign * Fraction(total)
    players = len(costs.players)
    if players == 1:
        inside = whole <= costs.lower[costs.grand]
        return CoreEvidence(core_point={costs.players[0]: sign * whole}) if inside else CoreEvidence()
    try:
        dear = replace(costs, upper=[*costs.upper[:-1], whole], lower=())
        first = _levels_of(dear, individually_rational=False, first_only=True).levels[0]
        if first.excess > 0:
            return CoreEvidence(balanced_weights=_balanced(first))
        cheap = replace(costs, upper=[*costs.lower[:-1], whole], lower=())
        found = _levels_of(cheap, individually_rational=False)
    except _InexactError:
        return CoreEvidence()
    if found.levels[0].excess > 0:
        return CoreEvidence()
    return CoreEvidence(
        core_point={player: sign * share for player, share in zip(costs.players, found.shares, strict=True)}
    )


def _balanced(level: Level) -> dict[int, Fraction]:
    """Scale the prices of a first level so that the weights around every player sum to 1."""
    around_first = sum((weight for coalition, weight in level.coalitions.items() if coalition & 1), start=Fraction(0))
    return {coalition: weight / around_first for coalition, weight in level.coalitions.items()}


def _lexicographic(method: str, game: CostGame, *, individually_rational: bool) -> Shares:
    costs = as_costs(game)
    try:
        found = _levels_of(costs, individually_rational=individually_rational)
    except _InexactError as error:
        return _unverified(method, game, error.shares)
    levels = [
        {
            "excess": level.excess,
            "coalitions": tuple(costs.members(coalition) for coalition in sorted(level.coalitions)),
            "at_stand_alone": tuple(costs.players[bit] for bit in sorted(level.capped)),
        }
        for level in found.levels
    ]
    if not kohlberg_holds(costs, found.shares, found.levels, individually_rational=individually_rational):
        return _unverified(method, game, [float(share) for share in found.shares])
    return answer(method, game, found.shares, detail={"levels": tuple(levels)})


def _unverified(method: str, game: CostGame, shares: Sequence[float]) -> Shares:
    """Return approximate shares, corrected so that their sum is exact, and say that they are not verified."""
    costs = as_costs(game)
    exact = [Fraction(share) for share in shares]
    missing = (Fraction(costs.upper[costs.grand]) - sum(exact)) / len(exact)
    result = answer(method, game, [share + missing for share in exact])
    return replace(result, status=ShareStatus.BOUNDED, reason="not_verified")


def _levels_of(costs: CostGame, *, individually_rational: bool, first_only: bool = False) -> Levels:
    """Minimise the largest excess, fix what is tight in every optimum, go on with the rest.

    Parameters
    ----------
    costs
        A game of kind ``cost``; its upper values are used. The stand-alone costs must not sum to less than
        the cost of all when shares have to be individually rational.
    first_only
        Stop after the first level; the shares are then only one optimum of it, in floating point.

    Raises
    ------
    _InexactError
        When a level's dual prices cannot be rebuilt exactly.
    """
    players = len(costs.players)
    span = Span(players)
    span.add(indicator(costs.grand, players), costs.upper[costs.grand])
    search = _Search(costs, individually_rational=individually_rational)
    levels: list[Level] = []
    shares = np.zeros(players)
    while span.rank < players:
        shares = search.solve(~span.contained())
        level = _exact_level(costs, span, search, shares)
        levels.append(level)
        if first_only:
            break
        fixed = [(coalition, costs.upper[coalition] + level.excess) for coalition in level.coalitions]
        fixed += [(1 << bit, Fraction(costs.upper[1 << bit])) for bit in level.capped]
        for coalition, paid in fixed:
            if span.add(indicator(coalition, players), paid):
                search.fix(coalition, paid)
    return Levels(levels=tuple(levels), shares=tuple(span.solution(Fraction(float(share)) for share in shares)))


class _Search:
    """The linear program of one level: least e with x(S) - e <= c(S) for the rows generated so far."""

    def __init__(self, costs: CostGame, *, individually_rational: bool) -> None:
        self.players = len(costs.players)
        self.table: NDArray[np.float64] = np.array([float(cost) for cost in costs.upper])
        self.scale = float(np.abs(self.table).max()) or 1.0
        self.table /= self.scale
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        free = self.solver.infinity()
        self.shares = [self.solver.NumVar(-free, free, f"x{bit}") for bit in range(self.players)]
        self.excess = self.solver.NumVar(-free, free, "e")
        self.solver.Minimize(self.excess)
        self.rows: dict[int, pywraplp.Constraint] = {}
        self.caps: dict[int, pywraplp.Constraint] = {}
        self._equation(costs.grand, float(self.table[-1]))
        if individually_rational:
            for bit in range(self.players):
                row = self.solver.Constraint(-free, float(self.table[1 << bit]))
                row.SetCoefficient(self.shares[bit], 1.0)
                self.caps[bit] = row
        for bit in range(self.players):
            self._row(1 << bit)
            self._row(costs.grand ^ 1 << bit)

    def _row(self, coalition: int) -> None:
        if coalition in self.rows or not coalition:
            return
        row = self.solver.Constraint(-self.solver.infinity(), float(self.table[coalition]))
        row.SetCoefficient(self.excess, -1.0)
        for bit in range(self.players):
            if coalition >> bit & 1:
                row.SetCoefficient(self.shares[bit], 1.0)
        self.rows[coalition] = row

    def _equation(self, coalition: int, paid: float) -> None:
        row = self.solver.Constraint(paid, paid)
        for bit in range(self.players):
            if coalition >> bit & 1:
                row.SetCoefficient(self.shares[bit], 1.0)

    def fix(self, coalition: int, paid: Fraction | int) -> None:
        """Hold what a coalition pays from now on."""
        self._equation(coalition, float(paid / Fraction(self.scale)))

    def solve(self, open_coalitions: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return shares that minimise the largest excess over the open coalitions, adding rows until it is so."""
        for coalition in [one for one in self.rows if not open_coalitions[one]]:
            self.rows.pop(coalition).SetBounds(-self.solver.infinity(), self.solver.infinity())
        while True:
            if self.solver.Solve() != pywraplp.Solver.OPTIMAL:
                raise _InexactError([float(self.table[-1]) * self.scale / self.players] * self.players)
            shares = np.array([share.solution_value() for share in self.shares])
            above = subset_sums(shares) - self.table - self.excess.solution_value()
            above[~open_coalitions] = -np.inf
            above[list(self.rows)] = -np.inf
            worst = np.argsort(-above, kind="stable")[: 4 * self.players]
            violated = [int(coalition) for coalition in worst if above[coalition] > _VIOLATED]
            if not violated:
                scaled: NDArray[np.float64] = shares * self.scale
                return scaled
            for coalition in violated:
                self._row(coalition)

    def priced(self) -> tuple[dict[int, float], dict[int, float]]:
        """Return the coalitions and the capped players with a positive dual price."""
        coalitions = {coalition: -row.dual_value() for coalition, row in self.rows.items()}
        capped = {bit: -row.dual_value() for bit, row in self.caps.items()}
        return (
            {coalition: price for coalition, price in coalitions.items() if price > _PRICED},
            {bit: price for bit, price in capped.items() if price > _PRICED},
        )


def _exact_level(costs: CostGame, span: Span, search: _Search, shares: NDArray[np.float64]) -> Level:
    """Rebuild the dual prices of a level exactly, and from them its excess."""
    players = len(costs.players)
    coalitions, capped = search.priced()
    masks = [*coalitions, *(1 << bit for bit in capped)]
    vectors = [indicator(mask, players) for mask in masks]
    # The weighted coalitions must add up to something that is fixed: nothing may be left modulo the span.
    left_open = [span.reduced(vector)[0] for vector in vectors]
    prices = Span(len(masks))
    prices.add([Fraction(int(index < len(coalitions))) for index in range(len(masks))], 1)
    for bit in range(players):
        equation = [vector[bit] for vector in left_open]
        if not prices.add(equation, 0) and prices.value(equation) != 0:
            raise _InexactError(shares.tolist())
    guess = [Fraction(price).limit_denominator(10**6) for price in [*coalitions.values(), *capped.values()]]
    weights = prices.solution(guess)
    if any(weight <= 0 for weight in weights):
        raise _InexactError(shares.tolist())
    total = [
        sum((w * v[bit] for w, v in zip(weights, vectors, strict=True)), start=Fraction(0)) for bit in range(players)
    ]
    paid = span.value(total)
    if paid is None:
        raise _InexactError(shares.tolist())
    owed = sum((w * costs.upper[mask] for w, mask in zip(weights, masks, strict=True)), start=Fraction(0))
    number = len(coalitions)
    return Level(
        excess=paid - owed,
        coalitions=dict(zip(coalitions, weights[:number], strict=True)),
        capped=dict(zip(capped, weights[number:], strict=True)),
    )
