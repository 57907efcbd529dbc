"""`consortium fairs`: what is bought together, who takes part, who pays what, and public money, each by its rule."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from consortium.cli_support import Language, Status, answer, tell_faults, tell_violations
from consortium.errors import InputError, InputFault
from consortium.fair_texts import KINDS, LABELS, REASONS, STATUSES
from consortium.formats.canonical import dumps
from consortium.formats.guards import MAX_JSON_BYTES, read_bytes
from consortium.formats.json_text import parse_json
from consortium.plan_report import table
from consortium.texts import Texts


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command("fairs", help=_("Choose, share and settle joint fairs: every rule with its rounds, exactly."))
    def fairs(
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=_("questions about fairs .json"))],
        seed: Annotated[int, typer.Option(min=0, help=_("decides whose turn it is to take an odd unit"))] = 0,
        json: Annotated[bool, typer.Option("--json", help=_("print one JSON document and nothing else"))] = False,
        lang: Annotated[Language | None, typer.Option(help=_("language of messages"))] = None,  # noqa: ARG001 - seen
    ) -> None:
        raise typer.Exit(run_fairs(files, texts, seed=seed, as_json=json))


def run_fairs(files: Sequence[Path], texts: Texts, *, seed: int, as_json: bool) -> Status:
    """Answer every file or none: return the exit status, having told everything on the right stream."""
    from consortium.fair_answers import answer_fair_question, several
    from consortium.fair_checks import check_fair_answer
    from consortium.formats.fair_json import read_fair_question

    faults: list[InputFault] = []
    documents = []
    for path in files:
        try:
            question = read_fair_question(parse_json(read_bytes(path, MAX_JSON_BYTES), str(path)))
            document = answer_fair_question(question, tie_key=str(seed))
        except InputError as error:
            faults += error.in_file(str(path)).faults
            continue
        violations = check_fair_answer(question, document)
        if violations:
            tell_violations(violations, texts)
            return Status.VIOLATION
        documents.append(document)
    if faults:
        tell_faults(faults, texts)
        return Status.BAD_INPUT
    if as_json:
        answer(dumps(documents[0] if len(documents) == 1 else several(documents)))
    else:
        answer("\n".join(line for one in documents for line in _lines(one, texts)))
    return Status.NO_ANSWER if len(documents) == 1 and "answer" not in documents[0] else Status.DONE


def _lines(document: Mapping[str, Any], texts: Texts) -> Iterator[str]:
    _ = texts.gettext
    kind, status = KINDS[document["kind"]], STATUSES[document["status"]]
    yield _("{method}: {status}", method=_(kind), status=_(status))
    if "reason" in document:
        reason = REASONS[document["reason"]]
        yield _("reason: {what}", what=_(reason))
    answer_of: Mapping[str, Any] = document.get("answer", {})
    by_name = {key: value for key, value in answer_of.items() if isinstance(value, dict)}
    for key, value in answer_of.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ("", f"{_(LABELS[key])}:")
            yield from _table(list(value), texts)
        elif key not in by_name:
            yield f"{_(LABELS[key])}: {_plain(value, texts)}"
    # Numbers of the same members stand in one table, those of others in one of their own.
    while by_name:
        names = list(next(iter(by_name.values())))
        together = {key: value for key, value in by_name.items() if list(value) == names}
        yield ""
        header = ["", *(_(LABELS[key]) for key in together)]
        rows = [[name, *(_plain(column[name], texts) for column in together.values())] for name in names]
        yield from table(header, rows, right=range(1, len(header)))
        by_name = {key: value for key, value in by_name.items() if key not in together}
    yield ""


def _table(rows: Sequence[Mapping[str, Any]], texts: Texts) -> list[str]:
    keys = list(rows[0])
    header = ["", *(texts.gettext(LABELS[key]) for key in keys)]
    cells = [[str(index), *(_plain(row[key], texts) for key in keys)] for index, row in enumerate(rows, start=1)]
    return table(header, cells, right=[0])


def _plain(value: Any, texts: Texts) -> str:
    if isinstance(value, bool):
        return texts.gettext("yes") if value else texts.gettext("no")
    if isinstance(value, dict):
        if set(value) == {"missing"}:
            return str(value["missing"])
        return ", ".join(f"{name} {amount}" for name, amount in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)
