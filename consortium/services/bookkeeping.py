"""What all services that write the books share: drafts become entries, the act is recorded with the chain's end."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from sqlmodel import Session

from consortium import ledger
from consortium.errors import Fault, InputError
from consortium.ledger import EntryDraft, Line, Written
from consortium.models import AccountKind, Consortium, LedgerAccount, Member
from consortium.permissions import Action, Actor
from consortium.rates import rate_on
from consortium.reach import reach_consortium
from consortium.services.audit import record
from optimizer.units import round_half_up


def open_books(consortium_id: int, actor: Actor, session: Session) -> Consortium:
    """Return a consortium whose books the actor keeps, held until the commit."""
    consortium = reach_consortium(actor, Action.KEEP_BOOKS, consortium_id, session)
    ledger.hold_books(consortium_id, session)
    return consortium


def book(
    consortium_id: int,
    actor: Actor,
    action: str,
    subject: str,
    drafts: Iterable[EntryDraft],
    detail: Mapping[str, Any],
    session: Session,
) -> list[Written]:
    """Write entries and record the act; the event names the last entry and its hash: each chain proves the other."""
    written = ledger.append(consortium_id, drafts, user_id=actor.user_id, session=session)
    told = {**detail, "entries": len(written)}
    if written:
        told["books"] = {"seq": written[-1].seq, "hash": written[-1].hash}
    record(actor, consortium_id, action, subject, told, session=session)
    return written


def difference(topic: str, targets: Mapping[int, int], consortium_id: int, session: Session) -> list[Line]:
    """Return the lines that bring what a topic has put into accounts to its targets; none where all is done."""
    done = ledger.posted_under(consortium_id, topic, session)
    wanted = {key: targets.get(key, 0) - done[key] for key in sorted({*targets, *done})}
    return [Line(key, amount) for key, amount in wanted.items() if amount]


def next_key(topic: str, consortium_id: int, session: Session) -> str:
    """Return the name of the next event of a topic; the books are held, so that nobody else has it."""
    return f"{topic}#{ledger.entries_under(consortium_id, topic, session) + 1}"


def member_account(consortium_id: int, kind: AccountKind, member_id: int, currency: str, session: Session) -> int:
    """Return an account of a firm of the consortium."""
    member = session.get(Member, member_id)
    if member is None or member.consortium_id != consortium_id:
        raise InputError([Fault("member_id", "unknown_reference", "a firm of the consortium", str(member_id))])
    return ledger.account(consortium_id, kind, str(member_id), currency, session=session, label=member.name)


def supplier_account(consortium_id: int, name: str, currency: str, session: Session) -> int:
    """Return the account of what a supplier is owed in one currency."""
    return ledger.account(consortium_id, AccountKind.SUPPLIER, name, currency, session=session, label=name)


def shipment_topic(shipment_id: int, part: str) -> str:
    """Return the topic of one part of a shipment's bookings: shares, invoices, entered or true-up."""
    return f"shipment/{shipment_id}/{part}"


def base_amount(account_id: int, amount_minor: int, consortium: Consortium, day: date, session: Session) -> int:
    """Return an amount of an account in the consortium's currency, by what the account holds now (`base_part`)."""
    row = session.get_one(LedgerAccount, account_id)
    if row.currency == consortium.currency:
        return amount_minor
    held = ledger.balances([account_id], session)[account_id]
    return base_part(row.currency, amount_minor, held, consortium, day, session)


def base_part(
    currency: str, amount_minor: int, held: tuple[int, int], consortium: Consortium, day: date, session: Session
) -> int:
    """Return an amount in the consortium's currency.

    What leaves a balance in a foreign currency takes its part of what that balance has cost; all of it takes all, so
    that an empty account is empty in both currencies. What comes in is taken at the rate of the day.

    Parameters
    ----------
    held
        Balance before, in the account's currency and in the consortium's.

    Raises
    ------
    InputError
        ``rate_missing`` when there is no rate to take it at.
    """
    if currency == consortium.currency:
        return amount_minor
    balance, base = held
    if balance * amount_minor < 0 and abs(amount_minor) <= abs(balance):
        return round_half_up(Fraction(base * amount_minor, balance))
    rate, _ = rate_on(consortium, currency, day, session)
    return round_half_up(amount_minor * rate)
