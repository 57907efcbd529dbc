"""Phragmen and most votes: small elections counted by hand."""

from fractions import Fraction

from optimizer.fairs.voting import most_votes, phragmen


def test_phragmen_lets_money_be_earned_and_spends_all_of_it() -> None:
    """F1 costs 12 and has three friends: bought at 4. B then saves until 12 for F2, which costs 8."""
    found = phragmen({"F1": 12, "F2": 8}, 20, {"A": ["F1"], "B": ["F1", "F2"], "C": ["F1"]})
    assert found.purchases == (("F1", Fraction(4)), ("F2", Fraction(12)))
    assert found.spent_minor == 20
    assert found.loads == {"A": Fraction(4), "B": Fraction(12), "C": Fraction(4)}
    assert sum(found.loads.values()) == found.spent_minor


def test_phragmen_ends_when_the_next_purchase_breaks_the_budget() -> None:
    """The cheaper F3 would still fit, but F2 is next."""
    found = phragmen({"F1": 10, "F2": 10, "F3": 1}, 12, {"A": ["F1", "F2"], "B": ["F1", "F2"], "C": ["F3"]})
    assert [project for project, _ in found.purchases] == ["F3", "F1"]
    assert [time for _, time in found.purchases] == [1, 5]


def test_what_nobody_supports_is_not_bought() -> None:
    approvals = {"A": ["F1"]}
    assert [project for project, _ in phragmen({"F1": 1, "F2": 0}, 100, approvals).purchases] == ["F1"]
    assert most_votes({"F1": 1, "F2": 0}, 100, approvals) == (["F1"], 1)


def test_most_votes_skips_what_does_not_fit() -> None:
    approvals = {"A": ["F1", "F2"], "B": ["F1", "F2"], "C": ["F1", "F3"]}
    assert most_votes({"F1": 8, "F2": 5, "F3": 4}, 12, approvals) == (["F1", "F3"], 12)


def test_ties_are_decided_by_cost_then_supporters_then_id() -> None:
    assert most_votes({"b": 5, "a": 5, "c": 4}, 9, {"A": ["a", "b", "c"]}) == (["c", "a"], 9)
    costs = {"z": 6, "y": 6, "x": 3}
    found = phragmen(costs, 100, {"A": ["z", "y"], "B": ["z", "y"], "C": ["x"]})
    assert [project for project, _ in found.purchases] == ["x", "y", "z"]
