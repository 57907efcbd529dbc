"""The mappings of foreign files that come with the product (`data/mappings`): the only ones that pages offer.

A mapping holds a regular expression, so one that anybody could send would let anybody stop the server.
"""

import tomllib
from dataclasses import dataclass
from functools import cache

from consortium.importing_mapping import MAPPING_FORMAT
from consortium.reference_data import reference_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedMapping:
    """A mapping by its name: what it reads, how numbers are written there, and its whole text."""

    name: str
    title: str
    number_format: str
    text: str


@cache
def shipped_mappings() -> dict[str, ShippedMapping]:
    """Return the mappings of orders that come with the product, by name."""
    found = {}
    for path in sorted((reference_folder() / "mappings").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
        if values.get("format") == MAPPING_FORMAT and values.get("kind", "orders") == "orders":
            found[path.stem] = ShippedMapping(
                name=path.stem,
                title=str(values.get("title") or path.stem),
                number_format=str(values.get("number_format", "")),
                text=text,
            )
    return found
