"""What carriers and agents billed for an agreed shipment: only the difference from the estimate is shared.

Each invoice is the next version of what the shipment costs; nothing is edited. A corrected invoice names the one that
it replaces, and what is posted is the step from the last version.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from sqlmodel import Session

from consortium import ledger
from consortium.database import in_transaction, need
from consortium.drafts_rules import InvoiceDraft, InvoiceLineDraft
from consortium.errors import Fault, InputError, NotFoundError, StateError
from consortium.models import CarrierInvoice, CarrierInvoiceLine, Consortium, CostDelta, PooledShipment
from consortium.permissions import Action, Actor
from consortium.reach import id_of, lock, reach_shipment
from consortium.services.answers import AGREED
from consortium.services.audit import record
from consortium.services.bookkeeping import shipment_topic
from consortium.services.running import JudgedError
from consortium.true_ups import Books, books_of, class_of_code
from optimizer.allocation.true_up import steps
from optimizer.apportion import round_shares
from optimizer.checking_true_up import check_steps, check_true_up
from optimizer.problem import AllocationKey
from optimizer.problem_sharing import EVENTS, ChargeClass
from optimizer.result_true_up import SlotTrueUp, TrueUp

Steps = dict[str, tuple[int, int]]


@in_transaction
def enter_invoice(actor: Actor, shipment_id: int, draft: InvoiceDraft, *, session: Session | None = None) -> int:
    """Enter an invoice for an agreed shipment and post to each member what it changes for it.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        With the path of each line whose charge or cause is unknown, missing, or against the rule in force.
    StateError
        ``shipment_not_agreed``, ``plan_without_shares``; ``invoice_replaced`` when another one replaced it already;
        ``invoices_booked`` when invoices of the shipment stand in the books alone.
    JudgedError
        When the judge does not accept how the difference is shared: nothing is stored.
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    lock(shipment, session)
    if shipment.state not in AGREED:
        raise StateError("shipment_not_agreed", {"state": shipment.state.value})
    if ledger.entries_under(shipment.consortium_id, shipment_topic(shipment_id, "invoices"), session):
        raise StateError("invoices_booked", {"shipment": shipment.code})
    books = books_of(shipment, session=session)
    if books is None:
        raise StateError("plan_without_shares", {"plan": shipment.plan_id})
    home = session.get_one(Consortium, shipment.consortium_id).currency
    replaced = _replaced(books, draft)
    faults = [*_head_faults(books, draft, home, replaced), *_line_faults(books, draft)]
    if faults:
        raise InputError(faults)
    number = max((one.number for one in books.invoices), default=0) + 1
    lines = _lines(books, draft)
    before = books.true_up(books.amounts(books.standing()))
    amounts = [
        *books.amounts(books.standing(without=None if replaced is None else replaced.id)),
        *books.amounts_of(lines, number),
    ]
    after = books.true_up(amounts)
    moved = steps(before, after)
    if violations := (*check_true_up(after, amounts), *check_steps(before, after, moved)):
        raise JudgedError(violations)
    invoice = CarrierInvoice(
        shipment_id=shipment_id,
        plan_id=books.plan_id,
        number=number,
        booked_minor=sum(line.booked_minor for line in lines),
        replaces_id=None if replaced is None else replaced.id,
        entered_by=actor.user_id or None,
        **draft.model_dump(include={"supplier", "reference", "invoice_date", "currency", "note"}),
    )
    session.add(invoice)
    session.flush()
    for line in lines:
        line.invoice_id = id_of(invoice)
        session.add(line)
    _post(books, id_of(invoice), before, after, moved, session)
    _tell(actor, shipment, invoice, moved, session)
    return id_of(invoice)


def _replaced(books: Books, draft: InvoiceDraft) -> CarrierInvoice | None:
    """Return the invoice that a corrected one replaces."""
    if draft.replaces is None:
        return None
    found = next((one for one in books.invoices if one.number == draft.replaces), None)
    if found is None:
        raise NotFoundError("invoice", draft.replaces)
    if found not in books.standing():
        raise StateError("invoice_replaced", {"number": draft.replaces})
    return found


def _head_faults(books: Books, draft: InvoiceDraft, home: str, replaced: CarrierInvoice | None) -> Iterator[Fault]:
    same = [
        one
        for one in books.standing(without=None if replaced is None else replaced.id)
        if (one.supplier, one.reference) == (draft.supplier, draft.reference)
    ]
    if same:
        yield Fault("reference", "duplicate", "an invoice that is not entered yet", repr(draft.reference))
    total = sum(line.amount_minor for line in draft.invoice_lines)
    if draft.currency != home:
        if draft.booked_minor is None:
            yield Fault("booked_minor", "missing", f"the sum in {home}", "nothing")
        elif not total and draft.booked_minor:
            yield Fault("booked_minor", "out_of_range", "integer 0", str(draft.booked_minor))
    elif draft.booked_minor not in (None, total):
        yield Fault("booked_minor", "out_of_range", f"integer {total}", str(draft.booked_minor))


def _line_faults(books: Books, draft: InvoiceDraft) -> Iterator[Fault]:
    """Yield what is wrong with each line; the rule in force decides whether it needs a cause or may have one."""
    codes = {one.code: one for one in books.problem.charges}
    for index, line in enumerate(draft.invoice_lines):
        path = f"invoice_lines[{index}]"
        if line.charge_code and line.charge_code not in codes:
            yield Fault(f"{path}.charge_code", "unknown", "a charge of the shipment", repr(line.charge_code))
            continue
        yield from (
            Fault(f"{path}.causes", "unknown", "a firm that takes part in the shipment", repr(code))
            for code in line.causes
            if code not in books.members
        )
        charge = codes.get(line.charge_code)
        key = books.estimate.terms.key_of(_class(books, line)) if charge is None else charge.allocation_key
        if key is AllocationKey.DIRECT and not line.causes:
            yield Fault(f"{path}.causes", "cause_needed", "a firm that takes part in the shipment", "nothing")
        if line.causes and charge is None and _class(books, line) in EVENTS and key is not AllocationKey.DIRECT:
            yield Fault(f"{path}.causes", "cause_shared", "nothing", ", ".join(line.causes))


def _class(books: Books, line: InvoiceLineDraft) -> ChargeClass:
    found = class_of_code(books.problem, line.charge_code) if line.charge_code else line.charge_class
    return ChargeClass(found or ChargeClass.OTHER)


def _lines(books: Books, draft: InvoiceDraft) -> list[CarrierInvoiceLine]:
    """Return the lines as they are stored; a sum booked in another currency is split in proportion to the amounts."""
    amounts = {str(index): line.amount_minor for index, line in enumerate(draft.invoice_lines)}
    total = sum(amounts.values())
    booked = amounts
    if draft.booked_minor is not None and draft.booked_minor != total:
        exact = {name: Fraction(minor * draft.booked_minor, total) for name, minor in amounts.items()}
        booked = round_shares(exact, draft.booked_minor, tie_key=draft.reference)
    return [
        CarrierInvoiceLine(
            invoice_id=0,
            position=index,
            charge_class=_class(books, line).value,
            charge_code=line.charge_code,
            description=line.description,
            amount_minor=line.amount_minor,
            booked_minor=booked[str(index)],
            causes=list(line.causes),
            closes=line.closes,
        )
        for index, line in enumerate(draft.invoice_lines)
    ]


def _post(books: Books, invoice_id: int, before: TrueUp, after: TrueUp, moved: Steps, session: Session) -> None:
    """Store one record for each member for whom something changes: no change, no record."""
    earlier = {one.slot.id: one for one in before.slots}
    for code, (step, own) in moved.items():
        session.add(
            CostDelta(
                invoice_id=invoice_id,
                member_id=id_of(books.members[code]),
                delta_minor=step,
                pays_minor=own,
                buyers_pay_minor=step - own,
                share_minor=books.shares[code].cost_share_minor + after.deltas[code],
                why=[
                    _reason(one, code, moved_minor)
                    for one in after.slots
                    if (moved_minor := one.parts.get(code, 0) - _part(earlier.get(one.slot.id), code))
                ],
            )
        )


def _part(slot: SlotTrueUp | None, member: str) -> int:
    return 0 if slot is None else slot.parts.get(member, 0)


def _reason(one: SlotTrueUp, member: str, moved_minor: int) -> dict[str, Any]:
    """Return the numbers behind what a slot changes for a member, as plain values."""
    whole = sum(one.slot.weights.values(), start=Fraction(0))
    return {
        "class": one.slot.id.charge_class,
        "code": one.slot.id.code,
        "key": one.slot.key.value,
        "own": bool(one.slot.id.member),
        "estimate_minor": one.slot.estimate_minor,
        "actual_minor": one.actual_minor,
        "weight": str(one.slot.weights[member] / whole),
        "sharers": sum(bool(weight) for weight in one.slot.weights.values()),
        "part_minor": one.parts[member],
        "step_minor": moved_minor,
    }


def _tell(actor: Actor, shipment: PooledShipment, invoice: CarrierInvoice, moved: Steps, session: Session) -> None:
    detail = {
        "invoice": invoice.number,
        "reference": invoice.reference,
        "booked_minor": invoice.booked_minor,
        "posted_minor": sum(step for step, _ in moved.values()),
    }
    record(actor, shipment.consortium_id, "enter_invoice", f"shipment {shipment.code}", detail, session=session)
