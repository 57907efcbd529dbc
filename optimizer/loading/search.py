"""The search for one container's load: beam search whose states are judged by completing them greedily, compiled.

Method: block choice by value, contact and what cannot be used any more of the space (Araya, Guerrero and Nunez 2017);
widths grow until time is up, so that there is an answer at once and a better one later.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from optimizer.loading.blocks import Blocks
from optimizer.loading.pins import flat_top, open_spaces
from optimizer.loading.rules import Boxes, Rules, fits_rules, put
from optimizer.loading.spaces import carve, scratch_rows
from optimizer.loading.states import PLACED, Priced, Reaches, Room, States, Weights, copy_state

TOLERANCE = 0.04
"""Part of a block's own size by which it may miss a neighbour and still count as touching it."""


@njit(cache=True, nogil=True)
def _reach(left: NDArray[np.int32], reaches: Reaches) -> None:
    """Work out the greatest sum of sizes below every length, of kinds of which there are some left."""
    sizes, numbers, below = reaches.sizes, reaches.numbers, reaches.below
    steps = below.shape[1]
    there = np.empty(steps, np.bool_)
    in_use = np.empty(steps, np.int32)
    for axis in range(3):
        there[:] = False
        for kind in range(left.shape[0]):
            if left[kind] > 0:
                for position in range(numbers[axis, kind]):
                    if sizes[axis, kind, position] < steps:
                        there[sizes[axis, kind, position]] = True
        count, last = 0, 0
        below[axis, 0] = 0
        for length in range(1, steps):
            if there[length]:
                in_use[count] = length
                count += 1
            for position in range(count):
                rest = length - in_use[position]
                if below[axis, rest] == rest:  # the rest can be made up itself
                    last = length
                    break
            below[axis, length] = last


@njit(cache=True, nogil=True)
def _touching(place: NDArray[np.int32], placed: NDArray[np.int32], number: int, size: NDArray[np.int32]) -> float:
    """Return the part of a block's surface that touches walls or blocks, or nearly does."""
    x1, y1, z1, x2, y2, z2 = place[0], place[1], place[2], place[3], place[4], place[5]
    near_x, near_y, near_z = TOLERANCE * (x2 - x1), TOLERANCE * (y2 - y1), TOLERANCE * (z2 - z1)
    side_x, side_y = float(y2 - y1) * (z2 - z1), float(x2 - x1) * (z2 - z1)
    side_z = float(x2 - x1) * (y2 - y1)
    low_x, high_x = x1 <= near_x, size[0] - x2 <= near_x
    low_y, high_y = y1 <= near_y, size[1] - y2 <= near_y
    low_z, high_z = z1 <= near_z, size[2] - z2 <= near_z
    area = side_x * (int(low_x) + int(high_x)) + side_y * (int(low_y) + int(high_y))
    area += side_z * (int(low_z) + int(high_z))
    for i in range(number):
        over_x = min(x2, placed[i, 3]) - max(x1, placed[i, 0])
        over_y = min(y2, placed[i, 4]) - max(y1, placed[i, 1])
        over_z = min(z2, placed[i, 5]) - max(z1, placed[i, 2])
        if over_y > 0 and over_z > 0:
            if (not low_x and 0 <= x1 - placed[i, 3] <= near_x) or (not high_x and 0 <= placed[i, 0] - x2 <= near_x):
                area += float(over_y) * over_z
        elif over_x > 0 and over_z > 0:
            if (not low_y and 0 <= y1 - placed[i, 4] <= near_y) or (not high_y and 0 <= placed[i, 1] - y2 <= near_y):
                area += float(over_x) * over_z
        elif (
            over_x > 0
            and over_y > 0
            and ((not low_z and 0 <= z1 - placed[i, 5] <= near_z) or (not high_z and 0 <= placed[i, 2] - z2 <= near_z))
        ):
            area += float(over_x) * over_y
    return float(min(1.0, area / (2.0 * (side_x + side_y + side_z))))


@njit(cache=True, nogil=True)
def _nearest_space(spaces: NDArray[np.int32], count: int, phase: int, room: Room) -> int:
    """Return the space whose corner is nearest to a corner of the container, -1 where none is open."""
    best, nearest, largest = -1, np.int64(1) << 60, 0.0
    size = room.size
    for i in range(count):
        if spaces[i, 6] == phase:
            continue
        distance = spaces[i, 0] if room.from_front else min(spaces[i, 0], size[0] - spaces[i, 3])
        distance += min(spaces[i, 1], size[1] - spaces[i, 4])
        distance += spaces[i, 2] if room.grounded else min(spaces[i, 2], size[2] - spaces[i, 5])
        volume = float(spaces[i, 3] - spaces[i, 0]) * (spaces[i, 4] - spaces[i, 1]) * (spaces[i, 5] - spaces[i, 2])
        if distance < nearest or (distance == nearest and volume > largest):
            best, nearest, largest = i, distance, volume
    return best


@njit(cache=True, nogil=True)
def _corner(
    space: NDArray[np.int32], size: NDArray[np.int32], b: int, walls: NDArray[np.int32], grounded: bool,
    from_front: bool, out: NDArray[np.int32],
) -> None:  # fmt: skip
    """Write where block `b` stands in a space: in the corner nearest to a corner of the container."""
    for axis in range(3):
        low, high = space[axis], space[axis + 3]
        far = low > walls[axis] - high and not ((axis == 2 and grounded) or (axis == 0 and from_front))
        out[axis] = high - size[b, axis] if far else low
        out[axis + 3] = out[axis] + size[b, axis]
        if axis < 2:
            out[7 + axis] = 1 if far else 0


@njit(cache=True, nogil=True)
def _neighbours(space: NDArray[np.int32], placed: NDArray[np.int32], number: int, out: NDArray[np.int32]) -> int:
    """Write the placed blocks that a block within a space may touch, or nearly; return how many."""
    near = np.empty(3)
    for axis in range(3):
        near[axis] = TOLERANCE * (space[axis + 3] - space[axis])
    count = 0
    for i in range(number):
        close = True
        for axis in range(3):
            if placed[i, axis] > space[axis + 3] + near[axis] or placed[i, axis + 3] < space[axis] - near[axis]:
                close = False
                break
        if close:
            out[count] = placed[i]
            count += 1
    return count


@njit(cache=True, nogil=True)
def _allowed(
    states: States, i: int, priced: Priced, rules: Rules, boxes: Boxes, b: int, place: NDArray[np.int32],
    work: NDArray[np.int64],
) -> bool:  # fmt: skip
    """Say whether the rules allow a block in a place."""
    if (states.classes[i] & priced.blocks.refused[b]) or (states.refused[i] & priced.blocks.classes[b]):
        return False
    place[6] = b
    return fits_rules(
        rules, boxes, place, states.boxes[i], states.n_boxes[i], states.borne[i], states.mass[i], states.line[i], work
    )


@njit(cache=True, nogil=True)
def _best_blocks(
    states: States, i: int, space: NDArray[np.int32], room: Room, priced: Priced, reaches: Reaches, rules: Rules,
    boxes: Boxes, valid: NDArray[np.int32], n_valid: int, wanted: int, found: NDArray[np.int64],
    score: NDArray[np.float64], work: NDArray[np.int64],
) -> int:  # fmt: skip
    """Write the best blocks for a space and their scores, best first; return how many there are."""
    size, phases, worth, steps = priced.blocks.size, priced.blocks.phase, priced.worth, priced.steps
    below = reaches.below
    wide_x, wide_y, wide_z = space[3] - space[0], space[4] - space[1], space[5] - space[2]
    step, walls, grounded, from_front = room.step_mm, room.size, room.grounded, room.from_front
    phase, power = states.phase[i], priced.contact_power
    long, wide, high = wide_x // step, wide_y // step, wide_z // step
    whole = float(max(1, long)) * max(1, wide) * max(1, high)
    fitting, hopes = np.empty(n_valid, np.int32), np.empty(n_valid)
    n_fitting, first = 0, 0
    work[0] += n_valid
    for position in range(n_valid):
        b = valid[position]
        x, y, z = size[b, 0], size[b, 1], size[b, 2]
        if x > wide_x or y > wide_y or z > wide_z or phases[b] != phase:
            continue
        x, y, z = min(long, steps[b, 0]), min(wide, steps[b, 1]), min(high, steps[b, 2])
        used = float(x + below[0, long - x]) * (y + below[1, wide - y]) * (z + below[2, high - z])
        fitting[n_fitting] = b
        hopes[n_fitting] = worth[b] * (used / whole)
        if hopes[n_fitting] > hopes[first]:
            first = n_fitting
        n_fitting += 1
    if n_fitting == 0:
        return 0
    near, place = np.empty((states.n_placed[i], PLACED), np.int32), np.empty(PLACED, np.int32)
    n_near = _neighbours(space, states.placed[i], states.n_placed[i], near)
    # The most hopeful block first: what it reaches spares most others the closer look.
    fitting[0], fitting[first] = fitting[first], fitting[0]
    hopes[0], hopes[first] = hopes[first], hopes[0]
    count = 0
    for position in range(n_fitting):
        beaten = score[count - 1] if count == wanted else 0.0
        if hopes[position] <= beaten:
            continue
        if work[1]:
            break
        b = fitting[position]
        work[0] += 8 + n_near
        _corner(space, size, b, walls, grounded, from_front, place)
        touch = _touching(place, near, n_near, walls)
        touch *= touch
        best = hopes[position] * (touch if power == 2 else touch * touch)
        if best <= beaten or (rules.any and not _allowed(states, i, priced, rules, boxes, b, place, work)):
            continue
        if count < wanted:
            count += 1
        at = count - 1
        while at > 0 and score[at - 1] < best:
            score[at], found[at] = score[at - 1], found[at - 1]
            at -= 1
        score[at], found[at] = best, b
    return count


@njit(cache=True, nogil=True)
def _place(
    states: States, i: int, space: NDArray[np.int32], room: Room, priced: Priced, rules: Rules, boxes: Boxes, b: int,
    work_rows: NDArray[np.int32],
) -> None:  # fmt: skip
    """Put a block into a space of a state."""
    blocks = priced.blocks
    at = states.n_placed[i]
    row = states.placed[i, at]
    _corner(space, blocks.size, b, room.size, room.grounded, room.from_front, row)
    row[6] = b
    top = np.empty(4, np.int32)
    flat_top(row, blocks, room.pins, top)
    states.n_placed[i] = at + 1
    states.n_spaces[i] = carve(states.spaces[i], states.n_spaces[i], row, top, room.least, room.full, work_rows)
    for kind in range(states.left.shape[1]):
        states.left[i, kind] -= blocks.counts[kind, b]
    states.value[i] += priced.value[b]
    if rules.any:
        states.classes[i] |= blocks.classes[b]
        states.refused[i] |= blocks.refused[b]
        states.n_boxes[i] = put(rules, boxes, row, states.boxes[i], states.n_boxes[i], states.borne[i], states.line[i])
        states.mass[i] += blocks.mass[b]


@njit(cache=True, nogil=True)
def _next_phase(
    states: States, i: int, room: Room, priced: Priced, work_rows: NDArray[np.int32], work: NDArray[np.int64]
) -> None:
    """Go on to the goods that are loaded next: behind and below what stands they could not be unloaded first."""
    states.phase[i] += 1
    if room.pins.phase.shape[0]:
        open_spaces(states, i, room, priced.blocks, work_rows, work)
        return
    spaces = states.spaces[i]
    if room.sliced:
        end = 0
        for j in range(states.n_placed[i]):
            end = max(end, states.placed[i, j, 3])
        spaces[0, 0], spaces[0, 1], spaces[0, 2] = end, 0, 0
        spaces[0, 3], spaces[0, 4], spaces[0, 5] = room.size[0], room.size[1], room.size[2]
        spaces[0, 6] = -1
        states.n_spaces[i] = 1 if room.size[0] - end >= room.least[0] else 0
        return
    shade = np.zeros(6, np.int32)
    none = np.zeros(4, np.int32)
    for j in range(states.n_placed[i]):
        row = states.placed[i, j]
        shade[:] = row[:6]
        shade[0] = 0
        states.n_spaces[i] = carve(spaces, states.n_spaces[i], shade, none, room.least, room.full, work_rows)
        if not room.full:
            shade[0] = row[0]
            shade[2] = 0
            states.n_spaces[i] = carve(spaces, states.n_spaces[i], shade, none, room.least, False, work_rows)


@njit(cache=True, nogil=True)
def _step(
    states: States, i: int, room: Room, priced: Priced, reaches: Reaches, rules: Rules, boxes: Boxes,
    valid: NDArray[np.int32], n_valid: int, wanted: int, found: NDArray[np.int64], score: NDArray[np.float64],
    work_rows: NDArray[np.int32], work: NDArray[np.int64],
) -> tuple[int, int]:  # fmt: skip
    """Choose the next space of a state and the best blocks for it: (space, number of blocks), (-1, 0) at the end."""
    spaces = states.spaces[i]
    while True:
        one = _nearest_space(spaces, states.n_spaces[i], states.phase[i], room)
        if one < 0:
            if states.phase[i] + 1 >= room.phases:
                return -1, 0
            _next_phase(states, i, room, priced, work_rows, work)
            continue
        count = _best_blocks(
            states, i, spaces[one], room, priced, reaches, rules, boxes, valid, n_valid, wanted, found, score, work
        )
        if count:
            return one, count
        if states.phase[i] + 1 < room.phases and not room.sliced:
            spaces[one, 6] = states.phase[i]
        else:
            states.n_spaces[i] -= 1
            spaces[one] = spaces[states.n_spaces[i]]


@njit(cache=True, nogil=True)
def _still_there(
    states: States, i: int, priced: Priced, valid: NDArray[np.int32], n_valid: int, placed: int, out: NDArray[np.int32]
) -> int:
    """Keep the blocks for which packages enough are left after block `placed` (-1: look at all kinds)."""
    counts = priced.blocks.counts
    kinds = counts.shape[0]
    out[:n_valid] = valid[:n_valid]
    count = n_valid
    for kind in range(kinds):
        if placed >= 0 and counts[kind, placed] == 0:
            continue
        left, kept = states.left[i, kind], 0
        row = counts[kind]
        for position in range(count):
            b = out[position]
            if row[b] <= left:
                out[kept] = b
                kept += 1
        count = kept
    return count


@njit(cache=True, nogil=True)
def _some_gone(states: States, i: int, priced: Priced, placed: int) -> bool:
    """Say whether a block took the last package of a kind."""
    counts = priced.blocks.counts
    gone = False
    for kind in range(counts.shape[0]):
        gone |= counts[kind, placed] > 0 and states.left[i, kind] == 0
    return gone


@njit(cache=True, nogil=True)
def complete(
    states: States, i: int, room: Room, priced: Priced, reaches: Reaches, rules: Rules, boxes: Boxes,
    valid: NDArray[np.int32], n_valid: int, work_rows: NDArray[np.int32], work: NDArray[np.int64],
) -> None:  # fmt: skip
    """Fill a state with the best block for the nearest space until nothing fits; `valid` is used up."""
    found, score = np.zeros(1, np.int64), np.zeros(1)
    most = states.placed.shape[1]
    while states.n_placed[i] < most and work[1] == 0:
        one, count = _step(
            states, i, room, priced, reaches, rules, boxes, valid, n_valid, 1, found, score, work_rows, work
        )
        if count == 0:
            return
        space = states.spaces[i, one].copy()
        _place(states, i, space, room, priced, rules, boxes, found[0], work_rows)
        n_valid = _still_there(states, i, priced, valid, n_valid, found[0], valid)
        if _some_gone(states, i, priced, found[0]):
            _reach(states.left[i], reaches)


@njit(cache=True, nogil=True)
def _lost(states: States, i: int, room: Room, blocks: Blocks, weights: Weights, mass_g: NDArray[np.float64]) -> float:
    """Return the value that a load loses by where its centre of gravity is."""
    if weights.worth == 0.0:
        return 0.0
    mass, moment = 0.0, np.zeros(2)
    for j in range(states.n_placed[i]):
        row = states.placed[i, j]
        b = row[6]
        if b < 0:
            weight = mass_g[room.pins.boxes[-1 - b, 6]]
            mass += weight
            for axis in range(2):
                moment[axis] += weight * (row[axis] + row[axis + 3]) / 2
            continue
        mass += weights.mass[b]
        for axis in range(2):
            own = weights.moment[b, axis]
            if row[7 + axis]:
                own = weights.mass[b] * blocks.size[b, axis] - own
            moment[axis] += weights.mass[b] * row[axis] + own
    beyond = 0.0
    if mass > 0.0:
        for axis in range(2):
            beyond += max(0.0, abs(moment[axis] / (mass * room.size[axis]) - 0.5) - weights.aim)
    return weights.worth * beyond


@njit(cache=True, nogil=True)
def expand(
    states: States, i: int, width: int, children: States, made: int, estimates: NDArray[np.float64], done: States,
    best: NDArray[np.float64], room: Room, priced: Priced, reaches: Reaches, rules: Rules, boxes: Boxes,
    weights: Weights, work: NDArray[np.int64],
) -> int:  # fmt: skip
    """Make the children of a state, each judged by its greedy completion; return how many children there are now.

    Row 0 of `done` is scratch, row 1 keeps the best completed state, `best` its value less what `weights` take off.
    """
    number = priced.blocks.size.shape[0]
    everything = np.arange(number).astype(np.int32)
    valid, rest = np.empty(number, np.int32), np.empty(number, np.int32)
    work_rows = scratch_rows()
    found, score = np.zeros(width, np.int64), np.zeros(width)
    n_valid = _still_there(states, i, priced, everything, number, -1, valid)
    _reach(states.left[i], reaches)
    if states.n_placed[i] >= states.placed.shape[1]:
        return made
    one, count = _step(
        states, i, room, priced, reaches, rules, boxes, valid, n_valid, width, found, score, work_rows, work
    )
    if count == 0:
        return made
    space = states.spaces[i, one].copy()
    for position in range(count):
        if work[1]:
            return made
        copy_state(states, i, children, made)
        _place(children, made, space, room, priced, rules, boxes, found[position], work_rows)
        n_rest = _still_there(children, made, priced, valid, n_valid, found[position], rest)
        copy_state(children, made, done, 0)
        _reach(children.left[made], reaches)
        complete(done, 0, room, priced, reaches, rules, boxes, rest, n_rest, work_rows, work)
        estimates[made] = done.value[0] - _lost(done, 0, room, priced.blocks, weights, rules.mass_g)
        if estimates[made] > best[0] + 1e-9:
            best[0] = estimates[made]
            copy_state(done, 0, done, 1)
        made += 1
    return made
