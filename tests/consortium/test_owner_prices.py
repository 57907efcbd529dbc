"""What keeping members' goods apart costs: planned under every level by a worker, judged, kept beside the plan."""

from dataclasses import replace
from threading import Event

import pytest

from consortium.database import unit_of_work
from consortium.errors import StateError
from consortium.models import JobState
from consortium.permissions import ForbiddenError
from consortium.queries import owner_levels, plan_answers
from consortium.services import answers, jobs, owner_prices
from consortium.services.manual_loads import Act, ChangeDraft, change_load, save_load
from consortium.services.owner_prices import request_owner_prices, run_owner_prices_job
from consortium.services.planning import request_plan, work
from optimizer.checking import check_plan
from optimizer.limits import Limits
from optimizer.load_planning import plan_with_loads
from optimizer.owner_prices import FoundBy, price_owners, under
from optimizer.problem_parts import Owners
from tests.builders import charge, consignment, container_20, package, problem, settings
from tests.consortium.builders import World, make_world
from tests.consortium.loaded import loaded_shipment

QUICK = Limits(time_limit_s=300, work_limit=0.5)


def crates(firm: str, quantity: int):
    """Return crates of which one stands across a 20' container, two on each other, two stacks along: four at most."""
    sizes = {"length_mm": 2900, "width_mm": 1500, "height_mm": 1100, "vertical": ("height",)}
    one = package(f"P-{firm}", quantity, **sizes)
    return consignment(f"C-{firm}", member=firm, packages=(one,))


def three_members(**changes):
    goods = [crates("a", 2), crates("b", 1), crates("c", 1)]
    return problem(
        goods,
        [charge("OFR", "container", 150_000)],
        container_types=[container_20()],
        settings=settings("fcl", **changes),
    )


def test_a_length_of_its_own_costs_a_container() -> None:
    asked = three_members()
    plan = plan_with_loads(asked, limits=QUICK)
    levels = price_owners(asked, plan, limits=QUICK)
    assert [(one.owners, one.plan.cost_minor, len(one.plan.containers)) for one in levels] == [
        (Owners.FREE, 150_000, 1), (Owners.PREFERRED, 150_000, 1), (Owners.STRICT, 300_000, 2),
    ]  # fmt: skip
    for one in levels:
        assert check_plan(under(asked, one.owners), one.plan) == ()
        assert all(each.load_plan for each in one.plan.containers)


def test_no_level_is_dearer_than_a_stricter_one_and_the_plan_in_force_counts(monkeypatch) -> None:
    asked = three_members(owners=Owners.STRICT)
    plan = plan_with_loads(asked, limits=QUICK)

    def fails(problem, **_options):
        return replace(plan, containers=(), cost_minor=0, lower_bound_minor=0)  # refused: nothing is planned

    monkeypatch.setattr("optimizer.owner_prices.plan_with_loads", fails)
    levels = price_owners(asked, plan, limits=QUICK)
    assert [(one.plan.cost_minor, one.found_by) for one in levels] == [(300_000, FoundBy.PLAN_IN_FORCE)] * 3
    stopped = price_owners(asked, plan, limits=QUICK, should_stop=lambda: True)
    assert [one.plan.cost_minor for one in stopped] == [300_000] * 3


def test_goods_that_were_mixed_freely_are_no_load_of_goods_kept_together() -> None:
    asked = three_members()
    plan = plan_with_loads(asked, limits=QUICK)
    levels = price_owners(asked, plan, limits=QUICK, should_stop=lambda: True)
    assert [one.plan for one in levels] == [plan, None, None]


def test_without_a_plan_that_is_shown_to_load_a_level_has_none() -> None:
    asked = three_members()
    plan = plan_with_loads(asked, limits=QUICK)
    bare = replace(plan, containers=tuple(replace(one, load_plan=None) for one in plan.containers))
    levels = price_owners(asked, bare, limits=QUICK, should_stop=lambda: True)
    assert [one.plan for one in levels] == [None, None, None]


@pytest.fixture
def world(database: str) -> World:
    return make_world()


@pytest.fixture
def quick(monkeypatch) -> None:
    monkeypatch.setattr(owner_prices, "limits_of", lambda seconds: Limits(time_limit_s=seconds, work_limit=0.5))


@pytest.mark.usefixtures("quick")
def test_a_manager_has_the_levels_worked_out_and_they_stay_with_the_plan(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    assert owner_levels(world.manager, shipment) is None
    job = request_owner_prices(world.manager, shipment, time_limit_s=300)
    assert request_owner_prices(world.manager, shipment) == job
    assert work(once=True) == 1
    assert jobs.job(world.manager, job).state is JobState.DONE, jobs.job(world.manager, job).error
    levels = owner_levels(world.auditor, shipment)
    assert levels is not None
    assert [one.owners for one in levels] == ["free", "preferred", "strict"]
    assert [one.is_asked for one in levels] == [True, False, False]
    assert levels[0].extra_minor == 0
    for one in levels:
        assert one.cost_minor is not None
        assert one.packages_left == 0
        assert one.containers or one.loose_lots
    costs = [one.cost_minor for one in levels]
    assert costs == sorted(costs)
    assert plan_answers(world.manager, shipment) is not None
    change_load(
        world.manager, shipment, plan, "K-1", ChangeDraft(act=Act.SNAP, numbers=(5,), to=(9_000, 0, 0))
    )  # fmt: skip
    save_load(world.manager, shipment, plan, "K-1")
    assert owner_levels(world.manager, shipment) == levels
    answers.request_answers(world.manager, shipment)
    assert work(once=True) == 1
    assert owner_levels(world.manager, shipment) == levels


def test_levels_are_asked_of_a_plan_within_limits_by_a_manager(world: World) -> None:
    shipment, _ = loaded_shipment(world)
    with pytest.raises(StateError) as refused:
        request_owner_prices(world.manager, shipment, time_limit_s=0)
    assert refused.value.code == "time_limit_out_of_range"
    for actor in (world.member, world.agency, world.auditor, world.administrator, world.nobody):
        with pytest.raises(ForbiddenError):
            request_owner_prices(actor, shipment)
    for actor in (world.member, world.agency, world.administrator, world.nobody):
        with pytest.raises(ForbiddenError):
            owner_levels(actor, shipment)


@pytest.mark.usefixtures("quick")
def test_a_worker_that_leaves_gives_the_job_back(world: World) -> None:
    shipment, _ = loaded_shipment(world)
    job = request_owner_prices(world.manager, shipment)
    with unit_of_work() as session:
        claimed = jobs.claim(session=session)
    leave = Event()
    leave.set()
    run_owner_prices_job(claimed, leave=leave)
    assert jobs.job(world.manager, job).state is JobState.QUEUED
    assert owner_levels(world.manager, shipment) is None


def test_a_shipment_may_ask_for_a_level(world: World) -> None:
    shipment, _ = loaded_shipment(world)
    with unit_of_work() as session:
        from consortium.models import PooledShipment
        from consortium.problem_builder import build_problem

        row = session.get_one(PooledShipment, shipment)
        assert build_problem(row, session=session).settings.owners is Owners.FREE
        row.settings = {**row.settings, "owners": "strict"}
        assert build_problem(row, session=session).settings.owners is Owners.STRICT
    assert request_plan(world.manager, shipment)
