"""Between plans of lots and chosen patterns."""

from collections.abc import Iterable

from optimizer.consolidation.charges import whole
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.patterns import CLOSED, Column, Layout, Piece, bits
from optimizer.problem import ConsolidationProblem, Mode
from optimizer.result import ContainerLoad, LooseLot, Part, Unplanned


def columns_of(layout: Layout, plan: LotPlan) -> tuple[Column, ...]:
    """Return the patterns of a plan of whole consignments as far as a layout has them.

    Pieces whose lot the layout does not offer go to their cheapest loose place, or stay behind.
    """
    at = {piece.consignment.id: i for i, piece in enumerate(layout.pieces)}
    place_of = {
        (place.departure.id, place.mode, place.container_type.code if place.container_type else None): q
        for q, place in enumerate(layout.places)
    }
    lots: list[tuple[int | None, list[int]]] = []
    for load in plan.containers:
        members = [at[part.consignment] for part in load.contents if part.consignment in at]
        lots.append((place_of.get((load.departure, Mode.FCL, load.container_type)), members))
    for mode, loose in ((Mode.LCL, plan.lcl), (Mode.POSTAL, plan.postal)):
        lots.extend(
            (place_of.get((lot.departure, mode, None)), [at[lot.part.consignment]])
            for lot in loose
            if lot.part.consignment in at
        )
    columns: list[Column] = []
    for q, members in lots:
        stays = [i for i in members if q is not None and layout.cost[i, q] != CLOSED]
        if stays and q is not None:
            columns.append(layout.column(q, sum(1 << i for i in stays)))
        columns.extend(one for i in members if i not in stays if (one := cheapest_loose(layout, i)) is not None)
    return tuple(columns)


def cheapest_loose(layout: Layout, i: int) -> Column | None:
    """Return the loose pattern of a piece that costs least by itself, if it has one."""
    options = [
        (int(layout.cost[i, q]), q)
        for q, place in enumerate(layout.places)
        if place.mode is not Mode.FCL and layout.cost[i, q] != CLOSED
    ]
    return layout.column(min(options)[1], 1 << i) if options else None


def part_of(piece: Piece) -> Part:
    """Return a piece as a part of a plan."""
    return (
        Part(consignment=piece.consignment.id, packages=piece.packages) if piece.packages else whole(piece.consignment)
    )


def lot_plan_of(
    problem: ConsolidationProblem, chosen: Iterable[tuple[Layout, Column]], behind: Iterable[str | Unplanned]
) -> LotPlan:
    """Return the plan that chosen patterns make; consignments in no pattern are listed as unplanned."""
    containers: list[ContainerLoad] = []
    lcl: list[LooseLot] = []
    postal: list[LooseLot] = []
    carried: set[str] = set()
    for layout, column in chosen:
        place = layout.places[column.place]
        pieces = [layout.pieces[i] for i in bits(column.mask)]
        carried.update(piece.consignment.id for piece in pieces)
        if place.container_type is not None:
            containers.append(
                ContainerLoad(
                    id=f"K-{len(containers) + 1}",
                    container_type=place.container_type.code,
                    departure=place.departure.id,
                    contents=tuple(part_of(piece) for piece in pieces),
                    mass_g=sum(piece.mass_g for piece in pieces),
                    volume_mm3=sum(piece.volume_mm3 for piece in pieces),
                )
            )
            continue
        for piece in pieces:
            lot = LooseLot(
                departure=place.departure.id, part=part_of(piece), mass_g=piece.mass_g, volume_mm3=piece.volume_mm3
            )
            (lcl if place.mode is Mode.LCL else postal).append(lot)
    known = {one if isinstance(one, str) else one.consignment for one in behind}
    unplanned = [one.id for one in problem.consignments if one.id not in carried and one.id not in known]
    return LotPlan(containers=tuple(containers), lcl=tuple(lcl), postal=tuple(postal), unplanned=(*behind, *unplanned))


def missing(problem: ConsolidationProblem, plan: LotPlan) -> list[str]:
    """Return the consignments of which no part travels."""
    carried = {part.consignment for load in plan.containers for part in load.contents}
    carried |= {lot.part.consignment for lot in (*plan.lcl, *plan.postal)}
    return [one.id for one in problem.consignments if one.id not in carried]
