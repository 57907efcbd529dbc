"""The commands of whoever keeps an installation running: `consortium worker`, `consortium migrate`."""

import os
import signal
import threading
from typing import Annotated

import typer

from consortium.cli_support import Status, tell
from consortium.database import ENVIRONMENT_NAME
from consortium.texts import Texts


def register_worker(app: typer.Typer, texts: Texts) -> None:
    """Add `consortium worker`."""
    _ = texts.gettext

    @app.command("worker", help=_("Do the long work that pages ask for, until stopped."))
    def worker(
        database: Annotated[str | None, typer.Option(metavar="URL", help=_("SQLAlchemy URL of the database"))] = None,
        once: Annotated[bool, typer.Option("--once", help=_("do what is queued and leave"))] = False,
    ) -> None:
        from consortium.migrating import is_current
        from consortium.services.planning import work

        _use(database)
        if not is_current():
            tell(_("error: {what}", what=_("the database is not up to date; run: consortium migrate")))
            raise typer.Exit(Status.FAILED)
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        work(once=once, stop=stop)


def register_migrate(app: typer.Typer, texts: Texts) -> None:
    """Add `consortium migrate`."""
    _ = texts.gettext

    @app.command("migrate", help=_("Bring the database up to date."))
    def bring_up_to_date(
        database: Annotated[str | None, typer.Option(metavar="URL", help=_("SQLAlchemy URL of the database"))] = None,
    ) -> None:
        from consortium.migrating import migrate

        _use(database)
        tell(_("the database has been brought up to date") if migrate() else _("the database was up to date"))


def _use(database: str | None) -> None:
    if database:
        os.environ[ENVIRONMENT_NAME] = database
