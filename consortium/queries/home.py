"""What a viewer finds on arrival: counts by role, and figures in which no firm can be made out."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.models import DepartureRow, Member, Order, OrderState, PooledShipment, ShipmentState
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, may
from consortium.queries.members import view_of_consortium
from consortium.queries.orders import visible_firms
from consortium.queries.shipments import views_of_shipments
from consortium.queries.tariffs import view_of_departure
from consortium.reach import reach_consortium
from consortium.views import AggregateCell, AggregatesView, DepartureView, HomeView, ShipmentView

SMALLEST_GROUP = 3
"""Firms behind any figure that an agency sees: with two, each would read the other's from the sum."""

DEPARTURES_SHOWN = 5


@in_transaction
def home(actor: Actor, consortium_id: int, *, session: Session | None = None) -> HomeView:
    """Return what a viewer finds on arrival in a consortium.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    consortium = reach_consortium(actor, Action.SEE_CONSORTIUM, consortium_id, session)
    active = _active_members(consortium_id, session)
    orders = _visible_orders(actor, consortium_id, session)
    shipments = _shipments(actor, consortium_id, session)
    sees_members = may(actor, Action.SEE_MEMBERS, consortium_id)
    return HomeView(
        consortium=view_of_consortium(actor, consortium),
        members_active=active if sees_members else None,
        orders_by_state=Counter(order.state for order in orders),
        shipments_by_state=Counter(one.state for one in shipments),
        shipments=tuple(one for one in shipments if one.state is not ShipmentState.SETTLED),
        next_departures=_next_departures(actor, consortium_id, session),
        aggregates=aggregates_of(consortium_id, active, session)
        if may(actor, Action.SEE_AGGREGATES, consortium_id)
        else None,
    )


def _active_members(consortium_id: int, session: Session) -> int:
    today = utc_now().date()
    return len(
        session.exec(
            select(Member.id).where(
                Member.consortium_id == consortium_id,
                col(Member.joined_on) <= today,
                (col(Member.left_on).is_(None)) | (col(Member.left_on) > today),
            )
        ).all()
    )


def _visible_orders(actor: Actor, consortium_id: int, session: Session) -> Sequence[Order]:
    query = select(Order).where(Order.consortium_id == consortium_id)
    firms = visible_firms(actor, consortium_id)
    return session.exec(query if firms is None else query.where(col(Order.member_id).in_(firms))).all()


def _shipments(actor: Actor, consortium_id: int, session: Session) -> tuple[ShipmentView, ...]:
    if not may(actor, Action.SEE_SHIPMENTS, consortium_id):
        return ()
    found = session.exec(
        select(PooledShipment)
        .where(PooledShipment.consortium_id == consortium_id)
        .order_by(col(PooledShipment.cut_off_at), col(PooledShipment.id))
    ).all()
    return views_of_shipments(actor, found, session)


def _next_departures(actor: Actor, consortium_id: int, session: Session) -> tuple[DepartureView, ...]:
    if not may(actor, Action.SEE_DEPARTURES, consortium_id):
        return ()
    found = session.exec(
        select(DepartureRow)
        .where(DepartureRow.consortium_id == consortium_id, col(DepartureRow.cut_off) >= utc_now().date())
        .order_by(col(DepartureRow.cut_off), col(DepartureRow.code))
        .limit(DEPARTURES_SHOWN)
    )
    return tuple(view_of_departure(one) for one in found)


def aggregates_of(consortium_id: int, active: int, session: Session) -> AggregatesView:
    """Return the figures of a consortium; what fewer than `SMALLEST_GROUP` firms stand behind is None."""
    orders = session.exec(
        select(Order).where(Order.consortium_id == consortium_id, Order.state != OrderState.WITHDRAWN)
    ).all()
    left = session.exec(
        select(PooledShipment.id).where(
            PooledShipment.consortium_id == consortium_id,
            col(PooledShipment.state).in_((ShipmentState.SHIPPED, ShipmentState.SETTLED)),
        )
    ).all()
    everybody = len({order.member_id for order in orders}) >= SMALLEST_GROUP
    groups: dict[str, list[Order]] = {}
    for order in orders:
        groups.setdefault(order.destination[:2], []).append(order)
    shown = _shown(groups) if everybody else set()
    return AggregatesView(
        firms=active if active >= SMALLEST_GROUP else None,
        pooled_shipments=len(left) if everybody else None,
        all_orders=_cell("", orders, everybody),
        by_country=tuple(_cell(label, groups[label], label in shown) for label in sorted(groups)),
    )


def _shown(groups: dict[str, list[Order]]) -> set[str]:
    """Return the lines that may be shown: enough firms behind each, and behind what the hidden ones sum to.

    Total minus shown lines tells the sum of the hidden ones: as long as too few firms stand behind that sum, the
    shown line with the fewest firms is hidden too.
    """
    firms = {label: {order.member_id for order in orders} for label, orders in groups.items()}
    shown = {label for label, behind in firms.items() if len(behind) >= SMALLEST_GROUP}
    while shown and len(shown) < len(firms):
        hidden = set[int]().union(*(firms[label] for label in firms if label not in shown))
        if len(hidden) >= SMALLEST_GROUP:
            break
        shown.remove(min(shown, key=lambda label: (len(firms[label]), label)))
    return shown


def _cell(label: str, orders: Iterable[Order], shown: bool) -> AggregateCell:
    orders = list(orders)
    return AggregateCell(
        label=label,
        firms=len({order.member_id for order in orders}) if shown else None,
        orders=len(orders) if shown else None,
        volume_cm3=sum(order.volume_cm3 or 0 for order in orders) if shown else None,
        mass_g=sum(order.mass_g or 0 for order in orders) if shown else None,
        value_minor=sum(order.value_minor for order in orders) if shown else None,
    )
