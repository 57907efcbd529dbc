"""Rules on games of a fixed cost and own costs, c(S) = F + sum of own costs: closed forms for any number of players.

Own costs are paid by their players under every rule that respects strategic equivalence, and what is left is a game in
which all are alike: c(S) = F. Where F >= 0 nobody pays more than alone and equal parts are in the core; F < 0 leaves no
shares in which nobody pays more than alone, so that rules over imputations have no answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.allocation.rule import Shares, ShareStatus, undefined


@dataclass(frozen=True, kw_only=True)
class FixedPlusGame:
    """What every coalition pays once, the players with their own costs, and what some rules need beside them."""

    fixed: Fraction
    own: Mapping[str, Fraction]
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    unions: Sequence[Sequence[str]] = ()

    @property
    def total(self) -> Fraction:
        """Cost of all players together."""
        return self.fixed + sum(self.own.values())

    def equal_parts(self) -> dict[str, Fraction]:
        """Return the own costs and equal parts of the fixed one."""
        return {player: cost + self.fixed / len(self.own) for player, cost in self.own.items()}


def share_fixed_plus(method: str, game: FixedPlusGame) -> Shares:
    """Return shares of a fixed cost and own costs by a rule of the registry, for three players or more.

    Returns
    -------
    Shares
        Undefined (``too_many_players``) for rules without a closed form here, else with the rule's own reason.
    """
    if method in _IMPUTATIONS and game.fixed < 0:
        alone = sum(game.own.values()) + len(game.own) * game.fixed
        return undefined(method, "no_imputations", stand_alone=alone, total=game.total)
    if method == "tau" and game.fixed < 0:
        return undefined(method, "not_quasi_balanced")
    if method in _EQUAL_PARTS:
        shares = game.equal_parts()
    elif method in _FORMS:
        found = _FORMS[method](game)
        if found is None:
            return undefined(method, "no_weights", total=game.total)
        shares = found
    else:
        return undefined(method, "too_many_players", players=len(game.own))
    return Shares(method=method, status=ShareStatus.EXACT, shares=shares)


def _owen(game: FixedPlusGame) -> dict[str, Fraction]:
    parts = {player: game.fixed / (len(game.unions) * len(union)) for union in game.unions for player in union}
    return {player: cost + parts[player] for player, cost in game.own.items()}


def _in_proportion(game: FixedPlusGame, weights: Mapping[str, Fraction]) -> dict[str, Fraction] | None:
    whole = sum(weights.values())
    if any(weight < 0 for weight in weights.values()) or not whole:
        return None
    return {player: game.total * weights[player] / whole for player in game.own}


_IMPUTATIONS = frozenset({"nucleolus", "per_capita_nucleolus"})
_EQUAL_PARTS = _IMPUTATIONS | {"shapley", "least_core", "tau", "separable", "scrb", "equal_saving"}

_FORMS: dict[str, Callable[[FixedPlusGame], dict[str, Fraction] | None]] = {
    "equal": lambda game: dict.fromkeys(game.own, game.total / len(game.own)),
    "owen": _owen,
    "proportional": lambda game: _in_proportion(
        game, game.weights or {player: game.fixed + cost for player, cost in game.own.items()}
    ),
    "marginal": lambda game: _in_proportion(game, game.own),
}
