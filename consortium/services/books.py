"""The everyday of the books: calls for funds, invoices, payments, exchanges, reversals, closing a period.

Every act is one balanced entry (or none when it was booked before) and one event of the audit trail. The same
invoice, payment reference or call is never booked twice, also when two people book it at once.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from consortium import ledger
from consortium.books_drafts import CallDraft, Direction, ExchangeDraft, InvoiceDraft, PaymentDraft
from consortium.database import in_transaction, need
from consortium.errors import Fault, InputError, NotFoundError, StateError
from consortium.ledger import EntryDraft, Line
from consortium.models import (
    AccountKind,
    Consortium,
    EntryKind,
    LedgerAccount,
    LedgerEntry,
    Member,
    PeriodClose,
    PooledShipment,
    Posting,
)
from consortium.permissions import Actor
from consortium.rates import rate_on
from consortium.reach import id_of
from consortium.services.audit import record
from consortium.services.bookkeeping import (
    base_amount,
    book,
    member_account,
    open_books,
    shipment_topic,
    supplier_account,
)
from consortium.services.shipment_books import accrued_account, entered_invoices
from optimizer.units import round_half_up


@in_transaction
def call_for_funds(actor: Actor, consortium_id: int, draft: CallDraft, *, session: Session | None = None) -> int:
    """Ask members to pay ahead: each owes the amount, and has it to its credit as an advance.

    Returns
    -------
    int
        The number of the entry.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        ``duplicate`` for a code that was called before, ``unknown_reference`` for a member of another consortium.
    StateError
        ``period_closed``.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    source = f"call/{draft.code}"
    _refuse_known(source, consortium_id, "code", draft.code, session)
    lines: list[Line] = []
    for member_id, amount in draft.amounts_minor.items():
        owes, advance = (
            member_account(consortium_id, kind, member_id, consortium.currency, session)
            for kind in (AccountKind.MEMBER, AccountKind.ADVANCE)
        )
        lines += [Line(owes, amount), Line(advance, -amount)]
    entry = EntryDraft(
        kind=EntryKind.CALL,
        value_date=draft.value_date,
        due_on=draft.due_on,
        text=draft.text,
        lines=lines,
        topic=source,
        source_key=source,
        cites={"decision": draft.decision} if draft.decision else {},
    )
    detail = {"amount_minor": sum(draft.amounts_minor.values()), "members": len(draft.amounts_minor)}
    return book(consortium_id, actor, "call_for_funds", f"call {draft.code}", [entry], detail, session)[0].seq


@in_transaction
def apply_advances(actor: Actor, consortium_id: int, value_date: date, *, session: Session | None = None) -> int:
    """Set what members paid ahead against what shipments have charged them; where a charge fell, give it back.

    Returns
    -------
    int
        How many entries were written: one for each member for whom something changed.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``period_closed``.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    drafts = []
    query = select(LedgerAccount.id, LedgerAccount.member_id).where(  # type: ignore[call-overload]
        LedgerAccount.consortium_id == consortium_id,
        LedgerAccount.kind == AccountKind.ADVANCE.value,
        LedgerAccount.currency == consortium.currency,
    )
    for advance, member_id in session.execute(query.order_by(LedgerAccount.id)).all():
        owes = member_account(consortium_id, AccountKind.MEMBER, member_id, consortium.currency, session)
        charged = _posted_like(owes, "shipment/%", session)
        applied = -_posted_like(owes, f"advances/{member_id}", session)
        available = -ledger.balances([advance], session)[advance][0]
        amount = min(available, charged - applied)
        if amount:
            drafts.append(
                EntryDraft(
                    kind=EntryKind.ADVANCE,
                    value_date=value_date,
                    text="",
                    lines=[Line(advance, amount), Line(owes, -amount)],
                    topic=f"advances/{member_id}",
                )
            )
    return len(book(consortium_id, actor, "apply_advances", f"consortium {consortium.code}", drafts, {}, session))


@in_transaction
def record_invoice(actor: Actor, consortium_id: int, draft: InvoiceDraft, *, session: Session | None = None) -> int:
    """Book an invoice or a credit note of a supplier, once.

    Returns
    -------
    int
        The number of the entry.

    Raises
    ------
    ForbiddenError
    NotFoundError
        For a shipment that is not the consortium's.
    InputError
        ``duplicate`` for a number that this supplier has used, ``rate_missing``.
    StateError
        ``period_closed``; ``invoices_entered`` where the shipment has invoices on its own page: they are booked from
        there.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    source = f"invoice/{draft.supplier}/{draft.number}"
    _refuse_known(source, consortium_id, "number", draft.number, session)
    currency = draft.currency or consortium.currency
    supplier = supplier_account(consortium_id, draft.supplier, currency, session)
    against, topic = _object(draft, consortium, session)
    base, cites = _invoice_base(draft, currency, consortium, session)
    entry = EntryDraft(
        kind=EntryKind.INVOICE if currency == consortium.currency else EntryKind.EXCHANGE,
        value_date=draft.value_date,
        due_on=draft.due_on,
        text=draft.text or f"{draft.supplier} {draft.number}",
        lines=[Line(against, base), Line(supplier, -draft.amount_minor, -base)],
        topic=topic,
        source_key=source,
        cites={"supplier": draft.supplier, "invoice": draft.number, **cites},
    )
    detail = {"amount_minor": draft.amount_minor, "currency": currency}
    return book(consortium_id, actor, "record_invoice", f"invoice {draft.number}", [entry], detail, session)[0].seq


@in_transaction
def record_payment(actor: Actor, consortium_id: int, draft: PaymentDraft, *, session: Session | None = None) -> int:
    """Book money that came in or went out; what a rate gained or lost meanwhile goes to the exchange differences.

    Returns
    -------
    int
        The number of the entry.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        ``duplicate`` for a reference that was booked before, ``rate_missing``, ``missing`` where the bank counts
        another currency and its amount is not given.
    StateError
        ``period_closed``.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    source = f"payment/{draft.bank}/{draft.reference}" if draft.reference else None
    if source:
        _refuse_known(source, consortium_id, "reference", draft.reference, session)
    currency = draft.currency or consortium.currency
    bank_currency = draft.bank_currency or currency
    if bank_currency != currency and draft.bank_amount_minor is None:
        raise InputError([Fault("bank_amount_minor", "missing", "what the bank counted", "nothing")])
    sign = 1 if draft.direction is Direction.IN else -1
    bank = bank_account(consortium_id, draft.bank, bank_currency, session)
    if draft.member_id is not None:
        party = member_account(consortium_id, AccountKind.MEMBER, draft.member_id, currency, session)
        name = session.get_one(Member, draft.member_id).name
    else:
        party, name = supplier_account(consortium_id, draft.supplier, currency, session), draft.supplier
    bank_minor = sign * (draft.bank_amount_minor or draft.amount_minor)
    lines = _payment_lines(party, -sign * draft.amount_minor, bank, bank_minor, consortium, draft.value_date, session)
    entry = EntryDraft(
        kind=EntryKind.PAYMENT if currency == bank_currency and len(lines) == 2 else EntryKind.EXCHANGE,
        value_date=draft.value_date,
        text=draft.text or draft.reference or name,
        lines=lines,
        topic=f"payment/{party}",
        source_key=source,
        cites={"reference": draft.reference} if draft.reference else {},
    )
    detail = {"direction": draft.direction.value, "amount_minor": draft.amount_minor, "currency": currency}
    return book(consortium_id, actor, "record_payment", f"payment {draft.reference or name}", [entry], detail, session)[
        0
    ].seq


@in_transaction
def exchange_money(actor: Actor, consortium_id: int, draft: ExchangeDraft, *, session: Session | None = None) -> int:
    """Book money changed between bank accounts, both amounts as counted; what is gained or lost shows by itself.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        ``duplicate``, ``rate_missing``.
    StateError
        ``period_closed``.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    source = f"payment/{draft.from_bank}/{draft.reference}" if draft.reference else None
    if source:
        _refuse_known(source, consortium_id, "reference", draft.reference, session)
    given = bank_account(consortium_id, draft.from_bank, draft.from_currency, session)
    taken = bank_account(consortium_id, draft.to_bank, draft.to_currency, session)
    entry = EntryDraft(
        kind=EntryKind.EXCHANGE,
        value_date=draft.value_date,
        text=draft.text or f"{draft.from_currency} -> {draft.to_currency}",
        lines=_payment_lines(given, -draft.from_minor, taken, draft.to_minor, consortium, draft.value_date, session),
        topic="exchange",
        source_key=source,
    )
    detail = {"from": [draft.from_minor, draft.from_currency], "to": [draft.to_minor, draft.to_currency]}
    return book(consortium_id, actor, "exchange_money", f"payment {draft.reference}", [entry], detail, session)[0].seq


@in_transaction
def reverse_entry(
    actor: Actor, consortium_id: int, seq: int, value_date: date, reason: str, *, session: Session | None = None
) -> int:
    """Take an entry back by its mirror; the entry itself stays, and what it booked may be booked again in another way.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        ``missing`` without a reason.
    StateError
        ``entry_reversed``, ``entry_is_reversal``, ``period_closed``.
    """
    session = need(session)
    open_books(consortium_id, actor, session)
    if not reason.strip():
        raise InputError([Fault("reason", "missing", "a text that is not empty", "nothing")])
    entry = session.get(LedgerEntry, (consortium_id, seq))
    if entry is None:
        raise NotFoundError("entry", seq)
    if entry.reverses is not None:
        raise StateError("entry_is_reversal", {"entry": seq})
    known = select(LedgerEntry.seq).where(  # type: ignore[call-overload]
        LedgerEntry.consortium_id == consortium_id, LedgerEntry.reverses == seq
    )
    if session.execute(known).scalar() is not None:
        raise StateError("entry_reversed", {"entry": seq})
    postings = session.execute(
        select(Posting)
        .where(col(Posting.consortium_id) == consortium_id, col(Posting.seq) == seq)
        .order_by(col(Posting.line))
    ).scalars()
    draft = EntryDraft(
        kind=EntryKind.REVERSAL,
        value_date=value_date,
        text=reason.strip()[:500],
        lines=[Line(one.account_id, -one.amount_minor, -one.base_minor) for one in postings],
        topic=entry.topic,
        cites={"entry": seq, "hash": entry.hash},
        reverses=seq,
    )
    detail = {"reason": draft.text}
    return book(consortium_id, actor, "reverse_entry", f"entry {seq}", [draft], detail, session)[0].seq


@in_transaction
def close_period(actor: Actor, consortium_id: int, until: date, *, session: Session | None = None) -> None:
    """Close the books up to a day: no entry is dated on or before it from now on; corrections go into the open period.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``period_closed`` when it is closed up to that day or beyond already.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    before = ledger.closed_until(consortium_id, session)
    if before is not None and until <= before:
        raise StateError("period_closed", {"until": before, "found": until})
    session.add(PeriodClose(consortium_id=consortium_id, closed_until=until, user_id=actor.user_id or None))
    detail = {"closed_until": until.isoformat()}
    record(actor, consortium_id, "close_period", f"consortium {consortium.code}", detail, session=session)


def bank_account(consortium_id: int, name: str, currency: str, session: Session) -> int:
    """Return the account of the consortium at a bank."""
    return ledger.account(consortium_id, AccountKind.BANK, name, currency, session=session, label=name)


def _refuse_known(source: str, consortium_id: int, field: str, found: str, session: Session) -> None:
    query = select(LedgerEntry.seq).where(  # type: ignore[call-overload]
        LedgerEntry.consortium_id == consortium_id, LedgerEntry.source_key == source
    )
    if session.execute(query).scalar() is not None:
        raise InputError([Fault(field, "duplicate", "a code that is not used yet", repr(found))])


def _object(draft: InvoiceDraft, consortium: Consortium, session: Session) -> tuple[int, str]:
    """Return what an invoice is about: the account that it is set against, and the topic."""
    key = id_of(consortium)
    if draft.shipment_id is None:
        name = draft.expense
        found = ledger.account(key, AccountKind.EXPENSE, name, consortium.currency, session=session, label=name)
        return found, f"expense/{name}"
    shipment = session.get(PooledShipment, draft.shipment_id)
    if shipment is None or shipment.consortium_id != key:
        raise NotFoundError("shipment", draft.shipment_id)
    if entered_invoices(draft.shipment_id, session):
        raise StateError("invoices_entered", {"shipment": shipment.code})
    return accrued_account(shipment, consortium, session), shipment_topic(draft.shipment_id, "invoices")


def _invoice_base(
    draft: InvoiceDraft, currency: str, consortium: Consortium, session: Session
) -> tuple[int, Mapping[str, Any]]:
    if currency == consortium.currency:
        return draft.amount_minor, {}
    if draft.base_minor is not None:
        return draft.base_minor, {"both_amounts": True}
    rate, cites = rate_on(consortium, currency, draft.value_date, session)
    return round_half_up(draft.amount_minor * rate), {"rates": cites}


def _payment_lines(
    one: int, one_minor: int, other: int, other_minor: int, consortium: Consortium, day: date, session: Session
) -> list[Line]:
    """Return the lines between two accounts in any currencies.

    The account that gives takes its part of what its balance has cost. Where the other one receives in a foreign
    currency, that is what it costs now; otherwise the difference is a gain or loss of exchange.
    """
    key, home = id_of(consortium), consortium.currency
    first = base_amount(one, one_minor, consortium, day, session)
    balance, _ = ledger.balances([other], session)[other]
    receives = balance * other_minor >= 0
    if session.get_one(LedgerAccount, other).currency != home and receives:
        return [Line(one, one_minor, first), Line(other, other_minor, -first)]
    second = base_amount(other, other_minor, consortium, day, session)
    lines = [Line(one, one_minor, first), Line(other, other_minor, second)]
    if lost := -(first + second):
        account = ledger.account(key, AccountKind.EXCHANGE, "differences", home, session=session)
        lines.append(Line(account, lost, lost))
    return lines


def _posted_like(account_id: int, topic: str, session: Session) -> int:
    query = (
        select(func.coalesce(func.sum(Posting.amount_minor), 0))
        .join(
            LedgerEntry,
            (col(LedgerEntry.consortium_id) == Posting.consortium_id) & (col(LedgerEntry.seq) == Posting.seq),
        )
        .where(col(Posting.account_id) == account_id, col(LedgerEntry.topic).like(topic))
    )
    return int(session.execute(query).scalar_one())
