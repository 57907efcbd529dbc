"""Co-financing and de minimis: terms of real programmes, typed in with their source."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.fairs.public_money import AidRule, Claim, aid_of, headroom

MALTA = AidRule(rate=Fraction(1, 2), cap_minor=1_000_000)
"""SME internationalisation, Malta: 50 % up to 10,000 EUR (ewropa.mt)."""

GALICIA = AidRule(rate=Fraction(7, 10), indirect_rate=Fraction(7, 100), cap_minor=3_200_000, minimum_firms=2)
"""FOEXGA 2026, Galicia: 70 % of direct cost and 7 % indirect, 32,000 EUR a fair, two firms at least (grupoxoc.com)."""

ICEX = AidRule(
    rate=Fraction(1, 4),
    first_time_bonus=Fraction(5, 100),
    cap_minor=2_400_000,
    maximum_supported_years=5,
    minimum_firms=6,
    handling_fee_rate=Fraction(15, 100),
)
"""ICEX grouped participation through ModaEspana 2019: 25 %, 5 points more the first time, five years, six firms."""

GERMANY = AidRule(rate=Fraction(8, 10), cap_minor=750_000, maximum_times_same_fair=2)
"""Young innovative firms, Germany: 80 % of rent and stand, 7,500 EUR, twice a fair."""


@pytest.mark.parametrize(
    ("rule", "claim", "aid", "fee", "bound_by"),
    [
        (MALTA, Claim(eligible_cost_minor=1_234_567), 617_283, 0, ()),
        (MALTA, Claim(eligible_cost_minor=3_000_000), 1_000_000, 0, ("cap",)),
        (GALICIA, Claim(eligible_cost_minor=1_000_000, firms=2), 770_000, 0, ()),
        (GALICIA, Claim(eligible_cost_minor=1_000_000, firms=1), 0, 0, ("minimum_firms",)),
        (GALICIA, Claim(eligible_cost_minor=5_000_000, firms=3), 3_200_000, 0, ("cap",)),
        (ICEX, Claim(eligible_cost_minor=1_000_001, years_supported_before=0, firms=6), 300_000, 45_000, ()),
        (ICEX, Claim(eligible_cost_minor=1_000_000, years_supported_before=4, firms=6), 250_000, 37_500, ()),
        (
            ICEX,
            Claim(eligible_cost_minor=1_000_000, years_supported_before=5, firms=6),
            0,
            0,
            ("maximum_supported_years",),
        ),
        (
            ICEX,
            Claim(eligible_cost_minor=1_000_000, years_supported_before=9, firms=2),
            0,
            0,
            ("maximum_supported_years", "minimum_firms"),
        ),
        (GERMANY, Claim(eligible_cost_minor=900_000, times_same_fair_before=1), 720_000, 0, ()),
        (GERMANY, Claim(eligible_cost_minor=900_000, times_same_fair_before=2), 0, 0, ("maximum_times_same_fair",)),
    ],
)
def test_terms_of_real_programmes(rule: AidRule, claim: Claim, aid: int, fee: int, bound_by: tuple[str, ...]) -> None:
    found = aid_of(rule, claim)
    assert (found.aid_minor, found.handling_fee_minor, found.bound_by) == (aid, fee, bound_by)
    assert found.net_benefit_minor == aid - fee


rates = st.fractions(0, 1, max_denominator=20)


@given(st.integers(0, 10**9), rates, rates, rates, st.none() | st.integers(0, 10**8))
def test_aid_keeps_to_the_cap_and_to_the_cost(
    cost: int, rate: Fraction, indirect: Fraction, bonus: Fraction, cap: int | None
) -> None:
    rule = AidRule(rate=rate, indirect_rate=indirect, first_time_bonus=bonus, cap_minor=cap)
    found = aid_of(rule, Claim(eligible_cost_minor=cost, years_supported_before=0))
    assert 0 <= found.aid_minor <= cost
    assert cap is None or found.aid_minor <= cap
    exact = cost * min(Fraction(1), rate + indirect + bonus)
    assert ("cap" in found.bound_by) == (cap is not None and int(exact) > cap)


def test_de_minimis_over_three_rolling_years() -> None:
    """Ceiling of Regulation (EU) 2023/2831: 300,000 EUR over any three years."""
    granted = [(date(2023, 3, 1), 20_000_000), (date(2025, 6, 30), 5_000_000)]
    found = headroom(30_000_000, 3, granted, date(2026, 3, 1))
    assert (found.window_from, found.headroom_minor) == (date(2023, 3, 2), 25_000_000)
    found = headroom(30_000_000, 3, granted, date(2026, 2, 28))
    assert (found.window_from, found.headroom_minor) == (date(2023, 3, 1), 5_000_000)
    assert headroom(30_000_000, 3, granted, date(2025, 6, 29)).headroom_minor == 10_000_000


def test_a_leap_day_has_a_window_too() -> None:
    assert headroom(1, 3, [], date(2024, 2, 29)).window_from == date(2021, 3, 1)
    assert headroom(1, 4, [], date(2024, 2, 29)).window_from == date(2020, 3, 1)
