"""The parts of a consolidation problem: members, goods, containers, departures, charges and settings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import permutations

DIMENSIONS = ("length", "width", "height")
"""The three sizes of a package, in the order in which `Package` holds them."""


class Basis(StrEnum):
    """What one unit of a charge is counted by."""

    CONTAINER = "container"
    FREIGHT_TONNE = "freight_tonne"
    CUBIC_METRE = "cubic_metre"
    TONNE = "tonne"
    BILL_OF_LADING = "bill_of_lading"
    CONSIGNMENT = "consignment"
    MEMBER = "member"
    DEPARTURE = "departure"
    VALUE = "value"
    PACKAGE = "package"


LOT_BASES = frozenset({Basis.FREIGHT_TONNE, Basis.CUBIC_METRE, Basis.TONNE, Basis.PACKAGE})
"""Bases with one charge line per lot."""


class Mode(StrEnum):
    """How a lot travels."""

    FCL = "fcl"
    LCL = "lcl"
    POSTAL = "postal"


class IncotermStage(StrEnum):
    """The part of the journey that a charge belongs to."""

    ORIGIN = "origin"
    MAIN_CARRIAGE = "main_carriage"
    INSURANCE = "insurance"
    DESTINATION = "destination"


class AllocationKey(StrEnum):
    """How a charge is shared: by the cost game, or directly by a measure."""

    OPTIMISED = "optimised"
    DIRECT = "direct"
    VOLUME = "volume"
    MASS = "mass"
    FREIGHT_TONNE = "freight_tonne"
    VALUE = "value"
    EQUAL = "equal"
    CONTAINER_USE = "container_use"


MEASURING_KEYS = frozenset(AllocationKey) - {AllocationKey.OPTIMISED, AllocationKey.DIRECT}
"""Keys that share a charge by measuring something, whatever the groups of members would pay alone."""


class DelayKey(StrEnum):
    """Whether waiting is shared with what the rule shares, or each member bears its own."""

    OPTIMISED = "optimised"
    DIRECT = "direct"


class LclRounding(StrEnum):
    """Whether the units of an LCL lot are charged exactly or rounded up to whole ones."""

    EXACT = "exact"
    UP = "up"


class Owners(StrEnum):
    """How far the goods of one owner stay together in a container."""

    FREE = "free"
    PREFERRED = "preferred"
    STRICT = "strict"


FULL_SUPPORT = 1000
"""Permille of a package's base that must rest on something: all of it."""


class MissedDueDate(StrEnum):
    """Whether a consignment may arrive after its due date."""

    FORBIDDEN = "forbidden"
    ALLOWED = "allowed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, what was expected, what was found.

    `code` is a stable name that the edge translates; `path` is the place in the format,
    such as ``consignments[3].mass_g``.
    """

    path: str
    code: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, found {self.found}"


class ProblemError(ValueError):
    """A problem that cannot be: carries every fault found, not only the first."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletType:
    """An empty pallet and how it may be loaded: nothing hangs over its edge.

    Parameters
    ----------
    length_mm, width_mm, height_mm, mass_g
        Of the empty pallet; sizes > 0, mass >= 0.
    most_height_mm
        Greatest height with everything on it, > `height_mm`.
    most_mass_g
        Greatest mass with everything on it, > `mass_g`; None is no limit.
    max_load_g
        Mass that may stand on the loaded pallet, such as further pallets; None is no limit, 0 nothing on top.
    mixed
        Whether goods of several owners may share one, which is then nobody's.

    Raises
    ------
    ProblemError
        When an amount is out of range.
    """

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    most_height_mm: int
    mass_g: int = 0
    most_mass_g: int | None = None
    max_load_g: int | None = 0
    mixed: bool = False

    def __post_init__(self) -> None:
        least = {
            "length_mm": 1, "width_mm": 1, "height_mm": 1, "mass_g": 0, "max_load_g": 0,
            "most_height_mm": self.height_mm + 1, "most_mass_g": self.mass_g + 1,
        }  # fmt: skip
        faults = [
            Fault(f"pallet.{name}", "out_of_range", f"integer >= {low}", str(found))
            for name, low in least.items()
            if (found := getattr(self, name)) is not None and found < low
        ]
        if faults:
            raise ProblemError(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A member of the consortium, as the optimiser knows it."""

    id: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """Equal packages of one consignment.

    Parameters
    ----------
    quantity
        Number of packages, > 0.
    length_mm, width_mm, height_mm
        Outer sizes of one package, > 0.
    mass_g
        Gross mass of one package, >= 0.
    vertical
        Which of length, width, height may stand upright; all three by default.
    max_load_g
        Mass that may rest on one package; None is no limit, 0 nothing on top.
    """

    id: str
    quantity: int
    length_mm: int
    width_mm: int
    height_mm: int
    mass_g: int
    vertical: tuple[str, ...] = DIMENSIONS
    max_load_g: int | None = None
    description: str = ""
    hs: str = ""

    @property
    def unit_volume_mm3(self) -> int:
        """Volume of one package."""
        return self.length_mm * self.width_mm * self.height_mm

    def fits(self, container: "ContainerType") -> bool:
        """Say whether one package, lying or standing as allowed, fits below the load line and passes the door."""
        sizes = {"length": self.length_mm, "width": self.width_mm, "height": self.height_mm}
        door_width = min(container.width_mm, container.door_width_mm or container.width_mm)
        inside = min(container.height_mm, container.load_line_mm or container.height_mm)
        highest = min(inside, container.door_height_mm or inside)
        for upright in self.vertical:
            floor = [sizes[name] for name in DIMENSIONS if name != upright]
            for along, across in permutations(floor):
                if along <= container.length_mm and across <= door_width and sizes[upright] <= highest:
                    return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """One member's goods for one consignee on one lane.

    Parameters
    ----------
    volume_mm3, mass_g
        Totals; with packages they equal the packages' totals.
    value_minor
        Value of the goods in minor units, >= 0; base of delay and value charges.
    delay_cost_ppm_per_day
        Parts per million of the value that a day of waiting costs.
    divisible
        Whether it may be split between its packages over containers, lots and departures.
    contained_in
        Container types allowed; None is all.
    """

    id: str
    member: str
    origin: str
    destination: str
    ready_date: date
    volume_mm3: int
    mass_g: int
    due_date: date | None = None
    consignee: str | None = None
    cargo_class: str = "dry"
    incoterm: str | None = None
    value_minor: int = 0
    delay_cost_ppm_per_day: int = 0
    divisible: bool = False
    contained_in: frozenset[str] | None = None
    packages: tuple[Package, ...] = ()

    @property
    def can_split(self) -> bool:
        """Whether it may really be divided: divisible and described by more than one package."""
        return self.divisible and sum(package.quantity for package in self.packages) > 1

    def part_totals(self, quantities: Mapping[str, int]) -> tuple[int, int, int]:
        """Return (volume_mm3, mass_g, number of packages) of a part given as package id -> quantity."""
        chosen = [(package, quantities.get(package.id, 0)) for package in self.packages]
        return (
            sum(count * package.unit_volume_mm3 for package, count in chosen),
            sum(count * package.mass_g for package, count in chosen),
            sum(count for _, count in chosen),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerType:
    """A kind of container: inside and door sizes in mm, payload and tare in g, usable share of its volume.

    Parameters
    ----------
    load_line_mm
        Height above which nothing may stand (the red line of a reefer), > 0; None is the ceiling.
    line_load_g_per_m
        Greatest mass on any metre of the floor's length, > 0; None is no limit.
    """

    code: str
    name: str = ""
    length_mm: int
    width_mm: int
    height_mm: int
    payload_g: int
    tare_g: int = 0
    volume_mm3: int
    usable_volume_permille: int = 1000
    cargo_classes: frozenset[str] = frozenset({"dry"})
    door_width_mm: int | None = None
    door_height_mm: int | None = None
    load_line_mm: int | None = None
    line_load_g_per_m: int | None = None

    @property
    def usable_volume_mm3(self) -> int:
        """Volume that may be planned without placements, rounded down."""
        return self.volume_mm3 * self.usable_volume_permille // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """One sailing (or flight, or truck) of a lane, with the last day to join it."""

    id: str
    origin: str
    destination: str
    cut_off: date
    departure: date
    arrival: date
    carrier: str = ""
    container_limits: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeStep:
    """A price break: from this number of units on, every unit costs `amount_minor`."""

    from_units: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line of a tariff; filters that are None match everything."""

    code: str
    basis: Basis
    amount_minor: int = 0
    rate_ppm: int = 0
    description: str = ""
    minimum_minor: int = 0
    maximum_minor: int | None = None
    steps: tuple[ChargeStep, ...] = ()
    gross_mass_over_g: int | None = None
    modes: frozenset[Mode] | None = None
    container_types: frozenset[str] | None = None
    departures: frozenset[str] | None = None
    origins: frozenset[str] | None = None
    destinations: frozenset[str] | None = None
    cargo_classes: frozenset[str] | None = None
    members: frozenset[str] | None = None
    incoterm_stage: IncotermStage | None = None
    allocation_key: AllocationKey = AllocationKey.OPTIMISED


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Choices that hold for the whole problem.

    Parameters
    ----------
    support_permille
        Part of every package's base that must rest on the floor or on packages: 1000 full, 0 none.
    owners
        How far the goods of one member stay together in a container.
    delay_key
        Who bears the cost of waiting.
    """

    modes: tuple[Mode, ...] = (Mode.FCL, Mode.LCL, Mode.POSTAL)
    lcl_rounding: LclRounding = LclRounding.EXACT
    missed_due_date: MissedDueDate = MissedDueDate.FORBIDDEN
    own_container_always_possible: bool = True
    delay_counts_transit: bool = False
    support_permille: int = FULL_SUPPORT
    owners: Owners = Owners.FREE
    delay_key: DelayKey = DelayKey.OPTIMISED
