"""What members make and what their buyers order."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class OrderState(StrEnum):
    """Where an order stands."""

    ENTERED = "entered"
    GATHERED = "gathered"
    SHIPPED = "shipped"
    WITHDRAWN = "withdrawn"


class Product(SQLModel, table=True):
    """A product with the packaging it travels in."""

    __table_args__ = (UniqueConstraint("member_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    member_id: int = Field(foreign_key="member.id", index=True)
    code: str = Field(max_length=60)
    name: str = Field(max_length=200)
    hs: str = Field(default="", max_length=12)
    cargo_class: str = Field(default="dry", max_length=30)
    package_length_mm: int
    package_width_mm: int
    package_height_mm: int
    package_mass_g: int
    vertical: list[str] = Field(default_factory=lambda: ["height"], sa_type=JSON)
    max_load_g: int | None = None


class Order(SQLModel, table=True):
    """One buyer's purchase from one member, on one lane."""

    __tablename__ = "orders"
    __table_args__ = (UniqueConstraint("member_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    member_id: int = Field(foreign_key="member.id", index=True)
    code: str = Field(max_length=60)
    buyer: str = Field(default="", max_length=200)
    origin: str = Field(max_length=5)
    destination: str = Field(max_length=5)
    ready_date: date
    due_date: date | None = None
    cargo_class: str = Field(default="dry", max_length=30)
    incoterm: str | None = Field(default=None, max_length=3)
    named_place: str = Field(default="", max_length=200)
    value_minor: int = Field(default=0, sa_type=BigInteger)
    currency: str = Field(max_length=3)
    delay_cost_ppm_per_day: int = 0
    divisible: bool = False
    volume_cm3: int | None = None
    mass_g: int | None = None
    state: OrderState = OrderState.ENTERED
    note: str = Field(default="", max_length=1000)
    entered_by: int | None = Field(default=None, foreign_key="appuser.id")
    entered_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class OrderLine(SQLModel, table=True):
    """Equal packages of an order."""

    __table_args__ = (UniqueConstraint("order_id", "code"),)

    id: int | None = Field(default=None, primary_key=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    code: str = Field(max_length=60)
    product_id: int | None = Field(default=None, foreign_key="product.id")
    description: str = Field(default="", max_length=300)
    hs: str = Field(default="", max_length=12)
    quantity: int
    length_mm: int
    width_mm: int
    height_mm: int
    mass_g: int
    vertical: list[str] = Field(default_factory=lambda: ["height"], sa_type=JSON)
    max_load_g: int | None = None
