"""Departures: sailings and flights that members can join."""

import streamlit as st

from app.components.choices import lane
from app.components.departure_form import departure_form
from app.components.states import attempt, empty_state
from app.components.tables import Column, show_table
from app.formats import day, number
from app.layout import viewer
from app.texts import _, plural
from consortium import queries
from consortium.drafts import DepartureDraft
from consortium.permissions import Action
from consortium.services import tariffs

who = viewer()
st.title(_("Departures"))
rows = queries.departures(who.actor, who.here.id)
show_table(
    rows,
    [
        Column(_("Code"), lambda each: each.code),
        Column(_("Lane"), lambda each: lane(each.origin, each.destination)),
        Column(_("Carrier"), lambda each: each.carrier),
        Column(_("Cut-off"), lambda each: day(each.cut_off), sort=lambda each: each.cut_off),
        Column(_("Departure"), lambda each: day(each.departure), sort=lambda each: each.departure),
        Column(_("Arrival"), lambda each: day(each.arrival), sort=lambda each: each.arrival),
        Column(
            _("Under way"), lambda each: plural("{number} day", "{number} days", (each.arrival - each.departure).days)
        ),
        Column(
            _("Containers"),
            lambda each: ", ".join(f"{number(most)} × {kind}" for kind, most in each.container_limits.items()),
        ),
    ],
    alt=_("Departures with their lane, cut-off, departure and arrival"),
    key="departures_table",
)
may_manage = who.may(Action.MANAGE_TARIFFS)
if not rows:
    empty_state(
        _("No departures yet"),
        _("Add the sailings that the consortium can use: plans are made only from these.")
        if may_manage
        else _("The manager of the consortium adds them."),
    )
if may_manage:
    with st.expander(_("Add a departure"), icon=":material/add:", expanded=not rows):
        if values := departure_form(None):
            with attempt(_("Departure {code} was added.", code=values["code"])):
                tariffs.register_departure(who.actor, who.here.id, DepartureDraft(**values))
    if rows:
        with st.expander(_("Change or remove a departure"), icon=":material/edit:"):
            by_id = {each.id: each for each in rows}
            names = {each.id: f"{each.code} · {day(each.departure)}" for each in rows}
            chosen = by_id[
                st.selectbox(
                    _("Departure"),
                    list(by_id),
                    format_func=names.__getitem__,
                    key="departure",
                )
            ]
            if values := departure_form(chosen):
                with attempt(_("Departure {code} was changed.", code=values["code"])):
                    tariffs.change_departure(who.actor, chosen.id, DepartureDraft(**values))
            with st.popover(_("Remove this departure"), icon=":material/delete:"):
                if st.button(_("Yes, remove it"), type="primary", key="remove_departure"):
                    with attempt(_("Departure {code} was removed.", code=chosen.code)):
                        tariffs.remove_departure(who.actor, chosen.id)
