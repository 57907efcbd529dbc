"""The comparison of all rules: dots, shares, verdicts, promises."""

from collections.abc import Sequence
from decimal import Decimal

import streamlit as st

from app.components.share_way import signed
from app.components.study_words import reason_words
from app.components.tables import Column, badge, show_table
from app.formats import exponent, number, plain
from app.labels import CORE, CORE_COLOURS, PROMISES, RULE_NAMES, RULES, word, words
from app.share_charts import MOST_SERIES, Dots, build_dot_plot
from app.texts import _
from consortium.views_studies import MethodView, StudyView

CHART = {"displayModeBar": False}
SHOWN_FIRST = ("shapley", "nucleolus", "equal_profit", "proportional_volume", "equal")


def show_methods(study: StudyView) -> None:
    """Show what every rule would charge, who could object, and what each promises."""
    defined = [one for one in study.methods if one.shares_minor]
    if not defined:
        return
    _dots(study, defined)
    st.subheader(_("What each member would pay"))
    _shares(study)
    st.subheader(_("What each member would save"))
    _savings(study, defined)
    st.subheader(_("Who could object"))
    _verdicts(study)
    with st.expander(_("What each rule promises")):
        _promises(study.methods)


def _dots(study: StudyView, defined: Sequence[MethodView]) -> None:
    if not study.alone_minor:
        st.info(_("There are too many members to price every one alone: the figure needs that."))
        return
    st.subheader(_("Share in per cent of the cost alone"))
    by_name = {one.rule: one for one in defined}
    first = [name for name in dict.fromkeys((study.rule, *SHOWN_FIRST)) if name in by_name][: MOST_SERIES - 1]
    chosen = st.multiselect(
        _("Rules in the figure"),
        list(by_name),
        default=first,
        max_selections=MOST_SERIES,
        format_func=words(RULE_NAMES).__getitem__,
        placeholder=_("Choose"),
        key=f"dots_{study.id}",
    )
    codes = list(study.alone_minor)
    series = []
    for rule in chosen:
        rates = [_rate(by_name[rule], code, study) for code in codes]
        series.append(Dots(name=word(RULE_NAMES, rule), values=rates, texts=[_rate_words(rate) for rate in rates]))
    known = [rate for each in series for rate in each.values if rate is not None]
    marks = sorted({100.0, *([min(known), max(known)] if known else [])})
    st.plotly_chart(
        build_dot_plot(codes, series, line_at=100.0, ticks=[(one, _rate_words(one)) for one in marks]),
        config=CHART,
        alt=_("Share of each member by rule, in per cent of its cost alone. The tables below say the same."),
        key=f"dot_plot_{study.id}",
    )
    st.caption(_("Right of the line a member would pay more than alone."))


def _rate(one: MethodView, code: str, study: StudyView) -> float | None:
    alone = study.alone_minor.get(code)
    return None if not alone or code not in one.shares_minor else round(100 * one.shares_minor[code] / alone, 2)


def _rate_words(rate: float | None) -> str:
    return "–" if rate is None else ("−" if rate < 0 else "") + number(abs(rate), 1) + "\xa0%"


def _rule_words(one: MethodView, study: StudyView) -> str:
    return word(RULE_NAMES, one.rule) + (" ●" if one.rule == study.rule else "")


def _shares(study: StudyView) -> None:
    codes = list(dict.fromkeys(code for one in study.methods for code in one.shares_minor))
    show_table(
        study.methods,
        [
            Column(_("Rule"), lambda one: _rule_words(one, study)),
            *(
                Column(code, lambda one, code=code: _amount(one.shares_minor.get(code), study), numeric=True)
                for code in codes
            ),
            Column(_("No answer, because"), lambda one: reason_words(one.reason) if not one.shares_minor else ""),
        ],
        alt=_("Shares of all members by every rule"),
        whole=True,
    )
    st.caption(
        _("Amounts in {currency}. ● is the rule of this plan. {list}", currency=study.currency, list=_agreements(study))
    )


def _amount(amount_minor: int | None, study: StudyView) -> str:
    """Return an amount without its currency, which stands once below: eight of them fit one line."""
    decimals = exponent(study.currency)
    return "–" if amount_minor is None else number(Decimal(amount_minor).scaleb(-decimals), decimals)


def _agreements(study: StudyView) -> str:
    lines = []
    if study.weights and len(set(study.weights.values())) == 1:
        lines.append(_("Every member stands for the same number of firms, so weights change nothing."))
    if len(study.unions) == 1:
        lines.append(_("All members are of one country, so unions change nothing."))
    return " ".join(lines)


def _savings(study: StudyView, defined: Sequence[MethodView]) -> None:
    codes = list(study.alone_minor)
    if not codes:
        return
    show_table(
        defined,
        [
            Column(_("Rule"), lambda one: _rule_words(one, study)),
            *(
                Column(
                    code,
                    lambda one, code=code: _rate_words(_saving(one, code, study)),
                    numeric=True,
                )
                for code in codes
            ),
        ],
        alt=_("What each member would save by every rule, in per cent of its cost alone"),
        whole=True,
    )


def _saving(one: MethodView, code: str, study: StudyView) -> float | None:
    rate = _rate(one, code, study)
    return None if rate is None else round(100 - rate, 2)


def _verdicts(study: StudyView) -> None:
    judged = [one for one in study.methods if one.verdict]
    show_table(
        judged,
        [
            Column(_("Rule"), lambda one: _rule_words(one, study)),
            Column(_("Verdict"), lambda one: badge(word(CORE, one.verdict), CORE_COLOURS[one.verdict])),
            Column(
                _("Group with most to object"),
                lambda one: " + ".join(one.worst_coalition) if (one.largest_excess_minor or 0) > 0 else "",
            ),
            Column(
                _("It pays more than alone by"),
                lambda one: signed(one.largest_excess_minor or 0, study.currency),
                numeric=True,
            ),
            Column(_("Members above alone"), lambda one: ", ".join(one.above_alone)),
        ],
        alt=_("Verdict of the core for every rule, with the worst group"),
        whole=True,
    )
    empty = {one.core_empty for one in judged}
    if empty == {"proven"}:
        st.info(_("No way of sharing this cost would satisfy every group: that is proven."), icon=":material/gavel:")
    elif empty == {"refuted"}:
        st.caption(_("Some way of sharing this cost satisfies every group: that is proven."))
    if judged:
        st.caption(
            _(
                "Compared is the whole cost in whole cents. What a rule promises holds for the joint cost before "
                "rounding: charges that are shared by a measure, and single cents, come on top."
            )
        )
    if any((one.largest_excess_minor or 0) < 0 for one in judged):
        st.caption(_("A minus says how much even the group that saves least saves."))
    if not judged:
        st.caption(_("Groups were not priced, so nothing is proven."))


def _promises(methods: Sequence[MethodView]) -> None:
    def column(heading: str, name: str) -> Column:
        return Column(heading, lambda one: word(PROMISES, one.promises[name]) if one.promises else _("no"))

    show_table(
        methods,
        [
            Column(_("Rule"), lambda one: word(RULES, one.rule)),
            column(_("Nobody pays more than alone"), "individually_rational"),
            column(_("No group pays more than alone, where possible"), "in_core"),
            column(_("Bills may be shared one by one"), "additive"),
            column(_("Cheaper groups never make a member of theirs dearer"), "monotone"),
            column(_("Who adds only its own cost pays just that"), "dummy"),
        ],
        alt=_("What each rule promises"),
        whole=True,
    )
    names = ", ".join(word(RULE_NAMES, one.rule) for one in methods if one.degenerates)
    st.caption(
        plain(_("These look at what a member adds last, which says little with whole containers: {list}.", list=names))
    )
