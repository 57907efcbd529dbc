"""Driving a real browser through the application: signing in, waiting for a page to be there, looking at it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
WAIT_MS = 30_000


def browser_path() -> str | None:
    """Return the Chromium of this computer, if there is one."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        return found
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        return str(own) if own.is_file() else None


@contextmanager
def launched(path: str) -> Iterator[Browser]:
    """Start a browser and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def sign_in(page: Page, base: str, username: str, password: str) -> None:
    """Fill the sign-in page and wait for the application."""
    page.goto(f"{base}/signin")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.locator("main button[type=submit], main button").first.click()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the page has been made: no run under way, no placeholder left."""
    page.locator("[data-testid=stMain] h1").first.wait_for(timeout=WAIT_MS)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=WAIT_MS)
    page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')", timeout=WAIT_MS)


def click(page: Page, label: str) -> None:
    """Press a button by its label and wait for the page."""
    page.get_by_role("button", name=label, exact=True).first.click()
    page.wait_for_timeout(300)
    settle(page)


def upload(page: Page, name: str, content: str) -> None:
    """Hand a CSV file to the first field for files and wait for the page."""
    page.set_input_files(
        "[data-testid=stFileUploaderDropzoneInput] >> nth=0",
        {"name": name, "mimeType": "text/csv", "buffer": content.encode()},
    )
    page.wait_for_timeout(1500)
    settle(page)


def make_plan(page: Page) -> None:
    """Ask for a plan on a shipment's page, in English, and wait until it is there."""
    settle(page)
    click(page, "Make the plan")
    page.get_by_text("Compared with other ways").wait_for(timeout=180_000)
    settle(page)


def work_out_answers(page: Page, base: str, shipment: int) -> None:
    """Ask on a planned shipment's page of answers, in English, for those that take searches, and wait for them."""
    page.goto(f"{base}/plan_answers?shipment={shipment}&about=plans")
    settle(page)
    click(page, "Work it out")
    page.get_by_role("button", name="Take this plan").first.wait_for(timeout=180_000)
    settle(page)


def compare_rules(page: Page, base: str, shipment: int) -> None:
    """Ask on a planned shipment's page of rules, in English, for all of them, and wait for the answer."""
    page.goto(f"{base}/method_comparison?shipment={shipment}")
    settle(page)
    click(page, "Compare all rules")
    page.get_by_text("Who could object").wait_for(timeout=240_000)
    settle(page)
