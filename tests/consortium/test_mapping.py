"""Foreign order lines read by a stated mapping: joint lines, derived packages, and what cannot be used.

The table has the shape of published delivery records; every value in it is invented.
"""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from typer.testing import CliRunner

from consortium.cli import make_app
from consortium.database import unit_of_work
from consortium.errors import InputError
from consortium.importing import dry_run, import_rows
from consortium.importing_mapping import Mapping, code_of, parse_mapping, read_mapped
from consortium.importing_tables import Entry
from consortium.mapping_problems import PeriodProblem, TariffFile, parse_tariff, period_of, problems_by_period
from consortium.models import Member, Order, OrderLine
from consortium.reference_data import reference_folder
from consortium.texts import translate
from optimizer.checking import check_plan
from optimizer.limits import Limits
from optimizer.planning import plan as plan_shipment
from tests.consortium.builders import make_world

MAPPING = (reference_folder() / "mappings" / "scms_haiti.toml").read_text(encoding="utf-8")
TARIFF = (reference_folder() / "mappings" / "scms_tariff.toml").read_text(encoding="utf-8")
WEIGHT, FREIGHT, INCOTERM = "Weight (Kilograms)", "Freight Cost (USD)", "Vendor INCO Term"
DUE = "Scheduled Delivery Date"
HEADER = [
    "ID", "PO / SO #", "ASN/DN #", "Country", INCOTERM, "Shipment Mode", DUE, "Delivered to Client Date",
    "Product Group", "Vendor", "Item Description", "Unit of Measure (Per Pack)", "Line Item Quantity",
    "Line Item Value", "Manufacturing Site", WEIGHT, FREIGHT, "Line Item Insurance (USD)",
]  # fmt: skip


def row(
    number: int, weight: object, *, vendor: str = "Blue Pharma Ltd", value: object = "1000", **changes: str
) -> list[str]:
    values = dict.fromkeys(HEADER, "")
    values |= {"ID": str(number), "ASN/DN #": f"ASN-{number}", "Country": "Haiti", INCOTERM: "EXW", DUE: "05-Mar-09"}
    values |= {"Vendor": vendor, "Item Description": "tablets", "Line Item Value": str(value), WEIGHT: str(weight)}
    values |= {FREIGHT: "100.5"} | changes
    return [values[name] for name in HEADER]


def joint(number: int, to: int, **changes: str) -> list[str]:
    reference = f"See ASN-{to} (ID#:{to})"
    return row(number, reference, **({FREIGHT: reference} | changes))


def table(*rows: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue().encode()


@pytest.fixture(scope="module")
def rules() -> Mapping:
    return parse_mapping(MAPPING)


@pytest.fixture(scope="module")
def tariff() -> TariffFile:
    return parse_tariff(TARIFF)


def entries(rules: Mapping, *rows: list[str]) -> list[Entry]:
    return read_mapped(rules, "lines.csv", table(*rows)).entries["orders"]


def codes(found: list[Entry]) -> list[tuple[int | None, str, str]]:
    return [(fault.place.row, fault.place.column, fault.code) for entry in found for fault in entry.all_faults()]


def test_a_line_becomes_an_order_with_derived_cartons(rules: Mapping) -> None:
    (entry,) = entries(rules, row(7, 60, value="1234.56"))
    assert entry.all_faults() == []
    assert entry.values["code"] == "ASN-7-7"
    assert (entry.values["member"], entry.values["member_name"]) == ("BLUE-PHARMA-LTD", "Blue Pharma Ltd")
    assert (entry.values["origin"], entry.values["destination"]) == ("USMIA", "HTPAP")
    assert entry.values["due_date"] == date(2009, 3, 5)
    assert entry.values["ready_date"] == date(2009, 3, 5) - timedelta(days=45)
    assert (entry.values["value_minor"], entry.values["recorded_freight_minor"]) == (123_456, 10_050)
    assert [(line.values["quantity"], line.values["mass_g"]) for line in entry.lines] == [(2, 24_000), (1, 12_000)]
    assert entry.values["divisible"] is False


@given(mass_kg=st.integers(1, 60_000))
def test_derived_cartons_weigh_what_the_line_weighs(mass_kg: int) -> None:
    (entry,) = entries(parse_mapping(MAPPING), row(1, mass_kg))
    lines = [line.values for line in entry.lines]
    assert sum(line["quantity"] * line["mass_g"] for line in lines) == mass_kg * 1000
    assert sum(line["quantity"] for line in lines) == -(-mass_kg // 24)
    assert all(0 < line["mass_g"] <= 24_000 for line in lines)
    volume_mm3 = sum(line["quantity"] for line in lines) * 600 * 400 * 400
    assert 0 <= volume_mm3 - mass_kg * 4_000_000 < 96_000_000, "250 kg/m3, but for the last carton"
    assert entry.values["divisible"] == (volume_mm3 > 73_100_000_000), "more than a 45' high cube holds"


def test_lines_that_point_to_another_form_one_consignment_with_it(rules: Mapping) -> None:
    found = entries(rules, joint(11, 10, **{"Line Item Value": "250.25"}), row(10, 48), joint(12, 10), row(13, 5))
    assert codes(found) == []
    assert [(entry.values["code"], entry.rows) for entry in found] == [("ASN-10-10", 3), ("ASN-13-13", 1)]
    assert found[0].values["value_minor"] == 25_025 + 100_000 + 100_000
    assert sum(line.values["mass_g"] * line.values["quantity"] for line in found[0].lines) == 48_000


def test_a_line_whose_weight_was_captured_elsewhere_cannot_be_used_nor_those_that_point_to_it(rules: Mapping) -> None:
    found = entries(rules, row(10, "Weight Captured Separately"), joint(11, 10), row(12, 30))
    assert codes(found) == [(2, WEIGHT, "unusable_value"), (3, WEIGHT, "reference_unusable")]
    assert sum(entry.rows for entry in found) == 3


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([joint(11, 99)], (2, WEIGHT, "reference_unknown")),
        ([row(10, 5), joint(11, 10), joint(12, 11)], (4, WEIGHT, "reference_chain")),
        ([row(10, 5), row(10, 6), joint(11, 10)], (4, WEIGHT, "reference_ambiguous")),
        ([row(10, 5), joint(11, 10, Vendor="Red Pharma")], (3, "Vendor", "reference_across")),
        ([row(10, 5), joint(11, 10, **{DUE: "05-Jul-09"})], (3, DUE, "reference_across")),
        ([row(10, 5), joint(11, 10, **{INCOTERM: "DDP"})], (3, INCOTERM, "reference_across")),
    ],
)
def test_a_reference_that_does_not_help_is_refused(
    rules: Mapping, lines: list[list[str]], expected: tuple[int, str, str]
) -> None:
    assert codes(entries(rules, *lines)) == [expected]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({WEIGHT: ""}, (WEIGHT, "missing")),
        ({WEIGHT: "heavy"}, (WEIGHT, "wrong_number")),
        ({WEIGHT: "0"}, (WEIGHT, "out_of_range")),
        ({WEIGHT: "-5"}, (WEIGHT, "out_of_range")),
        ({WEIGHT: "1,5"}, (WEIGHT, "number_format")),
        ({DUE: ""}, (DUE, "missing")),
        ({DUE: "2009-03-05"}, (DUE, "wrong_date")),
        ({"Line Item Value": "n/a"}, ("Line Item Value", "wrong_number")),
        ({"Line Item Value": "1.005"}, ("Line Item Value", "not_whole")),
        ({"Vendor": ""}, ("Vendor", "missing")),
    ],
)
def test_a_cell_that_cannot_be_read_is_named(rules: Mapping, change: dict[str, str], expected: tuple[str, str]) -> None:
    assert codes(entries(rules, row(1, 10), row(2, 10, **change))) == [(3, *expected)]


@pytest.mark.parametrize(("written", "rule"), [("EXW", "EXW"), ("DDU", "DAP"), ("N/A - From RDC", None)])
def test_old_and_missing_incoterms_are_translated_as_the_mapping_says(
    rules: Mapping, written: str, rule: str | None
) -> None:
    (entry,) = entries(rules, row(1, 10, **{INCOTERM: written}))
    assert entry.values.get("incoterm") == rule


def test_two_firms_whose_names_give_one_code_are_told_apart_by_a_fault(rules: Mapping) -> None:
    found = entries(rules, row(1, 10, vendor="Blue, Ltd."), row(2, 10, vendor="BLUE LTD"))
    assert codes(found) == [(3, "Vendor", "duplicate")]
    assert code_of("Müller & Söhne") == "M-LLER-S-HNE"
    assert len(code_of("x" * 99)) == 40


def test_a_table_without_a_column_of_the_mapping_is_refused(rules: Mapping) -> None:
    content = table(row(1, 10)).replace(b"Weight (Kilograms)", b"Mass")
    with pytest.raises(InputError) as refused:
        read_mapped(rules, "lines.csv", content)
    assert [fault.code for fault in refused.value.faults] == ["missing_column"]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('currency = "USD"', 'currency = "USX"', "mapping.currency"),
        ('kind = "orders"', 'kind = "orders"\ncolour = 1', "mapping.colour"),
        ('unit = "kg"', 'unit = "lb"', "mapping.mass.unit"),
        ("(?P<line>", "(?P<other>", "mapping.joint.reference"),
        ('number_format = "1234.5"', 'number_format = "1 234"', "mapping.number_format"),
        ('buyer = "Client', 'customer = "Client', "mapping.order.customer"),
        ('code = "{ASN/DN #}-{ID}"', "", "mapping.order.code"),
        ('format = "consortium/mapping@1"', "format = ", "mapping"),
    ],
)
def test_a_faulty_mapping_names_its_key(old: str, new: str, path: str) -> None:
    assert old in MAPPING
    with pytest.raises(InputError) as refused:
        parse_mapping(MAPPING.replace(old, new))
    assert [fault.path for fault in refused.value.faults] == [path]


def test_orders_reach_the_database_and_missing_firms_are_registered(database: str) -> None:
    world = make_world()
    content = table(row(10, 48), joint(11, 10), row(12, 9, vendor="Red Pharma"), row(13, "Weight Captured Separately"))
    tried = dry_run(world.manager, world.consortium_id, "orders", "l.csv", content, mapping=MAPPING)
    assert (tried.rows, tried.accepted, tried.refused_rows, tried.objects, tried.stored) == (4, 3, 1, 2, False)
    whole = import_rows(world.manager, world.consortium_id, "orders", "l.csv", content, mapping=MAPPING)
    assert not whole.stored
    part = import_rows(world.manager, world.consortium_id, "orders", "l.csv", content, mapping=MAPPING, only_valid=True)
    assert part.stored
    with unit_of_work() as session:
        assert {"BLUE-PHARMA-LTD", "RED-PHARMA"} <= set(session.exec(select(Member.code)))
        found = {one.code: one for one in session.exec(select(Order))}
        assert set(found) == {"ASN-10-10", "ASN-12-12"}
        assert (found["ASN-10-10"].mass_g, found["ASN-10-10"].value_minor) == (48_000, 200_000)
        assert len(session.exec(select(OrderLine)).all()) == 2
    again = import_rows(world.manager, world.consortium_id, "orders", "l.csv", content, mapping=MAPPING)
    assert {fault.code for fault in again.refused} == {"duplicate", "unusable_value"}


def test_a_mapping_in_another_currency_is_refused(database: str) -> None:
    world = make_world(currency="CLP")
    with pytest.raises(InputError, match="CLP"):
        dry_run(world.manager, world.consortium_id, "orders", "l.csv", table(row(1, 5)), mapping=MAPPING)


def problems(rules: Mapping, tariff: TariffFile, *rows: list[str], by: str = "half-year") -> list[PeriodProblem]:
    found, faults = problems_by_period(entries(rules, *rows), rules, tariff, by)
    assert faults == []
    return found


@pytest.mark.parametrize(
    ("by", "expected"), [("half-year", "2009-H2"), ("quarter", "2009-Q3"), ("year", "2009"), ("all", "all")]
)
def test_a_period_is_that_of_the_due_date(by: str, expected: str) -> None:
    assert period_of(date(2009, 7, 1), by) == expected


def test_every_half_year_becomes_a_problem_that_can_be_planned(rules: Mapping, tariff: TariffFile) -> None:
    found = problems(
        rules,
        tariff,
        row(1, 5000),
        row(2, 4000, vendor="Red Pharma"),
        joint(3, 1),
        row(4, 3, **{DUE: "30-Nov-09"}),
        row(5, "Weight Captured Separately"),
    )
    assert [(one.period, one.lines, len(one.problem.consignments)) for one in found] == [
        ("2009-H1", 3, 2),
        ("2009-H2", 1, 1),
    ]
    for one in found:
        plan = plan_shipment(one.problem, limits=Limits(time_limit_s=20, work_limit=5))
        assert plan.unplanned == ()
        assert check_plan(one.problem, plan) == ()


def test_departures_are_the_same_weekday_in_every_period_and_can_be_joined(rules: Mapping, tariff: TariffFile) -> None:
    days = {
        departure.departure
        for one in problems(rules, tariff, row(1, 50), row(2, 50, **{DUE: "30-Nov-09"}))
        for departure in one.problem.departures
    }
    assert {day.weekday() for day in days} == {3}
    (first,) = problems(rules, tariff, row(1, 50))
    (goods,) = first.problem.consignments
    assert goods.due_date is not None
    assert all(goods.ready_date <= one.cut_off and one.arrival <= goods.due_date for one in first.problem.departures)
    assert len(first.problem.departures) == 6


def test_goods_too_large_for_every_container_offered_may_be_split(rules: Mapping, tariff: TariffFile) -> None:
    small = tariff.model_copy(update={"container_types": ("22G1",), "charges": [tariff.charges[0]]})
    (wide,) = problems(rules, tariff, row(1, 9000))
    (narrow,) = problems(rules, small, row(1, 9000))
    assert [one.divisible for one in wide.problem.consignments] == [False]
    assert [one.divisible for one in narrow.problem.consignments] == [True]


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('weekday = "thursday"', 'weekday = "someday"', "tariff.lanes[0].weekday"),
        ('container_types = ["22G1", "42G1", "45G1"]', 'container_types = ["99X9"]', "tariff.container_types"),
        ('origin = "USMIA"', 'origin = "Miami"', "tariff.lanes[0].origin"),
        ('format = "consortium/tariff@1"', "format = 1", "tariff.format"),
    ],
)
def test_a_faulty_tariff_names_its_key(old: str, new: str, path: str) -> None:
    assert old in TARIFF
    with pytest.raises(InputError) as refused:
        parse_tariff(TARIFF.replace(old, new, 1))
    assert [fault.path for fault in refused.value.faults] == [path]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    file = tmp_path / "lines.csv"
    file.write_bytes(table(row(1, 60), row(2, 60, **{DUE: "30-Nov-09"}), row(3, "Weight Captured Separately")))
    usual = ["import", "orders", str(file), "--mapping", "scms_haiti", "--tariff", "scms_tariff"]

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(make_app(translate("en")), [*usual, *arguments])

    return call


def test_the_command_line_writes_a_problem_for_each_half_year(run: Callable[..., Any], tmp_path: Path) -> None:
    folder = tmp_path / "problems"
    assert run("--problem-out", str(folder)).exit_code == 2
    assert not folder.exists()
    assert run("--problem-out", str(folder), "--only-valid", "--dry-run").exit_code == 2
    assert not folder.exists()
    done = run("--problem-out", str(folder), "--only-valid", "--json")
    assert done.exit_code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["2009-H1.json", "2009-H2.json"]
    told = json.loads(done.stdout)
    assert (told["rows"], told["accepted"], told["refused_rows"]) == (3, 2, 1)
    assert [fault["code"] for fault in told["refused"]] == ["unusable_value"]
