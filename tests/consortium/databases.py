"""Fresh databases for tests: a copy of a migrated SQLite file, or an emptied PostgreSQL database, in milliseconds.

Where CONSORTIUM_TEST_POSTGRESQL names a server, tests run on it too, each test process in a database of its own.
"""

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlmodel import SQLModel

from consortium.database import engine_for
from consortium.migrating import migrate

SERVER = os.environ.get("CONSORTIUM_TEST_POSTGRESQL", "").replace("postgresql://", "postgresql+pg8000://")
KINDS = ["sqlite", *([pytest.param("postgresql", marks=pytest.mark.postgresql)] if SERVER else [])]
"""Parameters for a fixture that gives a database of each kind at hand."""


def fresh_database(kind: str, folder: Path) -> str:
    """Return the URL of a migrated and empty database; a PostgreSQL one serves one test at a time."""
    return _fresh_postgresql() if kind == "postgresql" else _fresh_sqlite(folder)


def forget(url: str) -> None:
    """Close the connections to a database that a test used."""
    engine_for(url).dispose()


def _fresh_sqlite(folder: Path) -> str:
    target = folder / "consortium.sqlite3"
    shutil.copyfile(_sqlite_template(), target)
    return f"sqlite:///{target}"


@lru_cache(maxsize=1)
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="consortium-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = folder / "template.sqlite3"
    migrate(f"sqlite:///{file}")
    forget(f"sqlite:///{file}")
    return file


def _fresh_postgresql() -> str:
    url = _own_postgresql_database()
    emptying = " ".join(f'DELETE FROM "{table.name}";' for table in reversed(SQLModel.metadata.sorted_tables))
    with engine_for(url).begin() as connection:  # much faster than TRUNCATE for a few rows
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers: books are append-only
        connection.execute(text(f"DO $$ BEGIN {emptying} END $$"))
    return url


@lru_cache(maxsize=1)
def _own_postgresql_database() -> str:
    url = empty_postgresql_database()
    migrate(url)
    return url


def empty_postgresql_database() -> str:
    """Return the URL of a new PostgreSQL database without tables, dropped when the tests end."""
    name = f"consortium_test_{uuid4().hex[:12]}"
    _on_server(f"CREATE DATABASE {name}")
    url = make_url(SERVER).set(database=name).render_as_string(hide_password=False)
    atexit.register(_on_server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    return url


def _on_server(statement: str) -> None:
    engine = create_engine(SERVER, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
