"""A pooled shipment on its pages, step by step, for manager, member and auditor, in every state of its planning."""

import datetime as dt
from pathlib import Path

import pytest

from app.labels import MODES
from consortium import database, queries
from consortium.models import Job, JobState, Role, RoleGrant
from consortium.services import jobs, planning, shipments
from tests.pages.conftest import acting

FROZEN, OPEN = 1, 2


@pytest.fixture(scope="module")
def planned_template(demo_template, tmp_path_factory):
    """Return a database in which the first shipment of the example is planned."""
    path = tmp_path_factory.mktemp("planned") / "consortium.sqlite3"
    path.write_bytes(demo_template.read_bytes())
    url = f"sqlite:///{path}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(database.ENVIRONMENT_NAME, url)
        planning.request_plan(acting("manager@demo"), FROZEN, time_limit_s=30)
        assert planning.work(once=True) == 1
    database.engine_for(url).dispose()
    return path


@pytest.fixture
def planned(demo, planned_template):
    """Use a fresh copy of the planned example in this test."""
    Path(demo.removeprefix("sqlite:///")).write_bytes(planned_template.read_bytes())
    return demo


def everything(at):
    """Return all that a page says, tables included."""
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.error, at.warning, at.info, at.success)
    said = [f"{each.value} {getattr(each.proto, 'title', '')}" for kind in kinds for each in kind]
    said += [f"{each.label} {each.value}" for each in at.metric]
    said += [each.label for each in at.expander]
    said += [table.value.to_string() for table in (*at.table, *at.dataframe)]
    return "\n".join(said)


def test_the_list_shows_every_shipment_by_state(open_page):
    at = open_page("manager@demo", "shipments")
    assert [each.value for each in at.subheader] == ["Open", "Frozen"]
    assert {"Open 2027-A", "Open 2027-B"} <= {link.value for link in at.page_link}


def test_a_manager_opens_a_shipment_with_a_cut_off_in_the_consortium_s_time(open_page):
    at = open_page("manager@demo", "shipments")
    at.text_input(key="shipment_new_code").set_value("2027-C")
    at.button(key="shipment_new_save").click().run()
    assert not at.error
    new = next(
        each
        for each in queries.shipments(acting("manager@demo"), acting("manager@demo").grants[0].consortium_id)
        if each.code == "2027-C"
    )
    assert new.cut_off_at.hour == 23  # 18:00 in Bogota


def test_a_code_used_twice_is_refused_by_its_label(open_page):
    at = open_page("manager@demo", "shipments")
    at.text_input(key="shipment_new_code").set_value("2027-A")
    at.button(key="shipment_new_save").click().run()
    assert "**Code**: is used already" in at.error[0].value


def test_no_shipment_chosen_says_where_to_choose(open_page):
    at = open_page("manager@demo", "shipment")
    assert "Choose one in the list of pooled shipments." in everything(at)


@pytest.mark.parametrize("given", ["999", "3", "-1", "x", "9" * 30])
def test_a_shipment_of_others_or_of_nobody_is_not_available(open_page, given):
    at = open_page("member@demo", "shipment", shipment=given)
    assert at.title[0].value in {"Not available", "Pooled shipment"}
    assert not at.metric


def test_orders_are_gathered_taken_out_and_frozen(open_page):
    at = open_page("manager@demo", "shipment", shipment=OPEN)
    before = len(queries.shipment(acting("manager@demo"), OPEN).consignments)
    at.button(key="gather_all").click().run()
    assert not at.error
    assert len(queries.shipment(acting("manager@demo"), OPEN).consignments) == before + 2
    chooser = next(each for each in at.multiselect if each.key.startswith("drop_"))
    first = queries.shipment(acting("manager@demo"), OPEN).consignments[0].order
    chooser.set_value([first.id]).run()
    at.button(key="drop").click().run()
    assert len(queries.shipment(acting("manager@demo"), OPEN).consignments) == before + 1
    at.button(key="freeze").click().run()
    assert queries.shipment(acting("manager@demo"), OPEN).state == "frozen"
    assert "Make the plan" in {button.label for button in at.button}


def test_an_order_gathered_meanwhile_is_named_not_numbered(open_page):
    at = open_page("manager@demo", "shipment", shipment=OPEN)
    waiting = queries.gatherable_orders(acting("manager@demo"), OPEN)
    shipments.gather(acting("manager@demo"), OPEN, [waiting[0].id])
    at.button(key="gather_all").click().run()
    assert not at.exception


def test_planning_an_open_shipment_says_to_freeze_it_first(open_page):
    at = open_page("manager@demo", "shipment", shipment=OPEN, step="plan")
    assert "Freeze the shipment first" in everything(at)


@pytest.mark.parametrize("step", ["compare", "agree"])
def test_steps_without_a_plan_say_what_comes_first(open_page, step):
    at = open_page("manager@demo", "shipment", shipment=FROZEN, step=step)
    assert "Make a plan first: step 2." in everything(at)


def test_asking_for_a_plan_queues_a_job_and_the_page_stays_free(open_page):
    at = open_page("manager@demo", "shipment", shipment=FROZEN)
    at.number_input(key="plan_seconds").set_value(7)
    at.button(key="plan").click().run()
    assert "Waiting for its turn" in everything(at)
    assert at.progress
    assert jobs.latest_job(acting("manager@demo"), FROZEN).state == JobState.QUEUED
    at.button(key="cancel_job").click().run()
    assert jobs.latest_job(acting("manager@demo"), FROZEN).state == JobState.CANCELLED
    at.run()
    assert "Planning cancelled" in everything(at)


def put_job(**values):
    consortium_id = acting("manager@demo").grants[0].consortium_id
    with database.unit_of_work() as session:
        session.add(
            Job(
                kind="plan",
                consortium_id=consortium_id,
                owner_id=acting("manager@demo").user_id,
                subject_id=FROZEN,
                **values,
            )
        )


def test_a_running_job_shows_stage_cost_bound_and_gap(open_page):
    progress = {"stage": "improving", "cost_minor": 200_000, "lower_bound_minor": 190_000, "done_permille": 400}
    put_job(state=JobState.RUNNING, progress=progress)
    at = open_page("manager@demo", "shipment", shipment=FROZEN)
    assert at.progress[0].value == 40
    said = everything(at)
    assert "Best cost so far USD\xa02,000.00" in said
    assert "Least possible cost USD\xa01,900.00" in said
    assert "Cheaper by at most 5.00\xa0%" in said


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("judge_found_violations", "The judge found an error in the plan"),
        ("problem_refused", "do not fit together"),
        ("unexpected", "Planning stopped unexpectedly"),
        ("never heard of", "Planning stopped unexpectedly"),
    ],
)
def test_a_failed_job_says_what_to_do_and_shows_no_traceback(open_page, code, words):
    put_job(state=JobState.FAILED, error={"code": code, "found": "Traceback (most recent call last)"})
    at = open_page("manager@demo", "shipment", shipment=FROZEN)
    said = everything(at)
    assert words in said
    assert "Traceback" not in said
    assert "Make the plan" in {button.label for button in at.button}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "**Charge 3, Price breaks**: expected steps that start at 0 and rise"),
        ("es", "se esperaba"),
        ("pt", "esperava-se"),
    ],
)
def test_what_a_job_found_wrong_is_said_field_by_field_in_the_reader_s_language(open_page, language, words):
    fault = {
        "path": "charges[2].steps",
        "code": "wrong_steps",
        "expected": "steps that start at 0 and rise",
        "found": "[5]",
    }
    put_job(state=JobState.FAILED, error={"code": "problem_refused", "found": "raw", "faults": [fault]})
    at = open_page("manager@demo", "shipment", language=language, shipment=FROZEN)
    said = everything(at)
    assert words in said
    assert ("steps that start at 0" in said) == (language == "en")


def test_an_open_shipment_is_changed_and_its_other_settings_stay(open_page):
    before = queries.shipment(acting("manager@demo"), OPEN)
    at = open_page("manager@demo", "shipment", shipment=OPEN)
    name = f"shipment_{OPEN}"
    at.text_input(key=f"{name}_title").set_value("A new title")
    at.checkbox(key=f"{name}_rounded").set_value(True)
    at.button(key=f"{name}_save").click().run()
    assert not at.error
    after = queries.shipment(acting("manager@demo"), OPEN)
    assert (after.title, after.allocation_rule) == ("A new title", "nucleolus")
    usual = {"modes": list(MODES), "missed_due_date": "forbidden", "delay_counts_transit": False, "owners": "free"}
    assert after.settings == {**usual, **before.settings, "lcl_rounding": "up"}
    assert (after.cut_off_at, after.container_types) == (before.cut_off_at, before.container_types)


def test_a_change_that_would_leave_gathered_orders_behind_names_them(open_page):
    at = open_page("manager@demo", "shipment", shipment=OPEN)
    name = f"shipment_{OPEN}"
    at.datetime_input(key=f"{name}_cut_off").set_value(dt.datetime.fromisoformat("2031-01-01T18:00"))
    at.button(key=f"{name}_save").click().run()
    orders = [each.order for each in queries.shipment(acting("manager@demo"), OPEN).consignments]
    due = next(order for order in orders if order.due_date is not None)
    assert f"**Order {due.code}, Due on**" in at.error[0].value


def test_only_managers_are_offered_a_change_and_only_while_it_is_open(open_page):
    for username, shipment in (("auditor@demo", OPEN), ("manager@demo", FROZEN)):
        at = open_page(username, "shipment", shipment=shipment, step="gather")
        assert "Change this shipment" not in everything(at)


def test_the_plan_is_compared_with_other_ways(planned, open_page):
    plan = queries.plan(acting("manager@demo"), FROZEN)
    at = open_page("manager@demo", "shipment", shipment=FROZEN)
    said = everything(at)
    assert not at.exception
    assert "Cost of the plan USD" in said
    assert "The judge re-counted every package" in said
    charts = at.get("plotly_chart")
    assert len(charts) == 3
    assert "Each member alone" in charts[0].proto.spec
    assert all(box.id in said for box in plan.containers)
    assert all(each.order_code in said for each in plan.loose)


def test_the_shares_are_explained_and_the_plan_is_agreed(planned, open_page):
    at = open_page("manager@demo", "cost_shares", shipment=FROZEN)
    said = everything(at)
    for share in queries.cost_shares(acting("manager@demo"), FROZEN):
        assert share.member_name in said
    assert "By volume alone it would be" in said
    at = open_page("manager@demo", "shipment", shipment=FROZEN, step="agree")
    assert at.button(key="agree").disabled
    at.checkbox[0].check().run()
    at.button(key="agree").click().run()
    assert queries.shipment(acting("manager@demo"), FROZEN).state == "agreed"
    assert "can no longer change" in everything(at)
    at.button(key="mark_shipped").click().run()
    assert queries.shipment(acting("manager@demo"), FROZEN).state == "shipped"


@pytest.mark.parametrize("page", ["shipment", "cost_shares"])
def test_a_member_sees_its_own_share_and_no_rival(planned, open_page, page):
    at = open_page("member@demo", page, shipment=FROZEN)
    said = everything(at)
    own = queries.cost_shares(acting("member@demo"), FROZEN)[0]
    assert "Your share USD" in said
    rivals = [
        share for share in queries.cost_shares(acting("manager@demo"), FROZEN) if share.member_id != own.member_id
    ]
    assert len(rivals) == 7
    for rival in rivals:
        assert rival.member_name not in said
        assert rival.member_code not in said


def test_who_acts_for_two_firms_sees_the_share_of_each_by_name(planned, open_page):
    actor = acting("member@demo")
    own, other = (
        next(share for share in queries.cost_shares(acting("manager@demo"), FROZEN) if wanted(share.member_id))
        for wanted in (lambda id_: id_ == actor.grants[0].member_id, lambda id_: id_ != actor.grants[0].member_id)
    )
    with database.unit_of_work() as session:
        session.add(
            RoleGrant(
                user_id=actor.user_id,
                consortium_id=actor.grants[0].consortium_id,
                role=Role.MEMBER,
                member_id=other.member_id,
            )
        )
    for page in ("shipment", "cost_shares"):
        at = open_page("member@demo", page, shipment=FROZEN)
        by_code = sorted((own, other), key=lambda share: share.member_code)
        assert [each.value for each in at.subheader][:2] == [share.member_name for share in by_code]
        assert sum(metric.label == "Your share" for metric in at.metric) == 2


def test_a_member_whose_goods_do_not_travel_is_told_what_to_do(planned, open_page):
    orders = [each.order.id for each in queries.shipment(acting("manager@demo"), OPEN).consignments]
    mine = {each.order.id for each in queries.shipment(acting("member@demo"), OPEN).consignments}
    assert not mine & set(orders)
    at = open_page("member@demo", "shipment", shipment=OPEN)
    assert "Enter your orders before the cut-off" in everything(at)


def test_an_auditor_reads_and_may_do_nothing(planned, open_page):
    for step in ("gather", "plan", "compare", "agree"):
        at = open_page("auditor@demo", "shipment", shipment=FROZEN, step=step)
        assert not at.exception
        assert not at.button
