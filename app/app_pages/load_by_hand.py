"""Change the load of one container by hand: the judge looks after every change, and only what it accepts is saved."""

import streamlit as st

from app.components.load_parts import choose_container
from app.components.manual_load import (
    act_on,
    choose_pieces,
    show_change,
    show_judgement,
    show_load,
    show_solving,
    take_back_or_save,
)
from app.components.opening import open_shipment
from app.components.states import empty_state
from app.layout import number_of, viewer
from app.texts import _
from consortium import queries

who = viewer()
st.title(_("Load by hand"))
shipment = open_shipment(who)
st.page_link(
    "app_pages/load_plan.py",
    label=_("Back to the load plan"),
    icon=":material/arrow_back:",
    query_params={"shipment": str(shipment.id)},
)
choices = [
    one for one in queries.load_choices(who.actor, shipment.id) or () if one.has_load_plan and not one.on_pallets
]
if not choices:
    empty_state(_("No load plan"), _("There is nothing to change by hand before a container has a load plan."))
    st.stop()
if shipment.state != "planned":
    empty_state(_("The plan is agreed"), _("Its load can no longer be changed."), icon=":material/lock:")
    st.stop()

choice = choose_container(tuple(choices), number_of("container"))
view = queries.manual_load(who.actor, shipment.id, choice.container_id)
show_judgement(view)
chosen: tuple[int, ...] = ()
if not show_solving(who, shipment.id):
    chosen = choose_pieces(view)
    act_on(who, view, chosen)
    st.divider()
    take_back_or_save(who, view)
show_load(view, chosen)
show_change(view)
