"""The one file of settings is in force however the server is started, or the server does not start."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from streamlit import config

from app import settings
from app.settings import Overrides, differences, effective_settings, flatten, read_settings
from tests.app.fresh_database import build
from tests.app.live import ROOT, LiveApp, environment, free_port, serving

pytestmark = pytest.mark.xdist_group("live_app")


def test_tables_become_dotted_names_and_an_option_that_is_a_table_stays_one() -> None:
    table = {"server": {"port": 1, "trustedUserHeaders": {"X-A": "a"}}, "theme": {"light": {"sidebar": {"font": "x"}}}}
    assert flatten(table) == {
        "server.port": 1,
        "server.trustedUserHeaders": {"X-A": "a"},
        "theme.light.sidebar.font": "x",
    }


def test_every_setting_of_the_file_is_one_that_streamlit_knows() -> None:
    known = config.get_config_options()
    assert [name for name in read_settings() if name not in known] == []


def test_the_defaults_let_only_this_computer_in_and_tell_nothing() -> None:
    found = read_settings()
    assert found["server.address"] == "127.0.0.1"
    assert found["server.enableXsrfProtection"] is True
    assert found["server.enableCORS"] is True
    assert found["browser.gatherUsageStats"] is False
    assert found["client.showErrorDetails"] == "none"
    assert found["server.maxUploadSize"] == 10


def test_the_gate_sets_the_header_that_the_settings_trust() -> None:
    from app.gate import IDENTITY_HEADER

    trusted = read_settings()["server.trustedUserHeaders"]
    assert {name.lower(): key for name, key in trusted.items()} == {IDENTITY_HEADER: "user_id"}


def test_a_host_and_a_port_of_the_command_line_are_put_on_top() -> None:
    found = effective_settings(Overrides(host="192.0.2.7", port=9000, allowed_hosts=("coordina.example.org",)))
    assert (found["server.address"], found["server.port"]) == ("192.0.2.7", 9000)
    assert found["server.allowedHosts"] == ["localhost", "127.0.0.1", "coordina.example.org", "192.0.2.7"]


def test_listening_everywhere_still_allows_only_names_of_this_computer() -> None:
    hosts = effective_settings(Overrides(host="0.0.0.0"))["server.allowedHosts"]
    assert "localhost" in hosts
    assert "0.0.0.0" not in hosts
    assert "*" not in hosts


def test_overrides_survive_the_environment() -> None:
    said = Overrides(host="0.0.0.0", port=9000, allowed_hosts=("a.example", "b.example"))
    assert Overrides.from_environment(said.to_environment()) == said
    assert Overrides.from_environment({}) == Overrides()


def test_a_setting_that_is_not_in_force_is_named_with_both_values() -> None:
    expected = read_settings()
    found = [line for line in differences(expected) if line.startswith("client.showErrorDetails")]
    assert len(found) == 1
    assert "'none'" in found[0]


def test_the_generated_copy_says_the_same_as_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / ".streamlit" / "config.toml"
    monkeypatch.setattr(settings, "GENERATED_COPY", copy)
    assert settings.write_generated_copy()
    written = copy.read_text(encoding="utf-8")
    assert written.startswith("# Generated")
    assert tomllib.loads(written) == tomllib.loads(settings.settings_file().read_text(encoding="utf-8"))
    copy.write_text("[server]\naddress = '0.0.0.0'\n")
    assert settings.write_generated_copy()
    assert copy.read_text(encoding="utf-8") == written


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("settings")
    return folder, build(folder)


@pytest.fixture(scope="module")
def by_streamlit_run(database: tuple[Path, str]) -> Iterator[LiveApp]:
    """Plain `streamlit run app/main.py`, from an unrelated folder."""
    folder, url = database
    port = free_port()
    assert settings.write_generated_copy()
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), "--server.port", str(port)]
    with serving(command, port, environment(url, folder), url, folder) as app:
        yield app


def test_streamlit_run_from_any_folder_serves_behind_the_gate(by_streamlit_run: LiveApp) -> None:
    assert httpx.get(by_streamlit_run.base_url).headers["location"] == "/signin?next=%2F"
    assert httpx.get(f"{by_streamlit_run.base_url}/_stcore/health").status_code == 401


def test_the_launcher_from_any_folder_serves_behind_the_gate(live_app: LiveApp) -> None:
    assert httpx.get(live_app.base_url).headers["location"] == "/signin?next=%2F"


def _status(database: tuple[Path, str], *flags: str, seconds: float = 300, **variables: str) -> tuple[int, str]:
    folder, url = database
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"), "--server.headless", "true"]
    command += ["--server.port", str(free_port()), *flags]
    environ = environment(url, folder, **variables)
    ended = subprocess.run(
        command, env=environ, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False
    )
    return ended.returncode, ended.stderr


def test_a_flag_that_opens_a_door_stops_the_start_with_status_3(database: tuple[Path, str]) -> None:
    assert settings.write_generated_copy()
    status, said = _status(database, "--client.showErrorDetails", "full")
    assert status == 3
    assert "client.showErrorDetails: expected 'none', found 'full'" in said


def test_a_variable_that_opens_a_door_stops_the_start_with_status_3(database: tuple[Path, str]) -> None:
    assert settings.write_generated_copy()
    status, said = _status(database, STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION="false")
    assert status == 3
    assert "server.enableXsrfProtection" in said


@pytest.mark.skipif(os.name != "posix", reason="the copy is moved aside while another test may read it")
def test_without_the_copy_streamlit_run_does_not_serve_and_puts_it_in_place(database: tuple[Path, str]) -> None:
    for _ in range(4):
        settings.GENERATED_COPY.unlink(missing_ok=True)
        try:
            status, said = _status(database, seconds=60)
        except subprocess.TimeoutExpired:
            continue  # it served: the application of another test had put the copy back before it was read
        break
    else:
        pytest.fail("served without the copy, four times")
    assert status == 3
    assert "server.address: expected '127.0.0.1', found None" in said
    assert settings.GENERATED_COPY.is_file()
