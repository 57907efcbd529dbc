"""Home: what needs doing now, by role."""

import streamlit as st

from app.components.aggregates import show_aggregates
from app.components.audit_table import audit_table
from app.components.choices import lane
from app.components.shipment_card import shipment_card
from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.components.todo import show_todo
from app.formats import day, number, plain
from app.labels import CONSORTIUM_KINDS, word
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

who = viewer()
st.title(plain(who.consortium.name) if who.consortium else _("Home"))
if who.is_administrator:
    with st.container(border=True):
        st.markdown(_("You administer this installation: people, their roles, and the consortia."))
        with st.container(horizontal=True):
            st.page_link("app_pages/users.py", label=_("Users"), icon=":material/manage_accounts:")
            st.page_link("app_pages/consortia.py", label=_("Consortia"), icon=":material/domain:")
if who.consortium is None:
    if not who.is_administrator:
        empty_state(_("You belong to no consortium yet"), _("Ask your administrator to give you a role."))
    st.stop()

home = queries.home(who.actor, who.here.id)
st.caption(word(CONSORTIUM_KINDS, who.here.kind))
orders = home.orders_by_state
if who.may(Action.SEE_OWN_ORDERS):
    with st.grid(4, min_column_width=150):
        st.metric(_("Orders waiting"), number(orders.get("entered", 0)), border=True)
        st.metric(_("Orders gathered"), number(orders.get("gathered", 0)), border=True)
        st.metric(_("Orders shipped"), number(orders.get("shipped", 0)), border=True)
        if home.members_active is not None:
            st.metric(_("Members"), number(home.members_active), border=True)
    show_todo(who, home)

if who.may(Action.SEE_SHIPMENTS) and home.shipments:
    st.subheader(_("Pooled shipments under way"))
    with st.grid("auto", min_column_width=320):
        for shipment in home.shipments:
            shipment_card(shipment)
if who.may(Action.SEE_DEPARTURES) and home.next_departures:
    st.subheader(_("Next cut-offs"))
    show_table(
        home.next_departures,
        [
            Column(_("Cut-off"), lambda each: day(each.cut_off)),
            Column(_("Lane"), lambda each: lane(each.origin, each.destination)),
            Column(_("Departure"), lambda each: day(each.departure)),
            Column(_("Arrival"), lambda each: day(each.arrival)),
            Column(_("Carrier"), lambda each: each.carrier),
        ],
        alt=_("Departures that can still be joined, by cut-off"),
    )
if home.aggregates is not None and not who.may(Action.SEE_ORDERS):
    show_aggregates(home.aggregates, who.here.currency)
if who.may(Action.SEE_AUDIT_TRAIL):
    st.subheader(_("Latest acts"))
    audit_table(queries.audit_events(who.actor, who.here.id, limit=5), with_details=False)
    st.page_link("app_pages/audit_trail.py", label=_("Whole audit trail"), icon=":material/history:")
