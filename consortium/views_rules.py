"""What pages see of rules in force and of invoices; amounts in minor units of the consortium's currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UseView:
    """A shipment that is shared by a decision, and whether the decision came after its prices were known."""

    shipment_id: int
    code: str
    prices_known_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersionView:
    """A recorded decision; `is_intact` says whether it still has the fingerprint that it was recorded with."""

    id: int
    number: int
    rule: str
    keys: Mapping[str, str]
    decided_on: date
    valid_from: date
    text: str
    reference: str
    votes_for: int | None
    votes_against: int | None
    abstentions: int | None
    recorded_by: str
    recorded_at: datetime
    withdrawn_at: datetime | None
    terms_sha256: str
    is_in_force: bool
    is_intact: bool
    used_by: tuple[UseView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesView:
    """The decisions of a consortium, newest first; without any, `default_rule` holds and nobody decided on it."""

    versions: tuple[RuleVersionView, ...]
    default_rule: str
    priced_and_open: tuple[str, ...]
    """Codes of shipments that are open again although a plan showed their prices: a new decision would come late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentRuleView:
    """How a shipment is shared; `number` None: nobody had decided when it was frozen (or has until now)."""

    rule: str
    keys: Mapping[str, str]
    number: int | None
    decided_on: date | None
    recorded_at: datetime | None
    reference: str
    is_locked: bool
    prices_known_at: datetime | None
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedMemberView:
    """What a member is charged for a shipment, and what it would have been under other terms."""

    member_code: str
    member_name: str
    before_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedShipmentView:
    """A past shipment under other terms; `how` as `consortium.replaying.Replayed`, `total_minor` None: withheld."""

    shipment_id: int
    code: str
    how: str
    reason: str
    total_minor: int | None
    members: tuple[ReplayedMemberView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayView:
    """A replay of other terms on past shipments; for a member its own part of it."""

    id: int
    rule: str
    keys: Mapping[str, str]
    recompute: bool
    created_at: datetime
    shipments: tuple[ReplayedShipmentView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotView:
    """A part of the estimate: what it was, what it came to, whether anything was invoiced and more may come."""

    charge_class: str
    code: str
    description: str
    member_code: str
    key: str
    estimate_minor: int
    actual_minor: int
    is_invoiced: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceReasonView:
    """What one slot changes for a member; the figures of the whole slot are None where they are withheld."""

    charge_class: str
    code: str
    key: str
    own: bool
    step_minor: int
    estimate_minor: int | None
    actual_minor: int | None
    weight: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceView:
    """What one invoice changes for one member, and its whole share after it."""

    member_code: str
    member_name: str
    difference_minor: int
    pays_minor: int
    buyers_pay_minor: int
    share_minor: int
    reasons: tuple[DifferenceReasonView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineView:
    """One line of an invoice, in its currency and as booked."""

    charge_class: str
    code: str
    description: str
    amount_minor: int
    booked_minor: int
    causes: tuple[str, ...]
    closes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView:
    """One invoice; `stands` is False when a corrected one replaced it. A member sees no lines, and its own delta."""

    number: int
    supplier: str
    reference: str
    invoice_date: date
    currency: str
    booked_minor: int | None
    replaces: int | None
    stands: bool
    note: str
    entered_at: datetime
    lines: tuple[InvoiceLineView, ...]
    differences: tuple[DifferenceView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberTotalView:
    """A member's share of the estimate, the difference since, and what it comes to."""

    member_code: str
    member_name: str
    estimate_minor: int
    difference_minor: int
    share_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicesView:
    """Everything invoiced for a shipment against its estimate; a member sees neither slots nor charges."""

    shipment_id: int
    currency: str
    slots: tuple[SlotView, ...]
    charges: Mapping[str, str]
    """Code -> description of every charge that may be invoiced."""
    members: tuple[MemberTotalView, ...]
    invoices: tuple[InvoiceView, ...]
