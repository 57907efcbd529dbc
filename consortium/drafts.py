"""What users hand to services, checked once at the border: drafts of members, orders, tariffs and shipments.

Every draft raises ``InputError`` with all its faults when it is put together. Ids and names that only the
database knows (a member, a product, a code already used) are checked by the services, which raise the same.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from consortium.draft_kinds import (
    CargoClass,
    Code,
    Country,
    Currency,
    Day,
    Draft,
    Hs,
    Incoterm,
    Moment,
    Money,
    Name,
    Note,
    NotNegative,
    Port,
    Positive,
    RatePpm,
    ShortCode,
    Text40,
    Text200,
    Text300,
    Text500,
    TimeZone,
    Vertical,
    optional,
)
from consortium.errors import Fault, InputError
from consortium.models import ConsortiumKind, MemberKind
from optimizer.problem import (
    DIMENSIONS,
    LOT_BASES,
    AllocationKey,
    Basis,
    IncotermStage,
    LclRounding,
    MissedDueDate,
    Mode,
    Owners,
)

ALLOCATION_RULES = (
    "shapley",
    "nucleolus",
    "per_capita_nucleolus",
    "proportional_nucleolus",
    "lp_prices",
    "equal_profit",
    "least_core",
    "constrained_egalitarian",
    "equal_saving",
    "proportional",
    "proportional_volume",
    "proportional_mass",
    "proportional_freight_tonne",
    "proportional_value",
    "equal",
    "tau",
    "scrb",
    "separable",
    "marginal",
)
"""Names of the rules that may be in force, in the order in which they are offered. The last look at marginal costs,
which say little with whole containers; those that need weights or unions share no shipment."""


def _rule(value: Any) -> Any:
    if value not in ALLOCATION_RULES:
        raise InputError([Fault("", "unknown_value", "one of " + ", ".join(ALLOCATION_RULES), repr(value))])
    return value


AllocationRule = Annotated[str, BeforeValidator(_rule)]
OptionalCurrency = Annotated[Currency | None, BeforeValidator(optional)]
OptionalDay = Annotated[Day | None, BeforeValidator(optional)]


def _refuse(faults: Iterable[Fault]) -> None:
    """Raise `InputError` if there are any faults."""
    if found := list(faults):
        raise InputError(found)


def _repeated(path: str, key: str, values: Iterable[str]) -> Iterable[Fault]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield Fault(f"{path}[{index}]{'.' if key else ''}{key}", "duplicate", "each only once", repr(value))
        seen.add(value)


class ConsortiumDraft(Draft):
    """A consortium; `currency` is the one in which it plans and shares."""

    code: ShortCode
    name: Name
    kind: ConsortiumKind = ConsortiumKind.PROMOTIONAL
    country: Country
    currency: Currency
    time_zone: TimeZone = "UTC"
    allocation_rule: AllocationRule = "shapley"


class MemberDraft(Draft):
    """A member firm; its code has no comma, semicolon or slash, because codes stand in lists and ids."""

    code: ShortCode
    name: Name
    kind: MemberKind = MemberKind.FIRM
    country: Country
    tax_id: Text40 = ""
    sector: Text200 = ""
    represented_units: Positive = 1
    joined_on: Day


class ProductDraft(Draft):
    """A product of a member with the package it travels in; sizes in mm, masses in g, of one package."""

    code: Code
    name: Name
    hs: Hs = ""
    cargo_class: CargoClass = "dry"
    package_length_mm: Positive
    package_width_mm: Positive
    package_height_mm: Positive
    package_mass_g: Positive
    vertical: Vertical = ("height",)
    max_load_g: NotNegative | None = None


class OrderLineDraft(Draft):
    """Equal packages of an order; with a product, what is left out is the product's.

    Parameters
    ----------
    code
        Unique in the order; empty: the line's number, from 1.
    product_id
        A product of the order's member, or None.
    quantity
        Number of packages, > 0.
    length_mm, width_mm, height_mm, mass_g
        Outer sizes in mm and gross mass in g of one package, > 0.
    vertical
        Which of length, width, height may stand upright.
    max_load_g
        Mass that may rest on one package; None no limit, 0 nothing on top.
    """

    code: Annotated[Code | None, BeforeValidator(optional)] = None
    product_id: Positive | None = None
    description: Text300 = ""
    hs: Hs = ""
    quantity: Positive
    length_mm: Positive | None = None
    width_mm: Positive | None = None
    height_mm: Positive | None = None
    mass_g: Positive | None = None
    vertical: Vertical | None = None
    max_load_g: NotNegative | None = None

    @model_validator(mode="after")
    def _has_sizes(self) -> Self:
        if self.product_id is None:
            _refuse(
                Fault(name, "missing", "integer >= 1, or a product", "nothing")
                for name in ("length_mm", "width_mm", "height_mm", "mass_g")
                if getattr(self, name) is None
            )
        return self


class OrderDraft(Draft):
    """One buyer's purchase from one member, on one lane.

    Parameters
    ----------
    member_id
        The firm; None: the one that the acting user belongs to.
    code
        Unique among the member's orders.
    value_minor
        Value of the goods in minor units of the consortium's currency, >= 0.
    currency
        The consortium's currency, or None.
    delay_cost_ppm_per_day
        Parts per million of the value that a day of waiting costs.
    lines
        The packages; then the totals are theirs.
    volume_cm3, mass_g
        Totals, needed when there are no lines.
    """

    member_id: Positive | None = None
    code: Code
    buyer: Text200 = ""
    origin: Port
    destination: Port
    ready_date: Day
    due_date: OptionalDay = None
    cargo_class: CargoClass = "dry"
    incoterm: Annotated[Incoterm | None, BeforeValidator(optional)] = None
    named_place: Text200 = ""
    value_minor: Money = 0
    currency: OptionalCurrency = None
    delay_cost_ppm_per_day: RatePpm = 0
    divisible: bool = False
    volume_cm3: Positive | None = None
    mass_g: Positive | None = None
    note: Note = ""
    lines: Annotated[tuple[OrderLineDraft, ...], Field(max_length=500)] = ()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _refuse(self._faults())
        return self

    def _faults(self) -> Iterable[Fault]:
        if self.origin == self.destination:
            yield Fault("destination", "same_port", "a port other than the origin", repr(self.destination))
        if self.due_date is not None and self.due_date < self.ready_date:
            yield Fault("due_date", "date_order", f"a date >= ready_date {self.ready_date}", str(self.due_date))
        if not self.lines:
            for name in ("volume_cm3", "mass_g"):
                if getattr(self, name) is None:
                    yield Fault(name, "missing", "integer >= 1, or lines", "nothing")
        yield from _repeated("lines", "code", (one.code or str(n) for n, one in enumerate(self.lines, start=1)))


class DepartureDraft(Draft):
    """A departure of a lane: last day to join it, day it leaves, day it arrives."""

    code: Code
    origin: Port
    destination: Port
    carrier: Text200 = ""
    cut_off: Day
    departure: Day
    arrival: Day
    container_limits: dict[Annotated[str, Field(pattern="^[A-Z0-9]{4}$")], NotNegative] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _refuse(self._faults())
        return self

    def _faults(self) -> Iterable[Fault]:
        if self.origin == self.destination:
            yield Fault("destination", "same_port", "a port other than the origin", repr(self.destination))
        if self.departure < self.cut_off:
            yield Fault("departure", "date_order", f"a date >= cut_off {self.cut_off}", str(self.departure))
        if self.arrival < self.departure:
            yield Fault("arrival", "date_order", f"a date >= departure {self.departure}", str(self.arrival))


class TariffDraft(Draft):
    """A set of charges: validity by the day of departure, currency (None: the consortium's), source."""

    code: Code
    name: Text200 = ""
    currency: OptionalCurrency = None
    valid_from: Day
    valid_to: OptionalDay = None
    source: Text500 = ""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            _refuse([Fault("valid_to", "date_order", f"a date >= valid_from {self.valid_from}", str(self.valid_to))])
        return self


class StepDraft(Draft):
    """A price break: from this number of units on, every unit costs `amount_minor`."""

    from_units: NotNegative
    amount_minor: Money


class ChargeDraft(Draft):
    """One charge of a tariff; a filter that is None meets everything.

    Parameters
    ----------
    basis
        What one unit is counted by; with ``value`` the price is `rate_ppm`, with the others `amount_minor` or `steps`.
    minimum_minor, maximum_minor
        Bounds of one charge line, in minor units of the tariff's currency.
    gross_mass_over_g
        Only with basis ``container``: counts containers whose cargo and tare together are heavier.
    departures, members
        Codes of departures and members of the consortium.
    """

    code: Code
    description: Text300 = ""
    basis: Basis
    amount_minor: Money = 0
    rate_ppm: RatePpm = 0
    minimum_minor: Money = 0
    maximum_minor: Money | None = None
    gross_mass_over_g: NotNegative | None = None
    steps: Annotated[tuple[StepDraft, ...], Field(max_length=50)] = ()
    modes: tuple[Mode, ...] | None = None
    container_types: tuple[Annotated[str, Field(pattern="^[A-Z0-9]{4}$")], ...] | None = None
    departures: tuple[Code, ...] | None = None
    origins: tuple[Port, ...] | None = None
    destinations: tuple[Port, ...] | None = None
    cargo_classes: tuple[CargoClass, ...] | None = None
    members: tuple[Code, ...] | None = None
    incoterm_stage: Annotated[IncotermStage | None, BeforeValidator(optional)] = None
    allocation_key: AllocationKey = AllocationKey.OPTIMISED

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _refuse((*self._price_faults(), *self._filter_faults()))
        return self

    def _price_faults(self) -> Iterable[Fault]:
        if self.maximum_minor is not None and self.maximum_minor < self.minimum_minor:
            least = f"integer >= minimum_minor {self.minimum_minor}"
            yield Fault("maximum_minor", "out_of_range", least, str(self.maximum_minor))
        if self.basis is Basis.VALUE and (self.amount_minor or self.steps):
            yield Fault("basis", "wrong_price", "rate_ppm and no amount or steps", "amount_minor or steps")
        if self.basis is not Basis.VALUE and self.rate_ppm:
            yield Fault("rate_ppm", "wrong_price", "rate_ppm only with basis value", str(self.rate_ppm))
        if self.gross_mass_over_g is not None and self.basis is not Basis.CONTAINER:
            yield Fault("gross_mass_over_g", "wrong_price", "only with basis container", self.basis.value)
        starts = [step.from_units for step in self.steps]
        if starts and (starts[0] != 0 or sorted(set(starts)) != starts):
            yield Fault("steps", "wrong_steps", "steps that start at 0 and rise", str(starts))

    def _filter_faults(self) -> Iterable[Fault]:
        for name in FILTERS:
            chosen = getattr(self, name)
            if chosen is not None and not chosen:
                yield Fault(name, "empty_list", "one or more, or nothing at all", "[]")
            yield from _repeated(name, "", chosen or ())
        if self.container_types and self.modes and Mode.FCL not in self.modes:
            yield Fault("container_types", "never_matches", "modes with fcl", ", ".join(self.modes))
        if self.allocation_key is AllocationKey.CONTAINER_USE and self.basis not in (Basis.CONTAINER, *LOT_BASES):
            yield Fault("allocation_key", "wrong_key", "container_use only with containers or lots", self.basis.value)


FILTERS = ("modes", "container_types", "departures", "origins", "destinations", "cargo_classes", "members")
"""Names of the filters of a charge, as in the problem format."""


class SettingsDraft(Draft):
    """Choices that hold for a whole pooled shipment, as in the problem format."""

    modes: Annotated[tuple[Mode, ...], Field(min_length=1)] = (Mode.FCL, Mode.LCL, Mode.POSTAL)
    lcl_rounding: LclRounding = LclRounding.EXACT
    missed_due_date: MissedDueDate = MissedDueDate.FORBIDDEN
    delay_counts_transit: bool = False
    owners: Owners = Owners.FREE
    incompatible_classes: tuple[tuple[CargoClass, CargoClass], ...] | None = None

    def stored(self) -> dict[str, Any]:
        """Return the settings as a shipment keeps them; the usual incompatible classes are not repeated."""
        return self.model_dump(mode="json", exclude_none=True)


class ShipmentDraft(Draft):
    """A pooled shipment; `container_types` empty means all known, `allocation_rule` None the consortium's."""

    code: Code
    title: Text200 = ""
    cut_off_at: Moment
    allocation_rule: AllocationRule | None = None
    container_types: tuple[Annotated[str, Field(pattern="^[A-Z0-9]{4}$")], ...] = ()
    settings: SettingsDraft = Field(default_factory=SettingsDraft)

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        _refuse(_repeated("container_types", "", self.container_types))
        return self


__all__ = [
    "ALLOCATION_RULES",
    "DIMENSIONS",
    "FILTERS",
    "ChargeDraft",
    "ConsortiumDraft",
    "DepartureDraft",
    "MemberDraft",
    "OrderDraft",
    "OrderLineDraft",
    "ProductDraft",
    "SettingsDraft",
    "ShipmentDraft",
    "StepDraft",
    "TariffDraft",
]
