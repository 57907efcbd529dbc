"""Questions about cost shares: asked, worked out by a worker, seen whole by managers and in part by members."""

from threading import Event
from typing import Any

import pytest
from sqlmodel import select

from consortium import method_study as method_study_module
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.method_study import METHODS
from consortium.models import AuditEvent, Job, JobState, ShareStudy
from consortium.permissions import ForbiddenError
from consortium.queries.plans import cost_shares, member_plan, plan
from consortium.queries.studies import studies, study_choices
from consortium.services.orders import enter_order
from consortium.services.planning import request_plan, work
from consortium.services.studies import cancel_study, request_study, run_study_job
from consortium.study_questions import StudyDraft
from consortium.views_studies import StudyView
from optimizer.allocation.explaining import waterfall_of
from optimizer.shipment_game import TooManyMembers
from tests.consortium.builders import World, line, make_world, order_draft
from tests.consortium.test_answers import FULL_OF_THREE, FULL_OF_TWO, planned


def asked(world: World, shipment: int, who: str = "manager", **values: Any) -> StudyView:
    """Ask, work it out, and return the answer as who asked sees it."""
    actor = getattr(world, who)
    request_study(actor, shipment, StudyDraft(**values))
    assert work(once=True) == 1
    return studies(actor, shipment)[0]


def shares_of(world: World, shipment: int) -> dict[str, int]:
    return {one.member_code: one.cost_share_minor for one in cost_shares(world.manager, shipment)}


def test_every_rule_is_compared_with_its_verdict_promises_and_reasons(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = asked(world, shipment, kind="methods")
    assert (found.state, found.complete, found.rule) == ("done", True, "shapley")
    assert [one.rule for one in found.methods] == list(METHODS)
    known = plan(world.manager, shipment)
    assert known is not None
    by_rule = {one.rule: one for one in found.methods}
    for one in found.methods:
        if one.status == "undefined":
            assert one.reason
        else:
            assert sum(one.shares_minor.values()) == known.cost_minor
            assert one.verdict in ("proven", "refuted", "undecided")
    assert by_rule["shapley"].shares_minor == shares_of(world, shipment)
    # Every firm stands for one unit and all are of one country: these two are the Shapley value itself.
    assert by_rule["weighted_shapley"].shares_minor == by_rule["shapley"].shares_minor
    assert by_rule["owen"].shares_minor == by_rule["shapley"].shares_minor
    assert found.unions == (tuple(FULL_OF_THREE),)
    assert by_rule["nucleolus"].promises["in_core"] == "always"
    assert by_rule["proportional_volume"].promises == {}
    assert by_rule["tau"].degenerates
    assert {one.core_empty for one in found.methods if one.verdict} == {by_rule["equal"].core_empty}


def test_a_member_that_leaves_shows_who_pays_more_because_it_is_there(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = asked(world, shipment, kind="leaves", member="andina")
    assert found.before is not None
    assert found.after is not None
    assert found.before.shares_minor == shares_of(world, shipment)
    # Nine pallets each of three firms fill one container: 1,500.00 in equal parts.
    assert found.after.shares_minor == {"bahia": 50_000, "cumbre": 50_000, "delta": 50_000}
    (told,) = found.joinings
    now = found.before.shares_minor
    assert told.newcomer == "andina"
    assert told.changes_minor == {one: now[one] - 50_000 for one in ("bahia", "cumbre", "delta")}
    assert told.worse_off_minor == {one: rise for one, rise in told.changes_minor.items() if rise > 0}
    assert sum(told.corrected_minor.values()) == found.before.cost_minor
    assert all(told.corrected_minor[one] <= 50_000 for one in told.changes_minor)


def test_all_joinings_are_looked_at_one_by_one(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = asked(world, shipment, kind="joinings")
    assert [one.newcomer for one in found.joinings] == list(FULL_OF_THREE)
    assert found.complete


def test_a_newcomer_joins_with_its_waiting_orders(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_TWO)
    with pytest.raises(InputError) as refused:
        request_study(world.manager, shipment, StudyDraft(kind="joins", member="delta"))
    assert refused.value.faults[0].code == "unknown_value"
    draft = order_draft(member_id=world.members["delta"], code="O-delta", lines=[line(quantity=3)], cargo_class="food")
    enter_order(world.manager, world.consortium_id, draft)
    assert dict(study_choices(world.manager, shipment).newcomers) == {"delta": "Delta"}
    found = asked(world, shipment, kind="joins", member="delta")
    assert found.after is not None
    assert set(found.after.shares_minor) == {"andina", "bahia", "cumbre", "delta"}
    assert found.joinings[0].newcomer == "delta"


def test_a_delay_beyond_the_cut_off_leaves_the_goods_behind_and_says_so(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = asked(world, shipment, kind="delays", member="andina", days=15)
    assert found.after is not None
    assert found.after.unplanned == ("andina/O-andina",)
    assert "andina" not in found.after.shares_minor
    early = asked(world, shipment, kind="delays", member="andina", days=5)
    assert early.after is not None
    assert early.after.unplanned == ()
    assert sum(early.after.shares_minor.values()) == early.after.cost_minor


def test_shipping_less_counts_whole_packages_and_says_how_much_less(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = asked(world, shipment, kind="ships_less", member="andina", percent=50)
    assert found.after is not None
    assert found.volume_permille == 666  # of three pallets two are left
    assert found.after.cost_minor == 150_000  # 29 pallets fit the container
    same = asked(world, shipment, kind="ships_less", member="andina", percent=10)
    assert (same.volume_permille, same.after) == (1000, same.before)


def test_a_charge_and_a_volume_move_down_and_up(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = asked(world, shipment, kind="sensitivity", percent=50, charges=["OFR"], members=["andina"])
    assert [(one.kind, one.name, one.permille, one.volume_permille) for one in found.variations] == [
        ("charge", "OFR", 500, None),
        ("charge", "OFR", 1500, None),
        ("member", "andina", 500, 666),
        ("member", "andina", 1500, 1666),
    ]
    low, high, *_ = found.variations
    assert low.after.cost_minor is not None
    assert high.after.cost_minor is not None
    assert low.after.cost_minor < high.after.cost_minor
    for one in found.variations:
        assert sum(one.after.shares_minor.values()) == one.after.cost_minor


def test_goods_that_then_fit_no_container_are_told_as_refused(database: str) -> None:
    world = make_world()
    shipment = planned(world, {"andina": 25, "bahia": 2, "cumbre": 2, "delta": 2})
    found = asked(world, shipment, kind="sensitivity", percent=90, members=["andina"])
    assert [one.after.missing for one in found.variations] == ["", "refused"]


def test_a_member_asks_about_itself_and_sees_its_own_figures_only(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = asked(world, shipment, "member", kind="ships_less", member="andina", percent=50)
    assert found.before is not None
    assert found.after is not None
    assert set(found.before.shares_minor) == set(found.after.shares_minor) == {"andina"}
    assert (found.after.cost_minor, found.after.gap_ppm, found.joinings, found.charge_names) == (None, None, (), {})
    assert not any(rival in repr(found) for rival in ("bahia", "cumbre", "delta", "Bahia", "Cumbre", "Delta"))
    assert studies(world.manager, shipment) == ()  # what a member wonders about is not the manager's
    assert studies(world.rival, shipment) == ()
    assert studies(world.auditor, shipment) == ()


@pytest.mark.parametrize(
    "question",
    [
        {"kind": "methods"},
        {"kind": "joinings"},
        {"kind": "joins", "member": "andina"},
        {"kind": "leaves", "member": "bahia"},
        {"kind": "delays", "member": "nobody"},
        {"kind": "sensitivity", "members": ["andina"]},
    ],
)
def test_a_member_may_ask_nothing_about_others(database: str, question: dict[str, Any]) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    with pytest.raises(ForbiddenError):
        request_study(world.member, shipment, StudyDraft(**question))


def test_with_two_other_firms_a_member_cannot_measure_them_by_asking(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_TWO)
    with pytest.raises(StateError) as refused:
        request_study(world.member, shipment, StudyDraft(kind="ships_less", member="andina", percent=50))
    assert refused.value.code == "too_few_firms"


def test_the_volume_share_tells_a_member_of_three_the_volume_of_its_rivals_and_is_withheld(database: str) -> None:
    world = make_world()
    few = planned(world, FULL_OF_TWO)
    whole = {one.member_code: one for one in cost_shares(world.manager, few)}["andina"]
    # Whoever knows the tariff knows the cost; the volume share then gives the volume of all, to the litre.
    known = plan(world.manager, few)
    assert known is not None
    own_cm3 = 4 * 960_000
    derived = own_cm3 * known.cost_minor // whole.why["proportional_volume_minor"]
    assert abs(derived - 30 * 960_000) < 2_000
    (seen,) = cost_shares(world.member, few)
    assert set(seen.why) == {"alone_plan", "measures", "saving_minor", "stand_alone_minor", "waterfall"}
    way = waterfall_of(seen.why["waterfall"])
    assert [one.code for one in way.charges] == [""]
    assert way.to_pay_minor == seen.pays_minor


def test_with_three_other_firms_a_member_sees_its_charges_and_how_many_groups_bind(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = member_plan(world.member, shipment)
    assert found is not None
    (seen,) = found.shares
    way = waterfall_of(seen.why["waterfall"])
    assert {one.code for one in way.charges} >= {"LCL"}
    assert way.share_minor == seen.cost_share_minor
    assert sum(step.amount_minor for step in way.steps()) == seen.pays_minor
    assert seen.why["alone_plan"]["lcl"] == 1
    assert "proportional_volume_minor" in seen.why
    assert not {"coalitions", "binding_coalitions"} & set(seen.why)


def test_a_member_outside_the_plan_is_not_told_who_is_in_it(database: str) -> None:
    world = make_world(firms=("absent", "andina", "bahia", "cumbre", "delta"))
    shipment = planned(world, FULL_OF_THREE)
    with pytest.raises(InputError) as refused:
        request_study(world.member, shipment, StudyDraft(kind="leaves", member="absent"))
    assert "bahia" not in str(refused.value)


def test_one_question_at_a_time_the_same_one_is_the_same(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    first = request_study(world.manager, shipment, StudyDraft(kind="methods"))
    assert request_study(world.manager, shipment, StudyDraft(kind="methods")) == first
    with pytest.raises(StateError) as refused:
        request_study(world.manager, shipment, StudyDraft(kind="joinings"))
    assert refused.value.code == "study_under_way"
    request_study(world.member, shipment, StudyDraft(kind="leaves", member="andina"))  # another person's is its own
    cancel_study(world.manager, first)
    assert studies(world.manager, shipment)[0].state == JobState.CANCELLED.value
    for stranger in (world.member, world.auditor):
        with pytest.raises((NotFoundError, ForbiddenError)):
            cancel_study(stranger, first)
    with unit_of_work() as session:
        acts = [one.action for one in session.exec(select(AuditEvent).order_by(AuditEvent.id))]  # type: ignore[arg-type]
    assert acts[-3:] == ["request_study", "request_study", "cancel_study"]


def test_a_worker_that_leaves_keeps_nothing_and_the_question_waits_again(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    study = request_study(world.manager, shipment, StudyDraft(kind="joinings"))
    with unit_of_work() as session:
        job = session.exec(select(Job).where(Job.kind == "study")).one()
        job.state = JobState.RUNNING
        session.add(job)
    gone = Event()
    gone.set()
    run_study_job(job, leave=gone)
    with unit_of_work() as session:
        assert session.get_one(ShareStudy, study).document == {}
        assert session.get_one(Job, job.id).state is JobState.QUEUED


def test_an_answer_about_an_earlier_plan_says_so(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    asked(world, shipment, kind="leaves", member="andina")
    request_plan(world.manager, shipment, with_load_plan=False)
    assert work(once=True) == 1
    assert not studies(world.manager, shipment)[0].is_current


@pytest.mark.parametrize(
    ("values", "path", "code"),
    [
        ({"kind": "leaves"}, "member", "missing"),
        ({"kind": "sensitivity"}, "charges", "missing"),
        ({"kind": "sensitivity", "members": ["a"] * 2}, "members", "duplicate"),
        ({"kind": "sensitivity", "charges": [f"C{n}" for n in range(21)]}, "charges", "too_long"),
        ({"kind": "delays", "member": "a", "days": 0}, "days", "out_of_range"),
        ({"kind": "ships_less", "member": "a", "percent": 100}, "percent", "out_of_range"),
        ({"kind": "dreams"}, "kind", "unknown_value"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_field(values: dict[str, Any], path: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        StudyDraft(**values)
    assert [(one.path, one.code) for one in refused.value.faults] == [(path, code)]


def test_a_question_needs_a_plan_with_shares_and_things_that_it_knows(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    for values in ({"charges": ["XXX"]}, {"members": ["nobody"]}):
        with pytest.raises(InputError) as refused:
            request_study(world.manager, shipment, StudyDraft(kind="sensitivity", **values))
        assert refused.value.faults[0].code == "unknown_value"
    with pytest.raises(InputError):
        request_study(world.manager, shipment, StudyDraft(kind="leaves", member="nobody"))
    assert set(study_choices(world.manager, shipment).charges) == {"LCL", "OFR"}


def test_members_too_many_for_all_groups_are_compared_by_the_rules_that_need_none(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise TooManyMembers(15)

    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    monkeypatch.setattr(method_study_module, "shipment_game", refuse)
    found = asked(world, shipment, kind="methods")
    answers = {one.rule: (one.status, one.reason, one.verdict) for one in found.methods}
    assert answers["shapley"] == ("undefined", "too_many_members", "")
    assert answers["proportional_mass"] == ("exact", "", "")
    assert answers["equal"] == ("exact", "", "")
    assert found.alone_minor == {}
