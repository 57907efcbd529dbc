"""Stages of a budget, exchange, cancellation, deposits and withdrawal: cases with known numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.fairs.contracts import (
    StageError,
    Stages,
    after_event,
    cancellation_fee,
    cancelled,
    exchange_variance,
    owed_on_withdrawal,
    with_deposit,
)

ORGANISER = [
    (271, Fraction(15, 100)),
    (181, Fraction(4, 10)),
    (121, Fraction(6, 10)),
    (61, Fraction(8, 10)),
    (0, Fraction(1)),
]
"""A sliding scale of one organiser: 15/40/60/80/100 % at 271/181/121/61/fewer days."""


def test_an_amount_is_in_one_stage_only() -> None:
    stages = Stages(budget_minor=100)
    seen = []
    for event in (
        {"request": 60},
        {"request_to_order": 50, "cancel_request": 10},
        {"order_to_actual": 50, "invoiced": 55},
        {"order": 46},
    ):
        stages = after_event(stages, event)
        seen.append((stages.requested_minor, stages.ordered_minor, stages.actual_minor, stages.available_minor))
    assert seen == [(60, 0, 0, 40), (0, 50, 0, 50), (0, 0, 55, 45), (0, 46, 55, -1)]


@pytest.mark.parametrize(
    "event",
    [
        {"request_to_order": 6},
        {"cancel_request": 6},
        {"request_to_order": 3, "cancel_request": 3},
        {"order_to_actual": 1},
        {"cancel_order": 1},
    ],
)
def test_no_more_leaves_a_stage_than_is_in_it(event: dict[str, int]) -> None:
    with pytest.raises(StageError):
        after_event(Stages(budget_minor=10, requested_minor=5), event)


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_promotion_leaves_what_is_available_and_cancelling_restores_it(budget: int, amount: int, other: int) -> None:
    start = Stages(budget_minor=budget, ordered_minor=other)
    requested = after_event(start, {"request": amount})
    ordered = after_event(requested, {"request_to_order": amount})
    invoiced = after_event(ordered, {"order_to_actual": amount})
    assert requested.available_minor == ordered.available_minor == invoiced.available_minor
    assert after_event(ordered, {"cancel_order": amount}) == start


def test_a_variance_is_price_and_rate() -> None:
    found = exchange_variance(2000, Fraction("3.70"), 1900, Fraction("3.80"))
    assert (found.budget_base_minor, found.actual_base_minor) == (7400, 7220)
    assert (found.variance_minor, found.price_part_minor, found.rate_part_minor) == (-180, -370, 190)


amounts = st.integers(-(10**9), 10**9)
exchange_rates = st.fractions(Fraction(1, 1000), 1000, max_denominator=1000)


@given(amounts, exchange_rates, amounts, exchange_rates)
def test_the_parts_of_a_variance_sum_to_it(
    budget: int, budget_rate: Fraction, actual: int, actual_rate: Fraction
) -> None:
    found = exchange_variance(budget, budget_rate, actual, actual_rate)
    assert found.price_part_minor + found.rate_part_minor == found.actual_base_minor - found.budget_base_minor
    assert abs(found.rate_part_minor - actual * (actual_rate - budget_rate)) <= Fraction(3, 2)


@pytest.mark.parametrize(("paid", "refund", "still_due"), [(0, 0, 300), (1, 100, 0), (3, 700, 0)])
def test_leaving_a_contract_of_three_instalments(paid: int, refund: int, still_due: int) -> None:
    """Colombiaplast 2024: 40/30/30 % instalments, leaving after admission costs 30 %."""
    found = cancelled(1000, [Fraction(4, 10), Fraction(3, 10), Fraction(3, 10)], Fraction(3, 10), paid)
    assert found.instalments_minor == (400, 300, 300)
    assert (found.penalty_minor, found.refund_minor, found.still_due_minor) == (300, refund, still_due)


@pytest.mark.parametrize(
    ("days", "fee"), [(400, 150), (271, 150), (270, 400), (121, 600), (61, 800), (60, 1000), (0, 1000)]
)
def test_a_sliding_scale(days: int, fee: int) -> None:
    assert cancellation_fee(1000, ORGANISER, days) == fee


def test_no_row_of_a_scale_for_so_few_days() -> None:
    assert cancellation_fee(1000, [(30, Fraction(1, 4))], 29) is None


@pytest.mark.parametrize(
    ("late", "reported", "due", "income", "refund"),
    [(True, False, 1_550_000, 1_150_000, 0), (False, True, 1_400_000, 1_000_000, 400_000)],
)
def test_a_deposit_buys_the_report(late: bool, reported: bool, due: int, income: int, refund: int) -> None:
    """CITEM 1995: fee 10,000, deposit 4,000 given back after the report, 15 % more when late."""
    found = with_deposit(1_000_000, 400_000, Fraction(15, 100), late=late, report_delivered=reported)
    assert (found.due_minor, found.income_minor, found.refund_minor) == (due, income, refund)


def test_who_leaves_keeps_its_part_of_the_common_cost() -> None:
    weights = {"A": 1, "B": 1, "C": 1}
    assert owed_on_withdrawal(900, weights, "C", 40, replaced=False) == 340
    assert owed_on_withdrawal(900, weights, "C", 40, replaced=True) == 40
    assert sum(owed_on_withdrawal(1000, weights, one, 0, replaced=False) for one in weights) == 1000
