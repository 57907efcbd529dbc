"""The books on their pages: what a manager books, what a member reads, what is refused in words."""

from datetime import date, timedelta

import pytest

from app.texts import LANGUAGES
from consortium import queries
from consortium.books_drafts import FeeDraft
from consortium.models.base import utc_now
from consortium.services.fees import run_fee
from tests.pages.conftest import acting

DAY = date(2026, 3, 2)


def said(at):
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.error, at.warning, at.info, at.success)
    return " ".join(each.value for kind in kinds for each in kind)


def charge(amount=12_345, name="dues"):
    manager = acting("manager@demo")
    here = manager.grants[0].consortium_id
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    fee = FeeDraft(
        kind="dues", name=name, first_on=first, last_on=last, value_date=DAY, due_on=DAY, amount_minor=amount
    )
    run_fee(manager, here, fee)
    return here


def shown(tables):
    return " ".join(str(each.value) for each in tables)


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_books_say_what_will_come(open_page, language):
    at = open_page("manager@demo", "books", language=language)
    assert not at.exception
    assert {"es": "Nadie debe nada", "pt": "Ninguém deve nada", "en": "Nobody owes anything"}[language] in said(at)


def test_a_fee_that_is_charged_is_owed_and_stands_in_the_journal(open_page):
    at = open_page("manager@demo", "books")
    at.text_input(key="fee_name").input("dues")
    at.number_input(key="fee_amount").set_value(123.45)
    at.date_input(key="fee_first").set_value(date(2026, 1, 1))
    at.date_input(key="fee_last").set_value(date(2026, 12, 31))
    at.button(key="fee_save").click().run()
    assert not at.exception
    assert not at.error
    tables = shown(at.table) + shown(at.dataframe)
    assert "123.45" in tables.replace(",", ".")
    manager = acting("manager@demo")
    entries = queries.journal(manager, manager.grants[0].consortium_id)
    assert {one.kind for one in entries} == {"fee"}


def test_what_lacks_is_said_with_its_field(open_page):
    at = open_page("manager@demo", "books")
    at.button(key="fee_save").click().run()
    text = at.error[0].value
    assert "Name" in text
    assert "From" in text
    assert "Until" in text


def test_a_payment_is_booked_once(open_page):
    here = charge()
    at = open_page("manager@demo", "books")
    for _ in range(2):
        at.number_input(key="payment_amount").set_value(23.45)
        at.text_input(key="payment_reference").input("R-1")
        at.button(key="payment_save").click().run()
    assert "**Reference**" in at.error[0].value
    money = {one.kind: one.amount_minor for one in queries.trial_balance(acting("manager@demo"), here).money}
    assert money["bank"] == 2_345


def test_an_entry_is_taken_back_with_a_reason(open_page):
    here = charge()
    manager = acting("manager@demo")
    newest = queries.journal(manager, here)[0].seq
    at = open_page("manager@demo", "books")
    at.button(key=f"reverse_{newest}").click().run()
    assert "Why" in at.error[0].value
    at.text_input(key=f"why_{newest}").input("wrong year")
    at.button(key=f"reverse_{newest}").click().run()
    assert not at.exception
    taken_back = next(one for one in queries.journal(manager, here) if one.seq == newest)
    assert taken_back.reversed_by is not None
    assert f"Taken back by entry {taken_back.reversed_by}." in said(at)


def test_a_closed_period_is_said_in_words(open_page):
    at = open_page("manager@demo", "books")
    until = utc_now().date() + timedelta(days=30)
    at.date_input(key="close_until").set_value(until).run()
    at.button(key="close_save").click().run()
    at.number_input(key="payment_amount").set_value(1)
    at.button(key="payment_save").click().run()
    assert f"closed until {until}" in at.warning[0].value


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "Debido al consorcio"), ("pt", "Devido ao consórcio"), ("en", "Owed to the consortium")],
)
def test_a_member_reads_its_own_statement(open_page, language, words):
    charge()
    at = open_page("member@demo", "statement", language=language)
    assert not at.exception
    assert words in [each.value for each in at.subheader]
    assert [each.value.replace("\xa0", " ").replace(",", ".") for each in at.metric][-1] == "USD 123.45"
    everything = said(at) + shown(at.table) + shown(at.dataframe)
    for rival in ("Altiplano", "Tallán", "Trapiche"):
        assert rival not in everything
    links = " ".join(each.proto.body for each in at.get("html"))
    assert f"/files/members/{acting('member@demo').grants[0].member_id}/statement.pdf" in links


def test_a_period_narrows_the_statement(open_page):
    charge()
    at = open_page("member@demo", "statement")
    at.date_input(key="statement_from").set_value(date(2026, 3, 3)).run()
    (sums,) = at.table
    assert "Opening balance" in str(sums.value)
    assert "Charged" not in str(sums.value)
    assert [each.label for each in at.metric] == ["Closing balance"]


def test_an_auditor_reads_and_books_nothing(open_page):
    charge()
    at = open_page("auditor@demo", "books")
    assert not at.exception
    assert "To book" not in said(at)
    assert not [each for each in at.button if each.key and each.key.startswith("reverse_")]


def test_a_bank_file_is_booked_once_and_what_is_doubtful_is_asked_about(open_page):
    at = open_page("manager@demo", "books")
    at.file_uploader(key="bank_file").upload("bank.csv", b"date,text,amount\n2026-03-02,fee,5\n").run()
    at.checkbox(key="bank_whole").uncheck().run()
    at.button(key="bank_save").click().run()
    assert not at.exception
    at.file_uploader(key="bank_file").upload("other.csv", b"date,text,amount\n2026-03-02,fee,5\n2026-03-02,x,7\n").run()
    at.button(key="bank_save").click().run()
    assert "1 row looks like one that is booked" in said(at)
    at.multiselect(key="bank_accepted").select(2).run()
    at.button(key="bank_save").click().run()
    assert not at.exception
    manager = acting("manager@demo")
    found = queries.trial_balance(manager, manager.grants[0].consortium_id).money
    assert {one.kind: one.amount_minor for one in found} == {"bank": 1_700, "clearing": -1_700}
