"""From a load problem to load plans: one container filled best, or as few or as cheap containers as are found."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop, seldom
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, support_name
from optimizer.load_result import LoadAnswer, LoadedContainer, StaysOut, Unloaded
from optimizer.loading.bounds import lower_bound, measures, takes
from optimizer.loading.centring import Centring, part_of
from optimizer.loading.cover import Load, load_of
from optimizer.loading.many import Chosen, Plan, load_many
from optimizer.loading.ordering import in_order
from optimizer.loading.packer import Budget, Packed, Packer
from optimizer.loading.pinned_loads import filled_up, in_positions, loaded_already, standing
from optimizer.loading.pins import NOTHING_STANDS
from optimizer.result import Placement, SolveStatus
from optimizer.units import round_half_up

PERMILLE = 1000

FIRST_SHARE = 0.8
"""Part of the work and time for the choice of containers, where what they carry has a mass to be balanced."""


def plan_loads(
    problem: LoadProblem,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> LoadAnswer:
    """Load a problem's packages.

    That several containers are the fewest or cheapest is proven only where volume, mass and floor alone say so.

    What is pinned stays where it is, whatever rule it breaks, and the rest is loaded around it.
    """
    limits = limits or Limits()
    on_progress = seldom(on_progress)
    budget = Budget(limits.work_limit, time.monotonic() + limits.time_limit_s, should_stop)
    reasons = [_never(problem, one) for one in problem.packages]
    held = standing(problem)
    pinned = sum((one.counts for one in held.values()), np.zeros(len(problem.packages), np.int32))
    left = np.array([one.quantity for one in problem.packages], np.int32) - pinned
    able = np.array([0 if why else max(0, count) for why, count in zip(reasons, left, strict=True)], np.int32)
    one_only = problem.objective is Objective.VOLUME
    packers = [Packer(problem, one, problem.packages, quick=not one_only) for one in problem.containers]
    if one_only:
        plan = _one(problem, packers, held, able, budget, seed, on_progress)
        bound, surplus = _least_out(problem, able + pinned), np.zeros_like(able)
    else:
        weighed = any(one.mass_g for one in problem.packages)
        part = part_of(budget, FIRST_SHARE if weighed else 1.0)
        plan, bound, surplus = _all(problem, packers, held, able, part, seed, on_progress)
        budget.ended_by = part.ended_by
        plan = Plan(_centred(problem, packers, held, plan.loads, budget, seed), plan.left)
    loads = [
        _loaded(problem.containers[one.box], problem.packages, one.rows, loaded_already(problem, position, one.box))
        for position, one in enumerate(plan.loads)
    ]
    never = left - able
    left = never + surplus + plan.left
    late = budget.ended_by in ("time_limit", "stopped")
    room = StaysOut.TIME_LIMIT if late else StaysOut.NO_ROOM if one_only else StaysOut.NO_CONTAINER_LEFT
    unloaded = tuple(_unloaded(problem, reasons, never, surplus, plan.left, room))
    value = _value(problem, loads, left)
    missing = not one_only and bool(plan.left.any())
    bound = 0 if missing else min(value, bound)
    proven = value == bound and not missing and not any(one.reason is StaysOut.TIME_LIMIT for one in unloaded)
    ended_by = budget.cut_by or ("proof" if proven else budget.ended_by or "work_limit")
    return LoadAnswer(
        status=_status(problem, loads, proven=proven),
        lower_bound=bound,
        loads=tuple(loads),
        unloaded=unloaded,
        support=support_name(problem.support_permille),
        seed=seed,
        limits={**asdict(limits), "ended_by": ended_by},
    )


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
    return None if any(takes(box, one) for box in sized) else StaysOut.TOO_HEAVY


def _unloaded(
    problem: LoadProblem, reasons: Sequence[StaysOut | None], never: NDArray[np.int32], surplus: NDArray[np.int32],
    over: NDArray[np.int32], room: StaysOut,
) -> Iterator[Unloaded]:  # fmt: skip
    """Yield what stays out: what fits no container, what there are too few containers for, what found no room."""
    for position, (one, reason) in enumerate(zip(problem.packages, reasons, strict=True)):
        counts = Counter({StaysOut.NO_CONTAINER_LEFT: int(surplus[position])})
        counts[reason or room] += int(never[position])
        counts[room] += int(over[position])
        for why, count in counts.items():
            if count > 0:
                yield Unloaded(package=one.id, consignment=one.consignment, quantity=count, reason=why)


def _one(
    problem: LoadProblem, packers: Sequence[Packer], held: Mapping[int, Load], able: NDArray[np.int32],
    budget: Budget, seed: int, on_progress: OnProgress,
) -> Plan:  # fmt: skip
    """Fill the first container with what is worth most."""
    held = held or {0: load_of(0, NOTHING_STANDS, len(able))}
    total = sum(one.worth * int(count) for one, count in zip(problem.packages, able, strict=True))

    def tell(value: float) -> None:
        on_progress(_progress(budget, total - round(value), None))

    filled = filled_up(problem, held, packers, able, budget, seed, tell)
    loads = in_positions(problem, held, filled, ())
    return Plan(tuple(loads), able - _added(filled, held, able))


def _all(
    problem: LoadProblem, packers: Sequence[Packer], held: Mapping[int, Load], able: NDArray[np.int32],
    budget: Budget, seed: int, on_progress: OnProgress,
) -> Chosen:  # fmt: skip
    """Load everything into the fewest or cheapest containers; those with something pinned first."""
    cost = [one.cost_minor if problem.objective is Objective.COST else 1 for one in problem.containers]
    sunk = sum(cost[one.box] for one in held.values())

    def tell(value: int, bound: int) -> None:
        on_progress(_progress(budget, sunk + value, sunk if held else bound))

    filled = filled_up(problem, held, packers, able, budget, seed)
    limits = [
        None if one.count is None else max(0, one.count - sum(there.box == box for there in held.values()))
        for box, one in enumerate(problem.containers)
    ]
    rest = able - _added(filled, held, able)
    none = np.zeros_like(rest)
    chosen = Chosen(Plan((), rest), 0, none)
    if rest.any():
        chosen = load_many(problem, packers, rest, limits, budget, seed=seed, on_better=tell)
    if not held:
        return chosen
    loads = in_positions(problem, held, filled, chosen.plan.loads)
    # What is loaded around pins is no proof: the bound is that of loading everything anew.
    total = able + sum(one.counts for one in held.values())
    bound = max(sunk, lower_bound(problem, total, measures(problem, total), cost))
    return Chosen(Plan(tuple(loads), chosen.plan.left), bound, none)


def _centred(
    problem: LoadProblem, packers: Sequence[Packer], held: Mapping[int, Load], loads: Sequence[Load], budget: Budget,
    seed: int,
) -> tuple[Load, ...]:  # fmt: skip
    """Balance chosen loads without leaving anything out, equal ones once."""
    values = np.array([one.volume_mm3 for one in problem.packages], np.float64)
    keys = [(one.box, one.rows.tobytes(), position if position in held else -1) for position, one in enumerate(loads)]
    found = dict[tuple[int, bytes, int], Load]()
    for position, (one, key) in enumerate(zip(loads, keys, strict=True)):
        if key in found:
            continue
        if budget.late():
            found[key] = one
            continue
        pinned = held[position].rows if position in held else NOTHING_STANDS
        centring = Centring(
            problem=problem, container=problem.containers[one.box], packer=packers[one.box], values=values,
            pinned=pinned, loaded=loaded_already(problem, position, one.box), seed=seed,
        )  # fmt: skip
        added = one.counts - load_of(one.box, pinned, len(values)).counts
        value = float(added @ values)
        part = part_of(budget, 1 / (len(set(keys)) - len(found)))
        packed = centring.centred(part, Packed(value, one.rows), added, value - 1e-6)
        budget.cut_by = budget.cut_by or part.cut_by
        found[key] = load_of(one.box, packed.rows, len(values))
    return tuple(found[key] for key in keys)


def _added(filled: Mapping[int, Load], held: Mapping[int, Load], able: NDArray[np.int32]) -> NDArray[np.int32]:
    return sum((filled[position].counts - held[position].counts for position in held), np.zeros_like(able))


def _progress(budget: Budget, cost: int, bound: int | None) -> Progress:
    done = min(PERMILLE, int(PERMILLE * budget.work / budget.work_limit))
    return Progress(stage="loading", cost_minor=cost, lower_bound_minor=bound, done_permille=done)


def _loaded(
    box: LoadContainer, packages: Sequence[LoadPackage], rows: NDArray[np.int32], first: int
) -> LoadedContainer:
    """Return a load in the order of loading; so many of the first rows are loaded already."""
    rows = np.concatenate([in_order(rows[:first]), in_order(rows[first:])])
    placements = tuple(
        Placement(
            package=packages[kind].id, consignment=packages[kind].consignment,
            x_mm=x, y_mm=y, z_mm=z, dx_mm=dx, dy_mm=dy, dz_mm=dz, step=step,
        )
        for step, (kind, x, y, z, dx, dy, dz) in enumerate(rows.tolist(), start=1)
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


def _value(problem: LoadProblem, loads: Sequence[LoadedContainer], left: NDArray[np.int32]) -> int:
    """Return what the objective counts."""
    if problem.objective is Objective.VOLUME:
        return sum(one.worth * int(count) for one, count in zip(problem.packages, left, strict=True))
    by_cost = problem.objective is Objective.COST
    return sum(problem.container[load.container].cost_minor if by_cost else 1 for load in loads)


def _least_out(problem: LoadProblem, able: NDArray[np.int32]) -> int:
    """Return what value has to stay out of the one container: what fits nowhere, and by volume what is too much."""
    box = problem.containers[0]
    never = sum(one.worth * (one.quantity - int(count)) for one, count in zip(problem.packages, able, strict=True))
    if any(one.value is not None for one in problem.packages):
        return never
    total = sum(one.volume_mm3 * int(count) for one, count in zip(problem.packages, able, strict=True))
    return never + max(0, total - box.length_mm * box.width_mm * box.top_mm)
