"""The fields of ``consortium/plan@1``, once: what reads, writes and describes plans comes from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consortium.formats.json_text import show
from consortium.formats.kinds import ID, Anything, Constant, Integer, ListOf, OneOf, Reading, Text
from consortium.formats.place_fields import BUILT_PALLET, PALLET_TYPE, PLACE, PLACE_NOTE
from consortium.formats.problem_fields import VolumeCm3
from consortium.formats.schema_model import Field, Record
from optimizer.problem import Mode
from optimizer.result import (
    ChargeLine,
    ContainerLoad,
    DelayCost,
    LoadPlan,
    LooseLot,
    Part,
    Placement,
    Reason,
    SolveStatus,
    Unplanned,
)
from optimizer.units import PPM

PLAN_FORMAT = "consortium/plan@1"

PACKAGE_COUNT = Record(
    name="package_count",
    note="So many packages of one kind.",
    fields=(
        Field(key="id", kind=ID, required=True),
        Field(key="quantity", kind=Integer(1, 1_000_000), required=True),
    ),
)


@dataclass(frozen=True)
class PackageCounts(ListOf):
    """A list of package ids with quantities in the file, a mapping inside."""

    kind: Any = PACKAGE_COUNT

    def read(self, value: Any, path: str, reading: Reading) -> dict[str, int]:
        """Return quantities by package id."""
        counts: dict[str, int] = {}
        for index, one in enumerate(super().read(value, path, reading)):
            if one["id"] in counts:
                reading.fault(f"{path}[{index}].id", "duplicate", "each id once", show(one["id"]))
            counts[one["id"]] = one["quantity"]
        return counts

    def write(self, value: Mapping[str, int]) -> list[Any]:
        """Return the list in the order of the mapping."""
        return [{"id": name, "quantity": quantity} for name, quantity in value.items()]


TOTAL_VOLUME = VolumeCm3(0, 10**15)
COUNTS = PackageCounts()

PART = Record(
    name="part",
    make=Part,
    fields=(
        Field(key="consignment", kind=ID, required=True),
        Field(key="packages", kind=COUNTS, note="Empty for a consignment described without packages."),
    ),
)

PLACEMENT = Record(
    name="placement",
    make=Placement,
    note=PLACE_NOTE,
    fields=(
        Field(key="package", kind=ID, required=True),
        Field(key="consignment", kind=Text(), required=True, note="Empty only for a pallet with goods of several."),
        *PLACE,
    ),
)

LOAD_PLAN = Record(
    name="load_plan",
    make=LoadPlan,
    fields=(
        Field(key="support", kind=Text(1), required=True),
        Field(key="placements", kind=ListOf(PLACEMENT), required=True),
        Field(key="pallet", kind=PALLET_TYPE, nullable=True, omit=(None,), note="Onto which goods were put first."),
        Field(
            key="pallets",
            kind=ListOf(BUILT_PALLET),
            omit=((),),
            note="What stands on the pallets, which placements name by their ids.",
        ),
    ),
)

CONTAINER = Record(
    name="container",
    make=ContainerLoad,
    fields=(
        Field(key="id", kind=ID, required=True),
        Field(key="container_type", kind=ID, required=True),
        Field(key="departure", kind=ID, required=True),
        Field(key="mass_g", kind=Integer(), required=True, note="Cargo alone, without the tare."),
        Field(key="volume_cm3", kind=TOTAL_VOLUME, required=True, attribute="volume_mm3"),
        Field(key="contents", kind=ListOf(PART), required=True),
        Field(key="load_plan", kind=LOAD_PLAN, nullable=True),
    ),
)


def _make_lot(**values: Any) -> LooseLot:
    part = Part(consignment=values.pop("consignment"), packages=values.pop("packages", {}))
    return LooseLot(part=part, **values)


@dataclass(frozen=True)
class LotRecord(Record):
    """A lot by itself, whose part stands in the file without a level of its own."""

    def write(self, value: Any) -> dict[str, Any]:
        """Return the JSON object of a `LooseLot`."""
        return super().write(_FlatLot(value))


class _FlatLot:
    """A `LooseLot` as its file shows it."""

    def __init__(self, lot: LooseLot) -> None:
        self.departure = lot.departure
        self.consignment = lot.part.consignment
        self.packages = lot.part.packages
        self.volume_mm3 = lot.volume_mm3
        self.mass_g = lot.mass_g


LOT = LotRecord(
    name="lot",
    make=_make_lot,
    note="A lot less than a container, or by post.",
    fields=(
        Field(key="departure", kind=ID, required=True),
        Field(key="consignment", kind=ID, required=True),
        Field(key="packages", kind=COUNTS),
        Field(key="volume_cm3", kind=TOTAL_VOLUME, required=True, attribute="volume_mm3"),
        Field(key="mass_g", kind=Integer(), required=True),
    ),
)

UNPLANNED = Record(
    name="unplanned",
    make=Unplanned,
    note="What cannot travel, the limit that binds, and under detail the numbers and the cheapest cure.",
    fields=(
        Field(key="consignment", kind=ID, required=True),
        Field(key="reason", kind=OneOf(Reason), required=True),
        Field(key="detail", kind=Anything()),
        Field(key="packages", kind=COUNTS),
    ),
)

CHARGE_LINE = Record(
    name="charge_line",
    make=ChargeLine,
    note="One charge line: which charge, what it was counted on, how many exact units, how much.",
    fields=(
        Field(key="code", kind=ID, required=True),
        Field(key="departure", kind=ID, required=True),
        Field(key="container", kind=ID, nullable=True),
        Field(key="consignment", kind=ID, nullable=True),
        Field(key="member", kind=ID, nullable=True),
        Field(key="mode", kind=OneOf(Mode), nullable=True),
        Field(key="units", kind=Text(1, r"[0-9]+(/[0-9]+)?", "a fraction such as 3 or 7/2"), required=True),
        Field(key="amount_minor", kind=Integer(), required=True),
    ),
)

DELAY_COST = Record(
    name="delay_cost",
    make=DelayCost,
    fields=(
        Field(key="consignment", kind=ID, required=True),
        Field(key="departure", kind=ID, required=True),
        Field(key="days", kind=Integer(), required=True),
        Field(key="amount_minor", kind=Integer(), required=True),
    ),
)


@dataclass(frozen=True, kw_only=True)
class PlanDocument:
    """A plan as its file holds it: the `ShipmentPlan` and what names and explains it.

    Parameters
    ----------
    problem_sha256
        Fingerprint of the problem that it answers.
    allocation
        The document ``consortium/allocation@1`` of its cost shares; empty when there are none.
    """

    problem_sha256: str
    status: SolveStatus
    cost_minor: int
    lower_bound_minor: int
    gap_ppm: int
    containers: tuple[ContainerLoad, ...] = ()
    lcl: tuple[LooseLot, ...] = ()
    postal: tuple[LooseLot, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    charges: tuple[ChargeLine, ...] = ()
    delay_costs: tuple[DelayCost, ...] = ()
    allocation: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    limits: Mapping[str, Any] = field(default_factory=dict)
    currency: str = ""
    version: str = ""


SHA256 = Text(64, "[0-9a-f]{64}", "64 hexadecimal digits")

PLAN = Record(
    name="plan",
    make=PlanDocument,
    note="A plan with its price and its proof: status, cost, lower bound, gap.",
    fields=(
        Field(key="format", kind=Constant(PLAN_FORMAT), required=True),
        Field(key="problem_sha256", kind=SHA256, required=True),
        Field(key="currency", kind=Text()),
        Field(key="status", kind=OneOf(SolveStatus), required=True),
        Field(key="cost_minor", kind=Integer(), required=True),
        Field(key="lower_bound_minor", kind=Integer(), required=True),
        Field(key="gap_ppm", kind=Integer(0, PPM), required=True),
        Field(key="containers", kind=ListOf(CONTAINER), required=True),
        Field(key="lcl", kind=ListOf(LOT), required=True),
        Field(key="postal", kind=ListOf(LOT), required=True),
        Field(key="unplanned", kind=ListOf(UNPLANNED), required=True),
        Field(key="charges", kind=ListOf(CHARGE_LINE), required=True),
        Field(key="delay_costs", kind=ListOf(DELAY_COST), required=True),
        Field(key="allocation", kind=Anything(), note="The cost shares, a document consortium/allocation@1, or {}."),
        Field(key="seed", kind=Integer()),
        Field(key="limits", kind=Anything()),
        Field(key="version", kind=Text()),
    ),
)
