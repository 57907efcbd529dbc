"""Measures the page of a load plan of 300 packages: making it on the server, and the first pictures in a browser.

Run as ``python -m tests.browser.load_plan_times``; times depend on the computer, so nothing here passes or fails.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.load_plan_drawing import SceneWords, build_load
from app.load_plan_pictures import Sight, draw, layers
from consortium import queries
from consortium.database import ENVIRONMENT_NAME
from consortium.documents.loading_sheet import loading_sheet
from consortium.documents.step_pictures import box_of
from consortium.services import access
from tests.browser.conftest import PHRASE, serve
from tests.browser.driving import browser_path, launched, settle, sign_in
from tests.browser.load_world import MANAGER, store_in

WORDS = SceneWords(door="Door", front="Front wall", new="Step", centre="Centre of gravity", band="Middle")


def say(text: str) -> None:
    """Tell a figure at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def timed(name: str, call: Callable[[], Any]) -> Any:
    """Call something a second time, now warm, and tell its CPU and wall time."""
    call()
    cpu, wall = time.process_time(), time.perf_counter()
    found = call()
    say(f"{name}: {time.process_time() - cpu:.3f} s CPU, {time.perf_counter() - wall:.3f} s wall")
    return found


def on_the_server(home: Path, shipment: int) -> None:
    """Time what one look at the page takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ENVIRONMENT_NAME, f"sqlite:///{home / 'consortium.sqlite3'}")
        actor = access.actor_of_user(access.user_id_of(access.OPERATOR, MANAGER))
        assert actor is not None
        view = timed("read and judged", lambda: queries.load_view(actor, shipment, 1))
    sheet = timed("grouped into steps", lambda: loading_sheet(view))
    boxes = [box_of(step, name) for step, name in zip(sheet.steps, sheet.numbers, strict=True)]
    text = "Firm<br>Step 1: 25 x Cartons<br>firm/O-1<br>each 50 x 40 x 30 cm, 12 kg"
    figure = timed(
        "figure in three dimensions as JSON", lambda: build_load(view, [(one, text) for one in boxes], WORDS).to_json()
    )
    pictures = timed(
        "all pictures in two dimensions",
        lambda: [
            draw(view, part, sight, "name")
            for part, sight in (
                (boxes, Sight.ABOVE),
                (boxes, Sight.SIDE),
                *((one, Sight.ABOVE) for one in layers(boxes)),
            )
        ],
    )
    say(f"{len(view.places)} packages, {len(sheet.steps)} steps, {len(pictures)} pictures")
    say(f"{len(figure) / 1000:.0f} kB of figure, {sum(map(len, pictures)) / 1000:.0f} kB of pictures")


def in_the_browser(base: str, shipment: int, path: str) -> None:
    """Time from the click on the link to the first picture and to the one in three dimensions, first and again."""
    with launched(path) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        sign_in(page, base, MANAGER, PHRASE)
        for visit in ("first visit", "second visit"):
            page.goto(f"{base}/shipment?shipment={shipment}&step=compare")
            settle(page)
            start = time.perf_counter()
            page.get_by_role("link", name="Load plan").click()
            page.locator("img[alt^='From above']").first.wait_for(timeout=60_000)
            flat = time.perf_counter() - start
            page.locator("[data-testid=stPlotlyChart] canvas").first.wait_for(timeout=120_000)
            say(
                f"{visit}: first picture after {flat:.2f} s, three dimensions after {time.perf_counter() - start:.2f} s"
            )


def main() -> None:
    """Serve a consortium with 300 loaded packages and measure."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        process, base = serve(home)
        try:
            shipment = store_in(home, many=True)
            on_the_server(home, shipment)
            if path := browser_path():
                in_the_browser(base, shipment, path)
        finally:
            process.terminate()
            process.wait(timeout=30)


if __name__ == "__main__":
    main()
