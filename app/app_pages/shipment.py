"""One pooled shipment, step by step: gather, plan, compare, agree; or a member's view of it."""

import streamlit as st

from app.components.agreement import show_agreement
from app.components.comparison import show_comparison
from app.components.gathering import show_gathering
from app.components.member_shipment import show_member_shipment
from app.components.planning import show_planning
from app.components.rule_words import show_rule_of
from app.components.shipment_card import contents_line
from app.components.states import empty_state
from app.components.tables import badge
from app.formats import moment, plain
from app.labels import SHIPMENT_STATES, STATE_COLOURS, word
from app.layout import follow, number_of, viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

who = viewer()
st.page_link("app_pages/shipments.py", label=_("All pooled shipments"), icon=":material/arrow_back:")
shipment_id = number_of("shipment")
if shipment_id is None:
    st.title(_("Pooled shipment"))
    empty_state(_("No shipment chosen"), _("Choose one in the list of pooled shipments."))
    st.stop()

shipment = queries.shipment(who.actor, shipment_id)
follow(who, shipment.consortium_id)
st.title(shipment.title or shipment.code)
state = badge(word(SHIPMENT_STATES, shipment.state), STATE_COLOURS[shipment.state])
st.markdown(f"{plain(shipment.code)} {state} · {contents_line(shipment)}")
st.caption(_("Cut-off {moment}", moment=moment(shipment.cut_off_at)))
show_rule_of(who.actor, shipment.id)

if not who.may(Action.SEE_PLANS):
    show_member_shipment(who, shipment)
    st.stop()

STEPS = {
    "gather": (_("1. Gather"), show_gathering),
    "plan": (_("2. Plan"), show_planning),
    "compare": (_("3. Compare"), show_comparison),
    "agree": (_("4. Agree"), show_agreement),
}
NEXT_STEP = {"open": "gather", "frozen": "plan", "planned": "compare"}
asked = st.query_params.get("step")
chosen = st.segmented_control(
    _("Step"),
    list(STEPS),
    default=asked if asked in STEPS else NEXT_STEP.get(shipment.state, "agree"),
    required=True,
    format_func=lambda step: STEPS[step][0],
    label_visibility="collapsed",
    width="stretch",
    key=f"step_{shipment.id}_{shipment.state}_{shipment.plan_id}",
)
if asked is not None:
    del st.query_params["step"]  # asked for once: when the shipment moves on, its next step is shown
STEPS[chosen][1](who, shipment)
