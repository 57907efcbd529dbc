"""From a problem to everything that is known of its plan: judged, compared, shared, certified.

Used by the worker and by the command line; it neither reads nor writes records.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from consortium.formats.allocation_json import allocation_to_json
from consortium.formats.certificate_json import certificate_to_json
from consortium.formats.plan_json import plan_to_json
from consortium.formats.problem_json import problem_sha256
from optimizer.allocation.explaining import alone_plan_numbers, waterfall_numbers, waterfalls
from optimizer.allocation.many_members import ManyMembers
from optimizer.allocation.shares import CostShares, certify_shares, share_costs
from optimizer.certificate import Certificate, Number, certificate_numbers
from optimizer.certificate_many import ManyCertificate, many_numbers
from optimizer.checking import check_plan
from optimizer.comparison import Comparison, compare
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.load_planning import load_as_planned, plan_with_loads
from optimizer.planning import plan as plan_shipment
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan, Violation
from optimizer.shipment_game import ShipmentGame, TooManyMembers, shipment_game

PART_FOR_PLANNING = 0.5
"""Part of the time that planning may take when cost shares are wanted too."""

LEAST_SECONDS = 5.0
"""What pricing the groups of members gets even when planning used up the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadePlan:
    """A plan and what is known of it.

    Parameters
    ----------
    violations
        What the judge found; with any, nothing else is worked out and the plan must not be kept.
    game, shares, certificate, many
        `game` and `certificate` are those of few members, `many` is the certificate of more than a table is kept for.
        None where they could not be had; `shares_missing` then says why: ``not_wanted``, ``nothing_travels``,
        ``stopped``, ``too_many_members``, or the rule's own reason.
    """

    problem: ConsolidationProblem
    plan: ShipmentPlan
    rule: str
    violations: tuple[Violation, ...] = ()
    comparison: Comparison | None = None
    game: ShipmentGame | None = None
    shares: CostShares | None = None
    certificate: Certificate | None = None
    many: ManyCertificate | None = None
    shares_missing: str = ""

    def member_shares(self) -> Iterator[dict[str, Any]]:
        """Yield one record per member: amounts in minor units, and why, with the way there from the cost alone."""
        if self.shares is None:
            return
        alone = self.game.stand_alone_plans if self.game else {}
        ways = waterfalls(self.problem, self.plan, self.shares, alone)
        for one in self.shares.members:
            own = {"alone_plan": alone_plan_numbers(alone[one.member])} if one.member in alone else {}
            yield {
                "member": one.member,
                "cost_share_minor": one.cost_share_minor,
                "pays_minor": one.pays_minor,
                "buyers_pay_minor": one.buyers_pay_minor,
                "stand_alone_cost_minor": one.stand_alone_minor,
                "why": dict(one.why) | own | {"waterfall": waterfall_numbers(ways[one.member])},
            }

    def comparison_numbers(self) -> dict[str, Any]:
        """Return what other ways would cost, as plain values; empty where nothing was compared."""
        found = self.comparison
        if found is None:
            return {}
        return {
            "each_alone_minor": found.all_alone.cost_minor,
            "all_lcl_minor": found.all_lcl.cost_minor,
            "no_waiting_minor": found.next_departure.cost_minor,
            "waiting_cost_minor": found.delay_minor,
        }

    def certificate_numbers(self) -> dict[str, Any]:
        """Return the certificate as plain values, the verdict in front; empty where there is none."""
        if self.many is not None:
            return _numbers_of_many(self.many)
        found = self.certificate
        if found is None:
            return {}
        return {
            "verdict": found.in_core.value,
            "members": len(found.shares),
            "coalitions_compared": found.coalitions_compared,
            "largest_excess_minor": int(found.largest_excess),
            "worst_coalition": list(found.worst_coalition),
            "individually_rational": found.all_rational.value,
            "core_empty": found.core_empty.value,
            "rounding_units": found.rounding_units,
            "numbers": certificate_numbers(found),
        }

    def document(self) -> dict[str, Any]:
        """Return the plan as it is published (`consortium/plan@1`), its shares in it where there are any."""
        allocation = None
        if self.shares is not None and not self.violations:
            allocation = allocation_to_json(
                self.shares,
                currency=self.problem.currency,
                problem_sha256=problem_sha256(self.problem),
                game=self.game.game if self.game else None,
                certificate=self.certificate or self.many,
            )
        return plan_to_json(self.plan, self.problem, allocation=allocation)

    def certificate_document(self, document: Mapping[str, Any], *, salt: str = "") -> dict[str, Any]:
        """Return the certificate of the shares in the plan's document; empty where there are none.

        Parameters
        ----------
        salt
            Random text that keeps the certificate's fingerprint from giving anything away.
        """
        if not document["allocation"].get("shares_minor"):
            return {}
        alone = self.game.stand_alone_plans if self.game else {}
        return certificate_to_json(self.problem, document, alone, salt=salt)


def make_plan(
    problem: ConsolidationProblem,
    *,
    chosen: ShipmentPlan | None = None,
    rule: str,
    tie_key: str = "",
    limits: Limits,
    seed: int = 0,
    with_shares: bool = True,
    with_comparison: bool = True,
    with_load_plan: bool = True,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> MadePlan:
    """Plan, have the judge look, compare with other ways, share the cost and certify the shares.

    Parameters
    ----------
    chosen
        A plan to take as it is; None: the cheapest is searched for.
    rule
        One of `optimizer.allocation.shares.PLAN_RULES`.
    tie_key
        Decides, with the members' ids, who gets odd minor units.
    limits
        For everything together; planning takes at most half when shares are wanted.
    with_load_plan
        Whether containers have to load and it is worked out where every package stands.
    """
    start = time.monotonic()
    part = PART_FOR_PLANNING if with_shares else 1.0
    own = Limits(time_limit_s=limits.time_limit_s * part, work_limit=limits.work_limit * part)
    if chosen is None:
        search = plan_with_loads if with_load_plan else plan_shipment
        plan = search(problem, limits=own, seed=seed, on_progress=on_progress, should_stop=should_stop)
    elif with_load_plan:
        plan = load_as_planned(problem, chosen, limits=own, seed=seed, should_stop=should_stop)
    else:
        plan = chosen
    violations = check_plan(problem, plan)
    if violations:
        return MadePlan(problem=problem, plan=plan, rule=rule, violations=violations)
    missing = (
        "stopped"
        if should_stop()
        else "nothing_travels"
        if not (plan.containers or plan.lcl or plan.postal)
        else ""
        if with_shares
        else "not_wanted"
    )
    if missing:
        return MadePlan(problem=problem, plan=plan, rule=rule, shares_missing=missing)

    def tell(stage: str, done_permille: int) -> None:
        on_progress(
            Progress(
                stage=stage,
                cost_minor=plan.cost_minor,
                lower_bound_minor=plan.lower_bound_minor,
                done_permille=done_permille,
            )
        )

    left = max(LEAST_SECONDS, limits.time_limit_s - (time.monotonic() - start))
    rest = Limits(time_limit_s=left, work_limit=limits.work_limit * (1 - part))

    def on_priced(progress: Progress) -> None:
        tell(progress.stage, progress.done_permille)

    game = members = None
    try:
        game = shipment_game(problem, plan, limits=rest, seed=seed, on_progress=on_priced, should_stop=should_stop)
    except TooManyMembers:
        members = ManyMembers(
            problem=problem, plan=plan, limits=rest, seed=seed, on_progress=on_priced, should_stop=should_stop
        )
    shares = members.shares(rule, tie_key=tie_key) if members and not should_stop() else None
    if should_stop():
        return MadePlan(problem=problem, plan=plan, rule=rule, game=game, shares_missing="stopped")
    tell("sharing", 950)
    if shares is None:
        shares = share_costs(
            problem, plan, game.game if game else None, game.direct if game else (), rule, tie_key=tie_key
        )
    missing = "" if shares.members else shares.reason or "undefined"
    certificate = certify_shares(game.game, shares) if game and shares.members else None
    many = members.certificate(shares) if members and shares.members else None
    comparison = None
    if with_comparison:
        tell("comparing", 970)
        alone = game.stand_alone_plans if game else None
        comparison = compare(problem, plan, seed=seed, should_stop=should_stop, alone_plans=alone)
    return MadePlan(
        problem=problem,
        plan=plan,
        rule=rule,
        comparison=comparison,
        game=game,
        shares=shares,
        certificate=certificate,
        many=many,
        shares_missing=missing,
    )


def _numbers_of_many(found: ManyCertificate) -> dict[str, Any]:
    """Return the verdict on the shares of many members under the names that one on few has, and its bounds."""

    def whole(number: Number | None) -> int | None:
        return None if number is None else ceil(number)

    verdict = found.verdict
    return {
        "verdict": verdict.in_core.value,
        "members": len(found.shares),
        "coalitions_compared": found.asked,
        "largest_excess_minor": whole(verdict.largest_excess),
        "worst_coalition": list(verdict.worst_coalition),
        "individually_rational": found.individually_rational.value,
        "core_empty": found.core_empty.value,
        "rounding_units": 0,
        "largest_possible_excess_minor": whole(verdict.largest_possible_excess),
        "largest_factor": verdict.largest_factor,
        "discount_minor": [whole(found.discount_at_least), whole(found.discount_at_most)],
        "surcharge_minor": [whole(found.surcharge_at_least), whole(found.surcharge_at_most)],
        "numbers": many_numbers(found),
    }
