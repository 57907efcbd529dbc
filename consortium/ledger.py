"""Writing the books: accounts are opened, balanced entries are sealed into the consortium's chain, nothing else.

Services authorise and decide; this is the only code that writes entries and postings. It holds the consortium's chain
until the commit, so that what a service reads of the books after `hold_books` still stands when it writes.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlmodel import Session, col

from consortium import chains
from consortium.errors import StateError
from consortium.models import (
    OF_A_MEMBER,
    AccountKind,
    Consortium,
    EntryKind,
    LedgerAccount,
    LedgerEntry,
    PeriodClose,
    Posting,
)
from consortium.models.base import utc_now
from consortium.reach import id_of


class Line(NamedTuple):
    """One posting: debits positive; `base_minor` is needed where the account is not in the consortium's currency."""

    account_id: int
    amount_minor: int
    base_minor: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDraft:
    """An entry to be written.

    Parameters
    ----------
    text
        Why, for people.
    lines
        At least two; base amounts sum to zero, and so does each currency unless the kind is an exchange.
    topic
        What belongs together; `posted_under` sums it up.
    source_key
        Name of the event that is booked, used once in a consortium.
    cites
        What the entry rests on: ids and hashes of a plan, an allocation, a certificate, a decision, a file.
    due_on
        Until when members are to pay.
    reverses
        Number of the entry that this one takes back.
    """

    kind: EntryKind
    value_date: date
    text: str
    lines: Sequence[Line]
    topic: str = ""
    source_key: str | None = None
    cites: Mapping[str, Any] = field(default_factory=dict)
    due_on: date | None = None
    reverses: int | None = None


class Written(NamedTuple):
    """The number and the hash of an entry that was written."""

    seq: int
    hash: str


def hold_books(consortium_id: int, session: Session) -> None:
    """Keep other writers out of a consortium's books until the commit."""
    chains.hold(chains.books_of(consortium_id), session)


def account(
    consortium_id: int,
    kind: AccountKind,
    name: str,
    currency: str,
    *,
    session: Session,
    label: str = "",
) -> int:
    """Return the id of an account, opened when it is used for the first time; the books are held meanwhile.

    Parameters
    ----------
    name
        What follows the kind in its code: the member's id for `OF_A_MEMBER`, else a name such as ``dues``.
    label
        What people read; only the first one counts.
    """
    hold_books(consortium_id, session)
    code = f"{kind.value}/{name}"
    known = select(LedgerAccount.id).where(  # type: ignore[call-overload]
        LedgerAccount.consortium_id == consortium_id, LedgerAccount.code == code, LedgerAccount.currency == currency
    )
    found = session.execute(known).scalar()
    if found is not None:
        return int(found)
    row = LedgerAccount(
        consortium_id=consortium_id,
        code=code,
        kind=kind.value,
        member_id=int(name) if kind in OF_A_MEMBER else None,
        currency=currency,
        name=label,
    )
    session.add(row)
    session.flush()
    return id_of(row)


def append(consortium_id: int, drafts: Iterable[EntryDraft], *, user_id: int | None, session: Session) -> list[Written]:
    """Write entries after the last one of a consortium, all in this unit of work.

    Raises
    ------
    StateError
        ``period_closed`` when one is dated on or before the day until which the books are closed.
    ValueError
        When an entry does not balance: a fault of the calling code, since services make them from balanced parts.
    """
    drafts = list(drafts)
    if not drafts:
        return []
    chain = chains.books_of(consortium_id)
    seq, before = chains.hold(chain, session)
    base_currency = session.get_one(Consortium, consortium_id).currency
    accounts = _accounts({line.account_id for draft in drafts for line in draft.lines}, consortium_id, session)
    _refuse_closed(consortium_id, min(draft.value_date for draft in drafts), session)
    now, entries, postings, written = utc_now(), [], [], []
    for draft in drafts:
        seq += 1
        lines = _lines(draft, accounts, base_currency)
        entry = _entry(consortium_id, seq, draft, accounts, user_id, now, before)
        before = entry["hash"] = chains.digest_of(_content(entry, lines, accounts))
        entries.append(entry)
        postings += [
            {"consortium_id": consortium_id, "seq": seq, "line": number, **line} for number, line in enumerate(lines)
        ]
        written.append(Written(seq, before))
    session.flush()
    session.execute(insert(Posting), postings)
    session.execute(insert(LedgerEntry), entries)
    chains.move_on(chain, seq, before, session)
    return written


def balances(account_ids: Iterable[int], session: Session) -> dict[int, tuple[int, int]]:
    """Return account -> balance in its currency and in the consortium's; accounts without postings are at zero."""
    ids = list(account_ids)
    query = (
        select(Posting.account_id, func.sum(Posting.amount_minor), func.sum(Posting.base_minor))  # type: ignore[call-overload]
        .where(col(Posting.account_id).in_(ids))
        .group_by(Posting.account_id)
    )
    found = {key: (int(amount), int(base)) for key, amount, base in session.execute(query)}
    return {key: found.get(key, (0, 0)) for key in ids}


def posted_under(consortium_id: int, topic: str, session: Session) -> Counter[int]:
    """Return account -> what all entries of a topic have put there."""
    query = (
        select(Posting.account_id, func.sum(Posting.amount_minor))  # type: ignore[call-overload]
        .join(
            LedgerEntry,
            (col(LedgerEntry.consortium_id) == Posting.consortium_id) & (col(LedgerEntry.seq) == Posting.seq),
        )
        .where(LedgerEntry.consortium_id == consortium_id, LedgerEntry.topic == topic)
        .group_by(Posting.account_id)
    )
    return Counter({key: int(amount) for key, amount in session.execute(query)})


def entries_under(consortium_id: int, topic: str, session: Session) -> int:
    """Return how many entries a topic has."""
    query = select(func.count()).where(col(LedgerEntry.consortium_id) == consortium_id, col(LedgerEntry.topic) == topic)
    return int(session.execute(query).scalar_one())


def closed_until(consortium_id: int, session: Session) -> date | None:
    """Return the last day of the closed period, if any."""
    query = select(func.max(PeriodClose.closed_until)).where(col(PeriodClose.consortium_id) == consortium_id)
    return session.execute(query).scalar()


def _refuse_closed(consortium_id: int, earliest: date, session: Session) -> None:
    until = closed_until(consortium_id, session)
    if until is not None and earliest <= until:
        raise StateError("period_closed", {"until": until, "found": earliest})


def _accounts(ids: set[int], consortium_id: int, session: Session) -> dict[int, LedgerAccount]:
    rows = session.execute(
        select(LedgerAccount).where(col(LedgerAccount.id).in_(ids), col(LedgerAccount.consortium_id) == consortium_id)
    ).scalars()
    found = {id_of(one): one for one in rows}
    if missing := ids - set(found):
        raise ValueError(f"accounts: expected those of consortium {consortium_id}, found {sorted(missing)}")
    return found


def _lines(draft: EntryDraft, accounts: Mapping[int, LedgerAccount], base_currency: str) -> list[dict[str, int]]:
    found: list[dict[str, int]] = []
    for line in draft.lines:
        base_minor = line.base_minor
        if base_minor is None:
            if accounts[line.account_id].currency != base_currency:
                raise ValueError(f"{draft.text}: the amount in {base_currency} is missing")
            base_minor = line.amount_minor
        found.append({"account_id": line.account_id, "amount_minor": line.amount_minor, "base_minor": base_minor})
    if len(found) < 2 or sum(line["base_minor"] for line in found) != 0:
        raise ValueError(f"{draft.text}: expected lines that sum to 0, found {found}")
    return found


def _entry(
    consortium_id: int,
    seq: int,
    draft: EntryDraft,
    accounts: Mapping[int, LedgerAccount],
    user_id: int | None,
    now: datetime,
    before: str,
) -> dict[str, Any]:
    return {
        "consortium_id": consortium_id,
        "seq": seq,
        "kind": draft.kind.value,
        "is_memo": accounts[draft.lines[0].account_id].kind.startswith("memo"),
        "value_date": draft.value_date,
        "due_on": draft.due_on,
        "booked_at": now,
        "user_id": user_id or None,
        "text": draft.text,
        "cites": chains.plain(dict(draft.cites)),
        "topic": draft.topic,
        "source_key": draft.source_key,
        "reverses": draft.reverses,
        "prev_hash": before,
    }


def _content(
    entry: Mapping[str, Any], lines: Iterable[Mapping[str, int]], accounts: Mapping[int, LedgerAccount]
) -> dict[str, Any]:
    """Return what is hashed: the entry, and each posting with the account that it names."""
    due_on: date | None = entry["due_on"]
    return {
        "consortium": entry["consortium_id"],
        "seq": entry["seq"],
        "prev": entry["prev_hash"],
        "kind": entry["kind"],
        "memo": entry["is_memo"],
        "date": entry["value_date"].isoformat(),
        "due": None if due_on is None else due_on.isoformat(),
        "at": chains.moment_text(entry["booked_at"]),
        "user": entry["user_id"],
        "text": entry["text"],
        "cites": entry["cites"],
        "topic": entry["topic"],
        "source": entry["source_key"],
        "reverses": entry["reverses"],
        "lines": [
            [
                line["account_id"],
                (one := accounts[line["account_id"]]).code,
                one.kind,
                one.member_id,
                one.currency,
                line["amount_minor"],
                line["base_minor"],
            ]
            for line in lines
        ],
    }
