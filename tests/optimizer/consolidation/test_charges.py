"""Every basis, price break, clamp and filter against amounts computed by hand."""

from datetime import date
from fractions import Fraction

import pytest

from optimizer.consolidation.charges import line_amount, lot_cost, passes, price
from optimizer.problem import Charge, Consignment, ConsolidationProblem, LclRounding, Mode
from optimizer.result import ContainerLoad, LooseLot, Part
from tests import builders as build

KG = 1_000


def load(
    number: int,
    *contents: tuple[str, dict[str, int]] | str,
    container_type: str = "22G1",
    departure: str = "S-1",
) -> ContainerLoad:
    parts = tuple(
        Part(consignment=one) if isinstance(one, str) else Part(consignment=one[0], packages=one[1]) for one in contents
    )
    return ContainerLoad(
        id=f"K-{number}", container_type=container_type, departure=departure, contents=parts, mass_g=0, volume_mm3=0
    )


def loose(consignment: str, packages: dict[str, int] | None = None, departure: str = "S-1") -> LooseLot:
    part = Part(consignment=consignment, packages=packages or {})
    return LooseLot(departure=departure, part=part, mass_g=0, volume_mm3=0)


def two(*charges: Charge, **changes: object) -> ConsolidationProblem:
    """C-1 of member a: 5 m3, 2 t; C-2 of member b: 2.5 m3, 4 t."""
    goods = [build.consignment("C-1", "a"), build.consignment("C-2", "b", litres=2500, kg=4000)]
    return build.problem(goods, charges, **changes)  # type: ignore[arg-type]


def amounts(pricing_of: ConsolidationProblem, **lots: list) -> list[tuple[str, int]]:
    return [(line.units, line.amount_minor) for line in price(pricing_of, **lots).charges]


def test_a_container_charge_counts_every_container_once_however_many_lots_it_holds() -> None:
    shared = two(build.charge("OFR", "container", 150_000))
    assert amounts(shared, containers=[load(1, "C-1", "C-2")]) == [("1", 150_000)]
    assert amounts(shared, containers=[load(1, "C-1"), load(2, "C-2")]) == [("1", 150_000), ("1", 150_000)]


def test_a_container_charge_does_not_meet_loose_lots() -> None:
    assert amounts(two(build.charge("OFR", "container", 150_000)), lcl=[loose("C-1")], postal=[loose("C-2")]) == []


def test_a_freight_tonne_is_the_greater_of_cubic_metres_and_tonnes() -> None:
    problem = two(build.charge("LCL", "freight_tonne", 7_001, modes=["lcl"]))
    assert amounts(problem, lcl=[loose("C-1"), loose("C-2")]) == [("5", 35_005), ("4", 28_004)]


def test_cubic_metres_of_a_lot_are_exact() -> None:
    problem = two(build.charge("CFS", "cubic_metre", 101))
    assert amounts(problem, containers=[load(1, "C-1", "C-2")]) == [("5", 505), ("5/2", 253)]


def test_tonnes_of_a_lot_are_exact() -> None:
    goods = [build.consignment("C-1", "a", kg=1234)]
    assert amounts(build.problem(goods, [build.charge("T", "tonne", 1000)]), lcl=[loose("C-1")]) == [("617/500", 1234)]


def test_packages_are_counted_and_a_consignment_without_packages_counts_one() -> None:
    goods = [
        build.consignment("C-1", "a", packages=[build.package("P1", 7), build.package("P2", 2)]),
        build.consignment("C-2"),
    ]
    problem = build.problem(goods, [build.charge("TALLY", "package", 30)])
    assert amounts(problem, lcl=[loose("C-1", {"P1": 7, "P2": 2}), loose("C-2")]) == [("9", 270), ("1", 30)]


def test_one_bill_for_all_containers_of_a_departure_and_one_for_each_loose_lot() -> None:
    goods = [build.consignment(f"C-{index}", "a") for index in range(1, 6)]
    problem = build.problem(goods, [build.charge("BL", "bill_of_lading", 6500)])
    lines = price(
        problem, [load(1, "C-1"), load(2, "C-2")], lcl=[loose("C-3"), loose("C-4")], postal=[loose("C-5")]
    ).charges
    assert [(line.consignment, line.mode, line.amount_minor) for line in lines] == [
        (None, None, 6500),
        ("C-3", "lcl", 6500),
        ("C-4", "lcl", 6500),
        ("C-5", "postal", 6500),
    ]


def test_a_consignment_pays_once_on_each_departure_even_when_split() -> None:
    goods = [build.consignment("C-1", "a", packages=[build.package("P1", 9)], divisible=True)]
    departures = [build.departure("S-1"), build.departure("S-2", days=18)]
    problem = build.problem(goods, [build.charge("CUSTOMS", "consignment", 3100)], departures=departures)
    on_both = [load(1, ("C-1", {"P1": 2})), load(2, ("C-1", {"P1": 3})), load(3, ("C-1", {"P1": 4}), departure="S-2")]
    lines = price(problem, on_both).charges
    assert [(line.departure, line.consignment, line.amount_minor) for line in lines] == [
        ("S-1", "C-1", 3100),
        ("S-2", "C-1", 3100),
    ]


def test_a_member_pays_once_on_a_departure_for_all_its_consignments() -> None:
    goods = [build.consignment("C-1", "a"), build.consignment("C-2", "a"), build.consignment("C-3", "b")]
    problem = build.problem(goods, [build.charge("DOC", "member", 4200)])
    lines = price(problem, [load(1, "C-1", "C-3")], lcl=[loose("C-2")]).charges
    assert [(line.member, line.amount_minor) for line in lines] == [("a", 4200), ("b", 4200)]


def test_a_departure_charge_is_paid_once_per_departure_used() -> None:
    departures = [build.departure("S-1"), build.departure("S-2", days=18), build.departure("S-3", days=25)]
    problem = two(build.charge("AGENT", "departure", 11_000), departures=departures)
    lines = price(problem, [load(1, "C-1", departure="S-2")], lcl=[loose("C-2", departure="S-1")]).charges
    assert [(line.departure, line.amount_minor) for line in lines] == [("S-1", 11_000), ("S-2", 11_000)]


def test_a_value_charge_takes_parts_per_million_of_the_value() -> None:
    goods = [build.consignment("C-1", "a", value_minor=1_850_000)]
    problem = build.problem(goods, [build.charge("INS", "value", rate_ppm=3_500)])
    assert amounts(problem, lcl=[loose("C-1")]) == [("1850000", 6475)]


def test_the_value_of_a_part_follows_its_volume_and_parts_on_one_departure_make_one_line() -> None:
    packages = [build.package("P1", 2, litres=1000), build.package("P2", 1, litres=500)]
    goods = [build.consignment("C-1", "a", packages=packages, divisible=True, value_minor=1000)]
    departures = [build.departure("S-1"), build.departure("S-2", days=18)]
    problem = build.problem(goods, [build.charge("INS", "value", rate_ppm=100_000)], departures=departures)
    lots = [load(1, ("C-1", {"P1": 1})), load(2, ("C-1", {"P2": 1})), load(3, ("C-1", {"P1": 1}), departure="S-2")]
    assert amounts(problem, containers=lots) == [("600", 60), ("400", 40)]


def test_parts_of_one_consignment_in_one_container_are_one_lot() -> None:
    goods = [build.consignment("C-1", "a", packages=[build.package("P1", 2), build.package("P2", 1)], divisible=True)]
    problem = build.problem(goods, [build.charge("CFS", "cubic_metre", 10, minimum_minor=25)])
    assert amounts(problem, containers=[load(1, ("C-1", {"P1": 2}), ("C-1", {"P2": 1}))]) == [("3", 30)]


@pytest.mark.parametrize(("litres", "amount"), [(4_499, 45), (4_450, 45), (4_449, 44)])
def test_a_line_is_rounded_half_up_once(litres: int, amount: int) -> None:
    goods = [build.consignment("C-1", "a", litres=litres, kg=1)]
    assert amounts(build.problem(goods, [build.charge("CFS", "cubic_metre", 10)]), lcl=[loose("C-1")])[0][1] == amount


@pytest.mark.parametrize(("units", "amount"), [(1, 500), (5, 500), (6, 600), (9, 900), (10, 900)])
def test_minimum_and_maximum_bound_a_line(units: int, amount: int) -> None:
    assert line_amount(build.charge("X", "tonne", 100, minimum_minor=500, maximum_minor=900), units) == amount


def test_the_minimum_holds_for_each_line_by_itself() -> None:
    problem = two(build.charge("LCL", "freight_tonne", 1_000, modes=["lcl"], minimum_minor=4_500))
    assert amounts(problem, lcl=[loose("C-1"), loose("C-2")]) == [("5", 5_000), ("4", 4_500)]


@pytest.mark.parametrize(
    ("units", "amount"), [(Fraction(99, 100), 99), (1, 80), (Fraction(3, 2), 120), (2, 100), (7, 350)]
)
def test_the_step_of_a_lot_is_reached_by_its_own_units_and_prices_all_of_them(units: Fraction, amount: int) -> None:
    assert line_amount(build.charge("X", "cubic_metre", steps={0: 100, 1: 80, 2: 50}), Fraction(units), 9) == amount


@pytest.mark.parametrize(("count", "total"), [(1, 200), (2, 300), (3, 450), (4, 400)])
def test_the_number_of_containers_on_a_departure_reaches_a_step_that_prices_all(count: int, total: int) -> None:
    goods = [build.consignment(f"C-{index}", "a") for index in range(count)]
    problem = build.problem(goods, [build.charge("THC", "container", steps={0: 200, 2: 150, 4: 100})])
    assert price(problem, [load(index, f"C-{index}") for index in range(count)]).cost_minor == total


def test_steps_count_on_each_departure_by_itself() -> None:
    departures = [build.departure("S-1"), build.departure("S-2", days=18)]
    problem = two(build.charge("THC", "container", steps={0: 200, 2: 150}), departures=departures)
    assert price(problem, [load(1, "C-1"), load(2, "C-2", departure="S-2")]).cost_minor == 400


def test_bills_consignments_and_members_reach_steps_by_their_number() -> None:
    goods = [build.consignment("C-1", "a"), build.consignment("C-2", "a"), build.consignment("C-3", "b")]
    steps = {0: 100, 2: 60, 3: 10}
    charges = [build.charge(basis, basis, steps=steps) for basis in ("bill_of_lading", "consignment", "member")]
    lines = price(build.problem(goods, charges), [load(1, "C-1", "C-2")], lcl=[loose("C-3")]).charges
    totals = {
        basis: sum(line.amount_minor for line in lines if line.code == basis)
        for basis in ("bill_of_lading", "consignment", "member")
    }
    assert totals == {"bill_of_lading": 2 * 60, "consignment": 3 * 10, "member": 2 * 60}


def test_a_step_at_price_zero_costs_nothing_yet_counts() -> None:
    problem = two(build.charge("THC", "container", steps={0: 200, 2: 0}))
    assert price(problem, [load(1, "C-1"), load(2, "C-2")]).charges == ()


@pytest.mark.parametrize(("kg", "lines"), [(15_780, []), (15_781, [("1", 25_000)])])
def test_overweight_counts_cargo_and_tare_above_the_limit(kg: int, lines: list) -> None:
    goods = [build.consignment("C-1", "a", kg=kg - 100), build.consignment("C-2", "b", kg=100)]
    problem = build.problem(goods, [build.charge("OVER", "container", 25_000, gross_mass_over_g=18_000_000)])
    assert amounts(problem, containers=[load(1, "C-1", "C-2")]) == lines


def test_overweight_weighs_the_whole_container_even_when_its_filter_meets_one_lot_only() -> None:
    goods = [build.consignment("C-1", "a", kg=1), build.consignment("C-2", "b", kg=20_000)]
    over = build.charge("OVER", "container", 25_000, gross_mass_over_g=18_000_000, members=["a"])
    assert amounts(build.problem(goods, [over]), containers=[load(1, "C-1", "C-2")]) == [("1", 25_000)]
    assert amounts(build.problem(goods, [over]), containers=[load(1, "C-1"), load(2, "C-2")]) == []


def test_a_container_with_one_passing_lot_pays_the_whole_line() -> None:
    goods = [build.consignment("C-1", "a", cargo_class="food"), build.consignment("C-2", "b")]
    types = [build.container_20(cargo_classes=frozenset({"dry", "food"}))]
    problem = build.problem(
        goods, [build.charge("CLEAN", "container", 77, cargo_classes=["food"])], container_types=types
    )
    assert amounts(problem, containers=[load(1, "C-1", "C-2"), load(2, "C-2")]) == [("1", 77)]


@pytest.mark.parametrize(
    ("filters", "met"),
    [
        ({}, True),
        ({"modes": ["fcl"]}, True),
        ({"modes": ["lcl", "postal"]}, False),
        ({"container_types": ["22G1"]}, True),
        ({"container_types": ["45G1"]}, False),
        ({"departures": ["S-1"]}, True),
        ({"departures": ["S-2"]}, False),
        ({"origins": ["COCTG"]}, True),
        ({"origins": ["CLVAP"]}, False),
        ({"destinations": ["NLRTM"]}, True),
        ({"destinations": ["CLVAP"]}, False),
        ({"cargo_classes": ["dry"]}, True),
        ({"cargo_classes": ["food"]}, False),
        ({"members": ["a"]}, True),
        ({"members": ["b"]}, False),
        ({"modes": ["fcl"], "members": ["b"]}, False),
    ],
)
def test_a_lot_must_pass_every_filter(filters: dict, met: bool) -> None:
    lot = (build.consignment("C-1", "a"), build.departure("S-1"), Mode.FCL, build.container_20())
    assert passes(build.charge("X", "tonne", 1, **filters), *lot) is met


@pytest.mark.parametrize("mode", [Mode.LCL, Mode.POSTAL])
def test_a_filter_on_container_types_never_meets_loose_lots(mode: Mode) -> None:
    charge = build.charge("X", "tonne", 1, container_types=["22G1", "45G1"])
    assert not passes(charge, build.consignment("C-1", "a"), build.departure("S-1"), mode, None)


@pytest.mark.parametrize(
    ("basis", "kg", "units"),
    [("freight_tonne", 2_000, 3), ("cubic_metre", 2_000, 3), ("tonne", 2_100, 3), ("tonne", 2_000, 2)],
)
def test_lcl_units_are_rounded_up_when_settings_say_so_and_postal_ones_are_not(basis: str, kg: int, units: int) -> None:
    goods = [build.consignment("C-1", "a", litres=2_500, kg=kg)]
    rounded = build.settings(lcl_rounding=LclRounding.UP)
    problem = build.problem(goods, [build.charge("X", basis, 1000)], settings=rounded)
    assert amounts(problem, lcl=[loose("C-1")]) == [(str(units), units * 1000)]
    exact = {"freight_tonne": 2_500, "cubic_metre": 2_500, "tonne": kg}[basis]
    assert price(problem, postal=[loose("C-1")]).cost_minor == exact
    assert price(problem, [load(1, "C-1")]).cost_minor == exact


def waiting(consignment: Consignment, **changes: object) -> ConsolidationProblem:
    return build.problem([consignment], settings=build.settings(**changes))  # type: ignore[arg-type]


def test_delay_costs_value_times_rate_times_days_to_departure() -> None:
    goods = build.consignment("C-1", "a", value_minor=1_850_000, delay_cost_ppm_per_day=8_000)
    (delay,) = price(waiting(goods), [load(1, "C-1")]).delay_costs
    assert (delay.consignment, delay.departure, delay.days, delay.amount_minor) == ("C-1", "S-1", 11, 162_800)


def test_delay_counts_the_transit_when_settings_say_so() -> None:
    goods = build.consignment("C-1", "a", value_minor=1_850_000, delay_cost_ppm_per_day=8_000)
    (delay,) = price(waiting(goods, delay_counts_transit=True), [load(1, "C-1")]).delay_costs
    assert (delay.days, delay.amount_minor) == (32, 473_600)


def test_delay_of_a_split_consignment_is_rounded_once_per_departure() -> None:
    goods = build.consignment(
        "C-1", "a", packages=[build.package("P1", 2)], divisible=True, value_minor=1_000, delay_cost_ppm_per_day=100
    )
    # 1000 x 100 ppm x 11 days = 1.1; two halves of 0.55 would round to 1 each.
    apart = price(waiting(goods), [load(1, ("C-1", {"P1": 1})), load(2, ("C-1", {"P1": 1}))])
    assert [delay.amount_minor for delay in apart.delay_costs] == [1]


def test_goods_ready_on_the_day_of_departure_have_no_delay() -> None:
    goods = build.consignment("C-1", "a", value_minor=10**9, delay_cost_ppm_per_day=10**6, ready_date=date(2026, 3, 9))
    departures = [build.departure("S-1", cut_off=date(2026, 3, 9), departure=date(2026, 3, 9))]
    assert price(build.problem([goods], departures=departures), [load(1, "C-1")]).delay_costs == ()


def test_the_cost_of_a_plan_is_the_sum_of_its_lines_and_delay_costs() -> None:
    goods = [
        build.consignment("C-1", "a", value_minor=1_000_000, delay_cost_ppm_per_day=1_000),
        build.consignment("C-2", "b"),
    ]
    charges = [build.charge("OFR", "container", 150_000), build.charge("LCL", "freight_tonne", 9_000, modes=["lcl"])]
    pricing = price(build.problem(goods, charges), [load(1, "C-1")], lcl=[loose("C-2")])
    assert pricing.cost_minor == 150_000 + 5 * 9_000 + 11_000


def test_nothing_that_travels_costs_nothing() -> None:
    assert price(two(build.charge("AGENT", "departure", 11_000))).cost_minor == 0


def test_lines_come_by_charge_then_departure_whatever_the_order_of_the_lots() -> None:
    departures = [build.departure("S-2", days=18), build.departure("S-1")]
    problem = two(build.charge("B", "tonne", 1_000), build.charge("A", "departure", 5), departures=departures)
    lines = price(problem, lcl=[loose("C-1", departure="S-1"), loose("C-2", departure="S-2")]).charges
    assert [(line.code, line.departure) for line in lines] == [("B", "S-2"), ("B", "S-1"), ("A", "S-2"), ("A", "S-1")]


def test_the_lot_cost_of_a_consignment_is_the_sum_of_its_lot_lines_alone() -> None:
    charges = [
        build.charge("LCL", "freight_tonne", 1_000, modes=["lcl"]),
        build.charge("CFS", "cubic_metre", 10),
        build.charge("TALLY", "package", 7),
        build.charge("BL", "bill_of_lading", 6_500),
    ]
    problem = two(*charges)
    first, sailing = problem.consignments[0], problem.departures[0]
    assert lot_cost(problem, first, sailing, Mode.LCL) == 5_000 + 50 + 7
    assert lot_cost(problem, first, sailing, Mode.FCL, problem.container_types[0]) == 50 + 7
