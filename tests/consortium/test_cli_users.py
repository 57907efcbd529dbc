"""`consortium users`, as typed."""

import json
from datetime import date
from pathlib import Path

import pytest

from consortium.cli import main
from consortium.database import ENVIRONMENT_NAME, unit_of_work
from consortium.models import Consortium, Member, Role
from consortium.permissions import Grant
from consortium.services import access, passwords


@pytest.fixture(autouse=True)
def empty_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT_NAME, f"sqlite:///{tmp_path / 'users.sqlite3'}")
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def added(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, str]:
    assert main(["users", "add", *words, "--json"]) == 0
    found: dict[str, str] = json.loads(capsys.readouterr().out)
    return found


def test_a_user_can_be_added_before_the_application_ever_ran(capsys: pytest.CaptureFixture[str]) -> None:
    found = added(capsys, "Ana", "--administrator")
    actor = access.authenticate("ana", found["password"])
    assert actor is not None
    assert actor.is_administrator


def test_a_user_is_added_with_a_role_or_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    added(capsys, "first")
    with unit_of_work() as session:
        session.add(Consortium(id=1, code="NORTE", name="Norte", country="CO", currency="USD"))
        session.flush()
        session.add(Member(id=7, consortium_id=1, code="UNO", name="Uno", country="CO", joined_on=date(2026, 1, 1)))
    role = ["--role", "member", "--consortium", "NORTE"]
    assert main(["users", "add", "luz", *role, "--member", "NADIE"]) == 2
    assert main(["users", "add", "luz", *role]) == 2
    assert main(["users", "add", "luz", "--role", "member"]) == 2
    assert [user.username for user in access.users(access.OPERATOR)] == ["first"]
    found = added(capsys, "luz", *role, "--member", "UNO")
    actor = access.authenticate("luz", found["password"])
    assert actor is not None
    assert actor.grants == (Grant(consortium_id=1, role=Role.MEMBER, member_id=7),)


def test_users_are_listed_disabled_and_given_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    added(capsys, "ana", "--name", "Ana María", "--language", "pt")
    assert main(["users", "disable", "ana"]) == 0
    assert main(["users", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed == [
        {
            "username": "ana",
            "display_name": "Ana María",
            "language": "pt",
            "is_administrator": False,
            "is_disabled": True,
            "grants": [],
        }
    ]
    assert main(["users", "enable", "ana"]) == 0
    assert main(["users", "password", "ana", "--json"]) == 0
    password = json.loads(capsys.readouterr().out)["password"]
    assert access.authenticate("ana", password) is not None


@pytest.mark.parametrize("words", [["disable", "nobody"], ["password", "nobody"], ["add", "<b>"], ["add", "x y"]])
def test_what_cannot_be_done_ends_with_status_2_and_a_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["users", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert "Traceback" not in said.err
