"""Settling: members pay what they owe and get what they are owed, through the consortium or with the fewest transfers.

A settlement is worked out from the balances of the moment until its first transfer is executed. That transfer's entry
cites the whole plan, and from then on the plan is that one: executing one transfer never changes the others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session, col, select

from consortium import ledger
from consortium.database import in_transaction, need
from consortium.errors import NotFoundError, StateError
from consortium.ledger import EntryDraft, Line
from consortium.models import AccountKind, Consortium, EntryKind, LedgerAccount, LedgerEntry
from consortium.permissions import Action, Actor
from consortium.reach import id_of, reach_consortium
from consortium.services.bookkeeping import book, next_key, open_books
from consortium.services.books import bank_account
from consortium.settling import Transfer, fewest_transfers, through_the_consortium

CONSORTIUM = 0
"""The id that stands for the consortium as a party of transfers."""


class Way(StrEnum):
    """How members settle."""

    CONSORTIUM = "consortium"
    FEWEST = "fewest"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTransfer:
    """One transfer of a settlement; `CONSORTIUM` is the consortium. `is_done`: it is in the books."""

    number: int
    payer: int
    payee: int
    amount_minor: int
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A settlement: its transfers, and whether no other way needs fewer."""

    code: str
    way: Way
    currency: str
    transfers: tuple[PlannedTransfer, ...]
    is_fewest: bool
    has_begun: bool


@in_transaction
def settlement(
    actor: Actor, consortium_id: int, code: str, way: Way = Way.CONSORTIUM, *, session: Session | None = None
) -> Settlement:
    """Return a settlement as it stands: worked out now, or as it was when its first transfer was executed.

    Parameters
    ----------
    code
        Names the settlement, such as ``2026-12``.
    way
        Used until the first transfer is executed.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    return _settlement(reach_consortium(actor, Action.SEE_BOOKS, consortium_id, session), code, way, session)


@in_transaction
def execute_transfer(
    actor: Actor,
    consortium_id: int,
    code: str,
    number: int,
    value_date: date,
    *,
    way: Way = Way.CONSORTIUM,
    bank: str = "main",
    session: Session | None = None,
) -> int:
    """Book one transfer of a settlement, once.

    Parameters
    ----------
    number
        Of the transfer, from 1 on.
    bank
        The account through which the consortium pays and is paid.

    Returns
    -------
    int
        The number of the entry.

    Raises
    ------
    ForbiddenError
    NotFoundError
        When the settlement has no such transfer.
    StateError
        ``transfer_done``, ``period_closed``.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    plan = _settlement(consortium, code, way, session)
    chosen = next((one for one in plan.transfers if one.number == number), None)
    if chosen is None:
        raise NotFoundError("transfer", number)
    if chosen.is_done:
        raise StateError("transfer_done", {"transfer": number})
    payer, payee = (
        bank_account(consortium_id, bank, consortium.currency, session)
        if party == CONSORTIUM
        else ledger.account(consortium_id, AccountKind.MEMBER, str(party), consortium.currency, session=session)
        for party in (chosen.payer, chosen.payee)
    )
    entry = EntryDraft(
        kind=EntryKind.PAYMENT,
        value_date=value_date,
        text=code,
        lines=[Line(payee, chosen.amount_minor), Line(payer, -chosen.amount_minor)],
        topic=_topic(code),
        source_key=next_key(_topic(code), consortium_id, session),
        cites={
            "way": plan.way.value,
            "is_fewest": plan.is_fewest,
            "transfers": [[one.payer, one.payee, one.amount_minor] for one in plan.transfers],
            "number": number,
        },
    )
    detail = {"transfer": number, "amount_minor": chosen.amount_minor}
    return book(consortium_id, actor, "execute_transfer", f"settlement {code}", [entry], detail, session)[0].seq


def _topic(code: str) -> str:
    return f"settlement/{code}"


def _settlement(consortium: Consortium, code: str, way: Way, session: Session) -> Settlement:
    query = (
        select(LedgerEntry)
        .where(LedgerEntry.consortium_id == id_of(consortium), LedgerEntry.topic == _topic(code))
        .order_by(col(LedgerEntry.seq))
    )
    rows = list(session.exec(query))
    taken_back = {one.reverses for one in rows}
    entries = [one for one in rows if one.reverses is None]
    if entries:
        first: Mapping[str, object] = entries[0].cites
        way, is_fewest = Way(str(first["way"])), bool(first["is_fewest"])
        transfers = [Transfer(*one) for one in entries[0].cites["transfers"]]
    else:
        transfers, is_fewest = _worked_out(_balances(consortium, session), way)
    done = {one.cites["number"] for one in entries if one.seq not in taken_back}
    return Settlement(
        code=code,
        way=way,
        currency=consortium.currency,
        transfers=tuple(
            PlannedTransfer(
                number=number,
                payer=one.payer,
                payee=one.payee,
                amount_minor=one.amount_minor,
                is_done=number in done,
            )
            for number, one in enumerate(transfers, start=1)
        ),
        is_fewest=is_fewest,
        has_begun=bool(entries),
    )


def _worked_out(balances: Mapping[int, int], way: Way) -> tuple[list[Transfer], bool]:
    """Return transfers; among members directly, the consortium takes part with what members owe it together."""
    if way is Way.CONSORTIUM:
        return list(through_the_consortium(balances, CONSORTIUM)), False
    found = fewest_transfers({**balances, CONSORTIUM: -sum(balances.values())})
    return list(found.transfers), found.is_fewest


def _balances(consortium: Consortium, session: Session) -> dict[int, int]:
    accounts = session.exec(
        select(LedgerAccount).where(
            LedgerAccount.consortium_id == id_of(consortium),
            LedgerAccount.kind == AccountKind.MEMBER.value,
            LedgerAccount.currency == consortium.currency,
        )
    ).all()
    found = ledger.balances([id_of(one) for one in accounts], session)
    return {one.member_id: found[id_of(one)][0] for one in accounts if one.member_id is not None}
