"""Plans for tests of judges and shares: priced by hand-picked loads, or drawn at random but feasible."""

from collections.abc import Iterable
from random import Random
from typing import Any

from optimizer.consolidation.charges import part_totals, price, whole
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Departure, MissedDueDate, Mode
from optimizer.result import ContainerLoad, LooseLot, Part, ShipmentPlan, SolveStatus, Unplanned


def load(
    problem: ConsolidationProblem,
    id: str,  # noqa: A002
    container_type: str,
    departure: str,
    parts: Iterable[Part | str],
) -> ContainerLoad:
    """Return a container load with its totals; a bare consignment id is the whole consignment."""
    contents = tuple(whole(problem.consignment[part]) if isinstance(part, str) else part for part in parts)
    totals = [part_totals(problem.consignment[part.consignment], part.packages) for part in contents]
    return ContainerLoad(
        id=id,
        container_type=container_type,
        departure=departure,
        contents=contents,
        volume_mm3=sum(volume for volume, _, _ in totals),
        mass_g=sum(mass for _, mass, _ in totals),
    )


def loose(problem: ConsolidationProblem, departure: str, part: Part | str) -> LooseLot:
    """Return an LCL or postal lot with its totals."""
    held = whole(problem.consignment[part]) if isinstance(part, str) else part
    volume_mm3, mass_g, _ = part_totals(problem.consignment[held.consignment], held.packages)
    return LooseLot(departure=departure, part=held, mass_g=mass_g, volume_mm3=volume_mm3)


def priced(
    problem: ConsolidationProblem,
    containers: Iterable[ContainerLoad] = (),
    lcl: Iterable[LooseLot] = (),
    postal: Iterable[LooseLot] = (),
    unplanned: Iterable[Unplanned] = (),
    **changes: Any,
) -> ShipmentPlan:
    """Return a feasible plan of these lots with the lines and the cost that the tariff gives."""
    containers, lcl, postal = tuple(containers), tuple(lcl), tuple(postal)
    pricing = price(problem, containers, lcl, postal)
    fields: dict[str, Any] = {
        "status": SolveStatus.FEASIBLE,
        "cost_minor": pricing.cost_minor,
        "lower_bound_minor": 0,
        "containers": containers,
        "lcl": lcl,
        "postal": postal,
        "unplanned": tuple(unplanned),
        "charges": pricing.charges,
        "delay_costs": pricing.delay_costs,
    }
    return ShipmentPlan(**{**fields, **changes})


def random_plan(problem: ConsolidationProblem, seed: int) -> ShipmentPlan | None:
    """Return some feasible plan that ignores container limits, or None where a consignment cannot travel."""
    draw = Random(seed)
    loads: list[tuple[ContainerType, Departure, list[Part]]] = []
    loose_lots: dict[Mode, list[LooseLot]] = {Mode.LCL: [], Mode.POSTAL: []}
    for one in problem.consignments:
        sailings = [ship for ship in problem.departures if _in_time(problem, one, ship)]
        if not sailings:
            return None
        for part in _random_parts(draw, one):
            mode, ship = draw.choice(problem.settings.modes), draw.choice(sailings)
            if mode is not Mode.FCL:
                loose_lots[mode].append(loose(problem, ship.id, part))
                continue
            room = [held for held in loads if held[1] == ship and _fits(problem, held[0], [*held[2], part])]
            if room and draw.random() < 0.8:
                draw.choice(room)[2].append(part)
                continue
            kinds = [kind for kind in problem.container_types if _fits(problem, kind, [part])]
            if not kinds:
                return None
            loads.append((draw.choice(kinds), ship, [part]))
    containers = [
        load(problem, f"K-{index}", kind.code, ship.id, held) for index, (kind, ship, held) in enumerate(loads)
    ]
    return priced(problem, containers, loose_lots[Mode.LCL], loose_lots[Mode.POSTAL])


def _random_parts(draw: Random, one: Consignment) -> list[Part]:
    if not one.can_split or draw.random() < 0.3:
        return [whole(one)]
    first = {package.id: draw.randint(0, package.quantity) for package in one.packages}
    second = {package.id: package.quantity - first[package.id] for package in one.packages}
    halves = [{name: number for name, number in half.items() if number} for half in (first, second)]
    return [Part(consignment=one.id, packages=half) for half in halves if half]


def _in_time(problem: ConsolidationProblem, one: Consignment, ship: Departure) -> bool:
    late = one.due_date is not None and ship.arrival > one.due_date
    allowed = problem.settings.missed_due_date is MissedDueDate.ALLOWED
    lane = (ship.origin, ship.destination) == (one.origin, one.destination)
    return lane and one.ready_date <= ship.cut_off and (allowed or not late)


def _fits(problem: ConsolidationProblem, kind: ContainerType, parts: list[Part]) -> bool:
    goods = [problem.consignment[part.consignment] for part in parts]
    totals = [part_totals(one, part.packages) for one, part in zip(goods, parts, strict=True)]
    return (
        len({one.id for one in goods}) == len(goods)
        and sum(volume for volume, _, _ in totals) <= kind.usable_volume_mm3
        and sum(mass for _, mass, _ in totals) <= kind.payload_g
        and all(one.cargo_class in kind.cargo_classes for one in goods)
        and all(one.contained_in is None or kind.code in one.contained_in for one in goods)
        and all(package.fits(kind) for one in goods for package in one.packages)
        and all(problem.compatible(one.cargo_class, other.cargo_class) for one in goods for other in goods)
    )
