"""Bring a database to the tables that this version of the product knows, from empty or from an older version.

The steps are part of the package, so an installed wheel migrates as a checkout does. Several processes may start
at once: the first one migrates, the others wait and find nothing left to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from consortium.database import database_url, engine_for
from consortium.errors import StateError

FOLDER = Path(__file__).resolve().parent / "migrations"

LOCK_NUMBER = 4_207_849_484
"""Any number that nothing else locks: held on PostgreSQL while a process migrates."""


def migrate(url: str | None = None) -> bool:
    """Bring a database up to date, all steps in one transaction.

    Parameters
    ----------
    url
        Its URL; None is the database in force.

    Returns
    -------
    bool
        Whether there was anything to do.

    Raises
    ------
    StateError
        ``database_is_newer`` when a later version of the product wrote it.
    """
    with _alone(database_url(url)) as connection:
        before = _revision(connection)
        if before == newest():
            return False
        if before is not None and before not in _known():
            raise StateError("database_is_newer", {"found": before, "newest": newest()})
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return True


def is_current(url: str | None = None) -> bool:
    """Say whether a database has the tables of this version; False also for an empty one."""
    with engine_for(database_url(url)).connect() as connection:
        return _revision(connection) == newest()


def newest() -> str | None:
    """Return the name of the last step that this version knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _known() -> set[str]:
    return {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """Give a connection in a transaction that no other migrating process can enter.

    SQLite rebuilds a table to change it, which foreign keys would forbid: they are off meanwhile, and checked
    before the commit.
    """
    engine = engine_for(url)
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK_NUMBER})
                yield connection
            return
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            _refuse_orphans(connection)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
            connection.commit()


def _refuse_orphans(connection: Connection) -> None:
    if broken := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
        raise RuntimeError(f"rows without their parents: {broken[:5]}")
