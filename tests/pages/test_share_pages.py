"""Why a share is what it is, all rules side by side, and what would change the shares, on their pages."""

from pathlib import Path

import pytest
from sqlmodel import select

from app.labels import RULE_NAMES, RULES
from consortium import database, queries
from consortium.method_study import METHODS
from consortium.models import Job, JobState
from consortium.services import planning, studies
from consortium.study_questions import StudyDraft
from tests.pages.conftest import acting
from tests.pages.test_plan_answers import labels, read
from tests.pages.test_shipments import FROZEN, OPEN, planned, planned_template

__all__ = ["planned", "planned_template"]

QUESTIONS = (
    {"kind": "methods"},
    {"kind": "leaves", "member": "TRAPICHE"},
    {"kind": "sensitivity", "charges": ["THC-D-CR"], "members": ["ALPACA"]},
)


@pytest.fixture(scope="module")
def studied_template(demo_template, tmp_path_factory):
    """Return a database in which a shipment is planned by volume, and a manager and a member asked about its shares."""
    path = tmp_path_factory.mktemp("studied") / "consortium.sqlite3"
    path.write_bytes(demo_template.read_bytes())
    url = f"sqlite:///{path}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(database.ENVIRONMENT_NAME, url)
        planning.request_plan(acting("manager@demo"), FROZEN, with_load_plan=False)
        assert planning.work(once=True) == 1
        for question in QUESTIONS:
            studies.request_study(acting("manager@demo"), FROZEN, StudyDraft(**question))
            assert planning.work(once=True) == 1
        own = StudyDraft(kind="delays", member="SIERRA", days=3)
        studies.request_study(acting("member@demo"), FROZEN, own)
        assert planning.work(once=True) == 1
    database.engine_for(url).dispose()
    return path


@pytest.fixture
def studied(demo, studied_template):
    """Use a fresh copy of the studied example in this test."""
    Path(demo.removeprefix("sqlite:///")).write_bytes(studied_template.read_bytes())
    return demo


def texts_of_figures(at):
    """Return the text alternatives of all figures."""
    return [each.proto.alt for each in at.get("plotly_chart")]


def rivals_of(code):
    return [one for one in queries.cost_shares(acting("manager@demo"), FROZEN) if one.member_code != code]


def test_every_rule_has_words_and_a_short_name():
    assert set(METHODS) <= set(RULES)
    assert set(METHODS) == set(RULE_NAMES)


def test_the_shares_lead_to_the_comparison_and_to_each_explanation(planned, open_page):
    at = open_page("manager@demo", "cost_shares", shipment=FROZEN)
    links = [link.value for link in at.page_link]
    assert "Compare rules, ask what if" in links
    assert links.count("The whole way to what is paid") == 8
    at = open_page("member@demo", "cost_shares", shipment=FROZEN)
    assert "Why is my amount what it is?" in {link.value for link in at.page_link}


def test_a_share_goes_from_the_cost_alone_to_the_payment_with_volume_beside_it(planned, open_page):
    at = open_page("manager@demo", "share_explained", shipment=FROZEN, member="QUINUA")
    assert not at.exception
    share = next(one for one in queries.cost_shares(acting("manager@demo"), FROZEN) if one.member_code == "QUINUA")
    said = read(at)
    assert "by volume USD" in said
    assert "Alone the goods would travel as" in said
    (figure,) = texts_of_figures(at)
    assert figure.startswith("The way from the cost alone to the payment. Alone: USD")
    assert share.way is not None
    assert sum(step.amount_minor for step in share.way.steps) == share.pays_minor == share.way.to_pay_minor
    assert figure.endswith(f"To pay: USD\xa0{share.pays_minor / 100:,.2f}")


def test_a_member_reads_its_own_way_and_what_it_asked_and_of_no_rival(studied, open_page):
    at = open_page("member@demo", "share_explained", shipment=FROZEN, member="QUINUA")
    assert not at.exception
    said = read(at) + " ".join(texts_of_figures(at))
    (own,) = queries.cost_shares(acting("member@demo"), FROZEN)
    assert f"What if the goods of {own.member_name} are ready 3 days later?" in said
    assert "Share then" in said
    assert "What each member pays now" not in said
    for rival in rivals_of("SIERRA"):
        assert rival.member_name not in said
        assert rival.member_code not in said
        for amount in (rival.cost_share_minor, rival.stand_alone_cost_minor):
            assert f"{amount / 100:,.2f}" not in said
    assert {each.label for each in at.selectbox} >= {"What happens"}
    kinds = next(each for each in at.selectbox if each.key == "if_kind")
    assert "It ships its waiting orders too" not in kinds.options


def test_a_member_asks_watches_and_stops(planned, open_page):
    at = open_page("member@demo", "share_explained", shipment=FROZEN)
    at.selectbox(key="if_kind").set_value("ships_less").run()
    at.button(key="ask_if").click().run()
    assert not at.exception
    assert at.progress
    assert queries.studies(acting("member@demo"), FROZEN)[0].state == JobState.QUEUED.value
    at.button(key="stop_study").click().run()
    assert queries.studies(acting("member@demo"), FROZEN)[0].state == JobState.CANCELLED.value
    assert queries.studies(acting("manager@demo"), FROZEN) == ()


def test_all_rules_stand_side_by_side_with_verdict_promise_and_reason(studied, open_page):
    at = open_page("manager@demo", "method_comparison", shipment=FROZEN)
    assert not at.exception
    said = read(at)
    for rule in METHODS:
        assert RULE_NAMES[rule] in said
        assert RULES[rule] in said
    assert "a group objects" in said
    assert "no group objects" in said
    assert "ALPACA + QUINUA + SIERRA + TRAPICHE + TUMACO" in said
    assert any("in per cent of its cost alone" in one for one in texts_of_figures(at))
    (found,) = [one for one in queries.studies(acting("manager@demo"), FROZEN) if one.kind == "methods"]
    undefined = [one for one in found.methods if not one.shares_minor]
    assert ("No answer, because" in said) == bool(undefined)


def test_another_choice_of_rules_draws_other_dots(studied, open_page):
    at = open_page("manager@demo", "method_comparison", shipment=FROZEN)
    rules = at.multiselect[0]
    assert "Shapley" in rules.options
    assert len(rules.value) == 5
    rules.set_value(["tau", "scrb"]).run()
    assert not at.exception


def test_who_pays_more_because_of_a_member_is_told_by_name(studied, open_page):
    said = read(open_page("manager@demo", "method_comparison", shipment=FROZEN, about="if"))
    assert f"What if {queries.study_choices(acting('manager@demo'), FROZEN).members['TRAPICHE']} leaves?" in said
    (found,) = [one for one in queries.studies(acting("manager@demo"), FROZEN) if one.kind == "leaves"]
    (told,) = found.joinings
    for code in told.worse_off_minor:
        assert found.names[code] in said
    assert "All together" in said


def test_prices_and_volumes_move_down_and_up(studied, open_page):
    at = open_page("manager@demo", "method_comparison", shipment=FROZEN, about="moves")
    said = read(at)
    assert "Price of Manejo en la terminal de destino" in said
    assert "Volume of " in said
    assert len(texts_of_figures(at)) == 2


@pytest.mark.parametrize("about", ["methods", "if", "joinings", "moves"])
@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_no_section_breaks_or_shows_a_bare_code_in_any_language(studied, open_page, about, language):
    at = open_page("manager@demo", "method_comparison", language=language, shipment=FROZEN, about=about)
    assert not at.exception
    assert not at.error
    said = read(at)
    for code in ("per_capita", "not_promised", "if_core", "ships_less", "over_alone", "{", "None"):
        assert code not in said


@pytest.mark.parametrize("language", ["es", "pt"])
def test_the_explanation_is_whole_in_each_language(studied, open_page, language):
    at = open_page("member@demo", "share_explained", language=language, shipment=FROZEN)
    assert not at.exception
    assert "Saved together" not in read(at)
    assert "{" not in read(at)


def test_an_auditor_reads_and_asks_nothing(studied, open_page):
    at = open_page("auditor@demo", "method_comparison", shipment=FROZEN)
    assert not at.exception
    assert "Compare all rules" not in labels(at)
    at = open_page("auditor@demo", "share_explained", shipment=FROZEN)
    assert not at.exception
    assert "Work it out" not in labels(at)


def test_joinings_are_asked_for_and_a_failure_says_so(planned, open_page):
    at = open_page("manager@demo", "method_comparison", shipment=FROZEN, about="joinings")
    assert "Not worked out yet" in read(at)
    at.button(key="ask_joinings").click().run()
    assert at.progress
    with database.unit_of_work() as session:
        job = session.exec(select(Job).where(Job.kind == "study")).one()
        job.state, job.error = JobState.FAILED, {"code": "unexpected", "found": "Traceback"}
        session.add(job)
    at = open_page("manager@demo", "method_comparison", shipment=FROZEN, about="joinings")
    assert "could not be worked out" in read(at)
    assert "Traceback" not in read(at)


def test_without_a_plan_there_is_nothing_to_compare(open_page):
    assert "Make a plan first" in read(open_page("manager@demo", "method_comparison", shipment=OPEN))
    assert "No shares yet" in read(open_page("manager@demo", "share_explained", shipment=OPEN))
