"""Tables: short ones as plain HTML that every device reads, long ones as a grid to sort and search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.formats import plain

LONG_TABLE_ROWS = 20
"""From here on a table becomes a grid with its own scrolling, sorting and search."""


LONGEST_CODE = 12
"""Columns of codes and dates, none longer than this, are never broken: `N-701` on two lines reads as two things."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, how to get the words of a row, whether they are numbers (set to the right).

    `sort` gives what the grid sorts by, where that differs from the words.
    """

    heading: str
    words: Callable[[Any], object]
    numeric: bool = False
    sort: Callable[[Any], Any] | None = None


def show_table(
    rows: Sequence[Any], columns: Sequence[Column], *, alt: str, key: str | None = None, whole: bool = False
) -> None:
    """Show rows as a table that fits its length; show nothing at all when there are no rows.

    Parameters
    ----------
    rows
        Views as the queries return them.
    columns
        Columns, first on the left; columns that are empty in every row are left out.
    alt
        One sentence that names the table for people who do not see it.
    key
        Name of the grid where the page has several.
    whole
        Never a grid: for sentences, which a grid would cut.
    """
    if not rows:
        return
    shown = [column for column in columns if any(column.words(row) not in ("", None, "–") for row in rows)]
    if whole or len(rows) < LONG_TABLE_ROWS:
        _show_short(rows, shown, alt)
    else:
        _show_long(rows, shown, alt, key)


def _show_short(rows: Sequence[Any], columns: Sequence[Column], alt: str) -> None:
    data = pd.DataFrame(
        [[_cell(column.words(row)) for column in columns] for row in rows],
        columns=[column.heading for column in columns],
    )
    styles = []
    for index, column in enumerate(columns):
        if column.numeric:
            styles.append({"selector": f".col{index}", "props": "text-align: right !important"})
        if column.numeric or all(len(_raw(column.words(row))) <= LONGEST_CODE for row in rows):
            styles.append({"selector": f"td.col{index} *", "props": "white-space: nowrap !important"})
    st.table(data.style.set_table_styles(styles) if styles else data, border="horizontal", hide_index=True, alt=alt)


def _show_long(rows: Sequence[Any], columns: Sequence[Column], alt: str, key: str | None) -> None:
    data = pd.DataFrame(
        {
            column.heading: [column.sort(row) if column.sort else _raw(column.words(row)) for row in rows]
            for column in columns
        },
    )
    texts = {
        column.heading: dict(
            zip(data[column.heading], [_raw(column.words(row)) for row in rows], strict=True),
        )
        for column in columns
        if column.sort
    }
    shown = data.style.format({heading: table.get for heading, table in texts.items()}) if texts else data
    st.dataframe(shown, hide_index=True, alt=alt, key=key, height=min(560, 36 * (len(rows) + 1) + 3))


@dataclass(frozen=True, slots=True)
class Badge:
    """Words with a colour behind them where the table can show one; words come from the catalogue."""

    words: str
    colour: str

    def __str__(self) -> str:
        return f":{self.colour}-badge[{plain(self.words)}]"


def badge(words: str, colour: str) -> Badge:
    """Return coloured words for a table cell or, as text, for a line of Markdown."""
    return Badge(words, colour)


def _cell(words: object) -> str:
    return str(words) if isinstance(words, Badge) else plain("" if words is None else words)


def _raw(words: object) -> str:
    return words.words if isinstance(words, Badge) else "" if words is None else str(words)


def facts(pairs: Sequence[tuple[str, object]], *, alt: str) -> None:
    """Show a short list of names and values, without those that are empty."""
    kept = {name: _cell(value) for name, value in pairs if value not in ("", None, "–")}
    if kept:
        st.table(kept, border="horizontal", width="content", alt=alt)
