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
    minimum,
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


def test_what_was_typed_from_memory_says_so_and_enough_was_not() -> None:
    recalled = {one.name for one in GAMES if one.certainty == "recalled"}
    assert recalled == {"skane-1979", "tva-1935", "young-1985-before", "young-1985-after"}
    assert len(GAMES) - len(recalled) >= 15
    for published, expected in CASES:
        assert (expected.basis == "literature") <= (published.certainty == "transcribed")
        assert (expected.basis == "recalled") <= (published.certainty == "recalled")


def test_the_pair_of_young_gains_in_coalitions_whose_members_lose_in_the_core() -> None:
    before, after = (next(one for one in GAMES if one.name == f"young-1985-{when}") for when in ("before", "after"))
    games = before.game, after.game
    grown = [mask for mask in range(1, 32) if games[1].upper[mask] != games[0].upper[mask]]
    assert [after.game.members(mask) for mask in grown] == [("A", "B", "D", "E"), ("A", "B", "C", "D", "E")]
    assert all(games[1].upper[mask] > games[0].upper[mask] for mask in grown)
    # The core is one point in both: the largest and the least share of each player in it are the same.
    points = []
    for game in games:
        rows = [([-(mask >> bit & 1) for bit in range(5)], Fraction(-game.upper[mask])) for mask in range(1, 31)]
        whole = [([1] * 5, Fraction(game.upper[31]))]
        ends = [
            [sign * minimum([sign * int(one == bit) for one in range(5)], rows, whole)[0] for sign in (1, -1)]
            for bit in range(5)
        ]
        assert all(low == high for low, high in ends)
        points.append([low for low, _ in ends])
    assert points == [[0, 1, 2, 7, 1], [3, 0, 0, 6, 3]]
    assert points[1][3] < points[0][3]


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
