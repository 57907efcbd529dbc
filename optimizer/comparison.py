"""What a plan is worth: the cost of every member alone, of everything loose, of never waiting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from optimizer.consolidation.options import open_departures
from optimizer.limits import Limits, ShouldStop, never_stop
from optimizer.planning import plan as plan_shipment
from optimizer.problem import ConsolidationProblem, Mode
from optimizer.result import ShipmentPlan

SMALL_LIMITS = Limits(time_limit_s=10.0, work_limit=5.0)
"""Limits of each planning that a comparison needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """What one other way of sending the same consignments costs.

    Parameters
    ----------
    cost_minor
        Cost of the best plan found; None when not everything could travel that way.
    lower_bound_minor
        No plan of that way costs less; None as `cost_minor`.
    unplanned
        Consignments that could not travel that way.
    """

    cost_minor: int | None
    lower_bound_minor: int | None
    unplanned: tuple[str, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether the cost is the least one that is possible that way."""
        return self.cost_minor is not None and self.cost_minor == self.lower_bound_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAlone:
    """What one member's consignments cost by themselves."""

    member: str
    consignments: tuple[str, ...]
    alone: Alternative


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A plan beside its alternatives, all of the consignments that the plan carries.

    Parameters
    ----------
    cost_minor
        Cost of the plan.
    members_alone
        Every member with something in the plan, planned alone, in the order of the problem.
    all_alone
        The sum of these; None when one of them is.
    all_lcl, next_departure
        Everything in LCL lots; everything pooled, but each consignment on the first departure open to it.
    delay_minor
        What the plan pays for waiting.
    """

    cost_minor: int
    members_alone: tuple[MemberAlone, ...]
    all_alone: Alternative
    all_lcl: Alternative
    next_departure: Alternative
    delay_minor: int

    def saving_minor(self, alternative: Alternative) -> int | None:
        """Return what the plan saves against an alternative, negative when it costs more; None without a cost."""
        return None if alternative.cost_minor is None else alternative.cost_minor - self.cost_minor


def compare(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    limits: Limits = SMALL_LIMITS,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
    alone_plans: Mapping[str, ShipmentPlan] | None = None,
) -> Comparison:
    """Compare a plan with what its consignments would cost without it.

    Parameters
    ----------
    plan
        A plan of this problem; what it leaves behind takes no part in any alternative.
    limits, seed, should_stop
        As for `optimizer.planning.plan`, for each planning by itself.
    alone_plans
        Member -> the plan of what it has in this plan by itself, where it is known already (as in
        `optimizer.shipment_game.ShipmentGame`); other members are planned.
    """
    behind = {entry.consignment for entry in plan.unplanned}
    carried = problem.restricted_to(one.id for one in problem.consignments if one.id not in behind)

    def least(part: ConsolidationProblem) -> Alternative:
        return _alternative(plan_shipment(part, limits=limits, seed=seed, should_stop=should_stop))

    alone: list[MemberAlone] = []
    for member in problem.members:
        ids = tuple(one.id for one in carried.consignments if one.member == member.id)
        if ids:
            known = (alone_plans or {}).get(member.id)
            if known is None or known.unplanned or _carried(known) != set(ids):
                known = plan_shipment(carried.restricted_to(ids), limits=limits, seed=seed, should_stop=should_stop)
            alone.append(MemberAlone(member=member.id, consignments=ids, alone=_alternative(known)))
    return Comparison(
        cost_minor=plan.cost_minor,
        members_alone=tuple(alone),
        all_alone=_sum(one.alone for one in alone),
        all_lcl=least(_only_lcl(carried)) if Mode.LCL in problem.settings.modes else _no_way(carried),
        next_departure=_sum(least(part) for part in _by_next_departure(carried)),
        delay_minor=sum(delay.amount_minor for delay in plan.delay_costs),
    )


def _carried(plan: ShipmentPlan) -> set[str]:
    """Return the ids of the consignments of which a plan carries something."""
    parts = [part for load in plan.containers for part in load.contents]
    parts += [lot.part for lot in (*plan.lcl, *plan.postal)]
    return {part.consignment for part in parts}


def _alternative(plan: ShipmentPlan) -> Alternative:
    if plan.unplanned:
        behind = tuple(entry.consignment for entry in plan.unplanned)
        return Alternative(cost_minor=None, lower_bound_minor=None, unplanned=behind)
    return Alternative(cost_minor=plan.cost_minor, lower_bound_minor=plan.lower_bound_minor)


def _no_way(problem: ConsolidationProblem) -> Alternative:
    if not problem.consignments:
        return Alternative(cost_minor=0, lower_bound_minor=0)
    return Alternative(cost_minor=None, lower_bound_minor=None, unplanned=tuple(one.id for one in problem.consignments))


def _sum(alternatives: Iterable[Alternative]) -> Alternative:
    """Return alternatives that share nothing as one."""
    cost_minor = lower_bound_minor = 0
    behind: list[str] = []
    for one in alternatives:
        cost_minor += one.cost_minor or 0
        lower_bound_minor += one.lower_bound_minor or 0
        behind += one.unplanned
    if behind:
        return Alternative(cost_minor=None, lower_bound_minor=None, unplanned=tuple(behind))
    return Alternative(cost_minor=cost_minor, lower_bound_minor=lower_bound_minor)


def _only_lcl(problem: ConsolidationProblem) -> ConsolidationProblem:
    return replace(problem, settings=replace(problem.settings, modes=(Mode.LCL,)))


def _by_next_departure(problem: ConsolidationProblem) -> list[ConsolidationProblem]:
    """Return one problem for each departure that is somebody's first, with all others closed.

    All charges count departure by departure, so that the costs of these problems add up.
    """
    groups: dict[str, list[str]] = {}
    for one in problem.consignments:
        first = min(open_departures(problem, one), key=lambda sailing: (sailing.departure, sailing.id))
        groups.setdefault(first.id, []).append(one.id)
    return [
        replace(
            problem.restricted_to(ids),
            departures=tuple(
                # A departure that closed long ago is open to nobody, and charges may still name it.
                one if one.id == name else replace(one, cut_off=date.min)
                for one in problem.departures
            ),
        )
        for name, ids in groups.items()
    ]
