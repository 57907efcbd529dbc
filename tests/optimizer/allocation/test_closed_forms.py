from dataclasses import replace
from fractions import Fraction

import pytest

from optimizer.allocation.closed_forms import equal, equal_saving, marginal, proportional, scrb, separable, tau
from optimizer.allocation.registry import rule
from optimizer.allocation.rule import ShareStatus
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import table_game

GAME = table_game("cost", {"A": 10, "B": 30, "AB": 32})


def test_equal_shares_ignore_what_anybody_would_pay_alone() -> None:
    assert equal(GAME).shares == {"A": 16, "B": 16}


def test_without_weights_everybody_saves_the_same_percentage() -> None:
    assert proportional(GAME).shares == {"A": 8, "B": 24}


def test_weights_replace_stand_alone_costs() -> None:
    assert proportional(replace(GAME, weights={"A": 1, "B": Fraction(1, 3)})).shares == {"A": 24, "B": 8}


def test_a_value_game_is_shared_in_proportion_to_what_each_gains_alone() -> None:
    assert proportional(table_game("value", {"A": 10, "B": 30, "AB": 60})).shares == {"A": 15, "B": 45}


@pytest.mark.parametrize(
    ("weights", "reason", "detail"),
    [
        ({"A": 1}, "missing_weight", {"players": ("B",)}),
        ({"A": 1, "B": -1}, "negative_weight", {"players": ("B",)}),
        ({"A": 0, "B": 0}, "no_weights", {"total": 32}),
    ],
)
def test_weights_that_say_nothing_give_no_shares(weights: dict[str, int], reason: str, detail: object) -> None:
    found = proportional(replace(GAME, weights=weights))
    assert (found.status, found.reason, found.detail) == (ShareStatus.UNDEFINED, reason, detail)


def test_only_the_costs_that_a_rule_looks_at_must_be_known() -> None:
    game = CostGame(players=("A", "B"), upper=[0, 10, 30, 32], lower=[0, 9, 30, 32])
    assert equal(game).status is ShareStatus.EXACT
    assert proportional(game).status is ShareStatus.BOUNDED
    assert proportional(replace(game, weights={"A": 1, "B": 1})).status is ShareStatus.EXACT


THREE = table_game("cost", {"A": 10, "B": 12, "C": 14, "AB": 18, "AC": 20, "BC": 22, "ABC": 27})
"""Marginal costs: 5, 7, 9; what is left of 27: 6; remaining benefits: 5 each."""


def test_everybody_saves_the_same_amount() -> None:
    assert equal_saving(THREE).shares == {"A": 7, "B": 9, "C": 11}


def test_separable_costs_leave_a_rest_to_be_shared() -> None:
    assert separable(THREE).shares == {"A": 7, "B": 9, "C": 11}
    assert scrb(THREE).shares == {"A": 7, "B": 9, "C": 11}
    assert marginal(THREE).shares == {"A": Fraction(45, 7), "B": 9, "C": Fraction(81, 7)}


def test_remaining_benefits_weigh_the_rest() -> None:
    # Marginal costs 4 and 12, 4 left of 20, remaining benefits 4 and 4 less what each pays alone more.
    game = table_game("cost", {"A": 8, "B": 16, "AB": 20})
    assert scrb(game).shares == {"A": 6, "B": 14}
    uneven = table_game("cost", {"A": 10, "B": 10, "C": 10, "AB": 20, "AC": 12, "BC": 14, "ABC": 22})
    # Marginal costs 8, 10, 2: 2 left; benefits 2, 0, 8.
    assert scrb(uneven).shares == {"A": Fraction(42, 5), "B": 10, "C": Fraction(18, 5)}


def test_without_remaining_benefits_the_rest_is_shared_equally() -> None:
    game = table_game("cost", {"A": 10, "B": 10, "C": 10, "AB": 15, "AC": 15, "BC": 15, "ABC": 25})
    assert scrb(game).shares == separable(game).shares == dict.fromkeys("ABC", Fraction(25, 3))


def test_tau_is_between_marginal_costs_and_concessions() -> None:
    # Gaps: singles 5, pairs 6, all 6. Everybody concedes 5, and 6 are to be shared.
    assert tau(THREE).shares == {"A": 7, "B": 9, "C": 11}
    # Tijs (1981): the tau value of a game is that of its savings, turned round.
    value = table_game("value", {"A": 0, "B": 0, "C": 0, "AB": 4, "AC": 4, "BC": 4, "ABC": 9})
    assert tau(value).shares == dict.fromkeys("ABC", Fraction(3))


def test_tau_says_why_it_has_no_answer() -> None:
    negative_gap = tau(table_game("value", {"A": 0, "B": 0, "C": 0, "AB": 1, "AC": 1, "BC": 1, "ABC": 1}))
    assert (negative_gap.status, negative_gap.reason) == (ShareStatus.UNDEFINED, "not_quasi_balanced")
    assert negative_gap.detail["least_gap"] == -1
    too_little = tau(table_game("cost", {"A": 4, "B": 4, "AB": 12}))
    assert (too_little.reason, too_little.detail["to_share"]) == ("not_quasi_balanced", -4)


def test_marginal_costs_that_are_negative_or_nothing_are_no_weights() -> None:
    assert marginal(table_game("cost", {"A": 5, "B": 5, "AB": 4})).reason == "negative_weight"
    assert marginal(table_game("cost", {"A": 5, "B": 5, "AB": 5})).reason == "no_weights"


def test_an_unknown_rule_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="expected one of equal, equal_saving, proportional, shapley"):
        rule("fair")
