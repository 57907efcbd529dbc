"""What Alembic runs: `consortium.migrating` hands over the connection; the command line of Alembic opens its own."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import consortium.models  # noqa: F401 - fills the metadata
from consortium.database import database_url, engine_for


def run(connection: Connection) -> None:
    """Run the steps on a connection, inside its transaction."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if isinstance(given, Connection):
    run(given)
else:
    with engine_for(database_url(context.config.get_main_option("sqlalchemy.url"))).begin() as own:
        run(own)
