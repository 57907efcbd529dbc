"""The form of a charge."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from app.components.choices import allocation_keys, cargo_classes, choose_many, container_names
from app.components.entries import G_PER_KG, PPM_PER_PERCENT, amount_input, major_units, minor_units, typed, whole
from app.labels import BASES, MODES, STAGES, words
from app.texts import _
from consortium.drafts import ChargeDraft
from consortium.reference_data import ports
from consortium.views import ChargeView


@dataclass(frozen=True, slots=True)
class SentCharge:
    """What was sent: the code to speak of, and the draft once it is known to be sound."""

    code: str
    draft: Callable[[], ChargeDraft]


def charge_form(charge: ChargeView | None, currency: str) -> SentCharge | None:
    """Show the fields of a new or known charge; return what was sent."""
    name = f"charge_{charge.id if charge else 'new'}"
    with st.form(name, border=False):
        read_price = _price_fields(charge, name, currency)
        read_rest = _rest_fields(charge, name)
        if not st.form_submit_button(_("Save charge"), type="primary", key=f"{name}_save"):
            return None
    return SentCharge(st.session_state[f"{name}_code"], lambda: ChargeDraft(**read_price(), **read_rest()))


def _price_fields(charge: ChargeView | None, name: str, currency: str) -> Callable[[], dict[str, Any]]:
    bases = list(BASES)
    one, two = st.columns(2)
    with one:
        code = st.text_input(_("Code"), charge.code if charge else "", max_chars=60, key=f"{name}_code")
        text = st.text_input(_("Description"), charge.description if charge else "", key=f"{name}_text")
        basis = st.selectbox(
            _("Counted"),
            bases,
            index=bases.index(charge.basis) if charge else 0,
            format_func=words(BASES).__getitem__,
            key=f"{name}_basis",
        )
        amount = amount_input(_("Price"), charge.amount_minor if charge else 0, currency, f"{name}_amount")
        rate = st.number_input(
            _("Rate (% of the value)"),
            min_value=0.0,
            value=typed(charge.rate_ppm if charge else 0, PPM_PER_PERCENT),
            format="%.4f",
            help=_("Only for charges on the value, such as insurance."),
            key=f"{name}_rate",
        )
    with two:
        least = amount_input(_("At least"), charge.minimum_minor if charge else 0, currency, f"{name}_least")
        most = st.number_input(
            f"{_('At most')} ({currency})",
            min_value=0.0,
            value=major_units(charge.maximum_minor, currency) if charge else None,
            placeholder=_("No limit"),
            key=f"{name}_most",
        )
        over = st.number_input(
            _("Only above a gross mass of (kg)"),
            min_value=0.0,
            value=typed(charge.gross_mass_over_g, G_PER_KG) if charge else None,
            placeholder=_("Any mass"),
            help=_("For overweight containers: cargo and tare together."),
            key=f"{name}_over",
        )
        steps = _steps_editor(charge, name, currency)
    return lambda: {
        "code": code,
        "description": text,
        "basis": basis,
        "amount_minor": minor_units(amount, currency, "amount_minor"),
        "rate_ppm": whole(rate, PPM_PER_PERCENT, "rate_ppm"),
        "minimum_minor": minor_units(least, currency, "minimum_minor"),
        "maximum_minor": minor_units(most, currency, "maximum_minor"),
        "gross_mass_over_g": whole(over, G_PER_KG, "gross_mass_over_g"),
        "steps": tuple(
            {
                "from_units": whole(row["start"], 1, f"steps[{index}].from_units"),
                "amount_minor": minor_units(row["price"], currency, f"steps[{index}].amount_minor"),
            }
            for index, row in enumerate(steps.to_dict("records"))
        ),
    }


def _steps_editor(charge: ChargeView | None, name: str, currency: str) -> pd.DataFrame:
    known = charge.steps if charge else ()
    rows = pd.DataFrame(
        {
            "start": [float(start) for start, _price in known],
            "price": [major_units(price, currency) for _start, price in known],
        },
        dtype="float64",
    )
    st.caption(_("Price breaks: the step reached prices all units. The first starts at 0."))
    return st.data_editor(
        rows,
        num_rows="dynamic",
        hide_index=True,
        height=140,
        key=f"{name}_steps",
        alt=_("Price breaks"),
        column_config={
            "start": st.column_config.NumberColumn(_("From units"), min_value=0, step=1, format="%d"),
            "price": st.column_config.NumberColumn(f"{_('Price')} ({currency})", min_value=0.0),
        },
    )


def _rest_fields(charge: ChargeView | None, name: str) -> Callable[[], dict[str, Any]]:
    filters = charge.filters if charge else {}
    places = {code: f"{code} · {port.name}" for code, port in ports().items()}
    one, two = st.columns(2)
    with one:
        chosen = {
            field: choose_many(label, options, filters.get(field) or (), f"{name}_{field}")
            for field, label, options in (
                ("modes", _("Ways of travelling"), words(MODES)),
                ("container_types", _("Container types"), container_names()),
                ("cargo_classes", _("Classes of cargo"), cargo_classes()),
            )
        }
    with two:
        chosen |= {
            field: choose_many(label, places, filters.get(field) or (), f"{name}_{field}")
            for field, label in (("origins", _("Origins")), ("destinations", _("Destinations")))
        }
        stages = {"": _("The member always pays"), **words(STAGES)}
        stage = st.selectbox(
            _("Stage"),
            list(stages),
            index=list(stages).index(charge.incoterm_stage or "") if charge else 0,
            format_func=stages.__getitem__,
            help=_("By the Incoterms rule of an order, its buyer pays the later stages."),
            key=f"{name}_stage",
        )
        keys = allocation_keys()
        key = st.selectbox(
            _("Shared"),
            list(keys),
            index=list(keys).index(charge.allocation_key) if charge else 0,
            format_func=keys.__getitem__,
            key=f"{name}_key",
        )
    kept = {field: tuple(codes) for field, codes in filters.items() if field in ("departures", "members") and codes}
    return lambda: {
        **{field: tuple(codes) or None for field, codes in chosen.items()},
        **kept,
        "incoterm_stage": stage or None,
        "allocation_key": key,
    }
