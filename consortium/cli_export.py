"""`consortium export` and `consortium template`: files in the columns that `consortium import` reads."""

import os
from pathlib import Path
from typing import Annotated

import typer

from consortium.cli_import import KINDS, choose_actor, refuse_unknown
from consortium.cli_support import Language, Status, asked_language, tell
from consortium.errors import Fault, InputError, NotFoundError

Kind = Annotated[str, typer.Argument(help=f"one of {KINDS}")]
Lang = Annotated[Language | None, typer.Option(help="language of headers and messages")]


def export(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="the file to write: .xlsx, or .csv for members and products")],
    consortium: Annotated[str, typer.Option(help="code of the consortium; needed when there are several")] = "",
    user: Annotated[str, typer.Option(help="act as this user; otherwise as the local operator")] = "",
    lang: Lang = None,
) -> None:
    """Export members, products, orders or tariffs."""
    from consortium.exporting import export_rows

    try:
        actor, consortium_id = choose_actor(consortium, user)
        content = export_rows(
            actor, consortium_id, kind, ending=file.suffix.lower(), language=lang or asked_language([])
        )
    except NotFoundError as error:
        raise refuse_unknown(error) from error
    _write(file, content)


def template(
    kind: Kind,
    file: Annotated[Path | None, typer.Argument(help="the workbook to write; KIND.xlsx when left out")] = None,
    lang: Lang = None,
) -> None:
    """Write a workbook to be filled in."""
    from consortium.exporting import template as make_template

    path = file or Path(f"{kind}.xlsx")
    if path.suffix.lower() != ".xlsx":
        raise InputError([Fault("file", "unknown_kind", "a workbook .xlsx", path.name)])
    _write(path, make_template(kind, lang or asked_language([])))


def _write(path: Path, content: bytes) -> None:
    """Write a file so that it is either the old one or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    tell(str(path))
    raise typer.Exit(Status.DONE)
