"""The audit trail: every service adds one event to the unit of work that it acts in."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session

from consortium.models import AuditEvent
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
