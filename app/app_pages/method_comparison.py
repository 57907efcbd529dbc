"""All rules side by side, what would change the shares, who pays more when another joins: for managers and auditors."""

import streamlit as st

from app.components.method_parts import show_methods
from app.components.opening import back_to_shipment, open_shipment
from app.components.states import empty_state
from app.components.study_asking import ask, ask_sensitivity, ask_what_if, running
from app.components.study_results import show_answer
from app.components.study_words import KINDS
from app.formats import moment
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

who = viewer()
st.title(_("Rules compared"))
shipment = open_shipment(who)
back_to_shipment(shipment)
choices = queries.study_choices(who.actor, shipment.id)
found = queries.studies(who.actor, shipment.id)
if shipment.plan_id is None:
    empty_state(_("No plan yet"), _("Make a plan first: step 2."), icon=":material/route:")
    st.stop()

SECTIONS = {
    "methods": _("Rules"),
    "if": _("What if"),
    "joinings": _("Joining"),
    "moves": _("Sensitivity"),
}
asked = st.query_params.get("about")
chosen = st.segmented_control(
    _("Question"),
    list(SECTIONS),
    default=asked if asked in SECTIONS else "methods",
    required=True,
    format_func=SECTIONS.__getitem__,
    label_visibility="collapsed",
    width="stretch",
    key=f"about_{shipment.id}",
)
KINDS_OF = {"methods": ("methods",), "if": tuple(KINDS), "joinings": ("joinings",), "moves": ("sensitivity",)}
answers = [each for each in found if each.kind in KINDS_OF[chosen] and (each.before or each.methods)]
if not running(shipment.id, found) and who.may(Action.MANAGE_SHIPMENTS):
    if chosen == "methods":
        ask(who, shipment.id, _("Compare all rules"), "ask_methods", kind="methods")
    elif chosen == "if" and choices.members:
        ask_what_if(who, shipment.id, choices.members, choices.newcomers)
    elif chosen == "joinings" and choices.members:
        st.caption(_("Each member is left out once: what the others would pay without it is planned and shared."))
        ask(who, shipment.id, _("Look at every member"), "ask_joinings", kind="joinings")
    elif chosen == "moves" and choices.members:
        ask_sensitivity(who, shipment.id, choices)
if not answers:
    empty_state(_("Not worked out yet"), _("Ask above; the answer is kept with the plan."))
elif chosen == "methods":
    if not answers[0].is_current:
        st.warning(_("This answer is about an earlier plan."), icon=":material/history:")
    show_methods(answers[0])
    st.caption(_("Asked on {moment}.", moment=moment(answers[0].created_at)))
else:
    for each in answers[: 3 if chosen == "if" else 1]:
        with st.container(border=True):
            show_answer(each)
