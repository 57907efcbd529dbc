import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.worker_process import SWITCH, WorkerProcess


def wait_until(is_so: Callable[[], bool], patience_s: float = 20.0) -> None:
    until = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def starts(log: Path) -> int:
    return len(log.read_text().splitlines()) if log.exists() else 0


def worker(log: Path, then: str) -> WorkerProcess:
    program = f"import time; open({str(log)!r}, 'a').write('started\\n'); {then}"
    return WorkerProcess((sys.executable, "-c", program))


@pytest.fixture(autouse=True)
def switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH, raising=False)


def test_the_worker_ends_with_the_server(tmp_path: Path) -> None:
    log = tmp_path / "log"
    running = worker(log, "time.sleep(600)")
    running.start()
    wait_until(lambda: starts(log) == 1)
    running.stop()
    assert running._process is not None
    assert running._process.poll() is not None


def test_a_worker_that_ends_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.worker_process.FIRST_PAUSE_S", 0.01)
    log = tmp_path / "log"
    running = worker(log, "raise SystemExit(1)")
    running.start()
    wait_until(lambda: starts(log) >= 3)
    running.stop()
    assert not running._keeper.is_alive()


def test_the_worker_can_be_run_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "off")
    running = worker(tmp_path / "log", "pass")
    running.start()
    running.stop()
    assert running._process is None
