"""Quick plans for any goods of a part, compiled: the container that saves most over loose lots, again and again.

The savings idea is that of Clarke and Wright (1964); a container is filled by what each piece saves for the room it
takes, as a knapsack is by Dantzig (1957).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.patterns import CLOSED, Column, Layout, bits
from optimizer.consolidation.variants import Variant

BIASES = (0, 300, 600)
"""Power, in per mille, of the loose cost by which savings are divided: 0 favours large containers, more fuller ones."""

NO_WAY = 1 << 50
"""Cost of a piece where it cannot go."""


@dataclass(frozen=True, eq=False)
class Filler:
    """The tables of a part from which quick plans are made."""

    layout: Layout
    place: Ints
    volume: Ints
    mass: Ints
    fixed: Ints
    inside: npt.NDArray[np.bool_]
    group: Ints
    fee: Ints
    cost: Ints
    loose: Ints
    loose_place: Ints
    limits: Ints

    def columns(self, held: Ints) -> list[list[Column]]:
        """Return plans for some pieces: all loose, and one for each of `BIASES`; what fits nowhere is left out."""
        here = np.zeros(len(self.layout.pieces), dtype=np.bool_)
        here[held] = True
        plans = [
            [self.layout.column(int(self.loose_place[i]), 1 << i) for i in held.tolist() if self.loose_place[i] >= 0]
        ]
        for bias in BIASES:
            bin_of, places, many = _fill(
                here, self.place, self.volume, self.mass, self.fixed, self.inside, self.group, self.fee, self.cost,
                self.loose, self.layout.volumes, self.layout.masses, self.limits, bias,
            )  # fmt: skip
            masks = [0] * int(many)
            columns = []
            for i in held.tolist():
                at = int(bin_of[i])
                if at >= 0:
                    masks[at] |= 1 << i
                elif self.loose_place[i] >= 0:
                    columns.append(self.layout.column(int(self.loose_place[i]), 1 << i))
            columns += [self.layout.column(int(q), mask) for q, mask in zip(places, masks, strict=False)]
            plans.append(columns)
        return plans

    def total(self, columns: Sequence[Column]) -> int:
        """Return what patterns cost together, as `Layout.total`, looking only at triggers that they can set off."""
        layout = self.layout
        fired = {s for one in columns for s, mask in layout.triggers_at[one.place] if mask & one.mask}
        lines = [sum(s in fired for s in counter.triggers) for counter in layout.counters]
        if layout.counters:
            for one in columns:
                for c, count in layout.counted(one):
                    lines[c] += count
        return (
            sum(one.cost for one in columns)
            + sum(layout.triggers[s].cost for s in fired)
            + sum(counter.totals[n] for counter, n in zip(layout.counters, lines, strict=True))
        )


def filler_of(layout: Layout, variants: Sequence[Variant]) -> Filler:
    """Return the tables of a part for quick plans."""
    n, size = len(layout.pieces), max(1, len(variants))
    inside = np.zeros((size, n), dtype=np.bool_)
    group = np.full((size, n), -1, dtype=np.int64)
    fee = np.zeros((size, max([1, *(len(one.groups) for one in variants)])), dtype=np.int64)
    for v, one in enumerate(variants):
        inside[v, list(bits(one.mask))] = True
        for g, (mask, amount) in enumerate(one.groups):
            group[v, list(bits(mask))] = g
            fee[v, g] = amount
    cost = np.where(layout.cost == CLOSED, NO_WAY, layout.cost)
    loose = np.full(n, NO_WAY, dtype=np.int64)
    loose_place = np.full(n, -1, dtype=np.int64)
    for q in layout.loose:
        extra = np.zeros(n, dtype=np.int64)
        for s, mask in layout.triggers_at[q]:
            extra[list(bits(mask))] += layout.triggers[s].cost
        better = cost[:, q] + extra < loose
        loose[better] = (cost[:, q] + extra)[better]
        loose_place[better] = q
    limits = np.full(max(1, len(layout.places)), 1 << 40, dtype=np.int64)
    for q, most in layout.limits.items():
        limits[q] = most

    def table(values: Sequence[int]) -> Ints:
        return np.array([*values, *[0] * (size - len(values))], dtype=np.int64)

    return Filler(
        layout, table([one.place for one in variants]), table([one.volume_mm3 for one in variants]),
        table([one.mass_g for one in variants]), table([one.fixed for one in variants]), inside, group, fee,
        cost, loose, loose_place, limits,
    )  # fmt: skip


@njit(cache=True)
def _fill(  # noqa: C901 (compiled: calls cost more than they explain)
    here: npt.NDArray[np.bool_], place: Ints, volume: Ints, mass: Ints, fixed: Ints, inside: npt.NDArray[np.bool_],
    group: Ints, fee: Ints, cost: Ints, loose: Ints, volumes: Ints, masses: Ints, limits: Ints, bias: int,
) -> tuple[Ints, Ints, int]:  # fmt: skip  # pragma: no cover (compiled)
    """Fill containers; return the container of each piece (-1 loose), the place of each container, and how many."""
    n, size = len(here), len(place)
    free = here.copy()
    bin_of = np.full(n, -1, dtype=np.int64)
    places = np.zeros(n + 1, dtype=np.int64)
    used = np.zeros(len(limits), dtype=np.int64)
    many = 0
    take = np.zeros(n, dtype=np.bool_)
    best_take = np.zeros(n, dtype=np.bool_)
    worth = np.empty(n, dtype=np.float64)
    who = np.empty(n, dtype=np.int64)
    held = np.zeros(fee.shape[1], dtype=np.int64)
    while True:
        best, best_at = 0.0, -1
        for v in range(size):
            q = place[v]
            if used[q] >= limits[q]:
                continue
            count = 0
            for i in range(n):
                if (
                    free[i]
                    and inside[v, i]
                    and cost[i, q] < loose[i]
                    and volumes[i] <= volume[v]
                    and masses[i] <= mass[v]
                ):
                    share = max(volumes[i] / max(1, volume[v]), masses[i] / max(1, mass[v]))
                    worth[count] = (min(loose[i], 1 << 40) - cost[i, q]) / max(share, 1e-9)
                    who[count] = i
                    count += 1
            if count == 0:
                continue
            order = np.argsort(-worth[:count], kind="mergesort")
            left_v, left_m = volume[v], mass[v]
            take[:] = False
            held[:] = 0
            saved = -float(fixed[v])
            outside = 0.0
            for p in order:
                i = who[p]
                if volumes[i] <= left_v and masses[i] <= left_m:
                    left_v -= volumes[i]
                    left_m -= masses[i]
                    take[i] = True
                    saved += min(loose[i], 1 << 40) - cost[i, q]
                    outside += min(loose[i], 1 << 40)
                    if group[v, i] >= 0:
                        held[group[v, i]] += min(loose[i], 1 << 40) - cost[i, q]
            for g in range(len(held)):
                if held[g] > 0:
                    if held[g] < fee[v, g]:
                        for i in range(n):
                            if take[i] and group[v, i] == g:
                                take[i] = False
                                saved -= min(loose[i], 1 << 40) - cost[i, q]
                                outside -= min(loose[i], 1 << 40)
                    else:
                        saved -= fee[v, g]
            if saved <= 0.0:
                continue
            # With a bias, what is saved of each unit of loose cost counts more, which favours full, small containers.
            score = saved / max(1.0, outside) ** (bias / 1000.0)
            if score > best:
                best, best_at = score, v
                best_take[:] = take
        if best_at < 0:
            return bin_of, places, many
        for i in range(n):
            if best_take[i]:
                bin_of[i] = many
                free[i] = False
        used[place[best_at]] += 1
        places[many] = place[best_at]
        many += 1
