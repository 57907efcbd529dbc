"""JSON text: the form for people and files, the canonical form, and its SHA-256."""

import hashlib
import json
from typing import Any


def dumps(document: Any) -> str:
    """Return the text of a file: keys in the document's order, two spaces, one newline at the end."""
    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def canonical(document: Any) -> str:
    """Return the canonical text: sorted keys, no spaces; the same data give the same text everywhere."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def sha256(document: Any) -> str:
    """Return the SHA-256 of the canonical text in UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(document).encode("utf-8")).hexdigest()
