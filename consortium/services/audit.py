"""The audit trail: every service adds one event to the unit of work that it acts in.

Just before the commit its events are sealed into a chain of hashes. That is the last thing that locks, so that acts
wait for each other only while they commit, and never in a circle.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import event, insert
from sqlalchemy import inspect as state_of
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session

from consortium import chains
from consortium.models import AuditEvent, AuditSeal
from consortium.permissions import Actor


def record(
    actor: Actor,
    consortium_id: int | None,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    *,
    session: Session,
) -> None:
    """Add one act to the audit trail, committed (or not) together with the act itself.

    Parameters
    ----------
    actor
        Who acts; the operator at the command line has no user and is recorded without one.
    consortium_id
        Where; None for acts on the installation.
    action
        The name of the service.
    subject
        What is acted on, such as ``order 17``.
    detail
        JSON values worth keeping; never a secret.
    session
        The unit of work of the act.
    """
    session.add(
        AuditEvent(
            user_id=actor.user_id or None,
            consortium_id=consortium_id,
            action=action,
            subject=subject,
            detail=dict(detail or {}),
        )
    )


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changed, as ``{field: [before, after]}``, for the detail of an event."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


UNSEALED = "unsealed audit events"
"""Where a session keeps the events that it has written and not sealed."""


@event.listens_for(Session, "after_flush")
def _remember(session: Session, _context: UOWTransaction) -> None:
    written = [one for one in session.new if isinstance(one, AuditEvent)]
    if written:
        session.info.setdefault(UNSEALED, []).extend(written)


@event.listens_for(Session, "before_commit")
def _seal(session: Session) -> None:
    """Seal the events of this unit of work; those of a part that was taken back are no longer there."""
    if session.in_nested_transaction():
        return
    session.flush()
    written = [one for one in session.info.pop(UNSEALED, []) if state_of(one).persistent]
    if not written:
        return
    seq, before = chains.hold(chains.AUDIT, session)
    links = []
    for one in written:
        seq += 1
        digest = chains.digest_of(_content(one, seq, before))
        links.append({"seq": seq, "event_id": one.id, "prev_hash": before, "hash": digest})
        before = digest
    session.execute(insert(AuditSeal), links)
    chains.move_on(chains.AUDIT, seq, before, session)


def _content(one: AuditEvent, seq: int, before: str) -> dict[str, Any]:
    return {
        "seq": seq,
        "prev": before,
        "id": one.id,
        "at": chains.moment_text(one.at),
        "user": one.user_id,
        "consortium": one.consortium_id,
        "action": one.action,
        "subject": one.subject,
        "detail": chains.plain(one.detail),
    }
