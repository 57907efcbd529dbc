"""The forms of a decision on how costs are shared, and of terms to try on past shipments."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from app.components.entries import today
from app.components.rule_words import key_words
from app.labels import ALLOCATION_KEYS, CHARGE_CLASSES, RULES, word
from app.texts import _
from consortium.drafts_rules import EVENT_CLASSES, POOL_RULES, RuleDraft, TermsDraft

OFFERED = tuple(name for name in RULES if name in POOL_RULES)


def decision_form(default_rule: str) -> Callable[[], RuleDraft] | None:
    """Show the fields of a decision; return what makes the draft when it is sent."""
    with st.form("decision", border=False):
        read_terms = _terms_fields(default_rule, "decision")
        text = st.text_area(
            _("What was decided"), max_chars=1000, key="decision_text", help=_("In the words of the minutes.")
        )
        one, two = st.columns(2)
        with one:
            decided = st.date_input(_("Decided on"), today(), format="DD/MM/YYYY", key="decision_decided")
            start = st.date_input(
                _("Valid from"),
                today(),
                format="DD/MM/YYYY",
                key="decision_from",
                help=_("Shipments that are frozen from this day on are shared by it. Frozen ones keep theirs."),
            )
            reference = st.text_input(
                _("Minutes"), max_chars=200, key="decision_reference", help=_("Such as: minutes 7, item 2.")
            )
        with two:
            votes = [
                st.number_input(label, min_value=0, value=None, key=f"decision_{name}")
                for label, name in (
                    (_("Votes for"), "votes_for"),
                    (_("Votes against"), "votes_against"),
                    (_("Abstentions"), "abstentions"),
                )
            ]
        if not st.form_submit_button(_("Record the decision"), type="primary", key="decision_save"):
            return None
    return lambda: RuleDraft(
        **read_terms(),
        decided_on=decided,
        valid_from=start,
        text=text,
        reference=reference,
        votes_for=votes[0],
        votes_against=votes[1],
        abstentions=votes[2],
    )


def terms_form(default_rule: str) -> Callable[[], tuple[TermsDraft, bool]] | None:
    """Show the fields of terms to try; return what makes the draft, and whether groups may be priced again."""
    with st.form("replay", border=False):
        read_terms = _terms_fields(default_rule, "replay")
        recompute = st.checkbox(
            _("Price groups of members again where needed"),
            key="replay_recompute",
            help=_("Only when other charges than before are shared by a measure. Takes minutes for each shipment."),
        )
        if not st.form_submit_button(_("Work it out"), key="replay_save"):
            return None
    return lambda: (TermsDraft(**read_terms()), recompute)


def _terms_fields(default_rule: str, name: str) -> Callable[[], dict[str, Any]]:
    options = OFFERED if default_rule in OFFERED else (*OFFERED, default_rule)
    names = {code: word(RULES, code) for code in options}
    rule = st.selectbox(
        _("Rule for what is shared together"),
        options,
        index=options.index(default_rule),
        format_func=names.__getitem__,
        help=_("What containers cost and what waiting saves hang together: one rule shares all of it."),
        key=f"{name}_rule",
    )
    st.caption(_("Classes of charges that are shared otherwise:"))
    keys = {}
    with st.grid(3, min_column_width=220):
        for charge_class in CHARGE_CLASSES:
            choices = {key: key_words(charge_class, key) for key in _keys_for(charge_class)}
            keys[charge_class] = st.selectbox(
                word(CHARGE_CLASSES, charge_class),
                list(choices),
                format_func=choices.__getitem__,
                key=f"{name}_{charge_class}",
            )
    return lambda: {"rule": rule, "keys": {code: key for code, key in keys.items() if key}}


def _keys_for(charge_class: str) -> list[str]:
    """Return the keys that a class may have, the usual one first as nothing."""
    if charge_class == "delay":
        return ["", "direct"]
    return ["", *(key for key in ALLOCATION_KEYS if charge_class not in EVENT_CLASSES or key != "direct")]
