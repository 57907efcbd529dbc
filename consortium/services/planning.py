"""From a frozen shipment to a stored, judged plan with its shares: asked for by a page, done by a worker."""

import threading
import time
from typing import Any

from sqlmodel import Session, select

from consortium.certificate_checks import JudgedPlan, check_certificate
from consortium.database import in_transaction, need, unit_of_work
from consortium.errors import InputError, StateError
from consortium.formats.canonical import sha256
from consortium.formats.certificate_json import read_certificate_document
from consortium.formats.problem_json import problem_sha256, problem_to_json
from consortium.models import CostShare, Job, Member, PooledShipment, ShipmentState, StoredPlan
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, authorise
from consortium.plan_answers import quick_answers
from consortium.plan_making import MadePlan, make_plan
from consortium.problem_builder import build_problem, tariff_problem
from consortium.reach import id_of, lock, reach_shipment
from consortium.replaying import measuring_codes
from consortium.rules_in_force import lock_rule, version_of
from consortium.services import jobs
from consortium.services.answers import Chosen, chosen_plan, keep_answers, run_answers_job
from consortium.services.audit import record
from consortium.services.manual_loads import SOLVE_JOB, run_solve_job
from consortium.services.owner_prices import OWNER_PRICES_JOB, run_owner_prices_job
from consortium.services.pallet_loads import PALLETS_JOB, run_pallets_job
from consortium.services.rules import REPLAY_JOB, run_replay_job
from consortium.services.running import JudgedError, Watch, owner_and_subject, run_job
from consortium.services.studies import STUDY_JOB, run_study_job
from consortium.stored_certificates import new_salt, stored_apart
from consortium.time_limits import DEFAULT_TIME_LIMIT_S, limits_of
from optimizer.checking import check_plan
from optimizer.problem import ProblemError

LONGEST_TIME_LIMIT_S = 3_600


@in_transaction
def request_plan(
    actor: Actor,
    shipment_id: int,
    *,
    time_limit_s: int = int(DEFAULT_TIME_LIMIT_S),
    seed: int = 0,
    with_load_plan: bool = True,
    session: Session | None = None,
) -> int:
    """Queue the planning of a frozen shipment and return the job's id; a waiting job is returned again.

    A shipment whose cut-off has passed is frozen on the way.

    Parameters
    ----------
    with_load_plan
        Whether containers have to load; otherwise they are filled to their usable volume.

    Raises
    ------
    StateError
        ``shipment_not_frozen`` while it is open before its cut-off, ``shipment_already_agreed`` after agreement.
    InputError
        When the gathered orders, departures and charges cannot be a problem, with every fault.
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    lock(shipment, session)
    if not 1 <= time_limit_s <= LONGEST_TIME_LIMIT_S:
        raise StateError("time_limit_out_of_range", {"found": time_limit_s, "most": LONGEST_TIME_LIMIT_S})
    if shipment.state is ShipmentState.OPEN and shipment.cut_off_at <= utc_now():
        lock_rule(shipment, session)
        shipment.state = ShipmentState.FROZEN
        session.add(shipment)
        record(actor, shipment.consortium_id, "freeze", f"shipment {shipment.code}", session=session)
    if shipment.state is ShipmentState.OPEN:
        raise StateError("shipment_not_frozen", {"state": shipment.state.value})
    if shipment.state not in (ShipmentState.FROZEN, ShipmentState.PLANNED):
        raise StateError("shipment_already_agreed", {"state": shipment.state.value})
    try:
        problem = build_problem(shipment, session=session)
    except ProblemError as error:
        raise InputError(error.faults) from error
    if not problem.consignments:
        raise StateError("nothing_gathered", {})
    payload: dict[str, Any] = {"time_limit_s": time_limit_s, "seed": seed}
    if not with_load_plan:
        payload["with_load_plan"] = False
    job = jobs.enqueue(actor, shipment.consortium_id, "plan", shipment_id, payload, session=session)
    record(actor, shipment.consortium_id, "request_plan", f"shipment {shipment.code}", payload, session=session)
    return id_of(job)


def run_planning_job(job: Job, *, leave: threading.Event | None = None) -> None:
    """Do a claimed job: plan (or take the plan that was chosen), judge, share, certify, store.

    A job that its owner stops keeps its best plan, without cost shares: such a plan cannot be agreed. A job
    whose worker has to leave (`leave` is set) goes back to the queue. Any other job ends done or failed.
    """
    run_job(job, _plan_and_store, leave)


def _plan_and_store(job: Job, watch: Watch) -> int | None:
    """Return the id of the stored plan, or None when the worker has to leave."""
    actor, subject_id = owner_and_subject(job, "request_plan")
    with unit_of_work() as session:
        shipment = session.get_one(PooledShipment, subject_id)
        authorise(actor, Action.MANAGE_SHIPMENTS, shipment.consortium_id)
        problem = build_problem(shipment, session=session)
        rule, tie_key = shipment.allocation_rule, shipment.code
        chosen = chosen_plan(job, problem_sha256(problem), session=session)
    time_limit_s = float(job.payload.get("time_limit_s", DEFAULT_TIME_LIMIT_S))
    made = make_plan(
        problem,
        chosen=chosen.plan if chosen else None,
        rule=rule,
        tie_key=tie_key,
        limits=limits_of(time_limit_s),
        seed=int(job.payload.get("seed", 0)),
        with_load_plan=bool(job.payload.get("with_load_plan", True)),
        on_progress=watch.tell,
        should_stop=watch.should_stop,
    )
    return None if watch.leave.is_set() else store_plan(actor, subject_id, made, chosen=chosen)


@in_transaction
def store_plan(
    actor: Actor, shipment_id: int, made: MadePlan, *, chosen: Chosen | None = None, session: Session | None = None
) -> int:
    """Store a judged plan with its shares, certificate and answers and make it the shipment's plan in force.

    Parameters
    ----------
    chosen
        Where the plan comes from when it was chosen among the alternatives of another one.

    Raises
    ------
    JudgedError
        When the judge found a violation: an unchecked or wrong plan is never stored.
    StateError
        When the shipment was reopened, agreed or changed since it was planned.
    """
    session = need(session)
    if violations := check_plan(made.problem, made.plan):  # here, so that no caller can forget it
        raise JudgedError(violations)
    document = made.document()
    plan_sha256 = sha256(document)
    certificate = made.certificate_document(document, salt=new_salt())
    if certificate:
        judged = JudgedPlan(document=document, plan=made.plan, problem=made.problem)
        if violations := check_certificate(read_certificate_document(certificate), judged):
            raise JudgedError(violations)
    answers = quick_answers(made.problem, made.plan, plan_sha256)  # before the shipment is held: it takes a while
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    lock(shipment, session)
    if shipment.state not in (ShipmentState.FROZEN, ShipmentState.PLANNED):
        raise StateError("shipment_not_frozen", {"state": shipment.state.value})
    digest = problem_sha256(made.problem)
    if digest != problem_sha256(build_problem(shipment, session=session)):
        raise StateError("shipment_changed_meanwhile", {})
    stored = StoredPlan(
        shipment_id=shipment_id,
        problem=problem_to_json(made.problem),
        problem_sha256=digest,
        plan=document,
        plan_sha256=plan_sha256,
        status=made.plan.status.value,
        cost_minor=made.plan.cost_minor,
        lower_bound_minor=made.plan.lower_bound_minor,
        comparison=made.comparison_numbers() | (chosen.origin() if chosen else {}),
        allocation={"rule": made.rule, "missing": made.shares_missing} | _how_shared(shipment, made, session),
        certificate=made.certificate_numbers() | stored_apart(certificate),
        created_by=actor.user_id,
    )
    session.add(stored)
    session.flush()
    _store_shares(id_of(stored), shipment.consortium_id, made, session)
    keep_answers(id_of(stored), answers, session=session)
    shipment.plan_id, shipment.state = id_of(stored), ShipmentState.PLANNED
    session.add(shipment)
    record(
        actor,
        shipment.consortium_id,
        "store_plan",
        f"shipment {shipment.code}",
        {"plan": stored.id, "plan_sha256": plan_sha256, "cost_minor": stored.cost_minor}
        | (chosen.origin() if chosen else {}),
        session=session,
    )
    return id_of(stored)


def _how_shared(shipment: PooledShipment, made: MadePlan, session: Session) -> dict[str, Any]:
    """Return what another rule needs to share the same plan again without a search: see `consortium.replaying`."""
    version = version_of(shipment, session)
    theirs = {one.code: one.allocation_key for one in tariff_problem(shipment, session=session).charges}
    return {
        "rule_version": None if version is None else version.number,
        "terms_sha256": None if version is None else version.terms_sha256,
        "tariff_keys": {
            one.code: theirs[one.code].value for one in made.problem.charges if theirs[one.code] != one.allocation_key
        },
        "measured": list(made.game.direct) if made.game and measuring_codes(made.problem) else [],
    }


def _store_shares(plan_id: int, consortium_id: int, made: MadePlan, session: Session) -> None:
    ids = {
        member.code: member.id
        for member in session.exec(select(Member).where(Member.consortium_id == consortium_id))
        if member.id is not None
    }
    for share in made.member_shares():
        session.add(CostShare(plan_id=plan_id, member_id=ids[share.pop("member")], **share))


RUNNERS = {
    "plan": run_planning_job,
    "answers": run_answers_job,
    SOLVE_JOB: run_solve_job,
    REPLAY_JOB: run_replay_job,
    STUDY_JOB: run_study_job,
    OWNER_PRICES_JOB: run_owner_prices_job,
    PALLETS_JOB: run_pallets_job,
}
"""What is done by kind of job."""


def work(*, once: bool = False, stop: threading.Event | None = None, pause_s: float = 0.2) -> int:
    """Claim and do jobs until asked to stop; return how many were done.

    Parameters
    ----------
    once
        Do what is queued now and return.
    pause_s
        Seconds between looks at an empty queue.
    """
    done = 0
    while stop is None or not stop.is_set():
        with unit_of_work() as session:
            job = jobs.claim(session=session)
        if job is not None:
            RUNNERS[job.kind](job, leave=stop)
            done += 1
        elif once:
            return done
        else:
            time.sleep(pause_s)
    return done
