"""A first feasible answer within a second: the best of several constructions, then quick local improvement.

Lanes share nothing, so each is planned by itself. Constructions: every consignment its cheapest way alone;
every member its own containers; all pooled by first-fit decreasing, under several choices of departures
(earliest, latest, fewest, cheapest alone, or all that can on one of them) and of the main container type; and
one that inserts each consignment where it costs least.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from optimizer.consolidation.charge_index import ChargeIndex, Load, Piece, whole_piece
from optimizer.consolidation.drafts import Draft, Ways, Yard, has_room, lot_plan
from optimizer.consolidation.improvement import improve_draft, unload
from optimizer.consolidation.lots import LotPlan
from optimizer.limits import ShouldStop, never_stop
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Departure, Mode

WORK = 300_000
"""Effort of the whole heuristic as `ChargeIndex.work` counts it: somewhat less than a second of one core."""

STARTS_IMPROVED = 3
"""How many of the best constructions are improved."""

FEW = 120
"""Consignments of a lane up to which the slower constructions are tried: their effort grows with the square."""

AloneOption = tuple[int, Departure, Mode, ContainerType | None]
"""Cost in minor units, departure, mode, container type."""

Choice = Callable[[dict[str, Ways], Piece], list[Departure]]
"""Orders the departures open to a piece, the preferred one first."""


def first_plan(problem: ConsolidationProblem, should_stop: ShouldStop = never_stop) -> LotPlan:
    """Return a feasible plan quickly, the same one for the same problem.

    Parameters
    ----------
    should_stop
        Asked between steps; when it says yes the best plan so far is returned.

    Returns
    -------
    LotPlan
        As many consignments as could be placed, then as cheap as found; the others are named as unplanned.
    """
    lanes: dict[tuple[str, str], list[Consignment]] = {}
    for one in problem.consignments:
        lanes.setdefault((one.origin, one.destination), []).append(one)
    yard = Yard(ChargeIndex(problem))
    total = max(1, len(problem.consignments))
    drafts = [_plan_lane(yard, goods, WORK * len(goods) // total, should_stop) for goods in lanes.values()]
    return lot_plan(drafts)


def _plan_lane(yard: Yard, goods: Sequence[Consignment], work: int, should_stop: ShouldStop) -> Draft:
    """Plan the consignments of one lane."""
    open_ones = [one for one in goods if yard.options(one)]
    shut = [whole_piece(one) for one in goods if not yard.options(one)]
    empty = _empty_draft(yard, open_ones)
    deadline = yard.index.work + work
    drafts: list[Draft] = []
    for draft in _constructions(yard, open_ones, empty):
        drafts.append(draft)
        if should_stop() or yard.index.work > deadline - work // 2:
            break
    starts = list({draft.score(): draft for draft in sorted(drafts, key=Draft.score)}.values())[:STARTS_IMPROVED]
    best: Draft | None = None
    for rank, draft in enumerate(starts):
        left = (deadline - yard.index.work) // (len(starts) - rank)
        improved = improve_draft(yard, draft, left, should_stop)
        if best is None or improved.score() < best.score():
            best = improved
    result = best or empty
    _leave_whole(yard, result)
    result.left.extend(shut)
    return result


def _empty_draft(yard: Yard, goods: Iterable[Consignment]) -> Draft:
    names = {name for one in goods for name in yard.options(one)}
    sailings = [yard.index.sailing(one) for one in yard.problem.departures if one.id in names]
    return Draft({sailing.departure.id: sailing for sailing in sailings})


def _leave_whole(yard: Yard, draft: Draft) -> None:
    """Take off the parts of consignments of which another part has no place."""
    behind = {piece.consignment.id for piece in draft.left}
    for sailing in list(draft.sailings.values()):
        pieces = [piece for load in sailing.loads for piece in load.pieces] + [piece for _, piece in sailing.loose]
        gone = [piece for piece in pieces if piece.consignment.id in behind]
        if gone:
            draft.place(yard.without(sailing, gone))
    named = dict.fromkeys(piece.consignment.id for piece in draft.left)
    draft.left = [whole_piece(yard.problem.consignment[name]) for name in named]


def _constructions(yard: Yard, goods: Sequence[Consignment], empty: Draft) -> Iterator[Draft]:
    """Yield complete drafts, the quickest first."""
    kinds = _main_types(yard, goods)
    few = len(goods) <= FEW
    for pieces in _cuts(yard, goods):
        choices = _choices(yard, pieces)
        for choice in choices:
            for main in kinds:
                yield _pooled(yard, pieces, choice, [main, *(kind for kind in kinds if kind is not main)], empty)
        yield _alone(yard, pieces, empty)
        if any(one.container_limits for one in yard.problem.departures):
            # Where room is scarce, small pieces first leave fewer behind.
            yield _pooled(yard, pieces, choices[0], kinds, empty, key=_increasing)
            yield _pooled(yard, pieces, choices[0], kinds[::-1], empty, key=_increasing)
        if few:
            for choice in choices[:2]:
                yield _by_member(yard, pieces, choice, kinds, empty)
            yield _inserted(yard, pieces, empty)


def _cuts(yard: Yard, goods: Sequence[Consignment]) -> list[list[Piece]]:
    """Return the ways to cut consignments before packing: only where needed, and wherever no container holds them."""
    needed = [piece for one in goods for piece in _cut(yard, one, loose_will_do=True)]
    containers = [piece for one in goods for piece in _cut(yard, one, loose_will_do=False)]
    return [needed] if len(needed) == len(containers) else [needed, containers]


def _cut(yard: Yard, consignment: Consignment, *, loose_will_do: bool) -> list[Piece]:
    """Cut a consignment that fits no container into full containers and a remainder."""
    piece = whole_piece(consignment)
    ways = yard.ways(piece).values()
    if any(way.types or (way.loose and loose_will_do) for way in ways) or not consignment.can_split:
        return [piece]
    kinds = {code: kind for way in yard.options(consignment).values() for code, kind in way.types.items()}
    if not kinds:
        return [piece]
    first = next(way.departure for way in yard.options(consignment).values() if way.types)

    def cost_of_room(kind: ContainerType) -> tuple[Fraction, str]:
        part, _ = yard.filling(piece, kind, kind.usable_volume_mm3, kind.payload_g)
        if part is None:
            return Fraction(10**18), kind.code
        return Fraction(yard.index.load(first, kind, [part]).own_minor + 1, part.volume_mm3), kind.code

    pieces: list[Piece] = []
    rest: Piece | None = piece
    for kind in sorted(kinds.values(), key=cost_of_room):
        while rest is not None:
            part, remainder = yard.filling(rest, kind, kind.usable_volume_mm3, kind.payload_g)
            if part is None:
                break
            pieces.append(part)
            rest = remainder
    return pieces if rest is None else [piece]


def _main_types(yard: Yard, goods: Sequence[Consignment]) -> list[ContainerType]:
    """Return the container types in use, those with the cheapest room first, by what they cost empty-handed."""
    index, used = yard.index, {code for one in goods for way in yard.options(one).values() for code in way.types}
    kinds = [kind for kind in yard.problem.container_types if kind.code in used]

    def cost_of_room(kind: ContainerType) -> tuple[Fraction, str]:
        least: Fraction | None = None
        for one in goods:
            for way in yard.ways(whole_piece(one)).values():
                if kind.code in way.types:
                    load = index.load(way.departure, kind, [whole_piece(one)])
                    cost = Fraction(load.own_minor, kind.usable_volume_mm3)
                    least = cost if least is None else min(least, cost)
                    break
        return Fraction(10**18) if least is None else least, kind.code

    return sorted(kinds, key=cost_of_room)


def _choices(yard: Yard, pieces: Sequence[Piece]) -> list[Choice]:
    """Return the ways to choose departures; the first is always the earliest."""

    def earliest(ways: dict[str, Ways], piece: Piece) -> list[Departure]:  # noqa: ARG001
        return sorted((way.departure for way in ways.values()), key=lambda one: (one.departure, one.id))

    def latest(ways: dict[str, Ways], piece: Piece) -> list[Departure]:
        return earliest(ways, piece)[::-1]

    names = {name for piece in pieces for name in yard.ways(piece)}
    departures = [one for one in yard.problem.departures if one.id in names]
    if len(departures) < 2:
        return [earliest]
    stops = _fewest(yard, pieces, departures)

    def fewest(ways: dict[str, Ways], piece: Piece) -> list[Departure]:
        return sorted(earliest(ways, piece), key=lambda one: stops.index(one.id) if one.id in stops else len(stops))

    def cheapest(ways: dict[str, Ways], piece: Piece) -> list[Departure]:
        least = {
            name: min((option[0] for option in _alone_options(yard, piece, way)), default=0)
            for name, way in ways.items()
        }
        return sorted(earliest(ways, piece), key=lambda one: least[one.id])

    def anchored(anchor: str) -> Choice:
        return lambda ways, piece: sorted(earliest(ways, piece), key=lambda one: one.id != anchor)

    return [earliest, fewest, cheapest, latest, *(anchored(one.id) for one in departures)]


def _fewest(yard: Yard, pieces: Sequence[Piece], departures: Sequence[Departure]) -> list[str]:
    """Return few departures that together are open to all pieces, the most wanted first."""
    waiting = list(pieces)
    stops: list[str] = []
    while waiting:
        wanted = {one.id: sum(one.id in yard.ways(piece) for piece in waiting) for one in departures}
        stop = max(departures, key=lambda one: wanted[one.id]).id
        if not wanted[stop]:
            break
        stops.append(stop)
        waiting = [piece for piece in waiting if stop not in yard.ways(piece)]
    return stops


def _alone_options(yard: Yard, piece: Piece, way: Ways) -> list[AloneOption]:
    """Return what a piece would cost on a departure in each way that is open, nobody else being there."""
    departure = way.departure
    loose = [(yard.index.cost(departure, (), ((mode, piece),)), departure, mode, None) for mode in way.loose]
    full = [
        (yard.index.cost(departure, (yard.index.load(departure, kind, [piece]),), ()), departure, Mode.FCL, kind)
        for kind in way.types.values()
    ]
    return [*loose, *full]


def _alone(yard: Yard, pieces: Sequence[Piece], empty: Draft) -> Draft:
    """Let every piece travel its cheapest way alone, as far as limits allow."""
    draft = empty.copy()
    bins: dict[str, list[Load]] = {name: [] for name in draft.sailings}
    loose: dict[str, list[tuple[Mode, Piece]]] = {name: [] for name in draft.sailings}
    for piece in pieces:
        options = [option for way in yard.ways(piece).values() for option in _alone_options(yard, piece, way)]
        for _, departure, mode, kind in sorted(options, key=lambda option: option[0]):
            if kind is None:
                loose[departure.id].append((mode, piece))
                break
            if has_room(departure, kind, bins[departure.id]):
                bins[departure.id].append(yard.index.load(departure, kind, [piece]))
                break
        else:
            draft.left.append(piece)
    for name, sailing in draft.sailings.items():
        draft.place(yard.index.sailing(sailing.departure, bins[name], loose[name]))
    return draft


def _by_member(
    yard: Yard, pieces: Sequence[Piece], choice: Choice, kinds: Sequence[ContainerType], empty: Draft
) -> Draft:
    """Give every member its own containers."""
    draft = empty.copy()
    members = dict.fromkeys(piece.consignment.member for piece in pieces)
    for member in members:
        own = sorted((one for one in pieces if one.consignment.member == member), key=_decreasing)
        _pack(yard, draft, own, choice, kinds, closed=True)
    _thin_out(yard, draft)
    return draft


def _decreasing(piece: Piece) -> tuple[int, str]:
    # Volume and payload of usual containers run out together near 0.4 kg a litre.
    return -max(piece.volume_mm3, piece.mass_g * 2500), piece.consignment.id


def _increasing(piece: Piece) -> tuple[int, str]:
    return -_decreasing(piece)[0], piece.consignment.id


def _pooled(
    yard: Yard,
    pieces: Sequence[Piece],
    choice: Choice,
    kinds: Sequence[ContainerType],
    empty: Draft,
    key: Callable[[Piece], tuple[int, str]] = _decreasing,
) -> Draft:
    """Pack everybody's pieces together, first-fit, the largest first unless told otherwise."""
    draft = empty.copy()
    _pack(yard, draft, sorted(pieces, key=key), choice, kinds, closed=False)
    _thin_out(yard, draft)
    return draft


def _pack(
    yard: Yard,
    draft: Draft,
    pieces: Sequence[Piece],
    choice: Choice,
    kinds: Sequence[ContainerType],
    *,
    closed: bool,
) -> None:
    """Place pieces on their preferred departures, in the first load that takes them or a new one."""
    started = {name: len(sailing.loads) if closed else 0 for name, sailing in draft.sailings.items()}
    bins = {name: list(sailing.loads) for name, sailing in draft.sailings.items()}
    loose = {name: list(sailing.loose) for name, sailing in draft.sailings.items()}
    for piece in pieces:
        ways = yard.ways(piece)
        order = choice(ways, piece)
        if any(_into_bins(yard, bins[one.id], started[one.id], piece, ways[one.id], kinds) for one in order):
            continue
        way = next((ways[one.id] for one in order if ways[one.id].loose), None)
        if way is None:
            draft.left.append(piece)
        else:
            mode = min(way.loose, key=lambda mode: yard.index.term(piece, way.departure, mode)[0])
            loose[way.departure.id].append((mode, piece))
    for name, sailing in draft.sailings.items():
        draft.place(yard.index.sailing(sailing.departure, bins[name], loose[name]))


def _into_bins(
    yard: Yard, loads: list[Load], start: int, piece: Piece, way: Ways, kinds: Sequence[ContainerType]
) -> bool:
    """Put a piece into the first load that takes it, else into a new one of the first type that it may have."""
    for position in range(start, len(loads)):
        if yard.joins(loads[position], piece):
            loads[position] = yard.joined(loads[position], piece)
            return True
    for kind in kinds:
        if kind.code in way.types and has_room(way.departure, kind, loads):
            loads.append(yard.index.load(way.departure, kind, [piece]))
            return True
    return False


def _thin_out(yard: Yard, draft: Draft) -> None:
    """Change every load to the cheapest type that holds it, and send it loose where that costs less."""
    for name in list(draft.sailings):
        for load in draft.sailings[name].loads:
            best = sailing = draft.sailings[name]
            for kind in yard.problem.container_types:
                if (
                    kind is not load.container_type
                    and yard.has_room(sailing, kind, load)
                    and yard.can_hold(load.departure, kind, load.pieces)
                ):
                    changed = yard.exchanged(sailing, [load], [yard.index.load(load.departure, kind, load.pieces)])
                    best = min(best, changed, key=lambda one: one.cost_minor)
            if all(yard.ways(piece)[name].loose for piece in load.pieces):
                best = min(best, unload(yard, sailing, load), key=lambda one: one.cost_minor)
            draft.place(best)


def _inserted(yard: Yard, pieces: Sequence[Piece], empty: Draft) -> Draft:
    """Insert the pieces one by one where each raises the cost least."""
    draft = empty.copy()
    for piece in sorted(pieces, key=_decreasing):
        if not yard.insert(draft, piece):
            draft.left.append(piece)
    return draft
