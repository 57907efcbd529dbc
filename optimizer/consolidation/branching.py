"""Where to split a node of the search: numbers of lines and containers first, then triggers, then what goes where."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import floor

import numpy as np

from optimizer.consolidation.patterns import Column, Group, bits, mask_of
from optimizer.consolidation.relaxation import Node, Relaxation

PROBED = 8
"""Groups whose split is tried before one is chosen."""

PLENTY = 20
"""By how much more the better side of a split counts at most than the worse one."""

CLEARLY = 1e-4
"""How far from a whole number a sum must be to be split."""


def branches(relaxation: Relaxation, used: Sequence[tuple[Column, float]], paid: Sequence[float]) -> tuple[Node, ...]:
    """Return the children of the present node, or none where the solution is whole in all that can be decided.

    Parameters
    ----------
    used
        Columns that the solution of the linear master uses, with how much of each.
    paid
        How much of each trigger it pays.
    """
    at_lot: dict[tuple[int, int], float] = {}
    for column, value in used:
        for i in bits(column.mask & ~relaxation.layout.amassed):
            at_lot[i, column.place] = at_lot.get((i, column.place), 0.0) + value
    return (
        _lines(relaxation)
        or _count(relaxation, used)
        or _trigger(relaxation, paid)
        or _departure(relaxation, at_lot)
        or _lot(relaxation, at_lot)
        or _amount(relaxation, used)
        or _pair(relaxation, used)
    )


def _fractional(value: float) -> float:
    """Return the distance to the nearest whole number, 0 where it is too small to matter."""
    distance = min(value - floor(value), floor(value) + 1 - value)
    return distance if distance > CLEARLY else 0.0


def _count(relaxation: Relaxation, used: Sequence[tuple[Column, float]]) -> tuple[Node, ...]:
    """Split the number of containers, or of lots of a consignment, whose split moves the master most on both sides.

    Without probing the largest group is split: enough where the start is good and the tree small.
    """
    ranked: list[tuple[float, int, int]] = []
    sizes: dict[int, float] = {}
    for g, group in enumerate(relaxation.groups):
        sizes[g] = sum(value for column, value in used if group.counts(column))
        if distance := _fractional(sizes[g]):
            ranked.append((distance, len(group.places), -g))
    if not ranked:
        return ()
    node, value = relaxation.node, relaxation.value
    if not relaxation.probing:
        _, _, at = max(ranked, key=lambda one: (one[1], one[0], one[2]))
        return _halves(relaxation, -at, sizes[-at])
    best: tuple[float, int] | None = None
    for _, _, at in sorted(ranked, reverse=True)[:PROBED]:
        gains = [max(1e-3, relaxation.probe(child) - value) for child in _halves(relaxation, -at, sizes[-at])]
        key = (min(gains) * max(1.0, min(max(gains), PLENTY * min(gains))), at)
        if best is None or key > best:
            best = key
    assert best is not None
    relaxation.enter(node)
    return _halves(relaxation, -best[1], sizes[-best[1]])


def _halves(relaxation: Relaxation, group: int, size: float) -> tuple[Node, Node]:
    node = relaxation.node
    least, most = relaxation.bounds(group)
    return (
        replace(node, counts={**node.counts, group: (floor(size) + 1, most)}, depth=node.depth + 1),
        replace(node, counts={**node.counts, group: (least, floor(size))}, depth=node.depth + 1),
    )


def _lines(relaxation: Relaxation) -> tuple[Node, ...]:
    """Split the number of lines of the counter that pays least for them, beside what this whole number costs."""
    node, best = relaxation.node, 0.5
    ranges: list[tuple[int, tuple[int, int]]] = []
    for c, counter in enumerate(relaxation.layout.counters):
        number, cost = relaxation.counted(c)
        if _fractional(number) or counter.totals[round(number)] - cost <= best:
            continue
        n, (least, most) = round(number), relaxation.lines(c)
        best = counter.totals[n] - cost
        ranges = [(c, one) for one in ((least, n - 1), (n, n), (n + 1, most)) if one[0] <= one[1]]
    return tuple(replace(node, lines={**node.lines, c: one}, depth=node.depth + 1) for c, one in ranges)


def _trigger(relaxation: Relaxation, paid: Sequence[float]) -> tuple[Node, ...]:
    triggers, node = relaxation.layout.triggers, relaxation.node
    ranked = [(triggers[s].cost * _fractional(value), -s) for s, value in enumerate(paid) if _fractional(value)]
    if not ranked:
        return ()
    s = -max(ranked)[1]
    return (
        replace(node, paid=node.paid | {s}, depth=node.depth + 1),
        _closing(node, triggers[s].masks),
    )


def _departure(relaxation: Relaxation, at_lot: dict[tuple[int, int], float]) -> tuple[Node, ...]:
    """Send a piece to one departure, or keep it off it."""
    places = relaxation.layout.places
    together: dict[tuple[int, str], float] = {}
    for (i, q), value in at_lot.items():
        key = (i, places[q].departure.id)
        together[key] = together.get(key, 0.0) + value
    ranked = [(_fractional(value), -i, name) for (i, name), value in together.items() if _fractional(value)]
    if not ranked:
        return ()
    _, i, name = max(ranked)
    here = [q for q, place in enumerate(places) if place.departure.id == name]
    return _either(relaxation, -i, here)


def _lot(relaxation: Relaxation, at_lot: dict[tuple[int, int], float]) -> tuple[Node, ...]:
    ranked = [(_fractional(value), -i, -q) for (i, q), value in at_lot.items() if _fractional(value)]
    if not ranked:
        return ()
    _, i, q = max(ranked)
    return _either(relaxation, -i, [-q])


def _amount(relaxation: Relaxation, used: Sequence[tuple[Column, float]]) -> tuple[Node, ...]:
    """Split the number of lots at a place that hold so many packages of a kind, or more, of a consignment in cuts."""
    layout = relaxation.layout
    lots: dict[tuple[int, int], list[tuple[int, float]]] = {}
    for column, value in used:
        for i in bits(column.mask & layout.amassed & ~layout.grains):
            for row, amount in layout.rows[i]:
                lots.setdefault((column.place, row), []).append((amount, value))
    ranked: list[tuple[float, int, int, int, float]] = []
    for (q, row), held in lots.items():
        number = 0.0
        for amount in sorted({amount for amount, _ in held}, reverse=True):
            number += sum(value for other, value in held if other == amount)
            if distance := _fractional(number):
                ranked.append((distance, -q, -row, amount, number))
    if not ranked:
        return ()
    _, q, row, amount, number = max(ranked)
    mask = mask_of(np.flatnonzero(layout.amounts[:, -row] >= amount))
    return _halves(relaxation, relaxation.group(Group((-q,), mask)), number)


def _pair(relaxation: Relaxation, used: Sequence[tuple[Column, float]]) -> tuple[Node, ...]:
    """Keep two pieces together, or apart (Ryan and Foster 1981): what is left when all counts are whole."""
    shared: dict[tuple[int, int], float] = {}
    for column, value in used:
        if _fractional(value):
            held = list(bits(column.mask & ~relaxation.layout.amassed))
            for at, one in enumerate(held):
                for other in held[at + 1 :]:
                    shared[one, other] = shared.get((one, other), 0.0) + value
    volumes = relaxation.layout.volumes
    ranked = [
        (_fractional(value), int(volumes[one] + volumes[other]), -one, -other)
        for (one, other), value in shared.items()
        if _fractional(value)
    ]
    if not ranked:
        return ()
    _, _, one, other = max(ranked)
    node, bundle = relaxation.node, 1 << -one | 1 << -other
    groups = []
    for group in node.together:
        if group & bundle:
            bundle |= group
        else:
            groups.append(group)
    return (
        replace(node, together=(*groups, bundle), depth=node.depth + 1),
        replace(node, apart=(*node.apart, (-one, -other)), depth=node.depth + 1),
    )


def _either(relaxation: Relaxation, i: int, here: Sequence[int]) -> tuple[Node, ...]:
    node, there = relaxation.node, set(here)
    elsewhere = [q for q in range(len(relaxation.layout.places)) if q not in there]
    return (
        _closing(node, dict.fromkeys(elsewhere, 1 << i)),
        _closing(node, dict.fromkeys(here, 1 << i)),
    )


def _closing(node: Node, masks: Mapping[int, int]) -> Node:
    closed = dict(node.closed)
    for q, mask in masks.items():
        closed[q] = closed.get(q, 0) | mask
    return replace(node, closed=closed, depth=node.depth + 1)
