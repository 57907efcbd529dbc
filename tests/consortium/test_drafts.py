"""Drafts refuse, field by field and all at once, what no database should hold."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consortium.drafts import ALLOCATION_RULES, ChargeDraft, OrderDraft, OrderLineDraft
from consortium.errors import InputError
from optimizer.allocation.shares import PLAN_RULES
from tests.consortium.builders import (
    charge_draft,
    consortium_draft,
    day,
    departure_draft,
    line,
    member_draft,
    order_draft,
    product_draft,
    shipment_draft,
    tariff_draft,
)


def faults(build: Any, **values: Any) -> list[tuple[str, str]]:
    """Return (path, code) of every fault that building a draft finds."""
    with pytest.raises(InputError) as refused:
        build(**values)
    return [(fault.path, fault.code) for fault in refused.value.faults]


def test_every_rule_that_can_share_a_plan_may_be_in_force_and_no_other():
    assert sorted(ALLOCATION_RULES) == sorted(PLAN_RULES)


def test_usual_drafts_are_accepted():
    assert order_draft().lines[0].quantity == 2
    assert [build().code for build in (product_draft, member_draft, consortium_draft, tariff_draft)] == [
        "P-1",
        "nueva",
        "cafe",
        "T-1",
    ]
    assert departure_draft().container_limits == {}
    assert shipment_draft().settings.stored()["modes"] == ["fcl", "lcl", "postal"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("code", "", "missing"),
        ("code", "A;B", "wrong_text"),
        ("code", "x" * 61, "too_long"),
        ("buyer", "tab\tin it", "wrong_text"),
        ("buyer", "nul\x00", "wrong_text"),
        ("buyer", 7, "wrong_type"),
        ("origin", "Cartagena", "wrong_port"),
        ("origin", "COCT1", "wrong_port"),
        ("origin", "ZZABC", "wrong_port"),
        ("origin", "COQQQ", "wrong_port"),
        ("ready_date", "2026-02-30", "wrong_date"),
        ("ready_date", "1 March", "wrong_date"),
        ("ready_date", 20260301, "wrong_date"),
        ("ready_date", "0026-03-01", "out_of_range"),
        ("ready_date", datetime(2026, 3, 1), "wrong_date"),  # noqa: DTZ001 - the naive one is the case
        ("ready_date", None, "missing"),
        ("incoterm", "FIN", "unknown_value"),
        ("currency", "DOLLAR", "unknown_currency"),
        ("value_minor", -1, "out_of_range"),
        ("value_minor", 10**15 + 1, "out_of_range"),
        ("value_minor", "100", "wrong_type"),
        ("value_minor", 1.0, "wrong_type"),
        ("value_minor", True, "wrong_type"),
        ("delay_cost_ppm_per_day", 1_000_001, "out_of_range"),
        ("cargo_class", "Dry Goods", "wrong_text"),
        ("member_id", 0, "out_of_range"),
        ("volume", 3, "unknown_key"),
    ],
)
def test_a_wrong_value_is_named_with_its_field(field, value, code):
    assert faults(order_draft, **{field: value}) == [(field, code)]


@pytest.mark.parametrize("field", ["quantity", "length_mm", "width_mm", "height_mm", "mass_g"])
@pytest.mark.parametrize(
    ("value", "code"), [(0, "out_of_range"), (-5, "out_of_range"), (2**40, "out_of_range"), ("ten", "wrong_type")]
)
def test_counts_sizes_and_masses_of_lines_are_positive_integers(field, value, code):
    assert faults(order_draft, lines=[line(), line(**{field: value})]) == [(f"lines[1].{field}", code)]


def test_every_fault_is_listed_at_once():
    found = faults(order_draft, code=" ", origin="nowhere", value_minor=-1, lines=[line(quantity=0, vertical=["up"])])
    assert sorted(found) == [
        ("code", "missing"),
        ("lines[0].quantity", "out_of_range"),
        ("lines[0].vertical", "unknown_value"),
        ("origin", "wrong_port"),
        ("value_minor", "out_of_range"),
    ]


def test_dates_come_in_order():
    assert faults(order_draft, due_date=day(9)) == [("due_date", "date_order")]
    assert order_draft(due_date=day(10)).due_date == day(10)
    assert faults(departure_draft, departure=day(19)) == [("departure", "date_order")]
    assert faults(departure_draft, arrival=day(22)) == [("arrival", "date_order")]
    assert faults(tariff_draft, valid_to=day(-31)) == [("valid_to", "date_order")]


def test_a_lane_leads_somewhere_else():
    assert faults(order_draft, destination="COCTG") == [("destination", "same_port")]
    assert faults(departure_draft, destination="COCTG") == [("destination", "same_port")]


def test_without_lines_the_totals_are_needed():
    assert faults(order_draft, lines=[]) == [("volume_cm3", "missing"), ("mass_g", "missing")]
    assert order_draft(lines=[], volume_cm3=1, mass_g=1).mass_g == 1


def test_a_line_has_sizes_or_a_product():
    sizes = ("length_mm", "width_mm", "height_mm", "mass_g")
    assert faults(OrderLineDraft, quantity=1) == [(name, "missing") for name in sizes]
    assert faults(order_draft, lines=[{"quantity": 1}]) == [(f"lines[0].{name}", "missing") for name in sizes]
    assert OrderLineDraft(quantity=1, product_id=3).length_mm is None


def test_codes_of_lines_are_unique_also_when_numbered_by_themselves():
    assert faults(order_draft, lines=[line(code="2"), line()]) == [("lines[1].code", "duplicate")]


def test_what_people_type_is_tidied():
    draft = order_draft(
        code="  O-1 ", origin="co ctg", incoterm="cfr", due_date="", currency="", lines=[line(hs="0901.11")]
    )
    assert (draft.code, draft.origin, draft.incoterm, draft.due_date, draft.currency) == (
        "O-1",
        "COCTG",
        "CFR",
        None,
        None,
    )
    assert draft.lines[0].hs == "090111"
    assert order_draft(lines=[line(vertical=["height", "length"])]).lines[0].vertical == ("length", "height")


def test_codes_of_members_stand_in_lists_and_ids():
    for code in ("a,b", "a;b", "a/b"):
        assert faults(member_draft, code=code) == [("code", "wrong_text")]


def test_a_consortium_has_a_country_a_currency_a_zone_and_a_rule():
    found = faults(
        consortium_draft,
        country="Colombia",
        currency="pesos",
        time_zone="Bogota",
        allocation_rule="fairest",
        kind="club",
    )
    assert sorted(found) == [
        ("allocation_rule", "unknown_value"),
        ("country", "unknown_country"),
        ("currency", "unknown_currency"),
        ("kind", "unknown_value"),
        ("time_zone", "unknown_value"),
    ]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"basis": "value"}, ("basis", "wrong_price")),
        ({"rate_ppm": 5}, ("rate_ppm", "wrong_price")),
        ({"basis": "member", "gross_mass_over_g": 5}, ("gross_mass_over_g", "wrong_price")),
        ({"minimum_minor": 5, "maximum_minor": 4}, ("maximum_minor", "out_of_range")),
        ({"steps": [{"from_units": 1, "amount_minor": 1}]}, ("steps", "wrong_steps")),
        ({"steps": [{"from_units": 0, "amount_minor": 1}] * 2}, ("steps", "wrong_steps")),
        ({"steps": [{"from_units": 0}]}, ("steps[0].amount_minor", "missing")),
        ({"modes": []}, ("modes", "empty_list")),
        ({"modes": ["lcl"], "container_types": ["22G1"]}, ("container_types", "never_matches")),
        ({"members": ["andina", "andina"]}, ("members[1]", "duplicate")),
        ({"basis": "member", "allocation_key": "container_use"}, ("allocation_key", "wrong_key")),
        ({"basis": "mile"}, ("basis", "unknown_value")),
        ({"container_types": ["20 foot"]}, ("container_types[0]", "wrong_type")),
    ],
)
def test_a_charge_that_planning_would_refuse_is_refused_here(values, expected):
    assert faults(charge_draft, **values) == [expected]


def test_a_charge_by_value_has_a_rate():
    assert ChargeDraft(code="INS", basis="value", rate_ppm=3_300, incoterm_stage="").rate_ppm == 3_300


def test_the_cut_off_of_a_shipment_has_a_time_zone():
    assert faults(shipment_draft, cut_off_at="2026-03-09T12:00:00") == [("cut_off_at", "wrong_time_zone")]
    assert faults(shipment_draft, settings={"modes": []}) == [("settings.modes", "missing")]


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(
    st.dictionaries(
        st.sampled_from([*OrderDraft.model_fields, "x"]),
        ANYTHING | st.lists(st.dictionaries(st.text(), ANYTHING)),
    )
)
def test_whatever_comes_in_is_accepted_or_refused_with_faults(values):
    found = []
    try:
        OrderDraft(**values)
    except InputError as refused:
        found = list(refused.faults)
    assert found or {"code", "origin", "destination", "ready_date"} <= set(values)
    assert all(fault.path and fault.code and fault.expected for fault in found)
