"""Consortia and their members: registered, changed, ended; never deleted."""

from datetime import date

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.drafts import ConsortiumDraft, MemberDraft
from consortium.errors import Fault, InputError, StateError
from consortium.gathering import DONE
from consortium.models import ConsignmentRow, Consortium, Member, PooledShipment
from consortium.permissions import Action, Actor, authorise_administration
from consortium.reach import id_of, lock, reach_consortium, reach_member
from consortium.services.audit import changes, record
from consortium.services.storing import store_unique


@in_transaction
def register_consortium(actor: Actor, draft: ConsortiumDraft, *, session: Session | None = None) -> int:
    """Register a consortium.

    Parameters
    ----------
    actor
        An administrator.
    draft
        The consortium; its code is unique in the installation.
    session
        Unit of work to join.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, InputError
    """
    authorise_administration(actor)
    session = need(session)
    consortium = Consortium(**draft.model_dump())
    store_unique(consortium, session=session)
    record(
        actor,
        consortium.id,
        "register_consortium",
        f"consortium {consortium.code}",
        draft.model_dump(mode="json"),
        session=session,
    )
    return id_of(consortium)


@in_transaction
def register_member(actor: Actor, consortium_id: int, draft: MemberDraft, *, session: Session | None = None) -> int:
    """Register a member firm; its code is unique in the consortium.

    Returns
    -------
    int
        Its id.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    session = need(session)
    reach_consortium(actor, Action.MANAGE_MEMBERS, consortium_id, session)
    member = Member(consortium_id=consortium_id, **draft.model_dump())
    store_unique(member, "consortium_id", session=session)
    record(
        actor,
        consortium_id,
        "register_member",
        f"member {member.code}",
        draft.model_dump(mode="json"),
        session=session,
    )
    return id_of(member)


@in_transaction
def change_member(actor: Actor, member_id: int, draft: MemberDraft, *, session: Session | None = None) -> None:
    """Change a member firm; the code of one whose orders were gathered stays, because plans name it.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    StateError
        ``code_in_use``.
    """
    session = need(session)
    member = reach_member(actor, Action.MANAGE_MEMBERS, member_id, session)
    lock(member, session)
    if member.left_on is not None and draft.joined_on > member.left_on:
        raise InputError(
            [Fault("joined_on", "date_order", f"a date <= left_on {member.left_on}", str(draft.joined_on))]
        )
    if draft.code != member.code and _is_gathered(member_id, session):
        raise StateError("code_in_use", {"member": member.code})
    after = draft.model_dump(mode="json")
    before = member.model_dump(mode="json", include=set(after))
    member.sqlmodel_update(draft.model_dump())
    store_unique(member, "consortium_id", session=session)
    record(
        actor, member.consortium_id, "change_member", f"member {member.code}", changes(before, after), session=session
    )


@in_transaction
def end_membership(actor: Actor, member_id: int, left_on: date, *, session: Session | None = None) -> None:
    """Let a firm leave on a day; not while its orders are in a pooled shipment that has not left.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    StateError
        ``member_has_consignments``.
    """
    session = need(session)
    member = reach_member(actor, Action.MANAGE_MEMBERS, member_id, session)
    lock(member, session)
    if left_on < member.joined_on:
        raise InputError([Fault("left_on", "date_order", f"a date >= joined_on {member.joined_on}", str(left_on))])
    waiting = session.exec(
        select(PooledShipment.code)
        .join(ConsignmentRow, col(ConsignmentRow.shipment_id) == col(PooledShipment.id))
        .where(ConsignmentRow.member_id == member_id, col(PooledShipment.state).not_in(DONE))
    ).first()
    if waiting is not None:
        raise StateError("member_has_consignments", {"shipment": waiting})
    member.left_on = left_on
    session.add(member)
    record(
        actor,
        member.consortium_id,
        "end_membership",
        f"member {member.code}",
        {"left_on": left_on.isoformat()},
        session=session,
    )


def _is_gathered(member_id: int, session: Session) -> bool:
    found = session.exec(select(ConsignmentRow.id).where(ConsignmentRow.member_id == member_id).limit(1)).first()
    return found is not None
