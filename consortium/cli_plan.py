"""`consortium plan`: the main job without a browser."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from consortium.certificate_checks import JudgedPlan, check_certificate
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
    tell_warnings,
    watching,
    write_files,
)
from consortium.errors import InputError
from consortium.formats.canonical import dumps, sha256
from consortium.formats.certificate_json import read_certificate_document
from consortium.formats.problem_input import read_problem
from consortium.formats.problem_json import problem_to_json
from consortium.plan_report import PlanReport
from consortium.plan_texts import MISSING_SHARES
from consortium.texts import Texts
from consortium.time_limits import DEFAULT_TIME_LIMIT_S, limits_of
from optimizer.problem import ConsolidationProblem
from optimizer.result import SolveStatus, Violation

if TYPE_CHECKING:
    from consortium.plan_making import MadePlan


@dataclass(slots=True, kw_only=True)
class Task:
    """What `consortium plan` was asked to do, and the time that it took."""

    texts: Texts
    out: Path | None
    method: str
    with_allocation: bool
    with_load_plan: bool
    time_limit_s: float
    seed: int
    as_json: bool
    explain: Path | None = None
    times: dict[str, float] = field(default_factory=dict)


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command("plan", help=_("Plan shipments at least landed cost and share the cost."))
    def plan(
        source: Annotated[
            Path, typer.Argument(metavar="INPUT", help=_("problem .json, workbook .xlsx or folder of CSV files"))
        ],
        out: Annotated[Path | None, typer.Option(metavar="DIR", help=_("folder for the files of the answer"))] = None,
        method: Annotated[str, typer.Option(help=_("rule by which the cost is shared"))] = "shapley",
        no_load_plan: Annotated[bool, typer.Option("--no-load-plan", help=_("leave out where packages stand"))] = False,
        no_allocation: Annotated[bool, typer.Option("--no-allocation", help=_("leave out the cost shares"))] = False,
        time_limit: Annotated[
            float, typer.Option(metavar="SECONDS", min=0.1, max=MOST_SECONDS, help=_("wall-clock limit in seconds"))
        ] = DEFAULT_TIME_LIMIT_S,
        seed: Annotated[int, typer.Option(min=0, help=_("breaks ties; same seed, same plan"))] = 0,
        json: Annotated[bool, typer.Option("--json", help=_("print one JSON document and nothing else"))] = False,
        explain: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                help=_("file for the answers about the plan: why not, what else, prices of wishes, free room"),
            ),
        ] = None,
        lang: Annotated[Language | None, typer.Option(help=_("language of messages"))] = None,  # noqa: ARG001 - seen
    ) -> None:
        task = Task(
            texts=texts,
            out=out,
            method=method,
            with_allocation=not no_allocation,
            with_load_plan=not no_load_plan,
            time_limit_s=time_limit,
            seed=seed,
            as_json=json,
            explain=explain,
        )
        raise typer.Exit(run_plan(source, task))


def run_plan(source: Path, task: Task) -> Status:
    """Read, plan, judge, share, write: return the exit status, having told everything on the right stream."""
    if task.out is not None and task.out.exists() and not task.out.is_dir():
        tell_no_folder(task.out, task.texts)
        return Status.BAD_INPUT
    if task.explain is not None and not task.explain.absolute().parent.is_dir():
        tell_no_folder(task.explain.absolute().parent, task.texts)
        return Status.BAD_INPUT
    if task.with_allocation and not _known_method(task):
        return Status.BAD_INPUT
    start = time.monotonic()
    try:
        problem, warnings = read_problem(source)
    except InputError as error:
        tell_faults(error.faults, task.texts)
        return Status.BAD_INPUT
    tell_warnings(warnings, task.texts)
    task.times["reading"] = time.monotonic() - start
    with watching(task.texts) as interrupt:
        made = _made(problem, task, interrupt)
        document = made.document()
        certificate = made.certificate_document(document)
        violations = made.violations or _judge_shares(made, document, certificate)
        if violations:
            tell_violations(violations, task.texts)
            return Status.VIOLATION
        _tell_shares(made, task)
        _give(made, document, certificate, task)
        if task.explain is not None:
            _explain(made, document, task, interrupt)
    if interrupt.pressed:
        return Status.INTERRUPTED
    nothing = made.plan.status in (SolveStatus.INFEASIBLE, SolveStatus.UNKNOWN)
    return Status.NO_ANSWER if nothing else Status.DONE


def _known_method(task: Task) -> bool:
    from optimizer.allocation.shares import PLAN_RULES

    if task.method in PLAN_RULES:
        return True
    names = ", ".join(PLAN_RULES)
    what = task.texts.gettext("unknown rule {name}: expected one of {names}", name=task.method, names=names)
    tell(task.texts.gettext("error: {what}", what=what))
    return False


def _made(problem: ConsolidationProblem, task: Task, interrupt: Interrupt) -> "MadePlan":
    from consortium.plan_making import make_plan  # what searches is imported when there is something to search

    teller = Teller(task.texts, problem.currency)
    made = make_plan(
        problem,
        rule=task.method,
        limits=limits_of(task.time_limit_s),
        seed=task.seed,
        with_shares=task.with_allocation,
        with_comparison=False,
        with_load_plan=task.with_load_plan,
        on_progress=teller,
        should_stop=interrupt,
    )
    task.times |= teller.times()
    return made


def _judge_shares(made: "MadePlan", document: dict[str, Any], certificate: dict[str, Any]) -> tuple[Violation, ...]:
    if not certificate:
        return ()
    judged = JudgedPlan(document=document, plan=made.plan, problem=made.problem)
    return check_certificate(read_certificate_document(certificate), judged)


def _tell_shares(made: "MadePlan", task: Task) -> None:
    """Tell why there are no shares, and who pays more than it would alone."""
    _ = task.texts.gettext
    if task.with_allocation and made.shares_missing:
        what = _(MISSING_SHARES.get(made.shares_missing, made.shares_missing))
        tell(_("warning: {what}", what=_("no cost shares by the rule {name}: {what}", name=task.method, what=what)))
    for member in made.shares.above_stand_alone if made.shares else ():
        tell(_("warning: {what}", what=_("{name} is charged more than it would pay alone", name=member)))


def _give(made: "MadePlan", document: dict[str, Any], certificate: dict[str, Any], task: Task) -> None:
    """Write the files, then the answer: what is printed has been kept."""
    if task.out is not None:
        contents = {"problem.json": dumps(problem_to_json(made.problem))}
        about_shares = {"allocation.json": document["allocation"], "certificate.json": certificate}
        contents |= {name: dumps(one) for name, one in about_shares.items() if one}
        contents["plan.json"] = dumps(document)
        write_files(task.out, contents)
        for name in set(about_shares) - set(contents):
            (task.out / name).unlink(missing_ok=True)  # it would be of another plan
    if task.as_json:
        answer(dumps(document))
    else:
        lines = PlanReport(made.problem, made.plan, task.texts).lines(document["allocation"])
        answer("\n".join(lines) + "\n")
    tell_times(task.times, task.texts)
    if task.out is not None:
        tell(task.texts.gettext("written: {names}", names=", ".join(str(task.out / name) for name in contents)))


def _explain(made: "MadePlan", document: dict[str, Any], task: Task, interrupt: Interrupt) -> None:
    """Write the answers about the plan, those that take searches too; interrupted, those found so far."""
    from consortium.formats.answers_json import answers_to_json
    from consortium.plan_answers import all_answers

    assert task.explain is not None
    teller = Teller(task.texts, made.problem.currency)
    found = all_answers(
        made.problem,
        made.plan,
        sha256(document),
        time_limit_s=task.time_limit_s,
        seed=task.seed,
        on_progress=teller,
        should_stop=interrupt,
    )
    write_files(task.explain.absolute().parent, {task.explain.name: dumps(answers_to_json(found))})
    tell(task.texts.gettext("written: {names}", names=task.explain))
