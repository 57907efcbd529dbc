"""Which lots a charge line of a plan covers, how a line is shared by its key, and which side of an Incoterm pays it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer.apportion import apportion
from optimizer.checking_lots import Lot, lots_of, places_of
from optimizer.consolidation.charges import passes, value_units
from optimizer.problem import AllocationKey, Basis, Charge, Consignment, ConsolidationProblem, IncotermStage, Mode
from optimizer.result import ChargeLine, ShipmentPlan
from optimizer.units import freight_tonnes

_ORIGIN = frozenset({IncotermStage.ORIGIN})
_CARRIAGE = _ORIGIN | {IncotermStage.MAIN_CARRIAGE}
_INSURED = _CARRIAGE | {IncotermStage.INSURANCE}
_EVERYTHING = frozenset(IncotermStage)

SELLER_PAYS: Mapping[str, frozenset[IncotermStage]] = {
    "EXW": frozenset(),
    "FCA": _ORIGIN,
    "FAS": _ORIGIN,
    "FOB": _ORIGIN,
    "CFR": _CARRIAGE,
    "CPT": _CARRIAGE,
    "CIF": _INSURED,
    "CIP": _INSURED,
    "DAP": _EVERYTHING,
    "DPU": _EVERYTHING,
    "DDP": _EVERYTHING,
}
"""Stages of the journey that the seller pays under each rule of Incoterms 2020."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredLine:
    """A charge line of a plan with its charge and the lots that it is charged for."""

    line: ChargeLine
    charge: Charge
    lots: tuple[Lot, ...]


def travelling_lots(problem: ConsolidationProblem, plan: ShipmentPlan) -> tuple[Lot, ...]:
    """Return everything that travels, with recounted totals."""
    return tuple(lots_of(problem, places_of(plan)))


def covered_lines(problem: ConsolidationProblem, plan: ShipmentPlan, lots: Sequence[Lot]) -> Iterator[CoveredLine]:
    """Iterate over the charge lines of a checked plan with the lots that each covers.

    Raises
    ------
    ValueError
        When a line has no charge or no lot: such a plan does not pass its judge.
    """
    charges = {charge.code: charge for charge in problem.charges}
    met: defaultdict[tuple[str, str], list[Lot]] = defaultdict(list)
    for charge in problem.charges:
        for lot in lots:
            if passes(charge, lot.consignment, lot.departure, lot.place.mode, lot.container_type):
                met[charge.code, lot.departure.id].append(lot)
    for line in plan.charges:
        covered = tuple(lot for lot in met[line.code, line.departure] if _named(line, charges[line.code], lot))
        if not covered:
            raise ValueError(f"charges: expected lots under {line.code!r} on {line.departure!r}, found none")
        yield CoveredLine(line=line, charge=charges[line.code], lots=covered)


def _named(line: ChargeLine, charge: Charge, lot: Lot) -> bool:
    """Say whether a lot that meets the charge belongs to this line of it."""
    if charge.basis is Basis.BILL_OF_LADING and line.mode is None and lot.place.mode is not Mode.FCL:
        return False
    return (
        (line.container is None or (lot.container_type is not None and lot.place.name == line.container))
        and (line.consignment is None or lot.consignment.id == line.consignment)
        and (line.member is None or lot.consignment.member == line.member)
        and (line.mode is None or lot.place.mode.value == line.mode)
    )


def seller_pays(consignment: Consignment, charge: Charge) -> bool:
    """Say whether the member itself pays a charge of its consignment, or its buyer does by Incoterm."""
    if consignment.incoterm is None or charge.incoterm_stage is None:
        return True
    return charge.incoterm_stage in SELLER_PAYS.get(consignment.incoterm.upper(), _EVERYTHING)


def by_consignment(lots: Iterable[Lot], key: AllocationKey) -> dict[str, Fraction]:
    """Return the weight of each consignment in these lots under a measuring key.

    Parameters
    ----------
    key
        Volume, mass, value, container use (the greater of the shares of usable volume and of payload), or
        freight tonnes for any other key.
    """
    weights: defaultdict[str, Fraction] = defaultdict(Fraction)
    for lot in lots:
        weights[lot.consignment.id] += _weight(lot, key)
    return dict(weights)


def _weight(lot: Lot, key: AllocationKey) -> Fraction:
    match key:
        case AllocationKey.VOLUME:
            return Fraction(lot.volume_mm3)
        case AllocationKey.MASS:
            return Fraction(lot.mass_g)
        case AllocationKey.VALUE:
            return value_units(lot.consignment, lot.volume_mm3)
        case AllocationKey.CONTAINER_USE if lot.container_type is not None:
            kind = lot.container_type
            by_volume = Fraction(lot.volume_mm3, max(1, kind.usable_volume_mm3))
            return max(by_volume, Fraction(lot.mass_g, kind.payload_g))
        case _:
            return freight_tonnes(lot.volume_mm3, lot.mass_g)


def split_line(problem: ConsolidationProblem, covered: CoveredLine, *, tie_key: str) -> dict[str, int]:
    """Share a direct charge line among the consignments that it covers, in whole minor units.

    The members' parts are rounded first, then each is split over its own consignments. Key `direct` gives a
    line to the member that caused it, `equal` the same to each; where `direct` covers several members they
    caused it together, in equal parts. Where a key measures nothing (goods without value) freight tonnes do.
    """
    key = covered.charge.allocation_key
    weights = by_consignment(covered.lots, key)
    if not any(weights.values()):
        weights = by_consignment(covered.lots, AllocationKey.FREIGHT_TONNE)
    members: defaultdict[str, Fraction] = defaultdict(Fraction)
    for consignment, weight in weights.items():
        members[problem.consignment[consignment].member] += weight
    if key in (AllocationKey.DIRECT, AllocationKey.EQUAL):
        members = defaultdict(Fraction, dict.fromkeys(members, Fraction(1)))
    line = covered.line
    turn = "|".join([tie_key, line.code, line.departure, line.container or "", line.consignment or ""])
    split: Counter[str] = Counter()
    for member, amount in apportion(line.amount_minor, members, tie_key=turn).items():
        own = {one: weight for one, weight in weights.items() if problem.consignment[one].member == member}
        split.update(apportion(amount, own if any(own.values()) else dict.fromkeys(own, 1), tie_key=turn))
    return dict(split)
