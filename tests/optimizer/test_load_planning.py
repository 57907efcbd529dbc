"""Plans whose containers load: what does not load is planned again, what loads better than estimated is used."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from optimizer.checking import check_plan
from optimizer.container_loads import can_be_placed
from optimizer.fitting import roomy
from optimizer.limits import Limits, Progress
from optimizer.load_planning import load_as_planned, plan_with_loads
from optimizer.planning import plan
from optimizer.problem import Consignment, ConsolidationProblem, Mode, Package
from optimizer.result import ShipmentPlan, SolveStatus
from tests.builders import charge, consignment, container_20, package, problem, random_problem, settings

LIMITS = Limits(time_limit_s=300, work_limit=2)


def tall(quantity: int) -> Package:
    """Packages of 1 x 1 x 1.3 m: ten stand on the floor of a 20', and none on another, though volume says 25."""
    return package(quantity=quantity, litres=1300, vertical=("height",))


def snug(quantity: int) -> Package:
    """Packages of which twenty fill a 20' to 980 permille."""
    sizes = {"length_mm": 1170, "width_mm": 1170, "height_mm": 1190}
    return Package(id="P1", quantity=quantity, mass_g=100_000, **sizes)


def only_20(goods: Iterable[Consignment], *modes: Mode, lcl: int = 0, **changes: object) -> ConsolidationProblem:
    """A 20' costs 1000, a cubic metre of LCL so much."""
    charges = [charge("OFR", "container", 1000), charge("LCL", "cubic_metre", lcl, modes=["lcl"])]
    types = [container_20(**changes)]
    return problem(goods, charges, container_types=types, settings=settings(*(modes or (Mode.FCL,))))


def planned(one: ConsolidationProblem) -> ShipmentPlan:
    """Plan with loads; the judge accepts, and every container that can has a load plan."""
    found = plan_with_loads(one, limits=LIMITS)
    assert check_plan(one, found) == ()
    assert all(load.load_plan is not None for load in found.containers if can_be_placed(one, load))
    return found


def test_goods_that_fit_by_volume_but_do_not_load_travel_in_two_containers() -> None:
    one = only_20([consignment("A", packages=[tall(6)]), consignment("B", packages=[tall(6)])])
    assert plan(one).cost_minor == 1000
    found = planned(one)
    assert (len(found.containers), found.cost_minor) == (2, 2000)
    # One layer of ten boxes is all that can be reached: twelve do not load, which is proven.
    assert (found.status, found.lower_bound_minor) == (SolveStatus.OPTIMAL, 2000)


def test_what_finds_no_place_travels_loose_where_that_is_cheaper() -> None:
    goods = [consignment("A", packages=[tall(9)]), consignment("B", packages=[tall(2)])]
    found = planned(only_20(goods, Mode.FCL, Mode.LCL, lcl=100))
    assert ([lot.part.consignment for lot in found.lcl], found.cost_minor) == (["B"], 1000 + 260)


def test_a_larger_type_is_taken_where_it_costs_less_than_two() -> None:
    goods = [consignment("A", packages=[tall(6)]), consignment("B", packages=[tall(6)])]
    charges = [
        charge("OFR-20", "container", 1000, container_types=["22G1"]),
        charge("OFR-40", "container", 1700, container_types=["45G1"]),
    ]
    found = planned(problem(goods, charges, settings=settings(Mode.FCL)))
    assert ([load.container_type for load in found.containers], found.cost_minor) == (["45G1"], 1700)


def test_goods_that_load_better_than_estimated_share_one_container() -> None:
    goods = [consignment("A", packages=[snug(10)]), consignment("B", packages=[snug(10)])]
    one = only_20(goods, usable_volume_permille=850)
    assert plan(one).cost_minor == 2000
    found = planned(one)
    assert (len(found.containers), found.cost_minor) == (1, 1000)
    assert found.containers[0].volume_mm3 > one.container_types[0].usable_volume_mm3
    assert found.status is SolveStatus.OPTIMAL


def test_a_consignment_that_may_be_split_is_cut_by_what_loads() -> None:
    found = planned(only_20([consignment("A", packages=[tall(24)], divisible=True)]))
    held = [load.contents[0].packages["P1"] for load in found.containers]
    assert (sum(held), max(held), found.cost_minor) == (24, 10, 3000)


def test_nothing_stands_above_the_load_line() -> None:
    low = [consignment(name, packages=[package(quantity=6, litres=1050, vertical=("height",))]) for name in "AB"]
    assert planned(only_20(low)).cost_minor == 1000
    cold = only_20(low, load_line_mm=2000)
    assert planned(cold).cost_minor == 2000


def test_classes_that_may_not_meet_stay_apart() -> None:
    goods = [consignment(name, packages=[package(quantity=2)], cargo_class=name) for name in ("food", "chemical")]
    one = only_20(goods, cargo_classes=frozenset({"food", "chemical"}))
    assert planned(one).cost_minor == 1000
    apart = replace(one, incompatible_classes=frozenset({frozenset({"food", "chemical"})}))
    assert planned(apart).cost_minor == 2000


def test_goods_without_packages_are_planned_by_volume_alone() -> None:
    one = only_20([consignment("A", litres=9000), consignment("B", litres=9000)])
    found = planned(one)
    assert found == plan(one, limits=LIMITS)
    assert found.containers[0].load_plan is None


def test_a_mixed_container_has_no_load_plan_but_what_has_sizes_must_load() -> None:
    bare = consignment("C", litres=5000)
    mixed = planned(only_20([bare, consignment("A", packages=[tall(9)])]))
    assert (len(mixed.containers), mixed.containers[0].load_plan) == (1, None)
    both = [consignment("A", packages=[tall(6)]), consignment("B", packages=[tall(6)]), bare]
    assert planned(only_20(both)).cost_minor == 2000


def test_what_loads_nowhere_stays_behind_and_is_named() -> None:
    found = planned(only_20([consignment("A", packages=[tall(12)]), consignment("B", packages=[tall(2)])]))
    assert [entry.consignment for entry in found.unplanned] == ["A"]
    assert found.cost_minor == 1000


def test_stopped_at_once_there_is_a_plan_by_volume_that_claims_nothing() -> None:
    one = only_20([consignment("A", packages=[tall(6)]), consignment("B", packages=[tall(6)])])
    found = plan_with_loads(one, limits=LIMITS, should_stop=lambda: True)
    assert check_plan(one, found) == ()
    assert (found.containers[0].load_plan, found.status) == (None, SolveStatus.FEASIBLE)
    assert found.limits["ended_by"] == "stopped"


def test_a_chosen_plan_is_loaded_and_not_changed() -> None:
    one = only_20([consignment("A", packages=[tall(6)]), consignment("B", packages=[tall(6)])])
    chosen = plan(one)
    assert load_as_planned(one, chosen, limits=LIMITS) == chosen
    fits = only_20([consignment("A", packages=[tall(6)])])
    loaded = load_as_planned(fits, plan(fits), limits=LIMITS)
    assert (check_plan(fits, loaded), loaded.containers[0].load_plan is None) == ((), False)


def test_progress_is_told_and_the_last_is_the_plan() -> None:
    told: list[Progress] = []
    one = only_20([consignment("A", packages=[tall(6)]), consignment("B", packages=[tall(6)])])
    plan_with_loads(one, limits=LIMITS, on_progress=told.append)
    assert "loading" in {one.stage for one in told}
    assert (told[-1].stage, told[-1].cost_minor, told[-1].done_permille) == ("planned", 2000, 1000)


def boxed(one: Consignment) -> Consignment:
    """The goods of a consignment in packages of about a third of a cubic metre."""
    if one.packages:
        return one
    number = max(1, one.volume_mm3 // 400_000_000)
    return consignment(
        one.id, one.member, packages=[
            Package(
                id="P", quantity=number, length_mm=800 + len(one.id) % 3 * 50, width_mm=700, height_mm=600,
                mass_g=one.mass_g // number, vertical=("height",), max_load_g=2 * one.mass_g // number,
            )
        ],
        destination=one.destination, cargo_class=one.cargo_class, ready_date=one.ready_date, due_date=one.due_date,
        value_minor=one.value_minor, delay_cost_ppm_per_day=one.delay_cost_ppm_per_day, divisible=one.divisible,
    )  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
@pytest.mark.parametrize("all_boxed", [False, True])
def test_random_plans_load_are_judged_and_keep_to_the_bound(seed: int, *, all_boxed: bool) -> None:
    drawn = random_problem(seed, consignments=7, departures=2, lanes=1 + seed % 2)
    one = replace(drawn, consignments=tuple(map(boxed, drawn.consignments))) if all_boxed else drawn
    found = planned(one)
    if not found.unplanned:
        full = plan(roomy(one), limits=LIMITS)
        assert full.lower_bound_minor <= found.cost_minor
    assert plan_with_loads(one, limits=LIMITS) == found


def test_roomy_containers_are_filled_as_far_as_sums_of_sizes_reach() -> None:
    kinds = [container_20(load_line_mm=2000, usable_volume_permille=500)]
    cartons = [consignment("A", packages=[package(quantity=3, litres=900, vertical=("height",))])]
    # Five along, two across, two up: the rest of the inside is out of reach of cartons of 1000 x 1000 x 900 mm.
    assert roomy(problem(cartons, container_types=kinds)).container_types[0].volume_mm3 == 5000 * 2000 * 1800
    bare = roomy(problem([*cartons, consignment("B")], container_types=[container_20()]))
    assert bare.container_types[0].volume_mm3 == 33_200_000_000


def test_what_is_too_large_to_load_may_still_be_planned_loose() -> None:
    one = only_20([consignment("A", packages=[tall(12)])], Mode.FCL, Mode.LCL, lcl=100)
    assert [lot.part.consignment for lot in planned(one).lcl] == ["A"]
