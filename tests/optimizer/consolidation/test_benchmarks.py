"""What the benchmarks compare with is itself right: instances, first-fit decreasing, the compact model as a MIP."""

import pytest

from benchmarks.brute_force import BruteForce, tiny_problem
from benchmarks.compact_mip import OutOfTimeError, solve_scip
from benchmarks.first_fit import first_fit
from benchmarks.instances import STORED, instance, manifest, name_of, read, record
from benchmarks.solving import METHODS, run
from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.consolidation.lots import Improved
from optimizer.limits import Limits
from optimizer.planning import assemble
from tests.builders import three_half_containers


def answer(case, plan):
    found = Improved(plan=plan, lower_bound_minor=0, proven=False, ended_by="work_limit")
    return assemble(case, found, limits=Limits(), seed=0)


@pytest.mark.parametrize("members", [3, 8, 12, 23, 73])
def test_an_instance_is_drawn_as_the_manifest_says(members):
    assert manifest()[name_of(members, 1)] == record(members, 1, instance(members, 1))


def test_stored_instances_are_the_drawn_ones():
    paths = sorted(STORED.glob("*.json.gz"))
    assert paths
    for path in paths:
        held = manifest()[path.name.split(".")[0]]
        assert read(path) == instance(held["members"], held["seed"])


def test_instances_have_what_is_hard():
    cases = [instance(12, seed) for seed in range(1, 13)]
    classes = {one.cargo_class for case in cases for one in case.consignments}
    assert classes == {"dry", "food", "chemical", "reefer"}
    assert {len({one.destination for one in case.departures}) for case in cases} >= {1, 3, 6}
    assert any(ship.container_limits for case in cases for ship in case.departures)
    assert any(charge.steps for case in cases for charge in case.charges)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_judge_accepts_first_fit_decreasing(seed):
    case = instance(8, seed)
    found = answer(case, first_fit(case))
    assert check_plan(case, found) == ()
    assert found.unplanned == ()


def test_first_fit_decreasing_pools_and_the_optimum_is_never_dearer():
    assert len(first_fit(three_half_containers()).containers) == 2
    for seed in range(0, 60, 4):
        case = tiny_problem(seed)
        found = answer(case, first_fit(case))
        assert check_plan(case, found) == (), seed
        assert (len(found.unplanned), found.cost_minor) >= BruteForce(case).least(), seed


@pytest.mark.parametrize("turn", [0, 1, 3])
def test_the_compact_model_in_scip_finds_what_trying_everything_finds(turn):
    for seed in range(turn, 32, 4):
        case = tiny_problem(seed)
        found = solve_scip(case, 30)
        cost = price(case, found.plan.containers, found.plan.lcl, found.plan.postal).cost_minor
        assert found.proven, seed
        assert (len(found.plan.unplanned), cost) == BruteForce(case).least(), seed


def test_scip_gives_up_when_the_model_cannot_be_written_in_time():
    with pytest.raises(OutOfTimeError):
        solve_scip(instance(8, 1), 0.0)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_of_the_comparison_answers_and_is_judged(method):
    outcome = run(instance(3, 1), "m003-s01", method, 20)
    assert outcome.cost_minor >= 714_493
    assert outcome.violations == []
    assert outcome.status == ("feasible" if method == "first-fit" else "optimal")
