"""Why consignments share no container: limits, costs and cures known by hand."""

from datetime import timedelta
from typing import Any

import pytest

from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.limits import Limits
from optimizer.moves import plan_with
from optimizer.obstacles import Limit, Obstacle, smaller
from optimizer.planning import plan
from optimizer.problem import Consignment, ConsolidationProblem, Mode
from optimizer.result import ShipmentPlan, SolveStatus
from optimizer.why_not import ContainerChoice, CostDifference, Cure, WhyNot, why_not
from tests import builders as build
from tests.optimizer.plans import load, loose, priced

QUICK = Limits(time_limit_s=60.0, work_limit=2.0)
M3 = 1000 * build.LITRE_MM3
FREIGHT = [
    build.charge("OFR-20", "container", 10_000, container_types=["22G1"]),
    build.charge("OFR-40", "container", 17_000, container_types=["45G1"]),
    build.charge("LCL", "freight_tonne", 900, modes=["lcl"]),
]


def beside_a_full_one(
    one: Consignment, *more: Any, litres: int = 15_000, on: str = "S-1", **changes: Any
) -> tuple[ConsolidationProblem, ShipmentPlan]:
    """Two members in a 20' on S-1, and one consignment by LCL on a departure."""
    goods = [build.consignment(f"C-{name}", name, litres=litres, kg=3_000) for name in "AB"]
    departures = changes.pop("departures", [build.departure("S-1"), build.departure("S-2", days=21)])
    problem = build.problem([*goods, one], [*FREIGHT, *more], departures=departures, **changes)
    shared = load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B"])
    return problem, priced(problem, [shared], [loose(problem, on, one.id)])


def only(problem: ConsolidationProblem, answer: ShipmentPlan) -> WhyNot:
    (found,) = why_not(problem, answer)
    return found


def test_it_could_go_there_but_handling_costs_more_than_lcl() -> None:
    handling = build.charge("HANDLING", "consignment", 1_000, modes=["fcl"])
    found = only(*beside_a_full_one(build.consignment("C-C", "C", litres=1_000, kg=500), handling))
    assert (found.consignment, found.reason, found.obstacle, found.cure) == ("C-C", Limit.COST, None, None)
    assert found.best == ContainerChoice(
        container="K-1", departure="S-1", container_type="22G1", members=("A", "B"), extra_cost_minor=100
    )
    assert found.best.is_pooled
    assert found.because == (
        CostDifference(code="LCL", amount_minor=-900),
        CostDifference(code="HANDLING", amount_minor=1_000),
    )


def test_waiting_is_part_of_what_a_container_costs_more() -> None:
    goods = build.consignment("C-C", "C", litres=1_000, kg=500, value_minor=100_000, delay_cost_ppm_per_day=1_000)
    departures = [build.departure("S-1", days=21), build.departure("S-0")]
    found = only(*beside_a_full_one(goods, on="S-0", departures=departures))
    assert found.because == (
        CostDifference(code="LCL", amount_minor=-900),
        CostDifference(code=None, amount_minor=1_000),
    )
    assert found.best is not None
    assert (found.best.extra_cost_minor, found.best.days_added) == (100, 10)


def test_too_large_by_some_litres_is_cured_by_less_goods_or_a_larger_type() -> None:
    goods = build.consignment("C-C", "C", litres=5_000, kg=1_000)
    found = only(*beside_a_full_one(goods))
    assert (found.reason, found.obstacle) == (Limit.VOLUME, Obstacle(limit=Limit.VOLUME, volume_mm3=1_800 * 10**6))
    # 3.2 m3 would go in at no cost instead of by LCL for 2,880; a 40' would cost 7,000 - 4,500 more.
    assert found.cure == Cure(
        container="K-1", smaller_by_mm3=1_800 * 10**6, lighter_by_g=360_000, extra_cost_minor=-2_880
    )
    assert found.best is None


def test_of_packages_whole_ones_stay_away() -> None:
    goods = build.consignment("C-C", "C", packages=[build.package(quantity=5)])
    found = only(*beside_a_full_one(goods))
    assert found.cure == Cure(container="K-1", smaller_by_mm3=2 * M3, lighter_by_g=200_000, extra_cost_minor=-3 * 900)


def test_too_heavy_is_cured_by_the_lighter_part() -> None:
    goods = build.consignment("C-C", "C", litres=2_000, kg=25_000)
    found = only(*beside_a_full_one(goods))
    assert found.obstacle == Obstacle(limit=Limit.MASS, mass_g=2_740_000)
    assert found.cure is not None
    # 22.26 t of 25 t is 1.7808 m3 of 2 m3.
    assert (found.cure.smaller_by_mm3, found.cure.lighter_by_g) == (219_200_000, 2_740_000)


def test_ready_two_days_too_late() -> None:
    goods = build.consignment("C-C", "C", litres=3_000, ready_date=build.READY + timedelta(days=10))
    found = only(*beside_a_full_one(goods, on="S-2"))
    assert found.obstacle == Obstacle(limit=Limit.CUT_OFF, days=2)
    cut_off = build.READY + timedelta(days=8)
    assert found.cure == Cure(container="K-1", days_ready_earlier=2, ready_date=cut_off, extra_cost_minor=-2_700)
    assert found.choices[0].days_added == -10


def test_due_three_days_before_the_container_arrives() -> None:
    due = build.READY + timedelta(days=29)
    goods = build.consignment("C-C", "C", litres=3_000, due_date=due)
    departures = [build.departure("S-1"), build.departure("S-0", days=5)]
    found = only(*beside_a_full_one(goods, on="S-0", departures=departures))
    assert found.obstacle == Obstacle(limit=Limit.DUE_DATE, days=3)
    assert found.cure is not None
    assert (found.cure.days_due_later, found.cure.due_date) == (3, due + timedelta(days=3))


def test_incompatible_goods_have_no_cure() -> None:
    types = [build.container_20(cargo_classes=frozenset({"dry", "food"}))]
    goods = build.consignment("C-C", "C", litres=1_000, cargo_class="food")
    apart = frozenset({frozenset({"dry", "food"})})
    found = only(*beside_a_full_one(goods, container_types=types, incompatible_classes=apart))
    assert found.obstacle == Obstacle(limit=Limit.INCOMPATIBLE, names=("dry",))
    assert found.cure is None


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"cargo_class": "food"}, Obstacle(limit=Limit.CARGO_CLASS, names=("food",))),
        (
            {"packages": [build.package(litres=2_500)], "packages_vertical": ("height",)},
            Obstacle(limit=Limit.PACKAGE_SIZE, names=("P1",)),
        ),
    ],
)
def test_what_the_small_type_may_not_hold_is_cured_by_the_large_one(changes: dict[str, Any], limit: Obstacle) -> None:
    fields = dict(changes)
    if fields.pop("packages_vertical", None):
        fields["packages"] = [build.package(litres=2_500, vertical=("height",))]
    large = build.container_40hc(cargo_classes=frozenset({"dry", "food"}))
    goods = build.consignment("C-C", "C", litres=2_500, kg=100, **fields)
    found = only(*beside_a_full_one(goods, container_types=[build.container_20(), large]))
    assert found.obstacle == limit
    assert found.cure == Cure(container="K-1", container_type="45G1", extra_cost_minor=7_000 - 2_250)


def test_goods_confined_to_one_type_may_allow_another() -> None:
    goods = build.consignment("C-C", "C", litres=1_000, kg=100, contained_in=frozenset({"45G1"}))
    found = only(*beside_a_full_one(goods))
    assert found.obstacle == Obstacle(limit=Limit.CONTAINED_IN, names=("45G1",))
    assert found.cure == Cure(container="K-1", allowed_type="22G1", extra_cost_minor=-900)


def test_the_larger_type_that_is_used_up_is_named() -> None:
    goods = build.consignment("C-C", "C", litres=20_000)
    found = only(*beside_a_full_one(goods, departures=[build.departure(container_limits={"45G1": 0})]))
    assert found.choices[0].obstacles == (
        Obstacle(limit=Limit.VOLUME, volume_mm3=16_800 * 10**6),
        Obstacle(limit=Limit.CONTAINER_LIMITS, names=("45G1",)),
    )
    assert found.cure is not None
    # 3.2 m3 of 20 would go in: to leave most of the goods behind is no cure.
    assert (found.cure.smaller_by_mm3, found.cure.container_type, found.cure.raised_limit) == (0, "45G1", True)


def test_a_new_container_with_others_that_go_loose_is_the_choice_where_there_is_none() -> None:
    goods = [build.consignment(f"C-{name}", name, litres=5_000) for name in "AB"]
    problem = build.problem(goods, FREIGHT, settings=build.settings(Mode.FCL, Mode.LCL))
    first, second = why_not(problem, plan(problem))
    assert first.best == ContainerChoice(
        container=None, departure="S-1", container_type="22G1", members=("B",), extra_cost_minor=10_000 - 9_000
    )
    assert (second.reason, second.best and second.best.members) == (Limit.COST, ("A",))


def test_a_firm_alone_on_its_lane_finds_no_container() -> None:
    problem = build.problem([build.consignment("C-A")], FREIGHT)
    found = only(problem, plan(problem))
    assert (found.reason, found.choices, found.cure) == (Limit.NO_CONTAINER, (), None)


def test_what_does_not_travel_is_explained_too() -> None:
    goods = [build.consignment(f"C-{name}", name, litres=16_600) for name in "ABC"]
    problem = build.problem(
        goods,
        FREIGHT,
        container_types=[build.container_20()],
        departures=[build.departure(container_limits={"22G1": 1})],
        settings=build.settings(Mode.FCL),
    )
    found = only(problem, plan(problem))
    assert (found.travels, found.reason) == ((), Limit.VOLUME)
    assert found.cure is None


def test_shared_goods_need_no_explanation() -> None:
    problem = build.three_half_containers()
    assert len(why_not(problem, plan(problem))) == 1


@pytest.mark.parametrize("seed", range(12))
def test_every_choice_is_priced_as_the_changed_plan_and_every_obstacle_is_one_for_the_judge(seed: int) -> None:
    problem = build.random_problem(seed, consignments=8, lanes=2, divisible=seed % 2 == 0)
    answer = plan(problem, limits=QUICK)
    found = why_not(problem, answer)
    assert found == why_not(problem, answer)
    for one in found:
        if one.best is not None and one.best.container:
            assert sum(part.amount_minor for part in one.because) == one.best.extra_cost_minor
        for choice in one.choices:
            if answer.status is SolveStatus.OPTIMAL and one.travels and choice.extra_cost_minor is not None:
                assert choice.extra_cost_minor >= 0
            if choice.container is None:
                continue
            moved = plan_with(problem, answer, one.consignment, choice.container)
            broken = {JUDGED[each.rule] for each in check_plan(problem, moved) if each.rule in JUDGED}
            assert broken == {each.limit for each in choice.obstacles} - {Limit.CONTAINER_LIMITS}
            pricing = price(problem, moved.containers, moved.lcl, moved.postal)
            if choice.extra_cost_minor is not None:
                assert choice.extra_cost_minor == pricing.cost_minor - answer.cost_minor


JUDGED = {
    "cut_off": Limit.CUT_OFF,
    "due_date": Limit.DUE_DATE,
    "cargo_class": Limit.CARGO_CLASS,
    "contained_in": Limit.CONTAINED_IN,
    "incompatible_classes": Limit.INCOMPATIBLE,
    "package_fit": Limit.PACKAGE_SIZE,
    "volume_limit": Limit.VOLUME,
    "payload": Limit.MASS,
}


def test_nothing_smaller_is_left_of_one_package() -> None:
    one = build.consignment(packages=[build.package()])
    assert smaller(one, 1, 0) is None
    assert smaller(build.consignment(litres=5), 5 * build.LITRE_MM3, 0) is None
