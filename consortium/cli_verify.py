"""`consortium verify`: the judges alone, without any solver."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from consortium.allocation_checks import check_allocation
from consortium.cli_support import Language, Status, answer, tell_faults, tell_warnings
from consortium.errors import InputError, InputFault, Place
from consortium.formats.allocation_json import ALLOCATION_FORMAT, read_allocation_document
from consortium.formats.canonical import dumps
from consortium.formats.guards import MAX_JSON_BYTES, read_bytes
from consortium.formats.json_text import parse_json, show
from consortium.formats.plan_fields import PLAN_FORMAT, PlanDocument
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_fields import PROBLEM_FORMAT
from consortium.formats.problem_json import problem_of, problem_sha256
from consortium.plan_texts import VIOLATION
from consortium.texts import Texts
from optimizer.checking import check_plan
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan, Violation

FORMATS = (PROBLEM_FORMAT, PLAN_FORMAT, ALLOCATION_FORMAT)
PROBLEM_FILE = "problem.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judges say about one file."""

    file: str
    format: str
    violations: tuple[Violation, ...] = ()


class Bench:
    """The files that were given, read, and the problems that plans among them answer."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.faults: list[InputFault] = []
        self.warnings: list[InputFault] = []
        self.documents: dict[Path, Any] = {}
        self.problems: dict[str, ConsolidationProblem] = {}
        self.plans: dict[str, ShipmentPlan] = {}
        for path in paths:
            self._read(path)

    def verdicts(self) -> Iterator[Verdict]:
        """Judge every file in the order given, cost shares after the plans whose cost they share."""
        for path, document in sorted(self.documents.items(), key=lambda one: _kind(one[1]) == ALLOCATION_FORMAT):
            kind = _kind(document)
            if kind == PLAN_FORMAT:
                yield from self._judge_plan(path, document)
            elif kind == ALLOCATION_FORMAT:
                yield from self._judge_allocation(path, document)
            elif kind == PROBLEM_FORMAT:
                yield Verdict(str(path), PROBLEM_FORMAT)
            else:
                place = Place(file=str(path))
                expected = f"one of {', '.join(FORMATS)}"
                self.faults.append(InputFault("format", "wrong_format", expected, show(kind), place))

    def _read(self, path: Path) -> None:
        if path in self.documents:
            return
        try:
            document = parse_json(read_bytes(path, MAX_JSON_BYTES), str(path))
            self.documents[path] = document
            if isinstance(document, dict) and document.get("format") == PROBLEM_FORMAT:
                self._keep_problem(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)

    def _keep_problem(self, document: Any) -> str:
        problem, warnings = problem_of(document)
        self.warnings.extend(warnings)
        fingerprint = problem_sha256(problem)
        self.problems[fingerprint] = problem
        return fingerprint

    def _judge_plan(self, path: Path, document: Any) -> Iterator[Verdict]:
        try:
            plan, claims = read_plan_document(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)
            return
        problem = self._problem_of(path, claims)
        if problem is None:
            expected = f"the problem of the plan, {claims.problem_sha256}"
            self.faults.append(InputFault("", "missing", expected, "nothing", Place(file=str(path))))
            return
        self.plans[claims.problem_sha256] = plan
        found = list(_violations(problem, plan, claims))
        if claims.allocation:
            try:
                shares = read_allocation_document(claims.allocation)
            except InputError as error:
                self.faults.extend(replace(fault, path=f"allocation.{fault.path}") for fault in error.faults)
                return
            found += check_allocation(shares, plan)
        yield Verdict(str(path), PLAN_FORMAT, tuple(found))

    def _judge_allocation(self, path: Path, document: Any) -> Iterator[Verdict]:
        try:
            shares = read_allocation_document(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)
            return
        plan = self.plans.get(shares.problem_sha256)
        yield Verdict(str(path), ALLOCATION_FORMAT, check_allocation(shares, plan))

    def _problem_of(self, path: Path, claims: PlanDocument) -> ConsolidationProblem | None:
        """Return the problem that the plan names; failing that the only one at hand, so that the judge can object."""
        if claims.problem_sha256 in self.problems:
            return self.problems[claims.problem_sha256]
        beside = path.with_name(PROBLEM_FILE)
        if beside not in self.documents and beside.is_file():
            try:
                document = parse_json(read_bytes(beside, MAX_JSON_BYTES), str(beside))
                return self.problems[self._keep_problem(document)]
            except InputError as error:
                self.faults.extend(error.in_file(str(beside)).faults)
                return None
        return next(iter(self.problems.values())) if len(self.problems) == 1 else None


def _kind(document: Any) -> Any:
    return document.get("format") if isinstance(document, dict) else None


def _violations(problem: ConsolidationProblem, plan: ShipmentPlan, claims: PlanDocument) -> Iterator[Violation]:
    fingerprint = problem_sha256(problem)
    if claims.problem_sha256 != fingerprint:
        yield Violation(rule="problem_sha256", subject="plan", claimed=claims.problem_sha256, found=fingerprint)
    if claims.gap_ppm != plan.gap_ppm:
        yield Violation(rule="gap", subject="plan", claimed=str(claims.gap_ppm), found=str(plan.gap_ppm))
    yield from check_plan(problem, plan)


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command("verify", help=_("Re-check plans and cost shares with the judges alone, without any solver."))
    def verify(
        files: Annotated[
            list[Path],
            typer.Argument(metavar="FILE...", help=_("plans, their problems (or problem.json beside them), shares")),
        ],
        json: Annotated[bool, typer.Option("--json", help=_("print one JSON document and nothing else"))] = False,
        lang: Annotated[Language | None, typer.Option(help=_("language of messages"))] = None,  # noqa: ARG001 - seen
    ) -> None:
        raise typer.Exit(run_verify(files, texts, as_json=json))


def run_verify(paths: Iterable[Path], texts: Texts, *, as_json: bool) -> Status:
    """Judge files and tell every violation; return the exit status."""
    bench = Bench(paths)
    verdicts = list(bench.verdicts())
    tell_warnings(bench.warnings, texts)
    if bench.faults:
        tell_faults(bench.faults, texts)
        return Status.BAD_INPUT
    if as_json:
        answer(dumps(_document(verdicts)))
    else:
        answer("\n".join(_lines(verdicts, texts)) + "\n")
    return Status.VIOLATION if any(one.violations for one in verdicts) else Status.DONE


def _document(verdicts: list[Verdict]) -> dict[str, Any]:
    return {
        "format": "consortium/verification@1",
        "files": [
            {
                "file": one.file,
                "format": one.format,
                "violations": [
                    {"rule": each.rule, "subject": each.subject, "claimed": each.claimed, "found": each.found}
                    for each in one.violations
                ],
            }
            for one in verdicts
        ],
    }


def _lines(verdicts: list[Verdict], texts: Texts) -> Iterator[str]:
    for one in verdicts:
        if not one.violations:
            yield texts.gettext("{file}: no violation found ({format})", file=one.file, format=one.format)
        for each in one.violations:
            what = texts.gettext(
                VIOLATION, rule=each.rule, subject=each.subject, claimed=each.claimed, found=each.found
            )
            yield f"{one.file}: {what}"
