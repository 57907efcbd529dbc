"""Consignments that can be split: fixed divisions to plan with, and a linear relaxation to bound with.

A division cuts each such consignment into pieces that then travel undivided; its best plan is a plan. The
bound lets every package type flow in any whole number into any container, at a cost per package that no lot
can undercut: minima are left out, roundings, caps and fees per consignment are spread as thinly as they can be.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from optimizer.consolidation.charges import passes, waiting_days
from optimizer.consolidation.cuts import parts_of
from optimizer.consolidation.layouts import is_counted, layout_of
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.options import admits, feasible_options, package_fits
from optimizer.consolidation.patterns import CLOSED, Counter, Layout, Piece, whole_piece
from optimizer.problem import (
    LOT_BASES,
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Mode,
    Package,
)
from optimizer.units import GRAMS_PER_TONNE, MM3_PER_M3, PPM

REMAINDERS = (1, 4)
"""Into how many about equal pieces the rest of a consignment is cut beyond its full containers, one after the other."""


def piece_of(consignment: Consignment, packages: Mapping[str, int]) -> Piece:
    """Return a part of a consignment as a piece."""
    volume_mm3, mass_g, count = consignment.part_totals(packages)
    return Piece(consignment, volume_mm3, mass_g, count, {key: n for key, n in packages.items() if n})


def cuts_of(consignment: Consignment) -> list[Piece]:
    """Return every part of a consignment as a cut."""
    return [replace(piece_of(consignment, packages), cut=True) for packages in parts_of(consignment) if packages]


def divided_as(problem: ConsolidationProblem, plan: LotPlan) -> list[Piece]:
    """Return the pieces that a plan carries: consignments it splits in its parts, others whole."""
    parts = [part for load in plan.containers for part in load.contents]
    parts += [lot.part for lot in (*plan.lcl, *plan.postal)]
    pieces = []
    for part in parts:
        consignment = problem.consignment[part.consignment]
        full = {package.id: package.quantity for package in consignment.packages}
        if not part.packages or dict(part.packages) == full:
            pieces.append(whole_piece(consignment))
        else:
            pieces.append(piece_of(consignment, part.packages))
    return pieces


def divided_for(consignment: Consignment, kind: ContainerType, remainders: int) -> list[Piece] | None:
    """Return full loads of one container type and the rest in so many pieces; None when a package does not fit."""
    if not admits(kind, consignment) or not all(package_fits(one, kind) for one in consignment.packages):
        return None
    left = {package.id: package.quantity for package in consignment.packages}
    pieces: list[Piece] = []
    while sum(one.unit_volume_mm3 * left[one.id] for one in consignment.packages) > kind.usable_volume_mm3 or (
        sum(one.mass_g * left[one.id] for one in consignment.packages) > kind.payload_g
    ):
        load = _load(consignment.packages, left, kind)
        pieces.append(piece_of(consignment, load))
        left = {key: n - load[key] for key, n in left.items()}
    pieces.extend(piece_of(consignment, share) for share in _shares(left, remainders) if any(share.values()))
    return pieces


def _load(packages: Iterable[Package], left: Mapping[str, int], kind: ContainerType) -> dict[str, int]:
    """Fill one container: the largest packages first."""
    volume_mm3, mass_g = kind.usable_volume_mm3, kind.payload_g
    load = dict.fromkeys(left, 0)
    for one in sorted(packages, key=lambda package: -package.unit_volume_mm3):
        room = min(left[one.id], volume_mm3 // one.unit_volume_mm3)
        load[one.id] = min(room, mass_g // one.mass_g) if one.mass_g else room
        volume_mm3 -= load[one.id] * one.unit_volume_mm3
        mass_g -= load[one.id] * one.mass_g
    return load


def _shares(left: Mapping[str, int], number: int) -> Iterator[dict[str, int]]:
    """Cut a rest into a number of shares with about equal numbers of each package."""
    for k in range(number):
        yield {key: n * (k + 1) // number - n * k // number for key, n in left.items()}


@dataclass(frozen=True, slots=True)
class Loose:
    """What is assumed of the loose lots of a consignment that can be split.

    Parameters
    ----------
    none
        Modes in which none of it travels.
    some
        Mode in which some of it travels.
    share
        Share, in [0, 1], of the minima of a lot of that mode that counts as a fixed cost of the first such lot;
        the charges with a minimum then cost that share less per package: max(minimum, cost) is at least
        share * minimum + (1 - share) * cost.
    """

    none: frozenset[Mode]
    some: Mode | None = None
    share: Fraction = Fraction(0)


LOOSE_CASES = (
    Loose(frozenset({Mode.LCL, Mode.POSTAL})),
    Loose(frozenset({Mode.LCL}), Mode.POSTAL),
    Loose(frozenset(), Mode.LCL),
)
"""Every plan falls into one of these cases, consignment by consignment."""


def grain_layout(
    problem: ConsolidationProblem, consignments: Iterable[Consignment], loose: Mapping[str, Loose] | None = None
) -> Layout:
    """Return a layout whose linear master bounds every plan, however consignments are split.

    Parameters
    ----------
    loose
        What is assumed of consignments that can be split, by id; the layout then bounds the plans for which
        that holds, less `fixed_cost` of each assumption.
    """
    loose = loose or {}
    goods = list(consignments)
    whole = [whole_piece(one) for one in goods if not one.can_split]
    grains = [grain for one in goods if one.can_split for grain in _grains(one)]
    layout = layout_of(problem, [*whole, *grains])
    cost = layout.cost.copy()
    met: dict[tuple[str, int], tuple[Charge, ...]] = {}
    for i in range(len(whole), len(layout.pieces)):
        piece = layout.pieces[i]
        for q, place in enumerate(layout.places):
            if cost[i, q] == CLOSED:
                continue
            assumed = loose.get(piece.consignment.id)
            if assumed and place.mode in assumed.none:
                cost[i, q] = CLOSED
                continue
            key = (piece.consignment.id, q)
            if key not in met:
                met[key] = tuple(
                    charge
                    for charge in problem.charges
                    if passes(charge, piece.consignment, place.departure, place.mode, place.container_type)
                )
            days = waiting_days(problem, piece.consignment, place.departure)
            cost[i, q] = int(least_cost(piece, place.mode, days, met[key], assumed))
    counters = tuple(_open_ended(one, layout) for one in layout.counters)
    # A bill of one loose grain alone is not a bill: `least_cost` spreads it over the packages instead.
    triggers = tuple(
        replace(one, masks={}) if _single(set(one.masks.values()), layout.grains) else one for one in layout.triggers
    )
    return replace(layout, cost=cost, counters=counters, triggers=triggers)


def _single(masks: set[int], grains: int) -> bool:
    return len(masks) == 1 and next(iter(masks)).bit_count() == 1 and bool(next(iter(masks)) & grains)


def _open_ended(counter: Counter, layout: Layout) -> Counter:
    """Let the unknown number of lines that grains add lower the total, as price breaks can."""
    lots = {q: mask & ~layout.grains for q, mask in counter.lots.items() if mask & ~layout.grains}
    fired = [mask for s in counter.triggers for mask in layout.triggers[s].masks.values()]
    if not any(mask & layout.grains for mask in (*counter.lots.values(), *fired)):
        return counter
    least = list(counter.totals)
    for n in range(len(least) - 2, -1, -1):
        least[n] = min(least[n], least[n + 1])
    return replace(counter, totals=tuple(least), lots=lots)


def _grains(consignment: Consignment) -> Iterator[Piece]:
    """Yield pieces of 1, 2, 4, ... packages of each kind, up to what one lot may hold."""
    for package in consignment.packages:
        left, size = package.quantity, 1
        while left:
            count = min(size, left)
            left -= count
            size *= 2
            yield Piece(
                consignment, count * package.unit_volume_mm3, count * package.mass_g, count,
                {package.id: count}, grain=package.id,
            )  # fmt: skip


def fixed_cost(problem: ConsolidationProblem, consignment: Consignment, assumed: Loose) -> int:
    """Return what the loose lot that is assumed costs at least, beside what `grain_layout` counts per package."""
    fixed = []
    for way in feasible_options(problem, consignment):
        if way.mode is not assumed.some:
            continue
        met = [one for one in problem.charges if passes(one, consignment, way.departure, way.mode, None)]
        bills = sum(_fixed(one) for one in met if one.basis is Basis.BILL_OF_LADING and not is_counted(one))
        minima = sum(one.minimum_minor for one in met if one.basis in LOT_BASES)
        fixed.append(bills + assumed.share * minima)
    return int(min(fixed, default=Fraction(0)))


def least_cost(
    piece: Piece, mode: Mode, days: int, charges: Iterable[Charge], assumed: Loose | None = None
) -> Fraction:
    """Return a cost in minor units that these packages add to any lot, whatever else of the consignment is in it.

    Parameters
    ----------
    assumed
        What is assumed of loose lots; the fixed costs of a lot that is assumed are counted by `fixed_cost`.
    """
    counted = assumed is not None and mode is assumed.some
    one = piece.consignment
    share = Fraction(piece.volume_mm3, one.volume_mm3)
    smallest = Fraction(min(package.unit_volume_mm3 for package in one.packages), one.volume_mm3)
    delay = Fraction(one.value_minor * one.delay_cost_ppm_per_day * days, PPM)
    total = _thinned(delay * smallest) * delay * share
    for charge in charges:
        if charge.basis is Basis.VALUE:
            value = Fraction(one.value_minor * charge.rate_ppm, PPM)
            total += _capped(value, value * smallest, charge.maximum_minor) * share
        elif charge.basis is Basis.BILL_OF_LADING:
            if mode is not Mode.FCL and not is_counted(charge) and not counted:
                total += _fixed(charge) * share
        else:
            part = (
                1 - assumed.share if assumed and counted and charge.minimum_minor and charge.basis in LOT_BASES else 1
            )
            total += part * _by_measure(charge, piece)
    return total


def _by_measure(charge: Charge, piece: Piece) -> Fraction:
    """Return the least that a charge by the lot's measure takes for these packages."""
    one = piece.consignment
    heavy = one.mass_g * MM3_PER_M3 > one.volume_mm3 * GRAMS_PER_TONNE
    if charge.basis is Basis.TONNE or (charge.basis is Basis.FREIGHT_TONNE and heavy):
        here, all_, least, unit = piece.mass_g, one.mass_g, min(p.mass_g for p in one.packages), GRAMS_PER_TONNE
    elif charge.basis in (Basis.CUBIC_METRE, Basis.FREIGHT_TONNE):
        here, all_, unit = piece.volume_mm3, one.volume_mm3, MM3_PER_M3
        least = min(p.unit_volume_mm3 for p in one.packages)
    elif charge.basis is Basis.PACKAGE:
        here, all_, least, unit = piece.count, sum(p.quantity for p in one.packages), 1, 1
    else:
        return Fraction(0)
    price = min((step.amount_minor for step in charge.steps), default=charge.amount_minor)
    if not all_:
        return Fraction(0)
    return _capped(Fraction(price * all_, unit), Fraction(price * least, unit), charge.maximum_minor) * here / all_


def _capped(total: Fraction, smallest: Fraction, maximum: int | None) -> Fraction:
    """Return a total whose proportional part no rounded and capped line undercuts."""
    thinned = total * _thinned(smallest)
    return thinned if maximum is None else min(thinned, Fraction(maximum))


def _thinned(smallest: Fraction) -> Fraction:
    """Return the least ratio of a rounded amount to the amount itself, for amounts from the smallest on."""
    rounded = int(smallest + Fraction(1, 2))
    return Fraction(2 * rounded, 2 * rounded + 1)


def _fixed(charge: Charge) -> int:
    price = charge.steps[0].amount_minor if charge.steps else charge.amount_minor
    price = max(price, charge.minimum_minor)
    return price if charge.maximum_minor is None else min(price, charge.maximum_minor)
