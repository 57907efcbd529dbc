"""`consortium allocate`: cost shares of a cooperative game."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from consortium.allocation_texts import REASONS, STATUSES, VERDICTS
from consortium.cli_support import (
    MOST_SECONDS,
    Language,
    Status,
    answer,
    tell,
    tell_faults,
    tell_no_folder,
    tell_times,
    tell_violations,
    watching,
    write_files,
)
from consortium.errors import InputError
from consortium.formats.canonical import dumps
from consortium.formats.game_answer_json import read_allocations_document, several
from consortium.formats.game_json import game_to_json, read_game_document
from consortium.formats.guards import MAX_JSON_BYTES, read_bytes
from consortium.formats.json_text import parse_json
from consortium.game_checks import check_game_allocation
from consortium.plan_report import table
from consortium.texts import Texts

if TYPE_CHECKING:
    from consortium.game_sharing import GameSharing

GAME_FILE = "game.json"
DEFAULT_TIME_LIMIT_S = 600.0
MOST_SAMPLES = 10**7


@dataclass(slots=True, kw_only=True)
class Task:
    """What `consortium allocate` was asked to do."""

    texts: Texts
    methods: str
    unit_minor: int | None
    out: Path | None
    time_limit_s: float
    seed: int
    as_json: bool
    samples: int | None = None


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command("allocate", help=_("Share the cost (or the gain) of a cooperative game."))
    def allocate(
        source: Annotated[Path, typer.Argument(metavar="GAME.json", help=_("game .json"))],
        method: Annotated[
            str, typer.Option(metavar="M[,M2...]|all", help=_("rules by which to share, or all"))
        ] = "shapley",
        unit_minor: Annotated[
            int | None, typer.Option(metavar="N", min=1, help=_("round to multiples of N whose sum is exact"))
        ] = None,
        samples: Annotated[
            int | None,
            typer.Option(
                metavar="N", min=1, max=MOST_SAMPLES, help=_("estimate shapley by the work of N orders of all players")
            ),
        ] = None,
        out: Annotated[Path | None, typer.Option(metavar="DIR", help=_("folder for the files of the answer"))] = None,
        time_limit: Annotated[
            float, typer.Option(metavar="SECONDS", min=0.1, max=MOST_SECONDS, help=_("wall-clock limit in seconds"))
        ] = DEFAULT_TIME_LIMIT_S,
        seed: Annotated[
            int, typer.Option(min=0, help=_("decides what is drawn, and whose turn it is to take an odd unit"))
        ] = 0,
        json: Annotated[bool, typer.Option("--json", help=_("print one JSON document and nothing else"))] = False,
        lang: Annotated[Language | None, typer.Option(help=_("language of messages"))] = None,  # noqa: ARG001 - seen
    ) -> None:
        task = Task(
            texts=texts,
            methods=method,
            unit_minor=unit_minor,
            out=out,
            time_limit_s=time_limit,
            seed=seed,
            as_json=json,
            samples=samples,
        )
        raise typer.Exit(run_allocate(source, task))


def run_allocate(source: Path, task: Task) -> Status:
    """Read, share, judge, write: return the exit status, having told everything on the right stream."""
    from consortium.game_sharing import GameSharing, methods_for  # what searches is imported when it is needed

    if task.out is not None and task.out.exists() and not task.out.is_dir():
        tell_no_folder(task.out, task.texts)
        return Status.BAD_INPUT
    start = time.monotonic()
    with watching(task.texts) as interrupt:
        try:
            found = read_game_document(parse_json(read_bytes(source, MAX_JSON_BYTES), str(source)))
            methods = methods_for(task.methods, found)
            sharing = GameSharing(
                found=found,
                unit_minor=task.unit_minor,
                tie_key=str(task.seed),
                samples=task.samples,
                seed=task.seed,
                should_stop=interrupt,
            )
        except InputError as error:
            tell_faults(error.in_file(str(source)).faults, task.texts)
            return Status.BAD_INPUT
        documents = list(_documents(sharing, methods, start + task.time_limit_s))
        whole = documents[0] if len(documents) == 1 else several(documents)
        violations = [
            violation
            for claims in read_allocations_document(whole)
            for violation in check_game_allocation(claims, found, sharing.fingerprint)
        ]
        if violations:
            tell_violations(violations, task.texts)
            return Status.VIOLATION
        _give(sharing, documents, whole, task)
    tell_times({"sharing": time.monotonic() - start}, task.texts)
    if interrupt.pressed:
        return Status.INTERRUPTED
    return Status.NO_ANSWER if len(documents) == 1 and not documents[0].get("shares") else Status.DONE


def _documents(sharing: "GameSharing", methods: tuple[str, ...], deadline: float) -> Iterator[dict[str, Any]]:
    """Share by one rule after another until the time is over or somebody stops it: the others say why they do not."""
    for method in methods:
        left = deadline - time.monotonic()
        if left < 0 or sharing.should_stop():
            yield sharing.undefined(method, "time_limit" if left < 0 else "stopped")
        else:
            yield sharing.document(method, time_limit_s=left)


def _give(sharing: "GameSharing", documents: list[dict[str, Any]], whole: dict[str, Any], task: Task) -> None:
    """Write the files, then the answer: what is printed has been kept."""
    from consortium.game_sharing import degenerate

    _ = task.texts.gettext
    name = "allocation.json" if len(documents) == 1 else "allocations.json"
    if task.out is not None:
        write_files(task.out, {GAME_FILE: dumps(game_to_json(sharing.found)), name: dumps(whole)})
    if task.as_json:
        answer(dumps(whole))
    else:
        answer("\n".join(_lines(documents, task.texts)) + "\n")
    for method in degenerate([one["method"] for one in documents if one.get("shares")], sharing.game):
        what = _("{name} looks at marginal costs only, and with whole containers most of them are 0", name=method)
        tell(_("warning: {what}", what=what))
    if task.out is not None:
        tell(_("written: {names}", names=", ".join(str(task.out / one) for one in (GAME_FILE, name))))


def _lines(documents: list[dict[str, Any]], texts: Texts) -> Iterator[str]:
    _ = texts.gettext
    verdict = VERDICTS[documents[0]["properties"]["core_empty"]]
    yield _("Core empty: {verdict}", verdict=_(verdict))
    for one in documents:
        status, reason = STATUSES[one["status"]], REASONS.get(one["reason"], one["reason"])
        yield ""
        yield _("{method}: {status}", method=one["method"], status=_(status))
        if reason:
            yield _("reason: {what}", what=_(reason))
        if one.get("shares"):
            yield from _shares(one, texts)


def _shares(one: Mapping[str, Any], texts: Texts) -> Iterator[str]:
    _ = texts.gettext
    properties = one["properties"]
    verdict = VERDICTS[properties["in_core"]]
    yield _("in the core: {verdict}", verdict=_(verdict))
    if properties["worst_coalition"]:
        excess, group = properties["largest_excess"], ", ".join(properties["worst_coalition"])
        yield _("largest excess: {excess} of {group}", excess=excess, group=group)
    columns: list[tuple[str, Mapping[str, Any]]] = [(_("share"), one["shares_decimal"])]
    if one["standard_errors"]:
        columns.append((_("standard error"), {who: f"{error:.4g}" for who, error in one["standard_errors"].items()}))
    else:
        columns.append((_("exactly"), one["shares"]))
    if one.get("shares_minor"):
        columns.append((_("rounded"), one["shares_minor"]))
    header = [_("player"), *(name for name, _numbers in columns)]
    rows = [[player, *(str(numbers[player]) for _name, numbers in columns)] for player in one["shares"]]
    yield from table(header, rows, right=range(1, len(header)))
