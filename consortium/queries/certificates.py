"""Reads of certificates: a member's part, for the member itself and for who may see all shares."""

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.errors import NotFoundError
from consortium.formats.member_certificate_json import MemberCertificate
from consortium.member_parts import PartOf, member_part
from consortium.models import Member, StoredPlan
from consortium.permissions import Action, Actor
from consortium.queries.plans import cost_shares, pool_totals, verdict_of
from consortium.reach import own_members, reach_shipment
from consortium.stored_certificates import stored_certificate


@in_transaction
def member_certificate(
    actor: Actor, shipment_id: int, member_id: int, *, session: Session | None = None
) -> MemberCertificate:
    """Return a member's part of the certificate of a shipment's plan in force.

    The total is withheld as it is on the member's page, whoever asks: the part is made to be handed on.

    Parameters
    ----------
    member_id
        The member: one of its own for a member, any for who may see all shares.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    db = need(session)
    known = {one.member_id: one for one in cost_shares(actor, shipment_id, session=db)}
    share = known.get(member_id)
    shipment = reach_shipment(actor, Action.SEE_SHIPMENTS, shipment_id, db)
    if share is None or shipment.plan_id is None:
        raise NotFoundError("member", member_id)
    stored = db.get_one(StoredPlan, shipment.plan_id)
    firms = own_members(actor, shipment.consortium_id)
    own = {share.member_code, *db.exec(select(Member.code).where(col(Member.id).in_(firms)))}
    totals = pool_totals(stored, own, db)
    whole = PartOf(
        shipment=shipment.code,
        rule=str(stored.allocation.get("rule", shipment.allocation_rule)),
        status=stored.status,
        certificate=stored_certificate(stored),
        verdict=verdict_of(stored),
        total_minor=totals.cost_minor if totals else None,
    )
    return member_part(share, whole)
