"""Empty spaces of a partly filled container: all maximal boxes free of cargo, compiled.

A space is a row of seven integers: low corner, high corner (mm), and the last phase of the loading in which
nothing fitted it (-1: none). Method: maximal spaces (Lai and Chan 1997; Parreno et al. 2008); under full support a
space's whole floor rests on the container's floor or on flat tops, and spaces of equal floor height are joined.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

MOST_SPACES = 600
"""Spaces kept of one state; further ones are forgotten, which costs room, never a rule."""

FIELDS = 7

Spaces = NDArray[np.int32]


@njit(cache=True, nogil=True)
def scratch_rows() -> Spaces:
    """Return rows for `carve` to work with."""
    return np.empty((3 * MOST_SPACES, FIELDS), np.int32)


@njit(cache=True, nogil=True)
def _add(spaces: Spaces, count: int, first: int, new: Spaces) -> int:
    """Add `new` unless it lies in a space that is there; drop those after `first` that lie in it."""
    x1, y1, z1, x2, y2, z2 = new[0], new[1], new[2], new[3], new[4], new[5]
    for j in range(count):
        if (
            spaces[j, 0] <= x1 and spaces[j, 1] <= y1 and spaces[j, 2] <= z1
            and spaces[j, 3] >= x2 and spaces[j, 4] >= y2 and spaces[j, 5] >= z2
        ):  # fmt: skip
            return count
    j = first
    while j < count:
        if (
            x1 <= spaces[j, 0] and y1 <= spaces[j, 1] and z1 <= spaces[j, 2]
            and x2 >= spaces[j, 3] and y2 >= spaces[j, 4] and z2 >= spaces[j, 5]
        ):  # fmt: skip
            count -= 1
            spaces[j] = spaces[count]
        else:
            j += 1
    if count < MOST_SPACES:
        spaces[count] = new
        count += 1
    return count


@njit(cache=True, nogil=True)
def _apart(spaces: Spaces, i: int, box: Spaces) -> bool:
    return bool(
        box[0] >= spaces[i, 3] or box[3] <= spaces[i, 0] or box[1] >= spaces[i, 4]
        or box[4] <= spaces[i, 1] or box[2] >= spaces[i, 5] or box[5] <= spaces[i, 2]
    )  # fmt: skip


@njit(cache=True, nogil=True)
def carve(spaces: Spaces, count: int, box: Spaces, top: Spaces, least: Spaces, full: bool, work: Spaces) -> int:
    """Take a box out of all spaces and return how many spaces are left.

    Parameters
    ----------
    spaces, count
        The spaces; rewritten in place.
    box
        Low and high corner of what is taken.
    top
        x1, y1, x2, y2 of the flat part of its top on which something may stand; nothing where x1 >= x2.
    least
        Least horizontal and least vertical size of any package: smaller spaces are no use.
    full
        Whether what stands above the box must stand on `top` alone.
    work
        Scratch rows (see `scratch_rows`).
    """
    count = cut(spaces, count, box, top, least, full, work)
    return join(spaces, count, least) if full else count


@njit(cache=True, nogil=True)
def cut(spaces: Spaces, count: int, box: Spaces, top: Spaces, least: Spaces, full: bool, work: Spaces) -> int:
    """Do as `carve` does, but do not join spaces yet: to be done once where many boxes are taken out."""
    kept = 0
    for i in range(count):
        if _apart(spaces, i, box):
            work[kept] = spaces[i]
            kept += 1
    total = kept
    new = np.empty(FIELDS, np.int32)
    for i in range(count):
        if _apart(spaces, i, box):
            continue
        for side in range(6):
            new[:] = spaces[i]
            if side % 2 == 0:
                new[3 + side // 2] = box[side // 2]
            else:
                new[side // 2] = box[3 + side // 2]
            if side == 5 and full:
                new[0] = max(new[0], top[0])
                new[1] = max(new[1], top[1])
                new[3] = min(new[3], top[2])
                new[4] = min(new[4], top[3])
            if new[3] - new[0] < least[0] or new[4] - new[1] < least[0] or new[5] - new[2] < least[1]:
                continue
            total = _add(work, total, kept, new)
    spaces[:total] = work[:total]
    return total


@njit(cache=True, nogil=True)
def join(spaces: Spaces, count: int, least: Spaces) -> int:
    """Add the joints of spaces with floors of equal height that touch or overlap; drop what lies in others."""
    before = count
    new = np.empty(FIELDS, np.int32)
    for i in range(before):
        for j in range(i):
            if spaces[i, 2] != spaces[j, 2]:
                continue
            for axis in range(2):
                other = 1 - axis
                if spaces[i, axis] > spaces[j, axis + 3] or spaces[j, axis] > spaces[i, axis + 3]:
                    continue
                new[axis] = min(spaces[i, axis], spaces[j, axis])
                new[axis + 3] = max(spaces[i, axis + 3], spaces[j, axis + 3])
                new[other] = max(spaces[i, other], spaces[j, other])
                new[other + 3] = min(spaces[i, other + 3], spaces[j, other + 3])
                if new[other + 3] - new[other] < least[0]:
                    continue
                new[2] = spaces[i, 2]
                new[5] = min(spaces[i, 5], spaces[j, 5])
                new[6] = -1  # together they may hold what neither did
                count = _add(spaces, count, count, new)
    i = 0
    while i < count:
        covered = False
        for j in range(count):
            if (
                i != j
                and spaces[j, 0] <= spaces[i, 0] and spaces[j, 1] <= spaces[i, 1] and spaces[j, 2] <= spaces[i, 2]
                and spaces[j, 3] >= spaces[i, 3] and spaces[j, 4] >= spaces[i, 4] and spaces[j, 5] >= spaces[i, 5]
            ):  # fmt: skip
                covered = True
                break
        if covered:
            count -= 1
            spaces[i] = spaces[count]
        else:
            i += 1
    return count
