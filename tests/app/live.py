"""The real server in a process of its own, on a free port, with a fresh database of two consortia."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "una frase muy larga"
START_WITHIN_S = 90.0


@dataclass(frozen=True)
class LiveApp:
    """A server that answers."""

    base_url: str
    database_url: str
    process: "subprocess.Popen[bytes]"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database_url: str, folder: Path, **more: str) -> dict[str, str]:
    """Return an environment in which nothing outside the folder is read or written."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONSORTIUM_", "STREAMLIT_")) and name != "COVERAGE_PROCESS_START"
    }
    ours = {
        "CONSORTIUM_DATABASE": database_url,
        "CONSORTIUM_HOME": str(folder),
        "CONSORTIUM_WORKER": "off",
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
    }
    return {**kept, **ours, **more}


@contextmanager
def serving(
    command: list[str], port: int, environ: Mapping[str, str], database_url: str, folder: Path
) -> Iterator[LiveApp]:
    """Start a server, wait until it answers, stop it at the end; show its log when it does not start."""
    log = folder / f"server-{port}.log"
    with log.open("wb") as lines:
        process = subprocess.Popen(command, cwd=folder, env=dict(environ), stdout=lines, stderr=subprocess.STDOUT)
    base_url = f"http://localhost:{port}"
    try:
        _wait(process, base_url, log)
        yield LiveApp(base_url, database_url, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: "subprocess.Popen[bytes]", base_url: str, log: Path) -> None:
    until = time.monotonic() + START_WITHIN_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{base_url}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')}")


def start(folder: Path, database_url: str, **more: str) -> "contextmanager[LiveApp]":
    """Serve the real application from an unrelated folder."""
    port = free_port()
    command = [sys.executable, "-m", "app.main", "--port", str(port)]
    return serving(command, port, environment(database_url, folder, **more), database_url, folder)
