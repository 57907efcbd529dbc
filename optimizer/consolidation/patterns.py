"""What one container or loose lot can carry and what it costs: the tables on which every exact search works.

A *pattern* is one container (departure, type, contents) or one LCL or postal lot. Nearly everything that a
pattern costs depends on its contents alone; what does not is kept apart: *triggers* (a cost paid once when
any of some lots travels, as a fee per departure, per joint bill or per member) and *counters* (price breaks
reached by a number of lines). Sets of pieces are bit masks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from optimizer.consolidation.charges import delay_amount, line_amount, lot_units, part_totals, passes, value_units
from optimizer.consolidation.options import feasible_options
from optimizer.problem import (
    LOT_BASES,
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
)

CLOSED = -1
"""In `Layout.cost`: the piece cannot go to that place."""

COUNTED_BASES = frozenset({Basis.CONTAINER, Basis.BILL_OF_LADING, Basis.CONSIGNMENT, Basis.MEMBER})
"""Bases whose price breaks are reached by the number of lines on a departure."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A consignment, or a fixed part of it, that travels undivided; `packages` is empty for a whole one.

    A *grain* (`grain` names its package) stands for any number of loads of `count` packages of a consignment that
    can be split: grains serve bounds only, and all grains of a package together carry its quantity.
    """

    consignment: Consignment
    volume_mm3: int
    mass_g: int
    count: int
    packages: Mapping[str, int] = field(default_factory=dict)
    grain: str | None = None


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
    """

    totals: tuple[int, ...]
    lots: Mapping[int, int]
    boxes: Mapping[int, Fee]
    triggers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One pattern: a place and the pieces there, with all that depends on these alone."""

    place: int
    mask: int
    cost: int


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
        return tuple(_mask(np.flatnonzero(self.cost[:, q] != CLOSED)) for q in range(len(self.places)))

    @cached_property
    def volumes(self) -> npt.NDArray[np.int64]:
        """Volume of each piece in mm3."""
        return np.array([piece.volume_mm3 for piece in self.pieces], dtype=np.int64)

    @cached_property
    def masses(self) -> npt.NDArray[np.int64]:
        """Mass of each piece in grams."""
        return np.array([piece.mass_g for piece in self.pieces], dtype=np.int64)

    @cached_property
    def choices(self) -> npt.NDArray[np.int64]:
        """By piece: of those with the same number >= 0 one container holds at most one; -1 where any may be together."""
        return np.full(len(self.pieces), -1, dtype=np.int64)

    @cached_property
    def rows(self) -> tuple[tuple[int, int], ...]:
        """By piece: the row that says what must be carried, and how much of it the piece is."""
        row_of: dict[tuple[str, str | None, int], int] = {}
        found = []
        for i, piece in enumerate(self.pieces):
            key = (piece.consignment.id, piece.grain, i if piece.grain is None else -1)
            found.append((row_of.setdefault(key, len(row_of)), 1 if piece.grain is None else piece.count))
        return tuple(found)

    @cached_property
    def demand(self) -> tuple[int, ...]:
        """By row: how much must be carried."""
        most: dict[int, int] = {}
        for piece, (row, _) in zip(self.pieces, self.rows, strict=True):
            held = (package.quantity for package in piece.consignment.packages if package.id == piece.grain)
            most[row] = 1 if piece.grain is None else next(held)
        return tuple(most[row] for row in range(len(most)))

    @cached_property
    def pieces_of_row(self) -> tuple[int, ...]:
        """By row: the mask of its pieces, one unless they are grains."""
        masks = [0] * len(self.demand)
        for i, (row, _) in enumerate(self.rows):
            masks[row] |= 1 << i
        return tuple(masks)

    @cached_property
    def loose(self) -> tuple[int, ...]:
        """The places of LCL and postal lots."""
        return tuple(q for q, place in enumerate(self.places) if place.mode is not Mode.FCL)

    @cached_property
    def grains(self) -> int:
        """Mask of the pieces that are grains."""
        return _mask(i for i, piece in enumerate(self.pieces) if piece.grain is not None)

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
        """Mask of the pieces that a limit may leave behind: no loose lot, and some place is limited."""
        loose = 0
        for q, place in enumerate(self.places):
            if place.mode is not Mode.FCL:
                loose |= self.open[q]
        limited = any(self.open[q] for q in self.limits)
        return ((1 << len(self.pieces)) - 1) & ~loose if limited else 0

    @cached_property
    def penalty(self) -> int:
        """A cost greater than that of any plan: what leaving one piece behind counts as."""
        fees = sum(len(self.pieces) * fee.amount for row in self.fees for fee in row)
        spanning = sum(trigger.cost for trigger in self.triggers) + sum(max(one.totals) for one in self.counters)
        return 1 + int(self.cost.max(axis=1, initial=0).sum()) + fees + spanning

    def column(self, place: int, mask: int) -> Column:
        """Return the pattern of these pieces at this place with its exact cost."""
        cost = sum(int(self.cost[i, place]) for i in bits(mask))
        for fee in self.fees[place]:
            if self.fires(place, fee, mask):
                cost += fee.amount
        return Column(place, mask, cost)

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
            lines = (column.mask & counter.lots.get(column.place, 0)).bit_count()
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


def _mask(indices: Iterable[int]) -> int:
    mask = 0
    for index in indices:
        mask |= 1 << int(index)
    return mask


def layout_of(problem: ConsolidationProblem, pieces: Iterable[Piece]) -> Layout:
    """Build the tables for these pieces, which must have at least one option each to be carried at all."""
    return _Builder(problem, tuple(pieces)).build()


class _Builder:
    """Collects costs, fees, triggers and counters lot by lot."""

    def __init__(self, problem: ConsolidationProblem, pieces: tuple[Piece, ...]) -> None:
        self.problem = problem
        self.pieces = pieces
        self.places: list[Place] = []
        self.index: dict[tuple[str, Mode, str | None], int] = {}
        self.lots: dict[tuple[int, int], int] = {}
        self.met: dict[tuple[object, ...], tuple[int, ...]] = {}
        self.fees: dict[tuple[int, int], int] = {}
        self.groups: dict[tuple[int, str, str], dict[int, int]] = {}
        """(charge, departure, group within it) -> place -> pieces: what gives one line."""

    def build(self) -> Layout:
        for i in range(len(self.pieces)):
            self._open(i)
        for i, q in sorted(self.lots):
            self._price(i, q)
        cost = np.full((len(self.pieces), len(self.places)), CLOSED, dtype=np.int64)
        for (i, q), amount in self.lots.items():
            cost[i, q] = amount
        fees, boxes = self._fees()
        triggers, counters = self._spanning(boxes)
        limits = {
            q: place.departure.container_limits[place.container_type.code]
            for q, place in enumerate(self.places)
            if place.container_type is not None and place.container_type.code in place.departure.container_limits
        }
        every = Layout(self.problem, self.pieces, tuple(self.places), cost, fees, triggers, counters, limits)
        return every.restricted(range(len(self.pieces)))

    def _open(self, i: int) -> None:
        piece = self.pieces[i]
        for option in feasible_options(self.problem, piece.consignment):
            kind = option.container_type
            if kind is not None and (piece.volume_mm3 > kind.usable_volume_mm3 or piece.mass_g > kind.payload_g):
                continue
            if kind is not None and not all(
                package.fits(kind)
                for package in piece.consignment.packages
                if not piece.packages or piece.packages.get(package.id)
            ):
                continue
            key = (option.departure.id, option.mode, kind.code if kind else None)
            if key not in self.index:
                self.index[key] = len(self.places)
                self.places.append(Place(option.departure, option.mode, kind))
            self.lots[i, self.index[key]] = 0

    def _charges(self, i: int, q: int) -> tuple[int, ...]:
        one, place = self.pieces[i].consignment, self.places[q]
        key = (q, one.member, one.cargo_class, one.origin, one.destination)
        if key not in self.met:
            self.met[key] = tuple(
                index
                for index, charge in enumerate(self.problem.charges)
                if passes(charge, one, place.departure, place.mode, place.container_type)
            )
        return self.met[key]

    def _price(self, i: int, q: int) -> None:
        piece, place = self.pieces[i], self.places[q]
        own = delay_amount(self.problem, piece.consignment, place.departure, piece.volume_mm3)
        for index in self._charges(i, q):
            charge = self.problem.charges[index]
            if charge.basis in LOT_BASES:
                units = lot_units(
                    charge, self.problem.settings, place.mode, piece.volume_mm3, piece.mass_g, piece.count
                )
                own += line_amount(charge, units)
            elif charge.basis is Basis.VALUE:
                own += line_amount(charge, value_units(piece.consignment, piece.volume_mm3))
            elif charge.basis is Basis.CONTAINER:
                if place.mode is Mode.FCL:
                    self.fees[index, q] = self.fees.get((index, q), 0) | 1 << i
            else:
                group = self.groups.setdefault((index, place.departure.id, self._group(charge, i, place)), {})
                group[q] = group.get(q, 0) | 1 << i
        self.lots[i, q] = own

    def _group(self, charge: Charge, i: int, place: Place) -> str:
        """Name what gives one line of a charge on a departure."""
        consignment = self.pieces[i].consignment
        match charge.basis:
            case Basis.BILL_OF_LADING:
                return "" if place.mode is Mode.FCL else f"{place.mode}:{i}"
            case Basis.CONSIGNMENT:
                return consignment.id
            case Basis.MEMBER:
                return consignment.member
            case _:
                return ""

    def _fees(self) -> tuple[tuple[tuple[Fee, ...], ...], dict[tuple[int, str], dict[int, Fee]]]:
        """Return the plain container fees by place, and those with price breaks by (charge, departure)."""
        plain: list[list[Fee]] = [[] for _ in self.places]
        broken: dict[tuple[int, str], dict[int, Fee]] = {}
        for (index, q), mask in self.fees.items():
            charge = self.problem.charges[index]
            if is_counted(charge):
                group = broken.setdefault((index, self.places[q].departure.id), {})
                group[q] = Fee(mask, charge.gross_mass_over_g, 0)
            elif amount := line_amount(charge, 1):
                plain[q].append(Fee(mask, charge.gross_mass_over_g, amount))
        return tuple(tuple(row) for row in plain), broken

    def _spanning(
        self, boxes: Mapping[tuple[int, str], Mapping[int, Fee]]
    ) -> tuple[tuple[Trigger, ...], tuple[Counter, ...]]:
        paid: dict[tuple[tuple[int, int], ...], int] = {}
        counted: dict[tuple[int, str], list[dict[int, int]]] = {key: [] for key in boxes}
        for (index, departure, _), masks in self.groups.items():
            charge = self.problem.charges[index]
            if is_counted(charge):
                counted.setdefault((index, departure), []).append(masks)
            elif amount := line_amount(charge, 1):
                key = tuple(sorted(masks.items()))
                paid[key] = paid.get(key, 0) + amount
        triggers = [Trigger(amount, dict(key)) for key, amount in paid.items()]
        counters: list[Counter] = []
        for (index, departure), groups in counted.items():
            charge = self.problem.charges[index]
            held = boxes.get((index, departure), {})
            most = len(groups) + len(self.pieces)
            totals = tuple(n * line_amount(charge, 1, n) if n else 0 for n in range(most + 1))
            first = len(triggers)
            triggers.extend(Trigger(0, masks, counted=True) for masks in groups)
            counters.append(Counter(totals, {}, held, tuple(range(first, len(triggers)))))
        return tuple(triggers), tuple(counters)


def is_counted(charge: Charge) -> bool:
    """Say whether the number of lines on a departure changes what a line of this charge costs."""
    return charge.basis in COUNTED_BASES and len({line_amount(charge, 1, s.from_units) for s in charge.steps}) > 1


def _restricted(layout: Layout, keep: Sequence[int]) -> Layout:
    new = {old: index for index, old in enumerate(keep)}

    def shrink(mask: int) -> int:
        return _mask(new[i] for i in bits(mask) if i in new)

    cost = layout.cost[list(keep)].copy()
    used = [q for q in range(len(layout.places)) if (cost[:, q] != CLOSED).any()]
    at = {old: index for index, old in enumerate(used)}
    cost = cost[:, used]
    is_open = [_mask(np.flatnonzero(cost[:, q] != CLOSED)) for q in range(len(used))]

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
        together = _mask(i for mask in masks.values() for i in bits(mask))
        if (
            together.bit_count() == 1
            and not trigger.counted
            and layout.pieces[keep[together.bit_length() - 1]].grain is None
        ):
            for q in masks:
                cost[together.bit_length() - 1, q] += trigger.cost
        elif together.bit_count() == 1:
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
        if lots or boxes or kept:
            most = len({i for mask in lots.values() for i in bits(mask)}) + len(kept)
            most += len({i for fee in boxes.values() for i in bits(fee.mask)})
            counters.append(Counter(counter.totals[: most + 1], lots, boxes, kept))
    limits = {at[q]: limit for q, limit in layout.limits.items() if q in at and limit < is_open[at[q]].bit_count()}
    return Layout(
        problem=layout.problem,
        pieces=tuple(layout.pieces[i] for i in keep),
        places=tuple(layout.places[q] for q in used),
        cost=cost,
        fees=fees,
        triggers=tuple(triggers),
        counters=tuple(counters),
        limits=limits,
    )
