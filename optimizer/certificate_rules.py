"""Judge of rules with a formula: the shares that a named rule gives, worked out anew from the table of coalitions.

Nothing of the rules themselves is used: every share is added up here from the definition. Rules that search have no
formula; their shares come with a proof (`certificate_levels`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from math import factorial

import numpy as np

from optimizer.certificate_levels import BY_COST, CAPPED, PROVEN_RULES, Proof, check_proof
from optimizer.certificate_tables import Array, added_up, exact_sums, sizes_of, total_of
from optimizer.cost_game import CostGame
from optimizer.result import Violation

Number = Fraction | int

RULE_VERSION = 1
"""Version of the definitions of all rules; raised when one of them would give other shares."""

NEARLY = Fraction(1, 10**9)
"""What weighted Shapley shares of more than `EXACT_PLAYERS` players may miss, of the largest cost."""

EXACT_PLAYERS = 8


def shares_by_formula(method: str, game: CostGame) -> dict[str, Fraction] | None:
    """Return the shares that a rule with a formula gives; None where it gives none.

    Parameters
    ----------
    method
        One of `FORMULAS`.
    game
        With exact numbers, and with the weights or unions that the rule needs.
    """
    sign = 1 if game.kind == "cost" else -1
    found = FORMULAS[method](game.costs, sign)
    if found is None:
        return None
    return {player: sign * share for player, share in zip(game.players, found, strict=True)}


def check_rule(
    method: str, game: CostGame, shares: Mapping[str, Number], proof: Proof | None = None
) -> Iterator[Violation]:
    """List everything that shows that shares are not those of the rule that they name.

    Parameters
    ----------
    method
        Any name; one that no rule has is a violation.
    game
        With exact numbers, and with the weights or unions that the rule needs.
    shares
        Of exactly the players of the game.
    proof
        For rules that search.
    """
    if method in PROVEN_RULES:
        if proof is None:
            yield Violation(rule="proof_missing", subject=method, claimed="a proof", found="nothing")
        else:
            yield from check_proof(method, game, shares, proof)
    elif method not in FORMULAS:
        names = ", ".join((*FORMULAS, *PROVEN_RULES))
        yield Violation(rule="rule_unknown", subject="method", claimed=method, found=names)
    else:
        found = shares_by_formula(method, game)
        if found is None:
            yield Violation(rule="rule_undefined", subject=method, claimed="shares", found="undefined")
        else:
            yield from compare(shares, found, allowed=_allowed(method, game))


def compare(
    claimed: Mapping[str, Number], found: Mapping[str, Number], *, allowed: Fraction = Fraction(0)
) -> Iterator[Violation]:
    """Yield a violation for each player whose share is not what its rule gives."""
    for one, share in found.items():
        if abs(Fraction(claimed[one]) - share) > allowed:
            yield Violation(rule="rule_shares", subject=one, claimed=str(claimed[one]), found=str(share))


def is_defined(method: str, game: CostGame) -> bool | None:
    """Say whether a rule has an answer for a game; None where that takes a search."""
    if method in FORMULAS:
        return shares_by_formula(method, game) is not None
    sign = 1 if game.kind == "cost" else -1
    alone = _alone(game.costs)
    if method == "equal_profit":
        return all(sign * cost > 0 for cost in alone)
    if method in BY_COST and any(sign * cost <= 0 for cost in game.costs.upper[1:-1]):
        return False
    return sum(alone) >= total_of(game.costs) if method in CAPPED else method in ("lp_prices", "least_core") or None


def _allowed(method: str, game: CostGame) -> Fraction:
    if method != "weighted_shapley":
        return Fraction(0)
    return NEARLY * max(abs(Fraction(cost)) for cost in game.upper)


def in_proportion(total: Number, weights: Sequence[Number]) -> list[Fraction] | None:
    """Return parts of a total in proportion to weights; None where weights say nothing or one is negative."""
    whole = sum(weights, start=Fraction(0))
    if any(weight < 0 for weight in weights) or (whole == 0 and total != 0):
        return None
    return [Fraction(total) * weight / (whole or 1) for weight in weights]


def whole_units(shares: Mapping[str, Number], total: int, *, unit: int = 1, tie_key: str = "") -> dict[str, int]:
    """Return shares in multiples of a unit by the largest remainder, the sum exact.

    Of equal remainders that one comes first whose SHA-256 of `tie_key`, a zero byte and the id is less. What is left
    of a total that is no multiple goes to the next one in that order.
    """
    sign = -1 if total < 0 else 1
    down = {one: sign * Fraction(share) // unit * unit for one, share in shares.items()}
    missing = {one: sign * share - down[one] for one, share in shares.items()}

    def turn(one: str) -> tuple[Number, str, str]:
        return -missing[one], sha256(f"{tie_key}\0{one}".encode()).hexdigest(), one

    left = sign * total - sum(down.values())
    for one in sorted(shares, key=turn):
        more = min(unit, left)
        down[one] += more
        left -= more
    return {one: sign * int(amount) for one, amount in down.items()}


def _alone(costs: CostGame) -> list[Fraction]:
    return [Fraction(costs.upper[1 << bit]) for bit in range(len(costs.players))]


def _marginals(costs: CostGame) -> list[Fraction]:
    whole = costs.grand
    return [total_of(costs) - Fraction(costs.upper[whole ^ 1 << bit]) for bit in range(len(costs.players))]


def _equal(costs: CostGame) -> list[Fraction]:
    return [total_of(costs) / len(costs.players)] * len(costs.players)


def _equal_saving(costs: CostGame) -> list[Fraction]:
    alone = _alone(costs)
    saving = (sum(alone) - total_of(costs)) / len(alone)
    return [cost - saving for cost in alone]


def _proportional(costs: CostGame, sign: int) -> list[Fraction] | None:
    if costs.weights:
        if set(costs.weights) != set(costs.players):
            return None
        return in_proportion(total_of(costs), [costs.weights[player] for player in costs.players])
    return in_proportion(total_of(costs), [sign * cost for cost in _alone(costs)])


def _marginal(costs: CostGame, sign: int) -> list[Fraction] | None:
    return in_proportion(total_of(costs), [sign * cost for cost in _marginals(costs)])


def _separable(costs: CostGame) -> list[Fraction]:
    own = _marginals(costs)
    rest = (total_of(costs) - sum(own)) / len(own)
    return [cost + rest for cost in own]


def _scrb(costs: CostGame) -> list[Fraction]:
    own = _marginals(costs)
    benefits = [cost - least for cost, least in zip(_alone(costs), own, strict=True)]
    whole = sum(benefits)
    if whole == 0:
        return _separable(costs)
    rest = total_of(costs) - sum(own)
    return [least + rest * benefit / whole for least, benefit in zip(own, benefits, strict=True)]


def _tau(costs: CostGame) -> list[Fraction] | None:
    own = _marginals(costs)
    owed, paid, whole = exact_sums(costs, own)
    gaps = owed - paid
    least_gaps = (gaps.reshape(-1, 2, 1 << bit)[:, 1, :].min() for bit in range(len(own)))
    concessions = [Fraction(int(gap), whole) for gap in least_gaps]
    rest, most = total_of(costs) - sum(own), sum(concessions)
    if min(concessions) < 0 or most < rest:
        return None
    return [least + (rest * one / most if most else 0) for least, one in zip(own, concessions, strict=True)]


def _shapley(costs: CostGame) -> list[Fraction]:
    """Return what each player adds, averaged over all orders: sums by the number of those who are there already."""
    return _mean_added(costs, costs.players, {player: 1 << bit for bit, player in enumerate(costs.players)}, [])


def _owen(costs: CostGame) -> list[Fraction] | None:
    """Return the same average over the orders in which no union is interrupted."""
    if sorted(player for union in costs.unions for player in union) != sorted(costs.players):
        return None
    bits = {player: 1 << bit for bit, player in enumerate(costs.players)}
    whole = [sum(bits[player] for player in union) for union in costs.unions]
    found: dict[str, Fraction] = {}
    for place, union in enumerate(costs.unions):
        others = [mask for index, mask in enumerate(whole) if index != place]
        found |= dict(zip(union, _mean_added(costs, union, bits, others), strict=True))
    return [found[player] for player in costs.players]


def _mean_added(
    costs: CostGame, players: Sequence[str], bits: Mapping[str, int], others: Sequence[int]
) -> list[Fraction]:
    """Return what each of some players adds to groups of them and of whole others, each size with its orders."""
    owed, _, whole = exact_sums(costs, [])
    outside, many = added_up(np.array(others, dtype=np.int64)), sizes_of(len(others))
    shares = []
    for player in players:
        inside = added_up(np.array([bits[one] for one in players if one != player], dtype=np.int64))
        few = sizes_of(len(players) - 1)
        share = Fraction(0)
        for size in range(len(others) + 1):
            groups = outside[many == size]
            for number in range(len(players)):
                there = np.add.outer(groups, inside[few == number]).reshape(-1)
                added = _sum(owed[there + bits[player]]) - _sum(owed[there])
                orders = factorial(number) * factorial(len(players) - 1 - number)
                orders *= factorial(size) * factorial(len(others) - size)
                share += added * orders
        shares.append(share / (factorial(len(players)) * factorial(len(others) + 1) * whole))
    return shares


def _sum(numbers: Array) -> int:
    return int(numbers.sum())


def _weighted_shapley(costs: CostGame) -> list[Fraction] | None:
    """Return the dividends of all coalitions, each shared by its members' weights."""
    players = costs.players
    if set(costs.weights) != set(players) or any(costs.weights[player] <= 0 for player in players):
        return None
    owed, _, whole = exact_sums(costs, [])
    dividends = owed.copy()
    for bit in range(len(players)):
        pairs = dividends.reshape(-1, 2, 1 << bit)
        pairs[:, 1, :] -= pairs[:, 0, :]
    weights = [Fraction(costs.weights[player]) for player in players]
    if len(players) <= EXACT_PLAYERS:
        together = added_up(np.array(weights, dtype=object))
        shared = zip(dividends.tolist()[1:], together.tolist()[1:], strict=True)
        parts = np.array([0, *(Fraction(one) / weight for one, weight in shared)], dtype=object)
    else:
        together = added_up(np.array([float(weight) for weight in weights]))
        parts = dividends.astype(np.float64) / np.maximum(together, min(map(float, weights)))
    return [
        weight * Fraction(parts.reshape(-1, 2, 1 << bit)[:, 1, :].sum()) / whole for bit, weight in enumerate(weights)
    ]


_Formula = Callable[[CostGame], list[Fraction] | None]


def _of_costs(formula: _Formula) -> Callable[[CostGame, int], list[Fraction] | None]:
    """Return a formula that is the same for costs and for gains with the sign turned."""
    return lambda costs, _sign: formula(costs)


FORMULAS: Mapping[str, Callable[[CostGame, int], list[Fraction] | None]] = {
    "equal": _of_costs(_equal),
    "equal_saving": _of_costs(_equal_saving),
    "proportional": _proportional,
    "shapley": _of_costs(_shapley),
    "weighted_shapley": _of_costs(_weighted_shapley),
    "owen": _of_costs(_owen),
    "tau": _of_costs(_tau),
    "separable": _of_costs(_separable),
    "scrb": _of_costs(_scrb),
    "marginal": _marginal,
}
"""Rules whose shares follow from the table by a formula, given costs and the sign of the game."""
