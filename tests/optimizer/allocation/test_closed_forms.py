from dataclasses import replace
from fractions import Fraction

import pytest

from optimizer.allocation.closed_forms import equal, proportional
from optimizer.allocation.registry import RULES, Promise, rule
from optimizer.allocation.rule import ShareStatus
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import random_game, table_game

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


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("seed", range(5))
def test_every_rule_keeps_its_promises_of_balance_and_rationality(name: str, seed: int) -> None:
    game = random_game(seed, 4)
    shares = rule(name).function(game).shares
    assert RULES[name].budget_balanced is Promise.ALWAYS
    assert sum(shares.values()) == game.upper[-1]
    if RULES[name].individually_rational is Promise.ALWAYS:
        assert all(shares[player] <= game.upper[1 << bit] for bit, player in enumerate(game.players))


def test_an_unknown_rule_is_answered_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="expected one of equal, proportional, shapley, nucleolus, least_core"):
        rule("fair")
