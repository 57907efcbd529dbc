"""What prices of the linear master prove, and the patterns that are worth more than they cost.

Prices are rounded to integers first and the bound is Lagrangian, so that it is exact whatever the
floating-point solver did.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from optimizer.consolidation.choosing import fill_choosing
from optimizer.consolidation.knapsack import Fillings, Ints, best_few, fill, fractional_bound
from optimizer.consolidation.patterns import CLOSED, Column, Layout, bits
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.rough import Tables, rough_filling
from optimizer.consolidation.variants import Variant
from optimizer.limits import ShouldStop, never_stop

FEW_PIECES = 24
"""Pieces up to which a container is filled by depth first."""

FEW_NODES = 400
"""Nodes of filling by depth first after which labels take over."""

NEVER = -(1 << 60)
"""Worth of a piece where it may not go."""


@dataclass(frozen=True, slots=True)
class Priced:
    """An answer of the pricing problem: improving patterns, and a bound that holds for all patterns.

    Parameters
    ----------
    bound_scaled
        Lower bound on the cost of any plan of the node, in 1/SCALE minor units.
    prices
        The prices lowered until no pattern costs less than its pieces are worth; they prove the bound.
    """

    columns: list[Column]
    bound_scaled: int
    prices: Prices
    work: int


def worths(relaxation: Relaxation, prices: Prices) -> Ints:
    """Return by place what each piece earns as a lot there, in 1/SCALE minor units: its price less what it costs."""
    layout, node = relaxation.layout, relaxation.node
    worth: Ints = (layout.amounts @ prices.rows)[None, :] - layout.cost.T * SCALE
    for (s, row), price in prices.links.items():
        for q, held in layout.linked(s, row):
            worth[q, held] += price * layout.amounts[held, row]
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
    worth[layout.cost.T == CLOSED] = NEVER
    worth[:, list(bits(node.absent))] = NEVER
    for q, mask in node.closed.items():
        worth[q, list(bits(mask))] = NEVER
    bound = [i for group in node.together for i in bits(group)]
    for q in layout.loose:
        worth[q, bound] = NEVER
    return worth


def fixed_at(relaxation: Relaxation, variant: Variant, prices: Prices) -> int:
    """Return what opening a container of a variant costs at these prices, in 1/SCALE minor units."""
    counted = sum(int(prices.counters[c]) for c in variant.counted)
    grouped = sum(prices.counts.get(g, 0) for g in relaxation.groups_at[variant.place])
    return variant.fixed * SCALE - grouped - counted


@dataclass(frozen=True, slots=True)
class Bundles:
    """What a knapsack chooses among: pieces, or bundles of pieces that a node keeps together."""

    worth: Ints
    volumes: Ints
    masses: Ints
    masks: list[int]
    apart: list[tuple[int, int]]
    owes: Ints | None = None
    """Bits of the group fees that each owes; None where no group has a fee."""
    choices: Ints | None = None
    """The number of the consignment of which each is a cut, -1 for others; None without cuts."""


def bundled(relaxation: Relaxation, worth: Ints, v: int, over: int) -> Bundles:
    """Return the pieces of a variant that are worth more than a threshold, bundled and parted as the node demands."""
    layout, node = relaxation.layout, relaxation.node
    members, owes = relaxation.members[v], relaxation.owes[v]
    if not node.together and not node.apart:
        here = worth[members] > over
        use = members[here]
        owed = owes[here] if owes is not None else None
        choices = layout.choice_of[use] if layout.choices else None
        masks = [1 << int(i) for i in use]
        return Bundles(worth[use], layout.volumes[use], layout.masses[use], masks, [], owed, choices)
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
    table = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3)
    masks = [row[3] for row in rows]
    owed = _owed(relaxation.variants[v], masks)
    choices = None
    if layout.choices:
        choices = np.array([layout.choice_of[mask.bit_length() - 1] for mask in masks], dtype=np.int64)
    return Bundles(table[:, 0], table[:, 1], table[:, 2], masks, apart, owed, choices)


def _owed(variant: Variant, masks: list[int]) -> Ints | None:
    if not variant.groups:
        return None
    owed = [sum(1 << g for g, (group, _) in enumerate(variant.groups) if group & mask) for mask in masks]
    return np.array(owed, dtype=np.int64)


def price_patterns(
    relaxation: Relaxation, prices: Prices, *, width: int = 2_000, each: int = 3, tolerance: int = SCALE // 64,
    rough: bool = False, stop: ShouldStop = never_stop,
) -> Priced:  # fmt: skip
    """Search every variant for containers that cost less than their pieces are worth.

    Parameters
    ----------
    width
        Labels kept at most; where that was not enough the bound pays for it.
    each
        Patterns returned for each variant at most.
    tolerance
        Reduced costs down to minus this, for each package of a kind, are not pursued; the bound pays for it.
    rough
        Whether good containers will do, found quickly, with a weaker bound.
    stop
        Asked between containers; when it says yes nothing is proven.
    """
    layout = relaxation.layout
    tolerance //= max(layout.demand, default=1)  # what a package falls short, all of its kind do
    columns: list[Column] = []
    least = np.zeros(len(layout.pieces), dtype=np.int64)
    work = 0
    table = worths(relaxation, prices)
    most_at = np.maximum(table, 0).sum(axis=1)
    tables: Tables = {}
    most_room = max((one.volume_mm3 for one in relaxation.variants), default=1)
    for v, variant in enumerate(relaxation.variants):
        if stop():
            return Priced(columns, -(1 << 62), prices, work)
        fixed = fixed_at(relaxation, variant, prices)
        if most_at[variant.place] <= fixed:
            continue
        q, members = variant.place, relaxation.members[v]
        bundles = without_idle_groups(bundled(relaxation, table[q], v, 0), variant)
        worth = bundles.worth
        hope = _hope(bundles, variant)
        if not len(worth):
            # A container that earns by being there, as a step to a price break may, still has to hold something.
            all_ = bundled(relaxation, table[q], v, NEVER)
            hope = int(all_.worth.max(initial=NEVER))
            if hope - fixed > tolerance and len(all_.worth):
                columns.append(layout.column(q, all_.masks[int(all_.worth.argmax())]))
        elif hope - fixed > tolerance:
            hope = min(hope, _hope_by(bundles, variant, bundles.volumes, variant.volume_mm3))
            hope = min(hope, _hope_by(bundles, variant, bundles.masses, variant.mass_g))
            work += len(worth)
            if hope - fixed > tolerance:
                if rough and not bundles.apart and bundles.choices is None:
                    fees = [fee * SCALE for _, fee in variant.groups]
                    goods = (worth, bundles.volumes, bundles.masses)
                    room = (variant.volume_mm3, variant.mass_g)
                    found = rough_filling(goods, bundles.owes, fees, room, fixed + tolerance, most_room, tables)
                else:
                    found = _best(bundles, variant, fixed + tolerance, width, each)
                work += found.work
                hope = min(hope, found.bound)
                columns.extend(layout.column(q, sum(bundles.masks[p] for p in one)) for one in found.sets if one)
        if hope > fixed:
            # Each container holds at least one piece, so that lowering all of them covers what it falls short.
            cut = np.full(len(members), hope - fixed, dtype=np.int64)
            if fixed > 0 and len(worth):
                # Or each piece in proportion to its worth: what a container earns then falls by as much or more.
                share = (hope - fixed) / hope * (1 + 1e-9)
                cut = np.minimum(cut, np.ceil(np.maximum(table[q][members], 0) * share).astype(np.int64) + 1)
            least[members] = np.maximum(least[members], cut)
    for q in layout.loose:
        least = np.maximum(least, table[q])
    columns.extend(_loose_cuts(layout, table))
    proven = replace(prices, rows=prices.rows - _cuts(relaxation, prices, least))
    return Priced(columns, bound_of(relaxation, proven), proven, work)


def without_idle_groups(bundles: Bundles, variant: Variant) -> Bundles:
    """Return the bundles without the groups that are not worth their fee even when all of them travel."""
    owes = bundles.owes
    if owes is None or (owes & (owes - 1)).any():
        return bundles
    keep = np.ones(len(owes), dtype=bool)
    for g, (_, fee) in enumerate(variant.groups):
        here = owes == 1 << g
        if int(bundles.worth[here].sum()) <= fee * SCALE:
            keep &= ~here
    if keep.all():
        return bundles
    masks = [mask for mask, kept in zip(bundles.masks, keep, strict=True) if kept]
    at = np.cumsum(keep) - 1
    apart = [(int(at[one]), int(at[other])) for one, other in bundles.apart if keep[one] and keep[other]]
    return Bundles(bundles.worth[keep], bundles.volumes[keep], bundles.masses[keep], masks, apart, owes[keep])


def _hope(bundles: Bundles, variant: Variant) -> int:
    """Return what all bundles together are worth, less the fee of every group."""
    total = int(bundles.worth.sum())
    if bundles.owes is None or (bundles.owes & (bundles.owes - 1)).any():
        return total
    held = int(np.bitwise_or.reduce(bundles.owes, initial=0))
    return total - sum(fee * SCALE for g, (_, fee) in enumerate(variant.groups) if held >> g & 1)


def _hope_by(bundles: Bundles, variant: Variant, sizes: Ints, capacity: int) -> int:
    """Return the worth of the best fractional filling, the fee of a group spread over the room that it can fill."""
    worth, owes = bundles.worth, bundles.owes
    if owes is not None and not (owes & (owes - 1)).any():
        worth = worth.copy()
        for g, (_, fee) in enumerate(variant.groups):
            here = owes == 1 << g
            room = min(int(sizes[here].sum()), capacity)
            if room > 0:
                # Rounded down, with a margin for the arithmetic, so that no filling is undervalued.
                worth[here] -= (fee * SCALE * (1 - 1e-12) / room * sizes[here]).astype(np.int64)
    return fractional_bound(worth, sizes, capacity)


def _best(bundles: Bundles, variant: Variant, threshold: int, width: int, each: int) -> Fillings:
    """Return the best fillings of a variant, by the way that is quickest for so many pieces."""
    fees = [fee * SCALE for _, fee in variant.groups]
    owes, few = bundles.owes, None
    if owes is not None and int(owes.min()) == int(owes.max()) and int(owes[0]).bit_count() == 1:
        # All of one group: whatever is held owes its fee.
        fee = fees[int(owes[0]).bit_length() - 1]
        whole = replace(bundles, owes=None)
        found = _best(whole, variant, threshold + fee, width, each)
        return replace(found, bound=found.bound - fee, worth=[one - fee for one in found.worth])
    goods = bundles.worth, bundles.volumes, bundles.masses, variant.volume_mm3, variant.mass_g, threshold
    if bundles.choices is not None:
        return fill_choosing(*goods, bundles.choices, width=width, most=each, best_only=True, apart=bundles.apart)
    if len(bundles.worth) <= FEW_PIECES and not bundles.apart and owes is None:
        few = best_few(*goods, most=each, nodes=FEW_NODES)
    return few or fill(
        *goods, width=width, most=each, best_only=True, apart=bundles.apart, owes=owes,
        fees=fees if owes is not None else (),
    )  # fmt: skip


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
    relaxation: Relaxation, prices: Prices, gap_scaled: int, *, width: int, most: int,
    stop: ShouldStop = never_stop,
) -> list[Column] | None:  # fmt: skip
    """List every pattern open at the node whose reduced cost is at most a gap.

    Parameters
    ----------
    prices
        Prices under which no pattern is a gain.
    gap_scaled
        In 1/SCALE minor units, >= 0.
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
    for q in layout.loose:
        for i in np.flatnonzero(table[q] >= -gap_scaled):
            found[q, 1 << int(i)] = layout.column(q, 1 << int(i))
    for v, variant in enumerate(relaxation.variants):
        if stop():
            return None
        q = variant.place
        fixed = fixed_at(relaxation, variant, prices)
        if most_at[q] - fixed < -gap_scaled:
            continue
        bundles = bundled(relaxation, table[q], v, NEVER)
        worth = bundles.worth
        if int(worth[worth > 0].sum()) - fixed < -gap_scaled:
            continue
        goods = worth, bundles.volumes, bundles.masses, variant.volume_mm3, variant.mass_g, fixed - gap_scaled - 1
        if bundles.choices is not None:
            listed = fill_choosing(*goods, bundles.choices, width=width, most=most, apart=bundles.apart)
        else:
            listed = fill(
                *goods, width=width, most=most, apart=bundles.apart, owes=bundles.owes,
                fees=[fee * SCALE for _, fee in variant.groups],
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
