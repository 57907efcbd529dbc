"""Strict JSON: one document, UTF-8, no duplicate keys, no floats passed off as integers, bounded size and depth."""

import json
import re
from dataclasses import dataclass
from typing import Any

from consortium.errors import InputError, InputFault, Place

MAX_DEPTH = 32
"""Levels of brackets that a document may have; the published formats need fewer than ten."""

MAX_DIGITS = 30
"""Digits of an integer that are read as one; longer ones are shown and refused."""

MAX_SHOWN = 80
"""Characters of a wrong value that a message repeats."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class RawNumber:
    """A number of the text that is not a plain integer, as it was written: 1.0, 1e3, NaN."""

    text: str


class JsonObject(dict[str, Any]):
    """An object of the text, which remembers the keys that were written twice."""

    duplicates: tuple[str, ...] = ()


def show(value: object) -> str:
    """Return a value as a message shows it: JSON, on one line, cut to a sensible length."""
    if isinstance(value, RawNumber):
        text = value.text
    elif isinstance(value, list | dict):
        kind = ("list", "entries") if isinstance(value, list) else ("object", "keys")
        text = f"{kind[0]} with {len(value)} {kind[1]}"
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"


def decode_utf8(content: bytes, file: str) -> str:
    """Decode a text file, with or without a byte-order mark.

    Raises
    ------
    InputError
        When the bytes are not UTF-8; names the line and column of the first wrong byte.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place(file, content[: error.start].decode("utf-8", "replace"))
        found = "UTF-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else f"byte 0x{content[error.start]:02x}"
        raise InputError([InputFault("", "bad_encoding", "text in UTF-8", found, place)]) from error
    if "\x00" in text:
        place = _place(file, text[: text.index("\x00")])
        raise InputError([InputFault("", "bad_encoding", "text in UTF-8", "byte 0x00", place)])
    return text


def parse_json(content: bytes, file: str) -> Any:
    """Parse one JSON document strictly; floats and NaN come back as `RawNumber`, objects as `JsonObject`.

    Raises
    ------
    InputError
        When it is not UTF-8, not JSON, empty, or nested deeper than `MAX_DEPTH`; names line and column.
    """
    text = decode_utf8(content, file)
    if not text.strip():
        raise InputError([InputFault("", "empty_file", "one JSON document", "an empty file", Place(file=file))])
    _check_depth(text, file)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_float=RawNumber,
            parse_constant=RawNumber,
            parse_int=lambda digits: int(digits) if len(digits) <= MAX_DIGITS else RawNumber(digits),
        )
    except json.JSONDecodeError as error:
        place = Place(file=file, row=error.lineno, column=str(error.colno))
        at_end = error.pos >= len(text.rstrip())
        found = "the end of the file" if at_end else show(text[error.pos : error.pos + 20])
        raise InputError([InputFault("", "bad_json", "valid JSON", found, place)]) from error


def _object(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = JsonObject(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        found.duplicates = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    return found


def _check_depth(text: str, file: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
        if depth > MAX_DEPTH:
            place = _place(file, text[: token.start()])
            expected, found = f"at most {MAX_DEPTH} levels of brackets", "more"
            raise InputError([InputFault("", "too_deep", expected, found, place)])


def _place(file: str, before: str) -> Place:
    return Place(file=file, row=before.count("\n") + 1, column=str(len(before) - before.rfind("\n")))
