"""What must hold of a consolidation problem beyond the type of each field; all faults are listed at once."""

from collections.abc import Iterable, Iterator

from optimizer.problem_parts import (
    DIMENSIONS,
    FULL_SUPPORT,
    LOT_BASES,
    AllocationKey,
    Basis,
    Charge,
    Consignment,
    ContainerType,
    Departure,
    Fault,
    Party,
    Settings,
)


def faults_of(
    members: tuple[Party, ...],
    container_types: tuple[ContainerType, ...],
    departures: tuple[Departure, ...],
    consignments: tuple[Consignment, ...],
    charges: tuple[Charge, ...],
    settings: Settings,
) -> list[Fault]:
    """Return every fault of a problem made of these parts, in the order of its fields."""
    return [
        *_duplicates("members", "id", (one.id for one in members)),
        *_container_types(container_types),
        *_departures(departures),
        *_consignments(consignments, container_types, {one.id for one in members}),
        *_charges(charges),
        *_settings(settings),
    ]


def names_of_nothing(
    members: tuple[Party, ...],
    container_types: tuple[ContainerType, ...],
    departures: tuple[Departure, ...],
    consignments: tuple[Consignment, ...],
    charges: tuple[Charge, ...],
) -> list[Fault]:
    """Return where filters, limits and allowed containers name what this problem does not hold.

    That is no fault: a tariff may name more than is on offer today, and such a name matches nothing. But a
    name that matches nothing may also be a slip, so readers of files warn of it.
    """
    types, sailings = {one.code for one in container_types}, {one.id for one in departures}
    firms = {one.id for one in members}
    found: list[Fault] = []
    for index, sailing in enumerate(departures):
        path = f"departures[{index}].container_limits"
        found += _known(path, "a container type", sailing.container_limits, types)
    for index, goods in enumerate(consignments):
        path = f"consignments[{index}].contained_in"
        found += _known(path, "a container type", goods.contained_in or (), types)
    for index, charge in enumerate(charges):
        path = f"charges[{index}]"
        found += _known(f"{path}.container_types", "a container type", charge.container_types or (), types)
        found += _known(f"{path}.departures", "a departure", charge.departures or (), sailings)
        found += _known(f"{path}.members", "a member", charge.members or (), firms)
    return found


def _duplicates(path: str, key: str, ids: Iterable[str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, one in enumerate(ids):
        if not one:
            yield Fault(f"{path}[{index}].{key}", "empty_id", "a non-empty id", "''")
        elif "," in one and path == "members":
            yield Fault(f"{path}[{index}].{key}", "comma_in_id", "an id without commas", repr(one))
        elif one in first:
            yield Fault(f"{path}[{index}].{key}", "duplicate", f"an id not used at [{first[one]}]", repr(one))
        first.setdefault(one, index)


def _at_least(path: str, least: int, **numbers: int | None) -> Iterator[Fault]:
    for name, number in numbers.items():
        if number is not None and number < least:
            yield Fault(f"{path}.{name}", "out_of_range", f"integer >= {least}", str(number))


def _known(path: str, what: str, found: Iterable[str], known: Iterable[str]) -> Iterator[Fault]:
    allowed = set(known)
    for one in sorted(set(found) - allowed):
        yield Fault(path, "unknown_reference", f"{what} of this problem", repr(one))


def _container_types(container_types: tuple[ContainerType, ...]) -> Iterator[Fault]:
    yield from _duplicates("container_types", "code", (one.code for one in container_types))
    for index, one in enumerate(container_types):
        path = f"container_types[{index}]"
        yield from _at_least(
            path,
            1,
            length_mm=one.length_mm,
            width_mm=one.width_mm,
            height_mm=one.height_mm,
            payload_g=one.payload_g,
            volume_cm3=one.volume_mm3,
            usable_volume_permille=one.usable_volume_permille,
            door_width_mm=one.door_width_mm,
            door_height_mm=one.door_height_mm,
            load_line_mm=one.load_line_mm,
            line_load_g_per_m=one.line_load_g_per_m,
        )
        yield from _at_least(path, 0, tare_g=one.tare_g)
        if one.usable_volume_permille > 1000:
            yield Fault(
                f"{path}.usable_volume_permille", "out_of_range", "integer <= 1000", str(one.usable_volume_permille)
            )


def _departures(departures: tuple[Departure, ...]) -> Iterator[Fault]:
    yield from _duplicates("departures", "id", (one.id for one in departures))
    for index, one in enumerate(departures):
        path = f"departures[{index}]"
        if one.departure < one.cut_off:
            yield Fault(f"{path}.departure", "date_order", f"a date >= cut_off {one.cut_off}", str(one.departure))
        if one.arrival < one.departure:
            yield Fault(f"{path}.arrival", "date_order", f"a date >= departure {one.departure}", str(one.arrival))
        if one.origin == one.destination:
            yield Fault(f"{path}.destination", "same_port", "a port other than the origin", repr(one.destination))
        for code, limit in one.container_limits.items():
            yield from _at_least(f"{path}.container_limits", 0, **{code: limit})


def _consignments(
    consignments: tuple[Consignment, ...], container_types: tuple[ContainerType, ...], members: set[str]
) -> Iterator[Fault]:
    yield from _duplicates("consignments", "id", (one.id for one in consignments))
    for index, one in enumerate(consignments):
        path = f"consignments[{index}]"
        yield from _known(f"{path}.member", "a member", [one.member], members)
        yield from _at_least(path, 1, volume_cm3=one.volume_mm3, mass_g=one.mass_g)
        yield from _at_least(path, 0, value_minor=one.value_minor, delay_cost_ppm_per_day=one.delay_cost_ppm_per_day)
        if one.origin == one.destination:
            yield Fault(f"{path}.destination", "same_port", "a port other than the origin", repr(one.destination))
        if one.due_date is not None and one.due_date < one.ready_date:
            yield Fault(f"{path}.due_date", "date_order", f"a date >= ready_date {one.ready_date}", str(one.due_date))
        yield from _packages(path, one)
        yield from _too_big(path, one, container_types)


def _packages(path: str, consignment: Consignment) -> Iterator[Fault]:
    yield from _duplicates(f"{path}.packages", "id", (one.id for one in consignment.packages))
    for index, one in enumerate(consignment.packages):
        place = f"{path}.packages[{index}]"
        yield from _at_least(
            place, 1, quantity=one.quantity, length_mm=one.length_mm, width_mm=one.width_mm, height_mm=one.height_mm
        )
        yield from _at_least(place, 0, mass_g=one.mass_g, max_load_g=one.max_load_g)
        if not one.vertical or not set(one.vertical) <= set(DIMENSIONS):
            yield Fault(
                f"{place}.vertical", "unknown_value", "one or more of " + ", ".join(DIMENSIONS), repr(one.vertical)
            )


def _too_big(path: str, consignment: Consignment, types: tuple[ContainerType, ...]) -> Iterator[Fault]:
    usable = [
        one
        for one in types
        if consignment.cargo_class in one.cargo_classes
        and (consignment.contained_in is None or one.code in consignment.contained_in)
    ]
    if not usable or any(one.volume_mm3 <= 0 or one.payload_g <= 0 for one in usable):
        return
    for index, package in enumerate(consignment.packages):
        if not any(package.fits(one) and package.mass_g <= one.payload_g for one in usable):
            yield Fault(
                f"{path}.packages[{index}]",
                "package_too_large",
                f"a package that passes the door and the payload of one of {', '.join(one.code for one in usable)}",
                f"{package.length_mm} x {package.width_mm} x {package.height_mm} mm, {package.mass_g} g",
            )
    if consignment.can_split:
        return
    if not any(
        consignment.volume_mm3 <= one.usable_volume_mm3 and consignment.mass_g <= one.payload_g for one in usable
    ):
        yield Fault(
            path,
            "consignment_too_big",
            "a consignment that fits one container, or divisible: true with packages",
            f"{consignment.id!r} with {consignment.volume_mm3 // 1000} cm3, {consignment.mass_g} g",
        )


def _charges(charges: tuple[Charge, ...]) -> Iterator[Fault]:
    seen: dict[str, int] = {}
    for index, one in enumerate(charges):
        path = f"charges[{index}]"
        if not one.code:
            yield Fault(f"{path}.code", "empty_id", "a non-empty code", "''")
        if one.code in seen:
            yield Fault(f"{path}.code", "duplicate", f"a code not used at [{seen[one.code]}]", repr(one.code))
        seen.setdefault(one.code, index)
        yield from _charge_amounts(path, one)


def _charge_amounts(path: str, charge: Charge) -> Iterator[Fault]:
    yield from _at_least(
        path, 0, amount_minor=charge.amount_minor, rate_ppm=charge.rate_ppm, minimum_minor=charge.minimum_minor
    )
    if charge.maximum_minor is not None and charge.maximum_minor < charge.minimum_minor:
        yield Fault(
            f"{path}.maximum_minor",
            "out_of_range",
            f"integer >= minimum_minor {charge.minimum_minor}",
            str(charge.maximum_minor),
        )
    if charge.basis is Basis.VALUE:
        if charge.amount_minor or charge.steps:
            yield Fault(f"{path}.basis", "wrong_price", "rate_ppm and no amount or steps", "amount_minor or steps")
    elif charge.rate_ppm:
        yield Fault(f"{path}.rate_ppm", "wrong_price", "rate_ppm only with basis value", str(charge.rate_ppm))
    if charge.gross_mass_over_g is not None:
        yield from _at_least(path, 0, gross_mass_over_g=charge.gross_mass_over_g)
        if charge.basis is not Basis.CONTAINER:
            yield Fault(
                f"{path}.gross_mass_over_g", "wrong_price", "gross_mass_over_g only with basis container", charge.basis
            )
    starts = [step.from_units for step in charge.steps]
    if starts and (starts[0] != 0 or sorted(set(starts)) != starts):
        yield Fault(f"{path}.steps", "wrong_steps", "steps that start at 0 and rise", str(starts))
    for index, step in enumerate(charge.steps):
        yield from _at_least(f"{path}.steps[{index}]", 0, amount_minor=step.amount_minor)
    if (
        charge.container_types is not None
        and charge.modes is not None
        and not any(mode.value == "fcl" for mode in charge.modes)
    ):
        yield Fault(f"{path}.container_types", "never_matches", "modes with fcl", ", ".join(sorted(charge.modes)))
    if charge.allocation_key is AllocationKey.CONTAINER_USE and charge.basis not in (Basis.CONTAINER, *LOT_BASES):
        yield Fault(f"{path}.allocation_key", "wrong_key", "container_use only with containers or lots", charge.basis)


def _settings(settings: Settings) -> Iterator[Fault]:
    if not settings.modes:
        yield Fault("settings.modes", "empty_list", "one or more of fcl, lcl, postal", "[]")
    if not 0 <= settings.support_permille <= FULL_SUPPORT:
        yield Fault("settings.support", "out_of_range", "integer from 0 to 1000", str(settings.support_permille))
    if not settings.own_container_always_possible:
        yield Fault(
            "settings.own_container_always_possible",
            "not_supported",
            "true: a member may always take a container of its own",
            "false",
        )
