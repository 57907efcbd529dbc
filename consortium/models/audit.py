"""What was done, by whom, when."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class AuditEvent(SQLModel, table=True):
    """One act on the consortium's data; only ever added to."""

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    user_id: int | None = Field(default=None, foreign_key="appuser.id", index=True)
    consortium_id: int | None = Field(default=None, foreign_key="consortium.id", index=True)
    action: str = Field(max_length=60)
    subject: str = Field(default="", max_length=200)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
