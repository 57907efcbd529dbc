"""Members: the list, registering a firm, changing it."""

import streamlit as st

from app.components.member_form import member_form
from app.components.states import attempt, empty_state
from app.components.tables import Column, show_table
from app.formats import day, number
from app.labels import MEMBER_KINDS, word
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.drafts import MemberDraft
from consortium.permissions import Action
from consortium.services import members

who = viewer()
st.title(_("Members"))
firms = queries.members(who.actor, who.here.id)
show_table(
    firms,
    [
        Column(_("Code"), lambda firm: firm.code),
        Column(_("Name"), lambda firm: firm.name),
        Column(_("Kind"), lambda firm: word(MEMBER_KINDS, firm.kind)),
        Column(_("Country"), lambda firm: firm.country),
        Column(_("Sector"), lambda firm: firm.sector),
        Column(_("Producers"), lambda firm: number(firm.represented_units), numeric=True),
        Column(_("Since"), lambda firm: day(firm.joined_on), sort=lambda firm: firm.joined_on),
        Column(_("Until"), lambda firm: day(firm.left_on), sort=lambda firm: firm.left_on),
    ],
    alt=_("Members of the consortium"),
)
if not firms:
    empty_state(_("No members yet"), _("Register the firms of the consortium; each can then enter its orders."))

if who.may(Action.MANAGE_MEMBERS):
    with st.expander(_("Register a member"), icon=":material/add:", expanded=not firms):
        if values := member_form(None, who.here.country):
            with attempt(_("{name} is now a member.", name=values["name"])):
                members.register_member(who.actor, who.here.id, MemberDraft(**values))
    if firms:
        with st.expander(_("Change a member"), icon=":material/edit:"):
            names = {firm.id: firm for firm in firms}
            chosen = names[
                st.selectbox(
                    _("Member"),
                    list(names),
                    format_func=lambda id_: f"{names[id_].code} · {names[id_].name}",
                    key="firm",
                )
            ]
            if values := member_form(chosen, who.here.country):
                with attempt(_("{name} was changed.", name=values["name"])):
                    members.change_member(who.actor, chosen.id, MemberDraft(**values))
            if chosen.left_on is None:
                with st.popover(_("End the membership"), icon=":material/logout:"):
                    last = st.date_input(_("Last day"), key=f"last_{chosen.id}", format="DD/MM/YYYY")
                    if st.button(_("End it on this day"), key=f"end_{chosen.id}", type="primary"):
                        with attempt(_("The membership of {name} was ended.", name=chosen.name)):
                            members.end_membership(who.actor, chosen.id, last)
