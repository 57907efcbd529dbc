"""A pooled shipment as one member sees it: its own goods, its own share, and no rival's anything."""

import streamlit as st

from app.components.agreement import AGREED
from app.components.answers_why import own_wishes, why_not
from app.components.comparison import travelling_table
from app.components.gathering import order_table
from app.components.links import invoice_link, load_plan_link, share_link
from app.components.load_papers import show_load_papers
from app.components.plan_words import cure_sentence, proof_sentence, reason_sentence
from app.components.share_certificates import show_share_certificates
from app.components.share_parts import compare_with, saving_rate, show_verdict
from app.components.share_why import show_why
from app.components.states import empty_state
from app.components.tables import Column, show_table
from app.formats import mass, money, number, plain, volume
from app.layout import Viewer
from app.texts import _
from consortium import queries
from consortium.views import ShipmentView
from consortium.views_plans import CostShareView, MemberPlanView


def show_member_shipment(who: Viewer, shipment: ShipmentView) -> None:
    """Show a member its part of a pooled shipment."""
    orders = [each.order for each in shipment.consignments]
    if not orders:
        empty_state(
            _("Nothing of yours travels in this shipment"),
            _("Enter your orders before the cut-off; the manager gathers them."),
        )
        return
    plan = queries.member_plan(who.actor, shipment.id)
    if plan is None:
        st.subheader(_("Your orders in this shipment"))
        order_table(orders, alt=_("Your orders in this shipment"), key="own_orders")
        empty_state(_("No plan yet"), _("Your share appears here as soon as the shipment is planned."))
        return
    show_own_share(plan)
    if shipment.state in AGREED:
        invoice_link(shipment.id)
    st.subheader(_("How your goods travel"))
    several = len({each.member_code for each in (*plan.travelling, *plan.unplanned)}) > 1
    travelling_table(plan.travelling, alt=_("How your goods travel"), with_member=several)
    load_plan_link(shipment.id)
    if plan.unplanned:
        st.warning(_("Not everything of yours can travel."), icon=":material/warning:")
        show_table(
            plan.unplanned,
            [
                *([Column(_("Member"), lambda each: each.member_name)] if several else []),
                Column(_("Order"), lambda each: each.order_code),
                Column(_("Why"), reason_sentence),
                Column(_("What would help"), lambda each: cure_sentence(each, plan.currency)),
            ],
            alt=_("Your orders that cannot travel, with the reason and the cheapest cure"),
        )
    show_load_papers(who, shipment.id)
    _answers(who, shipment.id, several)
    _totals(plan)


def _answers(who: Viewer, shipment_id: int, several: bool) -> None:
    """Say why goods of its own share no container, and what wishes of its own would cost."""
    found = queries.member_answers(who.actor, shipment_id)
    if found is None:
        return
    if found.why_not:
        st.subheader(_("Why not in a shared container"))
        why_not(found.why_not, found.currency, with_member=several)
    if found.own_wishes:
        st.subheader(_("What a wish of yours would cost"))
        own_wishes(found.own_wishes, found.currency, with_member=several)


def show_own_share(plan: MemberPlanView) -> None:
    """Show a member its share against going alone, why it is what it is, and what is proven of it.

    Who acts for several firms sees each firm's share under the firm's name.
    """
    if not plan.shares:
        show_verdict(None, plan.currency)
        return
    for share in plan.shares:
        if len(plan.shares) > 1:
            st.subheader(plain(share.member_name))
        _one_share(share, plan.rule, plan.shipment_id)
    show_verdict(plan.certificate, plan.currency)
    st.caption(proof_sentence(plan))
    show_share_certificates(plan.shipment_id, plan.shares, named=len(plan.shares) > 1)


def _one_share(share: CostShareView, rule: str, shipment_id: int) -> None:
    with st.grid(3, min_column_width=190):
        st.metric(_("Your share"), money(share.cost_share_minor, share.currency), border=True)
        st.metric(_("You alone would pay"), money(share.stand_alone_cost_minor, share.currency), border=True)
        st.metric(
            _("You save"),
            money(share.saving_minor, share.currency),
            border=True,
            delta=saving_rate(share) if share.saving_minor else None,
            delta_arrow="off",
            delta_color="green" if (share.saving_minor or 0) > 0 else "gray",
        )
    if share.buyers_pay_minor:
        st.caption(
            _(
                "Of your share you pay {own}; by the Incoterms rules of your orders, your buyers pay {buyers}.",
                own=money(share.pays_minor, share.currency),
                buyers=money(share.buyers_pay_minor, share.currency),
            )
        )
    compare_with(share)
    show_why(share, rule)
    share_link(shipment_id, share.member_code, _("Why is my amount what it is?"))


def _totals(plan: MemberPlanView) -> None:
    st.subheader(_("The whole shipment"))
    if plan.totals is None:
        st.caption(_("Totals are not shown: with so few other firms they would reveal what a rival ships."))
        return
    with st.grid(4, min_column_width=150):
        st.metric(_("Firms"), number(plan.totals.members))
        st.metric(_("Containers"), number(plan.totals.containers))
        st.metric(_("Volume"), volume(plan.totals.volume_cm3))
        st.metric(_("Mass"), mass(plan.totals.mass_g))
