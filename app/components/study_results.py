"""What came of a question about cost shares: effects of a change, joinings, prices and volumes that move."""

from collections.abc import Sequence

import streamlit as st

from app.components.share_way import signed
from app.components.study_words import bullet, joining_words, member_name, outcome_words, title
from app.components.tables import Column, show_table
from app.formats import moment, money, number, percent, percent_ppm, plain
from app.share_charts import Dots, build_dot_plot
from app.texts import _
from consortium.views_studies import OutcomeView, StudyView, VariationView

CHART = {"displayModeBar": False}


def show_answer(study: StudyView) -> None:
    """Show one answer whole."""
    st.markdown(f"**{plain(title(study))}**")
    if not study.is_current:
        st.warning(_("This answer is about an earlier plan."), icon=":material/history:")
    if not study.complete:
        st.info(_("The search was ended before all of it was done."), icon=":material/timer:")
    if study.kind == "joinings":
        _joinings(study)
    elif study.kind == "sensitivity":
        _moves(study)
    elif study.before is not None and study.after is not None:
        _effect(study, study.before, study.after)
    st.caption(_("Asked on {moment}.", moment=moment(study.created_at)))


def _effect(study: StudyView, before: OutcomeView, after: OutcomeView) -> None:
    if study.volume_permille is not None:
        st.caption(_("In whole packages that is {percent} of the volume.", percent=percent(study.volume_permille, 1)))
    if lines := outcome_words(after):
        st.warning(bullet(lines), icon=":material/warning:")
    own = study.member
    now, then = before.shares_minor.get(own), after.shares_minor.get(own)
    if study.kind == "leaves":
        then = before.alone_minor.get(own)
    with st.grid(3, min_column_width=190):
        st.metric(_("Share now"), money(now, study.currency), border=True)
        label = _("Cost alone") if study.kind == "leaves" else _("Share then")
        st.metric(label, money(then, study.currency), border=True)
        known = now is not None and then is not None
        st.metric(_("Change"), signed(then - now, study.currency) if known else "–", border=True)
    if before.cost_minor is not None and after.cost_minor is not None:
        _everybody(study, before, after)
    for one in study.joinings:
        st.markdown(bullet(joining_words(study, one)))


def _everybody(study: StudyView, before: OutcomeView, after: OutcomeView) -> None:
    members = list(dict.fromkeys([*before.shares_minor, *after.shares_minor]))
    rows = [(member_name(study, code), before.shares_minor.get(code), after.shares_minor.get(code)) for code in members]
    rows.append((_("All together"), before.cost_minor, after.cost_minor))
    show_table(
        rows,
        [
            Column(_("Member"), lambda row: row[0]),
            Column(_("Change"), lambda row: _change(row[1], row[2], study.currency), numeric=True),
            Column(_("Share now"), lambda row: money(row[1], study.currency), numeric=True),
            Column(_("Share then"), lambda row: money(row[2], study.currency), numeric=True),
        ],
        alt=_("What each member pays now and would pay then"),
        key=f"effect_{study.id}",
    )
    if before.gap_ppm or after.gap_ppm:
        st.caption(
            _(
                "Not both plans are proven cheapest (cheaper by at most {now} and {then}): differences as small as "
                "that may come from the search.",
                now=percent_ppm(before.gap_ppm),
                then=percent_ppm(after.gap_ppm),
            )
        )


def _change(now: int | None, then: int | None, currency: str) -> str:
    return "–" if now is None or then is None else signed(then - now, currency)


def _joinings(study: StudyView) -> None:
    broken = [one for one in study.joinings if one.worse_off_minor]
    if study.joinings and not broken:
        st.success(_("Nobody already in pays more, whoever joins last."), icon=":material/verified:")
    show_table(
        study.joinings,
        [
            Column(_("Joins last"), lambda one: member_name(study, one.newcomer)),
            Column(
                _("Pay more"),
                lambda one: (
                    ", ".join(
                        f"{member_name(study, code)} {signed(rise, study.currency)}"
                        for code, rise in one.worse_off_minor.items()
                    )
                    or _("nobody")
                ),
            ),
            Column(_("Gap"), lambda one: money(one.gap_minor or None, study.currency), numeric=True),
        ],
        alt=_("Who pays more because of each member that joins last"),
        whole=True,
    )
    for one in broken:
        with st.expander(plain(_("Correction for {name}", name=member_name(study, one.newcomer)))):
            st.markdown(bullet(joining_words(study, one)))
            if one.is_possible:
                show_table(
                    list(one.corrected_minor.items()),
                    [
                        Column(_("Member"), lambda pair: member_name(study, pair[0])),
                        Column(_("Corrected share"), lambda pair: money(pair[1], study.currency), numeric=True),
                    ],
                    alt=_("Shares in which nobody already in pays more"),
                )


def _moves(study: StudyView) -> None:
    before = study.before
    if before is None:
        return
    subjects = list(dict.fromkeys((one.kind, one.name) for one in study.variations))
    for kind, name in subjects:
        pair = [one for one in study.variations if (one.kind, one.name) == (kind, name)]
        label = (study.charge_names.get(name) or name) if kind == "charge" else member_name(study, name)
        st.subheader(plain(_("Price of {name}", name=label) if kind == "charge" else _("Volume of {name}", name=label)))
        _one_move(study, before, pair, f"{kind}_{name}")


def _one_move(study: StudyView, before: OutcomeView, pair: Sequence[VariationView], key: str) -> None:
    for one in pair:
        if lines := outcome_words(one.after):
            st.warning(f"{plain(_moved(one))}\n{bullet(lines)}", icon=":material/warning:")
    shared = [one for one in pair if one.after.shares_minor]
    if not shared:
        return
    codes = list(before.shares_minor)
    series = [
        Dots(
            name=_moved(one),
            values=[_rate(before, one.after, code) for code in codes],
            texts=[_rate_words(_rate(before, one.after, code)) for code in codes],
        )
        for one in shared
    ]
    known = [value for each in series for value in each.values if value is not None]
    marks = sorted({0.0, *([min(known), max(known)] if known else [])})
    st.plotly_chart(
        build_dot_plot(codes, series, line_at=0.0, ticks=[(one, _rate_words(one)) for one in marks]),
        config=CHART,
        alt=_("Change of each share in per cent. The table below says the same."),
        key=f"move_{study.id}_{key}",
    )
    show_table(
        codes,
        [
            Column(_("Member"), lambda code: member_name(study, code)),
            *(
                Column(
                    _moved(one),
                    lambda code, one=one: _change(
                        before.shares_minor[code], one.after.shares_minor.get(code), study.currency
                    ),
                    numeric=True,
                )
                for one in shared
            ),
            Column(_("Share now"), lambda code: money(before.shares_minor[code], study.currency), numeric=True),
        ],
        alt=_("Change of each share"),
        key=f"move_table_{study.id}_{key}",
    )


def _moved(one: VariationView) -> str:
    reached = one.permille if one.volume_permille is None else one.volume_permille
    change = reached - 1000
    return ("+" if change > 0 else "−" if change < 0 else "±") + percent(abs(change), 1 if change % 10 else 0)


def _rate(before: OutcomeView, after: OutcomeView, code: str) -> float | None:
    then, now = after.shares_minor.get(code), before.shares_minor[code]
    return None if then is None or not now else round(100 * (then - now) / abs(now), 2)


def _rate_words(rate: float | None) -> str:
    if rate is None:
        return "–"
    return ("+" if rate > 0 else "−" if rate < 0 else "") + number(abs(rate), 1) + "\xa0%"
