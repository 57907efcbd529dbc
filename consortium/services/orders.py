"""Orders and products: what members sell and in what it travels."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlmodel import Session, col, delete, select

from consortium.database import in_transaction, need
from consortium.draft_kinds import MAX_INTEGER
from consortium.drafts import OrderDraft, OrderLineDraft, ProductDraft
from consortium.errors import Fault, InputError, NotFoundError, StateError
from consortium.gathering import can_change, container_types_of, gather_faults, size_faults
from consortium.models import (
    ConsignmentRow,
    Consortium,
    DepartureRow,
    Member,
    Order,
    OrderLine,
    OrderState,
    PooledShipment,
    Product,
)
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor
from consortium.reach import (
    id_of,
    lock,
    own_members,
    reach_consortium,
    reach_member,
    reach_order,
    reach_product,
)
from consortium.services.audit import changes, record
from consortium.services.storing import store_unique
from optimizer.units import volume_cm3


@in_transaction
def enter_order(actor: Actor, consortium_id: int, draft: OrderDraft, *, session: Session | None = None) -> int:
    """Enter a buyer's order from a member.

    Parameters
    ----------
    actor
        The member's user, or a manager for any member.
    draft
        The order; its code is unique among the member's, its currency the consortium's.
    session
        Unit of work to join.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    StateError
        ``member_left``.
    """
    session = need(session)
    consortium = reach_consortium(actor, Action.ENTER_ORDERS, consortium_id, session)
    member = reach_member(actor, Action.ENTER_ORDERS, _member_id(actor, consortium_id, draft), session)
    if member.consortium_id != consortium_id:
        raise NotFoundError("member", id_of(member))
    if member.left_on is not None and member.left_on <= utc_now().date():
        raise StateError("member_left", {"left_on": member.left_on.isoformat()})
    order = Order(
        consortium_id=consortium_id,
        member_id=id_of(member),
        entered_by=actor.user_id or None,
        currency=consortium.currency,
        **_columns(draft),
    )
    lines = _checked_lines(order, draft, consortium, session)
    store_unique(order, "member_id", session=session)
    _store_lines(order, lines, session)
    record(actor, consortium_id, "enter_order", _name(order, member), draft.model_dump(mode="json"), session=session)
    return id_of(order)


@in_transaction
def change_order(actor: Actor, order_id: int, draft: OrderDraft, *, session: Session | None = None) -> None:
    """Change an order as a whole, lines included, until the shipment it is gathered in freezes.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        Also when the order is gathered and could no longer travel in its shipment.
    StateError
        ``order_cannot_change``.
    """
    session = need(session)
    order = reach_order(actor, Action.ENTER_ORDERS, order_id, session)
    shipment = _hold(order, session)
    consortium = session.get_one(Consortium, order.consortium_id)
    if draft.member_id not in (None, order.member_id):
        raise InputError([Fault("member_id", "wrong_key", "the firm stays the same", str(draft.member_id))])
    before = _as_json(order, _lines(order_id, session))
    order.sqlmodel_update(_columns(draft))
    lines = _checked_lines(order, draft, consortium, session)
    if shipment is not None:
        departures = session.exec(select(DepartureRow).where(DepartureRow.consortium_id == order.consortium_id)).all()
        _refuse(gather_faults(order, lines, shipment, consortium, departures))
    store_unique(order, "member_id", session=session)
    session.exec(delete(OrderLine).where(col(OrderLine.order_id) == order_id))
    _store_lines(order, lines, session)
    after = _as_json(order, lines)
    name = _name(order, session.get_one(Member, order.member_id))
    record(actor, order.consortium_id, "change_order", name, changes(before, after), session=session)


@in_transaction
def withdraw_order(actor: Actor, order_id: int, *, session: Session | None = None) -> None:
    """Withdraw an order; one that is gathered leaves its shipment, unless that is frozen.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``order_cannot_change``.
    """
    session = need(session)
    order = reach_order(actor, Action.ENTER_ORDERS, order_id, session)
    shipment = _hold(order, session)
    session.exec(delete(ConsignmentRow).where(col(ConsignmentRow.order_id) == order_id))
    order.state = OrderState.WITHDRAWN
    session.add(order)
    detail = {} if shipment is None else {"shipment": shipment.code}
    name = _name(order, session.get_one(Member, order.member_id))
    record(actor, order.consortium_id, "withdraw_order", name, detail, session=session)


@in_transaction
def register_product(actor: Actor, member_id: int, draft: ProductDraft, *, session: Session | None = None) -> int:
    """Register a product of a member; its code is unique among the member's.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    member = reach_member(actor, Action.ENTER_ORDERS, member_id, session)
    product = Product(member_id=member_id, **_product_columns(draft))
    store_unique(product, "member_id", session=session)
    record(
        actor,
        member.consortium_id,
        "register_product",
        f"product {member.code}/{product.code}",
        draft.model_dump(mode="json"),
        session=session,
    )
    return id_of(product)


@in_transaction
def change_product(actor: Actor, product_id: int, draft: ProductDraft, *, session: Session | None = None) -> None:
    """Change a product; orders already entered keep the sizes they were entered with.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    product, member = reach_product(actor, Action.ENTER_ORDERS, product_id, session)
    after = draft.model_dump(mode="json")
    before = product.model_dump(mode="json", include=set(after))
    product.sqlmodel_update(_product_columns(draft))
    store_unique(product, "member_id", session=session)
    record(
        actor,
        member.consortium_id,
        "change_product",
        f"product {member.code}/{product.code}",
        changes(before, after),
        session=session,
    )


def _refuse(faults: Iterable[Fault]) -> None:
    if found := list(faults):
        raise InputError(found)


def _name(order: Order, member: Member) -> str:
    return f"order {member.code}/{order.code}"


def _member_id(actor: Actor, consortium_id: int, draft: OrderDraft) -> int:
    """Return the firm an order is for: the one named, else the only one the actor acts for."""
    if draft.member_id is not None:
        return draft.member_id
    own = own_members(actor, consortium_id)
    if len(own) != 1:
        raise InputError([Fault("member_id", "missing", "the firm whose order it is", "nothing")])
    return next(iter(own))


def _hold(order: Order, session: Session) -> PooledShipment | None:
    """Lock an order, and the shipment it is gathered in before it; return that shipment."""
    query = (
        select(PooledShipment)
        .join(ConsignmentRow, col(ConsignmentRow.shipment_id) == col(PooledShipment.id))
        .where(ConsignmentRow.order_id == order.id)
    )
    shipment = session.exec(query).first()
    if shipment is not None:
        lock(shipment, session)
    lock(order, session)
    gathered_in = session.exec(query).first()
    if gathered_in is not shipment or not can_change(order, shipment, utc_now()):
        where = {"shipment": gathered_in.code, "shipment_state": gathered_in.state.value} if gathered_in else {}
        raise StateError("order_cannot_change", {"state": order.state.value, **where})
    return shipment


def _columns(draft: OrderDraft) -> dict[str, Any]:
    """Return what an order's row takes from a draft; the totals of lines come later."""
    return draft.model_dump(exclude={"member_id", "currency", "lines"})


def _product_columns(draft: ProductDraft) -> dict[str, Any]:
    return draft.model_dump() | {"vertical": list(draft.vertical)}


def _checked_lines(order: Order, draft: OrderDraft, consortium: Consortium, session: Session) -> list[OrderLine]:
    """Return an order's lines, with what they leave to their products filled in, and set the order's totals by them."""
    faults: list[Fault] = []
    if draft.currency not in (None, consortium.currency):
        faults.append(Fault("currency", "currency_mismatch", consortium.currency, str(draft.currency)))
    classes = sorted({name for kind in container_types_of() for name in kind.cargo_classes})
    if order.cargo_class not in classes:
        faults.append(Fault("cargo_class", "unknown_value", "one of " + ", ".join(classes), repr(order.cargo_class)))
    products = _products(order.member_id, draft.lines, session)
    lines: list[OrderLine] = []
    for index, line in enumerate(draft.lines):
        product = products.get(line.product_id or 0)
        if line.product_id is not None and product is None:
            found = str(line.product_id)
            faults.append(Fault(f"lines[{index}].product_id", "unknown_reference", "a product of the member", found))
        elif product is not None and product.cargo_class != order.cargo_class:
            expected = f"{product.cargo_class}, the class of product {product.code}"
            faults.append(Fault("cargo_class", "class_mismatch", expected, order.cargo_class))
        else:
            lines.append(_line(index + 1, line, product))
    _refuse(faults)
    if lines:
        order.volume_cm3 = max(1, volume_cm3(sum(_line_volume_mm3(line) for line in lines)))
        order.mass_g = sum(line.quantity * line.mass_g for line in lines)
    _refuse((*_total_faults(order), *size_faults(order, lines, container_types_of())))
    return lines


def _products(member_id: int, lines: Sequence[OrderLineDraft], session: Session) -> dict[int, Product]:
    wanted = {line.product_id for line in lines if line.product_id is not None}
    if not wanted:
        return {}
    with session.no_autoflush:
        found = session.exec(select(Product).where(Product.member_id == member_id, col(Product.id).in_(wanted))).all()
    return {id_of(one): one for one in found}


def _line(number: int, draft: OrderLineDraft, product: Product | None) -> OrderLine:
    """Return a line whose sizes are the draft's where it gives them, the product's otherwise."""

    sizes = (
        (product.package_length_mm, product.package_width_mm, product.package_height_mm, product.package_mass_g)
        if product
        else (0, 0, 0, 0)  # a draft without a product has its sizes
    )
    return OrderLine(
        order_id=0,
        code=draft.code or str(number),
        product_id=draft.product_id,
        description=draft.description or (product.name if product else ""),
        hs=draft.hs or (product.hs if product else ""),
        quantity=draft.quantity,
        length_mm=draft.length_mm or sizes[0],
        width_mm=draft.width_mm or sizes[1],
        height_mm=draft.height_mm or sizes[2],
        mass_g=draft.mass_g or sizes[3],
        vertical=list(draft.vertical or (product.vertical if product else ("height",))),
        max_load_g=draft.max_load_g if draft.max_load_g is not None or product is None else product.max_load_g,
    )


def _line_volume_mm3(line: OrderLine) -> int:
    return line.quantity * line.length_mm * line.width_mm * line.height_mm


def _total_faults(order: Order) -> Iterator[Fault]:
    for name, total in (("volume_cm3", order.volume_cm3), ("mass_g", order.mass_g)):
        if total is None or total > MAX_INTEGER:
            yield Fault(name, "out_of_range", f"integer <= {MAX_INTEGER}", str(total))


def _store_lines(order: Order, lines: list[OrderLine], session: Session) -> None:
    for line in lines:
        line.order_id = id_of(order)
        session.add(line)
    session.flush()


def _lines(order_id: int, session: Session) -> list[OrderLine]:
    return list(session.exec(select(OrderLine).where(OrderLine.order_id == order_id).order_by(col(OrderLine.id))))


def _as_json(order: Order, lines: Iterable[OrderLine]) -> dict[str, Any]:
    """Return an order as the audit trail compares it."""
    values = order.model_dump(mode="json", exclude={"id", "entered_at", "entered_by", "state"})
    return values | {"lines": [line.model_dump(mode="json", exclude={"id", "order_id"}) for line in lines]}
