"""A load changed by hand in a browser: moved, refused, undone, moved well, saved as the next plan of the shipment."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHRASE
from tests.browser.driving import click, settle, sign_in
from tests.browser.load_world import MANAGER, store_in
from tests.browser.measuring import cut_off, low_contrast, without_name

pytestmark = pytest.mark.browser


def type_in(page, label, number):
    """Fill one field of a place and wait for the page."""
    field = page.get_by_label(label)
    field.fill(str(number))
    field.press("Tab")
    page.wait_for_timeout(300)
    settle(page)


def choose_package(page, number):
    """Choose the package of this number and wait for the page."""
    field = page.get_by_test_id("stSelectbox").filter(has_text="Package").locator("input").first
    field.click()
    field.fill(f"{number}:")
    field.press("Enter")
    page.wait_for_timeout(300)
    settle(page)
    expect(page.get_by_text(re.compile(f"^1 package chosen: {number}: "))).to_be_visible()


def test_what_the_judge_accepts_is_saved_as_the_next_plan(served, browser, tmp_path):
    shipment = store_in(tmp_path, priced=True)
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page()
    sign_in(page, served, MANAGER, PHRASE)
    page.goto(f"{served}/load_by_hand?shipment={shipment}")
    settle(page)
    save = page.get_by_role("button", name="Save as the next plan")
    expect(page.get_by_text("The judge accepts what stands in the container.")).to_be_visible()
    expect(save).to_be_disabled()

    choose_package(page, 14)  # loaded last: nothing stands on it
    type_in(page, "Height (mm)", 333)
    click(page, "Move there")
    expect(page.get_by_text("The judge does not accept this load")).to_be_visible()
    expect(save).to_be_disabled()
    click(page, "Undo")
    expect(page.get_by_text("The judge accepts what stands in the container.")).to_be_visible()

    # Towards the door there is room: a 40' container holds fourteen pallets of about a metre.
    choose_package(page, 14)
    type_in(page, "From the front wall (mm)", 9_000)
    type_in(page, "Height (mm)", 0)
    click(page, "Move to the nearest free corner")
    expect(page.get_by_text("The judge accepts what stands in the container.")).to_be_visible()
    expect(save).to_be_enabled()
    assert (without_name(page), low_contrast(page), cut_off(page)) == ([], [], [])
    save.click()
    expect(page.get_by_text(re.compile("^Saved: this load belongs to the plan in force now"))).to_be_visible()
    settle(page)
    expect(save).to_be_disabled()  # nothing differs from the plan in force any more
    expect(page.get_by_role("row", name=re.compile("Packages moved"))).to_contain_text("0")
    page.goto(f"{served}/load_plan?shipment={shipment}")
    settle(page)
    expect(page.get_by_text("It found no violation.")).to_be_visible()
    page.context.close()
