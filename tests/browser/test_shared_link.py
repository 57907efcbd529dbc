"""A link to a load plan in a browser: made by a manager, opened by a stranger on a phone, revoked, opened no more."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHRASE
from tests.browser.driving import click, settle, sign_in
from tests.browser.load_world import MANAGER, store_in

pytestmark = pytest.mark.browser


def test_a_stranger_opens_a_link_until_it_is_revoked(served, browser, tmp_path):
    shipment = store_in(tmp_path)
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page()
    sign_in(page, served, MANAGER, PHRASE)
    page.goto(f"{served}/load_plan?shipment={shipment}")
    settle(page)
    page.get_by_text("Share with a warehouse or a forwarder").click()
    click(page, "Make the link")
    address = page.get_by_test_id("stCode").inner_text().strip()
    assert address.startswith(f"{served}/load/")

    stranger = browser.new_context(viewport={"width": 390, "height": 844}, locale="en").new_page()
    fetched, errors = [], []
    stranger.on("request", lambda request: fetched.append(request.url))
    stranger.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    assert stranger.goto(address).status == 200
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Load plan")
    assert stranger.locator("article.step").count() > 1
    assert stranger.locator("article.step svg").first.is_visible()
    assert stranger.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert [url for url in fetched if url != address and not url.startswith("data:")] == []
    assert errors == []
    stranger.goto(f"{served}/shipment?shipment={shipment}")
    expect(stranger.locator("input[name=password]")).to_be_visible()

    page.get_by_role("button", name="Revoke link 1").click()
    expect(page.get_by_text("The link no longer opens.")).to_be_visible()
    assert stranger.goto(address).status == 404
    expect(stranger.get_by_role("heading", name="This link does not open")).to_be_visible()
    assert stranger.locator("svg").count() == 0
