"""From a load problem to load plans: one container filled best, or as few or as cheap containers as are found."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, support_name
from optimizer.load_result import LoadAnswer, LoadedContainer, StaysOut, Unloaded
from optimizer.loading.ordering import in_order
from optimizer.loading.packer import NOTHING, Budget, Packed, Packer
from optimizer.loading.pins import kept_back, standing
from optimizer.result import Placement, SolveStatus
from optimizer.units import ceil_division, round_half_up

PERMILLE = 1000

LEAST_WORK = 0.01
"""Work that every container gets, also when all is used up: enough for a first load, so that nothing is left behind."""


def plan_loads(
    problem: LoadProblem,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> LoadAnswer:
    """Load a problem's packages.

    Several containers are filled one after the other, each with the load that is worth most per cost; that they are
    the fewest or cheapest is proven only where their volume alone says so.
    What is pinned stays where it is, whatever rule it breaks, and the rest is loaded around it; containers that hold
    nothing pinned are chosen freely.
    """
    limits = limits or Limits()
    budget = Budget(limits.work_limit, time.monotonic() + limits.time_limit_s, should_stop)
    held = standing(problem)
    last = max(held, default=-1)
    left = np.array([one.quantity for one in problem.packages], np.int32)
    for one in held.values():
        left -= np.bincount(one.rows[:, 0], minlength=len(left)).astype(np.int32)
    reasons = [_never(problem, one) for one in problem.packages]
    able = np.array([0 if reason else max(0, count) for reason, count in zip(reasons, left, strict=True)], np.int32)
    loads: list[LoadedContainer] = []
    packers = {one.code: Packer(problem, one, problem.packages) for one in problem.containers}
    used = Counter(one.container.code for one in held.values())
    ended = ""
    while able.any() or len(loads) <= last:
        here = held.get(len(loads))
        offered = (here.container,) if here else _offered(problem, used, len(loads))
        if not offered:
            break
        gaps = sum(position not in held for position in range(len(loads) + 1, last))
        at_hand = able if here else able - kept_back(able, gaps)
        pinned = here.rows if here else NOTHING.rows
        share = _share(problem, able, offered, limits.work_limit - budget.work) / len(offered)
        tried = [(one, _packed(packers[one.code], problem, at_hand, budget, share, pinned, seed)) for one in offered]
        box, packed = max(tried, key=lambda one: _merit(problem, at_hand, *one))
        ended = budget.ended_by or ended
        if len(packed.rows) == 0:
            break
        loads.append(_loaded(box, problem.packages, packed.rows))
        used[box.code] += 0 if here else 1
        taken = np.bincount(packed.rows[len(pinned) :, 0], minlength=len(able)).astype(np.int32)
        able, left = able - taken, left - taken
        on_progress(Progress(stage="loading", cost_minor=len(loads)))
    # Where goods for a container before a pinned one were wanting: the judge objects, but nothing pinned is lost.
    rest = [one for position, one in sorted(held.items()) if position >= len(loads)]
    loads += [_loaded(one.container, problem.packages, one.rows) for one in rest if len(one.rows)]
    late = budget.ended_by in ("time_limit", "stopped")
    room = StaysOut.TIME_LIMIT if late else _no_room(problem)
    unloaded = tuple(
        Unloaded(package=one.id, consignment=one.consignment, quantity=int(count), reason=reason or room)
        for one, count, reason in zip(problem.packages, left, reasons, strict=True)
        if count > 0
    )
    value, bound = _value_and_bound(problem, loads, left, reasons)
    proven = value == bound and not any(one.reason is StaysOut.TIME_LIMIT for one in unloaded)
    return LoadAnswer(
        status=_status(problem, loads, proven=proven),
        lower_bound=bound,
        loads=tuple(loads),
        unloaded=unloaded,
        support=support_name(problem.support_permille),
        seed=seed,
        limits={**asdict(limits), "ended_by": "proof" if proven else ended or "work_limit"},
    )


def _offered(problem: LoadProblem, used: Counter[str], loads: int) -> tuple[LoadContainer, ...]:
    """Return the containers of which there is one left for the next load."""
    if problem.objective is Objective.VOLUME:
        return () if loads else problem.containers[:1]
    return tuple(one for one in problem.containers if one.count is None or used[one.code] < one.count)


def _status(problem: LoadProblem, loads: Sequence[LoadedContainer], *, proven: bool) -> SolveStatus:
    if loads or not problem.packages:
        return SolveStatus.OPTIMAL if proven else SolveStatus.FEASIBLE
    return SolveStatus.INFEASIBLE if proven else SolveStatus.UNKNOWN


def _never(problem: LoadProblem, one: LoadPackage) -> StaysOut | None:
    """Return why a package fits no container at all, or None."""
    classed = [box for box in problem.containers if box.cargo_classes is None or one.cargo_class in box.cargo_classes]
    if not classed:
        return StaysOut.CARGO_CLASS
    sized = [box for box in classed if one.stances_in(box)]
    if not sized:
        return StaysOut.TOO_LARGE
    heavy = all(
        (box.payload_g is not None and one.mass_g > box.payload_g)
        or (
            box.line_load_g_per_m is not None
            and all(one.mass_g * 1000 > box.line_load_g_per_m * dx for dx, _, _ in one.stances_in(box))
        )
        for box in sized
    )
    return StaysOut.TOO_HEAVY if heavy else None


def _no_room(problem: LoadProblem) -> StaysOut:
    if problem.objective is Objective.VOLUME or any(one.count is None for one in problem.containers):
        return StaysOut.NO_ROOM
    return StaysOut.NO_CONTAINER_LEFT


def _share(problem: LoadProblem, able: NDArray[np.int32], offered: Sequence[LoadContainer], work: float) -> float:
    """Return the work that the next container may take: what is left by the number of containers still to come."""
    if problem.objective is Objective.VOLUME:
        return work
    volume = float(able @ np.array([one.volume_mm3 for one in problem.packages], np.float64))
    return work / max(1, math.ceil(volume / (0.9 * max(one.volume_mm3 for one in offered))))


def _packed(
    packer: Packer, problem: LoadProblem, able: NDArray[np.int32], budget: Budget, share: float,
    pinned: NDArray[np.int32], seed: int,
) -> Packed:  # fmt: skip
    volume = problem.objective is not Objective.VOLUME
    values = np.array([one.volume_mm3 if volume else one.worth for one in problem.packages], np.float64)
    part = Budget(budget.work + max(LEAST_WORK, share), budget.deadline, budget.should_stop, budget.spent)
    found = packer.pack(part, able, values, pinned=pinned, seed=seed)
    budget.ended_by = part.ended_by if part.ended_by in ("time_limit", "stopped") else ""
    return found


def _merit(problem: LoadProblem, able: NDArray[np.int32], box: LoadContainer, packed: Packed) -> tuple[float, ...]:
    """Rank a filled container: the cheapest one that takes all that is left, else most value per cost."""
    cost = box.cost_minor if problem.objective is Objective.COST else 1
    if len(packed.rows) == int(able.sum()):
        return 1.0, -float(cost), -float(box.volume_mm3)
    return 0.0, packed.value / max(1, cost), -float(cost)


def _loaded(box: LoadContainer, packages: Sequence[LoadPackage], rows: NDArray[np.int32]) -> LoadedContainer:
    placements = tuple(
        Placement(
            package=packages[kind].id, consignment=packages[kind].consignment,
            x_mm=x, y_mm=y, z_mm=z, dx_mm=dx, dy_mm=dy, dz_mm=dz, step=step,
        )
        for step, (kind, x, y, z, dx, dy, dz) in enumerate(in_order(rows).tolist(), start=1)
    )  # fmt: skip
    mass = sum(packages[kind].mass_g for kind in rows[:, 0].tolist())
    volume = sum(packages[kind].volume_mm3 for kind in rows[:, 0].tolist())
    return LoadedContainer(
        container=box.code,
        placements=placements,
        fill_permille=volume * PERMILLE // box.volume_mm3,
        mass_g=mass,
        centre_of_gravity_permille=_centre(box, packages, rows, mass),
    )


def _centre(
    box: LoadContainer, packages: Sequence[LoadPackage], rows: NDArray[np.int32], mass: int
) -> tuple[int, int, int]:
    if mass == 0:
        return 500, 500, 0
    inside = (box.length_mm, box.width_mm, box.height_mm)
    twice = [sum(packages[row[0]].mass_g * (2 * row[1 + k] + row[4 + k]) for row in rows.tolist()) for k in range(3)]
    x, y, z = (
        round_half_up(Fraction(PERMILLE * moment, 2 * mass * size)) for moment, size in zip(twice, inside, strict=True)
    )
    return x, y, z


def _value_and_bound(
    problem: LoadProblem,
    loads: Sequence[LoadedContainer],
    left: NDArray[np.int32],
    reasons: Sequence[StaysOut | None],
) -> tuple[int, int]:
    """Return what the objective counts and what it cannot be below: by volume alone."""
    volumes = [one.volume_mm3 for one in problem.packages]
    can = [0 if reason else one.quantity for one, reason in zip(problem.packages, reasons, strict=True)]
    total = sum(volume * count for volume, count in zip(volumes, can, strict=True))
    boxes = problem.containers
    if problem.objective is Objective.VOLUME:
        values = [one.worth for one in problem.packages]
        out = sum(value * int(count) for value, count in zip(values, left, strict=True))
        never = sum(v * (one.quantity - c) for v, one, c in zip(values, problem.packages, can, strict=True))
        own = all(one.value is None for one in problem.packages)
        spare = max(0, total - boxes[0].length_mm * boxes[0].width_mm * boxes[0].top_mm) if own else 0
        return out, min(out, never + spare)
    if problem.objective is Objective.CONTAINERS:
        value, bound = len(loads), ceil_division(total, max(one.volume_mm3 for one in boxes))
    else:
        costs = {one.code: one.cost_minor for one in boxes}
        value = sum(costs[load.container] for load in loads)
        # No mix is cheaper than all goods at the least cost per volume.
        bound = min(ceil_division(total * one.cost_minor, one.volume_mm3) for one in boxes)
    short = any(left[position] and not reasons[position] for position in range(len(can)))
    return value, 0 if short else min(value, bound)
