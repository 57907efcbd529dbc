"""Owners kept together where it costs nothing: the same packages, every rule, and less mixed than without the wish."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.load_generators import rich_problem
from optimizer.checking_loads import check_loads
from optimizer.limits import Limits
from optimizer.load_problem import LoadPackage, LoadProblem, Objective, Owners
from optimizer.load_result import LoadAnswer
from optimizer.loading.balancing import Rows, Scales
from optimizer.loading.engine import plan_loads
from optimizer.loading.gathering import gathered, scattered
from optimizer.loading.packer import Budget, Packer
from optimizer.loading.standing import Standing
from tests.optimizer.loads import container, package, problem

SMALL = Limits(time_limit_s=300, work_limit=0.1)


def shared(one: LoadProblem, answer: LoadAnswer) -> int:
    """Return how many mm of the length two owners share, added up over pairs of owners and containers."""
    found = 0
    for load in answer.loads:
        spans: dict[str, tuple[int, int]] = {}
        for place in load.placements:
            owner = one.package[place.consignment, place.package].owner
            low, high = spans.get(owner, (place.x_mm, place.x_mm + place.dx_mm))
            spans[owner] = min(low, place.x_mm), max(high, place.x_mm + place.dx_mm)
        ends = sorted(spans.values())
        found += sum(
            max(0, min(ends[i][1], ends[j][1]) - max(ends[i][0], ends[j][0]))
            for i in range(len(ends)) for j in range(i)
        )  # fmt: skip
    return found


@pytest.mark.parametrize("objective", [Objective.VOLUME, Objective.CONTAINERS])
@pytest.mark.parametrize(
    ("kinds", "least"),
    [
        # Of 10 and 10 cubes, 4 in a slice, two owners share one slice; three slices of one and two of the other do not.
        ((package("a", quantity=10, owner="a"), package("b", quantity=10, owner="b")), 200),
        (
            (
                package("a1", (2, 4, 2), 2, owner="a", mass_g=2000), package("b1", quantity=4, owner="b"),
                package("a2", (2, 4, 2), 4, owner="a", mass_g=2000), package("b2", quantity=4, owner="b"),
            ),
            0,
        ),
    ],
    ids=["cubes", "slices"],
)  # fmt: skip
def test_preferred_owners_share_no_more_length_than_they_must_where_free_ones_mix(
    objective: Objective, kinds: tuple[LoadPackage, ...], least: int
) -> None:
    free = problem(*kinds, objective=objective, containers=(container(count=1),))
    answers = {}
    for owners in (Owners.FREE, Owners.PREFERRED):
        goods = replace(free, owners=owners)
        answers[owners] = plan_loads(goods, limits=SMALL)
        assert check_loads(goods, answers[owners]) == ()
        assert answers[owners].unloaded == ()
    assert shared(free, answers[Owners.FREE]) > shared(free, answers[Owners.PREFERRED]) == least


def test_mixed_cartons_of_two_owners_are_sorted_by_exchanges_alone() -> None:
    one = problem(package("a", owner="a", quantity=10), package("b", owner="b", quantity=10))
    places = [(200 * x, 200 * y, 200 * z) for x in range(5) for y in range(2) for z in range(2)]
    mixed = np.array([(at % 2, *place, 200, 200, 200) for at, place in enumerate(places)], np.int32)
    found = gathered(one, one.containers[0], mixed)
    ends = [found[found[:, 0] == kind][:, 1] for kind in (0, 1)]
    assert min(ends[0].max(), ends[1].max()) <= max(ends[0].min(), ends[1].min())
    assert sorted(map(tuple, found[:, 1:].tolist())) == sorted(map(tuple, mixed[:, 1:].tolist()))
    pinned = gathered(one, one.containers[0], mixed, pinned=mixed[:3])
    assert pinned[:3].tolist() == mixed[:3].tolist()


def test_goods_of_nobody_make_room_and_have_no_middle() -> None:
    one = problem(package("a", owner="a", quantity=2), package("n", quantity=3), package("b", owner="b"))
    row = np.array([(kind, 200 * at, 0, 0, 200, 200, 200) for at, kind in enumerate((0, 1, 0, 2, 1))], np.int32)
    owner = np.array([0, -1, 1])
    assert scattered(row, owner) == 2 * 200**5
    found = gathered(one, one.containers[0], row)
    assert scattered(found, owner) == 200**5 / 2


def loaded(seed: int) -> tuple[LoadProblem, Rows]:
    one = replace(rich_problem(seed), owners=Owners.PREFERRED)
    quantities = np.array([each.quantity for each in one.packages], np.int32)
    values = np.array([each.volume_mm3 for each in one.packages], np.float64)
    return one, Packer(one, one.containers[0], one.packages).pack(Budget(0.02), quantities, values).rows


@pytest.mark.parametrize("seed", [8401, 8403, 8406])
def test_gathering_keeps_packages_rules_and_balance(seed: int) -> None:
    one, rows = loaded(seed)
    found = gathered(one, one.containers[0], rows)
    owner = np.array([int(each.owner[1:]) for each in one.packages])
    assert Counter(found[:, 0].tolist()) == Counter(rows[:, 0].tolist())
    assert scattered(found, owner) < scattered(rows, owner)
    assert Standing.of(one, one.containers[0]).kept(found)
    scales = Scales.of(one, one.containers[0])
    assert scales.good(found) or scales.excess(found) <= scales.excess(rows)
    assert gathered(one, one.containers[0], rows, should_stop=lambda: True).tolist() == rows.tolist()
