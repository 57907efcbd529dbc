"""Workbooks (.xlsx) as tables: plain values only; formulas, merged cells and errors are refused by place."""

import zipfile
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook

from consortium.errors import InputError, InputFault, Place
from consortium.formats.columns import HELP_SHEETS, SHEETS, normal, sheet_of
from consortium.formats.guards import check_workbook
from consortium.formats.json_text import show
from consortium.formats.tables import MAX_COLUMNS, MAX_ROWS, Cell, Table, Tables, column_name


def read_workbook(
    path: Path, name_of: Callable[[str], str | None] = sheet_of, known: Collection[str] = SHEETS
) -> Tables:
    """Read all sheets of the format from a workbook.

    Parameters
    ----------
    path
        The workbook.
    name_of
        Which sheet of the format a title names; None for a title that names none.
    known
        The sheets that a message lists.

    Raises
    ------
    InputError
        When the file is not a workbook that may be opened; faults of cells are in the answer.
    """
    check_workbook(path)
    try:
        book = load_workbook(path, data_only=False, keep_links=False)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ParseError, zipfile.BadZipFile) as error:
        expected = "a workbook .xlsx saved by a spreadsheet program"
        fault = InputFault("", "damaged_file", expected, "a damaged workbook", Place(file=str(path)))
        raise InputError([fault]) from error
    faults: list[InputFault] = []
    warnings: list[InputFault] = []
    tables: dict[str, Table] = {}
    for sheet in book.worksheets:
        place = Place(file=str(path), sheet=sheet.title)
        name = name_of(sheet.title)
        if name is None:
            if normal(sheet.title) in HELP_SHEETS:
                continue
            if sheet.sheet_state != "visible":
                warnings.append(InputFault("", "hidden_sheet", "a visible sheet", show(sheet.title), place))
            else:
                expected = f"one of {', '.join(known)}"
                faults.append(InputFault("", "unknown_sheet", expected, show(sheet.title), place))
        elif name in tables:
            faults.append(InputFault("", "duplicate", f"only one of {name}", show(sheet.title), place))
        else:
            tables[name] = _table(str(path), name, sheet, faults)
    return Tables(str(path), tables, tuple(faults), tuple(warnings))


def _table(file: str, name: str, sheet: Any, faults: list[InputFault]) -> Table:
    place = Place(file=file, sheet=sheet.title)
    for merged in sheet.merged_cells.ranges:
        where = Place(file=file, sheet=sheet.title, row=merged.min_row, column=_letters(merged.coord))
        faults.append(InputFault("", "merged_cells", "one cell for each value", str(merged.coord), where))
    empty = Table(file=file, sheet=name, title=sheet.title, header=(), rows=())
    if sheet.max_row > MAX_ROWS:
        faults.append(InputFault(name, "too_many", f"at most {MAX_ROWS} rows", str(sheet.max_row), place))
        return empty
    if sheet.max_column > MAX_COLUMNS:
        faults.append(InputFault(name, "too_many", f"at most {MAX_COLUMNS} columns", str(sheet.max_column), place))
        return empty
    lines = sheet.iter_rows()
    header = tuple("" if cell.value is None else str(cell.value).strip() for cell in next(lines, ()))
    rows = []
    for number, cells in enumerate(lines, start=2):
        if all(cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()) for cell in cells):
            continue
        values = (
            _value(cell, Place(file=file, sheet=sheet.title, row=number, column=column_name(header, index)), faults)
            for index, cell in enumerate(cells)
        )
        rows.append((number, tuple(values)))
    faults.extend(_formulas_in_header(file, sheet))
    return Table(file=file, sheet=name, title=sheet.title, header=header, rows=tuple(rows))


def _formulas_in_header(file: str, sheet: Any) -> Iterator[InputFault]:
    for cells in sheet.iter_rows(max_row=1):
        for cell in cells:
            if cell.data_type == "f":
                place = Place(file=file, sheet=sheet.title, row=1, column=cell.column_letter)
                yield InputFault("", "formula", "a value, not a formula", show(str(cell.value)), place)


def _value(cell: Any, place: Place, faults: list[InputFault]) -> Cell:
    value = cell.value
    if cell.data_type == "f":
        text = value if isinstance(value, str) else getattr(value, "text", None) or getattr(value, "ref", "=...")
        faults.append(InputFault("", "formula", "a value, not a formula", show(str(text)), place))
        return None
    if cell.data_type == "e":
        faults.append(InputFault("", "error_cell", "a value", str(value), place))
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime):
        if value.time() == time(0):
            return value.date()
        return value.isoformat(sep=" ")
    if value is None or isinstance(value, bool | int | float | date):
        return value
    return str(value)


def _letters(coordinates: str) -> str:
    return "".join(one for one in coordinates.partition(":")[0] if one.isalpha())
