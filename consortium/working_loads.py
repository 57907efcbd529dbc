"""Loads that are worked on by hand, between the records and `optimizer.manual_loading`.

Each act of a person on a container of a stored plan is one row; the newest is what stands now.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlmodel import Session, col, select

from consortium.errors import NotFoundError, StateError
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import ManualLoad, PooledShipment, StoredPlan
from consortium.permissions import Action, Actor
from consortium.reach import reach_shipment
from optimizer.checking_load_plans import has_pallets
from optimizer.container_loads import load_problem_of
from optimizer.load_problem import LoadProblem
from optimizer.manual_loading import Piece, WorkingLoad, working_load
from optimizer.problem import ConsolidationProblem
from optimizer.result import ContainerLoad, Placement, ShipmentPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedContainer:
    """One container of the plan in force that has a load plan, and all that it is part of."""

    shipment: PooledShipment
    stored: StoredPlan
    problem: ConsolidationProblem
    plan: ShipmentPlan
    load: ContainerLoad


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench(PlannedContainer):
    """One container of the plan in force with everything that is needed to work on its load.

    Parameters
    ----------
    asked
        The container as a load problem, without pins.
    start
        The load of the plan.
    rows
        Acts of this person, the oldest first.
    """

    asked: LoadProblem
    start: WorkingLoad
    rows: Sequence[ManualLoad]

    @property
    def now(self) -> WorkingLoad:
        """What stands now."""
        return read_working_load(self.rows[-1].document) if self.rows else self.start

    @property
    def earlier(self) -> WorkingLoad:
        """What stood before the newest act, and stands again once it is undone."""
        return read_working_load(self.rows[-2].document) if len(self.rows) > 1 else self.start

    def with_load(self, load: WorkingLoad) -> ContainerLoad:
        """Return the container with another load in the place of the plan's."""
        assert self.load.load_plan is not None
        return replace(self.load, load_plan=replace(self.load.load_plan, placements=load.placements))


def reach_container(
    actor: Actor, shipment_id: int, plan_id: int | None, container: str, session: Session
) -> PlannedContainer:
    """Return one container of a shipment's plan in force to who may change its load.

    Parameters
    ----------
    plan_id
        The plan that the actor has read; None: whichever is in force.

    Raises
    ------
    ForbiddenError
    NotFoundError
        Also when the plan has no such container, or no load plan of it.
    StateError
        ``plan_not_in_force``.
    """
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    if plan_id is not None and shipment.plan_id != plan_id:
        raise StateError("plan_not_in_force", {"plan": plan_id})
    stored = session.get(StoredPlan, shipment.plan_id) if shipment.plan_id is not None else None
    if stored is None:
        raise NotFoundError("plan", plan_id)
    problem, _ = problem_of(stored.problem)
    plan, _ = read_plan_document(stored.plan)
    load = next((one for one in plan.containers if one.id == container), None)
    if load is None or load.load_plan is None:
        raise NotFoundError("container", container)
    return PlannedContainer(shipment=shipment, stored=stored, problem=problem, plan=plan, load=load)


def reach_bench(actor: Actor, shipment_id: int, plan_id: int | None, container: str, session: Session) -> Bench:
    """Return the bench of an actor for one container of a shipment's plan in force.

    Raises
    ------
    ForbiddenError, NotFoundError
        As `reach_container`.
    StateError
        ``plan_not_in_force``; ``load_on_pallets`` where packages stand on pallets, which nobody moves by hand.
    """
    held = reach_container(actor, shipment_id, plan_id, container, session)
    if has_pallets(held.load):
        raise StateError("load_on_pallets", {})
    asked = load_problem_of(held.problem, held.load)
    if asked is None or held.load.load_plan is None:
        raise NotFoundError("container", container)
    return Bench(
        shipment=held.shipment,
        stored=held.stored,
        problem=held.problem,
        plan=held.plan,
        load=held.load,
        asked=asked,
        start=working_load(held.load.load_plan.placements),
        rows=acts_of(actor, held.stored.id, container, session),
    )


def acts_of(actor: Actor, plan_id: int | None, container: str, session: Session) -> Sequence[ManualLoad]:
    """Return the acts of a person on a container of a stored plan, the oldest first."""
    return session.exec(
        select(ManualLoad)
        .where(ManualLoad.plan_id == plan_id, ManualLoad.container == container, ManualLoad.user_id == actor.user_id)
        .order_by(col(ManualLoad.id))
    ).all()


def read_working_load(document: dict[str, Any]) -> WorkingLoad:
    """Return the load that a row holds."""
    return WorkingLoad(
        tuple(Piece(**(one | {"placement": Placement(**one["placement"])})) for one in document["pieces"])
    )


def write_working_load(load: WorkingLoad) -> dict[str, Any]:
    """Return a load as a row holds it."""
    return {"pieces": [asdict(one) for one in load.pieces]}
