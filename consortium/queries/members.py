"""Consortia, members and products."""

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import NotFoundError
from consortium.models import Consortium, Member, Product
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, may_administer
from consortium.reach import id_of, own_members, reach_consortium, reach_member
from consortium.views import ConsortiumView, MemberView, ProductView


@in_transaction
def consortia(actor: Actor, *, session: Session | None = None) -> tuple[ConsortiumView, ...]:
    """Return the consortia in which the actor is something, by name; all of them for an administrator."""
    query = select(Consortium).order_by(col(Consortium.name), col(Consortium.id))
    if not may_administer(actor):
        query = query.where(col(Consortium.id).in_({grant.consortium_id for grant in actor.grants}))
    return tuple(view_of_consortium(actor, one) for one in need(session).exec(query))


def view_of_consortium(actor: Actor, consortium: Consortium) -> ConsortiumView:
    """Return a consortium as the actor sees it."""
    key = id_of(consortium)
    return ConsortiumView(
        id=key,
        code=consortium.code,
        name=consortium.name,
        kind=consortium.kind,
        country=consortium.country,
        currency=consortium.currency,
        time_zone=consortium.time_zone,
        allocation_rule=consortium.allocation_rule,
        roles=actor.roles_in(key),
        member_ids=tuple(sorted(own_members(actor, key))),
    )


@in_transaction
def members(actor: Actor, consortium_id: int, *, session: Session | None = None) -> tuple[MemberView, ...]:
    """Return the member firms by name, for managers, auditors, and administrators (who give users their firms).

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    if may_administer(actor):
        if session.get(Consortium, consortium_id) is None:
            raise NotFoundError("consortium", consortium_id)
    else:
        reach_consortium(actor, Action.SEE_MEMBERS, consortium_id, session)
    query = select(Member).where(Member.consortium_id == consortium_id).order_by(col(Member.name), col(Member.id))
    return tuple(_member(one) for one in session.exec(query))


@in_transaction
def products(actor: Actor, member_id: int, *, session: Session | None = None) -> tuple[ProductView, ...]:
    """Return a member's products by code; a member sees its own firm's only.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_member(actor, Action.SEE_OWN_ORDERS, member_id, session)
    query = select(Product).where(Product.member_id == member_id).order_by(col(Product.code))
    return tuple(_product(one) for one in session.exec(query))


def _member(member: Member) -> MemberView:
    today = utc_now().date()
    return MemberView(
        id=id_of(member),
        code=member.code,
        name=member.name,
        kind=member.kind,
        country=member.country,
        tax_id=member.tax_id,
        sector=member.sector,
        represented_units=member.represented_units,
        joined_on=member.joined_on,
        left_on=member.left_on,
        is_active=member.joined_on <= today and (member.left_on is None or today < member.left_on),
    )


def _product(product: Product) -> ProductView:
    return ProductView(
        id=id_of(product),
        member_id=product.member_id,
        code=product.code,
        name=product.name,
        hs=product.hs,
        cargo_class=product.cargo_class,
        package_length_mm=product.package_length_mm,
        package_width_mm=product.package_width_mm,
        package_height_mm=product.package_height_mm,
        package_mass_g=product.package_mass_g,
        vertical=tuple(product.vertical),
        max_load_g=product.max_load_g,
    )
