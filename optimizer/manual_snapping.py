"""The nearest free place for packages moved by hand: corners of walls and of packages that the judge accepts."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import FULL_SUPPORT, LoadProblem
from optimizer.manual_loading import Finding, Piece, Point, WorkingLoad, extent, judged, moved, put_out, resting_on

CHUNK = 2048
"""Places that are compared at once."""

MOST_JUDGED = 60
"""Places that the judge is asked about before there is said to be none."""

NOT_HOLDING = frozenset({"placed_support", "placed_overlap", "placed_load"})
"""Rules that no package may break that is to hold another one up, nor any that it rests on."""

Boxes = NDArray[np.int64]
"""Packages as rows of the lowest and the highest corner (x, y, z, x, y, z) in mm."""


def nearest_place(problem: LoadProblem, load: WorkingLoad, numbers: Collection[int], wanted: Point) -> Point | None:
    """Return the free corner nearest to a wanted place where packages can stand together as they are turned now.

    A corner lies at walls, at sides of other packages, and on the floor or on tops. It is taken when the judge finds
    nothing more in the load than without these packages, and nothing about them. What hangs in the air while somebody
    works on the load, such as what these packages held up, holds nothing: the judge would name what hangs, as before,
    and not what was put upon it.

    Parameters
    ----------
    numbers
        The packages, one at least; they keep their places among each other.
    wanted
        Where the lowest corner of what holds them all should be, in mm; distances are summed over the axes.

    Returns
    -------
    Point | None
        None where no such corner was found.
    """
    without = put_out(load, numbers)
    found = judged(problem, without)
    hanging = resting_on(without, {one for each in found if each.violation.rule in NOT_HOLDING for one in each.numbers})
    before = _rules(found)
    for asked, place in enumerate(_free_corners(problem, load, numbers, hanging, wanted)):
        if asked == MOST_JUDGED:
            break
        after = judged(problem, moved(load, numbers, place))
        if not _rules(after) - before and not any(set(numbers) & set(one.numbers) for one in after):
            return place
    return None


def _rules(found: Iterable[Finding]) -> Counter[str]:
    """Return how often each rule is broken; that nothing stands in the container breaks none here."""
    return Counter(one.violation.rule for one in found if one.violation.rule != "empty_container")


def _free_corners(
    problem: LoadProblem, load: WorkingLoad, numbers: Collection[int], hanging: Collection[int], wanted: Point
) -> Iterator[Point]:
    """Yield corners inside, that overlap nothing and are supported by what does not hang, the nearest first."""
    box = problem.containers[0]
    low, high = extent(load, numbers)
    size = [far - near for near, far in zip(low, high, strict=True)]
    mine = _boxes(load.by_number[number] for number in sorted(numbers)) - np.array([*low, *low])
    others = _boxes(one for one in load.standing if one.number not in numbers)
    holding = _boxes(one for one in load.standing if one.number not in numbers and one.number not in hanging)
    corners = _corners(others, size, (box.length_mm, box.width_mm, box.top_mm))
    distance = np.abs(corners - np.array(wanted)).sum(axis=1)
    corners = corners[np.lexsort((corners[:, 1], corners[:, 0], corners[:, 2], distance))]
    for start in range(0, len(corners), CHUNK):
        part = corners[start : start + CHUNK]
        part = part[_is_free(part, mine, others)]
        part = part[_is_supported(part, mine, holding, problem.support_permille)]
        yield from ((x, y, z) for x, y, z in part.tolist())


def _boxes(pieces: Iterator[Piece]) -> Boxes:
    rows = [(*one.low, *(low + size for low, size in zip(one.low, one.size, strict=True))) for one in pieces]
    return np.array(rows, np.int64).reshape(-1, 6)


def _corners(others: Boxes, size: list[int], inside: Point) -> Boxes:
    """Return every meeting of a wall or side along, one across, and the floor or a top, from which the size fits."""
    along, across = (
        np.unique(np.concatenate(([0, inside[axis] - size[axis]], others[:, axis + 3], others[:, axis] - size[axis])))
        for axis in range(2)
    )
    up = np.unique(np.concatenate(([0], others[:, 5])))
    fits = [
        values[(values >= 0) & (values + size[axis] <= inside[axis])] for axis, values in enumerate((along, across, up))
    ]
    return np.stack(np.meshgrid(*fits, indexing="ij"), axis=-1).reshape(-1, 3)


def _is_free(corners: Boxes, mine: Boxes, others: Boxes) -> NDArray[np.bool_]:
    free = np.ones(len(corners), np.bool_)
    for one in mine:
        low, high = (corners + part for part in (one[:3], one[3:]))
        meets = np.ones((len(corners), len(others)), np.bool_)
        for axis in range(3):
            meets &= low[:, axis, None] < others[None, :, axis + 3]
            meets &= others[None, :, axis] < high[:, axis, None]
        free &= ~meets.any(axis=1)
    return free


def _is_supported(corners: Boxes, mine: Boxes, others: Boxes, support_permille: int) -> NDArray[np.bool_]:
    """Compare the area on which each package would rest, on others and on its own block, with what is asked for."""
    supported = np.ones(len(corners), np.bool_)
    for one in mine:
        low, high = (corners + part for part in (one[:3], one[3:]))
        own = _common(one[None, :3], one[None, 3:], mine)[0][mine[:, 5] == one[2]].sum()
        area = own + np.where(low[:, 2, None] == others[None, :, 5], _common(low, high, others), 0).sum(axis=1)
        base = (one[3] - one[0]) * (one[4] - one[1])
        supported &= (low[:, 2] == 0) | (area * FULL_SUPPORT >= base * support_permille)
    return supported


def _common(low: Boxes, high: Boxes, others: Boxes) -> Boxes:
    """Return the floor area in mm2 that each of these boxes (rows) shares with each of the others (columns)."""
    shared: Boxes = np.ones((len(low), len(others)), np.int64)
    for axis in range(2):
        end = np.minimum(high[:, axis, None], others[None, :, axis + 3])
        shared *= np.clip(end - np.maximum(low[:, axis, None], others[None, :, axis]), 0, None)
    return shared
