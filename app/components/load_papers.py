"""Papers of the load of each container, to take away: stuffing sheet, packing list, verified gross mass."""

import streamlit as st

from app.components.links import same_tab_link
from app.downloads import load_paper_link
from app.formats import day
from app.layout import Viewer
from app.texts import _, mark
from consortium import queries
from consortium.permissions import Action
from consortium.views_loads import LoadChoice

WORDS = {
    "stuffing-sheet.pdf": mark("Stuffing sheet: what goes where, step by step"),
    "stuffing-sheet.xlsx": mark("The steps as a workbook"),
    "packing-list.pdf": mark("Packing list"),
    "packing-list.xlsx": mark("Packing list as a workbook"),
}
SHEETS = {"a4": "A4", "us-letter": mark("Letter")}
GRAMS_PER_KG = 1_000


def show_load_papers(who: Viewer, shipment_id: int, only: LoadChoice | None = None) -> None:
    """Link to the papers of each container that has a load plan, or of one; who gets them is asked again there."""
    known = (only,) if only else queries.load_choices(who.actor, shipment_id) or ()
    choices = [one for one in known if one.has_load_plan]
    if not choices:
        return
    with st.expander(_("Papers for loading"), icon=":material/description:"):
        chosen = only or _container(shipment_id, choices)
        sheet = _sheet(shipment_id)
        for name, words in WORDS.items():
            fields = {"paper": sheet} if name.endswith(".pdf") else {}
            same_tab_link(f"{_(words)} ({name})", load_paper_link(shipment_id, chosen.number, name, **fields))
        if who.may(Action.SEE_PLANS):
            _weighing(shipment_id, chosen, sheet)


def _container(shipment_id: int, choices: list[LoadChoice]) -> LoadChoice:
    names = {one.number: f"{one.container_id} · {one.container_type} · {day(one.departs)}" for one in choices}
    number = st.selectbox(
        _("Container"), list(names), format_func=names.__getitem__, key=f"papers_container_{shipment_id}"
    )
    return next(one for one in choices if one.number == number)


def _sheet(shipment_id: int) -> str:
    """Ask for the sheet of the PDFs."""
    return st.segmented_control(
        _("Sheet of the PDFs"),
        list(SHEETS),
        default="a4",
        required=True,
        format_func=lambda key: _(SHEETS[key]),
        key=f"papers_sheet_{shipment_id}",
    )


def _weighing(shipment_id: int, chosen: LoadChoice, sheet: str) -> None:
    """Ask for what the declaration of the verified gross mass needs beside the plan, and link to it."""
    st.markdown(f"**{_('Verified gross mass (VGM), method 2')}**")
    key = f"papers_{shipment_id}_{chosen.number}"
    with st.grid(3, min_column_width=190):
        texts = {
            "container_no": st.text_input(_("Container number"), max_chars=20, key=f"{key}_container_no"),
            "person": st.text_input(_("Responsible person"), max_chars=120, key=f"{key}_person"),
            "company": st.text_input(_("Shipper"), max_chars=120, key=f"{key}_company"),
        }
        dunnage = st.number_input(_("Dunnage and securing material (kg)"), 0.0, step=1.0, key=f"{key}_dunnage")
        tare = st.number_input(_("Tare on the container's door (kg)"), 0.0, value=None, step=10.0, key=f"{key}_tare")
        when = st.date_input(_("Date of the declaration"), value=None, key=f"{key}_day")
    texts["dunnage_g"] = str(round(dunnage * GRAMS_PER_KG))
    texts["tare_g"] = "" if tare is None else str(round(tare * GRAMS_PER_KG))
    texts["day"] = "" if when is None else when.isoformat()
    fields = {name: text for name, text in texts.items() if text}
    link = load_paper_link(shipment_id, chosen.number, "vgm.pdf", paper=sheet, **fields)
    same_tab_link(f"{_('Declaration of the verified gross mass')} (vgm.pdf)", link)
