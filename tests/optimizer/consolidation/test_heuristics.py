"""The first plan: feasible by the judge, complete, the same every time, and good on instances one can do by hand."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.lots import LotPlan
from optimizer.problem import Consignment, ConsolidationProblem, Mode
from optimizer.result import Reason, ShipmentPlan, SolveStatus, Unplanned
from tests import builders as build

FCL = build.settings(Mode.FCL)


def priced(problem: ConsolidationProblem, lots: LotPlan) -> ShipmentPlan:
    """Dress a lot plan as a plan for the judge."""
    pricing = price(problem, lots.containers, lots.lcl, lots.postal)
    travels = bool(lots.containers or lots.lcl or lots.postal)
    return ShipmentPlan(
        status=SolveStatus.FEASIBLE if travels or not problem.consignments else SolveStatus.UNKNOWN,
        cost_minor=pricing.cost_minor,
        lower_bound_minor=0,
        containers=lots.containers,
        lcl=lots.lcl,
        postal=lots.postal,
        unplanned=tuple(Unplanned(consignment=str(one), reason=Reason.TIME_LIMIT) for one in lots.unplanned),
        charges=pricing.charges,
        delay_costs=pricing.delay_costs,
    )


def cost(problem: ConsolidationProblem) -> int:
    lots = first_plan(problem)
    assert lots.unplanned == ()
    return price(problem, lots.containers, lots.lcl, lots.postal).cost_minor


@given(st.integers(0, 10**6), st.integers(1, 9), st.integers(1, 2), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_first_plans_break_no_rule_and_lose_nothing(seed: int, consignments: int, lanes: int, classes: int) -> None:
    problem = build.random_problem(seed, consignments=consignments, lanes=lanes, classes=classes)
    assert check_plan(problem, priced(problem, first_plan(problem))) == ()


@pytest.mark.parametrize("seed", range(5))
def test_the_same_problem_gives_the_same_plan(seed: int) -> None:
    one, other = (first_plan(build.random_problem(seed, consignments=12)) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_costs_no_more_than_everybody_travelling_the_cheapest_way_alone(seed: int) -> None:
    problem = build.random_problem(seed, consignments=8, limits=False, spanning=False)
    lots = first_plan(problem)
    alone = sum(
        price(part, plan.containers, plan.lcl, plan.postal).cost_minor
        for one in problem.consignments
        if (part := problem.restricted_to([one.id])) and (plan := first_plan(part))
    )
    assert price(problem, lots.containers, lots.lcl, lots.postal).cost_minor <= alone


def test_two_halves_share_a_container() -> None:
    goods = [build.consignment(f"C-{name}", name, litres=16_600) for name in "AB"]
    assert cost(build.problem(goods, [build.charge("OFR", "container", 1000)], settings=FCL)) == 1000


def test_three_halves_need_two_small_containers_or_one_large() -> None:
    assert cost(build.three_half_containers()) == 2000
    charges = [
        build.charge("OFR-20", "container", 1000, container_types=["22G1"]),
        build.charge("OFR-40", "container", 1700, container_types=["45G1"]),
    ]
    goods = build.three_half_containers().consignments
    assert cost(build.problem(goods, charges, settings=FCL)) == 1700


def test_small_lots_travel_loose_and_many_of_them_share_a_container() -> None:
    charges = [
        build.charge("OFR", "container", 10_000),
        build.charge("LCL", "freight_tonne", 600, modes=["lcl"]),
    ]
    few = [build.consignment(f"C-{index}", litres=3000, kg=1) for index in range(3)]
    many = [build.consignment(f"C-{index}", litres=3000, kg=1) for index in range(11)]
    modes = build.settings(Mode.FCL, Mode.LCL)
    assert cost(build.problem(few, charges, settings=modes)) == 3 * 1800
    assert cost(build.problem(many, charges, settings=modes)) == 10_000


def test_goods_wait_for_a_later_departure_where_pooling_pays() -> None:
    late = build.consignment("C-B", "B", litres=16_600, ready_date=build.READY.replace(day=12))
    goods = [build.consignment("C-A", "A", litres=16_600, value_minor=10_000, delay_cost_ppm_per_day=1_000), late]
    departures = [build.departure("S-1"), build.departure("S-2", days=21)]
    freight = [build.charge("OFR", "container", 1000)]
    pooled = build.problem(goods, freight, departures=departures, settings=FCL)
    assert {load.departure for load in first_plan(pooled).containers} == {"S-2"}
    assert cost(pooled) == 1000 + 10 * 21


def test_incompatible_classes_never_share_a_container() -> None:
    types = [build.container_20(cargo_classes=frozenset({"food", "chemical"}))]
    goods = [build.consignment("C-1", "a", cargo_class="food"), build.consignment("C-2", "b", cargo_class="chemical")]
    freight = [build.charge("OFR", "container", 1000)]
    apart = build.problem(
        goods,
        freight,
        container_types=types,
        settings=FCL,
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}),
    )
    assert cost(apart) == 2000
    assert cost(build.problem(goods, freight, container_types=types, settings=FCL)) == 1000


def pallets(quantity: int, kg: int = 100) -> Consignment:
    return build.consignment("C-1", "a", packages=[build.package("P1", quantity, kg=kg)], divisible=True)


def test_a_consignment_larger_than_a_container_fills_containers_by_whole_packages() -> None:
    problem = build.problem(
        [pallets(70)],
        [build.charge("OFR", "container", 1000)],
        container_types=[build.container_20()],
        settings=FCL,
    )
    assert sorted(load.volume_mm3 // 10**9 for load in first_plan(problem).containers) == [4, 33, 33]


def test_the_payload_cuts_a_consignment_too() -> None:
    problem = build.problem([pallets(20, kg=3_000)], [build.charge("OFR", "container", 1000)], settings=FCL)
    lots = first_plan(problem)
    assert len(lots.containers) == 3
    assert max(load.mass_g for load in lots.containers) <= 28_600_000


def test_splitting_fills_the_room_that_others_leave() -> None:
    whole = [build.consignment("C-2", "b", litres=20_000), build.consignment("C-3", "c", litres=20_000)]
    problem = build.problem(
        [pallets(26), *whole],
        [build.charge("OFR", "container", 1000)],
        container_types=[build.container_20()],
        settings=FCL,
    )
    assert cost(problem) == 2000


def test_limits_are_kept_and_leave_as_few_behind_as_possible() -> None:
    goods = [
        build.consignment(f"C-{name}", name, litres=litres * 1000)
        for name, litres in zip("ABC", [30, 16, 16], strict=True)
    ]
    bounded = build.departure("S-1", container_limits={"22G1": 1})
    problem = build.problem(
        goods,
        [build.charge("OFR", "container", 1000)],
        container_types=[build.container_20()],
        departures=[bounded],
        settings=FCL,
    )
    assert first_plan(problem).unplanned == ("C-A",)


def test_an_empty_problem_has_an_empty_plan() -> None:
    assert first_plan(build.problem()) == LotPlan()


def test_a_stop_still_gives_a_plan_that_breaks_no_rule() -> None:
    problem = build.random_problem(3, consignments=12)
    assert check_plan(problem, priced(problem, first_plan(problem, lambda: True))) == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_a_hundred_consignments_get_a_plan_well_below_everybody_alone(seed: int) -> None:
    problem = build.random_problem(seed, consignments=100, members=20, lanes=3, limits=False, spanning=False)
    lots = first_plan(problem)
    found = priced(problem, lots)
    assert check_plan(problem, found) == ()
    alone = sum(
        price(part, plan.containers, plan.lcl, plan.postal).cost_minor
        for member in problem.members
        if (part := problem.restricted_to([one.id for one in problem.consignments if one.member == member.id]))
        and (plan := first_plan(part))
    )
    assert Fraction(found.cost_minor, alone) < Fraction(98, 100)
