"""Between plans of lots and chosen patterns."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from optimizer.consolidation.charges import whole
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.patterns import CLOSED, Column, Layout, Piece, bits
from optimizer.problem import Consignment, ConsolidationProblem, Mode
from optimizer.result import ContainerLoad, LooseLot, Part, Reason, Unplanned

PartKey = tuple[str, tuple[tuple[str, int], ...]]
"""A consignment and the packages of a part of it, none for all of it."""


def _key(consignment: Consignment, packages: Mapping[str, int]) -> PartKey:
    held = {name: n for name, n in packages.items() if n}
    if held == {package.id: package.quantity for package in consignment.packages}:
        held = {}
    return consignment.id, tuple(sorted(held.items()))


def columns_of(layout: Layout, plan: LotPlan) -> tuple[Column, ...]:
    """Return the patterns of a plan as far as a layout has its pieces.

    Pieces whose lot the layout does not offer go to their cheapest loose place, or stay behind.
    """
    at: dict[PartKey, list[int]] = {}
    for i in reversed(range(len(layout.pieces))):
        piece = layout.pieces[i]
        at.setdefault(_key(piece.consignment, piece.packages), []).append(i)
    place_of = {
        (place.departure.id, place.mode, place.container_type.code if place.container_type else None): q
        for q, place in enumerate(layout.places)
    }
    known = {piece.consignment.id: piece.consignment for piece in layout.pieces}

    def found(parts: Iterable[Part]) -> list[int]:
        keys = [_key(known[part.consignment], part.packages) for part in parts if part.consignment in known]
        # A cut may travel several times.
        return [at[key][-1] if layout.pieces[at[key][-1]].cut else at[key].pop() for key in keys if at.get(key)]

    lots = [
        (place_of.get((load.departure, Mode.FCL, load.container_type)), found(load.contents))
        for load in plan.containers
    ]
    for mode, loose in ((Mode.LCL, plan.lcl), (Mode.POSTAL, plan.postal)):
        together: dict[tuple[str, str], list[Part]] = {}
        for number, lot in enumerate(loose):
            goods = known.get(lot.part.consignment)
            cut = goods is not None and any(layout.pieces[i].cut for i in at.get(_key(goods, lot.part.packages), ()))
            together.setdefault((lot.departure, lot.part.consignment if cut else str(number)), []).append(lot.part)
        for (departure, _), parts in together.items():
            one_lot = [_sum(known[parts[0].consignment], parts)] if len(parts) > 1 else parts
            lots.append((place_of.get((departure, mode, None)), found(one_lot)))
    columns: list[Column] = []
    for q, members in lots:
        stays = [i for i in members if q is not None and layout.cost[i, q] != CLOSED]
        if stays and q is not None:
            columns.append(layout.column(q, sum(1 << i for i in stays)))
        columns.extend(one for i in members if i not in stays if (one := cheapest_loose(layout, i)) is not None)
    return tuple(columns)


def _sum(consignment: Consignment, parts: list[Part]) -> Part:
    """Return parts of a consignment as one."""
    packages: dict[str, int] = {}
    for part in parts:
        for name, n in part.packages.items():
            packages[name] = packages.get(name, 0) + n
    return Part(consignment=consignment.id, packages=packages)


def cheapest_loose(layout: Layout, i: int) -> Column | None:
    """Return the loose pattern of a piece that costs least by itself, if it has one."""
    options = [
        (int(layout.cost[i, q]), q)
        for q, place in enumerate(layout.places)
        if place.mode is not Mode.FCL and layout.cost[i, q] != CLOSED
    ]
    return layout.column(min(options)[1], 1 << i) if options else None


def lot_plan_of(problem: ConsolidationProblem, chosen: Iterable[tuple[Layout, Column]]) -> LotPlan:
    """Return the plan that chosen patterns make; what is in no pattern is listed as unplanned.

    Pieces of one consignment in one container, or loose on one departure, become one lot.
    """
    containers: list[ContainerLoad] = []
    loose: dict[tuple[str, Mode, str], list[Piece]] = {}
    for layout, column in chosen:
        place = layout.places[column.place]
        pieces = [layout.pieces[i] for i in bits(column.mask)]
        if place.container_type is None:
            for piece in pieces:
                loose.setdefault((place.departure.id, place.mode, piece.consignment.id), []).append(piece)
            continue
        together: dict[str, list[Piece]] = {}
        for piece in pieces:
            together.setdefault(piece.consignment.id, []).append(piece)
        containers.append(
            ContainerLoad(
                id=f"K-{len(containers) + 1}",
                container_type=place.container_type.code,
                departure=place.departure.id,
                contents=tuple(joined(held) for held in together.values()),
                mass_g=sum(piece.mass_g for piece in pieces),
                volume_mm3=sum(piece.volume_mm3 for piece in pieces),
            )
        )
    lots: dict[Mode, list[LooseLot]] = {Mode.LCL: [], Mode.POSTAL: []}
    for (departure, mode, _), held in loose.items():
        lots[mode].append(
            LooseLot(
                departure=departure,
                part=joined(held),
                mass_g=sum(piece.mass_g for piece in held),
                volume_mm3=sum(piece.volume_mm3 for piece in held),
            )
        )
    plan = LotPlan(containers=tuple(containers), lcl=tuple(lots[Mode.LCL]), postal=tuple(lots[Mode.POSTAL]))
    return replace(plan, unplanned=unplanned(problem, plan))


def together(plans: Iterable[LotPlan]) -> LotPlan:
    """Return plans of goods that have nothing to do with each other as one, every container with an id of its own."""
    parts = list(plans)
    containers = (one for plan in parts for one in plan.containers)
    return LotPlan(
        containers=tuple(replace(one, id=f"K-{number}") for number, one in enumerate(containers, start=1)),
        lcl=tuple(one for plan in parts for one in plan.lcl),
        postal=tuple(one for plan in parts for one in plan.postal),
    )


def joined(pieces: list[Piece]) -> Part:
    """Return pieces of one consignment as one part of a plan."""
    consignment = pieces[0].consignment
    if any(not piece.packages for piece in pieces):
        return whole(consignment)
    packages: dict[str, int] = {}
    for package in consignment.packages:
        if n := sum(piece.packages.get(package.id, 0) for piece in pieces):
            packages[package.id] = n
    return Part(consignment=consignment.id, packages=packages)


def unplanned(problem: ConsolidationProblem, plan: LotPlan) -> tuple[str | Unplanned, ...]:
    """Return what stays behind: ids of consignments of which nothing travels, or the packages that do not."""
    carried: dict[str, dict[str, int]] = {}
    parts = [part for load in plan.containers for part in load.contents]
    for part in (*parts, *(lot.part for lot in (*plan.lcl, *plan.postal))):
        held = carried.setdefault(part.consignment, {})
        for package in problem.consignment[part.consignment].packages:
            more = part.packages.get(package.id, 0) if part.packages else package.quantity
            held[package.id] = held.get(package.id, 0) + more
    behind: list[str | Unplanned] = []
    for one in problem.consignments:
        if one.id not in carried:
            behind.append(one.id)
            continue
        left = {package.id: package.quantity - carried[one.id][package.id] for package in one.packages}
        left = {name: n for name, n in left.items() if n > 0}
        if left:
            behind.append(Unplanned(consignment=one.id, reason=Reason.CONTAINER_LIMITS, packages=left))
    return tuple(behind)


def not_carried(problem: ConsolidationProblem, plan: LotPlan) -> int:
    """Count the consignments of which something stays behind."""
    return len(unplanned(problem, plan))
