"""Plans in the making: which pieces may join which load, how a consignment is cut, what a change would cost."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.consolidation.charge_index import ChargeIndex, Load, Piece, Sailing, part_piece
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.options import feasible_options, package_fits
from optimizer.problem import Consignment, ContainerType, Departure, Mode
from optimizer.result import ContainerLoad, LooseLot, Part


@dataclass(frozen=True, slots=True)
class Ways:
    """What is open to a piece on one departure."""

    departure: Departure
    types: dict[str, ContainerType]
    loose: tuple[Mode, ...]


@dataclass(slots=True)
class Draft:
    """A plan of one lane in the making: a sailing for each departure, and the pieces without a place."""

    sailings: dict[str, Sailing]
    left: list[Piece] = field(default_factory=list)

    def score(self) -> tuple[int, int]:
        """Return (consignments left behind, cost in minor units): less is better, in this order."""
        behind = len({piece.consignment.id for piece in self.left})
        return behind, sum(sailing.cost_minor for sailing in self.sailings.values())

    def copy(self) -> "Draft":
        """Return a draft that may change by itself; everything inside is immutable."""
        return Draft(dict(self.sailings), list(self.left))

    def loads(self) -> Iterator[Load]:
        """Iterate over all loads, departure by departure."""
        for sailing in list(self.sailings.values()):
            yield from sailing.loads

    def place(self, sailing: Sailing) -> None:
        """Put a sailing in the place of the one on the same departure."""
        self.sailings[sailing.departure.id] = sailing


class Yard:
    """Knows the rules by which pieces share containers and departures, and makes changed sailings."""

    def __init__(self, index: ChargeIndex) -> None:
        self.index = index
        self.problem = index.problem
        self._options: dict[str, dict[str, Ways]] = {}
        self._ways: dict[Piece, dict[str, Ways]] = {}
        self._compatible: dict[tuple[frozenset[str], str], bool] = {}

    def options(self, consignment: Consignment) -> dict[str, Ways]:
        """Return the ways open to a consignment or some of its packages, by departure."""
        if consignment.id not in self._options:
            found: dict[str, Ways] = {}
            for option in feasible_options(self.problem, consignment):
                ways = found.get(option.departure.id, Ways(option.departure, {}, ()))
                if option.container_type is None:
                    ways = Ways(ways.departure, ways.types, (*ways.loose, option.mode))
                else:
                    ways.types[option.container_type.code] = option.container_type
                found[option.departure.id] = ways
            self._options[consignment.id] = found
        return self._options[consignment.id]

    def ways(self, piece: Piece) -> dict[str, Ways]:
        """Return the ways open to a piece as it is, by departure."""
        if piece not in self._ways:
            named = None if piece.quantities is None else {name for name, _ in piece.quantities}
            inside = [one for one in piece.consignment.packages if named is None or one.id in named]

            def fits(kind: ContainerType) -> bool:
                return (
                    piece.volume_mm3 <= kind.usable_volume_mm3
                    and piece.mass_g <= kind.payload_g
                    and all(package.fits(kind) for package in inside)
                )

            fitting = {
                code: fits(kind)
                for ways in self.options(piece.consignment).values()
                for code, kind in ways.types.items()
            }
            self._ways[piece] = {
                name: Ways(
                    ways.departure, {code: kind for code, kind in ways.types.items() if fitting[code]}, ways.loose
                )
                for name, ways in self.options(piece.consignment).items()
            }
        return self._ways[piece]

    def compatible(self, classes: frozenset[str], cargo_class: str) -> bool:
        """Say whether goods of a class may join a container with these classes."""
        key = (classes, cargo_class)
        if key not in self._compatible:
            self._compatible[key] = all(self.problem.compatible(one, cargo_class) for one in classes)
        return self._compatible[key]

    def can_hold(self, departure: Departure, kind: ContainerType, pieces: Sequence[Piece]) -> bool:
        """Say whether these pieces may travel together in one container of this type on this departure."""
        self.index.work += 1
        if (
            sum(piece.volume_mm3 for piece in pieces) > kind.usable_volume_mm3
            or sum(piece.mass_g for piece in pieces) > kind.payload_g
        ):
            return False
        classes = frozenset(piece.consignment.cargo_class for piece in pieces)
        if not all(self.compatible(classes, one) for one in classes):
            return False
        for piece in pieces:
            ways = self.ways(piece).get(departure.id)
            if ways is None or kind.code not in ways.types:
                return False
        return True

    def joins(self, load: Load, piece: Piece) -> bool:
        """Say whether a piece may join a load as it is."""
        ways = self.ways(piece).get(load.departure.id)
        kind = load.container_type
        return (
            ways is not None
            and load.volume_mm3 + piece.volume_mm3 <= kind.usable_volume_mm3
            and load.mass_g + piece.mass_g <= kind.payload_g
            and kind.code in ways.types
            and self.compatible(load.classes, piece.consignment.cargo_class)
        )

    def has_room(self, sailing: Sailing, kind: ContainerType, leaving: Load | None = None) -> bool:
        """Say whether one more container of a type may go on a departure, `leaving` having left it."""
        return has_room(sailing.departure, kind, [load for load in sailing.loads if load is not leaving])

    def joined(self, load: Load, piece: Piece, kind: ContainerType | None = None) -> Load:
        """Return a load with one more piece, parts of one consignment made one, perhaps in another type."""
        return self.index.load(load.departure, kind or load.container_type, with_piece(load.pieces, piece))

    def insertions(self, draft: Draft, piece: Piece) -> Iterator[Sailing]:
        """Yield every sailing that a draft's departure becomes when a piece joins it."""
        for name, ways in self.ways(piece).items():
            sailing = draft.sailings[name]
            for load in sailing.loads:
                if self.joins(load, piece):
                    yield self.exchanged(sailing, [load], [self.joined(load, piece)])
                    continue
                for kind in ways.types.values():
                    larger = kind.usable_volume_mm3 > load.container_type.usable_volume_mm3
                    larger = larger or kind.payload_g > load.container_type.payload_g
                    if larger and self.has_room(sailing, kind, load):
                        together = with_piece(load.pieces, piece)
                        if self.can_hold(sailing.departure, kind, together):
                            yield self.exchanged(sailing, [load], [self.joined(load, piece, kind)])
            for kind in ways.types.values():
                if self.has_room(sailing, kind):
                    yield self.exchanged(sailing, [], [self.index.load(sailing.departure, kind, [piece])])
            for mode in ways.loose:
                yield self.index.sailing(sailing.departure, sailing.loads, with_lot(sailing.loose, mode, piece))

    def insert(self, draft: Draft, piece: Piece) -> bool:
        """Put a piece where it costs least; say whether there was a place."""
        best: Sailing | None = None
        least = 0
        for sailing in self.insertions(draft, piece):
            rise = sailing.cost_minor - draft.sailings[sailing.departure.id].cost_minor
            if best is None or rise < least:
                best, least = sailing, rise
        if best is not None:
            draft.place(best)
        return best is not None

    def exchanged(self, sailing: Sailing, out: Sequence[Load], back: Sequence[Load]) -> Sailing:
        """Return a sailing in which some loads gave way to others, in the place of the first of them."""
        loads = list(sailing.loads)
        at = next((position for position, load in enumerate(loads) if load in out), len(loads))
        loads[at : at + 1 if out else at] = back
        return self.index.sailing(sailing.departure, [load for load in loads if load not in out], sailing.loose)

    def without(self, sailing: Sailing, pieces: Iterable[Piece]) -> Sailing:
        """Return a sailing that some pieces have left; empty containers stay at home."""
        gone = set(pieces)
        loads: list[Load] = []
        for load in sailing.loads:
            kept = [piece for piece in load.pieces if piece not in gone]
            if len(kept) == len(load.pieces):
                loads.append(load)
            elif kept:
                loads.append(self.index.load(load.departure, load.container_type, kept))
        loose = [(mode, piece) for mode, piece in sailing.loose if piece not in gone]
        return self.index.sailing(sailing.departure, loads, loose)

    def filling(
        self, piece: Piece, kind: ContainerType, volume_mm3: int, mass_g: int
    ) -> tuple[Piece | None, Piece | None]:
        """Cut a piece so that its first part fills this room as well as whole packages can.

        Returns
        -------
        tuple
            The part that goes in and what remains; None where nothing does.
        """
        held = dict(piece.quantities) if piece.quantities is not None else None
        taken: dict[str, int] = {}
        remaining: dict[str, int] = {}
        for package in sorted(piece.consignment.packages, key=lambda one: -one.unit_volume_mm3):
            count = package.quantity if held is None else held.get(package.id, 0)
            many = 0
            if package_fits(package, kind):
                many = min(count, volume_mm3 // package.unit_volume_mm3)
                many = min(many, mass_g // package.mass_g) if package.mass_g else many
            volume_mm3 -= many * package.unit_volume_mm3
            mass_g -= many * package.mass_g
            taken[package.id], remaining[package.id] = many, count - many
        return _piece_of(piece, taken), _piece_of(piece, remaining)


def has_room(departure: Departure, kind: ContainerType, loads: Iterable[Load]) -> bool:
    """Say whether a departure with these loads takes one more container of a type."""
    limit = departure.container_limits.get(kind.code)
    return limit is None or sum(load.container_type.code == kind.code for load in loads) < limit


def _piece_of(piece: Piece, quantities: Mapping[str, int]) -> Piece | None:
    named = {name: count for name, count in quantities.items() if count}
    return part_piece(piece.consignment, named) if named else None


def with_piece(pieces: tuple[Piece, ...], piece: Piece) -> tuple[Piece, ...]:
    """Return pieces with one more; parts of the same consignment become one, in the place of the first."""
    if piece.quantities is None:
        return (*pieces, piece)
    for position, other in enumerate(pieces):
        if other.consignment is piece.consignment:
            return (*pieces[:position], _together(other, piece), *pieces[position + 1 :])
    return (*pieces, piece)


def with_lot(loose: tuple[tuple[Mode, Piece], ...], mode: Mode, piece: Piece) -> tuple[tuple[Mode, Piece], ...]:
    """Return loose lots with one more; parts of the same consignment in the same mode become one lot."""
    if piece.quantities is not None:
        for position, (other_mode, other) in enumerate(loose):
            if other_mode is mode and other.consignment is piece.consignment:
                return (*loose[:position], (mode, _together(other, piece)), *loose[position + 1 :])
    return (*loose, (mode, piece))


def _together(one: Piece, other: Piece) -> Piece:
    quantities = dict(one.quantities or ())
    for name, count in other.quantities or ():
        quantities[name] = quantities.get(name, 0) + count
    return part_piece(one.consignment, quantities)


def lot_plan(drafts: Iterable[Draft]) -> LotPlan:
    """Return what some drafts plan as lots; a consignment with a piece left behind stays behind whole.

    The drafts' other pieces of such a consignment must have been taken off the sailings before.
    """
    containers: list[ContainerLoad] = []
    lcl: list[LooseLot] = []
    postal: list[LooseLot] = []
    behind: dict[str, None] = {}
    for draft in drafts:
        behind.update(dict.fromkeys(piece.consignment.id for piece in draft.left))
        for load in draft.loads():
            containers.append(container_load(load, f"K-{len(containers) + 1}"))
        for sailing in draft.sailings.values():
            for mode, piece in sailing.loose:
                lot = LooseLot(
                    departure=sailing.departure.id,
                    part=_part(piece),
                    mass_g=piece.mass_g,
                    volume_mm3=piece.volume_mm3,
                )
                (lcl if mode is Mode.LCL else postal).append(lot)
    return LotPlan(containers=tuple(containers), lcl=tuple(lcl), postal=tuple(postal), unplanned=tuple(behind))


def container_load(load: Load, name: str = "") -> ContainerLoad:
    """Return a load as a container of a plan."""
    return ContainerLoad(
        id=name,
        container_type=load.container_type.code,
        departure=load.departure.id,
        contents=tuple(_part(piece) for piece in load.pieces),
        mass_g=load.mass_g,
        volume_mm3=load.volume_mm3,
    )


def _part(piece: Piece) -> Part:
    if piece.quantities is not None:
        return Part(consignment=piece.consignment.id, packages=dict(piece.quantities))
    return Part(
        consignment=piece.consignment.id,
        packages={package.id: package.quantity for package in piece.consignment.packages},
    )
