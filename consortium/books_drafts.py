"""What users hand to the services that keep the books, checked once at the border."""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from consortium.draft_kinds import (
    MAX_MONEY_MINOR,
    Code,
    Currency,
    Day,
    Draft,
    Money,
    Name,
    RatePpm,
    Text200,
    Text500,
    optional,
    refusal,
)

OptionalDay = Annotated[Day | None, BeforeValidator(optional)]
OptionalCurrency = Annotated[Currency | None, BeforeValidator(optional)]
PositiveMoney = Annotated[int, Field(strict=True, ge=1, le=MAX_MONEY_MINOR)]
SignedMoney = Annotated[int, Field(strict=True, ge=-MAX_MONEY_MINOR, le=MAX_MONEY_MINOR)]


def _rate(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", value.strip()):
        raise refusal("wrong_number", "a number > 0 such as 1.0835")
    if not value.strip(" 0."):
        raise refusal("out_of_range", "a number > 0 such as 1.0835")
    return value.strip()


Rate = Annotated[str, BeforeValidator(_rate)]


class CallDraft(Draft):
    """A call for funds: what each member is to pay ahead, and until when."""

    code: Code
    text: Name
    value_date: Day
    due_on: Day
    amounts_minor: dict[int, PositiveMoney] = Field(min_length=1)
    decision: Text200 = ""

    @model_validator(mode="after")
    def _due_later(self) -> Self:
        _refuse_before(self.value_date, self.due_on)
        return self


class InvoiceDraft(Draft):
    """An invoice of a supplier, about a pooled shipment or an expense; a negative amount is a credit note.

    Parameters
    ----------
    base_minor
        The same in the consortium's currency, where the invoice is in another and the rates held do not decide.
    """

    supplier: Name
    number: Code
    value_date: Day
    due_on: OptionalDay = None
    amount_minor: SignedMoney
    currency: OptionalCurrency = None
    base_minor: SignedMoney | None = None
    shipment_id: int | None = None
    expense: Text200 = ""
    text: Text500 = ""

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if (self.shipment_id is None) == (not self.expense):
            raise refusal("unknown_value", "either a shipment or an expense")
        if self.amount_minor == 0:
            raise refusal("out_of_range", "an amount other than 0")
        return self


class Direction(StrEnum):
    """Which way money goes, seen from the consortium."""

    IN = "in"
    OUT = "out"


class PaymentDraft(Draft):
    """Money that came from or went to a member, or went to a supplier.

    Parameters
    ----------
    amount_minor, currency
        What is settled; without a currency the consortium's.
    bank_amount_minor, bank_currency
        What the bank counted, where it is another currency: both amounts are stored, the rate follows from them.
    bank
        Name of the bank account.
    reference
        Of the bank; one reference is booked once.
    """

    direction: Direction
    member_id: int | None = None
    supplier: Text200 = ""
    value_date: Day
    amount_minor: PositiveMoney
    currency: OptionalCurrency = None
    bank_amount_minor: PositiveMoney | None = None
    bank_currency: OptionalCurrency = None
    bank: Name = "main"
    reference: Text200 = ""
    text: Text500 = ""

    @model_validator(mode="after")
    def _one_party(self) -> Self:
        if (self.member_id is None) == (not self.supplier):
            raise refusal("unknown_value", "either a member or a supplier")
        return self


class AssignDraft(Draft):
    """Whom a movement of the bank concerns: exactly one of them; without an amount all that is left of it."""

    member_id: int | None = None
    supplier: Text200 = ""
    income: Text200 = ""
    expense: Text200 = ""
    amount_minor: PositiveMoney | None = None
    value_date: OptionalDay = None
    text: Text500 = ""

    @model_validator(mode="after")
    def _one_party(self) -> Self:
        if sum(map(bool, (self.member_id is not None, self.supplier, self.income, self.expense))) != 1:
            raise refusal("unknown_value", "exactly one of member, supplier, income, expense")
        return self


class FeeKind(StrEnum):
    """How a fee is worked out."""

    ENTRY = "entry"
    DUES = "dues"
    COMMISSION = "commission"
    LEVY = "levy"


class FeeDraft(Draft):
    """A run of a fee over a period; running it again posts only what is new.

    Parameters
    ----------
    name
        Of the fee; with the period it says which run this is.
    amount_minor
        Of each member: once when it joins within the period (`entry`), or for the whole period (`dues`). For a levy
        the whole amount that members share equally.
    rate_ppm
        Of the value of the orders that left (`commission`).
    """

    kind: FeeKind
    name: Code
    first_on: Day
    last_on: Day
    value_date: Day
    due_on: OptionalDay = None
    amount_minor: Money = 0
    rate_ppm: RatePpm = 0
    text: Text500 = ""

    @model_validator(mode="after")
    def _has_its_numbers(self) -> Self:
        if (self.rate_ppm == 0) == (self.amount_minor == 0) or (self.kind is FeeKind.COMMISSION) != bool(self.rate_ppm):
            raise refusal("unknown_value", "an amount, or a rate for a commission")
        _refuse_before(self.first_on, self.last_on)
        return self


class Stage(StrEnum):
    """Where the money of a budget line stands; an amount is in exactly one stage."""

    BUDGET = "budget"
    AVAILABLE = "available"
    REQUESTED = "requested"
    ORDERED = "ordered"
    ACTUAL = "actual"


class BudgetMove(Draft):
    """An amount of a budget line that moves from one stage to another: approving is from budget to available."""

    line: Code
    from_stage: Stage
    to_stage: Stage
    amount_minor: PositiveMoney
    value_date: Day
    text: Text500 = ""
    decision: Text200 = ""

    @model_validator(mode="after")
    def _really_moves(self) -> Self:
        if self.from_stage is self.to_stage:
            raise refusal("unknown_value", "another stage")
        return self


class ExchangeDraft(Draft):
    """Money changed between two bank accounts: both amounts, as the bank counted them."""

    value_date: Day
    from_bank: Name = "main"
    from_currency: Currency
    from_minor: PositiveMoney
    to_bank: Name = "main"
    to_currency: Currency
    to_minor: PositiveMoney
    reference: Text200 = ""
    text: Text500 = ""

    @model_validator(mode="after")
    def _really_changes(self) -> Self:
        if self.from_currency == self.to_currency:
            raise refusal("unknown_value", "another currency")
        return self


class RateDraft(Draft):
    """What one unit of a currency costs in another on a day, and who says so."""

    on_date: Day
    base: Currency
    quote: Currency
    rate: Rate
    source: Name

    @model_validator(mode="after")
    def _of_two(self) -> Self:
        if self.base == self.quote:
            raise refusal("unknown_value", "another currency")
        return self


def _refuse_before(first: date, last: date) -> None:
    if last < first:
        raise refusal("date_order", f"a date >= {first}")
