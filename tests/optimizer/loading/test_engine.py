"""Load plans of published and drawn problems: judged, never below a known fill, the same for the same seed."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.load_generators import mix_problem, rich_problem
from benchmarks.load_instances import read_thpack
from optimizer.checking_loads import check_loads
from optimizer.limits import Limits
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Owners
from optimizer.loading.engine import plan_loads
from optimizer.result import SolveStatus

INSTANCES = Path(__file__).resolve().parents[2] / "instances" / "loading"
SMALL = Limits(time_limit_s=120, work_limit=0.2)


def cubes(quantity: int, *, objective: Objective, count: int | None = 1) -> LoadProblem:
    """Cubes of 1 m in containers that take eight."""
    return LoadProblem(
        objective=objective,
        containers=(LoadContainer(code="C", length_mm=2000, width_mm=2000, height_mm=2000, count=count),),
        packages=(LoadPackage(id="cube", length_mm=1000, width_mm=1000, height_mm=1000, quantity=quantity),),
    )


def test_eight_cubes_fill_a_container_and_that_is_proven() -> None:
    answer = plan_loads(cubes(10, objective=Objective.VOLUME))
    assert answer.status is SolveStatus.OPTIMAL
    assert (len(answer.loads[0].placements), answer.loads[0].fill_permille) == (8, 1000)
    assert answer.unloaded[0].quantity == 2


def test_seventeen_cubes_need_three_containers() -> None:
    answer = plan_loads(cubes(17, objective=Objective.CONTAINERS, count=None))
    assert (answer.status, len(answer.loads), answer.lower_bound) == (SolveStatus.OPTIMAL, 3, 3)


@pytest.mark.parametrize(("name", "least"), [("thpack1.txt", 880), ("thpack3.txt", 900), ("thpack7.txt", 880)])
def test_published_problems_are_loaded_densely_with_every_package_borne(name: str, least: int) -> None:
    problem = read_thpack(INSTANCES / name)[1]
    answer = plan_loads(problem, limits=SMALL)
    assert check_loads(problem, answer) == ()
    assert answer.loads[0].fill_permille >= least
    assert plan_loads(problem, limits=SMALL) == answer


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("permille", [1000, 750, 0])
@pytest.mark.parametrize("owners", list(Owners))
def test_no_rule_of_a_real_container_is_broken(seed: int, permille: int, owners: Owners) -> None:
    problem = replace(rich_problem(seed), support_permille=permille, owners=owners)
    answer = plan_loads(problem, limits=SMALL)
    assert check_loads(problem, answer) == ()
    assert len(answer.loads) == 1


def test_nothing_stays_behind_when_the_work_is_used_up_but_containers_are_left() -> None:
    problem = mix_problem(1)
    answer = plan_loads(problem, limits=Limits(time_limit_s=120, work_limit=0.01))
    assert check_loads(problem, answer) == ()
    assert answer.unloaded == ()


def test_no_kind_goes_without_blocks_where_others_have_very_many() -> None:
    cartons = LoadPackage(id="carton", length_mm=400, width_mm=300, height_mm=200, quantity=500, vertical=("height",))
    pallets = LoadPackage(id="pallet", length_mm=1200, width_mm=1000, height_mm=1500, quantity=8, vertical=("height",))
    problem = LoadProblem(
        objective=Objective.VOLUME,
        containers=(LoadContainer(code="40", length_mm=12_032, width_mm=2352, height_mm=2393),),
        packages=(cartons, replace(cartons, id="other", height_mm=250, quantity=400), pallets),
    )
    assert plan_loads(problem, limits=SMALL).unloaded == ()
