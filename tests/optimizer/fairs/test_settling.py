"""Settlement: balances end at zero with the fewest transfers, counted by brute force."""

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.fairs.settling import MOST_EXACT, settle


def fewest(balances: list[int]) -> int:
    """Return the fewest transfers: what one group that balances can spare, over all first groups."""
    open_balances = [one for one in balances if one]
    if not open_balances:
        return 0
    first, rest = open_balances[0], range(1, len(open_balances))
    best = len(open_balances) - 1
    for size in range(len(open_balances) - 1):
        for chosen in combinations(rest, size):
            if first + sum(open_balances[index] for index in chosen) == 0:
                others = [open_balances[index] for index in rest if index not in chosen]
                best = min(best, size + fewest(others))
    return best


balanced = st.lists(st.integers(-12, 12), min_size=1, max_size=6).map(lambda given_: [*given_, -sum(given_)])


@given(balanced)
def test_as_few_as_brute_force_and_nobody_pays_and_receives(amounts: list[int]) -> None:
    balances = {str(index): amount for index, amount in enumerate(amounts)}
    found = settle(balances)
    left = Counter(balances)
    for one in found.transfers:
        assert one.amount_minor > 0
        left[one.payer] += one.amount_minor
        left[one.payee] -= one.amount_minor
    assert not any(left.values())
    assert not {one.payer for one in found.transfers} & {one.payee for one in found.transfers}
    assert found.fewest
    assert len(found.transfers) == fewest(amounts)


def test_many_members_are_settled_without_a_claim_of_the_fewest() -> None:
    balances = {str(index): index + 1 for index in range(MOST_EXACT + 1)}
    balances["last"] = -sum(balances.values())
    found = settle(balances)
    assert (found.fewest, len(found.transfers)) == (False, MOST_EXACT + 1)


def test_exact_pairs_do_not_count_against_the_limit() -> None:
    balances = {f"{side}{index}": sign * (index + 1) for index in range(40) for side, sign in (("a", 1), ("b", -1))}
    found = settle(balances)
    assert (found.fewest, len(found.transfers)) == (True, 40)


def test_balances_that_do_not_sum_to_zero_are_refused() -> None:
    with pytest.raises(ValueError, match="expected the sum 0, found 3"):
        settle({"A": 5, "B": -2})
