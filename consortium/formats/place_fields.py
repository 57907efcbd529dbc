"""The fields of places and of pallets, once: in plans and in load plans."""

from dataclasses import dataclass
from typing import Any

from consortium.formats.kinds import ID, Boolean, Integer, ListOf, Reading, Text, child
from consortium.formats.problem_fields import LENGTH
from consortium.formats.schema_model import Field, Record
from optimizer.problem import ProblemError
from optimizer.problem_parts import PalletType
from optimizer.result import BuiltPallet, Placement

MASS = Integer(0, 10**12)


@dataclass(frozen=True)
class Count(Integer):
    """How many containers there are: a whole number, or null for as many as needed."""

    least: int = 1
    most: int = 1_000_000

    @property
    def expected(self) -> str:
        """What a message says was expected."""
        return "integer > 0, or null"

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        """Return the number, or None where there are as many as needed."""
        return None if value is None else super().read(value, path, reading)

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"anyOf": [super().schema(definitions), {"type": "null"}]}


@dataclass(frozen=True)
class MassOrNone(Count):
    """A mass in grams, or null for no limit."""

    least: int = 0
    most: int = 10**12

    @property
    def expected(self) -> str:
        """What a message says was expected."""
        return "integer >= 0, or null"


PLACE = (
    *(Field(key=key, kind=Integer(), required=True) for key in ("x_mm", "y_mm", "z_mm")),
    *(Field(key=key, kind=LENGTH, required=True) for key in ("dx_mm", "dy_mm", "dz_mm")),
    Field(key="step", kind=Integer(), required=True, note="Order of loading, from 1 on."),
)
"""Where one package stands and when it is loaded, in plans and in load plans."""

PLACE_NOTE = "Where one package stands: x from the front wall to the door, y across, z up."


def _make_placement(**values: Any) -> Placement:
    return Placement(**{"consignment": "", **values})


LOAD_PLACEMENT = Record(
    name="load_placement",
    make=_make_placement,
    note=PLACE_NOTE,
    fields=(
        Field(key="package", kind=ID, required=True),
        Field(key="consignment", kind=Text(), note="Empty where there is none."),
        *PLACE,
    ),
)


def _pallet_of(values: dict[str, Any]) -> PalletType | ProblemError:
    try:
        return PalletType(**values)
    except ProblemError as error:
        return error


def _check_pallet(values: dict[str, Any], path: str, reading: Reading) -> None:
    found = _pallet_of(values)
    for fault in found.faults if isinstance(found, ProblemError) else ():
        reading.fault(child(path, fault.path.partition(".")[2]), fault.code, fault.expected, fault.found)


def _make_pallet(**values: Any) -> PalletType | None:
    found = _pallet_of(values)
    return found if isinstance(found, PalletType) else None


PALLET_TYPE = Record(
    name="pallet_type",
    make=_make_pallet,
    check=_check_pallet,
    note="A pallet onto which everything goes first that is neither loose nor pinned; nothing hangs over its edge.",
    fields=(
        Field(key="code", kind=ID, required=True, note="Loaded pallets are called code-1, code-2 ..."),
        Field(key="length_mm", kind=LENGTH, required=True),
        Field(key="width_mm", kind=LENGTH, required=True),
        Field(key="height_mm", kind=LENGTH, required=True, note="Of the empty pallet."),
        Field(key="most_height_mm", kind=LENGTH, required=True, note="Greatest height with everything on it."),
        Field(key="mass_g", kind=MASS, note="Of the empty pallet."),
        Field(key="most_mass_g", kind=MassOrNone(), note="Greatest mass with everything on it; null: no limit."),
        Field(key="max_load_g", kind=MassOrNone(), note="Mass that may stand on it; null: no limit; absent: 0."),
        Field(key="mixed", kind=Boolean(), note="Whether goods of several owners may share one."),
    ),
)

BUILT_PALLET = Record(
    name="built_pallet",
    make=BuiltPallet,
    note="Equal loaded pallets, which placements name by their id.",
    fields=(
        Field(key="id", kind=ID, required=True),
        Field(key="consignment", kind=Text(), required=True, note="Of all its goods; empty where there are several."),
        Field(key="quantity", kind=Integer(1, 1_000_000), required=True),
        Field(key="height_mm", kind=LENGTH, required=True, note="With the pallet itself."),
        Field(key="mass_g", kind=MASS, required=True, note="With the pallet itself."),
        Field(key="max_load_g", kind=MassOrNone(), required=True, note="Mass that may stand on it; null: no limit."),
        Field(key="owner", kind=Text(), required=True, note="Of all its goods; empty where there are several."),
        Field(
            key="cartons",
            kind=ListOf(LOAD_PLACEMENT),
            required=True,
            note="Where each stands: from a corner of the boards along the pallet's length, across and up.",
        ),
    ),
)
