"""A manager shares a load plan by a link and changes it by hand, on the pages of the example."""

import pytest

from consortium import queries
from consortium.services import jobs, planning, shipments
from consortium.services.shared_links import open_link
from tests.pages.conftest import acting
from tests.pages.test_shipments import FROZEN, OPEN, everything, planned, planned_template

__all__ = ["planned", "planned_template"]


@pytest.fixture
def loaded(planned):
    """Use a fresh copy of the planned example in this test; return its last container with a load plan, a small one."""
    choices = queries.load_choices(acting("manager@demo"), FROZEN)
    choice = [one for one in choices if one.has_load_plan][-1]
    return choice.container_id, choice.number


def hand(open_page, loaded, username="manager@demo", language="en"):
    return open_page(username, "load_by_hand", language=language, shipment=FROZEN, container=loaded[1])


def view(loaded):
    return queries.manual_load(acting("manager@demo"), FROZEN, loaded[0])


def to_fields(at):
    return [one for one in at.number_input if one.key and one.key.startswith("to")]


def test_a_link_is_made_shown_once_listed_and_revoked(loaded, open_page):
    at = open_page("manager@demo", "load_plan", shipment=FROZEN, container=loaded[1])
    assert not at.exception
    at.selectbox(key="link_hours").set_value(1)
    at.selectbox(key="link_firms").set_value("names")
    at.button(key="link_make").click().run()
    assert not at.exception
    assert not at.error
    token = at.code[0].value.rpartition("/")[2]
    assert open_link(token) is not None
    at.run()
    assert not at.code
    (one,) = queries.shared_links(acting("manager@demo"), FROZEN)
    assert (one.container, one.firms, one.openings) == (loaded[0], "names", 1)
    assert "By name" in everything(at)
    at.button(key=f"link_revoke_{one.id}").click().run()
    assert open_link(token) is None
    assert f"link_revoke_{one.id}" not in {each.key for each in at.button}
    assert "Revoked" in everything(at)


@pytest.mark.parametrize("username", ["member@demo", "auditor@demo"])
def test_nobody_else_is_offered_links_or_manual_work(loaded, open_page, username):
    at = open_page(username, "load_plan", shipment=FROZEN)
    assert not at.exception
    assert "link_make" not in {one.key for one in at.button}
    assert "Change this load by hand" not in {one.value for one in at.page_link}
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        hand(open_page, loaded, username)


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_the_page_speaks_every_language(loaded, open_page, language):
    at = hand(open_page, loaded, language=language)
    assert not at.exception
    said = everything(at)
    assert "{" not in said
    assert ("The judge accepts" in said) == (language == "en")


def test_a_package_moved_into_another_is_named_undone_and_cannot_be_saved(loaded, open_page):
    at = hand(open_page, loaded)
    first, second = view(loaded).pieces[:2]
    at.selectbox(key="piece").set_value(second.number).run()
    for field, value in zip(to_fields(at), first.low_mm, strict=True):
        field.set_value(value)
    at.button(key="act_move").click().run()
    assert not at.exception
    (error,) = at.error
    assert "Two packages are in the same place." in error.value
    assert f"{second.number}\\: " in error.value
    assert at.button(key="save").disabled
    at.button(key="undo").click().run()
    assert not at.error
    assert view(loaded).acts == 0


def test_undoing_what_was_solved_says_when_the_load_before_it_breaks_rules(loaded, open_page):
    at = hand(open_page, loaded)
    first, second = view(loaded).pieces[:2]
    at.selectbox(key="piece").set_value(second.number).run()
    for field, value in zip(to_fields(at), first.low_mm, strict=True):
        field.set_value(value)
    at.button(key="act_move").click().run()
    at.number_input(key="solve_seconds").set_value(60)
    at.button(key="solve").click().run()
    assert planning.work(once=True) == 1
    at.run()
    assert not at.error
    assert "breaks rules" in at.button(key="undo").help
    at.button(key="undo").click().run()
    assert "The load before it breaks rules" in at.toast[0].value
    assert "Two packages are in the same place." in at.error[0].value
    assert not at.button(key="undo").help


def test_a_package_is_put_out_snaps_back_and_the_load_is_saved(loaded, open_page):
    at = hand(open_page, loaded)
    last = max(view(loaded).pieces, key=lambda one: one.step)
    at.selectbox(key="piece").set_value(last.number).run()
    at.button(key="act_put_out").click().run()
    assert "1 package is out of the container." in everything(at)
    assert at.button(key="save").disabled
    at.selectbox(key="piece").set_value(last.number).run()
    to_fields(at)[1].set_value(0)
    at.button(key="act_snap").click().run()
    assert not at.error
    before = view(loaded).plan_id
    if not at.button(key="save").disabled:
        at.button(key="save").click().run()
        assert not at.exception
        assert view(loaded).plan_id != before
    else:
        assert view(loaded).moved == 0  # it went back to where it was


def test_the_rest_is_loaded_around_a_pinned_block(loaded, open_page):
    at = hand(open_page, loaded)
    at.segmented_control(key="reach").set_value("block").run()
    at.button(key="act_pin").click().run()
    pins = sum(one.is_pinned for one in view(loaded).pieces)
    assert pins == len(view(loaded).pieces[0].block)
    at.number_input(key="solve_seconds").set_value(60)
    at.button(key="solve").click().run()
    assert not at.exception
    assert "act_move" not in {one.key for one in at.button}
    assert jobs.latest_job(acting("manager@demo"), FROZEN, "solve_load") is not None
    assert planning.work(once=True) == 1
    at.run()
    assert not at.error
    assert view(loaded).acts == 2
    assert view(loaded).findings == ()


def test_pages_without_a_load_plan_or_after_agreement_say_so(loaded, open_page):
    assert "No shipment chosen" in everything(open_page("manager@demo", "load_by_hand"))
    assert "No load plan" in everything(open_page("manager@demo", "load_by_hand", shipment=OPEN))
    plan = queries.plan(acting("manager@demo"), FROZEN)
    shipments.agree(acting("manager@demo"), FROZEN, plan.id)
    assert "The plan is agreed" in everything(hand(open_page, loaded))
