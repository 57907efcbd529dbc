"""Sailings, container types on offer, and what carriers and agents charge."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel


class DepartureRow(SQLModel, table=True):
    """A departure of a lane that members can join until its cut-off."""

    __tablename__ = "departure"
    __table_args__ = (UniqueConstraint("consortium_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    code: str = Field(max_length=60)
    origin: str = Field(max_length=5)
    destination: str = Field(max_length=5)
    carrier: str = Field(default="", max_length=200)
    cut_off: date
    departure: date
    arrival: date
    container_limits: dict[str, int] = Field(default_factory=dict, sa_type=JSON)


class Tariff(SQLModel, table=True):
    """A set of charges with its validity, currency and source."""

    __table_args__ = (UniqueConstraint("consortium_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    code: str = Field(max_length=60)
    name: str = Field(default="", max_length=200)
    currency: str = Field(max_length=3)
    valid_from: date
    valid_to: date | None = None
    source: str = Field(default="", max_length=500)


class ChargeRow(SQLModel, table=True):
    """One charge of a tariff; `filters` and `steps` hold the keys of the problem format."""

    __tablename__ = "charge"
    __table_args__ = (UniqueConstraint("tariff_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    tariff_id: int = Field(foreign_key="tariff.id", index=True)
    code: str = Field(max_length=60)
    description: str = Field(default="", max_length=300)
    basis: str = Field(max_length=20)
    amount_minor: int = Field(default=0, sa_type=BigInteger)
    rate_ppm: int = 0
    minimum_minor: int = Field(default=0, sa_type=BigInteger)
    maximum_minor: int | None = Field(default=None, sa_type=BigInteger)
    gross_mass_over_g: int | None = None
    steps: list[dict[str, int]] = Field(default_factory=list, sa_type=JSON)
    filters: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    incoterm_stage: str | None = Field(default=None, max_length=20)
    allocation_key: str = Field(default="optimised", max_length=20)
