from itertools import combinations

import pytest

from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.patterns import bits, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of
from optimizer.consolidation.variants import variants_of
from optimizer.problem import Mode
from tests.builders import charge, consignment, container_20, problem, random_problem
from tests.builders import settings as settings_of


def test_a_truck_for_each_town_stays_one_container_with_a_fee_for_each_group():
    goods = [consignment("C-1", "a"), consignment("C-2", "b"), consignment("C-3", "b")]
    charges = [charge("OFR", "container", 1000)]
    charges += [charge(f"TRUCK-{name}", "container", 100, members=frozenset({name})) for name in "ab"]
    case = problem(goods, charges, container_types=[container_20()], settings=settings_of(Mode.FCL))
    (variant,) = variants_of(layout_of(case, [whole_piece(one) for one in goods]))
    assert (variant.mask, variant.fixed, sorted(variant.groups)) == (0b111, 1000, [(0b001, 100), (0b110, 100)])


def test_a_class_found_in_every_town_is_told_apart_and_not_the_towns():
    goods = [
        consignment(f"C-{name}{at}", name, cargo_class=kind)
        for name in "ab"
        for at, kind in enumerate(("dry", "dry", "chemical"))
    ]
    charges = [charge("OFR", "container", 1000), charge("DANGEROUS", "container", 350, cargo_classes=["chemical"])]
    charges += [charge(f"TRUCK-{name}", "container", 100, members=frozenset({name})) for name in "ab"]
    kinds = [container_20(cargo_classes=frozenset({"dry", "chemical"}))]
    case = problem(goods, charges, container_types=kinds, settings=settings_of(Mode.FCL))
    # One variant for each truck paid or not would be eight.
    variants = variants_of(layout_of(case, [whole_piece(one) for one in goods]))
    assert [(one.mask, one.fixed) for one in variants] == [(0b011011, 1000), (0b111111, 1350)]
    assert [sorted(one.groups) for one in variants] == [
        [(0b000011, 100), (0b011000, 100)],
        [(0b000111, 100), (0b111000, 100)],
    ]


@pytest.mark.parametrize("seed", range(25))
def test_patterns_of_a_plan_cost_together_what_the_plan_costs(seed):
    case = random_problem(seed, divisible=False)
    start = first_plan(case)
    ids = {part.consignment for load in start.containers for part in load.contents}
    ids |= {lot.part.consignment for lot in (*start.lcl, *start.postal)}
    layout = layout_of(case, [whole_piece(one) for one in case.consignments if one.id in ids])
    columns = columns_of(layout, start)
    plan = lot_plan_of(case, [(layout, column) for column in columns])
    cost = price(case, plan.containers, plan.lcl, plan.postal).cost_minor
    assert layout.total(columns) == cost == price(case, start.containers, start.lcl, start.postal).cost_minor


@pytest.mark.parametrize("seed", range(10))
def test_the_cheapest_variant_that_admits_a_container_costs_what_the_container_costs(seed):
    case = random_problem(seed, divisible=False, spanning=False, limits=False)
    layout = layout_of(case, [whole_piece(one) for one in case.consignments])
    variants = variants_of(layout)
    for q, place in enumerate(layout.places):
        if place.mode is not Mode.FCL:
            continue
        for pair in combinations(bits(layout.open[q]), 2):
            mask = sum(1 << i for i in pair)
            mass = layout.mass_of(mask)
            fees = [v.fixed for v in variants if v.place == q and mask & v.mask == mask and mass <= v.mass_g]
            own = sum(int(layout.cost[i, q]) for i in pair)
            if fees and mass <= place.container_type.payload_g:
                assert min(fees) + own == layout.column(q, mask).cost


def test_incompatible_classes_share_no_variant():
    goods = [
        consignment("C-1", cargo_class="food"),
        consignment("C-2", cargo_class="chemical"),
        consignment("C-3", cargo_class="dry"),
    ]
    kind = container_20(cargo_classes=frozenset({"food", "chemical", "dry"}))
    case = problem(
        goods,
        [charge("OFR", "container", 1000)],
        container_types=[kind],
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}),
        settings=settings_of(Mode.FCL),
    )
    layout = layout_of(case, [whole_piece(one) for one in goods])
    assert sorted(variant.mask for variant in variants_of(layout)) == [0b101, 0b110]


def test_a_surcharge_for_overweight_makes_a_lighter_container_without_it():
    goods = [consignment("C-1", kg=9_000), consignment("C-2", kg=9_000)]
    charges = [charge("OFR", "container", 1000), charge("HEAVY", "container", 300, gross_mass_over_g=15_000_000)]
    case = problem(goods, charges, container_types=[container_20()], settings=settings_of(Mode.FCL))
    layout = layout_of(case, [whole_piece(one) for one in goods])
    assert sorted((one.fixed, one.mass_g) for one in variants_of(layout)) == [(1000, 12_780_000), (1300, 18_000_000)]
    assert layout.column(0, 0b11).cost == 1300
    assert layout.column(0, 0b01).cost == 1000
