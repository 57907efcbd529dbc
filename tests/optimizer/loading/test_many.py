"""The fewest or cheapest containers: tiny problems with known answers, and properties over seeds, judged."""

from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.load_generators import mix_problem, multi_problem
from optimizer.checking_loads import check_loads, objective_value
from optimizer.limits import Limits, Progress
from optimizer.load_problem import LoadProblem, Objective, Owners
from optimizer.load_result import LoadAnswer, StaysOut
from optimizer.loading.bounds import lower_bound, measures, surplus
from optimizer.loading.cover import load_of, without_surplus
from optimizer.loading.engine import plan_loads
from optimizer.loading.many import _Search, load_many
from optimizer.loading.packer import Budget
from optimizer.loading.pins import NOTHING_STANDS
from optimizer.result import SolveStatus
from tests.optimizer.loads import container, package, problem

FEW = Limits(time_limit_s=120, work_limit=2)
"""A container of the builders is 10 x 4 x 4 dm."""


def answer_of(one: LoadProblem, limits: Limits = FEW) -> LoadAnswer:
    answer = plan_loads(one, limits=limits)
    assert check_loads(one, answer) == ()
    return answer


def codes(answer: LoadAnswer) -> Counter[str]:
    return Counter(one.container for one in answer.loads)


def short_and_long(short: int, long: int) -> LoadProblem:
    """Cubes of 4 dm, of which a short container takes 2 and a long one 5; five of them."""
    boxes = (
        container(code="SHORT", length_mm=1000, cost_minor=short),
        container(code="LONG", length_mm=2000, cost_minor=long),
    )
    return problem(package(dm=(4, 4, 4), quantity=5), objective=Objective.COST, containers=boxes)


@pytest.mark.parametrize(("quantity", "fewest"), [(20, 1), (21, 2), (45, 3)])
def test_as_many_containers_as_cubes_need_and_that_is_proven(quantity: int, fewest: int) -> None:
    answer = answer_of(problem(package(dm=(2, 2, 2), quantity=quantity)))
    assert (answer.status, len(answer.loads), answer.lower_bound) == (SolveStatus.OPTIMAL, fewest, fewest)


@pytest.mark.parametrize(
    ("short", "long", "best"), [(10, 31, {"SHORT": 3}), (10, 29, {"LONG": 1}), (10, 30, {"LONG": 1})]
)
def test_three_short_containers_or_a_long_one_whichever_is_cheaper(short: int, long: int, best: dict[str, int]) -> None:
    answer = answer_of(short_and_long(short, long))
    assert objective_value(short_and_long(short, long), answer) == min(3 * short, long)
    assert answer.status is SolveStatus.OPTIMAL
    if 3 * short != long:
        assert codes(answer) == best


def test_what_is_worth_most_for_its_cost_at_first_is_not_the_cheapest_in_the_end() -> None:
    # A long container takes 8 for 15, a short one 5 for 10: one after the other they cost 25, two short ones 20.
    boxes = (
        container(code="SHORT", length_mm=2000, cost_minor=10), container(code="LONG", length_mm=3200, cost_minor=15),
    )  # fmt: skip
    cubes = problem(package(dm=(4, 4, 4), quantity=10), objective=Objective.COST, containers=boxes)
    answer = answer_of(cubes)
    assert (codes(answer), answer.lower_bound, answer.status) == ({"SHORT": 2}, 20, SolveStatus.OPTIMAL)


def test_no_more_containers_are_used_than_there_are() -> None:
    boxes = (container(code="CHEAP", count=1, cost_minor=1), container(code="DEAR", cost_minor=5))
    cubes = problem(package(dm=(4, 4, 4), quantity=6), objective=Objective.COST, containers=boxes)
    answer = answer_of(cubes)
    assert (codes(answer), answer.lower_bound) == ({"CHEAP": 1, "DEAR": 2}, 11)


def test_what_does_not_fit_all_containers_there_are_stays_out_with_the_reason() -> None:
    cubes = problem(package(dm=(4, 4, 4), quantity=6), containers=(container(count=2),))
    answer = answer_of(cubes)
    assert [(one.quantity, one.reason) for one in answer.unloaded] == [(2, StaysOut.NO_CONTAINER_LEFT)]
    # Two containers cannot hold more than four: that is proven, and so are the two containers of the others.
    assert (len(answer.loads), answer.lower_bound, answer.status) == (2, 2, SolveStatus.OPTIMAL)
    assert answer.limits["ended_by"] == "proof"


def test_what_there_are_too_few_containers_for_is_no_matter_of_time() -> None:
    boxes = (
        container(code="REEFER", count=1, cargo_classes=frozenset({"chilled"})),
        container(code="DRY", cargo_classes=frozenset({"dry"})),
    )
    chilled, dry = package("CHILLED", (10, 4, 4), 3, cargo_class="chilled"), package("DRY", quantity=21)
    goods = problem(chilled, replace(dry, cargo_class="dry"), containers=boxes)
    answer = answer_of(goods)
    assert [(one.package, one.quantity, one.reason) for one in answer.unloaded] == [
        ("CHILLED", 2, StaysOut.NO_CONTAINER_LEFT)
    ]
    assert (codes(answer), answer.status) == ({"REEFER": 1, "DRY": 2}, SolveStatus.OPTIMAL)
    told: list[Progress] = []
    stopped = plan_loads(goods, limits=FEW, on_progress=told.append, should_stop=lambda: bool(told))
    assert check_loads(goods, stopped) == ()
    assert stopped.unloaded == answer.unloaded


def test_how_many_have_to_stay_out_is_counted_by_kind_where_all_containers_are_limited() -> None:
    kinds = package("A", (4, 4, 4), 7), package("B", (2, 2, 2), 30), package("C", (5, 4, 4), 1)
    limited = problem(*kinds, containers=(container(code="S", count=1), container(code="L", length_mm=2000, count=1)))
    assert surplus(limited, np.array([7, 30, 1], np.int32)).tolist() == [0, 0, 0]
    assert surplus(limited, np.array([9, 70, 7], np.int32)).tolist() == [2, 10, 1]
    free = problem(*kinds, containers=(container(code="S", count=1), container(code="L", length_mm=2000)))
    assert surplus(free, np.array([99, 99, 99], np.int32)).tolist() == [0, 0, 0]


def test_goods_left_behind_are_never_the_proven_best_although_containers_cost_nothing() -> None:
    apart = problem(
        package("F", cargo_class="food"), package("C", cargo_class="chemical"), containers=(container(count=1),),
        objective=Objective.COST, incompatible_classes=frozenset({frozenset({"food", "chemical"})}),
    )  # fmt: skip
    answer = answer_of(apart, Limits(time_limit_s=120, work_limit=0.1))
    assert [(one.quantity, one.reason) for one in answer.unloaded] == [(1, StaysOut.NO_CONTAINER_LEFT)]
    assert answer.status is SolveStatus.FEASIBLE


def test_a_package_that_the_search_passes_by_travels_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Search, "_packed", lambda _, box, *__: load_of(box, NOTHING_STANDS, 1))
    one = problem(package(quantity=2, mass_g=2_000), containers=(container(line_load_g_per_m=10_000),))
    chosen = load_many(one, (), np.array([2], np.int32), [None], Budget(0.001), on_better=lambda *_: None)
    assert [load.rows.tolist() for load in chosen.plan.loads] == 2 * [[[0, 0, 0, 0, 200, 200, 200]]]


def sides(*each: tuple[int, int, int]) -> LoadProblem:
    """Return packages (length in mm, quantity, mass in g), 2 dm wide and 4 high, for a floor that bears 1 kg/m."""
    kinds = (
        replace(package(str(position), (1, 2, 4), quantity, mass_g=mass), length_mm=length)
        for position, (length, quantity, mass) in enumerate(each)
    )
    return problem(*kinds, containers=(container(line_load_g_per_m=1_000, count=1),))


@pytest.mark.parametrize(
    ("each", "over"),
    [
        # One alone, two beside each other, two whose pieces of the floor (50 mm) overlap, thirds of a gram, a tower.
        (((200, 1, 200),), ((200, 1, 201),)),
        (((200, 2, 100),), ((1000, 2, 501),)),
        (((330, 3, 330),), ((330, 3, 331),)),
        (((300, 2, 100), (600, 1, 400)), ((300, 4, 101), (900, 2, 601))),
        (((870, 1, 290), (810, 1, 540)), ((870, 1, 291), (810, 1, 540), (999, 1, 999))),
    ],
)
def test_a_floor_bears_what_is_exactly_at_its_limit_and_not_a_gram_more(
    each: tuple[tuple[int, int, int], ...], over: tuple[tuple[int, int, int], ...]
) -> None:
    answer = answer_of(sides(*each), Limits(time_limit_s=120, work_limit=0.1))
    assert (answer.unloaded, len(answer.loads)) == ((), 1)
    more = answer_of(sides(*over), Limits(time_limit_s=120, work_limit=0.1))
    assert more.unloaded != ()


def test_goods_that_may_not_meet_need_containers_of_their_own_and_that_is_proven() -> None:
    apart = problem(
        package("F", cargo_class="food"), package("C", cargo_class="chemical"), package("T", cargo_class="tools"),
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}),
    )  # fmt: skip
    answer = answer_of(apart)
    assert (len(answer.loads), answer.lower_bound, answer.status) == (2, 2, SolveStatus.OPTIMAL)


def test_chilled_goods_travel_in_the_reefer_and_the_rest_where_it_is_cheaper() -> None:
    boxes = (
        container(code="REEFER", cost_minor=9),
        container(code="DRY", cost_minor=4, cargo_classes=frozenset({"dry"})),
    )
    goods = problem(
        package("CHILLED", (4, 4, 4), 2, cargo_class="chilled"), package("DRY", (4, 4, 4), 2, cargo_class="dry"),
        objective=Objective.COST, containers=boxes,
    )  # fmt: skip
    answer = answer_of(goods)
    assert (codes(answer), answer.lower_bound, answer.status) == ({"REEFER": 1, "DRY": 1}, 13, SolveStatus.OPTIMAL)


def test_packages_of_which_no_two_stand_together_need_a_container_each() -> None:
    answer = answer_of(problem(package(dm=(6, 3, 3), quantity=4)))
    assert (len(answer.loads), answer.lower_bound, answer.status) == (4, 4, SolveStatus.OPTIMAL)


def test_packages_that_bear_nothing_need_the_floor() -> None:
    answer = answer_of(problem(package(dm=(5, 4, 1), quantity=5, max_load_g=0)))
    assert (len(answer.loads), answer.lower_bound, answer.status) == (3, 3, SolveStatus.OPTIMAL)


@pytest.mark.parametrize("limit", [{"payload_g": 20_000}, {"line_load_g_per_m": 20_001}])
def test_heavy_packages_need_more_containers_than_their_volume(limit: dict[str, int]) -> None:
    heavy = problem(package(dm=(2, 2, 2), quantity=25, mass_g=2_000), containers=(container(**limit),))
    answer = answer_of(heavy)
    assert (len(answer.loads), answer.lower_bound) == (3, 3)


def test_surplus_is_taken_from_the_top_and_nothing_is_left_hanging() -> None:
    tower = np.array([[0, 0, 0, 200 * z, 200, 200, 200] for z in range(3)], np.int32)
    mixed = np.array([[0, 0, 0, 0, 200, 200, 200], [1, 0, 0, 200, 200, 200, 200]], np.int32)
    kept = without_surplus([load_of(0, tower, 2), load_of(0, mixed, 2)], np.array([2, 1], np.int32))
    assert sorted(one.counts.tolist() for one in kept) == [[1, 0], [1, 1]]
    bare = without_surplus([load_of(0, mixed, 2)], np.array([0, 1], np.int32))
    assert bare == []


@pytest.mark.parametrize("mixed", [multi_problem(8, 2, 1), mix_problem(3)], ids=["fewest", "cheapest"])
def test_the_same_seed_and_work_give_the_same_plan_and_more_work_no_worse_one(mixed: LoadProblem) -> None:
    first = answer_of(mixed)
    assert plan_loads(mixed, limits=FEW) == first
    quick = answer_of(mixed, Limits(time_limit_s=120, work_limit=0.01))
    assert objective_value(mixed, first) <= objective_value(mixed, quick)
    assert first.unloaded == quick.unloaded == ()


def test_a_cancel_after_the_first_plan_keeps_it() -> None:
    told: list[Progress] = []
    cubes = multi_problem(8, 2, 2)
    answer = plan_loads(cubes, on_progress=told.append, should_stop=lambda: bool(told))
    assert check_loads(cubes, answer) == ()
    assert (len(answer.loads), answer.unloaded) == (told[0].cost_minor, ())
    assert answer.limits["ended_by"] == "stopped"


def test_a_cancel_before_the_first_plan_says_what_stays_out() -> None:
    cubes = multi_problem(8, 2, 2)
    answer = plan_loads(cubes, should_stop=lambda: True)
    assert check_loads(cubes, answer) == ()
    assert {one.reason for one in answer.unloaded} == {StaysOut.TIME_LIMIT}


def test_progress_never_gets_worse() -> None:
    told: list[Progress] = []
    plan_loads(mix_problem(3), limits=FEW, on_progress=told.append)
    costs = [one.cost_minor for one in told]
    assert len(costs) > 1
    assert costs == sorted(costs, reverse=True)
    assert all(one.lower_bound_minor <= one.cost_minor for one in told)


def drawn(seed: int) -> LoadProblem:
    """Return goods of a few classes, owners and stops for several containers, some with limits."""
    draw = Random(seed)
    classes = ("dry", "food", "chemical")
    packages = tuple(
        package(
            f"P{index}", (draw.randint(1, 6), draw.randint(1, 4), draw.randint(1, 4)), draw.randint(1, 6),
            mass_g=draw.randint(0, 5_000), max_load_g=draw.choice((None, None, 0, 8_000)), stop=draw.choice((1, 1, 2)),
            owner=draw.choice("AB"), cargo_class=draw.choice(classes),
            vertical=draw.choice((("height",), ("length", "width", "height"))),
        )
        for index in range(draw.randint(1, 6))
    )  # fmt: skip
    boxes = (
        container(code="A", cost_minor=draw.randint(0, 20), payload_g=draw.choice((None, 9_000))),
        container(code="B", cost_minor=draw.randint(1, 20), length_mm=600, count=draw.choice((None, 1, 2)),
                  cargo_classes=draw.choice((None, frozenset({"dry", "food"})))),
    )  # fmt: skip
    return LoadProblem(
        objective=draw.choice((Objective.COST, Objective.CONTAINERS)), containers=boxes, packages=packages,
        owners=draw.choice(tuple(Owners)), support_permille=draw.choice((1000, 750, 0)),
        incompatible_classes=draw.choice((frozenset(), frozenset({frozenset({"food", "chemical"})}))),
    )  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_every_plan_is_accepted_by_the_judge_and_not_below_its_bound(seed: int) -> None:
    one = drawn(seed)
    answer = answer_of(one, Limits(time_limit_s=120, work_limit=0.3))
    quick = answer_of(one, Limits(time_limit_s=120, work_limit=0.01))
    if not answer.unloaded:
        costs = [box.cost_minor if one.objective is Objective.COST else 1 for box in one.containers]
        quantities = np.array([kind.quantity for kind in one.packages], np.int32)
        bound = lower_bound(one, quantities, measures(one, quantities), costs)
        assert bound <= objective_value(one, answer) <= objective_value(one, quick)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_more_goods_never_lower_the_bound(seed: int) -> None:
    one = drawn(seed)
    more = replace(one, packages=tuple(replace(kind, quantity=kind.quantity + 1) for kind in one.packages))
    bounds = []
    for each in (one, more):
        boxes = tuple(replace(box, count=None) for box in each.containers)
        each = replace(each, containers=boxes)
        quantities = np.array([kind.quantity for kind in each.packages], np.int32)
        bounds.append(lower_bound(each, quantities, measures(each, quantities), [1] * len(boxes)))
    assert bounds[0] <= bounds[1]
