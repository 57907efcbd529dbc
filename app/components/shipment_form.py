"""The form that opens a pooled shipment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import streamlit as st

from app.components.choices import choose_many, choose_rule, container_names
from app.components.entries import in_zone, today
from app.labels import MODES, word
from app.texts import _
from consortium.drafts import SettingsDraft, ShipmentDraft
from consortium.views import ConsortiumView


@dataclass(frozen=True, slots=True)
class SentShipment:
    """What was sent: the code to speak of, and the draft once it is known to be sound."""

    code: str
    draft: Callable[[], ShipmentDraft]


def shipment_form(consortium: ConsortiumView) -> SentShipment | None:
    """Show the fields of a new pooled shipment; return what was sent."""
    with st.form("shipment_new", border=False):
        one, two = st.columns(2)
        with one:
            code = st.text_input(_("Code"), max_chars=60, key="shipment_code")
            title = st.text_input(_("Title"), max_chars=200, key="shipment_title")
            cut_off = st.datetime_input(
                _("Cut-off"),
                datetime.combine(today() + timedelta(days=14), time(18)),
                format="DD/MM/YYYY",
                help=_("Last moment to join, in the time of the consortium. Planning freezes the shipment."),
                key="shipment_cut_off",
            )
            rule = choose_rule(consortium.allocation_rule, "shipment_rule")
        with two:
            types = choose_many(_("Container types"), container_names(), (), "shipment_types")
            modes = choose_many(
                _("Ways of travelling"), {mode: word(MODES, mode) for mode in MODES}, (), "shipment_modes"
            )
            late = st.checkbox(
                _("May arrive after the due date"),
                help=_("Otherwise an order that cannot arrive in time is left out, and the plan says so."),
                key="shipment_late",
            )
            transit = st.checkbox(
                _("Waiting costs also run at sea"),
                help=_("The cost of waiting then counts until arrival instead of until departure."),
                key="shipment_transit",
            )
        if not st.form_submit_button(_("Open shipment"), type="primary", key="shipment_save"):
            return None
    return SentShipment(
        code,
        lambda: ShipmentDraft(
            code=code,
            title=title,
            cut_off_at=in_zone(cut_off),
            allocation_rule=rule,
            container_types=tuple(types),
            settings=SettingsDraft(
                modes=tuple(modes) or tuple(MODES),
                missed_due_date="allowed" if late else "forbidden",
                delay_counts_transit=transit,
            ),
        ),
    )
