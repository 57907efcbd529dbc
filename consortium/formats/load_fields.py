"""The fields of ``consortium/load-problem@1`` and ``consortium/load-plan@1``, once: read, written and described."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from consortium.formats.kinds import ID, Anything, Boolean, Constant, Integer, ListOf, OneOf, Reading, Text
from consortium.formats.place_fields import BUILT_PALLET, LOAD_PLACEMENT, MASS, PALLET_TYPE, Count
from consortium.formats.plan_fields import SHA256
from consortium.formats.problem_fields import LENGTH, LINE_LOAD, LOAD_LINE, PROBLEM, SUPPORT, SUPPORT_EXPECTED, Uprights
from consortium.formats.schema_model import Field, Record
from optimizer.load_problem import SUPPORT_NAMES, LoadContainer, LoadPackage, Objective, Owners, Pinned
from optimizer.load_result import LoadedContainer, OwnersLevel, StaysOut, Unloaded
from optimizer.problem import DIMENSIONS
from optimizer.result import BuiltPallet, SolveStatus

LOAD_PROBLEM_FORMAT = "consortium/load-problem@1"
LOAD_PLAN_FORMAT = "consortium/load-plan@1"


LOAD_CONTAINER = Record(
    name="load_container",
    make=LoadContainer,
    note="A container on offer: inside and door sizes, payload, how many there are.",
    fields=(
        Field(key="code", kind=ID, required=True),
        Field(key="length_mm", kind=LENGTH, required=True),
        Field(key="width_mm", kind=LENGTH, required=True),
        Field(key="height_mm", kind=LENGTH, required=True),
        Field(key="payload_g", kind=MASS, nullable=True, note="Greatest mass of the cargo; null: no limit."),
        Field(key="door_width_mm", kind=LENGTH, nullable=True),
        Field(key="door_height_mm", kind=LENGTH, nullable=True),
        Field(key="count", kind=Count(), note="How many there are; null: as many as needed; absent: 1."),
        Field(key="cost_minor", kind=Integer()),
        LOAD_LINE,
        LINE_LOAD,
        Field(key="cargo_classes", kind=ListOf(ID, frozenset, least=1), nullable=True, omit=(None,)),
        Field(key="tare_g", kind=MASS, omit=(0,)),
    ),
)

LOAD_PACKAGE = Record(
    name="load_package",
    make=LoadPackage,
    note="Equal packages of one owner.",
    fields=(
        Field(key="id", kind=ID, required=True),
        Field(key="length_mm", kind=LENGTH, required=True),
        Field(key="width_mm", kind=LENGTH, required=True),
        Field(key="height_mm", kind=LENGTH, required=True),
        Field(key="quantity", kind=Integer(1, 1_000_000), required=True),
        Field(key="mass_g", kind=MASS, note="Gross mass of one package."),
        Field(key="vertical", kind=Uprights(OneOf(DIMENSIONS), least=1), note="Sizes that may stand upright."),
        Field(key="max_load_g", kind=Integer(), nullable=True, note="Mass that may rest on one; null: no limit."),
        Field(key="owner", kind=Text()),
        Field(key="stop", kind=Integer(1, 1_000_000), note="Where it is unloaded; stop 1 is first."),
        Field(key="value", kind=Integer(), nullable=True, note="What loading one is worth; null: its volume in mm3."),
        Field(key="consignment", kind=Text(), omit=("",), note="Packages are told apart by consignment and id."),
        Field(key="cargo_class", kind=Text(), omit=("",)),
        Field(key="loose", kind=Boolean(), omit=(False,), note="Never goes onto a pallet."),
    ),
)


PINNED = Record(
    name="pinned",
    make=Pinned,
    note="Placements to be kept, in the container at this position of the answer's loads (0 is the first).",
    fields=(
        Field(key="container", kind=ID, required=True),
        Field(key="position", kind=Integer(0, 1_000_000)),
        Field(key="placements", kind=ListOf(LOAD_PLACEMENT), required=True),
        Field(key="loaded", kind=Boolean(), omit=(False,), note="In the container already: all else comes after it."),
    ),
)

LOAD_PROBLEM = Record(
    name="load_problem",
    note="Packages to load and containers to load them into: all numbers are integers in the unit that ends the key.",
    fields=(
        Field(key="format", kind=Constant(LOAD_PROBLEM_FORMAT), required=True),
        Field(key="title", kind=Text(), omit=("",)),
        Field(key="objective", kind=OneOf(Objective), required=True),
        Field(key="containers", kind=ListOf(LOAD_CONTAINER, least=1), required=True),
        Field(key="packages", kind=ListOf(LOAD_PACKAGE), required=True),
        Field(key="owners", kind=OneOf(Owners)),
        SUPPORT,
        Field(key="incompatible_classes", kind=PROBLEM.field("incompatible_classes").kind, omit=(frozenset(),)),
        Field(key="pinned", kind=ListOf(PINNED), omit=((),)),
        Field(key="pallet", kind=PALLET_TYPE, nullable=True, omit=(None,)),
    ),
)


class Triple(ListOf):
    """Three numbers: along the length from the front wall, across, and up."""

    def read(self, value: Any, path: str, reading: Reading) -> tuple[int, int, int]:
        """Return the three numbers, or a stand-in after a fault."""
        found = super().read(value, path, reading)
        return found if len(found) == self.least else (0, 0, 0)


LOAD = Record(
    name="load",
    make=LoadedContainer,
    note="One container and where everything in it stands.",
    fields=(
        Field(key="container", kind=ID, required=True),
        Field(key="placements", kind=ListOf(LOAD_PLACEMENT), required=True),
        Field(key="fill_permille", kind=Integer(), required=True, note="Packed volume of the inside, rounded down."),
        Field(key="mass_g", kind=Integer(), required=True, note="Cargo alone, without the tare."),
        Field(
            key="centre_of_gravity_permille",
            kind=Triple(Integer(0, 1000), least=3, most=3),
            required=True,
            note="Of the cargo, along the length from the front wall, across and up, each of the inside size.",
        ),
    ),
)

UNLOADED = Record(
    name="unloaded",
    make=Unloaded,
    note="Packages of one kind that stay out, and why.",
    fields=(
        Field(key="package", kind=ID, required=True),
        Field(key="consignment", kind=Text(), omit=("",)),
        Field(key="quantity", kind=Integer(1, 1_000_000), required=True),
        Field(key="reason", kind=OneOf(StaysOut), required=True),
    ),
)


OWNERS_LEVEL = Record(
    name="owners_level",
    make=OwnersLevel,
    note="The same goods loaded under one level of keeping owners apart, with the same limits.",
    fields=(
        Field(key="owners", kind=OneOf(Owners), required=True),
        Field(
            key="found_under",
            kind=OneOf(Owners),
            required=True,
            note="Level whose search found these loads: a stricter one where its loads are the better ones.",
        ),
        Field(key="status", kind=OneOf(SolveStatus), required=True),
        Field(key="lower_bound", kind=Integer(0, 10**27), required=True),
        Field(key="containers", kind=Integer(), required=True),
        Field(key="cost_minor", kind=Integer(), required=True, note="Of these containers."),
        Field(key="packages_left", kind=Integer(), required=True, note="Packages that stay out."),
        Field(key="loads", kind=ListOf(LOAD), required=True),
        Field(key="unloaded", kind=ListOf(UNLOADED), required=True),
    ),
)


@dataclass(frozen=True, kw_only=True)
class LoadDocument:
    """An answer as its file holds it: the `LoadAnswer`, and the fingerprint of its problem (empty: not stated)."""

    status: SolveStatus
    lower_bound: int
    problem_sha256: str = ""
    loads: tuple[LoadedContainer, ...] = ()
    unloaded: tuple[Unloaded, ...] = ()
    support: str = "full"
    seed: int = 0
    limits: Mapping[str, Any] = field(default_factory=dict)
    pallets: tuple[BuiltPallet, ...] = ()
    levels: tuple[OwnersLevel, ...] = ()
    version: str = ""


LOAD_PLAN = Record(
    name="load_plan",
    make=LoadDocument,
    note="Where every package stands, or why it stays out, under a support policy.",
    fields=(
        Field(key="format", kind=Constant(LOAD_PLAN_FORMAT), required=True),
        Field(key="problem_sha256", kind=SHA256, note="Fingerprint of the load problem.", omit=("",)),
        Field(key="status", kind=OneOf(SolveStatus), required=True),
        Field(
            key="lower_bound",
            kind=Integer(0, 10**27),  # the cubic millimetres of the largest problem that a file can hold
            required=True,
            note="What no load plan can be below: containers, their cost, or the value that stays out.",
        ),
        Field(key="support", kind=Text(1, SUPPORT_NAMES, SUPPORT_EXPECTED)),
        Field(key="loads", kind=ListOf(LOAD), required=True),
        Field(key="unloaded", kind=ListOf(UNLOADED), required=True),
        Field(key="pallets", kind=ListOf(BUILT_PALLET), omit=((),), note="Built first where the problem asks for it."),
        Field(
            key="owner_levels",
            kind=ListOf(OWNERS_LEVEL),
            attribute="levels",
            omit=((),),
            note="What keeping owners apart costs, where it was asked for: free, preferred, strict.",
        ),
        Field(key="seed", kind=Integer()),
        Field(key="limits", kind=Anything()),
        Field(key="version", kind=Text()),
    ),
)
