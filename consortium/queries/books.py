"""Reads of the books: the whole for managers and auditors, its own accounts for a member."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import case, func
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import NotFoundError
from consortium.models import (
    OF_A_MEMBER,
    AccountKind,
    AppUser,
    Consortium,
    EntryKind,
    LedgerAccount,
    LedgerEntry,
    Member,
    Posting,
)
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, may
from consortium.reach import authorise_somewhere, id_of, reach_consortium
from consortium.views_books import (
    ArrearsRow,
    JournalEntry,
    JournalLine,
    StatementLine,
    StatementSection,
    StatementView,
    TrialBalance,
    TrialRow,
)

MOST_ENTRIES = 1_000
"""How many entries one answer holds at most."""

SAME_ENTRY = (col(LedgerEntry.consortium_id) == col(Posting.consortium_id)) & (col(LedgerEntry.seq) == col(Posting.seq))
CHARGES = (EntryKind.SHARES, EntryKind.TRUE_UP, EntryKind.FEE)
PAYMENTS = (EntryKind.PAYMENT, EntryKind.BANK, EntryKind.EXCHANGE)
HELD_FOR_A_MEMBER = (AccountKind.ADVANCE, AccountKind.DEPOSIT)
"""Accounts that the consortium owes to a member: the member reads them with the other sign."""


@in_transaction
def member_statement(
    actor: Actor,
    member_id: int,
    first_on: date | None = None,
    last_on: date | None = None,
    *,
    session: Session | None = None,
) -> StatementView:
    """Return the statement of a firm over a period; a member sees its own only.

    Parameters
    ----------
    first_on
        First day of the period; None: from the beginning.
    last_on
        Last day; None: today, or the day of a later entry.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    member = _reach(actor, member_id, session)
    consortium = session.get_one(Consortium, member.consortium_id)
    query = select(LedgerAccount).where(
        LedgerAccount.member_id == member_id, col(LedgerAccount.kind).in_([one.value for one in OF_A_MEMBER])
    )
    order = [one.value for one in OF_A_MEMBER]
    accounts = sorted(session.exec(query), key=lambda one: (one.currency != consortium.currency, order.index(one.kind)))
    rows = _movements([id_of(one) for one in accounts], session)
    latest = max((row.value_date for lines in rows.values() for row in lines), default=date.min)
    until = last_on or max(latest, utc_now().date())
    return StatementView(
        member_id=member_id,
        member_code=member.code,
        member_name=member.name,
        consortium_id=member.consortium_id,
        consortium_name=consortium.name,
        country=consortium.country,
        first_on=first_on,
        last_on=until,
        sections=tuple(_section(one, rows[id_of(one)], first_on, until) for one in accounts),
    )


@in_transaction
def trial_balance(
    actor: Actor, consortium_id: int, on_date: date | None = None, *, session: Session | None = None
) -> TrialBalance:
    """Return the balances of all accounts on a day (None: with everything that is booked).

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    consortium = reach_consortium(actor, Action.SEE_BOOKS, consortium_id, session)
    query = (
        select(Posting.account_id, func.sum(Posting.amount_minor), func.sum(Posting.base_minor))
        .where(Posting.consortium_id == consortium_id)
        .group_by(col(Posting.account_id))
    )
    if on_date is not None:
        query = query.join(LedgerEntry, SAME_ENTRY).where(LedgerEntry.value_date <= on_date)
    sums = {key: (int(amount), int(base)) for key, amount, base in session.exec(query)}
    accounts = (
        select(LedgerAccount)
        .where(LedgerAccount.consortium_id == consortium_id)
        .order_by(col(LedgerAccount.kind), col(LedgerAccount.code), col(LedgerAccount.currency))
    )
    rows = [
        TrialRow(
            code=one.code,
            kind=one.kind,
            name=one.name,
            currency=one.currency,
            amount_minor=sums[id_of(one)][0],
            base_minor=sums[id_of(one)][1],
        )
        for one in session.exec(accounts)
        if any(sums.get(id_of(one), ()))
    ]
    return TrialBalance(
        currency=consortium.currency,
        on_date=on_date,
        money=tuple(one for one in rows if not one.kind.startswith("memo")),
        memo=tuple(one for one in rows if one.kind.startswith("memo")),
    )


@in_transaction
def journal(
    actor: Actor,
    consortium_id: int,
    *,
    before: int | None = None,
    limit: int = 100,
    session: Session | None = None,
) -> tuple[JournalEntry, ...]:
    """Return entries with their postings, newest first.

    Parameters
    ----------
    before
        Only entries with a smaller number.
    limit
        At most so many, 1 to `MOST_ENTRIES`.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_BOOKS, consortium_id, session)
    query = (
        select(LedgerEntry, AppUser.username)
        .join(AppUser, col(LedgerEntry.user_id) == col(AppUser.id), isouter=True)
        .where(LedgerEntry.consortium_id == consortium_id)
        .order_by(col(LedgerEntry.seq).desc())
        .limit(min(max(1, limit), MOST_ENTRIES))
    )
    if before is not None:
        query = query.where(LedgerEntry.seq < before)
    rows = session.exec(query).all()
    numbers = [entry.seq for entry, _ in rows]
    lines: defaultdict[int, list[JournalLine]] = defaultdict(list)
    postings = (
        select(Posting, LedgerAccount)
        .join(LedgerAccount, col(LedgerAccount.id) == col(Posting.account_id))
        .where(Posting.consortium_id == consortium_id, col(Posting.seq).in_(numbers))
        .order_by(col(Posting.seq), col(Posting.line))
    )
    for posting, account in session.exec(postings):
        lines[posting.seq].append(
            JournalLine(
                code=account.code,
                kind=account.kind,
                name=account.name,
                currency=account.currency,
                amount_minor=posting.amount_minor,
                base_minor=posting.base_minor,
            )
        )
    mirrors = select(LedgerEntry.reverses, LedgerEntry.seq).where(
        LedgerEntry.consortium_id == consortium_id, col(LedgerEntry.reverses).in_(numbers)
    )
    reversed_by = {one: by for one, by in session.exec(mirrors) if one is not None}
    return tuple(
        JournalEntry(
            seq=entry.seq,
            kind=entry.kind,
            value_date=entry.value_date,
            due_on=entry.due_on,
            booked_at=entry.booked_at,
            username=username,
            text=entry.text,
            cites=dict(entry.cites),
            reverses=entry.reverses,
            reversed_by=reversed_by.get(entry.seq),
            hash=entry.hash,
            lines=tuple(lines[entry.seq]),
        )
        for entry, username in rows
    )


@in_transaction
def arrears(
    actor: Actor, consortium_id: int, on_date: date, *, session: Session | None = None
) -> tuple[ArrearsRow, ...]:
    """Return the members that owe something on a day, those that are latest first.

    What a member has paid settles what fell due first; a charge without a day of payment is due on its own day.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_BOOKS, consortium_id, session)
    accounts = session.exec(
        select(LedgerAccount, Member.name)
        .join(Member, col(Member.id) == col(LedgerAccount.member_id))
        .where(LedgerAccount.consortium_id == consortium_id, LedgerAccount.kind == AccountKind.MEMBER.value)
        .order_by(col(LedgerAccount.id))
    ).all()
    sums = _topics([id_of(one) for one, _ in accounts], on_date, session)
    found = [_late(account, name, sums[id_of(account)], on_date) for account, name in accounts]
    return tuple(
        sorted(
            (one for one in found if one.overdue_minor or one.later_minor),
            key=lambda one: (-one.days_late, one.member_name),
        )
    )


def _reach(actor: Actor, member_id: int, session: Session) -> Member:
    """Return a firm whose statement the actor may see; a rival's is as unknown as one that does not exist."""
    authorise_somewhere(actor, Action.SEE_OWN_STATEMENT)
    found = session.get(Member, member_id)
    if found is None or not may(actor, Action.SEE_OWN_STATEMENT, found.consortium_id, member_id):
        raise NotFoundError("member", member_id)
    return found


class Movement(NamedTuple):
    """A posting with what its entry says; no whole record, because a member may have thousands."""

    amount_minor: int
    value_date: date
    due_on: date | None
    kind: str
    text: str
    topic: str
    hash: str


def _movements(account_ids: Iterable[int], session: Session) -> defaultdict[int, list[Movement]]:
    """Return account -> its movements by value date, then in the order of the books."""
    columns = (
        col(Posting.amount_minor),
        col(LedgerEntry.value_date),
        col(LedgerEntry.due_on),
        col(LedgerEntry.kind),
        col(LedgerEntry.text),
        col(LedgerEntry.topic),
        col(LedgerEntry.hash),
    )
    query = (
        sql_select(col(Posting.account_id), *columns)
        .join(LedgerEntry, SAME_ENTRY)
        .where(col(Posting.account_id).in_(list(account_ids)))
        .order_by(col(LedgerEntry.value_date), col(LedgerEntry.seq), col(Posting.line))
    )
    found: defaultdict[int, list[Movement]] = defaultdict(list)
    for account_id, *values in session.execute(query):
        found[account_id].append(Movement(*values))
    return found


def _section(
    account: LedgerAccount, rows: Iterable[Movement], first_on: date | None, last_on: date
) -> StatementSection:
    sign = -1 if account.kind in HELD_FOR_A_MEMBER else 1
    rows = [row for row in rows if row.value_date <= last_on]
    before = [row for row in rows if first_on is not None and row.value_date < first_on]
    balance = opening = sign * sum(row.amount_minor for row in before)
    sums = dict.fromkeys(("charged", "called", "paid", "other"), 0)
    lines = []
    for entry in rows[len(before) :]:
        amount = sign * entry.amount_minor
        balance += amount
        sums[_sort(entry.kind)] += -amount if _sort(entry.kind) == "paid" else amount
        lines.append(
            StatementLine(
                value_date=entry.value_date,
                due_on=entry.due_on,
                kind=entry.kind,
                text=entry.text,
                reference=entry.hash[:8],
                amount_minor=amount,
                balance_minor=balance,
            )
        )
    return StatementSection(
        account_kind=account.kind,
        currency=account.currency,
        opening_minor=opening,
        closing_minor=balance,
        charged_minor=sums["charged"],
        called_minor=sums["called"],
        paid_minor=sums["paid"],
        other_minor=sums["other"],
        lines=tuple(lines),
    )


def _sort(kind: str) -> str:
    if kind in CHARGES:
        return "charged"
    return "called" if kind == EntryKind.CALL else "paid" if kind in PAYMENTS else "other"


def _topics(
    account_ids: Iterable[int], on_date: date, session: Session
) -> defaultdict[int, list[tuple[int, date | None]]]:
    """Return account -> (what a topic comes to, when it fell due first): what was corrected is owed as it is now."""
    due_on = case((col(Posting.amount_minor) > 0, func.coalesce(LedgerEntry.due_on, LedgerEntry.value_date)))
    query = (
        sql_select(col(Posting.account_id), func.sum(Posting.amount_minor), func.min(due_on))
        .join(LedgerEntry, SAME_ENTRY)
        .where(col(Posting.account_id).in_(list(account_ids)), col(LedgerEntry.value_date) <= on_date)
        .group_by(col(Posting.account_id), col(LedgerEntry.topic))
    )
    found: defaultdict[int, list[tuple[int, date | None]]] = defaultdict(list)
    for account_id, amount, due in session.execute(query):
        found[account_id].append((int(amount), due))
    return found


def _late(account: LedgerAccount, name: str, topics: list[tuple[int, date | None]], on_date: date) -> ArrearsRow:
    """Set what was paid until a day against what fell due first; what is left is overdue, or falls due later."""
    debts = sorted((due, amount) for amount, due in topics if amount > 0 and due is not None)
    paid = -sum(amount for amount, _ in topics if amount < 0)
    overdue, later, oldest = 0, 0, None
    for due_on, amount in debts:
        settled = min(paid, amount)
        paid, left = paid - settled, amount - settled
        if left and due_on < on_date:
            overdue, oldest = overdue + left, oldest or due_on
        elif left:
            later += left
    assert account.member_id is not None, "an account of a member"
    return ArrearsRow(
        member_id=account.member_id,
        member_name=name,
        currency=account.currency,
        overdue_minor=overdue,
        oldest_due_on=oldest,
        days_late=(on_date - oldest).days if oldest else 0,
        later_minor=later,
    )
