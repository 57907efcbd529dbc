"""The database of a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from consortium.database import ENVIRONMENT_NAME
from tests.consortium.databases import KINDS, forget, fresh_database


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Put a fresh, migrated database in force and return its URL."""
    url = fresh_database(request.param, tmp_path)
    monkeypatch.setenv(ENVIRONMENT_NAME, url)
    yield url
    forget(url)
