"""Rules with a formula on a few coalitions: the grand one, each player alone, and all but one.

References
----------
Young, H. P. (1994). Cost allocation. Handbook of Game Theory 2, 1193-1235 (separable costs, SCRB).
Tijs, S. H., Driessen, T. S. H. (1986). Game theory and cost allocation problems. Management Science 32,
1015-1028. https://doi.org/10.1287/mnsc.32.8.1015 (the cost gap, which is the tau value).
Tijs, S. H. (1981). Bounds for the core and the tau-value. Game Theory and Mathematical Economics, 123-132.
"""

from collections.abc import Iterable
from fractions import Fraction

from optimizer.allocation.exact import Numbers, as_fraction, integer_array, subset_sums
from optimizer.allocation.rule import Shares, answer, undefined
from optimizer.cost_game import CostGame


def equal(game: CostGame) -> Shares:
    """Share the cost of all in equal parts, whatever anybody would pay alone."""
    part = Fraction(game.costs.upper[game.grand]) / len(game.players)
    return answer("equal", game, [part] * len(game.players), used=[game.grand])


def equal_saving(game: CostGame) -> Shares:
    """Let everybody save the same amount: its cost alone, less an equal part of what all save together."""
    alone = _alone(game)
    saving = (sum(alone) - Fraction(game.costs.upper[game.grand])) / len(alone)
    return answer("equal_saving", game, [cost - saving for cost in alone], used=[game.grand, *_singles(game)])


def proportional(game: CostGame) -> Shares:
    """Share the cost of all in proportion to the game's weights, or to stand-alone costs where it has none.

    Undefined where a player has no weight (``missing_weight``), a weight is negative (``negative_weight``)
    or all are 0 although there is something to share (``no_weights``).
    """
    if game.weights:
        missing = [player for player in game.players if player not in game.weights]
        if missing:
            return undefined("proportional", "missing_weight", players=tuple(missing))
        weights = [Fraction(game.weights[player]) for player in game.players]
        return _in_proportion("proportional", game, weights, used=[game.grand])
    sign = 1 if game.kind == "cost" else -1
    weights = [sign * cost for cost in _alone(game)]
    return _in_proportion("proportional", game, weights, used=[game.grand, *_singles(game)])


def marginal(game: CostGame) -> Shares:
    """Share the cost of all in proportion to marginal costs, what each adds to all the others.

    Undefined like `proportional`: where a marginal cost is negative, or all are 0. With whole containers most are
    0 and a few are a container: look before it is used.
    """
    sign = 1 if game.kind == "cost" else -1
    weights = [sign * cost for cost in _marginals(game)]
    return _in_proportion("marginal", game, weights, used=[game.grand, *_complements(game)])


def separable(game: CostGame) -> Shares:
    """Charge everybody its marginal cost, and share what is left in equal parts."""
    floor = _marginals(game)
    rest = (Fraction(game.costs.upper[game.grand]) - sum(floor)) / len(floor)
    return answer("separable", game, [cost + rest for cost in floor], used=[game.grand, *_complements(game)])


def scrb(game: CostGame) -> Shares:
    """Charge everybody its marginal cost, and share what is left in proportion to the remaining benefits.

    The remaining benefit of a player is what it would pay alone less its marginal cost. Where they sum to 0 what is
    left is shared in equal parts.
    """
    floor, alone = _marginals(game), _alone(game)
    benefits = [cost - low for cost, low in zip(alone, floor, strict=True)]
    left, whole = Fraction(game.costs.upper[game.grand]) - sum(floor), sum(benefits)
    parts = [one / whole for one in benefits] if whole else [Fraction(1, len(floor))] * len(floor)
    used = [game.grand, *_complements(game), *_singles(game)]
    return answer("scrb", game, [low + left * part for low, part in zip(floor, parts, strict=True)], used=used)


def tau(game: CostGame) -> Shares:
    """Take the compromise between everybody's marginal cost and the most that it can be made to pay.

    The gap of a coalition is its cost less the marginal costs of its members; what a player can be made to pay
    beyond its marginal cost is the least gap of a coalition with it. Undefined (``not_quasi_balanced``) where a gap
    is negative, or where these concessions sum to less than the gap of all.
    """
    costs, floor = game.costs, _marginals(game)
    gaps = _gaps(costs)
    least = [gaps.reshape(-1, 2, 1 << bit)[:, 1, :].min() for bit in range(len(costs.players))]
    concessions = [as_fraction(gap) / costs.numbers.denominator for gap in least]
    left, whole = Fraction(costs.upper[costs.grand]) - sum(floor), sum(concessions, start=Fraction(0))
    if min(concessions) < -costs.numbers.tolerance or whole < left - costs.numbers.tolerance:
        return undefined("tau", "not_quasi_balanced", least_gap=min(concessions), concessions=whole, to_share=left)
    parts = [one / whole if whole else Fraction(0) for one in concessions]
    return answer("tau", game, [low + left * part for low, part in zip(floor, parts, strict=True)])


def _gaps(costs: CostGame) -> Numbers:
    """Return c(S) less the marginal costs of its members for every S, times the denominator of the table."""
    values = costs.numbers.values
    if costs.numbers.exact:
        values = integer_array(values, 2 * len(costs.players) + 1)
    gaps: Numbers = values - subset_sums(values[-1] - values[list(_complements(costs))])
    return gaps


def _in_proportion(method: str, game: CostGame, weights: list[Fraction], used: list[int]) -> Shares:
    negative = [player for player, weight in zip(game.players, weights, strict=True) if weight < 0]
    if negative:
        return undefined(method, "negative_weight", players=tuple(negative))
    total, whole = Fraction(game.costs.upper[game.grand]), sum(weights, start=Fraction(0))
    if whole == 0 and total != 0:
        return undefined(method, "no_weights", total=total)
    return answer(method, game, [total * weight / (whole or 1) for weight in weights], used=used)


def _singles(game: CostGame) -> Iterable[int]:
    return (1 << bit for bit in range(len(game.players)))


def _complements(game: CostGame) -> Iterable[int]:
    return (game.grand ^ 1 << bit for bit in range(len(game.players)))


def _alone(game: CostGame) -> list[Fraction]:
    return [Fraction(game.costs.upper[single]) for single in _singles(game)]


def _marginals(game: CostGame) -> list[Fraction]:
    upper = game.costs.upper
    return [Fraction(upper[game.grand]) - Fraction(upper[rest]) for rest in _complements(game)]
