"""`consortium load`: load plans alone, without departures or charges."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from consortium.cli_support import (
    MOST_SECONDS,
    Interrupt,
    Language,
    Status,
    Teller,
    answer,
    tell,
    tell_faults,
    tell_no_folder,
    tell_times,
    tell_violations,
    watching,
    write_files,
)
from consortium.cli_verify import LOAD_PROBLEM_FILE
from consortium.errors import InputError, located
from consortium.fault_texts import EXPECTATIONS, in_language
from consortium.formats.canonical import dumps
from consortium.formats.guards import MAX_JSON_BYTES, read_bytes
from consortium.formats.json_text import parse_json
from consortium.formats.load_json import load_plan_to_json, load_problem_of, load_problem_to_json
from consortium.formats.problem_fields import SUPPORT_EXPECTED
from consortium.load_report import LoadReport
from consortium.texts import Texts
from consortium.time_limits import DEFAULT_LOAD_TIME_LIMIT_S, load_limits_of
from optimizer.checking_answers import check_answer
from optimizer.load_problem import LoadProblem, support_permille
from optimizer.load_result import LoadAnswer
from optimizer.problem import ProblemError

PLAN_FILE = "load-plan.json"


@dataclass(slots=True, kw_only=True)
class Task:
    """What `consortium load` was asked to do, and the time that it took; `support_permille` None: as the file says."""

    texts: Texts
    support_permille: int | None
    out: Path | None
    time_limit_s: float
    seed: int
    as_json: bool
    with_levels: bool
    times: dict[str, float] = field(default_factory=dict)


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    def policy(name: str | None) -> str | None:
        if name is not None and support_permille(name) is None:
            expected = in_language(SUPPORT_EXPECTED, EXPECTATIONS, texts)
            raise typer.BadParameter(_("expected {expected}, found {found}", expected=expected, found=name))
        return name

    @app.command("load", help=_("Load packages into containers: where each stands, and in which order."))
    def load(
        source: Annotated[Path, typer.Argument(metavar="INPUT", help=_("load problem .json"))],
        support: Annotated[
            str | None,
            typer.Option(
                metavar="full|partial:N|none",
                callback=policy,
                help=_("part of every base that must rest on something; otherwise as the file says"),
            ),
        ] = None,
        out: Annotated[Path | None, typer.Option(metavar="DIR", help=_("folder for the files of the answer"))] = None,
        time_limit: Annotated[
            float, typer.Option(metavar="SECONDS", min=0.1, max=MOST_SECONDS, help=_("wall-clock limit in seconds"))
        ] = DEFAULT_LOAD_TIME_LIMIT_S,
        owner_prices: Annotated[
            bool,
            typer.Option(
                "--owner-prices",
                help=_("load under every level of keeping owners apart, each within the time limit, and compare"),
            ),
        ] = False,
        seed: Annotated[int, typer.Option(min=0, help=_("breaks ties; same seed, same plan"))] = 0,
        json: Annotated[bool, typer.Option("--json", help=_("print one JSON document and nothing else"))] = False,
        lang: Annotated[Language | None, typer.Option(help=_("language of messages"))] = None,  # noqa: ARG001 - seen
    ) -> None:
        task = Task(
            texts=texts,
            support_permille=None if support is None else support_permille(support),
            out=out,
            time_limit_s=time_limit,
            seed=seed,
            as_json=json,
            with_levels=owner_prices,
        )
        raise typer.Exit(run_load(source, task))


def run_load(source: Path, task: Task) -> Status:
    """Read, load, judge, write: return the exit status, having told everything on the right stream."""
    if task.out is not None and task.out.exists() and not task.out.is_dir():
        tell_no_folder(task.out, task.texts)
        return Status.BAD_INPUT
    start = time.monotonic()
    try:
        problem = load_problem_of(parse_json(read_bytes(source, MAX_JSON_BYTES), str(source)))
    except InputError as error:
        tell_faults(error.in_file(str(source)).faults, task.texts)
        return Status.BAD_INPUT
    task.times["reading"] = time.monotonic() - start
    asked = problem if task.support_permille is None else replace(problem, support_permille=task.support_permille)
    with watching(task.texts) as interrupt:
        try:
            found = _loaded(asked, task, interrupt)
        except ProblemError as error:
            faults = InputError(located(fault) for fault in error.faults).in_file(str(source)).faults
            tell_faults(faults, task.texts)
            return Status.BAD_INPUT
        start = time.monotonic()
        violations = check_answer(asked, found)
        task.times["judging"] = time.monotonic() - start
        if violations:
            tell_violations(violations, task.texts)
            return Status.VIOLATION
        _give(problem, found, task)
    if interrupt.pressed:
        return Status.INTERRUPTED
    return Status.DONE if found.loads or not problem.packages else Status.NO_ANSWER


def _loaded(problem: LoadProblem, task: Task, interrupt: Interrupt) -> LoadAnswer:
    # What searches is imported when there is something to search.
    from optimizer.load_answers import answer_load

    teller = Teller(task.texts, "", stage="loading")
    found = answer_load(
        problem,
        with_levels=task.with_levels,
        limits=load_limits_of(task.time_limit_s),
        seed=task.seed,
        # Costs and bounds are not told on the way: which unit they have depends on the objective.
        on_progress=lambda progress: teller(replace(progress, cost_minor=None, lower_bound_minor=None)),
        should_stop=interrupt,
    )
    task.times |= teller.times()
    return found


def _give(problem: LoadProblem, found: LoadAnswer, task: Task) -> None:
    """Write the files, then the answer: what is printed has been kept."""
    document = load_plan_to_json(found, problem)
    if task.out is not None:
        write_files(task.out, {LOAD_PROBLEM_FILE: dumps(load_problem_to_json(problem)), PLAN_FILE: dumps(document)})
    if task.as_json:
        answer(dumps(document))
    else:
        answer("\n".join(LoadReport(problem, found, task.texts).lines()) + "\n")
    tell_times(task.times, task.texts)
    if task.out is not None:
        names = ", ".join(str(task.out / name) for name in (LOAD_PROBLEM_FILE, PLAN_FILE))
        tell(task.texts.gettext("written: {names}", names=names))
