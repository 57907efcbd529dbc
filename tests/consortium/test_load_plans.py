"""Load plans as each viewer sees them: whole, its own, or shapes from which no rival's figure can be derived."""

import json
from dataclasses import asdict, replace

import pytest
from sqlmodel import Session, col, select

from consortium import queries
from consortium.database import unit_of_work
from consortium.errors import NotFoundError
from consortium.formats.plan_json import read_plan_document
from consortium.formats.problem_json import problem_of
from consortium.models import StoredPlan
from consortium.permissions import Actor, ForbiddenError
from consortium.queries.load_plans import looks_of, view_of_load
from consortium.services import shipments
from consortium.views_loads import NEUTRAL, LoadView
from tests.consortium.builders import FIRMS, make_world, shipment_draft
from tests.consortium.load_worlds import MARK, MASSES_G, PACKAGES, SIZES_MM, loaded

pytestmark = pytest.mark.usefixtures("database")


def seen(actor: Actor, shipment: int) -> LoadView:
    found = queries.load_view(actor, shipment, 1)
    assert found is not None
    return found


def written(view: LoadView) -> str:
    """Return everything that a view holds, as it would leave the server."""
    return json.dumps(asdict(view), default=str)


def test_a_manager_and_an_auditor_see_every_firm_by_name_and_all_numbers():
    world, shipment = loaded(*FIRMS)
    view = seen(world.manager, shipment)
    assert view == seen(world.auditor, shipment)
    assert [one.label for one in view.owners] == ["Andina", "Bahia", "Cumbre", "Delta"]
    assert [one.look for one in view.owners] == [0, 1, 2, 3]
    assert len(view.places) == sum(PACKAGES.values())
    assert view.cargo_mass_g == sum(MASSES_G[firm] * PACKAGES[firm] for firm in FIRMS)
    packed = sum(place.dx_mm * place.dy_mm * place.dz_mm for place in view.places)
    assert view.fill_permille == 1000 * packed // (view.length_mm * view.width_mm * view.height_mm)
    assert view.centre_of_gravity_permille is not None
    assert view.verdict == ()
    assert [place.step for place in view.places] == list(range(1, len(view.places) + 1))


@pytest.mark.parametrize("firms", [("andina",), ("andina", "bahia"), ("andina", "bahia", "cumbre")])
def test_with_fewer_than_three_others_a_member_sees_its_own_packages_and_no_number_of_the_whole(firms):
    world, shipment = loaded(*firms)
    view = seen(world.member, shipment)
    assert not view.is_whole
    assert [place.owner.label for place in view.places] == ["Andina"] * PACKAGES["andina"]
    assert [place.step for place in view.places] == [1, 2, 3, 4]
    whole = (view.fill_permille, view.cargo_mass_g, view.centre_of_gravity_permille, view.balance)
    assert whole == (None, None, None, None)


def test_own_packages_stand_where_they_stand_for_the_manager():
    world, shipment = loaded("andina", "bahia")
    own = [place for place in seen(world.manager, shipment).places if place.owner.label == "Andina"]
    shown = seen(world.member, shipment).places
    assert [replace(place, step=0) for place in own] == [replace(place, step=0) for place in shown]


def test_it_cannot_be_told_whether_two_one_or_no_other_firm_shares_the_container():
    views = []
    for number, firms in enumerate((FIRMS[:1], FIRMS[:2], FIRMS[:3])):
        world, shipment = loaded(*firms, code=f"cafe-{number}")
        views.append(replace(seen(world.member, shipment), places=()))
    assert views[0] == views[1] == views[2]


def test_with_three_others_their_packages_are_shapes_without_a_word_or_a_mass():
    world, shipment = loaded(*FIRMS)
    view = seen(world.member, shipment)
    whole = seen(world.manager, shipment)
    assert view.is_whole
    assert [(place.x_mm, place.y_mm, place.z_mm) for place in view.places] == [
        (place.x_mm, place.y_mm, place.z_mm) for place in whole.places
    ]
    others = [place for place in view.places if place.owner == NEUTRAL]
    assert len(others) == sum(PACKAGES[firm] for firm in FIRMS[1:])
    assert {(place.package, place.description, place.consignment, place.mass_g) for place in others} == {
        ("", "", "", None)
    }
    assert (view.fill_permille, view.cargo_mass_g) == (whole.fill_permille, whole.cargo_mass_g)
    assert view.centre_of_gravity_permille == whole.centre_of_gravity_permille


@pytest.mark.parametrize("firms", [FIRMS[:2], FIRMS[:3], FIRMS])
def test_nothing_of_a_rival_but_neutral_sizes_is_in_what_a_member_gets(firms):
    world, shipment = loaded(*firms)
    found = written(seen(world.member, shipment))
    choices = repr(queries.load_choices(world.member, shipment))
    assert "L-own" in found
    for word in (MARK, "bahia", "cumbre", "delta", "K-1"):
        assert word.casefold() not in (found + choices).casefold()
    for firm in firms[1:]:
        for grams in (MASSES_G[firm], MASSES_G[firm] * PACKAGES[firm]):
            assert str(grams) not in found
        if len(firms) < 4:
            assert not {str(size) for size in SIZES_MM[firm]} & set(found.replace(",", " ").split())


def test_a_rivals_mass_is_not_the_rest_of_any_total_that_a_member_gets():
    world, shipment = loaded(*FIRMS)
    view = seen(world.member, shipment)
    own = sum(place.mass_g or 0 for place in view.places)
    rest = (view.cargo_mass_g or 0) - own
    assert rest not in {MASSES_G[firm] * PACKAGES[firm] for firm in FIRMS[1:]}


def test_a_member_s_look_does_not_tell_how_many_firms_come_before_it():
    world, shipment = loaded("andina", "bahia")
    assert [one.look for one in seen(world.rival, shipment).owners] == [0]


def test_a_user_of_two_firms_sees_both_and_counts_neither_as_another():
    world, shipment = loaded(*FIRMS)
    both = Actor(user_id=world.member.user_id, username="both", grants=world.member.grants + world.rival.grants)
    view = seen(both, shipment)
    assert not view.is_whole
    assert [one.label for one in view.owners] == ["Andina", "Bahia"]
    assert len(view.places) == PACKAGES["andina"] + PACKAGES["bahia"]


def test_a_member_without_goods_in_any_container_has_nothing_to_open():
    world, shipment = loaded("bahia", "cumbre")
    assert queries.load_choices(world.member, shipment) == ()
    with pytest.raises(NotFoundError):
        queries.load_view(world.member, shipment, 1)


@pytest.mark.parametrize("number", [0, -1, 2, 99])
def test_a_container_that_is_not_there_is_not_found(number):
    world, shipment = loaded("andina")
    with pytest.raises(NotFoundError):
        queries.load_view(world.manager, shipment, number)


def test_an_agency_opens_no_load_plan():
    world, shipment = loaded(*FIRMS)
    for read in (lambda: queries.load_choices(world.agency, shipment), lambda: seen(world.agency, shipment)):
        with pytest.raises(ForbiddenError):
            read()


def test_a_container_without_places_has_none_and_says_so():
    world, shipment = loaded("andina", "bahia", with_places=False)
    view = seen(world.manager, shipment)
    assert (view.has_load_plan, view.places, view.fill_permille) == (False, (), None)
    assert [one.has_load_plan for one in queries.load_choices(world.manager, shipment)] == [False]


def test_without_a_plan_there_is_nothing_yet():
    world = make_world()
    shipment = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft())
    assert queries.load_choices(world.manager, shipment) is None
    assert queries.load_view(world.manager, shipment, 1) is None


def plan_of(shipment: int, session: Session) -> StoredPlan:
    return session.exec(select(StoredPlan).where(col(StoredPlan.shipment_id) == shipment)).one()


def shift_a_rival_s_package(shipment: int) -> None:
    """Let one of the last member's packages stand in the air outside the container, in the stored plan."""
    with unit_of_work() as session:
        plan = plan_of(shipment, session)
        document = json.loads(json.dumps(plan.plan))
        places = document["containers"][0]["load_plan"]["placements"]
        next(one for one in places if MARK in one["package"])["z_mm"] += 9_000
        plan.plan = document
        session.add(plan)


def test_the_judge_speaks_of_what_is_wrong_and_to_a_member_without_names_or_numbers():
    world, shipment = loaded("andina", "bahia")
    shift_a_rival_s_package(shipment)
    found = seen(world.manager, shipment).verdict
    assert {"placed_inside", "placed_support"} <= {one.rule for one in found}
    assert any(MARK in one.subject for one in found)
    told = seen(world.member, shipment).verdict
    assert {one.rule for one in told} == {one.rule for one in found}
    assert {(one.subject, one.claimed, one.found) for one in told} == {("", "", "")}


def test_whoever_makes_a_link_chooses_the_names():
    _, shipment = loaded(*FIRMS)
    with unit_of_work() as session:
        stored = plan_of(shipment, session)
        problem, _ = problem_of(stored.problem)
        plan, _ = read_plan_document(stored.plan)
    letters = {code: replace(one, label=chr(65 + one.look)) for code, one in looks_of(problem).items()}
    view = view_of_load(problem, plan.containers[0], letters)
    assert [one.label for one in view.owners] == ["A", "B", "C", "D"]
    assert view.cargo_mass_g is not None
