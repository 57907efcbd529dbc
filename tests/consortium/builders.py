"""A small world of records with sensible defaults: name what matters, leave out the rest.

Four firms (andina, bahia, cumbre, delta) ship from COCTG to NLRTM. Days count from today: goods are ready in 10,
the cut-off of shipment and departure is in 20, it leaves in 23 and arrives in 44, goods are due in 80.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, select

from consortium.database import unit_of_work
from consortium.drafts import (
    ChargeDraft,
    ConsortiumDraft,
    DepartureDraft,
    MemberDraft,
    OrderDraft,
    ProductDraft,
    ShipmentDraft,
    TariffDraft,
)
from consortium.formats.plan_fields import LOAD_PLAN
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of, problem_sha256, problem_to_json
from consortium.models import (
    AppUser,
    ConsignmentRow,
    Consortium,
    CostShare,
    Member,
    PooledShipment,
    Role,
    RoleGrant,
    ShipmentState,
    StoredPlan,
)
from consortium.models.base import utc_now
from consortium.permissions import Actor, Grant
from consortium.plan_answers import quick_answers
from consortium.problem_builder import build_problem
from consortium.reach import id_of
from consortium.services.answers import keep_answers
from optimizer.checking_placements import load_container, load_packages
from optimizer.limits import Limits
from optimizer.load_problem import LoadProblem, Objective
from optimizer.loading.engine import plan_loads
from optimizer.problem import ConsolidationProblem
from optimizer.result import ContainerLoad, LoadPlan, Placement

T = TypeVar("T", bound=SQLModel)
FIRMS = ("andina", "bahia", "cumbre", "delta")


def day(number: int) -> date:
    """Return the day so many days from today."""
    return utc_now().date() + timedelta(days=number)


def moment(number: int) -> datetime:
    """Return this moment so many days from today."""
    return utc_now() + timedelta(days=number)


def line(**values: Any) -> dict[str, Any]:
    """Return an order line: two pallets of 1200 x 800 x 1000 mm and 300 kg."""
    return {"quantity": 2, "length_mm": 1200, "width_mm": 800, "height_mm": 1000, "mass_g": 300_000} | values


def order_draft(**values: Any) -> OrderDraft:
    """Return an order of two pallets worth 10,000.00."""
    usual = {
        "code": "O-1",
        "buyer": "Kaffee GmbH",
        "origin": "COCTG",
        "destination": "NLRTM",
        "ready_date": day(10),
        "due_date": day(80),
        "incoterm": "CFR",
        "value_minor": 1_000_000,
        "lines": [line()],
    }
    return OrderDraft(**(usual | values))


def product_draft(**values: Any) -> ProductDraft:
    """Return a product on a pallet of 1200 x 800 x 1000 mm and 300 kg."""
    usual = {
        "code": "P-1",
        "name": "Green coffee",
        "hs": "090111",
        "package_length_mm": 1200,
        "package_width_mm": 800,
        "package_height_mm": 1000,
        "package_mass_g": 300_000,
    }
    return ProductDraft(**(usual | values))


def member_draft(**values: Any) -> MemberDraft:
    """Return a firm that joined a year ago."""
    return MemberDraft(**({"code": "nueva", "name": "Nueva S.A.", "country": "CO", "joined_on": day(-365)} | values))


def consortium_draft(**values: Any) -> ConsortiumDraft:
    """Return a Colombian consortium that plans in US dollars."""
    return ConsortiumDraft(**({"code": "cafe", "name": "Café", "country": "CO", "currency": "USD"} | values))


def departure_draft(**values: Any) -> DepartureDraft:
    """Return the departure of the lane."""
    usual = {
        "code": "S-1",
        "origin": "COCTG",
        "destination": "NLRTM",
        "carrier": "Line",
        "cut_off": day(20),
        "departure": day(23),
        "arrival": day(44),
    }
    return DepartureDraft(**(usual | values))


def tariff_draft(**values: Any) -> TariffDraft:
    """Return a tariff that is valid now."""
    return TariffDraft(**({"code": "T-1", "name": "Line 2026", "valid_from": day(-30)} | values))


def charge_draft(**values: Any) -> ChargeDraft:
    """Return ocean freight of 1,500.00 a container."""
    usual = {"code": "OFR", "basis": "container", "amount_minor": 150_000, "incoterm_stage": "main_carriage"}
    return ChargeDraft(**(usual | values))


def shipment_draft(**values: Any) -> ShipmentDraft:
    """Return a pooled shipment with its cut-off in 20 days."""
    return ShipmentDraft(**({"code": "PS-1", "cut_off_at": moment(20)} | values))


@dataclass(frozen=True, kw_only=True)
class World:
    """A consortium with its firms and everybody who may look at it."""

    consortium_id: int
    members: Mapping[str, int]
    manager: Actor
    member: Actor
    rival: Actor
    agency: Actor
    auditor: Actor
    administrator: Actor
    nobody: Actor


def make_world(code: str = "cafe", firms: Iterable[str] = FIRMS, currency: str = "USD") -> World:
    """Store a consortium with firms and users and return it; `member` acts for the first firm, `rival` for the next."""
    with unit_of_work() as session:
        consortium = stored(
            Consortium(code=code, name=f"Consortium {code}", country="CO", currency=currency), session=session
        )
        key = id_of(consortium)
        members = {
            name: id_of(
                stored(
                    Member(consortium_id=key, code=name, name=name.title(), country="CO", joined_on=day(-365)),
                    session=session,
                )
            )
            for name in firms
        }
        first, second, *_ = members.values()

        def actor(name: str, role: Role | None, member_id: int | None = None) -> Actor:
            user = stored(AppUser(username=f"{code}-{name}", password_hash="!"), session=session)
            grants = () if role is None else (Grant(consortium_id=key, role=role, member_id=member_id),)
            for grant in grants:
                session.add(RoleGrant(user_id=id_of(user), consortium_id=key, role=grant.role, member_id=member_id))
            return Actor(user_id=id_of(user), username=user.username, grants=grants)

        boss = stored(
            AppUser(username=f"{code}-administrator", password_hash="!", is_administrator=True), session=session
        )
        return World(
            consortium_id=key,
            members=members,
            manager=actor("manager", Role.MANAGER),
            member=actor("member", Role.MEMBER, first),
            rival=actor("rival", Role.MEMBER, second),
            agency=actor("agency", Role.AGENCY),
            auditor=actor("auditor", Role.AUDITOR),
            administrator=Actor(user_id=id_of(boss), username=boss.username, is_administrator=True),
            nobody=actor("nobody", None),
        )


def stored(record: T, *, session: Session) -> T:
    """Store a record and return it with its id."""
    session.add(record)
    session.flush()
    return record


def store_plan_of(shipment_id: int, *, session: Session, shares: bool = True) -> int:
    """Store a plan that carries everything in one container, as planning would, and put it in force.

    The documents have the published form; the cost is 1,500.00, shared equally.
    """
    shipment = session.get_one(PooledShipment, shipment_id)
    problem = build_problem(shipment, session=session)
    document = {
        "format": "consortium/plan@1",
        "problem_sha256": problem_sha256(problem),
        "status": "optimal",
        "cost_minor": 150_000,
        "lower_bound_minor": 150_000,
        "gap_ppm": 0,
        "containers": [
            {
                "id": "K-1",
                "container_type": "45G1",
                "departure": problem.departures[0].id,
                "mass_g": sum(one.mass_g for one in problem.consignments),
                "volume_cm3": sum(one.volume_mm3 for one in problem.consignments) // 1000,
                "contents": [
                    {"consignment": one.id, "packages": [{"id": p.id, "quantity": p.quantity} for p in one.packages]}
                    for one in problem.consignments
                ],
            }
        ],
        "lcl": [],
        "postal": [],
        "unplanned": [],
        "charges": [
            {
                "code": "OFR",
                "departure": problem.departures[0].id,
                "container": "K-1",
                "units": "1",
                "amount_minor": 150_000,
            }
        ],
        "delay_costs": [],
        "seed": 0,
        "limits": {"ended_by": "proof"},
        "version": "0",
    }
    plan = stored(
        StoredPlan(
            shipment_id=shipment_id,
            problem=problem_to_json(problem),
            problem_sha256=problem_sha256(problem),
            plan=document,
            plan_sha256="0" * 64,
            status="optimal",
            cost_minor=150_000,
            lower_bound_minor=150_000,
            comparison={"each_alone_minor": 400_000, "all_lcl_minor": 300_000},
            allocation={"rule": "shapley", "missing": ""},
            certificate={
                "verdict": "in_core",
                "members": len(problem.members),
                "coalitions_compared": 3,
                "largest_excess_minor": 0,
                "worst_coalition": [one.id for one in problem.members],
                "individually_rational": True,
                "core_empty": "refuted",
                "rounding_units": 0,
            },
        ),
        session=session,
    )
    found, _ = read_plan_document(document)
    keep_answers(id_of(plan), quick_answers(problem, found, plan.plan_sha256), session=session)
    inside = session.exec(select(ConsignmentRow.member_id).where(ConsignmentRow.shipment_id == shipment_id)).all()
    members = sorted(set(inside)) if shares else []
    for member_id in members:
        session.add(
            CostShare(
                plan_id=id_of(plan),
                member_id=member_id,
                cost_share_minor=150_000 // len(members),
                pays_minor=150_000 // len(members),
                buyers_pay_minor=0,
                stand_alone_cost_minor=150_000,
                why={"coalitions": [one.id for one in problem.members]},
            )
        )
    shipment.plan_id, shipment.state = id_of(plan), ShipmentState.PLANNED
    session.add(shipment)
    session.flush()
    return id_of(plan)


def load_containers_of(plan_id: int, *, session: Session) -> None:
    """Give every container of a stored plan its placements, found by the search; none where not everything fits."""
    plan = session.get_one(StoredPlan, plan_id)
    problem, _ = problem_of(plan.problem)
    found, _ = read_plan_document(plan.plan)
    documents = [dict(one) for one in plan.plan["containers"]]
    for document, load in zip(documents, found.containers, strict=True):
        if placements := placements_of(problem, load):
            document["load_plan"] = LOAD_PLAN.write(LoadPlan(support="full", placements=placements))
    plan.plan = {**plan.plan, "containers": documents}
    session.add(plan)
    session.flush()


def placements_of(problem: ConsolidationProblem, load: ContainerLoad) -> tuple[Placement, ...]:
    """Return where the search puts the packages of one container; nothing where not all of them fit."""
    kinds = load_packages(problem)
    packages = tuple(
        replace(kinds[part.consignment, package], quantity=quantity)
        for part in load.contents
        for package, quantity in part.packages.items()
    )
    box = replace(load_container(problem.container_type[load.container_type]), count=1)
    wanted = LoadProblem(objective=Objective.VOLUME, containers=(box,), packages=packages)
    answer = plan_loads(wanted, limits=Limits(work_limit=0.2))
    return () if answer.unloaded or not answer.loads else answer.loads[0].placements
