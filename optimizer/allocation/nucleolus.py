"""The nucleolus and its weighted forms, and the least core: the least satisfied coalition comes first.

References
----------
Schmeidler, D. (1969). The nucleolus of a characteristic function game. SIAM Journal on Applied Mathematics 17,
1163-1170. https://doi.org/10.1137/0117107
Grotte, J. H. (1970). Computation of and observations on the nucleolus, the normalised nucleolus and the central
games (per capita). Young, H. P., Okada, N., Hashimoto, T. (1982). Cost allocation in water resources development.
Water Resources Research 18, 463-475 (proportional). https://doi.org/10.1029/WR018i003p00463
Caprara, A., Letchford, A. N. (2010). New techniques for cost sharing in combinatorial optimization games. Mathematical
Programming 124, 93-118. https://doi.org/10.1007/s10107-010-0357-7 (prices)
Maschler, M., Peleg, B., Shapley, L. S. (1979). Geometric properties of the kernel, nucleolus, and related solution
concepts. Mathematics of Operations Research 4, 303-338. https://doi.org/10.1287/moor.4.4.303 (least core)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from optimizer.allocation.exact import indicator, sizes
from optimizer.allocation.levels import Level, Programme, Row, proof_of_levels, verified
from optimizer.allocation.rule import Shares, ShareStatus, answer, undefined
from optimizer.allocation.search import InexactError, levels_of
from optimizer.cost_game import CostGame, Numbers


def nucleolus(game: CostGame) -> Shares:
    """Return the nucleolus over the imputations, the shares in which nobody pays more than alone.

    Returns
    -------
    Shares
        Exact, with the levels in `detail`; undefined (``no_imputations``) where the stand-alone costs sum to
        less than the cost of all; bounded (``not_verified``) where rounding spoilt the exact check.
    """
    return _over_imputations("nucleolus", game, programme_of(game.costs))


def per_capita_nucleolus(game: CostGame) -> Shares:
    """Return the nucleolus of excesses divided by the number of members: a large group bears more of a loss."""
    weights = Numbers(sizes(len(game.players)))
    return _over_imputations("per_capita_nucleolus", game, programme_of(game.costs, weights))


def proportional_nucleolus(game: CostGame) -> Shares:
    """Return the nucleolus of excesses divided by what the group would pay alone: everybody saves in percent.

    Undefined (``cost_not_positive``) where a coalition costs (gains) nothing or less.
    """
    found = _proportional(game)
    if isinstance(found, int):
        return undefined("proportional_nucleolus", "cost_not_positive", coalition=game.members(found))
    return _over_imputations("proportional_nucleolus", game, found)


def lp_prices(game: CostGame) -> Shares:
    """Return prices under which no coalition pays more than its own cost, raised by one factor to the cost of all.

    The prices sum to the least that fractions of coalitions cost which together hold every player once (the linear
    programme of covering; Caprara and Letchford 2010); where the core is not empty that is c(N) and the factor is 1.
    Of all such prices those are taken whose coalitions' largest ratio is least, then the next.

    Returns
    -------
    Shares
        With the ``factor`` in `detail`: no coalition pays more than this times its own cost. Undefined
        (``cost_not_positive``) where a coalition costs (gains) nothing or less.
    """
    found = _proportional(game)
    if isinstance(found, int):
        return undefined("lp_prices", "cost_not_positive", coalition=game.members(found))
    shares = lexicographic("lp_prices", game, lambda _: found, _excesses)
    levels = shares.detail.get("levels", ())
    largest = max(levels[0]["excess"], Fraction(0)) if levels else Fraction(0)
    sign = 1 if game.kind == "cost" else -1
    return replace(shares, detail={**shares.detail, "factor": 1 + sign * largest}) if levels else shares


def _proportional(game: CostGame) -> Programme | int:
    """Return the programme of excesses divided by the costs, or the first coalition that costs (gains) nothing."""
    costs = game.costs
    values = costs.numbers.values if game.kind == "cost" else -costs.numbers.values
    wrong = np.flatnonzero((values[1:-1] <= 0).astype(bool))
    if len(wrong):
        return int(wrong[0]) + 1
    return programme_of(costs, Numbers(values, costs.numbers.denominator), level_unit=1.0)


def least_core(game: CostGame) -> Shares:
    """Return the centre of the least core: its point in which the further excesses are smallest too.

    The least core holds all shares whose largest excess is as small as it can be, also those in which
    somebody pays more than alone. Its centre is the prenucleolus, one and the same point on every machine.
    """
    return lexicographic("least_core", game, lambda _: programme_of(game.costs), _excesses)


def programme_of(costs: CostGame, weights: Numbers | None = None, level_unit: float | None = None) -> Programme:
    """Return the programme whose goals are the excesses of all coalitions, divided by weights.

    Parameters
    ----------
    costs
        A game of kind ``cost``.
    weights
        One number > 0 per coalition; 1 each by default.
    level_unit
        Rough size of the levels; the largest cost by default.
    """
    largest = float(np.abs(costs.numbers.floats()).max()) or 1.0
    ones = Numbers(np.ones(len(costs.upper), dtype=np.int64))
    return Programme(costs=costs, weights=weights or ones, level_unit=level_unit or largest)


def lexicographic(
    method: str,
    game: CostGame,
    programme_for: Callable[[bool], Programme],
    explain: Callable[[Level], Mapping[str, Any]],
) -> Shares:
    """Return the solution of a programme as the answer of a rule, verified, with its levels explained in `detail`.

    Parameters
    ----------
    programme_for
        Returns the programme, its numbers found in floating point (False) or in fractions (True). Fractions come
        second: they are for the few games in which floating point fails.
    explain
        Returns what to say of a level.
    """
    nearly: Sequence[float] = ()
    for exactly in (False, True):
        try:
            programme = programme_for(exactly)
            found = levels_of(programme, exactly=exactly)
        except InexactError as error:
            nearly = nearly or error.shares
            continue
        if verified(programme, found):
            levels = tuple(explain(level) for level in found.levels)
            shares = answer(method, game, found.shares, detail={"levels": levels})
            return replace(shares, proof=proof_of_levels(programme, found))
        nearly = [float(share) for share in found.shares]
    return _unverified(method, game, nearly)


def _over_imputations(method: str, game: CostGame, programme: Programme) -> Shares:
    costs = game.costs
    alone = [Fraction(costs.upper[1 << bit]) for bit in range(len(costs.players))]
    total = Fraction(costs.upper[costs.grand])
    if sum(alone) < total - Fraction(costs.numbers.tolerance):
        return undefined(method, "no_imputations", stand_alone=sum(alone), total=total)
    caps = tuple(
        Row(who=(player,), vector=tuple(indicator(1 << bit, len(alone))), bound=alone[bit])
        for bit, player in enumerate(costs.players)
    )
    return lexicographic(method, game, lambda _: replace(programme, rows=caps), _excesses)


def _excesses(level: Level) -> dict[str, Any]:
    """Return the excess of a level, the coalitions that have it, and the players held at their stand-alone cost."""
    return {
        "excess": level.value,
        "coalitions": tuple(sorted((row.who for row, _ in level.rows if row.weight), key=lambda who: (len(who), who))),
        "at_stand_alone": tuple(sorted(row.who[0] for row, _ in level.rows if not row.weight and len(row.who) == 1)),
    }


def _unverified(method: str, game: CostGame, shares: Sequence[float]) -> Shares:
    """Return approximate shares, corrected so that their sum is exact, and say that they are not verified."""
    result = answer(method, game, [Fraction(share) for share in shares], rounded=True)
    return replace(result, status=ShareStatus.BOUNDED, reason="not_verified")
