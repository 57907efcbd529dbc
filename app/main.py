"""The launcher: Streamlit behind the gate, as one ASGI application.

``consortium run``, ``python -m app.main`` and ``streamlit run app/main.py`` serve the same object with the same
settings, or do not serve: see `app.settings`.
"""

import argparse
import gc
import importlib
import logging
import os
import secrets
import sys
import threading
import time
import urllib.request
import webbrowser
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:  # `streamlit run app/main.py` knows only the folder of this file
    sys.path.insert(0, ROOT)

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from app import downloads, index_page, settings, shared_load, signin  # noqa: E402
from app.gate import Gate  # noqa: E402
from app.worker_process import WorkerProcess  # noqa: E402
from consortium.migrating import migrate  # noqa: E402
from consortium.services import access  # noqa: E402

HEAVY_MODULES = ("pandas", "plotly.graph_objects", "pyarrow", "babel.dates", "openpyxl", "xlsxwriter")
"""Imported before the first visitor, and then left out of garbage collections."""

_log = logging.getLogger("app")


def _say(message: str) -> None:
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def refuse_other_settings(overrides: settings.Overrides) -> None:
    """Raise when the settings in force are not those of the file: the server then ends with status 3."""
    found = settings.differences(settings.effective_settings(overrides))
    if not found:
        return
    written = settings.write_generated_copy()
    _say("These settings are not in force, so the server does not start:")
    for line in found:
        _say(f"  {line}")
    _say("Start with `consortium run`" + ("; or try again, the settings are now in place." if written else "."))
    raise RuntimeError("the settings of streamlit_config.toml are not in force")


def prepare_database() -> None:
    """Bring the tables up to date, and create the first administrator of a new installation."""
    migrate()
    password = access.ensure_first_administrator()
    if password is not None:
        _say("A first administrator was created. This password is shown only once:")
        _say(f"  username: {access.FIRST_ADMINISTRATOR}")
        _say(f"  password: {password}")


def load_and_freeze() -> None:
    """Import what is heavy and keep it out of garbage collections, which otherwise walk it again and again."""
    for name in HEAVY_MODULES:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[dict[str, Any]]:
    """Check the settings, prepare the database, serve with a worker beside, and end both."""
    refuse_other_settings(settings.Overrides.from_environment())
    prepare_database()
    load_and_freeze()
    worker = WorkerProcess()
    worker.start()
    try:
        yield {}
    finally:
        worker.stop()


def on_script_error(error: Exception) -> bool:
    """Show an incident number instead of an error's text, which goes to the log under the same number."""
    incident = secrets.token_hex(4)
    _log.error("incident %s", incident, exc_info=error)
    from app.texts import _

    st.error(
        _("Something went wrong. Incident {incident}: tell whoever administers this installation.", incident=incident)
    )
    return True


app = st.App(
    Path(__file__).resolve().with_name("router.py"),
    middleware=[Middleware(Gate)],
    routes=[*signin.ROUTES, *index_page.ROUTES, *downloads.ROUTES, *shared_load.ROUTES],
    lifespan=lifespan,
    on_script_error=on_script_error,
)


def _open_browser_when_ready(port: int, host: str) -> None:
    name = "localhost" if host in settings.WILDCARDS or host == "127.0.0.1" else host
    url = f"http://{name}:{port}"

    def wait() -> None:
        for _ in range(240):
            time.sleep(0.5)
            try:
                with urllib.request.urlopen(f"{url}/healthz", timeout=2):  # noqa: S310 - our own address
                    break
            except OSError:
                continue
        else:
            return
        webbrowser.open(url)

    threading.Thread(target=wait, name="browser-opener", daemon=True).start()


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app.main", description="Serve the web application.")
    parser.add_argument("--host", help="address to listen on (default: this computer only)")
    parser.add_argument("--port", type=int, help="port to listen on")
    parser.add_argument("--allow-host", action="append", default=[], help="a name under which browsers come; repeat")
    parser.add_argument("--browser", action="store_true", help="open a browser when the server answers")
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> None:
    """Serve until stopped.

    Parameters
    ----------
    words
        Arguments of the command line; what they leave out is taken from CONSORTIUM_HOST, CONSORTIUM_PORT and
        CONSORTIUM_ALLOWED_HOSTS, then from the settings.
    """
    given = _arguments(words)
    said = settings.Overrides.from_environment()
    overrides = settings.Overrides(
        host=given.host or said.host,
        port=given.port if given.port is not None else said.port,
        allowed_hosts=(*said.allowed_hosts, *given.allow_host),
    )
    os.environ.update(overrides.to_environment())
    settings.write_generated_copy()
    config = settings.effective_settings(overrides)
    host, port = config["server.address"], config["server.port"]
    _say(f"Export consortium on http://{'localhost' if host == '127.0.0.1' else host}:{port}")
    if given.browser:
        _open_browser_when_ready(port, host)
    app.run(config=config)


if __name__ == "__main__":
    main()
