"""Consortia of this installation, for its administrator."""

import streamlit as st

from app.components.choices import choose_country, choose_currency, choose_rule
from app.components.states import attempt, empty_state
from app.components.tables import Column, show_table
from app.labels import CONSORTIUM_KINDS, word, words
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.drafts import ConsortiumDraft
from consortium.services import members

who = viewer()
st.title(_("Consortia"))
rows = queries.consortia(who.actor)
show_table(
    rows,
    [
        Column(_("Code"), lambda each: each.code),
        Column(_("Name"), lambda each: each.name),
        Column(_("Kind"), lambda each: word(CONSORTIUM_KINDS, each.kind)),
        Column(_("Country"), lambda each: each.country),
        Column(_("Currency"), lambda each: each.currency),
        Column(_("Time zone"), lambda each: each.time_zone),
    ],
    alt=_("Consortia of this installation"),
)
if not rows:
    empty_state(_("No consortia yet"), _("Register the first one, then give somebody the role of its manager."))
with (
    st.expander(_("Register a consortium"), icon=":material/add:", expanded=not rows),
    st.form("consortium_new", border=False),
):
    one, two = st.columns(2)
    with one:
        code = st.text_input(_("Code"), max_chars=40, key="consortium_code", help=_("Short and stable."))
        name = st.text_input(_("Name"), max_chars=200, key="consortium_name")
        kind = st.selectbox(
            _("Kind"),
            list(CONSORTIUM_KINDS),
            format_func=words(CONSORTIUM_KINDS).__getitem__,
            key="consortium_kind",
        )
        country = choose_country(None, "consortium_country")
    with two:
        currency = choose_currency("USD", "consortium_currency")
        zone = st.text_input(
            _("Time zone"), "America/Bogota", max_chars=60, key="consortium_zone", help=_("Such as America/Lima.")
        )
        rule = choose_rule("shapley", "consortium_rule")
    if st.form_submit_button(_("Register"), type="primary", key="consortium_save"):
        with attempt(_("{name} was registered.", name=name)):
            draft = ConsortiumDraft(
                code=code,
                name=name,
                kind=kind,
                country=country,
                currency=currency,
                time_zone=zone,
                allocation_rule=rule,
            )
            members.register_consortium(who.actor, draft)
