"""Packs a container so that it can be balanced: where moving parts is not enough, other loads of nearly equal value."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Owners
from optimizer.loading.balancing import Repack, Scales, balance
from optimizer.loading.packer import NOTHING, Budget, Packed, Packer
from optimizer.loading.standing import Rows

SEARCHES = ((0.5, 0.0), (0.3, 0.5), (0.2, 2.0))
"""Searches, until one finds a balanced load: its part of the work, and the part of the value of everything that a load
loses for each whole length or width by which its centre of gravity is too far from the middle."""

LOWER_WORK = 0.02
"""Work that packing under a lower ceiling may take, each time."""

LEAST_KEPT = 0.94
"""Part of the value of the first load that a later one must have, where packages may stay out."""


def pack_balanced(
    problem: LoadProblem,
    container: LoadContainer,
    packer: Packer,
    budget: Budget,
    quantities: NDArray[np.int32],
    values: NDArray[np.float64],
    *,
    seed: int = 0,
) -> Packed:
    """Return a load of great value that is balanced, or the most valuable one where none is found that is.

    Parameters
    ----------
    packer
        Packs the problem's packages into this container.
    quantities, values
        Packages at hand, and what loading one is worth, by kind.
    """
    scales = Scales.of(problem, container)
    volume = problem.objective is Objective.VOLUME
    whole = budget.work_limit - budget.work
    best, least = NOTHING, 0.0
    for number, (share, worth) in enumerate(SEARCHES if scales.mass_g.any() else ((1.0, 0.0),)):
        if number == 2:
            packer = _another_order(problem, container, packer)
        part = Budget(budget.work + share * whole, budget.deadline, budget.should_stop, budget.spent)
        found = packer.pack(part, quantities, values, worth)
        budget.ended_by = part.ended_by
        value = float(values[found.rows[:, 0]].sum())
        if number == 0 or value >= least:
            lower = _lower(problem, container, found.rows, values, budget)
            rows = balance(problem, container, found.rows, repack=lower, seed=seed, should_stop=budget.should_stop)
            if number == 0 or scales.excess(rows) < scales.excess(best.rows):
                best = Packed(value, rows)
        if scales.good(best.rows) or part.ended_by in ("time_limit", "stopped"):
            break
        if number == 0:
            least = LEAST_KEPT * value if volume else value - 1e-6
            if not volume:
                # What is left behind where everything travels would need another container.
                quantities = np.bincount(found.rows[:, 0], minlength=len(quantities)).astype(np.int32)
    return best


def _lower(
    problem: LoadProblem, container: LoadContainer, rows: Rows, values: NDArray[np.float64], budget: Budget
) -> Repack:
    """Return what packs the packages of a load again under a lower ceiling."""
    quantities = np.bincount(rows[:, 0], minlength=len(values)).astype(np.int32)
    loaded = [one for one, quantity in zip(problem.packages, quantities, strict=True) if quantity]

    def packed(top_mm: int) -> Rows | None:
        lower = replace(container, load_line_mm=top_mm)
        if not all(one.stances_in(lower) for one in loaded):
            return None
        part = Budget(budget.work + LOWER_WORK, budget.deadline, budget.should_stop, budget.spent)
        packer = Packer(problem, lower, problem.packages)
        found = packer.pack(part, quantities, values).rows
        return found if len(found) == len(rows) else None

    return packed


def _another_order(problem: LoadProblem, container: LoadContainer, packer: Packer) -> Packer:
    """Return a packer that loads strict owners of a stop one after the other in the opposite order."""
    if problem.owners is not Owners.STRICT:
        return packer
    owners = sorted({one.owner for one in problem.packages if one.owner})
    drawn = {owner: f"{place:9}" for place, owner in enumerate(reversed(owners))}
    packages: Sequence[LoadPackage] = [replace(one, owner=drawn.get(one.owner, "")) for one in problem.packages]
    return Packer(problem, container, packages)
