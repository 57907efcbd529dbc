"""Benchmarks of the consolidation engine: `python -m benchmarks.consolidation COMMAND`.

  generate     write the instances of the manifest, or check them against its fingerprints
  prove        the engine alone: cost, bound, gap, seconds, memory, against the targets of a set
  compare      the engine, first-fit decreasing, the compact model in CP-SAT and in SCIP, at several limits
  coalitions   all coalitions of small instances, as many as the time allows of large ones
  published    packing instances with known optima
  brute-force  tiny random problems against trying everything
  real         problem files of your own

Every run prints Markdown as it goes; `--out DIR` also gets a CSV file (and `compare` a plot). Each measured run has a
process of its own, is judged by `optimizer.checking`, and ends at its limit at the latest, plus what reading the file,
building a model and judging take. Costs are in units of the currency. The exit code is 1 when a judge or a comparison
objects, never because something was slow.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from benchmarks.brute_force import BruteForce, splits_problem, tiny_problem
from benchmarks.coalition_runs import measure_coalitions
from benchmarks.instances import SEEDS, STORED, instance, manifest, name_of, read, record, write, write_manifest
from benchmarks.packing import (
    UNIT,
    Packing,
    cut_bins,
    problem_of,
    read_packings,
    triplets,
    variable_bins,
    vector_triplets,
)
from benchmarks.solving import METHODS, ROOT, Outcome, measure
from benchmarks.tables import decimals, money, plot_ratios, print_table, write_csv
from consortium.formats.problem_json import problem_sha256
from optimizer.checking import check_plan
from optimizer.limits import Limits
from optimizer.planning import plan as plan_shipment
from optimizer.problem import ConsolidationProblem

PUBLISHED = ROOT / "tests" / "instances" / "consolidation"
STORED_SEEDS = {3: 3, 8: 3, 12: 3}
"""Members -> how many seeds are stored as files; the others are drawn again and checked by fingerprint."""

OUTCOME_HEADER = (
    "instance", "goods", "method", "limit s", "cost", "bound", "gap %", "status", "first s", "seconds", "MB",
    "to engine", "judge",
)  # fmt: skip
COALITION_HEADER = (
    "instance", "members", "coalitions", "proven", "mean gap %", "planning s", "prices s", "seconds", "a second",
    "checked", "agree", "MB", "sets closed by",
)  # fmt: skip


def drawn(folder: Path, sizes: Iterable[int], seeds: int | None) -> Iterator[tuple[Path, int]]:
    """Write the instances of some sizes; yield file and number of consignments, fingerprints checked."""
    known = manifest()
    for members in sizes:
        for seed in range(1, (seeds or SEEDS.get(members, 1)) + 1):
            problem, name = instance(members, seed), name_of(members, seed)
            if name in known and known[name]["sha256"] != problem_sha256(problem):
                raise SystemExit(f"{name}: drawn otherwise than the manifest says")
            path = folder / f"{name}.json.gz"
            write(problem, path)
            yield path, len(problem.consignments)


def generate(asked: argparse.Namespace) -> int:
    if asked.check or asked.out:
        folder = asked.out or Path(tempfile.mkdtemp(prefix="consolidation-"))
        folder.mkdir(parents=True, exist_ok=True)
        number = sum(1 for _ in drawn(folder, asked.members, asked.seeds))
        print(f"{number} instances as in the manifest, in {folder}")
        return 0
    STORED.mkdir(exist_ok=True)
    known = manifest()
    for members in asked.members:
        for seed in range(1, (asked.seeds or SEEDS[members]) + 1):
            problem, name = instance(members, seed), name_of(members, seed)
            known[name] = record(members, seed, problem)
            if seed <= STORED_SEEDS.get(members, 0):
                write(problem, STORED / f"{name}.json.gz")
    write_manifest(known)
    print(f"{len(known)} instances in the manifest")
    return 0


def row_of(one: Outcome, goods: int, engine_minor: int | None) -> tuple[object, ...]:
    ratio = one.cost_minor / engine_minor if one.cost_minor and engine_minor else None
    left = f", {one.unplanned} unplanned" if one.unplanned else ""
    judge = "-" if one.cost_minor is None else "; ".join(one.violations[:2]) or "accepted"
    return (
        one.instance, goods, one.method, f"{one.limit_s:g}", money(one.cost_minor), money(one.bound_minor),
        decimals(one.gap_percent, 3), one.status + left, decimals(one.first_s), decimals(one.seconds), one.memory_mb,
        decimals(ratio, 4), judge,
    )  # fmt: skip


def run_methods(
    files: Iterable[tuple[Path, int]], asked: argparse.Namespace, kept: list[Outcome]
) -> Iterator[tuple[object, ...]]:
    """Measure and yield one row for each file, limit and method; first-fit knows no limit and runs once."""
    for path, goods in files:
        for limit_s in sorted(asked.limits):
            engine_minor: int | None = None
            for method in sorted(asked.methods, key=METHODS.index):
                if method == "first-fit" and limit_s != min(asked.limits):
                    continue
                one = measure(path, method, limit_s, asked.seed, asked.memory_gb)
                engine_minor = one.cost_minor if method == "engine" else engine_minor
                kept.append(one)
                yield row_of(one, goods, engine_minor)


def report(kept: Sequence[Outcome], asked: argparse.Namespace, name: str, goods: dict[str, int]) -> int:
    """Write the files, print a summary, and return the number of objections."""
    rejected = [one for one in kept if one.violations]
    contradictions = sorted({name for name, one, other in pairs(kept) if contradict(one, other)})
    print()
    for method, limit_s in dict.fromkeys((one.method, one.limit_s) for one in kept):
        those = [one for one in kept if (one.method, one.limit_s) == (method, limit_s)]
        gaps = [one.gap_percent for one in those if one.gap_percent is not None]
        print(
            f"- {method}, {limit_s:g} s: "
            f"{sum(one.cost_minor is not None for one in those)} of {len(those)} with a plan, "
            f"{sum(one.status == 'optimal' for one in those)} proven, "
            f"largest gap {decimals(max(gaps, default=None), 3)} %, "
            f"mean {decimals(sum(gaps) / len(gaps) if gaps else None, 3)} %, "
            f"slowest {max(one.seconds for one in those):.1f} s, most memory {max(one.memory_mb for one in those)} MB"
        )
    print(
        f"- judge: {len(kept) - len(rejected)} of {len(kept)} runs without objection; "
        f"a plan below another's bound: {', '.join(contradictions) or 'none'}"
    )
    if asked.out:
        engine = {(one.instance, one.limit_s): one.cost_minor for one in kept if one.method == "engine"}
        rows = [row_of(one, goods.get(one.instance, 0), engine.get((one.instance, one.limit_s))) for one in kept]
        write_csv(asked.out / f"{name}.csv", OUTCOME_HEADER, rows)
        write_csv(
            asked.out / f"{name}-progress.csv", ("instance", "method", "limit s", "seconds", "cost", "bound"),
            [(one.instance, one.method, one.limit_s, *point) for one in kept for point in one.progress],
        )  # fmt: skip
        if len(kept) > 1:
            plot_ratios(asked.out / f"{name}.svg", kept)
    return len(rejected) + len(contradictions)


def pairs(kept: Sequence[Outcome]) -> Iterator[tuple[str, Outcome, Outcome]]:
    """Yield every two answers to the same instance that carry everything."""
    whole = [one for one in kept if one.cost_minor is not None and not one.unplanned]
    yield from ((one.instance, one, other) for one in whole for other in whole if one.instance == other.instance)


def contradict(one: Outcome, other: Outcome) -> bool:
    """Say whether the bound of one is above the cost of the other, floating point of a MIP solver forgiven."""
    bound, cost = one.bound_minor or 0, other.cost_minor or 0
    return bound > cost + (2 + cost // 1_000_000 if one.method == "scip" else 0)


def compare(asked: argparse.Namespace) -> int:
    kept: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        files = list(drawn(Path(folder), asked.members, asked.seeds))
        print_table(OUTCOME_HEADER, run_methods(files, asked, kept))
        return report(kept, asked, asked.command, {path.name.split(".")[0]: goods for path, goods in files})


def prove(asked: argparse.Namespace) -> int:
    asked.methods = ["engine"]
    return compare(asked)


def real(asked: argparse.Namespace) -> int:
    paths = [found for path in asked.paths for found in (sorted(path.glob("*.json*")) if path.is_dir() else [path])]
    files = [(path, len(read(path).consignments)) for path in paths]
    kept: list[Outcome] = []
    print_table(OUTCOME_HEADER, run_methods(files, asked, kept))
    return report(kept, asked, "real", {path.name.split(".")[0]: goods for path, goods in files})


def coalitions(asked: argparse.Namespace) -> int:
    rows: list[tuple[object, ...]] = []
    objections = 0

    def found_rows(folder: Path) -> Iterator[tuple[object, ...]]:
        nonlocal objections
        for path, _ in drawn(folder, asked.members, asked.seeds):
            found = measure_coalitions(path, asked.limit, asked.sample, asked.check, asked.workers, asked.work_each)
            if isinstance(found, str):
                row: tuple[object, ...] = (path.name.split(".")[0], found, *["-"] * (len(COALITION_HEADER) - 2))
            else:
                objections += found.checked - found.agree
                row = (
                    found.instance, found.members, found.coalitions, found.proven, decimals(found.mean_gap_percent, 3),
                    decimals(found.plan_s), decimals(found.prices_s), decimals(found.seconds),
                    decimals(found.coalitions / found.seconds, 1), found.checked, found.agree, found.memory_mb,
                    ", ".join(f"{way} {number}" for way, number in sorted(found.ways.items())) or "-",
                )  # fmt: skip
            rows.append(row)
            yield row

    with tempfile.TemporaryDirectory() as folder:
        print_table(COALITION_HEADER, found_rows(Path(folder)))
    if asked.out:
        write_csv(asked.out / "coalitions.csv", COALITION_HEADER, rows)
    return objections


def packings(large: bool) -> Iterator[Packing]:
    """Yield the stored instances and drawn ones."""
    yield from read_packings(PUBLISHED)
    sizes = (60, 120, 249) if large else (30, 60)
    for seed in (1, 2, 3):
        for items in sizes:
            yield triplets(items, seed)
        for items in (24, 51, 99) if large else (24, 51):
            yield vector_triplets(items, seed)
        for items in (25, 50, 100) if large else (25,):
            for smallest in (1, 20, 50):
                yield variable_bins(items, smallest, (100, 120, 150), seed)
                yield variable_bins(items, smallest, (60, 80, 100, 120, 150), seed)
        yield cut_bins(((100, 0, 100), (120, 0, 120), (150, 0, 150)), (3, 3, 4), 4, seed)
        yield cut_bins(((100, 80, 100), (150, 120, 150)), (4, 5), 4, seed)


def published(asked: argparse.Namespace) -> int:
    missed = 0
    rows: list[tuple[object, ...]] = []

    def found_rows(folder: Path) -> Iterator[tuple[object, ...]]:
        nonlocal missed
        for packing in packings(asked.large):
            for departures in (1, asked.departures) if asked.departures > 1 else (1,):
                path = folder / f"{packing.name}.json"
                write(problem_of(packing, departures), path)
                one = measure(path, "engine", asked.limit, asked.seed)
                met = one.cost_minor == packing.optimum * UNIT and not one.violations
                missed += not met and packing.why != "unknown"
                row = (
                    packing.name, len(packing.items), len(packing.bins), departures, packing.optimum, packing.why,
                    decimals((one.cost_minor or 0) / UNIT, 0), decimals((one.bound_minor or 0) / UNIT), one.status,
                    decimals(one.seconds), "yes" if met else "no",
                )  # fmt: skip
                rows.append(row)
                yield row

    header = (
        "instance", "items", "bins", "departures", "optimum", "known by", "cost", "bound", "status", "seconds", "met",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        print_table(header, found_rows(Path(folder)))
    if asked.out:
        write_csv(asked.out / "published.csv", header, rows)
    print(f"\nOptima missed: {missed} of {len(rows)}")
    return missed


def difference(seed: int) -> tuple[bool, str]:
    """Say whether goods of a tiny problem can be split, and what is wrong with the engine's answer, if anything."""
    problem = tiny_problem(seed)
    return any(one.can_split for one in problem.consignments), difference_of(problem)


def two_splits_difference(seed: int) -> tuple[bool, str]:
    """Do the same for a problem with two consignments that can be split."""
    return True, difference_of(splits_problem(seed))


def difference_of(problem: ConsolidationProblem) -> str:
    """Return what is wrong with the engine's answer to a tiny problem, nothing when it is the least cost, proven."""
    behind, cost = BruteForce(problem).least()
    found = plan_shipment(problem, limits=Limits(time_limit_s=30, work_limit=30))
    violations = check_plan(problem, found)
    if violations:
        return f"judge: {violations[0]}"
    stays = len({entry.consignment for entry in found.unplanned})
    if (stays, found.cost_minor) != (behind, cost):
        return f"left behind and cost: expected ({behind}, {cost}), found ({stays}, {found.cost_minor})"
    if found.lower_bound_minor > cost:
        return f"bound: expected <= {cost}, found {found.lower_bound_minor}"
    return "" if found.status.value in ("optimal", "infeasible") else "not proven"


def brute_force(asked: argparse.Namespace) -> int:
    began = time.perf_counter()
    seeds = range(asked.first, asked.first + asked.count)
    wrong: dict[tuple[str, bool], list[int]] = {}
    done = {False: 0, True: 0}
    compared = two_splits_difference if asked.two_splits else difference
    # Spawned: CP-SAT has threads, which a forked process would miss.
    with get_context("spawn").Pool(asked.jobs) as pool:
        for seed, (split, found) in zip(seeds, pool.imap(compared, seeds, chunksize=20), strict=True):
            done[split] += 1
            if found:
                wrong.setdefault(("not proven" if found == "not proven" else "differs", split), []).append(seed)
            if found and found != "not proven":
                print(f"- seed {seed}: {found}", flush=True)
            if time.perf_counter() - began > asked.limit:
                pool.terminate()
                break
    print(f"\n{sum(done.values())} problems in {time.perf_counter() - began:.0f} s")
    for split, number in done.items():
        differs, unproven = wrong.get(("differs", split), []), wrong.get(("not proven", split), [])
        kind = "with goods that can be split" if split else "of whole consignments"
        print(
            f"- {number} {kind}: {len(differs)} differ, "
            f"{len(unproven)} right but not proven (first seeds {unproven[:10]})"
        )
    return sum(len(seeds) for (kind, _), seeds in wrong.items() if kind == "differs")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmarks.consolidation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, members: Sequence[int] = ()) -> argparse.ArgumentParser:
        made = commands.add_parser(name)
        made.add_argument("--out", type=Path, help="folder for CSV files and plots")
        made.add_argument("--seed", type=int, default=0, help="seed of the engine")
        made.add_argument("--memory-gb", type=float, default=8.0, help="most address space of a measured process")
        if members:
            made.add_argument("--members", type=int, nargs="+", default=list(members))
            made.add_argument("--seeds", type=int, help="instances of each size (default: as many as the set has)")
        return made

    command("generate", tuple(SEEDS)).add_argument("--check", action="store_true", help="only compare fingerprints")
    command("prove", (3, 8, 12)).add_argument("--limits", type=float, nargs="+", default=[10.0])
    for name in ("compare", "real"):
        made = command(name, (8, 12, 23)) if name == "compare" else command(name)
        made.add_argument("--limits", type=float, nargs="+", default=[10.0, 60.0] if name == "compare" else [60.0])
        usual = METHODS if name == "compare" else METHODS[:1]
        made.add_argument("--methods", nargs="+", choices=METHODS, default=list(usual))
        if name == "real":
            made.add_argument("paths", type=Path, nargs="+", help="problem files or folders of them")
    made = command("coalitions", (8, 12))
    made.add_argument("--limit", type=float, default=60.0)
    made.add_argument("--sample", type=int, default=0, help="random coalitions instead of all")
    made.add_argument("--check", type=int, default=5, help="coalitions to plan anew")
    made.add_argument("--workers", type=int, default=0, help="worker processes, 0 for none")
    made.add_argument("--work-each", type=float, default=0.0, help="work of searching each coalition of a sample")
    made = command("published")
    made.add_argument("--limit", type=float, default=60.0)
    made.add_argument("--departures", type=int, default=2, help="identical departures of a second run")
    made.add_argument("--large", action="store_true", help="also large instances")
    made = command("brute-force")
    made.add_argument("--count", type=int, default=300)
    made.add_argument("--first", type=int, default=0)
    made.add_argument("--two-splits", action="store_true", help="problems with two consignments that can be split")
    made.add_argument("--jobs", type=int, default=1)
    made.add_argument("--limit", type=float, default=3600.0)
    asked = parser.parse_args()
    run = {
        "generate": generate, "prove": prove, "compare": compare, "coalitions": coalitions, "published": published,
        "brute-force": brute_force, "real": real,
    }[asked.command]  # fmt: skip
    return 1 if run(asked) else 0


if __name__ == "__main__":
    sys.exit(main())
