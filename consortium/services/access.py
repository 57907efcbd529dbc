"""Who comes in: users, passwords, roles, and the sessions of signed-in browsers.

A password is kept as an argon2id hash (RFC 9106, second recommended option: 64 MiB, 3 passes). A browser holds a
random 256-bit token, the database only its SHA-256, so a stolen copy of the database opens no session. Sessions end
after `SESSION_HOURS`, when their user signs out, gets another password, or is disabled.
"""

import hashlib
import re
import secrets
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import event, update
from sqlmodel import Session, col, delete, select

from consortium.database import in_transaction, need
from consortium.errors import Fault, InputError, NotFoundError
from consortium.models import AppUser, AuditEvent, Consortium, Member, Role, RoleGrant, UserSession
from consortium.models.base import utc_now
from consortium.permissions import Actor, Grant, authorise_administration

LANGUAGES = ("es", "pt", "en")
SESSION_HOURS = 12
"""How long a browser stays signed in, whatever it does."""

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
FEWEST_DIFFERENT_CHARACTERS = 5
GENERATED_PASSWORD_BYTES = 12
"""Random bytes of a generated password: 96 bits, 16 characters."""

VALID_FOR_S = 1.0
"""How long an answer about a session is believed without asking the database again (other processes may revoke)."""

MOST_REMEMBERED = 10_000
USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
FIRST_ADMINISTRATOR = "admin"

_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


class UserDraft(BaseModel):
    """A user to be created; without a password one is generated and must be changed at the first sign-in."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    username: str = Field(max_length=100)
    display_name: str = Field(default="", max_length=200)
    language: str = "es"
    is_administrator: bool = False
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserView:
    """A user as an administrator sees it."""

    id: int
    username: str
    display_name: str
    language: str
    is_administrator: bool
    must_change_password: bool
    is_disabled: bool
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What the gate needs to know of a session at every frame."""

    user_id: int
    must_change_password: bool


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


@lru_cache(maxsize=1)
def _hash_of_nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


def _matches(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def tidy_username(username: str) -> str:
    """Return a username as it is stored: without spaces around, in lower case."""
    return username.strip().casefold()


def password_faults(password: str, username: str = "", path: str = "password") -> list[Fault]:
    """Return what a new password lacks; the password itself is never in a fault.

    Parameters
    ----------
    password
        `SHORTEST_PASSWORD` to `LONGEST_PASSWORD` characters, at least five different ones, not the username.
    username
        Whose password it is to be.
    path
        Field that the faults name.
    """
    length = len(password)
    if length < SHORTEST_PASSWORD:
        return [Fault(path, "password_too_short", f"at least {SHORTEST_PASSWORD} characters", str(length))]
    if length > LONGEST_PASSWORD:
        return [Fault(path, "password_too_long", f"at most {LONGEST_PASSWORD} characters", str(length))]
    different = len(set(password))
    if different < FEWEST_DIFFERENT_CHARACTERS:
        expected = f"at least {FEWEST_DIFFERENT_CHARACTERS} different characters"
        return [Fault(path, "password_too_simple", expected, str(different))]
    if username and username in password.casefold():
        return [Fault(path, "password_contains_username", "something else than the username", "the username")]
    return []


def generate_password() -> str:
    """Return a random password of 16 characters."""
    return secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)


def _actor(user: AppUser, grants: Iterable[RoleGrant]) -> Actor:
    assert user.id is not None
    return Actor(
        user_id=user.id,
        username=user.username,
        display_name=user.display_name,
        language=user.language,
        is_administrator=user.is_administrator,
        grants=tuple(_grant(row) for row in grants),
    )


def _grant(row: RoleGrant) -> Grant:
    return Grant(consortium_id=row.consortium_id, role=Role(row.role), member_id=row.member_id)


def _grants_of(user_id: int, session: Session) -> list[RoleGrant]:
    return list(session.exec(select(RoleGrant).where(RoleGrant.user_id == user_id).order_by(col(RoleGrant.id))))


def _user(user_id: int, session: Session) -> AppUser:
    user = session.get(AppUser, user_id)
    if user is None:
        raise NotFoundError("user", user_id)
    return user


def _record(session: Session, action: str, subject: str, by: int | None, consortium_id: int | None = None) -> None:
    session.add(AuditEvent(user_id=by, consortium_id=consortium_id, action=action, subject=subject))


@in_transaction
def authenticate(username: str, password: str, *, session: Session | None = None) -> Actor | None:
    """Return the user whose name and password these are, or None; takes as long for a name that nobody has.

    Parameters
    ----------
    username, password
        As typed; a password longer than `LONGEST_PASSWORD` is not even looked at.
    session
        Unit of work to join.
    """
    db = need(session)
    if len(password) > LONGEST_PASSWORD:
        return None
    user = db.exec(select(AppUser).where(AppUser.username == tidy_username(username))).first()
    usable = user is not None and user.disabled_at is None
    right = _matches(user.password_hash if user is not None and usable else _hash_of_nobody(), password)
    if user is None or user.id is None or not usable or not right:
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        user.password_hash = _hasher.hash(password)
        db.add(user)
    return _actor(user, _grants_of(user.id, db))


@in_transaction
def open_session(user_id: int, *, session: Session | None = None) -> str:
    """Open a session of `SESSION_HOURS` for an authenticated user and return its token, which is stored nowhere."""
    db = need(session)
    now = utc_now()
    db.exec(delete(UserSession).where(col(UserSession.user_id) == user_id, col(UserSession.expires_at) < now))
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(hours=SESSION_HOURS)
    db.add(UserSession(token_sha256=_sha256(token), user_id=user_id, created_at=now, expires_at=expires_at))
    _record(db, "sign_in", f"user {user_id}", user_id)
    return token


@in_transaction
def _look_up(token_sha256: str, *, session: Session | None = None) -> SignedIn | None:
    found = (
        need(session)
        .exec(
            select(AppUser.id, AppUser.must_change_password)
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
    return SignedIn(user_id=found[0], must_change_password=found[1])


def signed_in(token: str) -> SignedIn | None:
    """Return whose session a token opens, or None; an answer is remembered for `VALID_FOR_S` seconds."""
    if not token or len(token) > LONGEST_PASSWORD:
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
def actor_of_user(user_id: int, *, session: Session | None = None) -> Actor | None:
    """Return a user as the acting user with the roles of this moment, or None when disabled or unknown."""
    db = need(session)
    user = db.get(AppUser, user_id)
    if user is None or user.disabled_at is not None:
        return None
    return _actor(user, _grants_of(user_id, db))


def actor_of_token(token: str) -> Actor | None:
    """Return the acting user of a session, or None."""
    found = signed_in(token)
    return actor_of_user(found.user_id) if found else None


@in_transaction
def close_session(token: str, *, session: Session | None = None) -> None:
    """End a session at once, in this process; others notice within `VALID_FOR_S` seconds."""
    db = need(session)
    row = db.exec(select(UserSession).where(UserSession.token_sha256 == _sha256(token))).first()
    if row is not None and row.revoked_at is None:
        row.revoked_at = utc_now()
        db.add(row)
        _record(db, "sign_out", f"user {row.user_id}", row.user_id)
        _forget_when_committed(db)


def _revoke_sessions(user_id: int, session: Session, keep_token: str = "") -> None:
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


@in_transaction
def create_user(actor: Actor, draft: UserDraft, *, session: Session | None = None) -> tuple[int, str | None]:
    """Create a user.

    Parameters
    ----------
    actor
        An administrator.
    draft
        The new user; without a password one is generated, to be changed at the first sign-in.
    session
        Unit of work to join.

    Returns
    -------
    tuple
        The user's id, and the generated password (None when one was given); it is shown once and stored nowhere.

    Raises
    ------
    ForbiddenError, InputError
    """
    authorise_administration(actor)
    db = need(session)
    username = tidy_username(draft.username)
    _check_user_draft(draft, username, db)
    generated = generate_password() if draft.password is None else None
    user = AppUser(
        username=username,
        display_name=draft.display_name,
        language=draft.language,
        is_administrator=draft.is_administrator,
        password_hash=_hasher.hash(generated or draft.password or ""),
        must_change_password=generated is not None,
    )
    db.add(user)
    db.flush()
    assert user.id is not None
    _record(db, "create_user", f"user {user.id}", _author(actor))
    return user.id, generated


def _check_user_draft(draft: UserDraft, username: str, session: Session) -> None:
    faults: list[Fault] = []
    if not USERNAME.fullmatch(username):
        faults.append(Fault("username", "username_form", "2 to 100 of a-z 0-9 . _ @ + -", draft.username))
    elif session.exec(select(AppUser.id).where(AppUser.username == username)).first() is not None:
        faults.append(Fault("username", "taken", "a username that nobody has", username))
    if draft.language not in LANGUAGES:
        faults.append(Fault("language", "unknown", ", ".join(LANGUAGES), draft.language))
    if draft.password is not None:
        faults += password_faults(draft.password, username)
    if faults:
        raise InputError(faults)


def _author(actor: Actor) -> int | None:
    """Return the acting user's id for the audit trail; the operator at the command line has none."""
    return actor.user_id or None


OPERATOR = Actor(user_id=0, username="operator", is_administrator=True)
"""Who acts at the command line: whoever can reach the database may administer it."""


@in_transaction
def grant_role(
    actor: Actor,
    user_id: int,
    consortium_id: int,
    role: Role,
    member_id: int | None = None,
    *,
    session: Session | None = None,
) -> None:
    """Give a user a role in a consortium; giving it again changes nothing.

    Parameters
    ----------
    actor
        An administrator.
    user_id, consortium_id, role
        Who, where, what.
    member_id
        The firm that a member acts for: a firm of the same consortium, needed for members and for them only.
    session
        Unit of work to join.

    Raises
    ------
    ForbiddenError, NotFoundError, InputError
    """
    authorise_administration(actor)
    db = need(session)
    _user(user_id, db)
    if db.get(Consortium, consortium_id) is None:
        raise NotFoundError("consortium", consortium_id)
    member = db.get(Member, member_id) if member_id is not None else None
    if role is Role.MEMBER and (member is None or member.consortium_id != consortium_id):
        raise InputError([Fault("member_id", "member_needed", "a firm of the consortium", str(member_id))])
    if role is not Role.MEMBER and member_id is not None:
        raise InputError([Fault("member_id", "member_not_allowed", "no firm", str(member_id))])
    grants = _grants_of(user_id, db)
    wanted = Grant(consortium_id=consortium_id, role=role, member_id=member_id)
    if wanted in (_grant(row) for row in grants):
        return
    if role is Role.MEMBER and any(g.role == Role.MEMBER and g.consortium_id == consortium_id for g in grants):
        raise InputError([Fault("member_id", "member_elsewhere", "one firm per user and consortium", str(member_id))])
    db.add(RoleGrant(user_id=user_id, consortium_id=consortium_id, role=role, member_id=member_id))
    _record(db, "grant_role", f"user {user_id} {role.value}", _author(actor), consortium_id)


@in_transaction
def set_password(
    actor: Actor, user_id: int, password: str | None = None, *, session: Session | None = None
) -> str | None:
    """Give a user another password and end all of the user's sessions; return it when it was generated."""
    authorise_administration(actor)
    db = need(session)
    user = _user(user_id, db)
    if password is not None and (faults := password_faults(password, user.username)):
        raise InputError(faults)
    generated = generate_password() if password is None else None
    user.password_hash = _hasher.hash(generated or password or "")
    user.must_change_password = generated is not None
    db.add(user)
    _record(db, "set_password", f"user {user_id}", _author(actor))
    _revoke_sessions(user_id, db)
    return generated


@in_transaction
def change_own_password(
    actor: Actor, old: str, new: str, *, keep_token: str = "", session: Session | None = None
) -> None:
    """Change the acting user's own password and end the user's other sessions.

    Parameters
    ----------
    actor
        Whose password it is.
    old, new
        The present password, and the one from now on.
    keep_token
        Token of the session that stays open.
    session
        Unit of work to join.

    Raises
    ------
    InputError
        With code ``password_wrong``, ``password_unchanged`` or one of `password_faults`.
    """
    db = need(session)
    user = _user(actor.user_id, db)
    if len(old) > LONGEST_PASSWORD or not _matches(user.password_hash, old):
        raise InputError([Fault("old", "password_wrong", "the present password", "another")])
    if old == new:
        raise InputError([Fault("new", "password_unchanged", "a new password", "the present one")])
    if faults := password_faults(new, user.username, "new"):
        raise InputError(faults)
    user.password_hash = _hasher.hash(new)
    user.must_change_password = False
    db.add(user)
    _record(db, "change_own_password", f"user {actor.user_id}", actor.user_id)
    _revoke_sessions(actor.user_id, db, keep_token)


@in_transaction
def disable_user(actor: Actor, user_id: int, *, session: Session | None = None) -> None:
    """Let a user in no more and end the user's sessions; what the user did stays on record.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        With code ``last_administrator`` when nobody could administer the installation any more.
    """
    authorise_administration(actor)
    db = need(session)
    user = _user(user_id, db)
    others = select(AppUser.id).where(
        col(AppUser.is_administrator).is_(True), col(AppUser.disabled_at).is_(None), AppUser.id != user_id
    )
    if user.is_administrator and db.exec(others).first() is None:
        raise InputError([Fault("user_id", "last_administrator", "another administrator", user.username)])
    user.disabled_at = user.disabled_at or utc_now()
    db.add(user)
    _record(db, "disable_user", f"user {user_id}", _author(actor))
    _revoke_sessions(user_id, db)


@in_transaction
def set_language(actor: Actor, language: str, *, session: Session | None = None) -> None:
    """Keep the acting user's language: es, pt or en."""
    db = need(session)
    if language not in LANGUAGES:
        raise InputError([Fault("language", "unknown", ", ".join(LANGUAGES), language)])
    user = _user(actor.user_id, db)
    user.language = language
    db.add(user)


@in_transaction
def users(actor: Actor, *, session: Session | None = None) -> list[UserView]:
    """Return all users by name, with their roles, for an administrator."""
    authorise_administration(actor)
    db = need(session)
    grants: dict[int, list[Grant]] = {}
    for row in db.exec(select(RoleGrant).order_by(col(RoleGrant.id))):
        grants.setdefault(row.user_id, []).append(_grant(row))
    return [
        UserView(
            id=user.id,
            username=user.username,
            display_name=user.display_name,
            language=user.language,
            is_administrator=user.is_administrator,
            must_change_password=user.must_change_password,
            is_disabled=user.disabled_at is not None,
            grants=tuple(grants.get(user.id, ())),
        )
        for user in db.exec(select(AppUser).order_by(col(AppUser.username)))
        if user.id is not None
    ]


@in_transaction
def user_id_of(actor: Actor, username: str, *, session: Session | None = None) -> int:
    """Return the id of a username, for an administrator; raise `NotFoundError` when nobody has it."""
    authorise_administration(actor)
    found = need(session).exec(select(AppUser.id).where(AppUser.username == tidy_username(username))).first()
    if found is None:
        raise NotFoundError("user", username)
    return found


@in_transaction
def ensure_first_administrator(*, session: Session | None = None) -> str | None:
    """Create the first administrator when there is no user yet; return the generated password, or None.

    The password is shown once, by whoever called, and must be changed at the first sign-in.
    """
    db = need(session)
    if db.exec(select(AppUser.id).limit(1)).first() is not None:
        return None
    draft = UserDraft(username=FIRST_ADMINISTRATOR, is_administrator=True)
    _, password = create_user(OPERATOR, draft, session=db)
    return password
