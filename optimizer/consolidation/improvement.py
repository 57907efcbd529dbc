"""Local improvement of a draft: small changes, each kept when fewer stay behind or the cost falls."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations, permutations, product

from optimizer.consolidation.charge_index import Load, Piece, Sailing
from optimizer.consolidation.drafts import Draft, Yard, with_lot, with_piece
from optimizer.limits import ShouldStop
from optimizer.problem import ContainerType, Departure, Mode


@dataclass(slots=True)
class Best:
    """The best draft so far; moves start from it whenever they go on."""

    draft: Draft
    score: tuple[int, int]


Move = Callable[[Yard, Best], Iterator[Draft]]
"""Sweeps once over a draft and yields changed ones, good and bad."""


def improve_draft(yard: Yard, draft: Draft, work: int, should_stop: ShouldStop) -> Draft:
    """Return a draft that none of the moves improves, or the best one when the work is done.

    Parameters
    ----------
    work
        Effort that may be spent, as `ChargeIndex.work` counts it.
    """
    deadline = yard.index.work + work
    best = Best(draft, draft.score())
    moves = (
        _place_left,
        _other_type_or_departure,
        _merge,
        _gather,
        _take_up,
        _dissolve,
        _relocate,
        _sail_together,
        _swap,
    )
    improved = True
    while improved:
        improved = False
        for move in moves:
            while _sweep(yard, best, move, deadline, should_stop):
                improved = True
            if should_stop() or yard.index.work > deadline:
                return best.draft
    return best.draft


def _sweep(yard: Yard, best: Best, move: Move, deadline: int, should_stop: ShouldStop) -> bool:
    """Keep whatever helps in one sweep of a move; say whether anything did and there is work left."""
    improved = False
    for changed in move(yard, best):
        score = changed.score()
        if score < best.score:
            best.draft, best.score, improved = changed, score, True
        if yard.index.work > deadline or should_stop():
            return False
    return improved


def _present(draft: Draft, load: Load) -> bool:
    """Say whether a load is still as it was when the sweep began."""
    return load in draft.sailings[load.departure.id].loads


def unload(yard: Yard, sailing: Sailing, load: Load) -> Sailing:
    """Return a sailing on which the pieces of a load travel loose, each in its cheapest mode."""
    loose = sailing.loose
    for piece in load.pieces:
        modes = yard.ways(piece)[sailing.departure.id].loose
        mode = min(modes, key=lambda one: yard.index.term(piece, sailing.departure, one)[0])
        loose = with_lot(loose, mode, piece)
    return yard.index.sailing(sailing.departure, [one for one in sailing.loads if one is not load], loose)


def _place_left(yard: Yard, best: Best) -> Iterator[Draft]:
    """Find a place for a piece without one: anywhere, cut into several loads, or by moving another piece."""
    for piece in list(best.draft.left):
        if piece not in best.draft.left:
            continue
        changed = best.draft.copy()
        changed.left.remove(piece)
        if yard.insert(changed, piece) or pour(yard, changed, piece):
            yield changed
            continue
        yield from _make_room(yard, best.draft, piece)


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
                elif len(changed.left) and other.volume_mm3 > piece.volume_mm3:
                    # One large piece may make room for several small ones.
                    others, changed.left = changed.left, [other]
                    changed.left += [one for one in others if not yard.insert(changed, one)]
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


def _other_type_or_departure(yard: Yard, best: Best) -> Iterator[Draft]:
    """Send a load in another container type or on another departure."""
    for load in list(best.draft.loads()):
        for departure, kind in _homes(yard, best.draft, load.pieces):
            if _present(best.draft, load) and not (departure is load.departure and kind is load.container_type):
                yield from _rehoused(yard, best.draft, [load], departure, kind)


def _merge(yard: Yard, best: Best) -> Iterator[Draft]:
    """Put two loads into one container."""
    volume_mm3 = max((kind.usable_volume_mm3 for kind in yard.problem.container_types), default=0)
    payload_g = max((kind.payload_g for kind in yard.problem.container_types), default=0)
    for one, other in combinations(list(best.draft.loads()), 2):
        if one.volume_mm3 + other.volume_mm3 <= volume_mm3 and one.mass_g + other.mass_g <= payload_g:
            for departure, kind in _homes(yard, best.draft, (*one.pieces, *other.pieces)):
                if _present(best.draft, one) and _present(best.draft, other):
                    yield from _rehoused(yard, best.draft, [one, other], departure, kind)


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


def _gather(yard: Yard, best: Best) -> Iterator[Draft]:
    """Open a container for loose lots that together pay more for travelling loose."""
    for name in list(best.draft.sailings):
        for kind in yard.problem.container_types:
            draft = best.draft
            sailing = draft.sailings[name]
            if not yard.has_room(sailing, kind):
                continue
            lots = [(mode, piece, one.departure) for one in draft.sailings.values() for mode, piece in one.loose]
            chosen = _worth_gathering(yard, lots, sailing.departure, kind)
            # A container half full may cost less than a full one: lots are dropped, the least dear first.
            while len(chosen) > 1:
                yield _gathered(yard, draft, chosen, sailing.departure, kind)
                chosen = chosen[: max(1, len(chosen) * 3 // 4)]


def _take_up(yard: Yard, best: Best) -> Iterator[Draft]:
    """Let a load take up a loose lot, where need be in another type or on another departure."""
    for load in list(best.draft.loads()):
        lots = [piece for sailing in best.draft.sailings.values() for _, piece in sailing.loose]
        for piece in lots:
            together = with_piece(load.pieces, piece)
            for departure, kind in _homes(yard, best.draft, together):
                if not _present(best.draft, load) or not _is_loose(best.draft, piece):
                    break
                changed = best.draft.copy()
                changed.place(yard.exchanged(changed.sailings[load.departure.id], [load], []))
                _unhitch(yard, changed, piece)
                sailing = changed.sailings[departure.id]
                if yard.has_room(sailing, kind):
                    changed.place(yard.exchanged(sailing, [], [yard.index.load(departure, kind, together)]))
                    yield changed


def _is_loose(draft: Draft, piece: Piece) -> bool:
    return any(piece is other for sailing in draft.sailings.values() for _, other in sailing.loose)


def _unhitch(yard: Yard, draft: Draft, piece: Piece) -> None:
    """Take a loose lot off its sailing."""
    for sailing in list(draft.sailings.values()):
        if any(piece is other for _, other in sailing.loose):
            draft.place(yard.without(sailing, [piece]))


def _swap(yard: Yard, best: Best) -> Iterator[Draft]:
    """Exchange a piece of one load for a piece of another."""
    for one, other in combinations(list(best.draft.loads()), 2):
        for mine, yours in product(one.pieces, other.pieces):
            if not (_present(best.draft, one) and _present(best.draft, other)):
                break
            ours = _replaced(one.pieces, mine, yours)
            theirs = _replaced(other.pieces, yours, mine)
            if yard.can_hold(one.departure, one.container_type, ours) and yard.can_hold(
                other.departure, other.container_type, theirs
            ):
                changed = best.draft.copy()
                for load, pieces in ((one, ours), (other, theirs)):
                    fresh = yard.index.load(load.departure, load.container_type, pieces)
                    changed.place(yard.exchanged(changed.sailings[load.departure.id], [load], [fresh]))
                yield changed


def _replaced(pieces: tuple[Piece, ...], out: Piece, back: Piece) -> tuple[Piece, ...]:
    return with_piece(tuple(piece for piece in pieces if piece is not out), back)


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


def _dissolve(yard: Yard, best: Best) -> Iterator[Draft]:
    """Give up a load and let each of its pieces travel where it costs least, cut if need be."""
    for load in list(best.draft.loads()):
        if not _present(best.draft, load):
            continue
        changed = best.draft.copy()
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


def _relocate(yard: Yard, best: Best) -> Iterator[Draft]:
    """Move one piece to where it costs least."""
    for name in list(best.draft.sailings):
        sailing = best.draft.sailings[name]
        pieces = [piece for load in sailing.loads for piece in load.pieces] + [piece for _, piece in sailing.loose]
        for piece in pieces:
            without = yard.without(best.draft.sailings[name], [piece])
            # Once moved away it is no longer here, and taking it off a second time would double it.
            if _pieces(without) == _pieces(best.draft.sailings[name]):
                continue
            changed = best.draft.copy()
            changed.place(without)
            if yard.insert(changed, piece):
                yield changed


def _pieces(sailing: Sailing) -> int:
    return len(sailing.loose) + sum(len(load.pieces) for load in sailing.loads)


def _sail_together(yard: Yard, best: Best) -> Iterator[Draft]:
    """Move everything from one departure to another, as far as it may go there."""
    for name, onto in permutations(best.draft.sailings, 2):
        source, target = best.draft.sailings[name], best.draft.sailings[onto].departure
        if not (source.loads or source.loose):
            continue
        changed = best.draft.copy()
        for load in source.loads:
            if yard.can_hold(target, load.container_type, load.pieces):
                moved = next(_rehoused(yard, changed, [load], target, load.container_type), None)
                changed = moved or changed
        for mode, piece in source.loose:
            ways = yard.ways(piece).get(onto)
            if ways is not None and mode in ways.loose:
                changed.place(yard.without(changed.sailings[name], [piece]))
                there = changed.sailings[onto]
                changed.place(yard.index.sailing(target, there.loads, with_lot(there.loose, mode, piece)))
        yield changed
