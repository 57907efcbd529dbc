"""Judge of certificates: the shares in them, the plan and problem that they name, what everybody would pay alone."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from consortium.allocation_checks import check_allocation
from consortium.formats.allocation_json import game_of, read_allocation_document
from consortium.formats.canonical import sha256
from consortium.formats.certificate_json import CertificateDocument, own_problem
from consortium.formats.plan_fields import PlanDocument
from consortium.formats.plan_json import plan_of
from consortium.formats.problem_json import problem_sha256
from consortium.rule_checks import UNREADABLE, broken
from optimizer.checking import check_plan
from optimizer.cost_game import CostGame
from optimizer.problem import MEASURING_KEYS, ConsolidationProblem
from optimizer.result import ShipmentPlan, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPlan:
    """A plan at hand: its document, and its problem once the judge of plans found both without fault."""

    document: dict[str, Any]
    plan: ShipmentPlan
    problem: ConsolidationProblem | None = None


def check_certificate(claims: CertificateDocument, judged: JudgedPlan | None = None) -> tuple[Violation, ...]:
    """List everything in which a certificate contradicts itself, or the plan and the problem that it names.

    Parameters
    ----------
    judged
        The plan, when one is at hand; then it must be the one that is named, to the last digit.
    """
    found = list(_itself(claims))
    plan = problem = None
    if judged is not None:
        digest = sha256(judged.document)
        if digest != claims.plan_sha256:
            found.append(broken("plan_sha256", "certificate", claims.plan_sha256, digest))
        plan, problem = judged.plan, judged.problem
        if read_allocation_document(judged.document.get("allocation")) != claims.allocation:
            found.append(broken("certificate_of_others", "allocation", "the shares of the plan", "others"))
        if claims.seed != plan.seed:
            found.append(broken("seed", "certificate", claims.seed, plan.seed))
        if problem is not None and problem_sha256(problem) != claims.problem_sha256:
            found.append(broken("problem_sha256", "certificate", claims.problem_sha256, problem_sha256(problem)))
    found += check_allocation(claims.allocation, plan, problem)
    try:
        found += _alone(claims, judged)
    except UNREADABLE as error:
        found.append(broken("alone_readable", "stand_alone_plans", "plans", f"{type(error).__name__}: {error}"))
    return tuple(found)


def _itself(claims: CertificateDocument) -> Iterator[Violation]:
    shares = claims.allocation
    for name in ("problem_sha256", "currency"):
        if getattr(claims, name) != getattr(shares, name):
            yield broken(name, "allocation", getattr(claims, name), getattr(shares, name))
    named = [member.id for member in claims.members]
    if sorted(named) != sorted(shares.shares_minor):
        yield broken("allocation_members", "members", ", ".join(named), ", ".join(shares.shares_minor))


def _alone(claims: CertificateDocument, judged: JudgedPlan | None) -> Iterator[Violation]:
    """Compare everybody's cost alone with the plan that it would have alone."""
    if "coalitions" not in claims.allocation.certificate:
        return
    game = game_of(claims.allocation.certificate["coalitions"])
    if set(claims.stand_alone_plans) != set(game.players):
        named = ", ".join(claims.stand_alone_plans)
        yield broken("allocation_members", "stand_alone_plans", named, ", ".join(game.players))
    for member, alone in claims.stand_alone_plans.items():
        if member in game.players:
            yield from _own_plan(claims, member, alone, game, judged)


def _own_plan(
    claims: CertificateDocument, member: str, alone: PlanDocument, game: CostGame, judged: JudgedPlan | None
) -> Iterator[Violation]:
    bit = game.mask([member])
    lines = sum(one.amount_minor for one in alone.charges) + sum(one.amount_minor for one in alone.delay_costs)
    if not alone.cost_minor == lines == game.upper[bit]:
        yield broken("alone_cost", member, f"{game.upper[bit]}, {alone.cost_minor}", lines)
    if judged is None or judged.problem is None:
        return
    whole = judged.problem
    own = own_problem(whole, judged.document, member)
    if alone.problem_sha256 != problem_sha256(own):
        yield broken("problem_sha256", f"stand_alone_plans.{member}", alone.problem_sha256, problem_sha256(own))
    if len(game.players) > 1:
        own = _as_full(own, judged.plan)
    for one in check_plan(own, plan_of(alone)):
        yield replace(one, subject=f"stand_alone_plans.{member}: {one.subject}")
    keys = {charge.code: charge.allocation_key for charge in whole.charges}
    measured = sum(line.amount_minor for line in alone.charges if keys.get(line.code) in MEASURING_KEYS)
    stated = claims.allocation.certificate["optimised"]["measured_minor"].get(member, 0)
    if stated != measured and len(game.players) > 1:
        yield broken("measured_part", member, stated, measured)


def _as_full(problem: ConsolidationProblem, plan: ShipmentPlan) -> ConsolidationProblem:
    """Return the problem in which a container may be as full as the fullest of its type in the plan.

    What the plan does by loading densely, everybody may claim for its own containers.
    """
    fullest: dict[str, int] = {}
    for load in plan.containers:
        fullest[load.container_type] = max(load.volume_mm3, fullest.get(load.container_type, 0))
    kinds = tuple(
        replace(kind, volume_mm3=fullest[kind.code], usable_volume_permille=1000)
        if fullest.get(kind.code, 0) > kind.usable_volume_mm3
        else kind
        for kind in problem.container_types
    )
    return replace(problem, container_types=kinds)
