"""Packages moved between the parts of one consignment, where that makes a plan cheaper.

Fixed divisions cut a consignment into a few pieces of set sizes; where exactly the cut should be depends on what
else is in the containers, and is found here package by package: between two parts, and to make room for goods that
travel whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from optimizer.consolidation.charges import price
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.options import Option, admits, feasible_options, package_fits
from optimizer.problem import Consignment, ConsolidationProblem, Mode
from optimizer.result import ContainerLoad, LooseLot, Part

Holder = ContainerLoad | LooseLot
Placed = tuple[Mode, Holder]
Quantities = dict[str, int]


def levelled(
    problem: ConsolidationProblem, plan: LotPlan, should_stop: Callable[[], bool], most_moves: int = 5_000
) -> LotPlan:
    """Return the plan after every move of packages that pays.

    Parameters
    ----------
    plan
        A feasible plan; the answer carries the same and costs no more.
    most_moves
        Moves that may be tried.
    """
    level = _Level(problem, plan)
    while level.improve(should_stop, most_moves):
        pass
    return level.plan()


class _Level:
    """A plan as one list of containers and lots, changed move by move."""

    def __init__(self, problem: ConsolidationProblem, plan: LotPlan) -> None:
        self.problem = problem
        self.start = plan
        self.options = {one.id: feasible_options(problem, one) for one in problem.consignments}
        self.placed: list[Placed] = [
            *((Mode.FCL, one) for one in plan.containers),
            *((Mode.LCL, one) for one in plan.lcl),
            *((Mode.POSTAL, one) for one in plan.postal),
        ]
        self.tried = 0

    def plan(self) -> LotPlan:
        """Return the plan as it is now."""
        return replace(
            self.start,
            containers=tuple(one for _, one in self.placed if isinstance(one, ContainerLoad)),
            lcl=tuple(one for mode, one in self.placed if mode is Mode.LCL and isinstance(one, LooseLot)),
            postal=tuple(one for mode, one in self.placed if mode is Mode.POSTAL and isinstance(one, LooseLot)),
        )

    def improve(self, should_stop: Callable[[], bool], most_moves: int) -> bool:
        """Make the move that pays most; say whether there was one."""
        most, best = 0, None
        for out, back in self._moves():
            self.tried += 1
            if self.tried > most_moves or should_stop():
                break
            left = [one for index, one in enumerate(self.placed) if index not in out]
            departures = {one.departure for _, one in (*(self.placed[i] for i in out), *back)}
            # No charge spans departures, so only those that change are priced.
            saving = self._cost(self.placed, departures) - self._cost([*left, *back], departures)
            if saving > most:
                most, best = saving, [*left, *back]
        if best is not None:
            self.placed = best
        return best is not None and self.tried <= most_moves

    def _cost(self, placed: Iterable[Placed], departures: set[str]) -> int:
        here = [one for one in placed if one[1].departure in departures]
        loads = [one for _, one in here if isinstance(one, ContainerLoad)]
        lcl = [one for mode, one in here if mode is Mode.LCL and isinstance(one, LooseLot)]
        postal = [one for mode, one in here if mode is Mode.POSTAL and isinstance(one, LooseLot)]
        return price(self.problem, loads, lcl, postal).cost_minor

    def _moves(self) -> Iterator[tuple[set[int], list[Placed]]]:
        """Yield moves: what is taken out of the list, and what comes in its place."""
        for consignment in self.problem.consignments:
            if not consignment.can_split:
                continue
            inside = [i for i, (_, one) in enumerate(self.placed) if _part_of(one, consignment)]
            for source in inside:
                yield from self._between(consignment, source, inside)
                yield from self._to_new_lots(consignment, source)
            for source in inside:
                if isinstance(self.placed[source][1], ContainerLoad):
                    yield from self._for_guests(consignment, source, inside)
                    yield from self._smaller(consignment, source, inside)

    def _between(
        self, consignment: Consignment, source: int, inside: list[int]
    ) -> Iterator[tuple[set[int], list[Placed]]]:
        """Move packages to another part: of each kind as many as fit, then a half of that, and so on to one."""
        here = _part_of(self.placed[source][1], consignment)
        for target in inside:
            if target == source:
                continue
            for package in consignment.packages:
                count = self._fitting(consignment, {package.id: here.get(package.id, 0)}, target)
                while count > 0:
                    moved = {package.id: count}
                    back = [self._with(consignment, source, moved, -1), self._with(consignment, target, moved, 1)]
                    yield {source, target}, [one for one in back if one is not None]
                    count //= 2

    def _to_new_lots(self, consignment: Consignment, source: int) -> Iterator[tuple[set[int], list[Placed]]]:
        """Send packages off in a loose lot of their own: of each kind all, then a half of that, and so on to one."""
        here = _part_of(self.placed[source][1], consignment)
        for package, way in product(consignment.packages, self._loose_ways(consignment)):
            count = here.get(package.id, 0)
            while count > 0:
                left = self._with(consignment, source, {package.id: count}, -1)
                yield {source}, [*([left] if left else []), self._new_lot(consignment, {package.id: count}, way)]
                count //= 2

    def _smaller(
        self, consignment: Consignment, source: int, inside: list[int]
    ) -> Iterator[tuple[set[int], list[Placed]]]:
        """Take another type of container; packages that it has no room for go to another part or a new lot."""
        load = self.placed[source][1]
        assert isinstance(load, ContainerLoad)
        if load.load_plan is not None:
            return
        for kind in self.problem.container_types:
            goods = [self.problem.consignment[part.consignment] for part in load.contents]
            other = replace(load, container_type=kind.code)
            if kind.code == load.container_type or not all(self._opens(other, one) for one in goods):
                continue
            if not self._may_add(load.departure, kind.code):
                continue
            displaced = self._displaced(consignment, other, None)
            if displaced is not None:
                yield from self._rehomed(consignment, source, {source}, displaced, inside, (Mode.FCL, other))

    def _may_add(self, departure: str, code: str) -> bool:
        limit = self.problem.departure[departure].container_limits.get(code)
        used = sum(
            isinstance(one, ContainerLoad) and one.departure == departure and one.container_type == code
            for _, one in self.placed
        )
        return limit is None or used < limit

    def _loose_ways(self, consignment: Consignment) -> list[Option]:
        return [way for way in self.options[consignment.id] if way.mode is not Mode.FCL]

    def _for_guests(
        self, consignment: Consignment, source: int, inside: list[int]
    ) -> Iterator[tuple[set[int], list[Placed]]]:
        """Make room in a container for goods that travel whole: the packages go to another part or a new lot."""
        load = self.placed[source][1]
        assert isinstance(load, ContainerLoad)
        if load.load_plan is not None:
            return
        for index, (_, other) in enumerate(self.placed):
            for part in _parts(other):
                guest = self.problem.consignment[part.consignment]
                if index == source or guest.can_split or not self._admits_guest(load, guest):
                    continue
                displaced = self._displaced(consignment, load, guest)
                if displaced is None:
                    continue
                joined = self._joined(load, guest)
                gone = _without(other, guest)
                rest = [(self.placed[index][0], gone)] if gone else []
                yield from self._rehomed(
                    consignment, source, {source, index}, displaced, inside, (Mode.FCL, joined), rest
                )

    def _rehomed(
        self,
        consignment: Consignment,
        source: int,
        out: set[int],
        displaced: Quantities,
        inside: list[int],
        changed: Placed,
        rest: Iterable[Placed] = (),
    ) -> Iterator[tuple[set[int], list[Placed]]]:
        """Yield a changed container less the displaced packages, which go to another part or a new loose lot."""
        lighter = _changed(consignment, changed, displaced, -1)
        kept = [*([lighter] if lighter else []), *rest]
        if not any(displaced.values()):
            yield out, kept
            return
        for target in inside:
            fits = self._fitting(consignment, displaced, target) == sum(displaced.values())
            if target not in out and fits:
                taken = self._with(consignment, target, displaced, 1)
                assert taken is not None
                yield {*out, target}, [*kept, taken]
        for way in self._loose_ways(consignment):
            if way.departure.id == self.placed[source][1].departure:
                yield out, [*kept, self._new_lot(consignment, displaced, way)]

    def _opens(self, load: ContainerLoad, goods: Consignment) -> bool:
        return any(
            way.mode is Mode.FCL
            and way.departure.id == load.departure
            and way.container_type is not None
            and way.container_type.code == load.container_type
            for way in self.options[goods.id]
        )

    def _admits_guest(self, load: ContainerLoad, guest: Consignment) -> bool:
        return self._opens(load, guest) and all(
            self.problem.compatible(self.problem.consignment[part.consignment].cargo_class, guest.cargo_class)
            for part in load.contents
        )

    def _displaced(self, consignment: Consignment, load: ContainerLoad, guest: Consignment | None) -> Quantities | None:
        """Return the packages to take out so that all fits, the largest first; None when that is not enough."""
        kind = self.problem.container_type[load.container_type]
        volume_mm3 = load.volume_mm3 + (guest.volume_mm3 if guest else 0) - kind.usable_volume_mm3
        mass_g = load.mass_g + (guest.mass_g if guest else 0) - kind.payload_g
        held, out = _part_of(load, consignment), {}
        for package in sorted(consignment.packages, key=lambda one: -one.unit_volume_mm3):
            by_volume = -(-max(0, volume_mm3) // package.unit_volume_mm3)
            by_mass = -(-max(0, mass_g) // package.mass_g) if package.mass_g else 0
            out[package.id] = count = min(held.get(package.id, 0), max(by_volume, by_mass))
            volume_mm3 -= count * package.unit_volume_mm3
            mass_g -= count * package.mass_g
        return out if volume_mm3 <= 0 and mass_g <= 0 else None

    def _fitting(self, consignment: Consignment, quantities: Quantities, target: int) -> int:
        """Return how many of these packages another container or lot can take."""
        holder = self.placed[target][1]
        if isinstance(holder, LooseLot):
            return sum(quantities.values())
        kind = self.problem.container_type[holder.container_type]
        if holder.load_plan is not None or not admits(kind, consignment):
            return 0
        volume_mm3, mass_g = kind.usable_volume_mm3 - holder.volume_mm3, kind.payload_g - holder.mass_g
        fitting = 0
        for package in consignment.packages:
            count = quantities.get(package.id, 0)
            if not count or not package_fits(package, kind):
                continue
            count = min(count, volume_mm3 // package.unit_volume_mm3)
            count = min(count, mass_g // package.mass_g) if package.mass_g else count
            volume_mm3 -= count * package.unit_volume_mm3
            mass_g -= count * package.mass_g
            fitting += count
        return max(0, fitting)

    def _with(self, consignment: Consignment, index: int, quantities: Mapping[str, int], sign: int) -> Placed | None:
        """Return a container or lot with these packages more or less; None when nothing is left in it."""
        return _changed(consignment, self.placed[index], quantities, sign)

    def _joined(self, holder: Holder, guest: Consignment) -> ContainerLoad:
        assert isinstance(holder, ContainerLoad)
        part = Part(consignment=guest.id, packages={one.id: one.quantity for one in guest.packages})
        return replace(
            holder,
            contents=(*holder.contents, part),
            volume_mm3=holder.volume_mm3 + guest.volume_mm3,
            mass_g=holder.mass_g + guest.mass_g,
        )

    def _new_lot(self, consignment: Consignment, quantities: Quantities, way: Option) -> Placed:
        packages = {key: count for key, count in quantities.items() if count}
        volume_mm3, mass_g, _ = consignment.part_totals(packages)
        part = Part(consignment=consignment.id, packages=packages)
        return way.mode, LooseLot(departure=way.departure.id, part=part, volume_mm3=volume_mm3, mass_g=mass_g)


def _changed(consignment: Consignment, placed: Placed, quantities: Mapping[str, int], sign: int) -> Placed | None:
    mode, holder = placed
    held = _part_of(holder, consignment)
    for key, count in quantities.items():
        held[key] = held.get(key, 0) + sign * count
    part = Part(consignment=consignment.id, packages={key: count for key, count in held.items() if count})
    volume_mm3, mass_g, _ = consignment.part_totals(quantities)
    volume_mm3, mass_g = holder.volume_mm3 + sign * volume_mm3, holder.mass_g + sign * mass_g
    if isinstance(holder, LooseLot):
        return (mode, replace(holder, part=part, volume_mm3=volume_mm3, mass_g=mass_g)) if part.packages else None
    contents = [part if one.consignment == consignment.id else one for one in holder.contents]
    kept = tuple(one for one in contents if one.consignment != consignment.id or one.packages)
    return (mode, replace(holder, contents=kept, volume_mm3=volume_mm3, mass_g=mass_g)) if kept else None


def _parts(holder: Holder) -> tuple[Part, ...]:
    return holder.contents if isinstance(holder, ContainerLoad) else (holder.part,)


def _part_of(holder: Holder, consignment: Consignment) -> Quantities:
    """Return the packages of a consignment in a container or lot; a part without packages is all of it."""
    for part in _parts(holder):
        if part.consignment == consignment.id:
            return dict(part.packages) or {one.id: one.quantity for one in consignment.packages}
    return {}


def _without(holder: Holder, guest: Consignment) -> Holder | None:
    """Return a container without goods that travel whole; None when nothing is left."""
    if isinstance(holder, LooseLot) or len(holder.contents) == 1:
        return None
    return replace(
        holder,
        contents=tuple(one for one in holder.contents if one.consignment != guest.id),
        volume_mm3=holder.volume_mm3 - guest.volume_mm3,
        mass_g=holder.mass_g - guest.mass_g,
    )
