"""A member's statement: what it owes, what it has paid, and the same as a file."""

import streamlit as st

from app.components.links import same_tab_link
from app.components.statement_parts import choose_period, show_section
from app.components.states import empty_state
from app.downloads import statement_link
from app.formats import day, plain
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

who = viewer()
st.title(_("Statement"))
if who.may(Action.SEE_BOOKS):
    names = {each.id: each.name for each in queries.members(who.actor, who.here.id)}
    member_id = st.selectbox(_("Member"), list(names), format_func=names.__getitem__, key="statement_member")
else:
    member_id = who.member_id
if member_id is None:
    empty_state(_("No members yet"), _("A statement is about one member."))
    st.stop()
first_on, last_on = choose_period()
view = queries.member_statement(who.actor, member_id, first_on, last_on)
period = (
    _("up to {day}", day=day(view.last_on)) if view.first_on is None else f"{day(view.first_on)} – {day(view.last_on)}"
)
st.caption(f"{plain(view.member_name)} · {period}")
if not view.sections:
    empty_state(
        _("Nothing is booked yet"),
        _("Charges and payments appear here as soon as they are booked."),
        icon=":material/account_balance_wallet:",
    )
    st.stop()
for section in view.sections:
    show_section(section)
with st.expander(_("As a file"), icon=":material/description:"):
    fields = {
        name: chosen.isoformat()
        for name, chosen in (("first_on", first_on), ("last_on", last_on))
        if chosen is not None
    }
    same_tab_link(_("Statement (PDF)"), statement_link(member_id, "statement.pdf", **fields))
    same_tab_link(_("Statement (workbook)"), statement_link(member_id, "statement.xlsx", **fields))
