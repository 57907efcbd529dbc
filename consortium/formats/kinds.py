"""The kinds of values in the formats: each reads itself, writes itself and describes itself as JSON Schema."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import Any, Protocol

from consortium.errors import InputFault
from consortium.formats.json_text import JsonObject, RawNumber, show

MAX_INTEGER = 10**15
"""Greatest integer of any file: products of a few of them stay exact everywhere, also in a spreadsheet."""

MOST_WORTH_TELLING = 1_000
"""Greatest upper bound that a message names beside the lower one, such as 1000 permille."""

MAX_TEXT = 2_000
"""Characters of one text."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(slots=True)
class Reading:
    """What one reading has found so far."""

    faults: list[InputFault] = field(default_factory=list)
    warnings: list[InputFault] = field(default_factory=list)

    def fault(self, path: str, code: str, expected: str, found: str) -> None:
        """Note a fault."""
        self.faults.append(InputFault(path, code, expected, found))

    def warn(self, path: str, code: str, expected: str, found: str) -> None:
        """Note a warning."""
        self.warnings.append(InputFault(path, code, expected, found))


def child(path: str, key: str) -> str:
    """Return the path of a key of an object; a key that is no plain word is quoted, so that it shows on one line."""
    word = key if re.fullmatch(r"[\w-]{1,60}", key) else show(key)
    return f"{path}.{word}" if path else word


class Kind(Protocol):
    """A kind of value: after a fault `read` returns a harmless stand-in, so that reading goes on."""

    @property
    def expected(self) -> str:
        """What a message says was expected."""

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        """Turn a JSON value into a Python one, or note a fault."""

    def write(self, value: Any) -> Any:
        """Turn a Python value into a JSON one."""

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema of the kind; records put theirs into `definitions`."""


@dataclass(frozen=True)
class Integer:
    """A whole number: 5, never 5.0, "5" or true."""

    least: int = 0
    most: int = MAX_INTEGER

    @property
    def expected(self) -> str:
        """What a message says was expected."""
        if self.most <= MOST_WORTH_TELLING:
            return f"integer from {self.least} to {self.most}"
        return "integer > 0" if self.least == 1 else f"integer >= {self.least}"

    def read(self, value: Any, path: str, reading: Reading) -> int:
        """Return the integer, or `least` after a fault."""
        if isinstance(value, bool) or not isinstance(value, int):
            reading.fault(path, "wrong_type", self.expected, show(value))
        elif value < self.least:
            reading.fault(path, "out_of_range", self.expected, show(value))
        elif value > self.most:
            reading.fault(path, "out_of_range", f"integer <= {self.most}", show(value))
        else:
            return value
        return self.least

    def write(self, value: int) -> int:
        """Return the integer."""
        return value

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Text:
    """A text; `least` 1 refuses the empty one, `pattern` must match all of it, `most` characters are read."""

    least: int = 0
    pattern: str = ""
    expected: str = "text"
    most: int = MAX_TEXT

    def read(self, value: Any, path: str, reading: Reading) -> str:
        """Return the text, or a stand-in after a fault."""
        if not isinstance(value, str):
            reading.fault(path, "wrong_type", self.expected, show(value))
            return "?"
        if len(value) > self.most:
            reading.fault(path, "too_long", f"at most {self.most} characters", str(len(value)))
        elif len(value) < self.least or (self.pattern and not re.fullmatch(self.pattern, value)):
            reading.fault(path, "wrong_text", self.expected, show(value))
        elif _CONTROL.search(value) or any("\ud800" <= one <= "\udfff" for one in value):
            reading.fault(path, "wrong_text", "text without control characters", show(value))
        else:
            return value
        return "?"

    def write(self, value: str) -> str:
        """Return the text."""
        return value

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        shape: dict[str, Any] = {"type": "string", "maxLength": self.most}
        if self.least:
            shape["minLength"] = self.least
        if self.pattern:
            shape["pattern"] = f"^(?:{self.pattern})$"
        return shape


ID = Text(least=1, expected="a non-empty text")
"""An id chosen by the user."""


@dataclass(frozen=True)
class Constant:
    """A text that can only be one, such as the name of the format."""

    text: str

    @property
    def expected(self) -> str:
        """What a message says was expected."""
        return f'"{self.text}"'

    def read(self, value: Any, path: str, reading: Reading) -> str:
        """Return the text; another one is a fault."""
        if value != self.text:
            reading.fault(path, "wrong_format", self.expected, show(value))
        return self.text

    def write(self, value: Any) -> str:
        """Return the text."""
        return self.text

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"const": self.text}


@dataclass(frozen=True)
class Boolean:
    """true or false, nothing else."""

    expected: str = "true or false"

    def read(self, value: Any, path: str, reading: Reading) -> bool:
        """Return the boolean, or False after a fault."""
        if not isinstance(value, bool):
            reading.fault(path, "wrong_type", self.expected, show(value))
            return False
        return value

    def write(self, value: bool) -> bool:
        """Return the boolean."""
        return value

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Day:
    """A calendar day written as ISO 8601: 2026-03-02."""

    expected: str = "a date such as 2026-03-02"

    def read(self, value: Any, path: str, reading: Reading) -> date:
        """Return the day, or the first of 2000 after a fault."""
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        reading.fault(path, "wrong_date", self.expected, show(value))
        return date(2000, 1, 1)

    def write(self, value: date) -> str:
        """Return the ISO form."""
        return value.isoformat()

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


@dataclass(frozen=True)
class OneOf:
    """One value of an enumeration; `enum` may be a `StrEnum` or a tuple of texts."""

    enum: type[StrEnum] | tuple[str, ...]

    @property
    def values(self) -> tuple[str, ...]:
        """The texts allowed."""
        return self.enum if isinstance(self.enum, tuple) else tuple(one.value for one in self.enum)

    @property
    def expected(self) -> str:
        """What a message says was expected."""
        return f"one of {', '.join(self.values)}"

    def read(self, value: Any, path: str, reading: Reading) -> str:
        """Return the value, or the first one after a fault."""
        if not isinstance(value, str) or value not in self.values:
            reading.fault(path, "unknown_value", self.expected, show(value))
            value = self.values[0]
        return value if isinstance(self.enum, tuple) else self.enum(value)

    def write(self, value: str) -> str:
        """Return the text."""
        return str(value)

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"enum": list(self.values)}


@dataclass(frozen=True)
class ListOf:
    """A list; `build` makes the Python collection (tuple or frozenset, which is written sorted)."""

    kind: Kind
    build: Callable[[list[Any]], Any] = tuple
    least: int = 0
    most: int = 100_000

    @property
    def expected(self) -> str:
        """What a message says was expected."""
        if self.least == self.most:
            return f"a list of {self.least}"
        return "a list" if not self.least else f"a list of {self.least} or more"

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        """Return the collection, empty after a fault of the list itself."""
        if not isinstance(value, list):
            reading.fault(path, "wrong_type", self.expected, show(value))
            return self.build([])
        if not self.least <= len(value) <= self.most:
            code = "too_many" if len(value) > self.most else "empty_list"
            expected = f"at most {self.most} entries" if 2 < self.most < len(value) else self.expected
            reading.fault(path, code, expected, show(value))
            return self.build([])
        return self.build([self.kind.read(one, f"{path}[{index}]", reading) for index, one in enumerate(value)])

    def write(self, value: Any) -> list[Any]:
        """Return the list, sorted when the collection has no order."""
        written = [self.kind.write(one) for one in value]
        return sorted(written) if isinstance(value, frozenset) else written

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        shape: dict[str, Any] = {"type": "array", "items": self.kind.schema(definitions), "maxItems": self.most}
        if self.least:
            shape["minItems"] = self.least
        return shape


@dataclass(frozen=True)
class MapOf:
    """An object whose keys are the user's ids."""

    kind: Kind
    expected: str = "an object"

    def read(self, value: Any, path: str, reading: Reading) -> dict[str, Any]:
        """Return the mapping, empty after a fault of the object itself."""
        if not isinstance(value, dict):
            reading.fault(path, "wrong_type", self.expected, show(value))
            return {}
        refuse_duplicates(value, path, reading)
        for key in value:
            ID.read(key, child(path, key), reading)
        return {key: self.kind.read(one, child(path, key), reading) for key, one in value.items()}

    def write(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object in the order of the mapping."""
        return {key: self.kind.write(one) for key, one in value.items()}

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "object", "additionalProperties": self.kind.schema(definitions)}


@dataclass(frozen=True)
class Anything:
    """An object of free content, such as the details behind a reason; integers, texts and lists come back unchanged."""

    expected: str = "an object"

    def read(self, value: Any, path: str, reading: Reading) -> dict[str, Any]:
        """Return the object as it is; numbers with a decimal point become floats."""
        if not isinstance(value, dict):
            reading.fault(path, "wrong_type", self.expected, show(value))
            return {}
        return {key: _free(one, child(path, key), reading) for key, one in value.items()}

    def write(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object as it is."""
        return dict(value)

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema."""
        return {"type": "object"}


def _free(value: Any, path: str, reading: Reading) -> Any:
    if isinstance(value, RawNumber):
        if re.fullmatch(r"-?[0-9]+([.][0-9]+)?([eE][-+]?[0-9]+)?", value.text) and isfinite(float(value.text)):
            return float(value.text)
        reading.fault(path, "wrong_number", "a number", value.text)
        return 0
    if isinstance(value, dict):
        return {key: _free(one, child(path, key), reading) for key, one in value.items()}
    if isinstance(value, list):
        return [_free(one, f"{path}[{index}]", reading) for index, one in enumerate(value)]
    return value


def refuse_duplicates(value: dict[str, Any], path: str, reading: Reading) -> None:
    """Note a fault for every key that an object of a text has twice."""
    if isinstance(value, JsonObject):
        for key in value.duplicates:
            place = child(path, key)
            reading.fault(place, "duplicate_key", "each key once", show(key))
