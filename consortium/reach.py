"""How services and queries reach a record for an actor, without telling what else there is.

Three answers, always in this order, so that no id can be used to find out what exists:

1. `ForbiddenError` when nothing the actor is, anywhere, allows the action: it does not depend on the id.
2. `NotFoundError` when there is no such record, or none that the actor may see.
3. `ForbiddenError` when the actor sees it and may not do this to it.
"""

from sqlalchemy import update
from sqlmodel import Session, SQLModel

from consortium.errors import NotFoundError
from consortium.models import (
    ChargeRow,
    Consortium,
    DepartureRow,
    Member,
    Order,
    PooledShipment,
    Product,
    Role,
    RuleVersion,
    Tariff,
)
from consortium.permissions import ALLOWED, Action, Actor, ForbiddenError, authorise, may


def authorise_somewhere(actor: Actor, action: Action) -> None:
    """Raise `ForbiddenError` unless some role of the actor, in some consortium, allows the action."""
    if not any(action in ALLOWED[grant.role] for grant in actor.grants):
        raise ForbiddenError(action.value)


def own_members(actor: Actor, consortium_id: int) -> frozenset[int]:
    """Return the firms of a consortium that the actor acts for as a member."""
    return frozenset(
        grant.member_id
        for grant in actor.grants
        if grant.consortium_id == consortium_id and grant.role is Role.MEMBER and grant.member_id is not None
    )


def reach_consortium(actor: Actor, action: Action, consortium_id: int, session: Session) -> Consortium:
    """Return a consortium in which the actor may do this (for a member: with its own firm).

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    authorise_somewhere(actor, action)
    found = session.get(Consortium, consortium_id) if actor.roles_in(consortium_id) else None
    if found is None:
        raise NotFoundError("consortium", consortium_id)
    firms = own_members(actor, consortium_id)
    if not any(may(actor, action, consortium_id, firm) for firm in (None, *firms)):
        raise ForbiddenError(action.value)
    return found


def reach_member(actor: Actor, action: Action, member_id: int, session: Session) -> Member:
    """Return a firm for which the actor may do this; members see their own firm only."""
    authorise_somewhere(actor, action)
    found = session.get(Member, member_id)
    if found is None or not may(actor, Action.SEE_OWN_ORDERS, found.consortium_id, member_id):
        raise NotFoundError("member", member_id)
    authorise(actor, action, found.consortium_id, member_id)
    return found


def reach_product(actor: Actor, action: Action, product_id: int, session: Session) -> tuple[Product, Member]:
    """Return a product, with its firm, for which the actor may do this."""
    authorise_somewhere(actor, action)
    found = session.get(Product, product_id)
    owner = None if found is None else session.get_one(Member, found.member_id)
    if found is None or owner is None or not may(actor, Action.SEE_OWN_ORDERS, owner.consortium_id, owner.id):
        raise NotFoundError("product", product_id)
    authorise(actor, action, owner.consortium_id, owner.id)
    return found, owner


def reach_order(actor: Actor, action: Action, order_id: int, session: Session) -> Order:
    """Return an order with which the actor may do this; members see their own only."""
    authorise_somewhere(actor, action)
    found = session.get(Order, order_id)
    if found is None or not may(actor, Action.SEE_OWN_ORDERS, found.consortium_id, found.member_id):
        raise NotFoundError("order", order_id)
    authorise(actor, action, found.consortium_id, found.member_id)
    return found


def reach_shipment(actor: Actor, action: Action, shipment_id: int, session: Session) -> PooledShipment:
    """Return a pooled shipment with which the actor may do this."""
    authorise_somewhere(actor, action)
    found = session.get(PooledShipment, shipment_id)
    if found is None or not may(actor, Action.SEE_SHIPMENTS, found.consortium_id):
        raise NotFoundError("shipment", shipment_id)
    authorise(actor, action, found.consortium_id)
    return found


def reach_shares(actor: Actor, shipment_id: int, session: Session) -> tuple[PooledShipment, frozenset[int] | None]:
    """Return a pooled shipment, and the firms whose shares of its cost the actor may see: None for all of them."""
    authorise_somewhere(actor, Action.SEE_OWN_COST_SHARE)
    found = reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, session)
    if may(actor, Action.SEE_COST_SHARES, found.consortium_id):
        return found, None
    own = own_members(actor, found.consortium_id)
    if not own:
        raise ForbiddenError(Action.SEE_OWN_COST_SHARE.value)
    return found, own


def reach_departure(actor: Actor, action: Action, departure_id: int, session: Session) -> DepartureRow:
    """Return a departure with which the actor may do this."""
    authorise_somewhere(actor, action)
    found = session.get(DepartureRow, departure_id)
    if found is None or not may(actor, Action.SEE_DEPARTURES, found.consortium_id):
        raise NotFoundError("departure", departure_id)
    authorise(actor, action, found.consortium_id)
    return found


def reach_tariff(actor: Actor, action: Action, tariff_id: int, session: Session) -> Tariff:
    """Return a tariff with which the actor may do this."""
    authorise_somewhere(actor, action)
    found = session.get(Tariff, tariff_id)
    if found is None or not may(actor, Action.SEE_TARIFFS, found.consortium_id):
        raise NotFoundError("tariff", tariff_id)
    authorise(actor, action, found.consortium_id)
    return found


def reach_charge(actor: Actor, action: Action, charge_id: int, session: Session) -> tuple[ChargeRow, Tariff]:
    """Return a charge, with its tariff, with which the actor may do this."""
    authorise_somewhere(actor, action)
    found = session.get(ChargeRow, charge_id)
    tariff = None if found is None else session.get_one(Tariff, found.tariff_id)
    if found is None or tariff is None or not may(actor, Action.SEE_TARIFFS, tariff.consortium_id):
        raise NotFoundError("charge", charge_id)
    authorise(actor, action, tariff.consortium_id)
    return found, tariff


def reach_rule_version(actor: Actor, action: Action, version_id: int, session: Session) -> RuleVersion:
    """Return a recorded decision with which the actor may do this."""
    authorise_somewhere(actor, action)
    found = session.get(RuleVersion, version_id)
    if found is None or not may(actor, Action.SEE_RULES, found.consortium_id):
        raise NotFoundError("rule", version_id)
    authorise(actor, action, found.consortium_id)
    return found


def lock(record: SQLModel, session: Session) -> None:
    """Hold a record for this unit of work and read it afresh.

    An UPDATE that changes nothing takes the row's lock on PostgreSQL and the writer's lock on SQLite alike, so
    that what is checked next still holds at the commit. Shipments are locked before orders.
    """
    model = type(record)
    key = getattr(record, "id")  # noqa: B009 - every table has one; SQLModel itself does not say so
    session.exec(update(model).where(model.__table__.c.id == key).values(id=key))  # type: ignore[attr-defined]
    session.refresh(record)


def id_of(record: SQLModel) -> int:
    """Return the id of a stored record."""
    key = getattr(record, "id")  # noqa: B009 - every table has one; SQLModel itself does not say so
    assert isinstance(key, int), "the record is stored"
    return key
