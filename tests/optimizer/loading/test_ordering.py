"""The order of loading: known orders, rings, and the judge's word on many packages."""

import numpy as np

from optimizer.loading.ordering import in_order, without_rings

RING = np.array(
    # What is behind is first: the board is on the low one, the high one is above the board, the tall one is before the
    # high one, and the low one is before the tall one. Kind, x, y, z, dx, dy, dz.
    [[0, 0, 0, 9, 1, 2, 1], [1, 1, 0, 0, 1, 1, 10], [2, 2, 0, 0, 1, 2, 1], [3, 0, 1, 1, 3, 1, 1]],
    np.int32,
)


def test_the_front_wall_comes_first_and_what_is_below_before_what_is_above() -> None:
    rows = np.array([[0, 2, 0, 0, 2, 2, 2], [1, 0, 0, 2, 2, 2, 2], [2, 0, 0, 0, 2, 2, 2]], np.int32)
    assert in_order(rows)[:, 0].tolist() == [2, 1, 0]


def test_nothing_is_lost_in_a_ring_and_leaving_one_out_opens_it() -> None:
    assert sorted(in_order(RING)[:, 0].tolist()) == [0, 1, 2, 3]
    assert without_rings(RING, 0)[:, 0].tolist() == [1, 2, 3]
    assert without_rings(RING[:3], 0).tolist() == RING[:3].tolist()


def test_what_is_kept_is_not_left_out_of_a_ring() -> None:
    assert without_rings(RING, 1)[:, 0].tolist() == [0, 1, 2]
    assert len(without_rings(RING, 4)) == 4


def test_what_rests_on_a_package_left_out_goes_with_it() -> None:
    on_top = np.array([[4, 0, 0, 10, 1, 2, 1]], np.int32)
    assert without_rings(np.concatenate([RING, on_top]), 0)[:, 0].tolist() == [1, 2, 3]


def test_packages_outside_a_ring_stay() -> None:
    before = np.array([[4, 5, 0, 0, 1, 2, 20]], np.int32)
    assert without_rings(np.concatenate([RING, before]), 0)[:, 0].tolist() == [1, 2, 3, 4]


def test_thousands_of_packages_are_ordered() -> None:
    x, y, z = (axis.ravel() for axis in np.meshgrid(range(20), range(15), range(10)))
    rows = np.stack([0 * x, x, y, z, 1 + 0 * x, 1 + 0 * x, 1 + 0 * x], axis=1).astype(np.int32)
    mixed = rows[np.random.default_rng(1).permutation(len(rows))]
    assert in_order(mixed)[:, [1, 3, 2]].tolist() == sorted(rows[:, [1, 3, 2]].tolist())
