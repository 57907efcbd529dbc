"""Links by which somebody without a user reads one load plan for a while."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class SharedLink(SQLModel, table=True):
    """A read-only link to the load plans of one stored plan: only the SHA-256 of its token is stored.

    `container` is the container's id in the plan, empty for all of them; `firms` says how firms are shown:
    ``names`` or ``letters``.
    """

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True, index=True, max_length=64)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    shipment_id: int = Field(foreign_key="pooledshipment.id", index=True)
    plan_id: int = Field(foreign_key="storedplan.id", index=True)
    container: str = Field(default="", max_length=60)
    firms: str = Field(max_length=10)
    language: str = Field(max_length=2)
    created_by: int = Field(foreign_key="appuser.id", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    openings: int = 0
    last_opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
