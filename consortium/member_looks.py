"""How members are told apart in drawings: a colour for screens and a pattern for black-and-white print.

Colours are those of Okabe and Ito (Color Universal Design, 2008) that can be read on white and on black, so without
black itself. Seven colours and eight patterns go round at different lengths: the first eight members differ by their
pattern alone, and no pair comes twice within fifty-six.
"""

from typing import NamedTuple


class Look(NamedTuple):
    """A colour as ``#rrggbb`` and the name of a pattern of `PATTERNS`, or ``plain``."""

    colour: str
    pattern: str


COLOURS = ("#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#f0e442")
"""Blue, orange, green, vermilion, purple, sky blue, yellow."""

PATTERNS = ("slant", "horizontal", "dots", "vertical", "cross", "backslant", "zigzag", "dashes")
"""Lines /, lines -, dots, lines |, lines x, lines backwards, zigzags, broken lines; strong differences come first."""

LOOKS = tuple(
    Look(COLOURS[index % len(COLOURS)], PATTERNS[index % len(PATTERNS)])
    for index in range(len(COLOURS) * len(PATTERNS))
)

NEUTRAL = Look("#9a9a9a", "plain")
"""Other firms, of which the viewer may not know which."""


def look(index: int) -> Look:
    """Return the look of an index: `NEUTRAL` below 0; looks repeat after the last one."""
    return NEUTRAL if index < 0 else LOOKS[index % len(LOOKS)]
