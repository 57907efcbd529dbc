"""Who pays more when another joins: games with known answers, and the correction that caps and lets the newcomer bear.

Sprumont, Y. (1990). Population monotonic allocation schemes for cooperative games with transferable utility. *Games
and Economic Behavior* 2, 378-394: the Shapley value of a concave cost game. Sönmez, T. (1994). *Population-monotonicity
of the nucleolus on a class of public good problems*: the nucleolus of an airport game, though not of every concave one.
"""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.allocation.closed_forms import equal
from optimizer.allocation.nucleolus import nucleolus
from optimizer.allocation.population import Joining, broken_joinings, corrected, joinings, subgame
from optimizer.allocation.shapley import shapley
from optimizer.allocation.within_core import constrained_egalitarian
from optimizer.cost_game import CostGame
from optimizer.game_generators import airport

NEEDS = st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 60), min_size=2, max_size=5)

TWO_CONTAINERS = CostGame(players=("A", "B", "C"), upper=[0, 10, 10, 10, 10, 20, 20, 20])
"""A container costs 10; A and B share one, C's goods share with nobody. Nothing changes for A and B when C joins."""

GLOVES = CostGame(players=("A", "B", "C"), upper=[0, 6, 6, 6, 6, 6, 12, 12])
"""A container costs 6 and holds A and one of B and C: A saves 6 with either, and may choose.

The savings game is the glove game with one left glove: Shapley gives savings 4, 1, 1, so shares 2, 5, 5.
Before C came A and B shared 3 and 3: B pays 2 more.
"""


@given(NEEDS)
@settings(max_examples=40, deadline=None)
def test_nobody_pays_more_by_shapley_or_the_nucleolus_when_another_joins_an_airport(needs):
    game = airport(needs)
    assert list(broken_joinings(game, shapley)) == []
    assert list(broken_joinings(game, nucleolus)) == []


def test_a_second_partner_for_the_one_who_is_wanted_costs_the_first_partner():
    (found,) = joinings(GLOVES, shapley, ["C"])
    assert (found.before, found.after) == ({"A": 3, "B": 3}, {"A": 2, "B": 5, "C": 5})
    assert found.worse_off == {"B": 2}
    assert {one.newcomer for one in broken_joinings(GLOVES, shapley)} == {"B", "C"}


def test_the_newcomer_bears_the_gap_only_as_long_as_it_pays_no_more_than_alone():
    (found,) = joinings(GLOVES, shapley, ["C"])
    correction = corrected(found)
    assert correction.shares == {"A": 2, "B": 3, "C": 7}
    assert sum(correction.shares.values()) == 12
    assert (correction.gap, correction.over_alone, correction.is_possible) == (2, 1, False)
    assert correction.some_way  # A could give up what it gains: 3, 3 and 6


def test_a_gap_that_the_newcomer_can_bear_is_borne():
    found = Joining(newcomer="C", before={"A": 40, "B": 60}, after={"A": 35, "B": 63, "C": 42}, alone=50)
    correction = corrected(found)
    assert correction.shares == {"A": 35, "B": 60, "C": 45}
    assert (correction.gap, correction.over_alone, correction.is_possible) == (3, -5, True)


def test_where_all_together_cost_more_than_apart_no_correction_exists():
    found = Joining(newcomer="C", before={"A": 10, "B": 10}, after={"A": 12, "B": 12, "C": 12}, alone=10)
    correction = corrected(found)
    assert (correction.is_possible, correction.some_way, correction.over_alone) == (False, False, 6)


def test_without_the_newcomer_s_cost_alone_nothing_is_said_of_it():
    correction = corrected(Joining(newcomer="B", before={"A": 5}, after={"A": 6, "B": 6}))
    assert (correction.shares, correction.over_alone, correction.some_way) == ({"A": 5, "B": 7}, None, None)
    assert correction.is_possible


def test_equal_shares_break_where_a_dear_player_joins_a_cheap_one():
    game = CostGame(players=("A", "B"), upper=[0, 1, 9, 9])
    (found,) = broken_joinings(game, equal)
    assert (found.newcomer, found.worse_off) == ("B", {"A": Fraction(7, 2)})


def test_a_joining_without_consequence_breaks_nothing():
    assert list(broken_joinings(TWO_CONTAINERS, shapley)) == []


def test_a_rule_without_an_answer_is_left_out():
    empty_core = CostGame(players=("A", "B", "C"), upper=[0, 10, 10, 10, 10, 10, 10, 20])
    assert list(joinings(empty_core, constrained_egalitarian)) == []


def test_a_game_among_some_keeps_their_costs_weights_and_unions():
    game = CostGame(
        players=("A", "B", "C"),
        upper=[0, 1, 2, 3, 4, 5, 6, 7],
        lower=[0, 1, 2, 2, 4, 5, 5, 7],
        weights={"A": 1, "B": 2, "C": 3},
        unions=[["A", "C"], ["B"]],
    )
    small = subgame(game, 0b101)
    assert (small.players, small.upper, small.lower) == (("A", "C"), [0, 1, 4, 5], [0, 1, 4, 5])
    assert (small.weights, small.unions) == ({"A": 1, "C": 3}, [["A", "C"]])


def test_gains_are_refused_by_name():
    game = CostGame(players=("A", "B"), upper=[0, 0, 0, 1], kind="value")
    with pytest.raises(ValueError, match="expected kind cost, found value"):
        next(joinings(game, shapley))
    with pytest.raises(ValueError, match="expected kind cost, found value"):
        next(broken_joinings(game, shapley))
