"""What carriers and agents billed for a shipment, and what each member owes or gets back for the difference."""

import streamlit as st

from app.components.agreement import AGREED
from app.components.invoice_form import invoice_form
from app.components.invoice_parts import show_invoices, show_own_differences, show_slots, show_totals
from app.components.opening import back_to_shipment, open_shipment
from app.components.rule_words import show_rule_of
from app.components.states import attempt, empty_state
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import invoices

who = viewer()
st.title(_("Invoice"))
shipment = open_shipment(who)
back_to_shipment(shipment)
found = queries.invoices(who.actor, shipment.id) if shipment.state in AGREED else None
if found is None:
    empty_state(
        _("Nothing to compare yet"),
        _("Invoices are compared with the estimate once the plan and its shares are agreed."),
        icon=":material/request_quote:",
    )
    st.stop()
show_rule_of(who.actor, shipment.id)
if not who.may(Action.SEE_COST_SHARES):
    show_own_differences(found)
    st.stop()
show_totals(found)
st.subheader(_("Estimate and invoice"))
show_slots(found)
if found.invoices:
    st.subheader(_("Invoices"))
    show_invoices(found)
if who.may(Action.MANAGE_SHIPMENTS):
    with st.expander(_("Enter an invoice"), icon=":material/add:", expanded=not found.invoices):
        if read := invoice_form(found):
            with attempt(_("The invoice was entered; only the difference was shared.")):
                invoices.enter_invoice(who.actor, shipment.id, read())
