"""What pages see of plans and cost shares; amounts in minor units of the consortium's currency."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from consortium.views_answers import WishView


@dataclass(frozen=True, slots=True, kw_only=True)
class TravellingView:
    """A consignment (or the part of it) in one container or lot, with the departure it takes."""

    consignment: str
    member_code: str
    member_name: str
    order_code: str
    mode: str
    container: str | None
    departure: str
    origin: str
    destination: str
    ready_date: date
    departs: date
    arrives: date
    packages: int
    volume_cm3: int
    mass_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerView:
    """A planned container: how full, by volume (of the usable) and by mass (of the payload), and with what."""

    id: str
    container_type: str
    container_name: str
    departure: str
    origin: str
    destination: str
    carrier: str
    departs: date
    arrives: date
    mass_g: int
    volume_cm3: int
    volume_fill_permille: int
    payload_fill_permille: int
    contents: tuple[TravellingView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnplannedView:
    """What cannot travel, the binding reason and the cheapest cure, as data."""

    consignment: str
    member_code: str
    member_name: str
    order_code: str
    reason: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeSumView:
    """All lines of one charge together."""

    code: str
    description: str
    lines: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonView:
    """What other ways would cost; None where that way cannot carry everything, or was not priced.

    A plan that was chosen among the alternatives of another says for which wishes, and what it cost more.
    """

    pooled_minor: int
    each_alone_minor: int | None
    all_lcl_minor: int | None
    no_waiting_minor: int | None
    waiting_cost_minor: int
    chosen_for: tuple[WishView, ...] = ()
    chosen_extra_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateView:
    """The verdict on a plan's shares in data: what was compared and what was found."""

    verdict: str
    members: int
    coalitions_compared: int
    largest_excess_minor: int | None
    worst_coalition: tuple[str, ...]
    individually_rational: str
    core_empty: str
    rounding_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A judged plan as the manager and the auditor see it."""

    id: int
    shipment_id: int
    currency: str
    status: str
    cost_minor: int
    lower_bound_minor: int
    gap_ppm: int
    is_cheapest_by_volume: bool
    """Whether no plan within the usable volumes costs less, be it that a denser one is not ruled out."""
    ended_by: str
    delay_cost_minor: int
    containers: tuple[ContainerView, ...]
    loose: tuple[TravellingView, ...]
    unplanned: tuple[UnplannedView, ...]
    charges: tuple[ChargeSumView, ...]
    comparison: ComparisonView
    rule: str
    shares_missing: str
    certificate: CertificateView | None
    problem_sha256: str
    plan_sha256: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step from the cost alone to the payment (`optimizer.allocation.explaining.Step`)."""

    kind: str
    code: str
    key: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePartView:
    """What one charge costs a member alone (None: not known) and pooled; without a code, `key` says what it is."""

    code: str
    key: str
    alone_minor: int | None
    pooled_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WayView:
    """The way from a member's cost alone to its payment: the steps sum to it."""

    steps: tuple[StepView, ...]
    charges: tuple[ChargePartView, ...]
    to_pay_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShareView:
    """What one member is charged, what it would have paid alone, and why, as data.

    `way` is None for plans that were made before it was kept; `charge_names` has the charges of the way.
    """

    member_id: int
    member_code: str
    member_name: str
    currency: str
    cost_share_minor: int
    pays_minor: int
    buyers_pay_minor: int
    stand_alone_cost_minor: int | None
    saving_minor: int | None
    why: Mapping[str, Any]
    way: WayView | None = None
    charge_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTotalsView:
    """Totals of a pool, shown to a member only when enough other firms stand behind them."""

    members: int
    containers: int
    cost_minor: int
    volume_cm3: int
    mass_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPlanView:
    """A plan as a member sees it: its own goods, its own share (one for each firm it acts for), no rival's anything."""

    plan_id: int
    shipment_id: int
    currency: str
    status: str
    gap_ppm: int
    is_cheapest_by_volume: bool
    rule: str
    travelling: tuple[TravellingView, ...]
    unplanned: tuple[UnplannedView, ...]
    shares: tuple[CostShareView, ...]
    certificate: CertificateView | None
    totals: PoolTotalsView | None
    created_at: datetime
