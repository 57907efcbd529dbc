"""Parts in which a consignment that can be split may travel, and what all of them on one departure cost together.

Value lines and the delay of a consignment are rounded, and raised to a minimum, once for all its parts on a departure.
They are a table over all that may travel there, looked up by a number that adds up over the parts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod

from optimizer.consolidation.charges import delay_amount, line_amount, value_units
from optimizer.problem import Charge, Consignment, ConsolidationProblem, Departure


def number_of_parts(consignment: Consignment) -> int:
    """Return how many different parts a consignment has, all of it being one."""
    return prod(package.quantity + 1 for package in consignment.packages) - 1


def parts_of(consignment: Consignment) -> Iterator[dict[str, int]]:
    """Yield the packages of every part, in the order of `number_in`, nothing first."""
    ordered = _ordered(consignment)
    for counts in product(*(range(quantity + 1) for _, quantity in reversed(ordered))):
        yield {name: n for (name, _), n in zip(ordered, reversed(counts), strict=True) if n}


def number_in(consignment: Consignment, packages: Mapping[str, int]) -> int:
    """Return the number of a part: that of two parts together is the sum of theirs."""
    number, stride = 0, 1
    for name, quantity in _ordered(consignment):
        number += packages.get(name, 0) * stride
        stride *= quantity + 1
    return number


def _ordered(consignment: Consignment) -> list[tuple[str, int]]:
    # The rarest package counts least, so that costs grow about evenly with the number.
    return sorted(((one.id, one.quantity) for one in consignment.packages), key=lambda one: one[1])


@dataclass(frozen=True, slots=True)
class Shared:
    """What parts on a departure cost together: so much a package, and the rest by the number of all parts.

    Parameters
    ----------
    per_package
        Minor units that each package adds in any case.
    totals
        By number of what travels: what comes on top, >= 0.
    """

    per_package: Mapping[str, int]
    totals: tuple[int, ...]

    def own(self, packages: Mapping[str, int]) -> int:
        """Return what a part adds in any case."""
        return sum(self.per_package[name] * n for name, n in packages.items())


def shared_cost(
    problem: ConsolidationProblem, consignment: Consignment, departure: Departure, values: Sequence[Charge], delay: bool
) -> Shared:
    """Return what parts on a departure cost together in value lines, and in delay where asked."""
    volume_of = {package.id: package.unit_volume_mm3 for package in consignment.packages}
    known: dict[int, int] = {0: 0}
    exact: list[int] = []
    held: list[dict[str, int]] = []
    for packages in parts_of(consignment):
        volume_mm3 = sum(volume_of[name] * n for name, n in packages.items())
        if volume_mm3 not in known:
            cost = delay_amount(problem, consignment, departure, volume_mm3) if delay else 0
            known[volume_mm3] = cost + sum(line_amount(one, value_units(consignment, volume_mm3)) for one in values)
        exact.append(known[volume_mm3])
        held.append(packages)
    rate = min(Fraction(cost, volume_mm3) for volume_mm3, cost in known.items() if volume_mm3)
    per_package = {name: int(rate * volume_mm3) for name, volume_mm3 in volume_of.items()}
    split = Shared(per_package, ())
    return Shared(per_package, tuple(cost - split.own(one) for cost, one in zip(exact, held, strict=True)))
