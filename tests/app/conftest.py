"""`live_app`: one real server for all tests that only look."""

from collections.abc import Iterator

import pytest

from tests.app.fresh_database import build, plan_first_shipment
from tests.app.live import LiveApp, start


@pytest.fixture(scope="session")
def live_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApp]:
    """Serve the real application with a fresh database, the first shipment planned."""
    folder = tmp_path_factory.mktemp("live")
    url = build(folder)
    plan_first_shipment(url)
    with start(folder, url) as app:
        yield app
