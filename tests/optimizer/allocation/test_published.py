"""Every rule on games of the literature: what the sources print, and what slow reference methods say of the rest."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from optimizer.allocation.registry import RULES
from optimizer.allocation.rule import ShareStatus
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.published import GAMES, Expected, Published
from tests.optimizer.allocation.slow import (
    Goal,
    owen_by_orders,
    shapley_by_orders,
    slow_least_excess,
    slow_nucleolus,
    slow_within_core,
)

by_name = pytest.mark.parametrize("published", GAMES, ids=lambda one: one.name)
CASES = [(published, expected) for published in GAMES for expected in published.expected]
SMALL = [one for one in GAMES if len(one.game.players) <= 4]
small = pytest.mark.parametrize("published", SMALL, ids=lambda one: one.name)


def test_there_are_enough_games_and_each_names_its_source() -> None:
    assert len(GAMES) >= 15
    assert all(len(one.source) > 20 for one in GAMES)
    assert {one.method for _, one in CASES} <= set(RULES)


@pytest.mark.parametrize(("published", "expected"), CASES, ids=[f"{one.name}-{two.method}" for one, two in CASES])
def test_the_shares_are_those_of_the_source(published: Published, expected: Expected) -> None:
    found = RULES[expected.method].function(published.game)
    assert found.status is ShareStatus.EXACT
    assert set(found.shares) == set(expected.shares)
    off = {player: abs(found.shares[player] - share) for player, share in expected.shares.items()}
    assert max(off.values()) <= expected.within, (published.source, dict(found.shares))


@by_name
@pytest.mark.parametrize("name", RULES)
def test_every_rule_answers_with_the_whole_total_or_a_reason(name: str, published: Published) -> None:
    found = RULES[name].function(published.game)
    if found.status is ShareStatus.UNDEFINED:
        assert found.reason
        assert not found.shares
    else:
        assert found.status is ShareStatus.EXACT
        assert sum(found.shares.values()) == published.game.upper[-1]


@by_name
def test_shapley_and_owen_are_means_over_orders(published: Published) -> None:
    assert RULES["shapley"].function(published.game).shares == shapley_by_orders(published.game)
    first, *rest = published.game.players
    game = replace(published.game, unions=((first,), tuple(rest)) if rest else ((first,),))
    assert RULES["owen"].function(game).shares == owen_by_orders(game)


def _signed(game: CostGame, costs: dict[str, Fraction]) -> dict[str, Fraction]:
    return {player: share if game.kind == "cost" else -share for player, share in costs.items()}


@small
@pytest.mark.parametrize(
    ("name", "weight"),
    [
        ("nucleolus", lambda _game, _mask: 1),
        ("per_capita_nucleolus", lambda _game, mask: mask.bit_count()),
        ("proportional_nucleolus", lambda game, mask: game.upper[mask]),
    ],
    ids=["nucleolus", "per_capita", "proportional"],
)
def test_the_nucleoli_agree_with_a_method_without_dual_prices(
    name: str, weight: Callable[[CostGame, int], Fraction], published: Published
) -> None:
    game, found = published.game, RULES[name].function(published.game)
    if found.status is ShareStatus.UNDEFINED:
        assert found.reason in ("no_imputations", "cost_not_positive")
        return
    slow = slow_nucleolus(game.costs, individually_rational=True, weight=lambda mask: weight(game, mask))
    assert found.shares == _signed(game, slow)


@small
def test_the_least_core_agrees_with_a_method_without_dual_prices(published: Published) -> None:
    slow = slow_nucleolus(published.game.costs, individually_rational=False)
    assert RULES["least_core"].function(published.game).shares == _signed(published.game, slow)


@small
def test_what_is_most_equal_in_the_core_agrees_with_a_method_without_dual_prices(published: Published) -> None:
    game, costs = published.game, published.game.costs
    players, least = len(game.players), slow_least_excess(costs)
    alone = [Fraction(costs.upper[1 << bit]) for bit in range(players)]
    found = RULES["constrained_egalitarian"].function(game)
    if least > 0:
        assert (found.reason, found.detail) == ("core_empty", {"least_excess": least})
    else:
        goals: list[Goal] = [
            ([int(one == bit) for one in range(players)], Fraction(0), Fraction(1)) for bit in range(players)
        ]
        assert found.shares == _signed(game, slow_within_core(costs, goals, Fraction(0)))
    found = RULES["equal_profit"].function(game)
    if any(game.upper[1 << bit] <= 0 for bit in range(players)):
        assert found.reason == "stand_alone_not_positive"
        return
    pairs: list[Goal] = [
        ([((one == i) - (one == j)) / alone[one] for one in range(players)], Fraction(0), Fraction(1))
        for i in range(players)
        for j in range(players)
        if i != j
    ]
    assert found.shares == _signed(game, slow_within_core(costs, pairs, max(least, Fraction(0))))
