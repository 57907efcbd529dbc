"""Judge of money: every charge line and delay cost of a plan counted again from the tariff, and their sum."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import zip_longest
from typing import NamedTuple, TypeVar

from optimizer.checking_lots import Lot, broken
from optimizer.problem import LOT_BASES, Basis, Charge, ConsolidationProblem, LclRounding, Mode
from optimizer.result import ShipmentPlan, Violation
from optimizer.units import GRAMS_PER_TONNE, MM3_PER_M3, PPM, ceil_division, freight_tonnes, round_half_up


def check_charges(problem: ConsolidationProblem, plan: ShipmentPlan, lots: Sequence[Lot]) -> Iterator[Violation]:
    """Compare every charge line, every delay cost and the cost of a plan with what its lots amount to."""
    charges, delays = _recounted_charges(problem, lots), _recounted_delays(problem, lots)
    lines: _Lines[_Subject] = defaultdict(list)
    for line in plan.charges:
        names = (line.container or "", line.consignment or "", line.member or "", line.mode or "")
        lines[_Subject(line.code, line.departure, *names)].append((_fraction(line.units), line.amount_minor))
    yield from _compare("charge", "units", lines, charges, lambda one: " ".join(filter(None, one)))
    waits: _Lines[tuple[str, str]] = defaultdict(list)
    for wait in plan.delay_costs:
        waits[wait.consignment, wait.departure].append((Fraction(wait.days), wait.amount_minor))
    yield from _compare("delay", "days", waits, delays, " on ".join)
    everything = [*charges.values(), *delays.values()]
    cost_minor = sum(amount for priced in everything for _, amount in priced)
    if plan.cost_minor != cost_minor:
        yield broken("cost", "plan", plan.cost_minor, cost_minor)


class _Subject(NamedTuple):
    """What a charge line names."""

    code: str
    departure: str
    container: str = ""
    consignment: str = ""
    member: str = ""
    mode: str = ""


_Key = TypeVar("_Key", bound=tuple[str, ...])
_Priced = tuple[Fraction | None, int]
_Lines = defaultdict[_Key, list[_Priced]]


def _passes(charge: Charge, lot: Lot) -> bool:
    code = lot.container_type.code if lot.container_type else None
    return (
        (charge.modes is None or lot.place.mode in charge.modes)
        and (charge.container_types is None or code in charge.container_types)
        and (charge.departures is None or lot.departure.id in charge.departures)
        and (charge.origins is None or lot.departure.origin in charge.origins)
        and (charge.destinations is None or lot.departure.destination in charge.destinations)
        and (charge.cargo_classes is None or lot.consignment.cargo_class in charge.cargo_classes)
        and (charge.members is None or lot.consignment.member in charge.members)
    )


def _recounted_charges(problem: ConsolidationProblem, lots: Sequence[Lot]) -> _Lines[_Subject]:
    gross_g: Counter[int | None] = Counter()
    for lot in lots:
        gross_g[lot.place.container] += lot.mass_g
    for lot in {lot.place.container: lot for lot in lots}.values():
        gross_g[lot.place.container] += lot.container_type.tare_g if lot.container_type else 0
    found: _Lines[_Subject] = defaultdict(list)
    for charge in problem.charges:
        departures: defaultdict[str, list[Lot]] = defaultdict(list)
        for lot in lots:
            light = charge.gross_mass_over_g is not None and gross_g[lot.place.container] <= charge.gross_mass_over_g
            if _passes(charge, lot) and not light:
                departures[lot.departure.id].append(lot)
        for here in departures.values():
            counted = _counted(charge, here, round_lcl_up=problem.settings.lcl_rounding is LclRounding.UP)
            for subject, units in counted:
                reached = units if charge.basis in LOT_BASES else Fraction(len(counted))
                found[subject].append((units, _amount(charge, units, reached)))
    return found


def _counted(charge: Charge, here: Sequence[Lot], *, round_lcl_up: bool) -> list[tuple[_Subject, Fraction]]:
    """Return what a charge counts on one departure, given the lots that pass: the names of a line and its units."""
    line, one = _Subject(charge.code, here[0].departure.id), Fraction(1)
    full = [lot for lot in here if lot.place.mode is Mode.FCL]
    loose = [lot for lot in here if lot.place.mode is not Mode.FCL]
    values: defaultdict[str, Fraction] = defaultdict(Fraction)
    for lot in here:
        values[lot.consignment.id] += _value(lot)
    match charge.basis:
        case Basis.CONTAINER:
            names = {lot.place.container: lot.place.name for lot in full}
            return [(line._replace(container=name), one) for name in names.values()]
        case Basis.BILL_OF_LADING:
            bills = [line._replace(consignment=lot.consignment.id, mode=lot.place.mode.value) for lot in loose]
            return [(bill, one) for bill in ([line] if full else []) + bills]
        case Basis.CONSIGNMENT:
            return [(line._replace(consignment=name), one) for name in values]
        case Basis.VALUE:
            return [(line._replace(consignment=name), value) for name, value in values.items()]
        case Basis.MEMBER:
            return [(line._replace(member=name), one) for name in sorted({lot.consignment.member for lot in here})]
        case Basis.DEPARTURE:
            return [(line, one)]
        case _:
            return [(_of_lot(line, lot), _lot_units(charge, lot, round_lcl_up=round_lcl_up)) for lot in here]


def _of_lot(line: _Subject, lot: Lot) -> _Subject:
    if lot.place.mode is Mode.FCL:
        return line._replace(consignment=lot.consignment.id, container=lot.place.name)
    return line._replace(consignment=lot.consignment.id, mode=lot.place.mode.value)


def _lot_units(charge: Charge, lot: Lot, *, round_lcl_up: bool) -> Fraction:
    if charge.basis is Basis.PACKAGE:
        return Fraction(lot.packages)
    units = {
        Basis.FREIGHT_TONNE: freight_tonnes(lot.volume_mm3, lot.mass_g),
        Basis.CUBIC_METRE: Fraction(lot.volume_mm3, MM3_PER_M3),
        Basis.TONNE: Fraction(lot.mass_g, GRAMS_PER_TONNE),
    }[charge.basis]
    if round_lcl_up and lot.place.mode is Mode.LCL:
        return Fraction(ceil_division(units.numerator, units.denominator))
    return units


def _value(lot: Lot) -> Fraction:
    return Fraction(lot.consignment.value_minor * lot.volume_mm3, lot.consignment.volume_mm3)


def _amount(charge: Charge, units: Fraction, reached: Fraction) -> int:
    price = Fraction(charge.rate_ppm, PPM) if charge.basis is Basis.VALUE else Fraction(charge.amount_minor)
    for step in charge.steps:
        if step.from_units <= reached:
            price = Fraction(step.amount_minor)
    amount = max(price * units, Fraction(charge.minimum_minor))
    return round_half_up(amount if charge.maximum_minor is None else min(amount, Fraction(charge.maximum_minor)))


def _recounted_delays(problem: ConsolidationProblem, lots: Sequence[Lot]) -> _Lines[tuple[str, str]]:
    values: defaultdict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for lot in lots:
        values[lot.consignment.id, lot.departure.id] += _value(lot)
    found: _Lines[tuple[str, str]] = defaultdict(list)
    for (name, sailing), value in values.items():
        one, departure = problem.consignment[name], problem.departure[sailing]
        until = departure.arrival if problem.settings.delay_counts_transit else departure.departure
        days = max(0, (until - one.ready_date).days)
        found[name, sailing].append((Fraction(days), round_half_up(value * one.delay_cost_ppm_per_day * days / PPM)))
    return found


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError, TypeError):
        return None


def _compare(
    what: str,
    counted: str,
    claimed: Mapping[_Key, Sequence[_Priced]],
    found: Mapping[_Key, Sequence[_Priced]],
    name: Callable[[_Key], str],
) -> Iterator[Violation]:
    """Compare claimed and recounted lines whatever their order; lines of amount 0 may be left out."""
    for key in sorted(claimed.keys() | found.keys()):
        said, true = Counter(claimed.get(key, ())), Counter(found.get(key, ()))
        pairs = zip_longest(_by_amount(said - true), _by_amount(true - said))
        for one, other in pairs:
            if one is None and other is not None:
                if other[1]:
                    yield broken(f"{what}_missing", name(key), "no line", other[1])
            elif other is None and one is not None:
                yield broken(f"{what}_extra", name(key), one[1], "no line")
            elif one is not None and other is not None:
                if one[0] != other[0]:
                    yield broken(f"{what}_{counted}", name(key), one[0], other[0])
                if one[1] != other[1]:
                    yield broken(f"{what}_amount", name(key), one[1], other[1])


def _by_amount(lines: Counter[_Priced]) -> list[_Priced]:
    return sorted(lines.elements(), key=lambda line: (line[1], str(line[0])))
