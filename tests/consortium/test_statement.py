"""Statements: what stands on paper is what stands in the books, for the member itself and nobody else."""

import io
import re
from datetime import date
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlmodel import select

from consortium import queries
from consortium.books_drafts import CallDraft, FeeDraft, InvoiceDraft, PaymentDraft
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError
from consortium.models import LedgerAccount, Member
from consortium.permissions import ForbiddenError
from consortium.services import books, fees
from consortium.services.statements import statement_file, trial_balance_file
from tests.consortium.booked import DAY, standing
from tests.consortium.builders import make_world

FORMULA = '=HYPERLINK("http://x","y")'


@pytest.fixture
def world(database):
    """Return a world in which andina was called, charged, has paid twice, and got a fee taken back."""
    world = make_world()
    key, manager, andina = world.consortium_id, world.manager, world.members["andina"]
    with unit_of_work() as session:
        for member in session.exec(select(Member)):
            member.joined_on = date(2020, 1, 1)
    call = {"code": "C-1", "text": FORMULA, "value_date": DAY, "due_on": date(2026, 3, 20)}
    books.call_for_funds(manager, key, CallDraft(**call, amounts_minor={andina: 123_456, world.members["bahia"]: 7}))
    for reference, day, amount in (("R-1", date(2026, 3, 10), 100_000), ("R-2", date(2026, 4, 1), 3_456)):
        paid = PaymentDraft(
            direction="in", member_id=andina, value_date=day, amount_minor=amount, reference=reference, text="Pago"
        )
        books.record_payment(manager, key, paid)
    for name, amount in (("dues", 1_000_001), ("wrong", 5)):
        fee = FeeDraft(
            kind="dues", name=name, first_on=DAY, last_on=DAY, value_date=DAY, due_on=DAY, amount_minor=amount
        )
        fees.run_fee(manager, key, fee)
    number = min(one.seq for one in queries.journal(manager, key) if one.text == "wrong")
    books.reverse_entry(manager, key, number, date(2026, 3, 3), "not yet")
    return world


def closing(world, firm="andina", kind="member"):
    return standing().get(f"{kind}/{world.members[firm]}", 0)


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_the_statement_is_the_account(world):
    view = queries.member_statement(world.member, world.members["andina"], date(2026, 3, 5), date(2026, 12, 31))
    owes, ahead = view.sections
    assert (owes.account_kind, owes.opening_minor, owes.closing_minor) == ("member", 1_123_457, closing(world))
    assert (owes.charged_minor, owes.called_minor, owes.paid_minor, owes.other_minor) == (0, 0, 103_456, 0)
    assert owes.opening_minor + sum(line.amount_minor for line in owes.lines) == owes.closing_minor
    assert (ahead.account_kind, ahead.closing_minor) == ("advance", 123_456)
    whole = queries.member_statement(world.member, world.members["andina"], None, date(2026, 12, 31)).sections[0]
    assert (whole.opening_minor, whole.charged_minor, whole.called_minor) == (0, 1_000_006, 123_456)
    assert whole.charged_minor + whole.called_minor - whole.paid_minor + whole.other_minor == whole.closing_minor


@pytest.mark.parametrize(
    ("language", "shown", "words"),
    [
        ("es", "1.020.001,00", ("Estado de cuenta", "Saldo final", "Cuota")),
        ("pt", "1.020.001,00", ("Extrato", "Saldo final", "Taxa")),
        ("en", "1,020,001.00", ("Statement", "Closing balance", "Fee")),
    ],
)
def test_money_on_paper_is_money_in_the_books(world, language, shown, words):
    dues = FeeDraft(kind="dues", name="more", first_on=DAY, last_on=DAY, value_date=DAY, amount_minor=100_980_099)
    fees.run_fee(world.manager, world.consortium_id, dues)
    assert closing(world) == 102_000_100
    actor = world.member.__class__(**{**_values(world.member), "language": language})
    found = text_of(statement_file(actor, world.members["andina"], "statement.pdf", {"last_on": "2026-12-31"}).content)
    assert shown in found
    assert all(word in found for word in words)
    view = queries.member_statement(actor, world.members["andina"], None, date(2026, 12, 31))
    digits = re.sub(r"[^\d]", "", found)
    for section in view.sections:
        for line in section.lines:
            assert str(abs(line.amount_minor)) in digits
            assert line.reference in found


def _values(actor):
    return {name: getattr(actor, name) for name in actor.__dataclass_fields__}


def test_the_same_statement_gives_the_same_bytes(world):
    for name in ("statement.pdf", "statement.xlsx"):
        first, second = (
            statement_file(world.member, world.members["andina"], name, {"last_on": "2026-12-31"}) for _ in range(2)
        )
        assert first.content == second.content
        assert first.filename == f"andina-{name}"


def test_the_workbook_holds_numbers_and_no_formula(world):
    found = statement_file(world.manager, world.members["andina"], "statement.xlsx", {"last_on": "2026-12-31"})
    with ZipFile(io.BytesIO(found.content)) as parts:
        assert not [
            name for name in parts.namelist() if b"<f>" in parts.read(name) or b"<hyperlink" in parts.read(name)
        ]
    page = load_workbook(io.BytesIO(found.content)).worksheets[0]
    cells = [[cell.value for cell in row] for row in page.iter_rows()]
    assert FORMULA in [row[3] for row in cells]
    assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
    assert round(cells[-1][6] * 100) == closing(world)
    trial = load_workbook(io.BytesIO(trial_balance_file(world.auditor, world.consortium_id, {}).content)).worksheets[0]
    amounts = {row[0].value: row[4].value for row in trial.iter_rows(min_row=2)}
    assert {code: round(amount * 100) for code, amount in amounts.items()} == standing()
    assert abs(sum(amounts.values())) < 0.001


def test_a_statement_is_for_the_member_itself(world):
    mine, theirs = world.members["andina"], world.members["bahia"]
    with pytest.raises(NotFoundError):
        queries.member_statement(world.rival, mine)
    assert queries.member_statement(world.manager, theirs).member_code == "bahia"
    for actor in (world.agency, world.nobody):
        with pytest.raises(ForbiddenError):
            queries.member_statement(actor, mine)
    for read in (queries.trial_balance, queries.journal):
        with pytest.raises(ForbiddenError):
            read(world.member, world.consortium_id)
    with pytest.raises(InputError):
        statement_file(world.member, mine, "statement.pdf", {"first_on": "yesterday"})
    with pytest.raises(NotFoundError):
        statement_file(world.member, mine, "statement.exe", {})


def test_the_trial_balance_sums_to_zero_on_every_day(world):
    for day in (date(2026, 3, 1), DAY, date(2026, 3, 3), date(2026, 3, 31), None):
        found = queries.trial_balance(world.manager, world.consortium_id, day)
        assert sum(one.base_minor for one in found.money) == 0
    assert {one.code: one.amount_minor for one in found.money} == standing()


def test_the_journal_is_read_page_by_page_and_knows_what_was_taken_back(world):
    whole = queries.journal(world.auditor, world.consortium_id)
    pages = queries.journal(world.auditor, world.consortium_id, limit=2)
    pages += queries.journal(world.auditor, world.consortium_id, before=pages[-1].seq)
    assert pages == whole
    assert [one.seq for one in whole] == list(range(len(whole), 0, -1))
    assert whole[0].reverses is not None
    taken_back = next(one for one in whole if one.seq == whole[0].reverses)
    assert (taken_back.reversed_by, taken_back.username) == (whole[0].seq, world.manager.username)
    assert all(sum(line.base_minor for line in one.lines) == 0 for one in whole)


def test_payments_settle_what_fell_due_first_and_reversed_charges_count_for_nothing(world):
    found = {one.member_name: one for one in queries.arrears(world.manager, world.consortium_id, date(2026, 3, 15))}
    # 10,000.01 of dues were due on 2 March, 1,000.00 of it is paid; the call is due on the 20th
    andina = found["Andina"]
    assert (andina.overdue_minor, andina.oldest_due_on, andina.days_late) == (900_001, DAY, 13)
    assert andina.later_minor == 123_456
    later = queries.arrears(world.manager, world.consortium_id, date(2026, 4, 2))
    assert later[0].overdue_minor == closing(world)
    assert sum(one.overdue_minor for one in later) == sum(closing(world, firm) for firm in world.members)


def test_a_member_statement_says_nothing_of_others(world):
    books.record_invoice(
        world.manager,
        world.consortium_id,
        InvoiceDraft(supplier="rival supplier", number="1", value_date=DAY, amount_minor=5, expense="rival expense"),
    )
    seen = repr(queries.member_statement(world.member, world.members["andina"]))
    assert not [word for word in ("bahia", "Bahia", "cumbre", "rival") if word in seen]
    with unit_of_work() as session:
        assert len(session.exec(select(LedgerAccount)).all()) > 6
