"""A plan beside its alternatives, with costs known by hand."""

from dataclasses import replace

import pytest

from optimizer.comparison import Alternative, compare
from optimizer.planning import plan
from optimizer.problem import ConsolidationProblem, Mode
from tests import builders as build

FREIGHT = [
    build.charge("OFR", "container", 10_000),
    build.charge("LCL", "freight_tonne", 900, modes=["lcl"]),
]


def three_members(*modes: Mode) -> ConsolidationProblem:
    """Three lots of 10 m3: one 20' together, 9,000 each by LCL."""
    goods = [build.consignment(f"C-{name}", name, litres=10_000) for name in "ABC"]
    return build.problem(goods, FREIGHT, settings=build.settings(*modes))


def test_members_alone_and_all_lcl_cost_what_they_would_without_each_other() -> None:
    problem = three_members(Mode.FCL, Mode.LCL)
    found = compare(problem, plan(problem))
    assert found.cost_minor == 10_000
    assert [(one.member, one.consignments, one.alone.cost_minor) for one in found.members_alone] == [
        ("A", ("C-A",), 9_000),
        ("B", ("C-B",), 9_000),
        ("C", ("C-C",), 9_000),
    ]
    assert found.all_alone == found.all_lcl == Alternative(cost_minor=27_000, lower_bound_minor=27_000)
    assert found.saving_minor(found.all_alone) == 17_000
    assert found.all_alone.is_proven


def test_without_lcl_nothing_can_travel_by_lcl() -> None:
    problem = three_members(Mode.FCL)
    found = compare(problem, plan(problem))
    assert found.all_lcl == Alternative(cost_minor=None, lower_bound_minor=None, unplanned=("C-A", "C-B", "C-C"))
    assert found.saving_minor(found.all_lcl) is None
    assert found.all_alone.cost_minor == 30_000


def waiting_for_the_other() -> ConsolidationProblem:
    late = build.consignment("C-B", "B", litres=16_600, ready_date=build.READY.replace(day=12))
    early = build.consignment("C-A", "A", litres=16_600, value_minor=100_000, delay_cost_ppm_per_day=1_000)
    departures = [build.departure("S-1"), build.departure("S-2", days=21)]
    return build.problem([early, late], FREIGHT, departures=departures, settings=build.settings(Mode.FCL))


def test_never_waiting_costs_a_second_container_and_saves_ten_days() -> None:
    problem = waiting_for_the_other()
    found = compare(problem, plan(problem))
    assert found.cost_minor == 10_000 + 21 * 100
    assert found.delay_minor == 21 * 100
    assert found.next_departure.cost_minor == 2 * 10_000 + 11 * 100
    assert found.saving_minor(found.next_departure) == 9_000


def test_a_limit_may_forbid_that_everything_takes_the_next_departure() -> None:
    goods = [build.consignment(f"C-{name}", name, litres=30_000) for name in "AB"]
    departures = [build.departure("S-1", container_limits={"22G1": 1, "45G1": 0}), build.departure("S-2", days=21)]
    problem = build.problem(goods, FREIGHT, departures=departures, settings=build.settings(Mode.FCL))
    found = compare(problem, plan(problem))
    assert found.cost_minor == 10_000
    assert found.next_departure.cost_minor is None
    assert len(found.next_departure.unplanned) == 1


def test_what_the_plan_leaves_behind_takes_no_part() -> None:
    lost = build.consignment("C-Z", "Z", destination="CLVAP")
    problem = build.problem([*three_members().consignments, lost], FREIGHT, settings=build.settings(Mode.FCL))
    found = compare(problem, plan(problem))
    assert [one.member for one in found.members_alone] == ["A", "B", "C"]
    assert found.all_alone.cost_minor == 30_000


def test_an_empty_plan_has_empty_alternatives() -> None:
    problem = build.problem()
    found = compare(problem, plan(problem))
    nothing = Alternative(cost_minor=0, lower_bound_minor=0)
    assert (found.all_alone, found.all_lcl, found.next_departure) == (nothing, nothing, nothing)


@pytest.mark.parametrize("seed", range(4))
def test_the_plan_saves_against_members_alone_where_no_limit_binds(seed: int) -> None:
    problem = build.random_problem(seed, consignments=6, limits=False, divisible=False, spanning=False)
    found = compare(problem, plan(problem))
    saving = found.saving_minor(found.all_alone)
    assert saving is None or saving >= 0


def test_plans_of_members_alone_that_are_known_are_not_planned_again() -> None:
    problem = three_members(Mode.FCL, Mode.LCL)
    made = plan(problem)
    own = plan(problem.restricted_to(["C-B"]))
    known = {"A": replace(plan(problem.restricted_to(["C-A"])), cost_minor=8_999), "B": own, "C": own}
    found = compare(problem, made, alone_plans=known)
    # A's plan is taken as it is; the plan given for C carries other goods and is not.
    assert [one.alone.cost_minor for one in found.members_alone] == [8_999, 9_000, 9_000]
    assert compare(problem, made, alone_plans={"B": own}) == compare(problem, made)
