"""Rules: how costs are shared, by which decisions, and what other terms would have meant."""

import streamlit as st

from app.components.rule_form import decision_form
from app.components.rule_replay import show_replays
from app.components.rule_table import show_decisions
from app.components.rule_words import show_terms, votes_words
from app.components.states import attempt, empty_state
from app.formats import day, moment, plain
from app.labels import RULES, word
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.permissions import Action
from consortium.services import rules

who = viewer()
st.title(_("Rules"))
found = queries.rules(who.actor, who.here.id)
may_manage = who.may(Action.MANAGE_RULES)
now = next((each for each in found.versions if each.is_in_force), None)
if now is None:
    empty_state(
        _("No decision is in force"),
        _(
            "Until the members decide, new shipments are shared by: {rule}. Decide before prices are known.",
            rule=word(RULES, found.default_rule),
        ),
        icon=":material/gavel:",
    )
else:
    st.subheader(_("In force"))
    st.markdown(f"**{plain(word(RULES, now.rule))}**")
    st.markdown(f"> {plain(now.text)}")
    parts = [
        _("Decision {number} of {day}", number=now.number, day=day(now.decided_on)),
        _("valid from {day}", day=day(now.valid_from)),
        now.reference,
        votes_words(now),
        _("recorded {moment} by {name}", moment=moment(now.recorded_at), name=now.recorded_by or "–"),
    ]
    st.caption(plain(" · ".join(filter(None, parts))))
    show_terms(now.keys)
if found.versions:
    st.subheader(_("Decisions"))
    show_decisions(found.versions)
if may_manage:
    with st.expander(_("Record a decision"), icon=":material/add:", expanded=not found.versions):
        if found.priced_and_open:
            st.warning(
                _(
                    "Plans have shown prices for {codes}, which are open again. For them this decision comes late, "
                    "and everybody is told so.",
                    codes=", ".join(found.priced_and_open),
                ),
                icon=":material/history:",
            )
        if read := decision_form(now.rule if now else found.default_rule):
            with attempt(_("The decision was recorded.")):
                rules.decide_rule(who.actor, who.here.id, read())
    unused = {each.id: each for each in found.versions if not each.used_by and each.withdrawn_at is None}
    if unused:
        with st.expander(_("Withdraw a decision that no shipment uses"), icon=":material/undo:"):
            names = {id_: f"{each.number} · {word(RULES, each.rule)}" for id_, each in unused.items()}
            chosen = st.selectbox(
                _("Decision"),
                list(unused),
                format_func=names.__getitem__,
                key="withdraw_choice",
            )
            if st.button(_("Withdraw it"), key="withdraw"):
                with attempt(_("Decision {number} was withdrawn.", number=unused[chosen].number)):
                    rules.withdraw_rule(who.actor, chosen)
st.subheader(_("What other terms would have meant"))
show_replays(who, now.rule if now else found.default_rule)
