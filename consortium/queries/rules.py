"""Decisions on how costs are shared, and replays: whole for managers and auditors, a member's own part of replays."""

from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.models import (
    AppUser,
    Consortium,
    Member,
    PooledShipment,
    RuleReplay,
    RuleVersion,
    ShipmentState,
    StoredPlan,
)
from consortium.models.base import utc_now
from consortium.permissions import Action, Actor, may
from consortium.queries.plans import OTHERS_BEHIND_A_TOTAL
from consortium.reach import id_of, own_members, reach_consortium, reach_shipment
from consortium.rules_in_force import (
    day_in,
    fingerprint,
    is_late,
    prices_known_at,
    version_in_force,
    version_of,
)
from consortium.views_rules import (
    ReplayedMemberView,
    ReplayedShipmentView,
    ReplayView,
    RulesView,
    RuleVersionView,
    ShipmentRuleView,
    UseView,
)


@in_transaction
def rules(actor: Actor, consortium_id: int, *, session: Session | None = None) -> RulesView:
    """Return the decisions of a consortium, newest first, with the shipments that each is used by.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    consortium = reach_consortium(actor, Action.SEE_RULES, consortium_id, session)
    found = session.exec(
        select(RuleVersion).where(RuleVersion.consortium_id == consortium_id).order_by(col(RuleVersion.number).desc())
    ).all()
    now = version_in_force(consortium_id, day_in(consortium, utc_now()), session)
    priced = session.exec(
        select(PooledShipment.code)
        .join(StoredPlan, col(StoredPlan.shipment_id) == col(PooledShipment.id))
        .where(
            PooledShipment.consortium_id == consortium_id,
            PooledShipment.state == ShipmentState.OPEN,
            col(PooledShipment.rule_version_id).is_(None),
        )
        .order_by(col(PooledShipment.code))
        .distinct()
    ).all()
    return RulesView(
        versions=tuple(_version(one, consortium, now, session) for one in found),
        default_rule=consortium.allocation_rule,
        priced_and_open=tuple(priced),
    )


@in_transaction
def shipment_rule(actor: Actor, shipment_id: int, *, session: Session | None = None) -> ShipmentRuleView:
    """Return how a shipment is shared, by which decision, and whether that came before its prices were known.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    shipment = reach_shipment(actor, Action.SEE_RULES, shipment_id, session)
    consortium = session.get_one(Consortium, shipment.consortium_id)
    version = version_of(shipment, session)
    known_at = prices_known_at(shipment_id, session)
    return ShipmentRuleView(
        rule=shipment.allocation_rule if version is None else version.rule,
        keys={} if version is None else dict(version.keys),
        number=None if version is None else version.number,
        decided_on=None if version is None else version.decided_on,
        recorded_at=None if version is None else version.recorded_at,
        reference="" if version is None else version.reference,
        is_locked=shipment.rule_version_id is not None,
        prices_known_at=known_at,
        is_late=version is not None and is_late(version, known_at, consortium),
    )


@in_transaction
def replays(actor: Actor, consortium_id: int, *, session: Session | None = None) -> tuple[ReplayView, ...]:
    """Return the replays of a consortium that are done, newest first; a member sees only what they mean for itself.

    Raises
    ------
    ForbiddenError, NotFoundError
    """
    session = need(session)
    reach_consortium(actor, Action.SEE_RULES, consortium_id, session)
    own = None if may(actor, Action.SEE_COST_SHARES, consortium_id) else own_members(actor, consortium_id)
    firms = {id_of(one): one for one in session.exec(select(Member).where(Member.consortium_id == consortium_id)).all()}
    found = session.exec(
        select(RuleReplay).where(RuleReplay.consortium_id == consortium_id).order_by(col(RuleReplay.id).desc())
    )
    return tuple(_replay(one, firms, own) for one in found if one.results)


def _version(
    version: RuleVersion, consortium: Consortium, now: RuleVersion | None, session: Session
) -> RuleVersionView:
    user = None if version.recorded_by is None else session.get(AppUser, version.recorded_by)
    users = session.exec(
        select(PooledShipment).where(PooledShipment.rule_version_id == version.id).order_by(col(PooledShipment.id))
    ).all()
    uses = []
    for one in users:
        known_at = prices_known_at(id_of(one), session)
        late = is_late(version, known_at, consortium)
        uses.append(UseView(shipment_id=id_of(one), code=one.code, prices_known_at=known_at, is_late=late))
    return RuleVersionView(
        id=id_of(version),
        recorded_by="" if user is None else user.display_name or user.username,
        is_in_force=now is not None and now.id == version.id,
        is_intact=fingerprint(version) == version.terms_sha256,
        used_by=tuple(uses),
        **version.model_dump(exclude={"id", "consortium_id", "recorded_by", "withdrawn_by"}),
    )


def _replay(stored: RuleReplay, firms: dict[int, Member], own: frozenset[int] | None) -> ReplayView:
    shipments = []
    for result in stored.results:
        everybody = result["members"]
        shown = [one for one in everybody if own is None or one["member_id"] in own]
        if own is not None and everybody and not shown:
            continue  # nothing of this member travelled in it
        others = len(everybody) - len(shown)
        told = own is None or others >= OTHERS_BEHIND_A_TOTAL
        shipments.append(
            ReplayedShipmentView(
                shipment_id=result["shipment_id"],
                code=result["code"],
                how=result["how"],
                reason=result["reason"],
                total_minor=result["total_minor"] if told else None,
                members=tuple(
                    ReplayedMemberView(
                        member_code=firms[one["member_id"]].code,
                        member_name=firms[one["member_id"]].name,
                        before_minor=one["before_minor"],
                        after_minor=one["after_minor"],
                    )
                    for one in shown
                ),
            )
        )
    return ReplayView(
        id=id_of(stored),
        rule=stored.rule,
        keys=dict(stored.keys),
        recompute=stored.recompute,
        created_at=stored.created_at,
        shipments=tuple(shipments),
    )
