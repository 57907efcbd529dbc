"""Who comes in: users, their passwords and roles. What the gate and the pages ask of sessions is here too."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field
from sqlmodel import Session, col, select

from consortium.database import in_transaction, need
from consortium.draft_kinds import Draft, Text200
from consortium.errors import Fault, InputError, NotFoundError
from consortium.models import AppUser, RoleGrant
from consortium.models.base import utc_now
from consortium.permissions import Actor, Grant, authorise_administration
from consortium.services.audit import record
from consortium.services.passwords import (
    generate_password,
    hash_of_nobody,
    hash_password,
    is_outdated,
    matches,
    password_faults,
)
from consortium.services.roles import grant_of, grant_role, grants_of, place_of, revoke_role
from consortium.services.sessions import (
    SignedIn,
    close_session,
    open_session,
    revoke_sessions,
    session_is_valid,
    signed_in,
)

__all__ = [
    "FIRST_ADMINISTRATOR",
    "OPERATOR",
    "SignedIn",
    "UserDraft",
    "UserView",
    "actor_of_token",
    "actor_of_user",
    "authenticate",
    "change_own_password",
    "close_session",
    "create_user",
    "disable_user",
    "enable_user",
    "ensure_first_administrator",
    "generate_password",
    "grant_role",
    "open_session",
    "place_of",
    "revoke_role",
    "session_is_valid",
    "set_language",
    "set_password",
    "signed_in",
    "tidy_username",
    "user_id_of",
    "users",
]

LANGUAGES = ("es", "pt", "en")
USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
FIRST_ADMINISTRATOR = "admin"

OPERATOR = Actor(user_id=0, username="operator", is_administrator=True)
"""Who acts at the command line: whoever can reach the database may administer it."""


class UserDraft(Draft):
    """A user to be created; without a password one is generated and must be changed at the first sign-in."""

    username: str = Field(max_length=100)
    display_name: Text200 = ""
    language: str = "es"
    is_administrator: bool = False
    password: str | None = Field(default=None, repr=False)


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


def tidy_username(username: str) -> str:
    """Return a username as it is stored: without spaces around, in lower case."""
    return username.strip().casefold()


def _actor(user: AppUser, grants: Iterable[RoleGrant]) -> Actor:
    assert user.id is not None
    return Actor(
        user_id=user.id,
        username=user.username,
        display_name=user.display_name,
        language=user.language,
        is_administrator=user.is_administrator,
        grants=tuple(grant_of(row) for row in grants),
    )


def _user(user_id: int, session: Session) -> AppUser:
    user = session.get(AppUser, user_id)
    if user is None:
        raise NotFoundError("user", user_id)
    return user


@in_transaction
def authenticate(username: str, password: str, *, session: Session | None = None) -> Actor | None:
    """Return the user whose name and password these are, or None; takes as long for a name that nobody has.

    Parameters
    ----------
    username, password
        As typed.
    session
        Unit of work to join.
    """
    db = need(session)
    user = db.exec(select(AppUser).where(AppUser.username == tidy_username(username))).first()
    usable = user is not None and user.disabled_at is None
    right = matches(user.password_hash if user is not None and usable else hash_of_nobody(), password)
    if user is None or user.id is None or not usable or not right:
        return None
    if is_outdated(user.password_hash):
        user.password_hash = hash_password(password)
        db.add(user)
    return _actor(user, grants_of(user.id, db))


@in_transaction
def actor_of_user(user_id: int, *, session: Session | None = None) -> Actor | None:
    """Return a user as the acting user with the roles of this moment, or None when disabled or unknown."""
    db = need(session)
    user = db.get(AppUser, user_id)
    if user is None or user.disabled_at is not None:
        return None
    return _actor(user, grants_of(user_id, db))


def actor_of_token(token: str) -> Actor | None:
    """Return the acting user of a session, or None."""
    found = signed_in(token)
    return actor_of_user(found.user_id) if found else None


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
        password_hash=hash_password(generated or draft.password or ""),
        must_change_password=generated is not None,
    )
    db.add(user)
    db.flush()
    assert user.id is not None
    record(actor, None, "create_user", f"user {user.id}", session=db)
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
    user.password_hash = hash_password(generated or password or "")
    user.must_change_password = generated is not None
    db.add(user)
    record(actor, None, "set_password", f"user {user_id}", session=db)
    revoke_sessions(user_id, db)
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
    if not matches(user.password_hash, old):
        raise InputError([Fault("old", "password_wrong", "the present password", "another")])
    if old == new:
        raise InputError([Fault("new", "password_unchanged", "a new password", "the present one")])
    if faults := password_faults(new, user.username, "new"):
        raise InputError(faults)
    user.password_hash = hash_password(new)
    user.must_change_password = False
    db.add(user)
    record(actor, None, "change_own_password", f"user {actor.user_id}", session=db)
    revoke_sessions(actor.user_id, db, keep_token)


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
    record(actor, None, "disable_user", f"user {user_id}", session=db)
    revoke_sessions(user_id, db)


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
        grants.setdefault(row.user_id, []).append(grant_of(row))
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
def enable_user(actor: Actor, user_id: int, *, session: Session | None = None) -> None:
    """Let a disabled user in again, with the password and the roles of before."""
    authorise_administration(actor)
    db = need(session)
    user = _user(user_id, db)
    user.disabled_at = None
    db.add(user)
    record(actor, None, "enable_user", f"user {user_id}", session=db)


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
