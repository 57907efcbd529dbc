"""Questions about a plan: why not in a shared container, what else, what a wish is worth, who could fill the room."""

import streamlit as st

from app.components.answers_asking import ask_for_more
from app.components.answers_else import free_room, other_plans, wish_prices
from app.components.answers_why import own_wishes, why_not
from app.components.opening import back_to_shipment, open_shipment
from app.components.states import empty_state
from app.formats import moment
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import jobs

who = viewer()
st.title(_("Why not, and what else?"))
shipment = open_shipment(who)
back_to_shipment(shipment)
found = queries.plan_answers(who.actor, shipment.id)
job = jobs.latest_job(who.actor, shipment.id, "answers")
if found is None and shipment.plan_id is None:
    empty_state(_("No plan yet"), _("Make a plan first: step 2."), icon=":material/route:")
    st.stop()
if found is None:
    ask_for_more(who, shipment.id, job, None)
    st.stop()
if not found.is_current:
    st.warning(_("Orders, departures or charges have changed since this plan was made. Plan it again."))

SECTIONS = {
    "why": _("Why not"),
    "plans": _("Other plans"),
    "wishes": _("Wishes"),
    "room": _("Free room"),
}
asked = st.query_params.get("about")
chosen = st.segmented_control(
    _("Question"),
    list(SECTIONS),
    default=asked if asked in SECTIONS else "why",
    required=True,
    format_func=SECTIONS.__getitem__,
    label_visibility="collapsed",
    width="stretch",
    key=f"about_{found.plan_id}",
)
if chosen == "why":
    why_not(found.why_not, found.currency, with_member=True)
elif chosen == "room":
    free_room(found.free_room, found.currency)
elif found.alternatives is None or found.wishes is None:
    ask_for_more(who, shipment.id, job, found)
elif chosen == "plans":
    may_take = who.may(Action.MANAGE_SHIPMENTS) and shipment.state == "planned" and found.is_current
    other_plans(who, found, may_take=may_take)
else:
    wish_prices(found.wishes, found.currency)
if chosen == "wishes":
    with st.expander(_("Order by order")):
        own_wishes(found.own_wishes, found.currency, with_member=True)
if found.alternatives is not None and not found.complete and chosen in ("plans", "wishes"):
    ask_for_more(who, shipment.id, job, found)
st.caption(_("About the plan of {moment}.", moment=moment(found.created_at)))
