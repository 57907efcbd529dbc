from fractions import Fraction
from random import Random

import pytest

from optimizer.allocation.rule import ShareStatus
from optimizer.allocation.shapley import marginal_ranges, shapley
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
