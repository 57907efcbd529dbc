"""Kinds of container for which filling is a plain knapsack: fixed fees, two capacities, goods that agree.

A container whose fees depend on what is inside (a surcharge for a cargo class, for overweight) is several
variants: each says which fees it has already paid, and so which pieces and how much mass it may hold.
Fees of groups of pieces that do not overlap (a truck for each member's town) stay inside the knapsack instead:
the first piece of a group pays for all. A column's cost is the least over the variants that admit it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.patterns import Fee, Layout, bits
from optimizer.problem import ContainerType, Mode

MOST_TRIGGERS = 5
"""Fees by contents that pricing tells apart in one container; the cheapest beyond these are left out of its bound."""

MOST_GROUPS = 60
"""Groups of pieces with a fee that one knapsack can tell apart."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A container at a place that has paid `fixed` and counts for `counted`: it may hold what is in `mask`.

    Parameters
    ----------
    fixed
        Fees in minor units; never more than the fees of a container that holds just such pieces.
    counted
        Indices of the counters to which such a container adds a line.
    groups
        Disjoint (pieces, fee): due on top when the container holds any of the pieces.
    """

    place: int
    mask: int
    volume_mm3: int
    mass_g: int
    fixed: int
    counted: tuple[int, ...]
    groups: tuple[tuple[int, int], ...] = ()


def variants_of(layout: Layout) -> tuple[Variant, ...]:
    """Return the variants of every container that a layout knows, by place."""
    found: list[Variant] = []
    for q, place in enumerate(layout.places):
        if place.mode is Mode.FCL and place.container_type is not None:
            for mask in agreeing_sets(layout, layout.open[q]):
                found.extend(_variants_at(layout, q, place.container_type, mask))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class VariantTable:
    """Variants as flat arrays: pieces of each, ordered by group and size, and what they owe.

    Parameters
    ----------
    starts
        Variant v has the positions from starts[v] to starts[v + 1] of `members` and `owed`.
    owed
        By position the bit of the group whose fee the piece owes, 0 for none.
    rooms
        By variant: volume in mm3 and mass in grams.
    fee_starts, fees
        By variant: the fees of its groups, in minor units.
    """

    starts: Ints
    members: Ints
    owed: Ints
    place: Ints
    rooms: Ints
    fixed: Ints
    fee_starts: Ints
    fees: Ints


def table_of(layout: Layout, variants: Sequence[Variant]) -> VariantTable:
    """Return the variants of a layout as flat arrays."""
    members: list[Ints] = []
    owed: list[Ints] = []
    for one in variants:
        held = np.array(list(bits(one.mask)), dtype=np.int64)
        bit = np.zeros(len(layout.pieces), dtype=np.int64)
        for g, (mask, _) in enumerate(one.groups):
            bit[list(bits(mask))] = 1 << g
        bit = bit[held]
        order = np.lexsort((-layout.volumes[held], layout.choice_of[held], np.where(bit, bit, np.int64(1) << 62)))
        members.append(held[order])
        owed.append(bit[order])
    fees = [[fee for _, fee in one.groups] for one in variants]
    nothing = np.zeros(0, dtype=np.int64)
    return VariantTable(
        starts=_starts(len(one) for one in members),
        members=np.concatenate([nothing, *members]),
        owed=np.concatenate([nothing, *owed]),
        place=np.array([one.place for one in variants], dtype=np.int64),
        rooms=np.array([(one.volume_mm3, one.mass_g) for one in variants], dtype=np.int64).reshape(-1, 2),
        fixed=np.array([one.fixed for one in variants], dtype=np.int64),
        fee_starts=_starts(len(row) for row in fees),
        fees=np.array([fee for row in fees for fee in row], dtype=np.int64),
    )


def _starts(sizes: Iterable[int]) -> Ints:
    return np.cumsum(np.array([0, *sizes], dtype=np.int64))


def agreeing_sets(layout: Layout, mask: int) -> list[int]:
    """Split pieces into the largest sets without two incompatible cargo classes."""
    by_class: dict[str, int] = {}
    for i in bits(mask):
        name = layout.pieces[i].consignment.cargo_class
        by_class[name] = by_class.get(name, 0) | 1 << i
    names = sorted(by_class)
    against = {one: {other for other in names if not layout.problem.compatible(one, other)} for one in names}
    agreeing: list[frozenset[str]] = []
    _maximal(frozenset(), frozenset(names), frozenset(), against, agreeing)
    return [sum(by_class[name] for name in group) for group in sorted(agreeing, key=sorted) if group]


def _maximal(
    chosen: frozenset[str],
    open_: frozenset[str],
    closed: frozenset[str],
    against: dict[str, set[str]],
    found: list[frozenset[str]],
) -> None:
    """Bron and Kerbosch: list the maximal sets of classes that agree."""
    if not open_ and not closed:
        found.append(chosen)
        return
    for name in sorted(open_):
        near = frozenset(other for other in against if other != name and other not in against[name])
        _maximal(chosen | {name}, open_ & near, closed & near, against, found)
        open_ = open_ - {name}
        closed = closed | {name}


@dataclass(frozen=True, slots=True)
class _Condition:
    """Something that a container may set off: a fee, or a line of a counter."""

    fee: Fee
    counter: int | None = None


def _variants_at(layout: Layout, q: int, kind: ContainerType, mask: int) -> Iterable[Variant]:
    conditions = [_Condition(fee) for fee in layout.fees[q]]
    conditions += [_Condition(one.boxes[q], c) for c, one in enumerate(layout.counters) if q in one.boxes]
    conditions = [one for one in conditions if one.fee.mask & mask]
    always = [one for one in conditions if one.fee.mask & mask == mask and one.fee.over_g is None]
    by_contents = [one for one in conditions if one not in always]
    grouped = _disjoint(by_contents)
    by_contents = _dearest([one for one in by_contents if one not in grouped])
    seen: set[tuple[int, int, tuple[int, ...]]] = set()
    payload = min(kind.payload_g, layout.mass_of(mask))
    # Fewest fees first, so that a variant that only pays more than an earlier one is dropped.
    for size in range(len(by_contents) + 1):
        for met in combinations(by_contents, size):
            for admitted, mass_g in _admits(mask, payload, kind.tare_g, [one for one in by_contents if one not in met]):
                paid = (*always, *met)
                counted = tuple(sorted(one.counter for one in paid if one.counter is not None))
                key = (admitted, mass_g, counted)
                if admitted and key not in seen:
                    seen.add(key)
                    fixed = sum(one.fee.amount for one in paid)
                    groups = tuple((p, one.fee.amount) for one in grouped if (p := one.fee.mask & admitted))
                    yield Variant(q, admitted, kind.usable_volume_mm3, mass_g, fixed, counted, groups)


def _disjoint(conditions: Sequence[_Condition]) -> list[_Condition]:
    """Return as many fees by contents alone as do not overlap, the most specific first; one needs no group.

    Every fee left out doubles the variants, so that one fee that overlaps many (a class found in every town) stays out.
    """
    plain = [one for one in conditions if one.counter is None and one.fee.over_g is None]
    overlaps = {id(one): sum(bool(one.fee.mask & other.fee.mask) for other in plain) for one in plain}
    chosen: list[_Condition] = []
    held = 0
    for one in sorted(
        plain, key=lambda one: (overlaps[id(one)], one.fee.mask.bit_count(), one.fee.mask, one.fee.amount)
    ):
        if not one.fee.mask & held and len(chosen) < MOST_GROUPS:
            chosen.append(one)
            held |= one.fee.mask
    return chosen if len(chosen) > 1 else []


def _dearest(conditions: Sequence[_Condition]) -> list[_Condition]:
    ranked = sorted(conditions, key=lambda one: (one.counter is None, -one.fee.amount))
    return list(ranked[:MOST_TRIGGERS])


def _admits(mask: int, payload_g: int, tare_g: int, unpaid: Sequence[_Condition]) -> Iterable[tuple[int, int]]:
    """Yield (pieces, mass in grams) of containers that owe none of the unpaid conditions."""
    mass_g = payload_g
    split: list[_Condition] = []
    for one in unpaid:
        if one.fee.over_g is None:
            mask &= ~one.fee.mask
    for one in unpaid:
        if one.fee.over_g is None or not one.fee.mask & mask:
            continue
        if one.fee.mask & mask == mask:
            mass_g = min(mass_g, one.fee.over_g - tare_g)
        else:
            split.append(one)
    # A fee on both contents and mass is not owed for either of two reasons.
    choices = [(mask, mass_g)]
    for one in split:
        over = one.fee.over_g or 0
        choices = [c for m, g in choices for c in ((m & ~one.fee.mask, g), (m, min(g, over - tare_g)))]
    for admitted, grams in choices:
        if grams >= 0:
            yield admitted, grams
