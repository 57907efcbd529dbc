"""What the judge of plans counts: every part of a plan as it is stated, and as a lot with recounted totals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Departure, Mode
from optimizer.result import Part, ShipmentPlan, Violation


class Place(NamedTuple):
    """One part of a consignment as the plan states it; `container` is an index, as ids may repeat."""

    name: str
    mode: Mode
    departure: str
    part: Part
    container: int | None = None
    container_type: str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """A place whose ids are all known, with its totals recounted."""

    place: Place
    consignment: Consignment
    departure: Departure
    container_type: ContainerType | None
    volume_mm3: int
    mass_g: int
    packages: int


def places_of(plan: ShipmentPlan) -> Iterator[Place]:
    """Iterate over everything that travels, as the plan states it."""
    for index, load in enumerate(plan.containers):
        for part in load.contents:
            yield Place(load.id, Mode.FCL, load.departure, part, index, load.container_type)
    for mode, entries in ((Mode.LCL, plan.lcl), (Mode.POSTAL, plan.postal)):
        for index, entry in enumerate(entries):
            yield Place(f"{mode}[{index}]", mode, entry.departure, entry.part)


def totals(consignment: Consignment, part: Part) -> tuple[int, int, int]:
    """Return (volume_mm3, mass_g, packages) of a part; a consignment without packages travels whole, as 1."""
    if not consignment.packages:
        return consignment.volume_mm3, consignment.mass_g, 1
    return consignment.part_totals(part.packages)


def lots_of(problem: ConsolidationProblem, places: Iterable[Place]) -> Iterator[Lot]:
    """Iterate over the places whose ids are all known, with their totals recounted."""
    for place in places:
        consignment = problem.consignment.get(place.part.consignment)
        departure = problem.departure.get(place.departure)
        container_type = problem.container_type.get(place.container_type or "")
        if consignment and departure and (container_type or place.container is None):
            yield Lot(place, consignment, departure, container_type, *totals(consignment, place.part))


def broken(rule: str, subject: str, claimed: object, found: object) -> Violation:
    """Return a violation with both values as text."""
    return Violation(rule=rule, subject=subject, claimed=str(claimed), found=str(found))
