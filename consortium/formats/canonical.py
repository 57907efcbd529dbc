"""JSON text: the form for people and files, the canonical form, and its SHA-256."""

import hashlib
import json
from typing import Any

from consortium.formats.json_text import RawNumber


def dumps(document: Any) -> str:
    """Return the text of a file: keys in the document's order, two spaces, one newline at the end."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def canonical(document: Any) -> str:
    """Return the canonical text: sorted keys, no spaces; the same data give the same text everywhere."""
    return json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_number
    )


def _number(value: Any) -> float:
    """Return a number as it was read strictly (`json_text.parse_json`) in the way in which it was written."""
    if isinstance(value, RawNumber):
        return float(value.text)
    raise TypeError(f"no JSON: {type(value).__name__}")


def sha256(document: Any) -> str:
    """Return the SHA-256 of the canonical text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(document).encode("utf-8")).hexdigest()
