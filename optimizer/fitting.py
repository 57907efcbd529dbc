"""From a plan by volume to one whose containers load: what finds no place moves on, what has room moves up.

Changes are priced by the charges, departure by departure, and every container that a change makes is loaded before the
change counts. What loads is asked of a `Loader`, which knows equal contents again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from optimizer.consolidation.charge_index import ChargeIndex, Load, Piece, Sailing, part_piece
from optimizer.consolidation.drafts import Draft, Yard, container_load, lot_plan
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.options import admits
from optimizer.consolidation.plans import unplanned
from optimizer.container_loads import (
    LONG_WORK,
    SHORT_WORK,
    Left,
    Loader,
    Tried,
    load_container,
    load_package,
    reachable_mm3,
)
from optimizer.problem import ConsolidationProblem, Mode, ProblemError
from optimizer.result import Part

MOST_TRIES = 6
"""Containers that are loaded to see whether one piece may join, before only places of its own remain."""

MOST_ALTERNATIVES = 3
"""Pieces one of which leaves a container that does not load, beside those that found no place."""

MOST_PASSES = 5
"""Times that all containers of a plan are looked at; a later pass hardly ever finds anything."""

MOST_PRICED = 400_000
"""Loads and lots priced, as `ChargeIndex.work` counts, until looking for better places ends."""


def roomy(problem: ConsolidationProblem) -> ConsolidationProblem:
    """Return a problem in which containers may be filled to the top: no plan that loads breaks its limits.

    Packages take no more than the room that their sizes reach, goods without sizes no more than the usable volume.
    Costs stay the same: a lower bound of this problem is one of every plan that loads.
    """
    bare = any(not one.packages for one in problem.consignments)
    usable = {one.code: one.usable_volume_mm3 if bare else 1 for one in problem.container_types}
    inside = {
        kind.code: reachable_mm3(
            load_container(kind),
            [load_package(one, each, 1) for one in problem.consignments if admits(kind, one) for each in one.packages],
        )
        for kind in problem.container_types
    }
    try:
        return _with_volumes(problem, {code: max(inside[code], usable[code]) for code in usable})
    except ProblemError:  # something indivisible is larger than that: it will not load, and may be planned by volume
        return _with_volumes(
            problem, {one.code: max(inside[one.code], one.usable_volume_mm3) for one in problem.container_types}
        )


def _with_volumes(problem: ConsolidationProblem, volumes: Mapping[str, int]) -> ConsolidationProblem:
    types = (
        replace(one, volume_mm3=max(1, volumes[one.code]), usable_volume_permille=1000)
        for one in problem.container_types
    )
    return replace(problem, container_types=tuple(types))


@dataclass(frozen=True, slots=True)
class Failure:
    """A container that did not load as it was planned: its lane's departure, type, volume, and the part that did."""

    departure: str
    container_type: str
    volume_mm3: int
    loaded_mm3: int


class Fitting:
    """Makes plans of one problem load.

    Parameters
    ----------
    problem
        The problem as it was asked.
    loader
        Loads its containers.
    """

    def __init__(self, problem: ConsolidationProblem, loader: Loader) -> None:
        self.problem = problem
        self.loader = loader
        self.index = ChargeIndex(roomy(problem))
        self.yard = Yard(self.index)
        self._priced_to = 0
        self.failures: list[Failure] = []
        """Of the plan that was made to load last."""

    def fit(self, plan: LotPlan) -> tuple[LotPlan, int] | None:
        """Return a plan whose containers all load, with its cost; None where the loader's limits came first.

        What finds no place at all stays behind.
        """
        draft = self._draft(plan)
        self.failures = []
        for number in range(MOST_PASSES):
            failed = [load for load in draft.loads() if not self._tried(load).loads]
            if not failed or self.loader.over:
                break
            for load in failed:
                tried = self._tried(load, LONG_WORK)
                # An earlier one may have moved into this container: then it is another one.
                if not tried.loads and any(load is one for one in draft.loads()):
                    if number == 0:
                        self._note(load, tried)
                    draft = self._mended(draft, load, tried.left)
        else:
            return None
        return None if self.loader.over else self._finished(self._improved(draft))

    def _draft(self, plan: LotPlan) -> Draft:
        problem, index = self.index.problem, self.index
        loads: dict[str, list[Load]] = {one.id: [] for one in problem.departures}
        loose: dict[str, list[tuple[Mode, Piece]]] = {one.id: [] for one in problem.departures}
        for one in plan.containers:
            kind = problem.container_type[one.container_type]
            pieces = [self._piece(part) for part in one.contents]
            loads[one.departure].append(index.load(problem.departure[one.departure], kind, pieces))
        for mode, lots in ((Mode.LCL, plan.lcl), (Mode.POSTAL, plan.postal)):
            for lot in lots:
                loose[lot.departure].append((mode, self._piece(lot.part)))
        return Draft({one.id: index.sailing(one, loads[one.id], loose[one.id]) for one in problem.departures})

    def _piece(self, part: Part) -> Piece:
        one = self.problem.consignment[part.consignment]
        return part_piece(one, dict(part.packages) or {package.id: package.quantity for package in one.packages})

    def _tried(self, load: Load, work: float = SHORT_WORK) -> Tried:
        return self.loader.load(container_load(load), work)

    def _note(self, load: Load, tried: Tried) -> None:
        left = sum(
            count * {one.id: one.unit_volume_mm3 for one in self.problem.consignment[name].packages}[package]
            for (name, package), count in tried.left.items()
        )
        loaded_mm3 = load.volume_mm3 - left
        self.failures.append(Failure(load.departure.id, load.container_type.code, load.volume_mm3, loaded_mm3))

    def _mended(self, draft: Draft, load: Load, left: Left) -> Draft:
        """Return the cheapest draft found in which a container that does not load has given way to others that do."""
        found = [*self._in_other_types(draft, load), *self._with_less(draft, load, left)]
        return min(found, key=Draft.score)

    def _in_other_types(self, draft: Draft, load: Load) -> Iterator[Draft]:
        """Yield the draft with the same goods in the cheapest container of another type that they load into."""
        sailing = draft.sailings[load.departure.id]
        others = [
            self.yard.exchanged(sailing, [load], [self.index.load(load.departure, kind, load.pieces)])
            for kind in self.index.problem.container_types
            if kind.code != load.container_type.code
            and self.yard.has_room(sailing, kind, load)
            and self.yard.can_hold(load.departure, kind, load.pieces)
        ]
        for other in sorted(others, key=lambda one: one.cost_minor):
            if self._all_load(sailing, other, LONG_WORK):
                changed = draft.copy()
                changed.place(other)
                yield changed
                return

    def _with_less(self, draft: Draft, load: Load, left: Left) -> Iterator[Draft]:
        """Yield drafts in which something has left the container; at last everything, so that there is one."""
        some = False
        for kept, out in self._departures_of(load, left):
            rest = self.index.load(load.departure, load.container_type, kept)
            if self._tried(rest).loads:
                some = True
                yield self._elsewhere(draft, load, [rest], out)
        if not some:
            yield self._elsewhere(draft, load, [], load.pieces)

    def _departures_of(self, load: Load, left: Left) -> Iterator[tuple[list[Piece], list[Piece]]]:
        """Yield (what stays, what leaves): what found no place, or one other consignment that takes more room."""
        kept: list[Piece] = []
        out: list[Piece] = []
        for piece in load.pieces:
            one = piece.consignment
            gone = {package: count for (name, package), count in left.items() if name == one.id}
            held = dict(piece.quantities or ((package.id, package.quantity) for package in one.packages))
            stays = {name: count - gone.get(name, 0) for name, count in held.items() if count > gone.get(name, 0)}
            if gone and one.can_split and stays:
                kept.append(part_piece(one, stays))
                out.append(part_piece(one, gone))
            else:
                (out if gone else kept).append(piece)
        if kept and out:
            yield kept, out
        volume_mm3 = sum(piece.volume_mm3 for piece in out)
        larger = sorted((one for one in load.pieces if one not in out), key=lambda one: one.volume_mm3)
        for piece in [one for one in larger if one.volume_mm3 >= volume_mm3][:MOST_ALTERNATIVES]:
            if len(load.pieces) > 1:
                yield [one for one in load.pieces if one is not piece], [piece]

    def _elsewhere(self, draft: Draft, load: Load, rest: Sequence[Load], out: Iterable[Piece]) -> Draft:
        """Return a draft in which a load has given way to what stays of it, and pieces have gone elsewhere."""
        changed = draft.copy()
        changed.place(self.yard.exchanged(changed.sailings[load.departure.id], [load], rest))
        for piece in sorted(out, key=lambda one: -one.volume_mm3):
            changed = self._placed(changed, piece)
        return changed

    def _placed(self, draft: Draft, piece: Piece) -> Draft:
        """Return the draft with a piece where it costs least; cut where it may be, left behind where nothing loads."""
        found = [one for one in (self._inserted(draft, piece), self._poured(draft, piece)) if one is not None]
        if found:
            return min(found, key=Draft.score)
        changed = draft.copy()
        for sailing in draft.sailings.values():
            # A consignment of which a part stays behind stays behind as a whole.
            own = [one for load in sailing.loads for one in load.pieces] + [one for _, one in sailing.loose]
            parts = [one for one in own if one.consignment is piece.consignment]
            if parts:
                changed.place(self.yard.without(sailing, parts))
        changed.left.append(piece)
        return changed

    def _inserted(self, draft: Draft, piece: Piece, most_minor: int | None = None) -> Draft | None:
        """Return the draft with a piece in the cheapest place that loads, at no more than a total cost."""
        total, tries = draft.score()[1], 0
        ranked = [
            (one.cost_minor - draft.sailings[one.departure.id].cost_minor, one)
            for one in self.yard.insertions(draft, piece)
        ]
        for rise, sailing in sorted(ranked, key=lambda one: one[0]):
            if most_minor is not None and total + rise > most_minor:
                return None
            before = draft.sailings[sailing.departure.id]
            joins = any(len(load.pieces) > 1 for load in _new(before, sailing))
            if joins and tries >= MOST_TRIES:
                continue
            tries += joins
            if self._all_load(before, sailing):
                changed = draft.copy()
                changed.place(sailing)
                return changed
        return None

    def _poured(self, draft: Draft, piece: Piece) -> Draft | None:
        """Return the draft with what loads of a piece in a new container and the rest elsewhere, if it may be cut."""
        if not piece.consignment.can_split:
            return None
        best: tuple[float, Sailing, Piece] | None = None
        for name, ways in self.yard.options(piece.consignment).items():
            sailing = draft.sailings[name]
            for kind in ways.types.values():
                first, _ = self.yard.filling(piece, kind, kind.usable_volume_mm3, kind.payload_g)
                if first is None or not self.yard.has_room(sailing, kind):
                    continue
                left = self._tried(self.index.load(sailing.departure, kind, [first])).left
                held = {key: n - left.get((piece.consignment.id, key), 0) for key, n in _quantities(first).items()}
                if not any(held.values()):
                    continue
                load = self.index.load(sailing.departure, kind, [part_piece(piece.consignment, held)])
                if not self._tried(load).loads:
                    continue
                becomes = self.yard.exchanged(sailing, [], [load])
                dearness = (becomes.cost_minor - sailing.cost_minor) / load.volume_mm3
                if best is None or dearness < best[0]:
                    best = dearness, becomes, load.pieces[0]
        if best is None:
            return None
        changed = draft.copy()
        changed.place(best[1])
        taken = _quantities(best[2])
        rest = {key: n - taken.get(key, 0) for key, n in _quantities(piece).items()}
        if not any(rest.values()):
            return changed
        placed = self._placed(changed, part_piece(piece.consignment, rest))
        return placed if len(placed.left) == len(draft.left) else None

    def _all_load(self, before: Sailing, after: Sailing, work: float = SHORT_WORK) -> bool:
        return all(self._tried(load, work).loads for load in _new(before, after))

    def _improved(self, draft: Draft) -> Draft:
        """Return a cheaper draft: containers given up, the emptiest first, lots and single pieces put elsewhere."""
        self._priced_to = self.index.work + MOST_PRICED
        while not self._enough:
            for pieces in list(_movable(draft)):
                changed = self._moved(draft, pieces)
                if changed is not None:
                    draft = changed
                    break
                if self._enough:
                    return draft
            else:
                return draft
        return draft

    def _moved(self, draft: Draft, pieces: Sequence[Piece]) -> Draft | None:
        """Return the draft with pieces of one departure moved to where the whole costs less; None where it does not."""
        most_minor = draft.score()[1] - 1
        changed: Draft | None = draft.copy()
        for sailing in draft.sailings.values():
            if changed is not None:
                changed.place(self.yard.without(sailing, pieces))
        for piece in sorted(pieces, key=lambda one: -one.volume_mm3):
            if changed is not None:
                changed = self._inserted(changed, piece, most_minor)
        if changed is None:
            return None
        before = {id(load) for load in draft.loads()}
        return changed if all(self._tried(one).loads for one in changed.loads() if id(one) not in before) else None

    @property
    def _enough(self) -> bool:
        return self.loader.over or self.loader.spent or self.index.work >= self._priced_to

    def _finished(self, draft: Draft) -> tuple[LotPlan, int]:
        plan = lot_plan([draft])
        containers = tuple(self.loader.load(one).load for one in plan.containers)
        plan = replace(plan, containers=containers)
        return replace(plan, unplanned=unplanned(self.problem, plan)), draft.score()[1]


def _new(before: Sailing, after: Sailing) -> list[Load]:
    return [load for load in after.loads if load not in before.loads]


def _quantities(piece: Piece) -> dict[str, int]:
    return dict(piece.quantities or ((one.id, one.quantity) for one in piece.consignment.packages))


def _movable(draft: Draft) -> Iterator[tuple[Piece, ...]]:
    """Yield what may be worth moving: whole loads, the emptiest first, loose lots, then pieces out of loads."""
    loads = sorted(draft.loads(), key=lambda one: one.volume_mm3 / one.container_type.usable_volume_mm3)
    for load in loads:
        yield load.pieces
    for sailing in draft.sailings.values():
        for _, piece in sailing.loose:
            yield (piece,)
    for load in loads:
        if len(load.pieces) > 1:
            for piece in load.pieces:
                yield (piece,)
