"""Balancing: known best places of small loads, every rule kept over drawn ones, nothing lost, never worse."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.load_generators import rich_problem
from optimizer.checking_loads import check_loads
from optimizer.limits import Limits
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Owners, support_name
from optimizer.load_result import LoadedContainer
from optimizer.loading.balancing import Rows, Scales, balance
from optimizer.loading.engine import _loaded, plan_loads
from optimizer.loading.standing import Standing
from tests.optimizer.loads import answer, container, package, problem


def rows(*each: tuple[int, ...]) -> Rows:
    return np.array(each, np.int32)


def load(one: LoadProblem, standing: Rows) -> LoadedContainer:
    return _loaded(one.containers[0], one.packages, standing, 0)


def objections(one: LoadProblem, standing: Rows) -> set[str]:
    """Return the rules that the judge finds broken, those aside that count what stays out."""
    policy = support_name(one.support_permille)
    found = check_loads(one, answer(one, load(one, standing).placements, support=policy))
    return {each.rule for each in found} - {"package_places", "unloaded_could_travel"}


def off_centre(one: LoadProblem, standing: Rows) -> tuple[int, int]:
    along, across, _ = load(one, standing).centre_of_gravity_permille
    return along - 500, across - 500


def test_one_package_alone_stands_in_the_middle() -> None:
    one = problem(package())
    assert balance(one, one.containers[0], rows((0, 0, 0, 0, 200, 200, 200))).tolist() == [
        [0, 400, 100, 0, 200, 200, 200]
    ]


def test_the_heavy_one_of_five_slices_goes_to_the_middle() -> None:
    one = problem(package("heavy", (2, 4, 4), mass_g=9000), package("light", (2, 4, 4), 4))
    standing = rows(*((int(place > 0), 200 * place, 0, 0, 200, 400, 400) for place in range(5)))
    found = balance(one, one.containers[0], standing)
    assert off_centre(one, standing) == (-246, 0)
    assert off_centre(one, found) == (0, 0)
    assert sorted(found[:, 1].tolist()) == [0, 200, 400, 600, 800]


def test_pallets_heavy_on_one_side_are_mirrored_in_part() -> None:
    one = problem(package("heavy", (5, 2, 2), 2, mass_g=9000), package("light", (5, 2, 2), 2))
    standing = rows(*((kind, x, 200 * kind, 0, 500, 200, 200) for x in (0, 500) for kind in (0, 1)))
    found = balance(one, one.containers[0], standing)
    assert (off_centre(one, standing), off_centre(one, found)) == ((0, -200), (0, 0))


def test_what_is_unloaded_last_stays_at_the_front_wall_however_light() -> None:
    light, heavy = package("light", (5, 4, 4), stop=2), package("heavy", (5, 4, 4), mass_g=9000, stop=1)
    one, standing = problem(light, heavy), rows((0, 0, 0, 0, 500, 400, 400), (1, 500, 0, 0, 500, 400, 400))
    assert balance(one, one.containers[0], standing).tolist() == standing.tolist()


def test_what_is_pinned_stays() -> None:
    one = problem(package("heavy", (2, 4, 4), mass_g=9000), package("light", (2, 4, 4), 4))
    standing = rows(*((int(place > 0), 200 * place, 0, 0, 200, 400, 400) for place in range(5)))
    found = balance(one, one.containers[0], standing, pinned=standing[:1])
    assert found[0].tolist() == standing[0].tolist()
    assert objections(one, found) == set()


def test_a_load_that_leaves_length_empty_is_packed_low_from_wall_to_wall_where_it_can_be() -> None:
    one = problem(package("P", (2, 4, 2), 5))
    standing = rows(*((0, 200 * (place // 2), 0, 200 * (place % 2), 200, 400, 200) for place in range(5)))
    low = rows(*((0, 200 * place, 0, 0, 200, 400, 200) for place in range(5)))
    found = balance(one, one.containers[0], standing, repack=lambda top_mm: low if top_mm >= 200 else None)
    assert found.tolist() == low.tolist()
    in_one_piece = balance(one, one.containers[0], standing)
    assert sorted(in_one_piece[:, 1].tolist()) == [240, 240, 440, 440, 640]


def test_packing_again_with_something_missing_is_refused() -> None:
    one = problem(package("P", (2, 4, 2), 2))
    standing = rows((0, 0, 0, 0, 200, 400, 200), (0, 0, 0, 200, 200, 400, 200))
    found = balance(one, one.containers[0], standing, repack=lambda _: standing[:1])
    assert len(found) == 2


def boxes(draw: st.DrawFn, low: tuple[int, ...], size: tuple[int, ...], cuts: int) -> Iterator[tuple[int, ...]]:
    """Cut a box in two again and again, in whole decimetres: what lies above stands on all of what lies below."""
    axis = draw(st.integers(0, 2))
    if cuts == 0 or size[axis] < 2:
        yield (*low, *size)
        return
    at = draw(st.integers(1, size[axis] - 1))
    for start, length in ((0, at), (at, size[axis] - at)):
        corner, part = list(low), list(size)
        corner[axis], part[axis] = low[axis] + start, length
        yield from boxes(draw, tuple(corner), tuple(part), cuts - 1)


@st.composite
def loads(draw: st.DrawFn) -> tuple[LoadProblem, Rows]:
    """Draw packages that fill a part of a container without a gap, some of them left out at the top."""
    length = draw(st.integers(4, 10))
    cut = list(boxes(draw, (0, 0, 0), (length, 4, 4), draw(st.integers(1, 5))))
    kinds = [
        package(
            str(number), (each[3], each[4], each[5]), mass_g=draw(st.integers(0, 50_000)),
            owner=draw(st.sampled_from(("a", "b", ""))),
        )
        for number, each in enumerate(cut)
    ]  # fmt: skip
    policy: dict[str, Any] = {"support_permille": draw(st.sampled_from((1000, 750, 0)))}
    if draw(st.booleans()):
        policy["containers"] = (container(line_load_g_per_m=draw(st.integers(50_000, 500_000))),)
    one = problem(*kinds, **policy)
    return one, rows(*((number, *(100 * mm for mm in each)) for number, each in enumerate(cut)))


@given(loads())
@settings(max_examples=60, deadline=None)
def test_no_drawn_load_loses_a_package_or_a_rule_or_is_worse_for_it(drawn: tuple[LoadProblem, Rows]) -> None:
    one, standing = drawn
    found = balance(one, one.containers[0], standing)
    assert Counter(found[:, 0].tolist()) == Counter(standing[:, 0].tolist())
    assert found[:, 4:].tolist() == standing[:, 4:].tolist()
    assert objections(one, found) <= objections(one, standing)
    scales = Scales.of(one, one.containers[0])
    assert scales.excess(found) <= scales.excess(standing)
    assert found.tolist() == balance(one, one.containers[0], standing).tolist()


@given(loads(), st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_checked_here_is_what_the_judge_checks(drawn: tuple[LoadProblem, Rows], data: st.DataObject) -> None:
    one, standing = drawn
    stops = data.draw(st.lists(st.integers(1, 2), min_size=len(standing), max_size=len(standing)))
    limits = data.draw(st.lists(st.sampled_from((None, 0, 9, 90_000)), min_size=len(standing), max_size=len(standing)))
    owners = data.draw(st.sampled_from(list(Owners)))
    kinds = [
        replace(kind, stop=stop, max_load_g=limit)
        for kind, stop, limit in zip(one.packages, stops, limits, strict=True)
    ]
    one = replace(one, packages=tuple(kinds), owners=owners)
    moved = standing.copy()
    which = data.draw(st.integers(0, len(moved) - 1))
    moved[which, 1 : 1 + 3] += np.array(data.draw(st.tuples(*[st.sampled_from((0, 0, 100, -100))] * 3)), np.int32)
    kept = Standing.of(one, one.containers[0]).kept(moved)
    assert kept == (objections(one, moved) == set())


@pytest.mark.parametrize("seed", [8101, 8102, 8103, 8104])
def test_loads_with_every_rule_keep_them(seed: int) -> None:
    one = rich_problem(seed)
    found = plan_loads(one, limits=Limits(time_limit_s=120, work_limit=0.1))
    position = {kind.key: number for number, kind in enumerate(one.packages)}
    standing = rows(*(
        (position[each.consignment, each.package], each.x_mm, each.y_mm, each.z_mm, each.dx_mm, each.dy_mm, each.dz_mm)
        for each in found.loads[0].placements
    ))  # fmt: skip
    better = balance(one, one.containers[0], standing)
    assert check_loads(one, replace(found, loads=(load(one, better),))) == ()


def test_an_empty_container_stays_empty() -> None:
    one = LoadProblem(
        objective=Objective.CONTAINERS,
        containers=(LoadContainer(code="C", length_mm=1000, width_mm=1000, height_mm=1000),),
        packages=(LoadPackage(id="P", length_mm=1, width_mm=1, height_mm=1, quantity=1),),
    )
    assert len(balance(one, one.containers[0], np.zeros((0, 7), np.int32))) == 0
