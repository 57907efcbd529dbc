"""The server's settings: one file, in force however the application is started.

Streamlit reads no ``streamlit_config.toml``. So the launcher flattens the file into ``App.run(config=...)``, and a
generated copy in ``app/.streamlit/config.toml`` serves plain ``streamlit run app/main.py``. The copy is written by
``python run.py`` at installation (``python -m app.settings``) and again by every launch, whenever it differs; it is
never edited and never committed. Streamlit falls back to open defaults in silence when the copy is missing, so the
server compares what is in force with the file before it serves (`differences`), and refuses when they differ.
"""

import os
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streamlit import config

ROOT = Path(__file__).resolve().parents[1]
SETTINGS_FILES = (ROOT / "streamlit_config.toml", Path(__file__).with_name("_streamlit_config.toml"))
"""Where the file stands in a checkout, and in an installed package."""

GENERATED_COPY = Path(__file__).with_name(".streamlit") / "config.toml"
COPY_HEADER = "# Generated from streamlit_config.toml. Do not edit: changes are overwritten.\n\n"

OPTIONS_THAT_ARE_TABLES = frozenset({"server.trustedUserHeaders"})

MUST_BE_IN_FORCE = (
    "server.address",
    "server.allowedHosts",
    "server.enableCORS",
    "server.corsAllowedOrigins",
    "server.enableXsrfProtection",
    "server.maxUploadSize",
    "server.maxMessageSize",
    "server.maxWidgetStateSize",
    "server.enableAgentApi",
    "server.scriptHealthCheckEnabled",
    "server.trustedUserHeaders",
    "server.unsafeMetricsUserAttributes",
    "server.baseUrlPath",
    "client.showErrorDetails",
    "client.allowedOrigins",
    "browser.gatherUsageStats",
    "global.developmentMode",
    "runner.postScriptGC",
)
"""Options that protect users; the server does not start when one differs from the file (or from its safe default)."""

SAFE_DEFAULTS: dict[str, Any] = {
    "server.corsAllowedOrigins": [],
    "server.unsafeMetricsUserAttributes": [],
    "server.baseUrlPath": "",
    "client.allowedOrigins": [],
}
"""What is expected of an option that the file does not name."""

HOST_NAME = "CONSORTIUM_HOST"
PORT_NAME = "CONSORTIUM_PORT"
ALLOWED_HOSTS_NAME = "CONSORTIUM_ALLOWED_HOSTS"
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, never bound here


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What an operator may say at the start: where to listen, and under which names the server is reached."""

    host: str | None = None
    port: int | None = None
    allowed_hosts: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Overrides":
        """Read CONSORTIUM_HOST, CONSORTIUM_PORT and CONSORTIUM_ALLOWED_HOSTS (names, separated by commas)."""
        names = (name.strip() for name in environ.get(ALLOWED_HOSTS_NAME, "").split(","))
        port = environ.get(PORT_NAME, "").strip()
        return cls(
            host=environ.get(HOST_NAME, "").strip() or None,
            port=int(port) if port else None,
            allowed_hosts=tuple(name for name in names if name),
        )

    def to_environment(self) -> dict[str, str]:
        """Return the variables that say the same."""
        said = {
            HOST_NAME: self.host or "",
            PORT_NAME: str(self.port) if self.port is not None else "",
            ALLOWED_HOSTS_NAME: ",".join(self.allowed_hosts),
        }
        return {name: value for name, value in said.items() if value}


def settings_file() -> Path:
    """Return the one file of settings."""
    for candidate in SETTINGS_FILES:
        if candidate.is_file():
            return candidate
    raise FileNotFoundError(f"the settings are missing: {SETTINGS_FILES[0]}")


def read_settings(path: Path | None = None) -> dict[str, Any]:
    """Return the file's settings by dotted name (``server.address``)."""
    return flatten(tomllib.loads((path or settings_file()).read_text(encoding="utf-8")))


def flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested tables as dotted names; an option that is itself a table stays one."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and name not in OPTIONS_THAT_ARE_TABLES:
            flat.update(flatten(value, f"{name}."))
        else:
            flat[name] = value
    return flat


def effective_settings(overrides: Overrides) -> dict[str, Any]:
    """Return the file's settings with what the operator said put on top."""
    settings = read_settings()
    if overrides.host:
        settings["server.address"] = overrides.host
    if overrides.port is not None:
        settings["server.port"] = overrides.port
    settings["server.allowedHosts"] = _allowed_hosts(settings, overrides)
    return settings


def _allowed_hosts(settings: Mapping[str, Any], overrides: Overrides) -> list[str]:
    hosts = [*settings["server.allowedHosts"], *overrides.allowed_hosts]
    if overrides.host in WILDCARDS:
        hosts += _names_of_this_computer()
    elif overrides.host:
        hosts.append(overrides.host)
    return list(dict.fromkeys(hosts))


def _names_of_this_computer() -> list[str]:
    name = socket.gethostname()
    try:
        _, aliases, addresses = socket.gethostbyname_ex(name)
    except OSError:
        return [name]
    return [name, *aliases, *addresses]


def differences(expected: Mapping[str, Any]) -> list[str]:
    """Return a line for each protecting option whose value in force is not the expected one.

    Parameters
    ----------
    expected
        Settings by dotted name, as `effective_settings` returns them.
    """
    found = []
    for name in MUST_BE_IN_FORCE:
        wanted = expected.get(name, SAFE_DEFAULTS.get(name))
        in_force = config.get_option(name)
        if _comparable(in_force) != _comparable(wanted):
            found.append(f"{name}: expected {wanted!r}, found {in_force!r}")
    return found


def _comparable(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def write_generated_copy() -> bool:
    """Write the copy that ``streamlit run`` reads, when it is missing or differs.

    Returns
    -------
    bool
        Whether the copy now equals the file (an installation may be read-only).
    """
    text = COPY_HEADER + settings_file().read_text(encoding="utf-8")
    try:
        if GENERATED_COPY.is_file() and GENERATED_COPY.read_text(encoding="utf-8") == text:
            return True
        GENERATED_COPY.parent.mkdir(exist_ok=True)
        GENERATED_COPY.write_text(text, encoding="utf-8")
    except OSError:
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(0 if write_generated_copy() else 1)
