"""Pooled shipments: the list, and opening a new one."""

import streamlit as st

from app.components.shipment_card import shipment_card
from app.components.shipment_form import shipment_form
from app.components.states import attempt, empty_state
from app.labels import SHIPMENT_STATES, word
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import shipments

who = viewer()
st.title(_("Pooled shipments"))
rows = queries.shipments(who.actor, who.here.id)
may_manage = who.may(Action.MANAGE_SHIPMENTS)
if not rows:
    empty_state(
        _("No pooled shipments yet"),
        _("Open one with a cut-off: until then, orders can be gathered into it.")
        if may_manage
        else _("The manager of the consortium opens them."),
        icon=":material/directions_boat:",
    )
for state in SHIPMENT_STATES:
    here = [each for each in rows if each.state == state]
    if here:
        st.subheader(word(SHIPMENT_STATES, state))
        with st.grid("auto", min_column_width=320):
            for shipment in sorted(here, key=lambda each: each.cut_off_at):
                shipment_card(shipment)

if may_manage:
    with st.expander(_("Open a pooled shipment"), icon=":material/add:", expanded=not rows):
        decided = next((each.rule for each in queries.rules(who.actor, who.here.id).versions if each.is_in_force), "")
        if sent := shipment_form(who.here, decided_rule=decided):
            with attempt(_("Shipment {code} is open. Gather orders into it.", code=sent.code)):
                shipments.open_shipment(who.actor, who.here.id, sent.draft())
