"""Shares of one stored plan among many members: how sure they are after so many minutes, and how stable.

    python -m benchmarks.many_members [--instance m073-s01] [--minutes 5] [--plan-minutes 2] [--seed 0]
        [--of-total 0.0002] [--json FILE]

The plan is made first (not counted), by volume, within its own limit; the minutes are for prices, shares and stability.
Targets: 73 members in 5 minutes to a median standard error of 1 %, 405 in 15 to 2 % (`--instance m405-s01 --minutes
15`), both with a bound on stability by prices. Coalitions are priced in one process.
"""

import argparse
import json
import os
import platform
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.instances import instance
from benchmarks.solving import peak_memory_mb
from optimizer.allocation.many_members import ManyMembers
from optimizer.allocation.sampling import Aim
from optimizer.limits import Limits
from optimizer.planning import plan


@dataclass(frozen=True, kw_only=True)
class Shared:
    """What was known of the shares of one plan after so many seconds.

    Parameters
    ----------
    median_error, worst_error
        Standard errors as parts of the shares.
    within_aim
        Part of the members whose error is at most 1 % of the share or 0.02 % of the total.
    largest_factor
        No group is charged more than this times its cost: of the estimated shares, and of those by prices.
    """

    instance: str
    members: int
    parts: int
    plan_gap_percent: float
    plan_s: float
    prices_s: float
    shapley_s: float
    stability_s: float
    evaluations: int
    ended_by: str
    median_error: float
    worst_error: float
    within_aim: float
    open_percent: float
    in_core: str
    core_empty: str
    discount_percent: tuple[float, float]
    largest_factor: float
    factor_by_prices: float
    asked: int
    memory_mb: int


def measure(name: str, minutes: float, plan_minutes: float, seed: int, aim: Aim) -> Shared:
    """Plan a stored instance, then share its cost within so many minutes, or until every error is within the aim."""
    members, number = (int(one) for one in name.removeprefix("m").split("-s"))
    problem = instance(members, number)
    began = time.perf_counter()
    planned = plan(problem, limits=Limits(time_limit_s=60 * plan_minutes, work_limit=60 * plan_minutes), seed=seed)
    marks = [time.perf_counter()]
    limits = Limits(time_limit_s=60 * minutes, work_limit=60 * minutes)
    many = ManyMembers(problem=problem, plan=planned, limits=limits, seed=seed)
    marks.append(time.perf_counter())
    shares = many.shares("shapley", aim=aim)
    marks.append(time.perf_counter())
    found = many.certificate(shares)
    marks.append(time.perf_counter())
    by_prices = many.shares("lp_prices")
    total = planned.cost_minor
    charged = shares.shares_minor
    errors = {one: error / max(1, abs(charged[one])) for one, error in shares.standard_errors.items()}
    fine = sum(error <= max(0.01 * abs(charged[one]), 0.0002 * total) for one, error in shares.standard_errors.items())
    exact = len(charged) - len(errors)
    high = found.discount_at_most
    return Shared(
        instance=name,
        members=len(charged),
        parts=len(many.parts),
        plan_gap_percent=planned.gap_ppm / 10_000,
        plan_s=marks[0] - began,
        prices_s=marks[1] - marks[0],
        shapley_s=marks[2] - marks[1],
        stability_s=marks[3] - marks[2],
        evaluations=shares.detail.get("evaluations", 0),
        ended_by=shares.detail.get("ended_by", shares.reason),
        median_error=statistics.median([*errors.values(), *[0.0] * exact]) if charged else float("nan"),
        worst_error=max(errors.values(), default=float("nan")),
        within_aim=(fine + exact) / max(1, len(charged)),
        open_percent=_open(many),
        in_core=found.verdict.in_core.value,
        core_empty=found.core_empty.value,
        discount_percent=(float(100 * found.discount_at_least / total), float(100 * (high or 0) / total)),
        largest_factor=found.verdict.largest_factor or float("nan"),
        factor_by_prices=by_prices.detail.get("factor", float("nan")),
        asked=found.asked,
        memory_mb=peak_memory_mb(),
    )


def _open(many: ManyMembers) -> float:
    """Return the mean width of the intervals of the groups that stability asked for, in percent of their upper ends."""
    widths = [float((high - low) / high) for low, high in many.known.values() if high]
    return 100 * statistics.fmean(widths) if widths else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instance", default="m073-s01")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--plan-minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--of-total", type=float, default=0.0002, help="part of the total that is good enough")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found = measure(asked.instance, asked.minutes, asked.plan_minutes, asked.seed, Aim(of_total=asked.of_total))
    print(f"{platform.python_version()}, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
    print("| measured | |\n|---|--:|")
    for name, value in asdict(found).items():
        print(f"| {name} | {value:.4g} |" if isinstance(value, float) else f"| {name} | {value} |")
    if asked.json:
        asked.json.write_text(json.dumps(asdict(found), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
