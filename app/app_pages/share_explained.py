"""One member's share explained: from its cost alone to what it pays, and what would change it."""

import streamlit as st

from app.components.opening import back_to_shipment, open_shipment
from app.components.share_parts import compare_with, saving_rate
from app.components.share_way import show_alone_plan, show_way
from app.components.share_why import show_why
from app.components.states import empty_state
from app.components.study_asking import ask_what_if, running
from app.components.study_results import show_answer
from app.formats import money, plain
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

who = viewer()
st.title(_("A share explained"))
shipment = open_shipment(who)
back_to_shipment(shipment)
shares = queries.cost_shares(who.actor, shipment.id)
if not shares:
    empty_state(_("No shares yet"), _("Shares appear as soon as a pooled shipment is planned."))
    st.stop()
codes = {each.member_code: each for each in shares}
wanted = st.query_params.get("member")
code = wanted if wanted in codes else next(iter(codes))
if len(codes) > 1:
    code = st.selectbox(
        _("Member"),
        list(codes),
        index=list(codes).index(code),
        format_func={one: each.member_name for one, each in codes.items()}.__getitem__,
        key=f"explained_{wanted}",
    )
share = codes[code]
seen_by_all = who.may(Action.SEE_COST_SHARES)
plan = (queries.plan if seen_by_all else queries.member_plan)(who.actor, shipment.id)
st.subheader(plain(share.member_name))
with st.grid(3, min_column_width=190):
    st.metric(_("Share"), money(share.cost_share_minor, share.currency), border=True)
    st.metric(_("Cost alone"), money(share.stand_alone_cost_minor, share.currency), border=True)
    st.metric(_("Saving"), f"{money(share.saving_minor, share.currency)} · {saving_rate(share)}", border=True)
compare_with(share)
st.subheader(_("From the cost alone to what is paid"))
show_way(share)
show_alone_plan(share)
st.subheader(_("Why it is what it is"))
if plan is not None:
    show_why(share, plan.rule)

st.subheader(_("What if"))
found = queries.studies(who.actor, shipment.id)
about = [each for each in found if each.member == code]
if not running(shipment.id, found) and (who.may(Action.MANAGE_SHIPMENTS) or not seen_by_all):
    ask_what_if(who, shipment.id, {code: share.member_name}, {})
for each in [one for one in about if one.after is not None][:3]:
    with st.container(border=True):
        show_answer(each)
