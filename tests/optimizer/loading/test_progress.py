"""What a search tells on the way, what it keeps when it is stopped, and what a seed changes."""

from dataclasses import replace

from benchmarks.load_generators import multi_problem
from benchmarks.load_instances import br_problem
from optimizer.checking_loads import check_loads, objective_value
from optimizer.limits import Limits, Progress
from optimizer.load_problem import LoadProblem
from optimizer.load_result import LoadAnswer
from optimizer.loading.engine import plan_loads

SMALL = Limits(time_limit_s=300, work_limit=0.05)
ENDLESS = Limits(time_limit_s=300, work_limit=1000)


def stopped_at_once(problem: LoadProblem) -> tuple[LoadAnswer, list[Progress]]:
    """Stop as soon as there is something to tell."""
    told: list[Progress] = []
    answer = plan_loads(problem, limits=ENDLESS, on_progress=told.append, should_stop=lambda: bool(told))
    assert check_loads(problem, answer) == ()
    assert answer.limits["ended_by"] == "stopped"
    return answer, told


def test_the_first_load_of_one_container_is_told_and_kept_when_stopped() -> None:
    problem = br_problem(3, 1)
    answer, told = stopped_at_once(problem)
    assert told[0].stage == "loading"
    assert answer.loads[0].fill_permille > 600
    # What is told is what the objective counts: the volume that stays out.
    assert told[0].cost_minor is not None
    assert told[0].cost_minor >= objective_value(problem, answer)


def test_everything_is_loaded_before_the_first_word_about_many_containers() -> None:
    problem = multi_problem(12, 3, 1)
    answer, told = stopped_at_once(problem)
    assert answer.unloaded == ()
    assert told[0].cost_minor is not None
    assert told[0].cost_minor >= len(answer.loads)


def test_what_is_told_gets_better() -> None:
    told: list[Progress] = []
    problem = br_problem(5, 1)
    answer = plan_loads(problem, limits=replace(SMALL, work_limit=0.3), on_progress=told.append)
    costs = [one.cost_minor for one in told if one.cost_minor is not None]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] >= objective_value(problem, answer)


def test_one_seed_gives_one_plan_and_other_seeds_other_plans() -> None:
    problem = br_problem(4, 1)
    first = plan_loads(problem, limits=SMALL, seed=3)
    assert check_loads(problem, first) == ()
    assert plan_loads(problem, limits=SMALL, seed=3) == first
    plans = {plan_loads(problem, limits=SMALL, seed=seed).loads for seed in (0, 1, 2, 3)}
    assert len(plans) > 1
