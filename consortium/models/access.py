"""Who may come in: users, their roles in consortia, their sessions."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from consortium.models.base import UtcDateTime, utc_now


class Role(StrEnum):
    """What somebody is within one consortium; an administrator of the installation is a flag of the user."""

    MANAGER = "manager"
    MEMBER = "member"
    AGENCY = "agency"
    AUDITOR = "auditor"


class AppUser(SQLModel, table=True):
    """A person who can sign in."""

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True, index=True, max_length=100)
    display_name: str = Field(default="", max_length=200)
    password_hash: str
    language: str = Field(default="es", max_length=2)
    is_administrator: bool = False
    must_change_password: bool = False
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RoleGrant(SQLModel, table=True):
    """A user's role in one consortium; members act for one member firm."""

    __table_args__ = (UniqueConstraint("user_id", "consortium_id", "role", "member_id"),)

    id: int | None = Field(default=None, primary_key=True)
    user_id: int = Field(foreign_key="appuser.id", index=True)
    consortium_id: int = Field(foreign_key="consortium.id", index=True)
    role: Role
    member_id: int | None = Field(default=None, foreign_key="member.id")


class UserSession(SQLModel, table=True):
    """A signed-in browser: only the SHA-256 of its token is stored."""

    id: int | None = Field(default=None, primary_key=True)
    token_sha256: str = Field(unique=True, index=True, max_length=64)
    user_id: int = Field(foreign_key="appuser.id", index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
