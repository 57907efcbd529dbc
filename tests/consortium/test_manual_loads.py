"""A load changed by hand by its manager: undone, solved around pins by a worker, saved as the next plan if accepted."""

from typing import Any

import pytest
from sqlmodel import select

from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import AuditEvent, JobState, ManualLoad
from consortium.permissions import ForbiddenError
from consortium.queries import manual_load
from consortium.queries.answers import plan_answers
from consortium.queries.plans import cost_shares, plan
from consortium.services import jobs
from consortium.services.manual_loads import (
    Act,
    ChangeDraft,
    change_load,
    discard_changes,
    request_solve,
    save_load,
    undo_change,
)
from consortium.services.planning import request_plan, work
from consortium.services.shipments import agree
from consortium.views_manual import ManualLoadView, PieceView
from tests.consortium.builders import World, make_world
from tests.consortium.loaded import loaded_shipment

FAR_MM = 9_000
"""A place in a 40' container at which none of five pallets stands."""


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def act(world: World, place: tuple[int, int], name: Act, numbers: tuple[int, ...], **values: Any) -> None:
    change_load(world.manager, *place, "K-1", ChangeDraft(act=name, numbers=numbers, **values))


def seen(world: World, place: tuple[int, int]) -> ManualLoadView:
    return manual_load(world.manager, place[0], "K-1")


def piece(view: ManualLoadView, number: int) -> PieceView:
    return next(one for one in view.pieces if one.number == number)


def test_an_untouched_load_is_that_of_the_plan(world: World) -> None:
    place = loaded_shipment(world)
    view = seen(world, place)
    assert (view.plan_id, view.acts, view.moved, view.findings) == (place[1], 0, 0, ())
    assert view.before == view.now
    assert [one.number for one in view.pieces] == [1, 2, 3, 4, 5]
    assert not view.can_be_saved


def test_a_package_that_is_moved_in_the_air_is_named_and_the_load_cannot_be_saved(world: World) -> None:
    place = loaded_shipment(world)
    act(world, place, Act.MOVE, (5,), to=(FAR_MM, 0, 500))
    view = seen(world, place)
    assert [(one.rule, one.numbers) for one in view.findings] == [("placed_support", (5,))]
    assert (view.acts, view.moved, view.can_be_saved) == (1, 1, False)
    with pytest.raises(StateError) as refused:
        save_load(world.manager, *place, "K-1")
    assert refused.value.code == "load_not_accepted"


def test_acts_are_undone_one_by_one_or_all_at_once(world: World) -> None:
    place = loaded_shipment(world)
    for step in range(3):
        act(world, place, Act.MOVE, (5,), to=(FAR_MM, 100 * step, 0))
    undo_change(world.manager, *place, "K-1")
    assert piece(seen(world, place), 5).low_mm == (FAR_MM, 100, 0)
    discard_changes(world.manager, *place, "K-1")
    assert seen(world, place).moved == 0
    undo_change(world.manager, *place, "K-1")
    assert seen(world, place).acts == 0


def test_a_package_snaps_to_a_corner_that_the_judge_accepts(world: World) -> None:
    place = loaded_shipment(world)
    act(world, place, Act.SNAP, (5,), to=(99_999, 99_999, 0))
    view = seen(world, place)
    low, size = piece(view, 5).low_mm, piece(view, 5).size_mm
    assert (low[0] + size[0], low[1] + size[1]) == (view.load.length_mm, view.load.width_mm)
    assert view.can_be_saved


def test_what_is_accepted_becomes_the_plan_in_force_with_the_same_cost_and_shares(world: World) -> None:
    place = shipment, before = loaded_shipment(world)
    shares = cost_shares(world.manager, shipment)
    old = plan(world.manager, shipment)
    act(world, place, Act.SNAP, (5,), to=(FAR_MM, 0, 0))
    moved_to = piece(seen(world, place), 5).low_mm
    after = save_load(world.manager, *place, "K-1")
    new = plan(world.manager, shipment)
    assert new is not None
    assert old is not None
    assert (new.id, new.cost_minor) == (after, old.cost_minor)
    assert after != before
    assert new.plan_sha256 != old.plan_sha256
    assert cost_shares(world.manager, shipment) == shares
    assert plan_answers(world.manager, shipment) is not None
    view = manual_load(world.manager, shipment, "K-1")
    assert (view.plan_id, view.acts, view.moved) == (after, 0, 0)
    assert moved_to in {one.low_mm for one in view.pieces}
    assert plan(world.manager, shipment, before) == old
    with unit_of_work() as session:
        assert session.exec(select(ManualLoad)).all() == []
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "save_load")).one()
    assert event.detail["instead_of"] == before
    agree(world.manager, shipment, after)


def test_what_is_out_must_come_back_before_the_load_is_saved(world: World) -> None:
    place = loaded_shipment(world)
    act(world, place, Act.PUT_OUT, (5,))
    view = seen(world, place)
    assert (view.findings, view.now.standing, view.can_be_saved) == ((), 4, False)
    with pytest.raises(StateError):
        save_load(world.manager, *place, "K-1")
    act(world, place, Act.SNAP, (5,), to=(FAR_MM, 0, 0))
    assert seen(world, place).can_be_saved


def test_the_rest_is_solved_around_what_is_pinned_and_can_be_undone(world: World) -> None:
    place = loaded_shipment(world)
    act(world, place, Act.SNAP, (5,), to=(FAR_MM, 0, 0))
    act(world, place, Act.PIN, (5,))
    act(world, place, Act.PUT_OUT, (1, 2))
    there = piece(seen(world, place), 5).low_mm
    job = request_solve(world.manager, *place, "K-1", time_limit_s=120)
    with pytest.raises(StateError) as refused:
        act(world, place, Act.PIN, (3,))
    assert refused.value.code == "load_being_solved"
    assert work(once=True) == 1
    assert jobs.job(world.manager, job).state is JobState.DONE, jobs.job(world.manager, job).error
    view = seen(world, place)
    assert (view.findings, view.now.standing, view.acts) == ((), 5, 4)
    assert (piece(view, 5).low_mm, piece(view, 5).is_pinned) == (there, True)
    assert view.can_be_saved
    assert view.undo_is_accepted  # what is out breaks no rule
    undo_change(world.manager, *place, "K-1")
    assert seen(world, place).now.standing == 3
    assert work(once=True) == 0


def test_that_an_undo_brings_back_a_load_that_the_judge_refuses_is_known_before(world: World) -> None:
    place = loaded_shipment(world)
    assert seen(world, place).undo_is_accepted
    act(world, place, Act.MOVE, (5,), to=(FAR_MM, 0, 500))
    assert seen(world, place).undo_is_accepted
    request_solve(world.manager, *place, "K-1", time_limit_s=120)
    assert work(once=True) == 1
    view = seen(world, place)
    assert (view.findings, view.undo_is_accepted) == ((), False)
    undo_change(world.manager, *place, "K-1")
    view = seen(world, place)
    assert [one.rule for one in view.findings] == ["placed_support"]
    assert (view.acts, view.undo_is_accepted, view.can_be_saved) == (1, True, False)


def test_pins_that_break_a_rule_by_themselves_are_refused(world: World) -> None:
    place = loaded_shipment(world)
    act(world, place, Act.MOVE, (5,), to=(FAR_MM, 0, 500))
    act(world, place, Act.PIN, (5,))
    with pytest.raises(StateError) as refused:
        request_solve(world.manager, *place, "K-1")
    assert refused.value.code == "pins_not_accepted"


def test_a_stopped_search_that_never_began_changes_nothing(world: World) -> None:
    place = loaded_shipment(world)
    job = request_solve(world.manager, *place, "K-1")
    jobs.cancel_job(world.manager, job)
    assert jobs.job(world.manager, job).state is JobState.CANCELLED
    assert seen(world, place).acts == 0


@pytest.mark.parametrize("seconds", [0, 601])
def test_a_search_is_limited(world: World, seconds: int) -> None:
    place = loaded_shipment(world)
    with pytest.raises(StateError) as refused:
        request_solve(world.manager, *place, "K-1", time_limit_s=seconds)
    assert refused.value.code == "time_limit_out_of_range"


def test_what_cannot_be_done_is_refused_by_name(world: World) -> None:
    place = loaded_shipment(world)
    with pytest.raises(InputError) as refused:
        act(world, place, Act.PIN, (99,))
    assert refused.value.faults[0].path == "numbers"
    with pytest.raises(InputError) as refused:
        act(world, place, Act.MOVE, (1,), to=(0, 0, 0), axes=(2, 1, 0))
    assert refused.value.faults[0].path == "axes"
    for values in ({"numbers": ()}, {"to": None}, {"to": (10**9, 0, 0)}, {"axes": (0, 0, 1)}, {"act": "solve"}):
        with pytest.raises(InputError):
            ChangeDraft(**({"act": "move", "numbers": (1,), "to": (0, 0, 0)} | values))
    with pytest.raises(NotFoundError):
        change_load(world.manager, *place, "K-2", ChangeDraft(act=Act.PIN, numbers=(1,)))


def test_only_a_manager_works_on_a_load_by_hand(world: World) -> None:
    place = loaded_shipment(world)
    draft = ChangeDraft(act=Act.PIN, numbers=(1,))
    for actor in (world.member, world.agency, world.auditor, world.administrator, world.nobody):
        for call in (undo_change, discard_changes, request_solve, save_load):
            with pytest.raises(ForbiddenError):
                call(actor, *place, "K-1")
        with pytest.raises(ForbiddenError):
            change_load(actor, *place, "K-1", draft)
        with pytest.raises(ForbiddenError):
            manual_load(actor, place[0], "K-1")
    with pytest.raises(NotFoundError):
        change_load(make_world("frutas").manager, *place, "K-1", draft)


def test_a_plan_that_was_replaced_or_agreed_is_changed_no_more(world: World) -> None:
    place = loaded_shipment(world)
    shipment = place[0]
    act(world, place, Act.SNAP, (5,), to=(FAR_MM, 0, 0))
    after = save_load(world.manager, *place, "K-1")
    with pytest.raises(StateError) as refused:
        act(world, place, Act.PIN, (1,))
    assert refused.value.code == "plan_not_in_force"
    act(world, (shipment, after), Act.PIN, (1,))
    request_plan(world.manager, shipment)
    with pytest.raises(StateError) as refused:
        save_load(world.manager, shipment, after, "K-1")
    assert refused.value.code == "planning_under_way"
    agree(world.manager, shipment, after)
    with pytest.raises(StateError) as refused:
        act(world, (shipment, after), Act.PIN, (1,))
    assert refused.value.code == "shipment_already_agreed"


def test_two_managers_work_without_disturbing_each_other(world: World) -> None:
    place = loaded_shipment(world)
    act(world, place, Act.MOVE, (5,), to=(FAR_MM, 0, 0))
    other = world.manager.__class__(**{**{f: getattr(world.auditor, f) for f in ("user_id", "username")},
                                       "grants": world.manager.grants})  # fmt: skip
    assert manual_load(other, place[0], "K-1").acts == 0
