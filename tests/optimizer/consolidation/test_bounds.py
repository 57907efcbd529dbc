import time

import pytest

from optimizer.consolidation.bounds import separate_parts, volume_bound, without_dominated
from optimizer.consolidation.budgets import Budget
from optimizer.consolidation.charges import lot_cost, price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.master import improve
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.parts import PartSearch
from optimizer.consolidation.patterns import CLOSED, whole_piece
from optimizer.consolidation.plans import not_carried
from optimizer.consolidation.prices import SCALE
from optimizer.consolidation.pricing import bound_of, fluid_prices, price_patterns
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.splitting import grain_layout, piece_of
from optimizer.limits import Limits, ignore_progress, never_stop
from optimizer.problem import Mode
from tests.builders import ELSEWHERE, charge, consignment, container_20, package, problem, random_problem, settings


def layout_for(case):
    return layout_of(case, [whole_piece(one) for one in case.consignments])


def optimum(case):
    found = improve(
        case, first_plan(case), limits=Limits(), seed=1, on_progress=ignore_progress, should_stop=never_stop
    )
    assert found.proven
    return found, price(case, found.plan.containers, found.plan.lcl, found.plan.postal).cost_minor


@pytest.mark.parametrize("seed", range(12))
def test_every_bound_on_the_way_is_at_most_the_optimum(seed):
    case = random_problem(seed, consignments=8, divisible=False, limits=False)
    found, cost = optimum(case)
    if not_carried(case, found.plan):
        case = case.restricted_to({one.id for one in case.consignments} - set(found.plan.unplanned))
    relaxation = Relaxation(layout_for(case))
    for _ in range(60):
        prices = relaxation.solve()
        priced = price_patterns(relaxation, prices)
        assert priced.bound_scaled <= cost * SCALE
        if not relaxation.add(priced.columns):
            break
    assert priced.bound_scaled >= (relaxation.value - 1) * SCALE
    assert volume_bound(layout_for(case)) <= cost


@pytest.mark.parametrize("seed", range(12))
def test_goods_as_a_fluid_leave_no_pattern_a_gain_and_bound_the_optimum(seed):
    case = random_problem(seed, consignments=8, divisible=False, limits=False)
    found, cost = optimum(case)
    if not_carried(case, found.plan):
        case = case.restricted_to({one.id for one in case.consignments} - set(found.plan.unplanned))
    relaxation = Relaxation(layout_for(case))
    prices = fluid_prices(relaxation)
    priced = price_patterns(relaxation, prices, nodes=1_000_000)
    assert not priced.columns
    # Price breaks may pay for a container that is there, which the search takes off the bound.
    assert priced.bound_scaled <= bound_of(relaxation, prices)
    assert 0 < bound_of(relaxation, prices) <= cost * SCALE


@pytest.mark.parametrize("seed", range(12))
def test_closing_dominated_options_keeps_the_optimum(seed):
    case = random_problem(seed, consignments=8, divisible=False, spanning=False, limits=False)
    hopeful = [one for one in case.consignments if feasible_options(case, one)]
    full = layout_of(case, [whole_piece(one) for one in hopeful])
    less = without_dominated(full)
    assert (less.cost != CLOSED).sum() <= (full.cost != CLOSED).sum()
    values = []
    for layout in (full, less):
        budget = Budget(20, time.monotonic() + 600, 1, never_stop)
        search = PartSearch(Relaxation(layout), (), budget, lambda *_: None)
        search.run()
        assert search.proven
        values.append(search.value)
    assert values[0] == values[1]


def test_lanes_fall_apart():
    goods = [consignment("C-1"), consignment("C-2"), consignment("C-3", destination=ELSEWHERE)]
    case = random_problem(1, lanes=2, consignments=2, divisible=False)
    case = problem(
        goods,
        [charge("OFR", "container", 1000)],
        container_types=[container_20()],
        departures=[*problem().departures, *(d for d in case.departures if d.destination == ELSEWHERE)],
        settings=settings(Mode.FCL),
    )
    assert separate_parts(layout_for(case)) == ((0, 1), (2,))


def test_goods_too_large_to_share_fall_apart_unless_a_fee_joins_them():
    goods = [consignment("C-1", litres=20_000), consignment("C-2", litres=20_000)]
    kinds = {"container_types": [container_20()], "settings": settings(Mode.FCL)}
    box, bill = charge("OFR", "container", 1000), charge("BL", "bill_of_lading", 50)
    assert separate_parts(layout_for(problem(goods, [box], **kinds))) == ((0,), (1,))
    assert separate_parts(layout_for(problem(goods, [box, bill], **kinds))) == ((0, 1),)


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 20])
def test_no_lot_of_split_goods_costs_less_than_its_grains(count):
    goods = consignment(packages=[package("P", 20, litres=437, kg=91)], divisible=True)
    charges = [
        charge("LCL", "freight_tonne", 9_137, modes=["lcl"], minimum_minor=500),
        charge("TALLY", "package", 7, maximum_minor=60),
        charge("STEPS", "cubic_metre", steps={0: 900, 3: 700}),
    ]
    case = problem([goods], charges, settings=settings(Mode.FCL, Mode.LCL))
    layout = grain_layout(case, case.consignments)
    part = piece_of(goods, {"P": count})
    lot = layout_of(case, [part])
    for q, place in enumerate(layout.places):
        grains, left = 0, count
        for i in reversed(range(len(layout.pieces))):
            if layout.pieces[i].count <= left and layout.cost[i, q] != CLOSED:
                left -= layout.pieces[i].count
                grains += int(layout.cost[i, q])
        here = [int(lot.cost[0, p]) for p, other in enumerate(lot.places) if other == place]
        if here:
            assert left == 0
            assert grains <= here[0]


def test_lot_cost_is_what_the_layout_says():
    case = random_problem(2, divisible=False, spanning=False)
    bare = problem(case.consignments, [one for one in case.charges if one.code in {"LCL", "TALLY", "CFS"}])
    undelayed = [consignment(one.id, one.member, litres=3000) for one in bare.consignments]
    bare = problem(undelayed, bare.charges)
    layout = layout_for(bare)
    for q, place in enumerate(layout.places):
        one = layout.pieces[0].consignment
        assert layout.cost[0, q] == lot_cost(bare, one, place.departure, place.mode, place.container_type)
