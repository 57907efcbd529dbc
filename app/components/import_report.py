"""Choosing a file to import, and what a dry run found in it."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.components.tables import Column, show_table
from app.fault_lines import what_is_wrong
from app.formats import number
from app.texts import _, plural
from consortium.errors import InputFault
from consortium.formats.numbers import NUMBER_FORMATS
from consortium.importing import ImportReport


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """A file with how it is to be read."""

    name: str
    content: bytes
    mapping: str | None
    number_format: str | None

    @property
    def arguments(self) -> tuple[str, bytes]:
        """What an import takes by position."""
        return self.name, self.content

    @property
    def options(self) -> dict[str, Any]:
        """What an import takes by name."""
        return {"mapping": self.mapping, "number_format": self.number_format}


def choose_file() -> ChosenFile | None:
    """Let a file, its number format and a mapping be chosen."""
    file = st.file_uploader(_("Workbook or CSV file"), type=["xlsx", "csv"], key="import_file")
    one, two = st.columns(2)
    with one:
        style = st.selectbox(
            _("How numbers are written in it"),
            NUMBER_FORMATS,
            index=None,
            placeholder=_("Only plain whole numbers"),
            help=_("1.234,5 and 1,234.5 cannot be told apart by looking, so it is never guessed."),
            key="import_format",
        )
    with two:
        mapping = st.file_uploader(
            _("Mapping of columns (TOML), for files of other systems"), type=["toml"], key="import_mapping"
        )
    if file is None:
        return None
    text = mapping.getvalue().decode("utf-8", errors="replace") if mapping is not None else None
    return ChosenFile(file.name, file.getvalue(), text, style)


def show_report(report: ImportReport) -> None:
    """Show what a dry run found: counts, every fault with its cell, what may not be meant."""
    with st.grid(3, min_column_width=150):
        st.metric(_("Rows read"), number(report.rows), border=True)
        st.metric(_("Rows without faults"), number(report.accepted), border=True)
        st.metric(_("Rows with faults"), number(report.refused_rows), border=True)
    if report.refused:
        st.subheader(plural("{number} fault", "{number} faults", len(report.refused)))
        _fault_table(report.refused, _("Faults with their sheet, row and column"), "import_faults")
    elif report.objects:
        st.success(_("Every row can be stored."), icon=":material/check_circle:")
    else:
        st.info(_("The file holds no orders."), icon=":material/info:")
    if report.warnings:
        with st.expander(plural("{number} remark", "{number} remarks", len(report.warnings))):
            _fault_table(report.warnings, _("What was read and may not be meant"), "import_warnings")


def _fault_table(faults: tuple[InputFault, ...], alt: str, key: str) -> None:
    show_table(
        faults,
        [
            Column(_("Sheet"), lambda fault: fault.place.sheet),
            Column(_("Row"), lambda fault: fault.place.row or "", sort=lambda fault: fault.place.row or 0),
            Column(_("Column"), lambda fault: fault.place.column or fault.path),
            Column(_("What is wrong"), what_is_wrong),
        ],
        alt=alt,
        key=key,
    )
