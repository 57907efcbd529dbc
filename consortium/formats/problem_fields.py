"""The fields of ``consortium/problem@1``, once: JSON, workbook, CSV and the published schema all come from here."""

from dataclasses import dataclass
from typing import Any

from consortium.formats.codes import INCOTERMS, CurrencyCode, PortCode
from consortium.formats.json_text import show
from consortium.formats.kinds import (
    ID,
    Boolean,
    Constant,
    Day,
    Integer,
    ListOf,
    MapOf,
    OneOf,
    Reading,
    Text,
)
from consortium.formats.schema_model import Field, Record
from optimizer.load_problem import FULL_SUPPORT, SUPPORT_NAMES, support_name, support_permille
from optimizer.problem import (
    DIMENSIONS,
    AllocationKey,
    Basis,
    Charge,
    ChargeStep,
    Consignment,
    ContainerType,
    DelayKey,
    Departure,
    IncotermStage,
    LclRounding,
    MissedDueDate,
    Mode,
    Owners,
    Package,
    Party,
    Settings,
)
from optimizer.problem_checks import names_of_nothing
from optimizer.units import MM3_PER_CM3, volume_cm3

PROBLEM_FORMAT = "consortium/problem@1"

MAX_LENGTH_MM = 100_000
"""Longest size of a file, 100 m: volumes then stay exact in 64 bits."""

CONTRADICTION_PERCENT = 2
"""Difference between written totals and the packages' totals that is reported."""

IDS = ListOf(ID, frozenset)
PORTS = ListOf(PortCode(), frozenset)
LENGTH = Integer(1, MAX_LENGTH_MM)
PPM = Integer(0, 1_000_000_000)


class VolumeCm3(Integer):
    """Whole cubic centimetres in the file, cubic millimetres inside."""

    def read(self, value: Any, path: str, reading: Reading) -> int:
        """Return cubic millimetres."""
        return super().read(value, path, reading) * MM3_PER_CM3

    def write(self, value: int) -> int:
        """Return cubic centimetres rounded half up, never 0: a volume of a file is at least 1."""
        return max(self.least, volume_cm3(value))


class Uprights(ListOf):
    """Which sizes of a package may stand upright, in the order length, width, height."""

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        """Return the sizes without repetition in the fixed order."""
        found = set(super().read(value, path, reading))
        return tuple(one for one in DIMENSIONS if one in found) or DIMENSIONS


SUPPORT_EXPECTED = "full, none, or partial:N with N from 1 to 1000"


@dataclass(frozen=True)
class Support:
    """A support policy: a text in the file, permille of the base inside."""

    expected: str = SUPPORT_EXPECTED

    def read(self, value: Any, path: str, reading: Reading) -> int:
        """Return the permille of the base that must rest on something, or all of it after a fault."""
        found = support_permille(value) if isinstance(value, str) else None
        if found is None:
            reading.fault(path, "unknown_value", self.expected, show(value))
            return FULL_SUPPORT
        return found

    def write(self, value: int) -> str:
        """Return the name of the policy."""
        return support_name(value)

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": f"^({SUPPORT_NAMES})$"}


VOLUME = VolumeCm3(1, 10**12)
SUPPORT = Field(
    key="support",
    kind=Support(),
    attribute="support_permille",
    omit=(FULL_SUPPORT,),
    note="Part of every base that must rest on the floor or on packages.",
)
LOAD_LINE = Field(
    key="load_line_mm", kind=LENGTH, nullable=True, omit=(None,), note="Height above which nothing may stand."
)
LINE_LOAD = Field(
    key="line_load_g_per_m",
    kind=Integer(1, 10**12),
    nullable=True,
    omit=(None,),
    note="Greatest mass on any metre of the floor's length.",
)

MEMBER = Record(
    name="member",
    make=Party,
    note="A firm of the consortium.",
    fields=(
        Field(key="id", kind=Text(1, "[^,]+", "a non-empty text without commas"), required=True),
        Field(key="name", kind=Text()),
    ),
)

PACKAGE = Record(
    name="package",
    make=Package,
    note="Equal packages of one consignment.",
    fields=(
        Field(key="id", kind=ID, required=True),
        Field(key="quantity", kind=Integer(1, 1_000_000), required=True),
        Field(key="length_mm", kind=LENGTH, required=True),
        Field(key="width_mm", kind=LENGTH, required=True),
        Field(key="height_mm", kind=LENGTH, required=True),
        Field(key="mass_g", kind=Integer(0, 10**12), required=True, note="Gross mass of one package."),
        Field(key="vertical", kind=Uprights(OneOf(DIMENSIONS), least=1), note="Sizes that may stand upright."),
        Field(key="max_load_g", kind=Integer(), nullable=True, note="Mass that may rest on one; null: no limit."),
        Field(key="description", kind=Text()),
        Field(key="hs", kind=Text(), note="Harmonised System code."),
    ),
)


def _make_consignment(**values: Any) -> Consignment:
    packages: tuple[Package, ...] = values.get("packages") or ()
    if packages:
        values["volume_mm3"] = sum(one.quantity * one.unit_volume_mm3 for one in packages)
        values["mass_g"] = sum(one.quantity * one.mass_g for one in packages)
    return Consignment(**{"volume_mm3": MM3_PER_CM3, "mass_g": 1, **values})


def _check_consignment(values: dict[str, Any], path: str, reading: Reading) -> None:
    packages: tuple[Package, ...] = values.get("packages") or ()
    if not packages:
        for key, name in (("volume_cm3", "volume_mm3"), ("mass_g", "mass_g")):
            if name not in values:
                reading.fault(f"{path}.{key}", "missing", "integer > 0, or packages", "nothing")
        return
    if any(fault.path.startswith(f"{path}.packages") for fault in reading.faults):
        return  # stand-ins are no basis for further words
    totals = {
        "volume_cm3": (values.get("volume_mm3"), sum(one.quantity * one.unit_volume_mm3 for one in packages), 1000),
        "mass_g": (values.get("mass_g"), sum(one.quantity * one.mass_g for one in packages), 1),
    }
    for key, (written, summed, unit) in totals.items():
        # One unit more is forgiven: a file rounds volumes to whole cubic centimetres.
        if written is not None and (abs(written - summed) - unit) * 100 > CONTRADICTION_PERCENT * summed:
            expected = f"the packages' total {summed // unit}"
            reading.warn(f"{path}.{key}", "totals_contradict", expected, str(written // unit))
    if sum(one.quantity * one.mass_g for one in packages) == 0:
        reading.fault(f"{path}.packages", "out_of_range", "packages with a mass", "0 g in total")


CONSIGNMENT = Record(
    name="consignment",
    make=_make_consignment,
    check=_check_consignment,
    any_of=(("packages",), ("volume_cm3", "mass_g")),
    note="One member's goods for one consignee on one lane, with packages, with totals, or with both.",
    fields=(
        Field(key="id", kind=ID, required=True),
        Field(key="member", kind=ID, required=True),
        Field(key="origin", kind=PortCode(), required=True),
        Field(key="destination", kind=PortCode(), required=True),
        Field(key="consignee", kind=Text(), nullable=True),
        Field(key="ready_date", kind=Day(), required=True),
        Field(key="due_date", kind=Day(), nullable=True),
        Field(key="cargo_class", kind=ID),
        Field(key="incoterm", kind=OneOf(INCOTERMS), nullable=True),
        Field(key="value_minor", kind=Integer()),
        Field(key="delay_cost_ppm_per_day", kind=PPM),
        Field(key="divisible", kind=Boolean()),
        Field(key="contained_in", kind=IDS, nullable=True, note="Container types allowed; null: all."),
        Field(key="packages", kind=ListOf(PACKAGE)),
        Field(key="volume_cm3", kind=VOLUME, nullable=True, attribute="volume_mm3"),
        Field(key="mass_g", kind=Integer(1, 10**12), nullable=True),
    ),
)

CONTAINER_TYPE = Record(
    name="container_type",
    make=ContainerType,
    note="A kind of container: inside sizes, door, payload, usable share of its volume.",
    fields=(
        Field(key="code", kind=ID, required=True),
        Field(key="name", kind=Text()),
        Field(key="length_mm", kind=LENGTH, required=True),
        Field(key="width_mm", kind=LENGTH, required=True),
        Field(key="height_mm", kind=LENGTH, required=True),
        Field(key="door_width_mm", kind=LENGTH, nullable=True),
        Field(key="door_height_mm", kind=LENGTH, nullable=True),
        Field(key="payload_g", kind=Integer(1, 10**12), required=True),
        Field(key="tare_g", kind=Integer(0, 10**12)),
        Field(key="volume_cm3", kind=VOLUME, required=True, attribute="volume_mm3"),
        Field(key="usable_volume_permille", kind=Integer(1, 1000)),
        Field(key="cargo_classes", kind=ListOf(ID, frozenset, least=1)),
        LOAD_LINE,
        LINE_LOAD,
    ),
)

DEPARTURE = Record(
    name="departure",
    make=Departure,
    note="One sailing of a lane with the last day to join it.",
    fields=(
        Field(key="id", kind=ID, required=True),
        Field(key="origin", kind=PortCode(), required=True),
        Field(key="destination", kind=PortCode(), required=True),
        Field(key="carrier", kind=Text()),
        Field(key="cut_off", kind=Day(), required=True),
        Field(key="departure", kind=Day(), required=True),
        Field(key="arrival", kind=Day(), required=True),
        Field(key="container_limits", kind=MapOf(Integer(0, 1_000_000)), note="Container type to greatest number."),
    ),
)

STEP = Record(
    name="step",
    make=ChargeStep,
    note="A price break: from this number of units on, every unit costs this much.",
    fields=(
        Field(key="from", kind=Integer(), required=True, attribute="from_units"),
        Field(key="amount_minor", kind=Integer(), required=True),
    ),
)


def _check_charge(values: dict[str, Any], path: str, reading: Reading) -> None:
    if "basis" not in values or values.get("steps"):
        return
    key = "rate_ppm" if values["basis"] is Basis.VALUE else "amount_minor"
    if key not in values:
        reading.fault(f"{path}.{key}", "missing", "integer >= 0", "nothing")


CHARGE = Record(
    name="charge",
    make=Charge,
    check=_check_charge,
    any_of=(("amount_minor",), ("rate_ppm",), ("steps",)),
    note="One line of a tariff; an absent filter matches everything.",
    fields=(
        Field(key="code", kind=ID, required=True),
        Field(key="description", kind=Text()),
        Field(key="basis", kind=OneOf(Basis), required=True),
        Field(key="amount_minor", kind=Integer(), note="Price of one unit; not with basis value."),
        Field(key="rate_ppm", kind=PPM, note="Only with basis value."),
        Field(key="steps", kind=ListOf(STEP)),
        Field(key="minimum_minor", kind=Integer()),
        Field(key="maximum_minor", kind=Integer(), nullable=True),
        Field(key="gross_mass_over_g", kind=Integer(), nullable=True, note="Only with basis container."),
        Field(key="modes", kind=ListOf(OneOf(Mode), frozenset, least=1), nullable=True),
        Field(key="container_types", kind=IDS, nullable=True),
        Field(key="departures", kind=IDS, nullable=True),
        Field(key="origins", kind=PORTS, nullable=True),
        Field(key="destinations", kind=PORTS, nullable=True),
        Field(key="cargo_classes", kind=IDS, nullable=True),
        Field(key="members", kind=IDS, nullable=True),
        Field(key="incoterm_stage", kind=OneOf(IncotermStage), nullable=True),
        Field(key="allocation_key", kind=OneOf(AllocationKey)),
    ),
)

SETTINGS = Record(
    name="settings",
    make=Settings,
    note="Choices that hold for the whole problem.",
    fields=(
        Field(key="modes", kind=ListOf(OneOf(Mode), least=1)),
        Field(key="lcl_rounding", kind=OneOf(LclRounding)),
        Field(key="missed_due_date", kind=OneOf(MissedDueDate)),
        Field(key="own_container_always_possible", kind=Boolean()),
        Field(key="delay_counts_transit", kind=Boolean()),
        SUPPORT,
        Field(
            key="owners",
            kind=OneOf(Owners),
            omit=(Owners.FREE,),
            note="How far the goods of one member stay together in a container.",
        ),
        Field(
            key="delay_key",
            kind=OneOf(DelayKey),
            omit=(DelayKey.OPTIMISED,),
            note="Whether waiting is shared by the rule or each member bears its own.",
        ),
    ),
)


class ClassPair(ListOf):
    """Two cargo classes that may not share a container."""

    def write(self, value: Any) -> list[Any]:
        """Return the two, sorted; a class incompatible with itself is written twice."""
        pair = sorted(value)
        return pair * 2 if len(pair) == 1 else pair


def _check_problem(values: dict[str, Any], path: str, reading: Reading) -> None:  # noqa: ARG001 - the top has no path
    """Warn of names that stand for nothing here, and of modes that no charge ever meets: their lots cost nothing."""
    lists = ("members", "container_types", "departures", "consignments", "charges")
    if all(name in values for name in lists):
        for loose in names_of_nothing(*(values[name] for name in lists)):
            reading.warn(loose.path, "name_of_nothing", loose.expected, loose.found)
    settings: Settings = values.get("settings") or Settings()
    charges: tuple[Charge, ...] = values.get("charges") or ()
    lanes = {(one.origin, one.destination) for one in values.get("consignments") or ()}
    for mode in settings.modes:
        free = [
            one.id
            for one in values.get("departures") or ()
            if (one.origin, one.destination) in lanes and not any(_may_meet(charge, mode, one) for charge in charges)
        ]
        if free:
            reading.warn("charges", "mode_without_charges", f"a charge that meets {mode.value}", show(", ".join(free)))


def _may_meet(charge: Charge, mode: Mode, departure: Departure) -> bool:
    return (
        (charge.modes is None or mode in charge.modes)
        and (mode is Mode.FCL or charge.container_types is None)
        and (mode is Mode.FCL or charge.basis is not Basis.CONTAINER)
        and (charge.departures is None or departure.id in charge.departures)
        and (charge.origins is None or departure.origin in charge.origins)
        and (charge.destinations is None or departure.destination in charge.destinations)
    )


PROBLEM = Record(
    name="problem",
    check=_check_problem,
    note="A consolidation problem: all numbers are integers in the unit that ends the key.",
    fields=(
        Field(key="format", kind=Constant(PROBLEM_FORMAT), required=True),
        Field(key="currency", kind=CurrencyCode(), required=True),
        Field(key="title", kind=Text()),
        Field(key="members", kind=ListOf(MEMBER, least=1), required=True),
        Field(key="consignments", kind=ListOf(CONSIGNMENT), required=True),
        Field(key="container_types", kind=ListOf(CONTAINER_TYPE)),
        Field(key="departures", kind=ListOf(DEPARTURE)),
        Field(key="charges", kind=ListOf(CHARGE)),
        Field(key="incompatible_classes", kind=ListOf(ClassPair(ID, frozenset, least=2, most=2), frozenset)),
        Field(key="settings", kind=SETTINGS),
    ),
)
