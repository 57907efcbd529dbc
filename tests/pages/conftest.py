"""The pages on a small database of their own: the example consortium, a user for each role."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from consortium import database
from consortium.demo import load_demo
from consortium.services import access

PASSWORD = "a long phrase of tests"
ROUTER = Path(__file__).resolve().parents[2] / "app" / "router.py"


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory):
    """Return the file of a database with the example consortium."""
    path = tmp_path_factory.mktemp("template") / "consortium.sqlite3"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(database.ENVIRONMENT_NAME, f"sqlite:///{path}")
        import sqlmodel

        import consortium.models  # noqa: F401 - fills the metadata

        sqlmodel.SQLModel.metadata.create_all(database.engine())
        load_demo(PASSWORD)
        database.engine().dispose()
    return path


@pytest.fixture
def demo(demo_template, tmp_path, monkeypatch):
    """Use a fresh copy of the example in this test; yields its address."""
    path = tmp_path / "consortium.sqlite3"
    path.write_bytes(demo_template.read_bytes())
    url = f"sqlite:///{path}"
    monkeypatch.setenv(database.ENVIRONMENT_NAME, url)
    yield url
    database.engine_for(url).dispose()


def acting(username):
    """Return a user of the example as the acting user."""
    actor = access.actor_of_user(access.user_id_of(access.OPERATOR, username))
    assert actor is not None
    return actor


@pytest.fixture
def open_page(demo):
    """Return a function that opens a page as a user of the example."""

    def open_as(username, page=None, language="en", **query):
        actor = acting(username)
        access.set_language(actor, language)
        at = AppTest.from_file(ROUTER, default_timeout=30)
        at.user = {"user_id": str(actor.user_id)}
        at.run()
        if page:
            for name, value in query.items():
                at.query_params[name] = str(value)
            at.switch_page(f"app_pages/{page}.py").run()
        return at

    return open_as
