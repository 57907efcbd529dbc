"""Alternatives, prices of wishes and free room, with costs known by hand."""

from datetime import timedelta

import pytest

from optimizer.alternatives import (
    AlternativePlan,
    Change,
    Wish,
    WishKind,
    WishPrice,
    alternatives,
    fillers,
    price_of_wishes,
    waiting_at_most,
)
from optimizer.checking import check_plan
from optimizer.consolidation.charges import price
from optimizer.consolidation.options import open_departures
from optimizer.limits import Limits
from optimizer.moves import carried, measures, plan_with
from optimizer.planning import plan
from optimizer.problem import ConsolidationProblem, Mode
from optimizer.result import SolveStatus
from tests import builders as build
from tests.optimizer.plans import load, loose, priced

QUICK = Limits(time_limit_s=60.0, work_limit=2.0)
FREIGHT = [
    build.charge("OFR", "container", 10_000),
    build.charge("LCL", "freight_tonne", 900, modes=["lcl"]),
]


def asked(found: tuple[AlternativePlan, ...]) -> list[tuple[tuple[Wish, ...], int]]:
    return [(one.wishes, one.extra_cost_minor) for one in found]


def waiting_for_the_other(value_minor: int) -> ConsolidationProblem:
    """Half a container ready at once, whose value loses 0.1 % a day, and half a container only for the second ship."""
    early = build.consignment("C-A", "A", litres=16_600, value_minor=value_minor, delay_cost_ppm_per_day=1_000)
    late = build.consignment("C-B", "B", litres=16_600, ready_date=build.READY + timedelta(days=11))
    departures = [build.departure("S-1"), build.departure("S-2", days=21)]
    return build.problem([early, late], FREIGHT, departures=departures, settings=build.settings(Mode.FCL))


def test_not_to_wait_for_the_other_costs_a_container_and_saves_ten_days() -> None:
    problem = waiting_for_the_other(100_000)
    answer = plan(problem)
    assert answer.cost_minor == 10_000 + 21 * 100
    (found,) = alternatives(problem, answer)
    assert found.wishes == tuple(Wish(kind=WishKind.WAITING_AT_MOST, days=days) for days in (0, 7, 14))
    assert found.plan.cost_minor == found.lower_bound_minor == 2 * 10_000 + 11 * 100
    assert found.extra_cost_minor == 9_000
    assert found.is_proven
    assert [(one.consignment, one.days_before, one.days_after) for one in found.changes] == [("C-A", 21, 11)]
    assert (found.members, found.days_added) == (("A",), -10)
    assert check_plan(problem, found.plan) == ()


def test_fewest_departures_make_costly_goods_wait() -> None:
    problem = waiting_for_the_other(10_000_000)
    answer = plan(problem)
    assert answer.cost_minor == 2 * 10_000 + 11 * 10_000
    (found,) = alternatives(problem, answer)
    assert found.wishes == (Wish(kind=WishKind.FEWEST_DEPARTURES), Wish(kind=WishKind.FEWEST_CONTAINERS))
    assert found.extra_cost_minor == 10 * 10_000 - 10_000
    assert found.is_proven
    assert (found.measures.departures, found.measures.containers, found.days_added) == (1, 1, 10)


def test_a_plan_without_splits_takes_one_large_container() -> None:
    goods = [build.consignment("C-A", packages=[build.package(quantity=40)], divisible=True)]
    freight = [
        build.charge("OFR-20", "container", 10_000, container_types=["22G1"]),
        build.charge("OFR-40", "container", 25_000, container_types=["45G1"]),
    ]
    problem = build.problem(goods, freight, settings=build.settings(Mode.FCL))
    answer = plan(problem)
    assert (answer.cost_minor, len(answer.containers)) == (20_000, 2)
    large = Wish(kind=WishKind.ONE_CONTAINER_TYPE, container_type="45G1")
    assert asked(alternatives(problem, answer)) == [
        ((Wish(kind=WishKind.NO_SPLITS), Wish(kind=WishKind.FEWEST_CONTAINERS), large), 5_000)
    ]


def test_everything_loose_and_nothing_loose_are_offered() -> None:
    goods = [build.consignment(f"C-{name}", name, litres=10_000) for name in "ABC"]
    either = build.settings(Mode.FCL, Mode.LCL)
    problem = build.problem(goods, FREIGHT, container_types=[build.container_20()], settings=either)
    assert asked(alternatives(problem, plan(problem))) == [((Wish(kind=WishKind.ONLY_LCL),), 17_000)]
    two = problem.restricted_to(["C-A", "C-B"])
    two = build.problem(two.consignments, [build.charge("OFR", "container", 20_000), FREIGHT[1]], settings=either)
    together, wish = Wish(kind=WishKind.FEWEST_CONTAINERS), Wish(kind=WishKind.NO_LCL)
    assert asked(alternatives(two, plan(two))) == [((wish, together), 2_000)]


def overtaking(**changes: bool) -> ConsolidationProblem:
    """A slow ship on day 11 that arrives after the fast one of day 21."""
    departures = [build.departure("S-slow", transit=49), build.departure("S-fast", days=21, transit=20)]
    return build.problem(
        [build.consignment("C-A")], FREIGHT, departures=departures, settings=build.settings(Mode.FCL, **changes)
    )


def test_waiting_is_limited_by_departure_even_where_a_later_ship_arrives_first() -> None:
    narrowed = waiting_at_most(overtaking(), 14)
    assert narrowed is not None
    problem, is_exact = narrowed
    assert is_exact
    assert [ship.id for ship in open_departures(problem, problem.consignments[0])] == ["S-slow"]
    assert waiting_at_most(overtaking(delay_counts_transit=True), 14) is None


@pytest.mark.parametrize("seed", range(5))
def test_alternatives_carry_the_same_pass_the_judge_and_are_each_best_at_something(seed: int) -> None:
    problem = build.random_problem(seed, consignments=6, divisible=seed == 2)
    answer = plan(problem, limits=QUICK)
    found = alternatives(problem, answer, limits=QUICK)
    assert found == alternatives(problem, answer, limits=QUICK)
    for one in found:
        assert check_plan(problem, one.plan) == ()
        assert carried(one.plan) == carried(answer)
        assert one.measures == measures(problem, one.plan)
        assert answer.lower_bound_minor <= one.lower_bound_minor <= one.plan.cost_minor
        rivals = [measures(problem, answer), *(other.measures for other in found if other is not one)]
        assert not any(rival.no_worse_than(one.measures) for rival in rivals)


def test_a_stop_leaves_no_alternatives() -> None:
    problem = waiting_for_the_other(100_000)
    answer = plan(problem)
    assert alternatives(problem, answer, should_stop=lambda: True) == ()
    assert price_of_wishes(problem, answer, should_stop=lambda: True) == ()


def wishes(problem: ConsolidationProblem) -> dict[Change, list[WishPrice]]:
    answer = plan(problem)
    assert answer.status is SolveStatus.OPTIMAL
    found: dict[Change, list[WishPrice]] = {}
    for one in price_of_wishes(problem, answer):
        found.setdefault(one.change, []).append(one)
    return found


def test_one_more_week_saves_a_container_and_costs_one_member_seven_days() -> None:
    early = build.consignment("C-A", "A", litres=16_600, due_date=build.READY + timedelta(days=32))
    late = build.consignment("C-B", "B", litres=16_600, ready_date=build.READY + timedelta(days=11))
    departures = [build.departure("S-1"), build.departure("S-2", days=18)]
    freight = [build.charge("OFR", "container", 41_000)]
    found = wishes(build.problem([early, late], freight, departures=departures, settings=build.settings(Mode.FCL)))
    (longer,) = found[Change.DUE_LATER]
    assert (longer.without_minor, longer.cost_minor, longer.saving_minor) == (82_000, 41_000, 41_000)
    assert longer.is_proven
    assert longer.days_added == {"A": 7}
    (shorter,) = found[Change.DUE_EARLIER]
    assert (shorter.left_behind, shorter.saving_minor, shorter.cost_minor) == (("C-A",), None, 41_000)
    (sooner,) = found[Change.READY_EARLIER]
    assert (sooner.saving_minor, sooner.members, sooner.days_added) == (41_000, ("B",), {"B": 0})
    (later,) = found[Change.READY_LATER]
    assert later.left_behind == ("C-B",)
    assert [(one.departure.id, one.saving_minor) for one in found[Change.MORE_DEPARTURES] if one.departure] == [
        ("S-2-3", 0),
        ("S-2+7", 0),
    ]
    assert Change.MORE_CONTAINERS not in found


def test_one_more_container_or_departure_takes_the_goods_that_go_loose() -> None:
    goods = [build.consignment(f"C-{name}", name, litres=20_000) for name in "AB"]
    surcharge = build.charge("PEAK", "container", 500, departures=["S-1"])
    problem = build.problem(
        goods,
        [*FREIGHT, surcharge],
        container_types=[build.container_20()],
        departures=[build.departure("S-1", container_limits={"22G1": 1})],
        settings=build.settings(Mode.FCL, Mode.LCL),
    )
    found = wishes(problem)
    (more,) = found[Change.MORE_CONTAINERS]
    assert (more.without_minor, more.cost_minor, more.container_type) == (28_500, 21_000, "22G1")
    assert more.departure is not None
    assert more.departure.container_limits == {"22G1": 2}
    (added,) = found[Change.MORE_DEPARTURES]
    # The surcharge of the departure that is copied is paid on the copy too.
    assert (added.saving_minor, list(added.days_added.values())) == (7_500, [7])
    assert Change.DUE_LATER not in found


def test_a_wish_may_carry_what_stayed_behind() -> None:
    goods = [
        build.consignment("C-A", "A"),
        build.consignment("C-B", "B", ready_date=build.READY + timedelta(days=10)),
    ]
    problem = build.problem(goods, FREIGHT, settings=build.settings(Mode.FCL))
    (sooner,) = wishes(problem)[Change.READY_EARLIER]
    assert (sooner.newly_carried, sooner.saving_minor, sooner.without_minor) == (("C-B",), None, 10_000)


def test_free_room_names_who_fits_and_the_least_freight_for_others() -> None:
    goods = [
        build.consignment("C-A", "A", litres=20_000),
        build.consignment("C-B", "B", litres=10_000),
        build.consignment("C-C", "C", litres=15_000),
        build.consignment("C-D", "D", litres=1_000, ready_date=build.READY + timedelta(days=9)),
    ]
    charges = [
        *FREIGHT,
        build.charge("CFS", "cubic_metre", 100, modes=["fcl"]),
        build.charge("DOC", "member", 50),
    ]
    departures = [build.departure("S-1"), build.departure("S-2", days=20)]
    problem = build.problem(goods, charges, departures=departures, settings=build.settings(Mode.FCL, Mode.LCL))
    answer = priced(
        problem,
        [load(problem, "K-1", "22G1", "S-1", ["C-A"])],
        [loose(problem, "S-2", "C-B"), loose(problem, "S-1", "C-C"), loose(problem, "S-2", "C-D")],
    )
    (room,) = fillers(problem, answer)
    assert (room.free_volume_mm3, room.free_mass_g) == (13_200 * build.LITRE_MM3, 26_260_000)
    # C is too large, D not ready in time.
    assert [(one.consignment, one.change_minor, one.days_added) for one in room.fillers] == [("C-B", -8_000, -9)]
    assert room.offered_mass_g == 13_200_000
    assert room.least_freight_minor == 1_320 + 50
    # A container of its own is cheaper than LCL for 11,880.
    assert room.alone_minor == 10_000 + 1_320 + 50


def test_a_full_container_offers_nothing() -> None:
    problem = build.problem([build.consignment("C-A", litres=33_200)], FREIGHT)
    (room,) = fillers(problem, priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A"])]))
    assert (room.free_volume_mm3, room.fillers, room.least_freight_minor, room.alone_minor) == (0, (), None, None)


@pytest.mark.parametrize("seed", range(8))
def test_what_a_filler_changes_is_the_price_of_the_changed_plan(seed: int) -> None:
    problem = build.random_problem(seed, consignments=8, lanes=2)
    answer = plan(problem, limits=QUICK)
    rooms = fillers(problem, answer)
    assert [room.container for room in rooms] == [one.id for one in answer.containers]
    for room in rooms:
        for one in room.fillers:
            moved = plan_with(problem, answer, one.consignment, room.container)
            pricing = price(problem, moved.containers, moved.lcl, moved.postal)
            assert pricing.cost_minor - answer.cost_minor == one.change_minor
            assert {found.rule for found in check_plan(problem, moved)} <= MONEY
            if answer.status is SolveStatus.OPTIMAL and one.travels:
                assert one.change_minor >= 0


MONEY = {"charge_missing", "charge_extra", "charge_units", "charge_amount", "cost"} | {
    "delay_missing",
    "delay_extra",
    "delay_days",
    "delay_amount",
}


@pytest.mark.parametrize("seed", range(3))
def test_more_freedom_never_costs_more(seed: int) -> None:
    problem = build.random_problem(seed, consignments=6, divisible=False)
    answer = plan(problem, limits=QUICK)
    found = price_of_wishes(problem, answer, limits=QUICK)
    assert {(one.origin, one.destination) for one in found} == {
        (one.origin, one.destination) for one in problem.consignments
    }
    for one in found:
        if one.change in {Change.DUE_LATER, Change.MORE_CONTAINERS, Change.MORE_DEPARTURES}:
            assert not one.left_behind
            assert one.saving_minor is None or one.saving_minor >= 0
            assert one.saving_minor != 0 or not one.changes
