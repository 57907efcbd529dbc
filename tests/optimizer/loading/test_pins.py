"""Loading around what stands already: nothing pinned moves, every rule holds for all together."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.checking_loads import check_loads
from optimizer.limits import Limits
from optimizer.load_problem import LoadProblem, Objective, Owners, Pinned
from optimizer.load_result import LoadAnswer
from optimizer.loading.engine import plan_loads
from optimizer.pinning import pinned_of
from optimizer.problem import ProblemError
from optimizer.result import Placement, SolveStatus
from tests.optimizer.loading.draws import small_rich_problem
from tests.optimizer.loads import container, package, problem, put

QUICK = Limits(time_limit_s=120, work_limit=0.002)
CUBE = package("cube", (2, 2, 2), 20)
"""A container of 10 x 4 x 4 dm takes 20 of them."""


def solved(one: LoadProblem) -> LoadAnswer:
    answer = plan_loads(one, limits=QUICK)
    assert check_loads(one, answer) == ()
    return answer


def places(answer: LoadAnswer, position: int = 0) -> set[tuple[str, int, int, int]]:
    return {(one.package, one.x_mm, one.y_mm, one.z_mm) for one in answer.loads[position].placements}


def pinned(*placements: Placement, position: int = 0) -> tuple[Pinned, ...]:
    return (Pinned(container="BOX", position=position, placements=placements),)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), share=st.sampled_from([0.2, 0.6, 1.0]), loaded=st.booleans())
def test_every_rule_holds_around_pins_and_none_of_them_is_lost(seed: int, share: float, loaded: bool) -> None:
    one, draw = small_rich_problem(seed), Random(seed)
    first = solved(one)
    pins = tuple(
        pinned_of(first, position, {each.step for each in load.placements if draw.random() < share})
        for position, load in enumerate(first.loads)
    )
    again = solved(replace(one, pinned=tuple(replace(pin, loaded=loaded) for pin in pins if pin.placements)))
    assert sum(len(load.placements) for load in again.loads) >= sum(len(pin.placements) for pin in pins)
    if share == 1.0 and not first.unloaded:
        assert again.loads == first.loads


def test_a_part_filled_container_is_filled_up() -> None:
    standing = (put(CUBE, 0, 0, 0), put(CUBE, 0, 200, 0, 2), put(CUBE, 0, 0, 200, 3))
    answer = solved(problem(CUBE, pinned=pinned(*standing)))
    assert (answer.status, len(answer.loads[0].placements)) == (SolveStatus.OPTIMAL, 20)


def test_what_is_pinned_may_be_loaded_after_what_stands_behind_it() -> None:
    answer = solved(problem(CUBE, pinned=pinned(put(CUBE, 400, 0, 0))))
    assert len(answer.loads[0].placements) == 20


def test_nothing_is_brought_in_behind_what_is_loaded_already() -> None:
    (pin,) = pinned(put(CUBE, 400, 0, 0), put(CUBE, 400, 0, 200))
    answer = solved(problem(CUBE, pinned=(replace(pin, loaded=True),)))
    # Behind the two on the left four places stay empty; both are the first.
    assert len(answer.loads[0].placements) == 16
    first = [(one.x_mm, one.y_mm, one.z_mm) for one in answer.loads[0].placements[:2]]
    assert first == [(400, 0, 0), (400, 0, 200)]


def test_the_top_of_a_pinned_package_bears_beside_one_of_equal_height() -> None:
    wide = package("wide", (2, 4, 2), 1)
    standing = (put(CUBE, 0, 0, 0), put(CUBE, 0, 200, 0, 2))
    short = container(length_mm=200)
    answer = solved(problem(replace(CUBE, quantity=2), wide, containers=(short,), pinned=pinned(*standing)))
    assert ("wide", 0, 0, 200) in places(answer)


def test_nothing_is_put_on_a_pinned_package_that_bears_nothing() -> None:
    fragile = package("fragile", (2, 2, 2), 1, max_load_g=0)
    standing = put(fragile, 400, 0, 0)
    answer = solved(problem(CUBE, fragile, pinned=pinned(standing)))
    assert len(answer.loads) == 2
    assert ("cube", 400, 0, 200) not in places(answer)


def test_payload_counts_what_is_pinned() -> None:
    light = container(payload_g=6_000)
    standing = put(CUBE, 0, 0, 0)
    answer = solved(problem(replace(CUBE, quantity=9), containers=(light,), pinned=pinned(standing)))
    assert [len(load.placements) for load in answer.loads] == [6, 3]


def test_goods_of_a_later_stop_stay_out_of_the_way_of_pinned_ones() -> None:
    late = package("late", (2, 2, 2), 20, stop=2)
    answer = solved(problem(replace(CUBE, quantity=1), late, pinned=pinned(put(CUBE, 400, 0, 0))))
    # Before it and above it nothing may stand that is unloaded later: 5 x 2 beside it, 2 x 2 behind it.
    assert len(answer.loads[0].placements) == 1 + 10 + 4
    assert not {("late", 600, 0, 0), ("late", 800, 0, 0), ("late", 400, 0, 200)} & places(answer)


def test_strict_owners_keep_to_their_side_of_a_pinned_slice() -> None:
    mine, yours = package("mine", (2, 4, 4), 2, owner="a"), package("yours", (2, 4, 4), 1, owner="b")
    answer = solved(
        problem(mine, yours, owners=Owners.STRICT, pinned=pinned(put(yours, 200, 0, 0)), objective=Objective.VOLUME)
    )
    # One would fit on either side, but a slice has no hole.
    assert places(answer) == {("yours", 200, 0, 0), ("mine", 400, 0, 0), ("mine", 600, 0, 0)}


def test_containers_before_a_pinned_one_are_not_left_empty() -> None:
    answer = solved(problem(replace(CUBE, quantity=3), pinned=pinned(put(CUBE, 0, 0, 0), position=2)))
    assert [len(load.placements) for load in answer.loads] == [1, 1, 1]


@pytest.mark.parametrize(
    ("standing", "rule"),
    [
        ((put(CUBE, 900, 0, 0),), "placed_inside"),
        ((put(CUBE, -300, 0, -100),), "placed_inside"),
        ((put(CUBE, 0, 0, 0), put(CUBE, 100, 0, 0, 2)), "placed_overlap"),
        ((put(CUBE, 0, 0, 100),), "placed_support"),
        (
            tuple(put(CUBE, 200 * k % 1000, 200 * (k // 5 % 2), 200 * (k // 10), k + 1) for k in range(21)),
            "package_places",
        ),
    ],
)
def test_a_pin_that_breaks_a_rule_stays_and_the_judge_says_so(standing: tuple[Placement, ...], rule: str) -> None:
    bad = problem(CUBE, pinned=pinned(*standing), containers=(container(line_load_g_per_m=90_000),))
    found = check_loads(bad, plan_loads(bad, limits=QUICK))
    assert rule in {one.rule for one in found}
    assert "pinned" not in {one.rule for one in found}


def test_a_pin_out_of_the_world_is_refused_by_name() -> None:
    with pytest.raises(ProblemError) as caught:
        problem(CUBE, pinned=pinned(put(CUBE, 3_000_000_000, 0, 0)))
    (fault,) = caught.value.faults
    assert fault.path == "pinned[0].placements[0].x_mm"


def test_what_is_pinned_stays_when_there_is_no_time_left() -> None:
    one = problem(CUBE, pinned=pinned(put(CUBE, 400, 0, 0)))
    answer = plan_loads(one, limits=QUICK, should_stop=lambda: True)
    assert check_loads(one, answer) == ()
    assert ("cube", 400, 0, 0) in places(answer)


def test_what_holds_up_a_pinned_package_is_pinned_too() -> None:
    answer = solved(problem(CUBE))
    top = next(one for one in answer.loads[0].placements if one.z_mm)
    pin = pinned_of(answer, 0, {top.step})
    assert [(one.x_mm, one.y_mm, one.z_mm) for one in pin.placements] == [
        (top.x_mm, top.y_mm, 0), (top.x_mm, top.y_mm, 200),
    ]  # fmt: skip
