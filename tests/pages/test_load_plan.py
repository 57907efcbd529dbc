"""The page of a load plan: for manager and member, step by step, empty, forbidden, in every language."""

import json
import re

import pytest
from streamlit.testing.v1 import AppTest

from app.texts import LANGUAGES
from consortium import queries
from consortium.database import ENVIRONMENT_NAME, unit_of_work
from consortium.models import StoredPlan
from consortium.services import access, owner_prices, pallet_loads, planning, shipments
from optimizer.limits import Limits
from tests.consortium.builders import FIRMS, line, make_world, shipment_draft
from tests.consortium.databases import forget, fresh_database
from tests.consortium.load_worlds import MARK, MASSES_G, PACKAGES, loaded
from tests.pages.conftest import ROUTER


@pytest.fixture
def database(tmp_path, monkeypatch):
    """Put a fresh database in force."""
    url = fresh_database("sqlite", tmp_path)
    monkeypatch.setenv(ENVIRONMENT_NAME, url)
    yield url
    forget(url)


pytestmark = pytest.mark.usefixtures("database")


def open_load(actor, shipment, language="en", **query) -> AppTest:
    access.set_language(actor, language)
    at = AppTest.from_file(ROUTER, default_timeout=30)
    at.user = {"user_id": str(actor.user_id)}
    at.run()
    for name, value in ({"shipment": shipment} | query).items():
        at.query_params[name] = str(value)
    at.switch_page("app_pages/load_plan.py").run()
    assert not at.exception
    return at


def everything(at) -> str:
    """Return all that a page sends: words, tables, pictures, figures."""
    kinds = (at.title, at.subheader, at.markdown, at.caption, at.error, at.warning, at.info, at.success)
    said = [f"{each.value} {getattr(each.proto, 'title', '')}" for kind in kinds for each in kind]
    said += [f"{each.label} {each.value} {each.proto.delta}" for each in at.metric]
    said += [table.value.to_string() for table in at.table]
    said += [str(each.proto) for name in ("plotly_chart", "html", "selectbox") for each in at.get(name)]
    return "\n".join(said)


def cartons_of(firm):
    sizes = {"length_mm": 400, "width_mm": 300, "height_mm": 300, "mass_g": 8_000}
    return [line(code=f"L-{firm}", description=f"Cartons {firm}", quantity=8, **sizes)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_manager_puts_goods_onto_pallets_and_sees_what_stands_on_which(language):
    world, shipment = loaded(*FIRMS, goods=cartons_of, priced=True)
    at = open_load(world.manager, shipment, language)
    at.number_input(key="pallet_height").set_value(100)
    at.button(key="onto_pallets").click().run()
    assert not at.exception
    assert planning.work(once=True) == 1
    at.run()
    said = everything(at)
    assert not re.search(r"\{[a-z]+\}", said)
    assert "8 × Cartons andina" in said
    assert "1 × EUR-1" in said
    assert "Change this load by hand" not in {one.label for one in at.get("page_link")}
    at.button(key="without_pallets").click().run()
    assert planning.work(once=True) == 1
    at.run()
    assert "EUR-1" not in everything(at)


def test_a_member_sees_its_own_pallets_and_asks_for_none():
    world, shipment = loaded(*FIRMS, goods=cartons_of, priced=True)
    pallet_loads.request_pallets(world.manager, shipment, plan_of(world, shipment), "K-1", pallet_loads.PalletDraft())
    assert planning.work(once=True) == 1
    at = open_load(world.member, shipment)
    said = everything(at)
    assert "8 × Cartons andina" in said
    assert "bahia" not in said
    assert "onto_pallets" not in {one.key for one in at.button}


def plan_of(world, shipment):
    return queries.shipment(world.manager, shipment).plan_id


def test_what_does_not_fit_is_said_on_the_page_of_its_container():
    world, shipment = loaded(*FIRMS, goods=cartons_of, priced=True)
    draft = pallet_loads.PalletDraft(length_mm=2_300, width_mm=2_300, most_height_mm=500, most_mass_g=34_000)
    pallet_loads.request_pallets(world.manager, shipment, plan_of(world, shipment), "K-1", draft)
    assert planning.work(once=True) == 1
    assert "Not everything fits the container this way" in everything(open_load(world.manager, shipment))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_price_of_each_rule_is_worked_out_and_shown(language, monkeypatch):
    monkeypatch.setattr(owner_prices, "limits_of", lambda seconds: Limits(time_limit_s=seconds, work_limit=0.3))
    world, shipment = loaded(*FIRMS, priced=True)
    at = open_load(world.manager, shipment, language)
    at.number_input(key="owner_prices_seconds").set_value(300)
    at.button(key="owner_prices").click().run()
    assert not at.exception
    assert planning.work(once=True) == 1
    at.run()
    said = everything(at)
    assert {"en": "Mixed freely (this plan)", "es": "(este plan)", "pt": "(este plano)"}[language] in said
    seen = open_load(world.auditor, shipment, language)
    assert "owner_prices" not in {one.key for one in seen.button}
    assert "owner_prices" not in {one.key for one in open_load(world.member, shipment, language).button}


def pictures(at) -> list[str]:
    return [each.proto.body for each in at.get("html") if "alt=" in each.proto.body and 'alt=""' not in each.proto.body]


def figure(at) -> dict:
    return json.loads(at.get("plotly_chart")[0].proto.spec)


def boxes_in(at) -> int:
    """Return the number of blocks that the figure draws."""
    return sum(len(one["hovertext"]) // 8 for one in figure(at)["data"] if one.get("hovertext") and "i" in one)


def test_a_manager_sees_fill_mass_balance_verdict_pictures_and_steps():
    world, shipment = loaded(*FIRMS)
    at = open_load(world.manager, shipment)
    said = everything(at)
    assert {each.label for each in at.metric} == {"Volume used", "Mass of the cargo", "Centre of gravity"}
    assert "4,644.4\xa0kg" in said
    assert "CTU Code" in said
    assert "It found no violation." in at.success[0].value
    assert all(firm.title() in said for firm in FIRMS)
    assert len(pictures(at)) >= 3
    assert at.get("plotly_chart")[0].proto.alt.startswith("The container in three dimensions")
    assert len(at.table[0].value) == boxes_in(at)


def test_the_slider_shows_everything_up_to_a_step_and_sets_that_step_off():
    world, shipment = loaded(*FIRMS)
    at = open_load(world.manager, shipment)
    steps = len(at.table[0].value)
    assert boxes_in(at) == steps
    at.select_slider[0].set_value(2).run()
    assert boxes_in(at) == 2
    assert any(each.value.startswith("**Step 2: ") for each in at.markdown)
    assert "Step 2" in {one.get("name") for one in figure(at)["data"]}
    at.select_slider[0].set_value(0).run()
    assert boxes_in(at) == steps


def test_a_member_of_two_firms_sees_its_own_goods_and_why_no_numbers():
    world, shipment = loaded("andina", "bahia")
    at = open_load(world.member, shipment)
    said = everything(at)
    assert "Only your own packages are drawn." in at.info[0].value
    assert not at.metric
    assert "Goods" in said
    assert MARK not in said
    assert "bahia" not in said.casefold()
    assert "211.1" not in said


def test_a_member_of_four_firms_sees_the_others_as_other_firms():
    world, shipment = loaded(*FIRMS)
    at = open_load(world.member, shipment)
    said = everything(at)
    assert "Other firms" in said
    assert len(at.metric) == 3
    assert MARK not in said
    assert not [firm for firm in FIRMS[1:] if firm in said.casefold()]
    for firm in FIRMS[1:]:
        for grams in (MASSES_G[firm], MASSES_G[firm] * PACKAGES[firm]):
            assert not re.search(rf"(?<![\d,]){grams / 1000:,.1f}", said)
    names = {text for one in figure(at)["data"] for text in one.get("hovertext") or () if "Other firms" in text}
    assert names
    assert not [text for text in names if "kg" in text]


def test_a_forbidden_viewer_gets_the_page_that_says_nothing():
    world, shipment = loaded(*FIRMS)
    for actor in (world.agency, world.nobody, world.administrator):
        with pytest.raises(ValueError, match="load_plan"):
            open_load(actor, shipment)
    at = open_load(make_world("other").manager, shipment)
    assert [each.value for each in at.title][-1] == "Not available"
    assert not at.get("plotly_chart")


@pytest.mark.parametrize("language", LANGUAGES)
def test_empty_states_say_what_is_missing(language):
    world, shipment = loaded("bahia", with_places=False)
    words = {"es": "no tiene plan de carga", "pt": "não tem plano de carga", "en": "No load plan for this container"}
    assert words[language] in everything(open_load(world.manager, shipment, language))
    mine = {"es": "ninguna mercancía suya", "pt": "nenhuma mercadoria sua", "en": "None of your goods"}
    assert mine[language] in everything(open_load(world.member, shipment, language))
    unplanned = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft(code="PS-2"))
    later = {"es": "en cuanto se planifique", "pt": "assim que o embarque", "en": "as soon as the shipment is planned"}
    assert later[language] in everything(open_load(world.member, unplanned, language))


def test_an_address_without_a_shipment_or_with_a_wrong_container_still_opens():
    world, shipment = loaded("andina")
    assert "Choose one in the list of pooled shipments." in everything(open_load(world.manager, "x"))
    assert open_load(world.manager, shipment, container=99).get("plotly_chart")


def test_a_load_that_the_judge_refuses_says_so_first():
    world, shipment = loaded("andina", "bahia")
    with unit_of_work() as session:
        plan = session.get_one(StoredPlan, 1)
        document = json.loads(json.dumps(plan.plan))
        document["containers"][0]["load_plan"]["placements"][0]["z_mm"] += 9_000
        plan.plan = document
        session.add(plan)
    at = open_load(world.manager, shipment)
    assert "A package reaches outside the space for cargo." in at.error[0].value
    assert not at.success


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shipment_links_to_its_load_plan(language):
    world, shipment = loaded(*FIRMS)
    for actor in (world.manager, world.member):
        access.set_language(actor, language)
        at = AppTest.from_file(ROUTER, default_timeout=30)
        at.user = {"user_id": str(actor.user_id)}
        at.run()
        at.query_params["shipment"] = str(shipment)
        at.switch_page("app_pages/shipment.py").run()
        words = {"es": "Plan de carga", "pt": "Plano de carga", "en": "Load plan"}
        assert words[language] in {each.label for each in at.get("page_link")}
