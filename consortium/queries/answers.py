"""Reads of the answers about a plan: everything for managers and auditors, its own consignments for a member."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.formats.answers_fields import PlanAnswers
from consortium.formats.answers_json import read_answers_document
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of, problem_sha256
from consortium.models import Member, Order, PooledShipment, ShipmentState, StoredAnswers, StoredPlan
from consortium.permissions import Action, Actor, ForbiddenError
from consortium.problem_builder import build_problem, with_orders
from consortium.queries.orders import lines_by_order, waiting_orders
from consortium.queries.plans import OTHERS_BEHIND_A_TOTAL
from consortium.reach import authorise_somewhere, id_of, own_members, reach_shipment
from consortium.views_answers import (
    AlternativeView,
    CostDifferenceView,
    CureView,
    FillerView,
    FreeRoomView,
    LegView,
    MeasuresView,
    MemberAnswersView,
    MemberDaysView,
    OwnWishView,
    PlanAnswersView,
    WhyNotView,
    WishPriceView,
    WishView,
)
from optimizer.alternatives import AlternativePlan
from optimizer.fillers import Filler, FreeRoom, fillers
from optimizer.moves import Measures, Way, measures
from optimizer.obstacles import Limit
from optimizer.own_wishes import OwnWish
from optimizer.problem import ConsolidationProblem, ProblemError
from optimizer.units import MM3_PER_CM3
from optimizer.why_not import ContainerChoice, Cure, WhyNot
from optimizer.wishes import WishPrice


@in_transaction
def plan_answers(actor: Actor, shipment_id: int, *, session: Session | None = None) -> PlanAnswersView | None:
    """Return all that is answered about a shipment's plan in force, or None while there is none.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.SEE_PLANS, shipment_id, session)
    stored, row = _kept(shipment, session)
    if stored is None or row is None:
        return None
    answers = read_answers_document(row.document)
    problem, _ = problem_of(stored.problem)
    plan, _ = read_plan_document(stored.plan)
    reading = _Reading(problem)
    is_current = shipment.state is not ShipmentState.PLANNED or _is_current(shipment, stored, session)
    larger = _with_waiting(shipment, problem, session) if is_current else problem
    reading.names |= {one.id: one.name or one.id for one in larger.members}
    waiting = {room.container: room.fillers for room in fillers(larger, plan)} if larger is not problem else {}
    return PlanAnswersView(
        plan_id=id_of(stored),
        shipment_id=shipment_id,
        currency=problem.currency,
        is_current=is_current,
        measures=_measures(measures(problem, plan)),
        why_not=tuple(map(reading.why_not, answers.why_not)),
        own_wishes=tuple(map(reading.own_wish, answers.own_wishes)),
        free_room=tuple(reading.free_room(one, waiting.get(one.container, ())) for one in answers.free_room),
        alternatives=reading.alternatives(answers),
        wishes=reading.wishes(answers),
        complete=answers.complete,
        created_at=row.created_at,
    )


@in_transaction
def member_answers(actor: Actor, shipment_id: int, *, session: Session | None = None) -> MemberAnswersView | None:
    """Return what a member is told of its own consignments in the plan in force, or None while there is nothing.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    authorise_somewhere(actor, Action.SEE_OWN_COST_SHARE)
    shipment = reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, session)
    own = own_members(actor, shipment.consortium_id)
    if not own:
        raise ForbiddenError(Action.SEE_OWN_COST_SHARE.value)
    stored, row = _kept(shipment, session)
    if stored is None or row is None:
        return None
    codes = set(session.exec(select(Member.code).where(col(Member.id).in_(own))))
    answers = read_answers_document(row.document)
    problem, _ = problem_of(stored.problem)
    reading = _Reading(problem)
    why_not = tuple(_without_rivals(one, reading.why_not(one)) for one in answers.why_not if one.member in codes)
    wishes = tuple(reading.own_wish(one) for one in answers.own_wishes if one.member in codes)
    if not why_not and not wishes:
        return None
    return MemberAnswersView(plan_id=id_of(stored), currency=problem.currency, why_not=why_not, own_wishes=wishes)


def _kept(shipment: PooledShipment, session: Session) -> tuple[StoredPlan | None, StoredAnswers | None]:
    """Return the plan in force and the answers about it; answers about another text of the plan are none."""
    stored = session.get(StoredPlan, shipment.plan_id) if shipment.plan_id is not None else None
    if stored is None:
        return None, None
    row = session.exec(select(StoredAnswers).where(StoredAnswers.plan_id == stored.id)).first()
    return stored, row if row is not None and row.plan_sha256 == stored.plan_sha256 else None


def _is_current(shipment: PooledShipment, stored: StoredPlan, session: Session) -> bool:
    try:
        return problem_sha256(build_problem(shipment, session=session)) == stored.problem_sha256
    except ProblemError:
        return False


def _with_waiting(shipment: PooledShipment, problem: ConsolidationProblem, session: Session) -> ConsolidationProblem:
    """Return the problem with the orders that could still join; read afresh, since orders come and go."""
    lanes = {(one.origin, one.destination) for one in problem.departures}
    found = [one for one in waiting_orders(shipment, session) if (one.origin, one.destination) in lanes]
    if shipment.state is not ShipmentState.PLANNED or not found:
        return problem
    try:
        return with_orders(problem, _with_members(found, session), lines_by_order(found, session))
    except ProblemError:
        return problem  # such orders cannot be planned together: gathering them would say why


def _with_members(orders: Iterable[Order], session: Session) -> list[tuple[Order, Member]]:
    return [(one, session.get_one(Member, one.member_id)) for one in orders]


def _without_rivals(one: WhyNot, view: WhyNotView) -> WhyNotView:
    """Leave out the container's number and charges, and sizes and names where few firms stand behind them.

    What a container lacks for one's own goods tells how much the others put in.
    """
    few = min((len(choice.members) for choice in one.choices), default=0) < OTHERS_BEHIND_A_TOTAL
    cure = view.cure and replace(view.cure, smaller_by_cm3=None, lighter_by_g=None) if few else view.cure
    hidden = replace(view, container="", because=(), cure=cure)
    if not few:
        return hidden
    names = () if one.reason is Limit.INCOMPATIBLE else view.names
    return replace(hidden, volume_cm3=None, mass_g=None, names=names)


class _Reading:
    """Turns answers into views beside the problem that they are about."""

    def __init__(self, problem: ConsolidationProblem) -> None:
        self.problem = problem
        self.names = {one.id: one.name or one.id for one in problem.members}
        self.charges = {one.code: one.description or one.code for one in problem.charges}

    def departs(self, departure: str | None) -> date | None:
        return self.problem.departure[departure].departure if departure in self.problem.departure else None

    def leg(self, way: Way) -> LegView:
        return LegView(
            mode=way.mode.value,
            departure=way.departure,
            departs=self.problem.departure[way.departure].departure,
            container_type=way.container_type,
        )

    def why_not(self, one: WhyNot) -> WhyNotView:
        choice = one.best or _choice_of(one)
        obstacle = one.obstacle
        return WhyNotView(
            consignment=one.consignment,
            member_code=one.member,
            member_name=self.names[one.member],
            order_code=_order_code(one.consignment),
            travels=tuple(map(self.leg, one.travels)),
            reason=one.reason.value,
            days=obstacle.days if obstacle else 0,
            volume_cm3=_cm3(obstacle.volume_mm3) if obstacle else 0,
            mass_g=obstacle.mass_g if obstacle else 0,
            names=obstacle.names if obstacle else (),
            container=(choice.container or "") if choice else "",
            is_new=choice is not None and choice.container is None,
            departs=self.departs(choice.departure) if choice else None,
            change_minor=one.best.extra_cost_minor if one.best else None,
            because=tuple(
                CostDifferenceView(charge=self.charges.get(each.code or "", ""), amount_minor=each.amount_minor)
                for each in one.because
            ),
            cure=self.cure(one, one.cure) if one.cure else None,
        )

    def cure(self, one: WhyNot, cure: Cure) -> CureView:
        choice = next((each for each in one.choices if each.cure == cure), None)
        return CureView(
            days_ready_earlier=cure.days_ready_earlier,
            ready_date=cure.ready_date,
            days_due_later=cure.days_due_later,
            due_date=cure.due_date,
            is_smaller=bool(cure.smaller_by_mm3 or cure.lighter_by_g),
            smaller_by_cm3=_cm3(cure.smaller_by_mm3),
            lighter_by_g=cure.lighter_by_g,
            container_type=cure.container_type,
            allowed_type=cure.allowed_type,
            raised_limit=cure.raised_limit,
            departs=self.departs(choice.departure) if choice else None,
            change_minor=cure.extra_cost_minor,
        )

    def own_wish(self, one: OwnWish) -> OwnWishView:
        return OwnWishView(
            consignment=one.consignment,
            member_code=one.member,
            member_name=self.names[one.member],
            order_code=_order_code(one.consignment),
            change=one.change.value,
            days=one.days,
            leg=self.leg(one.way) if one.way else None,
            with_others=one.with_others,
            change_minor=one.change_minor,
            days_added=one.days_added,
        )

    def free_room(self, room: FreeRoom, with_waiting: Iterable[Filler]) -> FreeRoomView:
        ship = self.problem.departure[room.departure]
        waiting = [one for one in with_waiting if one.consignment not in self.problem.consignment]
        found = [(one, False) for one in room.fillers] + [(one, True) for one in waiting]
        return FreeRoomView(
            container=room.container,
            container_type=room.container_type,
            origin=ship.origin,
            destination=ship.destination,
            departs=ship.departure,
            free_volume_cm3=_cm3(room.free_volume_mm3),
            free_mass_g=room.free_mass_g,
            fillers=tuple(
                FillerView(
                    member_name=self.names.get(one.member, one.member),
                    order_code=_order_code(one.consignment),
                    volume_cm3=_cm3(one.volume_mm3),
                    mass_g=one.mass_g,
                    change_minor=one.change_minor,
                    travels=one.travels,
                    waits=waits,
                    days_added=one.days_added,
                )
                for one, waits in sorted(found, key=lambda pair: pair[0].change_minor)
            ),
            offered_mass_g=room.offered_mass_g,
            least_freight_minor=room.least_freight_minor,
            alone_minor=room.alone_minor,
        )

    def alternatives(self, answers: PlanAnswers) -> tuple[AlternativeView, ...] | None:
        known = answers.alternatives
        return None if known is None else tuple(self._alternative(*each) for each in enumerate(known))

    def _alternative(self, number: int, one: AlternativePlan) -> AlternativeView:
        added = dict.fromkeys(one.members, 0)
        for change in one.changes:
            added[change.member] += change.days_added
        return AlternativeView(
            number=number,
            wishes=tuple(
                WishView(kind=wish.kind.value, days=wish.days, container_type=wish.container_type)
                for wish in one.wishes
            ),
            extra_cost_minor=one.extra_cost_minor,
            is_proven=one.is_proven,
            measures=_measures(one.measures),
            members=self._days(added),
        )

    def wishes(self, answers: PlanAnswers) -> tuple[WishPriceView, ...] | None:
        return None if answers.wishes is None else tuple(map(self._wish_price, answers.wishes))

    def _wish_price(self, one: WishPrice) -> WishPriceView:
        return WishPriceView(
            change=one.change.value,
            origin=one.origin,
            destination=one.destination,
            days=one.days,
            departs=one.departure.departure if one.departure else None,
            container_type=one.container_type,
            saving_minor=one.saving_minor,
            is_proven=one.is_proven,
            left_behind=tuple(map(_order_code, one.left_behind)),
            newly_carried=tuple(map(_order_code, one.newly_carried)),
            members=self._days(one.days_added),
        )

    def _days(self, added: Mapping[str, int]) -> tuple[MemberDaysView, ...]:
        return tuple(MemberDaysView(member_name=self.names[key], days_added=days) for key, days in added.items())


def _choice_of(one: WhyNot) -> ContainerChoice | None:
    """Return the container whose first obstacle is the one told: that of the cure where there is one."""
    told = [each for each in one.choices if each.obstacles and each.obstacles[0] == one.obstacle]
    cured = [each for each in told if one.cure is not None and each.cure == one.cure]
    return next(iter([*cured, *told]), None)


def _measures(one: Measures) -> MeasuresView:
    return MeasuresView(
        cost_minor=one.cost_minor,
        departures=one.departures,
        containers=one.containers,
        split_consignments=one.split_consignments,
        loose_lots=one.loose_lots,
        waiting_days=one.waiting_days,
        longest_waiting_days=one.longest_waiting_days,
    )


def _order_code(consignment: str) -> str:
    return consignment.partition("/")[2] or consignment


def _cm3(volume_mm3: int) -> int:
    return -(-volume_mm3 // MM3_PER_CM3)
