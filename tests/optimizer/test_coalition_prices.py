"""Intervals of any coalitions: they hold what trying everything finds, and narrow with work."""

from itertools import combinations

import pytest

from benchmarks.brute_force import BruteForce, tiny_problem
from benchmarks.instances import instance
from optimizer.coalition_prices import CoalitionOracle, price_coalitions
from optimizer.limits import Limits
from optimizer.planning import plan
from optimizer.runner import ProcessPool

SMALL = Limits(work_limit=5, time_limit_s=600)


def groups_of(players):
    return [group for size in range(1, len(players) + 1) for group in combinations(players, size)]


@pytest.mark.parametrize("work_each", [0.0, 1.0])
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_intervals_hold_what_trying_everything_finds(first, work_each):
    for seed in range(first, first + 20):
        case = tiny_problem(seed)
        planned = plan(case)
        if not (planned.containers or planned.lcl or planned.postal):
            continue
        left = {one.consignment for one in planned.unplanned}
        carried = case.restricted_to(one.id for one in case.consignments if one.id not in left)
        oracle = CoalitionOracle(case, planned, limits=SMALL)
        groups = groups_of(oracle.players)
        for group, found in zip(groups, oracle.price(groups, work_each=work_each), strict=True):
            here = carried.restricted_to(one.id for one in carried.consignments if one.member in group)
            behind, cost = BruteForce(here).least()
            if behind == 0:
                assert found.lower_minor <= cost <= found.upper_minor, (seed, group)
                if work_each and not any(one.can_split for one in case.consignments):
                    assert found.lower_minor == found.upper_minor == cost, (seed, group)


def test_the_lower_end_of_all_is_near_the_bound_and_of_each_part_adds_up_to_no_more():
    case = instance(8, 2)
    planned = plan(case, limits=SMALL)
    oracle = CoalitionOracle(case, planned, limits=SMALL)
    every, none, stranger = oracle.price([oracle.players, [], ["nobody"]])
    assert every.upper_minor <= planned.cost_minor
    assert every.lower_minor <= planned.cost_minor
    assert every.lower_minor > 0.95 * planned.lower_bound_minor
    assert (none.lower_minor, none.upper_minor) == (stranger.lower_minor, stranger.upper_minor) == (0, 0)


def test_runners_agree_and_a_stop_still_gives_intervals():
    case = instance(8, 2)
    planned = plan(case, limits=SMALL)
    groups = groups_of([one.id for one in case.members])[:130]
    oracle = CoalitionOracle(case, planned, limits=SMALL)
    found = oracle.price(groups)
    with ProcessPool(2) as pool:
        assert oracle.price(groups, runner=pool) == found
    assert price_coalitions(case, planned, groups, limits=SMALL) == found
    stopped = oracle.price(groups, should_stop=lambda: True)
    for one, other in zip(found, stopped, strict=True):
        assert other.lower_minor == min(one.lower_minor, other.lower_minor)
        assert one.upper_minor <= other.upper_minor
