"""Building the tables of a problem: what every piece costs at every place, and what spans lots."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from optimizer.consolidation.charges import delay_amount, line_amount, lot_units, passes, value_units, waiting_days
from optimizer.consolidation.cuts import Shared, number_in, shared_cost
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.patterns import (
    CLOSED,
    Counter,
    Fee,
    Layout,
    Piece,
    Place,
    Trigger,
    bits,
    mask_of,
    most_lots,
)
from optimizer.problem import LOT_BASES, Basis, Charge, ConsolidationProblem, Departure, Mode

DELAY = -1
"""Stands for the delay cost among the indices of value charges."""

COUNTED_BASES = frozenset({Basis.CONTAINER, Basis.BILL_OF_LADING, Basis.CONSIGNMENT, Basis.MEMBER})
"""Bases whose price breaks are reached by the number of lines on a departure."""


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
        self.bills: dict[tuple[int, str], dict[int, int]] = {}
        """(counted charge, departure) -> place -> cuts that give a line each."""

    def build(self) -> Layout:
        for i in range(len(self.pieces)):
            self._open(i)
        for i, q in sorted(self.lots):
            self._price(i, q)
        pools = self._pools()
        cost = np.full((len(self.pieces), len(self.places)), CLOSED, dtype=np.int64)
        for (i, q), amount in self.lots.items():
            cost[i, q] = amount
        fees, boxes = self._fees()
        triggers, counters = self._spanning(boxes)
        counters += pools
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
        # Value lines and the delay of all cuts on a departure are rounded together: see `_pools`.
        own = 0 if piece.cut else delay_amount(self.problem, piece.consignment, place.departure, piece.volume_mm3)
        for index in self._charges(i, q):
            charge = self.problem.charges[index]
            if charge.basis in LOT_BASES:
                units = lot_units(
                    charge, self.problem.settings, place.mode, piece.volume_mm3, piece.mass_g, piece.count
                )
                own += line_amount(charge, units)
            elif charge.basis is Basis.VALUE:
                if piece.cut:
                    continue
                own += line_amount(charge, value_units(piece.consignment, piece.volume_mm3))
            elif charge.basis is Basis.CONTAINER:
                if place.mode is Mode.FCL:
                    self.fees[index, q] = self.fees.get((index, q), 0) | 1 << i
            elif charge.basis is Basis.BILL_OF_LADING and piece.cut and place.mode is not Mode.FCL:
                if is_counted(charge):
                    bills = self.bills.setdefault((index, place.departure.id), {})
                    bills[q] = bills.get(q, 0) | 1 << i
                else:
                    own += line_amount(charge, 1)
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

    def _pools(self) -> tuple[Counter, ...]:
        """Price value lines and delay of cuts: in part lot by lot, the rest by what travels together on a departure."""
        cut: dict[str, list[int]] = {}
        for i, piece in enumerate(self.pieces):
            if piece.cut:
                cut.setdefault(piece.consignment.id, []).append(i)
        counters: list[Counter] = []
        for members in cut.values():
            one = self.pieces[members[0]].consignment
            weights = [0] * len(self.pieces)
            for i in members:
                weights[i] = number_in(one, self.pieces[i].packages)
            known: dict[tuple[int, tuple[int, ...], bool], Shared] = {}
            for departure, values, lots in self._pooled(members):
                delay = values[-1:] == (DELAY,)
                met = tuple(index for index in values if index != DELAY)
                key = (waiting_days(self.problem, one, departure) if delay else 0, met, delay)
                if key not in known:
                    charges = [self.problem.charges[index] for index in met]
                    known[key] = shared_cost(self.problem, one, departure, charges, delay)
                for q, mask in lots.items():
                    for i in bits(mask):
                        self.lots[i, q] += known[key].own(self.pieces[i].packages)
                if any(known[key].totals):
                    counters.append(Counter(known[key].totals, lots, {}, (), tuple(weights)))
        return tuple(counters)

    def _pooled(self, members: Sequence[int]) -> Iterator[tuple[Departure, tuple[int, ...], dict[int, int]]]:
        """Yield value charges (and DELAY) that meet the same lots of a consignment on a departure, with these lots."""
        open_at: dict[str, dict[int, int]] = {}
        for q, place in enumerate(self.places):
            if mask := mask_of(i for i in members if (i, q) in self.lots):
                open_at.setdefault(place.departure.id, {})[q] = mask
        for lots in open_at.values():
            groups: dict[tuple[int, ...], list[int]] = {tuple(lots): [DELAY]}
            for index, charge in enumerate(self.problem.charges):
                if charge.basis is Basis.VALUE:
                    met = tuple(q for q in lots if index in self._charges(members[0], q))
                    if met:
                        groups.setdefault(met, []).insert(0, index)
            for where, values in groups.items():
                yield self.places[where[0]].departure, tuple(values), {q: lots[q] for q in where}

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
        counted: dict[tuple[int, str], list[dict[int, int]]] = {key: [] for key in (*boxes, *self.bills)}
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
            bills = self.bills.get((index, departure), {})
            # A consignment in cuts has a lot for each loose mode at most.
            most = len(groups) + most_lots(self.pieces, (1 << len(self.pieces)) - 1)
            totals = tuple(n * line_amount(charge, 1, n) if n else 0 for n in range(most + 1))
            first = len(triggers)
            triggers.extend(Trigger(0, masks, counted=True) for masks in groups)
            counters.append(Counter(totals, bills, held, tuple(range(first, len(triggers)))))
        return tuple(triggers), tuple(counters)


def is_counted(charge: Charge) -> bool:
    """Say whether the number of lines on a departure changes what a line of this charge costs."""
    return charge.basis in COUNTED_BASES and len({line_amount(charge, 1, s.from_units) for s in charge.steps}) > 1
