"""One method on one problem, measured in a process of its own: seconds, peak memory, and the judge's verdict.

Methods: `engine` (what `consortium plan` does), `first-fit` (first-fit decreasing), `cp-sat` (the compact model with
CP-SAT's own default settings, all cores), `scip` (the compact model as a MIP). Run as a module it reads one task as
JSON from standard input and writes one result as JSON to standard output; a process that outlives its limit by far
is ended.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.instances import read
from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.consolidation.lots import Improved, LotPlan
from optimizer.limits import Limits, Progress
from optimizer.planning import assemble
from optimizer.planning import plan as plan_shipment
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan, SolveStatus

ROOT = Path(__file__).resolve().parents[1]
METHODS = ("engine", "first-fit", "cp-sat", "scip")
GRACE_S = 120.0
"""Seconds beyond its limit after which a process is ended: building a model, reading and judging count, too."""


@dataclass(kw_only=True)
class Outcome:
    """What one method made of one problem.

    Parameters
    ----------
    cost_minor, bound_minor
        None without a plan; first-fit has no bound.
    first_s
        Seconds until the first plan, as far as a method tells.
    seconds
        Of the method alone: without reading the file and without the judge.
    memory_mb
        Peak resident memory of the process, the interpreter and the solver libraries included.
    violations
        What the judge found wrong; empty means accepted.
    """

    instance: str
    method: str
    limit_s: float
    cost_minor: int | None = None
    bound_minor: int | None = None
    status: str = "no answer"
    unplanned: int = 0
    containers: int = 0
    loose: int = 0
    seconds: float = 0.0
    first_s: float | None = None
    memory_mb: int = 0
    ended_by: str = ""
    violations: list[str] = field(default_factory=list)
    progress: list[tuple[float, int | None, int | None]] = field(default_factory=list)

    @property
    def gap_percent(self) -> float | None:
        """Gap between cost and bound in percent of the cost."""
        if self.cost_minor is None or self.bound_minor is None:
            return None
        return 100 * (self.cost_minor - self.bound_minor) / max(1, self.cost_minor)


def measure(path: Path, method: str, limit_s: float, seed: int = 0, memory_gb: float = 8.0) -> Outcome:
    """Run a method on a problem file in a process of its own."""
    task = {"path": str(path), "method": method, "limit_s": limit_s, "seed": seed, "memory_gb": memory_gb}
    empty = Outcome(instance=path.name.split(".")[0], method=method, limit_s=limit_s)
    try:
        found = subprocess.run(
            [sys.executable, "-m", "benchmarks.solving"], input=json.dumps(task), capture_output=True, text=True,
            cwd=ROOT, timeout=limit_s + GRACE_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        empty.status, empty.seconds = "no answer (ended)", limit_s + GRACE_S
        return empty
    if found.returncode != 0:
        last = found.stderr.strip().splitlines()[-1:] or [f"exit {found.returncode}"]
        empty.status = f"no answer ({last[0][:80]})"
        return empty
    return Outcome(**json.loads(found.stdout.splitlines()[-1]))


def run(problem: ConsolidationProblem, name: str, method: str, limit_s: float, seed: int = 0) -> Outcome:
    """Run a method in this process and have its plan judged."""
    outcome = Outcome(instance=name, method=method, limit_s=limit_s)
    began = time.perf_counter()
    plan = _engine(problem, limit_s, seed, outcome) if method == "engine" else _other(problem, method, limit_s)
    outcome.seconds = time.perf_counter() - began
    if plan is None:
        return outcome
    outcome.cost_minor = plan.cost_minor
    outcome.bound_minor = plan.lower_bound_minor if method != "first-fit" else None
    outcome.status = plan.status.value
    outcome.unplanned, outcome.containers = len(plan.unplanned), len(plan.containers)
    outcome.loose = len(plan.lcl) + len(plan.postal)
    outcome.ended_by = str(plan.limits.get("ended_by", ""))
    outcome.violations = [str(one) for one in check_plan(problem, plan)]
    return outcome


def _engine(problem: ConsolidationProblem, limit_s: float, seed: int, outcome: Outcome) -> ShipmentPlan:
    began = time.perf_counter()

    def tell(progress: Progress) -> None:
        now = time.perf_counter() - began
        if progress.cost_minor is not None and outcome.first_s is None:
            outcome.first_s = now
        newest = (progress.cost_minor, progress.lower_bound_minor)
        if not outcome.progress or outcome.progress[-1][1:] != newest:
            outcome.progress.append((round(now, 3), *newest))

    limits = Limits(time_limit_s=limit_s, work_limit=limit_s)
    return plan_shipment(problem, limits=limits, seed=seed, on_progress=tell)


def _other(problem: ConsolidationProblem, method: str, limit_s: float) -> ShipmentPlan | None:
    if method == "first-fit":
        from benchmarks.first_fit import first_fit

        found = Improved(plan=first_fit(problem), lower_bound_minor=0, proven=False, ended_by="work_limit")
    elif method == "cp-sat":
        found = _cp_sat(problem, limit_s)
    elif method == "scip":
        from benchmarks.compact_mip import OutOfTimeError, solve_scip

        try:
            found = solve_scip(problem, limit_s)
        except OutOfTimeError:
            return None
    else:
        raise ValueError(f"method: expected one of {', '.join(METHODS)}, found {method}")
    if problem.consignments and len(found.plan.unplanned) == len(problem.consignments):
        return None
    limits = Limits(time_limit_s=limit_s, work_limit=limit_s)
    plan = assemble(problem, found, limits=limits, seed=0)
    if plan.status is SolveStatus.OPTIMAL:
        return plan
    # `assemble` knows a bound of its own, which is not the method's.
    return replace(plan, lower_bound_minor=found.lower_bound_minor)


def _cp_sat(problem: ConsolidationProblem, limit_s: float) -> Improved:
    """Solve the compact model with the settings that CP-SAT chooses by itself, unlike `solve_compact`."""
    from ortools.sat.python import cp_model

    from optimizer.consolidation.model import _Compact

    began = time.monotonic()
    model = _Compact(problem)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.1, limit_s - (time.monotonic() - began))
    status = solver.solve(model.model) if time.monotonic() - began < limit_s else cp_model.UNKNOWN
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        everything = LotPlan(unplanned=tuple(one.id for one in problem.consignments))
        return Improved(plan=everything, lower_bound_minor=0, proven=False, ended_by="time_limit")
    plan = model.plan(solver)
    cost = price(problem, plan.containers, plan.lcl, plan.postal).cost_minor
    proven = status == cp_model.OPTIMAL
    bound = round(solver.best_objective_bound) - len(plan.unplanned) * model.penalty
    return Improved(
        plan=plan, lower_bound_minor=cost if proven else min(cost, max(0, bound)), proven=proven,
        ended_by="proof" if proven else "time_limit",
    )  # fmt: skip


def peak_memory_mb() -> int:
    """Return the peak resident memory of this process in MB.

    Linux hands the parent's peak on to `getrusage` of a new process, hence its own account is asked first.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _main() -> None:
    task: dict[str, Any] = json.loads(sys.stdin.read())
    limit = int(task["memory_gb"] * 2**30)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    path = Path(task["path"])
    problem = read(path)
    outcome = run(problem, path.name.split(".")[0], task["method"], task["limit_s"], task["seed"])
    outcome.memory_mb = peak_memory_mb()
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    _main()
