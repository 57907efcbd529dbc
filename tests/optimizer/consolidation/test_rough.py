from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.consolidation.rough import rough_filling

PIECES = st.lists(
    st.tuples(st.integers(1, 90), st.integers(1, 40), st.integers(0, 40), st.integers(0, 3)), min_size=1, max_size=8
)


def _worth(rows, fees, chosen):
    due = sum(fee for g, fee in enumerate(fees) if any(rows[j][3] >> g & 1 for j in chosen))
    return sum(rows[j][0] for j in chosen) - due


def _best(rows, fees, room, strength):
    return max(
        _worth(rows, fees, chosen)
        for size in range(len(rows) + 1)
        for chosen in combinations(range(len(rows)), size)
        if sum(rows[j][1] for j in chosen) <= room and sum(rows[j][2] for j in chosen) <= strength
    )


@given(PIECES, st.tuples(st.integers(0, 80), st.integers(0, 80)), st.lists(st.integers(1, 120), min_size=2, max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_rough_filling_fits_and_its_bound_is_never_under_the_best_one(rows, fees, rooms):
    worth, volumes, masses, owes = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    tables = {}
    for room in rooms:
        found = rough_filling((worth, volumes, masses), owes, list(fees), (room, 60), 0, max(rooms), tables)
        assert found.bound >= _best(rows, fees, room, 60)
        for chosen, value in zip(found.sets, found.worth, strict=True):
            assert value == _worth(rows, fees, chosen) > 0
            assert sum(rows[j][1] for j in chosen) <= room
            assert sum(rows[j][2] for j in chosen) <= 60


def test_tables_of_pieces_that_owe_otherwise_are_not_mixed_up():
    goods = tuple(np.array(column, dtype=np.int64) for column in ([50, 50], [10, 10], [1, 1]))
    tables = {}
    free = rough_filling(goods, np.array([0, 0]), [40], (20, 10), 0, 20, tables)
    owing = rough_filling(goods, np.array([1, 1]), [40], (20, 10), 0, 20, tables)
    assert (free.worth, owing.worth) == ([100], [60])
    assert (free.bound, owing.bound) == (100, 60)
