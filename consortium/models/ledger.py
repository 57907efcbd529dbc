"""The books: accounts, entries, postings, and the chains that seal them. Nothing here is ever changed or deleted.

Triggers of the database (`migrations/versions/0005_books.py`) hold these rules against every writer: postings come
first, their entry seals them and is refused unless they balance, and from then on no row changes.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class AccountKind(StrEnum):
    """What an account counts; debits are positive, so that a member who owes has a positive balance.

    Accounts of the memo journal hold what is planned and promised, never money.
    """

    MEMBER = "member"
    ADVANCE = "advance"
    BUYERS = "buyers"
    DEPOSIT = "deposit"
    AGENCY = "agency"
    GRANT = "grant"
    SUPPLIER = "supplier"
    FAIR = "fair"
    ACCRUED = "accrued"
    BANK = "bank"
    CLEARING = "clearing"
    INCOME = "income"
    EXPENSE = "expense"
    EXCHANGE = "exchange"
    MEMO_BUDGET = "memo_budget"
    MEMO_AVAILABLE = "memo_available"
    MEMO_REQUESTED = "memo_requested"
    MEMO_ORDERED = "memo_ordered"
    MEMO_ACTUAL = "memo_actual"


OF_A_MEMBER = (AccountKind.MEMBER, AccountKind.ADVANCE, AccountKind.BUYERS, AccountKind.DEPOSIT)
"""Kinds of accounts that belong to one member firm: its statement is made of them."""


class EntryKind(StrEnum):
    """Why an entry was made; only an exchange may give one currency for another."""

    SHARES = "shares"
    TRUE_UP = "true_up"
    CALL = "call"
    ADVANCE = "advance"
    FEE = "fee"
    PAYMENT = "payment"
    BANK = "bank"
    INVOICE = "invoice"
    EXCHANGE = "exchange"
    BUDGET = "budget"
    REVERSAL = "reversal"


class LedgerAccount(SQLModel, table=True):
    """An account of one consortium in one currency."""

    __table_args__ = (UniqueConstraint("consortium_id", "code", "currency"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    code: str = Field(max_length=200)
    kind: str = Field(max_length=20)
    member_id: int | None = Field(default=None, foreign_key="member.id", index=True)
    currency: str = Field(max_length=3)
    name: str = Field(default="", max_length=200)


class LedgerEntry(SQLModel, table=True):
    """A balanced entry: who, when, why, and what it rests on; `seq` counts without gaps within a consortium.

    `topic` groups what belongs together, such as all entries about one invoice; `source_key` names the one event that
    this entry books, so that nothing is booked twice.
    """

    __table_args__ = (
        UniqueConstraint("consortium_id", "source_key"),
        UniqueConstraint("consortium_id", "reverses"),
    )

    consortium_id: int = Field(foreign_key="consortium.id", primary_key=True)
    seq: int = Field(primary_key=True)
    kind: str = Field(max_length=20)
    is_memo: bool = False
    value_date: date = Field(index=True)
    due_on: date | None = None
    booked_at: datetime = Field(sa_type=UtcDateTime)
    user_id: int | None = Field(default=None, foreign_key="appuser.id")
    text: str = Field(default="", max_length=500)
    cites: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    topic: str = Field(default="", max_length=200, index=True)
    source_key: str | None = Field(default=None, max_length=300)
    reverses: int | None = None
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Posting(SQLModel, table=True):
    """One line of an entry: an amount in the account's currency and the same in the consortium's."""

    __tablename__ = "ledgerposting"
    __table_args__ = (
        ForeignKeyConstraint(
            ["consortium_id", "seq"],
            ["ledgerentry.consortium_id", "ledgerentry.seq"],
            name="fk_ledgerposting_entry",
            deferrable=True,
            initially="DEFERRED",
        ),
    )

    consortium_id: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    line: int = Field(primary_key=True)
    account_id: int = Field(foreign_key="ledgeraccount.id", index=True)
    amount_minor: int = Field(sa_type=BigInteger)
    base_minor: int = Field(sa_type=BigInteger)


class ExchangeRate(SQLModel, table=True):
    """What one unit of `base` cost in `quote` on a day, as a decimal number in text, and who says so."""

    __table_args__ = (UniqueConstraint("consortium_id", "on_date", "base", "quote", "source"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    on_date: date
    base: str = Field(max_length=3)
    quote: str = Field(max_length=3)
    rate: str = Field(max_length=40)
    source: str = Field(max_length=100)
    recorded_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class PeriodClose(SQLModel, table=True):
    """From here on no entry is dated on or before a day."""

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    closed_until: date
    user_id: int | None = Field(default=None, foreign_key="appuser.id")
    closed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class BankImport(SQLModel, table=True):
    """A bank file that was read: its days between the first and the last are known as a whole."""

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    account_id: int = Field(foreign_key="ledgeraccount.id", index=True)
    file_name: str = Field(max_length=200)
    file_sha256: str = Field(max_length=64)
    first_on: date
    last_on: date
    whole_days: bool = False
    rows: int
    user_id: int | None = Field(default=None, foreign_key="appuser.id")
    imported_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ChainHead(SQLModel, table=True):
    """How long a chain is and what it ends with: whoever adds to the chain holds this row until the commit."""

    chain: str = Field(primary_key=True, max_length=40)
    seq: int
    hash: str = Field(max_length=64)


class AuditSeal(SQLModel, table=True):
    """The link of one event of the audit trail to the one sealed before."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    event_id: int = Field(foreign_key="auditevent.id", unique=True)
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)
