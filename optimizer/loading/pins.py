"""Packages that stand already: obstacles and support for all that is loaded around them, compiled.

Where something is pinned the spaces of every phase are worked out anew: what a pinned package of an earlier stop keeps
closed until its own phase comes opens again.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.load_problem import LoadContainer, LoadProblem, Owners
from optimizer.loading.blocks import Blocks
from optimizer.loading.kinds import Kinds
from optimizer.loading.rules import Rules, weigh
from optimizer.loading.spaces import cut, join
from optimizer.loading.states import Pins, Room, States


class Standing(NamedTuple):
    """What stands already in one container: rows (kind, x, y, z, dx, dy, dz)."""

    container: LoadContainer
    rows: NDArray[np.int32]


NOTHING_STANDS = np.zeros((0, 7), np.int32)

JOININGS = 6
"""Rounds in which spaces of equal floor are joined: each doubles how many may come together."""


def standing(problem: LoadProblem) -> dict[int, Standing]:
    """Return what is pinned by the position of its container among the loads.

    Where two containers are pinned at one position the first one counts: the judge objects to the other.
    """
    kind = {one.key: position for position, one in enumerate(problem.packages)}
    found: dict[int, Standing] = {}
    for pin in sorted(problem.pinned, key=lambda one: one.position):
        rows = [
            (kind[one.consignment, one.package], one.x_mm, one.y_mm, one.z_mm, one.dx_mm, one.dy_mm, one.dz_mm)
            for one in pin.placements
        ]
        there = found.setdefault(pin.position, Standing(problem.container[pin.container], NOTHING_STANDS))
        if there.container.code == pin.container:
            both = np.concatenate([there.rows, np.array(rows, np.int32).reshape(-1, 7)])
            found[pin.position] = there._replace(rows=both)
    return found


def kept_back(able: NDArray[np.int32], containers: int) -> NDArray[np.int32]:
    """Return packages that a load leaves for the containers that must come after it: one each, of the commonest kinds.

    Parameters
    ----------
    able
        Packages at hand by kind.
    containers
        Containers before the last pinned one in which nothing stands yet, this one not counted.
    """
    kept = np.zeros_like(able)
    for _ in range(min(containers, int(able.sum()) - 1)):
        kept[np.argmax(able - kept)] += 1
    return kept


def pins_of(problem: LoadProblem, kinds: Kinds, rows: NDArray[np.int32]) -> Pins:
    """Return pinned packages (kind, x, y, z, dx, dy, dz) as the search sees them, lowest first."""
    rows = rows[np.argsort(rows[:, 3], kind="stable")]
    kind = rows[:, 0]
    phases = int(kinds.phase.max(initial=0)) + 1
    stop, owner = np.zeros(phases, np.int32), np.full(phases, -1, np.int32)
    names = sorted({one.owner for one in problem.packages})
    for one, phase in zip(problem.packages, kinds.phase.tolist(), strict=True):
        stop[phase] = one.stop
        if problem.owners is Owners.STRICT and one.owner:
            owner[phase] = names.index(one.owner)
    return Pins(
        boxes=np.ascontiguousarray(np.hstack([rows[:, 1:4], rows[:, 1:4] + rows[:, 4:7], rows[:, :1]])),
        phase=kinds.phase[kind],
        bears=kinds.max_load[kind] != 0.0,
        stop=stop,
        owner=owner,
    )


@njit(cache=True, nogil=True)
def stand(
    states: States, i: int, room: Room, rules: Rules, classes: NDArray[np.int64], refused: NDArray[np.int64]
) -> None:
    """Put the pinned packages into an empty state; `classes` and `refused` go by kind."""
    boxes = room.pins.boxes
    for pin in range(boxes.shape[0]):
        row = states.placed[i, pin]
        row[:6] = boxes[pin, :6]
        row[6] = -1 - pin
        row[7], row[8] = 0, 0
        if rules.any:
            states.classes[i] |= classes[boxes[pin, 6]]
            states.refused[i] |= refused[boxes[pin, 6]]
            states.boxes[i, pin] = boxes[pin]
            weigh(rules, states.boxes[i], pin, states.borne[i], states.line[i])
            states.mass[i] += rules.mass_g[boxes[pin, 6]]
            states.n_boxes[i] = pin + 1
    states.n_placed[i] = boxes.shape[0]


@njit(cache=True, nogil=True)
def flat_top(row: NDArray[np.int32], blocks: Blocks, pins: Pins, out: NDArray[np.int32]) -> None:
    """Write x1, y1, x2, y2 of the part of a placed block's top on which something may stand."""
    if row[6] < 0:
        bears = pins.bears[-1 - row[6]]
        for axis in range(2):
            out[axis] = row[axis]
            out[axis + 2] = row[axis + 3] if bears else row[axis]
        return
    for axis in range(2):
        flat = blocks.top[row[6], axis]
        out[axis] = row[axis + 3] - flat if row[7 + axis] else row[axis]
        out[axis + 2] = out[axis] + flat


@njit(cache=True, nogil=True)
def _phase_of(row: NDArray[np.int32], blocks: Blocks, pins: Pins) -> int:
    return int(pins.phase[-1 - row[6]] if row[6] < 0 else blocks.phase[row[6]])


@njit(cache=True, nogil=True)
def open_spaces(
    states: States, i: int, room: Room, blocks: Blocks, work_rows: NDArray[np.int32], work: NDArray[np.int64]
) -> None:
    """Write the spaces for a state's phase: the container without what stands, and without what would be in its way.

    Goods of a later stop may not stand before or above those of an earlier one; under strict owners the phase has a
    slice of the length between those of others.
    """
    spaces, size, least, pins = states.spaces[i], room.size, room.least, room.pins
    number = states.n_placed[i]
    start, end = 0, size[0]
    if room.sliced and pins.owner[states.phase[i]] >= 0:
        start, end = _slice(states, i, size[0], blocks, pins)
    spaces[0, 0], spaces[0, 1], spaces[0, 2] = start, 0, 0
    spaces[0, 3], spaces[0, 4], spaces[0, 5] = end, size[1], size[2]
    spaces[0, 6] = -1
    count = 1 if end - start >= least[0] and size[1] >= least[0] and size[2] >= least[1] else 0
    top = np.zeros(4, np.int32)
    for j in range(number):
        flat_top(states.placed[i, j], blocks, pins, top)
        count = cut(spaces, count, states.placed[i, j], top, least, room.full, work_rows)
        work[0] += count
    stop = pins.stop[states.phase[i]]
    shade = np.zeros(6, np.int32)
    top[:] = 0
    for j in range(number):
        row = states.placed[i, j]
        its = pins.stop[_phase_of(row, blocks, pins)]
        if its == stop:
            continue
        # x and z of the shade end at the front wall and the floor, or at the door and the ceiling.
        for axis in range(0, 3, 2):
            shade[:] = row[:6]
            if its > stop:
                shade[axis] = min(0, row[axis])
            else:
                shade[axis + 3] = max(size[axis], row[axis + 3])
            count = cut(spaces, count, shade, top, least, room.full, work_rows)
            work[0] += count
    if room.full:
        for _ in range(JOININGS):
            before = count
            count = join(spaces, count, least)
            work[0] += count * count // 8
            if count == before:
                break
    states.n_spaces[i] = count


@njit(cache=True, nogil=True)
def _slice(states: States, i: int, long: int, blocks: Blocks, pins: Pins) -> tuple[int, int]:
    """Return start and end of the slice in which a phase may stand: none where others' goods lie between its own.

    The one with fewest goods of other stops in the way is taken, then the longest.
    """
    phase, phases = states.phase[i], pins.stop.shape[0]
    low, high = np.full(phases, long), np.zeros(phases, np.int64)
    for j in range(states.n_placed[i]):
        row = states.placed[i, j]
        its = _phase_of(row, blocks, pins)
        low[its], high[its] = min(low[its], row[0]), max(high[its], row[3])
    stop, owner = pins.stop[phase], pins.owner[phase]
    best_start, best_end, least_in_way = 0, 0, states.n_placed[i] + 1
    for after in range(-1, phases):
        start, end = (0, long) if after < 0 else (high[after], long)
        if after >= 0 and (low[after] >= high[after] or pins.owner[after] < 0 or pins.owner[after] == owner):
            continue
        for other in range(phases):
            if low[other] >= high[other] or pins.owner[other] < 0 or pins.owner[other] == owner:
                continue
            if low[other] >= start:
                end = min(end, low[other])
            elif high[other] > start:
                end = start
        if end <= start or (low[phase] < high[phase] and (low[phase] < start or high[phase] > end)):
            continue
        in_way = 0
        for j in range(states.n_placed[i]):
            row = states.placed[i, j]
            its = pins.stop[_phase_of(row, blocks, pins)]
            in_way += (its < stop and row[3] <= start) or (its > stop and row[0] >= end)
        if in_way < least_in_way or (in_way == least_in_way and end - start > best_end - best_start):
            best_start, best_end, least_in_way = start, end, in_way
    return best_start, best_end
