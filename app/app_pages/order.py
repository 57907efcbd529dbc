"""One order: its lines, changing it, withdrawing it; or a new one."""

import streamlit as st

from app.components.order_form import order_form
from app.components.order_view import show_order
from app.components.states import attempt, empty_state
from app.layout import follow, number_of, viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import orders

who = viewer()
st.page_link("app_pages/orders.py", label=_("All orders"), icon=":material/arrow_back:")
order_id = number_of("order")

if order_id is None:
    st.title(_("New order"))
    if not who.may(Action.ENTER_ORDERS):
        empty_state(_("No order chosen"), _("Choose one in the list of orders."))
        st.stop()
    firms = queries.members(who.actor, who.here.id) if who.may(Action.SEE_MEMBERS) else ()
    if who.may(Action.SEE_MEMBERS) and not firms:
        empty_state(_("No members yet"), _("Register a member first: an order belongs to one."))
        st.stop()
    if sent := order_form(None, firms, who.here.currency):
        with attempt(_("Order {code} was entered.", code=sent.code)):
            new = orders.enter_order(who.actor, who.here.id, sent.draft())
            st.query_params["order"] = str(new)
    st.stop()

order = queries.order(who.actor, order_id)
follow(who, order.consortium_id)
st.title(_("Order {code}", code=order.code))
show_order(order)
if order.can_change and who.may(Action.ENTER_ORDERS):
    with st.expander(_("Change this order"), icon=":material/edit:"):
        if sent := order_form(order, (), who.here.currency):
            with attempt(_("Order {code} was changed.", code=order.code)):
                orders.change_order(who.actor, order.id, sent.draft())
    with st.popover(_("Withdraw this order"), icon=":material/delete:"):
        st.write(_("A withdrawn order stays on record and can no longer be gathered."))
        if st.button(_("Yes, withdraw it"), type="primary", key="withdraw"):
            with attempt(_("Order {code} was withdrawn.", code=order.code)):
                orders.withdraw_order(who.actor, order.id)
