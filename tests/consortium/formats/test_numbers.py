"""Numbers as people write them."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consortium.formats.numbers import NUMBER_FORMATS, exact, looks_like_number, parse_number


def written(thousandths: int, number_format: str, *, grouped: bool) -> str:
    whole, rest = divmod(abs(thousandths), 1000)
    point, group = {"1234.5": (".", ""), "1,234.5": (".", ","), "1.234,5": (",", ".")}[number_format]
    digits = f"{whole:,}".replace(",", group) if grouped else str(whole)
    return f"{'-' if thousandths < 0 else ''}{digits}{point}{rest:03d}"


@given(st.integers(-(10**12), 10**12), st.sampled_from(NUMBER_FORMATS), st.booleans())
def test_a_number_written_in_a_format_is_read_exactly_in_it(number: int, number_format: str, grouped: bool) -> None:
    assert parse_number(written(number, number_format, grouped=grouped), number_format) == Fraction(number, 1000)


@pytest.mark.parametrize(
    ("text", "number_format"),
    [
        ("1,5", "1234.5"),
        ("1.5", "1.234,5"),
        ("1,5", "1,234.5"),
        ("12,34,567", "1,234.5"),
        ("1.2345", "1.234,5"),
        ("1e5", "1234.5"),
        ("+5", "1234.5"),
        ("", "1234.5"),
        (".5", "1234.5"),
        ("5.", "1234.5"),
        ("١٢", "1234.5"),
        ("9" * 60, "1234.5"),
        ("1.5", None),
        ("1,500", None),
    ],
)
def test_anything_else_is_no_number(text: str, number_format: str | None) -> None:
    assert parse_number(text, number_format) is None


def test_plain_digits_need_no_format() -> None:
    assert parse_number("-1500", None) == -1500
    assert looks_like_number("1.500,25")
    assert not looks_like_number("1.500.25,1")


def test_a_number_cell_is_what_it_shows() -> None:
    assert exact(0.1) == Fraction(1, 10)
    assert exact(1e21) == 10**21
