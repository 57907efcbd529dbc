"""Blocks of packages, put up without gaps worth the name: what the search places at a time, compiled.

Method: simple blocks of equal packages and joints of two blocks (Fanslau and Bortfeldt 2010), so many that the search
may choose; under full support every package of a block stands on the block's floor or wholly on packages.
"""

from typing import NamedTuple

import numpy as np
from numba import njit, types
from numba.typed import Dict
from numpy.typing import NDArray

from optimizer.loading.kinds import Kinds

SINGLE, JOINT = 0, 1
"""How a block was made: first number of its row in `made`."""


class Blocks(NamedTuple):
    """Blocks, one row each.

    Parameters
    ----------
    size
        Length, width, height in mm.
    top
        Length and width of the flat part of the top on which something may stand, from the low corner.
    counts
        Packages by kind (row) and block (column).
    number, mass
        Packages, and their mass in g.
    phase, classes, refused
        As in `Kinds`.
    made
        (SINGLE, kind, dx, dy, dz, along, across, up) or (JOINT, first, second, axis, 0...).
    """

    size: NDArray[np.int32]
    top: NDArray[np.int32]
    counts: NDArray[np.int32]
    number: NDArray[np.int32]
    mass: NDArray[np.float64]
    phase: NDArray[np.int32]
    classes: NDArray[np.int64]
    refused: NDArray[np.int64]
    made: NDArray[np.int32]

    def chosen(self, order: NDArray[np.intp]) -> "Blocks":
        """Return the blocks in another order (or some of them); `made` keeps its numbers of rows."""
        return Blocks(*(one[:, order] if name == "counts" else one[order] for name, one in self._asdict().items()))


class Rows(NamedTuple):
    """Blocks while they are made: rows up to a count that grows; a top of no length bears nothing."""

    size: NDArray[np.int32]
    top: NDArray[np.int32]
    counts: NDArray[np.int32]
    number: NDArray[np.int32]
    volume: NDArray[np.float64]
    made: NDArray[np.int32]


def make_blocks(
    kinds: Kinds, quantities: NDArray[np.int32], room: NDArray[np.int32], *, fill: float, full: bool, most: int
) -> Blocks:
    """Make blocks of the packages at hand.

    Parameters
    ----------
    quantities
        Packages at hand by kind.
    room
        Length, width and height that cargo may take, mm.
    fill
        Least share of a block's volume that packages take, 0 to 1.
    full
        Whether packages in a block must be wholly supported.
    most
        Greatest number of blocks.
    """
    number = kinds.volume.shape[0]
    rows = Rows(
        size=np.zeros((most, 3), np.int32),
        top=np.zeros((most, 2), np.int32),
        counts=np.zeros((most, number), np.int32),
        number=np.zeros(most, np.int32),
        volume=np.zeros(most),
        made=np.zeros((most, 8), np.int32),
    )
    singles = _singles(kinds, quantities, room, rows, most // 2)
    made = _joints(kinds, quantities, room, rows, singles, fill, full)
    counts = rows.counts[:made]
    first = (counts > 0).argmax(axis=1)
    shape = (made, counts.shape[1])
    return Blocks(
        size=rows.size[:made].copy(),
        top=rows.top[:made].copy(),
        counts=np.ascontiguousarray(counts.T),
        number=rows.number[:made].copy(),
        mass=counts @ kinds.mass,
        phase=kinds.phase[first],
        classes=np.bitwise_or.reduce(np.where(counts > 0, np.broadcast_to(kinds.classes, shape), 0), axis=1),
        refused=np.bitwise_or.reduce(np.where(counts > 0, np.broadcast_to(kinds.refused, shape), 0), axis=1),
        made=rows.made[:made].copy(),
    )


@njit(cache=True, nogil=True)
def _key(
    spread: NDArray[np.int64], counts: NDArray[np.int32], size: NDArray[np.int32], top: NDArray[np.int32]
) -> np.int64:
    key = np.int64(0)
    for kind in range(counts.shape[0]):
        if counts[kind]:
            key += spread[kind] * counts[kind]
    key = key * 1000003 + np.int64(size[0]) * 4194304 + np.int64(size[1]) * 2048 + np.int64(size[2])
    return key + np.int64(top[0]) * 7919 + np.int64(top[1]) * 104729


@njit(cache=True, nogil=True)
def _singles(kinds: Kinds, quantities: NDArray[np.int32], room: NDArray[np.int32], rows: Rows, most: int) -> int:
    """Write the blocks of equal packages, in every number along, across and up; return how many."""
    number = kinds.stances.shape[0]
    total = 0
    for row in range(number):
        for up in range(1, _high(kinds, quantities, room, row) + 1):
            total += _floors(kinds, quantities, room, row, up)
    made = 0
    for row in range(number):
        kind, dx, dy, dz = kinds.stances[row]
        quantity = quantities[kind]
        bears = kinds.max_load[kind]
        high = _high(kinds, quantities, room, row)
        every = 1
        if total > most:
            # Too many: each stance gets an equal share of the room left, so that no kind goes without a block.
            own = 0
            for up in range(1, high + 1):
                own += _floors(kinds, quantities, room, row, up)
            every = -(-own // max(1, (most - made) // (number - row) - 1))
        seen = 0
        for up in range(1, high + 1):
            for across in range(1, min(quantity // up, room[1] // dy) + 1):
                for along in range(1, min(quantity // (up * across), room[0] // dx) + 1):
                    seen += 1
                    if made >= most or (every > 1 and seen > 1 and seen % every):
                        continue
                    number_of = along * across * up
                    rows.size[made, 0] = along * dx
                    rows.size[made, 1] = across * dy
                    rows.size[made, 2] = up * dz
                    rows.top[made, 0] = along * dx if bears != 0.0 else 0
                    rows.top[made, 1] = across * dy if bears != 0.0 else 0
                    rows.counts[made, kind] = number_of
                    rows.number[made] = number_of
                    rows.volume[made] = kinds.volume[kind] * number_of
                    made_as = rows.made[made]
                    made_as[0], made_as[1], made_as[2], made_as[3], made_as[4] = SINGLE, kind, dx, dy, dz
                    made_as[5], made_as[6], made_as[7] = along, across, up
                    made += 1
    return made


@njit(cache=True, nogil=True)
def _high(kinds: Kinds, quantities: NDArray[np.int32], room: NDArray[np.int32], row: int) -> int:
    """Return how many packages of a stance may stand on one another."""
    kind, _, _, dz = kinds.stances[row]
    high = min(quantities[kind], room[2] // dz)
    bears = kinds.max_load[kind]
    if bears == 0.0:
        high = min(high, 1)
    elif bears > 0.0 and kinds.mass[kind] > 0.0:
        high = min(high, 1 + int(bears // kinds.mass[kind]))
    return int(high)


@njit(cache=True, nogil=True)
def _floors(kinds: Kinds, quantities: NDArray[np.int32], room: NDArray[np.int32], row: int, up: int) -> int:
    """Count the blocks of a stance with so many packages up."""
    kind, dx, dy, _ = kinds.stances[row]
    found = 0
    for across in range(1, min(quantities[kind] // up, room[1] // dy) + 1):
        found += min(quantities[kind] // (up * across), room[0] // dx)
    return found


@njit(cache=True, nogil=True)
def _joints(  # noqa: C901 - one loop, whose parts cost more as calls
    kinds: Kinds,
    quantities: NDArray[np.int32],
    room: NDArray[np.int32],
    rows: Rows,
    singles: int,
    fill: float,
    full: bool,
) -> int:
    """Join blocks two by two, smallest first, until the rows are full; return how many blocks there are."""
    number = quantities.shape[0]
    spread = np.zeros(number, np.int64)
    bits = np.int64(88172645463325252)
    for kind in range(number):
        bits ^= bits << 13
        bits ^= bits >> 7
        bits ^= bits << 17
        spread[kind] = bits
    seen = Dict.empty(types.int64, types.int64)
    for one in range(singles):
        seen[_key(spread, rows.counts[one], rows.size[one], rows.top[one])] = 1
    limited = False
    for kind in range(number):
        if kinds.max_load[kind] > 0.0:
            limited = True
    most = rows.size.shape[0]
    bases = np.argsort(rows.number[:singles], kind="mergesort")
    front = bases.copy()
    made = singles
    # Arrays by names of their own: taking them out of a tuple in a loop costs more than the loop.
    size, top, volume = rows.size, rows.top, rows.volume
    long, wide, high = room[0], room[1], room[2]
    while front.shape[0] > 0 and made < most:
        start = made
        for i in front:
            if made >= most:
                break
            for j in bases:
                if made >= most:
                    break
                enough = 0  # looked at last: it takes longest
                for axis in range(3):
                    if axis == 2:
                        if limited or top[i, 0] == 0:
                            continue
                        if full and (size[j, 0] > top[i, 0] or size[j, 1] > top[i, 1]):
                            continue
                    elif full:
                        if size[i, 2] != size[j, 2] or size[i, 1 - axis] != size[j, 1 - axis]:
                            continue
                        if (top[i, 0] == 0) != (top[j, 0] == 0):
                            continue
                        if top[i, 0] > 0 and (
                            top[i, 0] != size[i, 0] or top[i, 1] != size[i, 1]
                            or top[j, 0] != size[j, 0] or top[j, 1] != size[j, 1]
                        ):  # fmt: skip
                            continue
                    x = size[i, 0] + size[j, 0] if axis == 0 else max(size[i, 0], size[j, 0])
                    y = size[i, 1] + size[j, 1] if axis == 1 else max(size[i, 1], size[j, 1])
                    z = size[i, 2] + size[j, 2] if axis == 2 else max(size[i, 2], size[j, 2])
                    if x > long or y > wide or z > high:
                        continue
                    if volume[i] + volume[j] < fill * (float(x) * float(y) * float(z)):
                        continue
                    if enough == 0:
                        enough = 1 if _may_join(kinds, quantities, rows, i, j) else -1
                    if enough < 0:
                        break
                    _join(rows, i, j, axis, made, full)
                    key = _key(spread, rows.counts[made], rows.size[made], rows.top[made])
                    if key not in seen:
                        seen[key] = 1
                        made += 1
                        if made >= most:
                            break
        front = np.arange(start, made)
    return made


@njit(cache=True, nogil=True)
def _may_join(kinds: Kinds, quantities: NDArray[np.int32], rows: Rows, i: int, j: int) -> bool:
    """Say whether there are packages enough, all of one phase and owner, none refusing another."""
    phase, owner, classes, refused = -1, -1, np.int64(0), np.int64(0)
    first = True
    for kind in range(quantities.shape[0]):
        count = rows.counts[i, kind] + rows.counts[j, kind]
        if count == 0:
            continue
        if count > quantities[kind]:
            return False
        if first:
            phase, owner, first = kinds.phase[kind], kinds.owner[kind], False
        elif kinds.phase[kind] != phase or kinds.owner[kind] != owner:
            return False
        classes |= kinds.classes[kind]
        refused |= kinds.refused[kind]
    return bool(classes & refused == 0)


@njit(cache=True, nogil=True)
def _join(rows: Rows, i: int, j: int, axis: int, made: int, full: bool) -> None:
    """Write the joint of blocks i and j as row `made`."""
    for k in range(3):
        one, other = rows.size[i, k], rows.size[j, k]
        rows.size[made, k] = one + other if k == axis else max(one, other)
    bears = rows.top[j, 0] > 0 and (axis == 2 or rows.top[i, 0] > 0)
    for k in range(2):
        whole = rows.top[j, k] if full and axis == 2 else rows.size[made, k]
        rows.top[made, k] = whole if bears else 0
    for kind in range(rows.counts.shape[1]):
        rows.counts[made, kind] = rows.counts[i, kind] + rows.counts[j, kind]
    rows.number[made] = rows.number[i] + rows.number[j]
    rows.volume[made] = rows.volume[i] + rows.volume[j]
    how = rows.made[made]
    how[:] = 0
    how[0], how[1], how[2], how[3] = JOINT, i, j, axis


def boxes_of(blocks: Blocks, block: int) -> NDArray[np.int32]:
    """Return the packages of a block, one row (kind, x, y, z, dx, dy, dz) each, from its low corner, bottom first."""
    found = np.zeros((int(blocks.number[block]), 7), np.int32)
    _write_boxes(blocks.made, blocks.size, block, found, 0)
    return found[np.lexsort((found[:, 2], found[:, 1], found[:, 3]))]


@njit(cache=True, nogil=True)
def _write_boxes(made: NDArray[np.int32], size: NDArray[np.int32], block: int, out: NDArray[np.int32], at: int) -> int:
    waiting = np.zeros((64, 4), np.int32)
    waiting[0, 0] = block
    left = 1
    while left:
        left -= 1
        one, x, y, z = waiting[left]
        how = made[one]
        if how[0] == SINGLE:
            for up in range(how[7]):
                for across in range(how[6]):
                    for along in range(how[5]):
                        out[at, 0] = how[1]
                        out[at, 1] = x + along * how[2]
                        out[at, 2] = y + across * how[3]
                        out[at, 3] = z + up * how[4]
                        out[at, 4], out[at, 5], out[at, 6] = how[2], how[3], how[4]
                        at += 1
            continue
        waiting[left, 0] = how[1]
        waiting[left, 1], waiting[left, 2], waiting[left, 3] = x, y, z
        waiting[left + 1, 0] = how[2]
        waiting[left + 1, 1], waiting[left + 1, 2], waiting[left + 1, 3] = x, y, z
        waiting[left + 1, 1 + how[3]] += size[how[1], how[3]]
        left += 2
    return at
