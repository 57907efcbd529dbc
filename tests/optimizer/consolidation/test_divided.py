"""Goods that can be split: where exactly the cut lies, and what a first loose lot costs at least."""

from dataclasses import replace
from random import Random

import pytest

from optimizer.consolidation.cuts import number_in, number_of_parts, parts_of, shared_cost
from optimizer.consolidation.divided import MOST_CUTS
from optimizer.consolidation.levelling import levelled
from optimizer.consolidation.lots import LotPlan
from optimizer.limits import Limits
from optimizer.planning import plan
from optimizer.problem import ConsolidationProblem, Mode
from optimizer.result import Part, SolveStatus
from tests.builders import charge, consignment, container_20, package, problem, settings
from tests.optimizer.plans import load, loose

ROOM = 33
"""Cubic metres that a 20' container of the tests holds in packages of one cubic metre."""


def cartons_and_a_guest(draw: Random) -> tuple[ConsolidationProblem, int]:
    """Return cartons of 1 m3, more than a container holds, beside goods that travel whole; and the least cost.

    All prices are per container, lot or cubic metre on one departure, so that counting containers, cartons in
    them, and where the guest goes tries everything: a second loose lot of the same goods only adds fixed costs.
    """
    cartons, guest = ROOM + draw.randint(1, 30), draw.randint(1, 12)
    freight, rate = draw.randint(200, 400) * 100, draw.randint(5, 40) * 100
    bill, minimum = draw.randint(0, 60) * 100, draw.randint(0, 80) * 100
    goods = [
        consignment("cartons", packages=[package("P", cartons, litres=1000, kg=10)], divisible=True),
        consignment("guest", litres=guest * 1000, kg=10),
    ]
    case = problem(
        goods,
        [
            charge("OFR", "container", freight),
            charge("LCL", "cubic_metre", rate, modes=["lcl"], minimum_minor=minimum),
            charge("BL", "bill_of_lading", bill, modes=["lcl"]),
        ],
        container_types=[container_20()],
        settings=settings(Mode.FCL, Mode.LCL),
    )

    def lot(cubic_metres: int) -> int:
        return bill + max(minimum, rate * cubic_metres) if cubic_metres else 0

    least = min(
        containers * freight + lot(cartons - packed) + lot(0 if rides else guest)
        for containers in range(4)
        for rides in ((False, True) if containers else (False,))
        for packed in range(min(cartons, containers * ROOM - guest * rides) + 1)
    )
    return case, least


@pytest.mark.parametrize("seed", range(40))
def test_the_cut_is_where_trying_every_number_of_cartons_puts_it(seed: int) -> None:
    case, least = cartons_and_a_guest(Random(seed))
    found = plan(case, limits=Limits(time_limit_s=30, work_limit=10))
    assert (found.status, found.lower_bound_minor, found.cost_minor) == (SolveStatus.OPTIMAL, least, least)


def test_a_first_loose_lot_brings_its_bill_and_its_minimum_into_the_bound() -> None:
    # 34 cartons in a container of 33: one goes loose, for a bill of 50.00 and a minimum of 80.00.
    goods = [consignment("cartons", packages=[package("P", 34, litres=1000, kg=10)], divisible=True)]
    charges = [
        charge("OFR", "container", 100_000),
        charge("LCL", "cubic_metre", 5_000, modes=["lcl"], minimum_minor=8_000),
        charge("BL", "bill_of_lading", 5_000, modes=["lcl"]),
    ]
    case = problem(goods, charges, container_types=[container_20()], settings=settings(Mode.FCL, Mode.LCL))
    found = plan(case, limits=Limits(time_limit_s=30, work_limit=10))
    assert found.cost_minor == 100_000 + 8_000 + 5_000
    # Spread over packages the bill and the minimum would nearly vanish: 100,000 + 5,000 a loose carton.
    assert found.lower_bound_minor == found.cost_minor


def test_more_cuts_than_are_listed_are_bounded_by_grains() -> None:
    # Of 2 x 61 x 61 parts none is listed: two containers hold 66 m3, the rest goes loose.
    kinds = [package(name, 60, litres=600, kg=10) for name in "PQ"] + [package("R", 1, litres=600, kg=10)]
    goods = [consignment("cartons", packages=kinds, divisible=True)]
    assert number_of_parts(goods[0]) > MOST_CUTS
    charges = [
        charge("OFR", "container", 100_000),
        charge("LCL", "cubic_metre", 5_000, modes=["lcl"], minimum_minor=8_000),
    ]
    case = problem(goods, charges, container_types=[container_20()], settings=settings(Mode.FCL, Mode.LCL))
    found = plan(case, limits=Limits(time_limit_s=30, work_limit=10))
    # 121 x 0.6 = 72.6 m3: 55 packages a container, 11 of them loose.
    assert found.cost_minor == 200_000 + 33_000
    assert 0 < found.lower_bound_minor <= found.cost_minor


def test_a_cut_may_travel_several_times() -> None:
    # Each package fills a container by itself, and there is no other way.
    vat = replace(package("V", 3, litres=20_000, kg=10), length_mm=5_000, width_mm=2_000, height_mm=2_000)
    goods = [consignment("vats", packages=[vat], divisible=True)]
    charges = [charge("OFR", "container", 1_000), charge("FILE", "consignment", 70), charge("BL", "bill_of_lading", 9)]
    case = problem(goods, charges, container_types=[container_20()], settings=settings(Mode.FCL))
    found = plan(case)
    assert (found.status, found.cost_minor, len(found.containers)) == (SolveStatus.OPTIMAL, 3 * 1_000 + 70 + 9, 3)


def test_what_parts_on_a_departure_cost_together_is_rounded_once() -> None:
    # 1 % of 333.33 on each of three packages: 3.33 a package by itself, 10.00 together; at least 4.00.
    one = consignment("C", packages=[package("P", 3, litres=1_000, kg=10)], value_minor=99_999, divisible=True)
    insurance = charge("INS", "value", rate_ppm=10_000, minimum_minor=400)
    case = problem([one], [insurance])
    shared = shared_cost(case, one, case.departures[0], [insurance], delay=True)
    costs = [shared.own({"P": n}) + shared.totals[number_in(one, {"P": n})] for n in range(4)]
    assert costs == [0, 400, 667, 1_000]
    assert min(shared.totals) >= 0


def test_numbers_of_parts_add_up() -> None:
    one = consignment("C", packages=[package("P", 3), package("Q", 1), package("R", 2)], divisible=True)
    parts = list(parts_of(one))
    assert len(parts) == number_of_parts(one) + 1
    assert [number_in(one, part) for part in parts] == list(range(len(parts)))
    assert number_in(one, {"P": 1, "R": 1}) + number_in(one, {"P": 2, "Q": 1}) == number_in(
        one, {"P": 3, "Q": 1, "R": 1}
    )


def test_packages_move_to_where_there_is_room_and_what_is_emptied_goes() -> None:
    goods = [consignment("cartons", packages=[package("P", 40, litres=1000, kg=10)], divisible=True)]
    case = problem(
        goods,
        [charge("OFR", "container", 1_000), charge("LCL", "cubic_metre", 100, modes=["lcl"])],
        container_types=[container_20()],
        settings=settings(Mode.FCL, Mode.LCL),
    )
    start = LotPlan(
        containers=(load(case, "K-1", "22G1", "S-1", [Part(consignment="cartons", packages={"P": 30})]),),
        lcl=(
            loose(case, "S-1", Part(consignment="cartons", packages={"P": 8})),
            loose(case, "S-1", Part(consignment="cartons", packages={"P": 2})),
        ),
    )
    moved = levelled(case, start, lambda: False)
    assert [dict(part.packages) for part in moved.containers[0].contents] == [{"P": 33}]
    assert sum(lot.part.packages["P"] for lot in moved.lcl) == 7
    assert moved.containers[0].volume_mm3 == 33 * 10**9
