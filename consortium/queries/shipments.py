"""Pooled shipments: whole for managers and auditors; for a member its own goods and nothing of a rival's."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.gathering import cut_off_day, is_past_cut_off
from consortium.models import ConsignmentRow, Consortium, DepartureRow, Order, PooledShipment
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor
from consortium.queries.orders import views_of_orders, visible_firms
from consortium.queries.tariffs import view_of_departure
from consortium.reach import id_of, reach_consortium, reach_shipment
from consortium.views import ConsignmentView, OrderView, ShipmentTotals, ShipmentView

OTHERS_BEHIND_A_TOTAL = 3
"""A member sees a total only when at least this many other firms stand behind it."""


@in_transaction
def shipments(actor: Actor, consortium_id: int, *, session: Session | None = None) -> tuple[ShipmentView, ...]:
    """Return the pooled shipments of a consortium, newest first.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_SHIPMENTS, consortium_id, session)
    found = session.exec(
        select(PooledShipment)
        .where(PooledShipment.consortium_id == consortium_id)
        .order_by(col(PooledShipment.id).desc())
    ).all()
    return views_of_shipments(actor, found, session)


@in_transaction
def shipment(actor: Actor, shipment_id: int, *, session: Session | None = None) -> ShipmentView:
    """Return one pooled shipment.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    return views_of_shipments(actor, [reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, session)], session)[0]


def views_of_shipments(actor: Actor, found: Sequence[PooledShipment], session: Session) -> tuple[ShipmentView, ...]:
    """Return shipments of one consortium as the actor sees them, in the order given."""
    if not found:
        return ()
    firms = visible_firms(actor, found[0].consortium_id)
    inside: dict[int, list[tuple[ConsignmentRow, Order]]] = {}
    rows = (
        select(ConsignmentRow, Order)
        .join(Order, col(ConsignmentRow.order_id) == col(Order.id))
        .where(col(ConsignmentRow.shipment_id).in_([id_of(one) for one in found]))
        .order_by(col(ConsignmentRow.id))
    )
    for row, order in session.exec(rows):
        inside.setdefault(row.shipment_id, []).append((row, order))
    visible = [order for rows in inside.values() for _, order in rows if firms is None or order.member_id in firms]
    views = {one.id: one for one in views_of_orders(visible, session)}
    departures = session.exec(
        select(DepartureRow)
        .where(DepartureRow.consortium_id == found[0].consortium_id)
        .order_by(col(DepartureRow.departure), col(DepartureRow.code))
    ).all()
    consortium = session.get_one(Consortium, found[0].consortium_id)
    return tuple(_view(one, consortium, inside.get(id_of(one), []), views, firms, departures) for one in found)


def _view(
    shipment: PooledShipment,
    consortium: Consortium,
    rows: list[tuple[ConsignmentRow, Order]],
    views: dict[int, OrderView],
    firms: frozenset[int] | None,
    departures: Sequence[DepartureRow],
) -> ShipmentView:
    consignments = tuple(
        ConsignmentView(id=id_of(row), gathered_at=row.gathered_at, order=views[row.order_id])
        for row, _ in rows
        if row.order_id in views
    )
    lanes = {(one.order.origin, one.order.destination) for one in consignments}
    cut_off = cut_off_day(shipment, consortium)
    return ShipmentView(
        id=id_of(shipment),
        consortium_id=shipment.consortium_id,
        code=shipment.code,
        title=shipment.title,
        cut_off_at=shipment.cut_off_at,
        is_past_cut_off=is_past_cut_off(shipment, utc_now()),
        state=shipment.state,
        allocation_rule=shipment.allocation_rule,
        container_types=tuple(shipment.container_types),
        settings=dict(shipment.settings),
        plan_id=shipment.plan_id,
        opened_at=shipment.opened_at,
        consignments=consignments,
        totals=_totals([order for _, order in rows], firms),
        departures=tuple(
            view_of_departure(one)
            for one in departures
            if (one.origin, one.destination) in lanes and one.cut_off >= cut_off
        ),
    )


def _totals(orders: Iterable[Order], firms: frozenset[int] | None) -> ShipmentTotals | None:
    """Return what a shipment holds; to a member only volume and mass, and only with enough others behind them."""
    orders = list(orders)
    behind = {order.member_id for order in orders}
    if firms is not None and len(behind - firms) < OTHERS_BEHIND_A_TOTAL:
        return None
    return ShipmentTotals(
        firms=len(behind) if firms is None else None,
        consignments=len(orders) if firms is None else None,
        volume_cm3=sum(order.volume_cm3 or 0 for order in orders),
        mass_g=sum(order.mass_g or 0 for order in orders),
    )
