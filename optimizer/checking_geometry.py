"""Judge of one container's placements: re-checks where every package stands with additions and comparisons.

It knows nothing of how placements were found. All arithmetic is in integers and fractions, so that there is no
tolerance: one millimetre or one gram too much is a violation. The rules, by what they compare:

- alone: `placed_size` (a size that may not stand upright, or of another package), `placed_door`, `placed_inside`
- together: `placed_overlap`, `placed_support`, `placed_load` (what rests on a package), `placed_line_load`
- in order: `placed_steps` (steps count from 1), `placed_step` (loaded where something loaded earlier is in the way),
  `placed_stop` (unloaded where something of a later stop is in the way), `placed_owner` (each owner has a slice)
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from optimizer.checking_lots import broken
from optimizer.checking_stacking import (
    Placed,
    X,
    Y,
    Z,
    check_load_on_top,
    check_support,
    contacts,
    meeting,
    placed,
)
from optimizer.load_problem import LoadContainer, LoadPackage, Owners
from optimizer.problem import DIMENSIONS
from optimizer.result import Placement, Violation

MM_PER_M = 1_000


def check_geometry(
    name: str,
    container: LoadContainer,
    placements: Iterable[tuple[Placement, LoadPackage]],
    *,
    support_permille: int,
    owners: Owners = Owners.FREE,
) -> Iterator[Violation]:
    """Yield everything in which the placements of one container break a rule of space, order or load.

    Parameters
    ----------
    name
        How the violations call the container.
    placements
        Every placement with its kind of package; whether these are the right packages is for others to say.
    support_permille
        Part of every base that must rest on the floor or on packages, 0 to 1000.
    owners
        STRICT: each owner has a slice of the length to itself, one for each stop; packages of nobody stand anywhere.
    """
    packages = [placed(name, package, one) for one, package in placements]
    columns = list(meeting(packages, X, Y))
    resting = list(contacts(columns))
    for one in packages:
        yield from _alone(container, one)
    yield from _overlaps(columns)
    yield from check_support(packages, resting, support_permille)
    yield from check_load_on_top(packages, resting)
    yield from _line_load(name, container, packages)
    yield from _steps_counted(name, packages)
    yield from _in_the_way(columns, meeting(packages, Y, Z))
    if owners is Owners.STRICT:
        yield from _slices(name, packages)


def _alone(container: LoadContainer, one: Placed) -> Iterator[Violation]:
    """Compare one package with its own sizes, with the door and with the inside."""
    dx, dy, dz = one.size(X), one.size(Y), one.size(Z)
    kind = one.package
    sizes = dict(zip(DIMENSIONS, (kind.length_mm, kind.width_mm, kind.height_mm), strict=True))
    allowed = [(sizes[up], *sorted(sizes[side] for side in DIMENSIONS if side != up)) for up in kind.vertical]
    if (dz, *sorted((dx, dy))) not in allowed:
        yield broken("placed_size", one.name, f"{dx} x {dy} x {dz} mm", f"height, floor sides one of {allowed}")
    door_width = container.width_mm if container.door_width_mm is None else container.door_width_mm
    door_height = container.height_mm if container.door_height_mm is None else container.door_height_mm
    if dy > door_width or dz > door_height:
        yield broken("placed_door", one.name, f"{dy} x {dz} mm", f"door {door_width} x {door_height} mm")
    top = container.height_mm if container.load_line_mm is None else min(container.height_mm, container.load_line_mm)
    inside = (container.length_mm, container.width_mm, top)
    if min(one.low) < 0 or any(high > limit for high, limit in zip(one.high, inside, strict=True)):
        yield broken("placed_inside", one.name, f"{one.low} to {one.high}", f"(0, 0, 0) to {inside}")


def _overlaps(columns: Iterable[tuple[Placed, Placed]]) -> Iterator[Violation]:
    for one, other in columns:
        if one.low[Z] < other.high[Z] and other.low[Z] < one.high[Z]:
            subject = f"{one.name} and {other.name}"
            yield broken("placed_overlap", subject, f"{one.low} to {one.high}", f"{other.low} to {other.high}")


def _line_load(name: str, container: LoadContainer, packages: Sequence[Placed]) -> Iterator[Violation]:
    """Find the heaviest metre of the length: the sum, over the packages that cover a point, of mass over length."""
    if container.line_load_g_per_m is None:
        return
    changes = []
    for one in packages:
        if one.size(X) > 0:
            load = Fraction(one.package.mass_g * MM_PER_M, one.size(X))
            changes += [(one.low[X], load), (one.high[X], -load)]
    changes.sort()  # at one point the negative changes come first: what ends there does not cover it
    present = worst = Fraction()
    where = 0
    for x, change in changes:
        present += change
        if present > worst:
            worst, where = present, x
    if worst > container.line_load_g_per_m:
        limit = f"limit {container.line_load_g_per_m} g/m"
        yield broken("placed_line_load", f"{name}: x {where} mm", f"{worst} g/m", limit)


def _steps_counted(name: str, packages: Sequence[Placed]) -> Iterator[Violation]:
    for number, one in enumerate(sorted(packages, key=lambda each: each.step), start=1):
        if one.step != number:
            yield broken("placed_steps", name, f"{one.name} as number {number}", f"steps 1 to {len(packages)}")
            return


def _in_the_way(columns: Iterable[tuple[Placed, Placed]], rows: Iterable[tuple[Placed, Placed]]) -> Iterator[Violation]:
    """Name every package before which something stands that was loaded earlier, or is unloaded later; each once.

    What stands above a package, or between it and the door, is in its way, touching or not.
    """
    too_early: dict[Placed, Placed] = {}
    too_late: dict[Placed, Placed] = {}
    for pairs, axis in ((columns, Z), (rows, X)):
        for one, other in pairs:
            for hidden, obstacle in ((one, other), (other, one)):
                if obstacle.low[axis] >= hidden.high[axis]:
                    if obstacle.step < hidden.step:
                        too_early.setdefault(hidden, obstacle)
                    if obstacle.package.stop > hidden.package.stop:
                        too_late.setdefault(hidden, obstacle)
    for hidden, obstacle in too_early.items():
        yield broken("placed_step", hidden.name, f"step {hidden.step}", f"{obstacle.name} in its way")
    for hidden, obstacle in too_late.items():
        found = f"{obstacle.name} of stop {obstacle.package.stop} in its way"
        yield broken("placed_stop", hidden.name, f"stop {hidden.package.stop}", found)


def _slices(name: str, packages: Sequence[Placed]) -> Iterator[Violation]:
    """Compare the slices of the length that the owners take, one for each stop at which they unload."""
    slices: dict[tuple[int, str], tuple[int, int]] = {}
    for one in packages:
        if one.package.owner:
            key = one.package.stop, one.package.owner
            start, end = slices.get(key, (one.low[X], one.high[X]))
            slices[key] = min(start, one.low[X]), max(end, one.high[X])
    for ((_, owner), mine), ((_, other), theirs) in combinations(slices.items(), 2):
        if owner != other and mine[0] < theirs[1] and theirs[0] < mine[1]:
            extents = [f"x {start} to {end} mm" for start, end in (mine, theirs)]
            yield broken("placed_owner", f"{name}: {owner} and {other}", *extents)
