"""Games as documents for tests."""

from typing import Any

GAME: dict[str, Any] = {
    "format": "consortium/game@1",
    "kind": "cost",
    "players": ["A", "B", "C"],
    "coalitions": {"A": 10, "B": "20.5", "C": 7, "A,B": "49/2", "C,A": 12, "B,C": 20.5, "A,B,C": 25},
    "weights": {"A": 1, "B": "3/2", "C": 2},
    "unions": [["A", "B"], ["C"]],
}
"""Three players; numbers in every way of writing them, a coalition in another order."""

MAJORITY: dict[str, Any] = {
    "format": "consortium/game@1",
    "kind": "value",
    "players": ["A", "B", "C"],
    "coalitions": {"A": 0, "B": 0, "C": 0, "A,B": 1, "A,C": 1, "B,C": 1, "A,B,C": 1},
}
"""Two of three have all: the core is empty, and tau is undefined."""


def with_generator(**generator: Any) -> dict[str, Any]:
    """Return a game of A, B and C with a formula."""
    return {"format": "consortium/game@1", "kind": "cost", "players": ["A", "B", "C"], "generator": generator}


AIRPORT = with_generator(type="airport", needs={"A": 12, "B": 20, "C": "20.5"})
FIXED = with_generator(type="fixed_plus", fixed=10, costs={"A": 1, "B": 2, "C": "1/2"})
BINS = with_generator(type="bin_packing", sizes={"A": 3, "B": 4, "C": 5}, capacity=8, price=100)
