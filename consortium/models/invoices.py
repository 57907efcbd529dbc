"""What carriers and agents really billed for a shipment, and what each member owes for the difference."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class CarrierInvoice(SQLModel, table=True):
    """One invoice (or credit note) for an agreed shipment; the newest number is what stands. Never edited.

    `replaces_id` names the invoice that a corrected one replaces; `booked_minor` is its sum in the currency of the
    consortium.
    """

    __table_args__ = (UniqueConstraint("shipment_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: int = Field(foreign_key="pooledshipment.id", index=True)
    plan_id: int = Field(foreign_key="storedplan.id", index=True)
    number: int
    supplier: str = Field(default="", max_length=200)
    reference: str = Field(max_length=200)
    invoice_date: date
    currency: str = Field(max_length=3)
    booked_minor: int = Field(sa_type=BigInteger)
    replaces_id: int | None = Field(default=None, foreign_key="carrierinvoice.id", unique=True)
    note: str = Field(default="", max_length=1000)
    entered_by: int | None = Field(default=None, foreign_key="appuser.id")
    entered_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class CarrierInvoiceLine(SQLModel, table=True):
    """One line of an invoice: both amounts, of what, and who caused it (nobody: common)."""

    __table_args__ = (UniqueConstraint("invoice_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="carrierinvoice.id", index=True)
    position: int
    charge_class: str = Field(max_length=20)
    charge_code: str = Field(default="", max_length=130)
    description: str = Field(default="", max_length=300)
    amount_minor: int = Field(sa_type=BigInteger)
    booked_minor: int = Field(sa_type=BigInteger)
    causes: list[str] = Field(default_factory=list, sa_type=JSON)
    closes: bool = True


class CostDelta(SQLModel, table=True):
    """What one invoice changes for one member; there is no row where nothing changes.

    `share_minor` is its whole share after the invoice; `why` holds the parts of it, slot by slot.
    """

    __table_args__ = (UniqueConstraint("invoice_id", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    invoice_id: int = Field(foreign_key="carrierinvoice.id", index=True)
    member_id: int = Field(foreign_key="member.id", index=True)
    delta_minor: int = Field(sa_type=BigInteger)
    pays_minor: int = Field(sa_type=BigInteger)
    buyers_pay_minor: int = Field(sa_type=BigInteger)
    share_minor: int = Field(sa_type=BigInteger)
    why: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
