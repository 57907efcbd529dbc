"""Why a share is what it is, in sentences made from the numbers stored with it."""

from collections.abc import Iterator, Mapping
from typing import Any

import streamlit as st

from app.formats import mass, money, volume
from app.labels import RULES, word
from app.texts import _, plural
from consortium.views_plans import CostShareView

MM3_PER_CM3 = 1000


def show_why(share: CostShareView, rule: str) -> None:
    """Say in a few sentences what a share is made of."""
    st.markdown("\n".join(f"- {line}" for line in why_lines(share, rule)))


def why_lines(share: CostShareView, rule: str) -> list[str]:
    """Return the sentences: the goods, the direct part, the shared part by its rule, the comparison with others."""
    return [*_goods(share), *_parts(share, rule), *_rule(share, rule), *_compared(share)]


def _amount(share: CostShareView, name: str) -> str | None:
    """Return an amount of the explanation: whole minor units, or a fraction of them as text."""
    found = share.why.get(name)
    if isinstance(found, str):
        top, _slash, bottom = found.partition("/")
        found = round(int(top) / int(bottom or 1))
    return None if found is None else money(found, share.currency)


def _goods(share: CostShareView) -> Iterator[str]:
    measures: Mapping[str, Any] = share.why.get("measures") or {}
    if measures:
        yield _(
            "The goods: {volume}, {mass}, worth {value}.",
            volume=volume(measures["volume_mm3"] // MM3_PER_CM3),
            mass=mass(measures["mass_g"]),
            value=money(measures["value_minor"], share.currency),
        )


def _parts(share: CostShareView, rule: str) -> Iterator[str]:
    direct = share.why.get("direct_minor")
    if direct:
        codes = ", ".join(sorted({str(line["code"]) for line in share.why.get("direct_lines") or ()}))
        yield _("{amount} are charges of its own: {codes}.", amount=_amount(share, "direct_minor"), codes=codes)
    if share.why.get("optimised_minor") is not None:
        yield _(
            "{amount} are its part of the joint cost. {rule}.",
            amount=_amount(share, "optimised_minor"),
            rule=word(RULES, rule),
        )


def _rule(share: CostShareView, rule: str) -> Iterator[str]:
    low, high = _amount(share, "lowest_marginal_minor"), _amount(share, "highest_marginal_minor")
    if rule == "shapley" and low is not None and high is not None:
        yield _(
            "Joining the others adds between {low} and {high} to the joint cost, depending on who is there already; "
            "the share is the mean over every order of joining.",
            low=low,
            high=high,
        )
    error = share.why.get("standard_error_minor")
    if error is not None:
        yield _(
            "The share is an estimate: in 95 of 100 cases the exact one is within {amount}.",
            amount=money(round(1.96 * error), share.currency),
        )
    count = share.why.get("binding_groups")
    if isinstance(count, int):
        yield plural(
            "It could not be higher without wronging a group: the rule found {number} such group with this firm.",
            "It could not be higher without wronging a group: the rule found {number} such groups with this firm.",
            count,
        )
    groups = share.why.get("binding_coalitions") or ()
    if groups:
        named = "; ".join(" + ".join(group) for group in groups[:3])
        yield _("It could not be higher without wronging a group: {groups}.", groups=named)


def _compared(share: CostShareView) -> Iterator[str]:
    by_volume = share.why.get("proportional_volume_minor")
    if isinstance(by_volume, int):
        yield _("By volume alone it would be {amount}.", amount=money(by_volume, share.currency))
    saving = share.saving_minor
    if saving is None:
        return
    if saving > 0:
        yield _("That is {amount} less than going alone.", amount=money(saving, share.currency))
    elif saving < 0:
        yield _("That is {amount} more than going alone.", amount=money(-saving, share.currency))
    else:
        yield _("That is exactly what going alone would cost.")
