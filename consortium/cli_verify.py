"""`consortium verify`: the judges alone, without any solver."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from consortium.allocation_checks import check_allocation
from consortium.certificate_checks import JudgedPlan, check_certificate
from consortium.cli_support import Language, Status, answer, tell_faults, tell_warnings
from consortium.errors import InputError, InputFault, Place
from consortium.formats.allocation_json import ALLOCATION_FORMAT, AllocationDocument, read_allocation_document
from consortium.formats.canonical import dumps, sha256
from consortium.formats.certificate_json import CERTIFICATE_FORMAT, read_certificate_document
from consortium.formats.game_answer_json import ALLOCATIONS_FORMAT, read_allocations_document
from consortium.formats.game_json import GAME_FORMAT, GameDocument, game_to_json, read_game_document
from consortium.formats.guards import MAX_JSON_BYTES, read_bytes
from consortium.formats.json_text import parse_json, show
from consortium.formats.load_fields import LOAD_PLAN_FORMAT, LOAD_PROBLEM_FORMAT
from consortium.formats.load_json import load_problem_of, load_problem_sha256, read_load_plan_document
from consortium.formats.member_certificate_json import MEMBER_CERTIFICATE_FORMAT, read_member_certificate
from consortium.formats.plan_fields import PLAN_FORMAT, PlanDocument
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_fields import PROBLEM_FORMAT
from consortium.formats.problem_json import problem_of, problem_sha256
from consortium.game_checks import check_game_allocation, needs_game
from consortium.member_part_checks import check_member_part
from consortium.texts import Texts
from consortium.violation_texts import violation_sentence
from optimizer.checking import check_plan
from optimizer.checking_answers import check_answer
from optimizer.checking_placements import policy_permille
from optimizer.load_problem import LoadProblem
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan, Violation

FORMATS = (
    *(PROBLEM_FORMAT, PLAN_FORMAT, ALLOCATION_FORMAT, LOAD_PROBLEM_FORMAT, LOAD_PLAN_FORMAT),
    *(GAME_FORMAT, ALLOCATIONS_FORMAT, CERTIFICATE_FORMAT, MEMBER_CERTIFICATE_FORMAT),
)
PROBLEM_FILE = "problem.json"
LOAD_PROBLEM_FILE = "load-problem.json"
GAME_FILE = "game.json"
PLAN_FILE = "plan.json"
SHARES = (ALLOCATION_FORMAT, ALLOCATIONS_FORMAT)

Problem = TypeVar("Problem", ConsolidationProblem, LoadProblem, GameDocument)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the judges say about one file; `support` is the policy under which a load plan was judged."""

    file: str
    format: str
    violations: tuple[Violation, ...] = ()
    support: str = ""


class Bench:
    """The files that were given, read, and the problems that plans among them answer."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.faults: list[InputFault] = []
        self.warnings: list[InputFault] = []
        self.documents: dict[Path, Any] = {}
        self.problems: dict[str, ConsolidationProblem] = {}
        self.load_problems: dict[str, LoadProblem] = {}
        self.games: dict[str, GameDocument] = {}
        self.plans: list[JudgedPlan] = []
        self.certificates: list[Any] = []
        for path in paths:
            self._read(path)

    def verdicts(self) -> Iterator[Verdict]:
        """Judge every file in the order given, cost shares after the plans whose cost they share."""
        turn = dict.fromkeys(SHARES, 1) | {CERTIFICATE_FORMAT: 2, MEMBER_CERTIFICATE_FORMAT: 3}
        for path, document in sorted(self.documents.items(), key=lambda one: turn.get(_kind(one[1]), 0)):
            kind = _kind(document)
            if kind == PLAN_FORMAT:
                yield from self._judge_plan(path, document)
            elif kind in SHARES:
                yield from self._judge_allocation(path, document)
            elif kind == CERTIFICATE_FORMAT:
                yield from self._judge_certificate(path, document)
            elif kind == MEMBER_CERTIFICATE_FORMAT:
                yield from self._judge_member_part(path, document)
            elif kind == LOAD_PLAN_FORMAT:
                yield from self._judge_load_plan(path, document)
            elif kind in (PROBLEM_FORMAT, LOAD_PROBLEM_FORMAT, GAME_FORMAT):
                yield Verdict(str(path), kind)
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
            if _kind(document) == PROBLEM_FORMAT:
                self._keep_problem(document)
            elif _kind(document) == LOAD_PROBLEM_FORMAT:
                self._keep_load_problem(document)
            elif _kind(document) == GAME_FORMAT:
                self._keep_game(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)

    def _keep_problem(self, document: Any) -> str:
        problem, warnings = problem_of(document)
        self.warnings.extend(warnings)
        fingerprint = problem_sha256(problem)
        self.problems[fingerprint] = problem
        return fingerprint

    def _keep_load_problem(self, document: Any) -> str:
        problem = load_problem_of(document)
        fingerprint = load_problem_sha256(problem)
        self.load_problems[fingerprint] = problem
        return fingerprint

    def _keep_game(self, document: Any) -> str:
        game = read_game_document(document)
        fingerprint = sha256(game_to_json(game))
        self.games[fingerprint] = game
        return fingerprint

    def _judge_plan(self, path: Path, document: Any) -> Iterator[Verdict]:
        try:
            plan, claims = read_plan_document(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)
            return
        problem = self._problem_of(path, claims.problem_sha256, self.problems, PROBLEM_FILE, self._keep_problem)
        if problem is None:
            return
        found = list(_violations(problem, plan, claims))
        judged = JudgedPlan(document=document, plan=plan, problem=None if found else problem)
        self.plans.append(judged)
        if claims.allocation:
            try:
                shares = read_allocation_document(claims.allocation)
            except InputError as error:
                self.faults.extend(replace(fault, path=f"allocation.{fault.path}") for fault in error.faults)
                return
            found += _fingerprint(shares.problem_sha256, claims.problem_sha256, "allocation")
            found += check_allocation(shares, plan, judged.problem)
        yield Verdict(str(path), PLAN_FORMAT, tuple(found))

    def _judge_load_plan(self, path: Path, document: Any) -> Iterator[Verdict]:
        try:
            plan, claims = read_load_plan_document(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)
            return
        wanted = claims.problem_sha256
        problem = self._problem_of(path, wanted, self.load_problems, LOAD_PROBLEM_FILE, self._keep_load_problem)
        if problem is None:
            return
        found = [*_fingerprint(wanted, load_problem_sha256(problem))] if wanted else []
        # The policy is a choice of whoever asked for the plan: it is judged under the one that it names.
        asked = replace(problem, support_permille=policy_permille(plan.support))
        found += check_answer(asked, plan)
        yield Verdict(str(path), LOAD_PLAN_FORMAT, tuple(found), plan.support)

    def _judge_allocation(self, path: Path, document: Any) -> Iterator[Verdict]:
        try:
            claimed = read_allocations_document(document)
            found = [violation for shares in claimed for violation in self._judge_shares(path, shares)]
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)
            return
        yield Verdict(str(path), _kind(document), tuple(found))

    def _judge_shares(self, path: Path, shares: AllocationDocument) -> tuple[Violation, ...]:
        wanted = shares.game_sha256
        if not wanted:
            return self._judge_plan_shares(shares)
        if self.games or needs_game(shares):
            game = self._problem_of(path, wanted, self.games, GAME_FILE, self._keep_game)
            if game is not None:
                return check_game_allocation(shares, game, sha256(game_to_json(game)))
        return check_game_allocation(shares)

    def _judge_plan_shares(self, shares: AllocationDocument) -> tuple[Violation, ...]:
        judged = self._plan_named(problem_sha256=shares.problem_sha256)
        if judged is None:
            return check_allocation(shares)
        found = list(_fingerprint(shares.problem_sha256, judged.document["problem_sha256"], "allocation"))
        return (*found, *check_allocation(shares, judged.plan, judged.problem))

    def _plan_named(self, *, problem_sha256: str, plan_sha256: str = "") -> JudgedPlan | None:
        """Return the plan of this fingerprint, else one of the problem, else the only one: the judge can object."""
        by_plan = [one for one in self.plans if plan_sha256 and sha256(one.document) == plan_sha256]
        by_problem = [one for one in self.plans if one.document["problem_sha256"] == problem_sha256]
        found = by_plan or by_problem or (self.plans if len(self.plans) == 1 else [])
        return found[0] if found else None

    def _judge_certificate(self, path: Path, document: Any) -> Iterator[Verdict]:
        try:
            claims = read_certificate_document(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)
            return
        beside = path.with_name(PLAN_FILE)
        if not self.plans and beside not in self.documents and beside.is_file():
            self._read(beside)
            if beside in self.documents:
                yield from self._judge_plan(beside, self.documents[beside])
        judged = self._plan_named(problem_sha256=claims.problem_sha256, plan_sha256=claims.plan_sha256)
        found = check_certificate(claims, judged)
        self.certificates.append(document)
        yield Verdict(str(path), CERTIFICATE_FORMAT, found)

    def _judge_member_part(self, path: Path, document: Any) -> Iterator[Verdict]:
        try:
            claims = read_member_certificate(document)
        except InputError as error:
            self.faults.extend(error.in_file(str(path)).faults)
            return
        named = [one for one in self.certificates if sha256(one) == claims.certificate_sha256]
        known = named or self.certificates[:1]
        found = check_member_part(claims, known[0] if known else None)
        yield Verdict(str(path), MEMBER_CERTIFICATE_FORMAT, found)

    def _problem_of(
        self, path: Path, wanted: str, known: dict[str, Problem], name: str, keep: Callable[[Any], str]
    ) -> Problem | None:
        """Return the problem that a plan names; failing that the only one at hand, so that the judge can object.

        Parameters
        ----------
        wanted
            The fingerprint that the plan names.
        name, keep
            The file beside the plan that is looked into, and what reads its document.
        """
        if wanted in known:
            return known[wanted]
        beside = path.with_name(name)
        if beside not in self.documents and beside.is_file():
            try:
                document = parse_json(read_bytes(beside, MAX_JSON_BYTES), str(beside))
                return known[keep(document)]
            except InputError as error:
                self.faults.extend(error.in_file(str(beside)).faults)
                return None
        if len(known) == 1:
            return next(iter(known.values()))
        expected = f"the problem of the plan, {wanted or name}"
        self.faults.append(InputFault("", "missing", expected, "nothing", Place(file=str(path))))
        return None


def _kind(document: Any) -> Any:
    return document.get("format") if isinstance(document, dict) else None


def _fingerprint(claimed: str, found: str, subject: str = "plan") -> Iterator[Violation]:
    if claimed != found:
        yield Violation(rule="problem_sha256", subject=subject, claimed=claimed, found=found)


def _violations(problem: ConsolidationProblem, plan: ShipmentPlan, claims: PlanDocument) -> Iterator[Violation]:
    yield from _fingerprint(claims.problem_sha256, problem_sha256(problem))
    if claims.gap_ppm != plan.gap_ppm:
        yield Violation(rule="gap", subject="plan", claimed=str(claims.gap_ppm), found=str(plan.gap_ppm))
    yield from check_plan(problem, plan)


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command(
        "verify", help=_("Re-check plans, load plans and cost shares with the judges alone, without any solver.")
    )
    def verify(
        files: Annotated[
            list[Path],
            typer.Argument(
                metavar="FILE...",
                help=_("plans, load plans, their problems (or problem.json, load-problem.json beside them), shares"),
            ),
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
                **({"support": one.support} if one.support else {}),
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
            how = one.format
            if one.support:
                how = texts.gettext("{format} under the support policy {support}", format=how, support=one.support)
            yield texts.gettext("{file}: no violation found ({format})", file=one.file, format=how)
        for each in one.violations:
            yield f"{one.file}: {violation_sentence(each, texts)}"
