"""Programmes of co-financing that come with the product or that an agency has written: terms as data in TOML."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.fair_json import RATE
from consortium.formats.json_text import show
from consortium.formats.kinds import ID, Boolean, Constant, Integer, ListOf, MapOf, OneOf, Reading, Text, child
from consortium.formats.schema_model import Field, Record
from consortium.reference_data import Names, reference_folder
from optimizer.fairs.co_financing import Programme, Rate

PROGRAMME_FORMAT = "consortium/programme@1"
ACTIVITIES = (
    *("fair", "mission", "multi_country_mission", "showroom", "incoming", "catalogue", "study", "training"),
    "management",
)
CATEGORIES = (
    *("space", "registration", "stand", "decoration", "insurance", "travel", "lodging", "freight", "promotion"),
    *("training", "management", "study", "visit"),
)
FIRM_SIZES = ("micro", "small", "medium", "large")
ZONES = ("national", "union", "abroad", "*")
EVIDENCE = ("invoices", "payments", "boarding_passes", "photos", "report", "contract", "tax_certificate")


@dataclass(frozen=True)
class _TomlDay:
    """A date of TOML, written without quotes: read_on = 2026-03-02."""

    expected: str = "a date such as 2026-03-02"

    def read(self, value: Any, path: str, reading: Reading) -> date:
        """Return the day, or the first of 2000 after a fault."""
        if type(value) is date:
            return value
        reading.fault(path, "wrong_date", self.expected, show(value))
        return date(2000, 1, 1)

    def write(self, value: date) -> date:
        """Return the day."""
        return value

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema of the day as text."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFile:
    """A programme with what people want to know of it: its names, where its terms are from, when they were read."""

    names: Names
    source: str
    read_on: date
    programme: Programme


_CURRENCY = Text(pattern="[A-Z]{3}", expected="a currency of ISO 4217 such as USD")
_AMOUNT = Integer()
_COUNT = Integer(0, 1_000_000)


def _set(values: tuple[str, ...], least: int = 0) -> ListOf:
    return ListOf(OneOf(values), build=frozenset, least=least)


_RATE = Record(
    name="rate",
    make=Rate,
    fields=(
        Field(key="rate", kind=RATE, required=True),
        Field(key="categories", kind=_set(CATEGORIES)),
        Field(key="firm_sizes", kind=_set(FIRM_SIZES)),
        Field(key="from_edition", kind=Integer(1, 1_000)),
        Field(key="to_edition", kind=Integer(1, 1_000)),
    ),
)
_NAMES = Record(
    name="names", make=Names, fields=tuple(Field(key=one, kind=ID, required=True) for one in ("es", "pt", "en"))
)


def _check_keys(values: dict[str, Any], path: str, reading: Reading) -> None:
    """Note names that stand for nothing, and limits that leave no room for other categories."""
    for key, known in (
        ("category_limits", CATEGORIES),
        ("cap_by_zone_minor", ZONES),
        ("cap_by_activity_minor", (*ACTIVITIES, "*")),
    ):
        for name in values.get(key, {}):
            if name not in known:
                place = child(child(path, key.removesuffix("_minor")), name)
                reading.fault(place, "unknown_value", f"one of {', '.join(known)}", show(name))
    limits = values.get("category_limits", {})
    if sum(limits.values(), start=Fraction(0)) >= 1:
        found = str(sum(limits.values(), start=Fraction(0)))
        reading.fault(child(path, "category_limits"), "out_of_range", "limits that sum to less than 1", found)


def _minor(key: str) -> Field:
    return Field(key=key, kind=_AMOUNT, attribute=f"{key}_minor")


_PROGRAMME = Record(
    name="programme",
    check=_check_keys,
    fields=(
        Field(key="format", kind=Constant(PROGRAMME_FORMAT), required=True),
        Field(key="currency", kind=_CURRENCY, required=True),
        Field(key="source", kind=ID, required=True),
        Field(key="read_on", kind=_TomlDay(), required=True),
        Field(key="names", kind=_NAMES, required=True),
        Field(key="activities", kind=_set(ACTIVITIES, least=1), required=True),
        Field(key="categories", kind=_set(CATEGORIES, least=1), required=True),
        Field(key="rates", kind=ListOf(_RATE, least=1), required=True),
        *(
            Field(key=key, kind=RATE)
            for key in ("indirect_rate", "first_time_bonus", "total_rate", "handling_fee_rate")
        ),
        Field(key="category_limits", kind=MapOf(RATE)),
        Field(key="cap_by_zone", kind=MapOf(_AMOUNT), attribute="cap_by_zone_minor"),
        Field(key="cap_by_activity", kind=MapOf(_AMOUNT), attribute="cap_by_activity_minor"),
        *map(_minor, ("cap_firm_year", "pot", "minimum_project", "maximum_project", "de_minimis_ceiling")),
        Field(key="most_area_cm2", kind=_AMOUNT),
        Field(key="firm_sizes", kind=_set(FIRM_SIZES)),
        *(Field(key=key, kind=_COUNT) for key in ("most_persons", "minimum_firms", "minimum_regions", "most_editions")),
        *(Field(key=key, kind=_COUNT) for key in ("most_times_same_fair", "most_activities_a_year")),
        Field(key="de_minimis_years", kind=Integer(1, 100)),
        Field(key="paid_in_advance", kind=Boolean()),
        Field(key="evidence", kind=ListOf(OneOf(EVIDENCE))),
    ),
)


def read_programme(text: str, code: str) -> ProgrammeFile:
    """Turn the text of a programme's file into the programme.

    Parameters
    ----------
    code
        Its code: the name of the file without its ending.

    Raises
    ------
    InputError
        With all faults, each with its key, what was expected and what was found.
    """
    reading = Reading()
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reading.fault("", "bad_toml", "a TOML document", show(re.sub(r"\s+", " ", str(error))))
        raise InputError(reading.faults) from error
    values = _PROGRAMME.read(given, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    names, source, read_on = (values.pop(key) for key in ("names", "source", "read_on"))
    return ProgrammeFile(names=names, source=source, read_on=read_on, programme=Programme(code=code, **values))


def read_programmes(paths: Iterable[Path]) -> dict[str, ProgrammeFile]:
    """Read files of programmes; those of one wrong file are not left out silently: all faults are raised.

    Raises
    ------
    InputError
        With the faults of every file, each with the file's name.
    """
    found: dict[str, ProgrammeFile] = {}
    faults: list[InputFault] = []
    for path in paths:
        try:
            found[path.stem] = read_programme(path.read_text(encoding="utf-8"), path.stem)
        except InputError as error:
            faults += error.in_file(str(path)).faults
    if faults:
        raise InputError(faults)
    return found


@cache
def shipped_programmes() -> dict[str, ProgrammeFile]:
    """Return the programmes that come with the product, by code."""
    return read_programmes(sorted((reference_folder() / "co_financing").glob("*.toml")))
