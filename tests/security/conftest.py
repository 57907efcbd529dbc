"""The real server, and the gate in front of a script that is easy to attack."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import live_app
from tests.app.fresh_database import build
from tests.app.live import PASSWORD, LiveApp, environment, free_port, serving
from tests.security.protocol import Browser

__all__ = ["live_app"]


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveApp]:
    """Serve the probe script behind the real gate."""
    folder = tmp_path_factory.mktemp("probe")
    database_url, port = build(folder), free_port()
    command = [sys.executable, str(Path(__file__).with_name("probe_app.py")), str(port)]
    with serving(command, port, environment(database_url, folder), database_url, folder) as app:
        yield app


def signed_in(app: LiveApp, username: str) -> Browser:
    browser = Browser(app.base_url)
    assert browser.sign_in(username, PASSWORD).status_code == 303
    return browser


@pytest.fixture(scope="session")
def member(probe: LiveApp) -> Browser:
    """A member who stays signed in."""
    return signed_in(probe, "member")


@pytest.fixture
def leaving(probe: LiveApp) -> Browser:
    """A member in a session of its own, to be ended."""
    return signed_in(probe, "member")


@pytest.fixture(scope="session")
def rival(probe: LiveApp) -> Browser:
    return signed_in(probe, "rival")
