"""Documents of a plan: for who may see whole plans, from an address of our own."""

import httpx
import pytest

from app.downloads import shipment_link
from consortium.formats.canonical import sha256
from tests.app.live import PASSWORD, LiveApp
from tests.security.protocol import Browser

pytestmark = pytest.mark.xdist_group("live_app")


def visitor(app: LiveApp, username: str) -> Browser:
    browser = Browser(app.base_url)
    browser.sign_in(username, PASSWORD)
    return browser


@pytest.mark.parametrize("username", ["manager", "auditor"])
def test_who_may_see_plans_gets_the_published_documents(live_app: LiveApp, username: str) -> None:
    browser = visitor(live_app, username)
    documents = {}
    for name in ("problem.json", "plan.json", "certificate.json"):
        answer = browser.http.get(shipment_link(1, name))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''NORTE-1-{name}"
        assert answer.headers["cache-control"] == "private, no-store"
        documents[name] = answer.json()
    assert documents["plan.json"]["format"] == "consortium/plan@1"
    assert documents["plan.json"]["problem_sha256"] == sha256(documents["problem.json"])


@pytest.mark.parametrize("username", ["member", "rival", "agency", "root", "stranger"])
def test_nobody_else_gets_them_nor_learns_that_they_exist(live_app: LiveApp, username: str) -> None:
    browser = visitor(live_app, username)
    answers = [browser.http.get(shipment_link(shipment_id, "plan.json")) for shipment_id in (1, 999_999, 10**30)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(404, "Not found")}


def test_a_shipment_without_a_plan_has_no_documents(live_app: LiveApp) -> None:
    assert visitor(live_app, "stranger").http.get(shipment_link(2, "plan.json")).status_code == 404


def test_a_document_is_not_given_without_a_session(live_app: LiveApp) -> None:
    assert httpx.get(live_app.base_url + shipment_link(1, "plan.json")).status_code == 401
