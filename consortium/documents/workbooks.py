"""The steps and the packing list of one container as workbooks; texts stay texts, numbers are numbers."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal

import xlsxwriter

from consortium.documents.loading_sheet import LoadingSheet, ToldStep
from consortium.documents.packing import PackingLine, packing_lines
from consortium.documents.packing_list import head
from consortium.documents.paper_words import GRAMS_PER_KG, MM3_PER_M3, MM_PER_CM, PaperWords
from consortium.exporting import TEXTS_STAY_TEXTS

Cell = str | int | Decimal


def stuffing_workbook(sheet: LoadingSheet, words: PaperWords) -> bytes:
    """Return the steps of the stuffing sheet, a row each; lengths in cm, masses in kg."""
    _ = words.gettext
    names = [
        _("Step"), _("Packages"), _("Goods"), _("Owner"), _("Consignment"), _("Package"), _("Side by side"), _("Deep"),
        _("High"), _("Each towards the door (cm)"), _("Each across (cm)"), _("Each upright (cm)"),
        _("From the front wall (cm)"), _("From the left wall (cm)"), _("Height (cm)"), _("On top of steps"),
        _("kg each"), "kg",
    ]  # fmt: skip
    rows = [_step(one, words) for one in sheet.told]
    return _workbook(sheet, _("Stuffing sheet"), names, rows)


def packing_workbook(sheet: LoadingSheet, words: PaperWords) -> bytes:
    """Return the packing list, a row for each kind of package, and a last one with the totals."""
    _ = words.gettext
    lines = packing_lines(sheet)
    total: list[Cell] = [_("Total"), "", "", "", sum(one.packages for one in lines), ""]
    total += [_kg(sum(one.gross_g for one in lines)), "", _m3(sum(one.volume_mm3 for one in lines)), ""]
    names = [_("Owner"), _("Consignment"), _("Package"), *head(words)[1:]]
    return _workbook(sheet, _("Packing list"), names, [*(_line(one) for one in lines), total])


def _step(told: ToldStep, words: PaperWords) -> list[Cell]:
    step, one = told.step, told.step.one
    sizes = [_cm(size) for size in (one.dx_mm, one.dy_mm, one.dz_mm, step.x_mm, step.y_mm, step.z_mm)]
    on = ", ".join(map(str, told.rests_on))
    names: list[Cell] = [words.goods(one), one.owner.label, one.consignment, one.package]
    counts = [step.across, step.deep, step.high]
    return [told.number, len(step.places), *names, *counts, *sizes, on, _kg(one.mass_g or 0), _kg(told.mass_g)]


def _line(one: PackingLine) -> list[Cell]:
    amounts: list[Cell] = [one.packages, _kg(one.each_g), _kg(one.gross_g), "", _m3(one.volume_mm3)]
    return [one.owner, one.consignment, one.package, one.goods, *amounts, ", ".join(map(str, one.steps))]


def _workbook(sheet: LoadingSheet, title: str, names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, TEXTS_STAY_TEXTS) as book:
        # the day of departure instead of now: the same plan gives the same bytes
        book.set_properties({"title": title, "created": datetime.combine(sheet.view.departs, time(), UTC)})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        page = book.add_worksheet(title)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.freeze_panes(1, 0)
        page.repeat_rows(0)
        for column, name in enumerate(names):
            page.write_string(0, column, name, bold)
        widths = [10] * len(names)
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                if not isinstance(cell, str):
                    page.write_number(number, column, cell)
                elif cell:
                    page.write_string(number, column, cell)
                    widths[column] = max(widths[column], min(40, len(cell) + 1))
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
    return buffer.getvalue()


def _cm(length_mm: int) -> Decimal:
    return Decimal(length_mm) / MM_PER_CM


def _kg(mass_g: int) -> Decimal:
    return Decimal(mass_g) / GRAMS_PER_KG


def _m3(volume_mm3: int) -> Decimal:
    return Decimal(volume_mm3) / MM3_PER_M3
