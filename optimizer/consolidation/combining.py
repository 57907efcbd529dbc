"""The best combination of listed patterns, compiled: quick where a proof leaves little room.

Under prices that make no pattern a gain, the reduced costs of the patterns of any better plan add up to less than
the gap between the best plan known and the bound. Patterns are tried piece by piece, the piece with the fewest
patterns first, and a branch is cut as soon as the rest cannot stay within the gap. Whole plans are priced exactly,
so that nothing depends on the prices but the time taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.patterns import Column, Layout, bits
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.pricing import worths
from optimizer.consolidation.relaxation import Relaxation

MOST_PIECES = 62
"""Pieces of a part whose sets are told by the bits of one number."""

WORK_PER_CANDIDATE = 2e-9
"""Deterministic work of looking at one pattern of one branch, roughly seconds."""


@dataclass(frozen=True, slots=True)
class Combined:
    """What a search of combinations found.

    Parameters
    ----------
    columns
        The cheapest combination under the value asked for; None where there is none or none was found in time.
    complete
        Whether every combination was looked at or ruled out.
    work
        Deterministic work, roughly seconds.
    """

    columns: tuple[Column, ...] | None
    complete: bool
    work: float


def combine(
    relaxation: Relaxation, prices: Prices, bound_scaled: int, columns: Sequence[Column], *, under: int, work: float
) -> Combined | None:
    """Search the combinations of patterns that carry all that travels at the node, for less than `under`.

    Parameters
    ----------
    prices
        Prices under which no pattern costs less than its pieces are worth.
    bound_scaled
        What these prices prove of the node, in 1/SCALE minor units.
    columns
        All patterns within the gap between `under` and the bound.
    work
        At which the search is given up.

    Returns
    -------
    Combined, or None for parts that this way does not suit: many pieces, or packages split in any number.
    """
    layout = relaxation.layout
    if len(layout.pieces) > MOST_PIECES or layout.amassed:
        return None
    if not columns:
        return Combined(None, complete=not layout.stranded, work=0.0)
    reduced = reduced_costs(relaxation, prices, columns)
    if int(reduced.min()) < 0:
        return None
    absent = relaxation.node.absent
    left = [Column(-1, 1 << i, layout.penalty) for i in bits(layout.stranded & ~absent)]
    rows = np.array([layout.rows[one.mask.bit_length() - 1][0][0] for one in left], dtype=np.int64)
    staying = np.maximum(0, layout.penalty * SCALE - prices.rows[rows]) if left else np.zeros(0, dtype=np.int64)
    tried = [*columns, *left]
    reduced = np.concatenate([reduced, staying])
    order = np.argsort(reduced, kind="stable")
    tried = [tried[int(k)] for k in order]
    tables = _tables(layout, tried)
    need = ((1 << len(layout.pieces)) - 1) & ~absent
    gap = (under - 1) * SCALE - bound_scaled
    chosen = np.full(len(layout.pieces) + 1, -1, dtype=np.int64)
    best, complete, looked = _search(
        *tables, reduced[order], need, gap, under, SCALE,
        int(work / WORK_PER_CANDIDATE), chosen,
    )  # fmt: skip
    found = tuple(tried[int(k)] for k in chosen if k >= 0 and tried[int(k)].place >= 0) if best < under else None
    return Combined(found, complete=bool(complete), work=float(looked) * WORK_PER_CANDIDATE)


def reduced_costs(relaxation: Relaxation, prices: Prices, columns: Sequence[Column]) -> Ints:
    """Return by how much each pattern costs more than its pieces are worth, in 1/SCALE minor units."""
    layout = relaxation.layout
    _, places, held = _held(layout, columns)
    own = np.where(held, layout.cost.T[places], 0).sum(axis=1)
    earned = np.where(held, worths(relaxation, prices)[places], 0).sum(axis=1)
    at_place = np.array([sum(prices.counts.get(g, 0) for g in groups) for groups in relaxation.groups_at])
    fees = np.array([one.cost for one in columns], dtype=np.int64) - own
    found: Ints = fees * SCALE - at_place[places] - earned
    for c, counter in enumerate(layout.counters):
        if prices.counters[c] and counter.boxes:
            for k, column in enumerate(columns):
                box = counter.boxes.get(column.place)
                if box is not None and layout.fires(column.place, box, column.mask):
                    found[k] -= prices.counters[c]
    return found


def _held(layout: Layout, columns: Sequence[Column]) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return the contents as numbers, the places, and which piece is in which pattern."""
    masks = np.array([one.mask for one in columns], dtype=np.int64)
    places = np.array([one.place for one in columns], dtype=np.int64)
    return masks, places, (masks[:, None] >> np.arange(len(layout.pieces)) & 1).astype(bool)


class _Tables(NamedTuple):
    """What a search needs to know of each pattern, limit, trigger and counter."""

    masks: Ints
    members: Ints
    sizes: Ints
    cost: Ints
    limited: Ints
    limits: Ints
    fired: Ints
    trigger_cost: Ints
    lines: Ints
    counting: Ints
    totals: Ints


def _tables(layout: Layout, columns: Sequence[Column]) -> _Tables:
    """Return what a search needs of each pattern: contents, cost, triggers, lines and limited place."""
    n, width = len(columns), max(1, len(layout.counters))
    masks, places, held = _held(layout, columns)
    sizes = held.sum(axis=1)
    members = np.full((n, int(sizes.max())), -1, dtype=np.int64)
    at, piece = np.nonzero(held)
    members[at, np.arange(len(at)) - np.repeat(np.cumsum(sizes) - sizes, sizes)] = piece
    met = np.zeros((len(layout.places) + 1, len(layout.triggers)), dtype=np.int64)
    for s, trigger in enumerate(layout.triggers):
        for q, mask in trigger.masks.items():
            met[q, s] = mask
    # The last row is for pieces that stay behind, at place -1.
    fired = _words((met[places] & masks[:, None]) != 0)
    lines = np.zeros((n, width), dtype=np.int64)
    for k, column in enumerate(columns if layout.counters else ()):
        for c, count in layout.counted(column) if column.place >= 0 else ():
            lines[k, c] = count
    counting = np.zeros((width, len(layout.triggers)), dtype=bool)
    totals = np.zeros((width, max([1, *(len(one.totals) for one in layout.counters)])), dtype=np.int64)
    for c, counter in enumerate(layout.counters):
        totals[c, : len(counter.totals)] = counter.totals
        counting[c, list(counter.triggers)] = True
    limited = np.full(len(layout.places) + 1, -1, dtype=np.int64)
    limited[list(layout.limits)] = np.arange(len(layout.limits))
    return _Tables(
        masks,
        members,
        sizes,
        np.array([one.cost for one in columns], dtype=np.int64),
        limited[places],
        np.array([*layout.limits.values(), 0], dtype=np.int64),
        fired,
        np.array([one.cost for one in layout.triggers], dtype=np.int64),
        lines,
        _words(counting),
        totals,
    )


def _words(table: npt.NDArray[np.bool_]) -> Ints:
    """Return rows of truths as rows of numbers, `MOST_PIECES` truths each."""
    rows, wide = table.shape
    words = np.zeros((rows, wide // MOST_PIECES + 1), dtype=np.int64)
    for s in range(wide):
        words[:, s // MOST_PIECES] |= table[:, s].astype(np.int64) << s % MOST_PIECES
    return words


@njit(cache=True)
def _total(
    picked: Ints, depth: int, cost: Ints, fired: Ints, trigger_cost: Ints, lines: Ints, counting: Ints, totals: Ints
) -> int:  # pragma: no cover (compiled)
    """Return what the patterns picked cost together, triggers and counters included."""
    total = np.int64(0)
    on = np.zeros(fired.shape[1], dtype=np.int64)
    number = np.zeros(lines.shape[1], dtype=np.int64)
    for d in range(depth):
        total += cost[picked[d]]
        on |= fired[picked[d]]
        number += lines[picked[d]]
    for s in range(len(trigger_cost)):
        if on[s // 62] >> (s % 62) & 1:
            total += trigger_cost[s]
            for c in range(len(number)):
                if counting[c, s // 62] >> (s % 62) & 1:
                    number[c] += 1
    for c in range(len(number)):
        total += totals[c, number[c]]
    return int(total)


@njit(cache=True)
def _search(  # noqa: C901 (compiled: calls cost more than they explain)
    masks: Ints, members: Ints, sizes: Ints, cost: Ints, limited: Ints, limits: Ints, fired: Ints, trigger_cost: Ints,
    lines: Ints, counting: Ints, totals: Ints, reduced: Ints, need: int, gap: int, under: int, scale: int,
    most_looked: int, chosen: Ints,
) -> tuple[int, bool, int]:  # fmt: skip  # pragma: no cover (compiled)
    """Search depth first; patterns are sorted by reduced cost. Returns (best total, whether complete, looked at)."""
    n, pieces = len(masks), len(chosen) - 1
    best = under
    open_ = np.empty((pieces + 1, n), dtype=np.int32)
    many = np.zeros(pieces + 1, dtype=np.int64)
    branch = np.empty((pieces + 1, n), dtype=np.int32)
    wide = np.zeros(pieces + 1, dtype=np.int64)
    at = np.zeros(pieces + 1, dtype=np.int64)
    spent = np.zeros(pieces + 2, dtype=np.int64)
    covered = np.zeros(pieces + 2, dtype=np.int64)
    picked = np.zeros(pieces + 1, dtype=np.int64)
    used = np.zeros(len(limits), dtype=np.int64)
    counts = np.zeros(pieces, dtype=np.int64)
    least = np.zeros(pieces, dtype=np.int64)
    looked = np.int64(0)
    for k in range(n):
        if masks[k] & ~need == 0 and reduced[k] <= gap:
            open_[0, many[0]] = k
            many[0] += 1
    depth, fresh = 0, True
    while depth >= 0:
        if fresh:
            fresh = False
            wide[depth] = at[depth] = 0
            if covered[depth] == need:
                total = _total(picked, depth, cost, fired, trigger_cost, lines, counting, totals)
                if total < best:
                    gap -= (best - total) * scale
                    best = total
                    chosen[:] = -1
                    chosen[:depth] = picked[:depth]
            else:
                counts[:] = 0
                looked += many[depth]
                for p in range(many[depth]):
                    k = open_[depth, p]
                    share = reduced[k] // sizes[k]
                    for m in range(sizes[k]):
                        i = members[k, m]
                        if counts[i] == 0 or share < least[i]:
                            least[i] = share
                        counts[i] += 1
                hope, piece = spent[depth], -1
                for i in range(pieces):
                    if (need & ~covered[depth]) >> i & 1:
                        if counts[i] == 0:
                            hope = gap + 1
                            break
                        hope += least[i]
                        if piece < 0 or counts[i] < counts[piece]:
                            piece = i
                if hope <= gap:
                    for p in range(many[depth]):
                        k = open_[depth, p]
                        if masks[k] >> piece & 1:
                            branch[depth, wide[depth]] = k
                            wide[depth] += 1
                if looked > most_looked:
                    return best, False, int(looked)
        if at[depth] >= wide[depth] or spent[depth] + reduced[branch[depth, at[depth]]] > gap:
            depth -= 1
            if depth >= 0 and limited[picked[depth]] >= 0:
                used[limited[picked[depth]]] -= 1
            continue
        k = branch[depth, at[depth]]
        at[depth] += 1
        where = limited[k]
        if where >= 0:
            if used[where] >= limits[where]:
                continue
            used[where] += 1
        picked[depth] = k
        spent[depth + 1] = spent[depth] + reduced[k]
        covered[depth + 1] = covered[depth] | masks[k]
        room = gap - spent[depth + 1]
        if depth + 1 <= pieces:
            kept = 0
            for p in range(many[depth]):
                j = open_[depth, p]
                if reduced[j] > room:
                    break
                if masks[j] & masks[k] == 0:
                    open_[depth + 1, kept] = j
                    kept += 1
            many[depth + 1] = kept
        depth += 1
        fresh = True
    return best, True, int(looked)
