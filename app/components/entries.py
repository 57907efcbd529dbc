"""What people type, in the units that people use, as the integers that services take."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st

from app.formats import TIME_ZONE_KEY, exponent
from consortium.errors import Fault, InputError

MM_PER_CM, G_PER_KG, CM3_PER_M3, PPM_PER_PERCENT = 10, 1000, 1_000_000, 10_000


def whole(value: float | None, factor: int, path: str) -> int | None:
    """Return a typed number in base units: `12.5` centimetres with factor 10 are 125 millimetres.

    Raises
    ------
    InputError
        When the number is finer than the base unit: nothing is rounded behind anybody's back.
    """
    if value is None or value != value:
        return None
    exact = Decimal(str(value)) * factor
    if exact != exact.to_integral_value():
        raise InputError([Fault(path, "too_fine", f"a multiple of 1/{factor}", str(value))])
    return int(exact)


def minor_units(value: float | None, currency: str, path: str) -> int | None:
    """Return a typed amount in minor units of its currency."""
    return whole(value, 10 ** exponent(currency), path)


def major_units(amount_minor: int | None, currency: str) -> float | None:
    """Return an amount as it is typed."""
    return None if amount_minor is None else float(Decimal(amount_minor).scaleb(-exponent(currency)))


def typed(value: int | None, factor: int) -> float | None:
    """Return a number in base units as it is typed."""
    return None if value is None else float(Decimal(value) / factor)


def amount_input(label: str, amount_minor: int | None, currency: str, key: str, *, help_: str | None = None) -> float:
    """Let an amount be typed in whole units of its currency."""
    decimals = exponent(currency)
    return st.number_input(
        f"{label} ({currency})",
        min_value=0.0,
        value=major_units(amount_minor or 0, currency),
        step=1.0 if decimals == 0 else 0.01,
        format=f"%.{decimals}f",
        help=help_,
        key=key,
    )


def in_zone(moment: datetime | None) -> datetime | None:
    """Return a typed moment with the time zone of the consortium."""
    zone = ZoneInfo(st.session_state.get(TIME_ZONE_KEY) or "UTC")
    return None if moment is None else moment.replace(tzinfo=zone)


def local(moment: datetime) -> datetime:
    """Return a moment as it is typed: where the consortium is, without its time zone."""
    return moment.astimezone(ZoneInfo(st.session_state.get(TIME_ZONE_KEY) or "UTC")).replace(tzinfo=None)


def today() -> date:
    """Return today's date where the consortium is."""
    return datetime.now(ZoneInfo(st.session_state.get(TIME_ZONE_KEY) or "UTC")).date()
