"""How services store what has a code: one already used is a fault of the input, also when two write at once."""

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import Session, SQLModel, select

from consortium.errors import Fault, InputError

POSTGRESQL_UNIQUE_VIOLATION = "23505"
SQLITE_UNIQUE_VIOLATION = "SQLITE_CONSTRAINT_UNIQUE"


def store_unique(record: SQLModel, *within: str, session: Session) -> None:
    """Send a new or changed record to the database, refusing a code that is used within the same scope.

    Parameters
    ----------
    record
        A record with a `code`.
    within
        Names of the fields that make the scope, such as ``consortium_id``; none: the installation.
    session
        Unit of work; after a refusal found by the query it can go on.

    Raises
    ------
    InputError
        With one fault ``duplicate`` of the field ``code``.
    """
    columns = type(record).__table__.c  # type: ignore[attr-defined]
    key, code = getattr(record, "id"), getattr(record, "code")  # noqa: B009 - SQLModel itself does not say so
    same = select(columns.id).where(columns.code == code, *(columns[one] == getattr(record, one) for one in within))
    with session.no_autoflush:
        used = session.exec(same if key is None else same.where(columns.id != key)).first()
    if used is not None:
        raise _duplicate(code)
    session.add(record)
    try:
        session.flush()
    except IntegrityError as refused:
        if is_unique_violation(refused):
            raise _duplicate(code) from None
        raise


def is_unique_violation(refused: DBAPIError) -> bool:
    """Say whether the database refused a second record with the same unique values."""
    if getattr(refused.orig, "sqlite_errorname", "") == SQLITE_UNIQUE_VIOLATION:
        return True
    values = refused.orig.args[0] if refused.orig is not None and refused.orig.args else None
    return isinstance(values, dict) and values.get("C") == POSTGRESQL_UNIQUE_VIOLATION


def _duplicate(code: str) -> InputError:
    return InputError([Fault("code", "duplicate", "a code that is not used yet", repr(code))])
