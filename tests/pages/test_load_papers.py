"""Links to the papers of a load: which ones for whom, with what was typed, in three languages."""

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from app.texts import LANGUAGE_KEY
from consortium import queries
from consortium.permissions import Actor, Grant, Role
from consortium.views_loads import LoadChoice


def script(actor):
    """Show the component to somebody."""
    from types import SimpleNamespace

    from app.components.load_papers import show_load_papers
    from consortium.permissions import may

    show_load_papers(SimpleNamespace(actor=actor, may=lambda action: may(actor, action, 1)), 7)


def actor(role, member_id=None):
    return Actor(user_id=1, username="x", grants=(Grant(consortium_id=1, role=role, member_id=member_id),))


@pytest.fixture
def show(monkeypatch):
    """Return a function that shows the component when these containers may be opened."""

    def shown(who, choices, language="en"):
        monkeypatch.setattr(queries, "load_choices", lambda *_: choices)
        at = AppTest.from_function(script, kwargs={"actor": who}, default_timeout=30)
        at.session_state[LANGUAGE_KEY] = language
        return at.run()

    return shown


def choice(number, *, has_load_plan=True):
    return LoadChoice(
        number=number,
        container_id=f"K-{number}",
        container_type="45G1",
        departs=date(2027, 3, 4),
        has_load_plan=has_load_plan,
    )


def links(at):
    return [each.proto.body.split('href="')[1].split('"')[0].replace("&amp;", "&") for each in at.get("html")]


def test_without_a_load_plan_there_is_nothing(show):
    for choices in (None, (), (choice(1, has_load_plan=False),)):
        at = show(actor(Role.MANAGER), choices)
        assert not at.exception
        assert not at.expander
        assert links(at) == []


def test_a_member_is_offered_its_papers_and_no_declaration_of_the_whole(show):
    at = show(actor(Role.MEMBER, 5), (choice(1),))
    assert links(at) == [
        "/files/shipments/7/loads/1/stuffing-sheet.pdf?paper=a4",
        "/files/shipments/7/loads/1/stuffing-sheet.xlsx",
        "/files/shipments/7/loads/1/packing-list.pdf?paper=a4",
        "/files/shipments/7/loads/1/packing-list.xlsx",
    ]
    assert not at.text_input


def test_a_manager_chooses_container_and_sheet_and_declares_the_mass(show):
    at = show(actor(Role.MANAGER), (choice(1), choice(2), choice(3, has_load_plan=False)), "es")
    assert len(at.selectbox[0].options) == 2
    at.selectbox[0].set_value(2).run()
    at.segmented_control[0].set_value("us-letter").run()
    at.text_input(key="papers_7_2_container_no").set_value("CSQU 305438-3")
    at.text_input(key="papers_7_2_person").set_value("Ana & Luis")
    at.number_input(key="papers_7_2_dunnage").set_value(85.5)
    at.number_input(key="papers_7_2_tare").set_value(3_940.0)
    at.date_input(key="papers_7_2_day").set_value(date(2027, 3, 2)).run()
    assert not at.exception
    assert links(at)[0] == "/files/shipments/7/loads/2/stuffing-sheet.pdf?paper=us-letter"
    declared = urlsplit(links(at)[-1])
    assert declared.path == "/files/shipments/7/loads/2/vgm.pdf"
    assert {key: value for key, (value,) in parse_qs(declared.query).items()} == {
        "paper": "us-letter",
        "container_no": "CSQU 305438-3",
        "person": "Ana & Luis",
        "dunnage_g": "85500",
        "tare_g": "3940000",
        "day": "2027-03-02",
    }


@pytest.mark.parametrize(
    ("language", "label"), [("es", "Documentos para la carga"), ("pt", "Documentos para o carregamento")]
)
def test_it_is_said_in_the_reader_s_language(show, language, label):
    at = show(actor(Role.MANAGER), (choice(1),), language)
    assert at.expander[0].label == label
