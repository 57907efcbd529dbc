"""The papers of one container's load, each made of nothing but what its reader may see of it (`LoadView`)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from consortium.documents.loading_sheet import LoadingSheet, loading_sheet
from consortium.documents.packing_list import mass_declaration, packing_list
from consortium.documents.paper_words import PaperWords
from consortium.documents.stuffing_sheet import stuffing_sheet
from consortium.documents.typesetting import PaperSize
from consortium.documents.verified_mass import Weighing, verified_mass
from consortium.documents.workbooks import packing_workbook, stuffing_workbook
from consortium.texts import locale_of, translate
from consortium.views_loads import LoadView

MASS_PAPER = "vgm.pdf"
"""The only paper about the whole container: for who may see everything in it."""

MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRequest:
    """How a paper is asked for.

    Parameters
    ----------
    reference
        What the load belongs to, for the head of every page.
    language
        es, pt or en.
    country
        Where it is read: Peru writes 1,234.5 and Colombia 1.234,5, both in Spanish; empty: as the language does.
    paper
        Sheet of the PDF.
    weighing
        For `MASS_PAPER`: what the declaring person knows beside the plan.
    """

    reference: str
    language: str
    country: str = ""
    paper: PaperSize = PaperSize.A4
    weighing: Weighing = field(default_factory=Weighing)


def load_paper(view: LoadView, name: str, asked: PaperRequest) -> bytes:
    """Return one paper of a container.

    Parameters
    ----------
    view
        A container with a load plan.
    name
        One of `LOAD_PAPERS`.

    Raises
    ------
    KeyError
        When the name is another one.
    """
    words = PaperWords(translate(asked.language), str(locale_of(asked.language, asked.country)))
    return _MAKERS[name](loading_sheet(view), words, asked)


def _stuffing_sheet(sheet: LoadingSheet, words: PaperWords, asked: PaperRequest) -> bytes:
    return stuffing_sheet(sheet, words, reference=asked.reference, paper=asked.paper)


def _packing_list(sheet: LoadingSheet, words: PaperWords, asked: PaperRequest) -> bytes:
    return packing_list(sheet, words, reference=asked.reference, paper=asked.paper)


def _mass(sheet: LoadingSheet, words: PaperWords, asked: PaperRequest) -> bytes:
    view = sheet.view
    assert view.cargo_mass_g is not None, "asked for by who may see the whole container"
    # Pallets that the plan knows are no estimate of the declaring person.
    weighing = replace(asked.weighing, dunnage_g=asked.weighing.dunnage_g + view.pallets_mass_g)
    found = verified_mass(view.cargo_mass_g, view.payload_g, view.tare_g, weighing)
    return mass_declaration(sheet, found, weighing, words, reference=asked.reference, paper=asked.paper)


_MAKERS: dict[str, Callable[[LoadingSheet, PaperWords, PaperRequest], bytes]] = {
    "stuffing-sheet.pdf": _stuffing_sheet,
    "stuffing-sheet.xlsx": lambda sheet, words, _asked: stuffing_workbook(sheet, words),
    "packing-list.pdf": _packing_list,
    "packing-list.xlsx": lambda sheet, words, _asked: packing_workbook(sheet, words),
    MASS_PAPER: _mass,
}

LOAD_PAPERS = tuple(_MAKERS)
"""Names of all papers."""
