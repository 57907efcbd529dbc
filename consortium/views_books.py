"""What queries about the books hand to pages and documents: frozen, and cut to the viewer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A movement of one account of a member; `reference` begins the hash of its entry, as the books seal it."""

    value_date: date
    due_on: date | None
    kind: str
    text: str
    reference: str
    amount_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSection:
    """One account over a period: opening + lines = closing.

    Positive is what the account is about: owed to the consortium, or paid ahead or deposited and held for the member.

    `charged_minor`, `called_minor`, `paid_minor` and `other_minor` sum the lines by what they are; `paid_minor` is what
    the member paid less what it got back.
    """

    account_kind: str
    currency: str
    opening_minor: int
    closing_minor: int
    charged_minor: int
    called_minor: int
    paid_minor: int
    other_minor: int
    lines: tuple[StatementLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """A member's statement: what it owes, what it has paid ahead, what its buyers owe, what it has deposited."""

    member_id: int
    member_code: str
    member_name: str
    consortium_id: int
    consortium_name: str
    country: str
    first_on: date | None
    last_on: date
    sections: tuple[StatementSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """An account with its balance, debits positive, in its currency and in the consortium's."""

    code: str
    kind: str
    name: str
    currency: str
    amount_minor: int
    base_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """All accounts that are not at zero; money and memo each sum to zero in the consortium's currency."""

    currency: str
    on_date: date | None
    money: tuple[TrialRow, ...]
    memo: tuple[TrialRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """One posting of an entry."""

    code: str
    kind: str
    name: str
    currency: str
    amount_minor: int
    base_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """An entry with its postings: who, when, why, and what it rests on."""

    seq: int
    kind: str
    value_date: date
    due_on: date | None
    booked_at: datetime
    username: str | None
    text: str
    cites: Mapping[str, Any]
    reverses: int | None
    reversed_by: int | None
    hash: str
    lines: tuple[JournalLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrearsRow:
    """What a member has not paid: overdue on a day, since when, and what falls due later."""

    member_id: int
    member_name: str
    currency: str
    overdue_minor: int
    oldest_due_on: date | None
    days_late: int
    later_minor: int
