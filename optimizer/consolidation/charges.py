"""The one place of the searching side that prices: which charges a lot meets, and what every line amounts to.

A lot is one consignment, or its part, in one container, one LCL entry or one postal entry. A charge meets a
lot that passes all its filters; what is then counted depends on the basis, always departure by departure, so
that the cost of a plan is the sum of the costs of its departures.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from optimizer.problem import (
    LOT_BASES,
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    LclRounding,
    Mode,
    Settings,
)
from optimizer.result import ChargeLine, ContainerLoad, DelayCost, LooseLot, Part
from optimizer.units import GRAMS_PER_TONNE, MM3_PER_M3, PPM, ceil_division, freight_tonnes, round_half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """One consignment, or its part, in one container, LCL entry or postal entry.

    Parameters
    ----------
    volume_mm3, mass_g, packages
        Totals of the part; `packages` counts 1 for a consignment described without packages.
    container_type, container
        Type and id of the container; None for LCL and postal lots.
    gross_mass_g
        Cargo of the whole container plus its tare; 0 for LCL and postal lots.
    """

    consignment: Consignment
    departure: Departure
    mode: Mode
    volume_mm3: int
    mass_g: int
    packages: int
    container_type: ContainerType | None = None
    container: str | None = None
    gross_mass_g: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What a plan costs: its charge lines and delay costs in the order of the problem, and their sum."""

    charges: tuple[ChargeLine, ...]
    delay_costs: tuple[DelayCost, ...]
    cost_minor: int


def passes(
    charge: Charge, consignment: Consignment, departure: Departure, mode: Mode, container_type: ContainerType | None
) -> bool:
    """Say whether a lot passes all filters of a charge, its container's gross mass left aside.

    Parameters
    ----------
    container_type
        Type of the lot's container; None for LCL and postal lots, which no `container_types` filter matches.
    """
    return (
        (charge.modes is None or mode in charge.modes)
        and (
            charge.container_types is None
            or (container_type is not None and container_type.code in charge.container_types)
        )
        and (charge.departures is None or departure.id in charge.departures)
        and (charge.origins is None or consignment.origin in charge.origins)
        and (charge.destinations is None or consignment.destination in charge.destinations)
        and (charge.cargo_classes is None or consignment.cargo_class in charge.cargo_classes)
        and (charge.members is None or consignment.member in charge.members)
    )


def line_amount(charge: Charge, units: Fraction | int, count: int = 1) -> int:
    """Return the amount of one charge line in minor units, rounded half up once.

    Parameters
    ----------
    units
        Exact units of the line; for basis value the value of what it covers, in minor units.
    count
        Number of lines of this charge on the departure, which decides the step reached; lots reach
        the step of their own units instead.
    """
    numerator, denominator = units.numerator, units.denominator
    if charge.basis is Basis.VALUE:
        numerator, denominator = numerator * charge.rate_ppm, denominator * PPM
    elif charge.steps:
        reached = units if charge.basis in LOT_BASES else count
        numerator *= next(step for step in reversed(charge.steps) if step.from_units <= reached).amount_minor
    else:
        numerator *= charge.amount_minor
    # Rounding first and clamping then is the same: both limits are whole minor units.
    amount = (2 * numerator + denominator) // (2 * denominator)
    amount = max(amount, charge.minimum_minor)
    return amount if charge.maximum_minor is None else min(amount, charge.maximum_minor)


def lot_units(charge: Charge, settings: Settings, mode: Mode, volume_mm3: int, mass_g: int, packages: int) -> Fraction:
    """Return the exact units of a lot under a charge with a lot basis, rounded up for LCL where settings say so."""
    if charge.basis is Basis.PACKAGE:
        return Fraction(packages)
    if charge.basis is Basis.FREIGHT_TONNE:
        units = freight_tonnes(volume_mm3, mass_g)
    elif charge.basis is Basis.CUBIC_METRE:
        units = Fraction(volume_mm3, MM3_PER_M3)
    else:
        units = Fraction(mass_g, GRAMS_PER_TONNE)
    if mode is Mode.LCL and settings.lcl_rounding is LclRounding.UP:
        return Fraction(ceil_division(units.numerator, units.denominator))
    return units


def waiting_days(problem: ConsolidationProblem, consignment: Consignment, departure: Departure) -> int:
    """Return the days of delay that a consignment pays for on a departure, never negative."""
    until = departure.arrival if problem.settings.delay_counts_transit else departure.departure
    return max(0, (until - consignment.ready_date).days)


def delay_amount(problem: ConsolidationProblem, consignment: Consignment, departure: Departure, volume_mm3: int) -> int:
    """Return the delay cost of the parts of a consignment on one departure, rounded half up once.

    Parameters
    ----------
    volume_mm3
        Volume of all its parts on that departure; they carry the value in proportion.
    """
    rate = consignment.delay_cost_ppm_per_day * waiting_days(problem, consignment, departure)
    return round_half_up(Fraction(consignment.value_minor * rate * volume_mm3, consignment.volume_mm3 * PPM))


def value_units(consignment: Consignment, volume_mm3: int) -> Fraction:
    """Return the value in minor units of a part of a consignment, in proportion to its volume, exactly."""
    return Fraction(consignment.value_minor * volume_mm3, consignment.volume_mm3)


def part_totals(consignment: Consignment, packages: Mapping[str, int]) -> tuple[int, int, int]:
    """Return (volume_mm3, mass_g, package count) of a part; no packages named is the whole consignment."""
    if consignment.packages and packages:
        return consignment.part_totals(packages)
    count = sum(package.quantity for package in consignment.packages) or 1
    return consignment.volume_mm3, consignment.mass_g, count


def price(
    problem: ConsolidationProblem,
    containers: Iterable[ContainerLoad] = (),
    lcl: Iterable[LooseLot] = (),
    postal: Iterable[LooseLot] = (),
) -> Pricing:
    """Price what travels: every charge line and delay cost, and their sum.

    Returns
    -------
    Pricing
        Lines ordered by charge, then departure (both as in the problem), then as given; lines of amount 0
        are left out, though they count towards steps.
    """
    lots = [
        *(lot for container in containers for lot in _container_lots(problem, container)),
        *(_loose_lot(problem, one, Mode.LCL) for one in lcl),
        *(_loose_lot(problem, one, Mode.POSTAL) for one in postal),
    ]
    rank = {departure.id: index for index, departure in enumerate(problem.departures)}
    lots.sort(key=lambda lot: rank[lot.departure.id])
    lines = [line for charge, met in _met(problem, lots) for line in charge_lines(problem.settings, charge, met)]
    charged = tuple(line for line in lines if line.amount_minor)
    waited = tuple(delay for delay in _delay_costs(problem, lots) if delay.amount_minor)
    total = sum(line.amount_minor for line in charged) + sum(delay.amount_minor for delay in waited)
    return Pricing(charges=charged, delay_costs=waited, cost_minor=total)


def _container_lots(problem: ConsolidationProblem, container: ContainerLoad) -> list[Lot]:
    """Return one lot for each consignment in a container, parts of the same one taken together."""
    kind = problem.container_type[container.container_type]
    totals: dict[str, tuple[int, int, int]] = {}
    for part in container.contents:
        found = part_totals(problem.consignment[part.consignment], part.packages)
        before = totals.get(part.consignment, (0, 0, 0))
        totals[part.consignment] = (before[0] + found[0], before[1] + found[1], before[2] + found[2])
    gross_mass_g = kind.tare_g + sum(mass_g for _, mass_g, _ in totals.values())
    return [
        Lot(
            consignment=problem.consignment[consignment],
            departure=problem.departure[container.departure],
            mode=Mode.FCL,
            volume_mm3=volume_mm3,
            mass_g=mass_g,
            packages=packages,
            container_type=kind,
            container=container.id,
            gross_mass_g=gross_mass_g,
        )
        for consignment, (volume_mm3, mass_g, packages) in totals.items()
    ]


def _loose_lot(problem: ConsolidationProblem, lot: LooseLot, mode: Mode) -> Lot:
    consignment = problem.consignment[lot.part.consignment]
    volume_mm3, mass_g, packages = part_totals(consignment, lot.part.packages)
    return Lot(
        consignment=consignment,
        departure=problem.departure[lot.departure],
        mode=mode,
        volume_mm3=volume_mm3,
        mass_g=mass_g,
        packages=packages,
    )


def _met(problem: ConsolidationProblem, lots: list[Lot]) -> Iterable[tuple[Charge, list[Lot]]]:
    """Yield every charge with the lots that it meets on one departure, in the order of the problem."""
    known: dict[tuple[str, ...], list[int]] = {}
    met: dict[tuple[int, str], list[Lot]] = {}
    for lot in lots:
        one, code = lot.consignment, lot.container_type.code if lot.container_type else ""
        key = (one.member, one.cargo_class, lot.departure.id, lot.mode, code, one.origin, one.destination)
        if key not in known:
            known[key] = [
                index
                for index, charge in enumerate(problem.charges)
                if passes(charge, one, lot.departure, lot.mode, lot.container_type)
            ]
        for index in known[key]:
            met.setdefault((index, lot.departure.id), []).append(lot)
    # Lots came by departure, so that a stable sort by charge keeps the departures in order.
    for (index, _), passing in sorted(met.items(), key=lambda item: item[0][0]):
        yield problem.charges[index], passing


def charge_lines(settings: Settings, charge: Charge, lots: list[Lot]) -> list[ChargeLine]:
    """Return the lines of one charge for the lots that it meets on one departure, at least one lot.

    Zero amounts are included: their number decides the step reached.
    """
    drafts = _drafts(settings, charge, lots)
    departure = lots[0].departure.id
    return [
        ChargeLine(
            code=charge.code,
            departure=departure,
            units=str(draft.units),
            amount_minor=line_amount(charge, draft.units, len(drafts)),
            container=draft.container,
            consignment=draft.consignment,
            member=draft.member,
            mode=draft.mode,
        )
        for draft in drafts
    ]


@dataclass(frozen=True, slots=True)
class _Draft:
    """A line without its amount, which needs the number of lines."""

    units: Fraction | int = 1
    container: str | None = None
    consignment: str | None = None
    member: str | None = None
    mode: str | None = None


def _drafts(settings: Settings, charge: Charge, lots: list[Lot]) -> list[_Draft]:
    """Return what a charge counts among the lots that it meets on one departure."""
    match charge.basis:
        case Basis.CONTAINER:
            return _per_container(charge, lots)
        case Basis.BILL_OF_LADING:
            return _per_bill(lots)
        case Basis.CONSIGNMENT:
            return [_Draft(consignment=one) for one in dict.fromkeys(lot.consignment.id for lot in lots)]
        case Basis.MEMBER:
            return [_Draft(member=one) for one in dict.fromkeys(lot.consignment.member for lot in lots)]
        case Basis.DEPARTURE:
            return [_Draft()]
        case Basis.VALUE:
            return [_Draft(value_units(one, volume_mm3), consignment=one.id) for one, volume_mm3 in _volumes(lots)]
        case _:
            return [_of_lot(settings, charge, lot) for lot in lots]


def _per_container(charge: Charge, lots: list[Lot]) -> list[_Draft]:
    over_g = charge.gross_mass_over_g
    # LCL and postal lots have no container, though a charge without a filter on modes meets them too.
    held = [lot for lot in lots if lot.container is not None and (over_g is None or lot.gross_mass_g > over_g)]
    return [_Draft(container=container) for container in dict.fromkeys(lot.container for lot in held)]


def _per_bill(lots: list[Lot]) -> list[_Draft]:
    joint = [_Draft()] if any(lot.mode is Mode.FCL for lot in lots) else []
    loose = (lot for lot in lots if lot.mode is not Mode.FCL)
    return [*joint, *(_Draft(consignment=lot.consignment.id, mode=lot.mode.value) for lot in loose)]


def _of_lot(settings: Settings, charge: Charge, lot: Lot) -> _Draft:
    return _Draft(
        units=lot_units(charge, settings, lot.mode, lot.volume_mm3, lot.mass_g, lot.packages),
        container=lot.container,
        consignment=lot.consignment.id,
        mode=None if lot.mode is Mode.FCL else lot.mode.value,
    )


def _volumes(lots: Iterable[Lot]) -> list[tuple[Consignment, int]]:
    """Return the volume of each consignment in these lots, in the order of first appearance."""
    volumes: dict[str, tuple[Consignment, int]] = {}
    for lot in lots:
        before = volumes.get(lot.consignment.id, (lot.consignment, 0))[1]
        volumes[lot.consignment.id] = (lot.consignment, before + lot.volume_mm3)
    return list(volumes.values())


def _delay_costs(problem: ConsolidationProblem, lots: list[Lot]) -> Iterable[DelayCost]:
    by_departure: dict[str, list[Lot]] = {}
    for lot in lots:
        by_departure.setdefault(lot.departure.id, []).append(lot)
    for name, together in by_departure.items():
        departure = problem.departure[name]
        for consignment, volume_mm3 in _volumes(together):
            yield DelayCost(
                consignment=consignment.id,
                departure=name,
                days=waiting_days(problem, consignment, departure),
                amount_minor=delay_amount(problem, consignment, departure, volume_mm3),
            )


def whole(consignment: Consignment) -> Part:
    """Return the part of a plan that is a whole consignment."""
    return Part(consignment=consignment.id, packages={package.id: package.quantity for package in consignment.packages})


def lot_cost(
    problem: ConsolidationProblem,
    consignment: Consignment,
    departure: Departure,
    mode: Mode,
    container_type: ContainerType | None = None,
) -> int:
    """Return the sum of the lot lines (freight tonne, m3, tonne, package) of a whole consignment as one lot."""
    volume_mm3, mass_g, packages = part_totals(consignment, {})
    return sum(
        line_amount(charge, lot_units(charge, problem.settings, mode, volume_mm3, mass_g, packages))
        for charge in problem.charges
        if charge.basis in LOT_BASES and passes(charge, consignment, departure, mode, container_type)
    )
