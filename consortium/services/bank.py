"""Bank files into the books: every movement once, against a clearing account until it is assigned to somebody."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlmodel import Session, col, select

from consortium import ledger
from consortium.bank_matching import Matched, NewRow, StoredRow, match_rows
from consortium.books_drafts import AssignDraft
from consortium.database import in_transaction, need
from consortium.errors import Fault, InputError, NotFoundError, StateError
from consortium.formats.bank_files import DATE_FORMATS, BankFile, BankRow, read_bank_file
from consortium.ledger import EntryDraft, Line
from consortium.models import (
    AccountKind,
    BankImport,
    Consortium,
    EntryKind,
    LedgerAccount,
    LedgerEntry,
    Posting,
)
from consortium.permissions import Actor
from consortium.reach import id_of
from consortium.services.bookkeeping import base_part, book, member_account, next_key, open_books
from consortium.services.books import bank_account


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReport:
    """What an import did, or would do."""

    rows: int
    booked: int
    known: int
    doubtful: tuple[BankRow, ...]
    first_on: date
    last_on: date


@in_transaction
def import_bank_file(
    actor: Actor,
    consortium_id: int,
    file: str,
    content: bytes,
    *,
    bank: str = "main",
    currency: str | None = None,
    number_format: str | None = None,
    date_format: str = DATE_FORMATS[0],
    whole_days: bool = False,
    accepted: Collection[int] = (),
    session: Session | None = None,
) -> BankReport:
    """Book the movements of a bank file that are not booked yet.

    Parameters
    ----------
    bank, currency
        Which account; without a currency the consortium's.
    whole_days
        Whether the file holds all movements also of its first and its last day.
    accepted
        Numbers of rows that an earlier import found doubtful and somebody says are new.

    Returns
    -------
    BankReport
        What was booked, what was known, and which rows are held back until somebody decides.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        With every bad row; nothing is booked then.
    StateError
        ``period_closed`` when a new movement lies in a closed period.
    """
    session = need(session)
    consortium = open_books(consortium_id, actor, session)
    account = bank_account(consortium_id, bank, currency or consortium.currency, session)
    found = read_bank_file(
        content,
        file,
        currency or consortium.currency,
        number_format=number_format,
        date_format=date_format,
    )
    digest = sha256(content).hexdigest()
    matched = _match(found, account, consortium_id, digest, whole_days, accepted, session)
    drafts = list(_movements(matched.new, found.kind, account, bank, consortium, digest, session))
    session.add(
        BankImport(
            consortium_id=consortium_id,
            account_id=account,
            file_name=file[-200:],
            file_sha256=digest,
            first_on=found.first_on,
            last_on=found.last_on,
            whole_days=whole_days,
            rows=len(found.rows),
            user_id=actor.user_id or None,
        )
    )
    detail = {"file": file[-200:], "rows": len(found.rows), "doubtful": len(matched.doubtful)}
    book(consortium_id, actor, "import_bank_file", f"bank {bank}", drafts, detail, session)
    return BankReport(
        rows=len(found.rows),
        booked=len(matched.new),
        known=matched.known,
        doubtful=matched.doubtful,
        first_on=found.first_on,
        last_on=found.last_on,
    )


@in_transaction
def assign_movement(
    actor: Actor, consortium_id: int, seq: int, draft: AssignDraft, *, session: Session | None = None
) -> int:
    """Assign a movement of the bank, or a part of it, to the member, supplier, income or expense that it concerns.

    Returns
    -------
    int
        The number of the entry.

    Raises
    ------
    ForbiddenError
    NotFoundError
        When the entry is no movement of a bank.
    StateError
        ``movement_assigned`` when less than the amount is left, ``period_closed``.
    """
    session = need(session)
    open_books(consortium_id, actor, session)
    entry = session.get(LedgerEntry, (consortium_id, seq))
    if entry is None or entry.kind != EntryKind.BANK:
        raise NotFoundError("movement", seq)
    postings = session.exec(
        select(Posting, LedgerAccount)
        .join(LedgerAccount, col(LedgerAccount.id) == col(Posting.account_id))
        .where(Posting.consortium_id == consortium_id, Posting.seq == seq)
    ).all()
    clearing, account = next((p, a) for p, a in postings if a.kind == AccountKind.CLEARING)
    topic = f"assign/{seq}"
    left = clearing.amount_minor + ledger.posted_under(consortium_id, topic, session)[clearing.account_id]
    taken_back = select(LedgerEntry.seq).where(LedgerEntry.consortium_id == consortium_id, LedgerEntry.reverses == seq)
    if session.exec(taken_back).first() is not None:
        left = 0
    amount = left if draft.amount_minor is None else (1 if left > 0 else -1) * draft.amount_minor
    if amount == 0 or abs(amount) > abs(left):
        raise StateError("movement_assigned", {"left": abs(left), "found": abs(amount)})
    party = _party(draft, consortium_id, account.currency, session)
    done, whole = clearing.amount_minor - left, clearing.amount_minor
    base = clearing.base_minor * (done + amount) // whole - clearing.base_minor * done // whole
    lines = [Line(clearing.account_id, -amount, -base), Line(party, amount, base)]
    made = EntryDraft(
        kind=EntryKind.PAYMENT,
        value_date=draft.value_date or entry.value_date,
        text=draft.text or entry.text,
        lines=lines,
        topic=topic,
        source_key=next_key(topic, consortium_id, session),
        cites={"entry": seq, "hash": entry.hash},
    )
    detail = {"amount_minor": abs(amount)}
    return book(consortium_id, actor, "assign_movement", f"entry {seq}", [made], detail, session)[0].seq


def _party(draft: AssignDraft, consortium_id: int, currency: str, session: Session) -> int:
    if draft.member_id is not None:
        return member_account(consortium_id, AccountKind.MEMBER, draft.member_id, currency, session)
    kind, name = next(
        (kind, name)
        for kind, name in (
            (AccountKind.SUPPLIER, draft.supplier),
            (AccountKind.INCOME, draft.income),
            (AccountKind.EXPENSE, draft.expense),
        )
        if name
    )
    return ledger.account(consortium_id, kind, name, currency, session=session, label=name)


def _match(
    found: BankFile,
    account: int,
    consortium_id: int,
    digest: str,
    whole_days: bool,
    accepted: Collection[int],
    session: Session,
) -> Matched:
    if unknown := set(accepted) - {row.number for row in found.rows}:
        raise InputError([Fault("accepted", "unknown_reference", "rows of the file", str(sorted(unknown)))])
    before = list(session.exec(select(BankImport).where(BankImport.account_id == account)))
    query = select(LedgerEntry).where(
        LedgerEntry.consortium_id == consortium_id,
        LedgerEntry.topic == f"bank/{account}",
        LedgerEntry.kind == EntryKind.BANK.value,
        LedgerEntry.value_date >= found.first_on,
        LedgerEntry.value_date <= found.last_on,
    )
    stored = [
        StoredRow(
            fingerprint=one.cites["fingerprint"],
            booked_on=one.value_date,
            amount_minor=one.cites["amount_minor"],
            kind=one.cites["file_kind"],
        )
        for one in session.exec(query)
    ]
    return match_rows(
        found.rows,
        found.kind,
        stored,
        knows_whole_day=lambda day: whole_days or found.first_on < day < found.last_on,
        knew_whole_day=lambda day: any(
            one.first_on < day < one.last_on or (one.whole_days and one.first_on <= day <= one.last_on)
            for one in before
        ),
        seen_before=any(one.file_sha256 == digest for one in before),
        accepted=accepted,
    )


def _movements(
    rows: Iterable[NewRow],
    kind: str,
    account: int,
    bank: str,
    consortium: Consortium,
    digest: str,
    session: Session,
) -> Iterator[EntryDraft]:
    """Yield an entry for each row, the bank's account against the one of what is not assigned yet."""
    currency = session.get_one(LedgerAccount, account).currency
    clearing = ledger.account(id_of(consortium), AccountKind.CLEARING, bank, currency, session=session, label=bank)
    balance, cost = ledger.balances([account], session)[account]
    for one in rows:
        row = one.row
        base = base_part(currency, row.amount_minor, (balance, cost), consortium, row.booked_on, session)
        balance, cost = balance + row.amount_minor, cost + base
        yield EntryDraft(
            kind=EntryKind.BANK,
            value_date=row.booked_on,
            text=" · ".join(filter(None, (row.party, row.text)))[:500] or row.reference or bank,
            lines=[Line(account, row.amount_minor, base), Line(clearing, -row.amount_minor, -base)],
            topic=f"bank/{account}",
            source_key=f"bank/{account}/{one.fingerprint}/{one.occurrence}",
            cites={
                "file_sha256": digest,
                "file_kind": kind,
                "row": row.number,
                "fingerprint": one.fingerprint,
                "amount_minor": row.amount_minor,
                "party": row.party,
                "reference": row.reference,
            },
        )
