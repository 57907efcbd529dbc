from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from optimizer.allocation.core import core_evidence
from optimizer.allocation.exact_search import MOST_PLAYERS
from optimizer.allocation.levels import Level, Levels, verified
from optimizer.allocation.nucleolus import least_core, nucleolus, programme_of
from optimizer.allocation.registry import RULES
from optimizer.allocation.rule import ShareStatus
from optimizer.allocation.search import InexactError, levels_of
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.published import GAMES, Published
from tests.optimizer.allocation.slow import game_of, random_game, slow_nucleolus, table_game


def largest_excess(costs: CostGame, shares: dict[str, Fraction]) -> Fraction:
    return max(
        sum(shares[one] for one in costs.members(mask)) - costs.upper[mask] for mask in costs.proper_coalitions()
    )


@pytest.mark.parametrize("players", [2, 3, 4])
@pytest.mark.parametrize("seed", range(6))
def test_the_nucleolus_agrees_with_a_method_without_dual_prices(players: int, seed: int) -> None:
    game = random_game(100 * players + seed, players)
    assert nucleolus(game).shares == slow_nucleolus(game, individually_rational=True)
    assert least_core(game).shares == slow_nucleolus(game, individually_rational=False)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_nucleolus_of_five_agrees_with_a_method_without_dual_prices(seed: int) -> None:
    game = random_game(seed, 5)
    assert nucleolus(game).shares == slow_nucleolus(game, individually_rational=True)


@pytest.mark.parametrize("players", [5, 7, 9])
@pytest.mark.parametrize("seed", range(8))
def test_nucleoli_of_larger_games_pass_their_exact_check(players: int, seed: int) -> None:
    game = random_game(seed, players)
    found = nucleolus(game)
    assert (found.status, found.reason) == (ShareStatus.EXACT, "")
    assert sum(found.shares.values()) == game.upper[-1]
    assert all(found.shares[player] <= game.upper[1 << bit] for bit, player in enumerate(game.players))
    levels = [level["excess"] for level in found.detail["levels"]]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] == largest_excess(game, dict(found.shares))


def test_imputations_and_preimputations_may_part_ways() -> None:
    # Peleg, Sudhoelter (2007), Introduction to the theory of cooperative games, example 5.5.12.
    game = table_game("value", {"A": 0, "B": 0, "C": 0, "AB": 10, "AC": 0, "BC": 0, "ABC": 2})
    assert least_core(game).shares == {"A": 3, "B": 3, "C": -4}
    assert nucleolus(game).shares == {"A": 1, "B": 1, "C": 0}


def test_a_game_without_imputations_has_no_nucleolus() -> None:
    game = table_game("cost", {"A": 10, "B": 10, "AB": 21})
    found = nucleolus(game)
    assert (found.status, found.reason, found.shares) == (ShareStatus.UNDEFINED, "no_imputations", {})
    assert found.detail == {"stand_alone": 20, "total": 21}
    assert least_core(game).shares == {"A": Fraction(21, 2), "B": Fraction(21, 2)}


def test_a_single_member_pays_its_own_cost() -> None:
    game = CostGame(players=("A",), upper=[0, 7])
    assert nucleolus(game).shares == least_core(game).shares == {"A": 7}
    assert core_evidence(game).core_point == {"A": 7}


def test_a_game_of_zeros_costs_nobody_anything() -> None:
    game = CostGame(players=("A", "B", "C"), upper=[0] * 8)
    assert nucleolus(game).shares == {"A": 0, "B": 0, "C": 0}


def test_open_intervals_are_named() -> None:
    game = CostGame(players=("A", "B"), upper=[0, 10, 10, 16], lower=[0, 9, 10, 16])
    found = nucleolus(game)
    assert (found.status, found.reason) == (ShareStatus.BOUNDED, "open_intervals")
    assert found.shares == {"A": 8, "B": 8}


def test_a_large_symmetric_game_is_shared_equally() -> None:
    # Every coalition of four is tight at once: fixing one optimum's tight rows would go astray here.
    game = game_of(9, lambda group: 100 * -(-len(group) // 4))
    assert set(nucleolus(game).shares.values()) == {Fraction(300, 9)}


class TestKohlberg:
    programme = programme_of(CostGame(players=("A", "B"), upper=[0, 10, 10, 16]))
    half = Fraction(1, 2)

    def holds(self, shares: list[int], *weights: Fraction | int, level: int = -2) -> bool:
        rows = tuple(
            (self.programme.coalition(1 << bit), Fraction(weight)) for bit, weight in enumerate(weights) if weight
        )
        levels = (Level(value=Fraction(level), rows=rows),) if rows else ()
        return verified(self.programme, Levels(levels=levels, shares=tuple(map(Fraction, shares))))

    def test_the_right_shares_pass(self) -> None:
        assert self.holds([8, 8], self.half, self.half)

    def test_other_shares_fail(self) -> None:
        assert not self.holds([9, 7], self.half, self.half)
        assert not self.holds([8, 9], self.half, self.half)

    def test_weights_must_be_positive_and_add_up(self) -> None:
        for weights in ((1, 0), (Fraction(1, 3), Fraction(2, 3)), (2, -1)):
            assert not self.holds([8, 8], *weights)

    def test_the_level_must_be_as_stated_and_everything_settled(self) -> None:
        assert not self.holds([8, 8], self.half, self.half, level=-1)
        assert not self.holds([8, 8])

    def test_a_limit_counts_only_where_it_is_reached(self) -> None:
        cap = replace(self.programme.coalition(2), weight=Fraction(0))
        capped = replace(self.programme, rows=(cap,))
        level = Level(value=Fraction(-2), rows=((self.programme.coalition(1), Fraction(1)), (cap, Fraction(1))))
        assert not verified(capped, Levels(levels=(level,), shares=(Fraction(8), Fraction(8))))
        reached = replace(level, value=Fraction(-4))
        assert verified(capped, Levels(levels=(reached,), shares=(Fraction(6), Fraction(10)))) is False

    def test_no_goal_that_is_still_open_may_be_larger(self) -> None:
        three = programme_of(game_of(3, lambda group: [0, 10, 16, 20][len(group)]))
        rows = tuple((three.coalition(mask), Fraction(1, 3)) for mask in (1, 2, 4))
        level = Level(value=Fraction(20, 3) - 10, rows=rows)
        shares = (Fraction(20, 3),) * 3
        # Pairs pay 40/3 of 16, an excess of -8/3: larger than that of the singles.
        assert not verified(three, Levels(levels=(level,), shares=shares))


@pytest.mark.parametrize("seed", range(30))
def test_every_exact_core_is_decided_with_evidence(seed: int) -> None:
    game = random_game(seed, 3 + seed % 4)
    found = core_evidence(game)
    assert bool(found.balanced_weights) != bool(found.core_point)
    if found.core_point:
        assert sum(found.core_point.values()) == game.upper[-1]
        assert largest_excess(game, dict(found.core_point)) <= 0
    else:
        assert all(weight > 0 for weight in found.balanced_weights.values())
        for bit in range(len(game.players)):
            assert sum(weight for mask, weight in found.balanced_weights.items() if mask >> bit & 1) == 1
        assert sum(weight * game.upper[mask] for mask, weight in found.balanced_weights.items()) < game.upper[-1]


@pytest.mark.parametrize("published", GAMES, ids=lambda one: one.name)
def test_the_least_core_is_where_the_core_is(published: Published) -> None:
    game = published.game
    costs, sign = game.costs, 1 if game.kind == "cost" else -1
    shares = {player: sign * share for player, share in least_core(game).shares.items()}
    assert (largest_excess(costs, shares) <= 0) == bool(core_evidence(game).core_point)


def test_three_half_containers_have_an_empty_core() -> None:
    game = game_of(3, lambda group: 1000 * -(-len(group) // 2))
    found = core_evidence(game)
    assert found.balanced_weights == {0b011: Fraction(1, 2), 0b101: Fraction(1, 2), 0b110: Fraction(1, 2)}
    assert nucleolus(game).shares == {"A": Fraction(2000, 3), "B": Fraction(2000, 3), "C": Fraction(2000, 3)}


def test_intervals_may_leave_the_core_undecided() -> None:
    # Were the pairs at 1300 the core would be empty (1950 < 2000), at 1400 it would not.
    pairs = [0, 1000, 1000, 1400, 1000, 1400, 1400, 2000]
    lower = [0, 1000, 1000, 1300, 1000, 1300, 1300, 2000]
    found = core_evidence(CostGame(players=("A", "B", "C"), upper=pairs, lower=lower))
    assert found.balanced_weights == found.core_point == {}


def test_a_higher_total_can_empty_a_core() -> None:
    game = table_game("cost", {"A": 10, "B": 10, "AB": 16})
    assert core_evidence(game).core_point
    assert core_evidence(game, 21).balanced_weights == {0b01: 1, 0b10: 1}


def test_the_order_of_players_only_renames_the_shares() -> None:
    game = random_game(11, 6)
    order = list(range(6))
    Random(5).shuffle(order)
    table = [0] * 64
    for mask in range(64):
        table[sum(1 << new for new, old in enumerate(order) if mask >> old & 1)] = game.upper[mask]
    renamed = CostGame(players=tuple(game.players[old] for old in order), upper=table)
    assert dict(nucleolus(renamed).shares) == dict(nucleolus(game).shares)


@pytest.mark.parametrize("players", [2, 4, 6, 8])
@pytest.mark.parametrize("seed", range(4))
def test_the_search_in_fractions_finds_what_the_search_in_floating_point_finds(players: int, seed: int) -> None:
    programme = programme_of(random_game(seed + 50 * players, players).costs)
    found = levels_of(programme, exactly=True)
    assert found.shares == levels_of(programme).shares
    assert verified(programme, found)


@pytest.mark.parametrize("name", ["nucleolus", "per_capita_nucleolus", "least_core", "equal_profit"])
def test_costs_of_one_and_of_a_thousand_million_are_told_apart(name: str) -> None:
    # Floating point with a tolerance relative to the largest cost cannot: fractions have to.
    for seed in range(12):
        draw = Random(seed)
        game = game_of(4, lambda _: draw.choice([1, 1000, 10**6, 10**9]) * draw.randint(1, 9))  # noqa: B023
        found = RULES[name].function(game)
        if found.status is ShareStatus.UNDEFINED:
            assert found.reason == "no_imputations"
            continue
        assert found.status is ShareStatus.EXACT
        if name in ("nucleolus", "least_core"):
            assert found.shares == slow_nucleolus(game, individually_rational=name == "nucleolus")


def test_games_too_large_for_fractions_say_so() -> None:
    programme = programme_of(random_game(1, MOST_PLAYERS + 1).costs)
    with pytest.raises(InexactError):
        levels_of(programme, exactly=True)


def test_the_next_pairs_are_made_equal_where_the_largest_difference_leaves_a_choice() -> None:
    (hasan,) = (one.game for one in GAMES if one.name == "hasan-2011")
    found = RULES["equal_profit"].function(hasan)
    differences = [level["difference"] for level in found.detail["levels"]]
    assert len(differences) > 1
    assert differences == sorted(differences, reverse=True)
