"""Parts of a load that can be moved as a whole: boxes whose sides no package crosses."""

from dataclasses import dataclass

import numpy as np

from optimizer.limits import ShouldStop, never_stop
from optimizer.loading.standing import Bools, Ints, Rows, X, Y, Z

MOST_PARTS = 500
MOST_COMPARED = 400_000
"""Boxes begun with times packages: bounds the work for loads of very many packages."""

FAR = 1 << 30


@dataclass(frozen=True, slots=True)
class Parts:
    """Boxes and who stands in them, one row each.

    `member` says which packages stand within; `low_mm` and `high_mm` are the corners, as tight as can be; from
    `from_mm` to `to_mm` a part may be pushed along each single axis before it meets a package or a wall. `bears` says
    whether anything rests on it from outside.
    """

    member: Bools
    low_mm: Ints
    high_mm: Ints
    from_mm: Ints
    to_mm: Ints
    bears: Bools


def parts_of(
    rows: Rows, movable: Bools, size_mm: Ints, random: np.random.Generator, should_stop: ShouldStop = never_stop
) -> Parts:
    """Find parts by growing the boxes around pairs of packages until none is crossed, with and without all above.

    Parameters
    ----------
    movable
        Parts with a package that may not be moved are left out.
    size_mm
        Inside of the container, up to where cargo may stand.
    random
        Chooses among pairs and parts where there are too many.
    should_stop
        Ends the search early, with the parts found so far.
    """
    low = rows[:, 1:4].astype(np.int64)
    high = low + rows[:, 4:7]
    one, other = np.triu_indices(len(rows))
    most = MOST_COMPARED // len(rows)
    if len(one) > most:
        chosen = random.choice(len(one), most, replace=False)
        one, other = one[chosen], other[chosen]
    around = np.concatenate([np.minimum(low[one], low[other]), np.maximum(high[one], high[other])], axis=1)
    columns = around.copy()
    columns[:, Z], columns[:, 3 + Z] = 0, size_mm[Z]
    whole = np.concatenate([np.zeros(3, np.int64), size_mm])[None]
    boxes = _closed(np.concatenate([around, columns, whole]), low, high, should_stop)
    if len(boxes) > MOST_PARTS:
        boxes = boxes[np.sort(random.choice(len(boxes), MOST_PARTS, replace=False))]
    member = _met(boxes, low, high)
    stays = (member & ~movable).any(axis=1)
    boxes, member = boxes[~stays], member[~stays]
    resting = _met(boxes, low, high, (X, Y)) & (low[:, Z] == boxes[:, 3 + Z, None])
    return Parts(
        member, boxes[:, :3], boxes[:, 3:], *_free(boxes, member, low, high, size_mm), bears=resting.any(axis=1)
    )


def _met(boxes: Ints, low: Ints, high: Ints, axes: tuple[int, ...] = (0, 1, 2)) -> Bools:
    """Say which packages share space with which boxes, as far as the axes tell."""
    met = np.ones((len(boxes), len(low)), np.bool_)
    for axis in axes:
        met &= (low[:, axis] < boxes[:, 3 + axis, None]) & (high[:, axis] > boxes[:, axis, None])
    return met


def _hull(met: Bools, low: Ints, high: Ints) -> Ints:
    """Return the smallest boxes around the packages that were met."""
    lowest = [np.where(met, low[:, axis], FAR).min(axis=1) for axis in range(3)]
    highest = [np.where(met, high[:, axis], -1).max(axis=1) for axis in range(3)]
    return np.stack(lowest + highest, axis=1)


def _closed(boxes: Ints, low: Ints, high: Ints, should_stop: ShouldStop) -> Ints:
    """Grow boxes until no package crosses a side, then draw them in to what stands in them; each once."""
    found = [boxes[:0]]
    while len(boxes) and not should_stop():
        met = _met(boxes, low, high)
        hull = _hull(met, low, high)
        grown = np.concatenate([np.minimum(boxes[:, :3], hull[:, :3]), np.maximum(boxes[:, 3:], hull[:, 3:])], axis=1)
        still = (grown == boxes).all(axis=1)
        found.append(hull[still])
        boxes = np.unique(grown[~still], axis=0)
    return np.unique(np.concatenate(found), axis=0)


def _free(boxes: Ints, member: Bools, low: Ints, high: Ints, size_mm: Ints) -> tuple[Ints, Ints]:
    """Return how far each part may be pushed along each axis, down and up."""
    least, most = np.empty((len(boxes), 3), np.int64), np.empty((len(boxes), 3), np.int64)
    for axis in range(3):
        beside = _met(boxes, low, high, tuple({0, 1, 2} - {axis})) & ~member
        below, above = high[:, axis] <= boxes[:, axis, None], low[:, axis] >= boxes[:, 3 + axis, None]
        least[:, axis] = np.where(beside & below, high[:, axis], 0).max(axis=1)
        most[:, axis] = np.where(beside & above, low[:, axis], size_mm[axis]).min(axis=1)
    return least, most
