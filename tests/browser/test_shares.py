"""A member asks why its amount is what it is and what would change it; the manager compares all rules."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHRASE
from tests.browser.driving import click, compare_rules, make_plan, settle, sign_in
from tests.browser.test_main_journey import sign_out, use_english

pytestmark = pytest.mark.browser

WAIT_MS = 240_000


def test_shares_are_compared_explained_and_asked_about(served, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    page = context.new_page()
    sign_in(page, served, "manager@demo", PHRASE)
    use_english(page)
    page.goto(f"{served}/shipment?shipment=1")
    make_plan(page)

    page.goto(f"{served}/cost_shares?shipment=1")
    settle(page)
    expect(page.get_by_role("link", name="Compare rules, ask what if")).to_be_visible()
    compare_rules(page, served, 1)
    for rule in ("Nucleolus per head", "Most equal stable", "Weighted Shapley", "By value"):
        expect(page.get_by_role("table").first).to_contain_text(rule)
    expect(page.get_by_text("no group objects").first).to_be_visible()
    sign_out(page)

    sign_in(page, served, "member@demo", PHRASE)
    use_english(page)
    page.goto(f"{served}/cost_shares?shipment=1")
    settle(page)
    page.get_by_role("link", name="Why is my amount what it is?").click()
    settle(page)
    expect(page.get_by_text("From the cost alone to what is paid")).to_be_visible()
    expect(page.get_by_text(re.compile("^Alone the goods would travel as"))).to_be_visible()
    click(page, "Work it out")
    expect(page.get_by_text(re.compile(r"^What if .* leaves\?$"))).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_text("Share now")).to_be_visible(timeout=WAIT_MS)
    settle(page)
    shown = page.content()
    for rival in ("QUINUA", "TRAPICHE", "TUMACO", "Granos Altiplano", "Costa Verde"):
        assert rival not in shown
    page.goto(f"{served}/method_comparison?shipment=1")
    settle(page)
    expect(page.get_by_text("There is nothing here that you can open.")).to_be_visible()
    context.close()
