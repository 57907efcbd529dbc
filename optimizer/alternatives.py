"""Several plans near the best one that differ in what people care about: departures, waiting, splits, containers.

Every wish is a narrower problem, or one that charges for what is not wanted, planned like any other. What comes
back is priced by the charges of the problem itself and passes the judge of plans.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.consolidation.options import admits, fits_whole, open_departures
from optimizer.fillers import Filler, FreeRoom, fillers
from optimizer.limits import Limits, ShouldStop, never_stop
from optimizer.moves import ConsignmentChange, Measures, carried, changes, days_waiting, measures
from optimizer.planning import plan as plan_shipment
from optimizer.problem import (
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    Departure,
    MissedDueDate,
    Mode,
    ProblemError,
)
from optimizer.result import ShipmentPlan, SolveStatus
from optimizer.wishes import SMALL_LIMITS, Change, WishPrice, price_of_wishes

__all__ = [
    "SMALL_LIMITS",
    "WAITING_DAYS",
    "AlternativePlan",
    "Change",
    "Filler",
    "FreeRoom",
    "Wish",
    "WishKind",
    "WishPrice",
    "alternatives",
    "fillers",
    "price_of_wishes",
    "waiting_at_most",
]

WAITING_DAYS = (0, 7, 14)
"""Days of waiting, at most, that are tried."""


class WishKind(StrEnum):
    """What a plan is asked to do better."""

    FEWEST_DEPARTURES = "fewest_departures"
    WAITING_AT_MOST = "waiting_at_most"
    NO_SPLITS = "no_splits"
    ONLY_LCL = "only_lcl"
    NO_LCL = "no_lcl"
    FEWEST_CONTAINERS = "fewest_containers"
    ONE_CONTAINER_TYPE = "one_container_type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One wish: what, and of which size.

    Parameters
    ----------
    days
        With WAITING_AT_MOST: days from ready date to departure; where even the first departure open to a
        consignment is later, it takes that one.
    container_type
        With ONE_CONTAINER_TYPE: the only type used.
    """

    kind: WishKind
    days: int | None = None
    container_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativePlan:
    """Another plan of the same goods, which meets a wish, beside the plan that it could replace.

    Parameters
    ----------
    wishes
        What it was asked for; several when one plan answers them all.
    plan
        The plan, a correct one of the problem itself; its lower bound is that of the problem, not of the wish.
    lower_bound_minor
        No plan that meets the first wish as well costs less.
    extra_cost_minor
        What it costs more than the plan that it could replace.
    measures
        Its numbers; `differences` from the plan are those of two such.
    changes
        Consignments that would travel differently.
    """

    wishes: tuple[Wish, ...]
    plan: ShipmentPlan
    lower_bound_minor: int
    extra_cost_minor: int
    measures: Measures
    changes: tuple[ConsignmentChange, ...]

    @property
    def is_proven(self) -> bool:
        """Whether no plan that meets the first wish costs less."""
        return self.lower_bound_minor == self.plan.cost_minor

    @property
    def members(self) -> tuple[str, ...]:
        """Members whose goods travel differently, in the order of their consignments."""
        return tuple(dict.fromkeys(change.member for change in self.changes))

    @property
    def days_added(self) -> int:
        """Days of waiting added over all consignments, negative when saved."""
        return sum(change.days_added for change in self.changes)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A wish as a problem to plan.

    `penalty_minor` is charged for each thing that `counted` counts; `is_exact` says whether the problem allows
    every plan that meets the wish.
    """

    wish: Wish
    problem: ConsolidationProblem
    penalty_minor: int = 0
    counted: Callable[[Measures], int] | None = None
    is_exact: bool = True


def alternatives(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    limits: Limits = SMALL_LIMITS,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
) -> tuple[AlternativePlan, ...]:
    """Return plans that meet other wishes, cheapest first.

    Parameters
    ----------
    plan
        A plan of this problem; alternatives carry the same goods.
    limits, seed
        As for `optimizer.planning.plan`, for each planning by itself.
    should_stop
        When it says yes, what was found so far comes back.

    Returns
    -------
    tuple[AlternativePlan, ...]
        None that is, in cost and in all measures, no better than the plan or another alternative, none that
        leaves behind what the plan carries. Wishes that the plan meets already are not asked.
    """
    own = measures(problem, plan)
    found: list[AlternativePlan] = []
    for asked in _asked(problem, plan, own):
        if should_stop():
            break
        one = _answer(problem, plan, asked, limits, seed, should_stop)
        if one is not None and (asked.wish.container_type is None or one.plan.containers):
            found.append(one)
    return tuple(sorted(_undominated(own, found), key=lambda one: one.plan.cost_minor))


def _undominated(own: Measures, found: list[AlternativePlan]) -> Iterator[AlternativePlan]:
    """Yield what nothing beats; of equals the first, with the wishes of all."""
    for position, one in enumerate(found):
        if own.no_worse_than(one.measures):
            continue
        others = found[:position] + found[position + 1 :]
        beaten = any(other.measures.no_worse_than(one.measures) and other.measures != one.measures for other in others)
        if beaten or any(other.measures == one.measures for other in found[:position]):
            continue
        same = [wish for other in found[position:] if other.measures == one.measures for wish in other.wishes]
        yield replace(one, wishes=tuple(same))


def _answer(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    asked: _Asked,
    limits: Limits,
    seed: int,
    should_stop: ShouldStop,
) -> AlternativePlan | None:
    """Plan a wish; None when what the plan carries cannot all travel that way."""
    found = plan_shipment(asked.problem, limits=limits, seed=seed, should_stop=should_stop)
    if carried(found) != carried(plan):
        return None
    pricing = price(problem, found.containers, found.lcl, found.postal)
    bound = min(plan.lower_bound_minor, pricing.cost_minor)
    answer = replace(
        found,
        status=SolveStatus.OPTIMAL if bound == pricing.cost_minor else SolveStatus.FEASIBLE,
        cost_minor=pricing.cost_minor,
        lower_bound_minor=bound,
        charges=pricing.charges,
        delay_costs=pricing.delay_costs,
        # Reasons of a narrower problem are not those of this one.
        unplanned=plan.unplanned,
    )
    if check_plan(problem, answer):
        return None
    numbers = measures(problem, answer)
    if asked.is_exact:
        charged = asked.penalty_minor * asked.counted(numbers) if asked.counted else 0
        bound = max(bound, found.lower_bound_minor - charged)
    return AlternativePlan(
        wishes=(asked.wish,),
        plan=answer,
        lower_bound_minor=min(bound, answer.cost_minor),
        extra_cost_minor=answer.cost_minor - plan.cost_minor,
        measures=numbers,
        changes=changes(problem, plan, answer),
    )


def _asked(problem: ConsolidationProblem, plan: ShipmentPlan, own: Measures) -> Iterator[_Asked]:
    """Yield the wishes that a plan does not meet yet, as problems."""
    penalty = max(1, plan.cost_minor)
    goods = (problem.consignment[name] for name, _ in carried(plan))
    # Every lane needs one departure, and one container or lot.
    lanes = len({(one.origin, one.destination) for one in goods})
    if own.departures > lanes:
        charge = _fee(problem, "WISH-DEPARTURE", Basis.DEPARTURE, penalty)
        yield _Asked(
            Wish(kind=WishKind.FEWEST_DEPARTURES),
            replace(problem, charges=(*problem.charges, charge)),
            penalty,
            lambda numbers: numbers.departures,
        )
    for days in WAITING_DAYS:
        narrowed = waiting_at_most(problem, days)
        if narrowed is not None and not _keeps(narrowed[0], plan):
            yield _Asked(Wish(kind=WishKind.WAITING_AT_MOST, days=days), narrowed[0], is_exact=narrowed[1])
    if own.split_consignments:
        undivided = tuple(_undivided(problem, one) for one in problem.consignments)
        yield _Asked(Wish(kind=WishKind.NO_SPLITS), replace(problem, consignments=undivided))
    yield from _other_modes(problem, plan)
    if own.containers + own.loose_lots > lanes:
        yield _fewest_containers(problem, penalty)
    yield from _one_type(problem, plan)


def _fewest_containers(problem: ConsolidationProblem, penalty: int) -> _Asked:
    """Ask for the fewest containers, where no loose lot counts less than the container that it may replace."""
    loose = frozenset({Mode.LCL, Mode.POSTAL})
    fees = (
        _fee(problem, "WISH-CONTAINER", Basis.CONTAINER, penalty),
        replace(_fee(problem, "WISH-LOT", Basis.BILL_OF_LADING, penalty), modes=loose),
    )
    return _Asked(
        Wish(kind=WishKind.FEWEST_CONTAINERS),
        replace(problem, charges=(*problem.charges, *fees)),
        penalty,
        lambda numbers: numbers.containers + numbers.loose_lots,
    )


def _fee(problem: ConsolidationProblem, code: str, basis: Basis, amount_minor: int) -> Charge:
    """Return a charge for what is not wanted: no wish is met at more than the whole plan for each one spared."""
    taken = {charge.code for charge in problem.charges}
    while code in taken:
        code += "'"
    return Charge(code=code, basis=basis, amount_minor=amount_minor)


def _undivided(problem: ConsolidationProblem, one: Consignment) -> Consignment:
    """Return a consignment that travels whole, where it can: loose, or in some type of container."""
    loose = any(mode is not Mode.FCL for mode in problem.settings.modes)
    if not one.can_split or not (
        loose or any(admits(kind, one) and fits_whole(kind, one) for kind in problem.container_types)
    ):
        return one
    try:
        replace(problem, consignments=(replace(one, divisible=False),))
    except ProblemError:
        return one
    return replace(one, divisible=False)


def _other_modes(problem: ConsolidationProblem, plan: ShipmentPlan) -> Iterator[_Asked]:
    modes = problem.settings.modes
    if Mode.LCL in modes and (plan.containers or plan.postal):
        only = replace(problem, settings=replace(problem.settings, modes=(Mode.LCL,)))
        yield _Asked(Wish(kind=WishKind.ONLY_LCL), only)
    rest = tuple(mode for mode in modes if mode is not Mode.LCL)
    if rest and plan.lcl:
        yield _Asked(Wish(kind=WishKind.NO_LCL), replace(problem, settings=replace(problem.settings, modes=rest)))


def _one_type(problem: ConsolidationProblem, plan: ShipmentPlan) -> Iterator[_Asked]:
    used = {load.container_type for load in plan.containers}
    for kind in problem.container_types if used else ():
        if used == {kind.code}:
            continue
        try:
            narrowed = replace(problem, container_types=(kind,))
        except ProblemError:
            # Something fits no container of this type: whatever travels loose, that plan is not of one type.
            continue
        yield _Asked(Wish(kind=WishKind.ONE_CONTAINER_TYPE, container_type=kind.code), narrowed)


def _keeps(narrowed: ConsolidationProblem, plan: ShipmentPlan) -> bool:
    """Say whether every lot of a plan is in time in a problem with other dates."""
    parts = [(load.departure, part) for load in plan.containers for part in load.contents]
    parts += [(lot.departure, lot.part) for lot in (*plan.lcl, *plan.postal)]
    allowed = {one.id: {ship.id for ship in open_departures(narrowed, one)} for one in narrowed.consignments}
    return all(departure in allowed[part.consignment] for departure, part in parts)


def waiting_at_most(problem: ConsolidationProblem, days: int) -> tuple[ConsolidationProblem, bool] | None:
    """Return a problem in which no consignment waits longer, and whether it allows every such plan.

    A consignment for which even the first open departure is later takes that one. The limit becomes a due date:
    by arrival, or, where no delay is paid for transit, by departure, whichever order keeps more departures open.

    Parameters
    ----------
    days
        Days from ready date to departure, >= 0.

    Returns
    -------
    tuple or None
        None when due dates cannot say it: a departure that is too late arrives before all that are not.
    """
    best: tuple[int, ConsolidationProblem] | None = None
    wanted = sum(len(_within(problem, one, days)) for one in problem.consignments)
    for by_departure in (False,) if problem.settings.delay_counts_transit else (False, True):
        found = _by_due_date(problem, days, by_departure)
        if found is not None and (best is None or found[0] > best[0]):
            best = found
    return None if best is None else (best[1], best[0] == wanted)


def _within(problem: ConsolidationProblem, one: Consignment, days: int) -> list[Departure]:
    """Return the open departures that keep to a limit of waiting, at least the first."""
    ships = open_departures(problem, one)
    least = min((days_waiting(one, ship) for ship in ships), default=0)
    return [ship for ship in ships if days_waiting(one, ship) <= max(days, least)]


def _by_due_date(
    problem: ConsolidationProblem, days: int, by_departure: bool
) -> tuple[int, ConsolidationProblem] | None:
    """Return how many departures stay open over all consignments, and the problem with these due dates."""

    def key(ship: Departure) -> date:
        return ship.departure if by_departure else ship.arrival

    goods: list[Consignment] = []
    open_ones = 0
    for one in problem.consignments:
        wanted = _within(problem, one, days)
        names = {ship.id for ship in wanted}
        unwanted = [
            key(ship)
            for ship in problem.departures
            if (ship.origin, ship.destination) == (one.origin, one.destination)
            and one.ready_date <= ship.cut_off
            and ship.id not in names
        ]
        kept = [ship for ship in wanted if not unwanted or key(ship) < min(unwanted)]
        if wanted and not kept:
            return None
        open_ones += len(kept)
        # Nothing is open: any due date keeps it so.
        due = max(map(key, kept), default=one.ready_date)
        goods.append(replace(one, due_date=due))
    ships = tuple(replace(ship, arrival=key(ship)) for ship in problem.departures)
    strict = replace(problem.settings, missed_due_date=MissedDueDate.FORBIDDEN)
    return open_ones, replace(problem, consignments=tuple(goods), departures=ships, settings=strict)
