"""The example consortia: loaded once, valid, worth looking at."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, select

from consortium.database import unit_of_work
from consortium.demo import FIRST, PEOPLE, SECOND, demo_folder, load_demo
from consortium.errors import InputError
from consortium.formats.problem_input import read_problem
from consortium.models import (
    AppUser,
    ChargeRow,
    Consortium,
    Member,
    Order,
    OrderLine,
    OrderState,
    PooledShipment,
    RoleGrant,
    ShipmentState,
    Tariff,
)
from consortium.problem_builder import build_problem
from consortium.services import passwords
from consortium.services.access import actor_of_user, authenticate
from optimizer.checking import check_plan
from optimizer.limits import Limits
from optimizer.planning import plan as plan_shipment
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan, SolveStatus

PASSWORD = "caracola-2027-mar"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="module")
def problem() -> ConsolidationProblem:
    return read_problem(demo_folder() / "problem.json")[0]


@pytest.fixture(scope="module")
def plan(problem: ConsolidationProblem) -> ShipmentPlan:
    return plan_shipment(problem, limits=Limits(time_limit_s=60, work_limit=20))


@pytest.fixture
def loaded(database: str) -> Iterator[Session]:
    load_demo(PASSWORD)
    with unit_of_work() as session:
        yield session


def count(session: Session, model: type) -> int:
    return len(session.exec(select(model)).all())


def shipment(session: Session, code: str) -> PooledShipment:
    return session.exec(select(PooledShipment).where(PooledShipment.code == code)).one()


def test_loading_twice_changes_nothing(loaded: Session) -> None:
    models = (Consortium, Member, Order, OrderLine, AppUser, RoleGrant, Tariff, ChargeRow)
    before = [count(loaded, model) for model in models]
    again = load_demo(None)
    assert [count(loaded, model) for model in models] == before
    assert not again.created
    assert {one.password for one in again.accounts} == {None}


def test_everybody_can_sign_in_with_the_password_given(loaded: Session) -> None:
    for person in PEOPLE:
        actor = authenticate(person.username, PASSWORD)
        assert actor is not None, person.username
        assert actor.is_administrator == (person.role is None)
        assert [grant.role for grant in actor.grants] == ([person.role] if person.role else [])


def test_without_a_password_one_is_generated_and_told_once(database: str) -> None:
    accounts = load_demo(None)
    secret = accounts.by_name("manager@demo").password
    assert accounts.created
    assert secret is not None
    assert authenticate("manager@demo", secret) is not None


def test_a_new_password_replaces_the_old_one(loaded: Session) -> None:
    load_demo("otra-caracola-2028")
    assert authenticate("member@demo", PASSWORD) is None
    assert authenticate("member@demo", "otra-caracola-2028") is not None


def test_a_weak_password_loads_nothing(database: str) -> None:
    with pytest.raises(InputError):
        load_demo("corta")
    with unit_of_work() as session:
        assert count(session, Consortium) == 0


def test_the_managers_of_the_two_consortia_share_none(loaded: Session) -> None:
    ids = {one.code: one.id for one in loaded.exec(select(Consortium))}
    names = {one.username: one.id for one in loaded.exec(select(AppUser))}
    first, second = actor_of_user(names["manager@demo"] or 0), actor_of_user(names["manager@arauco"] or 0)
    assert first is not None
    assert second is not None
    assert {grant.consortium_id for grant in first.grants} == {ids[FIRST]}
    assert {grant.consortium_id for grant in second.grants} == {ids[SECOND]}


def test_one_shipment_is_open_and_one_frozen_and_orders_know_it(loaded: Session) -> None:
    assert shipment(loaded, "2027-A").state is ShipmentState.FROZEN
    assert shipment(loaded, "2027-B").state is ShipmentState.OPEN
    states = [one.state for one in loaded.exec(select(Order))]
    assert states.count(OrderState.ENTERED) == 3
    assert states.count(OrderState.GATHERED) == 31


def test_the_totals_of_orders_are_those_of_their_lines(loaded: Session) -> None:
    for order in loaded.exec(select(Order)):
        lines = loaded.exec(select(OrderLine).where(OrderLine.order_id == order.id)).all()
        assert order.mass_g == sum(line.quantity * line.mass_g for line in lines)
        volume_mm3 = sum(line.quantity * line.length_mm * line.width_mm * line.height_mm for line in lines)
        assert order.volume_cm3 == volume_mm3 // 1000


def test_the_problem_files_are_the_frozen_shipment(loaded: Session, problem: ConsolidationProblem) -> None:
    assert build_problem(shipment(loaded, "2027-A"), session=loaded) == problem
    assert read_problem(demo_folder() / "workbook") == (problem, ())


@pytest.mark.parametrize("code", ["2027-B", "2027-S"])
def test_the_other_shipments_are_problems_too(loaded: Session, code: str) -> None:
    found = build_problem(shipment(loaded, code), session=loaded)
    assert len(found.consignments) >= 3
    assert found.charges


def test_the_plan_is_proven_complete_and_without_violations(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    assert plan.status is SolveStatus.OPTIMAL
    assert plan.unplanned == ()
    assert check_plan(problem, plan) == ()


def test_the_plan_shows_every_outcome(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    contents = [{part.consignment for part in load.contents} for load in plan.containers]
    firms = [{problem.consignment[name].member for name in names} for names in contents]
    assert any({"SIERRA", "TUMACO"} <= found for found in firms), "coffee and cacao share a container"
    assert {"TRAPICHE/P-301"} in contents, "a full container goes alone"
    assert not any("CUERO" in found for found in firms), "leather never travels with food"
    assert [lot.part.consignment for lot in plan.postal] == ["CUERO/C-404"]
    assert "CASTANA/N-701" in {lot.part.consignment for lot in plan.lcl}, "what cannot wait goes loose"


def test_pooling_pays_for_some_and_not_for_all(problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
    def alone(member: str) -> int:
        own = problem.restricted_to(one.id for one in problem.consignments if one.member == member)
        return plan_shipment(own, limits=Limits(time_limit_s=30, work_limit=5)).cost_minor

    costs = {party.id: alone(party.id) for party in problem.members}
    assert plan.cost_minor < sum(costs.values()) * 95 // 100
    apart = problem.restricted_to(one.id for one in problem.consignments if one.member != "CUERO")
    without = plan_shipment(apart, limits=Limits(time_limit_s=30, work_limit=10)).cost_minor
    assert plan.cost_minor - without >= costs["CUERO"] * 90 // 100, "leather has little to gain"
