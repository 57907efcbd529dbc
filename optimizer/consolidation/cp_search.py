"""Running CP-SAT so that it is reproducible, can be stopped at once, and tells what it knows while it runs."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimizer.limits import ShouldStop

POLL_S = 0.05
"""How often a running search looks whether it must stop."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: whether there is a solution, whether it is proven, its value and bound.

    Parameters
    ----------
    interrupted
        Whether the clock or a stop cut it short, so that another run may differ.
    """

    solved: bool
    proven: bool
    infeasible: bool
    value: int
    bound: int
    work: float
    interrupted: bool


class _Watcher(cp_model.CpSolverSolutionCallback):
    """Remembers the newest solution so that the calling thread can tell of it."""

    def __init__(self) -> None:
        super().__init__()
        self.newest: tuple[int, int] | None = None

    def on_solution_callback(self) -> None:
        """Note value and bound; reporting is left to the calling thread."""
        self.newest = round(self.objective_value), round(self.best_objective_bound)


def run(
    model: cp_model.CpModel,
    solver: cp_model.CpSolver,
    *,
    work: float,
    seed: int,
    should_stop: ShouldStop,
    deadline: float,
    on_better: Callable[[int, int], None] | None = None,
) -> Found:
    """Solve a model with one worker until proof, the work limit, the deadline (`time.monotonic`) or a stop.

    The search runs in a thread of its own: `should_stop` and `on_better` are called from this one.
    """
    parameters = solver.parameters
    parameters.num_workers = 1
    parameters.catch_sigint_signal = False  # Ctrl-C is the caller's to answer, through should_stop
    parameters.random_seed = seed % (1 << 31)
    parameters.max_deterministic_time = max(0.001, work)
    parameters.max_time_in_seconds = max(0.01, deadline - time.monotonic() + 1.0)
    watcher = _Watcher()
    status: list[cp_model.CpSolverStatus] = []
    thread = threading.Thread(target=lambda: status.append(solver.solve(model, watcher)), daemon=True)
    thread.start()
    interrupted = False
    told: tuple[int, int] | None = None
    while True:
        thread.join(POLL_S)
        if not thread.is_alive():
            break
        if not interrupted and (should_stop() or time.monotonic() > deadline):
            interrupted = True
            solver.stop_search()
        newest = watcher.newest
        if on_better is not None and newest is not None and newest != told:
            told = newest
            on_better(*newest)
    outcome = status[0] if status else cp_model.UNKNOWN
    solved = outcome in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return Found(
        solved=solved,
        proven=outcome == cp_model.OPTIMAL,
        infeasible=outcome == cp_model.INFEASIBLE,
        value=round(solver.objective_value) if solved else 0,
        bound=round(solver.best_objective_bound) if outcome != cp_model.INFEASIBLE else 0,
        work=float(solver.response_proto.deterministic_time),
        interrupted=interrupted and outcome not in (cp_model.OPTIMAL, cp_model.INFEASIBLE),
    )
