import pytest

from benchmarks.brute_force import BruteForce, tiny_problem
from benchmarks.instances import instance
from optimizer.checking import check_plan
from optimizer.consolidation import coalitions
from optimizer.consolidation.lots import LotPlan
from optimizer.limits import Limits, ignore_progress, never_stop
from optimizer.planning import plan
from optimizer.problem import AllocationKey, Mode
from optimizer.runner import ProcessPool
from optimizer.shipment_game import TooManyMembers, shipment_game
from tests.builders import charge, consignment, container_20, problem, random_problem, settings, three_half_containers


def game_of(case, planned=None, *, limits=None, should_stop=never_stop, on_progress=ignore_progress, runner=None):
    return shipment_game(
        case,
        planned or plan(case, seed=1),
        limits=limits or Limits(),
        seed=1,
        on_progress=on_progress,
        should_stop=should_stop,
        runner=runner,
    )


def carried_by(case, planned):
    left = {one.consignment for one in planned.unplanned}
    return case.restricted_to(one.id for one in case.consignments if one.id not in left)


def least_cost(case, members):
    """The least cost of what some members have, by trying everything; None where not all of it can travel."""
    here = case.restricted_to(one.id for one in case.consignments if one.member in members)
    left, cost = BruteForce(here).least()
    return cost if left == 0 else None


def test_three_halves_make_the_game_with_an_empty_core():
    found = game_of(three_half_containers())
    assert found.proven
    assert list(found.game.upper) == [0, 1000, 1000, 1000, 1000, 1000, 1000, 2000]
    assert found.game.is_exact
    assert found.direct == (0,) * 8


def test_the_grand_coalition_costs_what_the_plan_costs_and_members_alone_what_their_plans_cost():
    case = random_problem(4, members=4, consignments=9, divisible=False)
    planned = plan(case, seed=1)
    found = game_of(case, planned)
    assert found.game.upper[found.game.grand] == planned.cost_minor
    assert found.better_plan is None
    left = {one.consignment for one in planned.unplanned}
    for bit, player in enumerate(found.game.players):
        alone = found.stand_alone_plans[player]
        own = case.restricted_to(one.id for one in case.consignments if one.member == player and one.id not in left)
        assert alone.cost_minor == found.game.upper[1 << bit]
        assert check_plan(own, alone) == ()


@pytest.mark.parametrize("seed", range(6))
def test_every_coalition_costs_what_planning_it_alone_costs(seed):
    case = random_problem(seed, members=3, consignments=7, divisible=False)
    planned = plan(case, seed=1)
    found = game_of(case, planned)
    left = {one.consignment for one in planned.unplanned}
    assert found.proven
    for mask in range(1, found.game.grand + 1):
        members = set(found.game.members(mask))
        alone = case.restricted_to(one.id for one in case.consignments if one.member in members and one.id not in left)
        assert plan(alone, seed=1).cost_minor == found.game.upper[mask]


@pytest.mark.parametrize("seed", range(8))
def test_without_limits_and_price_breaks_joining_never_costs_more(seed):
    case = random_problem(seed, members=4, consignments=8, divisible=False, limits=False, spanning=False)
    found = game_of(case)
    assert found.proven
    assert found.monotone
    assert found.subadditive


@pytest.mark.parametrize("seed", range(3))
def test_goods_that_can_be_split_give_intervals_that_hold(seed):
    case = random_problem(seed, members=3, consignments=7)
    planned = plan(case, seed=1, limits=Limits(work_limit=0.3))
    found = game_of(case, planned, limits=Limits(work_limit=1))
    assert all(low <= high for low, high in zip(found.game.lower, found.game.upper, strict=True))
    assert found.game.upper[found.game.grand] == planned.cost_minor
    for bit, player in enumerate(found.game.players):
        assert found.stand_alone_plans[player].cost_minor == found.game.upper[1 << bit]


def test_direct_charges_are_told_apart():
    goods = [consignment("C-1", "A", litres=3000), consignment("C-2", "B", litres=5000)]
    charges = [
        charge("OFR", "container", 1000),
        charge("HANDLING", "cubic_metre", 10, allocation_key=AllocationKey.VOLUME),
    ]
    case = problem(goods, charges, container_types=[container_20()], settings=settings(Mode.FCL))
    found = game_of(case)
    assert found.direct == (0, 30, 50, 80)
    assert list(found.game.upper) == [0, 1030, 1050, 1080]


def test_two_runs_give_the_same_table():
    case = random_problem(7, members=3, consignments=7)
    limits = Limits(work_limit=0.5, time_limit_s=600)
    planned = plan(case, seed=1, limits=limits)
    assert game_of(case, planned, limits=limits) == game_of(case, planned, limits=limits)


def test_a_stop_leaves_intervals_that_hold():
    case = random_problem(6, members=4, consignments=9, divisible=False)
    planned = plan(case, seed=1)
    exact, cut = game_of(case, planned), game_of(case, planned, should_stop=lambda: True)
    assert cut.ended_by == "stopped"
    for mask in range(1, exact.game.grand + 1):
        assert cut.game.lower[mask] <= exact.game.upper[mask] <= cut.game.upper[mask]


def test_too_many_members_are_refused_with_both_numbers():
    goods = [consignment(f"C-{index}", f"M-{index}", litres=100) for index in range(15)]
    case = problem(goods, [charge("OFR", "container", 1000)], settings=settings(Mode.FCL))
    with pytest.raises(TooManyMembers) as caught:
        game_of(case, plan(case, seed=1))
    assert (caught.value.members, caught.value.most) == (15, 14)


@pytest.mark.parametrize("few", [0, coalitions.FEW_SETS])
@pytest.mark.parametrize("first", range(0, 120, 20))
def test_every_coalition_costs_what_trying_everything_finds(monkeypatch, first, few):
    # With 0, even tiny parts are searched in the rounds and blocks of large ones.
    monkeypatch.setattr(coalitions, "FEW_SETS", few)
    for seed in range(first, first + 20):
        case = tiny_problem(seed)
        planned = plan(case)
        if not (planned.containers or planned.lcl or planned.postal):
            continue
        splits = any(one.can_split for one in case.consignments)
        game, carried = game_of(case, planned).game, carried_by(case, planned)
        for mask in range(1, game.grand + 1):
            cost = least_cost(carried, set(game.members(mask)))
            if cost is not None:
                assert game.lower[mask] <= cost <= game.upper[mask], (seed, mask)
                assert splits or game.lower[mask] == game.upper[mask], (seed, mask)


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_without_work_the_intervals_hold_what_trying_everything_finds(first):
    narrowed = 0
    for seed in range(first, first + 20):
        case = tiny_problem(seed)
        planned = plan(case)
        if not (planned.containers or planned.lcl or planned.postal):
            continue
        found, carried = game_of(case, planned, limits=Limits(work_limit=1e-6)), carried_by(case, planned)
        narrowed += len(found.repairs)
        for mask in range(1, found.game.grand + 1):
            cost = least_cost(carried, set(found.game.members(mask)))
            assert cost is None or found.game.lower[mask] <= cost <= found.game.upper[mask], (seed, mask)
        for one in found.repairs:
            assert one.kind in ("subset", "union")
            assert one.coalition
            assert one.before_minor != one.after_minor
    assert narrowed


def test_goods_that_only_ever_travel_loose_are_closed_without_a_search():
    goods = [consignment(f"C-{name}", name, litres=1000) for name in "ABCD"]
    charges = [
        charge("OFR", "container", 100_000, modes=["fcl"]),
        charge("LCL", "freight_tonne", 900, modes=["lcl"]),
        charge("BILL", "departure", 500),
    ]
    found = game_of(problem(goods, charges, settings=settings(Mode.FCL, Mode.LCL)))
    assert [int(cost) for cost in found.game.upper] == [
        500 * (mask > 0) + 1800 * mask.bit_count() for mask in range(16)
    ]
    assert found.proven
    assert sum(found.ways.values()) == 15
    assert found.ways["prices"] + found.ways.get("union", 0) >= 8


def test_every_runner_gives_the_same_table(monkeypatch):
    monkeypatch.setattr(coalitions, "FEW_SETS", 4)
    case = instance(3, 4)
    # So little work that intervals stay open: they, too, must be the same.
    limits = Limits(work_limit=0.02, time_limit_s=600)
    planned = plan(case, seed=1)
    alone = game_of(case, planned, limits=limits)
    with ProcessPool(1) as one, ProcessPool(2) as two:
        assert game_of(case, planned, limits=limits, runner=one) == alone
        assert game_of(case, planned, limits=limits, runner=two) == alone
    assert game_of(case, planned, runner=None).proven


def test_the_clock_leaves_intervals_that_hold():
    case = random_problem(6, members=4, consignments=9, divisible=False)
    planned = plan(case, seed=1)
    exact, cut = game_of(case, planned), game_of(case, planned, limits=Limits(time_limit_s=0.001))
    assert cut.ended_by == "time_limit"
    for mask in range(1, exact.game.grand + 1):
        assert cut.game.lower[mask] <= exact.game.upper[mask] <= cut.game.upper[mask]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_said_at_once_is_the_cost_of_the_plan_without_the_others(seed):
    case = random_problem(seed, members=4, consignments=9, divisible=False)
    planned = plan(case, seed=1)
    carried = carried_by(case, planned)
    lots = LotPlan(containers=planned.containers, lcl=planned.lcl, postal=planned.postal)
    players = tuple(one.id for one in case.members if any(goods.member == one.id for goods in carried.consignments))
    table = coalitions.Coalitions(carried, players, lots)
    for mask, found in enumerate(table.at_once()):
        for part in table.parts:
            assert part.fits(part.start)
        costs = [part.layout.total(part.cut(part.start, part.pieces(mask))) for part in table.parts]
        assert found.upper == sum(costs)
        assert found.lower <= found.upper
