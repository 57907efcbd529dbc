"""Cost shares as they are shown: the table, the chart, the verdict, and why a share is what it is."""

from collections.abc import Sequence

import streamlit as st

from app.charts import Series, build_grouped_bars
from app.components.plan_words import verdict_sentences
from app.components.tables import Column, show_table
from app.formats import major, money, percent_ppm
from app.texts import _
from consortium.views_plans import CertificateView, CostShareView


def by_volume(share: CostShareView) -> int | None:
    """Return what the share would be in proportion to volume, when the plan says it."""
    found = share.why.get("proportional_volume_minor")
    return found if isinstance(found, int) else None


def compare_with(share: CostShareView) -> None:
    """Say what the share would be by volume beside the rule's and alone, or why that is not told."""
    volume = by_volume(share)
    if volume is None:
        st.caption(
            _("What it would be by volume is not shown: with so few other firms it would tell what rivals ship.")
        )
        return
    st.caption(
        _(
            "Charged {share} · by volume {volume} · alone {alone}",
            share=money(share.cost_share_minor, share.currency),
            volume=money(volume, share.currency),
            alone=money(share.stand_alone_cost_minor, share.currency),
        )
    )


def share_table(shares: Sequence[CostShareView]) -> None:
    """Show what each member is charged, against going alone, and who pays."""
    show_table(
        shares,
        [
            Column(_("Member"), lambda each: each.member_name),
            Column(_("Alone"), lambda each: money(each.stand_alone_cost_minor, each.currency), numeric=True),
            Column(_("Share"), lambda each: money(each.cost_share_minor, each.currency), numeric=True),
            Column(_("Saving"), lambda each: money(each.saving_minor, each.currency), numeric=True),
            Column("%", saving_rate, numeric=True),
            Column(_("By volume"), lambda each: money(by_volume(each), each.currency), numeric=True),
            Column(_("The member pays"), lambda each: money(each.pays_minor, each.currency), numeric=True),
            Column(_("Its buyers pay"), lambda each: money(each.buyers_pay_minor, each.currency), numeric=True),
        ],
        alt=_("Cost share of each member, its stand-alone cost, saving, and who pays"),
    )


def saving_rate(share: CostShareView) -> str:
    """Return a saving as a percentage of what going alone would cost."""
    if share.saving_minor is None or not share.stand_alone_cost_minor:
        return "–"
    return percent_ppm(share.saving_minor * 1_000_000 // share.stand_alone_cost_minor, 1)


def share_chart(shares: Sequence[CostShareView]) -> None:
    """Draw each member's share beside its stand-alone cost and its share by volume."""
    series = [
        (_("Alone"), lambda each: each.stand_alone_cost_minor),
        (_("Share"), lambda each: each.cost_share_minor),
        (_("By volume"), by_volume),
    ]
    drawn = [
        Series(
            name=name,
            values=[major(read(each) or 0, each.currency) for each in shares],
            texts=[money(read(each), each.currency) for each in shares],
        )
        for name, read in series
        if any(read(each) is not None for each in shares)
    ]
    st.plotly_chart(
        build_grouped_bars([each.member_code for each in shares], drawn),
        config={"displayModeBar": False},
        alt=_("Stand-alone cost and cost share of each member"),
    )


def show_verdict(certificate: CertificateView | None, currency: str, missing: str = "") -> None:
    """Say in plain words what is proven of the shares."""
    if certificate is None:
        st.info(
            missing_sentence(missing) if missing else _("There is no certificate for these shares."),
            icon=":material/info:",
        )
        return
    first, *rest = verdict_sentences(certificate, currency)
    body = "  \n".join(rest)
    verdict = certificate.verdict.lower()
    if verdict == "proven":
        st.success(body, title=first, icon=":material/verified:")
    elif verdict == "refuted":
        st.warning(body, title=first, icon=":material/gavel:")
    else:
        st.info(body, title=first, icon=":material/help:")


def missing_sentence(code: str) -> str:
    """Say why a plan has no cost shares."""
    if code == "stopped":
        return _("Planning was cancelled before the cost was shared. Plan again to get shares that can be agreed.")
    if code == "too_many_members":
        return _(
            "This rule has no answer for so many members. Choose the Shapley value, prices of the goods or a "
            "proportional rule."
        )
    return _("This plan has no cost shares.")
