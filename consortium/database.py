"""Where the data lives and how a unit of work reaches it.

A service may be called with `session=` to join a unit of work, or without to run in one of its own:
``@in_transaction`` opens it, commits once when the service returns, and rolls back when it raises.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session, create_engine

P = ParamSpec("P")
R = TypeVar("R")

ENVIRONMENT_NAME = "CONSORTIUM_DATABASE"
BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another on SQLite before it gives up."""


def data_folder() -> Path:
    """Return the per-user folder for the database and other files, by the custom of the system."""
    if override := os.environ.get("CONSORTIUM_HOME"):
        return Path(override)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return base / "export-consortium"


def database_url(given: str | None = None) -> str:
    """Return the database in force: the one given, the environment's, or a file in the data folder."""
    if url := given or os.environ.get(ENVIRONMENT_NAME):
        return url
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return f"sqlite:///{folder / 'consortium.sqlite3'}"


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.close()


@lru_cache(maxsize=8)
def engine_for(url: str) -> Engine:
    """Return the one engine for a database URL (``postgresql://`` means the pg8000 driver)."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+pg8000")
    engine = create_engine(parsed, pool_pre_ping=True)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def engine() -> Engine:
    """Return the engine of the database in force."""
    return engine_for(database_url())


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """Open a session on the database in force; commit at the end, roll back when something is raised."""
    with Session(engine(), expire_on_commit=False) as session:
        yield session
        session.commit()


def in_transaction(service: Callable[P, R]) -> Callable[P, R]:
    """Let a service with a keyword `session` be called without one: it then runs in a unit of work of its own."""

    @wraps(service)
    def with_session(*args: P.args, **kwargs: P.kwargs) -> R:
        if kwargs.get("session") is not None:
            return service(*args, **kwargs)
        with unit_of_work() as session:
            kwargs["session"] = session
            return service(*args, **kwargs)

    return with_session


def need(session: Session | None) -> Session:
    """Return the session that ``@in_transaction`` put in place."""
    assert session is not None, "call the service through @in_transaction"
    return session
