"""What must not matter, or in one way only: names, units, own costs, costs or savings, the dual; on 200 games."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from optimizer.allocation.registry import RULES
from optimizer.allocation.rule import Shares, ShareStatus
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import random_game

SEEDS = range(200)
BLOCKS = [SEEDS[start : start + 25] for start in range(0, len(SEEDS), 25)]
blocks = pytest.mark.parametrize("seeds", BLOCKS, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")

COVARIANT = (
    *("equal_saving", "shapley", "weighted_shapley", "owen", "nucleolus", "per_capita_nucleolus", "least_core"),
    *("tau", "separable", "scrb"),
)
"""Rules for which own costs added to a game are added to the shares."""

SELF_DUAL = ("equal", "shapley", "owen")


def a_game(seed: int) -> CostGame:
    draw = Random(seed)
    game = random_game(seed, 2 + seed % 3)
    weights = {player: draw.randint(1, 9) for player in game.players}
    return replace(game, weights=weights, unions=(game.players[:1], game.players[1:]))


def moved(game: CostGame, seed: int) -> tuple[CostGame, Fraction, dict[str, str]]:
    """Return the game in another order under other names and in another unit, that unit, and the new names."""
    draw = Random(seed)
    order = list(range(len(game.players)))
    draw.shuffle(order)
    names = {player: player.lower() * 2 for player in game.players}
    unit = Fraction(draw.randint(1, 9), draw.randint(1, 9))
    table = [Fraction(0)] * len(game.upper)
    for mask, cost in enumerate(game.upper):
        table[sum(1 << new for new, old in enumerate(order) if mask >> old & 1)] = unit * cost
    return (
        CostGame(
            players=tuple(names[game.players[old]] for old in order),
            upper=table,
            weights={names[player]: 3 * weight for player, weight in game.weights.items()},
            unions=tuple(tuple(names[player] for player in union) for union in game.unions),
        ),
        unit,
        names,
    )


def alone(game: CostGame) -> dict[str, Fraction]:
    return {player: Fraction(game.upper[1 << bit]) for bit, player in enumerate(game.players)}


def additive(game: CostGame, own: dict[str, Fraction]) -> list[Fraction]:
    table = [Fraction(0)]
    for player in game.players:
        table += [known + own[player] for known in table]
    return table


def same_reason(one: Shares, other: Shares) -> bool:
    """Say whether two answers are both undefined, for the same reason."""
    undefined = ShareStatus.UNDEFINED in (one.status, other.status)
    assert not undefined or one.reason == other.reason
    return undefined


@blocks
def test_names_order_and_units_only_rename_and_scale_the_shares(seeds: range) -> None:
    for seed in seeds:
        game = a_game(seed)
        other, unit, names = moved(game, seed)
        for rule in RULES.values():
            before, after = rule.function(game), rule.function(other)
            if not same_reason(before, after):
                expected = {names[player]: unit * share for player, share in before.shares.items()}
                assert after.shares == expected, (rule.name, seed)


@blocks
def test_own_costs_are_added_to_the_shares(seeds: range) -> None:
    for seed in seeds:
        game = a_game(seed)
        own = {player: Fraction(Random(f"{seed}{player}").randint(-30, 30)) for player in game.players}
        table = [cost + more for cost, more in zip(game.upper, additive(game, own), strict=True)]
        for name in COVARIANT:
            before = RULES[name].function(game)
            after = RULES[name].function(replace(game, upper=table, lower=()))
            if not same_reason(before, after):
                expected = {player: share + own[player] for player, share in before.shares.items()}
                assert after.shares == expected, (name, seed)


@blocks
def test_sharing_costs_and_sharing_savings_come_to_the_same(seeds: range) -> None:
    for seed in seeds:
        game = a_game(seed)
        savings = [total - cost for total, cost in zip(additive(game, alone(game)), game.upper, strict=True)]
        gains = replace(game, upper=savings, lower=(), kind="value")
        for name in COVARIANT:
            costs, saved = RULES[name].function(game), RULES[name].function(gains)
            if not same_reason(costs, saved):
                expected = {player: cost - saved.shares[player] for player, cost in alone(game).items()}
                assert costs.shares == expected, (name, seed)


def test_a_cost_game_and_its_negative_as_gains_have_opposite_shares() -> None:
    for seed in SEEDS[:50]:
        game = a_game(seed)
        gains = replace(game, upper=[-cost for cost in game.upper], lower=(), kind="value")
        for name in COVARIANT:
            costs, gained = RULES[name].function(game), RULES[name].function(gains)
            if not same_reason(costs, gained):
                assert costs.shares == {player: -share for player, share in gained.shares.items()}, (name, seed)


def test_what_a_coalition_adds_to_the_others_instead_of_what_it_costs_alone_changes_nothing() -> None:
    for seed in SEEDS:
        game = a_game(seed)
        dual = [game.upper[-1] - game.upper[game.grand ^ mask] for mask in range(len(game.upper))]
        for name in SELF_DUAL:
            other = replace(game, upper=dual, lower=())
            assert RULES[name].function(game).shares == RULES[name].function(other).shares, (name, seed)
