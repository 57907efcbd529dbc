"""Local improvement of a draft: small changes, each kept when fewer stay behind or the cost falls."""

from collections.abc import Callable, Iterator
from itertools import combinations

from optimizer.consolidation.charge_index import Load, Piece, Sailing
from optimizer.consolidation.drafts import Draft, Yard, with_lot, with_piece
from optimizer.limits import ShouldStop
from optimizer.problem import ContainerType, Departure, Mode


def improve_draft(yard: Yard, draft: Draft, work: int, should_stop: ShouldStop) -> Draft:
    """Return a draft that none of the changes improves, or the best one when the work is done.

    Parameters
    ----------
    work
        Loads and loose lots that may be priced on the way.
    """
    deadline = yard.index.work + work
    best, score = draft, draft.score()
    moves = (_place_left, _other_type_or_departure, _merge, _gather, _dissolve, _relocate, _sail_together)
    improved = True
    while improved:
        improved = False
        for move in moves:
            found = _exhaust(yard, best, score, move, deadline, should_stop)
            if found is not best:
                best, score, improved = found, found.score(), True
        if should_stop() or yard.index.work > deadline:
            break
    return best


Move = Callable[[Yard, Draft], Iterator[Draft]]
"""Yields changed drafts, good and bad."""


def _exhaust(
    yard: Yard, draft: Draft, score: tuple[int, int], move: Move, deadline: int, should_stop: ShouldStop
) -> Draft:
    """Apply one kind of move until it no longer helps; the first improvement found is taken."""
    while True:
        for changed in move(yard, draft):
            if changed.score() < score:
                draft, score = changed, changed.score()
                break
            if yard.index.work > deadline or should_stop():
                return draft
        else:
            return draft


def unload(yard: Yard, sailing: Sailing, load: Load) -> Sailing:
    """Return a sailing on which the pieces of a load travel loose, each in its cheapest mode."""
    loose = sailing.loose
    for piece in load.pieces:
        modes = yard.ways(piece)[sailing.departure.id].loose
        mode = min(modes, key=lambda one: yard.index.term(piece, sailing.departure, one)[0])
        loose = with_lot(loose, mode, piece)
    return yard.index.sailing(sailing.departure, [one for one in sailing.loads if one is not load], loose)


def _place_left(yard: Yard, draft: Draft) -> Iterator[Draft]:
    """Find a place for a piece without one: anywhere, cut into several loads, or by moving another piece."""
    for piece in draft.left:
        changed = draft.copy()
        changed.left.remove(piece)
        if yard.insert(changed, piece) or pour(yard, changed, piece):
            yield changed
            continue
        yield from _make_room(yard, draft, piece)


def _make_room(yard: Yard, draft: Draft, piece: Piece) -> Iterator[Draft]:
    """Let one piece of a load travel otherwise so that another finds room there."""
    for name, ways in yard.ways(piece).items():
        for load in draft.sailings[name].loads:
            if load.container_type.code not in ways.types:
                continue
            for other in load.pieces:
                kept = [one for one in load.pieces if one is not other]
                if not yard.can_hold(load.departure, load.container_type, [*kept, piece]):
                    continue
                changed = draft.copy()
                changed.left.remove(piece)
                fresh = yard.index.load(load.departure, load.container_type, [*kept, piece])
                changed.place(yard.exchanged(draft.sailings[name], [load], [fresh]))
                if yard.insert(changed, other) or pour(yard, changed, other):
                    yield changed


def pour(yard: Yard, draft: Draft, piece: Piece) -> bool:
    """Cut a piece over the room left in loads, then over new containers; say whether all of it found a place.

    The draft is changed only when it did.
    """
    if not piece.consignment.can_split:
        return False
    changed = draft.copy()
    rest: Piece | None = piece
    for name, ways in yard.options(piece.consignment).items():
        for load in changed.sailings[name].loads:
            kind = load.container_type
            if (
                rest is None
                or kind.code not in ways.types
                or not yard.compatible(load.classes, piece.consignment.cargo_class)
            ):
                continue
            room = kind.usable_volume_mm3 - load.volume_mm3, kind.payload_g - load.mass_g
            part, remainder = yard.filling(rest, kind, *room)
            if part is not None:
                changed.place(yard.exchanged(changed.sailings[name], [load], [yard.joined(load, part)]))
                rest = remainder
    while rest is not None and not yard.insert(changed, rest):
        opened = _open_new(yard, changed, rest)
        if opened is rest:
            return False
        rest = opened
    draft.sailings = changed.sailings
    return True


def _open_new(yard: Yard, draft: Draft, piece: Piece) -> Piece | None:
    """Fill one new container with as much of a piece as it takes; return what remains, the piece if none could be."""
    best: tuple[float, Sailing, Piece | None] | None = None
    for name, ways in yard.options(piece.consignment).items():
        sailing = draft.sailings[name]
        for kind in ways.types.values():
            if not yard.has_room(sailing, kind):
                continue
            part, remainder = yard.filling(piece, kind, kind.usable_volume_mm3, kind.payload_g)
            if part is None:
                continue
            changed = yard.exchanged(sailing, [], [yard.index.load(sailing.departure, kind, [part])])
            rise = (changed.cost_minor - sailing.cost_minor) / part.volume_mm3
            if best is None or rise < best[0]:
                best = rise, changed, remainder
    if best is None:
        return piece
    draft.place(best[1])
    return best[2]


def _other_type_or_departure(yard: Yard, draft: Draft) -> Iterator[Draft]:
    """Send a load in another container type or on another departure."""
    for load in draft.loads():
        for departure, kind in _homes(yard, draft, load.pieces):
            if departure is load.departure and kind is load.container_type:
                continue
            yield from _rehoused(yard, draft, [load], departure, kind)


def _merge(yard: Yard, draft: Draft) -> Iterator[Draft]:
    """Put two loads into one container."""
    volume_mm3 = max((kind.usable_volume_mm3 for kind in yard.problem.container_types), default=0)
    payload_g = max((kind.payload_g for kind in yard.problem.container_types), default=0)
    for one, other in combinations(draft.loads(), 2):
        if one.volume_mm3 + other.volume_mm3 <= volume_mm3 and one.mass_g + other.mass_g <= payload_g:
            for departure, kind in _homes(yard, draft, (*one.pieces, *other.pieces)):
                yield from _rehoused(yard, draft, [one, other], departure, kind)


def _homes(yard: Yard, draft: Draft, pieces: tuple[Piece, ...]) -> Iterator[tuple[Departure, ContainerType]]:
    """Yield every departure and type that can hold these pieces together."""
    for name, ways in yard.ways(pieces[0]).items():
        for kind in ways.types.values():
            if yard.can_hold(draft.sailings[name].departure, kind, pieces):
                yield ways.departure, kind


def _rehoused(
    yard: Yard, draft: Draft, loads: list[Load], departure: Departure, kind: ContainerType
) -> Iterator[Draft]:
    """Yield the draft in which loads were put together into one container, if limits allow it."""
    changed = draft.copy()
    for load in loads:
        sailing = changed.sailings[load.departure.id]
        changed.place(yard.exchanged(sailing, [load], []))
    sailing = changed.sailings[departure.id]
    if yard.has_room(sailing, kind):
        pieces: tuple[Piece, ...] = ()
        for load in loads:
            for piece in load.pieces:
                pieces = with_piece(pieces, piece)
        changed.place(yard.exchanged(sailing, [], [yard.index.load(departure, kind, pieces)]))
        yield changed


def _gather(yard: Yard, draft: Draft) -> Iterator[Draft]:
    """Open a container for loose lots that together pay more for travelling loose."""
    lots = [(mode, piece, sailing.departure) for sailing in draft.sailings.values() for mode, piece in sailing.loose]
    for sailing in list(draft.sailings.values()):
        for kind in yard.problem.container_types:
            if not yard.has_room(sailing, kind):
                continue
            chosen = _worth_gathering(yard, lots, sailing.departure, kind)
            # A container that is only half full may be the better one: lots are dropped from the least dear on.
            while len(chosen) > 1:
                yield _gathered(yard, draft, chosen, sailing.departure, kind)
                chosen = chosen[: max(1, len(chosen) * 3 // 4)]


def _worth_gathering(
    yard: Yard, lots: list[tuple[Mode, Piece, Departure]], departure: Departure, kind: ContainerType
) -> list[Piece]:
    """Return the loose lots that fill one container, the dearest for the room that they take first."""

    def dearness(lot: tuple[Mode, Piece, Departure]) -> tuple[float, str]:
        mode, piece, at = lot
        room = max(piece.volume_mm3 / kind.usable_volume_mm3, piece.mass_g / kind.payload_g)
        return -yard.index.term(piece, at, mode)[0] / room, piece.consignment.id

    chosen: list[Piece] = []
    for _, piece, _ in sorted(lots, key=dearness):
        if yard.can_hold(departure, kind, [*chosen, piece]):
            chosen.append(piece)
    return chosen


def _gathered(yard: Yard, draft: Draft, pieces: list[Piece], departure: Departure, kind: ContainerType) -> Draft:
    changed = draft.copy()
    for sailing in list(changed.sailings.values()):
        if any(piece in pieces for _, piece in sailing.loose):
            changed.place(yard.without(sailing, pieces))
    held: tuple[Piece, ...] = ()
    for piece in pieces:
        held = with_piece(held, piece)
    changed.place(yard.exchanged(changed.sailings[departure.id], [], [yard.index.load(departure, kind, held)]))
    return changed


def _dissolve(yard: Yard, draft: Draft) -> Iterator[Draft]:
    """Give up a load and let each of its pieces travel where it costs least, cut if need be."""
    for load in draft.loads():
        changed = draft.copy()
        changed.place(yard.exchanged(changed.sailings[load.departure.id], [load], []))
        for piece in sorted(load.pieces, key=lambda one: -one.volume_mm3):
            cut = changed.copy()
            poured = pour(yard, cut, piece)
            placed = yard.insert(changed, piece)
            if poured and (not placed or cut.score() < changed.score()):
                changed = cut
            elif not placed:
                break
        else:
            yield changed


def _relocate(yard: Yard, draft: Draft) -> Iterator[Draft]:
    """Move one piece to where it costs least."""
    for sailing in list(draft.sailings.values()):
        pieces = [piece for load in sailing.loads for piece in load.pieces] + [piece for _, piece in sailing.loose]
        for piece in pieces:
            changed = draft.copy()
            changed.place(yard.without(sailing, [piece]))
            if yard.insert(changed, piece):
                yield changed


def _sail_together(yard: Yard, draft: Draft) -> Iterator[Draft]:
    """Move everything from one departure to another, as far as it may go there."""
    for source in list(draft.sailings.values()):
        for target in list(draft.sailings.values()):
            if source is target or not (source.loads or source.loose):
                continue
            changed = draft.copy()
            for load in source.loads:
                if yard.can_hold(target.departure, load.container_type, load.pieces) and yard.has_room(
                    changed.sailings[target.departure.id], load.container_type
                ):
                    changed = next(_rehoused(yard, changed, [load], target.departure, load.container_type))
            for mode, piece in source.loose:
                ways = yard.ways(piece).get(target.departure.id)
                if ways is not None and mode in ways.loose:
                    changed.place(yard.without(changed.sailings[source.departure.id], [piece]))
                    there = changed.sailings[target.departure.id]
                    changed.place(yard.index.sailing(there.departure, there.loads, with_lot(there.loose, mode, piece)))
            yield changed
