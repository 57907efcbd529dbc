"""What can be said before any search: options that never pay, and parts that have nothing to do with each other."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from optimizer.consolidation.patterns import CLOSED, Layout, bits
from optimizer.problem import ContainerType, Mode


def without_dominated(layout: Layout) -> Layout:
    """Close places where a piece is never cheaper than as its best loose lot, even with all other fees paid.

    Moving such a piece to its loose lot empties no container into a dearer one: fees by contents and triggers
    never rise when a piece leaves. Where lines are counted for price breaks a leaving piece can raise the
    price of others, so that such places stay open. So do those of grains and cuts, whose loose lot may have to take
    in another of the same consignment.
    """
    counted = [counter for counter in layout.counters if counter.weights is None]
    sensitive = {q for counter in counted for q in (*counter.lots, *counter.boxes)}
    sensitive |= {q for counter in counted for s in counter.triggers for q in layout.triggers[s].masks}
    cost = layout.cost.copy()
    loose = [q for q, place in enumerate(layout.places) if place.mode is not Mode.FCL and q not in sensitive]
    for i in bits(((1 << len(layout.pieces)) - 1) & ~layout.amassed):
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


def neighbours(layout: Layout) -> list[int]:
    """Return for each piece the mask of the pieces with which it shares a container, trigger, counter or limit."""
    near = [1 << i for i in range(len(layout.pieces))]

    def join(mask: int) -> None:
        for i in bits(mask):
            near[i] |= mask

    for mask in layout.pieces_of_row:
        join(mask)
    for trigger in layout.triggers:
        join(_union(trigger.masks.values()))
    for counter in layout.counters:
        boxes = (fee.mask for fee in counter.boxes.values())
        fired = (mask for s in counter.triggers for mask in layout.triggers[s].masks.values())
        join(_union([*counter.lots.values(), *boxes, *fired]))
    for q, place in enumerate(layout.places):
        if q in layout.limits:
            join(layout.open[q])
        elif place.container_type is not None:
            _join_sharing(layout, q, place.container_type, near)
    return near


def _join_sharing(layout: Layout, q: int, kind: ContainerType, near: list[int]) -> None:
    """Join the pairs of pieces that fit one container of a place together."""
    members = list(bits(layout.open[q]))
    for at, one in enumerate(members):
        for other in members[at + 1 :]:
            if near[one] >> other & 1:
                continue
            a, b = layout.pieces[one], layout.pieces[other]
            fits = a.volume_mm3 + b.volume_mm3 <= kind.usable_volume_mm3 and a.mass_g + b.mass_g <= kind.payload_g
            if fits and layout.problem.compatible(a.consignment.cargo_class, b.consignment.cargo_class):
                near[one] |= 1 << other
                near[other] |= 1 << one


def connected(near: list[int], pieces: int) -> tuple[int, ...]:
    """Split a mask of pieces into the masks of those connected through neighbours among them."""
    sets = []
    while pieces:
        reached = fringe = pieces & -pieces
        while fringe:
            touched = _union(near[i] for i in bits(fringe))
            fringe = touched & pieces & ~reached
            reached |= fringe
        sets.append(reached)
        pieces &= ~reached
    return tuple(sets)


def separate_parts(layout: Layout) -> tuple[tuple[int, ...], ...]:
    """Return the pieces in groups that have nothing to do with each other, each ascending."""
    everything = (1 << len(layout.pieces)) - 1
    return tuple(tuple(bits(group)) for group in connected(neighbours(layout), everything))


def _union(masks: Iterable[int]) -> int:
    together = 0
    for mask in masks:
        together |= mask
    return together


def volume_bound(layout: Layout) -> int:
    """Return a simple lower bound: every piece at the least that its own lot can cost anywhere."""
    cost = np.where(layout.cost == CLOSED, np.iinfo(np.int64).max, layout.cost)
    return int(sum(int(row.min()) for row in cost))
