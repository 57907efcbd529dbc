"""The packing list and the declaration of the verified gross mass of one container as PDF."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from consortium.documents.container_numbers import tidy
from consortium.documents.loading_sheet import LoadingSheet
from consortium.documents.packing import PackingLine, packing_lines
from consortium.documents.paper_words import PaperWords
from consortium.documents.stuffing_sheet import common, container_facts
from consortium.documents.typesetting import PaperSize, pdf
from consortium.documents.verified_mass import VerifiedMass, Weighing


def packing_list(sheet: LoadingSheet, words: PaperWords, *, reference: str, paper: PaperSize) -> bytes:
    """Return what is in one container by owner and consignment; net masses, which no order says, are left blank."""
    _ = words.gettext
    lines = packing_lines(sheet)
    data = {
        **common(words, _("Packing list"), reference, paper),
        "facts": container_facts(sheet.view, words),
        "note": "" if sheet.view.is_whole else _("Only your own packages are shown; the container carries more."),
        "head": head(words),
        "groups": [_group(owner, consignment, found, words) for (owner, consignment), found in _by_consignment(lines)],
        "total": _sums(_("Total"), lines, words),
        "blanks": [_("Container number"), _("Seal number"), _("Name, signature"), _("Place and date")],
    }
    return pdf("packing_list", data)


def head(words: PaperWords) -> list[str]:
    """Return the headers of packing lists, in the order of their columns."""
    _ = words.gettext
    return [_("Marks"), _("Goods"), _("Packages"), _("Gross kg each"), _("Gross kg"), _("Net kg"), "m³", _("Steps")]


def mass_declaration(
    sheet: LoadingSheet,
    found: VerifiedMass,
    weighing: Weighing,
    words: PaperWords,
    *,
    reference: str,
    paper: PaperSize,
) -> bytes:
    """Return the declaration of the verified gross mass of a container whose whole content is known."""
    _ = words.gettext
    lines = packing_lines(sheet)
    data = {
        **common(words, _("Verified gross mass (VGM)"), reference, paper),
        "statement": _(
            "Verified gross mass by method 2 of SOLAS chapter VI, regulation 2 (MSC.1/Circ.1475): all packages were "
            "weighed; their mass, that of pallets, dunnage and securing material, and the tare of the container "
            "were added."
        ),
        "facts": container_facts(sheet.view, words),
        "head": [_("Marks"), _("Goods"), _("Packages"), _("Gross kg each"), _("Gross kg")],
        "lines": [[_marks(one), one.goods, words.number(one.packages), words.kg(one.each_g), words.kg(one.gross_g)]
                  for one in lines],
        "sums": list(_mass_sums(found, words)),
        "total": [_("Verified gross mass"), "" if found.total_g is None else f"{words.kg(found.total_g)} kg"],
        "warnings": list(_warnings(found, words)),
        "fields": list(_fields(weighing, words)),
    }  # fmt: skip
    return pdf("verified_mass", data)


def _mass_sums(found: VerifiedMass, words: PaperWords) -> Iterator[tuple[str, str]]:
    _ = words.gettext
    yield _("Cargo, gross"), f"{words.kg(found.cargo_g)} kg"
    yield _("Pallets, dunnage and securing material"), f"{words.kg(found.dunnage_g)} kg"
    label = _("Tare, as on the door") if found.tare_is_declared else _("Tare, typical of the type")
    yield label, "" if found.tare_g is None else f"{words.kg(found.tare_g)} kg"


def _warnings(found: VerifiedMass, words: PaperWords) -> Iterator[str]:
    _ = words.gettext
    if not found.tare_is_declared:
        yield _("Not to be declared yet: read the tare on the container's door; that of the type may differ.")
    if found.is_too_heavy and found.maximum_g is not None:
        yield _("Too heavy: the container may weigh {kg} kg at most.", kg=words.kg(found.maximum_g))


def _fields(weighing: Weighing, words: PaperWords) -> Iterator[tuple[str, str]]:
    """Yield what a declaration needs, empty where it is written by hand."""
    _ = words.gettext
    yield _("Container number"), tidy(weighing.container_no)
    yield _("Booking or bill of lading number"), ""
    yield _("Shipper"), weighing.company
    yield _("Responsible person"), weighing.person
    yield _("Date"), "" if weighing.day is None else words.day(weighing.day)
    yield _("Signature"), ""


def _by_consignment(lines: Sequence[PackingLine]) -> Iterator[tuple[tuple[str, str], list[PackingLine]]]:
    for key, found in groupby(lines, key=lambda one: (one.owner, one.consignment)):
        yield key, list(found)


def _group(owner: str, consignment: str, lines: Sequence[PackingLine], words: PaperWords) -> dict[str, Any]:
    _ = words.gettext
    return {
        "owner": owner,
        "consignment": consignment,
        "lines": [_cells(one, words) for one in lines],
        "sums": [_sums(_("Sum"), lines, words)] if len(lines) > 1 else [],
    }


def _cells(one: PackingLine, words: PaperWords) -> list[str]:
    steps = ", ".join(map(str, one.steps))
    amounts = [words.number(one.packages), words.kg(one.each_g), words.kg(one.gross_g), ""]
    return [_marks(one), one.goods, *amounts, words.cubic_metres(one.volume_mm3), steps]


def _sums(label: str, lines: Sequence[PackingLine], words: PaperWords) -> list[str]:
    packages = words.number(sum(one.packages for one in lines))
    gross = words.kg(sum(one.gross_g for one in lines))
    return [label, "", packages, "", gross, "", words.cubic_metres(sum(one.volume_mm3 for one in lines)), ""]


def _marks(one: PackingLine) -> str:
    return f"{one.consignment} · {one.package}"
