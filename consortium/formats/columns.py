"""The columns of the sheets: the keys of the format, the units that people write, and all their headers."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from consortium.formats.codes import CurrencyCode
from consortium.formats.header_words import SHEET_WORDS, WORDS
from consortium.formats.kinds import ID, Kind, ListOf, OneOf, Text
from consortium.formats.numbers import NUMBER_FORMATS
from consortium.formats.problem_fields import (
    CHARGE,
    CONSIGNMENT,
    CONTAINER_TYPE,
    DEPARTURE,
    MEMBER,
    PACKAGE,
    PROBLEM,
    SETTINGS,
)
from consortium.formats.schema_model import Record

UNITS: dict[str, tuple[tuple[str, int], ...]] = {
    "_mm": (("_cm", 10), ("_m", 1_000)),
    "_g": (("_kg", 1_000), ("_t", 1_000_000)),
    "_g_per_m": (("_kg_per_m", 1_000), ("_t_per_m", 1_000_000)),
    "_cm3": (("_l", 1_000), ("_m3", 1_000_000)),
    "_permille": (("_percent", 10),),
    "_ppm": (("_percent", 10_000),),
    "_ppm_per_day": (("_percent_per_day", 10_000),),
}
"""Ending of a key -> the endings that people may write instead, and how many base units one of them is."""

MINOR = "_minor"
"""Ending of a key in minor units of money; without it, the column is in whole units of the currency."""

REQUIRED_SHEETS = ("members", "consignments", "container_types", "departures", "charges", "settings")
SHEETS = ("members", "consignments", "packages", "container_types", "departures", "charges", "settings")
HELP_SHEETS = frozenset({"readme", "help", "ayuda", "ajuda", "instructions", "instrucciones", "instrucoes"})
"""Sheets with explanations for people: never read."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a sheet may have.

    Parameters
    ----------
    header
        Its name in the file, such as ``mass_kg``.
    key
        The key of the format that it fills, such as ``mass_g``.
    factor
        Base units in one unit of the column; 0 when the currency decides.
    """

    header: str
    key: str
    kind: Kind
    factor: int = 1


@cache
def columns_of(sheet: str) -> tuple[Column, ...]:
    """Return the columns of a sheet, keys in the order of the format, each followed by its other units."""
    return tuple(_columns(sheet))


def _columns(sheet: str) -> Iterator[Column]:
    if sheet == "settings":
        yield Column("currency", "currency", CurrencyCode())
        yield Column("number_format", "number_format", OneOf(NUMBER_FORMATS))
        yield Column("title", "title", Text())
        yield Column("format", "format", Text())
        yield Column("incompatible_classes", "incompatible_classes", PROBLEM.field("incompatible_classes").kind)
    if sheet == "packages":
        yield Column("consignment", "consignment", ID)
    if sheet in {"consignments", "charges"}:
        yield Column("currency", "currency", CurrencyCode())
    for field in _RECORDS[sheet].fields:
        if isinstance(field.kind, ListOf) and field.key == "packages":
            continue
        yield Column(field.key, field.key, field.kind)
        if field.key == "steps":
            yield Column("steps_amount", field.key, field.kind, 0)
        for header, factor in _other_units(field.key):
            yield Column(header, field.key, field.kind, factor)


_RECORDS: dict[str, Record] = {
    "members": MEMBER,
    "consignments": CONSIGNMENT,
    "packages": PACKAGE,
    "container_types": CONTAINER_TYPE,
    "departures": DEPARTURE,
    "charges": CHARGE,
    "settings": SETTINGS,
}


def _other_units(key: str) -> Iterator[tuple[str, int]]:
    if key.endswith(MINOR):
        yield key.removesuffix(MINOR), 0
    ending = max((one for one in UNITS if key.endswith(one)), key=len, default="")
    for other, factor in UNITS.get(ending, ()):
        yield key.removesuffix(ending) + other, factor


def normal(header: Any) -> str:
    """Return a header reduced to what matters: small letters without accents, words joined by underscores."""
    text = str(header).replace("%", " percent ").replace("‰", " permille ").replace("³", "3")
    text = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(one for one in text if not unicodedata.combining(one))
    return re.sub(r"[^a-z0-9]+", "_", text).strip("_")


def label(header: str, language: str) -> str:
    """Return what a column is called in a language, such as ``Masa (kg)`` for ``mass_kg`` in Spanish."""
    return labels(header)[language][0]


@cache
def labels(header: str) -> dict[str, tuple[str, ...]]:
    """Return all names of a column by language, the preferred one first."""
    base, unit = _split_unit(header)
    found: dict[str, tuple[str, ...]] = {}
    for language, words in WORDS[base].items():
        suffix = unit.get(language, "") if isinstance(unit, dict) else unit
        found[language] = tuple(f"{word} ({suffix})" if suffix else word for word in words)
    return found


_UNIT_WORDS: dict[str, str | dict[str, str]] = {
    MINOR: {"en": "minor units", "es": "unidades menores", "pt": "unidades menores"},
    "_percent_per_day": {"en": "% per day", "es": "% por día", "pt": "% por dia"},
    "_ppm_per_day": {"en": "ppm per day", "es": "ppm por día", "pt": "ppm por dia"},
    "_percent": "%",
    "_kg_per_m": "kg/m",
    "_g_per_m": "g/m",
    "_t_per_m": "t/m",
    "_permille": "‰",
    "_ppm": "ppm",
    "_cm3": "cm³",
    "_m3": "m³",
    "_mm": "mm",
    "_cm": "cm",
    "_kg": "kg",
    "_m": "m",
    "_g": "g",
    "_l": "l",
    "_t": "t",
}


def _split_unit(header: str) -> tuple[str, str | dict[str, str]]:
    if header in WORDS:
        return header, ""
    for ending, words in _UNIT_WORDS.items():
        if header.endswith(ending) and header.removesuffix(ending) in WORDS:
            return header.removesuffix(ending), words
    raise KeyError(header)


@cache
def headers_of(sheet: str) -> dict[str, Column]:
    """Return every header that a sheet may have, in its normal form, with the column it names."""
    found: dict[str, Column] = {}
    for column in columns_of(sheet):
        for names in labels(column.header).values():
            found.update({normal(name): column for name in names})
    # The keys themselves come last: no translation may take the place of a key.
    found.update({normal(column.header): column for column in columns_of(sheet)})
    return found


def sheet_of(title: str) -> str | None:
    """Return the sheet that a title names, in any language; None for others."""
    wanted = normal(title)
    for sheet, words in SHEET_WORDS.items():
        if wanted == sheet or wanted in {normal(word) for word in words.values()}:
            return sheet
    return None
