"""Rules and invoices on their pages: decided, compared, billed by the manager; read by a member, each its own part."""

from pathlib import Path

import pytest

from consortium import database, queries
from consortium.services import planning, shipments
from tests.pages.conftest import acting
from tests.pages.test_shipments import everything

FROZEN = 1


@pytest.fixture(scope="module")
def agreed_template(demo_template, tmp_path_factory):
    """Return a database in which the first shipment of the example is planned by volume and agreed."""
    path = tmp_path_factory.mktemp("agreed") / "consortium.sqlite3"
    path.write_bytes(demo_template.read_bytes())
    url = f"sqlite:///{path}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(database.ENVIRONMENT_NAME, url)
        manager = acting("manager@demo")
        planning.request_plan(manager, FROZEN, time_limit_s=30, with_load_plan=False)
        assert planning.work(once=True) == 1
        plan_id = queries.shipment(manager, FROZEN).plan_id
        assert plan_id is not None
        shipments.agree(manager, FROZEN, plan_id)
    database.engine_for(url).dispose()
    return path


@pytest.fixture
def agreed(demo, agreed_template):
    """Use a fresh copy of the agreed example in this test."""
    Path(demo.removeprefix("sqlite:///")).write_bytes(agreed_template.read_bytes())
    return demo


def here():
    return acting("manager@demo").grants[0].consortium_id


def record(at, **values):
    """Fill the form of a decision and send it."""
    fields = {"text": "Equal parts.", "reference": "Minutes 9"} | values
    at.text_area(key="decision_text").set_value(fields["text"])
    at.text_input(key="decision_reference").set_value(fields["reference"])
    at.selectbox(key="decision_rule").set_value("equal")
    at.selectbox(key="decision_documents").set_value("volume")
    at.button(key="decision_save").click().run()
    assert not at.exception


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Decision 1 of"), ("es", "Decisión 1 del"), ("pt", "Decisão 1 de")],
)
@pytest.mark.parametrize("username", ["manager@demo", "member@demo", "auditor@demo"])
def test_everybody_who_ships_reads_the_decision_in_force(open_page, username, language, words):
    at = open_page(username, "rules", language)
    assert not at.exception
    said = everything(at)
    assert words in said
    assert "Acta 4, punto 3" in said
    assert "7 " in said
    assert bool([each for each in at.button if each.key == "decision_save"]) == (username == "manager@demo")


def test_a_consortium_without_a_decision_is_told_which_rule_holds_until_then(open_page):
    said = everything(open_page("manager@arauco", "rules"))
    assert "No decision is in force" in said
    assert "Until the members decide, new shipments are shared by: Shapley value" in said


def test_a_manager_records_a_decision_and_withdraws_it_while_it_is_unused(open_page):
    at = open_page("manager@demo", "rules")
    record(at)
    now = queries.rules(acting("manager@demo"), here()).versions[0]
    assert (now.number, now.rule, dict(now.keys), now.is_in_force) == (2, "equal", {"documents": "volume"}, True)
    at.run()
    at.button(key="withdraw").click().run()
    versions = queries.rules(acting("member@demo"), here()).versions
    assert [one.is_in_force for one in versions] == [False, True]


def test_a_decision_without_words_or_minutes_is_refused_by_its_labels(open_page):
    at = open_page("manager@demo", "rules")
    record(at, text="", reference="")
    assert "**What was decided**: is missing" in at.error[0].value
    assert "**Reference**: is missing" in at.error[0].value


def test_other_terms_are_compared_and_each_member_sees_its_own_part(agreed, open_page):
    at = open_page("manager@demo", "rules")
    at.selectbox(key="replay_rule").set_value("equal")
    at.button(key="replay_save").click().run()
    assert not at.exception
    assert planning.work(once=True) == 1
    said = everything(open_page("manager@demo", "rules"))
    assert "Asociación Cacaotera Costa Verde" in said
    assert "Under these terms" in said
    (replay,) = queries.replays(acting("manager@demo"), here())
    (result,) = replay.shipments
    assert result.how == "stored"
    assert sum(one.after_minor - one.before_minor for one in result.members) == 0
    own = queries.replays(acting("member@demo"), here())[0].shipments[0].members
    assert [one.member_code for one in own] == ["SIERRA"]
    at = open_page("member@demo", "rules")
    rivals = {one.member_name for one in result.members if one.member_code != "SIERRA"}
    assert not [name for name in rivals if name in everything(at)]


def test_a_shipment_says_by_which_decision_it_is_shared(open_page):
    at = open_page("member@demo", "shipment", shipment=FROZEN)
    assert "it can no longer change for this shipment" in everything(at)


def test_an_invoice_is_entered_and_only_the_difference_is_shared(agreed, open_page):
    manager = acting("manager@demo")
    at = open_page("manager@demo", "invoice", shipment=FROZEN)
    slots = [one for one in queries.invoices(manager, FROZEN).slots if one.estimate_minor]
    index = next(number for number, one in enumerate(slots) if one.key == "optimised" and one.charge_class == "freight")
    at.text_input(key="invoice_0_reference").set_value("F-2027-118")
    at.number_input(key=f"invoice_0_slot_{index}").set_value(slots[index].estimate_minor / 100 + 123.45)
    at.number_input(key="invoice_0_extra").set_value(1).run()
    at.text_input(key="invoice_0_reference").set_value("F-2027-118")
    at.number_input(key=f"invoice_0_slot_{index}").set_value(slots[index].estimate_minor / 100 + 123.45)
    at.number_input(key="invoice_0_0_amount").set_value(80.0)
    at.multiselect(key="invoice_0_0_causes").set_value(["SIERRA"])
    at.button(key="invoice_0_save").click().run()
    assert not at.exception
    assert not at.error, at.error[0].value
    found = queries.invoices(manager, FROZEN)
    assert sum(one.difference_minor for one in found.members) == 12_345 + 8_000
    said = everything(open_page("manager@demo", "invoice", shipment=FROZEN))
    assert "F-2027-118" in said
    assert "USD\xa080.00, caused by this firm alone" in said
    at = open_page("member@demo", "invoice", shipment=FROZEN)
    assert [each.label for each in at.metric] == ["Share of the estimate", "Difference", "Your share now"]
    own = next(one for one in found.members if one.member_code == "SIERRA")
    assert queries.invoices(acting("member@demo"), FROZEN).members == (own,)
    assert "caused by this firm alone" in everything(at)


def test_a_cause_that_the_rule_asks_for_is_missed_by_its_label(agreed, open_page):
    at = open_page("manager@demo", "invoice", shipment=FROZEN)
    at.number_input(key="invoice_0_extra").set_value(1).run()
    at.text_input(key="invoice_0_reference").set_value("F-1")
    at.number_input(key="invoice_0_0_amount").set_value(80.0)
    at.button(key="invoice_0_save").click().run()
    assert "**Line 1, Caused by**: by the rule in force this goes to whoever caused it" in at.error[0].value
    assert queries.invoices(acting("manager@demo"), FROZEN).invoices == ()


@pytest.mark.parametrize("language", ["es", "pt", "en"])
@pytest.mark.parametrize("username", ["manager@demo", "member@demo", "auditor@demo"])
def test_the_page_of_invoices_opens_for_everybody_who_takes_part(agreed, open_page, username, language):
    at = open_page(username, "invoice", language, shipment=FROZEN)
    assert not at.exception
    assert bool([each for each in at.button if each.key == "invoice_0_save"]) == (username == "manager@demo")


def test_nothing_is_compared_before_the_plan_is_agreed(open_page):
    said = everything(open_page("manager@demo", "invoice", shipment=FROZEN))
    assert "Invoices are compared with the estimate once the plan and its shares are agreed." in said
