"""Questions about cost shares and what came of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class ShareStudy(SQLModel, table=True):
    """One question about the shares of one stored plan, asked by a manager or, about its own share, by a member.

    `member_id` is the firm that asks, None for the consortium; `document` is empty until the job about it has ended.
    """

    id: int | None = Field(default=None, primary_key=True)
    shipment_id: int = Field(foreign_key="pooledshipment.id", index=True)
    plan_id: int = Field(foreign_key="storedplan.id", index=True)
    member_id: int | None = Field(default=None, foreign_key="member.id", index=True)
    question: dict[str, Any] = Field(sa_type=JSON)
    document: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    created_by: int = Field(foreign_key="appuser.id", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
