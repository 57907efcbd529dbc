"""What wishes of single consignments would cost, with costs known by hand."""

from datetime import timedelta

import pytest

from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.moves import Way, plan_with
from optimizer.own_wishes import OwnChange, OwnWish, own_wishes
from optimizer.planning import plan
from optimizer.problem import ConsolidationProblem, Mode
from optimizer.result import ShipmentPlan
from tests import builders as build
from tests.optimizer.plans import load, loose, priced

FREIGHT = [
    build.charge("OFR", "container", 10_000, container_types=["22G1"]),
    build.charge("LCL", "freight_tonne", 900, modes=["lcl"]),
]


def waiting(**changes: object) -> tuple[ConsolidationProblem, ShipmentPlan]:
    """A and B, 10 m3 each, wait ten days for each other and share a 20' on the second of three ships."""
    goods = [
        build.consignment("C-A", "A", litres=10_000, **changes),
        build.consignment("C-B", "B", litres=10_000, ready_date=build.READY + timedelta(days=11)),
    ]
    ships = [build.departure("S-1"), build.departure("S-2", days=21), build.departure("S-3", days=28)]
    types = [build.container_20()]
    either = build.settings(Mode.FCL, Mode.LCL)
    problem = build.problem(goods, FREIGHT, departures=ships, container_types=types, settings=either)
    return problem, priced(problem, [load(problem, "K-1", "22G1", "S-2", ["C-A", "C-B"])])


def of(found: tuple[OwnWish, ...], consignment: str, change: OwnChange) -> list[OwnWish]:
    return [one for one in found if (one.consignment, one.change) == (consignment, change)]


def test_to_leave_at_once_costs_the_lcl_that_the_shared_container_spares() -> None:
    problem, answer = waiting()
    assert of(own_wishes(problem, answer), "C-A", OwnChange.LEAVE_FIRST) == [
        OwnWish(
            consignment="C-A",
            member="A",
            change=OwnChange.LEAVE_FIRST,
            way=Way(departure="S-1", mode=Mode.LCL),
            change_minor=9_000,
            days_added=-10,
        )
    ]


def test_who_leaves_on_its_first_departure_wishes_nothing_of_the_kind() -> None:
    problem, answer = waiting()
    assert of(own_wishes(problem, answer), "C-B", OwnChange.LEAVE_FIRST) == []


def test_waiting_saved_is_part_of_the_price() -> None:
    problem, answer = waiting(value_minor=100_000, delay_cost_ppm_per_day=1_000)
    (found,) = of(own_wishes(problem, answer), "C-A", OwnChange.LEAVE_FIRST)
    assert found.change_minor == 9_000 - 10 * 100


def apart(**changes: object) -> tuple[ConsolidationProblem, ShipmentPlan]:
    """A in a 20' on the second ship; B by LCL on the first, whose dates keep it there."""
    goods = [
        build.consignment("C-A", "A", litres=10_000, ready_date=build.READY + timedelta(days=11)),
        build.consignment("C-B", "B", litres=10_000, **changes),
    ]
    ships = [build.departure("S-1"), build.departure("S-2", days=18)]
    types = [build.container_20()]
    either = build.settings(Mode.FCL, Mode.LCL)
    problem = build.problem(goods, FREIGHT, departures=ships, container_types=types, settings=either)
    return problem, priced(problem, [load(problem, "K-1", "22G1", "S-2", ["C-A"])], [loose(problem, "S-1", "C-B")])


def test_a_week_more_lets_it_join_a_container_that_has_room() -> None:
    problem, answer = apart(due_date=build.READY + timedelta(days=32))
    (found,) = of(own_wishes(problem, answer), "C-B", OwnChange.DUE_LATER)
    assert found.way == Way(departure="S-2", mode=Mode.FCL, container_type="22G1")
    assert (found.with_others, found.change_minor, found.days_added, found.days) == (True, -9_000, 7, 7)


def test_six_days_more_are_not_enough_and_save_nothing() -> None:
    problem, answer = apart(due_date=build.READY + timedelta(days=32))
    (found,) = of(own_wishes(problem, answer, days=6), "C-B", OwnChange.DUE_LATER)
    assert (found.way, found.change_minor) == (None, 0)


def test_without_a_due_date_none_can_be_later() -> None:
    problem, answer = apart()
    assert of(own_wishes(problem, answer), "C-B", OwnChange.DUE_LATER) == []


@pytest.mark.parametrize("seed", range(6))
def test_every_price_is_that_of_a_plan_that_the_judge_accepts_and_none_saves_on_a_proven_plan(seed: int) -> None:
    problem = build.random_problem(seed, consignments=6)
    answer = plan(problem)
    for one in own_wishes(problem, answer):
        if one.change is not OwnChange.LEAVE_FIRST or one.way is None:
            assert one.change_minor <= 0
            continue
        if answer.lower_bound_minor == answer.cost_minor:
            assert one.change_minor >= 0
        targets = [
            load.id
            for load in answer.containers
            if load.departure == one.way.departure and load.container_type == one.way.container_type
        ]
        if one.with_others:
            moved = [plan_with(problem, answer, one.consignment, name) for name in targets]
            costs = {price(problem, each.containers, each.lcl, each.postal).cost_minor for each in moved}
            assert answer.cost_minor + one.change_minor in costs
    assert check_plan(problem, answer) == ()
