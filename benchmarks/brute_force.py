"""The least cost of a tiny problem by trying everything, to check the engine against.

Every consignment that cannot be split is one unit, every package of one that can is a unit of its own. Costs add up
over departures, so that the cheapest way to send every set of units on each departure is found by trying all their
groupings into containers of all types, LCL and post; sets are then dealt to departures. Nothing is shared with the
searches beyond the amount of a single charge line; the plan found is judged by `optimizer.checking`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from benchmarks.instances import instance
from optimizer.consolidation.charges import delay_amount, line_amount, lot_units, passes, value_units, whole
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.options import admits, in_time
from optimizer.consolidation.plans import unplanned
from optimizer.problem import (
    LOT_BASES,
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
    Package,
)
from optimizer.result import ContainerLoad, LooseLot, Part
from tests.builders import consignment, package, random_problem

MOST_UNITS = 6


@dataclass(frozen=True)
class _Unit:
    """What travels undivided: a consignment, or one package of it (`kind`)."""

    goods: int
    kind: int | None
    volume_mm3: int
    mass_g: int
    packages: int


@dataclass(frozen=True)
class _Lot:
    """Units of one consignment together: the charges that it passes, and what its own lines cost."""

    goods: int
    mode: Mode
    volume_mm3: int
    passing: int
    own_minor: int
    box: int


@dataclass(frozen=True)
class _Sailing:
    """What one departure carries: units by container, their types, and units by loose mode."""

    cost: int
    groups: list[list[int]]
    kinds: tuple[ContainerType, ...]
    loose: dict[Mode, list[int]]


@dataclass(frozen=True)
class _Sent:
    """Sailings that together carry a set of units."""

    cost: int
    sailings: tuple[tuple[Departure, _Sailing], ...]


class BruteForce:
    """All plans of a tiny problem.

    Raises
    ------
    ValueError
        With more than `MOST_UNITS` units.
    """

    def __init__(self, problem: ConsolidationProblem) -> None:
        self.problem = problem
        self.units = [unit for index, one in enumerate(problem.consignments) for unit in _units(index, one)]
        if len(self.units) > MOST_UNITS:
            raise ValueError(f"units: expected <= {MOST_UNITS}, found {len(self.units)}")
        self.spanning = [(bit, one) for bit, one in enumerate(problem.charges) if one.basis not in LOT_BASES]
        self._lots: dict[tuple[int, str, Mode, str], tuple[tuple[int, int, int, int], ...]] = {}

    def least(self) -> tuple[int, int]:
        """Return (consignments of which something stays behind, least cost of what travels then)."""
        return min((self._left(carried), sent.cost) for carried, sent in self.best.items())

    def plan(self) -> LotPlan:
        """Return a plan of that cost."""
        carried = min(self.best, key=lambda carried: (self._left(carried), self.best[carried].cost))
        containers: list[ContainerLoad] = []
        loose: dict[Mode, list[LooseLot]] = {Mode.LCL: [], Mode.POSTAL: []}
        for ship, sailing in self.best[carried].sailings:
            for kind, group in zip(sailing.kinds, sailing.groups, strict=True):
                units = [self.units[bit] for bit in group]
                containers.append(
                    ContainerLoad(
                        id=f"K-{len(containers) + 1}", container_type=kind.code, departure=ship.id,
                        contents=tuple(part for part, _, _ in self._parts(group)),
                        mass_g=sum(one.mass_g for one in units), volume_mm3=sum(one.volume_mm3 for one in units),
                    )
                )  # fmt: skip
            for mode, group in sailing.loose.items():
                loose[mode] += [
                    LooseLot(departure=ship.id, part=part, volume_mm3=volume_mm3, mass_g=mass_g)
                    for part, volume_mm3, mass_g in self._parts(group)
                ]
        found = LotPlan(containers=tuple(containers), lcl=tuple(loose[Mode.LCL]), postal=tuple(loose[Mode.POSTAL]))
        return replace(found, unplanned=unplanned(self.problem, found))

    def _parts(self, group: Sequence[int]) -> Iterator[tuple[Part, int, int]]:
        """Yield the part of each consignment in a group of units, with its volume and mass."""
        for goods in dict.fromkeys(self.units[bit].goods for bit in group):
            one = self.problem.consignments[goods]
            units = [self.units[bit] for bit in group if self.units[bit].goods == goods]
            kinds = Counter(one.packages[unit.kind].id for unit in units if unit.kind is not None)
            part = Part(consignment=one.id, packages=dict(kinds)) if kinds else whole(one)
            yield part, sum(unit.volume_mm3 for unit in units), sum(unit.mass_g for unit in units)

    @cached_property
    def best(self) -> dict[int, "_Sent"]:
        """The cheapest way of sending exactly these units (bit mask), for every set that can be sent."""
        best = {0: _Sent(0, ())}
        for ship in self.problem.departures:
            on_it = self._on(ship)
            combined = dict(best)
            for before, sent in best.items():
                for units, sailing in on_it.items():
                    together, cost = before | units, sent.cost + sailing.cost
                    if not before & units and (together not in combined or cost < combined[together].cost):
                        combined[together] = _Sent(cost, (*sent.sailings, (ship, sailing)))
            best = combined
        return best

    def _left(self, carried: int) -> int:
        return len({unit.goods for bit, unit in enumerate(self.units) if not carried >> bit & 1})

    def _on(self, ship: Departure) -> dict[int, "_Sailing"]:
        """Return the cheapest sailing of every non-empty set of units on one departure."""
        may = [bit for bit, unit in enumerate(self.units) if self._joins(unit, ship)]
        best: dict[int, _Sailing] = {}
        for number in range(1, 1 << len(may)):
            units = [may[at] for at in range(len(may)) if number >> at & 1]
            sailing = self._cheapest(ship, units)
            if sailing is not None:
                best[sum(1 << bit for bit in units)] = sailing
        return best

    def _joins(self, unit: _Unit, ship: Departure) -> bool:
        one = self.problem.consignments[unit.goods]
        return (one.origin, one.destination) == (ship.origin, ship.destination) and in_time(self.problem, one, ship)

    def _cheapest(self, ship: Departure, units: list[int]) -> "_Sailing | None":
        loose_modes = [mode for mode in self.problem.settings.modes if mode is not Mode.FCL]
        kinds = self.problem.container_types if Mode.FCL in self.problem.settings.modes else ()
        least: _Sailing | None = None
        for groups, loose in _groupings(units, loose_modes):
            for chosen in self._typed(ship, groups, kinds, ()):
                cost = self._cost(ship, groups, chosen, loose, least.cost if least else None)
                if cost is not None and (least is None or cost < least.cost):
                    least = _Sailing(cost, groups, chosen, loose)
        return least

    def _typed(
        self,
        ship: Departure,
        groups: list[list[int]],
        kinds: tuple[ContainerType, ...],
        chosen: tuple[ContainerType, ...],
    ) -> Iterator[tuple[ContainerType, ...]]:
        """Yield every choice of container types that hold the groups, limits respected."""
        if len(chosen) == len(groups):
            yield chosen
            return
        for kind in kinds:
            limit = ship.container_limits.get(kind.code)
            if (limit is None or chosen.count(kind) < limit) and self._holds(kind, groups[len(chosen)]):
                yield from self._typed(ship, groups, kinds, (*chosen, kind))

    def _holds(self, kind: ContainerType, group: list[int]) -> bool:
        units = [self.units[bit] for bit in group]
        goods = [self.problem.consignments[unit.goods] for unit in units]
        return (
            sum(unit.volume_mm3 for unit in units) <= kind.usable_volume_mm3
            and sum(unit.mass_g for unit in units) <= kind.payload_g
            and all(admits(kind, one) for one in goods)
            and all(self._passes_door(kind, unit) for unit in units)
            and all(self.problem.compatible(a.cargo_class, b.cargo_class) for a in goods for b in goods if a is not b)
        )

    def _passes_door(self, kind: ContainerType, unit: _Unit) -> bool:
        packages = self.problem.consignments[unit.goods].packages
        inside = packages if unit.kind is None else (packages[unit.kind],)
        return all(one.fits(kind) for one in inside)

    def _cost(
        self,
        ship: Departure,
        groups: list[list[int]],
        chosen: tuple[ContainerType, ...],
        loose: dict[Mode, list[int]],
        under: int | None,
    ) -> int | None:
        """Return the cost of one departure, None when its lot lines alone reach `under`."""
        lots = [lot for at, group in enumerate(groups) for lot in self._lots_of(ship, Mode.FCL, group, chosen[at], at)]
        for mode, units in loose.items():
            lots += self._lots_of(ship, mode, units, None, -1)
        cost = sum(lot.own_minor for lot in lots)
        if under is not None and cost >= under:
            return None
        gross_g = [
            kind.tare_g + sum(self.units[bit].mass_g for bit in group)
            for kind, group in zip(chosen, groups, strict=True)
        ]
        for bit, charge in self.spanning:
            met = [lot for lot in lots if lot.passing >> bit & 1]
            if met:
                cost += self._spanning(charge, met, gross_g)
        together: dict[int, int] = {}
        for lot in lots:
            together[lot.goods] = together.get(lot.goods, 0) + lot.volume_mm3
        for goods, volume_mm3 in together.items():
            cost += delay_amount(self.problem, self.problem.consignments[goods], ship, volume_mm3)
        return cost

    def _lots_of(
        self, ship: Departure, mode: Mode, units: list[int], kind: ContainerType | None, box: int
    ) -> Iterator[_Lot]:
        key = (sum(1 << bit for bit in units), ship.id, mode, kind.code if kind else "")
        if key not in self._lots:
            by_goods: dict[int, list[_Unit]] = {}
            for bit in units:
                by_goods.setdefault(self.units[bit].goods, []).append(self.units[bit])
            self._lots[key] = tuple(self._new_lot(ship, mode, goods, held, kind) for goods, held in by_goods.items())
        for goods, volume_mm3, passing, own in self._lots[key]:
            yield _Lot(goods, mode, volume_mm3, passing, own, box)

    def _new_lot(
        self, ship: Departure, mode: Mode, goods: int, held: list[_Unit], kind: ContainerType | None
    ) -> tuple[int, int, int, int]:
        one = self.problem.consignments[goods]
        volume_mm3, mass_g = sum(unit.volume_mm3 for unit in held), sum(unit.mass_g for unit in held)
        packages = sum(unit.packages for unit in held)
        passing = own = 0
        for bit, charge in enumerate(self.problem.charges):
            if passes(charge, one, ship, mode, kind):
                passing |= 1 << bit
                if charge.basis in LOT_BASES:
                    units = lot_units(charge, self.problem.settings, mode, volume_mm3, mass_g, packages)
                    own += line_amount(charge, units)
        return goods, volume_mm3, passing, own

    def _spanning(self, charge: Charge, met: list[_Lot], gross_g: list[int]) -> int:
        if charge.basis is Basis.VALUE:
            together: dict[int, int] = {}
            for lot in met:
                together[lot.goods] = together.get(lot.goods, 0) + lot.volume_mm3
            goods = self.problem.consignments
            return sum(line_amount(charge, value_units(goods[at], volume)) for at, volume in together.items())
        if charge.basis is Basis.CONTAINER:
            over_g = charge.gross_mass_over_g
            boxes = {lot.box for lot in met if lot.box >= 0}
            number = sum(over_g is None or gross_g[box] > over_g for box in boxes)
        elif charge.basis is Basis.BILL_OF_LADING:
            number = any(lot.mode is Mode.FCL for lot in met) + sum(lot.mode is not Mode.FCL for lot in met)
        elif charge.basis is Basis.CONSIGNMENT:
            number = len({lot.goods for lot in met})
        elif charge.basis is Basis.MEMBER:
            number = len({self.problem.consignments[lot.goods].member for lot in met})
        else:
            number = 1
        return number * line_amount(charge, 1, number) if number else 0


def _units(index: int, one: Consignment) -> Iterator[_Unit]:
    if not one.can_split:
        number = sum(held.quantity for held in one.packages) or 1
        yield _Unit(index, None, one.volume_mm3, one.mass_g, number)
        return
    for kind, held in enumerate(one.packages):
        for _ in range(held.quantity):
            yield _Unit(index, kind, held.unit_volume_mm3, held.mass_g, 1)


def _groupings(units: list[int], loose_modes: list[Mode]) -> Iterator[tuple[list[list[int]], dict[Mode, list[int]]]]:
    """Yield every way to deal units to unnumbered containers and loose modes."""

    def deal(
        left: list[int], groups: list[list[int]], loose: dict[Mode, list[int]]
    ) -> Iterator[tuple[list[list[int]], dict[Mode, list[int]]]]:
        if not left:
            yield groups, loose
            return
        first, rest = left[0], left[1:]
        for at in range(len(groups)):
            yield from deal(rest, [*groups[:at], [*groups[at], first], *groups[at + 1 :]], loose)
        yield from deal(rest, [*groups, [first]], loose)
        for mode in loose_modes:
            yield from deal(rest, groups, {**loose, mode: [*loose.get(mode, []), first]})

    return deal(units, [], {})


def tiny_problem(seed: int) -> ConsolidationProblem:
    """Return a varied problem of at most `MOST_UNITS` units, the same for the same seed.

    By turns: every charge basis on two lanes; the same on one lane with limits and three departures; one with a
    consignment that can be split; one cut out of a benchmark instance.
    """
    draw = Random(f"tiny {seed}")
    turn = seed % 4
    if turn == 0:
        return random_problem(
            seed, members=3, consignments=draw.randint(2, 5), departures=2, lanes=2, classes=3, divisible=False
        )
    if turn == 1:
        return random_problem(seed, members=2, consignments=draw.randint(2, 4), departures=3, divisible=False)
    if turn == 2:
        return _with_a_split(seed, draw)
    return _excerpt(draw)


def _with_a_split(seed: int, draw: Random) -> ConsolidationProblem:
    case = random_problem(seed, members=2, consignments=2, departures=2, divisible=False)
    first = case.consignments[0]
    kinds = [
        package(f"P{kind}", draw.randint(1, 2), litres=draw.randint(500, 2500) * 4, kg=draw.randint(200, 9000))
        for kind in range(draw.randint(1, 2))
    ]
    if sum(one.quantity for one in kinds) < 2:
        kinds = [replace(kinds[0], quantity=3)]
    split = _split_like(first, kinds)
    return replace(case, consignments=(split, *case.consignments[1:]))


def splits_problem(seed: int) -> ConsolidationProblem:
    """Return a problem of at most `MOST_UNITS` units with two consignments that can be split, the same for a seed."""
    draw = Random(f"splits {seed}")
    case = random_problem(seed, members=2, consignments=3, departures=draw.randint(1, 2), divisible=False)
    first, second, third = case.consignments
    counts = [draw.randint(2, 4)] if draw.random() < 0.5 else draw.choice([[1, 2], [2, 1]])
    goods = [_split_like(first, _pallets(counts, draw)), _split_like(second, _pallets([2], draw))]
    if sum(counts) + 2 < MOST_UNITS:
        goods.append(third)
    return replace(case, consignments=tuple(goods))


def _pallets(counts: Sequence[int], draw: Random) -> list[Package]:
    return [
        package(f"P{kind}", count, litres=draw.randint(500, 2500) * 4, kg=draw.randint(200, 9000))
        for kind, count in enumerate(counts)
    ]


def _split_like(first: Consignment, kinds: Sequence[Package]) -> Consignment:
    """Return a consignment of these packages that can be split, else like another."""
    # A pallet of more than 2.3 m would pass no door: keep the volume, lay it flat.
    flat = [replace(one, length_mm=2000, width_mm=2000, height_mm=one.height_mm // 4) for one in kinds]
    return consignment(
        first.id, first.member, packages=flat, destination=first.destination, cargo_class=first.cargo_class,
        ready_date=first.ready_date, due_date=first.due_date, value_minor=first.value_minor,
        delay_cost_ppm_per_day=first.delay_cost_ppm_per_day, divisible=True,
    )  # fmt: skip


def _excerpt(draw: Random) -> ConsolidationProblem:
    whole = instance(3, draw.randint(1, 500))
    lane = draw.choice(whole.consignments).destination
    goods = [one for one in whole.consignments if one.destination == lane]
    goods = draw.sample(goods, min(len(goods), draw.randint(2, 4)))
    first = min(one.ready_date for one in goods)
    ships = [one for one in whole.departures if one.destination == lane and one.cut_off >= first]
    last = max(one.ready_date for one in goods)
    open_to_all = [one for one in ships if one.cut_off >= last]
    kept = {one.id for one in (*ships[:1], *open_to_all[:2])}
    kinds = {"22G1", draw.choice(["42G1", "45G1", "L5G1"]), "22R1"}
    return replace(
        whole,
        consignments=tuple(goods),
        departures=tuple(one for one in ships if one.id in kept),
        container_types=tuple(one for one in whole.container_types if one.code in kinds),
    )
