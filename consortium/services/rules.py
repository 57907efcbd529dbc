"""Decisions on how costs are shared: recorded, withdrawn while unused, never edited; and replays of others."""

import threading
from typing import Any

from sqlmodel import Session, col, func, select

from consortium.database import in_transaction, need, unit_of_work
from consortium.drafts_rules import RuleDraft, TermsDraft
from consortium.errors import Fault, InputError, StateError
from consortium.models import (
    Consortium,
    CostShare,
    Job,
    Member,
    PooledShipment,
    RuleReplay,
    RuleVersion,
    ShipmentState,
    StoredPlan,
)
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, authorise
from consortium.reach import id_of, lock, reach_consortium, reach_rule_version
from consortium.replaying import StoredDocuments, replay
from consortium.rules_in_force import day_in, fingerprint, terms
from consortium.services import jobs
from consortium.services.audit import record
from consortium.services.running import Watch, owner_and_subject, run_job
from optimizer.limits import Progress

REPLAY_JOB = "replay"
PAST = (ShipmentState.AGREED, ShipmentState.SHIPPED, ShipmentState.SETTLED)
"""States in which the shares of a shipment are agreed: what a replay compares with."""


@in_transaction
def decide_rule(actor: Actor, consortium_id: int, draft: RuleDraft, *, session: Session | None = None) -> int:
    """Record a decision on how costs are shared; it concerns shipments that are frozen from its first day on.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        When the decision lies in the future.
    """
    session = need(session)
    consortium = reach_consortium(actor, Action.MANAGE_RULES, consortium_id, session)
    lock(consortium, session)
    today = day_in(consortium, utc_now())
    if draft.decided_on > today:
        raise InputError([Fault("decided_on", "out_of_range", f"a day up to {today}", str(draft.decided_on))])
    last = session.exec(select(func.max(RuleVersion.number)).where(RuleVersion.consortium_id == consortium_id)).one()
    version = RuleVersion(
        consortium_id=consortium_id,
        number=(last or 0) + 1,
        terms_sha256="",
        recorded_by=actor.user_id or None,
        **_terms_columns(draft),
        **draft.model_dump(exclude={"rule", "keys"}),
    )
    version.terms_sha256 = fingerprint(version)
    session.add(version)
    session.flush()
    detail = draft.model_dump(mode="json") | {"number": version.number, "terms_sha256": version.terms_sha256}
    record(actor, consortium_id, "decide_rule", f"rule {version.number}", detail, session=session)
    return id_of(version)


@in_transaction
def withdraw_rule(actor: Actor, version_id: int, *, session: Session | None = None) -> None:
    """Withdraw a decision that no shipment uses; it stays on record.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``rule_in_use``, ``rule_withdrawn``.
    """
    session = need(session)
    version = reach_rule_version(actor, Action.MANAGE_RULES, version_id, session)
    lock(session.get_one(Consortium, version.consortium_id), session)
    lock(version, session)
    used = session.exec(select(PooledShipment.code).where(PooledShipment.rule_version_id == version_id).limit(1))
    if (code := used.first()) is not None:
        raise StateError("rule_in_use", {"shipment": code})
    if version.withdrawn_at is not None:
        raise StateError("rule_withdrawn", {"number": version.number})
    version.withdrawn_at, version.withdrawn_by = utc_now(), actor.user_id or None
    session.add(version)
    record(actor, version.consortium_id, "withdraw_rule", f"rule {version.number}", session=session)


@in_transaction
def request_replay(
    actor: Actor, consortium_id: int, draft: TermsDraft, *, recompute: bool = False, session: Session | None = None
) -> int:
    """Queue a replay of other terms on the agreed shipments and return the job's id.

    Parameters
    ----------
    recompute
        Whether groups of members may be priced again where what is stored does not say enough: that takes a search.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``nothing_to_replay`` while no shipment is agreed.
    """
    session = need(session)
    reach_consortium(actor, Action.MANAGE_RULES, consortium_id, session)
    if not _past_shipments(consortium_id, session):
        raise StateError("nothing_to_replay")
    asked = RuleReplay(
        consortium_id=consortium_id,
        recompute=recompute,
        created_by=actor.user_id or None,
        **_terms_columns(draft),
    )
    session.add(asked)
    session.flush()
    job = jobs.enqueue(actor, consortium_id, REPLAY_JOB, id_of(asked), {"recompute": recompute}, session=session)
    detail = draft.model_dump(mode="json") | {"recompute": recompute}
    record(actor, consortium_id, "request_replay", f"replay {asked.id}", detail, session=session)
    return id_of(job)


def run_replay_job(job: Job, *, leave: threading.Event | None = None) -> None:
    """Do a claimed job: share every agreed shipment under other terms and keep the result; stopped, what is done."""
    run_job(job, _replay_and_keep, leave)


def _replay_and_keep(job: Job, watch: Watch) -> int | None:
    """Return the id of the replay, or None when the worker has to leave."""
    actor, subject_id = owner_and_subject(job, "request_replay")
    with unit_of_work() as session:
        authorise(actor, Action.MANAGE_RULES, job.consortium_id)
        asked = session.get_one(RuleReplay, subject_id)
        past = [(id_of(one), id_of(plan)) for one, plan in _past_shipments(job.consortium_id, session)]
    results: list[dict[str, Any]] = []
    for index, (shipment_id, plan_id) in enumerate(past):
        watch.tell(Progress(stage="replaying", done_permille=1000 * index // len(past)))
        found = _one(shipment_id, plan_id, asked, watch)
        if watch.leave.is_set():
            return None
        if watch.should_stop():
            break  # this one may have been cut short
        results.append(found)
    with unit_of_work() as session:
        kept = session.get_one(RuleReplay, subject_id)
        kept.results = results
        session.add(kept)
    return subject_id


def _one(shipment_id: int, plan_id: int, asked: RuleReplay, watch: Watch) -> dict[str, Any]:
    with unit_of_work() as session:
        shipment = session.get_one(PooledShipment, shipment_id)
        stored = session.get_one(StoredPlan, plan_id)
        documents = StoredDocuments(
            problem=stored.problem, plan=stored.plan, allocation=stored.allocation, tie_key=shipment.code
        )
        before = {
            member.code: (id_of(member), row.cost_share_minor)
            for row, member in session.exec(
                select(CostShare, Member)
                .join(Member, col(CostShare.member_id) == col(Member.id))
                .where(CostShare.plan_id == plan_id)
                .order_by(col(Member.code))
            )
        }
        head = {"shipment_id": shipment_id, "code": shipment.code, "total_minor": stored.cost_minor}
    found = replay(documents, terms(asked.rule, asked.keys), recompute=asked.recompute, should_stop=watch.should_stop)
    members = [
        {"member_id": key, "before_minor": minor, "after_minor": found.shares_minor.get(code, 0)}
        for code, (key, minor) in before.items()
    ]
    return head | {"how": found.how, "reason": found.reason, "members": members if found.shares_minor else []}


def _past_shipments(consortium_id: int, session: Session) -> list[tuple[PooledShipment, StoredPlan]]:
    query = (
        select(PooledShipment, StoredPlan)
        .join(StoredPlan, col(PooledShipment.plan_id) == col(StoredPlan.id))
        .where(PooledShipment.consortium_id == consortium_id, col(PooledShipment.state).in_(PAST))
        .order_by(col(PooledShipment.id))
    )
    return list(session.exec(query))


def _terms_columns(draft: TermsDraft) -> dict[str, Any]:
    return {"rule": draft.rule, "keys": {name.value: key.value for name, key in draft.keys.items()}}
