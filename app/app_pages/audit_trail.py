"""The audit trail: what was done, by whom, when."""

import json

import streamlit as st

from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.formats import moment
from app.labels import ACTIONS, word
from app.layout import viewer
from app.texts import _, plural
from consortium import queries

PAGE = 500

who = viewer()
st.title(_("Audit trail"))
st.caption(_("Every act on the consortium's data, newest first. It is only ever added to."))
before = st.session_state.get("audit_before")
events = queries.audit_events(who.actor, who.here.id, before_id=before, limit=PAGE)
if not events:
    empty_state(_("No acts recorded yet"), _("They appear here as soon as somebody enters or changes something."))
names = {event.action: word(ACTIONS, event.action) for event in events}
chosen = st.multiselect(
    _("Only these acts"),
    sorted(names, key=names.__getitem__),
    format_func=names.__getitem__,
    placeholder=_("All"),
    key="audit_actions",
)
shown = [event for event in events if not chosen or event.action in chosen]
st.caption(plural("{number} act", "{number} acts", len(shown)))
show_table(
    shown,
    [
        Column(_("When"), lambda event: moment(event.at), sort=lambda event: event.at),
        Column(_("Who"), lambda event: event.username or _("the system")),
        Column(_("What"), lambda event: word(ACTIONS, event.action)),
        Column(_("On what"), lambda event: event.subject),
        Column(
            _("Details"),
            lambda event: json.dumps(event.detail, ensure_ascii=False, default=str) if event.detail else "",
        ),
    ],
    alt=_("Acts with their moment, person, subject and details"),
    key="audit_table",
)
with st.container(horizontal=True):
    if len(events) == PAGE and st.button(_("Older acts"), key="audit_older"):
        st.session_state["audit_before"] = events[-1].id
        st.rerun()
    if before is not None and st.button(_("Newest acts"), key="audit_newest"):
        st.session_state.pop("audit_before")
        st.rerun()
