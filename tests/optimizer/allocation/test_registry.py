"""Every promise of the registry is tried on random games; a promise not made has a game that breaks it."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from random import Random

import numpy as np
import pytest

from optimizer.allocation.core import core_evidence
from optimizer.allocation.registry import RULES, Needs, Promise, Rule
from optimizer.allocation.rule import Shares, ShareStatus
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import NAMES, game_of, random_game

GAMES = 24
PROPERTIES = ("budget_balanced", "individually_rational", "in_core", "additive", "monotone", "dummy")
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def concave_game(seed: int, players: int) -> CostGame:
    """Return a random concave game: what a coalition pays is a concave function of its size, plus own costs."""
    draw = Random(seed)
    steps = sorted((draw.randint(0, 30) for _ in range(players)), reverse=True)
    own = [draw.randint(1, 20) for _ in range(players)]
    needs = [draw.randint(1, 20) for _ in range(players)]
    return with_inputs(
        game_of(
            players,
            lambda group: sum(steps[: len(group)]) + sum(own[one] for one in group) + max(needs[one] for one in group),
        ),
        seed,
    )


def subadditive_game(seed: int, players: int) -> CostGame:
    """Return a random game in which no two groups pay less apart."""
    draw = Random(seed)
    table = [0]
    for mask in range(1, 1 << players):
        found = draw.randint(5, 60)
        part = (mask - 1) & mask
        while part:
            found = min(found, table[part] + table[mask ^ part])
            part = (part - 1) & mask
        table.append(found)
    return with_inputs(CostGame(players=tuple(NAMES[:players]), upper=table), seed)


def any_game(seed: int, players: int) -> CostGame:
    return with_inputs(random_game(seed, players), seed)


def with_inputs(game: CostGame, seed: int) -> CostGame:
    draw = Random(seed)
    weights = {player: draw.randint(1, 9) for player in game.players}
    cut = draw.randint(1, len(game.players))
    unions = tuple(part for part in (game.players[:cut], game.players[cut:]) if part)
    return replace(game, weights=weights, unions=unions)


def holds(name: str, promise: Promise, game: CostGame) -> bool:
    """Say whether a promise is meant for a game: games are made so that they are what their maker says."""
    if promise is Promise.IF_CORE:
        return bool(core_evidence(game).core_point)
    return promise is Promise.ALWAYS or (promise is Promise.IF_SUBADDITIVE and name != "any") or (
        promise is Promise.IF_CONCAVE and name == "concave"
    )  # fmt: skip


MAKERS = {"any": any_game, "subadditive": subadditive_game, "concave": concave_game}
CASES = [(name, make(seed, 2 + seed % 4)) for (name, make), seed in product(MAKERS.items(), range(GAMES))]


def kept(rule: Rule, game: CostGame, found: Shares, name: str) -> bool:
    """Say whether shares have a property."""
    alone = [Fraction(game.upper[1 << bit]) for bit in range(len(game.players))]
    shares = found.shares
    if name == "budget_balanced":
        return sum(shares.values()) == game.upper[-1]
    if name == "individually_rational":
        # It cannot be had where the stand-alone costs sum to less.
        return sum(alone) < game.upper[-1] or all(
            share <= cost for share, cost in zip(shares.values(), alone, strict=True)
        )
    if name == "in_core":
        if not core_evidence(game).core_point:
            return True
        return all(
            sum(shares[player] for player in game.members(mask)) <= game.upper[mask]
            for mask in game.proper_coalitions()
        )
    raise AssertionError(name)


@every_rule
@pytest.mark.parametrize("name", ["budget_balanced", "individually_rational", "in_core"])
def test_promises_about_one_game_are_kept_or_broken_by_some_game(name: str, rule: Rule) -> None:
    promise: Promise = getattr(rule, name)
    answered = 0
    broken = []
    for kind, game in CASES:
        found = rule.function(game)
        if found.status is ShareStatus.UNDEFINED:
            continue
        answered += 1
        if holds(kind, promise, game):
            assert kept(rule, game, found, name), (kind, game)
        elif not kept(rule, game, found, name):
            broken.append(game)
    assert answered > GAMES // 2
    if promise is Promise.NOT_PROMISED:
        assert broken, "this rule could promise more"


@every_rule
def test_the_shares_of_a_sum_are_the_sums_of_shares_where_that_is_promised(rule: Rule) -> None:
    differed = False
    for seed in range(GAMES):
        one, other = subadditive_game(seed, 4), concave_game(seed, 4)
        other = replace(other, weights=one.weights, unions=one.unions)
        both = replace(one, upper=[a + b for a, b in zip(one.upper, other.upper, strict=True)], lower=())
        parts = [rule.function(game) for game in (one, other, both)]
        if any(part.status is ShareStatus.UNDEFINED for part in parts):
            continue
        same = all(
            parts[2].shares[player] == parts[0].shares[player] + parts[1].shares[player] for player in one.players
        )
        if rule.additive is Promise.ALWAYS:
            assert same
        differed |= not same
    assert differed or rule.additive is Promise.ALWAYS or rule.name == "proportional"


@every_rule
def test_nobody_pays_more_when_only_its_own_coalitions_get_cheaper_where_that_is_promised(rule: Rule) -> None:
    if rule.monotone is not Promise.ALWAYS:
        return
    for seed in range(GAMES):
        draw = Random(seed)
        game = any_game(seed, 4)
        cheaper = list(game.upper)
        for mask in range(1, 16):
            if mask & 1 and draw.random() < 0.5:
                cheaper[mask] -= Fraction(draw.randint(0, 100), 50)
        before, after = rule.function(game), rule.function(replace(game, upper=cheaper, lower=()))
        if ShareStatus.UNDEFINED not in (before.status, after.status):
            assert after.shares["A"] <= before.shares["A"], seed


@every_rule
def test_who_adds_only_its_own_cost_pays_just_that_where_that_is_promised(rule: Rule) -> None:
    if rule.dummy is Promise.NOT_PROMISED:
        return
    tried = 0
    for kind, game in CASES:
        own, size = 7, len(game.upper)
        wider = CostGame(
            players=(*game.players, "Z"),
            upper=[*game.upper, *(cost + own for cost in game.upper)],
            weights={**game.weights, "Z": 2},
            unions=(*game.unions, ("Z",)),
        )
        found = rule.function(wider)
        if found.status is ShareStatus.UNDEFINED or not holds(kind, rule.dummy, wider):
            continue
        tried += 1
        assert found.shares["Z"] == own, (kind, size)
    assert tried >= GAMES // 3


@every_rule
def test_rules_look_only_at_the_coalitions_that_they_name(rule: Rule) -> None:
    if rule.needs is Needs.EVERY:
        return
    draw = Random(1)
    wanted = {Needs.SINGLES: {1}, Needs.ALL_BUT_ONE: {3}, Needs.SINGLES_AND_ALL_BUT_ONE: {1, 3}}.get(rule.needs, set())
    for seed in range(6):
        game = replace(subadditive_game(seed, 4), weights={})
        table = [
            cost if not mask or mask.bit_count() in {*wanted, 4} else cost + draw.randint(-3, 3)
            for mask, cost in enumerate(game.upper)
        ]
        assert rule.function(replace(game, upper=table, lower=())).shares == rule.function(game).shares


@every_rule
def test_tables_of_numpy_and_of_floats_give_the_same_shares(rule: Rule) -> None:
    for seed in (3, 5):
        game = concave_game(seed, 5)
        found = rule.function(game)
        whole = rule.function(replace(game, upper=np.array(game.upper), lower=()))
        assert whole.shares == found.shares
        thirds = rule.function(replace(game, upper=np.array(game.upper) / 3.0, lower=()))
        assert thirds.status is found.status
        assert thirds.rounded or thirds.status is ShareStatus.UNDEFINED
        for player, share in thirds.shares.items():
            assert float(share) == pytest.approx(float(found.shares[player]) / 3, abs=1e-7)
        assert not thirds.shares or float(sum(thirds.shares.values())) == pytest.approx(float(game.upper[-1]) / 3)
