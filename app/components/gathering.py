"""Step 1 of a pooled shipment: which orders travel together."""

import streamlit as st

from app.components.choices import lane
from app.components.shipment_form import shipment_form
from app.components.states import attempt, empty_state
from app.components.tables import Column, show_table
from app.formats import day, mass, money, volume
from app.layout import Viewer
from app.texts import _, plural
from consortium import queries
from consortium.permissions import Action
from consortium.services import shipments
from consortium.views import OrderView, ShipmentView


def show_gathering(who: Viewer, shipment: ShipmentView) -> None:
    """Show what is gathered; while the shipment is open, let orders be added, taken out, and the whole be frozen."""
    is_open = shipment.state == "open"
    may_manage = who.may(Action.MANAGE_SHIPMENTS)
    if is_open and may_manage:
        _change(who, shipment)
        _gather(who, shipment)
    orders = [each.order for each in shipment.consignments]
    st.subheader(_("Gathered"))
    if not orders:
        empty_state(
            _("Nothing gathered yet"), _("Choose orders above; the plan finds out which of them pay off together.")
        )
        return
    order_table(orders, alt=_("Orders gathered into this shipment"), key="gathered_table")
    if is_open and may_manage:
        _take_out(who, shipment, orders)
        frozen = st.button(
            _("Freeze and go on to planning"),
            type="primary",
            icon=":material/ac_unit:",
            help=_("Nothing can be added or taken out while a shipment is frozen; you can reopen it."),
            key="freeze",
        )
        if frozen:
            with attempt(_("Shipment {code} is frozen.", code=shipment.code)):
                shipments.freeze(who.actor, shipment.id)


def _change(who: Viewer, shipment: ShipmentView) -> None:
    with st.expander(_("Change this shipment"), icon=":material/edit:"):
        rule = queries.shipment_rule(who.actor, shipment.id)
        if sent := shipment_form(who.here, shipment, decided_rule="" if rule.number is None else rule.rule):
            with attempt(_("Shipment {code} was changed.", code=sent.code)):
                shipments.change_shipment(who.actor, shipment.id, sent.draft())


def _gather(who: Viewer, shipment: ShipmentView) -> None:
    waiting = {order.id: order for order in queries.gatherable_orders(who.actor, shipment.id)}
    st.subheader(_("Orders waiting"))
    if not waiting:
        empty_state(_("No orders are waiting"), _("Every order is in a shipment, shipped or withdrawn."))
        return
    names = {id_: _in_words(order) for id_, order in waiting.items()}
    chosen = st.multiselect(
        plural("{number} order can be gathered", "{number} orders can be gathered", len(waiting)),
        list(waiting),
        format_func=names.__getitem__,
        placeholder=_("Choose orders"),
        key=f"gather_{shipment.id}_{len(shipment.consignments)}",
    )
    with st.container(horizontal=True):
        some = st.button(_("Gather the chosen orders"), disabled=not chosen, key="gather_some", type="primary")
        everything = st.button(_("Gather all of them"), key="gather_all")
    if some or everything:
        ids = list(waiting) if everything else chosen
        subjects = [f"{waiting[id_].member_code} {waiting[id_].code}" for id_ in ids]
        with attempt(plural("{number} order gathered.", "{number} orders gathered.", len(ids)), subjects):
            shipments.gather(who.actor, shipment.id, ids)


def _take_out(who: Viewer, shipment: ShipmentView, orders: list[OrderView]) -> None:
    with st.expander(_("Take orders out"), icon=":material/remove:"):
        by_id = {order.id: _in_words(order) for order in orders}
        chosen = st.multiselect(
            _("Orders"),
            list(by_id),
            format_func=by_id.__getitem__,
            placeholder=_("Choose orders"),
            key=f"drop_{shipment.id}_{len(orders)}",
        )
        if st.button(_("Take the chosen orders out"), disabled=not chosen, key="drop"):
            with attempt(plural("{number} order taken out.", "{number} orders taken out.", len(chosen))):
                shipments.drop(who.actor, shipment.id, chosen)


def _in_words(order: OrderView) -> str:
    ready = _("ready {day}", day=day(order.ready_date))
    where = f"{order.origin} → {order.destination}"
    return " · ".join((order.member_code, order.code, where, ready, volume(order.volume_cm3)))


def order_table(orders: list[OrderView], *, alt: str, key: str) -> None:
    """Show orders as a shipment holds them."""
    show_table(
        orders,
        [
            Column(_("Member"), lambda order: order.member_name),
            Column(_("Order"), lambda order: order.code),
            Column(_("Lane"), lambda order: lane(order.origin, order.destination)),
            Column(_("Ready on"), lambda order: day(order.ready_date), sort=lambda order: order.ready_date),
            Column(_("Due on"), lambda order: day(order.due_date), sort=lambda order: order.due_date),
            Column(_("Incoterms"), lambda order: order.incoterm),
            Column(
                _("Volume"), lambda order: volume(order.volume_cm3), numeric=True, sort=lambda order: order.volume_cm3
            ),
            Column(_("Mass"), lambda order: mass(order.mass_g), numeric=True, sort=lambda order: order.mass_g),
            Column(
                _("Value"),
                lambda order: money(order.value_minor, order.currency),
                numeric=True,
                sort=lambda order: order.value_minor,
            ),
        ],
        alt=alt,
        key=key,
    )
