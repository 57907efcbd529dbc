from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.knapsack import best_few, fill, fractional_bound
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.patterns import bits, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of
from optimizer.consolidation.variants import variants_of
from optimizer.problem import Mode
from tests.builders import charge, consignment, container_20, problem, random_problem
from tests.builders import settings as settings_of

PIECES = st.lists(st.tuples(st.integers(-20, 90), st.integers(1, 40), st.integers(0, 40)), min_size=1, max_size=9)


def _feasible(pieces, room, strength, apart=()):
    for size in range(len(pieces) + 1):
        for chosen in combinations(range(len(pieces)), size):
            if (
                sum(pieces[j][1] for j in chosen) <= room
                and sum(pieces[j][2] for j in chosen) <= strength
                and not any(one in chosen and other in chosen for one, other in apart)
            ):
                yield chosen, sum(pieces[j][0] for j in chosen)


def _columns(pieces):
    return [np.array(column, dtype=np.int64) for column in zip(*pieces, strict=True)]


@given(PIECES, st.integers(1, 120), st.integers(0, 120), st.integers(-30, 60))
@settings(max_examples=150, deadline=None)
def test_filling_lists_exactly_the_sets_that_fit_and_are_worth_more_than_the_threshold(
    pieces, room, strength, threshold
):
    found = fill(*_columns(pieces), room, strength, threshold)
    expected = {chosen: worth for chosen, worth in _feasible(pieces, room, strength) if worth > threshold}
    assert dict(zip(found.sets, found.worth, strict=True)) == expected
    assert found.complete


@given(PIECES, st.integers(1, 120), st.integers(0, 120))
@settings(max_examples=150, deadline=None)
def test_best_filling_is_the_best_and_the_fractional_bound_is_never_under_it(pieces, room, strength):
    worth, volumes, masses = _columns(pieces)
    best = max(value for _, value in _feasible(pieces, room, strength))
    found = fill(worth, volumes, masses, room, strength, -1, best_only=True)
    assert max(0, found.bound) == best
    assert fractional_bound(worth, volumes, room) >= best


@given(PIECES, st.integers(1, 120), st.integers(0, 120), st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_depth_first_finds_the_same_best_filling(pieces, room, strength, threshold):
    gains = [piece for piece in pieces if piece[0] > 0]
    if not gains:
        return
    best = max(value for _, value in _feasible(gains, room, strength))
    found = best_few(*_columns(gains), room, strength, threshold, most=3, nodes=10_000)
    assert found.bound == max(best, threshold)
    assert found.worth[:1] == ([best] if best > threshold else [])
    for chosen, value in zip(found.sets, found.worth, strict=True):
        assert (chosen, value) in set(_feasible(gains, room, strength))


@given(PIECES, st.integers(1, 120), st.integers(0, 120))
@settings(max_examples=100, deadline=None)
def test_a_filling_cut_short_still_gives_a_bound(pieces, room, strength):
    best = max(value for _, value in _feasible(pieces, room, strength))
    assert fill(*_columns(pieces), room, strength, -1, width=2, best_only=True).bound >= best


@given(PIECES.filter(lambda pieces: len(pieces) > 2), st.integers(1, 120), st.integers(0, 120))
@settings(max_examples=100, deadline=None)
def test_pieces_kept_apart_are_in_no_set_together(pieces, room, strength):
    apart = [(0, 1), (1, 2)]
    found = fill(*_columns(pieces), room, strength, -1, apart=apart)
    expected = {chosen for chosen, worth in _feasible(pieces, room, strength, apart) if worth > -1}
    assert set(found.sets) == expected


@given(
    st.lists(st.tuples(*(3 * [st.integers(-20, 90)]), st.integers(0, 7)), min_size=1, max_size=9),
    st.lists(st.integers(0, 80), min_size=3, max_size=3),
    st.integers(1, 120),
    st.integers(-30, 60),
)
@settings(max_examples=200, deadline=None)
def test_the_first_piece_of_a_group_pays_its_fee_for_all(rows, fees, room, threshold):
    pieces = [(worth, 1 + abs(volume), abs(mass)) for worth, volume, mass, _ in rows]
    owes = np.array([row[3] for row in rows], dtype=np.int64)
    expected = {}
    for chosen, worth in _feasible(pieces, room, 60):
        due = sum(fee for g, fee in enumerate(fees) if any(int(owes[j]) >> g & 1 for j in chosen))
        if worth - due > threshold:
            expected[chosen] = worth - due
    found = fill(*_columns(pieces), room, 60, threshold, owes=owes, fees=fees)
    assert dict(zip(found.sets, found.worth, strict=True)) == expected
    best = fill(*_columns(pieces), room, 60, threshold, owes=owes, fees=fees, best_only=True)
    assert best.bound == max([threshold, *expected.values()])
    assert (
        fill(*_columns(pieces), room, 60, threshold, owes=owes, fees=fees, width=2, best_only=True).bound >= best.bound
    )


def test_a_truck_for_each_town_stays_one_container_with_a_fee_for_each_group():
    goods = [consignment("C-1", "a"), consignment("C-2", "b"), consignment("C-3", "b")]
    charges = [charge("OFR", "container", 1000)]
    charges += [charge(f"TRUCK-{name}", "container", 100, members=frozenset({name})) for name in "ab"]
    case = problem(goods, charges, container_types=[container_20()], settings=settings_of(Mode.FCL))
    (variant,) = variants_of(layout_of(case, [whole_piece(one) for one in goods]))
    assert (variant.mask, variant.fixed, sorted(variant.groups)) == (0b111, 1000, [(0b001, 100), (0b110, 100)])


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
