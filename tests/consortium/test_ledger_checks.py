"""Tampering by hand on a copy of the database, its triggers dropped: every attempt is found and named."""

import ast
import hashlib
import json
import re
import shutil
import sqlite3
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from consortium import cli_check
from consortium.books_drafts import CallDraft, FeeDraft, FeeKind, InvoiceDraft, PaymentDraft
from consortium.cli import main
from consortium.database import ENVIRONMENT_NAME, engine_for, unit_of_work
from consortium.ledger_checks import check_books
from consortium.models import PooledShipment, ShipmentState
from consortium.services import books, fees, shipment_books
from tests.consortium.builders import make_world
from tests.consortium.databases import fresh_database
from tests.consortium.loaded import loaded_shipment

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def template(tmp_path_factory) -> Path:
    """Return a database with shares, a call, dues, a payment, an invoice, a reversal and a closed period."""
    folder = tmp_path_factory.mktemp("books")
    url = fresh_database("sqlite", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENVIRONMENT_NAME, url)
        world = make_world("cafe")
        key, manager, andina = world.consortium_id, world.manager, world.members["andina"]
        shipment, _ = loaded_shipment(world)
        with unit_of_work() as session:
            session.exec(select(PooledShipment)).one().state = ShipmentState.AGREED
        shipment_books.post_shares(manager, shipment, DAY)
        call = CallDraft(code="C-1", text="Advance", value_date=DAY, due_on=DAY, amounts_minor={andina: 20_000})
        books.call_for_funds(manager, key, call)
        dues = {"first_on": date(2026, 1, 1), "last_on": date(2026, 3, 31), "value_date": DAY, "amount_minor": 9_000}
        fees.run_fee(manager, key, FeeDraft(kind=FeeKind.DUES, name="dues", **dues))
        paid = PaymentDraft(direction="in", member_id=andina, value_date=DAY, amount_minor=20_000, reference="R-1")
        books.record_payment(manager, key, paid)
        invoice = InvoiceDraft(supplier="Line", number="1", value_date=DAY, amount_minor=151_000, shipment_id=shipment)
        books.record_invoice(manager, key, invoice)
        books.reverse_entry(manager, key, 4, DAY, "wrong period")
        books.close_period(manager, key, date(2025, 12, 31))
        engine_for(url).dispose()
    return folder / "consortium.sqlite3"


def last(field: str) -> str:
    return f"(SELECT {field} FROM ledgerentry ORDER BY seq DESC LIMIT 1)"


def rehash(connection: sqlite3.Connection, first: int, *, relink: bool) -> None:
    """Compute hashes again from an entry on, as somebody would who read the documentation."""
    rows = connection.execute("SELECT * FROM ledgerentry WHERE seq >= ? ORDER BY seq", (first,)).fetchall()
    before = connection.execute("SELECT hash FROM ledgerentry WHERE seq = ?", (first - 1,)).fetchone()[0]
    for row in rows if relink else rows[:1]:
        lines = connection.execute(
            "SELECT p.account_id, a.code, a.kind, a.member_id, a.currency, amount_minor, base_minor"
            " FROM ledgerposting p JOIN ledgeraccount a ON a.id = p.account_id WHERE seq = ? ORDER BY line",
            (row["seq"],),
        ).fetchall()
        content = {
            "consortium": row["consortium_id"], "seq": row["seq"], "prev": before, "kind": row["kind"],
            "memo": bool(row["is_memo"]), "date": row["value_date"], "due": row["due_on"],
            "at": row["booked_at"].replace(" ", "T") + "Z", "user": row["user_id"], "text": row["text"],
            "cites": json.loads(row["cites"]), "topic": row["topic"], "source": row["source_key"],
            "reverses": row["reverses"], "lines": [list(line) for line in lines],
        }  # fmt: skip
        written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(written.encode()).hexdigest()
        connection.execute("UPDATE ledgerentry SET prev_hash = ?, hash = ? WHERE seq = ?", (before, digest, row["seq"]))
        before = digest
    if relink:
        connection.execute("UPDATE chainhead SET hash = ? WHERE chain LIKE 'books/%'", (before,))


AMOUNT = "UPDATE ledgerposting SET amount_minor = amount_minor + {by}, base_minor = base_minor + {by} WHERE seq = 3"
COPY = (
    "INSERT INTO ledgerentry SELECT consortium_id, seq + 1, kind, is_memo, value_date, due_on, booked_at, user_id,"
    " text, cites, topic, NULL, NULL, hash, hash FROM ledgerentry WHERE seq = (SELECT max(seq) FROM ledgerentry)"
)
COPY_LINES = (
    "INSERT INTO ledgerposting SELECT consortium_id, seq + 1, line, account_id, amount_minor, base_minor"
    " FROM ledgerposting WHERE seq = (SELECT max(seq) FROM ledgerposting)"
)
SWAP = [f"UPDATE ledgerentry SET seq = {new} WHERE seq = {old}" for old, new in ((3, 99), (4, 3), (99, 4))]
CUT = [
    "DELETE FROM ledgerposting WHERE seq = (SELECT max(seq) FROM ledgerentry)",
    "DELETE FROM ledgerentry WHERE seq = (SELECT max(seq) FROM ledgerentry)",
]
BACK = [
    f"UPDATE chainhead SET seq = {last('seq')}, hash = {last('hash')} WHERE chain LIKE 'books/%'",
]
RECEIPT = "(SELECT max(id) FROM auditevent WHERE action = 'record_payment')"

TAMPERINGS: dict[str, tuple[list[str | tuple[int, bool]], str, str]] = {
    "an amount": ([AMOUNT.format(by=1) + " AND line = 0"], "entry_changed", "entry 3"),
    "two amounts, so that they still balance": (
        [AMOUNT.format(by=1) + " AND line = 0", AMOUNT.format(by=-1) + " AND line = 1"],
        "entry_changed",
        "entry 3",
    ),
    "a base amount": (
        ["UPDATE ledgerposting SET base_minor = 1 WHERE seq = 3 AND line = 0"],
        "base_differs",
        "entry 3",
    ),
    "an amount that is text": (
        ["UPDATE ledgerposting SET amount_minor = 'much' WHERE seq = 3 AND line = 0"],
        "amount_is_no_integer",
        "entry 3",
    ),
    "a posting deleted": (["DELETE FROM ledgerposting WHERE seq = 3 AND line = 0"], "posting_missing", "entry 3"),
    "two postings added": (
        [
            (
                "INSERT INTO ledgerposting SELECT consortium_id, seq, line + 2, account_id, 7-14*line, 7-14*line"
                " FROM ledgerposting WHERE seq = 3"
            )
        ],
        "entry_changed",
        "entry 3",
    ),
    "a posting moved to another firm": (
        [
            (
                "UPDATE ledgerposting SET account_id = (SELECT id FROM ledgeraccount WHERE code = 'member/2')"
                " WHERE seq = 3 AND line = 0"
            )
        ],
        "entry_changed",
        "entry 3",
    ),
    "the account given to another firm": (
        ["UPDATE ledgeraccount SET member_id = 2 WHERE code = 'member/1'"],
        "entry_changed",
        "entry 1",
    ),
    "the currency of an account": (
        ["UPDATE ledgeraccount SET currency = 'EUR' WHERE code = 'income/dues'"],
        "entry_unbalanced",
        "entry 3",
    ),
    "the reason": (["UPDATE ledgerentry SET text = 'gift' WHERE seq = 2"], "entry_changed", "entry 2"),
    "the day": (["UPDATE ledgerentry SET value_date = '2026-01-01' WHERE seq = 2"], "entry_changed", "entry 2"),
    "the day of payment": (["UPDATE ledgerentry SET due_on = NULL WHERE seq = 2"], "entry_changed", "entry 2"),
    "the moment": (
        ["UPDATE ledgerentry SET booked_at = '2026-01-01 00:00:00.000000' WHERE seq = 2"],
        "entry_changed",
        "entry 2",
    ),
    "who": (["UPDATE ledgerentry SET user_id = 1 WHERE seq = 2"], "entry_changed", "entry 2"),
    "what it rests on": (["UPDATE ledgerentry SET cites = '{}' WHERE seq = 1"], "entry_changed", "entry 1"),
    "what it reverses": (
        ["UPDATE ledgerentry SET reverses = 3 WHERE reverses IS NOT NULL"],
        "reversal_differs",
        "entry 9",
    ),
    "the event that it books": (
        ["DROP INDEX IF EXISTS none", "UPDATE ledgerentry SET source_key = 'x' WHERE seq = 2"],
        "entry_changed",
        "entry 2",
    ),
    "an entry in the middle deleted": (
        ["DELETE FROM ledgerposting WHERE seq = 3", "DELETE FROM ledgerentry WHERE seq = 3"],
        "entry_missing",
        "entry 3",
    ),
    "an entry deleted without its postings": (
        ["DELETE FROM ledgerentry WHERE seq = 3"],
        "posting_without_entry",
        "entry 3",
    ),
    "two entries swapped": (SWAP, "link_broken", "entry 3"),
    "the last entry deleted": (CUT, "tail_missing", "entry 8"),
    "the last entry deleted and the head set back": ([*CUT, *BACK], "entry_not_as_recorded", "entry 9"),
    "an entry added": ([COPY_LINES, COPY], "entry_changed", "entry 10"),
    "an entry added and the head moved on": ([COPY_LINES, COPY, *BACK], "entry_not_recorded", "entry 10"),
    "an entry rewritten with its own hash": (
        [AMOUNT.format(by=1) + " AND line = 0", AMOUNT.format(by=-1) + " AND line = 1", (3, False)],
        "link_broken",
        "entry 4",
    ),
    "the chain rewritten from an entry on": (
        [AMOUNT.format(by=1) + " AND line = 0", AMOUNT.format(by=-1) + " AND line = 1", (3, True)],
        "entry_not_as_recorded",
        "entry 6",
    ),
    "the head of the books deleted": (["DELETE FROM chainhead WHERE chain LIKE 'books/%'"], "head_missing", "entry 9"),
    "all books deleted": (
        ["DELETE FROM ledgerposting", "DELETE FROM ledgerentry", "DELETE FROM chainhead WHERE chain LIKE 'books/%'"],
        "entry_not_as_recorded",
        "entry 1",
    ),
    "what an event says": (
        [f"UPDATE auditevent SET detail = '{{}}' WHERE id = {RECEIPT}"],
        "audit_event_changed",
        "audit event",
    ),
    "who did it": ([f"UPDATE auditevent SET user_id = 1 WHERE id = {RECEIPT}"], "audit_event_changed", "audit event"),
    "an event deleted": ([f"DELETE FROM auditevent WHERE id = {RECEIPT}"], "audit_event_missing", "audit event"),
    "an event deleted with its seal": (
        [f"DELETE FROM auditseal WHERE event_id = {RECEIPT}", f"DELETE FROM auditevent WHERE id = {RECEIPT}"],
        "seal_missing",
        "audit seal",
    ),
    "an event added": (
        ["INSERT INTO auditevent (at, action, subject, detail) VALUES ('2026-01-01 00:00:00.000000', 'x', 'x', '{}')"],
        "audit_event_unsealed",
        "audit event",
    ),
    "the end of the audit trail deleted": (
        [
            "DELETE FROM auditseal WHERE seq = (SELECT max(seq) FROM auditseal)",
            "DELETE FROM auditevent WHERE id = (SELECT max(id) FROM auditevent)",
        ],
        "audit_tail_missing",
        "audit trail",
    ),
    "two seals swapped": (
        [f"UPDATE auditseal SET seq = {new} WHERE seq = {old}" for old, new in ((3, 99), (4, 3), (99, 4))],
        "audit_link_broken",
        "audit event",
    ),
    "a closed period opened": (["DELETE FROM periodclose"], "close_missing", "closed until 2025-12-31"),
    "a period closed by hand": (
        [
            (
                "INSERT INTO periodclose (consortium_id, closed_until, closed_at) SELECT id, '2026-12-31', '2026-01-01'"
                " FROM consortium"
            )
        ],
        "close_not_recorded",
        "closed until 2026-12-31",
    ),
    "a cost share": (
        ["UPDATE costshare SET pays_minor = pays_minor - 1 WHERE member_id = 1"],
        "cited_shares_changed",
        "entry 1",
    ),
    "the plan": (
        ["""UPDATE storedplan SET plan = replace(plan, '"gap_ppm": 0', '"gap_ppm": 1')"""],
        "cited_plan_changed",
        "entry 1",
    ),
}


@pytest.fixture
def tampered(template, tmp_path):
    """Return a function that changes a copy by hand, without its triggers, and gives the findings."""

    def tamper(acts: list) -> list:
        path = tmp_path / "copy.sqlite3"
        shutil.copyfile(template, path)
        connection = sqlite3.connect(path)
        connection.row_factory = sqlite3.Row
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for one in triggers:
            connection.execute(f"DROP TRIGGER {one['name']}")
        for act in acts:
            if isinstance(act, str):
                connection.execute(act)
            else:
                rehash(connection, act[0], relink=act[1])
        for one in triggers:
            connection.execute(one["sql"])
        connection.commit()
        connection.close()
        url = f"sqlite:///{path}"
        with engine_for(url).connect() as reading:
            found = check_books(reading).findings
        engine_for(url).dispose()
        return found

    return tamper


def test_untouched_books_are_all_right(tampered):
    assert tampered([]) == []


@pytest.mark.parametrize("name", TAMPERINGS)
def test_every_tampering_is_found_and_named(tampered, name):
    acts, code, place = TAMPERINGS[name]
    found = tampered(acts)
    assert (code, True) in {(one.code, place in one.place) for one in found}, found


def test_the_first_finding_is_the_first_broken_link(tampered):
    first = tampered(["UPDATE ledgerentry SET text = 'x' WHERE seq >= 4", "UPDATE auditevent SET subject = 'x'"])[0]
    assert (first.code, first.place) == ("entry_changed", "books cafe, entry 4")


def test_there_are_at_least_twenty_attempts():
    assert len(TAMPERINGS) >= 20


def test_triggers_that_are_gone_are_missed(template, tmp_path):
    path = tmp_path / "copy.sqlite3"
    shutil.copyfile(template, path)
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER ledgerposting_no_update")
    with engine_for(f"sqlite:///{path}").connect() as connection:
        assert [one.code for one in check_books(connection).findings] == ["guards_missing"]


def test_a_whole_forged_history_is_caught_by_an_end_that_was_noted_down(template, tampered):
    with engine_for(f"sqlite:///{template}").connect() as connection:
        heads = {one.chain: (one.links, one.hash) for one in check_books(connection).heads}
        assert check_books(connection, heads).findings == []
        forged = {**heads, "cafe": (heads["cafe"][0], "f" * 64)}
        assert [one.code for one in check_books(connection, forged).findings] == ["not_as_noted"]


@pytest.mark.parametrize(
    ("language", "said"), [("es", "no es lo que se selló"), ("pt", "não é o que foi selado"), ("en", "was sealed")]
)
def test_the_command_names_the_first_broken_link(template, tmp_path, monkeypatch, capsys, language, said):
    path = tmp_path / "copy.sqlite3"
    shutil.copyfile(template, path)
    monkeypatch.setenv(ENVIRONMENT_NAME, f"sqlite:///{path}")
    assert main(["check", "--lang", language]) == 0
    ends = capsys.readouterr().out.splitlines()
    assert [one.split(":")[:2] for one in ends] == [["cafe", "9"], ["audit", ends[1].split(":")[1]]]
    assert main(["check", "--known", ends[0]]) == 0
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TRIGGER ledgerentry_no_update")
        connection.execute("UPDATE ledgerentry SET text = 'x' WHERE seq = 5")
    capsys.readouterr()
    assert main(["check", "--lang", language]) == 4
    told = capsys.readouterr().err
    assert re.search(r" cafe, \w+ 5: .*" + re.escape(said), told)


def test_the_judge_shares_no_code_with_what_writes():
    source = (ROOT / "consortium" / "ledger_checks.py").read_text(encoding="utf-8")
    names = {
        name
        for node in ast.walk(ast.parse(source))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom)
            else [one.name for one in node.names] if isinstance(node, ast.Import) else []
        )
    }  # fmt: skip
    assert [name for name in names if name.startswith(("consortium", "optimizer", "app"))] == []


def test_every_finding_has_its_sentence():
    source = (ROOT / "consortium" / "ledger_checks.py").read_text(encoding="utf-8")
    made = set(re.findall(r'(?:_say|Finding)\(\s*"(\w+)"', source)) | {"cited_plan_changed", "cited_shares_changed"}
    assert made == set(cli_check.WHAT)
