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
from tests.browser.driving import (
    browser_path,
    compare_rules,
    launched,
    make_plan,
    settle,
    sign_in,
    upload,
    work_out_answers,
)
from tests.browser.measuring import cut_off, low_contrast, without_name

FOLDER = ROOT / ".screenshots"
HEIGHTS = {1280: 900, 390: 844}
TALLEST = 6000
NARROW = 600
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
"""What a phone calls itself: a window so narrow is one."""

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
        "plan_answers?shipment=1",
        "plan_answers?shipment=1&about=plans",
        "plan_answers?shipment=1&about=wishes#open",
        "plan_answers?shipment=1&about=room",
        "cost_shares?shipment=1",
        "load_plan?shipment=1",
        "load_plan?shipment=1#open",
        "load_by_hand?shipment=1",
        "share_explained?shipment=1",
        "method_comparison?shipment=1#open",
        "method_comparison?shipment=1&about=moves",
        "departures",
        "books",
        "statement",
        "tariffs",
        "members",
        "account",
        "shipment?shipment=2#open",
        "shipment?shipment=1#open",
        "cost_shares?shipment=1#open",
        "order?order=2#open",
        "products#open",
        "departures#open",
        "tariffs#open",
        "members#open",
        "books#open",
        "import_orders#faults",
    ),
    "member@demo": (
        "",
        "shipments",
        "shipment?shipment=1",
        "orders",
        "cost_shares?shipment=1",
        "share_explained?shipment=1",
        "order?order=999",
        "order?order=999",
        "statement",
    ),
    "member3@demo": ("shipment?shipment=1",),
    "agency@demo": ("",),
    "auditor@demo": ("", "audit_trail"),
    "administrator@demo": ("", "users", "consortia", "users#open", "consortia#open"),
}
"""Pages by user; `#open` opens everything that can be opened, `#faults` imports a file with twenty faults."""

BAD_ROWS = "member,code,origin,destination,ready_date,volume_cm3,mass_g\n" + "".join(
    f"SIERRA,B-{n},{'XXXXX' if n % 3 == 0 else 'COCTG'},NLRTM,{'31/04/2027' if n % 3 == 1 else '2027-04-01'},"
    f"{'1.234,5' if n % 3 == 2 else 1000000},{-5 if n % 4 == 0 else 500000}\n"
    for n in range(16)
)


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


def share_load(home: Path, base: str, language: str) -> str:
    """Share the loads of the planned shipment with firms by name; return the address of the page of the link."""
    code = (
        "from consortium import queries\n"
        "from consortium.services import access, shared_links\n"
        "actor = access.actor_of_user(access.user_id_of(access.OPERATOR, 'manager@demo'))\n"
        "plan = queries.shipment(actor, 1).plan_id\n"
        f"draft = shared_links.LinkDraft(firms='names', language={language!r})\n"
        "print(shared_links.make_link(actor, 1, plan, draft)[1])\n"
    )
    environment = {**os.environ, "CONSORTIUM_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    return f"{base}/load/{done.stdout.strip()}"


def walk_link(browser: Browser, address: str, language: str, scheme: str, width: int) -> list[str]:
    """Photograph the page behind a link, which has no user; return what is wrong with its layout."""
    context = browser.new_context(viewport={"width": width, "height": HEIGHTS[width]}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address)
    target = FOLDER / f"link-load-{width}-{scheme}-{language}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target, clip={"x": 0, "y": 0, "width": width, "height": TALLEST}, full_page=True)
    wrong = [f"contrast {one}" for one in low_contrast(page)] + [f"cut off: {one}" for one in cut_off(page)]
    if page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        wrong.append("wider than the window")
    context.close()
    return [f"{target.name}: {one}" for one in wrong]


def open_everything(page: Page) -> None:
    """Open every expander of a page."""
    page.evaluate(
        "() => document.querySelectorAll('[data-testid=stExpander] details:not([open]) > summary')"
        ".forEach(each => each.click())"
    )
    page.wait_for_timeout(700)
    settle(page)


def photograph(page: Page, base: str, path: str, width: int, target: Path) -> list[str]:
    """Save one page in its whole height; return what is wrong with its layout."""
    address, _sign, prepare = path.partition("#")
    page.goto(f"{base}/{address}")
    settle(page)
    if prepare == "open":
        open_everything(page)
    elif prepare == "faults":
        upload(page, "orders.csv", BAD_ROWS)
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
    wrong += [f"contrast {one}" for one in low_contrast(page)]
    wrong += [f"no name for {one}" for one in without_name(page)]
    wrong += [f"cut off: {one}" for one in cut_off(page)]
    page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
    return [f"{target.name}: {one}" for one in wrong]


def walk(
    browser: Browser, base: str, username: str, language: str, scheme: str, width: int, only: list[str]
) -> list[str]:
    """Photograph the pages of one user; return what was found wrong, requests to other servers included."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=scheme,
        locale=language,
        user_agent=PHONE if width < NARROW else None,
    )
    page = context.new_page()
    wrong: list[str] = []
    own = (base, base.replace("http", "ws", 1), "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(own) else wrong.append(f"fetched {request.url}"))
    sign_in(page, base, username, PHRASE)
    for path in [each for each in PAGES[username] if not only or any(one in each for one in only)]:
        name = (path or "home").translate(str.maketrans("?=&#", "____"))
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
    parser.add_argument("--pages", nargs="+", default=[], help="only pages whose address contains one of these")
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
            work_out_answers(page, base, 1)
            compare_rules(page, base, 1)
            page.close()
            for language in asked.languages:
                set_language(home, language)
                if not asked.pages or "link" in asked.pages:
                    address = share_load(home, base, language)
                    for scheme, width in itertools.product(asked.schemes, asked.widths):
                        wrong += walk_link(browser, address, language, scheme, width)
                for username, scheme, width in itertools.product(asked.users, asked.schemes, asked.widths):
                    wrong += walk(browser, base, username, language, scheme, width, asked.pages)
        finally:
            process.terminate()
            process.wait(timeout=30)
    sys.stdout.write(("\n".join(wrong) or f"nothing wrong was measured; now look at {FOLDER}") + "\n")
    return len(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
