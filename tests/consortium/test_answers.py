"""Answers about a plan: kept with it, seen whole by managers, in part by members; worked out by a worker; taken."""

from threading import Event
from typing import Any

import pytest
from sqlmodel import select

from consortium.database import unit_of_work
from consortium.errors import NotFoundError, StateError
from consortium.models import AuditEvent, ChargeRow, JobState, StoredAnswers
from consortium.permissions import ForbiddenError
from consortium.queries.answers import member_answers, plan_answers
from consortium.queries.plans import cost_shares, plan
from consortium.services import jobs
from consortium.services.answers import adopt_alternative, request_answers, run_answers_job
from consortium.services.orders import enter_order
from consortium.services.planning import request_plan, work
from consortium.services.shipments import agree, freeze, gather, open_shipment, reopen
from consortium.services.tariffs import register_charge, register_departure, register_tariff
from consortium.views_answers import WhyNotView
from tests.consortium.builders import (
    World,
    charge_draft,
    departure_draft,
    line,
    make_world,
    order_draft,
    shipment_draft,
    tariff_draft,
)

PALLET_CM3 = 960_000


def planned(world: World, pallets: dict[str, int], **of_the_first: Any) -> int:
    """Plan a shipment of so many pallets of each firm in 20' containers and LCL, by volume; return it.

    `of_the_first` changes the order of the first firm.
    """
    manager, key = world.manager, world.consortium_id
    register_departure(manager, key, departure_draft())
    tariff = register_tariff(manager, key, tariff_draft())
    for draft in (
        charge_draft(code="OFR", amount_minor=150_000, modes=["fcl"]),
        charge_draft(code="LCL", basis="freight_tonne", amount_minor=9_000, modes=["lcl"]),
    ):
        register_charge(manager, tariff, draft)
    orders = []
    for firm, number in pallets.items():
        values = {"member_id": world.members[firm], "code": f"O-{firm}", "lines": [line(quantity=number)]}
        changed = of_the_first if firm == next(iter(pallets)) else {}
        orders.append(enter_order(manager, key, order_draft(**(values | {"cargo_class": "food"} | changed))))
    draft = shipment_draft(settings={"modes": ["fcl", "lcl"]}, container_types=["22G1"])
    shipment = open_shipment(manager, key, draft)
    gather(manager, shipment, orders)
    freeze(manager, shipment)
    request_plan(manager, shipment, with_load_plan=False)
    assert work(once=True) == 1
    return shipment


FULL_OF_TWO = {"andina": 4, "bahia": 13, "cumbre": 13}
"""The 20' takes 28.22 m3: of the 3.84 m3 of andina 0.58 do not fit beside the others."""

FULL_OF_THREE = {"andina": 3, "bahia": 9, "cumbre": 9, "delta": 9}
"""Of the 2.88 m3 of andina 0.58 do not fit."""


def own(world: World, shipment: int) -> WhyNotView:
    found = member_answers(world.member, shipment)
    assert found is not None
    (one,) = found.why_not
    return one


def test_every_plan_comes_with_the_answers_that_need_no_search(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    found = plan_answers(world.manager, shipment)
    assert found is not None
    assert (found.alternatives, found.wishes, found.is_current, found.complete) == (None, None, True, True)
    (one,) = found.why_not
    assert (one.order_code, one.reason, one.container) == ("O-andina", "volume", "K-1")
    assert one.volume_cm3 == 30 * PALLET_CM3 - 28_220_000
    assert one.cure is not None
    # One pallet less: the other two go in at nothing instead of by LCL.
    assert (one.cure.smaller_by_cm3, one.cure.change_minor) == (PALLET_CM3, -2 * 96 * 90)
    (room,) = found.free_room
    assert (room.free_volume_cm3, room.fillers) == (28_220_000 - 27 * PALLET_CM3, ())
    assert plan_answers(world.auditor, shipment) == found


def test_a_member_is_told_of_its_own_order_and_of_no_rival(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_TWO)
    assert own(world, shipment).member_code == "andina"
    for actor, mine in ((world.member, "andina"), (world.rival, "bahia")):
        seen = repr(member_answers(actor, shipment)).casefold()
        assert [firm for firm in world.members if firm in seen] == [mine]


def test_how_full_a_container_is_stays_hidden_while_fewer_than_three_rivals_are_in_it(database: str) -> None:
    world = make_world()
    one = own(world, planned(world, FULL_OF_TWO))
    assert (one.reason, one.volume_cm3, one.mass_g, one.container, one.because) == ("volume", None, None, "", ())
    assert one.cure is not None
    assert (one.cure.is_smaller, one.cure.smaller_by_cm3, one.cure.lighter_by_g) == (True, None, None)


def test_with_three_rivals_in_it_a_member_reads_what_is_missing(database: str) -> None:
    world = make_world()
    one = own(world, planned(world, FULL_OF_THREE))
    assert (one.reason, one.volume_cm3) == ("volume", 580_000)
    assert one.cure is not None
    assert (one.cure.smaller_by_cm3, one.cure.lighter_by_g) == (PALLET_CM3, 300_000)


@pytest.mark.parametrize(
    ("pallets", "names"),
    [
        ({"andina": 1, "bahia": 10, "cumbre": 10}, ()),
        ({"andina": 1, "bahia": 9, "cumbre": 9, "delta": 9}, ("food",)),
    ],
)
def test_what_rivals_ship_stays_hidden_while_they_are_few(
    database: str, pallets: dict[str, int], names: tuple[str, ...]
) -> None:
    world = make_world()
    shipment = planned(world, pallets, cargo_class="odorous")
    one = own(world, shipment)
    assert (one.reason, one.names, one.cure) == ("incompatible_classes", names, None)
    whole = plan_answers(world.manager, shipment)
    assert whole is not None
    assert [each.names for each in whole.why_not] == [("food",)]


def test_who_may_see_what(database: str) -> None:
    world, elsewhere = make_world(), make_world("frutas")
    shipment = planned(world, FULL_OF_TWO)
    for actor in (world.member, world.agency, world.administrator, world.nobody):
        with pytest.raises(ForbiddenError):
            plan_answers(actor, shipment)
    for actor in (world.manager, world.agency, world.auditor, world.nobody):
        with pytest.raises(ForbiddenError):
            member_answers(actor, shipment)
    with pytest.raises(NotFoundError):
        plan_answers(elsewhere.manager, shipment)
    with pytest.raises(NotFoundError):
        member_answers(elsewhere.member, shipment)


def test_a_waiting_order_that_fits_is_named_as_a_filler(database: str) -> None:
    world = make_world()
    shipment = planned(world, {"bahia": 10, "cumbre": 10})
    draft = order_draft(member_id=world.members["delta"], code="NEW", lines=[line(quantity=2)], cargo_class="food")
    enter_order(world.manager, world.consortium_id, draft)
    found = plan_answers(world.manager, shipment)
    assert found is not None
    (room,) = found.free_room
    assert [(one.member_name, one.order_code, one.waits, one.change_minor) for one in room.fillers] == [
        ("Delta", "NEW", True, 0)
    ]


def test_a_worker_works_out_the_rest_and_it_is_kept(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_THREE)
    job = request_answers(world.manager, shipment)
    assert request_answers(world.manager, shipment) == job
    assert work(once=True) == 1
    assert jobs.job(world.manager, job).state is JobState.DONE
    found = plan_answers(world.manager, shipment)
    assert found is not None
    assert found.complete
    assert found.alternatives is not None
    only_lcl = next(one for one in found.alternatives if "only_lcl" in {wish.kind for wish in one.wishes})
    assert only_lcl.extra_cost_minor == 27 * 96 * 90 - 150_000
    assert {one.member_name for one in only_lcl.members} == {"Bahia", "Cumbre", "Delta"}
    assert found.wishes
    with unit_of_work() as session:
        assert len(session.exec(select(StoredAnswers)).all()) == 1


def test_only_the_manager_asks_and_only_about_a_plan(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_TWO)
    for actor in (world.member, world.auditor, world.agency):
        with pytest.raises(ForbiddenError):
            request_answers(actor, shipment)
        with pytest.raises(ForbiddenError):
            adopt_alternative(actor, shipment, 1, 0)
    reopen(world.manager, shipment)
    with pytest.raises(StateError) as refused:
        request_answers(world.manager, shipment)
    assert refused.value.code == "shipment_not_planned"
    assert plan_answers(world.manager, shipment) is None
    assert member_answers(world.member, shipment) is None


def test_a_worker_that_has_to_leave_puts_the_question_back_and_a_cancelled_one_keeps_what_it_found(
    database: str,
) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_TWO)
    job = request_answers(world.manager, shipment)
    leave = Event()
    leave.set()
    with unit_of_work() as session:
        claimed = jobs.claim(session=session)
    assert claimed is not None
    run_answers_job(claimed, leave=leave)
    assert jobs.job(world.manager, job).state is JobState.QUEUED
    with unit_of_work() as session:
        claimed = jobs.claim(session=session)
    assert claimed is not None
    jobs.cancel_job(world.manager, job)
    run_answers_job(claimed)
    assert jobs.job(world.manager, job).state is JobState.CANCELLED
    found = plan_answers(world.manager, shipment)
    assert found is not None
    assert not found.complete


def test_prices_that_changed_since_are_told(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_TWO)
    with unit_of_work() as session:
        charge = session.exec(select(ChargeRow).where(ChargeRow.code == "OFR")).one()
        charge.amount_minor += 1
        session.add(charge)
    found = plan_answers(world.manager, shipment)
    assert found is not None
    assert not found.is_current


def test_answers_about_another_text_of_the_plan_are_none(database: str) -> None:
    world = make_world()
    shipment = planned(world, FULL_OF_TWO)
    with unit_of_work() as session:
        row = session.exec(select(StoredAnswers)).one()
        row.plan_sha256 = "0" * 64
        session.add(row)
    assert plan_answers(world.manager, shipment) is None
    assert member_answers(world.member, shipment) is None


def with_alternatives(world: World) -> tuple[int, int, int]:
    """Return a shipment, its plan, and the number of the alternative in which everything goes by LCL."""
    shipment = planned(world, FULL_OF_THREE)
    request_answers(world.manager, shipment)
    work(once=True)
    found = plan_answers(world.manager, shipment)
    assert found is not None
    assert found.alternatives is not None
    number = next(one.number for one in found.alternatives if "only_lcl" in {wish.kind for wish in one.wishes})
    return shipment, found.plan_id, number


def test_an_alternative_becomes_the_plan_in_force_judged_shared_and_on_record(database: str) -> None:
    world = make_world()
    shipment, first, number = with_alternatives(world)
    job = adopt_alternative(world.manager, shipment, first, number)
    work(once=True)
    assert jobs.job(world.manager, job).state is JobState.DONE, jobs.job(world.manager, job).error
    taken = plan(world.manager, shipment)
    assert taken is not None
    assert taken.id != first
    assert taken.containers == ()
    assert taken.cost_minor == 30 * 96 * 90
    assert taken.status == "feasible"
    assert taken.gap_ppm > 0
    assert "only_lcl" in {wish.kind for wish in taken.comparison.chosen_for}
    assert taken.comparison.chosen_extra_minor == 27 * 96 * 90 - 150_000
    assert sum(one.cost_share_minor for one in cost_shares(world.manager, shipment)) == taken.cost_minor
    before = plan(world.manager, shipment, first)
    assert before is not None
    assert before.comparison.chosen_for == ()
    with unit_of_work() as session:
        acts = [one.action for one in session.exec(select(AuditEvent).order_by(AuditEvent.id))]  # type: ignore[arg-type]
    assert acts[-2:] == ["adopt_alternative", "store_plan"]
    assert plan_answers(world.manager, shipment) is not None
    agree(world.manager, shipment, taken.id)


def test_an_alternative_is_refused_by_number_plan_state_and_while_another_plan_is_being_made(database: str) -> None:
    world = make_world()
    shipment, first, number = with_alternatives(world)
    for wrong in (-1, 99):
        with pytest.raises(NotFoundError):
            adopt_alternative(world.manager, shipment, first, wrong)
    with pytest.raises(StateError) as refused:
        adopt_alternative(world.manager, shipment, first + 1, number)
    assert refused.value.code == "plan_not_in_force"
    request_plan(world.manager, shipment)
    with pytest.raises(StateError) as refused:
        adopt_alternative(world.manager, shipment, first, number)
    assert refused.value.code == "planning_under_way"
    work(once=True)
    again = plan(world.manager, shipment)
    assert again is not None
    agree(world.manager, shipment, again.id)
    with pytest.raises(StateError) as refused:
        adopt_alternative(world.manager, shipment, again.id, number)
    assert refused.value.code == "shipment_already_agreed"


def test_an_alternative_of_prices_that_changed_meanwhile_is_not_taken(database: str) -> None:
    world = make_world()
    shipment, first, number = with_alternatives(world)
    job = adopt_alternative(world.manager, shipment, first, number)
    with unit_of_work() as session:
        charge = session.exec(select(ChargeRow).where(ChargeRow.code == "LCL")).one()
        charge.amount_minor += 1
        session.add(charge)
    work(once=True)
    assert jobs.job(world.manager, job).state is JobState.FAILED
    assert jobs.job(world.manager, job).error["code"] == "no_longer_possible"
    found = plan(world.manager, shipment)
    assert found is not None
    assert found.id == first
