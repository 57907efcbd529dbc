"""Nothing of a rival's trade reaches a member's browser, over all pages that the router offers."""

from collections.abc import Iterator

import pytest

from tests.app.fresh_database import MARKER, OWN, RIVALS_VALUE
from tests.app.live import LiveApp
from tests.security.conftest import signed_in
from tests.security.protocol import Run

pytestmark = pytest.mark.xdist_group("live_app")

QUERIES = ["", *(f"order={number}&shipment={number}&tariff={number}&consortium={number}" for number in (1, 2, 3, 9))]
"""Ids in the address: its own, the rival's, another consortium's, none that exists."""

FAILED = "Something went wrong"


def walk(app: LiveApp, username: str, queries: list[str]) -> Iterator[tuple[str, Run]]:
    """Yield what each page sends to a user, hidden and refused pages too."""
    page = signed_in(app, username).open()
    first = page.rerun()
    assert first.pages, f"the router offers no page: {first.traces()}"
    for name, page_hash in first.pages.items():
        for query in queries:
            yield f"{name}?{query}", page.rerun(name, query=query, page_hash=page_hash)


def test_a_member_never_receives_a_trace_of_a_rivals_orders(live_app: LiveApp) -> None:
    visited, leaking, own = [], [], 0
    for name, run in walk(live_app, "member", QUERIES):
        visited.append(name)
        own += run.says(OWN)
        if any(run.says(trace) for trace in (MARKER, *RIVALS_VALUE)):
            leaking.append(name)
    assert len(visited) > len(QUERIES)
    assert own > 0, "the walk sees what it is meant to search: the member's own orders"
    assert leaking == []


def test_the_walk_would_find_a_trace(live_app: LiveApp) -> None:
    assert any(run.says(MARKER) for _, run in walk(live_app, "rival", [""]))


def test_an_agency_never_receives_a_trace_of_an_order(live_app: LiveApp) -> None:
    leaking = [name for name, run in walk(live_app, "agency", QUERIES) if run.says(MARKER) or run.says(f"O-{OWN}")]
    assert leaking == []


def test_an_administrator_has_no_view_of_trade(live_app: LiveApp) -> None:
    leaking = [name for name, run in walk(live_app, "root", QUERIES) if run.says(f"Comprador {MARKER}")]
    assert leaking == []


@pytest.mark.parametrize("username", ["member", "manager", "agency", "auditor"])
def test_who_is_no_administrator_receives_no_list_of_users(live_app: LiveApp, username: str) -> None:
    seen = [name for name, run in walk(live_app, username, [""]) if run.says("stranger")]
    assert seen == []


@pytest.mark.parametrize("username", ["root", "manager", "member", "agency", "auditor", "stranger"])
def test_no_page_of_anybody_breaks(live_app: LiveApp, username: str) -> None:
    broken = []
    for name, run in walk(live_app, username, ["", "order=x&shipment=-1&consortium=²", "order=999999&shipment=999999"]):
        if run.has_failed or run.says(FAILED):
            broken.append(name)
    assert broken == []
