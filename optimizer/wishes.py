"""What a wish is worth: other dates, one more container, one more departure, lane by lane.

Lanes share no charge, so that the price of a wish is the difference of the costs of its lane.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise

from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.consolidation.options import admits
from optimizer.limits import Limits, ShouldStop, never_stop
from optimizer.moves import ConsignmentChange, carried, changes
from optimizer.planning import plan as plan_shipment
from optimizer.problem import Charge, Consignment, ConsolidationProblem, Departure, MissedDueDate
from optimizer.result import ShipmentPlan, SolveStatus

WEEK = 7
"""Days by which dates are moved."""

SMALL_LIMITS = Limits(time_limit_s=10.0, work_limit=5.0)
"""Limits of each planning that the price of a wish needs."""


_NOT_IN_QUESTION = frozenset({"unplanned_reason", "unplanned_could_travel", "status"})
"""Rules on what stays behind, which does so for other reasons once dates have changed."""


class Change(StrEnum):
    """What would be different."""

    DUE_LATER = "due_later"
    DUE_EARLIER = "due_earlier"
    READY_EARLIER = "ready_earlier"
    READY_LATER = "ready_later"
    MORE_CONTAINERS = "more_containers"
    MORE_DEPARTURES = "more_departures"


@dataclass(frozen=True, slots=True, kw_only=True)
class WishPrice:
    """What one change of one lane saves or costs, and whom it touches.

    Parameters
    ----------
    days
        Days by which all due dates or all ready dates of the lane move; 0 for other changes.
    departure
        With MORE_CONTAINERS the departure that takes one container more, with MORE_DEPARTURES the added one.
    container_type
        With MORE_CONTAINERS the type whose limit rises by one.
    without_minor, cost_minor
        Least cost found for the lane without and with the change.
    lower_bound_minor
        With the change, no plan of what then travels costs less.
    left_behind, newly_carried
        Consignments of which less travels with the change, or more.
    changes
        Consignments that travel differently; their days count from the ready date of either problem.
    """

    change: Change
    origin: str
    destination: str
    days: int = 0
    departure: Departure | None = None
    container_type: str | None = None
    without_minor: int
    cost_minor: int
    lower_bound_minor: int
    left_behind: tuple[str, ...] = ()
    newly_carried: tuple[str, ...] = ()
    changes: tuple[ConsignmentChange, ...] = ()

    @property
    def saving_minor(self) -> int | None:
        """Return what the change saves, negative when it costs more; None when not the same goods travel."""
        return None if self.left_behind or self.newly_carried else self.without_minor - self.cost_minor

    @property
    def is_proven(self) -> bool:
        """Whether the cost with the change is the least possible."""
        return self.cost_minor == self.lower_bound_minor

    @property
    def members(self) -> tuple[str, ...]:
        """Members whose goods travel differently, in the order of their consignments."""
        return tuple(dict.fromkeys(change.member for change in self.changes))

    @property
    def days_added(self) -> dict[str, int]:
        """Days of waiting added for each of these members over its consignments, negative when saved."""
        added = dict.fromkeys(self.members, 0)
        for change in self.changes:
            added[change.member] += change.days_added
        return added


@dataclass(frozen=True, slots=True)
class _Asked:
    """A changed lane, and the change."""

    change: Change
    problem: ConsolidationProblem
    days: int = 0
    departure: Departure | None = None
    container_type: str | None = None


def price_of_wishes(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    days: int = WEEK,
    limits: Limits = SMALL_LIMITS,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
) -> tuple[WishPrice, ...]:
    """Price for every lane: due and ready dates moved, one container more, one departure more.

    Due dates are moved only where they bind a consignment at all, container limits are raised only where the
    plan uses them up. An added departure is a copy of another: one in the middle of the widest gap between two
    departures, one `days` after the last.

    Parameters
    ----------
    plan
        A plan of this problem. Where it is not proven, its lanes are planned again first, lest a better plan
        be taken for the worth of a wish.
    days
        Days by which dates move, > 0.
    limits, seed
        As for `optimizer.planning.plan`, for each planning by itself.
    should_stop
        When it says yes, what was found so far comes back.

    Returns
    -------
    tuple[WishPrice, ...]
        By lane in the order of the consignments, then by change; also those that are worth nothing.
    """
    found: list[WishPrice] = []
    for origin, destination in dict.fromkeys((one.origin, one.destination) for one in problem.consignments):
        lane = lane_of(problem, origin, destination)
        if should_stop():
            break
        base = lane_plan(lane, plan)
        if plan.status is not SolveStatus.OPTIMAL:
            again = plan_shipment(lane, limits=limits, seed=seed, should_stop=should_stop)
            if carried(again) == carried(base) and again.cost_minor < base.cost_minor:
                base = again
        for asked in _asked(lane, base, days):
            if should_stop():
                break
            answer = plan_shipment(asked.problem, limits=limits, seed=seed, should_stop=should_stop)
            found.append(_priced(lane, base, asked, _better(asked.problem, base, answer)))
    return tuple(found)


def lane_of(problem: ConsolidationProblem, origin: str, destination: str) -> ConsolidationProblem:
    """Return the problem of one lane: its consignments and departures, all charges."""

    def here(one: Consignment | Departure) -> bool:
        return (one.origin, one.destination) == (origin, destination)

    return replace(
        problem,
        consignments=tuple(filter(here, problem.consignments)),
        departures=tuple(filter(here, problem.departures)),
    )


def lane_plan(lane: ConsolidationProblem, plan: ShipmentPlan) -> ShipmentPlan:
    """Return what a plan does on one lane, at the cost of that lane; the bound is the cost if the plan is proven."""
    charges = tuple(line for line in plan.charges if line.departure in lane.departure)
    delays = tuple(delay for delay in plan.delay_costs if delay.departure in lane.departure)
    cost_minor = sum(line.amount_minor for line in charges) + sum(delay.amount_minor for delay in delays)
    return replace(
        plan,
        cost_minor=cost_minor,
        lower_bound_minor=cost_minor if plan.status is SolveStatus.OPTIMAL else 0,
        containers=tuple(load for load in plan.containers if load.departure in lane.departure),
        lcl=tuple(lot for lot in plan.lcl if lot.departure in lane.departure),
        postal=tuple(lot for lot in plan.postal if lot.departure in lane.departure),
        unplanned=tuple(entry for entry in plan.unplanned if entry.consignment in lane.consignment),
        charges=charges,
        delay_costs=delays,
    )


def _better(changed: ConsolidationProblem, base: ShipmentPlan, answer: ShipmentPlan) -> ShipmentPlan:
    """Return the plan as it was where the change allows it and nothing better was found: no needless moves."""
    same = carried(answer) == carried(base)
    pricing = price(changed, base.containers, base.lcl, base.postal)
    kept = replace(
        base,
        status=SolveStatus.FEASIBLE,
        cost_minor=pricing.cost_minor,
        lower_bound_minor=min(answer.lower_bound_minor, pricing.cost_minor) if same else 0,
        charges=pricing.charges,
        delay_costs=pricing.delay_costs,
    )
    if carried(answer) - carried(base) or not carried(base) or (same and answer.cost_minor < kept.cost_minor):
        return answer
    broken = [one for one in check_plan(changed, kept) if one.rule not in _NOT_IN_QUESTION]
    return answer if broken else kept


def _priced(lane: ConsolidationProblem, base: ShipmentPlan, asked: _Asked, answer: ShipmentPlan) -> WishPrice:
    before, after = carried(base), carried(answer)
    less = {name for name, _ in before - after}
    more = {name for name, _ in after - before}
    some = lane.consignments[0]
    return WishPrice(
        change=asked.change,
        origin=some.origin,
        destination=some.destination,
        days=asked.days,
        departure=asked.departure,
        container_type=asked.container_type,
        without_minor=base.cost_minor,
        cost_minor=answer.cost_minor,
        lower_bound_minor=answer.lower_bound_minor,
        left_behind=tuple(one.id for one in lane.consignments if one.id in less),
        newly_carried=tuple(one.id for one in lane.consignments if one.id in more),
        changes=changes(lane, base, answer, asked.problem),
    )


def _asked(lane: ConsolidationProblem, base: ShipmentPlan, days: int) -> Iterator[_Asked]:
    """Yield the changes of a lane that make sense, as problems."""
    step = timedelta(days=days)

    def moved(change: Change, one_moved: Callable[[Consignment], Consignment]) -> _Asked:
        return _Asked(change, replace(lane, consignments=tuple(map(one_moved, lane.consignments))), days)

    bound = lane.settings.missed_due_date is MissedDueDate.FORBIDDEN
    if lane.departures and bound and any(one.due_date for one in lane.consignments):
        yield moved(Change.DUE_LATER, lambda one: replace(one, due_date=one.due_date and one.due_date + step))
        # Due before it is ready is due when it is ready: nothing travels in no time.
        yield moved(
            Change.DUE_EARLIER,
            lambda one: replace(one, due_date=one.due_date and max(one.ready_date, one.due_date - step)),
        )
    if lane.departures:
        yield moved(Change.READY_EARLIER, lambda one: replace(one, ready_date=one.ready_date - step))
        yield moved(
            Change.READY_LATER,
            lambda one: replace(
                one, ready_date=min(one.ready_date + step, one.due_date) if one.due_date else one.ready_date + step
            ),
        )
    yield from _raised_limits(lane, base)
    yield from _added_departures(lane, step)


def _raised_limits(lane: ConsolidationProblem, base: ShipmentPlan) -> Iterator[_Asked]:
    """Yield one container more of every type that a departure has used up and that somebody may use."""
    wanted = {kind.code for kind in lane.container_types if any(admits(kind, one) for one in lane.consignments)}
    for ship in lane.departures:
        for code, limit in ship.container_limits.items():
            used = sum(load.departure == ship.id and load.container_type == code for load in base.containers)
            if code in wanted and used >= limit:
                larger = replace(ship, container_limits={**ship.container_limits, code: limit + 1})
                ships = tuple(larger if one is ship else one for one in lane.departures)
                changed = replace(lane, departures=ships)
                yield _Asked(Change.MORE_CONTAINERS, changed, departure=larger, container_type=code)


def _added_departures(lane: ConsolidationProblem, step: timedelta) -> Iterator[_Asked]:
    """Yield one departure more: in the widest gap, and after the last."""
    ships = sorted(lane.departures, key=lambda one: (one.departure, one.id))
    if not ships:
        return
    gaps = [
        ((later.departure - earlier.departure).days, -position, later)
        for position, (earlier, later) in enumerate(pairwise(ships))
    ]
    if gaps:
        width, _, later = max(gaps, key=lambda gap: gap[:2])
        if width > 1:
            yield _with_copy(lane, later, timedelta(days=-(width // 2)))
    yield _with_copy(lane, ships[-1], step)


def _with_copy(lane: ConsolidationProblem, ship: Departure, move: timedelta) -> _Asked:
    """Return a lane with a copy of a departure on other days, at the same charges."""
    name = f"{ship.id}{move.days:+d}"
    while name in lane.departure:
        name += "'"
    copy = replace(
        ship, id=name, cut_off=ship.cut_off + move, departure=ship.departure + move, arrival=ship.arrival + move
    )

    def reaching(charge: Charge) -> Charge:
        named = charge.departures
        return replace(charge, departures=named | {name}) if named is not None and ship.id in named else charge

    changed = replace(
        lane, departures=(*lane.departures, copy), charges=tuple(reaching(charge) for charge in lane.charges)
    )
    return _Asked(Change.MORE_DEPARTURES, changed, departure=copy)
