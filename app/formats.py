"""Numbers, money and dates as people of the reader's language and country write them.

Pages hold integers in base units; this is the one place that turns them into what is read.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal, format_percent

from app.texts import current_language
from consortium.reference_data import currency_exponent
from consortium.texts import locale_of

COUNTRY_KEY = "country"
TIME_ZONE_KEY = "time_zone"
_MARKDOWN = re.compile(r"([\\`*_\[\]#|<>~$:])")


def reader_locale() -> Locale:
    """Return the locale of the person whose page is being made."""
    return locale_of(current_language(), st.session_state.get(COUNTRY_KEY, ""))


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency (ISO 4217)."""
    return currency_exponent(currency)


def money(amount_minor: int | None, currency: str) -> str:
    """Return an amount with its ISO code, `USD 1,234.50`; a dash when there is none."""
    if amount_minor is None:
        return "–"
    decimals = exponent(currency)
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_currency(
        Decimal(amount_minor).scaleb(-decimals),
        currency,
        format=f"¤¤\xa0{pattern};−¤¤\xa0{pattern}",
        locale=reader_locale(),
        currency_digits=False,
    )


def major(amount_minor: int, currency: str) -> float:
    """Return an amount in whole units of its currency, for charts only."""
    return amount_minor / 10 ** exponent(currency)


def number(value: int | float | Decimal, decimals: int = 0) -> str:
    """Return a number with grouping and a fixed number of decimals."""
    return format_decimal(
        Decimal(str(value)), format="#,##0" + ("." + "0" * decimals if decimals else ""), locale=reader_locale()
    )


def volume(volume_cm3: int | None) -> str:
    """Return a volume in cubic metres with two decimals."""
    return "–" if volume_cm3 is None else f"{number(Decimal(volume_cm3) / 1_000_000, 2)}\xa0m³"


def mass(mass_g: int | None) -> str:
    """Return a mass in kilograms, or in tonnes from ten tonnes up."""
    if mass_g is None:
        return "–"
    if abs(mass_g) >= 10_000_000:
        return f"{number(Decimal(mass_g) / 1_000_000, 2)}\xa0t"
    return f"{number(Decimal(mass_g) / 1000, 1 if mass_g % 1000 else 0)}\xa0kg"


def percent(permille: int | None, decimals: int = 0) -> str:
    """Return parts per thousand as a percentage."""
    if permille is None:
        return "–"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "\xa0%"
    return format_percent(Decimal(permille) / 1000, format=pattern, locale=reader_locale())


def percent_ppm(ppm: int | None, decimals: int = 2) -> str:
    """Return parts per million as a percentage."""
    if ppm is None:
        return "–"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "\xa0%"
    return format_percent(Decimal(ppm) / 1_000_000, format=pattern, locale=reader_locale())


def day(value: date | None) -> str:
    """Return a date, `2 mar 2026`."""
    return "–" if value is None else format_date(value, "d\xa0MMM\xa0y", locale=reader_locale())


def short_day(value: date) -> str:
    """Return day and month, for axes."""
    return format_date(value, "d\xa0MMM", locale=reader_locale())


def moment(value: datetime | None) -> str:
    """Return a moment in the time zone of the consortium."""
    if value is None:
        return "–"
    zone = ZoneInfo(st.session_state.get(TIME_ZONE_KEY) or "UTC")
    local = value.astimezone(zone)
    return f"{day(local.date())}, {format_time(local, 'HH:mm', tzinfo=zone, locale=reader_locale())}"


def plain(text: object) -> str:
    """Return text that somebody typed, made harmless where a page reads Markdown."""
    return _MARKDOWN.sub(r"\\\1", str(text)).replace("\n", " ")
