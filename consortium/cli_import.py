"""`consortium import`: files into the database, or foreign order lines into problems, with every bad cell named.

At the command line the acting user is the local operator, with a manager's rights in the consortium: whoever can reach
the database may do so anyway. With `--user` it is that user, with that user's own rights.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from consortium.cli_support import Language, Status, answer, tell, tell_warnings, write_files
from consortium.errors import Fault, InputError, InputFault, NotFoundError, located
from consortium.fault_texts import sentence
from consortium.formats.canonical import dumps
from consortium.formats.guards import MAX_TABLE_BYTES, MEGABYTE, read_bytes
from consortium.texts import Texts

KINDS = "members, products, orders, tariffs"


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command("import", help=_("Import members, products, orders or tariffs; nothing is stored with errors."))
    def import_(
        kind: Annotated[str, typer.Argument(help=_("one of {names}", names=KINDS))],
        file: Annotated[Path, typer.Argument(help=_("a workbook .xlsx or a table .csv"))],
        dry_run: Annotated[bool, typer.Option("--dry-run", help=_("say what would happen, store nothing"))] = False,
        only_valid: Annotated[
            bool, typer.Option("--only-valid", help=_("take the rows without error even when others have some"))
        ] = False,
        mapping: Annotated[
            str, typer.Option(help=_("how a foreign table is read: a TOML file, or the name of one that is shipped"))
        ] = "",
        consortium: Annotated[str, typer.Option(help=_("code of the consortium; needed when there are several"))] = "",
        user: Annotated[str, typer.Option(help=_("act as this user; otherwise as the local operator"))] = "",
        number_format: Annotated[str, typer.Option(help=_("how numbers in texts are written, such as 1.234,5"))] = "",
        problem_out: Annotated[
            Path | None, typer.Option(help=_("write problems to this folder instead of the database"))
        ] = None,
        tariff: Annotated[
            str, typer.Option(help=_("departures and charges of the problems: a TOML file or a shipped name"))
        ] = "",
        by: Annotated[str, typer.Option(help=_("one problem for each: half-year, quarter, year or all"))] = "half-year",
        as_json: Annotated[bool, typer.Option("--json", help=_("one JSON document on standard output"))] = False,
        lang: Annotated[Language | None, typer.Option(help=_("language of messages"))] = None,  # noqa: ARG001 - seen
    ) -> None:
        content = read_bytes(file, MAX_TABLE_BYTES)
        rules = read_shipped(mapping) if mapping else None
        if problem_out is not None:
            if kind != "orders" or rules is None or not tariff:
                fault = Fault("problem_out", "missing", "orders, --mapping and --tariff together", "less")
                raise InputError([fault])
            status = _to_problems(
                file, content, rules, read_shipped(tariff), by, problem_out, dry_run, only_valid, as_json, texts
            )
        else:
            status = _to_database(
                kind, file, content, rules, number_format or None, consortium, user, dry_run, only_valid, as_json, texts
            )
        raise typer.Exit(status)


def read_shipped(name: str) -> str:
    """Return the text of a TOML file, by its path or by the name of one in `data/mappings`."""
    from consortium.reference_data import reference_folder

    path = Path(name)
    if not path.suffix and not path.exists():
        path = reference_folder() / "mappings" / f"{name}.toml"
    return read_bytes(path, MEGABYTE).decode("utf-8")


def choose_actor(consortium: str, user: str) -> tuple[Any, int]:
    """Return who acts and in which consortium.

    Raises
    ------
    NotFoundError
        When there is no such consortium or user.
    InputError
        When the consortium must be named.
    """
    from sqlmodel import select

    from consortium.database import unit_of_work
    from consortium.importing import operator_of
    from consortium.models import Consortium
    from consortium.services import access

    with unit_of_work() as session:
        found = dict(session.exec(select(Consortium.code, Consortium.id)).all())
    if not consortium and len(found) != 1:
        expected = f"--consortium with one of {', '.join(sorted(found)) or 'the consortia (there is none)'}"
        raise InputError([Fault("consortium", "missing", expected, "nothing")])
    code = consortium or next(iter(found))
    consortium_id = found.get(code)
    if consortium_id is None:
        raise NotFoundError("consortium", code)
    if not user:
        return operator_of(consortium_id), consortium_id
    actor = access.actor_of_user(access.user_id_of(access.OPERATOR, user))
    if actor is None:
        raise NotFoundError("user", user)
    return actor, consortium_id


def refuse_unknown(error: NotFoundError) -> InputError:
    """Return what is not there as a fault of the input."""
    return InputError([Fault(error.kind, "unknown_reference", f"a known {error.kind}", str(error.id))])


def _to_database(
    kind: str,
    file: Path,
    content: bytes,
    mapping: str | None,
    number_format: str | None,
    consortium: str,
    user: str,
    dry_run: bool,
    only_valid: bool,
    as_json: bool,
    texts: Texts,
) -> Status:
    from consortium import importing

    try:
        actor, consortium_id = choose_actor(consortium, user)
        if dry_run:
            report = importing.dry_run(
                actor, consortium_id, kind, file.name, content, mapping=mapping, number_format=number_format
            )
        else:
            report = importing.import_rows(
                actor,
                consortium_id,
                kind,
                file.name,
                content,
                mapping=mapping,
                number_format=number_format,
                only_valid=only_valid,
            )
    except NotFoundError as error:
        raise refuse_unknown(error) from error
    tell_warnings(report.warnings, texts)
    _tell_refused(report.refused, texts)
    done = report.stored or (dry_run and not report.refused) or not report.rows
    if as_json:
        document = asdict(report) | {"dry_run": dry_run}
        answer(dumps(document))
    else:
        answer(_summary(report.rows, report.accepted, report.objects, report.stored, texts))
    return Status.DONE if done else Status.BAD_INPUT


def _to_problems(
    file: Path,
    content: bytes,
    mapping: str,
    tariff: str,
    by: str,
    folder: Path,
    dry_run: bool,
    only_valid: bool,
    as_json: bool,
    texts: Texts,
) -> Status:
    from consortium.formats.problem_json import problem_to_json
    from consortium.importing_mapping import parse_mapping, read_mapped
    from consortium.mapping_problems import parse_tariff, problems_by_period

    rules = parse_mapping(mapping)
    sheets = read_mapped(rules, file.name, content)
    entries = sheets.entries["orders"]
    problems, refused = problems_by_period(entries, rules, parse_tariff(tariff), by)
    faults = [*sheets.faults, *(fault for one in entries for fault in one.all_faults()), *refused]
    tell_warnings(sheets.warnings, texts)
    _tell_refused(faults, texts)
    stored = not dry_run and bool(problems) and (only_valid or not faults)
    if stored:
        write_files(folder, {f"{one.period}.json": dumps(problem_to_json(one.problem)) for one in problems})
    accepted = sum(one.lines for one in problems)
    objects = sum(len(one.problem.consignments) for one in problems)
    if as_json:
        document = {
            "rows": sheets.rows,
            "accepted": accepted,
            "refused_rows": sheets.rows - accepted,
            "objects": objects,
            "stored": stored,
            "refused": [asdict(located(one)) if not isinstance(one, InputFault) else asdict(one) for one in faults],
            "periods": [
                {"period": one.period, "lines": one.lines, "consignments": len(one.problem.consignments)}
                for one in problems
            ],
        }
        answer(dumps(document))
    else:
        for one in problems:
            count = len(one.problem.consignments)
            answer(
                texts.gettext(
                    "{period}: {lines} rows, {count} consignments", period=one.period, lines=one.lines, count=count
                )
                + "\n"
            )
        answer(_summary(sheets.rows, accepted, objects, stored, texts))
    return Status.DONE if stored or (dry_run and not faults) else Status.BAD_INPUT


def _tell_refused(faults: Any, texts: Texts) -> None:
    for fault in faults:
        tell(texts.gettext("error: {what}", what=sentence(fault, texts)))


def _summary(rows: int, accepted: int, objects: int, stored: bool, texts: Texts) -> str:
    numbers = {"rows": rows, "accepted": accepted, "refused": rows - accepted, "objects": objects}
    text = (
        texts.gettext("{rows} rows: {accepted} usable ({objects} records), {refused} refused; stored", **numbers)
        if stored
        else texts.gettext(
            "{rows} rows: {accepted} usable ({objects} records), {refused} refused; nothing was stored", **numbers
        )
    )
    return text + "\n"
