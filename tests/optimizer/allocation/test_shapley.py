from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from optimizer.allocation.rule import ShareStatus
from optimizer.allocation.shapley import marginal_ranges, owen, shapley, weighted_shapley
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import game_of, random_game, shapley_by_orders, table_game


@pytest.mark.parametrize("players", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(4))
def test_shapley_is_the_mean_over_all_orders(players: int, seed: int) -> None:
    game = random_game(seed, players)
    found = shapley(game)
    assert found.status is ShareStatus.EXACT
    assert found.shares == shapley_by_orders(game)


def test_the_glove_owner_on_the_short_side_earns_two_thirds() -> None:
    # Shapley (1953); Maschler, Solan, Zamir (2013), Game theory, the gloves game.
    game = table_game("value", {"A": 0, "B": 0, "C": 0, "AB": 1, "AC": 1, "BC": 0, "ABC": 1})
    assert shapley(game).shares == {"A": Fraction(2, 3), "B": Fraction(1, 6), "C": Fraction(1, 6)}


def test_landing_fees_follow_the_closed_form() -> None:
    # Littlechild, Owen (1973), A simple expression for the Shapley value in a special case, Management Science
    # 20: every step of the runway is paid in equal parts by those who need it.
    draw = Random(1)
    needs = sorted(Fraction(draw.randint(1, 999), draw.randint(1, 9)) for _ in range(12))
    fees, paid = [], Fraction(0)
    for index, (need, before) in enumerate(zip(needs, [Fraction(0), *needs], strict=False)):
        paid += (need - before) / (12 - index)
        fees.append(paid)
    found = shapley(game_of(12, lambda group: max(needs[one] for one in group)))
    assert list(found.shares.values()) == fees


def test_a_player_that_adds_nothing_but_its_own_cost_pays_just_that() -> None:
    game = game_of(4, lambda group: 500 * (3 in group) + 100 * (1 if set(group) - {3} else 0))
    assert shapley(game).shares["D"] == 500


def test_shares_of_a_sum_are_sums_of_shares() -> None:
    one, other = random_game(1, 5), random_game(2, 5)
    both = CostGame(players=one.players, upper=[a + b for a, b in zip(one.upper, other.upper, strict=True)])
    expected = {player: shapley(one).shares[player] + shapley(other).shares[player] for player in one.players}
    assert shapley(both).shares == expected


def test_numbers_beyond_machine_integers_stay_exact() -> None:
    huge = 10**30
    game = game_of(3, lambda group: Fraction(huge * len(group), 7) + len(group) ** 2)
    assert shapley(game).shares == dict.fromkeys("ABC", Fraction(huge, 7) + 3)


def test_open_intervals_are_named() -> None:
    game = CostGame(players=("A", "B"), upper=[0, 10, 10, 16], lower=[0, 9, 10, 16])
    assert (shapley(game).status, shapley(game).reason) == (ShareStatus.BOUNDED, "open_intervals")


def test_marginal_costs_lie_between_their_limits() -> None:
    game = random_game(4, 5)
    for bit, (player, found) in enumerate(marginal_ranges(game).items()):
        rest = [mask for mask in range(32) if not mask >> bit & 1]
        marginals = {mask: game.upper[mask | 1 << bit] - game.upper[mask] for mask in rest}
        assert found.lowest == min(marginals.values()) == marginals[game.mask(found.lowest_with)]
        assert found.highest == max(marginals.values()) == marginals[game.mask(found.highest_with)]
        assert found.lowest <= shapley(game).shares[player] <= found.highest


def weighted_by_dividends(game: CostGame) -> dict[str, Fraction]:
    """Return the weighted value from its definition, one coalition after the other."""
    dividends = [Fraction(0)] * len(game.upper)
    shares = dict.fromkeys(game.players, Fraction(0))
    for mask in range(1, len(game.upper)):
        parts = (dividends[part] for part in range(mask) if part & mask == part)
        dividends[mask] = Fraction(game.upper[mask]) - sum(parts)
        members = game.members(mask)
        for player in members:
            whole = sum(Fraction(game.weights[one]) for one in members)
            shares[player] += dividends[mask] * Fraction(game.weights[player]) / whole
    return shares


@pytest.mark.parametrize("players", [1, 3, 5])
def test_dividends_are_shared_by_weights(players: int) -> None:
    for seed in range(4):
        game = random_game(seed, players)
        game = replace(game, weights={player: Fraction(bit + 1, 3) for bit, player in enumerate(game.players)})
        assert weighted_shapley(game).shares == weighted_by_dividends(game)


def test_equal_weights_give_the_shapley_value_also_in_floating_point() -> None:
    for players in (4, 11):
        game = random_game(2, players)
        found = weighted_shapley(replace(game, weights=dict.fromkeys(game.players, 7)))
        assert (found.status, found.rounded) == (ShareStatus.EXACT, players > 8)
        assert sum(found.shares.values()) == game.upper[-1]
        for player, share in shapley(game).shares.items():
            assert float(found.shares[player]) == pytest.approx(float(share), rel=1e-9)


def test_weights_with_long_denominators_are_shared_in_floating_point() -> None:
    game = random_game(3, 8)
    draw = Random(0)
    wild = replace(game, weights={player: draw.randint(10**17, 10**18) for player in game.players})
    assert weighted_shapley(wild).rounded
    assert not weighted_shapley(replace(game, weights=dict.fromkeys(game.players, 10**18))).rounded


@pytest.mark.parametrize(
    ("weights", "reason"), [({"A": 1}, "missing_weight"), ({"A": 1, "B": 0}, "weight_not_positive")]
)
def test_weights_that_will_not_do_are_named(weights: dict[str, int], reason: str) -> None:
    game = CostGame(players=("A", "B"), upper=[0, 1, 1, 2], weights=weights)
    assert (weighted_shapley(game).reason, weighted_shapley(game).detail) == (reason, {"players": ("B",)})


def test_unions_must_hold_every_player_once() -> None:
    game = CostGame(players=("A", "B"), upper=[0, 1, 1, 2])
    assert owen(game).reason == "no_unions"
    assert owen(replace(game, unions=(("A",),))).reason == "wrong_unions"


def test_a_large_table_of_large_numbers_stays_exact() -> None:
    game = game_of(10, lambda group: 10**17 * len(group) + (1 if 0 in group else 0))
    assert shapley(game).shares == {player: 10**17 + (player == "A") for player in game.players}
