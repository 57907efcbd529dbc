"""`consortium plan`: the main job without a browser."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from consortium.allocation_checks import check_allocation
from consortium.cli_support import Language, Status, Teller, answer, tell, tell_faults, tell_warnings, write_files
from consortium.errors import InputError
from consortium.formats.allocation_json import allocation_to_json, read_allocation_document
from consortium.formats.canonical import dumps
from consortium.formats.plan_json import plan_to_json
from consortium.formats.problem_input import read_problem
from consortium.formats.problem_json import problem_sha256, problem_to_json
from consortium.plan_report import PlanReport
from consortium.plan_texts import STAGES, TIMES, VIOLATION
from consortium.texts import Texts
from optimizer.limits import Limits
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan, SolveStatus, Violation

DEFAULT_TIME_LIMIT_S = 60.0
PART_FOR_PLANNING = 0.5
"""Part of the time that planning may take when cost shares are wanted too."""
LEAST_SECONDS = 1.0
"""What pricing the groups of members gets at least."""
TIE_KEY = ""
"""Odd minor units go by the members' ids alone: the file must not depend on anything else."""


@dataclass(slots=True)
class Interrupt:
    """Remembers that Ctrl-C was pressed: the first press asks for the best answer so far, the second ends all."""

    texts: Texts
    pressed: bool = False

    def __call__(self) -> bool:
        """Say whether the search should stop."""
        return self.pressed

    def press(self, *_: object) -> None:
        """Note a Ctrl-C."""
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True
        tell(self.texts.gettext("stopping; the best plan so far will be given. Press Ctrl-C again to leave at once"))


@contextmanager
def watching(texts: Texts) -> Iterator[Interrupt]:
    """Turn Ctrl-C into a polite request while something runs."""
    interrupt = Interrupt(texts)
    before = signal.signal(signal.SIGINT, interrupt.press)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


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
    times: dict[str, float] = field(default_factory=dict)

    def timed(self, name: str, do: Callable[[], Any]) -> Any:
        """Do something and remember how long it took."""
        start = time.monotonic()
        try:
            return do()
        finally:
            self.times[name] = self.times.get(name, 0.0) + time.monotonic() - start


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
            float, typer.Option(metavar="SECONDS", min=0.1, help=_("wall-clock limit in seconds"))
        ] = DEFAULT_TIME_LIMIT_S,
        seed: Annotated[int, typer.Option(min=0, help=_("breaks ties; same seed, same plan"))] = 0,
        json: Annotated[bool, typer.Option("--json", help=_("print one JSON document and nothing else"))] = False,
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
        )
        raise typer.Exit(run_plan(source, task))


def run_plan(source: Path, task: Task) -> Status:
    """Read, plan, judge, share, write: return the exit status, having told everything on the right stream."""
    if task.out is not None and task.out.exists() and not task.out.is_dir():
        tell(task.texts.gettext("error: {what}", what=task.texts.gettext("{name} is not a folder", name=task.out)))
        return Status.BAD_INPUT
    if task.with_allocation and not _known_method(task):
        return Status.BAD_INPUT
    try:
        problem, warnings = task.timed("reading", lambda: read_problem(source))
    except InputError as error:
        tell_faults(error.faults, task.texts)
        return Status.BAD_INPUT
    tell_warnings(warnings, task.texts)
    with watching(task.texts) as interrupt:
        plan, violations = _planned(problem, task, interrupt)
        if violations:
            _tell_violations(violations, task.texts)
            return Status.VIOLATION
        allocation = _allocation(problem, plan, task, interrupt)
        violations = check_allocation(read_allocation_document(allocation), plan) if allocation else ()
        if violations:
            _tell_violations(violations, task.texts)
            return Status.VIOLATION
    document = plan_to_json(plan, problem, allocation=allocation)
    _give(problem, plan, document, task)
    if interrupt.pressed:
        return Status.INTERRUPTED
    return Status.NO_ANSWER if plan.status in (SolveStatus.INFEASIBLE, SolveStatus.UNKNOWN) else Status.DONE


def _known_method(task: Task) -> bool:
    from optimizer.allocation.registry import RULES

    if task.method in RULES:
        return True
    what = task.texts.gettext("unknown rule {name}: expected one of {names}", name=task.method, names=", ".join(RULES))
    tell(task.texts.gettext("error: {what}", what=what))
    return False


def _planned(
    problem: ConsolidationProblem, task: Task, interrupt: Interrupt
) -> tuple[ShipmentPlan, tuple[Violation, ...]]:
    from optimizer.checking import check_plan
    from optimizer.planning import plan

    part = PART_FOR_PLANNING if task.with_allocation else 1.0
    limits = Limits(time_limit_s=task.time_limit_s * part, work_limit=task.time_limit_s * part)
    teller = Teller(task.texts, STAGES, problem.currency)
    found: ShipmentPlan = task.timed(
        "planning",
        lambda: plan(problem, limits=limits, seed=task.seed, on_progress=teller, should_stop=interrupt),
    )
    if interrupt.pressed:
        found = replace(found, limits={**found.limits, "ended_by": "interrupted"})
    return found, task.timed("checking", lambda: check_plan(problem, found))


def _allocation(problem: ConsolidationProblem, plan: ShipmentPlan, task: Task, interrupt: Interrupt) -> dict[str, Any]:
    """Return the document of the cost shares; empty, having said why, when there are none."""
    if not task.with_allocation or interrupt.pressed or not (plan.containers or plan.lcl or plan.postal):
        return {}
    from optimizer.shipment_game import TooManyMembers, shipment_game

    from optimizer.allocation.shares import certify_shares, share_costs

    left = max(LEAST_SECONDS, task.time_limit_s - sum(task.times.values()))
    limits = Limits(time_limit_s=left, work_limit=left)
    teller = Teller(task.texts, STAGES, problem.currency)
    try:
        priced = task.timed(
            "pricing_coalitions",
            lambda: shipment_game(
                problem, plan, limits=limits, seed=task.seed, on_progress=teller, should_stop=interrupt
            ),
        )
    except TooManyMembers as error:
        what = task.texts.gettext("no cost shares, since there are too many members: {what}", what=error)
        tell(task.texts.gettext("warning: {what}", what=what))
        return {}
    if interrupt.pressed:
        return {}
    shares = task.timed(
        "allocating", lambda: share_costs(problem, plan, priced.game, priced.direct, task.method, tie_key=TIE_KEY)
    )
    if not shares.members:
        what = task.texts.gettext("the rule {name} has no answer here: {what}", name=task.method, what=shares.reason)
        tell(task.texts.gettext("warning: {what}", what=what))
    certificate = task.timed("certifying", lambda: certify_shares(priced.game, shares)) if shares.members else None
    document = allocation_to_json(
        shares,
        currency=problem.currency,
        problem_sha256=problem_sha256(problem),
        game=priced.game,
        certificate=certificate,
    )
    for member in shares.above_stand_alone:
        what = task.texts.gettext("{name} is charged more than it would pay alone", name=member)
        tell(task.texts.gettext("warning: {what}", what=what))
    return document


def _give(problem: ConsolidationProblem, plan: ShipmentPlan, document: dict[str, Any], task: Task) -> None:
    """Write the files, then the answer: what is printed has been kept."""
    if task.out is not None:
        contents = {"problem.json": dumps(problem_to_json(problem))}
        if document["allocation"]:
            contents["allocation.json"] = dumps(document["allocation"])
        contents["plan.json"] = dumps(document)
        write_files(task.out, contents)
        if "allocation.json" not in contents:
            (task.out / "allocation.json").unlink(missing_ok=True)  # it would be of another plan
    if task.as_json:
        answer(dumps(document))
    else:
        lines = PlanReport(problem, plan, task.texts).lines(document["allocation"])
        answer("\n".join(lines) + "\n")
    spent = ", ".join(f"{task.texts.gettext(TIMES[name])} {seconds:.2f} s" for name, seconds in task.times.items())
    tell(task.texts.gettext("times: {times}", times=spent))
    if task.out is not None:
        tell(task.texts.gettext("written: {names}", names=", ".join(str(task.out / name) for name in contents)))


def _tell_violations(violations: tuple[Violation, ...], texts: Texts) -> None:
    tell(texts.gettext("the judge refuses this plan; nothing was written"))
    for one in violations:
        tell(texts.gettext(VIOLATION, rule=one.rule, subject=one.subject, claimed=one.claimed, found=one.found))
