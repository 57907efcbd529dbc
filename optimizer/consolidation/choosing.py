"""Exact fillings of one container of which some pieces are alternatives: at most one of each set is taken.

Labels as in `knapsack`: first over the pieces that are nobody's alternative, then over each set as a whole.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from optimizer.consolidation.knapsack import CELLS, Fillings, Ints, _conflicts

PAIRS = 1 << 20
"""Labels times alternatives that are looked at in one step."""


def fill_choosing(
    worth: Ints,
    volumes: Ints,
    masses: Ints,
    volume_mm3: int,
    mass_g: int,
    threshold: int,
    choices: Ints,
    *,
    width: int = 20_000,
    most: int = 1_000_000,
    best_only: bool = False,
    apart: Sequence[tuple[int, int]] = (),
) -> Fillings:
    """List the sets of pieces that fit and are worth more than a threshold.

    Parameters
    ----------
    choices
        By piece: the set of alternatives to which it belongs, -1 for none.
    """
    single = np.flatnonzero(choices < 0)
    order = single[np.argsort(-volumes[single], kind="stable")]
    layers = [np.array([i]) for i in order]
    layers += [np.flatnonzero(choices == one) for one in np.unique(choices[choices >= 0])]
    by_volume = _completions(layers, worth, volumes, volume_mm3)
    by_mass = _completions(layers, worth, masses, mass_g)
    barred, marks = _conflicts(order, apart)
    value = used_v = used_m = held = np.zeros(1, dtype=np.int64)
    steps: list[tuple[Ints, Ints]] = []
    floor = dropped = threshold
    complete, work = True, 0
    for j, layer in enumerate(layers):
        bar, mark = (barred[j], marks[j]) if j < len(order) else (0, 0)

        def hope(of: Ints, v: Ints, m: Ints, j: int = j) -> Ints:
            room_v = (volume_mm3 - v) * CELLS // max(1, volume_mm3)
            room_m = (mass_g - m) * CELLS // max(1, mass_g)
            found: Ints = of + np.minimum(by_volume[j + 1][room_v], by_mass[j + 1][room_m])
            return found

        work += len(value) * (1 + len(layer))
        stay = np.arange(len(value))
        parents, takes = [stay], [np.full(len(value), -1, dtype=np.int64)]
        size = max(1, PAIRS // len(layer))
        number = 0
        # The most promising first, so that the best found on the way spares the others.
        ranked = stay[np.argsort(-hope(value, used_v, used_m), kind="stable")] if len(stay) > size else stay
        for start in range(0, len(ranked), size):
            some = ranked[start : start + size]
            v, m = used_v[some][:, None] + volumes[layer], used_m[some][:, None] + masses[layer]
            w = value[some][:, None] + worth[layer]
            fits = (v <= volume_mm3) & (m <= mass_g) & ((held[some] & bar) == 0)[:, None]
            if best_only and fits.any():
                floor = max(floor, int(w[fits].max()) - 1)
            at, take = np.nonzero(fits & (w > floor - _most(by_volume[j + 1])))
            hopeful = hope(w[at, take], v[at, take], m[at, take]) > floor
            parents.append(some[at[hopeful]])
            takes.append(layer[take[hopeful]])
            number += len(parents[-1])
            if number > 4 * width and not best_only:
                return Fillings([], [], int(np.maximum(worth, 0).sum()), complete=False, work=work)
        parent, taken = np.concatenate(parents), np.concatenate(takes)
        took = taken >= 0
        used_v, used_m = used_v[parent] + volumes[taken] * took, used_m[parent] + masses[taken] * took
        value = value[parent] + worth[taken] * took
        held = held[parent] | np.where(took, mark, 0)
        hopes = hope(value, used_v, used_m)
        keep = np.flatnonzero(hopes > floor)
        if len(keep) > width:
            complete = False
            best_first = keep[np.argsort(-hopes[keep], kind="stable")]
            dropped = max(dropped, int(hopes[best_first[width]]))
            keep = np.sort(best_first[:width])
        used_v, used_m, value, held = used_v[keep], used_m[keep], value[keep], held[keep]
        steps.append((parent[keep], taken[keep]))
    good = np.flatnonzero(value > floor)
    good = good[np.argsort(-value[good], kind="stable")]
    if len(good) > most:
        good = good[:most]
        complete = complete and best_only
    best = int(value[good[0]]) if len(good) else threshold
    bound = best if complete or (best_only and dropped <= best) else max(best, dropped)
    return Fillings(_trace(steps, good), [int(one) for one in value[good]], bound, complete, work)


def _most(table: Ints) -> int:
    return int(table[-1])


def _completions(layers: Sequence[npt.NDArray[np.intp]], worth: Ints, size: Ints, capacity: int) -> list[Ints]:
    """Return for each layer the best worth of what follows from there on, by cells of room left.

    A size is rounded down and room is rounded up to a whole cell, so that no completion is undervalued.
    """
    tables = [np.zeros(CELLS + 1, dtype=np.int64)]
    for layer in reversed(layers):
        after = tables[-1]
        use = layer[(worth[layer] > 0) & (size[layer] <= capacity)]
        cells = size[use] * CELLS // capacity if capacity > 0 else np.zeros(len(use), dtype=np.int64)
        best = np.zeros(CELLS + 1, dtype=np.int64)
        np.maximum.at(best, cells, worth[use])
        table = after.copy()
        for k in np.flatnonzero(best):
            np.maximum(table[k:], after[: CELLS + 1 - k] + best[k], out=table[k:])
        tables.append(table)
    return tables[::-1]


def _trace(steps: Sequence[tuple[Ints, Ints]], good: npt.NDArray[np.intp]) -> list[tuple[int, ...]]:
    members: list[list[int]] = [[] for _ in range(len(good))]
    at = good.astype(np.int64)
    for parent, taken in reversed(steps):
        for row in np.flatnonzero(taken[at] >= 0):
            members[row].append(int(taken[at][row]))
        at = parent[at]
    return [tuple(sorted(one)) for one in members]
