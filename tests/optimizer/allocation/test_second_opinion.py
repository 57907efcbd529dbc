"""A second opinion on random and published games, where coopgame-py (dependency group `bench`) is installed."""

from dataclasses import replace
from random import Random

import pytest

from optimizer.allocation.registry import RULES
from optimizer.allocation.rule import ShareStatus
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.published import GAMES
from tests.optimizer.allocation.slow import random_game

coopgame = pytest.importorskip("coopgame", reason="coopgame-py is not installed (dependency group bench)")

TRIED = [*(one.game for one in GAMES), *(random_game(seed, 2 + seed % 7) for seed in range(60))]


def gains(game: CostGame) -> "coopgame.Game":
    """Return the game as gains, which is all that the peer knows."""
    return coopgame.Game([-float(cost) for cost in game.costs.upper[1:]])


def ours(name: str, game: CostGame) -> list[float] | None:
    found = RULES[name].function(game)
    if found.status is ShareStatus.UNDEFINED:
        return None
    sign = -1 if game.kind == "cost" else 1
    return [sign * float(share) for share in found.shares.values()]


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("shapley", lambda game: coopgame.shapley(game)),
        ("nucleolus", lambda game: coopgame.nucleolus(game)["allocation"]),
        ("least_core", lambda game: coopgame.prenucleolus(game)["allocation"]),
        ("per_capita_nucleolus", lambda game: coopgame.per_capita_nucleolus(game)["allocation"]),
        ("tau", lambda game: coopgame.tau_value(game)),
    ],
    ids=["shapley", "nucleolus", "least_core", "per_capita_nucleolus", "tau"],
)
def test_a_peer_finds_the_same_shares(name: str, theirs: object) -> None:
    compared = 0
    for index, game in enumerate(TRIED):
        mine = ours(name, game)
        if mine is None:
            continue
        scale = max(1.0, *(abs(float(cost)) for cost in game.upper))
        assert mine == pytest.approx(theirs(gains(game)), abs=1e-6 * scale), index  # type: ignore[operator]
        compared += 1
    assert compared >= 30


def test_a_peer_finds_the_same_owen_values() -> None:
    for seed in range(30):
        game = random_game(seed, 5)
        order = list(range(5))
        Random(seed).shuffle(order)
        unions = [order[:2], order[2:3], order[3:]]
        mine = ours("owen", replace(game, unions=tuple(tuple(game.players[one] for one in union) for union in unions)))
        assert mine == pytest.approx(coopgame.owen(gains(game), unions), abs=1e-6)
