"""Pooled shipments: opened, gathered, frozen, (planned), agreed, shipped.

open -> frozen -> planned -> agreed -> shipped -> settled. A frozen or planned shipment may be reopened: its plans
stay stored, none is in force any more. Planning (`services.planning`) moves it from frozen to planned.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlmodel import Session, col, delete, select

from consortium.database import in_transaction, need
from consortium.drafts import ShipmentDraft
from consortium.errors import Fault, InputError, NotFoundError, StateError
from consortium.gathering import gather_faults
from consortium.models import (
    ConsignmentRow,
    Consortium,
    CostShare,
    DepartureRow,
    Member,
    Order,
    OrderLine,
    OrderState,
    PooledShipment,
    RuleVersion,
    ShipmentState,
    StoredPlan,
)
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor
from consortium.problem_builder import consignment_id
from consortium.reach import id_of, lock, reach_consortium, reach_shipment
from consortium.reference_data import container_types
from consortium.rules_in_force import day_in, lock_rule, version_in_force, version_of
from consortium.services.audit import changes, record
from consortium.services.storing import store_unique

AGREEABLE = frozenset({"optimal", "feasible"})
"""Statuses of a plan that has an answer."""


@in_transaction
def open_shipment(actor: Actor, consortium_id: int, draft: ShipmentDraft, *, session: Session | None = None) -> int:
    """Open a pooled shipment; its code is unique in the consortium.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    consortium = reach_consortium(actor, Action.MANAGE_SHIPMENTS, consortium_id, session)
    version = version_in_force(consortium_id, day_in(consortium, utc_now()), session)
    shipment = PooledShipment(
        consortium_id=consortium_id, opened_by=actor.user_id or None, **_columns(draft, consortium, version)
    )
    store_unique(shipment, "consortium_id", session=session)
    _record(actor, shipment, "open_shipment", draft.model_dump(mode="json"), session)
    return id_of(shipment)


@in_transaction
def change_shipment(actor: Actor, shipment_id: int, draft: ShipmentDraft, *, session: Session | None = None) -> None:
    """Change an open shipment, its cut-off for instance; what is gathered must still be able to travel in it.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        With the path ``orders[CODE]`` for an order that could no longer travel; ``rule_decided`` for a rule other than
        the one that the members decided on.
    StateError
        ``shipment_not_open``.
    """
    session = need(session)
    shipment = _hold(actor, shipment_id, session, ShipmentState.OPEN)
    consortium = session.get_one(Consortium, shipment.consortium_id)
    columns = _columns(draft, consortium, version_of(shipment, session))
    before = shipment.model_dump(mode="json", include=set(columns))
    shipment.sqlmodel_update(columns)
    orders = _orders_in(shipment_id, session)
    names = [f"orders[{order.code}]" for order in orders]
    _refuse([fault for faults in _faults(orders, names, shipment, consortium, session) for fault in faults])
    store_unique(shipment, "consortium_id", session=session)
    after = shipment.model_dump(mode="json", include=set(columns))
    _record(actor, shipment, "change_shipment", changes(before, after), session)


@in_transaction
def gather(actor: Actor, shipment_id: int, order_ids: Sequence[int], *, session: Session | None = None) -> None:
    """Gather orders into an open shipment: all of them or none.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        With the path ``order_ids[N]`` of each order that is withdrawn, already gathered, in another currency, or whose
        dates or sizes cannot travel.
    StateError
        ``shipment_not_open``.
    """
    session = need(session)
    shipment = _hold(actor, shipment_id, session, ShipmentState.OPEN)
    if not order_ids:
        raise InputError([Fault("order_ids", "missing", "one or more orders", "nothing")])
    orders = _orders(order_ids, shipment.consortium_id, session)
    names = [f"order_ids[{index}]" for index in range(len(orders))]
    faults = list(_state_faults(orders, names))
    consortium = session.get_one(Consortium, shipment.consortium_id)
    for found in _faults(orders, names, shipment, consortium, session):
        faults += found
    _refuse(faults)
    for order in orders:
        order.state = OrderState.GATHERED
        session.add(order)
        session.add(ConsignmentRow(shipment_id=shipment_id, order_id=id_of(order), member_id=order.member_id))
    session.flush()
    _record(actor, shipment, "gather", {"order_ids": list(order_ids)}, session)


@in_transaction
def drop(actor: Actor, shipment_id: int, order_ids: Sequence[int], *, session: Session | None = None) -> None:
    """Take orders out of an open shipment again: all of them or none.

    Raises
    ------
    ForbiddenError
    NotFoundError
        Also for an order that is not in this shipment.
    StateError
        ``shipment_not_open``.
    """
    session = need(session)
    shipment = _hold(actor, shipment_id, session, ShipmentState.OPEN)
    inside = {id_of(order): order for order in _orders_in(shipment_id, session)}
    for order_id in order_ids:
        if order_id not in inside:
            raise NotFoundError("order", order_id)
    for order_id in dict.fromkeys(order_ids):
        inside[order_id].state = OrderState.ENTERED
        session.add(inside[order_id])
    session.exec(delete(ConsignmentRow).where(col(ConsignmentRow.order_id).in_(list(order_ids))))
    _record(actor, shipment, "drop", {"order_ids": list(order_ids)}, session)


@in_transaction
def freeze(actor: Actor, shipment_id: int, *, session: Session | None = None) -> None:
    """Freeze an open shipment that holds something: its orders can no longer be changed, and it can be planned.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_open``, ``nothing_gathered``.
    """
    session = need(session)
    shipment = _hold(actor, shipment_id, session, ShipmentState.OPEN)
    if not _orders_in(shipment_id, session):
        raise StateError("nothing_gathered")
    lock_rule(shipment, session)
    _move(actor, shipment, ShipmentState.FROZEN, "freeze", session, {"rule_version": shipment.rule_version_id})


@in_transaction
def reopen(actor: Actor, shipment_id: int, *, session: Session | None = None) -> None:
    """Open a frozen or planned shipment again; stored plans stay, none is in force.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_frozen``.
    """
    session = need(session)
    shipment = _hold(actor, shipment_id, session, ShipmentState.FROZEN, ShipmentState.PLANNED)
    plan_id, shipment.plan_id = shipment.plan_id, None
    _move(actor, shipment, ShipmentState.OPEN, "reopen", session, {"plan_id": plan_id})


@in_transaction
def agree(actor: Actor, shipment_id: int, plan_id: int, *, session: Session | None = None) -> None:
    """Record that the plan in force, with its cost shares, is agreed.

    Parameters
    ----------
    plan_id
        The plan that was read and agreed: it must be the one in force now.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_planned``, ``plan_not_in_force``, ``plan_without_answer``, ``plan_without_shares``.
    """
    session = need(session)
    shipment = _hold(actor, shipment_id, session)
    plan = session.get(StoredPlan, plan_id)
    if plan is None or plan.shipment_id != shipment_id:
        raise NotFoundError("plan", plan_id)
    _require(shipment, ShipmentState.PLANNED)
    if shipment.plan_id != plan_id:
        raise StateError("plan_not_in_force", {"plan": plan_id})
    if plan.status not in AGREEABLE:
        raise StateError("plan_without_answer", {"status": plan.status})
    if session.exec(select(CostShare.id).where(CostShare.plan_id == plan_id).limit(1)).first() is None:
        raise StateError("plan_without_shares", {"plan": plan_id})
    detail = {"plan": plan_id, "plan_sha256": plan.plan_sha256, "cost_minor": plan.cost_minor}
    _move(actor, shipment, ShipmentState.AGREED, "agree", session, detail)


@in_transaction
def mark_shipped(actor: Actor, shipment_id: int, *, session: Session | None = None) -> None:
    """Record that an agreed shipment left; orders of which nothing was planned are free for another shipment.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_agreed``.
    """
    session = need(session)
    shipment = _hold(actor, shipment_id, session, ShipmentState.AGREED)
    plan = session.get_one(StoredPlan, shipment.plan_id)
    travelling = _travelling(plan.plan)
    left_behind = []
    for order in _orders_in(shipment_id, session):
        member = session.get_one(Member, order.member_id)
        if consignment_id(member.code, order.code) in travelling:
            order.state = OrderState.SHIPPED
        else:
            order.state = OrderState.ENTERED
            left_behind.append(id_of(order))
        session.add(order)
    session.exec(delete(ConsignmentRow).where(col(ConsignmentRow.order_id).in_(left_behind)))
    _move(actor, shipment, ShipmentState.SHIPPED, "mark_shipped", session, {"left_behind_order_ids": left_behind})


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise InputError(faults)


def _record(actor: Actor, shipment: PooledShipment, action: str, detail: dict[str, Any], session: Session) -> None:
    record(actor, shipment.consortium_id, action, f"shipment {shipment.code}", detail, session=session)


def _columns(draft: ShipmentDraft, consortium: Consortium, version: RuleVersion | None) -> dict[str, Any]:
    """Return the columns of a draft; where members decided on a rule, a shipment cannot have another."""
    known = container_types()
    rule = draft.allocation_rule or consortium.allocation_rule
    if version is not None:
        if draft.allocation_rule not in (None, version.rule):
            _refuse([Fault("allocation_rule", "rule_decided", version.rule, rule)])
        rule = version.rule
    _refuse(
        [
            Fault(f"container_types[{index}]", "unknown_reference", "one of " + ", ".join(known), repr(code))
            for index, code in enumerate(draft.container_types)
            if code not in known
        ]
    )
    return {
        "code": draft.code,
        "title": draft.title,
        "cut_off_at": draft.cut_off_at,
        "allocation_rule": rule,
        "container_types": list(draft.container_types),
        "settings": draft.settings.stored(),
    }


def _hold(actor: Actor, shipment_id: int, session: Session, *states: ShipmentState) -> PooledShipment:
    """Return a shipment that the actor manages, locked, in one of these states (none given: any)."""
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    lock(shipment, session)
    if states:
        _require(shipment, *states)
    return shipment


def _require(shipment: PooledShipment, *states: ShipmentState) -> None:
    if shipment.state not in states:
        raise StateError(f"shipment_not_{states[0].value}", {"state": shipment.state.value})


def _move(
    actor: Actor,
    shipment: PooledShipment,
    state: ShipmentState,
    action: str,
    session: Session,
    detail: dict[str, Any] | None = None,
) -> None:
    before, shipment.state = shipment.state, state
    session.add(shipment)
    _record(actor, shipment, action, {"state": [before.value, state.value], **(detail or {})}, session)


def _orders(order_ids: Sequence[int], consortium_id: int, session: Session) -> list[Order]:
    """Return the orders with these ids, locked, in the order given; all must be the consortium's."""
    found = {
        id_of(order): order
        for order in session.exec(
            select(Order).where(Order.consortium_id == consortium_id, col(Order.id).in_(list(order_ids)))
        )
    }
    for order_id in order_ids:
        if order_id not in found:
            raise NotFoundError("order", order_id)
    for order_id in sorted(found):
        lock(found[order_id], session)
    return [found[order_id] for order_id in order_ids]


def _orders_in(shipment_id: int, session: Session) -> list[Order]:
    return list(
        session.exec(
            select(Order)
            .join(ConsignmentRow, col(ConsignmentRow.order_id) == col(Order.id))
            .where(ConsignmentRow.shipment_id == shipment_id)
            .order_by(col(Order.id))
        )
    )


def _state_faults(orders: list[Order], names: list[str]) -> Iterator[Fault]:
    seen: set[int] = set()
    for order, name in zip(orders, names, strict=True):
        if id_of(order) in seen:
            yield Fault(name, "duplicate", "each order only once", order.code)
        seen.add(id_of(order))
        if order.state is not OrderState.ENTERED:
            yield Fault(name, f"order_{order.state.value}", "an order that is entered and in no shipment", order.code)


def _faults(
    orders: list[Order], names: list[str], shipment: PooledShipment, consortium: Consortium, session: Session
) -> Iterator[list[Fault]]:
    """Yield, order by order, why it cannot travel in the shipment."""
    departures = session.exec(select(DepartureRow).where(DepartureRow.consortium_id == consortium.id)).all()
    ids = [id_of(order) for order in orders]
    lines: dict[int, list[OrderLine]] = {}
    for line in session.exec(select(OrderLine).where(col(OrderLine.order_id).in_(ids)).order_by(col(OrderLine.id))):
        lines.setdefault(line.order_id, []).append(line)
    for order, name in zip(orders, names, strict=True):
        found = gather_faults(order, lines.get(id_of(order), []), shipment, consortium, departures)
        yield [Fault(f"{name}.{one.path}", one.code, one.expected, one.found) for one in found]


def _travelling(plan: dict[str, Any]) -> set[str]:
    """Return the consignments of a plan document of which something travels."""
    inside = {part["consignment"] for container in plan["containers"] for part in container["contents"]}
    return inside | {lot["consignment"] for mode in ("lcl", "postal") for lot in plan[mode]}
