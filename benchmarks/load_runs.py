"""One method on one loading problem in a warm process: CPU seconds, packed volume, and the judge's verdict.

The runs of a command share worker processes (one by default), in which the engine is compiled and has loaded a first
container before anything is measured; what that took is kept with each run as `start_up_s`. CPU seconds are those of
the whole process, all its threads. Every run is appended to a file of JSON lines as soon as it is done, and what is in
the file is not run again, so that an interrupted command continues; a new state of the engine wants a new file.
"""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from benchmarks.load_instances import br_problem
from benchmarks.load_rivals import RIVALS, judged_under, rival
from benchmarks.solving import peak_memory_mb
from optimizer.checking_loads import check_loads
from optimizer.limits import Limits, Progress
from optimizer.load_problem import FULL_SUPPORT, LoadProblem, support_name, support_permille
from optimizer.load_result import LoadAnswer

METHODS = ("engine", *RIVALS)
WALL_FACTOR = 20
"""Wall-clock seconds that a run may take for each CPU second of its limit, on a machine with other work."""


@dataclass(kw_only=True)
class Run:
    """What one method made of one problem.

    Parameters
    ----------
    command, instance, method, support, limit_s, seed
        What tells the run from all others in the file; `support` is ``full``, ``partial:N`` or ``none``, and the limit
        is CPU seconds.
    stop_after_s
        Wall-clock seconds after which the run is cancelled as by a user, also part of what tells it; None: never.
    containers, cost_minor, bound
        Loaded containers, their cost, and the answer's lower bound.
    packed_mm3, offered_mm3, inside_mm3
        Volume of the packages loaded, of all packages, and of the insides of the containers loaded.
    loaded, packages
        Number of packages loaded and of all.
    cpu_s, wall_s, first_s, late_s, late_cpu_s
        CPU and wall-clock seconds of the search; wall-clock seconds to the first plan that it told of; wall-clock and
        CPU seconds from the wish to cancel to its answer.
    violations, unsupported, floating
        Objections by rule under the policy asked for; packages that do not stand with all of their base on something;
        packages that stand on nothing.
    centres
        Centre of gravity of each container in permille of length, width and height.
    """

    command: str
    instance: str
    method: str
    support: str
    limit_s: float
    seed: int = 0
    stop_after_s: float | None = None
    status: str = "no answer"
    containers: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    cost_minor: int = 0
    bound: int = 0
    packed_mm3: int = 0
    offered_mm3: int = 0
    inside_mm3: int = 0
    loaded: int = 0
    packages: int = 0
    cpu_s: float = 0.0
    wall_s: float = 0.0
    start_up_s: float = 0.0
    first_s: float | None = None
    late_s: float | None = None
    late_cpu_s: float | None = None
    memory_mb: int = 0
    ended_by: str = ""
    violations: dict[str, int] = field(default_factory=dict)
    unsupported: int = 0
    floating: int = 0
    centres: list[tuple[int, int, int]] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells this run from all others in the file."""
        return (self.command, self.instance, self.method, self.support, self.limit_s, self.seed, self.stop_after_s)

    @property
    def fill_percent(self) -> float:
        """Packed volume in percent of the inside of the containers loaded."""
        return 100 * self.packed_mm3 / self.inside_mm3 if self.inside_mm3 else 0.0


class Task(NamedTuple):
    """A run to be made, and its problem."""

    run: Run
    problem: LoadProblem


def runs(tasks: Iterable[Task], path: Path, jobs: int = 1) -> Iterator[Run]:
    """Yield the run of every task, those of the file first, the others as they are done and kept."""
    known = {one.key: one for one in read_runs(path)}
    wanted = list(tasks)
    yield from (known[one.run.key] for one in wanted if one.run.key in known)
    missing = [one for one in wanted if one.run.key not in known]
    if not missing:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Spawned: solvers have threads, which a forked process would miss.
    with path.open("a", encoding="utf-8") as file, ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        waiting = {pool.submit(perform, one): one for one in missing}
        for done in as_completed(waiting):
            try:
                found = done.result()
            except BrokenProcessPool as error:
                name = waiting[done].run.instance
                raise SystemExit(f"{path}: a worker died, at {name} or beside it; run again: {error}") from None
            file.write(json.dumps(asdict(found)) + "\n")
            file.flush()
            yield found


def read_runs(path: Path) -> list[Run]:
    """Read a file of runs; without a file there are none."""
    if not path.exists():
        return []
    return [Run(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


@cache
def start_up() -> float:
    """Compile the engine by loading a small container, once a process; return the CPU seconds from its start."""
    from optimizer.loading.engine import plan_loads

    problem = br_problem(1, 1)
    plan_loads(problem, limits=Limits(time_limit_s=60, work_limit=0.1))
    plan_loads(replace(problem, support_permille=0), limits=Limits(time_limit_s=60, work_limit=0.1))
    return time.process_time()


def perform(task: Task) -> Run:
    """Run a task in this process and have the answer judged."""
    found, problem = task
    if found.method == "engine":
        found.start_up_s = start_up()
    began = time.perf_counter()
    if found.method == "engine":
        answer, found.cpu_s = _engine(problem, found)
    else:
        answer, found.cpu_s = rival(found.method, problem, found.limit_s)
    found.wall_s = time.perf_counter() - began
    found.memory_mb = peak_memory_mb()
    judge(problem, answer, found)
    return found


def _engine(problem: LoadProblem, found: Run) -> tuple[LoadAnswer, float]:
    # Only where it runs: the processes of rivals stay free of it.
    from optimizer.loading.engine import plan_loads

    wall, cpu = time.perf_counter(), time.process_time()
    cancelled: float | None = None

    def tell(progress: Progress) -> None:
        if found.first_s is None and progress.cost_minor is not None:
            found.first_s = time.perf_counter() - wall

    def stop() -> bool:
        nonlocal cancelled
        if cancelled is None and found.stop_after_s is not None and time.perf_counter() - wall >= found.stop_after_s:
            cancelled = time.process_time()
        return cancelled is not None or time.process_time() - cpu >= found.limit_s

    limits = Limits(time_limit_s=WALL_FACTOR * found.limit_s, work_limit=found.limit_s)
    answer = plan_loads(problem, limits=limits, seed=found.seed, on_progress=tell, should_stop=stop)
    if cancelled is not None:
        found.late_s = time.perf_counter() - wall - (found.stop_after_s or 0)
        found.late_cpu_s = time.process_time() - cancelled
    return answer, time.process_time() - cpu


def judge(problem: LoadProblem, answer: LoadAnswer, found: Run) -> None:
    """Count what was loaded and what the judge objects to."""
    found.status, found.bound = answer.status.value, answer.lower_bound
    found.ended_by = str(answer.limits.get("ended_by", ""))
    boxes = [problem.container[one.container] for one in answer.loads]
    found.containers, found.codes = len(boxes), dict(Counter(one.code for one in boxes))
    found.cost_minor, found.inside_mm3 = sum(one.cost_minor for one in boxes), sum(one.volume_mm3 for one in boxes)
    found.packages = sum(one.quantity for one in problem.packages)
    found.offered_mm3 = sum(one.quantity * one.volume_mm3 for one in problem.packages)
    placed = [one for load in answer.loads for one in load.placements]
    found.loaded = len(placed)
    found.packed_mm3 = sum(one.dx_mm * one.dy_mm * one.dz_mm for one in placed)
    found.centres = [one.centre_of_gravity_permille for one in answer.loads]
    found.violations = dict(Counter(one.rule for one in check_loads(problem, answer)))
    found.unsupported, found.floating = (
        sum(one.rule == "placed_support" for one in check_loads(*judged_under(problem, answer, permille)))
        for permille in (FULL_SUPPORT, 1)
    )


def with_support(problem: LoadProblem, support: str) -> LoadProblem:
    """Return the problem under a policy by its name."""
    permille = support_permille(support)
    if permille is None:
        raise SystemExit(f"support: expected full, partial:N or none, found {support}")
    return replace(problem, support_permille=permille)


def tasks_for(
    command: str,
    problems: Iterable[tuple[str, LoadProblem]],
    limits: Iterable[float],
    method: str = "engine",
    stop_after_s: float | None = None,
) -> Iterator[Task]:
    """Yield a task for each named problem and limit, under the support policy of the problem."""
    chosen = sorted(limits)
    for name, problem in problems:
        for limit_s in chosen:
            policy = support_name(problem.support_permille)
            yield Task(
                Run(
                    command=command, instance=name, method=method, support=policy, limit_s=limit_s,
                    stop_after_s=stop_after_s,
                ),
                problem,
            )  # fmt: skip
