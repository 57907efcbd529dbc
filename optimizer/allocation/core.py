"""Evidence on the core: balanced weights that prove it empty, or shares that are in it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction

from optimizer.allocation.levels import Level, verified
from optimizer.allocation.nucleolus import programme_of
from optimizer.allocation.search import InexactError, levels_of
from optimizer.cost_game import CostGame


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
    costs = game.costs
    sign = 1 if game.kind == "cost" else -1
    whole = Fraction(costs.upper[costs.grand]) if total is None else sign * Fraction(total)
    players = len(costs.players)
    if players == 1:
        inside = whole <= costs.lower[costs.grand]
        return CoreEvidence(core_point={costs.players[0]: sign * whole}) if inside else CoreEvidence()
    for exactly in (False, True):
        with suppress(InexactError):
            return _evidence(costs, whole, sign, exactly=exactly)
    return CoreEvidence()


def _evidence(costs: CostGame, whole: Fraction, sign: int, *, exactly: bool) -> CoreEvidence:
    dear = replace(costs, upper=[*costs.upper[:-1], whole], lower=())
    first = levels_of(programme_of(dear), exactly=exactly, first_only=True).levels[0]
    if first.value > costs.numbers.tolerance:
        return CoreEvidence(balanced_weights=_balanced(first, dear))
    cheap = replace(costs, upper=[*costs.lower[:-1], whole], lower=())
    programme = programme_of(cheap)
    found = levels_of(programme, exactly=exactly)
    if not verified(programme, found):
        raise InexactError([float(share) for share in found.shares])
    if found.levels[0].value > costs.numbers.tolerance:
        return CoreEvidence()
    return CoreEvidence(
        core_point={player: sign * share for player, share in zip(costs.players, found.shares, strict=True)}
    )


def _balanced(level: Level, costs: CostGame) -> dict[int, Fraction]:
    """Scale the prices of a first level so that the weights around every player sum to 1."""
    weights = {costs.mask(row.who): weight for row, weight in level.rows}
    around_first = sum((weight for coalition, weight in weights.items() if coalition & 1), start=Fraction(0))
    return {coalition: weight / around_first for coalition, weight in weights.items()}
