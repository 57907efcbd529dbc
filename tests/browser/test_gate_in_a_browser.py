"""What only a browser can tell: the policy blocks nothing that we need, and the end of a session empties the screen."""

import pytest
from playwright.sync_api import Browser, Page

from tests.app.conftest import live_app
from tests.app.live import PASSWORD, LiveApp
from tests.browser.driving import settle, sign_in

__all__ = ["live_app"]

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("live_app")]


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_context(locale="es-CO", color_scheme="dark").new_page()


def test_no_request_leaves_the_server_and_the_policy_blocks_nothing_that_the_pages_need(
    page: Page, live_app: LiveApp
) -> None:
    outside, blocked = [], []
    own = (live_app.base_url, live_app.base_url.replace("http", "ws", 1), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else outside.append(request.url))
    page.on("console", lambda said: blocked.append(said.text) if "Content Security Policy" in said.text else None)
    sign_in(page, live_app.base_url, "manager", PASSWORD)
    for name in ("shipments", "shipment?shipment=1", "cost_shares?shipment=1", "import_orders", "tariffs"):
        page.goto(f"{live_app.base_url}/{name}")
        settle(page)
    assert outside == []
    assert blocked == []


def test_signing_out_in_one_tab_empties_the_others(page: Page, live_app: LiveApp) -> None:
    sign_in(page, live_app.base_url, "member", PASSWORD)
    other = page.context.new_page()
    other.goto(f"{live_app.base_url}/orders")
    settle(other)
    page.goto(f"{live_app.base_url}/signout")
    if page.url.endswith("/signout"):
        page.locator("main button").click()
    page.wait_for_url("**/signin")
    other.wait_for_url("**/signin?next=%2Forders", timeout=20_000)
    assert other.locator("input[name=password]").is_visible()
    assert "PROPIO" not in other.content()


def test_the_back_button_shows_nothing_after_signing_out(page: Page, live_app: LiveApp) -> None:
    sign_in(page, live_app.base_url, "member", PASSWORD)
    page.goto(f"{live_app.base_url}/signout")
    if page.url.endswith("/signout"):
        page.locator("main button").click()
    page.wait_for_url("**/signin")
    page.go_back()
    page.wait_for_url("**/signin**")
    assert page.locator("input[name=password]").is_visible()


def test_the_sign_in_page_is_used_by_keyboard_alone_and_says_what_is_wrong(page: Page, live_app: LiveApp) -> None:
    page.goto(live_app.base_url)
    page.keyboard.type("member")
    page.keyboard.press("Tab")
    page.keyboard.type("no es la clave")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.inner_text() == "El usuario o la contraseña no son correctos."
    assert page.locator("input[name=username]").input_value() == "member"
    assert page.evaluate("document.activeElement.name") == "password"
    page.get_by_role("link", name="Português").click()
    assert page.get_by_role("heading", name="Entrar").is_visible()
    assert page.evaluate("document.documentElement.lang") == "pt"
