"""Photographs every page by role, language, theme and width into `.screenshots/`, to be looked at.

Run as ``python -m tests.browser.screenshots``, narrowed by ``--languages es --schemes light --widths 390``.
"""

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.conftest import PHRASE, ROOT, serve
from tests.browser.driving import browser_path, launched, make_plan, settle, sign_in

FOLDER = ROOT / ".screenshots"
HEIGHTS = {1280: 900, 390: 844}
TALLEST = 6000

PAGES = {
    "manager@demo": (
        "",
        "shipments",
        "shipment?shipment=2",
        "shipment?shipment=1",
        "shipment?shipment=1&step=plan",
        "shipment?shipment=1&step=agree",
        "orders",
        "order?order=1",
        "order?order=new",
        "import_orders",
        "products",
        "cost_shares?shipment=1",
        "departures",
        "tariffs",
        "members",
        "account",
    ),
    "member@demo": ("", "shipments", "shipment?shipment=1", "orders", "cost_shares?shipment=1", "order?order=999"),
    "agency@demo": ("",),
    "auditor@demo": ("", "audit_trail"),
    "administrator@demo": ("", "users", "consortia"),
}


def set_language(home: Path, language: str) -> None:
    """Give every user of the example a language."""
    code = (
        "from consortium.services import access\n"
        f"for name in {list(PAGES)!r}:\n"
        "    user_id = access.user_id_of(access.OPERATOR, name)\n"
        f"    access.set_language(access.actor_of_user(user_id), {language!r})\n"
    )
    environment = {**os.environ, "CONSORTIUM_HOME": str(home), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)


def photograph(page: Page, base: str, path: str, width: int, target: Path) -> list[str]:
    """Save one page in its whole height; return what is wrong with its layout."""
    page.goto(f"{base}/{path}")
    settle(page)
    page.wait_for_timeout(900)
    height = page.evaluate("() => document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 900")
    page.set_viewport_size({"width": width, "height": max(600, min(height + 20, TALLEST))})
    page.wait_for_timeout(500)
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
    wrong = []
    if page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append("wider than the window")
    if page.locator('[data-testid="stException"]').count():
        wrong.append("a traceback")
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    return [f"{target.name}: {one}" for one in wrong]


def walk(browser: Browser, base: str, username: str, language: str, scheme: str, width: int) -> list[str]:
    """Photograph the pages of one user; return what was found wrong, requests to other servers included."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme, locale=language
    )
    page = context.new_page()
    wrong: list[str] = []
    own = (base, base.replace("http", "ws", 1), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else wrong.append(f"fetched {request.url}"))
    sign_in(page, base, username, PHRASE)
    for path in PAGES[username]:
        name = (path or "home").translate(str.maketrans("?=&", "___"))
        target = FOLDER / f"{username.partition('@')[0]}-{name}-{width}-{scheme}-{language}.png"
        wrong += photograph(page, base, path, width, target)
    context.close()
    return wrong


def main() -> int:
    """Serve the example, plan its first shipment, photograph everything; return how much was found wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--languages", nargs="+", default=["es", "pt", "en"])
    parser.add_argument("--schemes", nargs="+", default=["light", "dark"])
    parser.add_argument("--widths", nargs="+", type=int, default=list(HEIGHTS))
    parser.add_argument("--users", nargs="+", default=list(PAGES))
    asked = parser.parse_args()
    path = browser_path()
    if path is None:
        parser.error("no Chromium browser on this computer")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder, launched(path) as browser:
        home = Path(folder)
        process, base = serve(home)
        try:
            set_language(home, "en")
            page = browser.new_page()
            sign_in(page, base, "manager@demo", PHRASE)
            page.goto(f"{base}/shipment?shipment=1")
            make_plan(page)
            page.close()
            for language in asked.languages:
                set_language(home, language)
                for username, scheme, width in itertools.product(asked.users, asked.schemes, asked.widths):
                    wrong += walk(browser, base, username, language, scheme, width)
        finally:
            process.terminate()
            process.wait(timeout=30)
    sys.stdout.write(("\n".join(wrong) or f"nothing wrong was measured; now look at {FOLDER}") + "\n")
    return len(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
