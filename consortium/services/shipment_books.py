"""From an agreed plan to the books: each member owes its share, and once the invoices are in, only the difference.

A plan's cost holds what waiting costs (`delay_costs`): nobody sends an invoice for it, the firm that waits has borne
it already. So a member owes its share without its own waiting, and together members owe what carriers will charge.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from consortium import ledger
from consortium.chains import digest_of
from consortium.database import in_transaction, need
from consortium.errors import StateError
from consortium.formats.canonical import sha256
from consortium.ledger import EntryDraft, Line
from consortium.models import (
    AccountKind,
    CarrierInvoice,
    CarrierInvoiceLine,
    Consortium,
    CostDelta,
    CostShare,
    EntryKind,
    Member,
    PooledShipment,
    ShipmentState,
    StoredPlan,
)
from consortium.permissions import Action, Actor
from consortium.reach import id_of, lock, reach_shipment
from consortium.services.bookkeeping import (
    book,
    difference,
    member_account,
    next_key,
    open_books,
    shipment_topic,
    supplier_account,
)
from optimizer.apportion import apportion

POSTABLE = (ShipmentState.AGREED, ShipmentState.SHIPPED, ShipmentState.SETTLED)
"""States in which a shipment has an agreed plan."""


@in_transaction
def post_shares(actor: Actor, shipment_id: int, value_date: date, *, session: Session | None = None) -> int:
    """Post what each member owes under the agreed plan; under another plan than before only the difference.

    Returns
    -------
    int
        How many entries were written: 1, or 0 when the books hold these shares already.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_agreed``, ``period_closed``.
    """
    shipment, plan, session = _agreed(actor, shipment_id, need(session))
    consortium = session.get_one(Consortium, shipment.consortium_id)
    targets = _in_accounts(_owed(plan, session), shipment, consortium, session)
    topic = shipment_topic(shipment_id, "shares")
    return _post(actor, EntryKind.SHARES, topic, targets, shipment, plan, value_date, session)


@in_transaction
def true_up(actor: Actor, shipment_id: int, value_date: date, *, session: Session | None = None) -> int:
    """Post the difference between what was invoiced and what was planned.

    Invoices that were entered for the shipment (`consortium.services.invoices`) are booked here, and so is what they
    change for each member by the rule that shared the plan. Invoices that stand in the books alone are shared in
    proportion to the cost shares. Only what changed is posted, so that odd cents never depend on how many invoices
    there were.

    Returns
    -------
    int
        How many entries were written: 0 when nothing has changed, 1 for the members, 1 for each entered invoice.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_agreed``, ``nothing_invoiced``, ``period_closed``.
    """
    shipment, plan, session = _agreed(actor, shipment_id, need(session))
    consortium = session.get_one(Consortium, shipment.consortium_id)
    topic = shipment_topic(shipment_id, "true-up")
    if invoices := entered_invoices(shipment_id, session):
        booked = _book_entered(actor, shipment, consortium, invoices, value_date, session)
        targets = _in_accounts(_entered_differences(invoices, session), shipment, consortium, session)
        return booked + _post(actor, EntryKind.TRUE_UP, topic, targets, shipment, plan, value_date, session)
    accrued = accrued_account(shipment, consortium, session)
    key = shipment.consortium_id
    if not ledger.entries_under(key, shipment_topic(shipment_id, "invoices"), session):
        raise StateError("nothing_invoiced", {"shipment": shipment.code})
    invoiced = ledger.posted_under(key, shipment_topic(shipment_id, "invoices"), session)[accrued]
    planned = -ledger.posted_under(key, shipment_topic(shipment_id, "shares"), session)[accrued]
    targets = _in_accounts(
        _difference_shares(invoiced - planned, _shares(plan, session), shipment.code), shipment, consortium, session
    )
    return _post(actor, EntryKind.TRUE_UP, topic, targets, shipment, plan, value_date, session)


def entered_invoices(shipment_id: int, session: Session) -> list[CarrierInvoice]:
    """Return the invoices that were entered for the plan in force of a shipment, in their order."""
    query = (
        select(CarrierInvoice)
        .join(PooledShipment, col(PooledShipment.plan_id) == col(CarrierInvoice.plan_id))
        .where(PooledShipment.id == shipment_id, CarrierInvoice.shipment_id == shipment_id)
        .order_by(col(CarrierInvoice.number))
    )
    return list(session.exec(query))


def _book_entered(
    actor: Actor,
    shipment: PooledShipment,
    consortium: Consortium,
    invoices: Sequence[CarrierInvoice],
    value_date: date,
    session: Session,
) -> int:
    """Book what suppliers are owed by entered invoices, each once; a corrected one takes back the one it replaces."""
    topic = shipment_topic(id_of(shipment), "entered")
    by_id = {one.id: one for one in invoices}
    drafts = []
    for one in invoices[ledger.entries_under(shipment.consortium_id, topic, session) :]:
        replaced = by_id.get(one.replaces_id)
        lines = [
            *_supplier_lines(one, 1, shipment, consortium, session),
            *(() if replaced is None else _supplier_lines(replaced, -1, shipment, consortium, session)),
        ]
        foreign = {one.currency, replaced.currency if replaced else one.currency} != {consortium.currency}
        drafts.append(
            EntryDraft(
                kind=EntryKind.EXCHANGE if foreign else EntryKind.INVOICE,
                value_date=value_date,
                text=" ".join((one.supplier, one.reference)).strip(),
                lines=lines,
                topic=topic,
                source_key=f"{topic}#{one.number}",
                cites={"supplier": one.supplier, "invoice": one.reference, "entered": id_of(one)},
            )
        )
    detail = {"invoices": [str(draft.cites["entered"]) for draft in drafts]}
    if not drafts:
        return 0
    key = shipment.consortium_id
    return len(book(key, actor, "record_invoice", f"shipment {shipment.code}", drafts, detail, session))


def _supplier_lines(
    invoice: CarrierInvoice, sign: int, shipment: PooledShipment, consortium: Consortium, session: Session
) -> list[Line]:
    query = select(func.sum(CarrierInvoiceLine.amount_minor)).where(CarrierInvoiceLine.invoice_id == invoice.id)
    amount, base = sign * int(session.exec(query).one()), sign * invoice.booked_minor
    name = invoice.supplier or shipment.code
    supplier = supplier_account(shipment.consortium_id, name, invoice.currency, session)
    return [Line(accrued_account(shipment, consortium, session), base), Line(supplier, -amount, -base)]


def _entered_differences(invoices: Sequence[CarrierInvoice], session: Session) -> Counter[tuple[AccountKind, int]]:
    """Return what entered invoices have changed for each member and its buyers since the plan was agreed."""
    found: Counter[tuple[AccountKind, int]] = Counter()
    query = select(CostDelta).where(col(CostDelta.invoice_id).in_([one.id for one in invoices]))
    for one in session.exec(query):
        found[AccountKind.MEMBER, one.member_id] += one.pays_minor
        found[AccountKind.BUYERS, one.member_id] += one.buyers_pay_minor
    return found


def _agreed(actor: Actor, shipment_id: int, session: Session) -> tuple[PooledShipment, StoredPlan, Session]:
    shipment = reach_shipment(actor, Action.KEEP_BOOKS, shipment_id, session)
    lock(shipment, session)
    if shipment.state not in POSTABLE:
        raise StateError("shipment_not_agreed", {"state": shipment.state.value})
    open_books(shipment.consortium_id, actor, session)
    return shipment, session.get_one(StoredPlan, shipment.plan_id), session


def _shares(plan: StoredPlan, session: Session) -> list[CostShare]:
    query = select(CostShare).where(CostShare.plan_id == plan.id).order_by(CostShare.member_id)  # type: ignore[arg-type]
    return list(session.exec(query))


def _owed(plan: StoredPlan, session: Session) -> dict[tuple[AccountKind, int], int]:
    """Return what each member, and its buyers, are to pay: the share without what waiting has cost the firm itself."""
    member_of = {one["id"]: one["member"] for one in plan.problem["consignments"]}
    waited: Counter[str] = Counter()
    for delay in plan.plan["delay_costs"]:
        waited[member_of[delay["consignment"]]] += delay["amount_minor"]
    owed = {}
    for share in _shares(plan, session):
        code = session.get_one(Member, share.member_id).code
        owed[AccountKind.MEMBER, share.member_id] = share.pays_minor - waited[code]
        owed[AccountKind.BUYERS, share.member_id] = share.buyers_pay_minor
    return owed


def _difference_shares(
    difference_minor: int, shares: list[CostShare], tie_key: str
) -> dict[tuple[AccountKind, int], int]:
    """Share a difference in proportion to the cost shares, within a member as the share itself is split."""
    weights = {str(one.member_id): max(0, one.cost_share_minor) for one in shares}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    parts = apportion(difference_minor, weights, tie_key=f"{tie_key}|true-up")
    found = {}
    for one in shares:
        sides = {"member": max(0, one.pays_minor), "buyers": max(0, one.buyers_pay_minor)}
        if not any(sides.values()):
            sides["member"] = 1
        split = apportion(parts[str(one.member_id)], sides, tie_key=f"{tie_key}|{one.member_id}")
        found[AccountKind.MEMBER, one.member_id] = split["member"]
        found[AccountKind.BUYERS, one.member_id] = split["buyers"]
    return found


def _in_accounts(
    amounts: Mapping[tuple[AccountKind, int], int], shipment: PooledShipment, consortium: Consortium, session: Session
) -> dict[int, int]:
    """Return account -> amount, with what carriers are to charge against it."""
    key, currency = shipment.consortium_id, consortium.currency
    found = {
        member_account(key, kind, member, currency, session): amount
        for (kind, member), amount in amounts.items()
        if amount
    }
    accrued = accrued_account(shipment, consortium, session)
    return {**found, accrued: -sum(found.values())}


def accrued_account(shipment: PooledShipment, consortium: Consortium, session: Session) -> int:
    """Return the account of what a shipment is to cost and is not invoiced yet."""
    return ledger.account(
        shipment.consortium_id,
        AccountKind.ACCRUED,
        f"shipment-{id_of(shipment)}",
        consortium.currency,
        session=session,
        label=shipment.code,
    )


def _post(
    actor: Actor,
    kind: EntryKind,
    topic: str,
    targets: Mapping[int, int],
    shipment: PooledShipment,
    plan: StoredPlan,
    value_date: date,
    session: Session,
) -> int:
    key = shipment.consortium_id
    lines = difference(topic, targets, key, session)
    cites = _cites(shipment, plan, session)
    drafts = [
        EntryDraft(
            kind=kind,
            value_date=value_date,
            text=shipment.code,
            lines=lines,
            topic=topic,
            source_key=next_key(topic, key, session),
            cites=cites,
        )
    ]
    action = "post_shares" if kind is EntryKind.SHARES else "true_up"
    written = book(key, actor, action, f"shipment {shipment.code}", drafts if lines else [], cites, session)
    return len(written)


def _cites(shipment: PooledShipment, plan: StoredPlan, session: Session) -> dict[str, Any]:
    """Return what the entry rests on, by hashes that the judge of the books computes again."""
    shares = [
        [one.member_id, one.cost_share_minor, one.pays_minor, one.buyers_pay_minor] for one in _shares(plan, session)
    ]
    return {
        "shipment": id_of(shipment),
        "plan": id_of(plan),
        "plan_sha256": sha256(plan.plan),
        "shares_sha256": digest_of(shares),  # type: ignore[arg-type]
        "rule": plan.allocation.get("rule", shipment.allocation_rule),
        "verdict": plan.certificate.get("verdict", ""),
    }
