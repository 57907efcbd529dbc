"""Steps for people: everything once, in blocks, in an order that can be loaded."""

from collections import Counter
from dataclasses import replace
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.documents.loading_sheet import loading_sheet
from consortium.documents.loading_steps import FACE_MM, LoadingStep, loading_steps
from consortium.views_loads import NEUTRAL, LoadPlace
from optimizer.checking_geometry import check_geometry
from optimizer.load_problem import LoadContainer, LoadPackage
from optimizer.result import Placement
from tests.consortium.documents.builders import (
    ANDINA,
    BAHIA,
    COFFEE,
    CUPS,
    HONEY,
    PLATES,
    SHARED,
    Pile,
    places_of,
    view_of,
)

BOX = LoadContainer(code="45G1", length_mm=12_032, width_mm=2_352, height_mm=2_698)


def told(step: LoadingStep[LoadPlace]) -> tuple[str, int, int, int]:
    return step.one.description, step.deep, step.across, step.high


def test_equal_packages_that_stand_together_are_one_step_and_the_right_side_comes_first() -> None:
    steps = loading_steps(places_of(SHARED))
    assert [told(one) for one in steps] == [
        ("Coffee sack", 3, 3, 3),
        ("Honey 1 kg", 2, 3, 4),
        ("Plates", 4, 3, 2),
        ("Cups", 3, 4, 1),
    ]
    assert [(one.x_mm, one.y_mm, one.z_mm) for one in steps] == [one.at for one in (COFFEE, HONEY, PLATES, CUPS)]
    assert [one.number for one in steps] == [1, 2, 3, 4]


def test_packages_of_another_consignment_owner_or_stance_are_another_step() -> None:
    beside = (0, 400, 0)
    for change in (
        {"consignment": "andina/O-2"},
        {"package": "2"},
        {"owner": BAHIA},
        {"size": (400, 600, 300)},
        {"size": (600, 400, 299)},
    ):
        steps = loading_steps(places_of([Pile(at=(0, 0, 0)), Pile(at=beside, **change)]))
        assert len(steps) == 2, change
    assert len(loading_steps(places_of([Pile(at=(0, 0, 0)), Pile(at=beside)]))) == 1


def test_a_gap_of_one_millimetre_parts_two_steps() -> None:
    assert len(loading_steps(places_of([Pile(at=(0, 0, 0)), Pile(at=(601, 0, 0))]))) == 2


def test_a_long_row_is_loaded_in_parts_that_people_can_reach() -> None:
    steps = loading_steps(places_of([Pile(at=(0, 0, 0), counts=(9, 5, 1))]))
    assert [one.deep for one in steps] == [FACE_MM // 600, 4]
    assert max(one.x_mm + one.size_mm[0] for one in steps[:1]) <= FACE_MM


def test_what_lies_across_two_kinds_waits_for_both() -> None:
    below = [Pile(at=(0, 0, 0)), Pile(at=(0, 400, 0), package="2")]
    above = [Pile(at=(0, 0, 300), counts=(1, 2, 1), package="3")]
    assert [told(one)[1:] for one in loading_steps(places_of(below + above))] == [(1, 1, 1), (1, 1, 1), (1, 2, 1)]


def test_no_package_is_lost_where_places_wait_for_each_other_in_a_ring() -> None:
    # Each overlaps the other and lies under and behind it at once: no plan that the judge accepts holds such.
    ring = [
        replace(one, step=step)
        for step, one in enumerate(
            places_of([Pile(at=(0, 0, 100), size=(100, 100, 100)), Pile(at=(100, 0, 0), size=(100, 100, 300))]), 1
        )
    ]
    assert len(loading_steps(ring)) == 2
    assert sum(len(one.places) for one in loading_steps([*ring, *ring])) == 4


def test_nothing_loaded_gives_no_steps() -> None:
    assert loading_steps(()) == ()


def test_neutral_owners_are_drawn_and_not_told() -> None:
    hidden = replace(COFFEE, owner=NEUTRAL, description="", package="", consignment="", mass_g=None)
    sheet = loading_sheet(view_of([HONEY, hidden, PLATES, CUPS]))
    assert len(sheet.steps) == 4
    assert [one.number for one in sheet.told] == [1, 2, 3]
    assert sheet.numbers == ("", "1", "2", "3")
    assert [one.rests_on for one in sheet.told] == [(), (), (2,)]


def test_what_a_step_rests_on_is_not_told_where_part_of_it_is_hidden() -> None:
    hidden = replace(PLATES, owner=NEUTRAL, description="", package="", consignment="", mass_g=None)
    sheet = loading_sheet(view_of([hidden, CUPS]))
    assert [one.rests_on for one in sheet.told] == [()]


def test_what_touches_only_with_an_edge_carries_nothing() -> None:
    sheet = loading_sheet(view_of([Pile(at=(0, 0, 0)), Pile(at=(600, 0, 300), package="2")]))
    assert [one.rests_on for one in sheet.told] == [(), ()]


sizes = st.tuples(st.sampled_from((300, 400, 600)), st.sampled_from((300, 400)), st.sampled_from((200, 350)))


@st.composite
def loads(draw: st.DrawFn) -> list[Pile]:
    """Draw piles in three lanes, one before the other, some of them with another kind on top: all are supported."""
    piles: list[Pile] = []
    for lane in range(3):
        x = 0
        for _ in range(draw(st.integers(0, 5))):
            size, counts = draw(sizes), draw(st.tuples(*[st.integers(1, 3)] * 2))
            across = min(counts[1], 780 // size[1])
            high = draw(st.integers(1, 3))
            kind = draw(st.integers(1, 3))
            low = Pile(at=(x, lane * 780, 0), size=size, counts=(counts[0], across, high), package=f"{kind}-{size}")
            piles.append(low)
            if draw(st.booleans()):
                on = draw(sizes)
                room = (counts[0] * size[0] // on[0], across * size[1] // on[1], 2)
                if all(room):
                    at = (x, lane * 780, high * size[2])
                    piles.append(Pile(at=at, size=on, counts=room, package=f"4-{on}", consignment="andina/O-2"))
            x += counts[0] * size[0] + draw(st.sampled_from((0, 0, 50)))
    return piles


def judged(steps: tuple[LoadingStep[LoadPlace], ...]) -> list[str]:
    """Return what the judge says of the places in the order of the steps."""
    pairs = []
    for number, one in enumerate((place for step in steps for place in step.places), start=1):
        place = Placement(
            package=one.package, consignment=one.consignment, step=number,
            x_mm=one.x_mm, y_mm=one.y_mm, z_mm=one.z_mm, dx_mm=one.dx_mm, dy_mm=one.dy_mm, dz_mm=one.dz_mm,
        )  # fmt: skip
        kind = LoadPackage(id=one.package, length_mm=one.dx_mm, width_mm=one.dy_mm, height_mm=one.dz_mm, quantity=1)
        pairs.append((place, kind))
    return [one.rule for one in check_geometry("K-1", BOX, pairs, support_permille=1000)]


@settings(max_examples=60, deadline=None)
@given(loads(), st.randoms(use_true_random=False))
def test_steps_hold_everything_once_in_blocks_and_in_an_order_that_the_judge_accepts(piles, random) -> None:
    places = list(places_of(piles))
    random.shuffle(places)
    steps = loading_steps(places)
    assert Counter(one for step in steps for one in step.places) == Counter(places)
    assert [one.number for one in steps] == list(range(1, len(steps) + 1))
    for step in steps:
        one = step.one
        grid = {
            (step.x_mm + i * one.dx_mm, step.y_mm + j * one.dy_mm, step.z_mm + k * one.dz_mm)
            for i, j, k in product(range(step.deep), range(step.across), range(step.high))
        }
        assert {(each.x_mm, each.y_mm, each.z_mm) for each in step.places} == grid
        assert len(step.places) == step.deep * step.across * step.high
        assert len({(e.owner, e.consignment, e.package, e.dx_mm, e.dy_mm, e.dz_mm) for e in step.places}) == 1
    assert judged(steps) == []


@settings(max_examples=20, deadline=None)
@given(loads())
def test_the_order_of_the_places_does_not_matter(piles) -> None:
    places = places_of(piles)
    shape = [(told(one), one.x_mm, one.y_mm, one.z_mm) for one in loading_steps(places)]
    assert [(told(one), one.x_mm, one.y_mm, one.z_mm) for one in loading_steps(places[::-1])] == shape


def test_the_judge_would_object_to_another_order() -> None:
    steps = loading_steps(places_of(SHARED))
    assert judged(steps) == []
    assert "placed_step" in judged(steps[::-1])


def test_owners_keep_their_looks() -> None:
    assert [one.one.owner for one in loading_steps(places_of([HONEY]))] == [ANDINA]
