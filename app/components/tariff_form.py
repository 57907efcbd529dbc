"""The form of a tariff."""

from typing import Any

import streamlit as st

from app.components.choices import choose_currency
from app.texts import _
from consortium.views import TariffView


def tariff_form(tariff: TariffView | None, currency: str) -> dict[str, Any] | None:
    """Show the fields of a new or known tariff; return them when they are sent."""
    name = f"tariff_{tariff.id if tariff else 'new'}"
    with st.form(name, border=False):
        one, two = st.columns(2)
        with one:
            code = st.text_input(_("Code"), tariff.code if tariff else "", max_chars=60, key=f"{name}_code")
            full = st.text_input(_("Name"), tariff.name if tariff else "", max_chars=200, key=f"{name}_name")
            chosen = choose_currency(tariff.currency if tariff else currency, f"{name}_currency")
        with two:
            start = st.date_input(
                _("Valid from"), tariff.valid_from if tariff else None, format="DD/MM/YYYY", key=f"{name}_from"
            )
            end = st.date_input(
                _("Valid to"), tariff.valid_to if tariff else None, format="DD/MM/YYYY", key=f"{name}_to"
            )
            source = st.text_input(
                _("Source"),
                tariff.source if tariff else "",
                max_chars=500,
                key=f"{name}_source",
                help=_("Whose quotation, of which day."),
            )
        if not st.form_submit_button(_("Save tariff"), type="primary", key=f"{name}_save"):
            return None
    return {
        "code": code,
        "name": full,
        "currency": chosen,
        "valid_from": start,
        "valid_to": end,
        "source": source,
    }
