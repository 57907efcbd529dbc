"""Why something stays behind: the binding reason, its numbers and the cheapest cure, each on its own instance."""

from typing import Any

import pytest

from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.reasons import explain
from optimizer.planning import plan
from optimizer.problem import Consignment, ConsolidationProblem, Mode
from optimizer.result import Reason, Unplanned
from tests import builders as build

FREIGHT = [
    build.charge("OFR-20", "container", 1_000, container_types=["22G1"]),
    build.charge("OFR-40", "container", 1_700, container_types=["45G1"]),
    build.charge("LCL", "freight_tonne", 90, modes=["lcl"]),
]


def fcl(goods: list[Consignment], **changes: Any) -> ConsolidationProblem:
    codes = {kind.code for kind in changes.get("container_types", (build.container_20(), build.container_40hc()))}
    freight = [one for one in FREIGHT if one.container_types is None or one.container_types <= codes]
    return build.problem(goods, freight, settings=build.settings(Mode.FCL), **changes)


def only_entry(problem: ConsolidationProblem) -> Unplanned:
    (entry,) = plan(problem).unplanned
    return entry


def test_a_lane_without_departures_needs_one() -> None:
    entry = only_entry(fcl([build.consignment("C-1", destination="CLVAP")]))
    assert entry.reason is Reason.NO_DEPARTURE_ON_LANE
    assert entry.detail == {
        "origin": "COCTG",
        "destination": "CLVAP",
        "cure": {
            "change": "add_departure",
            "origin": "COCTG",
            "destination": "CLVAP",
            "cut_off_from": "2026-03-01",
            "arrival_until": None,
        },
    }


def test_goods_ready_too_late_would_travel_when_ready_at_the_last_cut_off() -> None:
    late = build.consignment("C-1", ready_date=build.READY.replace(day=14))
    entry = only_entry(fcl([late]))
    assert entry.reason is Reason.NO_DEPARTURE_AFTER_READY
    assert (entry.detail["ready_date"], entry.detail["latest_cut_off"], entry.detail["days"]) == (
        "2026-03-14",
        "2026-03-09",
        5,
    )
    assert entry.detail["cure"] == {"change": "ready_date", "to": "2026-03-09", "days": 5, "cost_minor": 1_000}


def test_a_due_date_before_every_arrival_would_have_to_move_by_the_fewest_days() -> None:
    goods = [build.consignment("C-1", due_date=build.READY.replace(month=3, day=28))]
    departures = [build.departure("S-1"), build.departure("S-fast", days=14, transit=16)]
    entry = only_entry(fcl(goods, departures=departures))
    assert entry.reason is Reason.NO_DEPARTURE_BEFORE_DUE
    assert (entry.detail["departure"], entry.detail["earliest_arrival"], entry.detail["days"]) == (
        "S-fast",
        "2026-03-31",
        3,
    )
    assert entry.detail["cure"] == {"change": "due_date", "to": "2026-03-31", "days": 3, "cost_minor": 1_000}


def test_being_ready_earlier_is_the_cure_where_it_takes_fewer_days_than_a_later_due_date() -> None:
    goods = [
        build.consignment("C-1", ready_date=build.READY.replace(day=10), due_date=build.READY.replace(month=4, day=2))
    ]
    entry = only_entry(fcl(goods, departures=[build.departure("S-1"), build.departure("S-2", days=18)]))
    assert entry.reason is Reason.NO_DEPARTURE_BEFORE_DUE
    assert entry.detail["cure"] == {"change": "ready_date", "to": "2026-03-09", "days": 1, "cost_minor": 1_000}


def test_a_class_that_no_container_may_hold_names_the_cheapest_that_could() -> None:
    entry = only_entry(fcl([build.consignment("C-1", cargo_class="reefer")]))
    assert entry.reason is Reason.NO_CONTAINER_FOR_CLASS
    assert entry.detail["cure"] == {
        "change": "container_type",
        "container_type": "22G1",
        "cargo_class": "reefer",
        "cost_minor": 1_000,
    }


def test_a_consignment_confined_to_a_type_that_may_not_hold_it_names_another() -> None:
    types = [build.container_20(), build.container_40hc(cargo_classes=frozenset({"food"}))]
    goods = [build.consignment("C-1", contained_in=frozenset({"45G1"}))]
    entry = only_entry(fcl(goods, container_types=types))
    assert entry.reason is Reason.NO_ALLOWED_CONTAINER
    assert entry.detail["holding_the_class"] == ["22G1"]
    assert entry.detail["cure"]["container_type"] == "22G1"
    assert entry.detail["cure"]["contained_in"] == ["22G1", "45G1"]
    assert entry.detail["cure"]["cost_minor"] == 1_000


def test_a_consignment_that_each_type_holds_in_part_only_could_be_divided() -> None:
    # The bar passes only into the long container, whose payload the stones exceed; the short one bears them.
    bar = build.package("P1", 1, litres=500, kg=100, length_mm=9_000, width_mm=100)
    stones = build.package("P2", 10, litres=500, kg=2_000)
    types = [build.container_20(), build.container_40hc(payload_g=15_000_000)]
    entry = only_entry(fcl([build.consignment("C-1", packages=[bar, stones])], container_types=types))
    assert entry.reason is Reason.TOO_LARGE
    assert entry.detail["cure"] == {"change": "divisible", "to": True, "cost_minor": 2_700}


def test_a_package_above_the_usable_volume_is_too_large() -> None:
    types = [build.container_20(usable_volume_permille=30)]
    goods = [build.consignment("C-1", packages=[build.package("P1", 2, litres=1_000)], divisible=True)]
    entry = only_entry(fcl(goods, container_types=types))
    assert entry.reason is Reason.TOO_LARGE
    assert "cure" not in entry.detail


@pytest.mark.parametrize(("offered", "needed"), [(0, 1), (1, 2)])
def test_a_limit_that_is_used_up_would_have_to_rise(offered: int, needed: int) -> None:
    goods = [build.consignment(f"C-{index}", litres=30_000) for index in range(offered + 1)]
    bounded = build.departure("S-1", container_limits={"22G1": offered, "45G1": 0})
    entry = only_entry(fcl(goods, departures=[bounded]))
    assert entry.reason is Reason.CONTAINER_LIMITS
    assert entry.detail["limits"] == [
        {"departure": "S-1", "container_type": "22G1", "limit": offered, "used": offered},
        {"departure": "S-1", "container_type": "45G1", "limit": 0, "used": 0},
    ]
    assert entry.detail["cure"] == {
        "change": "container_limits",
        "departure": "S-1",
        "container_type": "22G1",
        "to": needed,
        "cost_minor": 1_000,
    }


def test_a_consignment_in_parts_needs_the_limit_to_rise_by_all_its_containers() -> None:
    goods = [build.consignment("C-1", packages=[build.package("P1", 70)], divisible=True)]
    bounded = build.departure("S-1", container_limits={"22G1": 2})
    entry = only_entry(fcl(goods, departures=[bounded], container_types=[build.container_20()]))
    assert entry.reason is Reason.CONTAINER_LIMITS
    assert (entry.detail["cure"]["to"], entry.detail["cure"]["cost_minor"]) == (3, 3_000)


def test_full_containers_only_and_no_container_types_leave_no_mode() -> None:
    entry = only_entry(
        build.problem([build.consignment("C-1")], FREIGHT[2:], container_types=[], settings=build.settings(Mode.FCL))
    )
    assert entry.reason is Reason.NO_MODE
    assert entry.detail["cure"] == {"change": "modes", "add": ["lcl"], "cost_minor": 5 * 90}


def test_what_could_travel_was_left_by_the_end_of_the_search() -> None:
    goods = [build.consignment("C-1")]
    for problem in (fcl(goods), build.problem(goods, FREIGHT)):
        assert explain(problem, LotPlan(unplanned=("C-1",)), "C-1").reason is Reason.TIME_LIMIT


def test_a_reason_that_is_known_already_is_kept() -> None:
    known = Unplanned(consignment="C-1", reason=Reason.TOO_HEAVY, detail={"mass_g": 1})
    assert explain(fcl([build.consignment("C-1")]), LotPlan(), known) is known
