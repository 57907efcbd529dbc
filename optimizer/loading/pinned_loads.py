"""Containers in which something stands already: they are filled up first, the others are chosen freely after them."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadProblem, Objective
from optimizer.loading.centring import Centring
from optimizer.loading.cover import Load, load_of
from optimizer.loading.ordering import resting_on
from optimizer.loading.packer import Budget, OnValue, Packer, ignore_value
from optimizer.loading.pins import NOTHING_STANDS


def standing(problem: LoadProblem) -> dict[int, Load]:
    """Return what is pinned by the position of its container among the loads, first what is loaded already.

    Where two containers are pinned at one position the first one counts: the judge objects to the other.
    """
    boxes = [one.code for one in problem.containers]
    kind = {one.key: position for position, one in enumerate(problem.packages)}
    found = dict[int, Load]()
    for pin in sorted(problem.pinned, key=lambda one: (one.position, not one.loaded)):
        box = boxes.index(pin.container)
        there = found.setdefault(pin.position, load_of(box, NOTHING_STANDS, len(kind)))
        if there.box == box:
            rows = [
                (kind[one.consignment, one.package], one.x_mm, one.y_mm, one.z_mm, one.dx_mm, one.dy_mm, one.dz_mm)
                for one in pin.placements
            ]
            both = np.concatenate([there.rows, np.array(rows, np.int32).reshape(-1, 7)])
            found[pin.position] = load_of(box, both, len(kind))
    return found


def loaded_already(problem: LoadProblem, position: int, box: int) -> int:
    """Return how many of the pinned packages of a load, the first ones, are in the container already."""
    code = problem.containers[box].code
    return sum(
        len(pin.placements)
        for pin in problem.pinned
        if pin.loaded and (pin.position, pin.container) == (position, code)
    )


def filled_up(
    problem: LoadProblem,
    held: Mapping[int, Load],
    packers: Sequence[Packer],
    able: NDArray[np.int32],
    budget: Budget,
    seed: int,
    on_value: OnValue = ignore_value,
) -> dict[int, Load]:
    """Load around what stands, one container after the other: where one is all there is with all the work, else half.

    Parameters
    ----------
    able
        Packages at hand by kind, without those pinned.
    """
    one_only = problem.objective is Objective.VOLUME
    values = np.array([one.worth if one_only else one.volume_mm3 for one in problem.packages], np.float64)
    share = (budget.work_limit - budget.work) / 2 / max(1, len(held))
    found = dict[int, Load]()
    for position, there in sorted(held.items()):
        loaded = loaded_already(problem, position, there.box)
        if one_only:
            one = Centring(
                problem=problem, container=problem.containers[there.box], packer=packers[there.box], values=values,
                pinned=there.rows, loaded=loaded, seed=seed,
            )  # fmt: skip
            packed = one.packed(budget, able, on_value)
        else:
            part = Budget(budget.work + share, budget.deadline, budget.should_stop, budget.spent)
            packed = packers[there.box].pack(part, able, values, pinned=there.rows, loaded=loaded, seed=seed)
            if part.ended_by in ("time_limit", "stopped"):
                budget.ended_by = part.ended_by
        found[position] = load_of(there.box, packed.rows, len(able))
        able = able - found[position].counts + there.counts
    return found


def in_positions(
    problem: LoadProblem, pinned: Mapping[int, Load], filled: Mapping[int, Load], free: Sequence[Load]
) -> list[Load]:
    """Return all loads, those with something pinned in their positions.

    Where there are too few others to come before a pinned one, single packages are taken out for them; where that
    cannot be, the positions are not kept and the judge objects.
    """
    last = max(filled, default=-1)
    held, others = dict(filled), list(free)
    for _ in range(last + 1 - len(held) - len(others)):
        if not _take_one_apart(problem, pinned, held, others):
            break
    rest = iter(others)
    ordered = [held[position] if position in held else next(rest, None) for position in range(last + 1)]
    return [one for one in (*ordered, *rest) if one is not None and len(one.rows)]


def _take_one_apart(
    problem: LoadProblem, pinned: Mapping[int, Load], held: dict[int, Load], others: list[Load]
) -> bool:
    """Put one package that carries nothing into a container of its own; say whether there was one."""
    used = Counter(one.box for one in (*held.values(), *others))
    for position, load in (*held.items(), *((None, one) for one in others)):
        most = problem.containers[load.box].count
        if most is not None and used[load.box] >= most:
            continue
        kept = 1 if position is None else len(pinned[position].rows)
        stays = np.ones(len(load.rows), np.bool_)
        for one in reversed(range(kept, len(load.rows))):
            if len(resting_on(load.rows, stays, one)) > 1:
                continue
            stays[one] = False
            smaller = load_of(load.box, load.rows[stays], len(load.counts))
            alone = load.rows[[one]]
            alone[:, 1:4] = 0
            if position is None:
                others[next(at for at, other in enumerate(others) if other is load)] = smaller
            else:
                held[position] = smaller
            others.append(load_of(load.box, alone, len(load.counts)))
            return True
    return False
