"""Orders: all of them for a manager, its own for a member."""

import streamlit as st

from app.components.choices import lane
from app.components.states import empty_state
from app.components.tables import Badge, Column, badge, show_table
from app.formats import day, mass, money, volume
from app.labels import ORDER_STATES, STATE_COLOURS, word, words
from app.layout import viewer
from app.texts import _, plural
from consortium import queries
from consortium.permissions import Action
from consortium.views import OrderView


def _state(order: OrderView) -> Badge:
    return badge(word(ORDER_STATES, order.state), STATE_COLOURS[order.state])


who = viewer()
st.title(_("Orders"))
orders = queries.orders(who.actor, who.here.id)
may_enter = who.may(Action.ENTER_ORDERS)
if may_enter:
    with st.container(horizontal=True):
        st.page_link("app_pages/order.py", label=_("New order"), icon=":material/add:", query_params={"order": "new"})
        st.page_link("app_pages/import_orders.py", label=_("Import from a file"), icon=":material/upload:")
if not orders:
    empty_state(
        _("No orders yet"),
        _("Enter an order, or import a workbook or CSV file with many at once.")
        if may_enter
        else _("Orders appear here as soon as members enter them."),
    )
    st.stop()

present = [state for state in ORDER_STATES if any(order.state == state for order in orders)]
left, right = st.columns([2, 1], vertical_alignment="bottom")
with left:
    states = st.pills(
        _("State"),
        present,
        selection_mode="multi",
        default=[state for state in present if state in ("entered", "gathered")] or present,
        format_func=words(ORDER_STATES).__getitem__,
        key="order_states",
    )
shown = [order for order in orders if order.state in states]
with right:
    chosen = st.selectbox(
        _("Open an order"),
        [order.id for order in shown],
        index=None,
        format_func={order.id: f"{order.member_code} · {order.code}" for order in shown}.__getitem__,
        placeholder=_("Code of the order"),
        key="open_order",
    )
if chosen is not None:
    st.switch_page("app_pages/order.py", query_params={"order": str(chosen)})
st.caption(plural("{number} order", "{number} orders", len(shown)))
show_table(
    shown,
    [
        *([Column(_("Member"), lambda order: order.member_name)] if who.may(Action.SEE_ORDERS) else []),
        Column(_("Order"), lambda order: order.code),
        *([Column(_("State"), _state)] if len({order.state for order in shown}) > 1 else []),
        Column(_("Lane"), lambda order: lane(order.origin, order.destination)),
        Column(_("Ready on"), lambda order: day(order.ready_date), sort=lambda order: order.ready_date),
        Column(_("Due on"), lambda order: day(order.due_date), sort=lambda order: order.due_date),
        Column(_("Incoterms"), lambda order: order.incoterm),
        Column(_("Volume"), lambda order: volume(order.volume_cm3), numeric=True, sort=lambda order: order.volume_cm3),
        Column(_("Mass"), lambda order: mass(order.mass_g), numeric=True, sort=lambda order: order.mass_g),
        Column(
            _("Value"),
            lambda order: money(order.value_minor, order.currency),
            numeric=True,
            sort=lambda order: order.value_minor,
        ),
        Column(_("Shipment"), lambda order: order.shipment_code),
    ],
    alt=_("Orders with their lane, dates, volume, mass and value"),
    key="orders_table",
)
