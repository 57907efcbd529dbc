"""What keeps a consignment out of a container: every limit that it would break, and by how much; and smaller goods."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from optimizer.consolidation.charge_index import Piece
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Departure, MissedDueDate
from optimizer.units import MM3_PER_CM3


class Limit(StrEnum):
    """A reason for not being in a shared container."""

    NO_CONTAINER = "no_container_with_goods_of_others"
    COST = "cost"
    CUT_OFF = "cut_off"
    DUE_DATE = "due_date"
    CARGO_CLASS = "cargo_class"
    CONTAINED_IN = "contained_in"
    INCOMPATIBLE = "incompatible_classes"
    PACKAGE_SIZE = "package_size"
    VOLUME = "volume"
    MASS = "mass"
    CONTAINER_LIMITS = "container_limits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One limit that a consignment would break, and by how much.

    Parameters
    ----------
    days
        With CUT_OFF the days by which it is ready too late, with DUE_DATE those by which it would arrive too late.
    volume_mm3, mass_g
        With VOLUME and MASS what the container lacks.
    names
        With INCOMPATIBLE the classes inside, with PACKAGE_SIZE the packages, with CARGO_CLASS its class, with
        CONTAINED_IN the types that it allows, with CONTAINER_LIMITS the types that would do but are used up.
    """

    limit: Limit
    days: int = 0
    volume_mm3: int = 0
    mass_g: int = 0
    names: tuple[str, ...] = ()


def obstacles(
    problem: ConsolidationProblem,
    consignment: Consignment,
    departure: Departure,
    kind: ContainerType,
    others: Iterable[Piece],
) -> tuple[Obstacle, ...]:
    """List what keeps a whole consignment out of a container of its lane that already holds other goods.

    Parameters
    ----------
    others
        What the container holds without the consignment.
    """
    inside = tuple(others)
    found: list[Obstacle] = []
    late = (consignment.ready_date - departure.cut_off).days
    if late > 0:
        found.append(Obstacle(limit=Limit.CUT_OFF, days=late))
    if consignment.due_date is not None and problem.settings.missed_due_date is MissedDueDate.FORBIDDEN:
        overdue = (departure.arrival - consignment.due_date).days
        if overdue > 0:
            found.append(Obstacle(limit=Limit.DUE_DATE, days=overdue))
    if consignment.cargo_class not in kind.cargo_classes:
        found.append(Obstacle(limit=Limit.CARGO_CLASS, names=(consignment.cargo_class,)))
    if consignment.contained_in is not None and kind.code not in consignment.contained_in:
        found.append(Obstacle(limit=Limit.CONTAINED_IN, names=tuple(sorted(consignment.contained_in))))
    classes = {piece.consignment.cargo_class for piece in inside}
    wrong = sorted(one for one in classes if not problem.compatible(one, consignment.cargo_class))
    if wrong:
        found.append(Obstacle(limit=Limit.INCOMPATIBLE, names=tuple(wrong)))
    unfit = tuple(package.id for package in consignment.packages if not package.fits(kind))
    if unfit:
        found.append(Obstacle(limit=Limit.PACKAGE_SIZE, names=unfit))
    volume_mm3 = sum(piece.volume_mm3 for piece in inside) + consignment.volume_mm3 - kind.usable_volume_mm3
    if volume_mm3 > 0:
        found.append(Obstacle(limit=Limit.VOLUME, volume_mm3=volume_mm3))
    mass_g = sum(piece.mass_g for piece in inside) + consignment.mass_g - kind.payload_g
    if mass_g > 0:
        found.append(Obstacle(limit=Limit.MASS, mass_g=mass_g))
    return tuple(found)


def may_become(kind: ContainerType, others: Iterable[Piece]) -> bool:
    """Say whether a container with these goods may be of another type, its volume and payload left aside."""
    for piece in others:
        one = piece.consignment
        named = None if piece.quantities is None else {name for name, _ in piece.quantities}
        if one.cargo_class not in kind.cargo_classes:
            return False
        if one.contained_in is not None and kind.code not in one.contained_in:
            return False
        if any(not package.fits(kind) for package in one.packages if named is None or package.id in named):
            return False
    return True


def smaller(one: Consignment, by_mm3: int, by_g: int) -> Consignment | None:
    """Return a consignment that is smaller and lighter by at least so much; None when nothing would be left.

    Goods described without packages keep their density, in whole cm3; of others whole packages stay away, each
    time the smallest that is enough, else the largest. The value shrinks with the volume.
    """
    if one.packages:
        return _fewer_packages(one, by_mm3, by_g)
    # The greater part to leave out decides: of volume, or of mass.
    if by_mm3 * one.mass_g >= by_g * one.volume_mm3:
        volume_mm3 = (one.volume_mm3 - by_mm3) // MM3_PER_CM3 * MM3_PER_CM3
    else:
        volume_mm3 = (one.mass_g - by_g) * one.volume_mm3 // one.mass_g // MM3_PER_CM3 * MM3_PER_CM3
    mass_g = one.mass_g * volume_mm3 // one.volume_mm3
    return _resized(one, volume_mm3, mass_g) if volume_mm3 > 0 and mass_g > 0 else None


def _resized(one: Consignment, volume_mm3: int, mass_g: int) -> Consignment:
    value_minor = one.value_minor * volume_mm3 // one.volume_mm3
    return replace(one, volume_mm3=volume_mm3, mass_g=mass_g, value_minor=value_minor)


def _fewer_packages(one: Consignment, by_mm3: int, by_g: int) -> Consignment | None:
    held = {package.id: package.quantity for package in one.packages}
    ordered = sorted(one.packages, key=lambda package: (package.unit_volume_mm3, package.mass_g))
    while by_mm3 > 0 or by_g > 0:
        left = [package for package in ordered if held[package.id]]
        if not left:
            return None
        enough = [package for package in left if package.unit_volume_mm3 >= by_mm3 and package.mass_g >= by_g]
        gone = enough[0] if enough else left[-1] if by_mm3 > 0 else max(left, key=lambda package: package.mass_g)
        held[gone.id] -= 1
        by_mm3 -= gone.unit_volume_mm3
        by_g -= gone.mass_g
    if not any(held.values()):
        return None
    volume_mm3, mass_g, _ = one.part_totals(held)
    kept = tuple(replace(package, quantity=held[package.id]) for package in one.packages if held[package.id])
    return replace(_resized(one, volume_mm3, mass_g), packages=kept)
