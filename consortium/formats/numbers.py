"""Numbers as people write them: exact, in the one format that the file states, never guessed."""

import re
from decimal import Decimal
from fractions import Fraction

NUMBER_FORMATS = ("1234.5", "1,234.5", "1.234,5")
"""What ``settings.number_format`` may state."""

_PATTERNS = {
    "1234.5": r"-?[0-9]+(\.[0-9]+)?",
    "1,234.5": r"-?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?",
    "1.234,5": r"-?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+)(,[0-9]+)?",
}
_PLAIN = r"-?[0-9]+"
_MAX_LENGTH = 40


def parse_number(text: str, number_format: str | None) -> Fraction | None:
    """Return the exact value of a number written as text.

    Parameters
    ----------
    text
        What stands in the cell, without spaces around it.
    number_format
        One of `NUMBER_FORMATS`; None when the file states none: then only plain digits can be read, since
        they mean the same in all three.

    Returns
    -------
    Fraction or None
        None when the text is not a number of that format.
    """
    pattern = _PLAIN if number_format is None else _PATTERNS[number_format]
    if len(text) > _MAX_LENGTH or not re.fullmatch(pattern, text):
        return None
    if number_format == "1,234.5":
        text = text.replace(",", "")
    elif number_format == "1.234,5":
        text = text.replace(".", "").replace(",", ".")
    return Fraction(Decimal(text))


def looks_like_number(text: str) -> bool:
    """Say whether a text is a number in any of the formats, so that a message can tell what is the matter."""
    return any(parse_number(text, one) is not None for one in NUMBER_FORMATS)


def exact(number: float) -> Fraction:
    """Return the value of a number cell as it is displayed: 0.1 is one tenth, not its binary neighbour."""
    return Fraction(Decimal(repr(number)))
