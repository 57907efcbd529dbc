"""Which departures, modes and container types are open to a consignment, before anybody else's goods are looked at."""

from dataclasses import dataclass

from optimizer.problem import (
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    MissedDueDate,
    Mode,
    Package,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One way for a consignment, or its part, to travel.

    Parameters
    ----------
    container_type
        None for LCL and postal.
    whole
        Whether the whole consignment may go this way in one lot; False only for one that can be split.
    """

    departure: Departure
    mode: Mode
    container_type: ContainerType | None
    whole: bool


def in_time(problem: ConsolidationProblem, consignment: Consignment, departure: Departure) -> bool:
    """Say whether a consignment is ready for a departure and arrives when it must."""
    return consignment.ready_date <= departure.cut_off and (
        consignment.due_date is None
        or departure.arrival <= consignment.due_date
        or problem.settings.missed_due_date is MissedDueDate.ALLOWED
    )


def open_departures(problem: ConsolidationProblem, consignment: Consignment) -> tuple[Departure, ...]:
    """Return the departures on a consignment's lane that it can join in time, as ordered in the problem."""
    return tuple(
        departure
        for departure in problem.departures
        if departure.origin == consignment.origin
        and departure.destination == consignment.destination
        and in_time(problem, consignment, departure)
    )


def admits(container_type: ContainerType, consignment: Consignment) -> bool:
    """Say whether a container type may hold goods of this class and consignment, whatever their size."""
    return consignment.cargo_class in container_type.cargo_classes and (
        consignment.contained_in is None or container_type.code in consignment.contained_in
    )


def package_fits(package: Package, container_type: ContainerType) -> bool:
    """Say whether one package passes the door, the payload and the usable volume of an empty container."""
    return (
        package.mass_g <= container_type.payload_g
        and package.unit_volume_mm3 <= container_type.usable_volume_mm3
        and package.fits(container_type)
    )


def fits_whole(container_type: ContainerType, consignment: Consignment) -> bool:
    """Say whether all of a consignment goes into one empty container, by volume, mass and each package alone."""
    return (
        consignment.volume_mm3 <= container_type.usable_volume_mm3
        and consignment.mass_g <= container_type.payload_g
        and all(package.fits(container_type) for package in consignment.packages)
    )


def feasible_options(problem: ConsolidationProblem, consignment: Consignment) -> tuple[Option, ...]:
    """Return every way that is open to a consignment, by departure, mode and type as ordered in the problem.

    Containers that a departure limits to none are left out; of a consignment that can be split at least one
    package must fit.
    """
    options: list[Option] = []
    types = [
        (one, fits_whole(one, consignment))
        for one in problem.container_types
        if admits(one, consignment)
        and (
            fits_whole(one, consignment)
            or (consignment.can_split and any(package_fits(package, one) for package in consignment.packages))
        )
    ]
    for departure in open_departures(problem, consignment):
        for mode in problem.settings.modes:
            if mode is not Mode.FCL:
                options.append(Option(departure=departure, mode=mode, container_type=None, whole=True))
                continue
            options.extend(
                Option(departure=departure, mode=mode, container_type=one, whole=entire)
                for one, entire in types
                if departure.container_limits.get(one.code, 1) > 0
            )
    return tuple(options)
