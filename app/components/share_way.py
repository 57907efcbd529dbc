"""The way of a member from its cost alone to its payment, as figure and table; how its goods would go alone."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components.choices import container_names
from app.components.tables import Column, show_table
from app.formats import major, money, plain
from app.share_charts import WayStep, build_waterfall
from app.texts import _, mark, plural
from consortium.views_plans import CostShareView, WayView

CHART = {"displayModeBar": False}
MOST_STEPS = 6
"""Charges that the figure shows one by one: the largest changes. The table below has all."""

STEPS = {
    "alone": mark("Alone"),
    "pooling": mark("Saved together"),
    "co_financing": mark("Co-financing"),
    "rounding": mark("Rounding"),
    "buyers": mark("Its buyers pay"),
}
AFTER_POOLING = ("co_financing", "rounding", "buyers")
OTHER_KEYS = {"waiting": mark("Waiting"), "joint": mark("Joint cost")}


def charge_words(share: CostShareView, code: str, key: str) -> str:
    """Return what a charge is called: its description, or what stands for it where there is no charge."""
    return share.charge_names.get(code) or code or _(OTHER_KEYS.get(key, OTHER_KEYS["joint"]))


def signed(amount_minor: int, currency: str) -> str:
    """Return a change with its sign, so that no colour is needed to read it."""
    return ("+" if amount_minor > 0 else "") + money(amount_minor, currency)


def show_way(share: CostShareView) -> None:
    """Show the way from cost alone to the payment, when the plan tells it."""
    way = share.way
    if way is None:
        return
    steps = _drawn(share, way)
    spoken = "; ".join(f"{step.name}: {step.text}" for step in steps)
    st.plotly_chart(
        build_waterfall(steps),
        config=CHART,
        alt=_("The way from the cost alone to the payment. {list}", list=spoken),
        key=f"way_{share.member_id}",
    )
    _table(share, way)


def _drawn(share: CostShareView, way: WayView) -> list[WayStep]:
    """Return the steps of the figure: the largest changes, savings first, the rest as one, the pooled cost, the end."""
    named = _by_name(share, way)
    large = sorted(named, key=lambda pair: -abs(pair[1]))[:MOST_STEPS]
    rest = sum(amount for _name, amount in named) - sum(amount for _name, amount in large)
    changes = sorted(large, key=lambda pair: pair[1]) + ([(_("Other charges"), rest)] if rest else [])
    steps = [_step(_(STEPS["alone"]), one.amount_minor, share, total=True) for one in way.steps if one.kind == "alone"]
    steps += [_step(name, amount, share) for name, amount in changes]
    if steps:
        steps.append(_step(_("Together"), sum(part.pooled_minor for part in way.charges), share, total=True))
    steps += [_step(_(STEPS[one.kind]), one.amount_minor, share) for one in way.steps if one.kind in AFTER_POOLING]
    return [*steps, _step(_("To pay"), way.to_pay_minor, share, total=True)]


def _by_name(share: CostShareView, way: WayView) -> list[tuple[str, int]]:
    """Return what each charge changes; charges of several lanes that are called the same count together."""
    changes: Counter[str] = Counter()
    for one in way.steps:
        if one.kind in ("pooling", "charge"):
            whole = not one.code and one.key in ("", "joint")
            changes[_(STEPS["pooling"]) if whole else charge_words(share, one.code, one.key)] += one.amount_minor
    return [(name, amount) for name, amount in changes.items() if amount]


def _step(name: str, amount_minor: int, share: CostShareView, *, total: bool = False) -> WayStep:
    words = money(amount_minor, share.currency) if total else signed(amount_minor, share.currency)
    return WayStep(name=name, value=major(amount_minor, share.currency), text=words, is_total=total)


def _table(share: CostShareView, way: WayView) -> None:
    if not any(part.code for part in way.charges):
        return
    rows: dict[str, list[int | None]] = {}
    for part in way.charges:
        row = rows.setdefault(charge_words(share, part.code, part.key), [None, 0])
        row[0] = row[0] if part.alone_minor is None else (row[0] or 0) + part.alone_minor
        row[1] = (row[1] or 0) + part.pooled_minor
    show_table(
        list(rows.items()),
        [
            Column(_("Charge"), lambda pair: pair[0]),
            Column(
                _("Change"),
                lambda pair: "–" if pair[1][0] is None else signed(pair[1][1] - pair[1][0], share.currency),
                numeric=True,
            ),
            Column(_("Alone"), lambda pair: money(pair[1][0], share.currency), numeric=True),
            Column(_("Together"), lambda pair: money(pair[1][1], share.currency), numeric=True),
        ],
        alt=_("What each charge costs the member alone and together"),
        whole=True,
    )
    st.caption(
        _(
            "The rule shares the joint cost as one amount. It is laid out over the charges here by what each costs for "
            "the member's own goods; that explains the share and does not change it."
        )
    )


def show_alone_plan(share: CostShareView) -> None:
    """Say how the member's goods would travel by themselves, and whether that cost is proven."""
    found: Mapping[str, Any] | None = share.why.get("alone_plan")
    if found is None:
        return
    names = container_names()
    kinds = Counter(one["container_type"] for one in found["containers"])
    parts = [f"{number} × {names.get(code, code)}" for code, number in kinds.items()]
    if found["lcl"]:
        parts.append(plural("{number} loose lot (LCL)", "{number} loose lots (LCL)", found["lcl"]))
    if found["postal"]:
        parts.append(plural("{number} parcel", "{number} parcels", found["postal"]))
    said = _(
        "Alone the goods would travel as {list} and cost {price}.",
        list=", ".join(parts),
        price=money(found["cost_minor"], share.currency),
    )
    proof = (
        _("No cheaper way alone exists: that is proven.")
        if found["is_proven"]
        else _("A cheaper way alone is not ruled out.")
    )
    st.markdown(plain(f"{said} {proof}"))
