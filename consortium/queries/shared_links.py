"""Links to the load plans of a shipment, without what opens them."""

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.models import AppUser, SharedLink
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor
from consortium.reach import id_of, reach_shipment
from consortium.views_links import LinkState, SharedLinkView


@in_transaction
def shared_links(actor: Actor, shipment_id: int, *, session: Session | None = None) -> tuple[SharedLinkView, ...]:
    """Return the links to the load plans of a shipment, newest first.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, session)
    query = (
        select(SharedLink, AppUser)
        .join(AppUser, col(SharedLink.created_by) == col(AppUser.id))
        .where(SharedLink.shipment_id == shipment_id)
        .order_by(col(SharedLink.id).desc())
    )
    return tuple(
        SharedLinkView(
            id=id_of(link),
            container=link.container,
            firms=link.firms,
            language=link.language,
            made_by=user.display_name or user.username,
            created_at=link.created_at,
            expires_at=link.expires_at,
            state=_state(link),
            is_in_force=shipment.plan_id == link.plan_id,
            openings=link.openings,
            last_opened_at=link.last_opened_at,
        )
        for link, user in session.exec(query)
    )


def _state(link: SharedLink) -> LinkState:
    if link.revoked_at is not None:
        return LinkState.REVOKED
    return LinkState.EXPIRED if link.expires_at <= utc_now() else LinkState.OPEN
