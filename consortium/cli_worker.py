"""The worker's commands: `consortium worker`, `consortium migrate`."""

import signal
import threading
from typing import Annotated

import typer


def worker(
    database: Annotated[str | None, typer.Option(help="SQLAlchemy URL of the database")] = None,
    once: Annotated[bool, typer.Option(help="do what is queued and leave")] = False,
) -> None:
    """Do the long work that pages ask for, until stopped."""
    import os

    from consortium.database import ENVIRONMENT_NAME
    from consortium.services.planning import work

    if database:
        os.environ[ENVIRONMENT_NAME] = database
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    work(once=once, stop=stop)
