"""Numbers, money and dates as people of a language and a country write them."""

import datetime as dt

import pytest
import streamlit as st

from app import formats
from app.components.entries import minor_units, typed, whole
from consortium.errors import InputError


@pytest.fixture
def reader(monkeypatch):
    """Return a function that says who reads."""

    def reads(language, country="", zone="UTC"):
        monkeypatch.setattr(
            st, "session_state", {"language": language, formats.COUNTRY_KEY: country, formats.TIME_ZONE_KEY: zone}
        )

    return reads


@pytest.mark.parametrize(
    ("language", "country", "expected"),
    [
        ("es", "CO", "USD\xa01.234.567,89"),
        ("es", "PE", "USD\xa01,234,567.89"),
        ("es", "MX", "USD\xa01,234,567.89"),
        ("pt", "BR", "USD\xa01.234.567,89"),
        ("pt", "CO", "USD\xa01.234.567,89"),
        ("en", "CO", "USD\xa01,234,567.89"),
    ],
)
def test_money_follows_the_country_as_well_as_the_language(reader, language, country, expected):
    reader(language, country)
    assert formats.money(123_456_789, "USD") == expected


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (0, "USD", "USD\xa00.00"),
        (-5, "USD", "−USD\xa00.05"),
        (1500, "CLP", "CLP\xa01,500"),
        (1500, "KWD", "KWD\xa01.500"),
    ],
)
def test_money_has_the_decimals_of_its_currency(reader, minor, currency, expected):
    reader("en")
    assert formats.money(minor, currency) == expected


def test_what_is_not_known_is_a_dash_and_never_a_zero(reader):
    reader("en")
    assert {formats.money(None, "USD"), formats.volume(None), formats.mass(None), formats.day(None)} == {"–"}


def test_masses_turn_to_tonnes_when_they_are_large(reader):
    reader("en")
    assert [formats.mass(each) for each in (500, 450_000, 82_340_000)] == ["0.5\xa0kg", "450\xa0kg", "82.34\xa0t"]


def test_moments_are_told_in_the_time_of_the_consortium(reader):
    reader("es", "CO", "America/Bogota")
    assert formats.moment(dt.datetime(2027, 3, 1, 2, 30, tzinfo=dt.UTC)) == "28\xa0feb\xa02027, 21:30"


@pytest.mark.parametrize("text", ["[x](javascript:y)", "$a$", "`c`", "# t", "<b>", ":red[x]", "a_b_", "*b*"])
def test_markup_that_somebody_typed_stays_text(text):
    shown = formats.plain(text)
    for sign in "[]$`#<*_":
        assert shown.count(sign) == shown.count(f"\\{sign}")


def test_typed_numbers_come_back_exactly_or_are_refused():
    assert whole(120.1, 10, "length_mm") == 1201
    assert whole(None, 10, "length_mm") is None
    assert whole(float("nan"), 10, "length_mm") is None
    assert whole(typed(450_251, 1000), 1000, "mass_g") == 450_251
    assert minor_units(12.34, "USD", "amount_minor") == 1234
    with pytest.raises(InputError) as refused:
        whole(120.05, 10, "length_mm")
    assert refused.value.faults[0].code == "too_fine"
    with pytest.raises(InputError):
        minor_units(0.5, "CLP", "amount_minor")
