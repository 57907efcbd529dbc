"""Cost shares of a planned shipment: who pays what, what it would have been alone, why, and what is proven."""

import streamlit as st

from app.components.links import rules_link, share_link
from app.components.member_shipment import show_own_share
from app.components.plan_documents import show_documents
from app.components.share_certificates import show_share_certificates
from app.components.share_parts import share_chart, share_table, show_verdict
from app.components.share_why import show_why
from app.components.states import empty_state
from app.formats import money, plain
from app.labels import RULES, SHIPMENT_STATES, word
from app.layout import follow, number_of, viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action

who = viewer()
st.title(_("Cost shares"))
wanted = number_of("shipment")
if wanted is not None:
    follow(who, queries.shipment(who.actor, wanted).consortium_id)
planned = {each.id: each for each in queries.shipments(who.actor, who.here.id) if each.plan_id is not None}
if not planned:
    empty_state(
        _("No shares yet"), _("Shares appear as soon as a pooled shipment is planned."), icon=":material/balance:"
    )
    st.stop()
ids = list(planned)
names = {
    each.id: " · ".join(filter(None, (each.code, each.title, word(SHIPMENT_STATES, each.state))))
    for each in planned.values()
}
chosen = planned[
    st.selectbox(
        _("Pooled shipment"),
        ids,
        index=ids.index(wanted) if wanted in planned else len(ids) - 1,
        format_func=names.__getitem__,
        key=f"shares_of_{wanted}",
    )
]

if not who.may(Action.SEE_COST_SHARES):
    own = queries.member_plan(who.actor, chosen.id)
    if own is None:
        empty_state(_("Nothing of yours travels in this shipment"), _("Choose another shipment."))
    else:
        show_own_share(own)
    st.stop()

plan = queries.plan(who.actor, chosen.id)
shares = queries.cost_shares(who.actor, chosen.id)
if plan is None or not shares:
    show_verdict(None, who.here.currency, plan.shares_missing if plan else "")
    rules_link(chosen.id)
    st.stop()
st.markdown(
    _(
        "{price} are shared. The rule: {rule}.",
        price=f"**{money(plan.cost_minor, plan.currency)}**",
        rule=plain(word(RULES, plan.rule)),
    )
)
share_table(shares)
rules_link(chosen.id)
show_verdict(plan.certificate, plan.currency, plan.shares_missing)
st.subheader(_("Share and cost alone"))
share_chart(shares)
st.subheader(_("Why each share is what it is"))
for share in shares:
    with st.expander(f"{plain(share.member_name)} · {money(share.cost_share_minor, share.currency)}"):
        show_why(share, plan.rule)
        share_link(chosen.id, share.member_code, _("The whole way to what is paid"))
show_share_certificates(chosen.id, shares, named=True)
with st.expander(_("Documents")):
    show_documents(plan)
