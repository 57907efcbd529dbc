"""Programmes of co-financing: published terms with known results, and what holds for any terms and claims."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consortium.programmes import shipped_programmes
from optimizer.fairs.co_financing import (
    Application,
    CostLine,
    FirmAid,
    FirmClaim,
    Programme,
    Rate,
    aid_of_all,
    cut_after_audit,
)

DAY = date(2026, 3, 1)


def terms(code: str) -> Programme:
    return shipped_programmes()[code].programme


def claim(firm: str, amount: int, category: str = "space", **more: Any) -> FirmClaim:
    return replace(FirmClaim(firm=firm, lines=(CostLine(category=category, amount_minor=amount),)), **more)


def aid(programme: Programme, *firms: FirmClaim, activity: str = "fair", zone: str = "abroad") -> dict[str, FirmAid]:
    return aid_of_all(programme, Application(activity=activity, zone=zone, day=DAY, firms=firms))


def amounts(found: dict[str, FirmAid]) -> list[int]:
    return [one.aid_minor for one in found.values()]


def why(found: dict[str, FirmAid], firm: str) -> list[str]:
    return [step.term for step in found[firm].steps if step.term != "rate"]


def test_icex_by_seniority_and_nothing_for_fewer_than_six_firms() -> None:
    """Editions 1, 3 and 6 with 4,000 EUR of space each: 1,000, 800 and 0; with three firms nobody gets anything."""
    programme = terms("icex_fair_2017")
    firms = [claim("A", 400_000), claim("B", 400_000, supported_before=2), claim("C", 400_000, supported_before=5)]
    alone = aid(programme, *firms)
    assert amounts(alone) == [0, 0, 0]
    assert why(alone, "A") == ["minimum_firms"]
    assert (alone["A"].steps[-1].found, alone["A"].steps[-1].expected) == (3, 6)
    found = aid(programme, *firms, *(claim(name, 0) for name in "DEF"))
    assert amounts(found)[:3] == [100_000, 80_000, 0]
    assert [found[firm].handling_fee_minor for firm in "ABC"] == [15_000, 12_000, 0]
    assert why(found, "C") == ["most_editions"]


def test_icex_shares_its_cap_among_the_firms() -> None:
    found = aid(terms("icex_fair_2017"), *(claim(name, 4_000_000, supported_before=1) for name in "ABCDEF"))
    assert amounts(found) == [400_000] * 6
    assert why(found, "A") == ["cap_by_activity"]


def test_avellino_caps_by_zone_and_pays_one_fair_a_year() -> None:
    """12,000 EUR beyond the Union: 5,000; a second fair in the year: nothing."""
    programme = terms("avellino_chamber")
    assert amounts(aid(programme, claim("A", 1_200_000))) == [500_000]
    assert amounts(aid(programme, claim("A", 1_200_000), zone="national")) == [300_000]
    second = aid(programme, claim("A", 1_200_000, activities_this_year=1))
    assert (amounts(second), why(second, "A")) == ([0], ["most_activities_a_year"])


def test_foexga_pays_for_overhead_and_caps_a_fair() -> None:
    """50,000 EUR direct: 35,000 + 3,500 = 38,500, capped at 32,000."""
    programme = terms("galicia_foexga_2026")
    found = aid(programme, claim("A", 2_500_000), claim("B", 2_500_000))
    assert [one.steps[0].aid_minor for one in found.values()] == [1_925_000, 1_925_000]
    assert amounts(found) == [1_600_000, 1_600_000]
    assert amounts(aid(programme, claim("A", 5_000_000))) == [0]
    assert amounts(aid(programme, claim("A", 100), claim("B", 100), activity="showroom")) == [0, 0]


def test_malta_pays_half_up_to_ten_thousand() -> None:
    programme = terms("malta_sme")
    assert amounts(aid(programme, claim("A", 999_999), claim("B", 3_000_000))) == [499_999, 1_000_000]
    assert amounts(aid(programme, claim("A", 999_999, category="insurance"))) == [0]


def test_germany_twice_at_one_fair() -> None:
    programme = terms("germany_young_firms")
    firms = (claim("A", 500_000, times_same_fair_before=1), claim("B", 500_000, times_same_fair_before=2))
    assert amounts(aid(programme, *firms)) == [400_000, 0]


def test_italy_limits_training_and_asks_for_regions() -> None:
    """Training may be a quarter of the project: beside 60,000 EUR of stands at most 20,000 of it count."""
    programme = terms("italy_consortia_2016")
    lines = (CostLine(category="stand", amount_minor=6_000_000), CostLine(category="training", amount_minor=5_000_000))
    firms = [FirmClaim(firm=name, lines=(), firm_size="small", region=name) for name in "BCDE"]
    first = FirmClaim(firm="A", lines=lines, firm_size="medium", region="B")
    found = aid(programme, first, *firms)
    assert (found["A"].eligible_minor, found["A"].aid_minor) == (8_000_000, 4_000_000)
    assert why(aid(programme, first, *(replace(one, region="B") for one in firms)), "A") == ["minimum_regions"]
    large = aid(programme, replace(first, firm_size="large"), *firms)
    assert why(large, "A") == ["firm_sizes"]
    taken = replace(first, de_minimis=((date(2024, 1, 1), 29_000_000), (date(2023, 3, 1), 9_000_000)))
    assert (amounts(aid(programme, taken, *firms))[0], why(aid(programme, taken, *firms), "A")) == (
        1_000_000,
        ["de_minimis"],
    )


def test_chile_in_money_without_decimals_and_one_flight() -> None:
    programme = terms("chile_corfo_profo")
    firms = [claim(name, 30_000_001, category="management") for name in "ABCDE"]
    assert amounts(aid(programme, *firms, activity="management")) == [9_000_000] * 5
    mission = terms("chile_prochile_mission")
    flights = FirmClaim(
        firm="A", firm_size="micro", lines=(CostLine(category="travel", amount_minor=2_000_000, persons=2),)
    )
    assert amounts(aid(mission, flights, activity="mission")) == [1_000_000]


def test_two_grants_on_one_line_never_exceed_its_cost() -> None:
    found = aid(terms("germany_young_firms"), claim("A", 500_000, other_aid_minor=300_000))
    assert (amounts(found), why(found, "A")) == ([200_000], ["total_rate"])


def test_a_cut_after_an_audit_is_told_by_firm() -> None:
    programme = terms("icex_fair_2017")
    others = [claim(name, 0) for name in "BCDEF"]
    granted = aid(programme, claim("A", 400_000), *others)
    accepted = aid(programme, claim("A", 300_000), *others)
    assert cut_after_audit(granted, accepted) == {"A": -21_250, **dict.fromkeys("BCDEF", 0)}


rates = st.fractions(0, 1, max_denominator=20)
money = st.integers(0, 10_000_000)


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    return Programme(
        code="any",
        currency="EUR",
        activities=frozenset({"fair"}),
        categories=frozenset({"space", "travel", "training"}),
        rates=tuple(
            Rate(rate=draw(rates), categories=draw(st.sampled_from([frozenset[str](), frozenset({"travel"})])))
            for _ in range(draw(st.integers(1, 2)))
        ),
        indirect_rate=draw(rates),
        first_time_bonus=draw(rates),
        category_limits=draw(st.sampled_from([{}, {"training": Fraction(1, 4)}])),
        cap_by_zone_minor=draw(st.sampled_from([{}, {"*": 900_000}])),
        cap_by_activity_minor=draw(st.sampled_from([{}, {"fair": 2_000_001}])),
        cap_firm_year_minor=draw(st.none() | money),
        pot_minor=draw(st.none() | money),
        most_persons=draw(st.none() | st.integers(0, 3)),
        minimum_firms=draw(st.integers(1, 3)),
        most_editions=draw(st.none() | st.integers(0, 3)),
        total_rate=draw(rates),
        de_minimis_ceiling_minor=draw(st.none() | money),
        handling_fee_rate=draw(rates),
    )


@st.composite
def claims(draw: st.DrawFn) -> tuple[FirmClaim, ...]:
    return tuple(
        FirmClaim(
            firm=str(index),
            lines=tuple(
                CostLine(
                    category=draw(st.sampled_from(["space", "travel", "training", "study"])),
                    amount_minor=draw(money),
                    persons=draw(st.none() | st.integers(1, 5)),
                )
                for _ in range(draw(st.integers(0, 3)))
            ),
            supported_before=draw(st.integers(0, 4)),
            aid_this_year_minor=draw(money),
            other_aid_minor=draw(money),
            de_minimis=tuple(
                (DAY.replace(year=draw(st.integers(2020, 2026))), draw(money)) for _ in range(draw(st.integers(0, 2)))
            ),
        )
        for index in range(draw(st.integers(1, 4)))
    )


@given(programmes(), claims())
def test_aid_keeps_to_every_cap(programme: Programme, firms: tuple[FirmClaim, ...]) -> None:
    found = aid(programme, *firms)
    together = sum(amounts(found))
    for cap in (programme.pot_minor, programme.cap_by_activity_minor.get("fair")):
        assert cap is None or together <= cap
    for one in firms:
        got = found[one.firm]
        eligible = sum(line.amount_minor for line in one.lines if line.category in programme.categories)
        assert 0 <= got.aid_minor <= got.eligible_minor <= eligible <= got.cost_minor
        assert got.aid_minor == got.steps[-1].aid_minor
        assert 0 <= got.handling_fee_minor <= got.aid_minor
        assert got.aid_minor <= max(Fraction(0), got.eligible_minor * programme.total_rate - one.other_aid_minor)
        assert got.aid_minor <= programme.cap_by_zone_minor.get("*", got.aid_minor)
        if programme.cap_firm_year_minor is not None:
            assert got.aid_minor <= max(0, programme.cap_firm_year_minor - one.aid_this_year_minor)
        if programme.de_minimis_ceiling_minor is not None:
            recent = sum(amount for day, amount in one.de_minimis if date(2023, 3, 2) <= day <= DAY)
            assert got.aid_minor <= max(0, programme.de_minimis_ceiling_minor - recent)


@pytest.mark.parametrize("cost", [0, 1, 399_999, 400_000])
def test_more_cost_never_means_less_aid(cost: int) -> None:
    programme = terms("malta_sme")
    assert amounts(aid(programme, claim("A", cost))) <= amounts(aid(programme, claim("A", cost + 1)))
