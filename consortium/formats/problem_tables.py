"""Consolidation problems as tables: sheets become the JSON document, faults of the document find their cells again."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from consortium.errors import InputError, InputFault, Place
from consortium.formats.cells import CellReader, Trouble
from consortium.formats.codes import CURRENCY_EXPONENT
from consortium.formats.columns import REQUIRED_SHEETS, Column, columns_of, headers_of, normal
from consortium.formats.json_text import show
from consortium.formats.numbers import NUMBER_FORMATS
from consortium.formats.problem_fields import PROBLEM_FORMAT
from consortium.formats.problem_json import NEED_OTHERS, Warnings, problem_of
from consortium.formats.tables import Cell, Table, Tables, column_letters, column_name
from optimizer.problem import ConsolidationProblem

_TOP_KEYS = ("currency", "title", "format", "incompatible_classes")
"""Columns of the settings sheet that stand at the top of the document."""


@dataclass(slots=True)
class _Builder:
    """The document that grows out of the tables, and where each path of it came from."""

    tables: Tables
    faults: list[InputFault] = field(default_factory=list)
    document: dict[str, Any] = field(default_factory=dict)
    places: dict[str, tuple[Place, str]] = field(default_factory=dict)

    def fault(self, place: Place, code: str, expected: str, found: str, path: str = "") -> None:
        """Note a fault at a place."""
        self.faults.append(InputFault(path, code, expected, found, place))


def problem_of_tables(tables: Tables) -> tuple[ConsolidationProblem, Warnings]:
    """Turn the sheets of a workbook or a CSV folder into a problem.

    Raises
    ------
    InputError
        With all faults of all sheets, each with sheet, row and column.
    """
    builder = _Builder(tables, list(tables.faults))
    for sheet in REQUIRED_SHEETS:
        if sheet not in tables.tables:
            builder.fault(Place(file=tables.file), "missing_sheet", sheet, "nothing", sheet)
    reader = _settings(builder)
    for sheet in ("members", "consignments", "container_types", "departures", "charges"):
        if sheet in tables.tables:
            _rows(builder, reader, sheet)
    if "packages" in tables.tables:
        _packages(builder, reader)
    builder.document.setdefault("consignments", [])
    try:
        problem, warnings = problem_of(builder.document)
    except InputError as error:
        found = [fault for one in error.faults if (fault := _located(builder, one)) is not None]
        raise InputError(_in_order([*builder.faults, *found])) from error
    if builder.faults:
        raise InputError(_in_order(builder.faults))
    return problem, (*tables.warnings, *(_at_its_cell(builder, one) for one in warnings))


def _in_order(faults: list[InputFault]) -> list[InputFault]:
    """Return faults sheet by sheet and row by row, as a person goes through the file; equal ones once."""
    unique = list(dict.fromkeys(faults))
    return sorted(unique, key=lambda one: (one.place.file, one.place.sheet, one.place.row or 0))


def _settings(builder: _Builder) -> CellReader:
    """Read the one row of the settings into the document, and return the reader of all other cells."""
    builder.document["format"] = PROBLEM_FORMAT
    reader = CellReader(None, 100)
    table = builder.tables.tables.get("settings")
    if table is None:
        builder.document["currency"] = "USD"  # its absence is told by the missing sheet
        return reader
    if len(table.rows) != 1:
        builder.fault(table.place(), "wrong_cells", "one row of settings", str(len(table.rows)), "settings")
    columns = _header(builder, table)
    values: dict[str, Any] = {}
    for row in table.rows[:1]:
        values = _row(builder, reader, table, columns, row, "settings")
        for key in _TOP_KEYS:
            if f"settings.{key}" in builder.places:
                builder.places[key] = builder.places.pop(f"settings.{key}")
    number_format = values.pop("number_format", None)
    if number_format is not None and number_format not in NUMBER_FORMATS:
        place, _ = builder.places["settings.number_format"]
        builder.fault(place, "unknown_value", f"one of {'; '.join(NUMBER_FORMATS)}", show(number_format))
        number_format = None
    builder.document.update({key: values.pop(key) for key in _TOP_KEYS if key in values})
    builder.document["settings"] = values
    if "currency" not in builder.document and not table.rows:
        builder.document["currency"] = "USD"
    exponent = CURRENCY_EXPONENT.get(str(builder.document.get("currency")), 2)
    return CellReader(number_format, 10**exponent)


def _header(builder: _Builder, table: Table) -> list[Column | None]:
    """Return the column that each header names; unknown, repeated and nameless ones are faults."""
    known = headers_of(table.sheet)
    found: list[Column | None] = []
    for header in table.header:
        column = known.get(normal(header))
        if column is None and header:
            names = ", ".join(one.header for one in columns_of(table.sheet))
            builder.fault(table.place(1, header), "unknown_column", f"one of the columns {names}", show(header))
        elif column is not None and column in found:
            builder.fault(table.place(1, header), "duplicate_header", column.header, show(header))
            column = None
        found.append(column)
    for number, cells in table.rows:
        for index, cell in enumerate(cells):
            if cell is not None and (index >= len(table.header) or not table.header[index]):
                expected = "a name for every column that has cells"
                builder.fault(table.place(number, column_letters(index)), "unknown_column", expected, show(str(cell)))
    return found


def _rows(builder: _Builder, reader: CellReader, sheet: str) -> None:
    table = builder.tables.tables[sheet]
    columns = _header(builder, table)
    builder.document[sheet] = [
        _row(builder, reader, table, columns, row, f"{sheet}[{index}]") for index, row in enumerate(table.rows)
    ]


def _packages(builder: _Builder, reader: CellReader) -> None:
    """Put every package into its consignment; one of an unknown consignment is a fault, never dropped in silence."""
    table = builder.tables.tables["packages"]
    columns = _header(builder, table)
    owners = {one.get("id"): (index, one) for index, one in enumerate(builder.document.get("consignments", []))}
    for number, cells in table.rows:
        name_at = next((at for at, one in enumerate(columns) if one is not None and one.header == "consignment"), None)
        cell = None if name_at is None else cells[name_at]
        owner = None if cell is None else str(cell)
        if owner not in owners or owner is None:
            place = table.place(number, "consignment" if name_at is None else table.header[name_at])
            code = "missing" if cell is None else "unknown_reference"
            builder.fault(place, code, "a consignment of this problem", "nothing" if cell is None else show(cell))
            _row(builder, reader, table, columns, (number, cells), f"packages[{number}]")
            continue
        index, consignment = owners[owner]
        packages = consignment.setdefault("packages", [])
        path = f"consignments[{index}].packages[{len(packages)}]"
        values = _row(builder, reader, table, columns, (number, cells), path)
        values.pop("consignment", None)
        packages.append(values)


def _row(
    builder: _Builder,
    reader: CellReader,
    table: Table,
    columns: list[Column | None],
    row: tuple[int, tuple[Cell, ...]],
    path: str,
) -> dict[str, Any]:
    """Return the JSON object of one row; remember the place of each of its values."""
    number, cells = row
    values: dict[str, Any] = {}
    taken: dict[str, str] = {}
    builder.places[path] = (table.place(number), "")
    for index, column in enumerate(columns):
        if column is None:
            continue
        place = table.place(number, column_name(table.header, index))
        where = f"{path}.{column.key}"
        cell = cells[index] if index < len(cells) else None
        if cell is None:
            builder.places.setdefault(where, (place, ""))
            continue
        if column.key in taken:
            expected = f"only one of {taken[column.key]}, {column.header}"
            builder.fault(place, "both_units", expected, show(str(cell)), where)
            continue
        taken[column.key] = column.header
        builder.places[where] = (place, f"{cell}" if column.header != column.key else "")
        try:
            values[column.key] = reader.value(cell, column)
        except Trouble as trouble:
            builder.fault(place, trouble.code, trouble.expected, trouble.found, where)
    if table.sheet in {"consignments", "charges"}:
        _same_currency(builder, values, path)
    return values


def _same_currency(builder: _Builder, values: dict[str, Any], path: str) -> None:
    """Take the currency of a row away again: it must be the problem's."""
    found = values.pop("currency", None)
    wanted = builder.document.get("currency")
    if found is not None and wanted is not None and found != wanted:
        place, _ = builder.places[f"{path}.currency"]
        builder.fault(place, "currency_mismatch", str(wanted), show(found), f"{path}.currency")


def _located(builder: _Builder, fault: InputFault) -> InputFault | None:
    """Give a fault of the document the place of its cell; None when the cell itself was refused already."""
    told = {one.path for one in builder.faults if one.path}
    if fault.code in NEED_OTHERS and told & set(REQUIRED_SHEETS):
        return None
    if fault.path in told or fault.path.partition("[")[0] in told:
        return None
    return _at_its_cell(builder, fault)


def _at_its_cell(builder: _Builder, fault: InputFault) -> InputFault:
    path = fault.path
    while path and path not in builder.places:
        path = re.sub(r"(\.[^.\[]*|\[[0-9]+\]|^[a-z_]+)$", "", path)
    if not path:
        sheet = builder.tables.tables.get(fault.path.partition("[")[0].partition(".")[0])
        place = Place(file=builder.tables.file) if sheet is None else sheet.place()
        return replace(fault, place=place)
    place, written = builder.places[path]
    if fault.code == "missing" and path != fault.path:
        place = replace(place, column=fault.path.rpartition(".")[2])
    if written and path == fault.path:
        fault = replace(fault, found=f"{written} ({path.rpartition('.')[2]} {fault.found})")
    return replace(fault, place=place)
