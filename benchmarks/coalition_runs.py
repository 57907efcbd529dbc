"""Measured tables of coalitions, each in a process of its own: all of them, or as many as a time allows.

Reads one task as JSON from standard input and writes one result as JSON to standard output.
"""

import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.instances import read
from benchmarks.solving import GRACE_S, ROOT, peak_memory_mb
from optimizer.coalition_prices import CoalitionOracle
from optimizer.limits import Limits, ignore_progress, never_stop
from optimizer.planning import plan as plan_shipment
from optimizer.problem import ConsolidationProblem
from optimizer.runner import InProcess, ProcessPool, Runner
from optimizer.shipment_game import MOST_MEMBERS, shipment_game


@dataclass(kw_only=True)
class Coalitions:
    """How many coalitions were priced, how many of them with proof, in how many seconds.

    Parameters
    ----------
    plan_s, prices_s, seconds
        Of planning for all members, of finding prices for all goods (of a sample only), and of pricing the coalitions
        after that, the start of worker processes included.
    mean_gap_percent
        Mean of (upper - lower) / upper over all priced coalitions.
    checked, agree
        Coalitions planned anew from their own goods, and how many of those lie within the interval.
    memory_mb
        Peak of this process and of the largest worker together.
    ways
        How many sets of goods were closed how, as `optimizer.shipment_game.ShipmentGame.ways`.
    """

    instance: str
    members: int
    coalitions: int
    proven: int
    plan_s: float
    seconds: float
    mean_gap_percent: float
    prices_s: float = 0.0
    checked: int = 0
    agree: int = 0
    memory_mb: int = 0
    ended_by: str = ""
    ways: dict[str, int] = field(default_factory=dict)


def measure_coalitions(
    path: Path, limit_s: float, sample: int, check: int, workers: int = 0, work_each: float = 0.0
) -> Coalitions | str:
    """Price coalitions of a problem file in a process of its own; a text says why there is no result.

    Parameters
    ----------
    sample
        0 for all coalitions; else the most random ones to price within the limit.
    check
        Coalitions to plan anew.
    workers
        Processes, 0 for none beside the measured one.
    work_each
        Work of searching each coalition of a sample beyond quick plans and known prices.
    """
    task = {
        "path": str(path), "limit_s": limit_s, "sample": sample, "check": check, "workers": workers,
        "work_each": work_each,
    }  # fmt: skip
    try:
        found = subprocess.run(
            [sys.executable, "-m", "benchmarks.coalition_runs"], input=json.dumps(task), capture_output=True,
            text=True, cwd=ROOT, timeout=3 * limit_s + GRACE_S + 20 * check, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return "ended"
    if found.returncode != 0:
        return (found.stderr.strip().splitlines() or ["no output"])[-1][:120]
    return Coalitions(**json.loads(found.stdout.splitlines()[-1]))


def every_coalition(
    problem: ConsolidationProblem, name: str, limit_s: float, check: int, runner: Runner, workers: int
) -> Coalitions:
    """Price all coalitions through `shipment_game`; every worker adds its work to the limit."""
    limits = Limits(time_limit_s=limit_s, work_limit=limit_s)
    began = time.perf_counter()
    plan = plan_shipment(problem, limits=limits)
    planned = time.perf_counter()
    found = shipment_game(
        problem, plan, limits=Limits(time_limit_s=limit_s, work_limit=limit_s * max(1, workers)), seed=0,
        on_progress=ignore_progress, should_stop=never_stop, runner=runner,
    )  # fmt: skip
    seconds = time.perf_counter() - planned
    game = found.game
    masks = range(1, 1 << len(game.players))
    chosen = Random(f"check {name}").sample(masks, min(check, len(masks)))
    groups = [{player for bit, player in enumerate(game.players) if mask >> bit & 1} for mask in chosen]
    agree = sum(
        _agrees(problem, group, game.lower[mask], game.upper[mask]) for mask, group in zip(chosen, groups, strict=True)
    )
    return Coalitions(
        instance=name, members=len(game.players), coalitions=len(masks),
        proven=sum(game.lower[mask] == game.upper[mask] for mask in masks), plan_s=planned - began, seconds=seconds,
        mean_gap_percent=_mean_gap([(game.lower[mask], game.upper[mask]) for mask in masks]), checked=len(chosen),
        agree=agree, ended_by=found.ended_by, ways=dict(found.ways),
    )  # fmt: skip


def _agrees(problem: ConsolidationProblem, group: set[str], lower: int, upper: int) -> bool:
    """Say whether planning a coalition's goods alone contradicts neither end of its interval."""
    here = problem.restricted_to(one.id for one in problem.consignments if one.member in group)
    anew = plan_shipment(here, limits=Limits(time_limit_s=20, work_limit=20))
    return anew.lower_bound_minor <= upper and lower <= anew.cost_minor


def some_coalitions(
    problem: ConsolidationProblem, name: str, limit_s: float, sample: int, runner: Runner, work_each: float
) -> Coalitions:
    """Price random coalitions of all sizes from one set of prices, each stage within the limit."""
    limits = Limits(time_limit_s=limit_s, work_limit=limit_s)
    began = time.perf_counter()
    plan = plan_shipment(problem, limits=limits)
    planned = time.perf_counter()
    oracle = CoalitionOracle(problem, plan, limits=limits)
    players = oracle.players
    draw = Random(f"coalitions {name}")
    groups = [draw.sample(players, draw.randint(1, len(players))) for _ in range(sample)]
    # Compiled code is loaded, and workers have started, before the clock does.
    oracle.price(groups[:1], runner=runner)
    ready = time.perf_counter()
    priced = oracle.price(groups, time_limit_s=limit_s, runner=runner, work_each=work_each)
    found = [(one.lower_minor, one.upper_minor) for one in priced]
    return Coalitions(
        instance=name, members=len(players), coalitions=len(found), proven=sum(low == high for low, high in found),
        plan_s=planned - began, prices_s=ready - planned, seconds=time.perf_counter() - ready,
        mean_gap_percent=_mean_gap(found),
    )  # fmt: skip


def _mean_gap(intervals: list[tuple[int, int]]) -> float:
    return sum(100 * (high - low) / max(1, high) for low, high in intervals) / max(1, len(intervals))


def _main() -> None:
    task: dict[str, Any] = json.loads(sys.stdin.read())
    path = Path(task["path"])
    problem, name = read(path), path.name.split(".")[0]
    pool = ProcessPool(task["workers"]) if task["workers"] else None
    runner: Runner = pool or InProcess()
    try:
        if task["sample"] or len(problem.members) > MOST_MEMBERS:
            found = some_coalitions(
                problem, name, task["limit_s"], task["sample"] or 1000, runner, task["work_each"]
            )  # fmt: skip
        else:
            found = every_coalition(problem, name, task["limit_s"], task["check"], runner, task["workers"])
    finally:
        if pool:
            pool.close()
    # Only of workers that have ended is it known.
    found.memory_mb = peak_memory_mb() + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    _main()
