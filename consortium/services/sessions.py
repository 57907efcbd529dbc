"""Sessions of signed-in browsers.

A browser holds a random 256-bit token, the database only its SHA-256, so a stolen copy of the database opens no
session. A session ends after `SESSION_HOURS`, when its user signs out, gets another password, or is disabled.
"""

import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import event, update
from sqlmodel import Session, col, delete, select

from consortium.database import in_transaction, need
from consortium.models import AppUser, UserSession
from consortium.models.base import utc_now
from consortium.permissions import Actor
from consortium.services.audit import record

SESSION_HOURS = 12
"""How long a browser stays signed in, whatever it does."""

VALID_FOR_S = 1.0
"""How long an answer about a session is believed without asking the database again (other processes may revoke)."""

MOST_REMEMBERED = 10_000
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What the gate needs to know of a session at every frame."""

    user_id: int
    must_change_password: bool
    language: str


class _Remembered:
    """Sessions found valid within the last second, so that a check at every frame costs no query."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_hash: dict[str, tuple[float, SignedIn]] = {}

    def get(self, token_sha256: str) -> SignedIn | None:
        with self._lock:
            until, found = self._by_hash.get(token_sha256, (0.0, None))
        return found if time.monotonic() < until else None

    def put(self, token_sha256: str, found: SignedIn) -> None:
        with self._lock:
            if len(self._by_hash) >= MOST_REMEMBERED:
                self._by_hash.clear()
            self._by_hash[token_sha256] = (time.monotonic() + VALID_FOR_S, found)

    def forget_all(self) -> None:
        with self._lock:
            self._by_hash.clear()


_remembered = _Remembered()


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _record_by_user(user_id: int, action: str, session: Session) -> None:
    record(Actor(user_id=user_id, username=""), None, action, f"user {user_id}", session=session)


@in_transaction
def open_session(user_id: int, *, session: Session | None = None) -> str:
    """Open a session of `SESSION_HOURS` for an authenticated user and return its token, which is stored nowhere."""
    db = need(session)
    now = utc_now()
    db.exec(delete(UserSession).where(col(UserSession.user_id) == user_id, col(UserSession.expires_at) < now))
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(hours=SESSION_HOURS)
    db.add(UserSession(token_sha256=_sha256(token), user_id=user_id, created_at=now, expires_at=expires_at))
    _record_by_user(user_id, "sign_in", db)
    return token


@in_transaction
def _look_up(token_sha256: str, *, session: Session | None = None) -> SignedIn | None:
    found = (
        need(session)
        .exec(
            select(AppUser.id, AppUser.must_change_password, AppUser.language)
            .join(UserSession, col(UserSession.user_id) == col(AppUser.id))
            .where(
                UserSession.token_sha256 == token_sha256,
                col(UserSession.revoked_at).is_(None),
                UserSession.expires_at > utc_now(),
                col(AppUser.disabled_at).is_(None),
            )
        )
        .first()
    )
    if found is None or found[0] is None:
        return None
    return SignedIn(user_id=found[0], must_change_password=found[1], language=found[2])


def signed_in(token: str) -> SignedIn | None:
    """Return whose session a token opens, or None; an answer is remembered for `VALID_FOR_S` seconds."""
    if not token or len(token) > LONGEST_TOKEN:
        return None
    token_sha256 = _sha256(token)
    if (known := _remembered.get(token_sha256)) is not None:
        return known
    found = _look_up(token_sha256)
    if found is not None:
        _remembered.put(token_sha256, found)
    return found


def session_is_valid(token: str) -> bool:
    """Say whether a token opens a session now; cheap enough to be asked at every frame."""
    return signed_in(token) is not None


@in_transaction
def close_session(token: str, *, session: Session | None = None) -> None:
    """End a session at once, in this process; others notice within `VALID_FOR_S` seconds."""
    db = need(session)
    row = db.exec(select(UserSession).where(UserSession.token_sha256 == _sha256(token))).first()
    if row is not None and row.revoked_at is None:
        row.revoked_at = utc_now()
        db.add(row)
        _record_by_user(row.user_id, "sign_out", db)
        _forget_when_committed(db)


def revoke_sessions(user_id: int, session: Session, keep_token: str = "") -> None:
    """End all sessions of a user but the one of a token, when this unit of work is committed."""
    session.exec(
        update(UserSession)
        .where(
            col(UserSession.user_id) == user_id,
            col(UserSession.revoked_at).is_(None),
            col(UserSession.token_sha256) != _sha256(keep_token),
        )
        .values(revoked_at=utc_now())
    )
    _forget_when_committed(session)


def _forget_when_committed(session: Session) -> None:
    """Ask the database again about every session as soon as this unit of work is committed."""

    def forget(_session: object) -> None:
        _remembered.forget_all()

    event.listen(session, "after_commit", forget, once=True)
