"""Packing for balance: nothing is left out for it where everything travels, and little where packages may stay out."""

import numpy as np
import pytest

from benchmarks.load_generators import rich_problem
from optimizer.checking_loads import check_loads
from optimizer.limits import Limits
from optimizer.load_problem import Objective, support_name
from optimizer.load_result import Balance
from optimizer.loading.balancing import Scales
from optimizer.loading.centring import LEAST_KEPT, Centring
from optimizer.loading.engine import _loaded, plan_loads
from optimizer.loading.packer import Budget, Packer
from tests.optimizer.loads import answer, container, package, problem


def test_the_search_counts_what_a_load_loses_by_its_centre_of_gravity() -> None:
    kinds = package("heavy", (2, 4, 4), 3, mass_g=9000), package("light", (2, 4, 4), 2)
    one = problem(*kinds, containers=(container(height_mm=500),))
    box, scales = one.containers[0], Scales.of(one, one.containers[0])
    packer, quantities, values = Packer(one, box, one.packages), np.array([3, 2], np.int32), np.ones(2)
    plain, centred = (packer.pack(Budget(0.05), quantities, values, balance=balance) for balance in (0.0, 1.0))
    assert len(plain.rows) == len(centred.rows) == 5
    assert scales.excess(plain.rows) > 0
    assert scales.excess(centred.rows) == 0


@pytest.mark.parametrize("objective", [Objective.VOLUME, Objective.CONTAINERS])
def test_a_part_filled_container_stands_low_and_in_the_middle_with_all_its_packages(objective: Objective) -> None:
    boxes = (container(length_mm=6000, width_mm=2000, height_mm=2000),)
    one = problem(package("P", (5, 4, 3), 10), package("Q", (4, 4, 3), 10), objective=objective, containers=boxes)
    found = plan_loads(one, limits=Limits(time_limit_s=120, work_limit=0.2))
    assert check_loads(one, found) == ()
    assert (len(found.loads), found.unloaded) == (1, ())
    assert found.loads[0].balance is Balance.GOOD
    assert {each.z_mm for each in found.loads[0].placements} == {0}


@pytest.mark.parametrize("seed", [8201, 8202, 8205])
def test_little_stays_out_for_the_sake_of_balance(seed: int) -> None:
    one, limits = rich_problem(seed), Limits(time_limit_s=120, work_limit=0.2)
    found = plan_loads(one, limits=limits)
    assert check_loads(one, found) == ()
    values = np.array([each.volume_mm3 for each in one.packages], np.float64)
    quantities = np.array([each.quantity for each in one.packages], np.int32)
    plain = Packer(one, one.containers[0], one.packages).pack(Budget(0.1), quantities, values)
    packed = sum(each.dx_mm * each.dy_mm * each.dz_mm for each in found.loads[0].placements)
    assert packed >= LEAST_KEPT * plain.value


@pytest.mark.parametrize("seed", [8300, 8301, 8302, 8305])
def test_a_part_packed_again_keeps_every_rule_and_what_is_pinned(seed: int) -> None:
    one = rich_problem(seed)
    packer = Packer(one, one.containers[0], one.packages)
    values = np.array([each.volume_mm3 for each in one.packages], np.float64)
    quantities = np.array([each.quantity for each in one.packages], np.int32)
    first = packer.pack(Budget(0.02), quantities, values)
    rows = first.rows[np.argsort(-first.rows[:, 3], kind="stable")]
    pinned = rows[:2]  # the highest: what bears them has to stay, too
    quantities -= np.bincount(pinned[:, 0], minlength=len(quantities)).astype(np.int32)
    centring = Centring(
        problem=one, container=one.containers[0], packer=packer, values=values, pinned=pinned, loaded=0, seed=0
    )
    support = support_name(one.support_permille)
    for draw in range(3):
        found = centring._part_packed(Budget(0.1), rows, quantities, values, first.value, np.random.default_rng(draw))
        assert found.rows[:2].tolist() == pinned.tolist()
        assert found.value == sum(values[found.rows[2:, 0]])
        assert sorted(found.rows.tolist()) != sorted(rows.tolist())
        load = _loaded(one.containers[0], one.packages, found.rows, 0)
        objections = {each.rule for each in check_loads(one, answer(one, loads=(load,), support=support))}
        assert objections <= {"package_places", "unloaded_could_travel"}
