"""Plan real order lines, half-year by half-year: `python benchmarks/real_orders.py LINES.csv [--shares] [--out DIR]`.

LINES.csv is read by a mapping (default: `data/mappings/scms_haiti.toml`) and planned under an assumed tariff
(default: `data/mappings/scms_tariff.toml`). The table states, for each half-year, how many lines can be used, what the
plan costs, what is proven of it, what everybody would pay alone, and the seconds of planning. Costs are those of the
assumed tariff: they compare plans, they are no statement of what was paid.
"""

import argparse
import time
from pathlib import Path
from typing import NamedTuple

from consortium.importing_mapping import parse_mapping, read_mapped
from consortium.mapping_problems import PERIODS, PeriodProblem, parse_tariff, period_of, problems_by_period
from consortium.reference_data import reference_folder
from optimizer.checking import check_plan
from optimizer.comparison import compare
from optimizer.limits import Limits, ignore_progress, never_stop
from optimizer.planning import plan as plan_shipment
from optimizer.result import ShipmentPlan

HEADER = (
    "period", "lines", "usable", "consignments", "vendors", "cost", "bound", "gap ppm", "status",
    "containers", "LCL", "postal", "unplanned", "each alone", "saved %", "all LCL", "no waiting", "seconds",
)  # fmt: skip


class Row(NamedTuple):
    """What is summed over the periods."""

    lines: int
    usable: int
    consignments: int
    cost_minor: int
    alone_minor: int
    seconds: float


def money(amount_minor: int | None) -> str:
    return "-" if amount_minor is None else f"{amount_minor / 100:,.2f}"


def line(cells: list[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def lines_of(content: bytes, filename: str, mapping: str, by: str) -> tuple[dict[str, int], list[str]]:
    """Return how many rows the file has in each period, by the due date, and the rows without one."""
    rules = parse_mapping(mapping)
    everything = rules.model_copy(update={"unusable": {}, "joint": None})
    counts: dict[str, int] = {}
    undated = []
    for entry in read_mapped(everything, filename, content).entries["orders"]:
        if "due_date" in entry.values:
            period = period_of(entry.values["due_date"], by)
            counts[period] = counts.get(period, 0) + entry.rows
        else:
            undated.append(str(entry.place.row))
    return counts, undated


def measure(found: PeriodProblem, lines: int, time_limit_s: float, seed: int) -> tuple[Row, ShipmentPlan]:
    """Plan one period, have it judged, compare it, and print its row."""
    problem = found.problem
    start = time.perf_counter()
    plan = plan_shipment(problem, limits=Limits(time_limit_s=time_limit_s, work_limit=time_limit_s), seed=seed)
    seconds = time.perf_counter() - start
    violations = check_plan(problem, plan)
    assert not violations, violations
    other = compare(problem, plan, seed=seed)
    alone = other.all_alone.cost_minor
    saved = "-" if not alone else f"{100 * (alone - plan.cost_minor) / alone:.1f}"
    print(
        line(
            [
                found.period, lines, found.lines, len(problem.consignments), len(problem.members),
                money(plan.cost_minor), money(plan.lower_bound_minor), plan.gap_ppm, plan.status.value,
                len(plan.containers), len(plan.lcl), len(plan.postal), len(plan.unplanned),
                money(alone), saved, money(other.all_lcl.cost_minor), money(other.next_departure.cost_minor),
                f"{seconds:.2f}",
            ]
        ),
        flush=True,
    )  # fmt: skip
    return Row(lines, found.lines, len(problem.consignments), plan.cost_minor, alone or plan.cost_minor, seconds), plan


def tell_shares(found: PeriodProblem, plan: ShipmentPlan, rule: str, time_limit_s: float, seed: int) -> None:
    """Share the cost of one period and say what the certificate proves."""
    from optimizer.allocation.shares import certify_shares, share_costs
    from optimizer.shipment_game import shipment_game

    start = time.perf_counter()
    limits = Limits(time_limit_s=time_limit_s, work_limit=time_limit_s)
    game = shipment_game(
        found.problem, plan, limits=limits, seed=seed, on_progress=ignore_progress, should_stop=never_stop
    )
    shares = share_costs(found.problem, plan, game.game, game.direct, rule)
    total = sum(one.cost_share_minor for one in shares.members)
    assert not shares.members or total == plan.cost_minor, f"shares sum to {total}, the plan costs {plan.cost_minor}"
    verdict = certify_shares(game.game, shares).in_core.value if shares.members else shares.reason
    print(f"    {found.period} {rule}: core {verdict}, {time.perf_counter() - start:.2f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--mapping", type=Path, default=reference_folder() / "mappings" / "scms_haiti.toml")
    parser.add_argument("--tariff", type=Path, default=reference_folder() / "mappings" / "scms_tariff.toml")
    parser.add_argument("--by", choices=PERIODS, default="half-year")
    parser.add_argument("--shares", metavar="RULE", nargs="?", const="shapley", default="")
    parser.add_argument("--time-limit", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    mapping, content = asked.mapping.read_text(encoding="utf-8"), asked.file.read_bytes()
    rules = parse_mapping(mapping)
    sheets = read_mapped(rules, asked.file.name, content)
    entries = sheets.entries["orders"]
    tariff = parse_tariff(asked.tariff.read_text(encoding="utf-8"))
    problems, faults = problems_by_period(entries, rules, tariff, asked.by)
    refused: dict[str, int] = {}
    for fault in [*(one for entry in entries for one in entry.all_faults()), *faults]:
        refused[fault.code] = refused.get(fault.code, 0) + 1
    counts, undated = lines_of(content, asked.file.name, mapping, asked.by)
    print(f"{sheets.rows} lines; refused: {refused}; without a date: {len(undated)}\n")
    print(line(list(HEADER)))
    print(line(["---"] * len(HEADER)))
    rows, plans = [], []
    for found in problems:
        row, plan = measure(found, counts.get(found.period, 0), asked.time_limit, asked.seed)
        rows.append(row)
        plans.append(plan)
    cost, alone = sum(row.cost_minor for row in rows), sum(row.alone_minor for row in rows)
    print(
        f"\nAll: {sum(row.usable for row in rows)} of {sum(row.lines for row in rows)} lines, "
        f"{sum(row.consignments for row in rows)} consignments, cost {money(cost)}, each alone {money(alone)}, "
        f"saved {100 * (alone - cost) / alone:.1f} %, {sum(row.seconds for row in rows):.1f} s of planning"
    )
    if asked.shares:
        for found, plan in zip(problems, plans, strict=True):
            tell_shares(found, plan, asked.shares, asked.time_limit, asked.seed)


if __name__ == "__main__":
    main()
