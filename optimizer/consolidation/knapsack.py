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
    use = worth > 0
    gains, sizes = worth[use], size[use]
    order = np.argsort(-gains / np.maximum(sizes, 1), kind="stable")
    gains, sizes = gains[order], sizes[order]
    filled = np.cumsum(sizes)
    whole = int(np.searchsorted(filled, capacity, side="right"))
    total = int(gains[:whole].sum())
    if whole == len(gains):
        return total
    room = capacity - (int(filled[whole - 1]) if whole else 0)
    return total - (-int(gains[whole]) * room // int(sizes[whole]))


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
    owes: Ints | None = None,
    fees: Sequence[int] = (),
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
    owes
        By piece: bits of the groups whose fee a set pays once when it holds the piece.
    fees
        By group: its fee, >= 0.
    """
    groups = _Groups(owes, fees, len(worth))
    order = groups.order(volumes)
    w, v, m = worth[order], volumes[order], masses[order]
    n = len(order)
    by_volume = _completions(w, v, volume_mm3, groups)
    by_mass = _completions(w, m, mass_g, groups)
    used_v = np.zeros(1, dtype=np.int64)
    used_m = np.zeros(1, dtype=np.int64)
    value = np.zeros(1, dtype=np.int64)
    held = np.zeros(1, dtype=np.int64)
    paid = np.zeros(1, dtype=np.int64)
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
        gained = value[fits] + w[j]
        if groups.any:
            gained -= groups.due(j, paid[fits])
        value = np.concatenate([value, gained])
        if groups.any:
            paid = np.concatenate([paid, paid[fits] | groups.bits[j]])
        held = np.concatenate([held, held[fits] | marks[j]])
        work += len(parent)
        if best_only and len(fits):
            floor = max(floor, int(value.max()) - 1)
        room_v = (volume_mm3 - used_v) * CELLS // cell_v
        room_m = (mass_g - used_m) * CELLS // cell_m
        hope = value + np.minimum(by_volume.shut[j + 1][room_v], by_mass.shut[j + 1][room_m])
        if groups.opens(j + 1):
            more = value + np.minimum(by_volume.open[j + 1][room_v], by_mass.open[j + 1][room_m])
            hope = np.where(paid & groups.bits[j + 1] != 0, more, hope)
        keep = np.flatnonzero(hope > floor)
        if len(keep) > width:
            complete = False
            ranked = keep[np.argsort(-hope[keep], kind="stable")]
            dropped = max(dropped, int(hope[ranked[width]]))
            keep = np.sort(ranked[:width])
        used_v, used_m, value, held = used_v[keep], used_m[keep], value[keep], held[keep]
        if groups.any:
            paid = paid[keep]
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


def best_few(
    worth: Ints, volumes: Ints, masses: Ints, volume_mm3: int, mass_g: int, threshold: int, *, most: int, nodes: int
) -> Fillings | None:
    """Return the best filling worth more than a threshold by depth first, which is quickest for a few pieces.

    Parameters
    ----------
    worth
        Worth of each piece, > 0.
    most
        Sets returned at most: the last ones that were best when found.
    nodes
        Nodes after which the search is given up.

    Returns
    -------
    Fillings, or None when given up.
    """
    order = sorted(range(len(worth)), key=lambda j: (-int(worth[j]) / max(1, int(volumes[j])), j))
    pieces = [(int(worth[j]), int(volumes[j]), int(masses[j])) for j in order]
    n = len(pieces)
    rest = [0] * (n + 1)
    for j in range(n - 1, -1, -1):
        rest[j] = rest[j + 1] + pieces[j][0]
    found: list[tuple[int, tuple[int, ...]]] = []
    best = threshold
    stack: list[tuple[int, int, int, int, tuple[int, ...]]] = [(0, volume_mm3, mass_g, 0, ())]
    visited = 0
    while stack:
        j, room, strength, value, chosen = stack.pop()
        visited += 1
        if visited > nodes:
            return None
        # Dive: take what fits, leaving the choice without it on the stack.
        while True:
            if value > best:
                best = value
                found.append((value, chosen))
            if j == n or value + rest[j] <= best or value + _dantzig(pieces, j, room) <= best:
                break
            gain, volume, mass = pieces[j]
            j += 1
            if volume <= room and mass <= strength:
                stack.append((j, room, strength, value, chosen))
                room, strength, value, chosen = room - volume, strength - mass, value + gain, (*chosen, order[j - 1])
    kept = found[: -most - 1 : -1]
    sets = [tuple(sorted(chosen)) for _, chosen in kept]
    return Fillings(sets, [value for value, _ in kept], best, complete=True, work=visited)


def _dantzig(pieces: list[tuple[int, int, int]], j: int, room: int) -> int:
    """Return the worth of the best fractional filling by volume of the pieces from j on, rounded up."""
    total = 0
    for gain, volume, _ in pieces[j:]:
        if volume > room:
            return total + -(-gain * room // volume)
        total += gain
        room -= volume
    return total


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


class _Groups:
    """The fees of groups of pieces, by position in the order in which labels are extended.

    The pieces of a group follow one another, so that the best completion knows its fee. Groups that a piece
    of several groups owes as well have their fee left out of completions, which overvalues them.
    """

    def __init__(self, owes: Ints | None, fees: Sequence[int], n: int) -> None:
        self.any = owes is not None and bool(owes.any())
        self.fees = [int(fee) for fee in fees]
        self.bits = [int(one) for one in owes] if owes is not None else [0] * n

    def order(self, volumes: Ints) -> Ints:
        """Return the pieces by group, the largest first in each; remember what each position owes."""
        if not self.any:
            self.bits = [0] * len(volumes)
            self.fee_at = self.bits
            return np.argsort(-volumes, kind="stable")
        loose = 0
        for owed in self.bits:
            loose |= owed if owed & (owed - 1) else 0
        key = [owed.bit_length() if owed and not owed & loose else len(self.fees) + 1 for owed in self.bits]
        order = np.lexsort((-volumes, np.array(key)))
        self.bits = [self.bits[int(i)] for i in order]
        self.fee_at = [self.fees[b.bit_length() - 1] if b and not b & loose else 0 for b in self.bits]
        return order

    def due(self, j: int, paid: Ints) -> Ints | int:
        """Return what labels that have paid for some groups pay for the piece at a position."""
        owed = self.bits[j]
        if not owed:
            return 0
        if owed & (owed - 1) == 0:
            fee = self.fees[owed.bit_length() - 1]
            return np.where(paid & owed != 0, 0, fee)
        total = np.zeros(len(paid), dtype=np.int64)
        for g, fee in enumerate(self.fees):
            if owed >> g & 1:
                total += np.where(paid >> g & 1 != 0, 0, fee)
        return total

    def opens(self, j: int) -> bool:
        """Say whether the piece at a position belongs to a group with a fee that the piece before shares."""
        return 0 < j < len(self.bits) and self.fee_at[j] > 0 and self.bits[j] == self.bits[j - 1]


@dataclass(frozen=True, slots=True)
class _Completions:
    """By position and cells of room left: the best worth from there on, the group there paid for or not."""

    open: list[Ints]
    shut: list[Ints]


def _completions(worth: Ints, size: Ints, capacity: int, groups: _Groups, grid: int = CELLS) -> _Completions:
    """Return for each position the best worth of the pieces from there on, by cells of room left.

    A size is rounded down and room is rounded up to a whole cell, so that no completion is undervalued.
    """
    n = len(worth)
    nothing = np.zeros(grid + 1, dtype=np.int64)
    found = _Completions([nothing], [nothing])
    after = nothing
    for j in range(n - 1, -1, -1):
        fee = groups.fee_at[j]
        if not groups.opens(j + 1):
            after = found.shut[-1]
            last = after
        else:
            last = found.open[-1]
        cells = int(size[j]) * grid // capacity if capacity > 0 else 0
        table = last
        if worth[j] > 0 and size[j] <= capacity and cells <= grid:
            table = last.copy()
            np.maximum(table[cells:], last[: grid + 1 - cells] + worth[j], out=table[cells:])
        found.open.append(table)
        found.shut.append(np.maximum(after, table - fee) if fee else table)
    found.open.reverse()
    found.shut.reverse()
    return found


def _trace(parents: list[npt.NDArray[np.int32]], good: npt.NDArray[np.intp], order: Ints) -> list[tuple[int, ...]]:
    members: list[list[int]] = [[] for _ in range(len(good))]
    at = good.astype(np.int64)
    for j in range(len(parents) - 1, -1, -1):
        code = parents[j][at]
        for row in np.flatnonzero(code < 0):
            members[row].append(int(order[j]))
        at = np.where(code < 0, ~code, code).astype(np.int64)
    return [tuple(sorted(one)) for one in members]
