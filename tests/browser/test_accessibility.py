"""The main path without a pointer, and what can be measured of the pages on it: contrast, names, cut words."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHRASE
from tests.browser.driving import make_plan, settle, sign_in, work_out_answers
from tests.browser.measuring import cut_off, low_contrast, without_name
from tests.browser.screenshots import set_language

pytestmark = pytest.mark.browser

MOST_TABS = 80
FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element);
  if (element === document.body || element.tagName === 'MAIN') return { name: '', shown: true };
  const label = element.closest('label');
  return {
    name: (element.getAttribute('aria-label') || label?.innerText || element.innerText || '').trim(),
    shown: style.boxShadow !== 'none' || style.outlineStyle !== 'none' || element.tagName === 'INPUT',
  };
}"""
"""What has the focus, and whether a ring says so; fields for entries show it by their border, which is not asked."""


def tab_to(page, words):
    """Press Tab until something with these words has the focus; everything on the way must show that it has it."""
    seen = []
    for _press in range(MOST_TABS):
        page.keyboard.press("Tab")
        page.wait_for_timeout(350)  # the ring fades in
        focused = page.evaluate(FOCUSED)
        assert focused["shown"], f"nothing shows that {focused['name']} has the focus"
        if words in focused["name"]:
            return
        seen.append(focused["name"][:40])
    raise AssertionError(f"no key leads to {words}: {seen}")


def press(page, words, key="Enter"):
    tab_to(page, words)
    page.keyboard.press(key)
    page.wait_for_timeout(400)
    settle(page)


def test_orders_are_gathered_planned_and_agreed_by_keyboard_alone(served, browser, tmp_path):
    set_language(tmp_path, "en")
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en").new_page()
    sign_in(page, served, "manager@demo", PHRASE)
    page.goto(f"{served}/shipment?shipment=2")
    settle(page)
    press(page, "Gather all of them")
    expect(page.get_by_text("No orders are waiting")).to_be_visible()
    press(page, "Freeze and go on to planning")
    press(page, "Make the plan")
    page.get_by_text("Compared with other ways").wait_for(timeout=180_000)
    settle(page)
    tab_to(page, "1. Gather")
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    settle(page)
    press(page, "The members have seen their shares", "Space")
    press(page, "Agree on this plan")
    expect(page.get_by_text("The plan and its shares can no longer change.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_shown_can_be_read_and_has_a_name_on_a_phone(served, browser, tmp_path, scheme):
    set_language(tmp_path, "en")
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, locale="en")
    page = context.new_page()
    sign_in(page, served, "manager@demo", PHRASE)
    page.goto(f"{served}/shipment?shipment=1")
    make_plan(page)
    work_out_answers(page, served, 1)
    answers = [f"plan_answers?shipment=1&about={about}" for about in ("why", "plans", "wishes", "room")]
    found = {}
    for path in (
        "", "shipment?shipment=1", "cost_shares?shipment=1", "shipment?shipment=2", "orders", "tariffs", *answers
    ):  # fmt: skip
        page.goto(f"{served}/{path}")
        settle(page)
        page.wait_for_timeout(500)
        found[path] = [*low_contrast(page), *without_name(page), *cut_off(page)]
    assert found == {path: [] for path in found}


def test_the_measuring_finds_what_is_planted(browser):
    page = browser.new_page()
    page.set_content(
        '<main data-testid="stMain"><p style="color:#999;background:#fff">too faint to read</p>'
        '<div data-testid="stTable">a table</div>'
        '<p style="width:40px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap">much too long</p></main>'
    )
    assert any("too faint to read" in one for one in low_contrast(page))
    assert without_name(page) == ["stTable"]
    assert cut_off(page) == ["much too long"]
