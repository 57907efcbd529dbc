"""By which rule costs are shared: decisions of the members, and what another rule would have come to."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class RuleVersion(SQLModel, table=True):
    """A recorded decision on how costs are shared; never edited, withdrawn only while no shipment uses it.

    `keys` maps a class of charges to the key by which it is shared; a class without one is shared as its tariff says.
    `terms_sha256` is the fingerprint of what was decided.
    """

    __table_args__ = (UniqueConstraint("consortium_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    number: int
    rule: str = Field(max_length=40)
    keys: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    decided_on: date
    valid_from: date
    text: str = Field(max_length=2000)
    reference: str = Field(default="", max_length=200)
    votes_for: int | None = None
    votes_against: int | None = None
    abstentions: int | None = None
    terms_sha256: str = Field(max_length=64)
    recorded_by: int | None = Field(default=None, foreign_key="appuser.id")
    recorded_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    withdrawn_by: int | None = Field(default=None, foreign_key="appuser.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RuleReplay(SQLModel, table=True):
    """What every member would have paid for past shipments under other terms; empty until its job is done."""

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    rule: str = Field(max_length=40)
    keys: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    recompute: bool = False
    results: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    created_by: int | None = Field(default=None, foreign_key="appuser.id")
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
