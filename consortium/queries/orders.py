"""Orders: all of them for managers and auditors, its own for a member."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.gathering import can_change, gather_faults
from consortium.models import (
    ConsignmentRow,
    Consortium,
    DepartureRow,
    Member,
    Order,
    OrderLine,
    OrderState,
    PooledShipment,
)
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, may
from consortium.reach import id_of, own_members, reach_consortium, reach_order, reach_shipment
from consortium.views import OrderLineView, OrderView


@in_transaction
def orders(actor: Actor, consortium_id: int, *, session: Session | None = None) -> tuple[OrderView, ...]:
    """Return orders without their lines, newest first: all for a manager or an auditor, its own for a member.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_OWN_ORDERS, consortium_id, session)
    query = select(Order).where(Order.consortium_id == consortium_id)
    firms = visible_firms(actor, consortium_id)
    if firms is not None:
        query = query.where(col(Order.member_id).in_(firms))
    return views_of_orders(session.exec(query.order_by(col(Order.id).desc())).all(), session)


@in_transaction
def order(actor: Actor, order_id: int, *, session: Session | None = None) -> OrderView:
    """Return one order with its lines.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    found = reach_order(actor, Action.SEE_OWN_ORDERS, order_id, session)
    return views_of_orders([found], session, with_lines=True)[0]


@in_transaction
def gatherable_orders(actor: Actor, shipment_id: int, *, session: Session | None = None) -> tuple[OrderView, ...]:
    """Return the orders in no shipment that could travel in this one, by the day they are ready.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.SEE_ORDERS, shipment_id, session)
    return views_of_orders(waiting_orders(shipment, session), session)


def waiting_orders(shipment: PooledShipment, session: Session) -> list[Order]:
    """Return the orders in no shipment that could travel in this one, by the day they are ready."""
    consortium = session.get_one(Consortium, shipment.consortium_id)
    departures = session.exec(select(DepartureRow).where(DepartureRow.consortium_id == consortium.id)).all()
    waiting = session.exec(
        select(Order)
        .where(Order.consortium_id == consortium.id, Order.state == OrderState.ENTERED)
        .order_by(col(Order.ready_date), col(Order.id))
    ).all()
    lines = lines_by_order(waiting, session)
    return [
        one
        for one in waiting
        if not any(gather_faults(one, lines.get(id_of(one), []), shipment, consortium, departures))
    ]


def visible_firms(actor: Actor, consortium_id: int) -> frozenset[int] | None:
    """Return the firms whose orders the actor sees: None is all of them."""
    return None if may(actor, Action.SEE_ORDERS, consortium_id) else own_members(actor, consortium_id)


def lines_by_order(found: Iterable[Order], session: Session) -> dict[int, list[OrderLine]]:
    """Return the lines of orders by order id."""
    lines: dict[int, list[OrderLine]] = {}
    ids = [id_of(one) for one in found]
    for line in session.exec(select(OrderLine).where(col(OrderLine.order_id).in_(ids)).order_by(col(OrderLine.id))):
        lines.setdefault(line.order_id, []).append(line)
    return lines


def views_of_orders(found: Iterable[Order], session: Session, *, with_lines: bool = False) -> tuple[OrderView, ...]:
    """Return orders as views, with their firms and shipments, in the order given; three queries for all."""
    found = list(found)
    ids = [id_of(one) for one in found]
    firms = {
        id_of(one): one
        for one in session.exec(select(Member).where(col(Member.id).in_({one.member_id for one in found})))
    }
    shipments = {
        row.order_id: shipment
        for row, shipment in session.exec(
            select(ConsignmentRow, PooledShipment)
            .join(PooledShipment, col(ConsignmentRow.shipment_id) == col(PooledShipment.id))
            .where(col(ConsignmentRow.order_id).in_(ids))
        )
    }
    packages = dict(
        session.exec(
            select(OrderLine.order_id, func.sum(OrderLine.quantity))
            .where(col(OrderLine.order_id).in_(ids))
            .group_by(col(OrderLine.order_id))
        ).all()
    )
    lines = lines_by_order(found, session) if with_lines else {}
    now = utc_now()
    return tuple(
        _view(
            one,
            firms[one.member_id],
            shipments.get(id_of(one)),
            int(packages.get(id_of(one), 0)),
            tuple(_line(line) for line in lines.get(id_of(one), ())),
            now,
        )
        for one in found
    )


def _view(
    order: Order,
    member: Member,
    shipment: PooledShipment | None,
    packages: int,
    lines: tuple[OrderLineView, ...],
    now: datetime,
) -> OrderView:
    return OrderView(
        id=id_of(order),
        consortium_id=order.consortium_id,
        member_id=order.member_id,
        member_code=member.code,
        member_name=member.name,
        code=order.code,
        buyer=order.buyer,
        origin=order.origin,
        destination=order.destination,
        ready_date=order.ready_date,
        due_date=order.due_date,
        cargo_class=order.cargo_class,
        incoterm=order.incoterm,
        named_place=order.named_place,
        value_minor=order.value_minor,
        currency=order.currency,
        delay_cost_ppm_per_day=order.delay_cost_ppm_per_day,
        divisible=order.divisible,
        packages=packages,
        volume_cm3=order.volume_cm3 or 0,
        mass_g=order.mass_g or 0,
        state=order.state,
        note=order.note,
        entered_at=order.entered_at,
        shipment_id=None if shipment is None else shipment.id,
        shipment_code=None if shipment is None else shipment.code,
        can_change=can_change(order, shipment, now),
        lines=lines,
    )


def _line(line: OrderLine) -> OrderLineView:
    return OrderLineView(
        id=id_of(line),
        code=line.code,
        product_id=line.product_id,
        description=line.description,
        hs=line.hs,
        quantity=line.quantity,
        length_mm=line.length_mm,
        width_mm=line.width_mm,
        height_mm=line.height_mm,
        mass_g=line.mass_g,
        vertical=tuple(line.vertical),
        max_load_g=line.max_load_g,
    )
