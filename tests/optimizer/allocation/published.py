"""Games with a published nucleolus: name, kind, coalitions, nucleolus, source."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple


class Published(NamedTuple):
    """A game of one-letter players and its nucleolus in the order of the letters."""

    name: str
    kind: str
    coalitions: dict[str, int | str | float]
    nucleolus: tuple[str, ...]
    source: str


def by_size(letters: str, values: list[int | str | float]) -> dict[str, int | str | float]:
    """Return coalitions in the order of the literature: by size, then by letters."""
    groups = ["".join(group) for size in range(1, len(letters) + 1) for group in combinations(letters, size)]
    return dict(zip(groups, values, strict=True))


def bankruptcy(estate: int) -> dict[str, int | str | float]:
    """Return the game of an estate claimed by three: what is left when the others are paid in full."""
    claims = {"A": 100, "B": 200, "C": 300}
    groups = by_size("ABC", [0] * 7)
    return {group: max(0, estate - sum(claims[one] for one in claims if one not in group)) for group in groups}


AUMANN = "Aumann, Maschler (1985), Game theoretic analysis of a bankruptcy problem from the Talmud, J. Econ. Theory 36"
MISTAKES = "in Guajardo, Joernsten (2015), Common mistakes in computing the nucleolus, EJOR 241"
SAKAWA = (0.060, 0.378, 0.536, 0.906, 1, 0.573, 0.747, 0.874, 0.485, 0.144, 0.546, 0.634, 0.255, 0.408, 0.561, 0.182)
SAKAWA += (0.168, 0.337, 0.706, 0.801, 0.379, 0.538, 0.668, 0.279, 0.03, 0.383, 0.473, 0.083, 0.249, 0.386, 0)


def depth_first(letters: str, values: Sequence[float]) -> dict[str, int | str | float]:
    """Return coalitions in depth-first order: every coalition before its extensions by later letters."""
    order: list[str] = []

    def visit(group: str, rest: str) -> None:
        for index, letter in enumerate(rest):
            order.append(group + letter)
            visit(group + letter, rest[index + 1 :])

    visit("", letters)
    return dict(zip(order, values, strict=True))


GAMES = (
    Published("talmud 100", "value", bankruptcy(100), ("100/3", "100/3", "100/3"), AUMANN),
    Published("talmud 200", "value", bankruptcy(200), ("50", "75", "75"), AUMANN),
    Published("talmud 300", "value", bankruptcy(300), ("50", "100", "150"), AUMANN),
    Published(
        "one left glove, two right gloves",
        "value",
        {"A": 0, "B": 0, "C": 0, "AB": 1, "AC": 1, "BC": 0, "ABC": 1},
        ("1", "0", "0"),
        "Maschler, Solan, Zamir (2013), Game theory, the gloves game: the core is the single point (1, 0, 0)",
    ),
    Published(
        "insurances",
        "value",
        depth_first("ABC", [46125, 69187.5, 90000, 53812.5, 17437.5, 30750, 5812.5]),
        ("52687.5", "24468.75", "12843.75"),
        f"Lemaire (1991), {MISTAKES}",
    ),
    Published(
        "mobiles in broadcast transmission",
        "cost",
        depth_first("ABCD", [8, 8, 10, 20, 19, 10, 20, 19, 1, 10, 13, 12, 10, 12, 11]),
        ("7.5", "0.5", "1.5", "10.5"),
        f"Hasan et al. (2011), {MISTAKES}",
    ),
    Published(
        "manufacturing",
        "cost",
        depth_first("ABC", [375144, 568232, 772500, 551055, 245280, 452411, 211239]),
        ("331695.25", "233051.25", "207753.5"),
        f"Oh, Shin (2012), {MISTAKES}",
    ),
    Published(
        "production and transportation planning",
        "value",
        depth_first("ABCDE", SAKAWA),
        ("0.165", "0.3205", "0.0845", "0.3745", "0.0555"),
        f"Sakawa et al. (2001), {MISTAKES}",
    ),
    Published(
        "three players",
        "value",
        by_size("ABC", [-1, 0, 1, 3, 4, 2, 5]),
        ("8/3", "2/3", "5/3"),
        "Ferguson, Game Theory, part IV, exercises on the nucleolus, University of California, Los Angeles",
    ),
    Published(
        "four players",
        "value",
        by_size("ABCD", [0, 0, 0, 0, 5, 5, 8, 9, 10, 8, 13, 15, 16, 17, 21]),
        ("3.5", "4.5", "5.5", "7.5"),
        "Staudacher, Anwander, CoopGame (R), example of nucleolus",
    ),
)
