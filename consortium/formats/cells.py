"""Cells of a table turned into the JSON values of the format: exact, by the column's kind, never guessed."""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from consortium.formats.codes import CurrencyCode, PortCode
from consortium.formats.columns import Column, normal
from consortium.formats.json_text import show
from consortium.formats.kinds import Boolean, Day, Integer, ListOf, MapOf, OneOf
from consortium.formats.numbers import NUMBER_FORMATS, exact, looks_like_number, parse_number
from consortium.formats.problem_fields import STEP, ClassPair
from consortium.formats.tables import Cell

_TRUE = frozenset({"true", "yes", "si", "sim", "verdadero", "verdadeiro", "1"})
_FALSE = frozenset({"false", "no", "nao", "falso", "0"})


@dataclass(frozen=True, slots=True)
class Trouble(Exception):  # noqa: N818 - it never leaves the tables: they turn it into a fault with its place
    """A cell that is not what its column wants."""

    code: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class CellReader:
    """Reads cells under one number format and one currency.

    Parameters
    ----------
    number_format
        As stated in the settings; None when it is not.
    money_factor
        Minor units in one unit of the currency: 100 for USD, 1 for CLP.
    """

    number_format: str | None
    money_factor: int

    def value(self, cell: Cell, column: Column) -> Any:
        """Return the JSON value of a cell that is not empty.

        Raises
        ------
        Trouble
            When it cannot be read as the column's kind.
        """
        kind = column.kind
        if isinstance(kind, Integer):
            return self.whole(cell, column)
        if isinstance(kind, Boolean):
            return _boolean(cell)
        if isinstance(kind, Day):
            return _day(cell)
        if isinstance(kind, MapOf):
            return {name: self.whole(number, column) for name, number in _pairs(cell, "22G1=10; 45G1=2")}
        if isinstance(kind, ListOf) and kind.kind is STEP:
            return [
                {"from": self.whole(start, _PLAIN), "amount_minor": self.whole(amount, column)}
                for start, amount in _pairs(cell, "0=1500; 5=1400")
            ]
        if isinstance(kind, ListOf) and isinstance(kind.kind, ClassPair):
            return [_class_pair(text) for text in _split(_text(cell, column), ";")]
        if isinstance(kind, ListOf):
            return [_word(text, kind.kind) for text in _split(_text(cell, column), ";")]
        return _word(_text(cell, column), kind)

    def whole(self, cell: Cell, column: Column) -> int:
        """Return a whole number of base units.

        Raises
        ------
        Trouble
            When the cell is no number of the stated format, or has more decimals than the base unit allows.
        """
        factor = column.factor or self.money_factor
        number = self.number(cell) * factor
        if number.denominator != 1:
            found = show(cell) if factor == 1 else f"{cell} ({column.header})"
            raise Trouble("not_whole", f"a whole number of {column.key}", found)
        return number.numerator

    def number(self, cell: Cell) -> Fraction:
        """Return the exact value of a number cell, or of a text that is a number in the stated format."""
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return exact(cell)
        if not isinstance(cell, str):
            raise Trouble("wrong_number", "a number", _shown(cell))
        found = parse_number(cell, self.number_format)
        if found is not None:
            return found
        if self.number_format is None and looks_like_number(cell):
            formats = ", ".join(f'"{one}"' for one in NUMBER_FORMATS)
            raise Trouble("number_format_missing", f"settings.number_format, stated as {formats}", show(cell))
        if self.number_format is not None and looks_like_number(cell):
            raise Trouble("number_format", f"a number such as {self.number_format}", show(cell))
        raise Trouble("wrong_number", "a number", show(cell))


_PLAIN = Column("steps", "steps", Integer())


def _shown(cell: Cell) -> str:
    return cell.isoformat() if isinstance(cell, date) else show(cell)


def _boolean(cell: Cell) -> bool:
    if isinstance(cell, bool):
        return cell
    word = normal(cell)
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Trouble("wrong_boolean", "true or false", _shown(cell))


def _day(cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        return cell
    raise Trouble("wrong_date", "a date such as 2026-03-02", _shown(cell))


def _text(cell: Cell, column: Column) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool) or not isinstance(cell, int):
        raise Trouble("wrong_text", "text", _shown(cell))
    if column.key == "hs":
        raise Trouble("wrong_text", "a text cell, since a number loses its leading zeros", show(cell))
    return str(cell)


def _split(text: str, separator: str) -> list[str]:
    return [part for part in (one.strip() for one in text.split(separator)) if part]


def _pairs(cell: Cell, example: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for text in _split(cell if isinstance(cell, str) else _shown(cell), ";"):
        name, equals, number = text.replace(":", "=").partition("=")
        if not (equals and name.strip() and number.strip()):
            raise Trouble("wrong_pair", f"pairs such as {example}", show(text))
        if name.strip() in dict(found):
            raise Trouble("duplicate", "each key once", show(name.strip()))
        found.append((name.strip(), number.strip()))
    return found


def _class_pair(text: str) -> list[str]:
    pair = _split(text, "+")
    if len(pair) != 2:
        raise Trouble("wrong_pair", "two classes that may not meet, such as food+chemical", show(text))
    return pair


def _word(text: str, kind: object) -> str:
    """Return a text as the format writes it: people write codes in small letters, and places with a space."""
    if isinstance(kind, PortCode):
        return re.sub(r"\s", "", text).upper()
    if isinstance(kind, CurrencyCode):
        return text.upper()
    if isinstance(kind, OneOf):
        return next((value for value in kind.values if value.casefold() == text.casefold()), text)
    return text
