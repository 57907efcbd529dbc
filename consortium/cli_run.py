"""`consortium run`: the web application, in a process of its own so that the domain never imports it."""

import os
import signal
import subprocess
import sys
from typing import Annotated

import typer

DEMO_DATABASE = "demo.sqlite3"


def run(
    demo: Annotated[bool, typer.Option("--demo", help="with the example consortia, in their own database")] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="port to listen on")] = None,
    host: Annotated[str | None, typer.Option(help="address to listen on (default: this computer only)")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="a name under which browsers reach the server; repeat for more")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="do not open a browser")] = False,
) -> None:
    """Serve the web application until stopped."""
    if demo:
        _prepare_demo()
    command = [sys.executable, "-m", "app.main"]
    command += ["--port", str(port)] if port is not None else []
    command += ["--host", host] if host else []
    for name in allow_host or []:
        command += ["--allow-host", name]
    command += [] if no_browser else ["--browser"]
    raise typer.Exit(_wait_for(subprocess.Popen(command)))  # noqa: S603 - our own command, no shell


def _wait_for(server: subprocess.Popen[bytes]) -> int:
    """Return the server's exit status; Ctrl+C reaches both, and the server is given time to end its worker."""
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            continue


def _prepare_demo() -> None:
    """Choose the example's own database unless one is named, fill it, and say who can sign in."""
    from consortium.database import ENVIRONMENT_NAME, data_folder
    from consortium.demo import load_demo
    from consortium.migrating import migrate
    from consortium.services.access import generate_password

    if not os.environ.get(ENVIRONMENT_NAME):
        folder = data_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.environ[ENVIRONMENT_NAME] = f"sqlite:///{folder / DEMO_DATABASE}"
    migrate()
    password = generate_password()
    found = load_demo(password)
    typer.echo(f"Everybody of the example signs in with the password {password} until the next start:", err=True)
    for account in found.accounts:
        place = " ".join(word for word in (account.consortium, account.member) if word)
        typer.echo(f"  {account.username:20} {account.role:14} {place}".rstrip(), err=True)
