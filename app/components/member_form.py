"""The form of a member firm."""

from typing import Any

import streamlit as st

from app.components.choices import choose_country
from app.components.entries import today
from app.labels import MEMBER_KINDS, words
from app.texts import _
from consortium.views import MemberView


def member_form(firm: MemberView | None, country: str) -> dict[str, Any] | None:
    """Show the fields of a new or known member; return them when they are sent."""
    name = f"member_{firm.id if firm else 'new'}"
    kinds = list(MEMBER_KINDS)
    with st.form(name, border=False):
        left, right = st.columns(2)
        with left:
            code = st.text_input(
                _("Code"), firm.code if firm else "", max_chars=40, key=f"{name}_code", help=_("Short and stable.")
            )
            full = st.text_input(_("Name"), firm.name if firm else "", max_chars=200, key=f"{name}_name")
            kind = st.selectbox(
                _("Kind"),
                kinds,
                index=kinds.index(firm.kind.value) if firm else 0,
                format_func=words(MEMBER_KINDS).__getitem__,
                key=f"{name}_kind",
            )
            units = st.number_input(
                _("Producers represented"),
                min_value=1,
                value=firm.represented_units if firm else 1,
                help=_("More than one for associations and cooperatives."),
                key=f"{name}_units",
            )
        with right:
            where = choose_country(firm.country if firm else country, f"{name}_country")
            tax = st.text_input(_("Tax number"), firm.tax_id if firm else "", max_chars=40, key=f"{name}_tax")
            sector = st.text_input(_("Sector"), firm.sector if firm else "", max_chars=200, key=f"{name}_sector")
            joined = st.date_input(
                _("Joined on"), firm.joined_on if firm else today(), format="DD/MM/YYYY", key=f"{name}_joined"
            )
        if not st.form_submit_button(_("Save member"), type="primary", key=f"{name}_save"):
            return None
    return {
        "code": code,
        "name": full,
        "kind": kind,
        "country": where,
        "tax_id": tax,
        "sector": sector,
        "represented_units": units,
        "joined_on": joined,
    }
