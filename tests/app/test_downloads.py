"""Documents of a plan: for who may see whole plans, from an address of our own."""

import io

import httpx
import openpyxl
import pytest

from app.downloads import shipment_link, template_link
from consortium.formats.canonical import sha256
from consortium.services import access
from tests.app.fresh_database import database_in_force
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


@pytest.mark.parametrize(
    ("username", "kinds"),
    [
        ("manager", {"members", "products", "orders", "tariffs"}),
        ("member", {"products", "orders"}),
        ("agency", set()),
        ("auditor", set()),
        ("root", set()),
    ],
)
def test_templates_go_to_those_who_may_import_them(live_app: LiveApp, username: str, kinds: set[str]) -> None:
    browser = visitor(live_app, username)
    for kind in ("members", "products", "orders", "tariffs", "nothing"):
        answer = browser.http.get(template_link(kind))
        assert answer.status_code == (200 if kind in kinds else 404)
        if kind in kinds:
            assert answer.content.startswith(b"PK")
            assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{kind}.xlsx"


def test_a_template_speaks_the_language_of_who_asks_and_needs_a_session(live_app: LiveApp) -> None:
    with database_in_force(live_app.database_url):
        access.set_language(access.actor_of_user(access.user_id_of(access.OPERATOR, "rival")), "pt")
    content = visitor(live_app, "rival").http.get(template_link("orders")).content
    first = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert first["A1"].value == "Membro*"
    assert httpx.get(live_app.base_url + template_link("orders")).status_code == 401
