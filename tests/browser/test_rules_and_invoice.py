"""A decision, a plan that follows it, the carrier's invoice and each member's difference, in a browser."""

import re

import pytest
from playwright.sync_api import expect

from consortium import database, queries
from consortium.services import access, planning, shipments
from tests.browser.conftest import PHRASE
from tests.browser.driving import click, settle, sign_in
from tests.browser.test_main_journey import sign_out, use_english

pytestmark = pytest.mark.browser

OPEN = 2


def acting(username):
    actor = access.actor_of_user(access.user_id_of(access.OPERATOR, username))
    assert actor is not None
    return actor


def plan_and_agree(page):
    """Have the open shipment of the example frozen, planned by volume by the worker, and agreed."""
    manager = acting("manager@demo")
    shipments.freeze(manager, OPEN)
    planning.request_plan(manager, OPEN, time_limit_s=30, with_load_plan=False)
    for _ in range(360):
        plan_id = queries.shipment(manager, OPEN).plan_id
        if plan_id is not None:
            break
        page.wait_for_timeout(500)
    assert plan_id is not None
    shipments.agree(manager, OPEN, plan_id)


def test_a_decision_shares_a_shipment_and_its_invoice_changes_each_share_by_its_part(
    served, browser, tmp_path, monkeypatch
):
    monkeypatch.setenv(database.ENVIRONMENT_NAME, f"sqlite:///{tmp_path / 'consortium.sqlite3'}")
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, locale="en")
    page = context.new_page()
    sign_in(page, served, "manager@demo", PHRASE)
    use_english(page)

    page.goto(f"{served}/rules")
    settle(page)
    expect(page.get_by_text("Decision 1 of")).to_be_visible()
    page.get_by_text("Record a decision", exact=True).click()
    page.get_by_role("textbox", name="What was decided").fill("Everybody pays the same part.")
    page.get_by_role("textbox", name="Minutes").fill("Minutes 5, item 1")
    rule = page.get_by_role("combobox", name=re.compile("Rule for what is shared together")).first
    rule.click()
    rule.fill("Equal shares")  # only some of a long list are on the page until one looks for them
    page.get_by_role("option", name="Equal shares", exact=True).click()
    click(page, "Record the decision")
    expect(page.get_by_text("Decision 2 of")).to_be_visible(timeout=20_000)
    expect(page.get_by_test_id("stMain")).to_contain_text("Everybody pays the same part.")

    plan_and_agree(page)
    page.goto(f"{served}/shipment?shipment={OPEN}")
    settle(page)
    expect(page.get_by_text("it can no longer change for this shipment")).to_be_visible()
    page.get_by_role("link", name="Invoice").click()
    settle(page)
    expect(page.get_by_role("heading", name="Estimate and invoice")).to_be_visible()
    page.get_by_role("textbox", name="Invoice number").fill("F-2027-9")
    freight = next(one for one in queries.invoices(acting("manager@demo"), OPEN).slots if one.charge_class == "freight")
    billed = f"{(freight.estimate_minor + 9_000) / 100:.2f}"
    page.get_by_role("spinbutton", name=re.compile(f"^{freight.code} ")).fill(billed)
    click(page, "Enter the invoice")
    expect(page.get_by_role("heading", name="Invoices")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("F-2027-9").first).to_be_visible()
    found = queries.invoices(acting("manager@demo"), OPEN)
    assert sum(one.difference_minor for one in found.members) == 9_000
    sign_out(page)

    sign_in(page, served, "member2@demo", PHRASE)
    use_english(page)
    page.goto(f"{served}/invoice?shipment={OPEN}")
    settle(page)
    expect(page.get_by_text("Your share now")).to_be_visible()
    own = next(one for one in found.members if one.member_code == "QUINUA")
    expect(page.get_by_test_id("stMain")).to_contain_text(f"{own.difference_minor / 100:.2f}")
    rivals = [one.member_name for one in found.members if one.member_code != "QUINUA"]
    assert not [name for name in rivals if name in page.content()]
    context.close()
