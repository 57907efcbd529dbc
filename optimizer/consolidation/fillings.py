"""Exact fillings of containers, compiled: the best, or all those worth more than a threshold.

Sets of pieces are searched depth first, piece by piece, the more hopeful branch first; a branch is cut when even its
best completion stays at or under the threshold. Completions are read from tables over cells of volume, of mass and of
both together, made by dynamic programming; sizes are rounded down to cells, so that none is undervalued. Everything
is integer, so that what is proven is proven. The combination of bounds by dynamic programming and depth-first search
follows Martello, Pisinger and Toth (1999); the surrogate of two capacities Martello and Toth (2003).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]

GRID = 512
"""Cells of room in the completion tables."""

UNIT = 1 << 20
"""Both capacities of a container are this large in the surrogate of volume and mass."""

MOST_HELD = 1 << 22
"""Positions that an enumeration keeps at most, over all its sets."""

MOST_APART = 62
"""Pieces in pairs that must be kept apart which a search can tell."""


@dataclass(frozen=True, slots=True)
class Fillings:
    """Sets of pieces worth more than the threshold.

    Parameters
    ----------
    sets
        Positions of the pieces of each set, best first.
    worth
        Worth of each set.
    bound
        No feasible set is worth more; equals the best worth when `complete`.
    complete
        Whether the search came to its end.
    work
        Cells and nodes looked at, in units of about a nanosecond.
    """

    sets: list[tuple[int, ...]]
    worth: list[int]
    bound: int
    complete: bool
    work: int


@njit(cache=True)
def _complete(
    worth: Ints, size: Ints, capacity: int, bits: Ints, fee_at: Ints, after: Ints, grid: int, shut: Ints, opened: Ints
) -> None:  # pragma: no cover (compiled)
    """Fill tables [position, cells left] of the best worth from there on: group paid for (`opened`) or not."""
    n = len(worth)
    shut[n, :] = 0
    opened[n, :] = 0
    group = n  # where the next group begins
    for j in range(n - 1, -1, -1):
        fee = fee_at[j]
        if fee > 0 and j + 1 < n and bits[j + 1] == bits[j]:
            skip = opened[j + 1]
        else:
            group = j + 1
            skip = shut[j + 1]
        k = after[j]
        take = opened[k] if fee > 0 and k < n and bits[k] == bits[j] else shut[k]
        row = opened[j]
        cells = size[j] * grid // capacity if capacity > 0 else 0
        if worth[j] > 0 and size[j] <= capacity:
            gain = worth[j]
            for c in range(cells):
                row[c] = skip[c]
            for c in range(cells, grid + 1):
                row[c] = max(skip[c], take[c - cells] + gain)
        else:
            row[:] = skip
        if fee > 0:
            rest = shut[group]
            low = shut[j]
            for c in range(grid + 1):
                low[c] = max(rest[c], row[c] - fee)
        else:
            shut[j, :] = row


@njit(cache=True)
def _hope(
    k: int, n: int, value: int, free_v: int, free_m: int, free_s: int, paid: int, capacities: Ints, bits: Ints,
    fee_at: Ints, grid: int, shut: Ints, opened: Ints, use: Ints,
) -> int:  # fmt: skip  # pragma: no cover (compiled)
    """Return what a set may come to be worth from a position on."""
    if k == n:
        return value
    table = opened if fee_at[k] > 0 and paid & bits[k] else shut
    best = table[0, k, free_v * grid // max(1, capacities[0])] if use[0] else np.int64(1) << 61
    if use[1]:
        best = min(best, table[1, k, free_m * grid // max(1, capacities[1])])
    if use[2]:
        best = min(best, table[2, k, free_s * grid // capacities[2]])
    return int(value + best)


@njit(cache=True)
def _search(  # noqa: C901 (compiled: calls cost more than branches)
    worth: Ints, sizes: Ints, capacities: Ints, bits: Ints, fee_at: Ints, fees: Ints, after: Ints, marks: Ints,
    barred: Ints, grid: int, shut: Ints, opened: Ints, threshold: int, best_only: bool, most: int, nodes: int,
    items: npt.NDArray[np.int32], ends: Ints, gains: Ints,
) -> tuple[int, int, bool, int]:  # fmt: skip  # pragma: no cover (compiled)
    """Search sets worth more than a threshold; the found ones go to `items`, `ends` and `gains`.

    Returns
    -------
    tuple
        Number of sets found (with `best_only` only the last `most` are kept, in a ring), bound, whether complete, work.
    """
    n = len(worth)
    use = np.zeros(3, dtype=np.int64)
    useful = worth > 0
    for r in range(2):
        use[r] = 1 if sizes[r][useful].sum() > capacities[r] else 0
    use[2] = use[0] * use[1]
    if use[0] + use[1] == 0:
        use[0] = 1
    work = 0
    for r in range(3):
        if use[r]:
            _complete(worth, sizes[r], capacities[r], bits, fee_at, after, grid, shut[r], opened[r])
            work += n * (grid + 1)
    floor = threshold
    found = 0
    room = len(items) // max(1, most)
    chosen = np.zeros(n + 1, dtype=np.int32)
    state = np.zeros((n + 2, 9), dtype=np.int64)
    # position, free volume, free mass, free surrogate, value, groups paid, marks held, pieces chosen, the last of them
    state[0, 1], state[0, 2], state[0, 3] = capacities[0], capacities[1], capacities[2]
    hopes = np.zeros(n + 2, dtype=np.int64)
    hopes[0] = _hope(
        0, n, 0, capacities[0], capacities[1], capacities[2], 0, capacities, bits, fee_at, grid, shut, opened, use
    )
    top = 1
    visited = 0
    complete = True
    bound = threshold
    while top > 0:
        top -= 1
        if hopes[top] <= floor:
            continue
        if visited > nodes or (not best_only and found >= most):
            complete = False
            for t in range(top + 1):
                bound = max(bound, hopes[t])
            break
        j, free_v, free_m, free_s = state[top, 0], state[top, 1], state[top, 2], state[top, 3]
        value, paid, held, size = state[top, 4], state[top, 5], state[top, 6], state[top, 7]
        if size:
            chosen[size - 1] = state[top, 8]
        hope = hopes[top]
        while True:
            visited += 1
            if j == n or (best_only and hope == value):
                if value > floor:
                    if best_only:
                        floor = value
                    slot = found % most
                    found += 1
                    gains[slot] = value
                    ends[slot] = min(size, room)
                    for t in range(min(size, room)):
                        items[slot * room + t] = chosen[t]
                    if size > room:
                        complete = False
                break
            skip_at = j + 1
            skip = _hope(
                skip_at, n, value, free_v, free_m, free_s, paid, capacities, bits, fee_at, grid, shut, opened, use
            )
            take = -(1 << 61)
            gained, owed = value, paid
            v, m, s = free_v - sizes[0, j], free_m - sizes[1, j], free_s - sizes[2, j]
            if v >= 0 and m >= 0 and not held & barred[j]:
                due = bits[j] & ~paid
                gained += worth[j]
                g = 0
                while due:
                    if due & 1:
                        gained -= fees[g]
                    due >>= 1
                    g += 1
                owed = paid | bits[j]
                take = _hope(after[j], n, gained, v, m, s, owed, capacities, bits, fee_at, grid, shut, opened, use)
            if take <= floor and skip <= floor:
                break
            if take > floor and take >= skip:
                if skip > floor:
                    state[top, 0], state[top, 1], state[top, 2], state[top, 3] = skip_at, free_v, free_m, free_s
                    state[top, 4], state[top, 5], state[top, 6], state[top, 7] = value, paid, held, size
                    state[top, 8] = chosen[size - 1] if size else 0
                    hopes[top] = skip
                    top += 1
                chosen[size] = j
                size += 1
                held |= marks[j]
                free_v, free_m, free_s, value, paid, hope = v, m, s, gained, owed, take
                j = after[j]
            else:
                if take > floor:
                    state[top, 0], state[top, 1], state[top, 2], state[top, 3] = after[j], v, m, s
                    state[top, 4], state[top, 5], state[top, 6], state[top, 7] = gained, owed, held | marks[j], size + 1
                    state[top, 8] = j
                    hopes[top] = take
                    top += 1
                j, hope = skip_at, skip
    bound = floor if complete else max(bound, floor)
    return found, bound, complete, work + 20 * visited


@njit(cache=True)
def _surrogate(sizes: Ints, capacities: Ints) -> None:  # pragma: no cover (compiled)
    """Set the third size of each piece: its volume and its mass, each as a share of the capacity, together."""
    for j in range(sizes.shape[1]):
        sizes[2, j] = sizes[0, j] * UNIT // max(1, capacities[0]) + sizes[1, j] * UNIT // max(1, capacities[1])


@njit(cache=True)
def _fractional(worth: Ints, size: Ints, capacity: int) -> int:  # pragma: no cover (compiled)
    """Return the worth of the best fractional filling of one capacity, rounded up."""
    if size.sum() <= capacity:
        return int(np.maximum(worth, 0).sum())
    density = np.empty(len(worth), dtype=np.float64)
    for j in range(len(worth)):
        density[j] = -worth[j] / max(1, size[j])
    total, room = 0, int(capacity)
    for j in np.argsort(density):
        if worth[j] <= 0:
            break
        if size[j] > room:
            # In floating point, rounded up with a margin: the product may be too large for an integer.
            total += int(worth[j] * (room / size[j]) * (1 + 1e-12)) + 1
            break
        total += int(worth[j])
        room -= int(size[j])
    return total


@njit(cache=True)
def _spread(worth: Ints, size: Ints, capacity: int, bits: Ints, fees: Ints) -> Ints:  # pragma: no cover (compiled)
    """Return worths less the fee of each group, spread over the room that the group can fill."""
    left = worth.copy()
    for g in range(len(fees)):
        if fees[g] <= 0:
            continue
        bit = np.int64(1) << g
        room = 0
        for j in range(len(worth)):
            if bits[j] == bit:
                room += int(size[j])
        room = min(room, capacity)
        if room > 0:
            # Rounded down, with a margin for the arithmetic, so that no filling is undervalued.
            rate = fees[g] * (1 - 1e-12) / room
            for j in range(len(worth)):
                if bits[j] == bit:
                    left[j] -= np.int64(rate * size[j])
    return left


@njit(cache=True)
def price_variants(  # noqa: C901 (compiled: calls cost more than branches)
    first: int, last: int, starts: Ints, members: Ints, owed: Ints, place: Ints, rooms: Ints, fixed: Ints,
    fee_starts: Ints, all_fees: Ints, table: Ints, volumes: Ints, masses: Ints, choice: Ints, tolerance: int,
    grid: int, nodes: int, each: int, least: Ints, held: npt.NDArray[np.int32], held_ends: Ints,
    held_variant: Ints,
) -> tuple[int, int, bool]:  # fmt: skip  # pragma: no cover (compiled)
    """Search variants `first` to `last` for fillings worth more than they cost; raise `least` to what they prove.

    Parameters
    ----------
    starts, members, owed
        By variant its pieces, ordered by group, choice and size, and the group bits that each owes.
    rooms
        By variant: volume and mass of its container.
    fixed
        By variant: what opening it costs.
    table
        By place and piece: worth of the piece there.
    least
        By piece: by how much its worth must fall so that no filling is a gain; raised here.

    Returns
    -------
    tuple
        Number of fillings written to `held`, work, whether every search came to its end.
    """
    found_in_all, work, finished = 0, 0, True
    written = 0
    for v in range(first, last):
        begin, end = starts[v], starts[v + 1]
        fees = all_fees[fee_starts[v] : fee_starts[v + 1]]
        row = table[place[v]]
        n = end - begin
        # Groups that are not worth their fee even when all of them travel stay away.
        group_worth = np.zeros(len(fees), dtype=np.int64)
        for t in range(begin, end):
            gain = row[members[t]]
            if gain > 0 and owed[t]:
                g = 0
                bit = owed[t]
                while bit > 1:
                    bit >>= 1
                    g += 1
                group_worth[g] += gain
        hope = 0
        for g in range(len(fees)):
            if group_worth[g] > fees[g]:
                hope -= int(fees[g])
        index = np.empty(n, dtype=np.int64)
        size = 0
        top = -(1 << 60)
        for t in range(begin, end):
            gain = row[members[t]]
            top = max(top, int(gain))
            if gain <= 0:
                continue
            if owed[t]:
                g = 0
                bit = owed[t]
                while bit > 1:
                    bit >>= 1
                    g += 1
                if group_worth[g] <= fees[g]:
                    continue
            index[size] = t
            size += 1
            hope += int(gain)
        if size == 0:
            # A container that earns by being there, as a step to a price break may, still has to hold something.
            hope = min(top, 0)
            if hope - fixed[v] > tolerance and found_in_all < len(held_variant) and written < len(held):
                for t in range(begin, end):
                    if row[members[t]] == top:
                        held[written] = members[t]
                        break
                written += 1
                held_ends[found_in_all] = written
                held_variant[found_in_all] = v
                found_in_all += 1
        elif hope - fixed[v] > tolerance:
            index = index[:size]
            sizes = np.empty((3, size), dtype=np.int64)
            worth, bits = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
            fee_at, after = np.zeros(size, dtype=np.int64), np.arange(1, size + 1)
            for p in range(size):
                i = members[index[p]]
                worth[p], bits[p] = row[i], owed[index[p]]
                sizes[0, p], sizes[1, p] = volumes[i], masses[i]
                if bits[p]:
                    g = 0
                    bit = bits[p]
                    while bit > 1:
                        bit >>= 1
                        g += 1
                    fee_at[p] = fees[g]
            for p in range(size - 2, -1, -1):
                one, other = choice[members[index[p]]], choice[members[index[p + 1]]]
                if one >= 0 and one == other and bits[p] == bits[p + 1]:
                    after[p] = after[p + 1]
            for r in range(2):
                left = _spread(worth, sizes[r], rooms[v, r], bits, fees)
                hope = min(hope, _fractional(left, sizes[r], rooms[v, r]))
            work += 20 * size
            if hope - fixed[v] > tolerance:
                capacities = np.array([rooms[v, 0], rooms[v, 1], 2 * UNIT])
                _surrogate(sizes, capacities)
                tables = np.empty((2, 3, size + 1, grid + 1), dtype=np.int64)
                none = np.zeros(size, dtype=np.int64)
                items = np.zeros(each * (size + 1), dtype=np.int32)
                ends, gains = np.zeros(each, dtype=np.int64), np.zeros(each, dtype=np.int64)
                found, bound, complete, effort = _search(
                    worth, sizes, capacities, bits, fee_at, fees, after, none, none, grid, tables[0], tables[1],
                    fixed[v] + tolerance, True, each, nodes, items, ends, gains,
                )  # fmt: skip
                work += effort
                hope = min(hope, bound)
                finished = finished and complete
                for slot in range(min(found, each)):
                    if found_in_all < len(held_variant) and written + max(1, ends[slot]) <= len(held):
                        for t in range(ends[slot]):
                            p = items[slot * (size + 1) + t]
                            held[written + t] = members[index[p]]
                        if ends[slot] == 0:
                            # Nothing is worth taking, but the container pays by being there: its best piece.
                            held[written] = members[begin]
                            for t in range(begin, end):
                                if row[members[t]] == top:
                                    held[written] = members[t]
                        written += max(1, ends[slot])
                        held_ends[found_in_all] = written
                        held_variant[found_in_all] = v
                        found_in_all += 1
        if hope > fixed[v]:
            # Each container holds at least one piece, so that lowering all of them covers what it falls short; or
            # each piece in proportion to its worth: what a container earns then falls by as much or more.
            short = int(hope - fixed[v])
            share = short / hope * (1 + 1e-9) if fixed[v] > 0 and size > 0 else 0.0
            for t in range(begin, end):
                i = members[t]
                cut = short
                if share > 0:
                    cut = min(cut, int(np.ceil(max(row[i], 0) * share)) + 1)
                least[i] = max(least[i], cut)
    return found_in_all, work, finished


def fill(
    worth: Ints,
    volumes: Ints,
    masses: Ints,
    volume_mm3: int,
    mass_g: int,
    threshold: int,
    *,
    nodes: int = 1_000_000,
    most: int = 1_000_000,
    best_only: bool = False,
    apart: Sequence[tuple[int, int]] = (),
    owes: Ints | None = None,
    fees: Sequence[int] = (),
    choices: Sequence[int] = (),
) -> Fillings:
    """List the sets of pieces that fit and are worth more than a threshold.

    Parameters
    ----------
    worth
        Worth of each piece; pieces may be worth less than nothing.
    volumes, masses
        Size of each piece, >= 0.
    threshold
        Sets worth no more than this are not wanted, >= 0 for pricing; may be negative to enumerate all.
    nodes
        Nodes searched at most; where more are needed `complete` is False.
    most
        Sets returned at most, best first.
    best_only
        Whether to raise the threshold to the best set found on the way, so that only better ones are sought.
    apart
        Pairs of positions that may not be in one set.
    owes
        By piece: bits of the groups whose fee a set pays once when it holds the piece.
    fees
        By group: its fee, >= 0.
    choices
        By piece: of those with the same number >= 0, which owe the same fees, a set holds at most one; -1 is none.
    """
    n = len(worth)
    order, bits, fee_at, after = _arranged(volumes, owes, fees, choices)
    barred, marks = _conflicts(order, apart)
    sizes = np.zeros((3, n), dtype=np.int64)
    sizes[0], sizes[1] = volumes[order], masses[order]
    capacities = np.array([volume_mm3, mass_g, 2 * UNIT], dtype=np.int64)
    _surrogate(sizes, capacities)
    tables = np.zeros((2, 3, n + 1, GRID + 1), dtype=np.int64)
    room = n + 1
    kept = min(most, 16) if best_only else most
    slots = min(kept, max(64, MOST_HELD // room))
    items = np.zeros(slots * room, dtype=np.int32)
    ends, gains = np.zeros(slots, dtype=np.int64), np.zeros(slots, dtype=np.int64)
    found, bound, complete, work = _search(
        worth[order], sizes, capacities, bits, fee_at, np.array([*fees, 0], dtype=np.int64), after, marks, barred,
        GRID, tables[0], tables[1], threshold, best_only, slots, nodes, items, ends, gains,
    )  # fmt: skip
    held = [
        (int(gains[slot]), tuple(sorted(int(order[j]) for j in items[slot * room : slot * room + int(ends[slot])])))
        for slot in range(min(found, slots))
    ]
    held.sort(key=lambda one: -one[0])
    return Fillings([one for _, one in held], [value for value, _ in held], bound, complete, work)


def _arranged(
    volumes: Ints, owes: Ints | None, fees: Sequence[int], choices: Sequence[int]
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return an order by group, set of choices and size, and by position: bits owed, fee known to tables, next piece.

    Groups that a piece of several groups owes as well have their fee left out of tables, which overvalues them.
    """
    n = len(volumes)
    bits = owes if owes is not None else np.zeros(n, dtype=np.int64)
    shared = 0
    for owed in {int(one) for one in bits}:
        shared |= owed if owed & (owed - 1) else 0
    single = np.array([bool(b) and not b & shared for b in bits.tolist()], dtype=bool)
    group = np.where(single, bits, np.int64(1) << 62)
    choice = np.array(choices, dtype=np.int64) if len(choices) else np.full(n, -1, dtype=np.int64)
    order = np.lexsort((-volumes, choice, group))
    bits, choice = bits[order], choice[order]
    fee_of = {1 << g: fee for g, fee in enumerate(fees)}
    fee_at = np.array(
        [fee_of.get(b, 0) if known else 0 for b, known in zip(bits.tolist(), single[order].tolist(), strict=True)],
        dtype=np.int64,
    )
    after = np.arange(1, n + 1, dtype=np.int64)
    for j in range(n - 2, -1, -1):
        if choice[j] >= 0 and choice[j + 1] == choice[j]:
            after[j] = after[j + 1]
    return order, bits, fee_at, after


def _conflicts(order: Ints, apart: Sequence[tuple[int, int]]) -> tuple[Ints, Ints]:
    """Return by position the bits that bar a piece, and its own bit; only pieces in a pair have one."""
    bit_of: dict[int, int] = {}
    against: dict[int, int] = {}
    for pair in apart:
        for piece in pair:
            bit_of.setdefault(piece, 1 << len(bit_of) if len(bit_of) < MOST_APART else 0)
    for one, other in apart:
        against[one] = against.get(one, 0) | bit_of[other]
        against[other] = against.get(other, 0) | bit_of[one]
    barred = np.array([against.get(int(j), 0) for j in order], dtype=np.int64)
    return barred, np.array([bit_of.get(int(j), 0) for j in order], dtype=np.int64)
