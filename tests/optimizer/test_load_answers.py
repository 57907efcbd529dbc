"""Whole answers to load problems: pallets first, and what each level of keeping owners apart costs, all judged."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.checking_answers import check_answer
from optimizer.checking_levels import as_answer, rank
from optimizer.limits import Limits
from optimizer.load_answers import answer_load
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Owners, Pinned
from optimizer.pallets import PalletType, on_pallets
from optimizer.problem import ProblemError
from optimizer.result import Placement

QUICK = Limits(time_limit_s=300, work_limit=0.02)
EUR = PalletType(
    code="EUR", length_mm=1200, width_mm=800, height_mm=144, mass_g=25_000, most_height_mm=1500, most_mass_g=1_500_000
)
TWENTY = LoadContainer(code="22G1", length_mm=5898, width_mm=2352, height_mm=2393, count=None, cost_minor=150_000)


def carton(name: str = "carton", quantity: int = 1, **changes: object) -> LoadPackage:
    sizes = {"length_mm": 400, "width_mm": 300, "height_mm": 300, "mass_g": 8_000, "vertical": ("height",)}
    return LoadPackage(**{"id": name, "quantity": quantity, **sizes, **changes})


def wide(name: str, quantity: int, **changes: object) -> LoadPackage:
    """Return packages of which only one stands across a 20' container, two on top of each other."""
    return carton(name, quantity, length_mm=2900, width_mm=1500, height_mm=1100, owner=name, **changes)


def loading(*packages: LoadPackage, **changes: object) -> LoadProblem:
    return LoadProblem(**{"objective": Objective.COST, "containers": (TWENTY,), "packages": packages, **changes})


def rules(problem: LoadProblem, answer) -> set[str]:
    return {one.rule for one in check_answer(problem, answer)}


# Levels


def test_slices_of_their_own_cost_two_owners_a_container():
    # Each owner has three: mixed, two stand on each other in both halves of the length, four to a container.
    # In slices an owner's three need both halves.
    answer = answer_load(loading(wide("a", 2), wide("b", 1), wide("c", 1)), with_levels=True, limits=QUICK)
    problem = loading(wide("a", 2), wide("b", 1), wide("c", 1))
    assert rules(problem, answer) == set()
    assert [(one.owners, one.containers, one.cost_minor, one.packages_left) for one in answer.levels] == [
        (Owners.FREE, 1, 150_000, 0), (Owners.PREFERRED, 1, 150_000, 0), (Owners.STRICT, 2, 300_000, 0),
    ]  # fmt: skip
    assert (answer.loads, answer.lower_bound) == (answer.levels[0].loads, answer.levels[0].lower_bound)


def test_what_a_container_of_one_owner_costs_is_nothing_and_the_asked_level_is_the_answer():
    problem = loading(wide("a", 3), owners=Owners.STRICT)
    answer = answer_load(problem, with_levels=True, limits=QUICK)
    assert {(one.containers, one.packages_left) for one in answer.levels} == {(1, 0)}
    assert answer.loads == answer.levels[2].loads
    assert rules(problem, answer) == set()


def test_a_load_found_under_a_stricter_level_is_taken_where_it_is_better(monkeypatch):
    from optimizer.loading import engine

    problem = loading(wide("a", 2), wide("b", 2))
    one = engine.plan_loads(replace(problem, owners=Owners.STRICT), limits=QUICK)
    apart = engine.plan_loads(loading(wide("a", 2)), limits=QUICK)
    assert len(one.loads) == 1

    def found(asked, **_options):
        if asked.owners is Owners.STRICT:
            return one
        (load,) = apart.loads
        other = replace(load, placements=tuple(replace(each, package="b") for each in load.placements))
        return replace(one, status="feasible", lower_bound=1, loads=(load, other))

    monkeypatch.setattr(engine, "plan_loads", found)
    answer = answer_load(problem, with_levels=True, limits=QUICK)
    assert {each.containers for each in answer.levels} == {1}
    assert {each.found_under for each in answer.levels} == {Owners.STRICT}
    assert len(answer.loads) == 1
    assert rules(problem, answer) == set()


def test_the_judge_sees_levels_that_are_stated_wrongly():
    problem = loading(wide("a", 2), wide("b", 1), wide("c", 1))
    answer = answer_load(problem, with_levels=True, limits=QUICK)
    free, preferred, strict = answer.levels

    def broken(*levels) -> set[str]:
        return rules(problem, replace(answer, levels=levels))

    assert broken(replace(free, cost_minor=1), preferred, strict) == {"level_stated"}
    assert broken(free, strict) == {"level_missing"}
    assert broken(free, preferred, replace(strict, loads=free.loads, containers=1, cost_minor=150_000,
                                           lower_bound=1)) == {"placed_owner"}  # fmt: skip
    worse = replace(free, loads=strict.loads, containers=2, cost_minor=300_000)
    assert "level_order" in broken(worse, preferred, strict)
    assert "level_asked" in broken(worse, preferred, strict)


@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_a_stricter_level_is_never_better(data):
    goods = [
        carton(
            f"p{index}", data.draw(st.integers(1, 12)),
            length_mm=100 * data.draw(st.integers(4, 20)), width_mm=100 * data.draw(st.integers(4, 12)),
            height_mm=100 * data.draw(st.integers(3, 12)), owner=f"firm {index % 3}",
        )
        for index in range(data.draw(st.integers(2, 4)))
    ]  # fmt: skip
    objective = data.draw(st.sampled_from([Objective.COST, Objective.VOLUME]))
    problem = loading(*goods, objective=objective)
    answer = answer_load(problem, with_levels=True, limits=QUICK)
    assert rules(problem, answer) == set()
    ranks = [rank(problem, as_answer(one, answer)) for one in answer.levels]
    assert ranks == sorted(ranks)


# Pallets


def test_cartons_go_onto_pallets_first_and_the_pallets_into_the_container():
    # Eleven EUR pallets of 4 layers of 8 stand on the floor of a 20' container.
    problem = loading(carton(quantity=11 * 32), pallet=EUR)
    answer = answer_load(problem, limits=Limits(time_limit_s=300, work_limit=0.2))
    assert rules(problem, answer) == set()
    (pallet,) = answer.pallets
    assert (pallet.id, pallet.quantity, pallet.height_mm, len(pallet.cartons)) == ("EUR-1", 11, 1344, 32)
    assert pallet.mass_g == 25_000 + 32 * 8_000
    assert [len(one.placements) for one in answer.loads] == [11]
    assert answer.loads[0].mass_g == 11 * pallet.mass_g


def test_what_is_loose_or_pinned_stays_off_the_pallets():
    pin = Placement(package="carton", consignment="", x_mm=0, y_mm=0, z_mm=0, dx_mm=400, dy_mm=300, dz_mm=300, step=1)
    machine = carton("machine", 1, length_mm=1000, loose=True)
    problem = loading(
        carton(quantity=9), machine, pallet=EUR, pinned=(Pinned(container="22G1", placements=(pin,)),)
    )  # fmt: skip
    answer = answer_load(problem, limits=QUICK)
    assert rules(problem, answer) == set()
    assert [(one.package, one.z_mm) for one in answer.loads[0].placements if one.package == "carton"] == [("carton", 0)]
    assert sum(len(one.cartons) * one.quantity for one in answer.pallets) == 8
    assert {one.package for one in answer.loads[0].placements} == {"carton", "machine", "EUR-1"}


def test_owners_share_a_pallet_only_where_they_may():
    goods = carton("a", 8, owner="andina"), carton("b", 8, owner="boreal")
    for mixed, owners in ((False, ["andina", "boreal"]), (True, [""])):
        problem = loading(*goods, pallet=replace(EUR, mixed=mixed))
        answer = answer_load(problem, limits=QUICK)
        assert rules(problem, answer) == set()
        assert sorted(one.owner for one in answer.pallets) == owners
    assert "unknown_package" in rules(loading(*goods, pallet=EUR), answer)


def test_a_pallet_is_worth_what_stands_on_it():
    problem = loading(carton(quantity=8, value=5), pallet=EUR, objective=Objective.VOLUME)
    answer = answer_load(problem, limits=QUICK)
    assert [one.value for one in on_pallets(problem, answer.pallets).packages] == [40]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"quantity": 2}, "pallet_goods"),
        ({"height_mm": 1000}, "pallet_stated"),
        ({"mass_g": 1}, "pallet_stated"),
        ({"owner": "boreal"}, "pallet_stated"),
        ({"consignment": "C-9"}, "pallet_stated"),
        ({"cartons": ()}, "empty_pallet"),
    ],
)
def test_the_judge_sees_pallets_that_are_stated_wrongly(changes, rule):
    problem = loading(carton(quantity=8), pallet=EUR)
    answer = answer_load(problem, limits=QUICK)
    (pallet,) = answer.pallets
    assert rule in rules(problem, replace(answer, pallets=(replace(pallet, **changes),)))


def test_the_judge_sees_cartons_that_hang_over_or_in_the_air_and_pallets_that_nobody_asked_for():
    problem = loading(carton(quantity=1), pallet=EUR)
    answer = answer_load(problem, limits=QUICK)
    (pallet,) = answer.pallets
    (one,) = pallet.cartons

    def moved(**changes) -> set[str]:
        return rules(problem, replace(answer, pallets=(replace(pallet, cartons=(replace(one, **changes),)),)))

    assert "placed_inside" in moved(x_mm=1000)
    assert "placed_support" in moved(z_mm=10)
    assert "pallet_unasked" in rules(loading(carton(quantity=1)), answer)


def test_an_id_that_a_pallet_will_have_is_refused():
    with pytest.raises(ProblemError) as caught:
        loading(carton("EUR-1"), pallet=EUR)
    assert [(one.path, one.code) for one in caught.value.faults] == [("packages[0].id", "reserved")]
