from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.consolidation.fillings import fill, price_variants

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
def test_best_filling_is_the_best(pieces, room, strength):
    worth, volumes, masses = _columns(pieces)
    best = max(value for _, value in _feasible(pieces, room, strength))
    found = fill(worth, volumes, masses, room, strength, -1, best_only=True)
    assert max(0, found.bound) == best


@given(PIECES, st.integers(1, 120), st.integers(0, 120))
@settings(max_examples=100, deadline=None)
def test_a_filling_cut_short_still_gives_a_bound(pieces, room, strength):
    best = max(value for _, value in _feasible(pieces, room, strength))
    assert fill(*_columns(pieces), room, strength, -1, nodes=1, best_only=True).bound >= best


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
        fill(*_columns(pieces), room, 60, threshold, owes=owes, fees=fees, nodes=1, best_only=True).bound >= best.bound
    )


@given(
    st.lists(st.tuples(*(3 * [st.integers(-20, 90)]), st.integers(0, 2)), min_size=1, max_size=9),
    st.lists(st.integers(0, 5), min_size=9, max_size=9),
    st.integers(1, 120),
)
@settings(max_examples=200, deadline=None)
def test_of_a_choice_at_most_one_is_held(rows, choices, room):
    pieces = [(worth, 1 + abs(volume), abs(mass)) for worth, volume, mass, _ in rows]
    choices = [one if one < 3 else -1 for one in choices[: len(rows)]]
    expected = {}
    for chosen, worth in _feasible(pieces, room, 60):
        held = [choices[j] for j in chosen if choices[j] >= 0]
        if worth > 5 and len(set(held)) == len(held):
            expected[chosen] = worth
    found = fill(*_columns(pieces), room, 60, 5, choices=choices)
    assert dict(zip(found.sets, found.worth, strict=True)) == expected
    best = fill(*_columns(pieces), room, 60, 5, choices=choices, best_only=True)
    assert best.bound == max([5, *expected.values()])


@given(
    st.lists(st.tuples(*(3 * [st.integers(-20, 90)]), st.integers(-1, 2)), min_size=1, max_size=8),
    st.lists(st.integers(0, 60), min_size=3, max_size=3),
    st.tuples(st.integers(1, 120), st.integers(0, 90)),
    st.integers(0, 80),
    st.sampled_from([(1, 1), (10**8, 10**9)]),
)
@settings(max_examples=300, deadline=None)
def test_variants_are_priced_as_trying_everything_does(rows, fees, room, fixed, units):
    # Real volumes are in mm3 and prices in fractions of a cent: products of both are too large for an integer.
    price, litre = units
    fees, fixed, room = [fee * price for fee in fees], fixed * price, (room[0] * litre, room[1])
    order = sorted(range(len(rows)), key=lambda j: (rows[j][3] if rows[j][3] >= 0 else 9, -abs(rows[j][1])))
    rows = [rows[j] for j in order]
    pieces = [(worth * price, (1 + abs(volume)) * litre, abs(mass)) for worth, volume, mass, _ in rows]
    best = {}
    for chosen, worth in _feasible(pieces, *room):
        groups = {rows[j][3] for j in chosen} - {-1}
        if chosen:
            best[chosen] = worth - sum(fees[g] for g in groups) - fixed
    worth, volumes, masses = _columns(pieces)
    owed = np.array([1 << row[3] if row[3] >= 0 else 0 for row in rows], dtype=np.int64)
    count = len(rows)
    least = np.zeros(count, dtype=np.int64)
    held, ends, variants = np.zeros(99, dtype=np.int32), np.zeros(9, dtype=np.int64), np.zeros(9, dtype=np.int64)
    found, _, finished = price_variants(
        0, 1, np.array([0, count]), np.arange(count), owed, np.array([0]), np.array([room]), np.array([fixed]),
        np.array([0, 3]), np.array(fees), worth.reshape(1, -1), volumes, masses, np.full(count, -1), 0, 64, 10_000, 3,
        least, held, ends, variants,
    )  # fmt: skip
    assert finished
    start = 0
    for one in range(found):
        assert best[tuple(sorted(held[start : ends[one]].tolist()))] > 0
        start = ends[one]
    if max(best.values(), default=0) > 0:
        assert max(
            best[tuple(sorted(held[a:b].tolist()))] for a, b in zip([0, *ends[: found - 1]], ends[:found], strict=True)
        ) == max(best.values())
    assert all(value <= sum(int(least[j]) for j in chosen) for chosen, value in best.items())
