"""Which decision on sharing holds for a shipment: reads only, for services and queries alike."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from consortium.formats.canonical import sha256
from consortium.models import Consortium, PooledShipment, RuleVersion, ShipmentState, StoredPlan
from consortium.models.base import utc_now
from optimizer.problem import AllocationKey
from optimizer.problem_sharing import ChargeClass, SharingTerms

DECIDED = (
    "number", "rule", "keys", "decided_on", "valid_from", "text", "reference", "votes_for", "votes_against",
    "abstentions",
)  # fmt: skip
"""What the fingerprint of a decision covers."""


def day_in(consortium: Consortium, moment: datetime) -> date:
    """Return the day of a moment where the consortium is."""
    return moment.astimezone(ZoneInfo(consortium.time_zone)).date()


def version_in_force(consortium_id: int, day: date, session: Session) -> RuleVersion | None:
    """Return the decision that holds on a day: of those that do, the one valid since last, then the latest made."""
    return session.exec(
        select(RuleVersion)
        .where(
            RuleVersion.consortium_id == consortium_id,
            col(RuleVersion.withdrawn_at).is_(None),
            col(RuleVersion.valid_from) <= day,
        )
        .order_by(col(RuleVersion.valid_from).desc(), col(RuleVersion.number).desc())
        .limit(1)
    ).first()


def version_of(shipment: PooledShipment, session: Session) -> RuleVersion | None:
    """Return the decision by which a shipment is shared, or None when nobody had decided.

    That is the one that it was tied to when it was frozen; while it never was, the one in force today.
    """
    if shipment.rule_version_id is not None:
        return session.get_one(RuleVersion, shipment.rule_version_id)
    if shipment.state is not ShipmentState.OPEN:
        return None
    consortium = session.get_one(Consortium, shipment.consortium_id)
    return version_in_force(shipment.consortium_id, day_in(consortium, utc_now()), session)


def terms_of(shipment: PooledShipment, session: Session) -> SharingTerms:
    """Return the terms by which a shipment is shared; without a decision its rule, and the keys of the tariffs."""
    version = version_of(shipment, session)
    return SharingTerms(rule=shipment.allocation_rule) if version is None else terms(version.rule, version.keys)


def terms(rule: str, keys: dict[str, str]) -> SharingTerms:
    """Return stored terms."""
    return SharingTerms(rule=rule, keys={ChargeClass(name): AllocationKey(key) for name, key in keys.items()})


def lock_rule(shipment: PooledShipment, session: Session) -> None:
    """Tie a shipment that is being frozen to the decision in force; once tied it stays, reopened or not.

    Otherwise reopening would be a way to change the rule after its outcome is known.
    """
    version = version_of(shipment, session)
    if version is not None:
        shipment.rule_version_id, shipment.allocation_rule = version.id, version.rule


def prices_known_at(shipment_id: int, session: Session) -> datetime | None:
    """Return when the first plan of a shipment was stored: from then on everybody's price could be known."""
    return session.exec(
        select(StoredPlan.created_at).where(StoredPlan.shipment_id == shipment_id).order_by(col(StoredPlan.id)).limit(1)
    ).first()


def is_late(version: RuleVersion, known_at: datetime | None, consortium: Consortium) -> bool:
    """Say whether a decision was made, or recorded, after prices were known."""
    if known_at is None:
        return False
    return version.recorded_at > known_at or version.decided_on > day_in(consortium, known_at)


def fingerprint(version: RuleVersion) -> str:
    """Return the SHA-256 of what was decided."""
    return sha256(version.model_dump(mode="json", include=set(DECIDED)))
