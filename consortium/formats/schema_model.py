"""The one description of a format's fields: it reads, it writes and it publishes the JSON Schema.

A `Record` lists the `Field`s of one object, each with a kind (`Integer`, `Text`, `ListOf`, ...). Reading,
writing, the tables of a workbook and the published schema all come from that list, so they cannot drift apart.
"""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from consortium.formats.json_text import show
from consortium.formats.kinds import Constant, Kind, Reading, child, refuse_duplicates


@dataclass(frozen=True, kw_only=True)
class Field:
    """One key of an object.

    Parameters
    ----------
    required
        Whether the key must be there; an absent optional key takes the default of the Python class.
    nullable
        Whether null stands for "absent".
    attribute
        Name in the Python object where it differs from the key.
    omit
        Values with which the key is not written: those of a key that came later, so that the fingerprints of
        documents from before stay the same.
    note
        What the key means, for the schema.
    """

    key: str
    kind: Kind
    required: bool = False
    nullable: bool = False
    attribute: str = ""
    omit: tuple[Any, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        """Name in the Python object."""
        return self.attribute or self.key

    @property
    def constant(self) -> bool:
        """Whether it can have only one value, such as `format`, and is no part of the Python object."""
        return isinstance(self.kind, Constant)

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema of the field."""
        shape = self.kind.schema(definitions)
        if self.nullable:
            shape = {"anyOf": [shape, {"type": "null"}]}
        return {**shape, "description": self.note} if self.note else shape


Check = Callable[[dict[str, Any], str, Reading], None]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One object of a format: its fields, what makes the Python object of them, and what must hold among them.

    Parameters
    ----------
    make
        Called with the values read, by attribute name; absent ones are left out.
    check
        Sees the values read and notes faults and warnings that concern more than one field.
    any_of
        Groups of keys of which one must be complete, for the schema (`check` must refuse the same).
    """

    name: str
    fields: tuple[Field, ...]
    make: Callable[..., Any] = dict
    check: Check | None = None
    any_of: tuple[tuple[str, ...], ...] = ()
    note: str = ""
    expected: str = "an object"

    def field(self, key: str) -> Field:
        """Return the field of a key."""
        return next(one for one in self.fields if one.key == key)

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        """Return the Python object, or a stand-in after faults."""
        if not isinstance(value, dict):
            reading.fault(path or "$", "wrong_type", self.expected, show(value))
            value = {one.key: None for one in self.fields}
            return self.make(**self._values(value, path, Reading()))
        self._refuse_unknown(value, path, reading)
        values = self._values(value, path, reading)
        if self.check is not None:
            self.check(values, path, reading)
        return self.make(**values)

    def write(self, value: Any) -> dict[str, Any]:
        """Return the JSON object, its keys in the order of the fields."""
        written: dict[str, Any] = {}
        for one in self.fields:
            found = "" if one.constant else getattr(value, one.name)
            if found in one.omit:
                continue
            written[one.key] = None if found is None else one.kind.write(found)
        return written

    def schema(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Put the JSON Schema into the definitions and return a reference to it."""
        if self.name not in definitions:
            definitions[self.name] = {}  # a place for references while the fields are described
            definitions[self.name] = self.body(definitions)
        return {"$ref": f"#/$defs/{self.name}"}

    def body(self, definitions: dict[str, Any]) -> dict[str, Any]:
        """Return the JSON Schema of the object itself."""
        shape: dict[str, Any] = {"description": self.note} if self.note else {}
        shape |= {
            "type": "object",
            "properties": {one.key: one.schema(definitions) for one in self.fields},
            "required": [one.key for one in self.fields if one.required],
            "additionalProperties": False,
        }
        if self.any_of:
            shape["anyOf"] = [{"required": list(keys)} for keys in self.any_of]
        return shape

    def _values(self, value: dict[str, Any], path: str, reading: Reading) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for one in self.fields:
            place = child(path, one.key)
            found = value.get(one.key)
            if one.key in value and not (found is None and one.nullable):
                values[one.name] = one.kind.read(found, place, reading)
            elif one.required:
                reading.fault(place, "missing", one.kind.expected, "nothing")
                values[one.name] = one.kind.read(None, place, Reading())
        return {one.name: values[one.name] for one in self.fields if one.name in values and not one.constant}

    def _refuse_unknown(self, value: dict[str, Any], path: str, reading: Reading) -> None:
        refuse_duplicates(value, path, reading)
        keys = [one.key for one in self.fields]
        for key in value:
            if key in keys:
                continue
            near = difflib.get_close_matches(key, keys, n=1)
            expected = f"perhaps {near[0]}" if near else f"one of {', '.join(keys)}"
            reading.fault(child(path, key), "unknown_key", expected, show(key))


def json_schema(record: Record, name: str) -> dict[str, Any]:
    """Return the whole JSON Schema (draft 2020-12) of a format whose top object is `record`."""
    definitions: dict[str, Any] = {}
    body = record.body(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": name,
        "title": name,
        **body,
        "$defs": dict(sorted(definitions.items())),
    }
