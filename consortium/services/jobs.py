"""Long work beside the pages: a table of jobs, claimed and done by a worker process.

A page asks for work and returns at once; the worker claims one job at a time in a single UPDATE, writes
its progress and looks whether somebody asked it to stop. A job whose worker died (no heartbeat) is
queued again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import NotFoundError
from consortium.models import Job, JobState
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, may
from consortium.services.audit import record

HEARTBEAT_LOST_AFTER = timedelta(seconds=60)
"""A running job without a sign of life for this long is queued again."""

ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})
"""States that a job does not leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as its page shows it; amounts in minor units of the consortium's currency."""

    id: int
    kind: str
    state: JobState
    subject_id: int | None
    stage: str
    cost_minor: int | None
    lower_bound_minor: int | None
    done_permille: int
    cancel_requested: bool
    error: dict[str, Any]
    result_id: int | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


def _view(job: Job) -> JobView:
    assert job.id is not None
    return JobView(
        id=job.id,
        kind=job.kind,
        state=job.state,
        subject_id=job.subject_id,
        stage=str(job.progress.get("stage", "")),
        cost_minor=job.progress.get("cost_minor"),
        lower_bound_minor=job.progress.get("lower_bound_minor"),
        done_permille=int(job.progress.get("done_permille", 0)),
        cancel_requested=job.cancel_requested,
        error=dict(job.error),
        result_id=job.result_id,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _load(actor: Actor, job_id: int, session: Session) -> Job:
    """Return a job that the actor may see; one of another consortium does not exist for it."""
    found = session.get(Job, job_id)
    if found is None or not may(actor, Action.MANAGE_SHIPMENTS, found.consortium_id):
        raise NotFoundError("job", job_id)
    return found


@in_transaction
def job(actor: Actor, job_id: int, *, session: Session | None = None) -> JobView:
    """Return one job of a consortium that the actor manages."""
    return _view(_load(actor, job_id, need(session)))


@in_transaction
def latest_job(actor: Actor, subject_id: int, kind: str = "plan", *, session: Session | None = None) -> JobView | None:
    """Return the newest job about a subject (a shipment) that the actor manages, or None."""
    found = (
        need(session)
        .exec(select(Job).where(Job.subject_id == subject_id, Job.kind == kind).order_by(col(Job.id).desc()).limit(1))
        .first()
    )
    if found is None or not may(actor, Action.MANAGE_SHIPMENTS, found.consortium_id):
        return None
    return _view(found)


@in_transaction
def cancel_job(actor: Actor, job_id: int, *, session: Session | None = None) -> None:
    """Ask a job to stop; one that no worker has begun is cancelled at once."""
    session = need(session)
    found = _load(actor, job_id, session)
    if stop(found, session=session):
        record(actor, found.consortium_id, "cancel_job", f"job {found.id}", session=session)


def stop(found: Job, *, session: Session) -> bool:
    """Ask a job to stop, unless it has ended, and say whether it was asked; the caller has looked who may."""
    if found.state in ENDED:
        return False
    found.cancel_requested = True
    if found.state is JobState.QUEUED:
        found.state, found.finished_at = JobState.CANCELLED, utc_now()
    session.add(found)
    return True


def enqueue(
    actor: Actor, consortium_id: int, kind: str, subject_id: int, payload: dict[str, Any], *, session: Session
) -> Job:
    """Insert a job, or return the one about the same subject that has not ended."""
    waiting = session.exec(
        select(Job).where(
            Job.consortium_id == consortium_id,
            Job.kind == kind,
            Job.subject_id == subject_id,
            col(Job.state).in_([JobState.QUEUED, JobState.RUNNING]),
            col(Job.cancel_requested).is_(False),
        )
    ).first()
    if waiting is not None:
        return waiting
    new = Job(kind=kind, consortium_id=consortium_id, owner_id=actor.user_id, subject_id=subject_id, payload=payload)
    session.add(new)
    session.flush()
    return new


def claim(*, session: Session) -> Job | None:
    """Take the oldest queued job for this worker, or None; two workers never take the same one."""
    now = utc_now()
    session.exec(
        update(Job)
        .where(col(Job.state) == JobState.RUNNING, col(Job.heartbeat_at) < now - HEARTBEAT_LOST_AFTER)
        .values(state=JobState.QUEUED)
    )
    oldest = (
        select(Job.id)
        .where(Job.state == JobState.QUEUED)
        .order_by(col(Job.id))
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = session.exec(
        update(Job)
        .where(col(Job.id) == oldest, col(Job.state) == JobState.QUEUED)
        .values(state=JobState.RUNNING, started_at=now, heartbeat_at=now)
        .returning(col(Job.id))
    ).first()
    session.commit()
    return None if claimed is None else session.get_one(Job, claimed[0])


def tell_progress(job_id: int, progress: dict[str, Any], *, session: Session) -> bool:
    """Write what a running job knows, with a sign of life; say whether somebody asked it to stop."""
    row = session.get_one(Job, job_id)
    row.progress, row.heartbeat_at = progress, utc_now()
    session.add(row)
    session.commit()
    return row.cancel_requested


def finish(
    job_id: int, state: JobState, *, session: Session, result_id: int | None = None, error: dict[str, Any] | None = None
) -> None:
    """Write how a job ended (or that it waits again)."""
    row = session.get_one(Job, job_id)
    row.state, row.result_id, row.error = state, result_id, error or {}
    row.finished_at = utc_now() if state in ENDED else None
    session.add(row)
    session.commit()
