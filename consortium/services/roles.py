"""Roles: who is what in which consortium. An administrator gives and takes them."""

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import Fault, InputError, NotFoundError
from consortium.models import AppUser, Consortium, Member, Role, RoleGrant
from consortium.permissions import Actor, Grant, authorise_administration
from consortium.services.audit import record


def grant_of(row: RoleGrant) -> Grant:
    """Return a stored role as the permissions know it."""
    return Grant(consortium_id=row.consortium_id, role=Role(row.role), member_id=row.member_id)


def grants_of(user_id: int, session: Session) -> list[RoleGrant]:
    """Return the stored roles of a user, oldest first."""
    return list(session.exec(select(RoleGrant).where(RoleGrant.user_id == user_id).order_by(col(RoleGrant.id))))


@in_transaction
def grant_role(
    actor: Actor,
    user_id: int,
    consortium_id: int,
    role: Role,
    member_id: int | None = None,
    *,
    session: Session | None = None,
) -> None:
    """Give a user a role in a consortium; giving it again changes nothing.

    Parameters
    ----------
    actor
        An administrator.
    user_id, consortium_id, role
        Who, where, what.
    member_id
        The firm that a member acts for: a firm of the same consortium, needed for members and for them only.
    session
        Unit of work to join.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    authorise_administration(actor)
    db = need(session)
    if db.get(AppUser, user_id) is None:
        raise NotFoundError("user", user_id)
    if db.get(Consortium, consortium_id) is None:
        raise NotFoundError("consortium", consortium_id)
    member = db.get(Member, member_id) if member_id is not None else None
    if role is Role.MEMBER and (member is None or member.consortium_id != consortium_id):
        raise InputError([Fault("member_id", "member_needed", "a firm of the consortium", str(member_id))])
    if role is not Role.MEMBER and member_id is not None:
        raise InputError([Fault("member_id", "member_not_allowed", "no firm", str(member_id))])
    grants = grants_of(user_id, db)
    wanted = Grant(consortium_id=consortium_id, role=role, member_id=member_id)
    if wanted in (grant_of(row) for row in grants):
        return
    if role is Role.MEMBER and any(g.role == Role.MEMBER and g.consortium_id == consortium_id for g in grants):
        raise InputError([Fault("member_id", "member_elsewhere", "one firm per user and consortium", str(member_id))])
    db.add(RoleGrant(user_id=user_id, consortium_id=consortium_id, role=role, member_id=member_id))
    record(
        actor, consortium_id, "grant_role", f"user {user_id}", {"role": role.value, "member_id": member_id}, session=db
    )


@in_transaction
def revoke_role(
    actor: Actor,
    user_id: int,
    consortium_id: int,
    role: Role,
    *,
    session: Session | None = None,
) -> None:
    """Take a user's role in a consortium away; the next click already knows."""
    authorise_administration(actor)
    db = need(session)
    rows = [r for r in grants_of(user_id, db) if r.consortium_id == consortium_id and r.role == role]
    if not rows:
        raise NotFoundError("role", role.value)
    for row in rows:
        db.delete(row)
    record(actor, consortium_id, "revoke_role", f"user {user_id}", {"role": role.value}, session=db)


@in_transaction
def place_of(
    actor: Actor, consortium_code: str, member_code: str = "", *, session: Session | None = None
) -> tuple[int, int | None]:
    """Return the ids behind the codes of a consortium and, if given, of a firm in it, for an administrator."""
    authorise_administration(actor)
    db = need(session)
    consortium_id = db.exec(select(Consortium.id).where(Consortium.code == consortium_code)).first()
    if consortium_id is None:
        raise NotFoundError("consortium", consortium_code)
    if not member_code:
        return consortium_id, None
    query = select(Member.id).where(Member.consortium_id == consortium_id, Member.code == member_code)
    member_id = db.exec(query).first()
    if member_id is None:
        raise NotFoundError("member", member_code)
    return consortium_id, member_id
