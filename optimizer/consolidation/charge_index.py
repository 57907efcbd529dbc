"""Prices for searches: the charges that pieces meet as bit masks, so that a departure is priced in microseconds.

The answer is the one of `charges.price`, to the minor unit; only the lines are not written down. What a lot, a
container or a departure pays splits into what a lot decides by itself (its own amount) and into charges that
span lots, which a bit mask remembers: bit i stands for ``problem.charges[i]``.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from optimizer.consolidation.charges import (
    delay_amount,
    line_amount,
    lot_units,
    part_totals,
    passes,
    value_units,
)
from optimizer.problem import (
    LOT_BASES,
    Basis,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
)


@dataclass(frozen=True, eq=False, slots=True)
class Piece:
    """A consignment, or a part of it, that travels as one lot; two pieces are the same only if they are one object.

    Parameters
    ----------
    quantities
        (package id, quantity) of a part; None for the whole consignment.
    """

    consignment: Consignment
    quantities: tuple[tuple[str, int], ...] | None
    volume_mm3: int
    mass_g: int
    packages: int


def whole_piece(consignment: Consignment) -> Piece:
    """Return the piece that is the whole consignment."""
    return Piece(consignment, None, *part_totals(consignment, {}))


def part_piece(consignment: Consignment, quantities: dict[str, int]) -> Piece:
    """Return the piece with these packages; the whole one when nothing is missing."""
    if all(quantities.get(package.id, 0) == package.quantity for package in consignment.packages):
        return whole_piece(consignment)
    ordered = tuple((one.id, quantities[one.id]) for one in consignment.packages if quantities.get(one.id))
    return Piece(consignment, ordered, *consignment.part_totals(dict(ordered)))


@dataclass(frozen=True, eq=False, slots=True)
class Load:
    """Pieces in one container with what they cost by themselves and the charges that they meet together."""

    departure: Departure
    container_type: ContainerType
    pieces: tuple[Piece, ...]
    volume_mm3: int
    mass_g: int
    classes: frozenset[str]
    own_minor: int
    met: int
    members: tuple[tuple[str, int], ...]
    parts: tuple[tuple[Piece, int], ...]
    """Parts of consignments with all the charges that they pass."""
    counted: tuple[tuple[str, int], ...]
    """Consignments with their charges that have price breaks by the number of consignments."""


@dataclass(frozen=True, eq=False, slots=True)
class Sailing:
    """Everything on one departure, priced."""

    departure: Departure
    loads: tuple[Load, ...]
    loose: tuple[tuple[Mode, Piece], ...]
    cost_minor: int


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class ChargeIndex:
    """Looks up and adds up the charges of one problem quickly.

    Parameters
    ----------
    problem
        The problem; the index remembers what it once priced.
    """

    def __init__(self, problem: ConsolidationProblem) -> None:
        self.problem = problem
        self.work = 0
        """Loads and loose lots priced so far, and six for each sailing: a deterministic measure of effort."""
        self._passing: dict[tuple[str, ...], int] = {}
        self._terms: dict[tuple[Piece, str, Mode, str], tuple[int, int]] = {}
        self._sums: dict[int, int] = {}
        self._stepped_sums: dict[tuple[int, int], int] = {}
        self._lot = self._mask(*LOT_BASES)
        self._value = self._mask(Basis.VALUE)
        self._stepped = sum(1 << bit for bit, one in enumerate(problem.charges) if one.steps) & ~self._lot
        self._heavy = sum(1 << bit for bit, one in enumerate(problem.charges) if one.gross_mass_over_g is not None)
        self._container = self._mask(Basis.CONTAINER)
        self._bill = self._mask(Basis.BILL_OF_LADING)
        self._consignment = self._mask(Basis.CONSIGNMENT)
        self._member = self._mask(Basis.MEMBER)
        self._departure = self._mask(Basis.DEPARTURE)
        spanning = (Basis.CONTAINER, Basis.BILL_OF_LADING, Basis.MEMBER, Basis.CONSIGNMENT)
        self._broken = {basis: tuple(_bits(self._mask(basis) & self._stepped)) for basis in spanning}
        self._broken_consignment = self._consignment & self._stepped

    def _mask(self, *bases: Basis) -> int:
        return sum(1 << bit for bit, charge in enumerate(self.problem.charges) if charge.basis in bases)

    def passing(
        self, consignment: Consignment, departure: Departure, mode: Mode, container_type: ContainerType | None
    ) -> int:
        """Return the bit mask of the charges whose filters a lot passes."""
        code = container_type.code if container_type else ""
        key = (
            consignment.member,
            consignment.cargo_class,
            consignment.origin,
            consignment.destination,
            departure.id,
            mode,
            code,
        )
        if key not in self._passing:
            self._passing[key] = sum(
                1 << bit
                for bit, charge in enumerate(self.problem.charges)
                if passes(charge, consignment, departure, mode, container_type)
            )
        return self._passing[key]

    def term(
        self, piece: Piece, departure: Departure, mode: Mode, container_type: ContainerType | None = None
    ) -> tuple[int, int]:
        """Return (own amount in minor units, mask of the spanning charges met) of one piece as a lot.

        The own amount holds the lot lines, the bill of a loose lot, and for a whole consignment its delay
        cost and its value and consignment lines; charges with price breaks across lots stay in the mask.
        """
        key = (piece, departure.id, mode, container_type.code if container_type else "")
        if key not in self._terms:
            self._terms[key] = self._new_term(piece, departure, mode, container_type)
        return self._terms[key]

    def _new_term(
        self, piece: Piece, departure: Departure, mode: Mode, container_type: ContainerType | None
    ) -> tuple[int, int]:
        charges, consignment = self.problem.charges, piece.consignment
        met = self.passing(consignment, departure, mode, container_type)
        own = sum(
            line_amount(
                charges[bit],
                lot_units(charges[bit], self.problem.settings, mode, piece.volume_mm3, piece.mass_g, piece.packages),
            )
            for bit in _bits(met & self._lot)
        )
        settled = self._lot
        if mode is not Mode.FCL:
            own += self._once(met & self._bill & ~self._stepped)
            settled |= (self._bill & ~self._stepped) | self._container
        if piece.quantities is None:
            own += self._once(met & self._consignment & ~self._stepped)
            own += self._of_goods(consignment, departure, [(piece.volume_mm3, met)])
            settled |= (self._consignment & ~self._stepped) | self._value
        return own, met & ~settled

    def _once(self, mask: int) -> int:
        """Return the sum of one line of one unit of every charge in a mask."""
        if mask not in self._sums:
            self._sums[mask] = sum(line_amount(self.problem.charges[bit], 1, 1) for bit in _bits(mask))
        return self._sums[mask]

    def _of_goods(self, consignment: Consignment, departure: Departure, parts: Sequence[tuple[int, int]]) -> int:
        """Return the value lines and the delay cost of the parts (volume_mm3, mask) of one consignment."""
        total = delay_amount(self.problem, consignment, departure, sum(volume_mm3 for volume_mm3, _ in parts))
        union = 0
        for _, met in parts:
            union |= met
        for bit in _bits(union & self._value):
            volume_mm3 = sum(volume for volume, met in parts if met >> bit & 1)
            total += line_amount(self.problem.charges[bit], value_units(consignment, volume_mm3))
        return total

    def load(self, departure: Departure, container_type: ContainerType, pieces: Iterable[Piece]) -> Load:
        """Return a priced load of these pieces, feasible or not."""
        held = tuple(pieces)
        volume_mm3 = mass_g = own = met = 0
        parts: list[tuple[Piece, int]] = []
        counted: list[tuple[str, int]] = []
        members: dict[str, int] = {}
        for piece in held:
            volume_mm3 += piece.volume_mm3
            mass_g += piece.mass_g
            amount, mask = self.term(piece, departure, Mode.FCL, container_type)
            own += amount
            met |= mask
            members[piece.consignment.member] = members.get(piece.consignment.member, 0) | mask
            self._note(piece, mask, (departure, Mode.FCL, container_type), parts, counted)
        gross_mass_g = container_type.tare_g + mass_g
        for bit in _bits(met & self._heavy):
            if gross_mass_g <= (self.problem.charges[bit].gross_mass_over_g or 0):
                met ^= 1 << bit
        return Load(
            departure=departure,
            container_type=container_type,
            pieces=held,
            volume_mm3=volume_mm3,
            mass_g=mass_g,
            classes=frozenset(piece.consignment.cargo_class for piece in held),
            own_minor=own + self._once(met & self._container & ~self._stepped),
            met=met,
            members=tuple(members.items()),
            parts=tuple(parts),
            counted=tuple(counted),
        )

    def _note(
        self,
        piece: Piece,
        mask: int,
        way: tuple[Departure, Mode, ContainerType | None],
        parts: list[tuple[Piece, int]],
        counted: list[tuple[str, int]],
    ) -> None:
        """Remember of a piece what cannot be priced lot by lot."""
        if piece.quantities is not None:
            parts.append((piece, self.passing(piece.consignment, *way)))
        if mask & self._broken_consignment:
            counted.append((piece.consignment.id, mask))

    def sailing(
        self, departure: Departure, loads: Iterable[Load] = (), loose: Iterable[tuple[Mode, Piece]] = ()
    ) -> Sailing:
        """Return everything on one departure with its exact cost."""
        held, lots = tuple(loads), tuple(loose)
        return Sailing(departure, held, lots, self.cost(departure, held, lots))

    def cost(self, departure: Departure, loads: Sequence[Load], loose: Sequence[tuple[Mode, Piece]]) -> int:
        """Return what these loads and loose lots cost together on one departure."""
        self.work += 6 + len(loads) + len(loose)
        total = together = 0
        members: dict[str, int] = {}
        bills: list[int] = []
        parts: list[tuple[Piece, int]] = []
        counted: list[tuple[str, int]] = []
        for load in loads:
            total += load.own_minor
            together |= load.met
            for member, mask in load.members:
                members[member] = members.get(member, 0) | mask
            parts += load.parts
            counted += load.counted
        joint = together
        for mode, piece in loose:
            amount, mask = self.term(piece, departure, mode)
            total += amount
            together |= mask
            member = piece.consignment.member
            members[member] = members.get(member, 0) | mask
            bills.append(mask)
            self._note(piece, mask, (departure, mode, None), parts, counted)
        plain = ~self._stepped
        total += self._once(joint & self._bill & plain) + self._once(together & self._departure)
        total += sum(self._once(mask & self._member & plain) for mask in members.values())
        if parts:
            total += self._parts(departure, parts)
        if together & self._stepped:
            total += self._lines(Basis.CONTAINER, [load.met for load in loads])
            total += self._lines(Basis.BILL_OF_LADING, [joint, *bills])
            total += self._lines(Basis.MEMBER, members.values())
            total += self._lines(Basis.CONSIGNMENT, _united(counted).values())
        return total

    def _parts(self, departure: Departure, parts: Iterable[tuple[Piece, int]]) -> int:
        """Return what consignments pay that travel in parts: consignment lines, value lines, delay."""
        split: dict[str, list[tuple[Piece, int]]] = {}
        for piece, met in parts:
            split.setdefault(piece.consignment.id, []).append((piece, met))
        total = 0
        for together in split.values():
            union = 0
            for _, met in together:
                union |= met
            total += self._once(union & self._consignment & ~self._stepped)
            volumes = [(piece.volume_mm3, met) for piece, met in together]
            total += self._of_goods(together[0][0].consignment, departure, volumes)
        return total

    def _lines(self, basis: Basis, masks: Iterable[int]) -> int:
        """Return the lines of charges with price breaks across lots: the number of lines decides the price."""
        total = 0
        for bit in self._broken[basis]:
            count = sum(mask >> bit & 1 for mask in masks)
            if count:
                if (bit, count) not in self._stepped_sums:
                    self._stepped_sums[bit, count] = count * line_amount(self.problem.charges[bit], 1, count)
                total += self._stepped_sums[bit, count]
        return total


def _united(masks: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return one mask for each id."""
    united: dict[str, int] = {}
    for name, mask in masks:
        united[name] = united.get(name, 0) | mask
    return united
