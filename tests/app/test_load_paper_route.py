"""The address of a load's papers: a session first, then the role, then the fields; files with their names."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app import downloads
from app.downloads import ROUTES, load_paper_link, member_certificate_link
from consortium.permissions import Actor
from consortium.services import access
from tests.consortium.builders import FIRMS, make_world
from tests.consortium.conftest import database as database
from tests.consortium.test_load_papers import planned


class Visit:
    """Asks for papers as somebody."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.actor: Actor | None = None


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    with TestClient(Starlette(routes=ROUTES)) as client:
        made = Visit(client)
        monkeypatch.setattr(downloads, "session_token", lambda _request: "token")
        monkeypatch.setattr(access, "actor_of_token", lambda _token: made.actor)
        yield made


def test_papers_are_sent_with_their_names_to_who_may_have_them(database: str, visit: Visit) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    link = load_paper_link(shipment, 1, "packing-list.pdf", paper="us-letter")
    assert visit.client.get(link).status_code == 401
    for visit.actor in (world.manager, world.member):
        answer = visit.client.get(link)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''PS-1-1-packing-list.pdf"
        assert answer.content.startswith(b"%PDF")
    for visit.actor in (world.agency, world.nobody):
        answer = visit.client.get(link)
        assert (answer.status_code, answer.text) == (404, "Not found")
    visit.actor = world.member
    assert visit.client.get(load_paper_link(shipment, 1, "vgm.pdf")).status_code == 404
    assert visit.client.get(load_paper_link(shipment, 10**30, "packing-list.pdf")).status_code == 404


def test_wrong_fields_are_told_in_the_reader_s_language(database: str, visit: Visit) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    visit.actor = world.manager
    answer = visit.client.get(load_paper_link(shipment, 1, "vgm.pdf", dunnage_g="x", tare_g="y"))
    assert answer.status_code == 400
    assert answer.text.splitlines() == [
        'dunnage_g: se esperaba un número entero, se encontró "x"',
        'tare_g: se esperaba un número entero, se encontró "y"',
    ]
    answer = visit.client.get(load_paper_link(shipment, 1, "vgm.pdf", container_no="CSQU3054384"))
    assert answer.status_code == 400
    assert "se esperaba 3 como última cifra" in answer.text
    assert visit.client.get(load_paper_link(shipment, 1, "vgm.pdf", container_no="CSQU 305438 3")).status_code == 200


def test_a_member_s_certificate_is_sent_to_the_member_and_to_nobody_who_is_its_rival(
    database: str, visit: Visit
) -> None:
    world = make_world()
    shipment = planned(world, FIRMS)
    link = member_certificate_link(shipment, world.members["andina"], "certificate.pdf", paper="us-letter")
    assert visit.client.get(link).status_code == 401
    for visit.actor in (world.manager, world.member):
        answer = visit.client.get(link)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''PS-1-andina-certificate.pdf"
    for visit.actor in (world.rival, world.agency, world.nobody):
        answer = visit.client.get(link)
        assert (answer.status_code, answer.text) == (404, "Not found")
    visit.actor = world.member
    answer = visit.client.get(member_certificate_link(shipment, world.members["andina"], "certificate.json"))
    assert answer.json()["format"] == "consortium/member-certificate@1"
    assert visit.client.get(member_certificate_link(shipment, 10**30, "certificate.json")).status_code == 404
    wrong = member_certificate_link(shipment, world.members["andina"], "certificate.pdf", paper="a3")
    assert visit.client.get(wrong).status_code == 400
