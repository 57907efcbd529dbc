"""What every rule would charge for a plan, what it would save each member, and what is proven of it.

Used by the worker; it neither reads nor writes records.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from optimizer.allocation.core import CoreEvidence, core_evidence
from optimizer.allocation.registry import RULES
from optimizer.allocation.shares import MEASURES, CostShares, share_costs
from optimizer.certificate import certify
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan
from optimizer.shipment_game import ShipmentGame, TooManyMembers, shipment_game

METHODS = (*RULES, *MEASURES)
"""All rules that are compared, in the order in which they are shown."""


def method_study(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    tie_key: str = "",
    weights: Mapping[str, int] | None = None,
    unions: Sequence[Sequence[str]] = (),
    limits: Limits,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> dict[str, Any]:
    """Return the shares of a plan by every rule with their verdicts, as plain values.

    Parameters
    ----------
    plan
        A plan of this problem that the judge accepts.
    tie_key
        As for the plan's own shares.
    weights
        Member -> weight, > 0, for the rule that needs weights.
    unions
        Members that act together, for the rule that needs unions.
    limits, seed
        Of pricing the groups of members.
    """
    game: ShipmentGame | None = None
    with suppress(TooManyMembers):
        game = shipment_game(
            problem,
            plan,
            limits=limits,
            seed=seed,
            on_progress=lambda told: on_progress(
                Progress(stage=told.stage, done_permille=told.done_permille * 7 // 10)
            ),
            should_stop=should_stop,
        )
    rules: list[dict[str, Any]] = []
    evidence = core_evidence(game.game, plan.cost_minor) if game else CoreEvidence()
    for place, name in enumerate(METHODS):
        if should_stop():
            break
        on_progress(Progress(stage="sharing", done_permille=700 + 300 * place // len(METHODS)))
        needs = RULES[name].requires if name in RULES else ""
        agreed = _agreed(game, (weights or {}) if needs == "weights" else {}, unions if needs == "unions" else ())
        rules.append(_one(name, problem, plan, agreed, evidence, tie_key))
    return {
        "cost_minor": plan.cost_minor,
        "weights": dict(weights or {}),
        "unions": [list(union) for union in unions],
        "alone_minor": _alone(game),
        "rules": rules,
        "complete": len(rules) == len(METHODS),
    }


def _agreed(
    game: ShipmentGame | None, weights: Mapping[str, int], unions: Sequence[Sequence[str]]
) -> ShipmentGame | None:
    """Return the game with what its players agreed on; other rules would read weights as something else."""
    if game is None:
        return None
    players = set(game.game.players)
    held = [inside for union in unions if (inside := [member for member in union if member in players])]
    agreed = {member: weight for member, weight in weights.items() if member in players}
    return replace(game, game=replace(game.game, weights=agreed, unions=held))


def _alone(game: ShipmentGame | None) -> dict[str, int]:
    return {} if game is None else {name: int(game.game.cost([name])) for name in game.game.players}


def _one(
    name: str,
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    game: ShipmentGame | None,
    evidence: CoreEvidence,
    tie_key: str,
) -> dict[str, Any]:
    shares = share_costs(problem, plan, game.game if game else None, game.direct if game else (), name, tie_key=tie_key)
    found: dict[str, Any] = {
        "rule": name,
        "status": shares.status.value,
        "reason": "too_many_members" if shares.reason == "game_missing" else shares.reason,
        "shares_minor": shares.shares_minor,
        "above_alone": list(shares.above_stand_alone),
    }
    return found | (_verdict(shares, game, evidence) if game and shares.members else {})


def _verdict(shares: CostShares, game: ShipmentGame, evidence: CoreEvidence) -> dict[str, Any]:
    """Return what is proven of shares; what decides whether the core is empty is the same for all rules."""
    certificate = certify(
        game.game,
        shares.shares_minor,
        shares.total_minor,
        exact_shares=shares.exact_shares,
        balanced_weights=evidence.balanced_weights,
        core_point=evidence.core_point,
    )
    return {
        "verdict": certificate.in_core.value,
        "core_empty": certificate.core_empty.value,
        "individually_rational": certificate.all_rational.value,
        "largest_excess_minor": int(certificate.largest_excess),
        "worst_coalition": list(certificate.worst_coalition),
    }
