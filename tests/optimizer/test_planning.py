"""Plans from end to end: status, bound, order, reasons, stops; every one passes the judge."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.checking import check_plan
from optimizer.consolidation.lots import Improved, LotPlan
from optimizer.limits import Limits, Progress
from optimizer.planning import assemble, own_costs, plan
from optimizer.problem import ConsolidationProblem, Mode
from optimizer.result import ContainerLoad, LooseLot, Part, Reason, ShipmentPlan, SolveStatus
from tests import builders as build

QUICK = Limits(time_limit_s=60.0, work_limit=2.0)
FREIGHT = [build.charge("OFR", "container", 1_000)]


def carried(answer: ShipmentPlan) -> Counter[tuple[str, str]]:
    """Count the packages of everything that travels; a consignment without packages counts as one."""
    parts = [part for load in answer.containers for part in load.contents]
    parts += [lot.part for lot in (*answer.lcl, *answer.postal)]
    found: Counter[tuple[str, str]] = Counter()
    for part in parts:
        found.update({(part.consignment, name): count for name, count in (part.packages or {"": 1}).items()})
    return found


def wanted(problem: ConsolidationProblem, answer: ShipmentPlan) -> Counter[tuple[str, str]]:
    behind = {entry.consignment for entry in answer.unplanned}
    found: Counter[tuple[str, str]] = Counter()
    for one in problem.consignments:
        if one.id not in behind:
            packages = {package.id: package.quantity for package in one.packages} or {"": 1}
            found.update({(one.id, name): count for name, count in packages.items()})
    return found


@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 2), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_every_plan_passes_the_judge_and_loses_nothing(seed: int, consignments: int, lanes: int, classes: int) -> None:
    problem = build.random_problem(seed, consignments=consignments, lanes=lanes, classes=classes)
    answer = plan(problem, limits=QUICK)
    assert check_plan(problem, answer) == ()
    assert carried(answer) == wanted(problem, answer)
    lines = sum(line.amount_minor for line in answer.charges) + sum(one.amount_minor for one in answer.delay_costs)
    assert lines == answer.cost_minor
    assert answer.lower_bound_minor <= answer.cost_minor


@pytest.mark.parametrize("seed", range(4))
def test_the_same_problem_limits_and_seed_give_the_same_plan(seed: int) -> None:
    one, other = (plan(build.random_problem(seed, consignments=9), limits=QUICK, seed=7) for _ in range(2))
    assert one == other


def test_an_empty_problem_is_optimal_at_no_cost() -> None:
    answer = plan(build.problem())
    assert (answer.status, answer.cost_minor, answer.lower_bound_minor) == (SolveStatus.OPTIMAL, 0, 0)
    assert answer.unplanned == ()


def test_a_problem_of_which_nothing_can_travel_is_infeasible_with_reasons() -> None:
    goods = [
        build.consignment("C-1", destination="CLVAP"),
        build.consignment("C-2", ready_date=build.READY.replace(year=2027)),
    ]
    answer = plan(build.problem(goods, FREIGHT))
    assert answer.status is SolveStatus.INFEASIBLE
    assert {entry.consignment: entry.reason for entry in answer.unplanned} == {
        "C-1": Reason.NO_DEPARTURE_ON_LANE,
        "C-2": Reason.NO_DEPARTURE_AFTER_READY,
    }


def test_what_cannot_travel_keeps_nobody_else_from_an_optimal_plan() -> None:
    goods = [build.consignment("C-1"), build.consignment("C-2", destination="CLVAP")]
    problem = build.problem(goods, FREIGHT, settings=build.settings(Mode.FCL))
    answer = plan(problem)
    assert (answer.status, answer.cost_minor, answer.lower_bound_minor) == (SolveStatus.OPTIMAL, 1_000, 1_000)
    assert [entry.consignment for entry in answer.unplanned] == ["C-2"]
    assert check_plan(problem, answer) == ()


def test_three_half_containers_are_planned_with_proof() -> None:
    answer = plan(build.three_half_containers())
    assert (answer.status, answer.cost_minor, answer.limits["ended_by"]) == (SolveStatus.OPTIMAL, 2_000, "proof")


def test_limits_and_seed_stand_in_the_plan() -> None:
    answer = plan(build.problem(), limits=Limits(time_limit_s=3.0, work_limit=4.0), seed=11)
    assert answer.seed == 11
    assert answer.limits == {"time_limit_s": 3.0, "work_limit": 4.0, "ended_by": "proof"}


def test_a_stop_gives_the_first_plan_and_says_so() -> None:
    problem = build.random_problem(5, consignments=10, spanning=False)
    answer = plan(problem, should_stop=lambda: True)
    assert check_plan(problem, answer) == ()
    assert (answer.status, answer.limits["ended_by"]) == (SolveStatus.FEASIBLE, "stopped")
    assert 0 < answer.lower_bound_minor < answer.cost_minor


def test_progress_tells_the_first_cost_and_ends_with_the_answer() -> None:
    told: list[Progress] = []
    answer = plan(build.random_problem(4), limits=QUICK, on_progress=told.append)
    assert told[0].stage == "first_plan"
    assert told[0].cost_minor is not None
    assert told[0].cost_minor >= answer.cost_minor
    assert (told[-1].cost_minor, told[-1].lower_bound_minor) == (answer.cost_minor, answer.lower_bound_minor)
    assert told[-1].done_permille == 1000


def test_containers_are_numbered_by_departure_then_size_then_contents() -> None:
    goods = [build.consignment(f"C-{index}", litres=2_000) for index in range(4)]
    departures = [build.departure("S-late", days=25), build.departure("S-early")]
    problem = build.problem(goods, FREIGHT, departures=departures)

    def load(departure: str, kind: str, *names: str) -> ContainerLoad:
        contents = tuple(Part(consignment=name) for name in names)
        return ContainerLoad(
            id="", container_type=kind, departure=departure, contents=contents, mass_g=4_000_000, volume_mm3=4 * 10**9
        )

    found = LotPlan(
        containers=(
            load("S-late", "45G1", "C-3"),
            load("S-early", "22G1", "C-2", "C-0"),
            load("S-early", "45G1", "C-1"),
        )
    )
    improved = Improved(plan=found, lower_bound_minor=0, proven=False, ended_by="work_limit")
    answer = assemble(problem, improved, limits=QUICK, seed=0)
    assert [(one.id, one.departure, [part.consignment for part in one.contents]) for one in answer.containers] == [
        ("K-1", "S-early", ["C-1"]),
        ("K-2", "S-early", ["C-0", "C-2"]),
        ("K-3", "S-late", ["C-3"]),
    ]
    assert {line.container for line in answer.charges} == {"K-1", "K-2", "K-3"}


def test_a_search_without_a_bound_still_gets_what_everybody_pays_by_itself() -> None:
    goods = [build.consignment("C-1"), build.consignment("C-2", packages=[build.package(quantity=4)], divisible=True)]
    lcl_only = [build.charge("LCL", "freight_tonne", 900, modes=["lcl"]), build.charge("AGENT", "departure", 50)]
    problem = build.problem(goods, lcl_only, settings=build.settings(Mode.LCL))
    lots = LotPlan(
        lcl=(
            LooseLot(departure="S-1", part=Part(consignment="C-1"), mass_g=2_000_000, volume_mm3=5 * 10**9),
            LooseLot(
                departure="S-1", part=Part(consignment="C-2", packages={"P1": 4}), mass_g=400_000, volume_mm3=4 * 10**9
            ),
        )
    )
    assert own_costs(problem, lots) == 5 * 900
    improved = Improved(plan=lots, lower_bound_minor=0, proven=False, ended_by="work_limit")
    answer = assemble(problem, improved, limits=QUICK, seed=0)
    assert (answer.cost_minor, answer.lower_bound_minor) == (9 * 900 + 50, 5 * 900)
    assert answer.status is SolveStatus.FEASIBLE
