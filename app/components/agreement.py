"""Step 4 of a pooled shipment: agree on the plan and its shares, then send it off."""

import streamlit as st

from app.components.links import invoice_link
from app.components.share_parts import share_table, show_verdict
from app.components.states import attempt, empty_state
from app.formats import money
from app.labels import RULES, word
from app.layout import Viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import shipments
from consortium.views import ShipmentView

AGREED = ("agreed", "shipped", "settled")
"""States in which what was invoiced can be compared with the plan."""


def show_agreement(who: Viewer, shipment: ShipmentView) -> None:
    """Show what is to be agreed, or what was."""
    plan = queries.plan(who.actor, shipment.id)
    if plan is None:
        empty_state(_("Nothing to agree on yet"), _("Make a plan first: step 2."), icon=":material/handshake:")
        return
    shares = queries.cost_shares(who.actor, shipment.id)
    st.markdown(
        _(
            "The plan costs {price}, shared by this rule: {rule}.",
            price=f"**{money(plan.cost_minor, plan.currency)}**",
            rule=word(RULES, plan.rule),
        )
    )
    share_table(shares)
    show_verdict(plan.certificate, plan.currency, plan.shares_missing)
    st.page_link(
        "app_pages/cost_shares.py",
        label=_("Why these shares"),
        icon=":material/balance:",
        query_params={"shipment": str(shipment.id)},
    )
    if shipment.state in AGREED:
        invoice_link(shipment.id)
    if not who.may(Action.MANAGE_SHIPMENTS):
        return
    if shipment.state == "planned" and shares:
        sure = st.checkbox(_("The members have seen their shares and agree."), key=f"sure_{plan.id}")
        if st.button(
            _("Agree on this plan"), type="primary", icon=":material/handshake:", disabled=not sure, key="agree"
        ):
            with attempt(_("Shipment {code} is agreed.", code=shipment.code)):
                shipments.agree(who.actor, shipment.id, plan.id)
    elif shipment.state == "agreed":
        st.success(_("Agreed. The plan and its shares can no longer change."), icon=":material/handshake:")
        if st.button(_("Mark as shipped"), icon=":material/directions_boat:", key="mark_shipped"):
            with attempt(_("Shipment {code} is on its way.", code=shipment.code)):
                shipments.mark_shipped(who.actor, shipment.id)
