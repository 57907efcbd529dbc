import pytest

from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.master import improve
from optimizer.consolidation.model import solve_compact
from optimizer.consolidation.plans import not_carried
from optimizer.limits import Limits, ignore_progress, never_stop
from optimizer.problem import Mode
from tests.builders import (
    charge,
    consignment,
    container_20,
    departure,
    package,
    problem,
    random_problem,
    settings,
    three_half_containers,
)


def improved(case, start=None, *, limits=None, seed=1, on_progress=ignore_progress, should_stop=never_stop):
    begin = first_plan(case) if start is None else start
    return improve(
        case,
        begin,
        limits=limits or Limits(),
        seed=seed,
        on_progress=on_progress,
        should_stop=should_stop,
    )


def cost_of(case, plan):
    return price(case, plan.containers, plan.lcl, plan.postal).cost_minor


def test_three_halves_need_two_containers():
    found = improved(three_half_containers())
    assert found.proven
    assert found.ended_by == "proof"
    assert found.lower_bound_minor == cost_of(three_half_containers(), found.plan) == 2000


@pytest.mark.parametrize("seed", range(30))
def test_patterns_and_the_compact_model_agree(seed):
    case = random_problem(seed, consignments=7, divisible=False)
    by_patterns = improved(case)
    compact = solve_compact(case, Limits(work_limit=20), 1)
    assert by_patterns.proven
    assert by_patterns.lower_bound_minor == cost_of(case, by_patterns.plan)
    assert not_carried(case, by_patterns.plan) <= not_carried(case, compact.plan)
    assert compact.proven
    assert cost_of(case, by_patterns.plan) == cost_of(case, compact.plan)


@pytest.mark.parametrize("seed", range(8))
def test_the_optimum_does_not_depend_on_where_the_search_begins(seed):
    case = random_problem(seed, consignments=9, divisible=False, lanes=2)
    from_nothing = improved(case, LotPlan(unplanned=tuple(one.id for one in case.consignments)))
    assert from_nothing.proven
    assert cost_of(case, from_nothing.plan) == cost_of(case, improved(case).plan)


@pytest.mark.parametrize("seed", range(8))
def test_an_answer_is_never_worse_than_its_start_and_its_bound_never_above_it(seed):
    case = random_problem(seed, consignments=9)
    start = first_plan(case)
    found = improved(case, start, limits=Limits(work_limit=0.3))
    begun = (not_carried(case, start), cost_of(case, start))
    assert (not_carried(case, found.plan), cost_of(case, found.plan)) <= begun
    assert 0 <= found.lower_bound_minor <= cost_of(case, found.plan)


@pytest.mark.parametrize("seed", range(3))
def test_two_runs_give_the_same_answer(seed):
    case = random_problem(seed, consignments=10)
    limits = Limits(work_limit=0.3, time_limit_s=600)
    assert improved(case, limits=limits) == improved(case, limits=limits)


def test_a_stop_returns_the_start_at_once():
    case = random_problem(3, consignments=12, divisible=False)
    start = first_plan(case)
    found = improved(case, start, should_stop=lambda: True)
    assert cost_of(case, found.plan) == cost_of(case, start)
    assert not found.proven
    assert found.ended_by == "stopped"


def test_progress_tells_falling_costs_and_bounds_under_them():
    case = random_problem(5, consignments=12, divisible=False)
    told = []
    found = improved(case, on_progress=told.append)
    costs = [one.cost_minor for one in told]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == cost_of(case, found.plan)
    assert all(one.lower_bound_minor <= costs[-1] for one in told)


def test_a_limit_leaves_the_fewest_behind_and_then_the_cheapest_to_carry():
    goods = [
        consignment("large", litres=30_000),
        consignment("small", litres=15_000),
        consignment("medium", litres=18_000, value_minor=10_000_000, delay_cost_ppm_per_day=1000),
    ]
    case = problem(
        goods,
        [charge("OFR", "container", 1000)],
        container_types=[container_20()],
        departures=[departure(container_limits={"22G1": 1})],
        settings=settings(Mode.FCL),
    )
    found = improved(case)
    assert found.proven
    assert found.plan.unplanned == ("large",)


def test_waiting_is_worth_it_only_while_it_costs_less_than_a_container():
    goods = [
        consignment("early", value_minor=1_000_000, delay_cost_ppm_per_day=100),
        consignment("late", ready_date=departure(days=11).departure),
    ]
    sailings = [departure("S-1", days=11), departure("S-2", days=18)]
    only_fcl = {"container_types": [container_20()], "departures": sailings, "settings": settings(Mode.FCL)}
    dear = improved(problem(goods, [charge("OFR", "container", 1000)], **only_fcl)).plan
    cheap = improved(problem(goods, [charge("OFR", "container", 600)], **only_fcl)).plan
    assert len(dear.containers) == 1
    assert len(cheap.containers) == 2


def test_a_price_break_for_two_containers_is_used():
    goods = [consignment("C-1", litres=30_000), consignment("C-2", litres=30_000)]
    charges = [
        charge("OFR", "container", steps={0: 1000, 2: 700}),
        charge("LCL", "cubic_metre", 30, modes=["lcl"]),
    ]
    case = problem(goods, charges, container_types=[container_20()], settings=settings(Mode.FCL, Mode.LCL))
    found = improved(case)
    assert found.proven
    assert cost_of(case, found.plan) == 1400


def test_cartons_beyond_a_container_fill_one_and_send_the_rest_loose():
    goods = [consignment("cartons", packages=[package("P", 40, litres=1000, kg=100)], divisible=True)]
    charges = [
        charge("OFR", "container", 100_000, container_types=["22G1"]),
        charge("LCL", "cubic_metre", 5_000, modes=["lcl"]),
    ]
    case = problem(goods, charges, container_types=[container_20()], settings=settings(Mode.FCL, Mode.LCL))
    found = improved(case)
    assert cost_of(case, found.plan) == 100_000 + 7 * 5_000
    assert found.lower_bound_minor <= cost_of(case, found.plan)
    assert found.plan.unplanned == ()
