"""Folders of CSV files as tables: UTF-8, one delimiter told from the header line, every row whole."""

import csv
import io
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from consortium.errors import InputError, InputFault, Place
from consortium.formats.columns import HELP_SHEETS, REQUIRED_SHEETS, SHEETS, normal, sheet_of
from consortium.formats.guards import MAX_TABLE_BYTES, read_bytes, refuse
from consortium.formats.json_text import decode_utf8, show
from consortium.formats.tables import MAX_COLUMNS, MAX_ROWS, Table, Tables


def read_csv_folder(
    folder: Path, name_of: Callable[[str], str | None] = sheet_of, known: Collection[str] = SHEETS
) -> Tables:
    """Read all CSV files of the format from a folder.

    Parameters
    ----------
    folder
        The folder.
    name_of
        Which sheet of the format the name of a file, without its ending, names; None for one that names none.
    known
        The sheets that a message lists.

    Raises
    ------
    InputError
        When there are no CSV files; faults of files and rows are in the answer.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith((".", "~")))
    except OSError as error:
        refuse(str(folder), "file_missing", "a folder that can be read", error.strerror or "")
    files = [path for path in paths if path.suffix.lower() == ".csv"]
    if not files:
        names = ", ".join(f"{sheet}.csv" for sheet in REQUIRED_SHEETS)
        refuse(str(folder), "empty_folder", f"a folder with the files {names}", "no .csv file")
    faults: list[InputFault] = []
    warnings = [
        InputFault("", "ignored_file", "a file .csv", show(path.name), Place(file=str(path)))
        for path in paths
        if path not in files
    ]
    tables: dict[str, Table] = {}
    left = MAX_TABLE_BYTES
    for path in files:
        name = name_of(path.stem)
        if name is None:
            if normal(path.stem) not in HELP_SHEETS:
                expected = f"one of {', '.join(known)}"
                faults.append(InputFault("", "unknown_sheet", expected, show(path.name), Place(file=str(path))))
        elif name in tables:
            place = Place(file=str(path))
            faults.append(InputFault("", "duplicate", f"only one of {name}", show(path.name), place))
        else:
            try:
                content = read_bytes(path, left)
                left -= len(content)
                tables[name] = _table(path, name, decode_utf8(content, str(path)), faults)
            except InputError as error:
                faults.extend(replace(fault, path=name) for fault in error.faults)
                tables[name] = Table(file=str(path), sheet=name, title=path.stem, header=(), rows=())
    return Tables(str(folder), tables, tuple(faults), tuple(warnings))


def _table(path: Path, name: str, text: str, faults: list[InputFault]) -> Table:
    place = Place(file=str(path), sheet=path.stem)
    first_line = text.partition("\n")[0]
    if not first_line.strip():
        raise InputError([InputFault(name, "empty_file", "a CSV file with a header row", "", place)])
    if "," in first_line and ";" in first_line:
        expected, found = "commas or semicolons, not both", show(first_line.strip())
        where = Place(file=str(path), sheet=path.stem, row=1)
        raise InputError([InputFault(name, "wrong_delimiter", expected, found, where)])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first_line else ",", strict=True)
    rows: list[tuple[int, tuple[str | None, ...]]] = []
    header: tuple[str, ...] = ()
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            values = [cell.strip() for cell in cells]
            if number == 1:
                header = tuple(values)
                continue
            if not any(values):
                continue
            if len(values) != len(header):
                where = Place(file=str(path), sheet=path.stem, row=number)
                found = f"{len(values)} cells"
                faults.append(InputFault("", "wrong_cells", f"{len(header)} cells", found, where))
                values = [*values[: len(header)], *[""] * (len(header) - len(values))]
            rows.append((number, tuple(value or None for value in values)))
            if len(rows) > MAX_ROWS:
                raise InputError([InputFault(name, "too_many", f"at most {MAX_ROWS} rows", "more", place)])
    except csv.Error as error:
        where = Place(file=str(path), sheet=path.stem, row=number + 1)
        raise InputError([InputFault(name, "bad_table", "a CSV table", str(error), where)]) from error
    if len(header) > MAX_COLUMNS:
        raise InputError([InputFault(name, "too_many", f"at most {MAX_COLUMNS} columns", str(len(header)), place)])
    return Table(file=str(path), sheet=name, title=path.stem, header=header, rows=tuple(rows))
