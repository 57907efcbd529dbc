"""The form of a tariff."""

from typing import Any

import streamlit as st

from app.components.choices import choose_currency
from app.texts import _


def tariff_form(currency: str) -> dict[str, Any] | None:
    """Show the fields of a new tariff; return them when they are sent."""
    with st.form("tariff_new", border=False):
        one, two = st.columns(2)
        with one:
            code = st.text_input(_("Code"), max_chars=60, key="tariff_code")
            name = st.text_input(_("Name"), max_chars=200, key="tariff_name")
            chosen = choose_currency(currency, "tariff_currency")
        with two:
            start = st.date_input(_("Valid from"), None, format="DD/MM/YYYY", key="tariff_from")
            end = st.date_input(_("Valid to"), None, format="DD/MM/YYYY", key="tariff_to")
            source = st.text_input(
                _("Source"), max_chars=500, key="tariff_source", help=_("Whose quotation, of which day.")
            )
        if not st.form_submit_button(_("Save tariff"), type="primary", key="tariff_save"):
            return None
    return {
        "code": code,
        "name": name,
        "currency": chosen,
        "valid_from": start,
        "valid_to": end,
        "source": source,
    }
