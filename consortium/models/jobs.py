"""Long work, done by a worker beside the pages."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(SQLModel, table=True):
    """One piece of long work: a page inserts it, a worker claims it, both read its progress."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    owner_id: int = Field(foreign_key="appuser.id", index=True)
    subject_id: int | None = None
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    state: JobState = Field(default=JobState.QUEUED, index=True)
    progress: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    cancel_requested: bool = False
    error: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    result_id: int | None = None
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    heartbeat_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
