"""Packs a container so that it can be balanced: where moving parts is not enough, other loads of nearly equal value."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Owners
from optimizer.loading.balancing import Scales, balance
from optimizer.loading.packer import Budget, Packed, Packer

FIRST = 0.6
"""Part of the work for the load that is worth most; the rest is kept for others, where it cannot be balanced."""

ATTEMPTS = 4
WORTH = 0.5
"""Part of the value that a load loses in the other searches for each whole length or width that it is off."""

UNEVEN = 0.3
"""By how much, as a power of e, values are drawn apart, so that each search finds another load."""

LEAST_KEPT = 0.97
"""Part of the greatest value found that a balanced load must have, where packages may stay out."""


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
    whole = budget.work_limit - budget.work
    weighed = bool(scales.mass_g.any())
    part = _part(budget, FIRST * whole if weighed else whole)
    found = packer.pack(part, quantities, values)
    budget.ended_by = part.ended_by
    best = replace(found, rows=balance(problem, container, found.rows, seed=seed, should_stop=budget.should_stop))
    if problem.objective is not Objective.VOLUME:
        # What is left behind now would have to travel in another container: the same packages or none.
        quantities = np.bincount(found.rows[:, 0], minlength=len(quantities)).astype(np.int32)
    random = np.random.default_rng(seed)
    for attempt in range(ATTEMPTS):
        if scales.good(best.rows) or part.ended_by in ("time_limit", "stopped") or not len(found.rows):
            break
        part = _part(budget, (1 - FIRST) / ATTEMPTS * whole)
        other = packer if attempt % 2 == 0 else _another_order(problem, container, packer, random)
        uneven = values * np.exp(UNEVEN * min(attempt, 1) * random.standard_normal(len(values)))
        rows = other.pack(part, quantities, uneven, WORTH).rows
        value = float(values[rows[:, 0]].sum())
        least = LEAST_KEPT * found.value if problem.objective is Objective.VOLUME else found.value - 1e-6
        if value >= least:
            rows = balance(problem, container, rows, seed=seed, should_stop=budget.should_stop)
            if scales.excess(rows) < scales.excess(best.rows):
                best = Packed(value, rows)
    return best


def _part(budget: Budget, work: float) -> Budget:
    return Budget(budget.work + work, budget.deadline, budget.should_stop, budget.spent)


def _another_order(
    problem: LoadProblem, container: LoadContainer, packer: Packer, random: np.random.Generator
) -> Packer:
    """Return a packer that loads strict owners one after the other in an order drawn at random."""
    if problem.owners is not Owners.STRICT:
        return packer
    owners = sorted({one.owner for one in problem.packages if one.owner})
    drawn = {owner: str(place) for owner, place in zip(owners, random.permutation(len(owners)), strict=True)}
    packages: Sequence[LoadPackage] = [replace(one, owner=drawn.get(one.owner, "")) for one in problem.packages]
    return Packer(problem, container, packages)
