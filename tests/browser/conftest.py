"""The application, served as it is for people, with the example consortium, and a real browser beside it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.browser.driving import browser_path, launched

ROOT = Path(__file__).resolve().parents[2]
PHRASE = "a long phrase of tests"
SECONDS_TO_START = 60


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_until_served(base: str, process: subprocess.Popen) -> None:
    """Wait for the health check, or raise when the server ended."""
    for _ in range(SECONDS_TO_START * 4):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"{base}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError("the server did not answer")


def serve(home: Path) -> tuple[subprocess.Popen, str]:
    """Load the example into a new data folder and serve it; return the process and its address."""
    environment = {**os.environ, "CONSORTIUM_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("CONSORTIUM_DATABASE", None)
    prepare = (
        "from consortium.migrating import migrate; migrate(); "
        f"from consortium.demo import load_demo; load_demo({PHRASE!r})"
    )
    subprocess.run([sys.executable, "-c", prepare], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    port = free_port()
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.main", "--port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    base = f"http://127.0.0.1:{port}"
    wait_until_served(base, process)
    return process, base


@pytest.fixture(scope="session")
def browser():
    """Start a Chromium, or skip with the reason."""
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium browser on this computer")
    with launched(path) as found:
        yield found


@pytest.fixture
def served(tmp_path):
    """Serve the example for one test; yields the address."""
    process, base = serve(tmp_path)
    yield base
    process.terminate()
    process.wait(timeout=30)
