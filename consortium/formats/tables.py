"""Tables as both workbooks and CSV folders give them: a header and rows, with the places of cells."""

from dataclasses import dataclass
from datetime import date

from consortium.errors import InputFault, Place

Cell = str | int | float | bool | date | None
"""Value of a cell; None is an empty one."""

MAX_ROWS = 50_000
MAX_COLUMNS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet.

    Parameters
    ----------
    sheet
        What it is: one of the sheets of the format.
    title
        What it is called in the file.
    header
        Texts of the first row; empty for columns without cells.
    rows
        Number of the row as a spreadsheet counts it, and its cells, as many as the header has; wholly
        empty rows are left out.
    """

    file: str
    sheet: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]

    def place(self, row: int | None = None, column: str = "") -> Place:
        """Return a place in this sheet."""
        return Place(file=self.file, sheet=self.title, row=row, column=column)


@dataclass(frozen=True, slots=True)
class Tables:
    """All sheets that could be read, with the faults and warnings of the reading."""

    file: str
    tables: dict[str, Table]
    faults: tuple[InputFault, ...]
    warnings: tuple[InputFault, ...]


def column_letters(index: int) -> str:
    """Return the letters by which a spreadsheet names a column, 0 for A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_name(header: tuple[str, ...], index: int) -> str:
    """Return how a message names a column: by its header, or by its letters where it has none."""
    return header[index] if index < len(header) and header[index] else column_letters(index)
