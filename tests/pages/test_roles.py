"""Who finds which pages, in every language, loaded and empty."""

import pytest

from app.texts import LANGUAGES
from consortium.permissions import Role
from consortium.services import access
from tests.pages.conftest import acting

EVERYBODYS = {"home", "account"}
PAGES = {
    "manager@demo": EVERYBODYS
    | {
        "shipments",
        "shipment",
        "load_plan",
        "plan_answers",
        "orders",
        "order",
        "import_orders",
        "products",
        "cost_shares",
        "statement",
        "books",
        "departures",
        "tariffs",
        "members",
    },
    "member@demo": EVERYBODYS
    | {
        "shipments",
        "shipment",
        "load_plan",
        "orders",
        "order",
        "import_orders",
        "products",
        "cost_shares",
        "statement",
        "departures",
    },
    "agency@demo": EVERYBODYS,
    "auditor@demo": EVERYBODYS
    | {
        "shipments",
        "shipment",
        "load_plan",
        "plan_answers",
        "orders",
        "order",
        "products",
        "cost_shares",
        "statement",
        "books",
        "departures",
        "tariffs",
        "members",
        "audit_trail",
    },
    "administrator@demo": EVERYBODYS | {"users", "consortia"},
}
ALL = sorted(set().union(*PAGES.values()))


def shown_texts(at):
    """Return every text of a page that a person could read."""
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.error, at.warning, at.info, at.success)
    return [each.value for kind in kinds for each in kind] + [each.label for each in at.button]


@pytest.mark.parametrize("username", PAGES)
def test_a_role_opens_its_own_pages_and_no_others(open_page, username):
    at = open_page(username)
    for page in ALL:
        if page in PAGES[username]:
            at.switch_page(f"app_pages/{page}.py").run()
            assert not at.exception, page
            assert not at.error, page
            assert at.title, page
        else:
            with pytest.raises(ValueError, match=page):
                at.switch_page(f"app_pages/{page}.py")


@pytest.mark.parametrize("language", LANGUAGES)
def test_home_greets_in_the_reader_s_language(open_page, language):
    at = open_page("manager@demo", language=language)
    todo = {"es": "Por hacer", "pt": "A fazer", "en": "To do"}
    assert todo[language] in [each.value for each in at.subheader]


def test_nobody_signed_in_sees_nothing(open_page):
    at = open_page("member@demo")
    at.user = {}
    at.run()
    assert not at.title
    assert not at.markdown


def test_a_user_without_a_role_is_told_whom_to_ask(open_page, demo):
    access.create_user(
        access.OPERATOR, access.UserDraft(username="newcomer", language="en", password="a long phrase of tests")
    )
    at = open_page("newcomer")
    assert any("no consortium" in text for text in shown_texts(at))


def test_a_role_taken_away_is_gone_at_the_next_click(open_page):
    at = open_page("member@demo", "orders")
    member = acting("member@demo")
    access.revoke_role(access.OPERATOR, member.user_id, member.grants[0].consortium_id, Role.MEMBER)
    at.run()
    assert not at.dataframe
    assert not at.table


def test_somebody_in_two_consortia_chooses_one_and_a_link_turns_to_the_other(open_page):
    first = acting("auditor@demo").grants[0].consortium_id
    second = acting("manager@arauco").grants[0].consortium_id
    access.grant_role(access.OPERATOR, acting("auditor@demo").user_id, second, Role.AUDITOR)
    at = open_page("auditor@demo")
    before = at.title[0].value
    at.selectbox(key=f"consortium_choice_{first}").select(second).run()
    assert at.title[0].value != before
    at.query_params["shipment"] = "1"
    at.switch_page("app_pages/shipment.py").run()
    assert not at.exception
    assert at.session_state["consortium"] == first


def test_the_agency_sees_figures_and_no_firm(open_page):
    at = open_page("agency@demo")
    text = " ".join(shown_texts(at)) + str([table.value for table in at.table])
    assert "The consortium in figures" in text
    for name in ("Guatapurí", "Altiplano", "Tallán", "Trapiche"):
        assert name not in text


def test_choosing_a_language_keeps_it_for_the_next_time(open_page):
    at = open_page("manager@demo", language="es")
    at.selectbox(key="language_choice").select("pt").run()
    assert at.session_state["language"] == "pt"
    assert acting("manager@demo").language == "pt"
