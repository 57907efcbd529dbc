"""A code that two write at once is a duplicate; any other refusal of the database is not."""

from datetime import date

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from consortium.database import engine
from consortium.models import Member
from consortium.services.storing import is_unique_violation
from tests.consortium.builders import make_world

pytestmark = pytest.mark.usefixtures("database")


def refusal(consortium_id: int, code: str) -> DBAPIError:
    member = Member(consortium_id=consortium_id, code=code, name="X", country="CO", joined_on=date(2026, 1, 1))
    with Session(engine()) as session:
        session.add(member)
        with pytest.raises(DBAPIError) as refused:  # pg8000 calls only broken uniqueness a broken integrity
            session.flush()
    return refused.value


def test_the_same_code_twice_is_a_duplicate():
    assert is_unique_violation(refusal(make_world().consortium_id, "andina"))


def test_a_parent_that_does_not_exist_is_no_duplicate():
    make_world()
    assert not is_unique_violation(refusal(99_999, "new"))
