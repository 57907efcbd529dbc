"""First-fit decreasing, as a careful planner would do it in a spreadsheet: the baseline to beat.

For each lane: goods wait for the first departure that they can join among every one, every second, every third
or every fourth departure; a consignment that cannot wait takes its first departure. The goods of a departure are
sorted by size and each goes into the first open container that takes it, else a new one is opened; this for each
type as the one to open. Then every container becomes the cheapest type that holds its goods, or is broken up into
LCL (or postal) lots where these are cheaper. The cheapest outcome of all, priced to the cent, is kept by lane.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from optimizer.consolidation.charges import price, whole
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.options import admits, fits_whole, open_departures
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Departure, Mode
from optimizer.result import ContainerLoad, LooseLot


@dataclass
class _Box:
    """An open container."""

    kind: ContainerType
    goods: list[Consignment] = field(default_factory=list)


@dataclass
class _Sheet:
    """The problem with the costs that were looked up once."""

    problem: ConsolidationProblem
    boxes: dict[tuple[str, str, tuple[str, ...]], int] = field(default_factory=dict)
    lots: dict[tuple[str, str], tuple[int, Mode]] = field(default_factory=dict)

    @cached_property
    def loose_modes(self) -> list[Mode]:
        """LCL and post, as far as they are on offer."""
        return [mode for mode in self.problem.settings.modes if mode is not Mode.FCL]

    def box(self, ship: Departure, kind: ContainerType, goods: Sequence[Consignment]) -> int:
        """Return what a container would cost were it alone on its departure."""
        key = (ship.id, kind.code, tuple(sorted(one.id for one in goods)))
        if key not in self.boxes:
            self.boxes[key] = price(self.problem, [_load(ship, kind, goods)]).cost_minor
        return self.boxes[key]

    def lot(self, ship: Departure, one: Consignment) -> tuple[int, Mode]:
        """Return what a loose lot costs, the cheapest way."""
        key = (ship.id, one.id)
        if key not in self.lots:
            lot = [LooseLot(departure=ship.id, part=whole(one), mass_g=one.mass_g, volume_mm3=one.volume_mm3)]
            costs = {
                Mode.LCL: price(self.problem, (), lot, ()).cost_minor,
                Mode.POSTAL: price(self.problem, (), (), lot).cost_minor,
            }
            self.lots[key] = min((costs[mode], mode) for mode in self.loose_modes)
        return self.lots[key]


def first_fit(problem: ConsolidationProblem) -> LotPlan:
    """Return the plan; consignments are never split."""
    lanes: dict[tuple[str, str], list[Consignment]] = {}
    for one in problem.consignments:
        lanes.setdefault((one.origin, one.destination), []).append(one)
    sheet = _Sheet(problem)
    plans = [min(_tries(sheet, goods), key=lambda plan: _worth(problem, plan)) for goods in lanes.values()]
    return LotPlan(
        containers=tuple(one for plan in plans for one in plan.containers),
        lcl=tuple(one for plan in plans for one in plan.lcl),
        postal=tuple(one for plan in plans for one in plan.postal),
        unplanned=tuple(one for plan in plans for one in plan.unplanned),
    )


def _worth(problem: ConsolidationProblem, plan: LotPlan) -> tuple[int, int]:
    return len(plan.unplanned), price(problem, plan.containers, plan.lcl, plan.postal).cost_minor


def _tries(sheet: _Sheet, goods: Sequence[Consignment]) -> Iterator[LotPlan]:
    """Yield one plan of a lane for each spacing of departures, the best opening type chosen departure by departure."""
    open_to = {one.id: open_departures(sheet.problem, one) for one in goods}
    order = sorted({ship for ships in open_to.values() for ship in map(_key, ships)})
    for spacing in (1, 2, 3, 4):
        for offset in range(spacing):
            wanted = {ship for _, ship in order[offset::spacing]}
            groups: dict[str, list[Consignment]] = {}
            left = [one.id for one in goods if not open_to[one.id]]
            for one in goods:
                if ships := sorted(open_to[one.id], key=_key):
                    ship = next((ship for ship in ships if ship.id in wanted), ships[0])
                    groups.setdefault(ship.id, []).append(one)
            plans = [_sail(sheet, sheet.problem.departure[ship], held) for ship, held in groups.items()]
            yield LotPlan(
                containers=tuple(one for plan in plans for one in plan.containers),
                lcl=tuple(one for plan in plans for one in plan.lcl),
                postal=tuple(one for plan in plans for one in plan.postal),
                unplanned=(*left, *(one for plan in plans for one in plan.unplanned)),
            )


def _key(ship: Departure) -> tuple[str, str]:
    return ship.departure.isoformat(), ship.id


def _sail(sheet: _Sheet, ship: Departure, goods: list[Consignment]) -> LotPlan:
    """Return the cheapest plan of the goods of one departure over the types that may be opened first."""
    problem = sheet.problem
    kinds = list(problem.container_types) if Mode.FCL in problem.settings.modes else []
    tries = [_pack(sheet, ship, goods, [kind, *(one for one in kinds if one != kind)]) for kind in kinds]
    return min([*tries, _pack(sheet, ship, goods, [])], key=lambda plan: _worth(problem, plan))


def _pack(sheet: _Sheet, ship: Departure, goods: list[Consignment], kinds: list[ContainerType]) -> LotPlan:
    boxes: list[_Box] = []
    loose: list[Consignment] = []
    size = {one.id: max(_fill(one, kind) for kind in kinds) if kinds else 0.0 for one in goods}
    for one in sorted(goods, key=lambda one: (-size[one.id], one.id)):
        box = next((box for box in boxes if _takes(sheet.problem, box, one)), None)
        if box is None:
            kind = next((kind for kind in kinds if _may_open(ship, boxes, kind) and _fits(kind, one)), None)
            if kind is None:
                loose.append(one)
                continue
            box = _Box(kind)
            boxes.append(box)
        box.goods.append(one)
    containers: list[ContainerLoad] = []
    for box in sorted(boxes, key=lambda box: sum(one.volume_mm3 for one in box.goods)):
        used = [other.kind for other in boxes if other is not box and other.goods]
        fitting = [
            (sheet.box(ship, kind, box.goods), kind)
            for kind in kinds
            if _holds(kind, box.goods) and used.count(kind) < ship.container_limits.get(kind.code, len(goods))
        ]
        cost, box.kind = min(fitting, key=lambda way: way[0])
        if sheet.loose_modes and sum(sheet.lot(ship, one)[0] for one in box.goods) < cost:
            loose.extend(box.goods)
            box.goods = []
        else:
            containers.append(_load(ship, box.kind, box.goods))
    alone = _alone(sheet, ship, loose)
    return LotPlan(containers=tuple(containers), lcl=alone.lcl, postal=alone.postal, unplanned=alone.unplanned)


def _fill(one: Consignment, kind: ContainerType) -> float:
    return max(one.volume_mm3 / kind.usable_volume_mm3, one.mass_g / kind.payload_g)


def _fits(kind: ContainerType, one: Consignment) -> bool:
    return admits(kind, one) and fits_whole(kind, one)


def _holds(kind: ContainerType, goods: Sequence[Consignment]) -> bool:
    return (
        all(_fits(kind, one) for one in goods)
        and sum(one.volume_mm3 for one in goods) <= kind.usable_volume_mm3
        and sum(one.mass_g for one in goods) <= kind.payload_g
    )


def _takes(problem: ConsolidationProblem, box: _Box, one: Consignment) -> bool:
    friendly = all(problem.compatible(one.cargo_class, other.cargo_class) for other in box.goods)
    return friendly and _holds(box.kind, [*box.goods, one])


def _may_open(ship: Departure, boxes: Sequence[_Box], kind: ContainerType) -> bool:
    limit = ship.container_limits.get(kind.code)
    return limit is None or sum(box.kind == kind for box in boxes) < limit


def _load(ship: Departure, kind: ContainerType, goods: Sequence[Consignment]) -> ContainerLoad:
    first = goods[0].id
    return ContainerLoad(
        id=f"{ship.id}/{first}", container_type=kind.code, departure=ship.id,
        contents=tuple(whole(one) for one in goods), mass_g=sum(one.mass_g for one in goods),
        volume_mm3=sum(one.volume_mm3 for one in goods),
    )  # fmt: skip


def _alone(sheet: _Sheet, ship: Departure, goods: Sequence[Consignment]) -> LotPlan:
    """Send each consignment loose, the cheapest way; unplanned where none is on offer."""
    if not sheet.loose_modes:
        return LotPlan(unplanned=tuple(one.id for one in goods))
    lots: dict[Mode, list[LooseLot]] = {Mode.LCL: [], Mode.POSTAL: []}
    for one in goods:
        lot = LooseLot(departure=ship.id, part=whole(one), mass_g=one.mass_g, volume_mm3=one.volume_mm3)
        lots[sheet.lot(ship, one)[1]].append(lot)
    return LotPlan(lcl=tuple(lots[Mode.LCL]), postal=tuple(lots[Mode.POSTAL]))
