"""What can be said before any search: options that never pay, and parts that have nothing to do with each other."""

from dataclasses import replace

import numpy as np

from optimizer.consolidation.patterns import CLOSED, Layout, bits
from optimizer.problem import Mode


def without_dominated(layout: Layout) -> Layout:
    """Close places where a piece is never cheaper than as its best loose lot, even with all other fees paid.

    Moving such a piece to its loose lot empties no container into a dearer one: fees by contents and triggers
    never rise when a piece leaves. Where lines are counted for price breaks a leaving piece can raise the
    price of others, so that such places stay open.
    """
    sensitive = {q for counter in layout.counters for q in (*counter.lots, *counter.boxes)}
    sensitive |= {q for counter in layout.counters for s in counter.triggers for q in layout.triggers[s].masks}
    cost = layout.cost.copy()
    loose = [q for q, place in enumerate(layout.places) if place.mode is not Mode.FCL and q not in sensitive]
    for i in range(len(layout.pieces)):
        options = [
            (int(layout.cost[i, q]) + _all_triggers(layout, i, q), q) for q in loose if layout.cost[i, q] != CLOSED
        ]
        if not options:
            continue
        least, best = min(options)
        for q in range(len(layout.places)):
            if q != best and q not in sensitive and cost[i, q] >= least:
                cost[i, q] = CLOSED
    return replace(layout, cost=cost).restricted(range(len(layout.pieces)))


def _all_triggers(layout: Layout, i: int, q: int) -> int:
    """Return what a loose lot costs beside its own cost when it alone sets off every trigger that it meets."""
    return sum(layout.triggers[s].cost for s, mask in layout.triggers_at[q] if mask >> i & 1)


def separate_parts(layout: Layout) -> tuple[tuple[int, ...], ...]:
    """Return the pieces in groups that share no container, trigger, counter or limit, each ascending."""
    leader = list(range(len(layout.pieces)))

    def find(i: int) -> int:
        while leader[i] != i:
            leader[i] = leader[leader[i]]
            i = leader[i]
        return i

    def join(mask: int) -> None:
        first = -1
        for i in bits(mask):
            if first < 0:
                first = find(i)
            else:
                one, other = sorted((first, find(i)))
                leader[other] = one
                first = one

    for trigger in layout.triggers:
        join(_union(trigger.masks.values()))
    for counter in layout.counters:
        masks = [*counter.lots.values(), *(fee.mask for fee in counter.boxes.values())]
        masks += [mask for s in counter.triggers for mask in layout.triggers[s].masks.values()]
        join(_union(masks))
    for q, place in enumerate(layout.places):
        if q in layout.limits:
            join(layout.open[q])
        elif place.mode is Mode.FCL:
            _join_sharing(layout, q, find, join)
    groups: dict[int, list[int]] = {}
    for i in range(len(leader)):
        groups.setdefault(find(i), []).append(i)
    return tuple(tuple(group) for _, group in sorted(groups.items()))


def _union(masks: object) -> int:
    together = 0
    for mask in masks:  # type: ignore[attr-defined]
        together |= mask
    return together


def _join_sharing(layout: Layout, q: int, find: object, join: object) -> None:
    kind = layout.places[q].container_type
    members = list(bits(layout.open[q]))
    if kind is None:
        return
    for at, one in enumerate(members):
        for other in members[at + 1 :]:
            if find(one) == find(other):  # type: ignore[operator]
                continue
            a, b = layout.pieces[one], layout.pieces[other]
            fits = a.volume_mm3 + b.volume_mm3 <= kind.usable_volume_mm3 and a.mass_g + b.mass_g <= kind.payload_g
            if fits and layout.problem.compatible(a.consignment.cargo_class, b.consignment.cargo_class):
                join(1 << one | 1 << other)  # type: ignore[operator]


def volume_bound(layout: Layout) -> int:
    """Return a simple lower bound: every piece at the least that its own lot can cost anywhere."""
    cost = np.where(layout.cost == CLOSED, np.iinfo(np.int64).max, layout.cost)
    return int(sum(int(row.min()) for row in cost))
