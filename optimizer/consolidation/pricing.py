"""What prices of the linear master prove, and the patterns that are worth more than they cost.

Prices are rounded to integers first and the bound is Lagrangian, so that it is exact whatever the
floating-point solver did.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from optimizer.consolidation.fillings import GRID, Ints, fill, price_variants
from optimizer.consolidation.patterns import Column, Layout, bits
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.variants import Variant
from optimizer.limits import ShouldStop, never_stop

NEVER = -(1 << 60)
"""Worth of a piece where it may not go."""

TOLERANCE = SCALE // 64
"""Reduced costs down to minus this, for each package of a kind, are not pursued; bounds pay for it."""

EACH = 3
"""Patterns returned for each variant at most."""

FLUIDS = (1000, 800, 600, 400, 200, 0)
"""Per mille of a container that is paid for by volume, the rest by mass, in the order in which they are tried."""

SLICE = 32
"""Variants searched between two looks at whether to stop."""

NOTHING_PROVEN = -(1 << 62)


@dataclass(frozen=True, slots=True)
class Priced:
    """An answer of the pricing problem: improving patterns, and a bound that holds for all patterns.

    Parameters
    ----------
    bound_scaled
        Lower bound on the cost of any plan of the node, in 1/SCALE minor units.
    prices
        The prices lowered until no pattern costs less than its pieces are worth; they prove the bound.
    finished
        Whether every variant was searched to its end, so that further nodes would not raise the bound.
    """

    columns: list[Column]
    bound_scaled: int
    prices: Prices
    work: int
    finished: bool


def worths(relaxation: Relaxation, prices: Prices) -> Ints:
    """Return by place what each piece earns as a lot there, in 1/SCALE minor units: its price less what it costs."""
    layout, node = relaxation.layout, relaxation.node
    worth: Ints = (layout.amounts @ prices.rows)[None, :] - relaxation.costs
    flat = worth.reshape(-1)
    for key, price in prices.links.items():
        at, amounts = relaxation.cells_of(key)
        flat[at] += price * amounts
    for c, counter in enumerate(layout.counters):
        if prices.counters[c]:
            weights = np.array(counter.weights or [1] * len(layout.pieces), dtype=np.int64)
            for q, mask in counter.lots.items():
                held = layout.indices(mask)
                worth[q, held] += prices.counters[c] * weights[held]
    for g, price in prices.counts.items():
        # A lot holds one cut of a consignment at most, so that what the lot is worth is the cut's.
        if mask := relaxation.groups[g].mask:
            for q in relaxation.groups[g].places:
                worth[q, layout.indices(mask)] += price
    worth[relaxation.closed] = NEVER
    worth[:, list(bits(node.absent))] = NEVER
    for q, mask in node.closed.items():
        worth[q, list(bits(mask))] = NEVER
    bound = [i for group in node.together for i in bits(group)]
    for q in layout.loose:
        worth[q, bound] = NEVER
    return worth


def fixed_costs(relaxation: Relaxation, prices: Prices) -> Ints:
    """Return by variant what opening a container of it costs at these prices, in 1/SCALE minor units."""
    table = relaxation.table
    fixed: Ints = table.fixed * SCALE
    if prices.counts:
        at_place = np.array([sum(prices.counts.get(g, 0) for g in groups) for groups in relaxation.groups_at])
        fixed -= at_place[table.place]
    if prices.counters.any():
        for v, variant in enumerate(relaxation.variants):
            fixed[v] -= sum(int(prices.counters[c]) for c in variant.counted)
    return fixed


@dataclass(frozen=True, slots=True)
class Bundles:
    """What a knapsack chooses among: pieces, or bundles of pieces that a node keeps together."""

    worth: Ints
    volumes: Ints
    masses: Ints
    masks: list[int]
    apart: list[tuple[int, int]]
    owes: Ints | None
    """Bits of the group fees that each owes; None where no group has a fee."""
    choices: list[int]
    """As `Layout.choice_of`."""


def bundled(relaxation: Relaxation, worth: Ints, v: int, over: int) -> Bundles:
    """Return the pieces of a variant that are worth more than a threshold, bundled and parted as the node demands."""
    layout, node, table = relaxation.layout, relaxation.node, relaxation.table
    here = slice(table.starts[v], table.starts[v + 1])
    members = table.members[here]
    if not node.together and not node.apart:
        wanted = worth[members] > over
        use = members[wanted]
        owed = table.owed[here][wanted] if relaxation.variants[v].groups else None
        return Bundles(
            worth[use],
            layout.volumes[use],
            layout.masses[use],
            [1 << int(i) for i in use],
            [],
            owed,
            layout.choice_of[use].tolist(),
        )
    inside = sum(1 << int(i) for i in members)
    bound = 0
    for group in node.together:
        bound |= group
    masks = [1 << int(i) for i in members if not bound >> int(i) & 1]
    masks += [group for group in node.together if group & inside == group]
    rows = []
    for mask in masks:
        held = list(bits(mask))
        earns = sum(int(worth[i]) for i in held)
        if earns > over and min(int(worth[i]) for i in held) > NEVER:
            rows.append((earns, int(layout.volumes[held].sum()), int(layout.masses[held].sum()), mask))
    at = {i: p for p, row in enumerate(rows) for i in bits(row[3])}
    apart = [(at[one], at[other]) for one, other in node.apart if one in at and other in at]
    numbers = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    masks = [row[3] for row in rows]
    choices = [int(layout.choice_of[mask.bit_length() - 1]) for mask in masks]
    owed = _owed(relaxation.variants[v], masks)
    return Bundles(numbers[:, 0], numbers[:, 1], numbers[:, 2], masks, apart, owed, choices)


def _owed(variant: Variant, masks: list[int]) -> Ints | None:
    if not variant.groups:
        return None
    owed = [sum(1 << g for g, (group, _) in enumerate(variant.groups) if group & mask) for mask in masks]
    return np.array(owed, dtype=np.int64)


def tolerance_of(layout: Layout) -> int:
    """Return by how much a pattern may be a gain and is not pursued: what a package falls short, all of its kind do."""
    return TOLERANCE // max(layout.demand, default=1)


def price_patterns(
    relaxation: Relaxation, prices: Prices, *, nodes: int = 2_000, stop: ShouldStop = never_stop
) -> Priced:
    """Search every variant for containers that cost less than their pieces are worth.

    Parameters
    ----------
    nodes
        Nodes searched for one variant at most; where that was not enough the bound pays for it.
    stop
        Asked between containers; when it says yes nothing is proven.
    """
    least = np.zeros(len(relaxation.layout.pieces), dtype=np.int64)
    table = worths(relaxation, prices)
    search = _by_bundles if relaxation.node.together or relaxation.node.apart else _by_table
    columns: list[Column] = []
    work, finished, looked = 0, True, 0
    for one in search(relaxation, prices, table, least, nodes):
        columns += one.columns
        work, finished, looked = work + one.work, finished and one.finished, one.looked
        if stop():
            break
    if looked < len(relaxation.variants):
        return Priced(columns, NOTHING_PROVEN, prices, work, finished=False)
    for q in relaxation.layout.loose:
        least = np.maximum(least, table[q])
    columns += _loose_cuts(relaxation.layout, table)
    proven = replace(prices, rows=prices.rows - _cuts(relaxation, prices, least))
    return Priced(columns, bound_of(relaxation, proven), proven, work, finished)


@dataclass(frozen=True, slots=True)
class _Slice:
    """What was found among some variants; `looked` counts all looked at so far."""

    columns: list[Column]
    work: int
    finished: bool
    looked: int


def _by_table(relaxation: Relaxation, prices: Prices, worth: Ints, least: Ints, nodes: int) -> Iterator[_Slice]:
    """Search slices of the variants in compiled code."""
    layout, table = relaxation.layout, relaxation.table
    fixed, tolerance = fixed_costs(relaxation, prices), tolerance_of(layout)
    number = len(relaxation.variants)
    held = np.empty(SLICE * EACH * min(len(layout.pieces), 128), dtype=np.int32)
    ends, variants = np.empty(SLICE * EACH, dtype=np.int64), np.empty(SLICE * EACH, dtype=np.int64)
    for first in range(0, number, SLICE):
        last = min(first + SLICE, number)
        found, work, finished = price_variants(
            first, last, table.starts, table.members, table.owed, table.place, table.rooms, fixed, table.fee_starts,
            table.fees * SCALE, worth, layout.volumes, layout.masses, layout.choice_of, tolerance, GRID, nodes, EACH,
            least, held, ends, variants,
        )  # fmt: skip
        columns = []
        start = 0
        for one in range(found):
            mask = 0
            for i in held[start : ends[one]].tolist():
                mask |= 1 << i
            start = int(ends[one])
            columns.append(layout.column(int(table.place[variants[one]]), mask))
        yield _Slice(columns, work, finished, last)


def _by_bundles(relaxation: Relaxation, prices: Prices, worth: Ints, least: Ints, nodes: int) -> Iterator[_Slice]:
    """Search the variants one by one where a node keeps pieces together or apart."""
    layout = relaxation.layout
    fixed_at, tolerance = fixed_costs(relaxation, prices), tolerance_of(layout)
    for v, variant in enumerate(relaxation.variants):
        fixed = int(fixed_at[v])
        bundles = bundled(relaxation, worth[variant.place], v, 0)
        hope = int(bundles.worth.sum())
        columns: list[Column] = []
        work, finished = len(bundles.worth), True
        if not len(bundles.worth):
            # A container that earns by being there, as a step to a price break may, still has to hold something.
            every = bundled(relaxation, worth[variant.place], v, NEVER)
            hope = int(every.worth.max(initial=NEVER))
            if hope - fixed > tolerance:
                columns = [layout.column(variant.place, every.masks[int(every.worth.argmax())])]
        elif hope - fixed > tolerance:
            found = fill(
                bundles.worth, bundles.volumes, bundles.masses, variant.volume_mm3, variant.mass_g, fixed + tolerance,
                nodes=nodes, most=EACH, best_only=True, apart=bundles.apart, owes=bundles.owes,
                fees=[fee * SCALE for _, fee in variant.groups], choices=bundles.choices,
            )  # fmt: skip
            hope, work, finished = min(hope, found.bound), found.work, found.complete
            columns = [layout.column(variant.place, sum(bundles.masks[p] for p in one)) for one in found.sets if one]
        if hope > fixed:
            # Each container holds at least one piece, so that lowering all of them covers what it falls short.
            members = list(bits(variant.mask))
            cut = np.full(len(members), hope - fixed, dtype=np.int64)
            if fixed > 0 and len(bundles.worth):
                # Or each piece in proportion to its worth: what a container earns then falls by as much or more.
                share = (hope - fixed) / hope * (1 + 1e-9)
                gains = np.maximum(worth[variant.place][members], 0)
                cut = np.minimum(cut, np.ceil(gains * share).astype(np.int64) + 1)
            least[members] = np.maximum(least[members], cut)
        yield _Slice(columns, work, finished, v + 1)


def _loose_cuts(layout: Layout, worth: Ints) -> Iterator[Column]:
    """Yield the loose lot of each consignment in cuts, at each place, that is worth most above its cost."""
    for q in layout.loose:
        for choice in layout.choices:
            held = layout.indices(choice)
            best = int(held[worth[q][held].argmax()])
            # However little: a small lot's gain is taken off every package, and there are many.
            if worth[q, best] > 0:
                yield layout.column(q, 1 << best)


def _cuts(relaxation: Relaxation, prices: Prices, least: Ints) -> Ints:
    """Return by how much to lower each row so that each piece is worth at least so much less."""
    layout = relaxation.layout
    cuts: Ints = np.maximum(0, prices.rows - np.array(layout.penalties, dtype=np.int64) * SCALE)
    carried = layout.amounts.sum(axis=1)
    for i in map(int, np.flatnonzero(least > 0)):
        for row, _ in layout.rows[i]:
            cuts[row] = max(int(cuts[row]), -(-int(least[i]) // int(carried[i])))
    for at in bits(relaxation.node.absent):
        for row, _ in layout.rows[at]:
            cuts[row] = 0
    return cuts


def bound_of(relaxation: Relaxation, prices: Prices) -> int:
    """Return the Lagrangian bound of prices under which no pattern is a gain, in 1/SCALE minor units."""
    layout, node = relaxation.layout, relaxation.node
    total = int(prices.rows @ np.array(layout.demand, dtype=np.int64))
    for g, price in prices.counts.items():
        fewest, most = relaxation.bounds(g)
        total += price * (fewest if price > 0 else most or 0)
    paid = [one.cost * SCALE for one in layout.triggers]
    for (s, row), price in prices.links.items():
        paid[s] += price * layout.demand[row]
    for c, counter in enumerate(layout.counters):
        kappa = int(prices.counters[c])
        for s in counter.triggers:
            paid[s] -= kappa
        least, most_lines = relaxation.lines(c)
        totals = np.array(counter.totals[least : most_lines + 1], dtype=np.int64)
        total += int((totals * SCALE + kappa * np.arange(least, most_lines + 1)).min())
    return total + sum(one if s in node.paid else min(0, one) for s, one in enumerate(paid))


def patterns_within(
    relaxation: Relaxation, prices: Prices, gap_scaled: int, *, nodes: int, most: int,
    stop: ShouldStop = never_stop,
) -> list[Column] | None:  # fmt: skip
    """List every pattern open at the node whose reduced cost is at most a gap.

    Parameters
    ----------
    prices
        Prices under which no pattern is a gain.
    gap_scaled
        In 1/SCALE minor units, >= 0.
    nodes
        Nodes searched for one variant at most.
    most
        How many may be listed.

    Returns
    -------
    list of Column, or None when there are more or `stop` said yes.
    """
    layout = relaxation.layout
    found: dict[tuple[int, int], Column] = {}
    table = worths(relaxation, prices)
    most_at = np.maximum(table, 0).sum(axis=1)
    fixed_at = fixed_costs(relaxation, prices)
    for q in layout.loose:
        for i in np.flatnonzero(table[q] >= -gap_scaled):
            found[q, 1 << int(i)] = layout.column(q, 1 << int(i))
    for v, variant in enumerate(relaxation.variants):
        if stop():
            return None
        q = variant.place
        fixed = int(fixed_at[v])
        if most_at[q] - fixed < -gap_scaled:
            continue
        bundles = bundled(relaxation, table[q], v, NEVER)
        worth = bundles.worth
        if int(worth[worth > 0].sum()) - fixed < -gap_scaled:
            continue
        listed = fill(
            worth, bundles.volumes, bundles.masses, variant.volume_mm3, variant.mass_g, fixed - gap_scaled - 1,
            nodes=nodes, most=most, apart=bundles.apart, owes=bundles.owes,
            fees=[fee * SCALE for _, fee in variant.groups], choices=bundles.choices,
        )  # fmt: skip
        if not listed.complete:
            return None
        for chosen in listed.sets:
            mask = sum(bundles.masks[p] for p in chosen)
            if mask and (q, mask) not in found:
                found[q, mask] = layout.column(q, mask)
        if len(found) > most:
            return None
    return list(found.values())


def fluid_prices(relaxation: Relaxation) -> Prices:
    """Return prices under which no pattern is a gain, without any search: containers as if goods were a fluid.

    A piece is worth the least that it costs loose or by its share of the room or the strength of a container, a mix of
    both that is the same for all; fees that pieces share are spread over all that may owe them.
    """
    layout, table = relaxation.layout, relaxation.table
    links: dict[tuple[int, int], int] = {}
    for s, trigger in enumerate(layout.triggers):
        held = sorted({i for mask in trigger.masks.values() for i in bits(mask)})
        for i in held:
            ((row, _),) = layout.rows[i]
            links[s, row] = -(trigger.cost * SCALE // len(held))
    counters = np.zeros(len(layout.counters), dtype=np.int64)
    nothing = Prices(np.zeros(len(layout.demand), dtype=np.int64), {}, links, counters)
    own = -worths(relaxation, nothing)
    best: Ints = np.zeros(0, dtype=np.int64)
    for permille in FLUIDS:
        least = own[list(layout.loose)].min(axis=0, initial=-NEVER)
        for v in range(len(relaxation.variants)):
            members = table.members[table.starts[v] : table.starts[v + 1]]
            room, strength = table.rooms[v]
            share = permille * layout.volumes[members] / max(1, room)
            share += (1000 - permille) * layout.masses[members] / max(1, strength)
            # Rounded down, with a margin for the arithmetic.
            cost = own[table.place[v], members] + (share * (1 - 1e-9) * float(table.fixed[v] * SCALE) / 1000).astype(
                np.int64
            )
            least[members] = np.minimum(least[members], cost)
        least = np.minimum(least, np.array(layout.penalties, dtype=np.int64) * SCALE)
        if not len(best) or int(least.sum()) > int(best.sum()):
            best = least
    return replace(nothing, rows=best)
