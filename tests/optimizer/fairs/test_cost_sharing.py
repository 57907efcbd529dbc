"""Shares of stands, tariffs and overheads: worked examples and independent recounts."""

from fractions import Fraction
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from optimizer.allocation.shapley import shapley
from optimizer.cost_game import CostGame
from optimizer.fairs.cost_sharing import (
    airport,
    block_cost,
    in_proportion,
    overhead,
    polynomial_cost,
    remaining_benefits,
    serial,
)

EXHIBITORS = CostGame(players=("A", "B", "C"), upper=[0, 9000, 7000, 12_000, 6000, 11_400, 10_200, 15_000])


def test_three_exhibitors_by_shapley_and_by_remaining_benefits() -> None:
    """Alone 9,000, 7,000 and 6,000; in pairs 12,000, 11,400 and 10,200; all three 15,000."""
    shares = shapley(EXHIBITORS).shares
    assert shares == {"A": Fraction(19_000, 3), "B": Fraction(14_200, 3), "C": Fraction(11_800, 3)}
    separable = {"A": 4800, "B": 3600, "C": 3000}
    found = remaining_benefits(15_000, {"A": 9000, "B": 7000, "C": 6000}, separable)
    assert {member: round(float(share), 2) for member, share in found.items()} == {
        "A": 6226.42,
        "B": 4754.72,
        "C": 4018.87,
    }
    assert sum(found.values()) == 15_000


def test_serial_shares_of_a_fixed_cost_and_a_price_per_metre() -> None:
    cost = polynomial_cost([3000, 250])
    assert serial({"A": 4, "B": 8, "C": 12}, cost) == {"A": 2000, "B": 3000, "C": 4000}
    assert serial({"A": 0, "B": 8}, cost) == {"A": 0, "B": 5000}


def test_serial_shares_of_a_block_tariff() -> None:
    """Ten units at 40, more at 25: three that want 6, 6 and 10 would cost 600, 600 and 700 in equal parts."""
    cost = block_cost([(0, 40), (10, 25)])
    assert [cost(Fraction(quantity)) for quantity in (0, 10, 18, 22)] == [0, 400, 600, 700]
    assert serial({"A": 6, "B": 10, "C": 6}, cost) == {"A": 200, "B": 300, "C": 200}


def test_overhead_with_a_cap() -> None:
    """24,000, half in equal parts, the rest by sales of 400/300/200/100, nobody above 7,000."""
    found = overhead(24_000, Fraction(1, 2), {"A": 400, "B": 300, "C": 200, "D": 100}, 7_000)
    assert found == {"A": 7000, "B": 7000, "C": Fraction(17_000, 3), "D": Fraction(13_000, 3)}
    assert overhead(24_000, Fraction(1, 2), {"A": 400, "B": 300, "C": 200, "D": 100}, 5_999) is None
    assert overhead(10, Fraction(0), {"A": 0, "B": 0}, None) is None
    assert overhead(10, Fraction(1), {"A": 0, "B": 0}, 5) == dict.fromkeys("AB", Fraction(5))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=5))
def test_airport_is_the_mean_over_all_orders(levels: list[int]) -> None:
    members = {str(index): level for index, level in enumerate(levels)}
    orders = list(permutations(members))
    mean = dict.fromkeys(members, Fraction(0))
    for order in orders:
        built = 0
        for member in order:
            mean[member] += Fraction(max(0, members[member] - built), len(orders))
            built = max(built, members[member])
    assert airport(members) == mean


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.lists(st.integers(0, 40), min_size=1, max_size=3))
def test_serial_shares_sum_and_do_not_depend_on_larger_demands(demands: list[int], coefficients: list[int]) -> None:
    cost = polynomial_cost(coefficients)
    members = {str(index): demand for index, demand in enumerate(demands)}
    found = serial(members, cost)
    assert sum(found.values()) == cost(Fraction(sum(demands)))
    largest = max(members, key=lambda member: members[member])
    more = serial({**members, largest: members[largest] + 9}, cost)
    assert all(more[member] == share for member, share in found.items() if member != largest)


@given(
    st.integers(0, 10_000),
    st.fractions(0, 1, max_denominator=12),
    st.lists(st.integers(0, 9), min_size=1, max_size=6),
    st.integers(0, 5_000),
)
def test_overhead_sums_and_keeps_to_its_cap(total: int, equal_part: Fraction, drivers: list[int], cap: int) -> None:
    members = {str(index): driver for index, driver in enumerate(drivers)}
    found = overhead(total, equal_part, members, cap)
    base = equal_part * total / len(members)
    room = sum(cap - base for driver in drivers if driver)
    if found is None:
        assert base > cap or room < total - base * len(members)
        return
    assert sum(found.values()) == total
    assert all(base <= share <= cap for share in found.values())
    free = {member: share for member, share in found.items() if share < cap}
    assert len({(share - base) / members[member] for member, share in free.items() if members[member]}) <= 1


def test_nothing_to_share_by_is_no_answer() -> None:
    assert in_proportion(5, {"A": 0}) is None
    assert in_proportion(0, {"A": 0}) == {"A": Fraction(0)}
    assert in_proportion(-10, {"A": 2, "B": 1}) == {"A": Fraction(-20, 3), "B": Fraction(-10, 3)}
