"""The audit trail, for auditors."""

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.models import AppUser, AuditEvent
from consortium.permissions import Action, Actor
from consortium.reach import id_of, reach_consortium
from consortium.views import AuditEventView

MOST_EVENTS = 5_000
"""How many events one answer holds at most."""


@in_transaction
def audit_events(
    actor: Actor,
    consortium_id: int,
    *,
    before_id: int | None = None,
    limit: int = 500,
    session: Session | None = None,
) -> tuple[AuditEventView, ...]:
    """Return the acts on a consortium's data, newest first.

    Parameters
    ----------
    before_id
        Only events older than this one: the last of the page before.
    limit
        At most so many, 1 to `MOST_EVENTS`.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_AUDIT_TRAIL, consortium_id, session)
    query = (
        select(AuditEvent, AppUser.username)
        .join(AppUser, col(AuditEvent.user_id) == col(AppUser.id), isouter=True)
        .where(AuditEvent.consortium_id == consortium_id)
        .order_by(col(AuditEvent.id).desc())
        .limit(min(max(1, limit), MOST_EVENTS))
    )
    if before_id is not None:
        query = query.where(col(AuditEvent.id) < before_id)
    return tuple(
        AuditEventView(
            id=id_of(event),
            at=event.at,
            username=username,
            action=event.action,
            subject=event.subject,
            detail=dict(event.detail),
        )
        for event, username in session.exec(query)
    )
