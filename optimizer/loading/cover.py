"""The choice among known loads: prices of packages by linear programming (GLOP), whole loads by CP-SAT."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver import pywraplp
from ortools.sat.python import cp_model

from optimizer.consolidation.cp_search import run
from optimizer.limits import ShouldStop, never_stop
from optimizer.loading.packer import Budget


class Load(NamedTuple):
    """A load of a container (its position in the problem): where packages stand, and how many there are by kind."""

    box: int
    rows: NDArray[np.int32]
    counts: NDArray[np.int32]


def load_of(box: int, rows: NDArray[np.int32], kinds: int) -> Load:
    """Return a load of these packages."""
    return Load(box, rows, np.bincount(rows[:, 0], minlength=kinds).astype(np.int32))


def prices(
    loads: Sequence[Load],
    quantities: NDArray[np.int32],
    costs: Sequence[float],
    limits: Sequence[int | None],
    penalties: NDArray[np.float64],
    should_stop: ShouldStop = never_stop,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what the last package of each kind costs, and how often each load is used, when loads may be divided.

    When stopped before that is worked out, packages cost their penalties and no load is used.

    Parameters
    ----------
    costs, limits
        By container: cost of one, how many there are (None: as many as needed).
    penalties
        Cost of leaving a package out, by kind.
    """
    solver = pywraplp.Solver.CreateSolver("GLOP")
    used = [solver.NumVar(0, solver.infinity(), "") for _ in loads]
    left = [solver.NumVar(0, solver.infinity(), "") for _ in quantities]
    objective = solver.Objective()
    rows = []
    for kind, quantity in enumerate(quantities.tolist()):
        rows.append(solver.Constraint(quantity, solver.infinity()))
        rows[-1].SetCoefficient(left[kind], 1)
        objective.SetCoefficient(left[kind], float(penalties[kind]))
    held = [solver.Constraint(0, solver.infinity() if most is None else most) for most in limits]
    for one, load in zip(used, loads, strict=True):
        if should_stop():
            return penalties, np.zeros(len(loads))
        objective.SetCoefficient(one, costs[load.box])
        held[load.box].SetCoefficient(one, 1)
        for kind in np.flatnonzero(load.counts).tolist():
            rows[kind].SetCoefficient(one, int(load.counts[kind]))
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return penalties, np.zeros(len(loads))
    return np.array([max(0.0, one.dual_value()) for one in rows]), np.array([one.solution_value() for one in used])


def best_cover(
    loads: Sequence[Load],
    quantities: NDArray[np.int32],
    weights: NDArray[np.float64],
    numbers: Sequence[int],
    budget: Budget,
    work: float,
    seed: int,
) -> list[int]:
    """Return how often each load is used, so that the least is left over; none at all where the search is stopped.

    Parameters
    ----------
    weights
        What one package left over counts, by kind, > 0.
    numbers
        Containers to be used at most, by position.
    """
    model = cp_model.CpModel()
    used = [model.new_int_var(0, numbers[load.box], "") for load in loads]
    left = [model.new_int_var(0, quantity, "") for quantity in quantities.tolist()]
    for box, number in enumerate(numbers):
        model.add(sum(one for one, load in zip(used, loads, strict=True) if load.box == box) <= number)
    for kind, quantity in enumerate(quantities.tolist()):
        if budget.should_stop():
            return [0] * len(loads)
        carried = [(one, int(load.counts[kind])) for one, load in zip(used, loads, strict=True) if load.counts[kind]]
        model.add(sum(one * count for one, count in carried) + left[kind] >= quantity)
    whole = np.maximum(1, np.round(1000 * weights / weights.max())).astype(int).tolist()
    model.minimize(sum(one * weight for one, weight in zip(left, whole, strict=True)))
    solver = cp_model.CpSolver()
    found = run(model, solver, work=work, seed=seed, should_stop=budget.should_stop, deadline=budget.deadline)
    budget.charge(found.work)
    return [solver.value(one) if found.solved else 0 for one in used]


def without_surplus(loads: Sequence[Load], quantities: NDArray[np.int32]) -> list[Load]:
    """Return loads with no more packages than there are: what nothing stands on goes first, from the emptiest load.

    Where a package in excess bears others, all of them go: what is left still stands as it stood.
    """
    surplus = sum((one.counts for one in loads), np.zeros_like(quantities)) - quantities
    kept = []
    for one in sorted(loads, key=lambda load: len(load.rows)):
        bears = _bears(one.rows)
        there = _take_off(one.rows, bears, surplus)
        kept.append((one, bears, there))
    found = []
    for one, bears, there in kept:
        _take_out(one.rows, bears, there, surplus)
        found.append(load_of(one.box, one.rows[there], len(quantities)))
    return [one for one in found if len(one.rows)]


def _bears(rows: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Return which packages (second index) stand on which (first index)."""
    low, high = rows[:, 1:4], rows[:, 1:4] + rows[:, 4:7]
    over = (np.minimum(high[:, None, :2], high[None, :, :2]) > np.maximum(low[:, None, :2], low[None, :, :2])).all(2)
    found: NDArray[np.bool_] = over & (high[:, None, 2] == low[None, :, 2])
    return found


def _take_off(
    rows: NDArray[np.int32], bears: NDArray[np.bool_], surplus: NDArray[np.int32]
) -> NDArray[np.bool_]:  # fmt: skip
    """Take off packages in excess on which nothing stands, highest first; return what stays, lower the surplus."""
    there = np.ones(len(rows), np.bool_)
    while True:
        bare = there & (surplus[rows[:, 0]] > 0) & ~(bears & there).any(axis=1)
        if not bare.any():
            return there
        one = int(np.flatnonzero(bare)[np.argmax(rows[bare, 3])])
        there[one] = False
        surplus[rows[one, 0]] -= 1


def _take_out(
    rows: NDArray[np.int32], bears: NDArray[np.bool_], there: NDArray[np.bool_], surplus: NDArray[np.int32]
) -> None:
    """Take out packages in excess with all that stands on them, highest first."""
    while True:
        some = np.flatnonzero(there & (surplus[rows[:, 0]] > 0))
        if len(some) == 0:
            return
        going = np.zeros(len(rows), np.bool_)
        going[some[np.argmax(rows[some, 3])]] = True
        while True:
            more = there & ~going & bears[going].any(axis=0)
            if not more.any():
                break
            going |= more
        there &= ~going
        np.subtract.at(surplus, rows[going, 0], 1)
