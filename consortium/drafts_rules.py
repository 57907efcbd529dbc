"""Drafts of decisions on how costs are shared, and of invoices; see `drafts` for what a draft is."""

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from consortium.draft_kinds import (
    MAX_INTEGER,
    MAX_MONEY_MINOR,
    Code,
    Currency,
    Day,
    Draft,
    Note,
    Text200,
    Text300,
    optional,
    refusal,
)
from consortium.drafts import ALLOCATION_RULES
from consortium.errors import Fault, InputError
from optimizer.problem import AllocationKey, DelayKey
from optimizer.problem_sharing import EVENTS, INVOICED, ChargeClass

POOL_RULES = ALLOCATION_RULES
"""Rules on which members may decide: those that need nothing beside the plan and what groups would pay."""

EVENT_CLASSES = tuple(one.value for one in EVENTS)
"""Classes of charges with a cause."""

MOST_LINES = 200


def _pool_rule(value: Any) -> Any:
    if value not in POOL_RULES:
        raise refusal("unknown_value", "one of " + ", ".join(POOL_RULES))
    return value


Votes = Annotated[Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)] | None, BeforeValidator(optional)]
SignedMoney = Annotated[int, Field(strict=True, ge=-MAX_MONEY_MINOR, le=MAX_MONEY_MINOR)]


class TermsDraft(Draft):
    """A rule for the pool, and the keys of the classes of charges that are shared otherwise than their tariff says."""

    rule: Annotated[str, BeforeValidator(_pool_rule)]
    keys: dict[ChargeClass, AllocationKey] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _waiting_has_no_measure(self) -> Self:
        found = self.keys.get(ChargeClass.DELAY)
        if found not in (None, AllocationKey.OPTIMISED, AllocationKey.DIRECT):
            raise InputError([Fault("keys", "unknown_value", "one of " + ", ".join(DelayKey), repr(str(found)))])
        return self


class RuleDraft(TermsDraft):
    """A decision of the members on how costs are shared.

    Parameters
    ----------
    decided_on
        Day of the decision, not in the future.
    valid_from
        Shipments that are frozen from this day on are shared by it; not before the decision.
    text
        What was decided, in the words of the minutes.
    reference
        Where it stands, such as minutes and item.
    votes_for, votes_against, abstentions
        Where votes were counted.
    """

    decided_on: Day
    valid_from: Day
    text: Note
    reference: Text200 = ""
    votes_for: Votes = None
    votes_against: Votes = None
    abstentions: Votes = None

    @model_validator(mode="after")
    def _is_a_decision(self) -> Self:
        if found := list(self._faults()):
            raise InputError(found)
        return self

    def _faults(self) -> Iterable[Fault]:
        if self.valid_from < self.decided_on:
            yield Fault("valid_from", "date_order", f"a date >= decided_on {self.decided_on}", str(self.valid_from))
        if not self.text:
            yield Fault("text", "missing", "a text that is not empty", "nothing")
        if not self.reference and self.votes_for is None:
            yield Fault("reference", "missing", "minutes, or the votes", "nothing")
        against = (self.votes_against or 0) if self.votes_for is not None else 0
        if self.votes_for is not None and self.votes_for <= against:
            yield Fault("votes_for", "not_carried", f"more than {against} votes", str(self.votes_for))


class InvoiceLineDraft(Draft):
    """One line of an invoice.

    Parameters
    ----------
    charge_code
        Code of a charge of the shipment's problem; empty for what no charge foresaw.
    charge_class
        Needed without a code; with one it is the charge's.
    amount_minor
        In the invoice's currency; negative for a credit.
    causes
        Codes of the members that caused it, in equal parts; none: common.
    closes
        Whether the charge is invoiced completely with this line.
    """

    charge_code: Annotated[str, BeforeValidator(lambda value: value or "")] = ""
    charge_class: Annotated[ChargeClass | None, BeforeValidator(optional)] = None
    description: Text300 = ""
    amount_minor: SignedMoney
    causes: tuple[Code, ...] = ()
    closes: bool = True

    @model_validator(mode="after")
    def _is_of_something(self) -> Self:
        faults = []
        if not self.charge_code and self.charge_class is None:
            faults.append(Fault("charge_class", "missing", "one of " + ", ".join(INVOICED), "nothing"))
        if self.charge_class is ChargeClass.DELAY:
            faults.append(Fault("charge_class", "unknown_value", "one of " + ", ".join(INVOICED), repr("delay")))
        if len(set(self.causes)) < len(self.causes):
            faults.append(Fault("causes", "duplicate", "each only once", ", ".join(self.causes)))
        if faults:
            raise InputError(faults)
        return self


class InvoiceDraft(Draft):
    """An invoice, or a credit note, of a carrier or agent for one shipment.

    Parameters
    ----------
    booked_minor
        Its sum in the currency of the consortium, as the bank charged it; needed in another currency only.
    replaces
        Number of the invoice that this one corrects; its lines no longer count.
    """

    supplier: Text200 = ""
    reference: Text200
    invoice_date: Day
    currency: Currency
    booked_minor: Annotated[SignedMoney | None, BeforeValidator(optional)] = None
    replaces: Annotated[int | None, BeforeValidator(optional)] = None
    note: Note = ""
    invoice_lines: Annotated[tuple[InvoiceLineDraft, ...], Field(min_length=1, max_length=MOST_LINES)]

    @model_validator(mode="after")
    def _has_a_reference(self) -> Self:
        if not self.reference:
            raise InputError([Fault("reference", "missing", "a text that is not empty", "nothing")])
        return self
