"""Questions about cost shares: asked by a manager, or by a member about itself; worked out; kept with their plan."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need, unit_of_work
from consortium.errors import Fault, InputError, NotFoundError, StateError
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.method_study import method_study
from consortium.models import CostShare, Job, JobState, Member, PooledShipment, ShareStudy, StoredPlan
from consortium.permissions import Action, Actor, ForbiddenError, authorise, may
from consortium.problem_builder import with_orders
from consortium.queries.orders import lines_by_order, waiting_orders
from consortium.queries.plans import OTHERS_BEHIND_A_TOTAL
from consortium.reach import authorise_somewhere, id_of, own_members, reach_shipment
from consortium.services import jobs
from consortium.services.access import actor_of_user
from consortium.services.audit import record
from consortium.services.running import Watch, run_job
from consortium.share_studies import (
    Studied,
    delaying,
    every_joining,
    joining,
    leaving,
    sensitivity,
    shipping_less,
)
from consortium.study_questions import OWN_QUESTIONS, StudyDraft, StudyKind
from consortium.time_limits import DEFAULT_TIME_LIMIT_S, limits_of
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan

STUDY_JOB = "study"
"""The kind of job that works out a question."""


@in_transaction
def request_study(actor: Actor, shipment_id: int, draft: StudyDraft, *, session: Session | None = None) -> int:
    """Queue a question about the shares of the plan in force and return its id; the same question again while it waits.

    A member asks about itself only, and only where at least three other firms stand behind the plan: by asking what
    it would pay for less and less of its own goods it could otherwise measure what a rival ships.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        When it names a member or a charge that the plan does not have, or a newcomer without waiting orders.
    StateError
        ``shipment_not_planned``, ``plan_without_shares``, ``too_few_firms``, ``study_under_way``.
    """
    session = need(session)
    authorise_somewhere(actor, Action.SEE_OWN_COST_SHARE)
    shipment = reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, session)
    asker = _asker(actor, shipment, draft, session)
    if shipment.plan_id is None:
        raise StateError("shipment_not_planned", {"state": shipment.state.value})
    stored = session.get_one(StoredPlan, shipment.plan_id)
    charged = session.exec(select(CostShare.member_id).where(CostShare.plan_id == stored.id)).all()
    if not charged and draft.kind is not StudyKind.METHODS:
        raise StateError("plan_without_shares")
    if asker is not None and len(set(charged) - own_members(actor, shipment.consortium_id)) < OTHERS_BEHIND_A_TOTAL:
        raise StateError("too_few_firms", {"least": OTHERS_BEHIND_A_TOTAL})
    if faults := _unknown(draft, shipment, stored, session):
        raise InputError(faults)
    question = draft.model_dump(mode="json")
    waiting = _unfinished(actor, shipment_id, session)
    if waiting is not None and waiting.question == question and waiting.plan_id == stored.id:
        return id_of(waiting)
    if waiting is not None:
        raise StateError("study_under_way")
    study = ShareStudy(
        shipment_id=shipment_id,
        plan_id=id_of(stored),
        member_id=asker,
        question=question,
        created_by=actor.user_id,
    )
    session.add(study)
    session.flush()
    jobs.enqueue(actor, shipment.consortium_id, STUDY_JOB, id_of(study), {}, session=session)
    detail = {"kind": draft.kind.value, "plan": study.plan_id}
    record(actor, shipment.consortium_id, "request_study", f"shipment {shipment.code}", detail, session=session)
    return id_of(study)


@in_transaction
def cancel_study(actor: Actor, study_id: int, *, session: Session | None = None) -> None:
    """Ask the job about a question to stop; what it has found is kept."""
    session = need(session)
    authorise_somewhere(actor, Action.SEE_OWN_COST_SHARE)
    study = session.get(ShareStudy, study_id)
    job = job_of(study_id, session=session)
    if study is None or job is None or not _is_own(actor, study, job):
        raise NotFoundError("study", study_id)
    if jobs.stop(job, session=session):
        record(actor, job.consortium_id, "cancel_study", f"job {job.id}", session=session)


def job_of(study_id: int, *, session: Session) -> Job | None:
    """Return the job about a question."""
    return session.exec(select(Job).where(Job.kind == STUDY_JOB, Job.subject_id == study_id)).first()


def _is_own(actor: Actor, study: ShareStudy, job: Job) -> bool:
    if study.member_id is None:
        return may(actor, Action.MANAGE_SHIPMENTS, job.consortium_id)
    return study.member_id in own_members(actor, job.consortium_id)


def _asker(actor: Actor, shipment: PooledShipment, draft: StudyDraft, session: Session) -> int | None:
    """Return the firm that asks about itself, or None for a manager; anybody else may not ask."""
    if may(actor, Action.MANAGE_SHIPMENTS, shipment.consortium_id):
        return None
    own = own_members(actor, shipment.consortium_id)
    codes = {session.get_one(Member, member_id).code: member_id for member_id in own}
    if draft.kind not in OWN_QUESTIONS or draft.member not in codes:
        raise ForbiddenError(Action.MANAGE_SHIPMENTS.value)
    return codes[draft.member]


def _unknown(draft: StudyDraft, shipment: PooledShipment, stored: StoredPlan, session: Session) -> list[Fault]:
    """Return a fault for everything that the question names and the plan does not know."""
    charged = set(
        session.exec(
            select(Member.code)
            .join(CostShare, col(CostShare.member_id) == col(Member.id))
            .where(CostShare.plan_id == stored.id)
        )
    )
    charges = {one["code"] for one in stored.problem["charges"]}
    firm = "a firm that the plan charges"  # names of firms would tell a member who its rivals are
    faults = [Fault("members", "unknown_value", firm, repr(one)) for one in draft.members if one not in charged]
    faults += [
        Fault("charges", "unknown_value", "a charge of the plan", repr(one))
        for one in draft.charges
        if one not in charges
    ]
    if draft.kind is StudyKind.JOINS:
        newcomers = {session.get_one(Member, one.member_id).code for one in waiting_orders(shipment, session)}
        if draft.member not in newcomers:
            faults.append(
                Fault("member", "unknown_value", "a firm with orders that could still join", repr(draft.member))
            )
    elif draft.member is not None and draft.member not in charged:
        faults.append(Fault("member", "unknown_value", firm, repr(draft.member)))
    return faults


def _unfinished(actor: Actor, shipment_id: int, session: Session) -> ShareStudy | None:
    """Return the question that this user has open about a shipment."""
    return session.exec(
        select(ShareStudy)
        .join(Job, col(Job.subject_id) == col(ShareStudy.id))
        .where(
            Job.kind == STUDY_JOB,
            col(Job.state).in_([JobState.QUEUED, JobState.RUNNING]),
            col(Job.cancel_requested).is_(False),
            ShareStudy.shipment_id == shipment_id,
            ShareStudy.created_by == actor.user_id,
        )
    ).first()


def run_study_job(job: Job, *, leave: threading.Event | None = None) -> None:
    """Do a claimed job: work the question out and keep what came of it; stopped, what was found so far."""
    run_job(job, _study_and_keep, leave)


def _study_and_keep(job: Job, watch: Watch) -> int | None:
    """Return the id of the question that was worked out, or None when the worker has to leave."""
    actor = actor_of_user(job.owner_id)
    with unit_of_work() as session:
        study = session.get_one(ShareStudy, job.subject_id)
        shipment = session.get_one(PooledShipment, study.shipment_id)
        draft = StudyDraft(**study.question)
        if actor is None:
            raise ForbiddenError("request_study")
        authorise(actor, Action.SEE_SHIPMENTS, shipment.consortium_id)
        _asker(actor, shipment, draft, session)
        stored = session.get_one(StoredPlan, study.plan_id)
        problem, _ = problem_of(stored.problem)
        plan, _ = read_plan_document(stored.plan)
        studied = _studied(stored, problem, plan, shipment.code, watch, session)
        larger = _with_newcomer(draft, shipment, problem, session)
        weights, unions = _agreements(shipment.consortium_id, session)
    if draft.kind is StudyKind.METHODS:
        found = method_study(
            problem,
            plan,
            tie_key=studied.tie_key,
            weights=weights,
            unions=unions,
            limits=studied.limits,
            seed=studied.seed,
            on_progress=watch.tell,
            should_stop=watch.should_stop,
        ) | {"rule": studied.rule}
    else:
        found = _answer(studied, draft, larger)
    if watch.leave.is_set():
        return None
    with unit_of_work() as session:
        row = session.get_one(ShareStudy, study.id)
        row.document = found
        session.add(row)
        return id_of(row)


def _answer(studied: Studied, draft: StudyDraft, larger: ConsolidationProblem) -> dict[str, Any]:
    member = draft.member or ""
    match draft.kind:
        case StudyKind.LEAVES:
            return leaving(studied, member)
        case StudyKind.JOINS:
            return joining(studied, larger, member)
        case StudyKind.DELAYS:
            return delaying(studied, member, draft.days)
        case StudyKind.SHIPS_LESS:
            return shipping_less(studied, member, draft.percent)
        case StudyKind.JOININGS:
            return every_joining(studied)
        case _:
            return sensitivity(studied, draft.percent, draft.charges, draft.members)


def _studied(
    stored: StoredPlan, problem: ConsolidationProblem, plan: ShipmentPlan, tie_key: str, watch: Watch, session: Session
) -> Studied:
    rows = session.exec(
        select(Member.code, CostShare)
        .join(CostShare, col(CostShare.member_id) == col(Member.id))
        .where(CostShare.plan_id == stored.id)
        .order_by(col(Member.code))
    ).all()
    return Studied(
        problem=problem,
        cost_minor=stored.cost_minor,
        gap_ppm=plan.gap_ppm,
        shares_minor={code: row.cost_share_minor for code, row in rows},
        alone_minor={code: row.stand_alone_cost_minor for code, row in rows if row.stand_alone_cost_minor is not None},
        rule=str(stored.allocation["rule"]),
        tie_key=tie_key,
        limits=limits_of(DEFAULT_TIME_LIMIT_S),
        seed=plan.seed,
        with_load_plan=any(one.load_plan is not None for one in plan.containers),
        on_progress=watch.tell,
        should_stop=watch.should_stop,
    )


def _with_newcomer(
    draft: StudyDraft, shipment: PooledShipment, problem: ConsolidationProblem, session: Session
) -> ConsolidationProblem:
    """Return the problem with the waiting orders of the member that joins."""
    if draft.kind is not StudyKind.JOINS:
        return problem
    firms = {one.member_id: session.get_one(Member, one.member_id) for one in waiting_orders(shipment, session)}
    found = [one for one in waiting_orders(shipment, session) if firms[one.member_id].code == draft.member]
    return with_orders(problem, [(one, firms[one.member_id]) for one in found], lines_by_order(found, session))


def _agreements(consortium_id: int, session: Session) -> tuple[Mapping[str, int], list[list[str]]]:
    """Return the firms that each member stands for, as weights, and the members of each country, as unions."""
    members = session.exec(select(Member).where(Member.consortium_id == consortium_id).order_by(col(Member.code))).all()
    countries: defaultdict[str, list[str]] = defaultdict(list)
    for one in members:
        countries[one.country].append(one.code)
    return {one.code: one.represented_units for one in members}, list(countries.values())
