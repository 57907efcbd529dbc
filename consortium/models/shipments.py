"""Pooled shipments: what was gathered, planned, shared and agreed."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class ShipmentState(StrEnum):
    """The life of a pooled shipment; it only moves forward, except that a plan may be reopened before agreement."""

    OPEN = "open"
    FROZEN = "frozen"
    PLANNED = "planned"
    AGREED = "agreed"
    SHIPPED = "shipped"
    SETTLED = "settled"


class PooledShipment(SQLModel, table=True):
    """The joint movement of several members' consignments.

    `rule_version_id` is the decision by which its cost is shared, from its first freezing on; none: nobody had decided,
    and `allocation_rule` holds.
    """

    __table_args__ = (UniqueConstraint("consortium_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    code: str = Field(max_length=60)
    title: str = Field(default="", max_length=200)
    cut_off_at: datetime = Field(sa_type=UtcDateTime)
    state: ShipmentState = ShipmentState.OPEN
    allocation_rule: str = Field(default="shapley", max_length=40)
    rule_version_id: int | None = Field(default=None, foreign_key="ruleversion.id", index=True)
    container_types: list[str] = Field(default_factory=list, sa_type=JSON)
    settings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    plan_id: int | None = Field(default=None)
    opened_by: int | None = Field(default=None, foreign_key="appuser.id")
    opened_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ConsignmentRow(SQLModel, table=True):
    """A member's order in a pooled shipment; an order is in at most one shipment at a time."""

    __tablename__ = "consignment"

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: int = Field(foreign_key="pooledshipment.id", index=True)
    order_id: int = Field(foreign_key="orders.id", unique=True)
    member_id: int = Field(foreign_key="member.id", index=True)
    gathered_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class StoredPlan(SQLModel, table=True):
    """A judged plan of a shipment: documents as published, with their hashes; never edited."""

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: int = Field(foreign_key="pooledshipment.id", index=True)
    problem: dict[str, Any] = Field(sa_type=JSON)
    problem_sha256: str = Field(max_length=64)
    plan: dict[str, Any] = Field(sa_type=JSON)
    plan_sha256: str = Field(max_length=64)
    status: str = Field(max_length=12)
    cost_minor: int = Field(sa_type=BigInteger)
    lower_bound_minor: int = Field(sa_type=BigInteger)
    comparison: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    allocation: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    certificate: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_by: int | None = Field(default=None, foreign_key="appuser.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class CostShare(SQLModel, table=True):
    """What one member is charged under one stored plan."""

    __table_args__ = (UniqueConstraint("plan_id", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="storedplan.id", index=True)
    member_id: int = Field(foreign_key="member.id", index=True)
    cost_share_minor: int = Field(sa_type=BigInteger)
    pays_minor: int = Field(sa_type=BigInteger)
    buyers_pay_minor: int = Field(sa_type=BigInteger)
    stand_alone_cost_minor: int | None = Field(default=None, sa_type=BigInteger)
    why: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class StoredAnswers(SQLModel, table=True):
    """Answers about one stored plan, as published; those that take searches are added when somebody asks."""

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="storedplan.id", unique=True)
    plan_sha256: str = Field(max_length=64)
    document: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
