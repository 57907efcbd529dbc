"""What queries hand to pages: frozen values, no record of the database among them.

A number or a name that the viewer may not know is None (or an empty tuple), never a zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from consortium.models import ConsortiumKind, MemberKind, OrderState, Role, ShipmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsortiumView:
    """A consortium and what the viewer is in it; `member_ids` are the firms that the viewer acts for."""

    id: int
    code: str
    name: str
    kind: ConsortiumKind
    country: str
    currency: str
    time_zone: str
    allocation_rule: str
    roles: frozenset[Role]
    member_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A member firm; `is_active` on the day of the question."""

    id: int
    code: str
    name: str
    kind: MemberKind
    country: str
    tax_id: str
    sector: str
    represented_units: int
    joined_on: date
    left_on: date | None
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductView:
    """A product of a member; sizes in mm, masses in g, of one package."""

    id: int
    member_id: int
    code: str
    name: str
    hs: str
    cargo_class: str
    package_length_mm: int
    package_width_mm: int
    package_height_mm: int
    package_mass_g: int
    vertical: tuple[str, ...]
    max_load_g: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineView:
    """Equal packages of an order; sizes in mm, masses in g, of one package."""

    id: int
    code: str
    product_id: int | None
    description: str
    hs: str
    quantity: int
    length_mm: int
    width_mm: int
    height_mm: int
    mass_g: int
    vertical: tuple[str, ...]
    max_load_g: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """An order; totals are those of its lines where it has lines.

    `shipment_id` and `shipment_code` name the pooled shipment it is gathered in; `can_change` says whether its
    state lets it be changed or withdrawn. `lines` is filled by `order`, empty in lists.
    """

    id: int
    consortium_id: int
    member_id: int
    member_code: str
    member_name: str
    code: str
    buyer: str
    origin: str
    destination: str
    ready_date: date
    due_date: date | None
    cargo_class: str
    incoterm: str | None
    named_place: str
    value_minor: int
    currency: str
    delay_cost_ppm_per_day: int
    divisible: bool
    packages: int
    volume_cm3: int
    mass_g: int
    state: OrderState
    note: str
    entered_at: datetime
    shipment_id: int | None
    shipment_code: str | None
    can_change: bool
    lines: tuple[OrderLineView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureView:
    """A departure of a lane; `container_limits` maps container types to the greatest number on it."""

    id: int
    code: str
    origin: str
    destination: str
    carrier: str
    cut_off: date
    departure: date
    arrival: date
    container_limits: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeView:
    """One charge; `steps` are (from units, amount in minor units), `filters` map a filter's name to its values."""

    id: int
    tariff_id: int
    code: str
    description: str
    basis: str
    amount_minor: int
    rate_ppm: int
    minimum_minor: int
    maximum_minor: int | None
    gross_mass_over_g: int | None
    steps: tuple[tuple[int, int], ...]
    filters: Mapping[str, tuple[str, ...]]
    incoterm_stage: str | None
    allocation_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TariffView:
    """A tariff with its charges, by code."""

    id: int
    code: str
    name: str
    currency: str
    valid_from: date
    valid_to: date | None
    source: str
    charges: tuple[ChargeView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentView:
    """An order in a pooled shipment."""

    id: int
    gathered_at: datetime
    order: OrderView


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentTotals:
    """What a pooled shipment holds together; the counts are None for a member, who sees volume and mass at most."""

    firms: int | None
    consignments: int | None
    volume_cm3: int
    mass_g: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentView:
    """A pooled shipment as the viewer may see it.

    `consignments` are all of them for a manager or an auditor, its own for a member. `totals` is None for a member
    unless at least three other firms stand behind them. `departures` are those of the visible consignments' lanes
    that can still be joined on the day of the cut-off. `is_past_cut_off` says that planning will freeze it.
    """

    id: int
    consortium_id: int
    code: str
    title: str
    cut_off_at: datetime
    is_past_cut_off: bool
    state: ShipmentState
    allocation_rule: str
    container_types: tuple[str, ...]
    settings: Mapping[str, Any]
    plan_id: int | None
    opened_at: datetime
    consignments: tuple[ConsignmentView, ...]
    totals: ShipmentTotals | None
    departures: tuple[DepartureView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateCell:
    """One line of an aggregate; every number is None when fewer than three firms stand behind the line."""

    label: str
    firms: int | None
    orders: int | None
    volume_cm3: int | None
    mass_g: int | None
    value_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregatesView:
    """Figures of a consortium in which no firm can be made out.

    `firms` is the number of active members (None below three); `pooled_shipments` how many were shipped;
    `all_orders` the total, `by_country` the same by country of destination. A second line is suppressed
    where a single suppressed one could be had by subtraction.
    """

    firms: int | None
    pooled_shipments: int | None
    all_orders: AggregateCell
    by_country: tuple[AggregateCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """What a viewer finds on arrival.

    `orders_by_state` counts all orders for a manager or an auditor, its own for a member, and is empty for an agency;
    `members_active` is None for a member; `shipments` are the ones not yet settled; `aggregates` is None for a member.
    """

    consortium: ConsortiumView
    members_active: int | None
    orders_by_state: Mapping[OrderState, int]
    shipments_by_state: Mapping[ShipmentState, int]
    shipments: tuple[ShipmentView, ...]
    next_departures: tuple[DepartureView, ...]
    aggregates: AggregatesView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEventView:
    """One act: when, by whom (None: the system), what, on what, with which values."""

    id: int
    at: datetime
    username: str | None
    action: str
    subject: str
    detail: Mapping[str, Any]
