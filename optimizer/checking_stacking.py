"""Judge of what stands on what: how much of every base is supported, and what mass arrives on every package."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from optimizer.checking_lots import broken
from optimizer.load_problem import FULL_SUPPORT, LoadPackage
from optimizer.result import Placement, Violation

X, Y, Z = range(3)
"""The axes: from the front wall to the door, across, up."""

Point = tuple[int, int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """One package where it stands: its lowest and its highest corner in mm, and what the rules ask of its kind."""

    name: str
    package: LoadPackage
    step: int
    low: Point
    high: Point

    def size(self, axis: int) -> int:
        """Return its size along an axis, in mm."""
        return self.high[axis] - self.low[axis]


class Contact(NamedTuple):
    """The area in mm2, greater than 0, with which one package rests on another."""

    lower: Placed
    upper: Placed
    area_mm2: int


def placed(name: str, package: LoadPackage, one: Placement) -> Placed:
    """Return a placement as the judge sees it; `name` is how violations call the container."""
    high = (one.x_mm + one.dx_mm, one.y_mm + one.dy_mm, one.z_mm + one.dz_mm)
    goods = f"{one.consignment} {one.package}".strip()
    return Placed(f"{name}: {goods} step {one.step}", package, one.step, (one.x_mm, one.y_mm, one.z_mm), high)


def meeting(packages: Iterable[Placed], along: int, across: int) -> Iterator[tuple[Placed, Placed]]:
    """Yield every pair whose extents overlap on two axes, whatever they do on the third: a sweep along the first."""
    reached: list[Placed] = []
    for one in sorted(packages, key=lambda each: each.low[along]):
        start, near, far = one.low[along], one.low[across], one.high[across]
        reached = [other for other in reached if other.high[along] > start]
        for other in reached:
            if other.low[across] < far and near < other.high[across]:
                yield other, one
        reached.append(one)


def contacts(columns: Iterable[tuple[Placed, Placed]]) -> Iterator[Contact]:
    """Yield where one package of a pair rests on the other: top at the height of the bottom.

    Parameters
    ----------
    columns
        Pairs that overlap seen from above.
    """
    for one, other in columns:
        for lower, upper in ((one, other), (other, one)):
            area_mm2 = _common(lower, upper, X) * _common(lower, upper, Y)
            if lower.high[Z] == upper.low[Z] and area_mm2 > 0:
                yield Contact(lower, upper, area_mm2)


def _common(one: Placed, other: Placed, axis: int) -> int:
    return min(one.high[axis], other.high[axis]) - max(one.low[axis], other.low[axis])


def check_support(packages: Sequence[Placed], resting: Iterable[Contact], support_permille: int) -> Iterator[Violation]:
    """Compare the area on which each package above the floor rests with what the policy asks of its base."""
    supported: defaultdict[Placed, int] = defaultdict(int)
    for contact in resting:
        supported[contact.upper] += contact.area_mm2
    for one in packages:
        base = one.size(X) * one.size(Y)
        if one.low[Z] > 0 and supported[one] * FULL_SUPPORT < base * support_permille:
            found = f"{support_permille} permille of {base} mm2"
            yield broken("placed_support", one.name, f"{supported[one]} mm2", found)


def check_load_on_top(packages: Sequence[Placed], resting: Iterable[Contact]) -> Iterator[Violation]:
    """Pass the mass of every package, with what rests on it, down by contact area; compare with what may arrive.

    Where nothing may rest on a package, not even something without mass may touch its top.
    """
    below: defaultdict[Placed, list[Contact]] = defaultdict(list)
    touched: dict[Placed, Placed] = {}
    for contact in resting:
        below[contact.upper].append(contact)
        touched.setdefault(contact.lower, contact.upper)
    arriving_g: defaultdict[Placed, Fraction] = defaultdict(Fraction)
    for upper in sorted(packages, key=lambda one: -one.low[Z]):
        area = sum(contact.area_mm2 for contact in below[upper])
        passed_on_g = upper.package.mass_g + arriving_g[upper]
        for contact in below[upper]:
            arriving_g[contact.lower] += passed_on_g * Fraction(contact.area_mm2, area)
    for one in packages:
        limit = one.package.max_load_g
        if limit is None:
            continue
        if arriving_g[one] > limit:
            yield broken("placed_load", one.name, f"{arriving_g[one]} g on top", f"limit {limit} g")
        elif limit == 0 and one in touched:
            yield broken("placed_load", one.name, f"{touched[one].name} on top", "nothing may rest on it")
