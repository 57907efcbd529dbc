"""Numbers of containers by ISO 6346: owner, category, serial number and the digit that checks them."""

import re

_FORM = re.compile(r"[A-Z]{3}[UJZ][0-9]{7}")
_LETTERS = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", (value for value in range(10, 39) if value % 11), strict=True))
"""Values of letters: from 10 on, without the multiples of 11."""


def tidy(number: str) -> str:
    """Return a number as it is compared: capitals, without the blanks, dots and dashes between its parts."""
    return re.sub(r"[\s.\-/]", "", number).upper()


def check_digit(number: str) -> int:
    """Return the digit that belongs to the first ten characters, four letters and six digits.

    Source: ISO 6346:2022, annex A: values weighted by powers of two, modulo 11, where 10 becomes 0.
    """
    values = (_LETTERS[character] if character in _LETTERS else int(character) for character in number[:10])
    return sum(value << place for place, value in enumerate(values)) % 11 % 10


def has_form(number: str) -> bool:
    """Say whether a tidy number has four letters, the last of them U, J or Z, and seven digits."""
    return _FORM.fullmatch(number) is not None
