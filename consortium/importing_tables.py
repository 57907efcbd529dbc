"""Files to be imported, read into entries: the values of one row each, with the place of every cell."""

import re
import tempfile
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from consortium.errors import Fault, InputError, InputFault, Place
from consortium.formats.cells import CellReader, Trouble
from consortium.formats.columns import Column, normal
from consortium.formats.csv_folder import read_csv_folder
from consortium.formats.guards import MAX_TABLE_BYTES, MEGABYTE, refuse
from consortium.formats.json_text import show
from consortium.formats.tables import Table, Tables, column_letters, column_name
from consortium.formats.workbook import read_workbook
from consortium.importing_columns import EXAMPLE, SHEETS_OF, columns_of, headers_of, sheet_named

ENDINGS = (".xlsx", ".csv")

GUARD = "'"
"""What exported CSV files put before a text that a spreadsheet would take for a formula; taken off again here."""

_LIKE_FORMULA = re.compile(r"'*[=+\-@\t\r]")


@dataclass(slots=True)
class Entry:
    """One object of a file: a row, for an order with its lines.

    Parameters
    ----------
    values
        Values by key; keys of empty cells are missing.
    place
        The row.
    cells
        Places of the values by key.
    lines
        Lines of an order.
    rows
        How many rows of the file it stands for.
    """

    values: dict[str, Any]
    place: Place
    cells: dict[str, Place] = field(default_factory=dict)
    faults: list[InputFault] = field(default_factory=list)
    lines: list["Entry"] = field(default_factory=list)
    rows: int = 1

    def all_faults(self) -> list[InputFault]:
        """Return its own faults and those of its lines."""
        return [*self.faults, *(fault for line in self.lines for fault in line.faults)]

    def located(self, fault: Fault) -> InputFault:
        """Return a fault of a draft made of this entry with the place of the cell it is about."""
        found = re.fullmatch(r"lines\[(\d+)\](?:\.(.*))?", fault.path)
        if found and int(found[1]) < len(self.lines):
            inner = replace(fault, path=found[2] or "") if not isinstance(fault, InputFault) else fault
            return self.lines[int(found[1])].located(Fault(found[2] or "", inner.code, inner.expected, inner.found))
        key = re.split(r"[.\[]", fault.path)[0]
        key = key.removesuffix("_id")
        place = self.cells.get(key, self.place if not key else replace(self.place, column=key))
        return InputFault(key, fault.code, fault.expected, fault.found, place)


@dataclass(frozen=True, slots=True)
class Sheets:
    """What a file holds: entries by sheet, and what is wrong with the file as a whole."""

    entries: dict[str, list[Entry]]
    rows: int
    faults: tuple[InputFault, ...] = ()
    warnings: tuple[InputFault, ...] = ()


def read_tables(filename: str, content: bytes, name_of: Callable[[str], str | None], known: Collection[str]) -> Tables:
    """Read the sheets of an uploaded workbook, or the one table of a CSV file.

    Parameters
    ----------
    filename
        As the user named it: its ending says what it is, messages repeat it.
    content
        The file.
    name_of
        Which sheet a title names.
    known
        Sheets that messages list.

    Raises
    ------
    InputError
        When the file may not be opened.
    """
    ending = Path(filename).suffix.lower()
    if ending not in ENDINGS:
        refuse(filename, "unknown_kind", "a workbook .xlsx or a table .csv", filename)
    if len(content) > MAX_TABLE_BYTES:
        found = f"{len(content) / MEGABYTE:.1f} MB"
        refuse(filename, "too_large", f"at most {MAX_TABLE_BYTES // MEGABYTE} MB", found)
    stem = _safe_stem(filename)
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / f"{stem}{ending}"
        path.write_bytes(content)
        try:
            if ending == ".csv":
                found_tables = read_csv_folder(Path(folder), lambda _: name_of(stem), known)
            else:
                found_tables = read_workbook(path, name_of, known)
        except InputError as error:
            raise InputError(_renamed(error.faults, filename)) from error
    return Tables(
        filename,
        {name: replace(table, file=filename) for name, table in found_tables.tables.items()},
        tuple(_renamed(found_tables.faults, filename)),
        tuple(_renamed(found_tables.warnings, filename)),
    )


def read_entries(kind: str, filename: str, content: bytes, reader: CellReader) -> Sheets:
    """Read a file of one kind in the product's own columns.

    Parameters
    ----------
    kind
        One of `importing_columns.KINDS`.
    filename, content
        The file as uploaded.
    reader
        Reads cells in the number format stated and the consortium's currency.

    Raises
    ------
    InputError
        When the file may not be opened, or lacks the sheet that the kind needs.
    """
    is_csv = Path(filename).suffix.lower() == ".csv"
    sheets = SHEETS_OF[kind]

    def name_of(title: str) -> str | None:
        return sheet_named(kind, title) or (sheets[0] if is_csv else None)

    tables = read_tables(filename, content, name_of, sheets)
    if not tables.faults and not any(sheet in tables.tables for sheet in sheets):
        refuse(filename, "missing_sheet", f"one of {', '.join(sheets)}", "nothing")
    faults = list(tables.faults)
    entries: dict[str, list[Entry]] = {}
    rows = 0
    for sheet in sheets:
        if sheet in tables.tables:
            entries[sheet] = _entries(tables.tables[sheet], reader, faults)
            rows += len(entries[sheet])
    in_cells = {one.place for found in entries.values() for entry in found for one in entry.faults}
    in_rows = {(entry.place.sheet, entry.place.row): entry for found in entries.values() for entry in found}
    whole: list[InputFault] = []
    for fault in faults:
        owner = in_rows.get((fault.place.sheet, fault.place.row))
        if owner is None:
            whole.append(fault)
        elif fault.place not in in_cells:
            owner.faults.append(fault)
    return Sheets(entries, rows, tuple(whole), tables.warnings)


def _entries(table: Table, reader: CellReader, faults: list[InputFault]) -> list[Entry]:
    columns = _header(table, faults)
    found = [_entry(table, columns, reader, number, cells) for number, cells in table.rows]
    for entry in found:
        if EXAMPLE in (entry.values.get("code"), entry.values.get("order"), entry.values.get("tariff")):
            expected = "your own rows in place of the example"
            entry.faults.append(InputFault("", "example_row", expected, show(EXAMPLE), entry.place))
    return found


def _header(table: Table, faults: list[InputFault]) -> list[Column | None]:
    known = headers_of(table.sheet)
    found: list[Column | None] = []
    for index, header in enumerate(table.header):
        column = known.get(normal(header.removesuffix("*")))
        place = table.place(1, column_name(table.header, index))
        if column is None and header:
            names = ", ".join(one.header for one in columns_of(table.sheet))
            faults.append(InputFault("", "unknown_column", f"one of the columns {names}", show(header), place))
        elif column is not None and column.key in {one.key for one in found if one is not None}:
            faults.append(InputFault("", "duplicate_header", f"{column.key} only once", show(header), place))
        found.append(column)
    return found


def _entry(
    table: Table, columns: list[Column | None], reader: CellReader, number: int, cells: tuple[Any, ...]
) -> Entry:
    entry = Entry({}, table.place(number))
    is_csv = table.file.lower().endswith(".csv")
    for index, cell in enumerate(cells):
        if cell is None:
            continue
        column = columns[index] if index < len(columns) else None
        if column is None:
            if index >= len(table.header) or not table.header[index]:
                place = table.place(number, column_letters(index))
                expected = "a name for every column that has cells"
                entry.faults.append(InputFault("", "unknown_column", expected, show(str(cell)), place))
            continue
        place = table.place(number, table.header[index])
        entry.cells[column.key] = place
        try:
            entry.values[column.key] = reader.value(
                without_guard(cell) if is_csv and isinstance(cell, str) else cell, column
            )
        except Trouble as trouble:
            entry.faults.append(InputFault(column.key, trouble.code, trouble.expected, trouble.found, place))
    return entry


def with_guard(text: str) -> str:
    """Return a text as a CSV file holds it: with an apostrophe before what a spreadsheet would take for a formula."""
    return GUARD + text if _LIKE_FORMULA.match(text) else text


def without_guard(text: str) -> str:
    """Return a text of a CSV file without the apostrophe that `with_guard` put before it."""
    return text[1:] if text.startswith(GUARD) and _LIKE_FORMULA.match(text) else text


def _renamed(faults: Iterable[Fault], filename: str) -> list[InputFault]:
    """Return faults that name the file as the user does, not the temporary one."""
    found = []
    for fault in faults:
        place = fault.place if isinstance(fault, InputFault) else Place()
        found.append(InputFault(fault.path, fault.code, fault.expected, fault.found, replace(place, file=filename)))
    return found


def _safe_stem(filename: str) -> str:
    """Return the name of the file without folders and ending, as a temporary file may be called."""
    stem = re.sub(r"[^\w\- ]", "_", Path(filename.replace("\\", "/")).stem)[:80].strip(" ._~")
    return stem or "table"
