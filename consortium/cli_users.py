"""`consortium users`: whoever can reach the database may say who signs in."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from consortium.errors import Fault, InputError, NotFoundError
from consortium.models.access import Role
from consortium.services import access
from consortium.services.access import OPERATOR, UserDraft, UserView

users_app = typer.Typer(help="Who signs in: add, list, disable, enable, password.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="name to sign in with")]
AsJson = Annotated[bool, typer.Option("--json", help="one JSON document on standard output")]
FromInput = Annotated[
    bool, typer.Option("--password-stdin", help="read the password from standard input; otherwise one is generated")
]


@users_app.callback()
def prepare() -> None:
    """Bring the database up to date first: users may be added before the application ever ran."""
    from consortium.migrating import migrate

    migrate()


@contextmanager
def _named() -> Iterator[None]:
    """Turn a name that nobody and nothing has into a fault of the input."""
    try:
        yield
    except NotFoundError as error:
        raise InputError([Fault(error.kind, "unknown", f"a {error.kind} that exists", str(error.id))]) from None


def _given_password(from_input: bool) -> str | None:
    return sys.stdin.readline().rstrip("\r\n") if from_input else None


def _say(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for name, value in document.items():
        if value is not None:
            typer.echo(f"{name}: {value}")


@users_app.command("add")
def add(
    username: Username,
    name: Annotated[str, typer.Option(help="name to show")] = "",
    language: Annotated[str, typer.Option(help="es, pt or en")] = "es",
    administrator: Annotated[bool, typer.Option("--administrator", help="manages users and consortia")] = False,
    role: Annotated[Role | None, typer.Option(help="role in a consortium")] = None,
    consortium: Annotated[str, typer.Option(help="code of the consortium")] = "",
    member: Annotated[str, typer.Option(help="code of the firm that a member acts for")] = "",
    password_stdin: FromInput = False,
    as_json: AsJson = False,
) -> None:
    """Add a user, with a role if one is named; a generated password is shown once."""
    from consortium.database import unit_of_work

    if (role is None) != (not consortium):
        raise typer.BadParameter("--role and --consortium belong together")
    with _named():
        draft = UserDraft(
            username=username,
            display_name=name,
            language=language,
            is_administrator=administrator,
            password=_given_password(password_stdin),
        )
        with unit_of_work() as session:
            user_id, generated = access.create_user(OPERATOR, draft, session=session)
            if role is not None:
                consortium_id, member_id = access.place_of(OPERATOR, consortium, member, session=session)
                access.grant_role(OPERATOR, user_id, consortium_id, role, member_id, session=session)
    _say({"username": access.tidy_username(username), "password": generated}, as_json)


@users_app.command("list")
def list_users(as_json: AsJson = False) -> None:
    """List all users with their roles."""
    found = access.users(OPERATOR)
    if as_json:
        typer.echo(json.dumps([_document(user) for user in found], ensure_ascii=False))
        return
    for user in found:
        typer.echo(f"{user.username:30} {user.display_name:30} {', '.join(_words(user))}".rstrip())


def _words(user: UserView) -> list[str]:
    words = [f"{grant.role.value} in consortium {grant.consortium_id}" for grant in user.grants]
    words += ["administrator"] if user.is_administrator else []
    words += ["disabled"] if user.is_disabled else []
    return words


def _document(user: UserView) -> dict[str, Any]:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "language": user.language,
        "is_administrator": user.is_administrator,
        "is_disabled": user.is_disabled,
        "grants": [
            {"consortium_id": grant.consortium_id, "role": grant.role.value, "member_id": grant.member_id}
            for grant in user.grants
        ],
    }


@users_app.command("disable")
def disable(username: Username) -> None:
    """Let a user in no more; the user's open sessions end at once."""
    with _named():
        access.disable_user(OPERATOR, access.user_id_of(OPERATOR, username))


@users_app.command("enable")
def enable(username: Username) -> None:
    """Let a disabled user in again."""
    with _named():
        access.enable_user(OPERATOR, access.user_id_of(OPERATOR, username))


@users_app.command("password")
def password(username: Username, password_stdin: FromInput = False, as_json: AsJson = False) -> None:
    """Give a user another password; a generated one is shown once and must be changed at the first sign-in."""
    with _named():
        user_id = access.user_id_of(OPERATOR, username)
        generated = access.set_password(OPERATOR, user_id, _given_password(password_stdin))
    _say({"username": access.tidy_username(username), "password": generated}, as_json)
