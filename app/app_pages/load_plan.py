"""The load plan of one container: what stands where, step by step, as far as the reader may know it."""

import streamlit as st

from app.components.links import by_hand_link
from app.components.load_papers import show_load_papers
from app.components.load_parts import (
    choose_container,
    choose_step,
    read_load,
    show_numbers,
    show_pictures,
    show_steps,
    show_verdict,
)
from app.components.opening import back_to_shipment, open_shipment
from app.components.owner_levels import show_owner_levels
from app.components.pallet_load import show_pallets
from app.components.shared_links import show_shared_links
from app.components.states import empty_state
from app.layout import number_of, viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

who = viewer()
st.title(_("Load plan"))
shipment = open_shipment(who)
back_to_shipment(shipment)
choices = queries.load_choices(who.actor, shipment.id)
if choices is None:
    empty_state(_("No plan yet"), _("The load plan appears here as soon as the shipment is planned."))
    st.stop()
if not choices:
    mine = _("None of your goods travel in a container under this plan.")
    nobodys = _("Nothing travels in a container under this plan.")
    advice = _("What travels as LCL or by post has no load plan.")
    empty_state(nobodys if who.may(Action.SEE_PLANS) else mine, advice, icon=":material/package_2:")
    st.stop()

choice = choose_container(choices, number_of("container"))
view, sheet = read_load(who, shipment.id, shipment.plan_id, choice)
if not sheet.steps:
    empty_state(
        _("No load plan for this container"),
        _(
            "The plan says what travels in it and not where it stands: goods without package sizes, or no place was "
            "found for everything."
        ),
        icon=":material/package_2:",
    )
    st.stop()
show_numbers(view)
show_verdict(view)
step = choose_step(sheet, f"{shipment.plan_id}_{choice.number}")
show_pictures(view, sheet, step)
show_steps(view, sheet)
show_pallets(who, shipment.id, shipment.plan_id, choice, sheet)
show_load_papers(who, shipment.id, choice)
if who.may(Action.SEE_PLANS):
    show_owner_levels(who, shipment.id)
if who.may(Action.MANAGE_SHIPMENTS) and shipment.plan_id is not None:
    if not choice.on_pallets:
        by_hand_link(shipment.id, choice.number)
    show_shared_links(who, shipment.id, shipment.plan_id, choice)
