"""What everybody would have paid for a stored plan under other terms: from what is stored, without planning again.

The rule needs what groups would pay, which the plan's certificate holds, and the part of it that measuring keys take
out, which is stored for the keys that were in force. Terms that measure other charges need the groups priced again;
whoever asks says whether that may be done. This file neither reads nor writes records.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from consortium.formats.allocation_json import game_of
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.time_limits import DEFAULT_TIME_LIMIT_S, limits_of
from optimizer.cost_game import CostGame
from optimizer.limits import OnProgress, ShouldStop, ignore_progress, never_stop
from optimizer.problem import MEASURING_KEYS, AllocationKey, ConsolidationProblem
from optimizer.problem_sharing import SharingTerms, under_terms
from optimizer.result import ShipmentPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocuments:
    """A stored plan as `consortium.services.planning` keeps it: problem, plan, and how it was shared."""

    problem: Mapping[str, Any]
    plan: Mapping[str, Any]
    allocation: Mapping[str, Any]
    tie_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The shares of a stored plan under other terms.

    Parameters
    ----------
    how
        ``stored``: from what was stored; ``recomputed``: the groups were priced again; ``needs_recomputation``: that
        was not wanted, so there are no shares; ``undefined``: the rule has no answer, `reason` says why.
    """

    how: str
    reason: str = ""
    shares_minor: Mapping[str, int] = field(default_factory=dict)


Groups = tuple[CostGame | None, tuple[int, ...]]
"""What groups would pay (None: the rule does not ask), and the part of it that measuring keys share."""


def measuring_codes(problem: ConsolidationProblem) -> frozenset[str]:
    """Return the codes of the charges that a measure shares."""
    return frozenset(one.code for one in problem.charges if one.allocation_key in MEASURING_KEYS)


def replay(
    stored: StoredDocuments,
    terms: SharingTerms,
    *,
    recompute: bool = False,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> Replayed:
    """Share a stored plan under other terms.

    Parameters
    ----------
    recompute
        Whether groups may be priced again where what is stored does not say enough.
    """
    from optimizer.allocation.shares import MEASURES, share_costs  # imports what searches

    problem, _ = problem_of(stored.problem)
    plan, _ = read_plan_document(stored.plan)
    here = under_terms(_as_tariffs_say(problem, stored.allocation), terms)
    how, groups = "stored", _stored_groups(stored, problem, here)
    if terms.rule == "equal" or terms.rule in MEASURES:
        groups = None, ()
    elif groups is None and recompute:
        how, groups = "recomputed", _priced_again(here, plan, on_progress, should_stop)
    if groups is None:
        return Replayed(how="needs_recomputation", reason="too_many_members" if recompute else "")
    game, measured = groups
    found = share_costs(here, plan, game, measured, terms.rule, tie_key=stored.tie_key)
    if not found.members:
        return Replayed(how="undefined", reason=found.reason)
    return Replayed(how=how, shares_minor=found.shares_minor)


def _as_tariffs_say(problem: ConsolidationProblem, allocation: Mapping[str, Any]) -> ConsolidationProblem:
    """Return a problem with the keys that its tariffs had before the terms in force replaced some."""
    theirs = allocation.get("tariff_keys", {})
    charges = tuple(
        replace(one, allocation_key=AllocationKey(theirs.get(one.code, one.allocation_key))) for one in problem.charges
    )
    return replace(problem, charges=charges)


def _stored_groups(stored: StoredDocuments, before: ConsolidationProblem, now: ConsolidationProblem) -> Groups | None:
    """Return what is stored of the groups, or None when it does not say what these terms need."""
    coalitions = stored.plan.get("allocation", {}).get("certificate", {}).get("coalitions")
    if not coalitions:
        return None
    game = game_of(coalitions)
    measured = measuring_codes(now)
    if not measured:
        return game, ()
    kept = tuple(stored.allocation.get("measured", ()))
    return (game, kept) if measured == measuring_codes(before) and len(kept) == len(game.upper) else None


def _priced_again(
    problem: ConsolidationProblem, plan: ShipmentPlan, on_progress: OnProgress, should_stop: Callable[[], bool]
) -> Groups | None:
    from optimizer.shipment_game import TooManyMembers, shipment_game

    try:
        found = shipment_game(
            problem,
            plan,
            limits=limits_of(DEFAULT_TIME_LIMIT_S),
            seed=plan.seed,
            on_progress=on_progress,
            should_stop=should_stop,
        )
    except TooManyMembers:
        return None
    return found.game, found.direct
