"""The form of a departure."""

from typing import Any

import pandas as pd
import streamlit as st

from app.components.choices import choose_port, container_names
from app.texts import _
from consortium.views import DepartureView


def departure_form(departure: DepartureView | None) -> dict[str, Any] | None:
    """Show the fields of a new or known departure; return them when they are sent."""
    name = f"departure_{departure.id if departure else 'new'}"
    with st.form(name, border=False):
        one, two = st.columns(2)
        with one:
            code = st.text_input(_("Code"), departure.code if departure else "", max_chars=60, key=f"{name}_code")
            origin = choose_port(_("Origin"), departure.origin if departure else None, f"{name}_origin")
            destination = choose_port(_("Destination"), departure.destination if departure else None, f"{name}_to")
            carrier = st.text_input(
                _("Carrier"), departure.carrier if departure else "", max_chars=200, key=f"{name}_carrier"
            )
        with two:
            days = [
                st.date_input(
                    label, getattr(departure, field) if departure else None, format="DD/MM/YYYY", key=f"{name}_{field}"
                )
                for label, field in (
                    (_("Cut-off"), "cut_off"),
                    (_("Departure"), "departure"),
                    (_("Arrival"), "arrival"),
                )
            ]
            limits = _limits_editor(departure, name)
        if not st.form_submit_button(_("Save departure"), type="primary", key=f"{name}_save"):
            return None
    return {
        "code": code,
        "origin": origin or "",
        "destination": destination or "",
        "carrier": carrier,
        "cut_off": days[0],
        "departure": days[1],
        "arrival": days[2],
        "container_limits": limits,
    }


def _limits_editor(departure: DepartureView | None, name: str) -> dict[str, int]:
    types = list(container_names())
    known = departure.container_limits if departure else {}
    rows = pd.DataFrame(
        {"type": list(known), "most": [float(most) for most in known.values()]}, columns=["type", "most"]
    ).astype({"type": "string", "most": "float64"})
    st.caption(_("Containers available, where the carrier limits them"))
    edited = st.data_editor(
        rows,
        num_rows="dynamic",
        hide_index=True,
        key=f"{name}_limits",
        height=140,
        alt=_("Containers available by type"),
        column_config={
            "type": st.column_config.SelectboxColumn(_("Type"), options=types),
            "most": st.column_config.NumberColumn(_("At most"), min_value=0, step=1, format="%d"),
        },
    )
    return {
        row["type"]: int(row["most"])
        for row in edited.to_dict("records")
        if isinstance(row["type"], str) and row["most"] == row["most"]
    }
