"""Typesetting: a template beside this file and data make a PDF, the same bytes for the same data on every system.

Data never enter a template as source, only as JSON: no text of a user is ever read as markup. Only the fonts within
typst are used, and no date is written into the file.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Any

import typst


class PaperSize(StrEnum):
    """Sheets that printers in the region hold."""

    A4 = "a4"
    LETTER = "us-letter"


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """Return a PDF.

    Parameters
    ----------
    template
        Name of the template without its ending.
    data
        What the template reads; `paper` (a `PaperSize`), `language` and `title` at least.
    """
    folder = files("consortium.documents") / "templates"
    project = {
        "main.typ": (folder / f"{template}.typ").read_bytes(),
        "paper.typ": (folder / "paper.typ").read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False).encode(),
    }
    made = typst.compile(project, format="pdf", ignore_system_fonts=True)  # type: ignore[call-overload] # its stubs lack projects
    assert isinstance(made, bytes), "a PDF is one file"
    return made
