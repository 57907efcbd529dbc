"""Tariffs: what carriers and agents charge, and how each charge is shared."""

import streamlit as st

from app.components.charge_form import charge_form
from app.components.charge_table import show_charges
from app.components.states import attempt, empty_state
from app.components.tariff_form import tariff_form
from app.formats import day
from app.layout import viewer
from app.texts import _
from consortium import queries
from consortium.drafts import TariffDraft
from consortium.permissions import Action
from consortium.services import tariffs

who = viewer()
st.title(_("Tariffs"))
rows = queries.tariffs(who.actor, who.here.id)
may_manage = who.may(Action.MANAGE_TARIFFS)
if not rows:
    empty_state(
        _("No tariffs yet"),
        _("Add a tariff and its charges: a plan costs what these say.") if may_manage else _("The manager adds them."),
    )
else:
    by_id = {each.id: each for each in rows}
    chosen = by_id[
        st.selectbox(
            _("Tariff"),
            list(by_id),
            format_func=lambda id_: " · ".join(filter(None, (by_id[id_].code, by_id[id_].name))),
            key="tariff",
        )
    ]
    until = day(chosen.valid_to) if chosen.valid_to else _("further notice")
    st.caption(
        _("Valid from {start} until {until}, by the day of departure.", start=day(chosen.valid_from), until=until)
    )
    if chosen.source:
        st.caption(_("Source: {source}", source=chosen.source.replace("$", "\\$")))
    show_charges(chosen)
    if may_manage:
        with st.expander(_("Change this tariff"), icon=":material/edit:"):
            if values := tariff_form(chosen, who.here.currency):
                with attempt(_("Tariff {code} was changed.", code=values["code"])):
                    tariffs.change_tariff(who.actor, chosen.id, TariffDraft(**values))
        with st.expander(_("Add a charge"), icon=":material/add:", expanded=not chosen.charges):
            if sent := charge_form(None, chosen.currency):
                with attempt(_("Charge {code} was added.", code=sent.code)):
                    tariffs.register_charge(who.actor, chosen.id, sent.draft())
        if chosen.charges:
            with st.expander(_("Change or remove a charge"), icon=":material/edit:"):
                known = {each.id: each for each in chosen.charges}
                charge = known[
                    st.selectbox(
                        _("Charge"),
                        list(known),
                        format_func=lambda id_: f"{known[id_].code} · {known[id_].description}",
                        key="charge",
                    )
                ]
                if sent := charge_form(charge, chosen.currency):
                    with attempt(_("Charge {code} was changed.", code=sent.code)):
                        tariffs.change_charge(who.actor, charge.id, sent.draft())
                with st.popover(_("Remove this charge"), icon=":material/delete:"):
                    if st.button(_("Yes, remove it"), type="primary", key="remove_charge"):
                        with attempt(_("Charge {code} was removed.", code=charge.code)):
                            tariffs.remove_charge(who.actor, charge.id)

if may_manage:
    with st.expander(_("Add a tariff"), icon=":material/add:", expanded=not rows):
        if values := tariff_form(None, who.here.currency):
            with attempt(_("Tariff {code} was added.", code=values["code"])):
                tariffs.register_tariff(who.actor, who.here.id, TariffDraft(**values))
