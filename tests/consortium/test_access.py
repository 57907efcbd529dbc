"""Users, passwords and sessions on a database of their own."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel, select

from consortium import database
from consortium.errors import InputError, NotFoundError
from consortium.models import AppUser, AuditEvent, Consortium, Role, UserSession
from consortium.models.base import utc_now
from consortium.permissions import Actor, ForbiddenError, Grant
from consortium.services import access, passwords, sessions
from consortium.services.access import OPERATOR, UserDraft

IN_USE = passwords._hasher
"""The hasher of the product; the tests use a quick one."""

GOOD = "una frase larga"
NOBODY = Actor(user_id=77, username="x", grants=(Grant(consortium_id=1, role=Role.MANAGER),))


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(database.ENVIRONMENT_NAME, f"sqlite:///{tmp_path / 'access.sqlite3'}")
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords.hash_of_nobody.cache_clear()
    sessions._remembered.forget_all()
    SQLModel.metadata.create_all(database.engine())
    with Session(database.engine()) as session:
        session.add(Consortium(code="NORTE", name="Norte", country="CO", currency="USD"))
        session.commit()
    yield
    passwords.hash_of_nobody.cache_clear()


def add(username: str = "ana", *, is_administrator: bool = False) -> int:
    draft = UserDraft(username=username, password=GOOD, is_administrator=is_administrator)
    return access.create_user(OPERATOR, draft)[0]


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(InputError) as refused:
        call()
    return refused.value.faults[0].code


def test_the_right_name_and_password_give_the_actor_whatever_the_case_of_the_name() -> None:
    user_id = add()
    actor = access.authenticate(" ANA ", GOOD)
    assert actor is not None
    assert (actor.user_id, actor.username) == (user_id, "ana")


@pytest.mark.parametrize("password", ["", "another phrase", GOOD + " ", GOOD.upper(), GOOD * 1000])
def test_another_password_gives_nobody(password: str) -> None:
    add()
    assert access.authenticate("ana", password) is None


def test_an_unknown_name_costs_a_verification_like_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    monkeypatch.setattr(access, "matches", lambda password_hash, _: bool(verified.append(password_hash)))
    assert access.authenticate("nobody", GOOD) is None
    assert verified == [passwords.hash_of_nobody()]


def test_the_hash_is_argon2id_with_64_mib() -> None:
    assert IN_USE.hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("a" * 201, "password_too_long"),
        ("abababababab", "password_too_simple"),
        ("my name is ana-maria", "password_contains_username"),
    ],
)
def test_a_weak_password_is_refused_by_name_and_never_repeated(password: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        access.create_user(OPERATOR, UserDraft(username="ana-maria", password=password))
    assert [fault.code for fault in refused.value.faults] == [code]
    assert password not in str(refused.value)


def test_a_password_is_not_in_the_text_of_its_draft() -> None:
    assert GOOD not in repr(UserDraft(username="ana", password=GOOD))


@pytest.mark.parametrize("username", ["", "a", "-ana", "ana maria", "a" * 101, "señor", "<b>"])
def test_a_username_of_another_form_is_refused(username: str) -> None:
    with pytest.raises(InputError):
        access.create_user(OPERATOR, UserDraft(username=username, password=GOOD))


def test_a_username_is_taken_whatever_its_case() -> None:
    add()
    assert code_of(lambda: access.create_user(OPERATOR, UserDraft(username="Ana", password=GOOD))) == "taken"


def test_a_generated_password_is_strong_and_must_be_changed() -> None:
    user_id, password = access.create_user(OPERATOR, UserDraft(username="ana"))
    assert password is not None
    assert len(password) == 16
    assert passwords.password_faults(password) == []
    found = access.signed_in(access.open_session(user_id))
    assert found is not None
    assert found.must_change_password


def test_the_first_administrator_is_created_once() -> None:
    password = access.ensure_first_administrator()
    assert password is not None
    actor = access.authenticate(access.FIRST_ADMINISTRATOR, password)
    assert actor is not None
    assert actor.is_administrator
    assert access.ensure_first_administrator() is None


def test_a_token_opens_its_session_and_only_its_hash_is_stored() -> None:
    user_id = add()
    token = access.open_session(user_id)
    assert access.session_is_valid(token)
    actor = access.actor_of_token(token)
    assert actor is not None
    assert actor.user_id == user_id
    with Session(database.engine()) as session:
        row = session.exec(select(UserSession)).one()
    assert row.token_sha256 == sessions._sha256(token)
    assert token not in str(row)


@pytest.mark.parametrize("token", ["", "junk", "x" * 10_000, "' or 1=1 --", "é"])
def test_another_token_opens_nothing(token: str) -> None:
    access.open_session(add())
    assert not access.session_is_valid(token)
    assert access.actor_of_token(token) is None


def test_a_session_expires_after_twelve_hours() -> None:
    token = access.open_session(add())
    with Session(database.engine()) as session:
        row = session.exec(select(UserSession)).one()
        assert timedelta(hours=11, minutes=59) < row.expires_at - utc_now() <= timedelta(hours=12)
        row.expires_at = utc_now()
        session.commit()
    assert not access.session_is_valid(token)


def test_a_closed_session_is_closed_at_once_although_it_was_remembered() -> None:
    token = access.open_session(add())
    assert access.session_is_valid(token)
    access.close_session(token)
    assert not access.session_is_valid(token)


@pytest.mark.parametrize("ending", ["disable_user", "set_password"])
def test_disabling_or_another_password_ends_all_sessions(ending: str) -> None:
    user_id = add()
    tokens = [access.open_session(user_id), access.open_session(user_id)]
    other = access.open_session(add("other"))
    assert all(access.session_is_valid(token) for token in tokens)
    getattr(access, ending)(OPERATOR, user_id)
    assert not any(access.session_is_valid(token) for token in tokens)
    assert access.session_is_valid(other)


def test_a_disabled_user_is_nobody_until_enabled_again() -> None:
    user_id = add()
    access.disable_user(OPERATOR, user_id)
    assert access.authenticate("ana", GOOD) is None
    assert access.actor_of_user(user_id) is None
    access.enable_user(OPERATOR, user_id)
    assert access.authenticate("ana", GOOD) is not None


def test_the_last_administrator_cannot_be_disabled() -> None:
    first, second = add("first", is_administrator=True), add("second", is_administrator=True)
    access.disable_user(OPERATOR, first)
    assert code_of(lambda: access.disable_user(OPERATOR, second)) == "last_administrator"


def test_changing_the_own_password_keeps_this_session_and_ends_the_others() -> None:
    user_id = add()
    here, elsewhere = access.open_session(user_id), access.open_session(user_id)
    actor = access.actor_of_user(user_id)
    assert actor is not None
    assert code_of(lambda: access.change_own_password(actor, "wrong", "another long phrase")) == "password_wrong"
    assert code_of(lambda: access.change_own_password(actor, GOOD, GOOD)) == "password_unchanged"
    access.change_own_password(actor, GOOD, "another long phrase", keep_token=here)
    assert access.session_is_valid(here)
    assert not access.session_is_valid(elsewhere)
    assert access.authenticate("ana", GOOD) is None


def test_a_member_needs_a_firm_of_the_consortium_and_others_have_none() -> None:
    user_id = add()
    assert code_of(lambda: access.grant_role(OPERATOR, user_id, 1, Role.MEMBER)) == "member_needed"
    assert code_of(lambda: access.grant_role(OPERATOR, user_id, 1, Role.MEMBER, 99)) == "member_needed"
    assert code_of(lambda: access.grant_role(OPERATOR, user_id, 1, Role.AUDITOR, 1)) == "member_not_allowed"
    with pytest.raises(NotFoundError):
        access.grant_role(OPERATOR, user_id, 99, Role.AUDITOR)
    access.grant_role(OPERATOR, user_id, 1, Role.AUDITOR)
    access.grant_role(OPERATOR, user_id, 1, Role.AUDITOR)
    actor = access.actor_of_user(user_id)
    assert actor is not None
    assert actor.grants == (Grant(consortium_id=1, role=Role.AUDITOR),)
    access.revoke_role(OPERATOR, user_id, 1, Role.AUDITOR)
    assert access.actor_of_user(user_id) == Actor(user_id=user_id, username="ana")


@pytest.mark.parametrize(
    "call",
    [
        lambda: access.create_user(NOBODY, UserDraft(username="eve", password=GOOD)),
        lambda: access.grant_role(NOBODY, 1, 1, Role.MANAGER),
        lambda: access.revoke_role(NOBODY, 1, 1, Role.MANAGER),
        lambda: access.set_password(NOBODY, 1),
        lambda: access.disable_user(NOBODY, 1),
        lambda: access.enable_user(NOBODY, 1),
        lambda: access.users(NOBODY),
        lambda: access.user_id_of(NOBODY, "ana"),
        lambda: access.place_of(NOBODY, "NORTE"),
    ],
)
def test_only_an_administrator_administers_users(call: Callable[[], object]) -> None:
    add()
    with pytest.raises(ForbiddenError):
        call()


def test_acts_on_users_are_on_record_without_any_secret() -> None:
    user_id, password = access.create_user(OPERATOR, UserDraft(username="ana"))
    access.grant_role(OPERATOR, user_id, 1, Role.MANAGER)
    token = access.open_session(user_id)
    access.close_session(token)
    with Session(database.engine()) as session:
        events = session.exec(select(AuditEvent)).all()
        kept = session.exec(select(AppUser.password_hash)).one()
    assert [event.action for event in events] == ["create_user", "grant_role", "sign_in", "sign_out"]
    assert events[0].user_id is None
    assert not any(secret and secret in str(event) for event in events for secret in (password, token, kept))


def test_a_service_joins_the_unit_of_work_that_it_is_given() -> None:
    with Session(database.engine()) as session:
        access.create_user(OPERATOR, UserDraft(username="ana", password=GOOD), session=session)
        session.rollback()
    assert access.users(OPERATOR) == []
