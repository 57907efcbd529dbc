"""What keeping members' goods apart costs: asked for by a page, planned under every level by a worker, kept."""

import threading
from dataclasses import replace

from sqlmodel import Session

from consortium.database import in_transaction, need, unit_of_work
from consortium.errors import StateError
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import Job, PooledShipment, StoredPlan
from consortium.permissions import Action, Actor, authorise
from consortium.plan_answers import quick_answers
from consortium.reach import id_of, reach_shipment
from consortium.services import jobs
from consortium.services.answers import answers_of, keep_answers
from consortium.services.audit import record
from consortium.services.running import JudgedError, Watch, owner_and_subject, run_job
from consortium.time_limits import limits_of
from optimizer.checking import check_plan
from optimizer.owner_prices import price_owners, under

OWNER_PRICES_JOB = "owner_prices"
LONGEST_TIME_LIMIT_S = 3_600
DEFAULT_LEVEL_TIME_LIMIT_S = 120
"""Wall-clock seconds for the search of each level, unless somebody chooses others."""


@in_transaction
def request_owner_prices(
    actor: Actor,
    shipment_id: int,
    *,
    time_limit_s: int = DEFAULT_LEVEL_TIME_LIMIT_S,
    seed: int = 0,
    session: Session | None = None,
) -> int:
    """Queue the planning of the plan in force's goods under every level and return the job's id; a waiting job again.

    Parameters
    ----------
    time_limit_s
        Seconds for the search of each level, from 1 to 3600.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``shipment_not_planned``, ``time_limit_out_of_range``.
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    if shipment.plan_id is None:
        raise StateError("shipment_not_planned", {"state": shipment.state.value})
    if not 1 <= time_limit_s <= LONGEST_TIME_LIMIT_S:
        raise StateError("time_limit_out_of_range", {"found": time_limit_s, "most": LONGEST_TIME_LIMIT_S})
    payload = {"plan_id": shipment.plan_id, "time_limit_s": time_limit_s, "seed": seed}
    job = jobs.enqueue(actor, shipment.consortium_id, OWNER_PRICES_JOB, shipment_id, payload, session=session)
    record(actor, shipment.consortium_id, "request_owner_prices", f"shipment {shipment.code}", payload, session=session)
    return id_of(job)


def run_owner_prices_job(job: Job, *, leave: threading.Event | None = None) -> None:
    """Do a claimed job: plan under every level, judge, keep beside the plan; stopped, what was found so far."""
    run_job(job, _price_and_keep, leave)


def _price_and_keep(job: Job, watch: Watch) -> int | None:
    """Return the id of the kept answers, or None when the worker has to leave."""
    actor, subject_id = owner_and_subject(job, "request_owner_prices")
    with unit_of_work() as session:
        shipment = session.get_one(PooledShipment, subject_id)
        authorise(actor, Action.MANAGE_SHIPMENTS, shipment.consortium_id)
        stored = session.get_one(StoredPlan, job.payload["plan_id"])
    problem, _ = problem_of(stored.problem)
    plan, _ = read_plan_document(stored.plan)
    levels = price_owners(
        problem,
        plan,
        limits=limits_of(float(job.payload["time_limit_s"])),
        seed=int(job.payload["seed"]),
        on_progress=watch.tell,
        should_stop=watch.should_stop,
    )
    if watch.leave.is_set():
        return None
    for one in levels:
        if one.plan is not None and (violations := check_plan(under(problem, one.owners), one.plan)):
            raise JudgedError(violations)
    with unit_of_work() as session:
        before = answers_of(id_of(stored), session=session) or quick_answers(problem, plan, stored.plan_sha256)
        return keep_answers(id_of(stored), replace(before, owner_levels=levels), session=session)
