"""Consortia and the firms that form them."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class ConsortiumKind(StrEnum):
    """What a consortium is for (UNIDO guide): joint promotion, or joint sales too."""

    PROMOTIONAL = "promotional"
    SALES = "sales"


class MemberKind(StrEnum):
    """What a member is: one firm, or a body that stands for several producers."""

    FIRM = "firm"
    ASSOCIATION = "association"
    COOPERATIVE = "cooperative"


class Consortium(SQLModel, table=True):
    """Firms joined to promote or sell abroad, each keeping its identity."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=40)
    name: str = Field(max_length=200)
    kind: ConsortiumKind = ConsortiumKind.PROMOTIONAL
    country: str = Field(max_length=2)
    currency: str = Field(max_length=3)
    time_zone: str = Field(default="UTC", max_length=60)
    allocation_rule: str = Field(default="shapley", max_length=40)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Member(SQLModel, table=True):
    """A firm in a consortium."""

    __table_args__ = (UniqueConstraint("consortium_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    code: str = Field(max_length=40)
    name: str = Field(max_length=200)
    kind: MemberKind = MemberKind.FIRM
    country: str = Field(max_length=2)
    tax_id: str = Field(default="", max_length=40)
    sector: str = Field(default="", max_length=200)
    represented_units: int = 1
    joined_on: date
    left_on: date | None = None
