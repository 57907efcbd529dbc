"""The engine against trying everything, on tiny problems with every charge basis."""

import pytest

from benchmarks.brute_force import MOST_UNITS, BruteForce, splits_problem, tiny_problem
from optimizer.checking import check_plan
from optimizer.consolidation.lots import Improved
from optimizer.limits import Limits
from optimizer.planning import assemble, plan
from optimizer.problem import Basis, Mode
from optimizer.result import SolveStatus
from tests.builders import charge, consignment, container_20, package, problem, settings, three_half_containers

BATCH = 20


def has_splits(seed: int) -> bool:
    return any(one.can_split for one in tiny_problem(seed).consignments)


def left_behind(found):
    return len({entry.consignment for entry in found.unplanned})


def is_least(case, seed):
    found = plan(case)
    assert check_plan(case, found) == (), seed
    assert (left_behind(found), found.cost_minor) == BruteForce(case).least(), seed
    assert found.status in (SolveStatus.OPTIMAL, SolveStatus.INFEASIBLE), seed


@pytest.mark.parametrize("first", range(0, 400, BATCH))
def test_no_plan_is_cheaper_than_the_engines(first):
    for seed in range(first, first + BATCH):
        is_least(tiny_problem(seed), seed)


@pytest.mark.parametrize("seed", [718, 734, 758, 1434, 1474])
def test_no_plan_is_cheaper_where_fixed_divisions_missed_the_least_cost(seed):
    is_least(tiny_problem(seed), seed)


@pytest.mark.parametrize("first", range(0, 10, 5))
def test_no_plan_is_cheaper_where_two_consignments_can_be_split(first):
    for seed in range(first, first + 5):
        is_least(splits_problem(seed), seed)


@pytest.mark.parametrize("first", range(0, 80, BATCH))
def test_the_judge_accepts_what_trying_everything_finds_at_its_cost(first):
    for seed in range(first, first + BATCH):
        case = tiny_problem(seed)
        brute = BruteForce(case)
        unproven = Improved(plan=brute.plan(), lower_bound_minor=0, proven=False, ended_by="work_limit")
        found = assemble(case, unproven, limits=Limits(), seed=0)
        assert check_plan(case, found) == (), seed
        assert (left_behind(found), found.cost_minor) == brute.least(), seed


def test_trying_everything_knows_that_three_halves_need_two_containers():
    assert BruteForce(three_half_containers()).least() == (0, 2000)


def test_trying_everything_splits_a_consignment_where_that_is_cheaper():
    goods = [consignment("pallets", packages=[package("P", 4, litres=2000, kg=100)], divisible=True, member="A")]
    full = consignment("full", litres=29_200, member="B")
    charges = [charge("OFR", "container", 1000), charge("LCL", "cubic_metre", 100, modes=["lcl"])]
    case = problem([*goods, full], charges, container_types=[container_20()], settings=settings(Mode.FCL, Mode.LCL))
    # Two pallets beside the full load, two by LCL: 1000 + 4 x 100.
    assert BruteForce(case).least() == (0, 1400)


def test_tiny_problems_have_every_basis_and_stay_tiny():
    cases = [tiny_problem(seed) for seed in range(40)]
    assert {one.basis for case in cases for one in case.charges} == set(Basis)
    assert max(len(BruteForce(case).units) for case in cases) <= MOST_UNITS
    assert any(has_splits(seed) for seed in range(40))
