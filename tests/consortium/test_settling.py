"""Settling balances: known answers, the least number by trying everything, and the promises for any balances."""

from collections import Counter
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consortium.settling import Transfer, fewest_transfers, through_the_consortium
from optimizer.fairs.settling import MOST_EXACT


def test_two_pairs_settle_among_themselves():
    assert fewest_transfers({1: 5, 2: 7, 3: -5, 4: -7}).transfers == (Transfer(1, 3, 5), Transfer(2, 4, 7))


def test_the_largest_debt_first_would_need_a_transfer_more():
    found = fewest_transfers({1: 6, 2: 4, 3: 3, 4: -7, 5: -6})
    assert found.is_fewest
    assert {(one.payer, one.payee) for one in found.transfers} == {(1, 5), (2, 4), (3, 4)}


def test_nothing_owed_is_nothing_to_pay():
    assert fewest_transfers({1: 0, 2: 0}).transfers == ()
    assert through_the_consortium({1: 0}) == ()


def test_balances_that_do_not_sum_to_zero_are_refused():
    with pytest.raises(ValueError, match="expected the sum 0"):
        fewest_transfers({1: 1})


def test_through_the_consortium_each_member_has_one_transfer():
    assert through_the_consortium({1: 5, 2: -3, 3: 0}) == (Transfer(1, 0, 5), Transfer(0, 2, 3))


def closed(values: list[int]) -> dict[int, int]:
    return dict(enumerate([*values, -sum(values)], start=1))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-9, 9), min_size=1, max_size=6).map(closed))
def test_up_to_seven_members_no_plan_has_fewer(balances):
    @cache
    def least(state: tuple[int, ...]) -> int:
        """Try who settles the first debt: some best plan closes the first member against one other."""
        rest = tuple(one for one in state if one)
        if not rest:
            return 0
        first, others = rest[0], rest[1:]
        return 1 + min(
            least((*others[:place], others[place] + first, *others[place + 1 :]))
            for place in range(len(others))
            if others[place] * first < 0
        )

    assert len(fewest_transfers(balances).transfers) == least(tuple(sorted(balances.values())))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20).map(closed))
def test_every_plan_brings_all_balances_to_zero(balances):
    found = fewest_transfers(balances)
    open_balances = [one for one in balances.values() if one]
    assert found.is_fewest or len(open_balances) > MOST_EXACT
    assert len(found.transfers) <= max(0, len(open_balances) - 1)
    left = Counter(balances)
    for one in found.transfers:
        assert one.amount_minor > 0
        left[one.payer] -= one.amount_minor
        left[one.payee] += one.amount_minor
    assert not any(left.values())
    assert not {one.payer for one in found.transfers} & {one.payee for one in found.transfers}
    assert fewest_transfers(dict(reversed(balances.items()))) == found
