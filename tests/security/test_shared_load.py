"""Attacks on the one path that needs no session: what a link opens, and that it opens nothing else."""

import re
from datetime import timedelta

import httpx
import pytest
from sqlmodel import Session, create_engine, select

from consortium.models import PooledShipment, SharedLink, StoredPlan
from consortium.models.base import utc_now
from consortium.services import access
from consortium.services.shared_links import LinkDraft, make_link, revoke_link
from consortium.services.shipments import freeze
from tests.app.fresh_database import MARKER, database_in_force
from tests.app.live import PASSWORD, LiveApp
from tests.consortium.builders import load_containers_of, store_plan_of
from tests.security.protocol import COOKIE, Browser

pytestmark = pytest.mark.xdist_group("live_app")

UNKNOWN = "A" * 43
SPANISH = {"Accept-Language": "es"}


@pytest.fixture(scope="session")
def loaded(probe: LiveApp) -> tuple[int, int]:
    """Plan and load the first consortium's shipment; return it with its plan."""
    with database_in_force(probe.database_url):
        manager = access.authenticate("manager", PASSWORD)
        assert manager is not None
        freeze(manager, 1)
        with Session(create_engine(probe.database_url)) as session:
            session.get_one(PooledShipment, 1).container_types = ["45G1"]
            plan = store_plan_of(1, session=session)
            load_containers_of(plan, session=session)
            assert session.get_one(PooledShipment, 1).plan_id == plan
            assert session.get_one(StoredPlan, plan).plan["containers"][0]["load_plan"]
            session.commit()
    return 1, plan


def link(probe: LiveApp, loaded: tuple[int, int], ended: str = "", **values: object) -> str:
    """Make a link, end it if asked to, and return its token."""
    with database_in_force(probe.database_url):
        manager = access.authenticate("manager", PASSWORD)
        assert manager is not None
        key, token = make_link(manager, *loaded, LinkDraft(**({"language": "en"} | values)))
        if ended == "revoked":
            revoke_link(manager, key)
        if ended == "expired":
            with Session(create_engine(probe.database_url)) as session:
                row = session.exec(select(SharedLink).where(SharedLink.id == key)).one()
                row.expires_at = utc_now() - timedelta(seconds=1)
                session.add(row)
                session.commit()
    return token


def test_a_link_opens_without_a_session_in_its_own_language(probe: LiveApp, loaded: tuple[int, int]) -> None:
    for language in ("es", "pt", "en"):
        token = link(probe, loaded, language=language)
        answer = httpx.get(f"{probe.base_url}/load/{token}", headers={"Accept-Language": "de"})
        assert answer.status_code == 200
        assert f'<html lang="{language}">' in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("ended", ["unknown", "expired", "revoked", "cut short", "longer"])
def test_every_token_that_opens_nothing_gets_the_same_page(probe: LiveApp, loaded: tuple[int, int], ended: str) -> None:
    token = link(probe, loaded, ended)
    asked = {"unknown": UNKNOWN, "cut short": token[:-1], "longer": f"{token}A"}.get(ended, token)
    expected = httpx.get(f"{probe.base_url}/load/{UNKNOWN}", headers=SPANISH)
    found = httpx.get(f"{probe.base_url}/load/{asked}", headers=SPANISH)
    assert (found.status_code, found.text) == (expected.status_code, expected.text) == (404, expected.text)
    assert {**found.headers, "date": ""} == {**expected.headers, "date": ""}
    assert "Este enlace no se abre" in found.text


@pytest.mark.parametrize(
    "path",
    [
        "/load",
        "/load/",
        "/load/a/b",
        "/load/{token}/",
        "/load/{token}/plan.json",
        "/load/{token}%2F..%2Fhome",
        "/load/..%2fhome",
        "/load/../home",
        "/load/{token}.json",
        "/load/%00",
        "/load/{token}%0a",
        "//load/{token}",
        "/LOAD/{token}",
        "/load/{token}%20",
        "/x/load/{token}",
        "/load/" + "A" * 201,
    ],
)
def test_nothing_beside_that_path_is_opened(probe: LiveApp, loaded: tuple[int, int], path: str) -> None:
    answer = httpx.Client().get(probe.base_url + path.format(token=link(probe, loaded)))
    assert answer.status_code in {303, 400, 401}
    assert MARKER not in answer.text
    assert "<svg" not in answer.text
    if answer.status_code == 303:
        assert answer.headers["location"].startswith("/signin?next=")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_link_is_only_read(probe: LiveApp, loaded: tuple[int, int], method: str) -> None:
    address = f"{probe.base_url}/load/{link(probe, loaded)}"
    answer = httpx.request(method, address, headers={"Origin": probe.base_url})
    assert answer.status_code in {303, 401}
    assert "<svg" not in answer.text


def test_a_token_is_no_session(probe: LiveApp, loaded: tuple[int, int]) -> None:
    token = link(probe, loaded)
    for path in ("/", "/home", "/files/shipments/1/plan.json", "/_stcore/health", "/assets/session.js"):
        answer = httpx.get(probe.base_url + path, headers={"Cookie": f"{COOKIE}={token}"})
        assert answer.status_code in {303, 401}
    browser = Browser(probe.base_url)
    browser.http.get(f"/load/{token}")
    assert browser.http.get("/").status_code == 303


def test_a_link_stays_in_no_cache_no_index_and_no_frame_and_runs_nothing(
    probe: LiveApp, loaded: tuple[int, int]
) -> None:
    for token in (link(probe, loaded), UNKNOWN):
        headers = httpx.get(f"{probe.base_url}/load/{token}").headers
        policy = headers["content-security-policy"]
        assert headers["cache-control"] == "private, no-store"
        assert headers["x-robots-tag"] == "noindex, nofollow"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert policy.startswith("default-src 'none'; ")
        assert "script" not in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_neutral_letters_keep_the_firms_to_themselves(probe: LiveApp, loaded: tuple[int, int]) -> None:
    page = httpx.get(f"{probe.base_url}/load/{link(probe, loaded, firms='letters')}").text
    assert "<b>A</b>" in page
    assert "Firma" not in page
    assert "Firma" in httpx.get(f"{probe.base_url}/load/{link(probe, loaded, firms='names')}").text


def test_a_link_shows_no_buyer_value_note_or_way_into_the_application(probe: LiveApp, loaded: tuple[int, int]) -> None:
    page = httpx.get(f"{probe.base_url}/load/{link(probe, loaded, firms='names')}").text
    for private in ("Comprador", "Lugar", "Nota", "98765431", "Fuente"):
        assert private not in page
    assert re.findall(r"""(?:src|href|action)=["'](?!#|data:,)""", page) == []


def test_a_link_opens_the_same_for_somebody_who_is_signed_in(
    probe: LiveApp, loaded: tuple[int, int], member: Browser
) -> None:
    token = link(probe, loaded)
    assert member.http.get(f"/load/{token}").text == httpx.get(f"{probe.base_url}/load/{token}").text


def test_an_unknown_host_gets_no_load_plan(probe: LiveApp, loaded: tuple[int, int]) -> None:
    answer = httpx.get(f"{probe.base_url}/load/{link(probe, loaded)}", headers={"Host": "evil.example"})
    assert answer.status_code == 400
