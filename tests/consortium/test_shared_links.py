"""Links to load plans: made by managers only, opened by their token for a while, counted, revoked, on record."""

import hashlib
import re
from datetime import timedelta

import pytest
from sqlmodel import select

from consortium.database import unit_of_work
from consortium.documents.load_page import CONTENT_SECURITY_POLICY, STYLE, closed_page, load_page
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import AuditEvent, SharedLink, StoredPlan
from consortium.models.base import utc_now
from consortium.permissions import ForbiddenError
from consortium.queries import shared_links
from consortium.services.shared_links import LinkDraft, make_link, open_link, revoke_link
from consortium.services.shipments import reopen
from consortium.shared_loads import letter, shared_views
from consortium.texts import translate
from tests.consortium.builders import World, make_world
from tests.consortium.loaded import loaded_shipment

FIRMS = ("andina", "bahia", "cumbre")


@pytest.fixture
def world(database: str) -> World:
    return make_world()


def acts() -> list[tuple[str, int | None]]:
    with unit_of_work() as session:
        names = ("make_link", "open_link", "revoke_link")
        found = session.exec(select(AuditEvent).order_by(AuditEvent.id)).all()  # type: ignore[arg-type]
        return [(one.action, one.user_id) for one in found if one.action in names]


def page_of(token: str) -> str:
    opened = open_link(token)
    assert opened is not None
    return load_page(
        shared_views(opened.plan, opened.link.container, opened.link.firms),
        translate(opened.link.language),
        shipment=opened.shipment_code,
        consortium=opened.consortium_name,
        expires_at=opened.link.expires_at,
        time_zone=opened.time_zone,
        is_in_force=opened.is_in_force,
    )


def test_a_token_opens_what_its_link_was_made_for_and_is_kept_as_a_hash_only(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    key, token = make_link(world.manager, shipment, plan, LinkDraft(container="K-1", hours=1, language="pt"))
    assert len(token) >= 43  # 256 bits
    with unit_of_work() as session:
        row = session.get_one(SharedLink, key)
        assert row.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
        assert token not in repr(row)
        assert timedelta(minutes=59) < row.expires_at - utc_now() <= timedelta(hours=1)
    opened = open_link(token)
    assert opened is not None
    assert (opened.plan.id, opened.link.container, opened.link.language) == (plan, "K-1", "pt")
    assert opened.is_in_force


def test_two_links_never_share_a_token(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    tokens = {make_link(world.manager, shipment, plan, LinkDraft())[1] for _ in range(5)}
    assert len(tokens) == 5


def test_unknown_expired_and_revoked_tokens_open_nothing_and_count_nothing(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    expired, old = make_link(world.manager, shipment, plan, LinkDraft())
    revoked, gone = make_link(world.manager, shipment, plan, LinkDraft())
    revoke_link(world.manager, revoked)
    with unit_of_work() as session:
        row = session.get_one(SharedLink, expired)
        row.expires_at = utc_now() - timedelta(seconds=1)
        session.add(row)
    for token in (old, gone, "A" * 43, "", "é", "a/b", old[:-1], f"{old}x", f"{old}\n"):
        assert open_link(token) is None
    assert [one.openings for one in shared_links(world.manager, shipment)] == [0, 0]
    assert [name for name, _ in acts()] == ["make_link", "make_link", "revoke_link"]


def test_making_opening_and_revoking_are_on_record_without_the_token(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    key, token = make_link(world.manager, shipment, plan, LinkDraft())
    open_link(token)
    open_link(token)
    revoke_link(world.manager, key)
    revoke_link(world.manager, key)
    boss = world.manager.user_id
    assert acts() == [("make_link", boss), ("open_link", None), ("open_link", None), ("revoke_link", boss)]
    with unit_of_work() as session:
        assert token not in repr(session.exec(select(AuditEvent)).all())


def test_the_list_tells_maker_expiry_openings_and_state(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    first, token = make_link(world.manager, shipment, plan, LinkDraft(container="K-1", firms="names"))
    second, _ = make_link(world.manager, shipment, plan, LinkDraft())
    open_link(token)
    revoke_link(world.manager, second)
    newest, oldest = shared_links(world.manager, shipment)
    assert (newest.id, newest.state, newest.openings, newest.container) == (second, "revoked", 0, "")
    assert (oldest.id, oldest.state, oldest.openings, oldest.firms) == (first, "open", 1, "names")
    assert oldest.made_by == world.manager.username
    assert oldest.last_opened_at is not None


def test_only_managers_of_the_consortium_make_list_and_revoke(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    key, _ = make_link(world.manager, shipment, plan, LinkDraft())
    for actor in (world.member, world.agency, world.auditor, world.administrator, world.nobody):
        with pytest.raises(ForbiddenError):
            make_link(actor, shipment, plan, LinkDraft())
        with pytest.raises(ForbiddenError):
            revoke_link(actor, key)
        with pytest.raises(ForbiddenError):
            shared_links(actor, shipment)
    stranger = make_world("frutas").manager
    with pytest.raises(NotFoundError):
        make_link(stranger, shipment, plan, LinkDraft())
    with pytest.raises(NotFoundError):
        revoke_link(stranger, key)


@pytest.mark.parametrize("hours", [0, -1, 30 * 24 + 1])
def test_a_link_opens_from_one_hour_to_thirty_days(hours: int) -> None:
    with pytest.raises(InputError) as refused:
        LinkDraft(hours=hours)
    assert refused.value.faults[0].path == "hours"


def test_there_is_no_link_to_what_has_no_load_plan_or_is_not_in_force(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    with pytest.raises(NotFoundError):
        make_link(world.manager, shipment, plan, LinkDraft(container="K-2"))
    with pytest.raises(StateError) as refused:
        make_link(world.manager, shipment, plan + 1, LinkDraft())
    assert refused.value.code == "plan_not_in_force"
    with unit_of_work() as session:
        stored = session.get_one(StoredPlan, plan)
        stored.plan = {**stored.plan, "containers": [{**one, "load_plan": None} for one in stored.plan["containers"]]}
        session.add(stored)
    with pytest.raises(NotFoundError):
        make_link(world.manager, shipment, plan, LinkDraft())


def test_a_replaced_plan_says_so_before_anything_else(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    _, token = make_link(world.manager, shipment, plan, LinkDraft(language="en"))
    assert 'role="alert"' not in page_of(token)
    reopen(world.manager, shipment)
    page = page_of(token)
    assert page.index("has been replaced") < page.index("<main>")
    assert not shared_links(world.manager, shipment)[0].is_in_force


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_letters_hide_every_trace_of_a_firm_and_names_show_it(world: World, language: str) -> None:
    shipment, plan = loaded_shipment(world)
    _, neutral = make_link(world.manager, shipment, plan, LinkDraft(language=language, firms="letters"))
    _, named = make_link(world.manager, shipment, plan, LinkDraft(language=language, firms="names"))
    page = page_of(neutral)
    assert [firm for firm in FIRMS if firm in page.casefold()] == []
    assert all(f"<b>{one}</b>" in page for one in "ABC")
    assert "O-1" in page
    assert all(f"<b>{firm.title()}</b>" in page_of(named) for firm in FIRMS)
    assert f'<html lang="{language}">' in page


def test_the_page_holds_every_package_once_and_nothing_of_buyers_or_prices(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    _, token = make_link(world.manager, shipment, plan, LinkDraft())
    opened = open_link(token)
    assert opened is not None
    (view,) = shared_views(opened.plan, "", "letters")
    assert [one.step for one in view.places] == [1, 2, 3, 4, 5]
    assert view.is_whole
    page = page_of(token)
    for private in ("Kaffee", "10,000", "1000000", "1,500", "150000", "/shipment", "/home", "signin"):
        assert private not in page


def test_the_page_runs_no_script_and_fetches_nothing(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    _, token = make_link(world.manager, shipment, plan, LinkDraft())
    for page in (page_of(token), closed_page(translate("es"))):
        assert "<script" not in page
        assert re.findall(r"""(?:src|href|action)=["'](?!#|data:,)""", page) == []
        assert re.findall(r"<[^>]* (?:style|on\w+)=", page) == []
        assert f"<style>{STYLE}</style>" in page
        assert 'name="robots" content="noindex' in page
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_what_firms_wrote_comes_as_text(world: World) -> None:
    shipment, plan = loaded_shipment(world)
    with unit_of_work() as session:
        stored = session.get_one(StoredPlan, plan)
        consignments = [dict(one) for one in stored.problem["consignments"]]
        for one in consignments:
            one["packages"] = [{**each, "description": "<script>alert(1)</script>\"'"} for each in one["packages"]]
        stored.problem = {**stored.problem, "consignments": consignments}
        session.add(stored)
    _, token = make_link(world.manager, shipment, plan, LinkDraft())
    page = page_of(token)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_letters_go_on_after_the_alphabet() -> None:
    assert [letter(index) for index in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
