"""The form of a pooled shipment."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import streamlit as st

from app.components.choices import choose_many, choose_rule, container_names
from app.components.entries import in_zone, local, today
from app.labels import MODES, OWNER_LEVELS, RULES, word, words
from app.texts import _
from consortium.drafts import SettingsDraft, ShipmentDraft
from consortium.views import ConsortiumView, ShipmentView


@dataclass(frozen=True, slots=True)
class SentShipment:
    """What was sent: the code to speak of, and the draft once it is known to be sound."""

    code: str
    draft: Callable[[], ShipmentDraft]


def shipment_form(
    consortium: ConsortiumView, shipment: ShipmentView | None = None, *, decided_rule: str = ""
) -> SentShipment | None:
    """Show the fields of a new or known pooled shipment; return what was sent.

    Parameters
    ----------
    decided_rule
        The rule that the members decided on: a shipment cannot choose another. Empty: nobody has decided.
    """
    name = f"shipment_{shipment.id if shipment else 'new'}"
    before: Mapping[str, Any] = shipment.settings if shipment else {}
    with st.form(name, border=False):
        one, two = st.columns(2)
        with one:
            code = st.text_input(_("Code"), shipment.code if shipment else "", max_chars=60, key=f"{name}_code")
            title = st.text_input(_("Title"), shipment.title if shipment else "", max_chars=200, key=f"{name}_title")
            cut_off = st.datetime_input(
                _("Cut-off"),
                local(shipment.cut_off_at) if shipment else datetime.combine(today() + timedelta(days=14), time(18)),
                format="DD/MM/YYYY",
                help=_("Last moment to join, in the time of the consortium. Planning freezes the shipment."),
                key=f"{name}_cut_off",
            )
            rule = None
            if decided_rule:
                st.caption(_("Shared as the members decided: {rule}", rule=word(RULES, decided_rule)))
            else:
                rule = choose_rule((shipment or consortium).allocation_rule, f"{name}_rule")
        with two:
            types = choose_many(
                _("Container types"), container_names(), shipment.container_types if shipment else (), f"{name}_types"
            )
            read_settings = _settings(before, name)
        label = _("Save shipment") if shipment else _("Open shipment")
        if not st.form_submit_button(label, type="primary", key=f"{name}_save"):
            return None
    return SentShipment(
        code,
        lambda: ShipmentDraft(
            code=code,
            title=title,
            cut_off_at=in_zone(cut_off),
            allocation_rule=rule,
            container_types=tuple(types),
            settings=SettingsDraft(**{**before, **read_settings}),
        ),
    )


def _settings(before: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Show the choices that hold for the whole shipment; what is not asked here stays as it was."""
    chosen = before.get("modes", ())
    modes = choose_many(
        _("Ways of travelling"),
        {mode: word(MODES, mode) for mode in MODES},
        () if set(chosen) == set(MODES) else chosen,
        f"{name}_modes",
    )
    late = st.checkbox(
        _("May arrive after the due date"),
        before.get("missed_due_date") == "allowed",
        help=_("Otherwise an order that cannot arrive in time is left out, and the plan says so."),
        key=f"{name}_late",
    )
    transit = st.checkbox(
        _("Waiting costs also run at sea"),
        bool(before.get("delay_counts_transit")),
        help=_("The cost of waiting then counts until arrival instead of until departure."),
        key=f"{name}_transit",
    )
    rounded = st.checkbox(
        _("LCL is charged by whole units"),
        before.get("lcl_rounding") == "up",
        help=_("Freight tonnes, tonnes and cubic metres of an LCL consignment are then rounded up."),
        key=f"{name}_rounded",
    )
    owners = st.selectbox(
        _("Goods of different members"),
        list(OWNER_LEVELS),
        index=list(OWNER_LEVELS).index(before.get("owners", "free")),
        format_func=words(OWNER_LEVELS).__getitem__,
        help=_("What each of these costs is worked out on the page of the load plan."),
        key=f"{name}_owners",
    )
    return {
        "owners": owners,
        "modes": tuple(modes) or tuple(MODES),
        "missed_due_date": "allowed" if late else "forbidden",
        "delay_counts_transit": transit,
        "lcl_rounding": "up" if rounded else "exact",
    }
