"""What it would take to make a cooperation of many stable: bounds from the coalitions that are known.

The most that can be charged in all so that no known coalition pays more than alone is a linear programme; its prices
are balanced weights, by which anybody can add up that the core is empty (Bondareva 1963, Shapley 1967). What is short
of the cost of all is the discount that somebody would have to give. The least largest excess is the surcharge that
would have to meet whoever leaves (the least core; Maschler, Peleg and Shapley 1979). More coalitions can only raise
both.

References
----------
Bondareva, O. N. (1963). Some applications of linear programming methods to the theory of cooperative games. Problemy
Kibernetiki 10, 119-139. Shapley, L. S. (1967). On balanced sets and cores. Naval Research Logistics Quarterly 14,
453-460. https://doi.org/10.1002/nav.3800140404
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ortools.linear_solver import pywraplp

from optimizer.certificate import Number

_FINEST = 10**6
"""Greatest denominator of a weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What known coalitions say of a total.

    Parameters
    ----------
    discount
        By how much the total is at least more than what can be charged; 0 where no coalition known objects.
    surcharge
        The least largest excess among the coalitions known; negative where all could save.
    weights
        Coalition -> weight, around every player 1, whose costs are `discount` below the total; empty without one.
    shares
        Shares of the total whose largest excess among the coalitions known is least.
    """

    discount: Fraction
    surcharge: float
    weights: Mapping[frozenset[str], Fraction] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)


def shortfall(players: Sequence[str], total: Number, costs: Mapping[frozenset[str], Number]) -> Shortfall:
    """Return what coalitions say of a total.

    Parameters
    ----------
    costs
        Of proper coalitions, at most what they would pay; every player alone must be among them.
    """
    weights = _balanced(players, _prices(players, costs))
    least = sum((weight * costs[one] for one, weight in weights.items()), Fraction(0))
    surcharge, shares = _least_excess(players, total, costs)
    if least >= total:
        return Shortfall(discount=Fraction(0), surcharge=surcharge, shares=shares)
    return Shortfall(discount=Fraction(total) - least, surcharge=surcharge, weights=weights, shares=shares)


def _prices(players: Sequence[str], costs: Mapping[frozenset[str], Number]) -> dict[frozenset[str], float]:
    """Return the dual prices of charging as much as the coalitions allow."""
    solver = pywraplp.Solver.CreateSolver("GLOP")
    share = {player: solver.NumVar(-solver.infinity(), solver.infinity(), "") for player in players}
    rows = {}
    for one, cost in costs.items():
        rows[one] = solver.Constraint(-solver.infinity(), float(cost))
        for player in sorted(one):
            rows[one].SetCoefficient(share[player], 1.0)
    for variable in share.values():
        solver.Objective().SetCoefficient(variable, 1.0)
    solver.Objective().SetMaximization()
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return {}
    return {one: row.dual_value() for one, row in rows.items() if row.dual_value() > 0}


def _least_excess(
    players: Sequence[str], total: Number, costs: Mapping[frozenset[str], Number]
) -> tuple[float, dict[str, float]]:
    solver = pywraplp.Solver.CreateSolver("GLOP")
    share = {player: solver.NumVar(-solver.infinity(), solver.infinity(), "") for player in players}
    excess = solver.NumVar(-solver.infinity(), solver.infinity(), "")
    whole = solver.Constraint(float(total), float(total))
    for variable in share.values():
        whole.SetCoefficient(variable, 1.0)
    for one, cost in costs.items():
        row = solver.Constraint(-solver.infinity(), float(cost))
        row.SetCoefficient(excess, -1.0)
        for player in sorted(one):
            row.SetCoefficient(share[player], 1.0)
    solver.Objective().SetCoefficient(excess, 1.0)
    solver.Objective().SetMinimization()
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return 0.0, {}
    return excess.solution_value(), {player: one.solution_value() for player, one in share.items()}


def _balanced(players: Sequence[str], prices: Mapping[frozenset[str], float]) -> dict[frozenset[str], Fraction]:
    """Return prices as exact weights that sum to 1 around every player: players alone fill up what is missing."""
    weights = {one: Fraction(price).limit_denominator(_FINEST) for one, price in prices.items()}
    around = {player: sum((w for one, w in weights.items() if player in one), Fraction(0)) for player in players}
    most = max([Fraction(1), *around.values()])
    weights = {one: weight / most for one, weight in weights.items() if weight > 0}
    for player in players:
        missing = 1 - around[player] / most
        if missing:
            alone = frozenset([player])
            weights[alone] = weights.get(alone, Fraction(0)) + missing
    return weights
