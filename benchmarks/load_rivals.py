"""Other packers on the same loading problems, their plans turned into answers that the judge reads.

`packingsolver3d` (MIT) holds PackingSolver's `box` solver (F. Fontan, C++, MIT) as a binary inside its wheel; `py3dbp`
(E. Ruiz, MIT) is pure Python. Both come from the package index (`pip install --group bench`), for comparison only.

- packingsolver3d is told sizes, ways of standing, payload and, for the objective COST, costs; it knows no support, no
  load limit, no stops, no door. Its own time limit is wall-clock time: on a machine with other work it is run again
  with a longer one until it has had nine tenths of the CPU seconds at least, and only the last run counts.
- py3dbp is told sizes and payload. It turns every package freely, has no time limit, and takes the greatest package
  first, along the length first, then across, then up; here it fills one container.

Neither says in which order to load, so `loading_order` looks for one: an order that no plan can have is no fault of the
plan's geometry, but the judge will say so.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, support_name
from optimizer.load_result import LoadAnswer, LoadedContainer, StaysOut, Unloaded
from optimizer.result import Placement, SolveStatus

RIVALS = ("packingsolver3d", "py3dbp")
ENOUGH, LONGEST = 0.9, 10
"""Part of the CPU seconds that a run has to have had, and wall-clock seconds for each of them at most."""


class Standing(NamedTuple):
    """A package of a kind and where it stands, in mm."""

    package: LoadPackage
    x: int
    y: int
    z: int
    dx: int
    dy: int
    dz: int


Load = tuple[LoadContainer, list[Standing]]


def rival(name: str, problem: LoadProblem, limit_s: float) -> tuple[LoadAnswer, float]:
    """Return what a rival makes of a problem, in the form that the judge reads, and the CPU seconds that it took."""
    if name == "packingsolver3d":
        found, cpu_s = packingsolver(problem, limit_s)
    else:
        began = time.process_time()
        found, cpu_s = py3dbp(problem), time.process_time() - began
    return answer_of(problem, found), cpu_s


def packingsolver(problem: LoadProblem, limit_s: float) -> tuple[list[Load], float]:
    """Return the loads that PackingSolver's `box` solver finds in about so many CPU seconds, and how many it had."""
    from packingsolver3d import BinType, Instance, ItemType, Rotation, Status, box
    from packingsolver3d import Objective as Aim

    # The name says which own axes lie along the length, the width and the height of the container.
    standing = {
        "length": (Rotation.YZX, Rotation.ZYX), "width": (Rotation.XZY, Rotation.ZXY),
        "height": (Rotation.XYZ, Rotation.YXZ),
    }  # fmt: skip
    aim = {
        Objective.VOLUME: Aim.KNAPSACK, Objective.CONTAINERS: Aim.BIN_PACKING,
        Objective.COST: Aim.VARIABLE_SIZED_BIN_PACKING,
    }[problem.objective]  # fmt: skip
    everything = sum(one.quantity for one in problem.packages)
    instance = Instance(
        bin_types=[
            BinType(
                x=one.length_mm, y=one.width_mm, z=one.top_mm, copies=one.count or everything,
                maximum_weight=one.payload_g,
                cost=one.cost_minor if problem.objective is Objective.COST else None,
            )
            for one in problem.containers
        ],
        item_types=[
            ItemType(
                x=one.length_mm, y=one.width_mm, z=one.height_mm, copies=one.quantity, weight=one.mass_g,
                profit=one.volume_mm3 if one.value is None else one.value,
                rotations=tuple(turn for upright in one.vertical for turn in standing[upright]),
            )
            for one in problem.packages
        ],
        objective=aim,
    )  # fmt: skip
    wall_s = limit_s
    while True:
        began = time.process_time()
        result = box.solve(instance, time_limit=wall_s)
        cpu_s = time.process_time() - began
        if cpu_s >= ENOUGH * limit_s or wall_s >= LONGEST * limit_s or result.status is Status.OPTIMAL:
            break
        wall_s = min(LONGEST * limit_s, wall_s * limit_s / cpu_s)
    loads = [
        (problem.containers[filled.bin_type_id], [
            Standing(problem.packages[at.item_type_id], at.x, at.y, at.z, at.lx, at.ly, at.lz)
            for at in filled.placements
        ])
        for filled in result.bins
        for _ in range(filled.copies)
    ]  # fmt: skip
    return loads, cpu_s


def py3dbp(problem: LoadProblem) -> list[Load]:
    """Return the load that py3dbp finds for the first container; one is all that `VOLUME` has."""
    from py3dbp import Bin, Item, Packer

    box = problem.containers[0]
    everything = sum(one.mass_g * one.quantity for one in problem.packages)
    packer = Packer()
    packer.add_bin(
        Bin(box.code, box.length_mm, box.width_mm, box.top_mm, everything if box.payload_g is None else box.payload_g)
    )
    for index, one in enumerate(problem.packages):
        for _ in range(one.quantity):
            packer.add_item(Item(str(index), one.length_mm, one.width_mm, one.height_mm, one.mass_g))
    packer.pack(bigger_first=True, number_of_decimals=0)
    stands = []
    for item in packer.bins[0].items:
        x, y, z = (int(at) for at in item.position)
        dx, dy, dz = (int(size) for size in item.get_dimension())
        stands.append(Standing(problem.packages[int(item.name)], x, y, z, dx, dy, dz))
    return [(box, stands)]


def answer_of(problem: LoadProblem, found: Sequence[Load]) -> LoadAnswer:
    """Return the answer of loads: steps in an order of loading, what is missing as unloaded for want of room."""
    loaded = Counter(one.package.key for _, stands in found for one in stands)
    return LoadAnswer(
        status=SolveStatus.FEASIBLE, lower_bound=0, support=support_name(problem.support_permille),
        loads=tuple(_loaded(box, loading_order(stands)) for box, stands in found),
        unloaded=tuple(
            Unloaded(
                package=one.id, consignment=one.consignment, quantity=one.quantity - loaded[one.key],
                reason=StaysOut.NO_ROOM,
            )
            for one in problem.packages
            if loaded[one.key] < one.quantity
        ),
    )  # fmt: skip


def _loaded(box: LoadContainer, stands: Sequence[Standing]) -> LoadedContainer:
    mass = sum(one.package.mass_g for one in stands)
    centre = [500, 500, 0]
    if mass:
        doubled = [(2 * one.x + one.dx, 2 * one.y + one.dy, 2 * one.z + one.dz) for one in stands]
        moments = [
            sum(one.package.mass_g * middle[axis] for one, middle in zip(stands, doubled, strict=True))
            for axis in range(3)
        ]
        inside = (box.length_mm, box.width_mm, box.height_mm)
        centre = [(1000 * moment // (mass * size) + 1) // 2 for moment, size in zip(moments, inside, strict=True)]
    return LoadedContainer(
        container=box.code, mass_g=mass, centre_of_gravity_permille=(centre[0], centre[1], centre[2]),
        fill_permille=1000 * sum(one.dx * one.dy * one.dz for one in stands) // box.volume_mm3,
        placements=tuple(
            Placement(
                package=one.package.id, consignment=one.package.consignment, x_mm=one.x, y_mm=one.y, z_mm=one.z,
                dx_mm=one.dx, dy_mm=one.dy, dz_mm=one.dz, step=step,
            )
            for step, one in enumerate(stands, start=1)
        ),
    )  # fmt: skip


def loading_order(stands: Sequence[Standing]) -> list[Standing]:
    """Return an order in which each package finds what it stands on, and a free way from the door and from above.

    Where every package left waits for another, the one deepest in the container goes first.
    """
    waits = [
        {before for before, other in enumerate(stands) if before != index and _goes_first(other, one)}
        for index, one in enumerate(stands)
    ]
    left = sorted(range(len(stands)), key=lambda index: (stands[index].x, stands[index].z, stands[index].y))
    order: list[Standing] = []
    placed: set[int] = set()
    while left:
        following = next((index for index in left if waits[index] <= placed), left[0])
        left.remove(following)
        placed.add(following)
        order.append(stands[following])
    return order


def _goes_first(other: Standing, one: Standing) -> bool:
    """Say whether the other must stand before this one comes in: below it, or behind it seen from the door."""
    across = other.y < one.y + one.dy and one.y < other.y + other.dy
    along = other.x < one.x + one.dx and one.x < other.x + other.dx
    upright = other.z < one.z + one.dz and one.z < other.z + other.dz
    below = along and across and other.z + other.dz <= one.z
    behind = across and upright and other.x + other.dx <= one.x
    return below or behind


def judged_under(problem: LoadProblem, answer: LoadAnswer, support: int) -> tuple[LoadProblem, LoadAnswer]:
    """Return problem and answer under another support policy: what a plan that promised nothing is worth."""
    return replace(problem, support_permille=support), replace(answer, support=support_name(support))
