"""From a frozen problem to a priced plan with its proof: a first answer, the search, the assembled plan.

Containers are filled by volume; `optimizer.load_planning` goes on from there until every container loads.
"""

import time
from collections.abc import Iterable
from dataclasses import replace

from optimizer.consolidation.charge_index import ChargeIndex, whole_piece
from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.lots import Improved, LotPlan
from optimizer.consolidation.master import improve
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.reasons import explain
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.problem import ConsolidationProblem
from optimizer.result import ContainerLoad, LooseLot, ShipmentPlan, SolveStatus

OWN_COSTS_TO = 500
"""Consignments up to which `own_costs` is quick; where there are more it would hold up an answer that is due."""


def plan(
    problem: ConsolidationProblem,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> ShipmentPlan:
    """Plan as many consignments as can travel at least cost, and say what is proven of the answer.

    Parameters
    ----------
    limits
        Limits of the search; the default ones when None.
    seed
        Breaks ties in the search; the same problem, limits and seed give the same plan unless the clock or
        `should_stop` ended the search.
    on_progress
        Told the best cost and bound as they become known.
    should_stop
        Asked often; when it says yes the best plan so far is returned with ``ended_by: "stopped"``.

    Returns
    -------
    ShipmentPlan
        OPTIMAL when proven (also with consignments that cannot travel), FEASIBLE when not, INFEASIBLE when
        proven that nothing can travel although there was something to plan, UNKNOWN when nothing was found.
    """
    limits = limits or Limits()
    found = plan_by_volume(problem, limits, seed, on_progress, should_stop)
    answer = assemble(problem, found, limits=limits, seed=seed)
    tell_planned(answer, on_progress)
    return answer


def plan_by_volume(
    problem: ConsolidationProblem, limits: Limits, seed: int, on_progress: OnProgress, should_stop: ShouldStop
) -> Improved:
    """Return the best plan found by volume, not yet assembled; parameters as for `plan`."""
    deadline = time.monotonic() + limits.time_limit_s
    start = first_plan(problem, lambda: should_stop() or time.monotonic() > deadline - limits.time_limit_s / 2)
    cost_minor = price(problem, start.containers, start.lcl, start.postal).cost_minor
    on_progress(Progress(stage="first_plan", cost_minor=cost_minor))
    if should_stop():
        return Improved(plan=start, lower_bound_minor=0, proven=False, ended_by="stopped")
    left = replace(limits, time_limit_s=max(0.01, deadline - time.monotonic()))
    return improve(problem, start, limits=left, seed=seed, on_progress=on_progress, should_stop=should_stop)


def tell_planned(answer: ShipmentPlan, on_progress: OnProgress) -> None:
    """Tell that a plan is made."""
    on_progress(
        Progress(
            stage="planned",
            cost_minor=answer.cost_minor,
            lower_bound_minor=answer.lower_bound_minor,
            done_permille=1000,
        )
    )


def assemble(
    problem: ConsolidationProblem,
    found: Improved,
    *,
    limits: Limits,
    seed: int,
    bounding: ConsolidationProblem | None = None,
) -> ShipmentPlan:
    """Return the plan of what a search found: in a fixed order, numbered, priced, with status and reasons.

    Parameters
    ----------
    bounding
        A problem with the same goods and charges whose limits every plan keeps; the same problem when None.
    """
    bounding = bounding or problem
    containers = number(problem, found.plan.containers)
    lcl = _in_order(problem, found.plan.lcl)
    postal = _in_order(problem, found.plan.postal)
    pricing = price(problem, containers, lcl, postal)
    unplanned = tuple(explain(problem, found.plan, entry) for entry in found.plan.unplanned)
    bound = found.lower_bound_minor
    if len(problem.consignments) <= OWN_COSTS_TO:
        bound = max(bound, own_costs(bounding, found.plan))
    travels = bool(containers or lcl or postal)
    closed = all(not feasible_options(bounding, bounding.consignment[entry.consignment]) for entry in unplanned)
    proven = found.proven or (closed and bound >= pricing.cost_minor)
    return ShipmentPlan(
        status=_status(problem, travels=travels, proven=proven),
        cost_minor=pricing.cost_minor,
        lower_bound_minor=pricing.cost_minor if proven else min(bound, pricing.cost_minor),
        containers=containers,
        lcl=lcl,
        postal=postal,
        unplanned=unplanned,
        charges=pricing.charges,
        delay_costs=pricing.delay_costs,
        seed=seed,
        limits={
            "time_limit_s": limits.time_limit_s,
            "work_limit": limits.work_limit,
            "ended_by": "proof" if proven else found.ended_by,
        },
    )


def _status(problem: ConsolidationProblem, *, travels: bool, proven: bool) -> SolveStatus:
    if travels or not problem.consignments:
        return SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
    return SolveStatus.INFEASIBLE if proven else SolveStatus.UNKNOWN


def number(problem: ConsolidationProblem, containers: Iterable[ContainerLoad]) -> tuple[ContainerLoad, ...]:
    """Return containers in a fixed order, by departure, size and contents, with the ids K-1, K-2, ..."""
    goods = {one.id: position for position, one in enumerate(problem.consignments)}
    sailings = {one.id: (one.departure, position) for position, one in enumerate(problem.departures)}
    types = {one.code: (-one.volume_mm3, position) for position, one in enumerate(problem.container_types)}

    def contents_in_order(load: ContainerLoad) -> ContainerLoad:
        ordered = tuple(
            sorted(load.contents, key=lambda part: (goods[part.consignment], sorted(part.packages.items())))
        )
        return replace(load, contents=ordered)

    def place(load: ContainerLoad) -> tuple[object, ...]:
        held = [(goods[part.consignment], sorted(part.packages.items())) for part in load.contents]
        return sailings[load.departure], types[load.container_type], held

    ordered = sorted(map(contents_in_order, containers), key=place)
    return tuple(replace(load, id=f"K-{position}") for position, load in enumerate(ordered, start=1))


def _in_order(problem: ConsolidationProblem, lots: Iterable[LooseLot]) -> tuple[LooseLot, ...]:
    goods = {one.id: position for position, one in enumerate(problem.consignments)}
    sailings = {one.id: (one.departure, position) for position, one in enumerate(problem.departures)}
    return tuple(
        sorted(
            lots,
            key=lambda lot: (sailings[lot.departure], goods[lot.part.consignment], sorted(lot.part.packages.items())),
        )
    )


def own_costs(problem: ConsolidationProblem, carried: LotPlan) -> int:
    """Return a simple lower bound: what every carried, undivided consignment pays at least by itself.

    No charge is negative, and lot lines, value lines and delay costs are paid whoever else travels.
    """
    index = ChargeIndex(problem)
    behind = {entry if isinstance(entry, str) else entry.consignment for entry in carried.unplanned}
    return sum(
        min(
            index.term(whole_piece(one), option.departure, option.mode, option.container_type)[0]
            for option in feasible_options(problem, one)
        )
        for one in problem.consignments
        if one.id not in behind and not one.can_split
    )
