"""The tables of the books hold their rules against every writer; entries are chained; writers at once never fork."""

import threading
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from consortium import chains, ledger
from consortium.database import engine, unit_of_work
from consortium.errors import StateError
from consortium.ledger import EntryDraft, Line
from consortium.ledger_checks import check_books
from consortium.models import AccountKind, AuditSeal, EntryKind, LedgerEntry, Posting
from consortium.services.bookkeeping import book
from consortium.services.books import close_period
from consortium.services.members import register_member
from tests.consortium.builders import World, make_world, member_draft

DAY = date(2026, 3, 2)


def fee(world: World, firm: str = "andina", amount: int = 5_000, day: date = DAY, **values) -> EntryDraft:
    with unit_of_work() as session:
        owes = ledger.account(world.consortium_id, AccountKind.MEMBER, str(world.members[firm]), "USD", session=session)
        income = ledger.account(world.consortium_id, AccountKind.INCOME, "dues", "USD", session=session)
    lines = [Line(owes, amount), Line(income, -amount)]
    return EntryDraft(kind=EntryKind.FEE, value_date=day, text="dues", lines=lines, **values)


def write(world: World, *drafts: EntryDraft) -> list[ledger.Written]:
    with unit_of_work() as session:
        return book(world.consortium_id, world.manager, "test", "books", drafts, {}, session)


@pytest.fixture
def world(database) -> World:
    return make_world()


def test_entries_follow_each_other(world):
    first, second = write(world, fee(world), fee(world, "bahia", 1))
    (third,) = write(world, fee(world, "andina", -2))
    with unit_of_work() as session:
        entries = session.exec(select(LedgerEntry).order_by(LedgerEntry.seq)).all()
        assert [one.seq for one in entries] == [1, 2, 3]
        assert [one.prev_hash for one in entries] == [chains.BEGINNING, first.hash, second.hash]
        assert entries[-1].hash == third.hash
        owes = fee(world).lines[0].account_id
        assert ledger.balances([owes], session) == {owes: (4_998, 4_998)}


ENTRY = (
    "INSERT INTO ledgerentry SELECT consortium_id, 3, kind, is_memo, {date}, due_on, booked_at, user_id, text, cites,"
    " topic, NULL, {reverses}, {before}, hash FROM ledgerentry WHERE seq = 2"
)
GOOD = {"date": "value_date", "reverses": "NULL", "before": "hash"}
PAIR = "INSERT INTO ledgerposting SELECT consortium_id, 3, line, account_id, {amount}, {base} FROM ledgerposting"
PAIR += " WHERE seq = 2"
SAME = {"amount": "amount_minor", "base": "base_minor"}
LINES, LONE = PAIR.format(**SAME), PAIR.format(**SAME) + " AND line = 0"

REFUSED = {
    "update of a posting": (["UPDATE ledgerposting SET amount_minor = 7"], "append_only"),
    "update of an entry": (["UPDATE ledgerentry SET text = 'other'"], "append_only"),
    "update of an account": (["UPDATE ledgeraccount SET member_id = NULL"], "append_only"),
    "update of the audit trail": (["UPDATE auditevent SET subject = 'other'"], "append_only"),
    "update of a seal": (["UPDATE auditseal SET hash = prev_hash"], "append_only"),
    "delete of a posting": (["DELETE FROM ledgerposting WHERE seq = 2"], "append_only"),
    "delete of an entry": (["DELETE FROM ledgerentry WHERE seq = 2"], "append_only"),
    "delete of an event": (["DELETE FROM auditevent"], "append_only"),
    "a line more in an entry": ([PAIR.replace("3, line,", "seq, line + 2,").format(**SAME)], "posting_after_entry"),
    "postings without an entry": ([LINES], "foreign key"),
    "one line only": ([LONE, ENTRY.format(**GOOD)], "entry_without_postings"),
    "no line": ([ENTRY.format(**GOOD)], "entry_without_postings"),
    "lines that do not balance": (
        [PAIR.format(amount="amount_minor + line", base="base_minor + line"), ENTRY.format(**GOOD)],
        "entry_unbalanced",
    ),
    "another base amount in the home currency": ([PAIR.format(amount="amount_minor", base="0")], "posting_account"),
    "a number left out": ([LINES.replace("3, line", "4, line"), ENTRY.replace(", 3,", ", 4,").format(**GOOD)], "order"),
    "another predecessor": ([LINES, ENTRY.format(**{**GOOD, "before": "prev_hash"})], "entry_breaks_chain"),
    "a mirror that is none": ([LINES, ENTRY.format(**{**GOOD, "reverses": "1"})], "reversal_is_no_mirror"),
}


def run_by_hand(statements: list[str]) -> None:
    with engine().begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(world, name):
    write(world, fee(world), fee(world, "bahia", 4_000))
    register_member(world.manager, world.consortium_id, member_draft())
    statements, why = REFUSED[name]
    with pytest.raises(DBAPIError) as refused:
        run_by_hand(statements)
    assert why in str(refused.value.orig).casefold()
    with engine().connect() as connection:
        assert check_books(connection).findings == []


def test_what_the_trigger_tests_write_is_taken_when_it_is_right(world):
    write(world, fee(world), fee(world, "bahia", 4_000))
    with engine().begin() as connection:
        connection.execute(text(LINES))
        connection.execute(text(ENTRY.format(**GOOD)))


def test_replacing_a_row_is_no_way_around(world):
    if engine().dialect.name != "sqlite":
        pytest.skip("REPLACE is of SQLite")
    write(world, fee(world))
    for table in ("ledgeraccount", "ledgerentry", "ledgerposting"):
        with (
            pytest.raises(DBAPIError, match=r"append_only|entry_out_of_order|posting_after_entry"),
            engine().begin() as connection,
        ):
            connection.execute(text(f"REPLACE INTO {table} SELECT * FROM {table}"))


def test_an_unbalanced_entry_is_a_fault_of_the_caller(world):
    draft = fee(world)
    with pytest.raises(ValueError, match="sum to 0"):
        write(world, EntryDraft(kind=EntryKind.FEE, value_date=DAY, text="x", lines=[draft.lines[0], draft.lines[0]]))
    with unit_of_work() as session:
        assert session.exec(select(Posting)).all() == []


def test_a_closed_period_takes_no_entry(world):
    close_period(world.manager, world.consortium_id, DAY)
    with pytest.raises(StateError) as refused:
        write(world, fee(world))
    assert refused.value.code == "period_closed"
    write(world, fee(world, day=date(2026, 3, 3)))
    with pytest.raises(StateError):
        close_period(world.manager, world.consortium_id, DAY)


def test_one_event_is_booked_once(world):
    write(world, fee(world, source_key="one"))
    with pytest.raises(DBAPIError):
        write(world, fee(world, source_key="one"))


def test_writers_at_once_make_one_chain(world):
    draft, barrier = fee(world), threading.Barrier(4)

    def writer() -> None:
        barrier.wait()
        for _ in range(5):
            write(world, draft)

    threads = [threading.Thread(target=writer) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with engine().connect() as connection:
        found = check_books(connection)
    assert (found.entries, found.events) == (20, 20)
    assert found.findings == []


def test_events_taken_back_are_not_sealed(world):
    with Session(engine()) as session:
        register_member(world.manager, world.consortium_id, member_draft(code="one"), session=session)
        session.rollback()
        register_member(world.manager, world.consortium_id, member_draft(code="two"), session=session)
        nested = session.begin_nested()
        register_member(world.manager, world.consortium_id, member_draft(code="three"), session=session)
        nested.rollback()
        session.commit()
        assert len(session.exec(select(AuditSeal)).all()) == 1
    with engine().connect() as connection:
        assert check_books(connection).findings == []
