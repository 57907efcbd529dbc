"""A load plan in a browser: drawn in three dimensions, followed step by step, and read by a member."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHRASE
from tests.browser.driving import settle, sign_in
from tests.browser.load_world import MANAGER, MEMBER, store_in
from tests.browser.measuring import cut_off, low_contrast, without_name
from tests.consortium.load_worlds import MARK

pytestmark = pytest.mark.browser


def open_load(browser, served, username, shipment, width=1280):
    """Sign in and follow the links of the shipment to its load plan; return the page and what it fetched elsewhere."""
    page = browser.new_context(viewport={"width": width, "height": 900}, locale="en").new_page()
    outside = []
    own = (served, served.replace("http", "ws", 1), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else outside.append(request.url))
    sign_in(page, served, username, PHRASE)
    page.goto(f"{served}/shipment?shipment={shipment}&step=compare")
    settle(page)
    page.get_by_role("link", name="Load plan").click()
    page.get_by_role("heading", name="Load plan").wait_for()
    settle(page)
    return page, outside


def test_a_load_is_followed_step_by_step_and_a_member_sees_no_rival(served, browser, tmp_path):
    shipment = store_in(tmp_path)
    page, outside = open_load(browser, served, MANAGER, shipment)
    expect(page.get_by_role("img", name=re.compile("From above: 14 packages"))).to_be_visible()
    expect(page.get_by_test_id("stPlotlyChart").locator("canvas").first).to_be_visible(timeout=60_000)
    expect(page.get_by_text("It found no violation.")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("on the floor")
    slider = page.get_by_role("slider")
    slider.focus()
    slider.press("Home")
    expect(page.get_by_text(re.compile("^Step 1: "))).to_be_visible()
    settle(page)
    expect(page.get_by_role("img", name=re.compile("From above: [1-9] package"))).to_be_visible()
    assert (without_name(page), low_contrast(page), cut_off(page), outside) == ([], [], [], [])
    page.context.close()

    page, outside = open_load(browser, served, MEMBER, shipment, width=390)
    expect(page.get_by_text("Other firms").first).to_be_visible()
    wide = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wide)
    assert MARK not in page.content()
    assert outside == []
    page.context.close()
