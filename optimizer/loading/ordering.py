"""The order of loading: what is under a package and what is behind it comes first, from the front wall on; compiled."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


def loaded_before(boxes: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return, for boxes (x, y, z, dx, dy, dz), whether the first must be brought in before the second.

    That is so for what lies under it, and for what is behind it in the same breadth and height, touching or not.
    """
    return _all_waits(np.insert(boxes.astype(np.int32), 0, 0, axis=1)).T


def in_order(rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return packages (kind, x, y, z, dx, dy, dz) in an order in which they can be brought in through the door.

    A package waits for all that lies under it and for all behind it in the same breadth and height; of those that
    need not wait the one nearest to the front wall is next, then the lowest, then the one farthest to the left.
    Packages that wait for each other in a ring come last: the judge will object; nothing is left out.
    """
    ranked = _ranked(rows)
    order, _ = _ordered(rows[ranked])
    return rows[ranked[order]]


def without_rings(rows: NDArray[np.int32], kept: int) -> NDArray[np.int32]:
    """Leave out packages until the rest can be brought in, as few as is easily seen; the order stays.

    Parameters
    ----------
    rows
        Packages (kind, x, y, z, dx, dy, dz).
    kept
        So many of the first rows stay in any case.
    """
    stays = np.ones(len(rows), np.bool_)
    while True:
        there = np.flatnonzero(stays)
        ranked = there[_ranked(rows[there])]
        order, free = _ordered(rows[ranked])
        waiting = ranked[order[free:]]
        # Seen from the door and from above, those fall away that only wait for a ring. The highest first: little
        # rests on it.
        turned = rows[waiting]
        turned[:, 1:4] = -turned[:, 1:4] - turned[:, 4:7]
        order, free = _ordered(turned)
        ring = sorted(waiting[order[free:]].tolist(), key=lambda one: (-int(rows[one, 3]), one))
        piles = (resting_on(rows, stays, one) for one in ring)
        gone = next((pile for pile in piles if pile.min() >= kept), None)
        if gone is None:
            return rows[stays]
        stays[gone] = False


def resting_on(rows: NDArray[np.int32], stays: NDArray[np.bool_], one: int) -> NDArray[np.int64]:
    """Return a package and all that rests on it, directly or not."""
    low, high = rows[:, 1:4], rows[:, 1:4] + rows[:, 4:7]
    pile = {one}
    waiting = [one]
    while waiting:
        under = waiting.pop()
        over = (low[:, :2] < high[under, :2]).all(axis=1) & (low[under, :2] < high[:, :2]).all(axis=1)
        new = set(np.flatnonzero(stays & over & (low[:, 2] == high[under, 2])).tolist()) - pile
        pile |= new
        waiting += new
    return np.array(sorted(pile))


def _ranked(rows: NDArray[np.int32]) -> NDArray[np.intp]:
    return np.lexsort((rows[:, 2], rows[:, 3], rows[:, 1]))


@njit(cache=True, nogil=True)
def _waits(rows: NDArray[np.int32], one: int, other: int) -> bool:
    """Say whether a package waits for another one, which lies under it or behind it."""
    if rows[one, 2] >= rows[other, 2] + rows[other, 5] or rows[other, 2] >= rows[one, 2] + rows[one, 5]:
        return False
    if rows[one, 1] >= rows[other, 1] + rows[other, 4]:
        return bool(rows[one, 3] < rows[other, 3] + rows[other, 6] and rows[other, 3] < rows[one, 3] + rows[one, 6])
    if rows[one, 3] >= rows[other, 3] + rows[other, 6]:
        return bool(rows[other, 1] < rows[one, 1] + rows[one, 4])
    return False


@njit(cache=True, nogil=True)
def _all_waits(rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    number = rows.shape[0]
    found = np.zeros((number, number), np.bool_)
    for one in range(number):
        for other in range(number):
            found[one, other] = _waits(rows, one, other)
    return found


@njit(cache=True, nogil=True)
def _ordered(rows: NDArray[np.int32]) -> tuple[NDArray[np.int64], int]:
    """Return positions in the order of loading, and how many of them wait for nothing in a ring.

    Pairs are compared anew instead of remembered: thousands of packages need little memory.
    """
    number = rows.shape[0]
    waits = np.zeros(number, np.int64)
    for one in range(number):
        for other in range(number):
            waits[one] += _waits(rows, one, other)
    order = np.empty(number, np.int64)
    first = 0
    for step in range(number):
        while waits[first] < 0:
            first += 1
        one = first
        while one < number and waits[one] != 0:
            one += 1
        if one == number:
            free = step
            for left in range(first, number):
                if waits[left] > 0:
                    order[step] = left
                    step += 1
            return order, free
        order[step] = one
        waits[one] = -1
        for other in range(first, number):
            if waits[other] > 0 and _waits(rows, other, one):
                waits[other] -= 1
    return order, number
