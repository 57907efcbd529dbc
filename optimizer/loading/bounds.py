"""What no load plan can be below: everything that travels needs so much room, payload and floor.

Every measure is a sum over packages that no container of a kind exceeds. Volume is counted after dual feasible
functions on the three axes (S. P. Fekete and J. Schepers, A general framework for bounds for higher-dimensional
orthogonal packing problems, Mathematical Methods of Operations Research 60, 2004, 311-329): sizes above one half count
as wholes, for instance, so that packages of which no two stand side by side need a container each. The least cost of
containers that hold all measures is found exactly.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from itertools import product
from operator import or_
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from optimizer.load_problem import FULL_SUPPORT, LoadContainer, LoadPackage, LoadProblem
from optimizer.units import MM3_PER_M3, ceil_division

MM_PER_M = 1000
PERMILLE = 1000

SCALE = 12
"""Whole containers' lengths are counted in so many parts, a multiple of what `_counted` divides by."""

AXES = (*((0, parts) for parts in (1, 2, 3, 4)), *((1, parts) for parts in (3, 4)))
"""Dual feasible functions by number: (0, 1) is the size itself, (0, k + 1) counts in k parts, (1, k) rounds by 1/k."""


class Measure(NamedTuple):
    """What packages need in all and one of each kind, what a container of each kind holds; `bulk`: it is a volume."""

    need: int
    each: tuple[int, ...]
    rooms: tuple[int, ...]
    bulk: bool


def stance_alone(box: LoadContainer, one: LoadPackage) -> tuple[int, int, int] | None:
    """Return how one such package may stand alone in an empty container (dx, dy, dz in mm), None where it may not."""
    if box.cargo_classes is not None and one.cargo_class not in box.cargo_classes:
        return None
    if box.payload_g is not None and one.mass_g > box.payload_g:
        return None
    limit = box.line_load_g_per_m
    borne = (sizes for sizes in one.stances_in(box) if limit is None or one.mass_g * MM_PER_M <= limit * sizes[0])
    return next(borne, None)


def takes(box: LoadContainer, one: LoadPackage) -> bool:
    """Say whether an empty container holds one such package by itself."""
    return stance_alone(box, one) is not None


def surplus(problem: LoadProblem, quantities: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return how many packages of each kind have to stay out even if no other kind travelled: containers are too few.

    Only kinds are looked at of which every container that takes them is limited in number; pins are left aside.
    """
    found = np.zeros_like(quantities)
    for kind, one in enumerate(problem.packages):
        if any(box.count is None for box in problem.containers if takes(box, one)):
            continue
        alone = replace(problem, packages=(one,), pinned=())
        costs = [1] * len(problem.containers)
        fit, most = 0, int(quantities[kind])
        while fit < most:
            count = (fit + most + 1) // 2
            if cheapest_mix(alone, measures(alone, np.array([count], np.int32)), costs) is None:
                most = count - 1
            else:
                fit = count
        found[kind] = quantities[kind] - fit
    return found


def measures(problem: LoadProblem, quantities: NDArray[np.int32]) -> list[Measure]:
    """Return all measures that limit containers of the problem which carry so many packages of each kind.

    Kinds that only some containers take are measured by themselves too.
    """
    boxes, kinds = problem.containers, problem.packages
    taken = [frozenset(t for t, box in enumerate(boxes) if takes(box, one)) for one in kinds]
    rows = list(_rows(problem, quantities, taken))
    found: dict[tuple[tuple[int, ...], bool], tuple[int, tuple[int, ...]]] = {}
    for allowed in {one for one, count in zip(taken, quantities, strict=True) if count and one}:
        held = {k for k, one in enumerate(taken) if quantities[k] and one and one <= allowed}
        for needs, rooms, bulk in rows:
            each = tuple(need if k in held else 0 for k, need in enumerate(needs))
            need = sum(one * int(count) for one, count in zip(each, quantities, strict=True))
            key = tuple(min(need, room) if t in allowed else 0 for t, room in enumerate(rooms)), bulk
            found[key] = max(found.get(key, (0, ())), (need, each))
    return [Measure(need, each, rooms, bulk) for (rooms, bulk), (need, each) in sorted(found.items()) if need]


def _rows(
    problem: LoadProblem, quantities: NDArray[np.int32], taken: Sequence[frozenset[int]]
) -> Iterator[tuple[list[int], list[int], bool]]:
    """Yield what one package of each kind needs at least, what each container holds, and whether it is a volume."""
    boxes, kinds = problem.containers, problem.packages
    no_limit = sum(one.mass_g * int(count) for one, count in zip(kinds, quantities, strict=True))
    yield [one.mass_g for one in kinds], [_bears(box, no_limit) for box in boxes], False
    sizes = [_sizes(box, [one for one, count in zip(kinds, quantities, strict=True) if count]) for box in boxes]
    if problem.support_permille >= FULL_SUPPORT:
        # Whatever stood above such a package would have to be borne by it in the end.
        bare = [_least_base(one) if one.max_load_g == 0 else 0 for one in kinds]
        yield bare, [long * wide for long, wide, _ in sizes], False
    weights = np.full((len(AXES) ** 3, len(kinds)), np.iinfo(np.int64).max)
    for t, box in enumerate(boxes):
        for k, one in enumerate(kinds):
            if t in taken[k]:
                weights[:, k] = np.minimum(weights[:, k], _weights(np.array(one.stances_in(box)), sizes[t]))
    rooms = [long * wide * high for long, wide, high in sizes]
    yield from (([int(one) for one in row], rooms, True) for row in np.unique(weights, axis=0))


def _bears(box: LoadContainer, no_limit: int) -> int:
    """Return the greatest mass of cargo, by payload and by the floor."""
    payload = no_limit if box.payload_g is None else box.payload_g
    line = box.line_load_g_per_m
    return min(payload, no_limit if line is None else line * box.length_mm // MM_PER_M)


def _least_base(one: LoadPackage) -> int:
    return min(dx * dy for dx, dy, _ in one.stances())


def _sizes(box: LoadContainer, kinds: Sequence[LoadPackage]) -> tuple[int, int, int]:
    """Return the part of the inside that packages can fill: pushed together, they reach only sums of their sizes."""
    stances = [sizes for one in kinds for sizes in one.stances_in(box)]
    long, wide, high = (
        _longest_sum({sizes[axis] for sizes in stances}, length)
        for axis, length in enumerate((box.length_mm, box.width_mm, box.top_mm))
    )
    return long, wide, high


def _longest_sum(sizes: set[int], length: int) -> int:
    """Return the greatest sum of sizes, each as often as wanted, up to a length; bit n of `sums` stands for sum n."""
    mask, sums, before = (1 << (length + 1)) - 1, 1, 0
    while sums != before:
        before = sums
        sums = reduce(or_, (sums << size for size in sizes), sums) & mask
    return sums.bit_length() - 1


def _weights(stances: NDArray[np.int64], inside: tuple[int, int, int]) -> NDArray[np.int64]:
    """Return the least volume that a package counts for, mm3, by combination of functions on the axes."""
    along, across, up = (
        [_counted(stances[:, axis], inside[axis], *kind) for kind in AXES] for axis in range(3)
    )  # fmt: skip
    return np.array([(x * y * z // SCALE**3).min() for x, y, z in product(along, across, up)])


def _counted(size: NDArray[np.int64], length: int, kind: int, parts: int) -> NDArray[np.int64]:
    """Return what a dual feasible function makes of sizes, in SCALE parts of a millimetre."""
    if kind == 1:
        eps = length // parts
        return np.where(size > length - eps, SCALE * length, np.where(size < eps, 0, SCALE * size))
    whole, rest = np.divmod(parts * size, length)
    return np.where(rest == 0, SCALE * size, SCALE * length * whole // max(1, parts - 1)) if parts > 1 else SCALE * size


def lower_bound(
    problem: LoadProblem, quantities: NDArray[np.int32], needs: Sequence[Measure], costs: Sequence[int]
) -> int:
    """Return what no load plan that carries all these packages can cost less than; 0 where none can carry them.

    Goods that may not share a container need containers of their own: their bounds add up.

    Parameters
    ----------
    needs
        The measures of these packages.
    """
    found = cheapest_mix(problem, needs, costs)
    apart = sorted({name for pair in problem.incompatible_classes for name in pair})
    alone = {}
    for name in apart:
        own = np.array([one.cargo_class == name for one in problem.packages]) * quantities
        mix = cheapest_mix(problem, measures(problem, own), costs) if own.any() else None
        alone[name] = sum(n * cost for n, cost in zip(mix or (), costs, strict=False))

    def most(names: list[str]) -> int:
        """Return the greatest sum of bounds of classes of which no two may meet."""
        if not names:
            return 0
        first, rest = names[0], names[1:]
        return max(most(rest), alone[first] + most([one for one in rest if not problem.compatible(first, one)]))

    return max(sum(n * cost for n, cost in zip(found, costs, strict=True)), most(apart)) if found else 0


def cheapest_mix(
    problem: LoadProblem, needs: Sequence[Measure], costs: Sequence[int], fill_permille: int = PERMILLE
) -> tuple[int, ...] | None:
    """Return how many containers of each kind hold all measures at the least cost, None where there are not enough.

    Parameters
    ----------
    fill_permille
        Part of its room that cargo may fill of a container, 1 to 1000. Of equal costs the greatest room is chosen.
    """
    model = cp_model.CpModel()
    mosts = []
    for t, box in enumerate(problem.containers):
        alone = (ceil_division(PERMILLE * one.need, fill_permille * one.rooms[t]) for one in needs if one.rooms[t])
        most = max(alone, default=0)
        mosts.append(most if box.count is None else min(most, box.count))
    numbers = [model.new_int_var(0, most, "") for most in mosts]
    for one in needs:
        fill = fill_permille if one.bulk else PERMILLE
        rooms = [ceil_division(room * fill, PERMILLE) for room in one.rooms]
        model.add(sum(n * room for n, room in zip(numbers, rooms, strict=True)) >= one.need)
    room = [box.volume_mm3 // MM3_PER_M3 for box in problem.containers]
    all_room = 1 + sum(one * most for one, most in zip(room, mosts, strict=True))
    model.minimize(sum(n * (cost * all_room - one) for n, cost, one in zip(numbers, costs, room, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    return tuple(solver.value(n) for n in numbers) if status == cp_model.OPTIMAL else None
