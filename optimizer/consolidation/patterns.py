"""What one container or loose lot can carry and what it costs: the tables on which every exact search works.

A *pattern* is one container (departure, type, contents) or one LCL or postal lot. Nearly everything that a
pattern costs depends on its contents alone; what does not is kept apart: *triggers* (a cost paid once when
any of some lots travels, as a fee per departure, per joint bill or per member) and *counters* (price breaks
reached by a number of lines). Sets of pieces are bit masks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from optimizer.consolidation.charges import (
    part_totals,
)
from optimizer.problem import (
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
)

CLOSED = -1
"""In `Layout.cost`: the piece cannot go to that place."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A consignment, or a fixed part of it, that travels undivided; `packages` is empty for a whole one.

    A *grain* (`grain` names its package) stands for any number of loads of `count` packages of a consignment that
    can be split: grains serve bounds only, and all grains of a package together carry its quantity.

    A *cut* is one of the parts in which a consignment that can be split may travel: cuts that together make up the
    consignment are chosen, one of them as often as its packages allow, and no two of them share a lot.
    """

    consignment: Consignment
    volume_mm3: int
    mass_g: int
    count: int
    packages: Mapping[str, int] = field(default_factory=dict)
    grain: str | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lot may go: a departure and a container type, LCL or postal."""

    departure: Departure
    mode: Mode
    container_type: ContainerType | None


@dataclass(frozen=True, slots=True)
class Fee:
    """A container charge: due when the container holds any of `mask` and its gross mass is over `over_g`."""

    mask: int
    over_g: int | None
    amount: int


@dataclass(frozen=True, slots=True)
class Trigger:
    """A cost paid once when any lot of `masks` (place -> pieces) travels; it may also count for counters."""

    cost: int
    masks: Mapping[int, int]
    counted: bool = False


@dataclass(frozen=True, slots=True)
class Counter:
    """A price break by number of lines: `totals[n]` is what n lines cost together.

    Lines are counted by lot (`lots`: place -> pieces), by container (`boxes`: place -> fee without amount)
    and by trigger (indices).

    Parameters
    ----------
    weights
        By piece: how many lines a lot of it brings, where not one; a lot of several packages may count for more.
    """

    totals: tuple[int, ...]
    lots: Mapping[int, int]
    boxes: Mapping[int, Fee]
    triggers: tuple[int, ...]
    weights: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """One pattern: a place and the pieces there, with all that depends on these alone."""

    place: int
    mask: int
    cost: int


@dataclass(frozen=True, slots=True)
class Group:
    """Places whose containers are counted, or the lots there that hold some of a consignment in cuts.

    Parameters
    ----------
    mask
        The cuts of the consignment; 0 where all containers count.
    """

    places: tuple[int, ...]
    mask: int = 0

    def counts(self, column: Column) -> bool:
        """Say whether a pattern counts."""
        return column.place in self.places and (not self.mask or bool(column.mask & self.mask))


def bits(mask: int) -> Iterator[int]:
    """Iterate over the positions of the bits set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


def whole_piece(consignment: Consignment) -> Piece:
    """Return the piece that is all of a consignment."""
    volume_mm3, mass_g, count = part_totals(consignment, {})
    return Piece(consignment, volume_mm3, mass_g, count)


@dataclass(frozen=True)
class Layout:
    """Pieces, places and costs of a problem or of a part of it that stands alone.

    Parameters
    ----------
    cost
        Minor units of piece i as a lot at place q, all that is its own there; CLOSED where it cannot go.
    fees
        By place: the charges of one container there.
    limits
        By place: the most containers, where limited.
    """

    problem: ConsolidationProblem
    pieces: tuple[Piece, ...]
    places: tuple[Place, ...]
    cost: npt.NDArray[np.int64]
    fees: tuple[tuple[Fee, ...], ...]
    triggers: tuple[Trigger, ...]
    counters: tuple[Counter, ...]
    limits: Mapping[int, int]

    @cached_property
    def open(self) -> tuple[int, ...]:
        """By place: the mask of the pieces that can go there."""
        return tuple(mask_of(np.flatnonzero(self.cost[:, q] != CLOSED)) for q in range(len(self.places)))

    @cached_property
    def costs_at(self) -> list[list[int]]:
        """By place: `cost` of each piece, as plain numbers."""
        rows: list[list[int]] = self.cost.T.tolist()
        return rows

    @cached_property
    def volumes(self) -> npt.NDArray[np.int64]:
        """Volume of each piece in mm3."""
        return np.array([piece.volume_mm3 for piece in self.pieces], dtype=np.int64)

    @cached_property
    def masses(self) -> npt.NDArray[np.int64]:
        """Mass of each piece in grams."""
        return np.array([piece.mass_g for piece in self.pieces], dtype=np.int64)

    @cached_property
    def rows(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """By piece: the rows that say what must be carried, and how much of each the piece is."""
        row_of: dict[tuple[str, str | int], int] = {}
        found = []
        for i, piece in enumerate(self.pieces):
            name = piece.consignment.id
            held: list[tuple[str | int, int]] = [(i, 1)]
            if piece.grain is not None:
                held = [(piece.grain, piece.count)]
            elif piece.cut:
                held = [*piece.packages.items()]
            found.append(tuple((row_of.setdefault((name, key), len(row_of)), n) for key, n in held))
        return tuple(found)

    @cached_property
    def demand(self) -> tuple[int, ...]:
        """By row: how much must be carried."""
        most: dict[int, int] = {}
        for piece, rows in zip(self.pieces, self.rows, strict=True):
            quantity = {package.id: package.quantity for package in piece.consignment.packages}
            names = [piece.grain] if piece.grain is not None else list(piece.packages) if piece.cut else [None]
            for name, (row, _) in zip(names, rows, strict=True):
                most[row] = 1 if name is None else quantity[name]
        return tuple(most[row] for row in range(len(most)))

    @cached_property
    def amounts(self) -> npt.NDArray[np.int64]:
        """By piece and row: how much of the row the piece carries."""
        table = np.zeros((len(self.pieces), len(self.demand)), dtype=np.int64)
        for i, rows in enumerate(self.rows):
            for row, amount in rows:
                table[i, row] = amount
        return table

    @cached_property
    def pieces_of_row(self) -> tuple[int, ...]:
        """By row: the mask of its pieces, one unless they are grains or cuts."""
        return tuple(mask_of(np.flatnonzero(held)) for held in self.amounts.T)

    @cached_property
    def penalties(self) -> tuple[int, ...]:
        """By row: what leaving one of it behind counts as at least."""
        shared: dict[int, int] = {}
        for mask in self.choices:
            rows = {row for i in bits(mask) for row, _ in self.rows[i]}
            shared.update((row, len(rows) * self.demand[row]) for row in rows)
        return tuple(self.penalty // shared.get(row, 1) for row in range(len(self.demand)))

    @cached_property
    def loose(self) -> tuple[int, ...]:
        """The places of LCL and postal lots."""
        return tuple(q for q, place in enumerate(self.places) if place.mode is not Mode.FCL)

    @cached_property
    def grains(self) -> int:
        """Mask of the pieces that are grains."""
        return mask_of(i for i, piece in enumerate(self.pieces) if piece.grain is not None)

    @cached_property
    def choices(self) -> tuple[int, ...]:
        """Masks of the cuts of one consignment each: a lot holds at most one of them."""
        masks: dict[str, int] = {}
        for i, piece in enumerate(self.pieces):
            if piece.cut:
                masks[piece.consignment.id] = masks.get(piece.consignment.id, 0) | 1 << i
        return tuple(masks.values())

    @cached_property
    def choice_of(self) -> npt.NDArray[np.int64]:
        """By piece: the number of the consignment of which it is a cut, -1 where it is none."""
        numbers = np.full(len(self.pieces), -1, dtype=np.int64)
        for number, mask in enumerate(self.choices):
            numbers[self.indices(mask)] = number
        return numbers

    def indices(self, mask: int) -> npt.NDArray[np.int64]:
        """Return the pieces of a mask as an array."""
        if mask not in self._indices:
            self._indices[mask] = np.array(list(bits(mask)), dtype=np.int64)
        return self._indices[mask]

    @cached_property
    def _indices(self) -> dict[int, npt.NDArray[np.int64]]:
        return {}

    def linked(self, trigger: int, row: int) -> list[tuple[int, npt.NDArray[np.int64]]]:
        """Return by place the pieces of a row that set off a trigger."""
        held = self.pieces_of_row[row]
        found = ((q, mask & held) for q, mask in self.triggers[trigger].masks.items())
        return [(q, self.indices(mask)) for q, mask in found if mask]

    @cached_property
    def amassed(self) -> int:
        """Mask of the pieces that are grains or cuts: which of them travel is a matter of amounts."""
        return self.grains | mask_of(i for i, piece in enumerate(self.pieces) if piece.cut)

    @cached_property
    def triggers_at(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """By place: (trigger, mask) of every trigger that lots there may set off."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.places]
        for index, trigger in enumerate(self.triggers):
            for q, mask in trigger.masks.items():
                found[q].append((index, mask))
        return tuple(tuple(row) for row in found)

    @cached_property
    def stranded(self) -> int:
        """Mask of the pieces that may stay behind: no loose lot, and some place is limited or they are cuts."""
        loose = 0
        for q in self.loose:
            loose |= self.open[q]
        limited = any(self.open[q] for q in self.limits)
        cuts = self.amassed & ~self.grains
        return ((1 << len(self.pieces)) - 1 if limited else cuts) & ~loose

    @cached_property
    def penalty(self) -> int:
        """A cost greater than that of any plan: what leaving one piece, or part of a consignment, behind counts as."""
        cuts = sum((most_lots(self.pieces, mask) - 1) * self._dearest(mask) for mask in self.choices)
        lots = most_lots(self.pieces, (1 << len(self.pieces)) - 1)
        fees = sum(lots * fee.amount for row in self.fees for fee in row)
        return self.dear + cuts + (fees if self.choices else 0)

    @cached_property
    def dear(self) -> int:
        """A cost greater than that of any sensible plan: that of the dearest lots, no consignment in many of them."""
        whole = [i for i, piece in enumerate(self.pieces) if not piece.cut]
        own = int(self.cost[whole].max(axis=1, initial=0).sum()) + sum(self._dearest(mask) for mask in self.choices)
        goods = len(whole) + len(self.choices)
        fees = sum(goods * fee.amount for row in self.fees for fee in row)
        spanning = sum(trigger.cost for trigger in self.triggers) + sum(max(one.totals) for one in self.counters)
        return 1 + own + fees + spanning

    def _dearest(self, mask: int) -> int:
        return int(self.cost[self.indices(mask)].max(initial=0))

    def left(self, columns: Iterable[Column], absent: int = 0) -> int:
        """Count the pieces, and the consignments in cuts, of which these patterns leave something behind.

        Parameters
        ----------
        absent
            Pieces that do not travel and are not counted.
        """
        carried = np.zeros(len(self.demand), dtype=np.int64)
        for column in columns:
            carried += self.amounts[list(bits(column.mask))].sum(axis=0)
        away = {row for i in bits(absent) for row, _ in self.rows[i]}
        behind = np.flatnonzero(carried < np.array(self.demand, dtype=np.int64))
        return len({self.owners[row] for row in behind if row not in away})

    @cached_property
    def owners(self) -> tuple[str | int, ...]:
        """By row: the consignment in cuts to which it belongs, or the row itself."""
        owners: list[str | int] = list(range(len(self.demand)))
        for piece, rows in zip(self.pieces, self.rows, strict=True):
            for row, _ in rows if piece.cut else ():
                owners[row] = piece.consignment.id
        return tuple(owners)

    def repeats(self, column: Column) -> int:
        """Return how often a pattern may be chosen: once, unless it holds nothing but cuts."""
        if column.mask & ~self.amassed or column.mask & self.grains:
            return 1
        held = self.amounts[list(bits(column.mask))].sum(axis=0)
        return int(min(self.demand[row] // held[row] for row in np.flatnonzero(held)))

    def column(self, place: int, mask: int) -> Column:
        """Return the pattern of these pieces at this place with its exact cost."""
        # Called for every pattern that a search lists, hence one loop over plain numbers.
        costs, masses = self.costs_at[place], self._masses
        cost = mass_g = 0
        left = mask
        while left:
            low = left & -left
            i = low.bit_length() - 1
            cost += costs[i]
            mass_g += masses[i]
            left ^= low
        for held, over_g, amount in self._fees_at[place]:
            if mask & held and mass_g > over_g:
                cost += amount
        return Column(place, mask, cost)

    @cached_property
    def _masses(self) -> list[int]:
        return [piece.mass_g for piece in self.pieces]

    @cached_property
    def _fees_at(self) -> list[list[tuple[int, int, int]]]:
        """By place: (pieces, cargo mass over which it is due, amount) of each fee of a container."""
        return [
            [
                (fee.mask, -1 if fee.over_g is None or kind is None else fee.over_g - kind.tare_g, fee.amount)
                for fee in row
            ]
            for row, kind in ((row, place.container_type) for row, place in zip(self.fees, self.places, strict=True))
        ]

    def fires(self, place: int, fee: Fee, mask: int) -> bool:
        """Say whether a container with these pieces sets off a fee."""
        if not mask & fee.mask:
            return False
        kind = self.places[place].container_type
        return fee.over_g is None or kind is None or self.mass_of(mask) + kind.tare_g > fee.over_g

    def mass_of(self, mask: int) -> int:
        """Return the cargo mass of these pieces in grams."""
        return sum(self.pieces[i].mass_g for i in bits(mask))

    def counted(self, column: Column) -> Iterator[tuple[int, int]]:
        """Yield (counter, number of its lines that the pattern brings by itself)."""
        for index, counter in enumerate(self.counters):
            met = column.mask & counter.lots.get(column.place, 0)
            weights = counter.weights
            lines = met.bit_count() if weights is None else sum(weights[i] for i in bits(met))
            box = counter.boxes.get(column.place)
            if box is not None and self.fires(column.place, box, column.mask):
                lines += 1
            if lines:
                yield index, lines

    def total(self, columns: Iterable[Column]) -> int:
        """Return what these patterns cost together, triggers and counters included."""
        chosen = list(columns)
        fired = [
            any(column.mask & trigger.masks.get(column.place, 0) for column in chosen) for trigger in self.triggers
        ]
        lines = [sum(fired[s] for s in counter.triggers) for counter in self.counters]
        for column in chosen:
            for index, count in self.counted(column):
                lines[index] += count
        return (
            sum(column.cost for column in chosen)
            + sum(trigger.cost for trigger, on in zip(self.triggers, fired, strict=True) if on)
            + sum(counter.totals[n] for counter, n in zip(self.counters, lines, strict=True))
        )

    def restricted(self, keep: Sequence[int]) -> "Layout":
        """Return the layout of some of the pieces; triggers of a single piece become its own cost."""
        return _restricted(self, keep)


def mask_of(indices: Iterable[int]) -> int:
    """Return the mask of these positions."""
    mask = 0
    for index in indices:
        mask |= 1 << int(index)
    return mask


def _union(masks: Iterable[int]) -> int:
    together = 0
    for mask in masks:
        together |= mask
    return together


def most_lots(pieces: Sequence[Piece], mask: int) -> int:
    """Return the most lots in which these pieces can travel; cuts of a consignment make one a package at most."""
    cut: dict[str, int] = {}
    lots = 0
    for i in bits(mask):
        one = pieces[i].consignment
        if pieces[i].cut:
            cut[one.id] = sum(package.quantity for package in one.packages)
        else:
            lots += 1
    return lots + sum(cut.values())


def _restricted(layout: Layout, keep: Sequence[int]) -> Layout:
    new = {old: index for index, old in enumerate(keep)}
    inside = mask_of(keep)
    all_kept = list(keep) == list(range(len(layout.pieces)))
    pieces = tuple(layout.pieces[i] for i in keep)

    def shrink(mask: int) -> int:
        return mask if all_kept else mask_of(new[i] for i in bits(mask & inside))

    cost = layout.cost[list(keep)].copy()
    used = [q for q in range(len(layout.places)) if (cost[:, q] != CLOSED).any()]
    at = {old: index for index, old in enumerate(used)}
    cost = cost[:, used]
    is_open = [mask_of(np.flatnonzero(cost[:, q] != CLOSED)) for q in range(len(used))]

    def narrowed(masks: Mapping[int, int]) -> dict[int, int]:
        found = {at[q]: shrink(mask) & is_open[at[q]] for q, mask in masks.items() if q in at}
        return {q: mask for q, mask in found.items() if mask}

    fees = tuple(
        tuple(
            Fee(mask, fee.over_g, fee.amount) for fee in layout.fees[q] if (mask := shrink(fee.mask) & is_open[at[q]])
        )
        for q in used
    )
    triggers: list[Trigger] = []
    moved: dict[int, int] = {}
    single: dict[int, dict[int, int]] = {}
    for index, trigger in enumerate(layout.triggers):
        masks = narrowed(trigger.masks)
        together = _union(masks.values())
        alone = together.bit_count() == 1 and not pieces[together.bit_length() - 1].cut
        if alone and not trigger.counted and pieces[together.bit_length() - 1].grain is None:
            for q in masks:
                cost[together.bit_length() - 1, q] += trigger.cost
        elif alone:
            single[index] = masks
        elif masks:
            moved[index] = len(triggers)
            triggers.append(Trigger(trigger.cost, masks, trigger.counted))
    counters = []
    for counter in layout.counters:
        lots = narrowed(counter.lots)
        for s in counter.triggers:
            # A trigger of one piece is a lot that counts by itself.
            for q, mask in single.get(s, {}).items():
                lots[q] = lots.get(q, 0) | mask
        boxes = {
            at[q]: Fee(mask, fee.over_g, 0)
            for q, fee in counter.boxes.items()
            if q in at and (mask := shrink(fee.mask) & is_open[at[q]])
        }
        kept = tuple(moved[s] for s in counter.triggers if s in moved)
        weights = tuple(counter.weights[i] for i in keep) if counter.weights is not None else None
        if lots or boxes or kept:
            counters.append(
                _shortened(replace(counter, lots=lots, boxes=boxes, triggers=kept, weights=weights), pieces)
            )
    limits = {
        at[q]: limit for q, limit in layout.limits.items() if q in at and limit < most_lots(pieces, is_open[at[q]])
    }
    return Layout(
        problem=layout.problem,
        pieces=pieces,
        places=tuple(layout.places[q] for q in used),
        cost=cost,
        fees=fees,
        triggers=tuple(triggers),
        counters=tuple(counters),
        limits=limits,
    )


def _shortened(counter: Counter, pieces: Sequence[Piece]) -> Counter:
    """Leave out the totals of more lines than these pieces can bring."""
    if counter.weights is not None:
        return counter
    most = most_lots(pieces, _union(counter.lots.values())) + len(counter.triggers)
    most += most_lots(pieces, _union(fee.mask for fee in counter.boxes.values()))
    return replace(counter, totals=counter.totals[: most + 1])
