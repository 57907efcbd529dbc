"""Links to load plans for people without a user: made and revoked by a manager, opened by whoever has the token.

A link holds a random 256-bit token, the database only its SHA-256, so a stolen copy of the database opens no link.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import update
from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.draft_kinds import Draft
from consortium.errors import NotFoundError, StateError
from consortium.models import Consortium, PooledShipment, SharedLink, StoredPlan
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, authorise, may
from consortium.reach import authorise_somewhere, id_of, reach_shipment
from consortium.services.audit import record

TOKEN_BYTES = 32
LONGEST_HOURS = 30 * 24

TOKEN_FORM = re.compile(r"[A-Za-z0-9_-]{1,200}", re.ASCII)
"""What a token may look like, also one of which a part was lost on the way; nothing else is looked up."""

SOMEBODY = Actor(user_id=0, username="")
"""Who opens a link: nobody that we know."""


class LinkDraft(Draft):
    """A link to be made.

    Parameters
    ----------
    container
        Id of one container of the plan; empty: all that have a load plan.
    hours
        How long it opens, 1 hour to 30 days.
    firms
        Whether firms are called by their names or by neutral letters.
    """

    container: str = Field(default="", max_length=60)
    hours: Annotated[int, Field(strict=True, ge=1, le=LONGEST_HOURS)] = 72
    firms: Literal["names", "letters"] = "letters"
    language: Literal["es", "pt", "en"] = "es"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedLink:
    """What a valid token opens: one stored plan, or one container of it.

    Parameters
    ----------
    is_in_force
        False when another plan has replaced this one, or the shipment was opened again.
    """

    link: SharedLink
    plan: StoredPlan
    shipment_code: str
    consortium_name: str
    country: str
    time_zone: str
    is_in_force: bool


@in_transaction
def make_link(
    actor: Actor, shipment_id: int, plan_id: int, draft: LinkDraft, *, session: Session | None = None
) -> tuple[int, str]:
    """Make a link to the load plans of a shipment's plan in force; return its id and its token, stored nowhere.

    Raises
    ------
    ForbiddenError
    NotFoundError
        Also when the plan has no such container, or no load plan of it.
    StateError
        ``plan_not_in_force``.
    """
    db = need(session)
    shipment = reach_shipment(actor, Action.MANAGE_SHIPMENTS, shipment_id, db)
    if shipment.plan_id != plan_id:
        raise StateError("plan_not_in_force", {"plan": plan_id})
    loaded = loaded_containers(db.get_one(StoredPlan, plan_id).plan)
    if not loaded or (draft.container and draft.container not in loaded):
        raise NotFoundError("container", draft.container)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = utc_now()
    link = SharedLink(
        token_sha256=_sha256(token),
        consortium_id=shipment.consortium_id,
        shipment_id=shipment_id,
        plan_id=plan_id,
        container=draft.container,
        firms=draft.firms,
        language=draft.language,
        created_by=actor.user_id,
        created_at=now,
        expires_at=now + timedelta(hours=draft.hours),
    )
    db.add(link)
    db.flush()
    detail = draft.model_dump() | {"link": id_of(link), "plan": plan_id, "expires_at": link.expires_at.isoformat()}
    record(actor, shipment.consortium_id, "make_link", f"shipment {shipment.code}", detail, session=db)
    return id_of(link), token


@in_transaction
def revoke_link(actor: Actor, link_id: int, *, session: Session | None = None) -> None:
    """End a link at once; one that has ended already stays as it is.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    db = need(session)
    authorise_somewhere(actor, Action.MANAGE_SHIPMENTS)
    link = db.get(SharedLink, link_id)
    if link is None or not may(actor, Action.SEE_SHIPMENTS, link.consortium_id):
        raise NotFoundError("link", link_id)
    authorise(actor, Action.MANAGE_SHIPMENTS, link.consortium_id)
    if link.revoked_at is not None:
        return
    link.revoked_at = utc_now()
    db.add(link)
    code = db.get_one(PooledShipment, link.shipment_id).code
    record(actor, link.consortium_id, "revoke_link", f"shipment {code}", {"link": link_id}, session=db)


@in_transaction
def open_link(token: str, *, session: Session | None = None) -> OpenedLink | None:
    """Return what a token opens now, counted and on record; None for a token that is unknown, expired or revoked.

    The three are told apart neither by the answer nor by the work that it takes: each is one look-up by the hash,
    compared in constant time, and nothing is written.
    """
    db = need(session)
    digest = _sha256(token if TOKEN_FORM.fullmatch(token) else "")
    link = db.exec(select(SharedLink).where(SharedLink.token_sha256 == digest)).first()
    kept = link.token_sha256 if link is not None else ""
    now = utc_now()
    if not hmac.compare_digest(kept, digest) or link is None or link.revoked_at is not None or link.expires_at <= now:
        return None
    db.exec(
        update(SharedLink)
        .where(col(SharedLink.id) == link.id)
        .values(openings=col(SharedLink.openings) + 1, last_opened_at=now)
    )
    shipment = db.get_one(PooledShipment, link.shipment_id)
    consortium = db.get_one(Consortium, link.consortium_id)
    record(SOMEBODY, consortium.id, "open_link", f"shipment {shipment.code}", {"link": id_of(link)}, session=db)
    return OpenedLink(
        link=link,
        plan=db.get_one(StoredPlan, link.plan_id),
        shipment_code=shipment.code,
        consortium_name=consortium.name,
        country=consortium.country,
        time_zone=consortium.time_zone,
        is_in_force=shipment.plan_id == link.plan_id,
    )


def loaded_containers(plan: Mapping[str, Any]) -> list[str]:
    """Return the ids of the containers of a plan's document that have a load plan, in the order of the plan."""
    return [str(one["id"]) for one in plan["containers"] if one.get("load_plan")]


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
