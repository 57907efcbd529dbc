"""How a plan sends each consignment, how two plans differ, and what a plan would cost with one consignment moved.

Charges and delay costs count departure by departure, so that a move is priced by the departures that it touches.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, replace

from optimizer.consolidation.charge_index import ChargeIndex, Load, Piece, Sailing, part_piece, whole_piece
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Departure, Mode
from optimizer.result import LooseLot, Part, ShipmentPlan

Loose = tuple[Mode, Piece]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Way:
    """How a consignment, or a part of it, travels.

    Parameters
    ----------
    container_type
        Empty for LCL and postal lots.
    packages
        (package id, quantity) in the order of the consignment; empty for goods described without packages.
    """

    departure: str
    mode: Mode
    container_type: str = ""
    packages: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentChange:
    """One consignment that two plans send differently.

    Parameters
    ----------
    before, after
        Its ways in either plan; empty where it does not travel.
    days_before, days_after
        Days from its ready date to the departure of its last part; None where it does not travel.
    """

    consignment: str
    member: str
    before: tuple[Way, ...]
    after: tuple[Way, ...]
    days_before: int | None
    days_after: int | None

    @property
    def days_added(self) -> int:
        """Days of waiting added, negative when saved; 0 where it does not travel in one of the plans."""
        if self.days_before is None or self.days_after is None:
            return 0
        return self.days_after - self.days_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What people care about in a plan; of every number less is better.

    Parameters
    ----------
    container_types
        Number of different types used.
    split_consignments
        Consignments that travel in more than one lot.
    loose_lots
        LCL and postal lots.
    waiting_days, longest_waiting_days
        Days from ready date to departure: sum and maximum over the consignments that travel.
    """

    cost_minor: int
    departures: int
    containers: int
    container_types: int
    split_consignments: int
    loose_lots: int
    waiting_days: int
    longest_waiting_days: int

    def numbers(self) -> tuple[int, ...]:
        """Return all numbers, cost first."""
        return (
            self.cost_minor, self.departures, self.containers, self.container_types, self.split_consignments,
            self.loose_lots, self.waiting_days, self.longest_waiting_days,
        )  # fmt: skip

    def no_worse_than(self, other: "Measures") -> bool:
        """Say whether no number is greater than the other's."""
        return all(one <= its for one, its in zip(self.numbers(), other.numbers(), strict=True))


def days_waiting(consignment: Consignment, departure: Departure) -> int:
    """Return the days from the ready date of a consignment to a departure, transit never counted."""
    return (departure.departure - consignment.ready_date).days


def ways_of(problem: ConsolidationProblem, plan: ShipmentPlan) -> dict[str, tuple[Way, ...]]:
    """Return how each consignment of a problem travels, in a fixed order; empty for those that do not."""
    found: dict[str, list[Way]] = {one.id: [] for one in problem.consignments}
    for departure, mode, code, part in _parts(plan):
        packages = tuple(
            (package.id, part.packages[package.id])
            for package in problem.consignment[part.consignment].packages
            if part.packages.get(package.id)
        )
        way = Way(departure=departure, mode=mode, container_type=code, packages=packages)
        found[part.consignment].append(way)
    return {name: tuple(sorted(ways)) for name, ways in found.items()}


def _parts(plan: ShipmentPlan) -> Iterator[tuple[str, Mode, str, Part]]:
    for load in plan.containers:
        for part in load.contents:
            yield load.departure, Mode.FCL, load.container_type, part
    for mode, lots in ((Mode.LCL, plan.lcl), (Mode.POSTAL, plan.postal)):
        for lot in lots:
            yield lot.departure, mode, "", lot.part


def carried(plan: ShipmentPlan) -> Counter[tuple[str, str]]:
    """Count the packages that travel by (consignment, package); goods without packages count as one ``""``."""
    found: Counter[tuple[str, str]] = Counter()
    for _, _, _, part in _parts(plan):
        found.update({(part.consignment, name): count for name, count in (part.packages or {"": 1}).items()})
    return found


def measures(problem: ConsolidationProblem, plan: ShipmentPlan) -> Measures:
    """Return what people care about in a plan of this problem."""
    ways = ways_of(problem, plan)
    waits = [_waits(problem, name, held) or 0 for name, held in ways.items() if held]
    return Measures(
        cost_minor=plan.cost_minor,
        departures=len({way.departure for held in ways.values() for way in held}),
        containers=len(plan.containers),
        container_types=len({load.container_type for load in plan.containers}),
        split_consignments=sum(len(held) > 1 for held in ways.values()),
        loose_lots=len(plan.lcl) + len(plan.postal),
        waiting_days=sum(waits),
        longest_waiting_days=max(waits, default=0),
    )


def _waits(problem: ConsolidationProblem, name: str, ways: Iterable[Way]) -> int | None:
    one = problem.consignment[name]
    return max((days_waiting(one, problem.departure[way.departure]) for way in ways), default=None)


def changes(
    problem: ConsolidationProblem,
    before: ShipmentPlan,
    after: ShipmentPlan,
    changed_problem: ConsolidationProblem | None = None,
) -> tuple[ConsignmentChange, ...]:
    """List the consignments that two plans send differently, in the order of the problem.

    Parameters
    ----------
    changed_problem
        The problem of the second plan when its dates or departures differ; the same consignments.
    """
    later = changed_problem or problem
    was, becomes = ways_of(problem, before), ways_of(later, after)
    return tuple(
        ConsignmentChange(
            consignment=one.id,
            member=one.member,
            before=was[one.id],
            after=becomes[one.id],
            days_before=_waits(problem, one.id, was[one.id]),
            days_after=_waits(later, one.id, becomes[one.id]),
        )
        for one in problem.consignments
        if was[one.id] != becomes[one.id]
    )


class Moves:
    """A plan as priced departures, in which one consignment may be put into another container.

    Parameters
    ----------
    plan
        A plan of the problem; its container ids name the loads.
    """

    def __init__(self, problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
        self.problem = problem
        self.index = ChargeIndex(problem)
        self._wholes: dict[str, Piece] = {}
        self.loads: dict[str, Load] = {
            load.id: self.index.load(
                problem.departure[load.departure],
                problem.container_type[load.container_type],
                [self._piece(part) for part in load.contents],
            )
            for load in plan.containers
        }
        self.loose: dict[str, list[Loose]] = {}
        for mode, lots in ((Mode.LCL, plan.lcl), (Mode.POSTAL, plan.postal)):
            for lot in lots:
                self.loose.setdefault(lot.departure, []).append((mode, self._piece(lot.part)))
        self._at: dict[str, dict[str, Load]] = {}
        for name, load in self.loads.items():
            self._at.setdefault(load.departure.id, {})[name] = load
        self.sailings: dict[str, Sailing] = {
            one.id: self.index.sailing(one, self._at.get(one.id, {}).values(), self.loose.get(one.id, ()))
            for one in problem.departures
        }
        self._touched: dict[str, set[str]] = {}
        for sailing in self.sailings.values():
            for piece in (*(piece for load in sailing.loads for piece in load.pieces), *(p for _, p in sailing.loose)):
                self._touched.setdefault(piece.consignment.id, set()).add(sailing.departure.id)

    def _piece(self, part: Part) -> Piece:
        one = self.problem.consignment[part.consignment]
        return part_piece(one, dict(part.packages)) if part.packages else self.whole(one)

    def others(self, name: str, consignment: str) -> tuple[Piece, ...]:
        """Return the pieces in a container that are not of a consignment."""
        return tuple(piece for piece in self.loads[name].pieces if piece.consignment.id != consignment)

    def into(self, consignment: Consignment, name: str, kind: ContainerType | None = None) -> int:
        """Return the change of the plan's cost if a whole consignment went into a container.

        Parameters
        ----------
        consignment
            One of the problem, or the same with other dates or sizes: all its lots in the plan are taken off.
        name
            Id of the container in the plan.
        kind
            Another type that the container becomes.
        """
        target = self.loads[name]
        joined = self.index.load(
            target.departure,
            kind or target.container_type,
            [*self.others(name, consignment.id), self.whole(consignment)],
        )
        return self._change({consignment.id}, target.departure.id, [joined], (), leaving=name)

    def exchanged(self, consignment: Consignment) -> int:
        """Return the change of the plan's cost if a consignment in one lot were replaced by a variant of it."""
        held = [
            (departure, mode)
            for departure, lots in self.loose.items()
            for mode, piece in lots
            if piece.consignment.id == consignment.id
        ]
        inside = [
            name
            for name, load in self.loads.items()
            if any(piece.consignment.id == consignment.id for piece in load.pieces)
        ]
        if inside:
            return self.into(consignment, inside[0])
        if not held:
            return 0
        return self._change({consignment.id}, held[0][0], (), [(held[0][1], self.whole(consignment))])

    def together(self, group: Iterable[Consignment], departure: Departure, kind: ContainerType) -> int:
        """Return the change of the plan's cost if whole consignments went into a new container, all at once."""
        members = list(group)
        load = self.index.load(departure, kind, [self.whole(one) for one in members])
        return self._change({one.id for one in members}, departure.id, [load], ())

    def alone(self, consignment: Consignment, departure: Departure, mode: Mode) -> int:
        """Return the change of the plan's cost if a whole consignment went as one LCL or postal lot."""
        return self._change({consignment.id}, departure.id, (), [(mode, self.whole(consignment))])

    def whole(self, consignment: Consignment) -> Piece:
        """Return the piece that is a whole consignment, always the same one for one of the problem."""
        if consignment is not self.problem.consignment.get(consignment.id):
            return whole_piece(consignment)
        if consignment.id not in self._wholes:
            self._wholes[consignment.id] = whole_piece(consignment)
        return self._wholes[consignment.id]

    def _change(
        self, gone: Set[str], departure: str, loads: Iterable[Load], loose: Iterable[Loose], leaving: str = ""
    ) -> int:
        """Price the touched departures again: consignments gone from all, loads and lots added to one."""
        change = 0
        touched = {departure}.union(*(self._touched.get(one, set()) for one in gone))
        for one in sorted(touched):
            kept: list[Load] = []
            for name, load in self._at.get(one, {}).items():
                if name == leaving:
                    continue
                rest = [piece for piece in load.pieces if piece.consignment.id not in gone]
                if len(rest) == len(load.pieces):
                    kept.append(load)
                elif rest:
                    kept.append(self.index.load(load.departure, load.container_type, rest))
            lots = [lot for lot in self.loose.get(one, ()) if lot[1].consignment.id not in gone]
            if one == departure:
                kept += loads
                lots += loose
            now = self.sailings[one]
            change += self.index.cost(now.departure, kept, lots) - now.cost_minor
        return change


def plan_with(problem: ConsolidationProblem, plan: ShipmentPlan, consignment: str, container: str) -> ShipmentPlan:
    """Return a plan in which a whole consignment goes into a container; its prices are those of before.

    Only what travels where is changed: price it anew with `charges.price`. A load plan of the container is dropped.
    """
    one = problem.consignment[consignment]
    whole = Part(consignment=one.id, packages={package.id: package.quantity for package in one.packages})
    containers = []
    for load in plan.containers:
        contents = tuple(part for part in load.contents if part.consignment != one.id)
        if load.id == container:
            contents = (*contents, whole)
        if contents == load.contents:
            containers.append(load)
        elif contents:
            pieces = [_totals(problem, part) for part in contents]
            containers.append(
                replace(
                    load,
                    contents=contents,
                    volume_mm3=sum(volume for volume, _ in pieces),
                    mass_g=sum(mass for _, mass in pieces),
                    load_plan=None,
                )
            )

    def kept(lots: Iterable[LooseLot]) -> tuple[LooseLot, ...]:
        return tuple(lot for lot in lots if lot.part.consignment != one.id)

    return replace(
        plan,
        containers=tuple(containers),
        lcl=kept(plan.lcl),
        postal=kept(plan.postal),
        unplanned=tuple(entry for entry in plan.unplanned if entry.consignment != one.id),
    )


def _totals(problem: ConsolidationProblem, part: Part) -> tuple[int, int]:
    one = problem.consignment[part.consignment]
    if not one.packages:
        return one.volume_mm3, one.mass_g
    volume_mm3, mass_g, _ = one.part_totals(part.packages)
    return volume_mm3, mass_g
