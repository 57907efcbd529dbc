"""From a frozen shipment to a stored plan: asked for, done by a worker, judged, stopped, refused."""

from dataclasses import replace
from threading import Event

import pytest
from sqlmodel import select

from consortium.database import unit_of_work
from consortium.errors import NotFoundError, StateError
from consortium.models import Job, JobState, Order, PooledShipment, ShipmentState
from consortium.permissions import ForbiddenError
from consortium.plan_making import make_plan
from consortium.problem_builder import build_problem
from consortium.queries.plans import cost_shares, member_plan, plan
from consortium.queries.shipments import shipment as shipment_view
from consortium.services import jobs
from consortium.services.orders import enter_order
from consortium.services.planning import request_plan, run_planning_job, store_plan, work
from consortium.services.running import JudgedError
from consortium.services.shipments import agree, freeze, gather, open_shipment, reopen
from consortium.services.tariffs import register_charge, register_departure, register_tariff
from optimizer.limits import Limits
from tests.consortium.builders import (
    World,
    charge_draft,
    departure_draft,
    line,
    make_world,
    moment,
    order_draft,
    shipment_draft,
    tariff_draft,
)


def with_prices(world: World) -> None:
    register_departure(world.manager, world.consortium_id, departure_draft())
    tariff = register_tariff(world.manager, world.consortium_id, tariff_draft())
    register_charge(world.manager, tariff, charge_draft(code="OFR", amount_minor=150_000, modes=["fcl"]))
    register_charge(
        world.manager,
        tariff,
        charge_draft(code="LCL", basis="freight_tonne", amount_minor=9_000, modes=["lcl"]),
    )
    register_charge(world.manager, tariff, charge_draft(code="BL", basis="bill_of_lading", amount_minor=5_000))


def frozen_shipment(world: World, pallets: int = 8, firms: tuple[str, ...] = ("andina", "bahia", "cumbre")) -> int:
    """Gather one order of so many pallets from each of these firms, and freeze."""
    orders = [
        enter_order(
            world.manager,
            world.consortium_id,
            order_draft(member_id=world.members[firm], code=f"O-{firm}", lines=[line(quantity=pallets)]),
        )
        for firm in firms
    ]
    shipment = open_shipment(world.manager, world.consortium_id, shipment_draft(settings={"modes": ["fcl", "lcl"]}))
    gather(world.manager, shipment, orders)
    freeze(world.manager, shipment)
    return shipment


def test_a_worker_plans_judges_shares_and_stores_what_was_asked_for(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    job = request_plan(world.manager, shipment)
    assert work(once=True) == 1
    done = jobs.job(world.manager, job)
    assert done.state is JobState.DONE, done.error
    stored = plan(world.manager, shipment)
    assert stored is not None
    assert stored.id == done.result_id
    assert stored.status == "optimal"
    # Three times 7.68 m3: together in one 40' container (freight + one bill), apart each by LCL (7.68 W/M + a bill).
    assert stored.cost_minor == stored.lower_bound_minor == 155_000
    shares = cost_shares(world.manager, shipment)
    assert sum(one.cost_share_minor for one in shares) == 155_000
    assert {one.stand_alone_cost_minor for one in shares} == {round(7.68 * 9_000) + 5_000}
    assert stored.certificate is not None
    assert stored.certificate.verdict == "proven"
    assert shipment_view(world.manager, shipment).state is ShipmentState.PLANNED
    agree(world.manager, shipment, stored.id)
    assert shipment_view(world.manager, shipment).state is ShipmentState.AGREED


def test_a_member_sees_its_own_goods_and_share_and_no_rivals(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    request_plan(world.manager, shipment)
    work(once=True)
    own = member_plan(world.member, shipment)
    assert own is not None
    assert {one.member_code for one in own.travelling} == {"andina"}
    assert [one.member_code for one in own.shares] == ["andina"]
    assert own.totals is None  # two other firms: a total would tell one what the other has
    assert "bahia" not in repr(own).casefold()
    assert "cumbre" not in repr(own).casefold()


def test_a_member_sees_totals_once_three_other_firms_stand_behind_them(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world, firms=("andina", "bahia", "cumbre", "delta"))
    request_plan(world.manager, shipment)
    work(once=True)
    own = member_plan(world.member, shipment)
    assert own is not None
    assert own.totals is not None
    assert own.totals.members == 4


def test_an_open_shipment_is_not_planned_before_its_cut_off_and_freezes_after_it(
    database: str,
) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    reopen(world.manager, shipment)
    with pytest.raises(StateError) as refused:
        request_plan(world.manager, shipment)
    assert refused.value.code == "shipment_not_frozen"
    with unit_of_work() as session:
        session.get_one(PooledShipment, shipment).cut_off_at = moment(-1)
    request_plan(world.manager, shipment)
    assert shipment_view(world.manager, shipment).state is ShipmentState.FROZEN


def test_asking_twice_queues_once(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    assert request_plan(world.manager, shipment) == request_plan(world.manager, shipment)
    assert work(once=True) == 1


def test_only_the_manager_may_ask_and_a_stranger_does_not_learn_that_there_is_a_shipment(database: str) -> None:
    world, elsewhere = make_world(), make_world("frutas")
    with_prices(world)
    shipment = frozen_shipment(world)
    for actor in (world.member, world.auditor, world.agency):
        with pytest.raises(ForbiddenError):
            request_plan(actor, shipment)
    with pytest.raises(NotFoundError):
        request_plan(elsewhere.manager, shipment)
    job = request_plan(world.manager, shipment)
    for stranger in (elsewhere.manager, world.member, world.nobody):
        with pytest.raises(NotFoundError):
            jobs.job(stranger, job)
        with pytest.raises(NotFoundError):
            jobs.cancel_job(stranger, job)
        assert jobs.latest_job(stranger, shipment) is None


def test_a_job_cancelled_while_it_waits_is_never_done(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    job = request_plan(world.manager, shipment)
    jobs.cancel_job(world.manager, job)
    assert work(once=True) == 0
    assert jobs.job(world.manager, job).state is JobState.CANCELLED
    assert plan(world.manager, shipment) is None


def test_a_stopped_search_keeps_its_plan_without_shares_and_it_cannot_be_agreed(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    job = request_plan(world.manager, shipment)
    with unit_of_work() as session:
        claimed = jobs.claim(session=session)
    assert claimed is not None
    jobs.cancel_job(world.manager, job)
    run_planning_job(claimed)
    assert jobs.job(world.manager, job).state is JobState.CANCELLED
    stored = plan(world.manager, shipment)
    assert stored is not None
    assert stored.shares_missing == "stopped"
    with pytest.raises(StateError):
        agree(world.manager, shipment, stored.id)


def test_a_worker_that_has_to_leave_puts_its_job_back(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    job = request_plan(world.manager, shipment)
    leave = Event()
    leave.set()
    with unit_of_work() as session:
        claimed = jobs.claim(session=session)
    assert claimed is not None
    run_planning_job(claimed, leave=leave)
    assert jobs.job(world.manager, job).state is JobState.QUEUED
    assert work(once=True) == 1
    assert jobs.job(world.manager, job).state is JobState.DONE


def test_a_job_whose_worker_died_is_taken_up_again(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    job = request_plan(world.manager, shipment)
    with unit_of_work() as session:
        assert jobs.claim(session=session) is not None
    with unit_of_work() as session:
        assert jobs.claim(session=session) is None
        session.get_one(Job, job).heartbeat_at = moment(-1)
    assert work(once=True) == 1
    assert jobs.job(world.manager, job).state is JobState.DONE


def test_a_shipment_that_changed_while_it_was_planned_refuses_the_plan(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    with unit_of_work() as session:
        problem = build_problem(session.get_one(PooledShipment, shipment), session=session)
    made = make_plan(problem, rule="shapley", limits=Limits(time_limit_s=20), with_comparison=False)
    reopen(world.manager, shipment)
    extra = enter_order(world.manager, world.consortium_id, order_draft(member_id=world.members["delta"]))
    gather(world.manager, shipment, [extra])
    freeze(world.manager, shipment)
    with pytest.raises(StateError) as refused:
        store_plan(world.manager, shipment, made)
    assert refused.value.code == "shipment_changed_meanwhile"
    assert plan(world.manager, shipment) is None


def test_a_problem_that_became_impossible_while_the_job_waited_is_told_as_data(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    job = request_plan(world.manager, shipment)
    with unit_of_work() as session:
        row = session.exec(select(Order)).first()
        assert row is not None
        row.destination = row.origin
        session.add(row)
    work(once=True)
    failed = jobs.job(world.manager, job)
    assert failed.state is JobState.FAILED
    assert failed.error["code"] == "problem_refused"
    assert [set(fault) for fault in failed.error["faults"]] == [{"path", "code", "expected", "found"}]
    assert failed.error["faults"][0]["code"] == "same_port"


def test_a_plan_that_the_judge_refuses_is_never_stored(database: str) -> None:
    world = make_world()
    with_prices(world)
    shipment = frozen_shipment(world)
    with unit_of_work() as session:
        problem = build_problem(session.get_one(PooledShipment, shipment), session=session)
    made = make_plan(problem, rule="shapley", limits=Limits(time_limit_s=20), with_comparison=False)
    wrong = replace(made.plan, cost_minor=made.plan.cost_minor - 1, lower_bound_minor=made.plan.cost_minor - 1)
    with pytest.raises(JudgedError):
        store_plan(world.manager, shipment, replace(made, plan=wrong))
    assert plan(world.manager, shipment) is None
    assert shipment_view(world.manager, shipment).state is ShipmentState.FROZEN
