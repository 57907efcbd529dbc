"""Benchmarks of the load planning engine: `python -m benchmarks.loading COMMAND`.

  br        BR1-BR15, the published problems: mean fill of each class at several CPU limits
  unseen    problems of the same classes from new seeds, beside the published ones of the same file of runs
  multi     everything in the fewest containers, against a long run
  rich      one container with every rule on: objections of the judge by rule, centres of gravity
  rivals    packingsolver3d and py3dbp (and the engine) on the same problems: fill and objections by rule
  large     2,000 packages of 60 types: first plan, plans at several limits, memory, how late a cancel is answered
  mix       20', 40', 40' high cube and 45' at the least cost, against a long run

Every plan is judged by `optimizer.checking_loads`. Limits of the engine are CPU seconds of a warm process; start-up is
stated apart. Runs are kept in `--out` (JSON lines) as they end, and a command that was interrupted goes on from there.
Tables are Markdown. The exit code is 1 when the judge objects to a plan of the engine, never because it is not dense.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from pathlib import Path
from typing import Any

from benchmarks.load_generators import large_problem, mix_problem, rich_problem
from benchmarks.load_instances import BR_TYPES, CONTAINER_CM, PUBLISHED_SEED, br_problem, read_thpack
from benchmarks.load_rivals import RIVALS
from benchmarks.load_runs import METHODS, Run, Task, read_runs, runs, tasks_for, with_support
from benchmarks.tables import decimals, money, print_table
from consortium.formats.json_text import parse_json
from consortium.formats.load_json import load_problem_of
from optimizer.load_problem import LoadProblem

UNSEEN_SEED = 7_302_611
GOOD_PERMILLE, ACCEPTABLE_PERMILLE = 50, 100
"""How far the centre of gravity may be from the middle: as a rule, in special cases (CTU Code 2014, annex 7, 3.1.4)."""
CLTRS_FULL = {1: 94.51, 2: 94.73, 3: 94.74, 4: 94.41, 5: 94.13, 6: 93.85, 7: 93.20}
"""Mean of all 100 problems at 320 s under full support: Fanslau and Bortfeldt, INFORMS J. on Computing 22, 2010."""


def numbers(text: str) -> list[int]:
    """Return the numbers of a text like 1-7 or 1,3,5-7."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def finish(tasks: Iterable[Task], asked: argparse.Namespace) -> list[Run]:
    """Run all tasks and tell on the error output how far it is."""
    wanted = list(tasks)
    done: list[Run] = []
    for one in runs(wanted, asked.out, asked.jobs):
        done.append(one)
        objections = f" {one.violations}" if one.violations else ""
        print(
            f"{len(done)}/{len(wanted)} {one.instance} {one.method} {one.support} {one.limit_s:g} s: "
            f"{one.containers} x {one.fill_percent:.2f} %, {one.cpu_s:.1f} CPU s{objections}",
            file=sys.stderr, flush=True,
        )  # fmt: skip
    return done


def mean(values: Sequence[Any]) -> float | None:
    return sum(values) / len(values) if values else None


def objections(done: Iterable[Run]) -> Counter[str]:
    """Count the objections of the judge by rule."""
    found: Counter[str] = Counter()
    for one in done:
        found.update(one.violations)
    return found


def conclude(done: Sequence[Run]) -> int:
    """Print what was objected to and what start-up took; return the number of objections to the engine."""
    ours = [one for one in done if one.method == "engine"]
    found = objections(ours)
    by_rule = "".join(f", {rule} {number}" for rule, number in sorted(found.items()))
    if ours:
        print(f"\n- judge: {found.total()} objections in {len(ours)} plans of the engine{by_rule}")
        print(
            f"- start-up and compilation: {max(one.start_up_s for one in ours):.1f} CPU s at most, not counted; "
            f"most memory {max(one.memory_mb for one in ours)} MB"
        )
    return found.total()


def classed(
    asked: argparse.Namespace, support: str, first_seed: int = PUBLISHED_SEED
) -> Iterator[tuple[str, LoadProblem]]:
    """Yield name and problem: of the files of a folder, drawn from the published seeds, or from another first seed."""
    read = asked.folder if first_seed == PUBLISHED_SEED else None
    for number in asked.classes:
        held = read_thpack(read / f"thpack{number}.txt") if read else {}
        for which in asked.problems:
            if read and which not in held:
                raise SystemExit(f"{read}/thpack{number}.txt: expected problem {which}, found {sorted(held)}")
            problem = held[which] if read else br_problem(number, which, first_seed=first_seed)
            yield f"BR{number}-{which:03d}", with_support(problem, support)


def class_of(one: Run) -> int:
    return int(one.instance.removeprefix("BR").partition("-")[0])


def of_class(done: Iterable[Run], number: int, limit_s: float) -> list[Run]:
    return [one for one in done if class_of(one) == number and one.limit_s == limit_s]


def best_known(folder: Path | None) -> dict[str, float]:
    """Return the best known fill in percent by instance name, from the list of the folder where there is one."""
    path = folder / "best_known.csv" if folder else None
    if path is None or not path.exists():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {
            f"BR{row['file'].removeprefix('thpack').removesuffix('.txt')}-{int(row['problem']):03d}":
            100 * int(row["best_known_volume_cm3"]) / prod(CONTAINER_CM)
            for row in csv.DictReader(file)
        }  # fmt: skip


def with_mean(rows: Sequence[Sequence[object]]) -> list[Sequence[object]]:
    """Return rows with one more: the means of those columns that hold a float in every row."""
    columns = list(zip(*rows, strict=True))[1:]
    means = (mean(column) if all(isinstance(one, float) for one in column) else None for column in columns)
    return [*rows, ("mean", *means)]


def print_figures(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table with two decimals for floats and dashes for what is missing."""
    print_table(
        header, [[decimals(one) if one is None or isinstance(one, float) else one for one in row] for row in rows]
    )


def br(asked: argparse.Namespace) -> int:
    done = finish(tasks_for("br", classed(asked, asked.support), asked.cpu), asked)
    known = best_known(asked.folder)
    rows = []
    for number in asked.classes:
        at_last = of_class(done, number, max(asked.cpu))
        whole = len(at_last) == 100 and asked.support == "full"
        best = [known[one.instance] for one in at_last if one.instance in known]
        rows.append((
            f"BR{number}", BR_TYPES[number], len(at_last),
            *(mean([one.fill_percent for one in of_class(done, number, limit)]) for limit in asked.cpu),
            decimals(min(one.fill_percent for one in at_last)), decimals(max(one.cpu_s for one in at_last)),
            CLTRS_FULL.get(number) if whole else None, mean(best) if len(best) == len(at_last) else None,
        ))  # fmt: skip
    header = ["class", "types", "problems", *(f"{limit:g} CPU s: fill %" for limit in asked.cpu)]
    print(f"Support: {asked.support}.\n")
    print_figures(
        [*header, "least %", "most CPU s", "CLTRS full support, 320 s", "best known, no support"], with_mean(rows)
    )
    return conclude(done)


def unseen(asked: argparse.Namespace) -> int:
    problems = classed(asked, asked.support, asked.first_seed)
    done = finish(tasks_for(f"unseen {asked.first_seed}", problems, asked.cpu), asked)
    names = {one.instance for one in done}
    seen = [
        one for one in read_runs(asked.out)
        if one.command == "br" and one.support == asked.support and one.instance in names
    ]  # fmt: skip
    for limit in asked.cpu:
        rows = []
        for number in asked.classes:
            new, old = (
                mean([one.fill_percent for one in of_class(those, number, limit)]) for those in (done, seen)
            )  # fmt: skip
            rows.append((
                f"BR{number}", len(of_class(done, number, limit)), new, len(of_class(seen, number, limit)), old,
                None if new is None or old is None else new - old,
            ))  # fmt: skip
        print(f"\nSupport: {asked.support}, {limit:g} CPU s, first seed {asked.first_seed}.\n")
        print_figures(("class", "unseen", "fill %", "published", "fill %", "difference"), with_mean(rows))
    return conclude(done)


def against_long_run(asked: argparse.Namespace, problems: Sequence[tuple[str, LoadProblem]], by_cost: bool) -> int:
    """Compare a short run with a long one: containers or cost, the answer's bound, what is loaded."""
    done = finish(tasks_for(asked.command, problems, {*asked.cpu, asked.long}), asked)

    def figure(one: Run) -> int:
        return one.cost_minor if by_cost else one.containers

    def shown(number: int) -> str:
        return money(number) if by_cost else str(number)

    rows = []
    for name, problem in problems:
        at = {one.limit_s: one for one in done if one.instance == name}
        best = min((figure(one) for one in at.values() if one.loaded == one.packages), default=0)
        bound = max(one.bound for one in at.values())
        for limit in asked.cpu:
            one = at[limit]
            above = 100 * (figure(one) - best) / best if by_cost and best else figure(one) - best
            rows.append((
                name, len(problem.packages), one.packages, f"{limit:g}", shown(figure(one)),
                shown(figure(at[asked.long])), shown(bound), above if best else None,
                ", ".join(f"{number} {code}" for code, number in sorted(one.codes.items())),
                one.packages - one.loaded, one.fill_percent, one.first_s, one.cpu_s, one.status,
            ))  # fmt: skip
    what = "cost" if by_cost else "containers"
    print_figures((
        "instance", "types", "packages", "CPU s", what, f"{what} at {asked.long:g} s", "bound",
        "above best %" if by_cost else "above best", "of which", "left", "fill %", "first s", "used CPU s", "status",
    ), rows)  # fmt: skip
    return conclude(done)


def files(folder: Path) -> list[tuple[str, LoadProblem]]:
    paths = sorted(folder.glob("*.json"))
    return [(one.stem, load_problem_of(parse_json(one.read_bytes(), str(one)))) for one in paths]


def multi(asked: argparse.Namespace) -> int:
    return against_long_run(asked, files(asked.folder), by_cost=False)


def mix(asked: argparse.Namespace) -> int:
    return against_long_run(asked, [(f"mix-{seed}", mix_problem(seed)) for seed in asked.seeds], by_cost=True)


def off_centre(one: Run) -> int:
    """Return how far the centre of gravity is from the middle of the floor, in permille of length or width."""
    return max((abs(centre - 500) for at in one.centres for centre in at[:2]), default=0)


def rich(asked: argparse.Namespace) -> int:
    problems = files(asked.folder) if asked.folder else []
    problems += [(f"rich-{seed}", rich_problem(seed)) for seed in range(asked.first, asked.first + asked.generated)]
    done = finish(tasks_for("rich", problems, asked.cpu), asked)
    held = dict(problems)
    for limit in asked.cpu:
        those = [one for one in done if one.limit_s == limit]
        print(f"\n{limit:g} CPU s:\n")
        rows = []
        for what, chosen in (
            ("all", those),
            *((f"owners {kind}", [one for one in those if held[one.instance].owners == kind])
              for kind in ("free", "preferred", "strict")),
            ("partial support", [one for one in those if one.support not in ("full", "none")]),
            ("several stops", [one for one in those if len({it.stop for it in held[one.instance].packages}) > 1]),
        ):  # fmt: skip
            if chosen:
                good, fair = (
                    100 * sum(off_centre(one) <= width for one in chosen) / len(chosen)
                    for width in (GOOD_PERMILLE, ACCEPTABLE_PERMILLE)
                )
                low = 100 * sum(all(at[2] < 500 for at in one.centres) for one in chosen) / len(chosen)
                rows.append((
                    what, len(chosen), mean([one.fill_percent for one in chosen]),
                    mean([100 * one.packed_mm3 / one.offered_mm3 for one in chosen]),
                    objections(chosen).total(), good, fair, low,
                ))  # fmt: skip
        print_figures((
            "loads", "number", "fill %", "packed of offered %", "objections", "centre within 5 % %", "within 10 % %",
            "below half the height %",
        ), rows)  # fmt: skip
    return conclude(done)


def rivals(asked: argparse.Namespace) -> int:
    done: list[Run] = []
    for method in asked.methods:
        # Each method in processes of its own: what one keeps in memory is no load of the next.
        for support in ("full", "none") if method == "engine" else ("none",):
            done += finish(tasks_for("rivals", classed(asked, support), [asked.limit], method), asked)
    known = best_known(asked.folder)
    columns = list(dict.fromkeys((one.method, one.support) for one in done))
    by_column = {column: [one for one in done if (one.method, one.support) == column] for column in columns}
    rows = []
    for number in asked.classes:
        best = [fill for name, fill in known.items() if name in {f"BR{number}-{which:03d}" for which in asked.problems}]
        fills = (mean([one.fill_percent for one in those if class_of(one) == number]) for those in by_column.values())
        rows.append((f"BR{number}", *fills, mean(best) if len(best) == len(asked.problems) else None))
    titles = [f"{method}, support {support}" for method, support in columns]
    print_figures(("class", *(f"{title}: fill %" for title in titles), "best known"), with_mean(rows))
    print()
    rules = sorted({rule for one in done for rule in one.violations})
    header = ("packer", "plans", "packages", "without full support", "plans with such", "on nothing at all")
    print_table(
        (*header, *rules, "CPU s"),
        [
            (
                title, len(those), sum(one.loaded for one in those), sum(one.unsupported for one in those),
                sum(one.unsupported > 0 for one in those), sum(one.floating for one in those),
                *(objections(those)[rule] for rule in rules), decimals(mean([one.cpu_s for one in those])),
            )
            for title, those in zip(titles, by_column.values(), strict=True)
        ],
    )  # fmt: skip
    return conclude(done)


def large(asked: argparse.Namespace) -> int:
    problems = [(f"large-{seed}", large_problem(seed)) for seed in asked.seeds]
    done = finish(tasks_for("large", problems, asked.cpu), asked)
    done += finish(tasks_for("large", problems, [max(asked.cpu)], stop_after_s=asked.cancel), asked)
    print_figures(
        ("instance", "types", "packages", "limit CPU s", "containers", "bound", "fill %", "left", "first plan s",
         "CPU s", "wall s", "answered a cancel after s", "of which CPU s", "MB"),
        [
            (
                one.instance, len(problem.packages), one.packages,
                f"{one.limit_s:g}" if one.stop_after_s is None else f"cancelled at {one.stop_after_s:g} s",
                one.containers, one.bound, one.fill_percent, one.packages - one.loaded, one.first_s, one.cpu_s,
                one.wall_s, one.late_s, one.late_cpu_s, one.memory_mb,
            )
            for name, problem in problems
            for one in done
            if one.instance == name
        ],
    )  # fmt: skip
    return conclude(done)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="benchmarks.loading", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, help_text in (
        ("br", br, "folder of thpack files (default: drawn from the published seeds)"),
        ("unseen", unseen, ""),
        ("multi", multi, "folder of load problems"),
        ("rich", rich, "folder of load problems, beside the generated ones"),
        ("rivals", rivals, "folder of thpack files (default: drawn from the published seeds)"),
        ("large", large, ""),
        ("mix", mix, ""),
    ):
        made = commands.add_parser(name)
        made.set_defaults(run=run, folder=None)
        made.add_argument("--out", type=Path, default=Path("loading-runs.jsonl"), help="file of runs, continued")
        made.add_argument("--jobs", type=int, default=1, help="worker processes")
        if help_text:
            made.add_argument("folder", type=Path, nargs=None if name == "multi" else "?", help=help_text)
        if name in ("br", "unseen", "rivals"):
            made.add_argument("--classes", type=numbers, default=numbers("1-7"))
            made.add_argument("--problems", type=numbers, default=numbers("1-5" if name == "rivals" else "1-100"))
        if name in ("br", "unseen"):
            made.add_argument("--support", default="full", help="full, partial:N or none")
        if name != "rivals":
            usual = {"br": [1.0, 5.0], "unseen": [1.0, 5.0], "large": [20.0, 60.0]}.get(name, [10.0])
            made.add_argument("--cpu", type=float, nargs="+", default=usual, help="CPU seconds")
        if name in ("multi", "mix"):
            made.add_argument("--long", type=float, default=600.0, help="CPU seconds of the run to compare with")
        if name in ("mix", "large"):
            made.add_argument("--seeds", type=numbers, default=numbers("1-10" if name == "mix" else "1"))
    found = commands.choices
    found["unseen"].add_argument("--first-seed", type=int, default=UNSEEN_SEED)
    found["rich"].add_argument("--generated", type=int, default=100)
    found["rich"].add_argument("--first", type=int, default=1, help="first seed")
    found["rivals"].add_argument("--methods", nargs="+", choices=METHODS, default=list(RIVALS))
    found["rivals"].add_argument("--limit", type=float, default=10.0)
    found["large"].add_argument("--cancel", type=float, default=10.0, help="wall-clock seconds to a cancel")
    asked = parser.parse_args()
    return 1 if asked.run(asked) else 0


if __name__ == "__main__":
    sys.exit(main())
