"""Moulin and Shenker: worked examples, and that no misreport, alone or in pairs, helps on a grid."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.fairs.participation import ShareOut, by_levels, by_weights, participation

FIRMS = ("A", "B", "C")


def equal_weights(common: int, members: str) -> ShareOut:
    return by_weights(common, {}, dict.fromkeys(members, 1))


def test_nobody_goes_when_each_departure_makes_the_next_too_dear() -> None:
    """12,000 and bids of 5,000 to 1,000: 2,400, then 4,000, then 6,000 each, and nobody is left."""
    bids = dict(zip("ABCDE", (5000, 4000, 3500, 2000, 1000), strict=True))
    found = participation(bids, equal_weights(12_000, "ABCDE"))
    assert [min(one.shares.values()) for one in found.rounds] == [2400, 4000, 6000]
    assert found.shares == {}


def test_public_money_lets_four_of_five_go() -> None:
    bids = dict(zip("ABCDE", (5000, 4000, 3500, 2000, 1000), strict=True))
    found = participation(bids, equal_weights(6_000, "ABCDE"))
    assert found.shares == dict.fromkeys("ABCD", Fraction(1500))
    assert [one.dropped for one in found.rounds] == [("E",), ()]


@pytest.mark.parametrize(
    ("weights", "shares"),
    [({"A": 1, "B": 1, "C": 1}, (4700, 3350, 3350)), ({"A": 18, "B": 9, "C": 9}, (5700, 2850, 2850))],
)
def test_own_metres_and_a_common_cost_by_head_or_by_area(weights: dict[str, int], shares: tuple[int, ...]) -> None:
    own = {"A": 18 * 150, "B": 9 * 150, "C": 9 * 150}
    found = participation({"A": 6500, "B": 4500, "C": 4000}, by_weights(6000, own, weights))
    assert found.shares == dict(zip(FIRMS, shares, strict=True))


def test_a_bid_equal_to_the_share_stays_and_too_few_pay_nothing() -> None:
    assert participation({"A": 5, "B": 5}, equal_weights(10, "AB")).shares == {"A": 5, "B": 5}
    found = participation({"A": 5, "B": 5}, equal_weights(10, "AB"), minimum_group=3)
    assert (found.shares, len(found.rounds)) == ({}, 1)


def gain(worth: int, found: Mapping[str, Fraction], firm: str) -> Fraction:
    return worth - found[firm] if firm in found else Fraction(0)


@pytest.mark.parametrize(
    "share_out",
    [
        by_weights(9, {}, dict.fromkeys(FIRMS, 1)),
        by_weights(6, {"A": 1, "C": 2}, {"A": 2, "B": 1, "C": 1}),
        by_levels({"A": 2, "B": 5, "C": 7}),
    ],
)
@pytest.mark.parametrize("minimum_group", [1, 2])
def test_no_misreport_alone_or_in_pairs_helps(share_out: ShareOut, minimum_group: int) -> None:
    """Every truth and every lie from 0 to 6: no group of liars has one that gains and none that loses."""
    grid = range(7)
    outcomes = {
        bids: participation(dict(zip(FIRMS, bids, strict=True)), share_out, minimum_group=minimum_group).shares
        for bids in product(grid, repeat=3)
    }
    for truth, honest in outcomes.items():
        for liars in [*combinations(range(3), 1), *combinations(range(3), 2)]:
            before = [gain(truth[index], honest, FIRMS[index]) for index in liars]
            for lies in product(grid, repeat=len(liars)):
                told = list(truth)
                for index, lie in zip(liars, lies, strict=True):
                    told[index] = lie
                after = [gain(truth[index], outcomes[tuple(told)], FIRMS[index]) for index in liars]
                worse = any(late < early for early, late in zip(before, after, strict=True))
                assert worse or after == before


@given(
    st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(0, 60), min_size=1),
    st.integers(0, 100),
    st.lists(st.integers(1, 5), min_size=7, max_size=7),
)
def test_shares_carry_the_cost_and_respect_the_bids(bids: dict[str, int], common: int, weights: list[int]) -> None:
    share_out = by_weights(common, {"A": 3}, dict(zip("ABCDEFG", weights, strict=True)))
    found = participation(bids, share_out)
    if found.shares:
        assert sum(found.shares.values()) == common + (3 if "A" in found.shares else 0)
    for member, share in found.shares.items():
        assert 0 <= share <= bids[member]
        raised = participation({**bids, member: bids[member] + 7}, share_out)
        assert raised.shares == found.shares
