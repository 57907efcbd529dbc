"""Exact fillings of one container: the best, or all those worth more than a threshold.

Labels (sets of pieces with their volume, mass and worth) are extended piece by piece in numpy; a label is
dropped when even the best completion, read from one table over volume and one over mass, stays at or under
the threshold. Everything is integer, so that what is proven is proven.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

CELLS = 256
"""Resolution of the completion tables; rounding is always in favour of the completion."""


MOST_APART = 62
"""Pieces in pairs that must be kept apart which labels can tell."""


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
        Whether no label was dropped for room.
    work
        Labels extended.
    """

    sets: list[tuple[int, ...]]
    worth: list[int]
    bound: int
    complete: bool
    work: int


def fractional_bound(worth: Ints, size: Ints, capacity: int) -> int:
    """Return the worth of the best fractional filling of one capacity, rounded up: a bound on every filling."""
    order = np.argsort(-worth / np.maximum(size, 1), kind="stable")
    total, room = 0, capacity
    for j in order:
        if worth[j] <= 0:
            continue
        if size[j] <= room:
            total += int(worth[j])
            room -= int(size[j])
        else:
            return total + -(-int(worth[j]) * room // int(size[j]))
    return total


def fill(
    worth: Ints,
    volumes: Ints,
    masses: Ints,
    volume_mm3: int,
    mass_g: int,
    threshold: int,
    *,
    width: int = 20_000,
    most: int = 1_000_000,
    best_only: bool = False,
    apart: Sequence[tuple[int, int]] = (),
) -> Fillings:
    """List the sets of pieces that fit and are worth more than a threshold.

    Parameters
    ----------
    worth
        Worth of each piece; pieces may be worth less than nothing.
    threshold
        Sets worth no more than this are not wanted, >= 0 for pricing; may be negative to enumerate all.
    width
        Most labels in one layer; where more are needed the most promising stay and `complete` is False.
    most
        Sets returned at most, best first.
    best_only
        Whether to raise the threshold to the best set found on the way, so that only better ones are sought.
    apart
        Pairs of positions that may not be in one set.
    """
    order = np.argsort(-volumes, kind="stable")
    w, v, m = worth[order], volumes[order], masses[order]
    n = len(order)
    by_volume = _completions(w, v, volume_mm3)
    by_mass = _completions(w, m, mass_g)
    used_v = np.zeros(1, dtype=np.int64)
    used_m = np.zeros(1, dtype=np.int64)
    value = np.zeros(1, dtype=np.int64)
    held = np.zeros(1, dtype=np.int64)
    barred, marks = _conflicts(order, apart)
    parents: list[npt.NDArray[np.int32]] = []
    complete, work, dropped = True, 0, threshold
    floor = threshold
    cell_v, cell_m = max(1, volume_mm3), max(1, mass_g)
    for j in range(n):
        fits = np.flatnonzero((used_v + v[j] <= volume_mm3) & (used_m + m[j] <= mass_g) & (held & barred[j] == 0))
        parent = np.concatenate([np.arange(len(value)), fits])
        taken = np.zeros(len(parent), dtype=bool)
        taken[len(value) :] = True
        used_v = np.concatenate([used_v, used_v[fits] + v[j]])
        used_m = np.concatenate([used_m, used_m[fits] + m[j]])
        value = np.concatenate([value, value[fits] + w[j]])
        held = np.concatenate([held, held[fits] | marks[j]])
        work += len(parent)
        if best_only and len(fits):
            floor = max(floor, int(value.max()) - 1)
        room_v = (volume_mm3 - used_v) * CELLS // cell_v
        room_m = (mass_g - used_m) * CELLS // cell_m
        hope = value + np.minimum(by_volume[j + 1][room_v], by_mass[j + 1][room_m])
        keep = np.flatnonzero(hope > floor)
        if len(keep) > width:
            complete = False
            ranked = keep[np.argsort(-hope[keep], kind="stable")]
            dropped = max(dropped, int(hope[ranked[width]]))
            keep = np.sort(ranked[:width])
        used_v, used_m, value, held = used_v[keep], used_m[keep], value[keep], held[keep]
        parents.append(np.where(taken[keep], ~parent[keep], parent[keep]).astype(np.int32))
    good = np.flatnonzero(value > floor)
    good = good[np.argsort(-value[good], kind="stable")]
    if len(good) > most:
        good = good[:most]
        complete = complete and best_only
    sets = _trace(parents, good, order)
    best = int(value[good[0]]) if len(good) else threshold
    bound = best if complete or (best_only and dropped <= best) else max(best, dropped)
    return Fillings(sets, [int(one) for one in value[good]], bound, complete, work)


def _conflicts(order: Ints, apart: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    """Return by sorted position the bits that bar a piece, and its own bit; only pieces in a pair have one."""
    bit_of: dict[int, int] = {}
    barred: dict[int, int] = {}
    for one, other in apart:
        for piece in (one, other):
            bit_of.setdefault(piece, 1 << len(bit_of) if len(bit_of) < MOST_APART else 0)
        barred[one] = barred.get(one, 0) | bit_of[other]
        barred[other] = barred.get(other, 0) | bit_of[one]
    return [barred.get(int(j), 0) for j in order], [bit_of.get(int(j), 0) for j in order]


def _completions(worth: Ints, size: Ints, capacity: int) -> list[Ints]:
    """Return for each position the best worth of the pieces from there on, by cells of room left.

    A size is rounded down and room is rounded up to a whole cell, so that no completion is undervalued.
    """
    tables = [np.zeros(CELLS + 1, dtype=np.int64)]
    for j in range(len(worth) - 1, -1, -1):
        last = tables[-1]
        cells = int(size[j]) * CELLS // capacity if capacity > 0 else 0
        if worth[j] <= 0 or size[j] > capacity or cells > CELLS:
            tables.append(last)
            continue
        table = last.copy()
        np.maximum(table[cells:], last[: CELLS + 1 - cells] + worth[j], out=table[cells:])
        tables.append(table)
    tables.reverse()
    return tables


def _trace(parents: list[npt.NDArray[np.int32]], good: npt.NDArray[np.intp], order: Ints) -> list[tuple[int, ...]]:
    members: list[list[int]] = [[] for _ in range(len(good))]
    at = good.astype(np.int64)
    for j in range(len(parents) - 1, -1, -1):
        code = parents[j][at]
        for row in np.flatnonzero(code < 0):
            members[row].append(int(order[j]))
        at = np.where(code < 0, ~code, code).astype(np.int64)
    return [tuple(sorted(one)) for one in members]
