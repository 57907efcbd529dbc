"""The audit trail: what was done, by whom, when."""

import streamlit as st

from app.components.audit_table import audit_table
from app.components.states import empty_state
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
audit_table(shown)
with st.container(horizontal=True):
    if len(events) == PAGE and st.button(_("Older acts"), key="audit_older"):
        st.session_state["audit_before"] = events[-1].id
        st.rerun()
    if before is not None and st.button(_("Newest acts"), key="audit_newest"):
        st.session_state.pop("audit_before")
        st.rerun()
