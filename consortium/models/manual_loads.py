"""Loads that somebody changes by hand, before they become part of a plan."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class ManualLoad(SQLModel, table=True):
    """What stands after one act on one container of a stored plan; the newest row of a person is what stands now.

    Taking the newest row away undoes its act. Without rows the load is that of the plan.
    """

    id: int | None = Field(default=None, primary_key=True)
    plan_id: int = Field(foreign_key="storedplan.id", index=True)
    container: str = Field(max_length=60)
    user_id: int = Field(foreign_key="appuser.id", index=True)
    act: str = Field(max_length=20)
    document: dict[str, Any] = Field(sa_type=JSON)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
