"""Who could fill the room that is left in the containers of a plan, and what that would change."""

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.consolidation.charge_index import whole_piece
from optimizer.consolidation.options import feasible_options
from optimizer.moves import Moves, Way, ways_of
from optimizer.obstacles import obstacles
from optimizer.problem import Consignment, ConsolidationProblem
from optimizer.result import ContainerLoad, ShipmentPlan
from optimizer.units import MM3_PER_CM3


@dataclass(frozen=True, slots=True, kw_only=True)
class Filler:
    """A consignment of the same lane that could go whole into the room left in a container.

    Parameters
    ----------
    change_minor
        Change of the plan's cost if it did, negative when it saves; for one that does not travel yet, what
        carrying it adds.
    travels
        Whether all or some of it travels in the plan already.
    days_added
        Days of waiting added, negative when saved; 0 for one that does not travel yet.
    """

    consignment: str
    member: str
    volume_mm3: int
    mass_g: int
    change_minor: int
    travels: bool
    days_added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeRoom:
    """The room left in one container, who could fill it, and on what terms it may be offered to others.

    Parameters
    ----------
    free_volume_mm3, free_mass_g
        What may still be planned by usable volume and payload, >= 0.
    is_placed
        Whether the load plan says where every package stands: newcomers would have to be placed as well.
    fillers
        Consignments of the problem that fit, the most saving first.
    offered_mass_g
        Mass of goods that fill the room, at one tonne a cubic metre or as much of it as the payload leaves.
    least_freight_minor
        What such goods of a firm without other goods on board add to the cost: a freight above pays for itself.
        None without room.
    alone_minor
        What they would cost that firm alone on the same departure, at these charges: no freight above would be
        paid. None without room, or where they could not travel alone.
    """

    container: str
    container_type: str
    departure: str
    free_volume_mm3: int
    free_mass_g: int
    is_placed: bool
    fillers: tuple[Filler, ...]
    offered_mass_g: int
    least_freight_minor: int | None
    alone_minor: int | None


def fillers(problem: ConsolidationProblem, plan: ShipmentPlan) -> tuple[FreeRoom, ...]:
    """Return the room left in every container of a plan and what could fill it.

    Parameters
    ----------
    plan
        A plan of this problem. Only whole consignments are moved, one at a time, each change priced by itself.

    Returns
    -------
    tuple[FreeRoom, ...]
        One for each container, in the order of the plan.
    """
    moves, ways = Moves(problem, plan), ways_of(problem, plan)
    return tuple(_room(problem, ways, moves, load) for load in plan.containers)


def _room(
    problem: ConsolidationProblem, ways: Mapping[str, tuple[Way, ...]], moves: Moves, load: ContainerLoad
) -> FreeRoom:
    kind = problem.container_type[load.container_type]
    volume_mm3 = max(0, kind.usable_volume_mm3 - load.volume_mm3)
    mass_g = max(0, kind.payload_g - load.mass_g)
    # One tonne a cubic metre is as much mass as W/M charges by volume; goods are counted in whole cm3.
    stranger = None
    if volume_mm3 >= MM3_PER_CM3 and mass_g > 0:
        stranger = _stranger(moves, load, volume_mm3, max(1, min(mass_g, volume_mm3 // MM3_PER_CM3)))
    return FreeRoom(
        container=load.id,
        container_type=load.container_type,
        departure=load.departure,
        free_volume_mm3=volume_mm3,
        free_mass_g=mass_g,
        is_placed=load.load_plan is not None,
        fillers=_fillers(problem, ways, moves, load),
        offered_mass_g=stranger.mass_g if stranger else 0,
        least_freight_minor=moves.into(stranger, load.id) if stranger else None,
        alone_minor=_alone(moves, load, stranger) if stranger else None,
    )


def _fillers(
    problem: ConsolidationProblem, ways: Mapping[str, tuple[Way, ...]], moves: Moves, load: ContainerLoad
) -> tuple[Filler, ...]:
    target = moves.loads[load.id]
    lane = (target.departure.origin, target.departure.destination)
    found: list[Filler] = []
    for one in problem.consignments:
        if (one.origin, one.destination) != lane:
            continue
        if any(part.consignment == one.id for part in load.contents) and len(ways[one.id]) == 1:
            continue
        others = moves.others(load.id, one.id)
        if not others or obstacles(problem, one, target.departure, target.container_type, others):
            continue
        last = max((problem.departure[way.departure].departure for way in ways[one.id]), default=None)
        found.append(
            Filler(
                consignment=one.id,
                member=one.member,
                volume_mm3=one.volume_mm3,
                mass_g=one.mass_g,
                change_minor=moves.into(one, load.id),
                travels=bool(ways[one.id]),
                days_added=(target.departure.departure - last).days if last else 0,
            )
        )
    return tuple(sorted(found, key=lambda one: one.change_minor))


def _stranger(moves: Moves, load: ContainerLoad, volume_mm3: int, mass_g: int) -> Consignment:
    """Return goods of an unknown firm that fill the room, of the class of the goods inside."""
    inside = moves.loads[load.id]
    pattern = inside.pieces[0].consignment
    problem = moves.problem
    name = "other"
    while name in problem.consignment or any(member.id == name for member in problem.members):
        name += "'"
    return Consignment(
        id=name,
        member=name,
        origin=pattern.origin,
        destination=pattern.destination,
        ready_date=inside.departure.cut_off,
        volume_mm3=volume_mm3 // MM3_PER_CM3 * MM3_PER_CM3,
        mass_g=mass_g,
        cargo_class=pattern.cargo_class,
    )


def _alone(moves: Moves, load: ContainerLoad, stranger: Consignment) -> int | None:
    """Return the least that a stranger's goods would cost alone on the departure of a container."""
    departure = moves.problem.departure[load.departure]
    piece = whole_piece(stranger)
    costs: list[int] = []
    for option in feasible_options(moves.problem, stranger):
        if option.departure is not departure:
            continue
        if option.container_type is not None:
            alone = moves.index.load(departure, option.container_type, [piece])
            costs.append(moves.index.cost(departure, [alone], ()))
        else:
            costs.append(moves.index.cost(departure, (), [(option.mode, piece)]))
    return min(costs, default=None)
