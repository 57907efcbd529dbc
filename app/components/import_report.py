"""Choosing a file to import, and what a dry run found in it."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.components.links import same_tab_link
from app.components.tables import Column, show_table
from app.downloads import template_link
from app.fault_lines import what_is_wrong
from app.formats import number
from app.texts import _, plural
from consortium.errors import InputFault
from consortium.formats.numbers import NUMBER_FORMATS
from consortium.importing import ImportReport
from consortium.shipped_mappings import shipped_mappings

MOST_SHOWN = 100
"""Faults shown at once; nobody reads more before correcting these."""


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
    """Let a file, and how it is to be read, be chosen; mappings are those that come with the product."""
    same_tab_link(_("Download an empty workbook to fill in"), template_link("orders"))
    st.caption(_("Headers may be in Spanish, Portuguese or English, whatever language you read these pages in."))
    file = st.file_uploader(_("Workbook or CSV file"), type=["xlsx", "csv"], key="import_file")
    mappings = shipped_mappings()
    one, two = st.columns(2)
    with two:
        name = st.selectbox(
            _("Kind of file"),
            list(mappings),
            index=None,
            format_func=lambda each: mappings[each].title,
            placeholder=_("With the columns of the workbook above"),
            help=_("Files of other systems are read with a mapping of their columns."),
            key="import_mapping",
        )
    mapping = mappings[name] if name else None
    with one:
        style = st.selectbox(
            _("How numbers are written in it"),
            NUMBER_FORMATS,
            index=None,
            placeholder=_("Only plain whole numbers") if mapping is None else mapping.number_format,
            help=_("1.234,5 and 1,234.5 cannot be told apart by looking, so it is never guessed."),
            disabled=mapping is not None,
            key="import_format",
        )
    if file is None:
        return None
    if mapping is not None:
        return ChosenFile(file.name, file.getvalue(), mapping.text, None)
    return ChosenFile(file.name, file.getvalue(), None, style)


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
    """Show the first faults in whole sentences: on a phone, a grid would cut them."""
    shown = faults[:MOST_SHOWN]
    several = len({fault.place.sheet for fault in shown}) > 1
    show_table(
        shown,
        [
            *([Column(_("Sheet"), lambda fault: fault.place.sheet)] if several else []),
            Column(_("Row"), lambda fault: fault.place.row or ""),
            Column(_("Column"), lambda fault: fault.place.column or fault.path),
            Column(_("What is wrong"), _words),
        ],
        alt=alt,
        key=key,
        whole=True,
    )
    if len(shown) < len(faults):
        st.caption(
            _("The first {shown} of {all} are shown. Correct them and try again.", shown=len(shown), all=len(faults))
        )


def _words(fault: InputFault) -> str:
    """Return what is wrong; where this page has the remedy, it says so instead of naming a setting of the file."""
    if fault.code == "number_format_missing":
        return _("{found} can be read in two ways. Choose above how numbers are written.", found=fault.found)
    return what_is_wrong(fault)
