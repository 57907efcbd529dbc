"""`consortium schema`: the published form of each file format."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from consortium.cli_support import Language, Status, answer, tell
from consortium.formats.allocation_json import allocation_schema
from consortium.formats.canonical import dumps
from consortium.formats.certificate_json import certificate_schema
from consortium.formats.fair_answer_json import fair_answer_schema, fair_answers_schema
from consortium.formats.fair_json import fair_schema
from consortium.formats.game_answer_json import allocations_schema
from consortium.formats.game_json import game_schema
from consortium.formats.load_json import load_plan_schema, load_problem_schema
from consortium.formats.member_certificate_json import member_certificate_schema
from consortium.formats.plan_json import plan_schema
from consortium.formats.problem_json import problem_schema
from consortium.texts import Texts


def answers_schema() -> dict[str, Any]:
    """Return the JSON Schema of answers, whose parts stand beside what searches for them: loaded when asked for."""
    from consortium.formats.answers_json import answers_schema as written

    return written()


SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "problem": problem_schema,
    "plan": plan_schema,
    "allocation": allocation_schema,
    "answers": answers_schema,
    "game": game_schema,
    "allocations": allocations_schema,
    "certificate": certificate_schema,
    "member-certificate": member_certificate_schema,
    "load-problem": load_problem_schema,
    "load-plan": load_plan_schema,
    "fair-problem": fair_schema,
    "fair-answer": fair_answer_schema,
    "fair-answers": fair_answers_schema,
}
"""Name -> what makes the JSON Schema; other formats add themselves here."""


def register(app: typer.Typer, texts: Texts) -> None:
    """Add the command, its help in the language of the texts."""
    _ = texts.gettext

    @app.command("schema", help=_("Print the JSON Schema of a file format."))
    def schema(
        name: Annotated[str, typer.Argument(help=_("one of {names}", names=", ".join(SCHEMAS)))],
        lang: Annotated[Language | None, typer.Option(help=_("language of messages"))] = None,  # noqa: ARG001 - seen
    ) -> None:
        found = SCHEMAS.get(name.removeprefix("consortium/").removesuffix("@1"))
        if found is None:
            what = _("unknown format {name}: expected one of {names}", name=name, names=", ".join(SCHEMAS))
            tell(_("error: {what}", what=what))
            raise typer.Exit(Status.BAD_INPUT)
        answer(dumps(found()))
