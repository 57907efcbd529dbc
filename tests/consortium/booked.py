"""Small helpers for tests of the books: balances by code, and the judge that must find nothing."""

from datetime import date

from sqlmodel import select

from consortium.database import engine, unit_of_work
from consortium.ledger import balances
from consortium.ledger_checks import check_books
from consortium.models import LedgerAccount, LedgerEntry

DAY = date(2026, 3, 2)


def standing() -> dict[str, int]:
    """Return code (with the currency, where it is not USD) -> balance, without accounts at zero."""
    with unit_of_work() as session:
        accounts = session.exec(select(LedgerAccount)).all()
        found = balances([one.id for one in accounts], session)
    return {
        one.code + ("" if one.currency == "USD" else f" {one.currency}"): found[one.id][0]
        for one in accounts
        if found[one.id] != (0, 0)
    }


def base_of(code: str) -> int:
    """Return the balance of an account in the consortium's currency."""
    with unit_of_work() as session:
        account = session.exec(select(LedgerAccount).where(LedgerAccount.code == code)).one()
        return balances([account.id], session)[account.id][1]


def entries() -> list[LedgerEntry]:
    """Return all entries in their order."""
    with unit_of_work() as session:
        return list(session.exec(select(LedgerEntry).order_by(LedgerEntry.consortium_id, LedgerEntry.seq)))


def assert_sound() -> None:
    """Fail unless the judge of the books finds nothing."""
    with engine().connect() as connection:
        assert check_books(connection).findings == []
