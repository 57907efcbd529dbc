from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.apportion import apportion, round_shares

WEIGHTS = st.dictionaries(st.text(max_size=3), st.fractions(0, 1000, max_denominator=50), min_size=1, max_size=9)


def test_the_odd_units_go_to_the_largest_remainders() -> None:
    # 100 x (47, 16, 15.8, 12, 6.1, 3.1) / 100: the standing example of largest remainders with ten seats.
    weights = {"yellows": 47_000, "whites": 16_000, "reds": 15_900, "greens": 12_000, "blues": 6_000, "pinks": 3_100}
    assert apportion(10, weights) == {"yellows": 5, "whites": 2, "reds": 1, "greens": 1, "blues": 1, "pinks": 0}


def test_another_key_gives_the_odd_cent_to_another_member() -> None:
    members = dict.fromkeys("ABC", 1)
    winners = [
        max(split, key=lambda one: split[one])
        for split in (apportion(100, members, tie_key=f"inv-{k}") for k in range(300))
    ]
    assert {winners.count(member) for member in "ABC"} <= set(range(70, 131))
    assert apportion(100, members, tie_key="inv-1") == apportion(100, members, tie_key="inv-1")


def test_a_credit_mirrors_the_charge_that_it_reverses() -> None:
    weights = {"A": 1, "B": 1, "C": Fraction(3, 7)}
    charged, credited = apportion(101, weights, tie_key="k"), apportion(-101, weights, tie_key="k")
    assert credited == {member: -amount for member, amount in charged.items()}


def test_nothing_can_be_split_by_no_weights() -> None:
    assert apportion(0, {"A": 0, "B": 0}) == {"A": 0, "B": 0}
    with pytest.raises(ValueError, match="expected one > 0 to split 5"):
        apportion(5, {"A": 0})
    with pytest.raises(ValueError, match="found -1"):
        apportion(5, {"A": 2, "B": -1})


def test_shares_that_do_not_sum_to_the_total_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the sum 10, found 21/2"):
        round_shares({"A": Fraction(21, 2)}, 10)
    with pytest.raises(ValueError, match="unit_minor"):
        round_shares({"A": Fraction(10)}, 10, unit_minor=0)


def test_one_member_takes_what_a_coarse_unit_leaves() -> None:
    rounded = round_shares(
        {"A": Fraction(1003, 3), "B": Fraction(1003, 3), "C": Fraction(1003, 3)}, 1003, unit_minor=100
    )
    assert sorted(rounded.values()) == [300, 303, 400]


@given(st.integers(-10_000, 10_000), WEIGHTS, st.text(max_size=4))
def test_splits_are_exact_close_and_mirrored(total: int, weights: dict[str, Fraction], key: str) -> None:
    whole = sum(weights.values())
    if whole == 0:
        return
    split = apportion(total, weights, tie_key=key)
    assert sum(split.values()) == total
    assert list(split) == list(weights)
    assert all(abs(split[member] - total * weight / whole) < 1 for member, weight in weights.items())
    assert apportion(-total, weights, tie_key=key) == {member: -amount for member, amount in split.items()}


@given(st.lists(st.fractions(-500, 500, max_denominator=30), min_size=1, max_size=8), st.integers(1, 40))
def test_rounded_shares_are_multiples_but_for_one(parts: list[Fraction], unit: int) -> None:
    total = int(sum(parts))
    parts[-1] += total - sum(parts)
    shares = {str(index): share for index, share in enumerate(parts)}
    rounded = round_shares(shares, total, unit_minor=unit)
    assert sum(rounded.values()) == total
    assert sum(amount % unit != 0 for amount in rounded.values()) <= 1
    assert all(abs(rounded[member] - share) < unit for member, share in shares.items())


@given(WEIGHTS, st.integers(0, 10_000))
def test_a_greater_weight_never_pays_less(weights: dict[str, Fraction], total: int) -> None:
    if sum(weights.values()) == 0:
        return
    split = apportion(total, weights)
    ordered = sorted(weights, key=lambda member: (weights[member], split[member]))
    assert all(split[one] <= split[other] for one, other in pairwise(ordered))
