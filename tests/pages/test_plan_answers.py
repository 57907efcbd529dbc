"""Why not, what else, prices of wishes and free room on their page and on the member's, in every state of asking."""

from pathlib import Path

import pytest
from sqlmodel import select

from consortium import database, queries
from consortium.models import ChargeRow, Job, JobState, StoredAnswers
from consortium.services import answers, jobs, planning, shipments
from tests.pages.conftest import acting
from tests.pages.test_shipments import FROZEN, OPEN, everything, planned, planned_template

__all__ = ["planned", "planned_template"]


@pytest.fixture(scope="module")
def answered_template(planned_template, tmp_path_factory):
    """Return a database in which all was asked about the planned shipment of the example."""
    path = tmp_path_factory.mktemp("answered") / "consortium.sqlite3"
    path.write_bytes(planned_template.read_bytes())
    url = f"sqlite:///{path}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(database.ENVIRONMENT_NAME, url)
        answers.request_answers(acting("manager@demo"), FROZEN)
        assert planning.work(once=True) == 1
    database.engine_for(url).dispose()
    return path


@pytest.fixture
def answered(demo, answered_template):
    """Use a fresh copy of the answered example in this test."""
    Path(demo.removeprefix("sqlite:///")).write_bytes(answered_template.read_bytes())
    return demo


def read(at):
    """Return what a page says as it is read: without the marks that make typed text harmless."""
    return everything(at).replace("\\", "")


def labels(at):
    return {button.label for button in at.button}


def test_the_plan_leads_to_its_questions_and_back(planned, open_page):
    at = open_page("manager@demo", "shipment", shipment=FROZEN)
    assert "Why not, and what else?" in {link.value for link in at.page_link}
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN)
    assert any(link.value.startswith("Back to ") for link in at.page_link)


def test_every_order_outside_the_shared_containers_has_its_limit_and_a_priced_cure(planned, open_page):
    found = queries.plan_answers(acting("manager@demo"), FROZEN)
    said = read(open_page("manager@demo", "plan_answers", shipment=FROZEN))
    assert len(found.why_not) == 9
    assert all(one.order_code in said for one in found.why_not)
    assert "It may not travel with the goods inside: Food." in said
    assert "Ready 9 days too late" in said
    assert "→ the shipment costs USD" in said


@pytest.mark.parametrize("about", ["why", "plans", "wishes", "room"])
@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_no_section_breaks_or_shows_a_bare_code_in_any_language(answered, open_page, about, language):
    at = open_page("manager@demo", "plan_answers", language=language, shipment=FROZEN, about=about)
    assert not at.exception
    assert not at.error
    said = read(at)
    for code in ("due_date", "cut_off", "_at_most", "only_lcl", "more_departures", "leave_first", "{", "None"):
        assert code not in said
    if language != "en":
        assert "the shipment costs" not in said


def test_what_takes_searches_is_asked_for_watched_and_stopped(planned, open_page):
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN, about="plans")
    assert "Not worked out yet" in read(at)
    at.button(key="work_out").click().run()
    assert at.progress
    assert jobs.latest_job(acting("manager@demo"), FROZEN, "answers").state == JobState.QUEUED
    at.button(key="stop_answers").click().run()
    assert jobs.latest_job(acting("manager@demo"), FROZEN, "answers").state == JobState.CANCELLED


def test_a_search_that_failed_says_so_and_can_be_tried_again(planned, open_page):
    actor = acting("manager@demo")
    with database.unit_of_work() as session:
        session.add(
            Job(
                kind="answers",
                consortium_id=actor.grants[0].consortium_id,
                owner_id=actor.user_id,
                subject_id=FROZEN,
                state=JobState.FAILED,
                error={"code": "unexpected", "found": "Traceback"},
            )
        )
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN, about="wishes")
    assert "The last attempt failed" in read(at)
    assert "Traceback" not in read(at)
    assert "Work it out" in labels(at)


def test_a_search_that_was_ended_early_shows_what_it_found_and_can_be_asked_again(answered, open_page):
    with database.unit_of_work() as session:
        row = session.exec(select(StoredAnswers)).one()
        row.document = {**row.document, "complete": False}
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN, about="plans")
    assert "The search was ended before all of it was done." in read(at)
    assert {"Take this plan", "Work it out"} <= labels(at)


def test_other_plans_are_compared_and_one_is_taken(answered, open_page):
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN, about="plans")
    found = queries.plan_answers(acting("manager@demo"), FROZEN)
    said = read(at)
    assert "Fewest departures" in said
    assert "Everything leaves on its first departure" in said
    assert sum(button.label == "Take this plan" for button in at.button) == len(found.alternatives)
    number = next(one.number for one in found.alternatives if one.wishes[0].kind == "fewest_departures")
    at.button(key=f"take_{number}").click().run()
    assert not at.exception
    job = jobs.latest_job(acting("manager@demo"), FROZEN)
    assert job.state == JobState.QUEUED
    assert planning.work(once=True) == 1
    taken = queries.plan(acting("manager@demo"), FROZEN)
    assert taken.cost_minor == found.measures.cost_minor + found.alternatives[number].extra_cost_minor
    said = read(open_page("manager@demo", "shipment", shipment=FROZEN))
    assert "Chosen for: Fewest departures. Against the plan before, the shipment costs USD" in said


def test_wishes_name_what_they_save_and_who_waits(answered, open_page):
    said = read(open_page("manager@demo", "plan_answers", shipment=FROZEN, about="wishes"))
    assert "Buyers accept the goods 7 days later" in said
    assert "the shipment costs USD\xa0887.04 less" in said
    assert "Wait longer: Cooperativa Castañera Río Manu +7 days" in said
    assert "these orders could no longer travel: N-701" in said
    assert "Leave on the first departure" in said


def test_free_room_names_the_order_that_came_late(answered, open_page):
    said = read(open_page("manager@demo", "plan_answers", shipment=FROZEN, about="room"))
    assert "P-306 (3.00\xa0m³, 1,260\xa0kg; in no shipment yet)" in said
    assert "it pays for itself from USD" in said


def test_an_auditor_reads_and_takes_nothing(answered, open_page):
    for about in ("why", "plans", "wishes", "room"):
        at = open_page("auditor@demo", "plan_answers", shipment=FROZEN, about=about)
        assert not at.exception
        assert not {"Take this plan", "Work it out"} & labels(at)


def test_after_agreement_nothing_is_taken_any_more(answered, open_page):
    plan = queries.plan(acting("manager@demo"), FROZEN)
    shipments.agree(acting("manager@demo"), FROZEN, plan.id)
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN, about="plans")
    assert "Take this plan" not in labels(at)


def test_prices_that_changed_since_are_told(answered, open_page):
    with database.unit_of_work() as session:
        for row in session.exec(select(ChargeRow)):
            row.amount_minor += 1
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN, about="plans")
    assert "have changed since this plan was made" in read(at)
    assert "Take this plan" not in labels(at)


def test_without_a_plan_there_is_nothing_to_ask(open_page):
    assert "Make a plan first" in read(open_page("manager@demo", "plan_answers", shipment=OPEN))
    assert "No shipment chosen" in read(open_page("manager@demo", "plan_answers"))


def test_a_plan_of_before_without_answers_can_be_asked_about(planned, open_page):
    with database.unit_of_work() as session:
        session.delete(session.exec(select(StoredAnswers)).one())
    at = open_page("manager@demo", "plan_answers", shipment=FROZEN)
    assert "Work it out" in labels(at)


def test_a_member_reads_why_its_own_orders_go_alone_and_what_its_wishes_cost_and_of_no_rival(answered, open_page):
    said = read(open_page("member3@demo", "shipment", shipment=FROZEN))
    assert "Why not in a shared container" in said
    assert "2 days after its due date" in said
    said += read(open_page("member@demo", "shipment", shipment=FROZEN))
    assert "What a wish of yours would cost" in said
    assert "Leave on the first departure (LCL" in said
    assert "the shipment costs USD\xa0923.54 more" in said
    own = {"SIERRA", "CASTANA"}
    rivals = [one for one in queries.cost_shares(acting("manager@demo"), FROZEN) if one.member_code not in own]
    assert len(rivals) == 6
    for rival in rivals:
        assert rival.member_name not in said
        assert rival.member_code not in said


def test_long_answers_become_grids_that_can_be_searched(answered, open_page, monkeypatch):
    for module in ("answers_why", "answers_else"):
        monkeypatch.setattr(f"app.components.{module}.MOST_CARDS", 2)
    for about in ("why", "wishes", "room"):
        at = open_page("manager@demo", "plan_answers", shipment=FROZEN, about=about)
        assert not at.exception
        assert at.table or at.dataframe, about
