"""Rules of a real container inside the search: support, load on packages, payload, line load, compiled."""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.loading.kinds import UNLIMITED

BIN_MM = 50
"""Length of a piece of the floor whose load per metre is counted."""

SLACK_G = 1e-6
"""Part of a gram kept free where a load is shared among packages, lest rounding break a limit."""

MOST_PARTS = 1 << 48
"""Into so many parts a gram is divided at most to add up loads exactly; what would need more counts as too much."""

STEPS_PER_NEIGHBOUR = 2
"""Steps of work counted for each package that stands when one more is looked at."""


class Rules(NamedTuple):
    """Rules of one container; `any` says whether there is one that the shape of blocks and spaces does not keep.

    `payload_g` and `line_g_per_m` are negative where there is no limit; `support` is the part of a base, 0 to 1,
    that must be borne (0 where the spaces take care of it); `mass_g` and `max_load_g` go by kind.
    """

    any: bool
    loads: bool
    payload_g: float
    line_g_per_m: float
    support: float
    mass_g: NDArray[np.float64]
    max_load_g: NDArray[np.float64]


class Boxes(NamedTuple):
    """Packages of all blocks: those of block b in rows `start[b]` to `start[b + 1]`, and the block's sizes."""

    start: NDArray[np.int64]
    rows: NDArray[np.int32]
    size: NDArray[np.int32]
    mass: NDArray[np.float64]


@njit(cache=True, nogil=True)
def _standing(boxes: Boxes, row: int, place: NDArray[np.int32], out: NDArray[np.int32]) -> None:
    """Write (x1, y1, z1, x2, y2, z2, kind) of a package of a placed block."""
    one = boxes.rows[row]
    size = boxes.size[place[6]]
    for axis in range(3):
        low = one[1 + axis]
        if axis < 2 and place[7 + axis]:
            low = size[axis] - low - one[4 + axis]
        out[axis] = place[axis] + low
        out[axis + 3] = out[axis] + one[4 + axis]
    out[6] = one[0]


@njit(cache=True, nogil=True)
def _contact(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    """Return the area with which `one` stands on `other`, mm2."""
    if other[5] != one[2]:
        return 0.0
    wide = min(one[3], other[3]) - max(one[0], other[0])
    deep = min(one[4], other[4]) - max(one[1], other[1])
    return float(wide) * float(deep) if wide > 0 and deep > 0 else 0.0


@njit(cache=True, nogil=True)
def _pass_down(
    rules: Rules, standing: NDArray[np.int32], count: int, borne: NDArray[np.float64], box: int, load: float
) -> bool:
    """Add a load on the packages below a package, down to the floor; say whether all of them bear it."""
    waiting, loads = np.empty(512, np.int64), np.empty(512)
    waiting[0], loads[0] = box, load
    left, fine = 1, True
    while left:
        left -= 1
        upper, passed = waiting[left], loads[left]
        if standing[upper, 2] == 0:
            continue
        area = 0.0
        for other in range(count):
            area += _contact(standing[upper], standing[other])
        if area == 0.0:
            continue
        for other in range(count):
            part = _contact(standing[upper], standing[other])
            if part == 0.0:
                continue
            share = passed * (part / area)
            borne[other] += share
            limit = rules.max_load_g[standing[other, 6]]
            if limit != UNLIMITED and not _bears(borne[other], limit):
                fine = False
            if left < 512:
                waiting[left], loads[left] = other, share
                left += 1
            else:
                fine = False
    return fine


@njit(cache=True, nogil=True)
def _under_others(standing: NDArray[np.int32], count: int, box: int) -> bool:
    """Say whether something that stood already would rest on a package: its load was passed down elsewhere."""
    area = 0.0
    for other in range(count):
        area += _contact(standing[other], standing[box])
    return bool(area > 0.0)


@njit(cache=True, nogil=True)
def _bears(load: float, limit: float) -> bool:
    if limit == 0.0:
        return False  # nothing at all may touch its top
    if load <= limit - SLACK_G:
        return True
    return abs(load - round(load)) < 1e-9 and round(load) <= limit


@njit(cache=True, nogil=True)
def fits_rules(
    rules: Rules, boxes: Boxes, place: NDArray[np.int32], standing: NDArray[np.int32], count: int,
    borne: NDArray[np.float64], mass: float, line: NDArray[np.float64], work: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Say whether a block may stand in a place (corners, block, turned or not); only `work` is added to."""
    b = place[6]
    if rules.payload_g >= 0.0 and mass + boxes.mass[b] > rules.payload_g:
        return False
    first, last = boxes.start[b], boxes.start[b + 1]
    if count + last - first > standing.shape[0]:
        return False
    if rules.line_g_per_m >= 0.0 and not _line_bears(rules, boxes, place, standing, count, line, work):
        return False
    if not rules.loads and rules.support == 0.0:
        return True
    before = borne[:count].copy()
    fine = True
    for row in range(first, last):
        at = count + row - first
        work[0] += STEPS_PER_NEIGHBOUR * at
        _standing(boxes, row, place, standing[at])
        borne[at] = 0.0
        if rules.support > 0.0 and standing[at, 2] > 0:
            base = float(standing[at, 3] - standing[at, 0]) * float(standing[at, 4] - standing[at, 1])
            area = 0.0
            for other in range(at):
                area += _contact(standing[at], standing[other])
            if area < rules.support * base:
                fine = False
                break
        if rules.loads and (
            _under_others(standing, count, at)
            or not _pass_down(rules, standing, at, borne, at, rules.mass_g[standing[at, 6]])
        ):
            fine = False
            break
    borne[:count] = before
    return fine


@njit(cache=True, nogil=True)
def weigh(
    rules: Rules, standing: NDArray[np.int32], at: int, borne: NDArray[np.float64], line: NDArray[np.float64]
) -> None:
    """Count what package `at` puts on the packages before it and on the floor."""
    borne[at] = 0.0
    if rules.loads:
        _pass_down(rules, standing, at, borne, at, rules.mass_g[standing[at, 6]])
    if rules.line_g_per_m >= 0.0:
        box = standing[at]
        dense = rules.mass_g[box[6]] / (box[3] - box[0]) * 1000.0
        # A pinned package may reach out of the container: where there is no floor nothing is counted.
        for piece in range(max(0, box[0] // BIN_MM), min((box[3] + BIN_MM - 1) // BIN_MM, line.shape[0])):
            line[piece] += dense


@njit(cache=True, nogil=True)
def put(
    rules: Rules, boxes: Boxes, place: NDArray[np.int32], standing: NDArray[np.int32], count: int,
    borne: NDArray[np.float64], line: NDArray[np.float64],
) -> int:  # fmt: skip
    """Add the packages of a placed block to those that stand; return how many stand now."""
    b = place[6]
    for row in range(boxes.start[b], boxes.start[b + 1]):
        _standing(boxes, row, place, standing[count])
        weigh(rules, standing, count, borne, line)
        count += 1
    return count


@njit(cache=True, nogil=True)
def _line_bears(
    rules: Rules, boxes: Boxes, place: NDArray[np.int32], standing: NDArray[np.int32], count: int,
    line: NDArray[np.float64], work: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Say whether the floor bears a block too.

    A piece of the floor counts whatever touches it wholly; where that is too much, every place is looked at at which
    a package begins: in between it cannot become more.
    """
    added = np.zeros(line.shape[0])
    number = count
    fine = True
    for row in range(boxes.start[place[6]], boxes.start[place[6] + 1]):
        box = standing[number]
        _standing(boxes, row, place, box)
        number += 1
        dense = rules.mass_g[box[6]] / (box[3] - box[0]) * 1000.0
        for piece in range(box[0] // BIN_MM, (box[3] + BIN_MM - 1) // BIN_MM):
            added[piece] += dense
            fine &= line[piece] + added[piece] <= rules.line_g_per_m - SLACK_G
    if fine:
        return True
    for one in range(number):
        at = standing[one, 0]
        if place[0] <= at < place[3]:
            piece = at // BIN_MM
            if line[piece] + added[piece] > rules.line_g_per_m - SLACK_G:
                work[0] += number
                if not _bears_at(rules, standing, number, at):
                    return False
    return True


@njit(cache=True, nogil=True)
def _bears_at(rules: Rules, standing: NDArray[np.int32], count: int, at: int) -> bool:
    """Say whether the floor bears what stands at one place of the length; at the limit it is added up exactly."""
    load = 0.0
    for one in range(count):
        if standing[one, 0] <= at < standing[one, 3]:
            load += rules.mass_g[standing[one, 6]] / (standing[one, 3] - standing[one, 0]) * 1000.0
    if abs(load - rules.line_g_per_m) > SLACK_G:
        return load < rules.line_g_per_m
    common = np.int64(1)
    for one in range(count):
        if standing[one, 0] <= at < standing[one, 3]:
            length = np.int64(standing[one, 3] - standing[one, 0])
            divisor, rest = common, length
            while rest:
                divisor, rest = rest, divisor % rest
            common *= length // divisor
            if common > MOST_PARTS:
                return False
    whole, parts = np.int64(0), np.int64(0)
    for one in range(count):
        if standing[one, 0] <= at < standing[one, 3]:
            length = np.int64(standing[one, 3] - standing[one, 0])
            grams = np.int64(rules.mass_g[standing[one, 6]]) * 1000
            whole += grams // length
            parts += grams % length * (common // length)
    return bool(whole + (parts + common - 1) // common <= rules.line_g_per_m)
