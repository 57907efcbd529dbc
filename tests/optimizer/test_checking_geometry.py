"""The judge of placements: one tiny load for each rule, right, and broken in the least way."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.checking_geometry import check_geometry
from optimizer.load_problem import LoadContainer, LoadPackage, Owners
from optimizer.result import Placement, Violation
from tests.optimizer.loads import container, package, put

Load = list[tuple[Placement, LoadPackage]]


def judged(
    *load: tuple[Placement, LoadPackage],
    inside: LoadContainer | None = None,
    support: int = 1000,
    owners: Owners = Owners.FREE,
) -> list[Violation]:
    return list(check_geometry("K-1", inside or container(), load, support_permille=support, owners=owners))


def rules(*load: tuple[Placement, LoadPackage], **options: Any) -> set[str]:
    return {one.rule for one in judged(*load, **options)}


def at(kind: LoadPackage, x: int, y: int, z: int, step: int, **options: Any) -> tuple[Placement, LoadPackage]:
    return put(kind, x, y, z, step, **options), kind


CUBE = package("cube")


def test_an_empty_container_breaks_nothing() -> None:
    assert judged() == []


def test_a_package_may_fill_the_container_to_the_last_millimetre() -> None:
    assert rules(at(package(dm=(10, 4, 4)), 0, 0, 0, 1)) == set()


@pytest.mark.parametrize("corner", [(-1, 0, 0), (0, -1, 0), (801, 0, 0), (0, 201, 0)])
def test_a_package_that_sticks_out_by_a_millimetre_is_seen(corner: tuple[int, int, int]) -> None:
    assert rules(at(CUBE, *corner, 1)) == {"placed_inside"}


def test_a_package_that_pierces_the_ceiling_the_floor_or_the_load_line_is_seen() -> None:
    stack = (at(CUBE, 0, 0, 0, 1), at(CUBE, 0, 0, 200, 2))
    assert rules(*stack) == set()
    assert rules(*stack, inside=container(height_mm=399)) == {"placed_inside"}
    assert rules(*stack, inside=container(load_line_mm=400)) == set()
    assert rules(*stack, inside=container(load_line_mm=399)) == {"placed_inside"}
    assert rules(at(CUBE, 0, 0, -1, 1)) == {"placed_inside"}


def test_sizes_are_those_of_the_package_and_stand_as_they_may() -> None:
    brick = package("brick", (3, 2, 1))
    assert rules(at(brick, 0, 0, 0, 1)) == rules(at(brick, 0, 0, 0, 1, turned=True)) == set()
    shorter, tipped = replace(put(brick, 0, 0, 0), dx_mm=299), replace(put(brick, 0, 0, 0), dx_mm=100, dz_mm=300)
    assert rules((shorter, brick)) == {"placed_size"}
    assert rules((tipped, brick)) == {"placed_size"}
    assert rules((tipped, replace(brick, vertical=("length",)))) == set()


def test_the_door_may_be_lower_and_narrower_than_the_inside() -> None:
    for door in ({"door_height_mm": 200}, {"door_width_mm": 200}):
        assert rules(at(CUBE, 0, 0, 0, 1), inside=container(**door)) == set()
    for door in ({"door_height_mm": 199}, {"door_width_mm": 199}):
        assert rules(at(CUBE, 0, 0, 0, 1), inside=container(**door)) == {"placed_door"}


def test_the_door_is_passed_lengthwise() -> None:
    plank = package("plank", (4, 1, 1))
    assert rules(at(plank, 0, 0, 0, 1), inside=container(door_width_mm=100)) == set()
    assert rules(at(plank, 0, 0, 0, 1, turned=True), inside=container(door_width_mm=399)) == {"placed_door"}


def test_two_packages_may_touch_but_not_overlap_by_a_millimetre() -> None:
    first = at(CUBE, 0, 0, 0, 1)
    assert rules(first, at(CUBE, 200, 0, 0, 2)) == set()
    assert rules(first, at(CUBE, 199, 0, 0, 2)) == {"placed_overlap"}
    assert rules(first, at(CUBE, 0, 199, 0, 2)) == {"placed_overlap"}
    assert "placed_overlap" in rules(first, at(CUBE, 0, 0, 199, 2))
    assert "placed_overlap" in rules(first, at(CUBE, 0, 0, 0, 2))


def test_full_support_is_broken_by_one_millimetre() -> None:
    assert rules(at(CUBE, 0, 0, 0, 1), at(CUBE, 0, 0, 200, 2)) == set()
    (found,) = judged(at(CUBE, 0, 0, 0, 1), at(CUBE, 1, 0, 200, 2))
    assert (found.rule, found.subject) == ("placed_support", "K-1: cube step 2")
    assert (found.claimed, found.found) == ("39800 mm2", "1000 permille of 40000 mm2")


def test_a_package_that_hangs_a_millimetre_above_another_is_not_supported() -> None:
    assert rules(at(CUBE, 0, 0, 0, 1), at(package("low", (2, 2, 1)), 0, 0, 201, 2)) == {"placed_support"}


def test_partial_support_is_compared_exactly() -> None:
    for shift, broken in ((50, set()), (51, {"placed_support"})):
        assert rules(at(CUBE, 0, 0, 0, 1), at(CUBE, shift, 0, 200, 2), support=750) == broken


def test_a_bridge_over_two_packages_of_one_height_is_supported_by_both() -> None:
    bridge = package("bridge", (4, 2, 1))
    pair = (at(CUBE, 0, 0, 0, 1), at(CUBE, 200, 0, 0, 2))
    assert rules(*pair, at(bridge, 0, 0, 200, 3)) == set()
    assert rules(at(CUBE, 0, 0, 0, 1), at(CUBE, 201, 0, 0, 2), at(bridge, 0, 0, 200, 3)) == {"placed_support"}
    low = package("low", (2, 2, 1))
    assert rules(at(CUBE, 0, 0, 0, 1), at(low, 200, 0, 0, 2), at(bridge, 0, 0, 200, 3)) == {"placed_support"}


def test_without_a_policy_a_package_may_float_and_passes_nothing_on() -> None:
    tender = package("tender", max_load_g=0)
    heavy = package("heavy", (2, 2, 1), mass_g=50_000)
    assert rules(at(tender, 0, 0, 0, 1), at(heavy, 0, 0, 201, 2), support=0) == set()
    assert rules(at(tender, 0, 0, 0, 1), at(heavy, 0, 0, 200, 2), support=0) == {"placed_load"}


def test_what_rests_on_a_package_may_weigh_as_much_as_it_bears() -> None:
    top = at(package("top"), 0, 0, 200, 2)
    assert rules(at(package("base", max_load_g=1000), 0, 0, 0, 1), top) == set()
    assert rules(at(package("base", max_load_g=999), 0, 0, 0, 1), top) == {"placed_load"}


def test_nothing_on_top_means_not_even_what_weighs_nothing() -> None:
    feather = package("feather", mass_g=0)
    base = package("base", max_load_g=0)
    assert rules(at(base, 0, 0, 0, 1), at(feather, 0, 0, 200, 2)) == {"placed_load"}
    assert rules(at(replace(base, max_load_g=1), 0, 0, 0, 1), at(feather, 0, 0, 200, 2)) == set()
    beside = at(feather, 200, 0, 200, 3)
    assert rules(at(base, 0, 0, 0, 1), at(CUBE, 200, 0, 0, 2), beside) == set()


def pyramid(left_g: int | None = None, right_g: int | None = None, middle_g: int | None = None) -> Load:
    """Return two levels: a top of 900 g on a beam of 300 g that rests 300 mm on the left base, 100 mm on the right."""
    left, right = package("left", (3, 2, 1), max_load_g=left_g), package("right", (1, 2, 1), max_load_g=right_g)
    beam = package("beam", (4, 2, 1), mass_g=300, max_load_g=middle_g)
    top = package("top", (4, 2, 2), mass_g=900)
    return [at(left, 0, 0, 0, 1), at(right, 300, 0, 0, 2), at(beam, 0, 0, 100, 3), at(top, 0, 0, 200, 4)]


def test_loads_are_passed_down_two_levels_by_contact_area() -> None:
    # 900 g arrive on the beam; 1200 g leave it: three quarters to the left, one quarter to the right.
    assert judged(*pyramid(900, 300, 900)) == []
    for limits, subject, arriving in (
        ((899, 300, 900), "left step 1", "900 g on top"),
        ((900, 299, 900), "right step 2", "300 g on top"),
        ((900, 300, 899), "beam step 3", "900 g on top"),
    ):
        (found,) = judged(*pyramid(*limits))
        assert (found.rule, found.subject, found.claimed) == ("placed_load", f"K-1: {subject}", arriving)


def test_loads_are_exact_fractions() -> None:
    third, two_thirds = package("third", (1, 2, 1), max_load_g=333), package("rest", (2, 2, 1))
    top = package("top", (3, 2, 1))
    (found,) = judged(at(third, 0, 0, 0, 1), at(two_thirds, 100, 0, 0, 2), at(top, 0, 0, 100, 3))
    assert (found.claimed, found.found) == ("1000/3 g on top", "limit 333 g")


def test_the_heaviest_metre_is_compared_with_the_limit() -> None:
    # 1 kg on 200 mm is 5 kg/m; two beside each other are 10 kg/m; one behind the other stay 5 kg/m.
    beside, behind = at(CUBE, 0, 200, 0, 2), at(CUBE, 200, 0, 0, 2)
    first = at(CUBE, 0, 0, 0, 1)
    assert rules(first, behind, inside=container(line_load_g_per_m=5_000)) == set()
    assert rules(first, beside, inside=container(line_load_g_per_m=10_000)) == set()
    (found,) = judged(first, beside, inside=container(line_load_g_per_m=9_999))
    assert (found.rule, found.subject, found.claimed) == ("placed_line_load", "K-1: x 0 mm", "10000 g/m")
    overlapping = judged(first, at(CUBE, 199, 200, 0, 2), inside=container(line_load_g_per_m=9_999))
    assert [one.subject for one in overlapping] == ["K-1: x 199 mm"]


EARLY, LATE = package("early", stop=1), package("late", stop=2)


def test_what_is_unloaded_later_stands_deeper() -> None:
    assert rules(at(LATE, 0, 0, 0, 1), at(EARLY, 200, 0, 0, 2)) == set()
    (found,) = judged(at(EARLY, 0, 0, 0, 1), at(LATE, 200, 0, 0, 2))
    assert (found.rule, found.subject, found.claimed) == ("placed_stop", "K-1: early step 1", "stop 1")
    assert found.found == "K-1: late step 2 of stop 2 in its way"


def test_what_is_unloaded_later_is_in_the_way_without_touching() -> None:
    assert rules(at(EARLY, 0, 0, 0, 1), at(LATE, 800, 0, 0, 2)) == {"placed_stop"}
    assert rules(at(EARLY, 0, 0, 0, 1), at(LATE, 800, 200, 0, 2)) == set()
    assert rules(at(EARLY, 0, 0, 0, 1), at(LATE, 800, 199, 0, 2)) == {"placed_stop"}


def test_what_is_unloaded_later_does_not_stand_on_top() -> None:
    assert rules(at(LATE, 0, 0, 0, 1), at(EARLY, 0, 0, 200, 2)) == set()
    assert rules(at(EARLY, 0, 0, 0, 1), at(LATE, 0, 0, 200, 2)) == {"placed_stop"}
    low = package("low", (2, 2, 1), stop=1)
    middle = package("middle", (2, 2, 1), stop=1)
    assert rules(at(low, 0, 0, 0, 1), at(middle, 0, 0, 100, 2), at(LATE, 0, 0, 200, 3)) == {"placed_stop"}


def test_what_stands_beside_is_never_in_the_way() -> None:
    assert rules(at(EARLY, 0, 0, 0, 1), at(LATE, 0, 200, 0, 2)) == set()
    assert rules(at(EARLY, 0, 0, 0, 1), at(LATE, 199, 200, 0, 2)) == set()


def test_steps_count_from_one_without_gaps() -> None:
    assert rules(at(CUBE, 0, 0, 0, 1), at(CUBE, 200, 0, 0, 2)) == set()
    for first, second in ((0, 1), (1, 3), (2, 3)):
        assert rules(at(CUBE, 0, 0, 0, first), at(CUBE, 200, 0, 0, second)) == {"placed_steps"}
    assert rules(at(CUBE, 0, 0, 0, 1), at(CUBE, 200, 0, 0, 1)) == {"placed_steps"}


def test_nothing_is_loaded_behind_below_or_under_what_stands_there() -> None:
    for corner in ((200, 0, 0), (800, 0, 0), (0, 0, 200)):
        assert rules(at(CUBE, 0, 0, 0, 1), at(CUBE, *corner, 2)) <= {"placed_support"}
        (found,) = (one for one in judged(at(CUBE, 0, 0, 0, 2), at(CUBE, *corner, 1)) if one.rule != "placed_support")
        assert (found.rule, found.subject, found.claimed) == ("placed_step", "K-1: cube step 2", "step 2")
    assert rules(at(CUBE, 0, 0, 0, 2), at(CUBE, 0, 200, 0, 1)) == set()


def test_strict_owners_have_a_slice_of_the_length_each() -> None:
    mine, theirs = package("mine", owner="andina"), package("theirs", owner="bolivar")
    apart = (at(mine, 0, 0, 0, 1), at(theirs, 200, 0, 0, 2))
    mixed = (at(mine, 0, 0, 0, 1), at(theirs, 199, 200, 0, 2))
    assert rules(*apart, owners=Owners.STRICT) == set()
    assert rules(*mixed) == rules(*mixed, owners=Owners.PREFERRED) == set()
    (found,) = judged(*mixed, owners=Owners.STRICT)
    assert (found.rule, found.subject) == ("placed_owner", "K-1: andina and bolivar")
    assert (found.claimed, found.found) == ("x 0 to 200 mm", "x 199 to 399 mm")


def test_a_strict_slice_is_in_one_piece_and_nobody_s_goods_stand_anywhere() -> None:
    mine, theirs = package("mine", owner="andina"), package("theirs", owner="bolivar")
    around = (at(mine, 0, 0, 0, 1), at(theirs, 200, 0, 0, 2), at(mine, 400, 0, 0, 3))
    assert rules(*around, owners=Owners.STRICT) == {"placed_owner"}
    assert rules(*around[:2], at(CUBE, 400, 0, 0, 3), owners=Owners.STRICT) == set()
    assert rules(at(mine, 0, 0, 0, 1), at(CUBE, 0, 200, 0, 2), owners=Owners.STRICT) == set()


def test_strict_owners_have_a_slice_for_each_stop() -> None:
    def of(owner: str, stop: int, x: int, step: int) -> tuple[Placement, LoadPackage]:
        return at(package(f"{owner}{stop}", owner=owner, stop=stop), x, 0, 0, step)

    in_turn = [of("andina", 2, 0, 1), of("bolivar", 2, 200, 2), of("andina", 1, 400, 3), of("bolivar", 1, 600, 4)]
    assert rules(*in_turn, owners=Owners.STRICT) == set()
    one_stop = [of("andina", 1, 0, 1), of("bolivar", 1, 200, 2), of("andina", 1, 400, 3)]
    assert rules(*one_stop, owners=Owners.STRICT) == {"placed_owner"}


def test_a_hopeless_load_is_judged_without_an_error() -> None:
    flat = replace(put(CUBE, 0, 0, 0), dx_mm=0, dy_mm=-5, dz_mm=0)
    assert "placed_size" in rules(
        (flat, CUBE), (flat, CUBE), at(CUBE, 0, 0, 0, 1), inside=container(line_load_g_per_m=1)
    )


@st.composite
def stacks(draw: st.DrawFn) -> Load:
    """Draw a right load: piles of equal packages from the front wall on, in lanes, step by step."""
    size = draw(st.sampled_from([(2, 2, 2), (1, 2, 1), (2, 1, 1), (1, 1, 2)]))
    kind = package("pile", size, vertical=("height",))
    lanes, levels = 400 // kind.width_mm, 400 // kind.height_mm
    load: Load = []
    for row in range(draw(st.integers(1, 1000 // kind.length_mm))):
        for lane in range(draw(st.integers(1, lanes))):
            for level in range(draw(st.integers(1, levels))):
                corner = (row * kind.length_mm, lane * kind.width_mm, level * kind.height_mm)
                load.append(at(kind, *corner, len(load) + 1))
    return load


@settings(max_examples=60, deadline=None)
@given(stacks())
def test_a_right_load_stays_right_in_the_mirror(load: Load) -> None:
    assert rules(*load) == set()
    mirrored = [(replace(one, y_mm=400 - one.y_mm - one.dy_mm), kind) for one, kind in load]
    assert rules(*mirrored) == set()


@settings(max_examples=60, deadline=None)
@given(stacks(), st.data())
def test_a_package_raised_by_a_millimetre_is_never_overlooked(load: Load, data: st.DataObject) -> None:
    chosen = data.draw(st.integers(0, len(load) - 1))
    one, kind = load[chosen]
    raised = [*load[:chosen], (replace(one, z_mm=one.z_mm + 1), kind), *load[chosen + 1 :]]
    assert "placed_support" in rules(*raised)


@settings(max_examples=60, deadline=None)
@given(stacks(), st.data())
def test_two_packages_that_change_steps_are_right_only_when_neither_hides_the_other(
    load: Load, data: st.DataObject
) -> None:
    """Told by a second, naive reading of the rule: every pair, both ways."""
    first = data.draw(st.integers(0, len(load) - 1))
    second = data.draw(st.integers(0, len(load) - 1))
    steps = [one.step for one, _ in load]
    steps[first], steps[second] = steps[second], steps[first]
    load = [(replace(one, step=step), kind) for (one, kind), step in zip(load, steps, strict=True)]
    assert ("placed_step" in rules(*load)) == any(
        hides(one, other) and one.step < other.step for one, _ in load for other, _ in load
    )


def hides(one: Placement, other: Placement) -> bool:
    """Say whether one stands above the other or between it and the door."""
    x = one.x_mm < other.x_mm + other.dx_mm and other.x_mm < one.x_mm + one.dx_mm
    y = one.y_mm < other.y_mm + other.dy_mm and other.y_mm < one.y_mm + one.dy_mm
    z = one.z_mm < other.z_mm + other.dz_mm and other.z_mm < one.z_mm + one.dz_mm
    return (x and y and one.z_mm >= other.z_mm + other.dz_mm) or (y and z and one.x_mm >= other.x_mm + other.dx_mm)
