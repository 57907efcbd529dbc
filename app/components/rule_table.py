"""All decisions of a consortium, with what they are used by and what there is to say against them."""

from collections.abc import Iterator, Sequence

import streamlit as st

from app.components.tables import Column, badge, show_table
from app.formats import day, moment, plain
from app.labels import RULES, word
from app.texts import _
from consortium.views_rules import RuleVersionView


def show_decisions(versions: Sequence[RuleVersionView]) -> None:
    """Show every decision, newest first; then which came late, and which record was tampered with."""
    show_table(
        versions,
        [
            Column(_("Number"), lambda each: each.number),
            Column(_("State"), _state),
            Column(_("Rule"), lambda each: word(RULES, each.rule)),
            Column(_("Decided on"), lambda each: day(each.decided_on)),
            Column(_("Valid from"), lambda each: day(each.valid_from)),
            Column(_("Minutes"), lambda each: each.reference),
            Column(_("Used by"), lambda each: ", ".join(use.code for use in each.used_by)),
        ],
        alt=_("Decisions on how costs are shared"),
        whole=True,
    )
    for line in _warnings(versions):
        st.warning(line, icon=":material/history:")
    for each in versions:
        if not each.is_intact:
            st.error(
                _("Decision {number} is no longer as it was recorded: its record was edited.", number=each.number),
                icon=":material/report:",
            )


def _state(each: RuleVersionView) -> object:
    if each.withdrawn_at is not None:
        return badge(_("Withdrawn"), "gray")
    return badge(_("In force"), "green") if each.is_in_force else ""


def _warnings(versions: Sequence[RuleVersionView]) -> Iterator[str]:
    for each in versions:
        for use in each.used_by:
            if use.is_late:
                yield _(
                    "Decision {number} was recorded {recorded}; prices of {code} were known since {known}.",
                    number=each.number,
                    recorded=moment(each.recorded_at),
                    code=plain(use.code),
                    known=moment(use.prices_known_at),
                )
