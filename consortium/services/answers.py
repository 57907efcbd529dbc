"""Answers about a plan: the searching ones asked for, worked out, kept; an alternative taken as the plan in force."""

import threading
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlmodel import Session, select

from consortium.database import in_transaction, need, unit_of_work
from consortium.errors import NotFoundError, StateError
from consortium.formats.answers_fields import PlanAnswers
from consortium.formats.answers_json import answers_to_json, read_answers_document
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import Job, PooledShipment, ShipmentState, StoredAnswers, StoredPlan
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, authorise
from consortium.plan_answers import all_answers
from consortium.reach import id_of, lock, reach_shipment
from consortium.services import jobs
from consortium.services.audit import record
from consortium.services.running import Watch, owner_and_subject, run_job
from optimizer.alternatives import Wish
from optimizer.result import ShipmentPlan

AGREED = frozenset({ShipmentState.AGREED, ShipmentState.SHIPPED, ShipmentState.SETTLED})
"""States in which a plan can no longer change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A plan that was chosen among the alternatives of another.

    Parameters
    ----------
    plan_id
        The stored plan that it replaces.
    wishes
        What the alternative was asked for.
    extra_cost_minor
        What it costs more than that plan.
    """

    plan: ShipmentPlan
    plan_id: int
    wishes: tuple[Wish, ...]
    extra_cost_minor: int

    def origin(self) -> dict[str, Any]:
        """Return where the plan comes from, as plain values."""
        wishes = [asdict(wish) | {"kind": wish.kind.value} for wish in self.wishes]
        return {"instead_of": {"plan": self.plan_id, "extra_cost_minor": self.extra_cost_minor, "wishes": wishes}}


@in_transaction
def request_answers(actor: Actor, shipment_id: int, *, session: Session | None = None) -> int:
    """Queue the answers that take searches, about the plan in force, and return the job's id; a waiting job again.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_planned``.
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    if shipment.plan_id is None:
        raise StateError("shipment_not_planned", {"state": shipment.state.value})
    payload = {"plan_id": shipment.plan_id}
    job = jobs.enqueue(actor, shipment.consortium_id, "answers", shipment_id, payload, session=session)
    record(actor, shipment.consortium_id, "request_answers", f"shipment {shipment.code}", payload, session=session)
    return id_of(job)


@in_transaction
def adopt_alternative(
    actor: Actor, shipment_id: int, plan_id: int, number: int, *, session: Session | None = None
) -> int:
    """Queue an alternative to become the plan in force, judged and with shares of its own; return the job's id.

    Parameters
    ----------
    plan_id
        The plan whose alternatives were read: it must be the one in force now.
    number
        Place of the alternative in its answers, from 0.

    Raises
    ------
    ForbiddenError
    NotFoundError
        Also when there is no such alternative.
    StateError
        ``shipment_not_planned``, ``shipment_already_agreed``, ``plan_not_in_force``; ``planning_under_way`` while
        another plan is being made.
        another plan is being made.
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    lock(shipment, session)
    if shipment.state in AGREED:
        raise StateError("shipment_already_agreed", {"state": shipment.state.value})
    if shipment.state is not ShipmentState.PLANNED:
        raise StateError("shipment_not_planned", {"state": shipment.state.value})
    if shipment.plan_id != plan_id:
        raise StateError("plan_not_in_force", {"plan": plan_id})
    payload = {"plan_id": plan_id, "alternative": number}
    chosen = _chosen(payload, session)
    job = jobs.enqueue(actor, shipment.consortium_id, "plan", shipment_id, payload, session=session)
    if job.payload != payload:
        raise StateError("planning_under_way", {"job": id_of(job)})
    detail = payload | {"extra_cost_minor": chosen.extra_cost_minor}
    record(actor, shipment.consortium_id, "adopt_alternative", f"shipment {shipment.code}", detail, session=session)
    return id_of(job)


def chosen_plan(job: Job, problem_sha256: str, *, session: Session) -> Chosen | None:
    """Return the alternative that a planning job is to take, or None when it is to search.

    Raises
    ------
    StateError
        ``shipment_changed_meanwhile`` when the alternative answers another problem.
    """
    if "alternative" not in job.payload:
        return None
    if session.get_one(StoredPlan, job.payload["plan_id"]).problem_sha256 != problem_sha256:
        raise StateError("shipment_changed_meanwhile", {})
    return _chosen(job.payload, session)


def _chosen(payload: dict[str, Any], session: Session) -> Chosen:
    plan_id, number = payload["plan_id"], payload["alternative"]
    found = answers_of(plan_id, session=session)
    known = (found.alternatives if found else None) or ()
    if not 0 <= number < len(known):
        raise NotFoundError("alternative", number)
    one = known[number]
    return Chosen(plan=one.plan, plan_id=plan_id, wishes=one.wishes, extra_cost_minor=one.extra_cost_minor)


def answers_of(plan_id: int, *, session: Session) -> PlanAnswers | None:
    """Return the answers that are kept about a stored plan, None where there are none of this plan."""
    plan = session.get_one(StoredPlan, plan_id)
    row = session.exec(select(StoredAnswers).where(StoredAnswers.plan_id == plan_id)).first()
    return None if row is None or row.plan_sha256 != plan.plan_sha256 else read_answers_document(row.document)


def keep_answers(plan_id: int, answers: PlanAnswers, *, session: Session) -> int:
    """Keep the answers about a stored plan in the place of earlier ones; return their id."""
    row = session.exec(select(StoredAnswers).where(StoredAnswers.plan_id == plan_id)).first()
    row = row or StoredAnswers(plan_id=plan_id, plan_sha256="", document={})
    row.plan_sha256, row.document, row.created_at = answers.plan_sha256, answers_to_json(answers), utc_now()
    session.add(row)
    session.flush()
    return id_of(row)


def run_answers_job(job: Job, *, leave: threading.Event | None = None) -> None:
    """Do a claimed job: work out all answers about the plan in force and keep them; stopped, those found so far."""
    run_job(job, _answer_and_keep, leave)


def _answer_and_keep(job: Job, watch: Watch) -> int | None:
    """Return the id of the kept answers, or None when the worker has to leave."""
    actor, subject_id = owner_and_subject(job, "request_answers")
    with unit_of_work() as session:
        shipment = session.get_one(PooledShipment, subject_id)
        authorise(actor, Action.MANAGE_SHIPMENTS, shipment.consortium_id)
        if shipment.plan_id is None:
            raise StateError("shipment_not_planned", {"state": shipment.state.value})
        stored = session.get_one(StoredPlan, shipment.plan_id)
    problem, _ = problem_of(stored.problem)
    plan, _ = read_plan_document(stored.plan)
    found = all_answers(
        problem, plan, stored.plan_sha256, seed=plan.seed, on_progress=watch.tell, should_stop=watch.should_stop
    )
    if watch.leave.is_set():
        return None
    with unit_of_work() as session:
        before = answers_of(id_of(stored), session=session)
        found = replace(found, owner_levels=before.owner_levels if before else None)
        return keep_answers(id_of(stored), found, session=session)
