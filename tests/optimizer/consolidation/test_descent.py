"""Large parts: prices lowered filling by filling, averaged prices, and the choice made by diving."""

import numpy as np
import pytest

from benchmarks.instances import instance
from optimizer.consolidation import descent, parts
from optimizer.consolidation.bounds import separate_parts, without_dominated
from optimizer.consolidation.budgets import Budget, Generated
from optimizer.consolidation.descent import Converging, dive
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.lowering import lower_prices
from optimizer.consolidation.parts import PartSearch
from optimizer.consolidation.patterns import whole_piece
from optimizer.consolidation.prices import SCALE
from optimizer.consolidation.pricing import fluid_prices, price_patterns
from optimizer.consolidation.quick_choice import filler_of
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.selection import value_of
from optimizer.consolidation.splitting import grain_layout
from optimizer.limits import never_stop
from tests.builders import random_problem

NOTHING = Generated(-(1 << 62), None, finished=False)


def layout_for(case):
    return layout_of(case, [whole_piece(one) for one in case.consignments])


def budget(work=60.0):
    return Budget(work, float("inf"), 1, never_stop)


@pytest.fixture(scope="module")
def lane():
    """A lane of 33 consignments, price breaks and fees of members included."""
    problem = instance(23, 1)
    layout = without_dominated(grain_layout(problem, problem.consignments))
    return layout.restricted(min(separate_parts(layout), key=len))


@pytest.mark.parametrize("most", [0, 1, 50])
@pytest.mark.parametrize("seed", range(12))
def test_lowered_prices_leave_no_pattern_a_gain(seed, most):
    relaxation = Relaxation(layout_for(random_problem(seed, consignments=8, divisible=False, limits=False)))
    for _ in range(12):
        prices = relaxation.solve()
        order = np.arange(len(relaxation.variants))[::-1].copy()
        lowered = lower_prices(relaxation, prices, order, nodes=10_000, most=most)
        again = price_patterns(relaxation, lowered.prices, nodes=1_000_000)
        assert not again.columns
        # What it takes off once more is less than what it does not pursue.
        assert lowered.bound_scaled - SCALE <= again.bound_scaled <= lowered.bound_scaled
        assert lowered.bound_scaled <= (relaxation.value + 1) * SCALE
        if not relaxation.add(price_patterns(relaxation, prices).columns):
            break
    # Where nothing is a gain before, hardly anything is lowered.
    assert lowered.bound_scaled >= (relaxation.value - 1) * SCALE


def test_less_is_lost_by_lowering_fillings_than_all_pieces_of_a_container(lane):
    relaxation = Relaxation(lane)
    relaxation.add(price_patterns(relaxation, fluid_prices(relaxation)).columns)
    for _ in range(4):
        prices = relaxation.solve()
        relaxation.add(price_patterns(relaxation, prices).columns)
    order = np.arange(len(relaxation.variants))
    bounds = [lower_prices(relaxation, prices, order, nodes=20_000, most=most).bound_scaled for most in (0, 300)]
    assert bounds[0] < bounds[1]


def test_a_stop_proves_nothing(lane):
    relaxation = Relaxation(lane)
    order = np.arange(len(relaxation.variants))
    found = lower_prices(relaxation, relaxation.solve(), order, nodes=300, most=10, stop=lambda: True)
    assert found.bound_scaled < 0
    assert not found.finished


def test_averaged_prices_settle_near_the_value_of_the_linear_master(lane):
    relaxation = Relaxation(lane)
    going = Converging(relaxation, NOTHING, seed=1)
    going.run(budget())
    assert going.settled
    assert 0.99 * relaxation.value * SCALE < going.best.bound_scaled <= (relaxation.value + 1) * SCALE


def test_a_dive_carries_everything_and_the_same_again(lane):
    def finish(layout, start, left):
        assert len(layout.pieces) <= descent.DIVE_TO
        return start

    choices = []
    for _ in range(2):
        relaxation = Relaxation(lane)
        Converging(relaxation, NOTHING, seed=1).run(budget(), rounds=8)
        relaxation.solve()
        choices.append(dive(relaxation, budget(), finish))
    assert choices[0] == choices[1]
    assert lane.left(choices[0]) == 0
    assert value_of(lane, choices[0]) >= relaxation.value - 1


def test_a_part_searched_as_a_large_one_is_proven_as_a_small_one_is(lane, monkeypatch):
    plans = filler_of(lane, Relaxation(lane).variants).columns(np.arange(len(lane.pieces)))
    start = max(plans, key=lambda plan: value_of(lane, plan))
    found = []
    for huge_from in (1_000, 10):
        monkeypatch.setattr(parts, "HUGE_FROM", huge_from)
        monkeypatch.setattr(descent, "DIVE_TO", 12)
        told = []
        search = PartSearch(
            Relaxation(lane), start, budget(), lambda value, bound, told=told: told.append((value, bound))
        )
        search.run()
        assert search.proven
        assert all(bound <= search.value <= value for value, bound in told)
        found.append(search.value)
    assert found[0] == found[1]
