"""Rules with a formula: equal shares and shares in proportion to weights or to stand-alone costs."""

from fractions import Fraction

from optimizer.allocation.rule import Shares, answer, as_costs, undefined
from optimizer.cost_game import CostGame


def equal(game: CostGame) -> Shares:
    """Share the cost of all in equal parts, whatever anybody would pay alone."""
    costs = as_costs(game)
    part = Fraction(costs.upper[costs.grand]) / len(costs.players)
    return answer("equal", game, [part] * len(costs.players), used=[game.grand])


def proportional(game: CostGame) -> Shares:
    """Share the cost of all in proportion to the game's weights, or to stand-alone costs where it has none.

    Undefined where a player has no weight (``missing_weight``), a weight is negative (``negative_weight``)
    or all are 0 although there is something to share (``no_weights``).
    """
    costs = as_costs(game)
    singles = [1 << bit for bit in range(len(costs.players))]
    if game.weights:
        missing = [player for player in game.players if player not in game.weights]
        if missing:
            return undefined("proportional", "missing_weight", players=tuple(missing))
        weights = [Fraction(game.weights[player]) for player in game.players]
    else:
        weights = [Fraction(game.upper[single] if game.kind == "cost" else game.lower[single]) for single in singles]
    return _in_proportion(game, weights, used=[game.grand, *([] if game.weights else singles)])


def _in_proportion(game: CostGame, weights: list[Fraction], used: list[int]) -> Shares:
    costs = as_costs(game)
    negative = [player for player, weight in zip(game.players, weights, strict=True) if weight < 0]
    if negative:
        return undefined("proportional", "negative_weight", players=tuple(negative))
    total, whole = Fraction(costs.upper[costs.grand]), sum(weights, start=Fraction(0))
    if whole == 0 and total != 0:
        return undefined("proportional", "no_weights", total=total)
    return answer("proportional", game, [total * weight / (whole or 1) for weight in weights], used=used)
