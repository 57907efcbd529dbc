"""The same problem, had one thing been otherwise: a member leaves, is late, ships more or less; a charge is dearer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from optimizer.problem import Charge, Consignment, ConsolidationProblem
from optimizer.units import round_half_up

PERMILLE = 1000


def without_member(problem: ConsolidationProblem, member: str) -> ConsolidationProblem:
    """Return the problem without a member's consignments."""
    _known(problem, member)
    return problem.restricted_to(one.id for one in problem.consignments if one.member != member)


def delayed(problem: ConsolidationProblem, member: str, days: int) -> ConsolidationProblem:
    """Return the problem with a member's goods ready so many days later (earlier when negative); due dates stay."""
    return _changed(problem, member, lambda one: replace(one, ready_date=one.ready_date + timedelta(days=days)))


def resized(problem: ConsolidationProblem, member: str, permille: int) -> ConsolidationProblem:
    """Return the problem with so many thousandths of a member's goods.

    Packages are counted whole, a half up: of two packages nine tenths are two. Value, and volume and mass where there
    are no packages, follow. What comes to nothing is left out. `volume_mm3` tells how much it has become.

    Raises
    ------
    ProblemError
        When what there is then fits no container.
    """
    if permille < 0:
        raise ValueError(f"permille: expected >= 0, found {permille}")
    return _changed(problem, member, lambda one: _resized(one, permille))


def volume_mm3(problem: ConsolidationProblem, member: str) -> int:
    """Return the volume of all goods of a member."""
    return sum(one.volume_mm3 for one in problem.consignments if one.member == member)


def repriced(problem: ConsolidationProblem, code: str, permille: int) -> ConsolidationProblem:
    """Return the problem with a charge at so many thousandths of its price: amount, rate, steps, least and most."""
    if code not in {charge.code for charge in problem.charges}:
        raise ValueError(f"code: expected a charge of the problem, found {code!r}")
    if permille < 0:
        raise ValueError(f"permille: expected >= 0, found {permille}")
    charges = tuple(_repriced(charge, permille) if charge.code == code else charge for charge in problem.charges)
    return replace(problem, charges=charges)


def _known(problem: ConsolidationProblem, member: str) -> None:
    if member not in {one.member for one in problem.consignments}:
        raise ValueError(f"member: expected one with consignments, found {member!r}")


def _changed(
    problem: ConsolidationProblem, member: str, change: Callable[[Consignment], Consignment | None]
) -> ConsolidationProblem:
    _known(problem, member)
    goods = (change(one) if one.member == member else one for one in problem.consignments)
    return replace(problem, consignments=tuple(one for one in goods if one is not None))


def _resized(one: Consignment, permille: int) -> Consignment | None:
    packages = tuple(
        replace(package, quantity=quantity)
        for package in one.packages
        if (quantity := _part(package.quantity, permille))
    )
    if one.packages:
        volume, mass = (
            sum(p.quantity * p.unit_volume_mm3 for p in packages),
            sum(p.quantity * p.mass_g for p in packages),
        )
    else:
        volume, mass = _part(one.volume_mm3, permille), _part(one.mass_g, permille)
    if not volume or not mass:
        return None
    value = round_half_up(Fraction(one.value_minor * volume, one.volume_mm3))
    return replace(one, packages=packages, volume_mm3=volume, mass_g=mass, value_minor=value)


def _repriced(charge: Charge, permille: int) -> Charge:
    return replace(
        charge,
        amount_minor=_part(charge.amount_minor, permille),
        rate_ppm=_part(charge.rate_ppm, permille),
        minimum_minor=_part(charge.minimum_minor, permille),
        maximum_minor=None if charge.maximum_minor is None else _part(charge.maximum_minor, permille),
        steps=tuple(replace(step, amount_minor=_part(step.amount_minor, permille)) for step in charge.steps),
    )


def _part(number: int, permille: int) -> int:
    return round_half_up(Fraction(number * permille, PERMILLE))
