"""A container's goods put onto pallets: loaded by a worker, judged, the next plan; on papers; taken off again."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from consortium import queries
from consortium.database import unit_of_work
from consortium.errors import StateError
from consortium.formats.plan_json import plan_to_json, read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import JobState, StoredPlan
from consortium.permissions import ForbiddenError
from consortium.services import jobs
from consortium.services.load_papers import shipment_load_paper
from consortium.services.manual_loads import Act, ChangeDraft, change_load
from consortium.services.pallet_loads import PalletDraft, request_pallets
from consortium.services.planning import work
from consortium.services.shared_links import LinkDraft, make_link, open_link
from consortium.shared_loads import shared_views
from optimizer.checking import check_plan
from tests.consortium.builders import FIRMS, World, line
from tests.consortium.load_worlds import MARK, loaded

CARTONS = {"andina": 40, "bahia": 24, "cumbre": 16, "delta": 9}


def cartons_of(firm: str) -> list[dict[str, Any]]:
    """Return cartons of which eight make a layer on a pallet of 1200 x 800 mm."""
    mark = "own" if firm == "andina" else f"{MARK}-{firm}"
    sizes = {"length_mm": 400, "width_mm": 300, "height_mm": 300, "mass_g": 8_000, "vertical": ["height"]}
    return [line(code=f"L-{mark}", description=f"Goods {mark}", quantity=CARTONS[firm], **sizes)]


@pytest.fixture
def world(database: str) -> tuple[World, int]:
    return loaded(*FIRMS, goods=cartons_of, priced=True)


def on_pallets(world: World, shipment: int, draft: PalletDraft | None = None) -> int:
    before = queries.shipment(world.manager, shipment).plan_id
    job = request_pallets(world.manager, shipment, before, "K-1", draft or PalletDraft(), time_limit_s=120)
    assert work(once=True) == 1
    assert jobs.job(world.manager, job).state is JobState.DONE, jobs.job(world.manager, job).error
    return before


def stored(shipment: int, world: World) -> StoredPlan:
    with unit_of_work() as session:
        return session.get_one(StoredPlan, queries.shipment(world.manager, shipment).plan_id)


def test_goods_on_pallets_are_the_next_plan_with_the_same_cost(world: tuple[World, int]) -> None:
    world, shipment = world
    old = queries.plan(world.manager, shipment)
    before = on_pallets(world, shipment)
    plan = queries.plan(world.manager, shipment)
    assert (plan.id != before, plan.cost_minor) == (True, old.cost_minor)
    view = queries.load_view(world.manager, shipment, 1)
    assert view.verdict == ()
    # Five layers of 300 mm below 1,800 mm: one pallet for each firm, never two firms on one.
    assert sorted((one.owner.label, one.quantity, len(one.places)) for one in view.pallets) == [
        ("Andina", 1, 40), ("Bahia", 1, 24), ("Cumbre", 1, 16), ("Delta", 1, 9),
    ]  # fmt: skip
    assert len(view.places) == 4
    assert view.pallets_mass_g == 4 * 25_000
    (choice,) = queries.load_choices(world.manager, shipment)
    assert choice.on_pallets
    document = stored(shipment, world)
    problem, _ = problem_of(document.problem)
    found, _ = read_plan_document(document.plan)
    assert check_plan(problem, found) == ()
    assert plan_to_json(found, problem)["containers"] == document.plan["containers"]


def test_the_judge_of_plans_sees_what_is_wrong_on_a_pallet(world: tuple[World, int]) -> None:
    world, shipment = world
    on_pallets(world, shipment)
    document = stored(shipment, world)
    problem, _ = problem_of(document.problem)
    plan, _ = read_plan_document(document.plan)
    (load,) = plan.containers
    first, *others = load.load_plan.pallets

    def rules(**changes: Any) -> set[str]:
        changed = replace(load, load_plan=replace(load.load_plan, **changes))
        return {one.rule for one in check_plan(problem, replace(plan, containers=(changed,)))}

    carton = first.cartons[0]
    hanging = replace(first, cartons=(replace(carton, x_mm=1000), *first.cartons[1:]))
    assert "placed_inside" in rules(pallets=(hanging, *others))
    assert "pallet_stated" in rules(pallets=(replace(first, mass_g=1), *others))
    assert rules(pallets=tuple(others)) >= {"unknown_package", "package_places"}
    assert rules(pallet=None) == {"pallet_unasked"}
    assert "payload" not in rules()
    heavy = replace(problem.container_type[load.container_type], payload_g=load.mass_g)
    types = tuple(heavy if one.code == heavy.code else one for one in problem.container_types)
    found = check_plan(replace(problem, container_types=types), plan)
    assert {one.rule for one in found} == {"payload"}  # the pallets count


def test_a_member_sees_its_own_pallets_and_no_word_of_others(world: tuple[World, int]) -> None:
    world, shipment = world
    on_pallets(world, shipment)
    view = queries.load_view(world.member, shipment, 1)
    assert [(one.owner.label, one.quantity) for one in view.pallets] == [("Andina", 1)]
    assert len(view.places) == 4
    assert MARK not in repr(view)
    paper = shipment_load_paper(world.member, shipment, 1, "stuffing-sheet.pdf", {})
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages)
    assert "Goods own" in text
    assert MARK not in text


def test_papers_tell_what_goes_on_which_pallet_and_count_cartons(world: tuple[World, int]) -> None:
    world, shipment = world
    on_pallets(world, shipment)

    def text(name: str, **fields: str) -> str:
        paper = shipment_load_paper(world.manager, shipment, 1, name, fields)
        return " ".join("".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages).split())

    sheet = text("stuffing-sheet.pdf")
    assert "Primero: armar los palés" in sheet
    assert "EUR-1: armar 1 palé" in sheet
    assert "sobre las tablas" in sheet
    assert "Después: cargar el contenedor" in sheet
    packing = text("packing-list.pdf")
    assert "Goods own" in packing
    assert "EUR-1" not in packing
    cargo_kg, pallets_kg = sum(CARTONS.values()) * 8, 4 * 25
    assert f"{cargo_kg} kg" in text("vgm.pdf")
    assert f"{pallets_kg} kg" in text("vgm.pdf")
    assert shipment_load_paper(world.manager, shipment, 1, "stuffing-sheet.xlsx", {}).content


def test_a_link_shows_the_pallets_with_letters_for_firms(world: tuple[World, int]) -> None:
    world, shipment = world
    on_pallets(world, shipment)
    plan = stored(shipment, world)
    _, token = make_link(world.manager, shipment, plan.id, LinkDraft(container="K-1"))
    assert open_link(token) is not None
    (view,) = shared_views(plan, "K-1", "letters")
    assert sorted(one.owner.label for one in view.pallets) == ["A", "B", "C", "D"]
    assert "/" not in "".join(one.consignment for one in view.pallets)


def test_goods_on_pallets_are_not_moved_by_hand_and_come_off_again(world: tuple[World, int]) -> None:
    world, shipment = world
    on_pallets(world, shipment)
    plan = queries.shipment(world.manager, shipment).plan_id
    with pytest.raises(StateError) as refused:
        change_load(world.manager, shipment, plan, "K-1", ChangeDraft(act=Act.PIN, numbers=(1,)))
    assert refused.value.code == "load_on_pallets"
    request_pallets(world.manager, shipment, plan, "K-1", None, time_limit_s=120)
    assert work(once=True) == 1
    view = queries.load_view(world.manager, shipment, 1)
    assert (len(view.places), view.pallets, view.verdict) == (sum(CARTONS.values()), (), ())


def test_what_does_not_fit_on_pallets_changes_nothing(world: tuple[World, int]) -> None:
    world, shipment = world
    plan = queries.shipment(world.manager, shipment).plan_id
    # At 80 kg, pallet included, six cartons are on each, and five of these pallets stand on the floor, nothing on top.
    large = PalletDraft(length_mm=2_300, width_mm=2_300, most_height_mm=460, most_mass_g=80_000)
    job = request_pallets(world.manager, shipment, plan, "K-1", large, time_limit_s=120)
    assert work(once=True) == 1
    found = jobs.job(world.manager, job)
    assert (found.state, found.error.get("state")) == (JobState.FAILED, "pallets_do_not_fit")
    assert queries.shipment(world.manager, shipment).plan_id == plan


def test_only_a_manager_puts_goods_onto_pallets_within_limits(world: tuple[World, int]) -> None:
    world, shipment = world
    plan = queries.shipment(world.manager, shipment).plan_id
    for actor in (world.member, world.agency, world.auditor, world.administrator, world.nobody):
        with pytest.raises(ForbiddenError):
            request_pallets(actor, shipment, plan, "K-1", PalletDraft())
    with pytest.raises(StateError):
        request_pallets(world.manager, shipment, plan, "K-1", PalletDraft(), time_limit_s=0)
