"""Packages moved, turned, put out and pinned by hand in a box of 10 x 4 x 4 dm, and the judge after each act."""

import random
from dataclasses import replace

import pytest

from optimizer.checking_loads import check_loads
from optimizer.limits import Limits
from optimizer.load_problem import LoadProblem, Objective
from optimizer.load_result import StaysOut, Unloaded
from optimizer.loading.engine import plan_loads
from optimizer.manual_loading import (
    WorkingLoad,
    around_pins,
    block_of,
    equals_of,
    extent,
    judged,
    loaded,
    moved,
    pinned,
    put_out,
    solved,
    turned,
    turns_of,
    unpinned,
    working_load,
)
from optimizer.manual_snapping import nearest_place
from tests.optimizer.loads import answer, container, package, problem, put


def volume_problem(*packages, **changes) -> LoadProblem:
    return problem(*packages, objective=Objective.VOLUME, containers=(container(count=1),), **changes)


CUBE = package("CUBE", (2, 2, 2), 4)
"""Four cubes of 2 dm: two side by side on the floor at the front wall, two on top of them."""

PLANK = package("PLANK", (4, 1, 1), 1)


def cubes(one: LoadProblem | None = None) -> tuple[LoadProblem, WorkingLoad]:
    asked = one or volume_problem(CUBE, PLANK)
    placements = [
        put(CUBE, 0, 0, 0, 1), put(CUBE, 0, 200, 0, 2), put(CUBE, 0, 0, 200, 3), put(CUBE, 0, 200, 200, 4),
        put(PLANK, 200, 0, 0, 5),
    ]  # fmt: skip
    return asked, working_load(placements)


def rules(asked: LoadProblem, load: WorkingLoad) -> list[tuple[str, tuple[int, ...]]]:
    return [(one.violation.rule, one.numbers) for one in judged(asked, load)]


def test_an_untouched_load_breaks_no_rule_and_keeps_the_steps_of_its_plan():
    asked, load = cubes()
    assert judged(asked, load) == ()
    assert [one.number for one in load.standing] == [one.placement.step for one in load.standing] == [1, 2, 3, 4, 5]


def test_a_package_that_is_moved_into_another_is_named_with_it():
    asked, load = cubes()
    load = moved(load, {5}, (100, 0, 0))
    assert ("placed_overlap", (1, 5)) in [(rule, tuple(sorted(numbers))) for rule, numbers in rules(asked, load)]


def test_what_is_pulled_from_under_others_leaves_them_without_support():
    asked, load = cubes()
    assert rules(asked, moved(load, {1}, (600, 0, 0))) == [("placed_support", (3,))]


def test_a_package_out_of_the_container_or_in_the_way_is_named():
    asked, load = cubes()
    assert rules(asked, moved(load, {5}, (700, 0, 0))) == [("placed_inside", (5,))]
    crossed = package("CROSS", (2, 2, 2), 1, max_load_g=0)
    one = volume_problem(crossed, PLANK)
    load = working_load([put(crossed, 0, 0, 0, 1), put(PLANK, 400, 0, 0, 2)])
    assert ("placed_load", (1,)) in rules(one, moved(load, {2}, (0, 0, 200)))


def test_steps_are_counted_again_after_every_act():
    asked, load = cubes()
    load = moved(load, {5}, (600, 0, 0))
    load = moved(load, {1}, (400, 0, 0))
    steps = [one.placement.step for one in load.standing]
    assert steps == list(range(1, 6))
    assert not [rule for rule, _ in rules(asked, load) if rule.startswith("placed_step")]


def test_every_act_leaves_the_load_before_as_it_was_so_that_it_can_be_undone():
    asked, load = cubes()
    before = load.placements
    put_out(moved(pinned(load, {1, 2}), {3}, (600, 0, 0)), {4})
    assert load.placements == before
    assert judged(asked, load) == ()


def test_a_block_is_what_is_equal_and_touches_face_to_face():
    _, load = cubes()
    assert block_of(load, 1) == {1, 2, 3, 4}
    apart = moved(load, {2}, (600, 200, 0))
    assert block_of(apart, 1) == {1, 3, 4}
    assert block_of(apart, 2) == {2}
    assert equals_of(apart, 2) == {1, 2, 3, 4}


def test_a_block_moves_and_turns_as_one():
    asked, load = cubes()
    block = block_of(load, 1)
    assert extent(load, block) == ((0, 0, 0), (200, 400, 400))
    there = moved(load, block, (600, 0, 0))
    assert extent(there, block) == ((600, 0, 0), (800, 400, 400))
    assert judged(asked, there) == ()
    across = turned(there, block, (1, 0, 2))
    assert extent(across, block) == ((600, 0, 0), (1000, 200, 400))
    assert judged(asked, across) == ()


def test_only_stances_that_a_package_may_take_are_offered():
    asked, load = cubes()
    assert turns_of(asked, load, {5}) == ((0, 1, 2), (1, 0, 2))
    assert turns_of(asked, load, {1}) == ((0, 1, 2),)
    free = volume_problem(package("PLANK", (4, 1, 1), 1, vertical=("length", "width", "height")))
    lying = working_load([put(PLANK, 0, 0, 0)])
    assert len(turns_of(free, lying, {1})) == 3


def test_what_is_put_out_breaks_no_rule_and_can_come_back():
    asked, load = cubes()
    out = put_out(pinned(load, {5}), {5})
    assert (judged(asked, out), [one.number for one in out.out]) == ((), [5])
    assert not out.by_number[5].is_pinned
    assert loaded(asked, out).mass_g == 4000
    assert judged(asked, moved(out, {5}, (200, 0, 0))) == ()


def test_what_a_pinned_package_rests_on_is_pinned_too_and_freed_together():
    _, load = cubes()
    held = pinned(load, {4})
    assert {one.number for one in held.pieces if one.is_pinned} == {2, 4}
    assert {one.number for one in unpinned(held, {2}).pieces if one.is_pinned} == set()
    assert {one.number for one in unpinned(held, {4}).pieces if one.is_pinned} == {2}


def test_what_is_out_cannot_be_pinned():
    _, load = cubes()
    assert not pinned(put_out(load, {1}), {1}).by_number[1].is_pinned


def test_the_problem_around_pins_holds_exactly_what_is_pinned():
    asked, load = cubes()
    assert around_pins(asked, load).pinned == ()
    (pin,) = around_pins(asked, pinned(load, {1, 5})).pinned
    assert (pin.container, pin.position) == ("BOX", 0)
    assert {(one.package, one.x_mm) for one in pin.placements} == {("CUBE", 0), ("PLANK", 200)}


def test_what_an_answer_leaves_where_it_was_keeps_its_number():
    asked, load = cubes()
    load = pinned(put_out(load, {4}), {2})
    there = [put(CUBE, 0, 200, 0, 1), put(CUBE, 0, 0, 0, 2), put(CUBE, 600, 0, 0, 3), put(CUBE, 600, 200, 0, 4)]
    left = [Unloaded(package="PLANK", quantity=1, reason=StaysOut.NO_ROOM)]
    after = solved(load, answer(asked, there, unloaded=left))
    assert after.by_number[1].low == (0, 0, 0)
    assert (after.by_number[2].low, after.by_number[2].is_pinned) == ((0, 200, 0), True)
    assert {after.by_number[3].low, after.by_number[4].low} == {(600, 0, 0), (600, 200, 0)}
    assert [one.number for one in after.out] == [5]
    assert judged(asked, after) == ()


# Snapping


def test_the_nearest_free_corner_is_at_a_wall_or_beside_another_package():
    asked, load = cubes()
    out = put_out(load, {5})
    assert nearest_place(asked, out, {5}, (0, 0, 0)) == (200, 0, 0)
    assert nearest_place(asked, out, {5}, (1000, 400, 0)) == (600, 300, 0)


def test_on_top_only_where_the_base_is_supported():
    asked, load = cubes()
    out = put_out(load, {5})
    assert nearest_place(asked, out, {5}, (0, 0, 400)) == (200, 0, 0)
    across = turned(out, {5}, (1, 0, 2))
    low = moved(put_out(across, {3, 4}), {5}, (0, 0, 200))
    assert nearest_place(asked, put_out(low, {5}), {5}, (0, 0, 210)) == (0, 0, 200)


def test_a_whole_block_finds_its_place_and_there_is_none_where_it_does_not_fit():
    asked, load = cubes()
    block = block_of(load, 1)
    assert nearest_place(asked, load, block, (900, 0, 0)) == (800, 0, 0)
    long = package("LONG", (9, 4, 4), 1)
    one = volume_problem(long, CUBE)
    full = working_load([put(long, 0, 0, 0, 1), put(CUBE, 0, 0, 0, 2)])
    assert nearest_place(one, put_out(full, {2}), {2}, (0, 0, 0)) is None


def test_the_judge_is_asked_about_load_and_door_too():
    glass = package("GLASS", (4, 4, 2), 1, max_load_g=0)
    asked = volume_problem(glass, CUBE)
    load = working_load([put(glass, 0, 0, 0, 1), put(CUBE, 400, 0, 0, 2)])
    assert nearest_place(asked, load, {2}, (0, 0, 200)) == (400, 0, 0)


def test_nothing_snaps_onto_what_it_held_up_or_onto_what_stands_in_another():
    asked, load = cubes()
    # Cube 1 holds up cube 3: without it cube 3 hangs, and the top of it is no place, though the nearest corner.
    assert nearest_place(replace_height(asked, 600), load, {1}, (0, 0, 400)) == (0, 200, 400)
    within = moved(load, {5}, (0, 0, 300))
    assert nearest_place(replace_height(asked, 600), put_out(within, {2}), {2}, (0, 0, 400))[2] == 0


def replace_height(asked: LoadProblem, height_mm: int) -> LoadProblem:
    return replace(asked, containers=(replace(asked.containers[0], height_mm=height_mm),))


@pytest.mark.parametrize("seed", range(6))
def test_wherever_packages_snap_to_the_judge_accepts_the_load(seed):
    chance = random.Random(seed)
    kinds = [package(f"K{n}", tuple(chance.randint(1, 3) for _ in range(3)), 4) for n in range(3)]
    asked = volume_problem(*kinds, support_permille=chance.choice([1000, 750, 0]))
    found = plan_loads(asked, limits=Limits(time_limit_s=30, work_limit=0.02))
    load = working_load(found.loads[0].placements)
    for number in chance.sample([one.number for one in load.pieces], 3):
        block = block_of(load, number)
        wanted = (chance.randint(0, 1000), chance.randint(0, 400), chance.randint(0, 400))
        place = nearest_place(asked, put_out(load, block), block, wanted)
        if place is not None:
            after = moved(put_out(load, block), block, place)
            without = {one.violation.rule for one in judged(asked, put_out(load, block))}
            assert not any(set(one.numbers) & set(block) for one in judged(asked, after))
            assert {one.violation.rule for one in judged(asked, after)} <= without
            assert extent(after, block)[0] == place


def test_a_load_worked_on_by_hand_is_what_the_judge_of_answers_sees():
    asked, load = cubes()
    there = nearest_place(asked, put_out(load, {5}), {5}, (600, 300, 0))
    after = moved(load, {5}, there)
    assert check_loads(asked, answer(asked, after.placements)) == ()
