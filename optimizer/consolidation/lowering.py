"""Prices lowered one filling at a time until no container is a gain, compiled.

Lowering every piece of a container by what the container is too dear takes much off pieces that had no part in it.
Here only the pieces of the best filling are lowered, by just so much that it is no gain, then those of the next best,
and so on: what is lost is the sum of what these fillings gain. Worths only fall, so that a container that is no gain
stays none. The fillings met on the way are many and share few pieces, which makes them good columns.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.consolidation.fillings import GRID, UNIT, Ints, _fractional, _search, _spread, _surrogate
from optimizer.consolidation.patterns import Column, bits, mask_of
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.pricing import (
    NOTHING_PROVEN,
    SLICE,
    Priced,
    bound_of,
    fixed_costs,
    tolerance_of,
    worths,
)
from optimizer.consolidation.relaxation import Relaxation
from optimizer.limits import ShouldStop, never_stop


@njit(cache=True)
def _group_of(bit: int) -> int:  # pragma: no cover (compiled)
    """Return the position of the only bit set."""
    g = 0
    while bit > 1:
        bit >>= 1
        g += 1
    return g


@njit(cache=True)
def _wanted(gain: Ints, owed: Ints, fees: Ints, index: Ints) -> int:  # pragma: no cover (compiled)
    """Write the positions worth taking to `index` and return how many: groups not worth their fee stay away."""
    group_worth = np.zeros(len(fees), dtype=np.int64)
    for t in range(len(gain)):
        if gain[t] > 0 and owed[t]:
            group_worth[_group_of(owed[t])] += gain[t]
    size = 0
    for t in range(len(gain)):
        if gain[t] > 0:
            if owed[t]:
                g = _group_of(owed[t])
                if group_worth[g] <= fees[g]:
                    continue
            index[size] = t
            size += 1
    return size


@njit(cache=True)
def _spread_cut(
    hope: int, fixed: int, worth: Ints, index: Ints, members: Ints, cut: Ints
) -> None:  # pragma: no cover (compiled)
    """Lower all pieces so that no filling is worth more than `fixed` where none was worth more than `hope`."""
    if hope <= fixed:
        return
    # Every filling holds a piece; or each piece falls in proportion to its worth.
    short = hope - fixed
    share = short / hope * (1 + 1e-9)
    for p in range(len(worth)):
        cut[members[index[p]]] += min(short, np.int64(np.ceil(worth[p] * share)) + 1)


@njit(cache=True)
def lower_variants(  # noqa: C901 (compiled: calls cost more than branches)
    order: Ints, starts: Ints, members: Ints, owed: Ints, place: Ints, rooms: Ints, fixed: Ints, fee_starts: Ints,
    all_fees: Ints, table: Ints, volumes: Ints, masses: Ints, tolerance: int, nodes: int, most: int,
    cut: Ints, held: npt.NDArray[np.int32], held_ends: Ints, held_variant: Ints,
) -> tuple[int, int, bool]:  # fmt: skip  # pragma: no cover (compiled)
    """Search the variants in an order; lower the pieces of fillings worth more than they cost, raising `cut`.

    Parameters
    ----------
    most
        Fillings lowered for one variant; what is still too dear then is taken off all of its pieces.
    cut
        By piece: by how much its worth has fallen, raised here; no filling is a gain afterwards.

    The others are those of `price_variants`, as is what is returned.
    """
    many, work, finished, written = 0, 0, True, 0
    for v in order:
        begin, end = starts[v], starts[v + 1]
        fees = all_fees[fee_starts[v] : fee_starts[v + 1]]
        row = table[place[v]]
        n = end - begin
        gain = np.empty(n, dtype=np.int64)
        index = np.empty(n, dtype=np.int64)
        limit = fixed[v] + tolerance
        for attempt in range(most + 1):
            for t in range(n):
                gain[t] = row[members[begin + t]] - cut[members[begin + t]]
            size = _wanted(gain, owed[begin:end], fees, index)
            if fixed[v] <= 0 or size == 0:
                # A container that earns by being there, as a step to a price break may, still has to hold something.
                hope = -(1 << 60)
                for t in range(n):
                    hope = max(hope, int(gain[t]))
                if size:
                    hope = 0
                    for p in range(size):
                        hope += int(gain[index[p]])
                if hope > fixed[v]:
                    for t in range(n):
                        cut[members[begin + t]] += hope - fixed[v]
                break
            worth, bits = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
            sizes = np.empty((3, size), dtype=np.int64)
            fee_at, after = np.zeros(size, dtype=np.int64), np.arange(1, size + 1)
            hope = 0
            for p in range(size):
                t = index[p]
                i = members[begin + t]
                worth[p], bits[p] = gain[t], owed[begin + t]
                sizes[0, p], sizes[1, p] = volumes[i], masses[i]
                hope += int(gain[t])
                if bits[p]:
                    fee_at[p] = fees[_group_of(bits[p])]
            for r in range(2):
                left = _spread(worth, sizes[r], rooms[v, r], bits, fees)
                hope = min(hope, _fractional(left, sizes[r], rooms[v, r]))
            work += 20 * size
            if hope <= limit:
                _spread_cut(hope, fixed[v], worth, index[:size], members[begin:end], cut)
                break
            capacities = np.array([rooms[v, 0], rooms[v, 1], 2 * UNIT])
            _surrogate(sizes, capacities)
            tables = np.empty((2, 3, size + 1, GRID + 1), dtype=np.int64)
            none = np.zeros(size, dtype=np.int64)
            items = np.zeros(size + 1, dtype=np.int32)
            ends, gains = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
            found, bound, complete, effort = _search(
                worth, sizes, capacities, bits, fee_at, fees, after, none, none, GRID, tables[0], tables[1], limit,
                True, 1, nodes, items, ends, gains,
            )  # fmt: skip
            work += effort
            hope = min(hope, bound)
            finished = finished and complete
            if hope <= limit:
                _spread_cut(hope, fixed[v], worth, index[:size], members[begin:end], cut)
                break
            if found and many < len(held_ends) and written + ends[0] <= len(held):
                for t in range(ends[0]):
                    held[written + t] = members[begin + index[items[t]]]
                written += ends[0]
                held_ends[many], held_variant[many] = written, v
                many += 1
            if not found or attempt == most:
                _spread_cut(hope, fixed[v], worth, index[:size], members[begin:end], cut)
                break
            total = 0.0
            for t in range(ends[0]):
                total += float(worth[items[t]])
            share = (gains[0] - fixed[v]) / total * (1 + 1e-9)
            for t in range(ends[0]):
                p = items[t]
                cut[members[begin + index[p]]] += min(worth[p], np.int64(np.ceil(worth[p] * share)) + 1)
    return many, work, finished


def lower_prices(
    relaxation: Relaxation, prices: Prices, order: Ints, *, nodes: int, most: int, stop: ShouldStop = never_stop
) -> Priced:
    """Lower prices until no pattern is a gain; goods travel whole and the node keeps nothing together or apart.

    Parameters
    ----------
    order
        The variants, in the order in which they are searched: those that come first lower most.
    nodes
        Nodes searched for one filling at most; where that was not enough all pieces pay for it.
    most
        Fillings lowered for one variant at most.
    stop
        Asked between containers; when it says yes nothing is proven.
    """
    layout, table = relaxation.layout, relaxation.table
    worth, fixed = worths(relaxation, prices), fixed_costs(relaxation, prices)
    cut: Ints = np.maximum(0, prices.rows - np.array(layout.penalties, dtype=np.int64) * SCALE)
    for q in layout.loose:
        cut = np.maximum(cut, worth[q])
    held = np.empty(SLICE * (most + 1) * min(len(layout.pieces), 128), dtype=np.int32)
    ends, variants = (np.empty(SLICE * (most + 1), dtype=np.int64) for _ in range(2))
    tolerance = tolerance_of(layout)
    columns: list[Column] = []
    work, finished = 0, True
    for first in range(0, len(order), SLICE):
        many, effort, complete = lower_variants(
            order[first : first + SLICE], table.starts, table.members, table.owed, table.place, table.rooms, fixed,
            table.fee_starts, table.fees * SCALE, worth, layout.volumes, layout.masses, tolerance, nodes, most,
            cut, held, ends, variants,
        )  # fmt: skip
        work, finished = work + effort, finished and complete
        start = 0
        for one in range(many):
            columns.append(layout.column(int(table.place[variants[one]]), mask_of(held[start : ends[one]].tolist())))
            start = int(ends[one])
        if stop():
            return Priced(columns, NOTHING_PROVEN, prices, work, finished=False)
    away = list(bits(relaxation.node.absent))
    rows = prices.rows - cut
    rows[away] = prices.rows[away]
    proven = replace(prices, rows=rows)
    return Priced(columns, bound_of(relaxation, proven), proven, work, finished)
