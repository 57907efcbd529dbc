"""Bank files: read exactly, booked once however they overlap, and real twins never swallowed."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import select

from consortium.bank_matching import StoredRow, fingerprint, match_rows
from consortium.books_drafts import AssignDraft
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.formats.bank_files import BankRow, read_bank_file
from consortium.models import EntryKind, LedgerEntry
from consortium.services import books
from consortium.services.bank import assign_movement, import_bank_file
from tests.consortium.booked import assert_sound, standing
from tests.consortium.builders import make_world

CSV = """Fecha;Concepto;Importe;Saldo
2026-03-02;Cuota Andina;100,00;100,00
2026-03-02;Café;-20,50;79,50
2026-03-03;Cuota Andina;100,00;179,50
"""
CAMT = """<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Id><IBAN>DE00</IBAN></Id></Acct><FrToDt><FrDtTm>2026-03-01T00:00:00</FrDtTm>
<ToDtTm>2026-03-31T00:00:00</ToDtTm></FrToDt>
<Ntry><Amt Ccy="USD">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-03-02</Dt></BookgDt>
<AcctSvcrRef>A1</AcctSvcrRef><NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Andina</Nm></Dbtr></RltdPties>
<RmtInf><Ustrd>Quota</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="USD">20.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><DtTm>2026-03-02T10:00:00</DtTm></BookgDt>
<AcctSvcrRef>NONREF</AcctSvcrRef></Ntry>
<Ntry><Amt Ccy="USD">5.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts>
<BookgDt><Dt>2026-03-03</Dt></BookgDt></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
OFX = """OFXHEADER:100
DATA:OFXSGML

<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD<BANKTRANLIST><DTSTART>20260301<DTEND>20260331
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260302120000[-5:EST]<TRNAMT>100.00<FITID>F1<NAME>Andina &amp; Co<MEMO>Quota
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260302<TRNAMT>-20,50<FITID>F2<NAME>Café</STMTTRN>
</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"""


def amounts(content: str, file: str = "x", **options):
    found = read_bank_file(content.encode(), file, "USD", **options)
    return [(one.booked_on.day, one.amount_minor, one.party, one.reference, one.balance_minor) for one in found.rows]


def test_three_kinds_of_files_say_the_same():
    assert amounts(CSV, number_format="1.234,5") == [
        (2, 10_000, "", "", 10_000), (2, -2_050, "", "", 7_950), (3, 10_000, "", "", 17_950),
    ]  # fmt: skip
    assert amounts(CAMT) == [(2, 10_000, "Andina", "A1", None), (2, -2_050, "", "", None)]
    assert amounts(OFX) == [(2, 10_000, "Andina & Co", "F1", None), (2, -2_050, "Café", "F2", None)]
    found = read_bank_file(CAMT.encode(), "x", "USD")
    assert (found.first_on, found.last_on) == (date(2026, 3, 1), date(2026, 3, 31))


def test_debit_and_credit_columns_and_other_dates():
    text = "Data,Débito,Crédito,Histórico\n31/12/2026,10.00,,a\n1/2/2026,,7.5,b\n"
    found = amounts(text, number_format="1234.5", date_format="31/12/2026")
    assert [one[1] for one in found] == [-1_000, 750]
    with pytest.raises(InputError):
        amounts(text, number_format="1234.5", date_format="12/31/2026")


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("date,amount\n2026-03-02,1.234\n", "wrong_number", 2),
        ("date,amount\n2026-02-30,1\n", "wrong_date", 2),
        ("date,text\n2026-03-02,x\n", "missing_column", 1),
        ("date,amount,currency\n2026-03-02,1,EUR\n", "currency_mismatch", 2),
        ("date,amount\n", "empty_file", None),
        (CAMT.replace("<Document", "<!DOCTYPE x [<!ENTITY a 'b'>]><Document", 1), "external_part", None),
        (CAMT.replace("</Stmt>", ""), "damaged_file", None),
        (CAMT.replace("20.50", "20.505"), "wrong_number", 2),
        (OFX.replace("20260302<", "2026x<"), "wrong_date", 2),
    ],
)
def test_a_bad_file_is_refused_with_the_place(text, code, row):
    with pytest.raises(InputError) as refused:
        read_bank_file(text.encode(), "bank.csv", "USD")
    fault = refused.value.faults[0]
    assert (fault.code, fault.place.row, fault.place.file) == (code, row, "bank.csv")


def test_more_decimals_than_the_currency_has_are_refused():
    with pytest.raises(InputError) as refused:
        read_bank_file(b"date,amount\n2026-03-02,10.5\n", "x", "CLP", number_format="1234.5")
    assert refused.value.faults[0].code == "not_whole"


# What is new: rows are made as (day, kind of row), equal ones look the same.

START = date(2026, 3, 1)


def rows_of(days: list[int], *, balances: bool) -> list[BankRow]:
    """Return movements of 1.00 on these days (in order), with the balance after each when the bank gives it."""
    return [
        BankRow(
            number=number,
            booked_on=START + timedelta(days=day),
            amount_minor=100,
            text="fee",
            balance_minor=100 * number if balances else None,
        )
        for number, day in enumerate(sorted(days), start=1)
    ]


class Journal:
    """Imports parts of one true history as the service does."""

    def __init__(self) -> None:
        self.stored: list[StoredRow] = []
        self.files: list[tuple[date, date]] = []
        self.doubtful = 0

    def take(self, part: list[BankRow], *, whole_days: bool) -> None:
        first, last = part[0].booked_on, part[-1].booked_on
        found = match_rows(
            part,
            "csv",
            self.stored,
            knows_whole_day=lambda day: whole_days or first < day < last,
            knew_whole_day=lambda day: any(a < day < b or (whole_days and a <= day <= b) for a, b in self.files),
        )
        self.files.append((first, last))
        self.doubtful += len(found.doubtful)
        self.stored += [
            StoredRow(fingerprint=one.fingerprint, booked_on=one.row.booked_on, amount_minor=100, kind="csv")
            for one in found.new
        ]

    def days(self) -> Counter:
        return Counter(one.booked_on for one in self.stored)


PARTS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=6)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=25), PARTS)
def test_parts_in_any_order_give_one_journal_where_the_bank_gives_balances(days, parts):
    history, journal = rows_of(days, balances=True), Journal()
    wanted: set[int] = set()
    for start, end in parts:
        low, high = sorted((start * len(history) // 101, end * len(history) // 101))
        journal.take(history[low : high + 1], whole_days=False)
        wanted |= set(range(low, high + 1))
    assert Counter(one.fingerprint for one in journal.stored) == Counter(fingerprint(history[one]) for one in wanted)
    assert journal.doubtful == 0


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=25), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5))))
def test_whole_days_in_any_order_give_one_journal_without_anything_to_tell_rows_apart(days, spans):
    history, journal = rows_of(days, balances=False), Journal()
    wanted: Counter = Counter()
    for span in spans:
        low, high = sorted(span)
        part = [one for one in history if low <= (one.booked_on - START).days <= high]
        if part:
            journal.take(part, whole_days=True)
            wanted |= Counter(one.booked_on for one in part)
    assert journal.days() == wanted
    assert journal.doubtful == 0


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=25), PARTS)
def test_rows_that_nothing_tells_apart_are_never_doubled_and_never_dropped_in_silence(days, parts):
    history, journal = rows_of(days, balances=False), Journal()
    wanted: set[int] = set()
    for start, end in parts:
        low, high = sorted((start * len(history) // 101, end * len(history) // 101))
        journal.take(history[low : high + 1], whole_days=False)
        wanted |= set(range(low, high + 1))
    truth = Counter(history[one].booked_on for one in wanted)
    assert all(count <= truth[day] for day, count in journal.days().items())
    assert sum(journal.days().values()) + journal.doubtful >= sum(truth.values())


@pytest.fixture
def world(database):
    return make_world()


def take(world, content: str, file: str = "bank.csv", **options):
    return import_bank_file(world.manager, world.consortium_id, file, content.encode(), **options)


def test_the_same_file_twice_and_in_parts_is_booked_once(world):
    options = {"number_format": "1.234,5"}
    head, *lines = CSV.splitlines(keepends=True)
    take(world, head + lines[0] + lines[1], **options)
    take(world, head + lines[1] + lines[2], **options)
    report = take(world, CSV, **options)
    assert (report.rows, report.booked, report.known, report.doubtful) == (3, 0, 3, ())
    assert standing() == {"bank/main": 17_950, "clearing/main": -17_950}
    assert_sound()


TWINS = "date,text,amount\n" + "2026-03-02,fee,5\n" * 2


def test_two_identical_real_rows_stay_two(world):
    assert take(world, TWINS).booked == 2
    assert take(world, TWINS).booked == 0
    assert standing()["bank/main"] == 1_000


def test_a_twin_in_another_part_of_a_day_is_asked_about(world):
    one = TWINS.replace("fee,5\n" * 1, "fee,5\n", 1).rsplit("2026", 1)[0]
    take(world, one)
    other = one + "2026-03-02,wire,7\n"
    report = take(world, other)
    assert (report.booked, [row.number for row in report.doubtful]) == (1, [2])
    assert take(world, other, accepted=[2]).booked == 1
    assert standing()["bank/main"] == 1_700
    assert take(world, other).booked == 0


def test_another_kind_of_file_about_the_same_days_is_asked_about(world):
    take(world, CAMT, "bank.xml")
    report = take(world, OFX, "bank.ofx")
    assert (report.booked, len(report.doubtful)) == (0, 2)


def test_a_movement_is_assigned_in_parts_and_no_more_than_there_is(world):
    take(world, CSV, number_format="1.234,5")
    with unit_of_work() as session:
        seq = session.exec(select(LedgerEntry.seq).where(LedgerEntry.kind == EntryKind.BANK)).first()
    andina, bahia = world.members["andina"], world.members["bahia"]
    first = AssignDraft(member_id=andina, amount_minor=6_000)
    assign = assign_movement(world.manager, world.consortium_id, seq, first)
    assign_movement(world.manager, world.consortium_id, seq, AssignDraft(member_id=bahia))
    found = standing()
    assert (found[f"member/{andina}"], found[f"member/{bahia}"]) == (-6_000, -4_000)
    with pytest.raises(StateError) as refused:
        assign_movement(world.manager, world.consortium_id, seq, first)
    assert refused.value.code == "movement_assigned"
    books.reverse_entry(world.manager, world.consortium_id, assign, date(2026, 3, 5), "another firm")
    assign_movement(world.manager, world.consortium_id, seq, AssignDraft(income="interest"))
    assert standing()["income/interest"] == -6_000
    with pytest.raises(NotFoundError):
        assign_movement(world.manager, world.consortium_id, assign, first)
    assert_sound()


def test_rows_in_a_closed_period_are_refused_as_a_whole(world):
    books.close_period(world.manager, world.consortium_id, date(2026, 3, 2))
    with pytest.raises(StateError):
        take(world, CSV, number_format="1.234,5")
    assert standing() == {}


def test_a_shuffled_file_of_many_movements_is_the_same_file(world):
    lines = [f"2026-03-{day:02},fee {number % 3},{number}.00,{number}\n" for day in range(1, 5) for number in range(9)]
    head = "date,text,amount,reference\n"
    take(world, head + "".join(lines), number_format="1234.5", whole_days=True)
    random.Random(7).shuffle(lines)
    assert take(world, head + "".join(lines), number_format="1234.5", whole_days=True).booked == 0
