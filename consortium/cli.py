"""The command line, a table of contents: every command lives in a module `cli_*` of its own.

Exit statuses: 0 done, 2 bad input or usage (nothing written), 3 no feasible answer, 4 a judge found a
violation, 130 interrupted. Only the module of the command that is asked for is imported: `verify` never
loads a solver, and no command waits for what it does not need.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module

import typer

from consortium.cli_support import Language, Status, asked_language, tell, tell_faults, use_utf8, without_language
from consortium.errors import InputError, StateError
from consortium.fault_texts import state_sentence
from consortium.permissions import ForbiddenError
from consortium.texts import Texts, mark, translate
from optimizer import __version__

Register = Callable[[typer.Typer, Texts], None]


def _module(name: str, function: str = "register") -> Register:
    """Return what adds the command of a module by its function, in the language of the texts."""
    return lambda app, texts: getattr(import_module(f"consortium.{name}"), function)(app, texts)


def _command(module: str, name: str, sentence: str) -> Register:
    """Return what adds one plain function of a module as a command."""

    def register(app: typer.Typer, texts: Texts) -> None:
        app.command(name, help=texts.gettext(sentence))(getattr(import_module(f"consortium.{module}"), name))

    return register


def _group(module: str, name: str, sentence: str) -> Register:
    """Return what adds the group `<name>_app` of a module."""

    def register(app: typer.Typer, texts: Texts) -> None:
        found = getattr(import_module(f"consortium.{module}"), f"{name}_app")
        app.add_typer(found, name=name, help=texts.gettext(sentence))

    return register


COMMANDS: dict[str, Register] = {
    "run": _command("cli_run", "run", mark("Serve the web application.")),
    "plan": _module("cli_plan"),
    "load": _module("cli_load"),
    "allocate": _module("cli_allocate"),
    "fairs": _module("cli_fairs"),
    "verify": _module("cli_verify"),
    "check": _module("cli_check"),
    "schema": _module("cli_schema"),
    "import": _module("cli_import"),
    "export": _command("cli_export", "export", mark("Export members, products, orders or tariffs.")),
    "template": _command("cli_export", "template", mark("Write a workbook to be filled in and imported.")),
    "users": _group("cli_users", "users", mark("Who signs in: add, list, disable, enable, password.")),
    "worker": _module("cli_worker", "register_worker"),
    "migrate": _module("cli_worker", "register_migrate"),
}
"""Command -> what adds it to the application, in the order of the help."""

UsageError: type[BaseException] = typer.BadParameter.__mro__[1]
"""The base of all errors of usage: Typer exports only its best known child."""


def make_app(texts: Texts, wanted: str | None = None) -> typer.Typer:
    """Return the application, its help in one language.

    Parameters
    ----------
    wanted
        The only command to add; all of them when it is None or no command.
    """
    _ = texts.gettext
    app = typer.Typer(
        name="consortium",
        help=_("Plan pooled shipments, share their cost, and re-check every claim."),
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    def show_version(asked: bool) -> None:
        if asked:
            typer.echo(__version__)
            raise typer.Exit(Status.DONE)

    @app.callback()
    def options(
        version: bool = typer.Option(
            False, "--version", callback=show_version, is_eager=True, help=_("print the version")
        ),
        lang: Language | None = typer.Option(None, help=_("language of messages")),  # noqa: B008 - seen before
    ) -> None:
        pass

    for name, register in COMMANDS.items():
        if wanted not in COMMANDS or name == wanted:
            register(app, texts)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status; errors are told in a sentence, never as a traceback."""
    use_utf8()
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    texts = translate(asked_language(given))
    given = without_language(given)
    try:
        command = typer.main.get_command(make_app(texts, _wanted(given)))
        found = command.main(given, prog_name="consortium", standalone_mode=False)
    except UsageError as error:
        tell(texts.gettext("usage: {what}", what=_usage(error, texts)))
        return Status.BAD_INPUT
    except InputError as error:
        tell_faults(error.faults, texts)
        return Status.BAD_INPUT
    except (KeyboardInterrupt, typer.Abort):
        tell(texts.gettext("interrupted; nothing was written"))
        return Status.INTERRUPTED
    except ForbiddenError as error:
        tell(
            texts.gettext(
                "error: {what}", what=texts.gettext("this user may not do that: {action}", action=error.action)
            )
        )
        return Status.FAILED
    except StateError as error:
        tell(texts.gettext("error: {what}", what=state_sentence(error, texts)))
        return Status.FAILED
    except OSError as error:
        what = " ".join(str(part) for part in (error.strerror, error.filename) if part)
        tell(texts.gettext("error: {what}", what=what or type(error).__name__))
        return Status.FAILED
    except Exception as error:  # noqa: BLE001 - the last net: a sentence for people, details on request
        if os.environ.get("CONSORTIUM_DEBUG"):
            traceback.print_exc()
        tell(texts.gettext("internal error: {what}; set CONSORTIUM_DEBUG=1 for details", what=repr(error)))
        return Status.FAILED
    return found if isinstance(found, int) else Status.DONE


def _wanted(arguments: Sequence[str]) -> str | None:
    """Return the name of the command among the arguments: the first that is no option and no option's value."""
    words = iter(arguments)
    for word in words:
        if word == "--lang":
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def _usage(error: BaseException, texts: Texts) -> str:
    """Say what is wrong with the arguments; the parser's own words are the last resort."""
    kind, parameter = type(error).__name__, getattr(error, "param", None)
    if kind == "NoSuchOption":
        return texts.gettext("unknown option {name}", name=getattr(error, "option_name", ""))
    if kind == "NoSuchCommand" or "No such command" in str(error):
        return texts.gettext("unknown command; see consortium --help")
    if kind == "MissingParameter" and parameter is not None:
        return texts.gettext("missing argument {name}", name=parameter.metavar or parameter.name)
    if kind == "BadParameter" and parameter is not None:
        name = parameter.opts[-1] if parameter.opts else parameter.name
        return texts.gettext("wrong value of {name}: {what}", name=name, what=getattr(error, "message", error))
    told = getattr(error, "format_message", None)
    return str(told() if told else error)
