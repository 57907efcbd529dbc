"""Goods that can be split: where exactly the cut lies, and what a first loose lot costs at least."""

from random import Random

import pytest

from optimizer.consolidation.levelling import levelled
from optimizer.consolidation.lots import LotPlan
from optimizer.limits import Limits
from optimizer.planning import plan
from optimizer.problem import ConsolidationProblem, Mode
from optimizer.result import Part
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
    assert found.lower_bound_minor <= least
    assert found.cost_minor == least


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
    assert found.lower_bound_minor > 100_000 + 5_000 + 5_000


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
