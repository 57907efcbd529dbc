"""Figures in which no firm can be made out, for the promotion agency."""

import streamlit as st

from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.formats import mass, money, number, volume
from app.texts import _, current_language
from consortium.reference_data import countries
from consortium.views import AggregateCell, AggregatesView


def _count(value: int | None) -> str:
    return _("fewer than 3 firms") if value is None else number(value)


def show_aggregates(figures: AggregatesView, currency: str) -> None:
    """Show totals and totals by country of destination; what few firms stand behind stays hidden."""
    st.subheader(_("The consortium in figures"))
    everything = figures.all_orders
    with st.grid(4, min_column_width=190):
        st.metric(_("Members"), _count(figures.firms), border=True)
        st.metric(_("Orders"), _count(everything.orders), border=True)
        st.metric(_("Shipments sent"), _count(figures.pooled_shipments), border=True)
        if everything.value_minor is not None:
            st.metric(_("Value of the goods"), money(everything.value_minor, currency), border=True)
    if not figures.by_country:
        empty_state(_("No orders yet"), _("Figures by destination appear as soon as members enter orders."))
        return
    st.subheader(_("By country of destination"))
    show_table(
        figures.by_country,
        [
            Column(_("Country"), _country),
            Column(_("Firms"), lambda each: _count(each.firms), numeric=True),
            Column(_("Orders"), lambda each: "" if each.orders is None else number(each.orders), numeric=True),
            Column(_("Volume"), lambda each: volume(each.volume_cm3), numeric=True),
            Column(_("Mass"), lambda each: mass(each.mass_g), numeric=True),
            Column(_("Value"), lambda each: money(each.value_minor, currency), numeric=True),
        ],
        alt=_("Orders by country of destination"),
    )
    st.caption(_("A figure is shown only when at least three firms stand behind it."))


def _country(cell: AggregateCell) -> str:
    known = countries().get(cell.label)
    return known.names.in_language(current_language()) if known else cell.label
