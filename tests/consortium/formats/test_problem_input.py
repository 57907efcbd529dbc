"""Well-formed problems: the three forms are one, nothing is guessed, nothing is lost."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from consortium.errors import InputError
from consortium.formats.canonical import canonical, dumps
from consortium.formats.columns import SHEETS as SHEET_NAMES
from consortium.formats.columns import columns_of, headers_of, label, labels, normal, sheet_of
from consortium.formats.problem_input import read_problem
from consortium.formats.problem_json import problem_of, problem_schema, problem_sha256, problem_to_json
from optimizer.problem import Mode, Owners
from tests.builders import random_problem
from tests.consortium.formats.files import document, sheets, workbook, write_folder, write_json, write_workbook
from tests.consortium.formats.test_malformed import VALUES, changed


def codes(warnings: Any) -> list[str]:
    return [one.code for one in warnings]


@pytest.mark.parametrize("seed", range(25))
def test_a_problem_comes_back_from_its_file_unchanged(seed: int) -> None:
    problem = random_problem(seed)
    written = dumps(problem_to_json(problem))
    again, _ = problem_of(json.loads(written))
    assert again == problem
    assert problem_sha256(again) == problem_sha256(problem)
    jsonschema.validate(json.loads(written), problem_schema(), jsonschema.Draft202012Validator)


def test_volumes_of_packages_are_kept_to_the_cubic_millimetre(tmp_path: Path) -> None:
    found = document()
    found["consignments"][0]["packages"][0] |= {"length_mm": 333, "width_mm": 777, "height_mm": 111}
    found["consignments"][0] |= {"volume_cm3": None, "mass_g": None}
    problem, _ = read_problem(write_json(tmp_path / "problem.json", found))
    assert problem.consignments[0].volume_mm3 == 10 * 333 * 777 * 111
    assert problem_to_json(problem)["consignments"][0]["volume_cm3"] == 287_203  # 287 202.51 rounded half up


def test_the_fingerprint_depends_on_what_is_said_and_not_on_how(tmp_path: Path) -> None:
    plain = document()
    turned = dict(reversed(plain.items()))
    turned["settings"] = {**plain["settings"], "own_container_always_possible": True}
    turned["charges"][1]["minimum_minor"] = 0
    turned["consignments"][0]["contained_in"] = ["22G1", "22G1"]
    first, _ = problem_of(plain)
    second, _ = problem_of(turned)
    assert problem_sha256(first) == problem_sha256(second)
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'


def test_keys_that_came_later_leave_the_fingerprints_of_older_problems_as_they_were() -> None:
    plain, _ = problem_of(document())
    assert problem_sha256(plain) == "2ce76af167bb93f04621e03c020c9ffe40081118dc77d612d35ef7da7786475c"
    said = document()
    said["settings"] |= {"support": "full", "owners": "free"}
    said["container_types"][0] |= {"load_line_mm": None, "line_load_g_per_m": None}
    assert problem_sha256(problem_of(said)[0]) == problem_sha256(plain)


def test_rules_of_loading_are_read_and_written() -> None:
    found = document()
    found["settings"] |= {"support": "partial:750", "owners": "strict"}
    found["container_types"][0] |= {"load_line_mm": 2300, "line_load_g_per_m": 4_500_000}
    problem, _ = problem_of(found)
    assert (problem.settings.support_permille, problem.settings.owners) == (750, Owners.STRICT)
    kind = problem.container_types[0]
    assert (kind.load_line_mm, kind.line_load_g_per_m) == (2300, 4_500_000)
    written = problem_to_json(problem)
    assert written["settings"]["support"] == "partial:750"
    assert written["container_types"][0]["line_load_g_per_m"] == 4_500_000
    assert problem_of(written)[0] == problem
    jsonschema.validate(written, problem_schema(), jsonschema.Draft202012Validator)


def test_rules_of_loading_have_columns_in_the_units_that_people_write(tmp_path: Path) -> None:
    content = sheets()
    for table, header, value in (
        ("container_types", "load_line_cm", "230"),
        ("container_types", "Carga por metro (t/m)", "4.5"),
        ("settings", "support", "none"),
        ("settings", "Propietarios", "Strict"),
    ):
        content[table][0].append(header)
        content[table][1].append(value)
    problem, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", content))
    assert (problem.settings.support_permille, problem.settings.owners) == (0, Owners.STRICT)
    kind = problem.container_types[0]
    assert (kind.load_line_mm, kind.line_load_g_per_m) == (2300, 4_500_000)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    source = tmp_path / "problem.json"
    source.write_bytes(b"\xef\xbb\xbf" + json.dumps(document()).encode())
    assert read_problem(source)[0].currency == "USD"


def test_packages_prevail_and_a_contradiction_is_told(tmp_path: Path) -> None:
    found = document()
    found["consignments"][0]["volume_cm3"] = 13_440_000 * 103 // 100
    found["consignments"][0]["mass_g"] = 4_500_000 * 101 // 100
    problem, warnings = read_problem(write_json(tmp_path / "problem.json", found))
    assert problem.consignments[0].volume_mm3 == 13_440_000_000
    assert [(one.path, one.code) for one in warnings] == [("consignments[0].volume_cm3", "totals_contradict")]
    assert warnings[0].expected == "the packages' total 13440000"


def test_a_well_formed_port_that_nobody_lists_is_only_a_warning(tmp_path: Path) -> None:
    text = json.dumps(document()).replace("NLRTM", "NLZZZ")
    problem, warnings = read_problem(write_json(tmp_path / "problem.json", text))
    assert problem.consignments[0].destination == "NLZZZ"
    assert codes(warnings) == ["port_not_listed"]


def test_a_way_of_travelling_without_charges_is_told(tmp_path: Path) -> None:
    found = document()
    found["settings"]["modes"] = ["fcl", "lcl", "postal"]
    del found["charges"][2]  # bills of lading are charged for postal entries too
    _, warnings = read_problem(write_json(tmp_path / "problem.json", found))
    assert codes(warnings) == ["mode_without_charges"]
    assert warnings[0].expected == "a charge that meets postal"


def test_null_stands_for_an_absent_key(tmp_path: Path) -> None:
    found = document()
    found["consignments"][0] |= {"due_date": None, "consignee": None, "incoterm": None, "contained_in": None}
    problem, _ = read_problem(write_json(tmp_path / "problem.json", found))
    assert problem.consignments[0].due_date is None
    assert problem.consignments[0].contained_in is None


NOT_IN_THE_SCHEMA = {
    "due before ready",
    "departure before cut-off",
    "unknown member",
    "duplicate consignment",
    "package too long for all",
    "consignment too big for all",
    "date that is none",
    "port of no country",
    "charge without a price",
    "control character",
    "half of a character",
    "float",  # 500.0 is an integer to a schema, not to us
}
"""Faults that compare values with one another or with lists of codes: beyond a JSON Schema."""


@pytest.mark.parametrize("name", [name for name in VALUES if name not in NOT_IN_THE_SCHEMA])
def test_what_the_reader_refuses_the_schema_refuses(name: str) -> None:
    path, value, *_ = VALUES[name]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(changed(path, value)), problem_schema(), jsonschema.Draft202012Validator)


def test_the_schema_is_one_and_takes_the_example() -> None:
    schema = problem_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document(), schema, jsonschema.Draft202012Validator)
    assert schema["$id"] == "consortium/problem@1"


def test_workbook_and_folder_and_document_say_the_same(tmp_path: Path) -> None:
    from_workbook, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", sheets()))
    from_folder, _ = read_problem(write_folder(tmp_path / "tablas", sheets()))
    with_semicolons, _ = read_problem(write_folder(tmp_path / "mas", sheets(), ";"))
    from_json, _ = problem_of(json.loads(json.dumps(problem_to_json(from_workbook))))
    assert from_workbook == from_folder == with_semicolons == from_json
    assert from_workbook.consignments[0].value_minor == 1_850_000
    assert from_workbook.consignments[0].packages[0].mass_g == 450_000
    assert from_workbook.container_types[0].usable_volume_permille == 850
    assert [(one.from_units, one.amount_minor) for one in from_workbook.charges[1].steps] == [(0, 9_000), (10, 8_550)]
    assert from_workbook.settings.modes == (Mode.FCL, Mode.LCL)
    assert from_workbook.incompatible_classes == {frozenset({"food", "chemical"})}


@pytest.mark.parametrize(
    ("number_format", "amount", "steps"),
    [
        ("1234.5", "1234567.89", "0=90; 10=85.50"),
        ("1,234.5", "1,234,567.89", "0=90; 10=85.50"),
        ("1.234,5", "1.234.567,89", "0=90; 10=85,50"),
    ],
)
def test_numbers_are_read_in_the_stated_format(number_format: str, amount: str, steps: str, tmp_path: Path) -> None:
    content = sheets()
    content["settings"][1][1] = number_format
    content["charges"][1][2] = amount
    content["charges"][2][6] = steps
    content["consignments"][1][6] = None
    content["container_types"][1][6] = "33"
    problem, _ = read_problem(write_folder(tmp_path / "tablas", content, ";"))
    assert problem.charges[0].amount_minor == 123_456_789
    assert problem.charges[1].steps[1].amount_minor == 8_550


def test_number_cells_need_no_format_and_keep_the_decimals_that_are_shown(tmp_path: Path) -> None:
    content = sheets()
    content["settings"][1][1] = None
    content["charges"][1][2] = 1500.1
    content["charges"][2][6] = "0=90; 10=85"
    content["consignments"][1][6] = 0.29  # 28.999999999999996 cents in binary
    content["container_types"][1][6] = 33.2
    problem, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", content))
    assert problem.charges[0].amount_minor == 150_010
    assert problem.consignments[0].value_minor == 29
    assert problem.container_types[0].volume_mm3 == 33_200_000_000


def test_a_currency_without_cents_has_none(tmp_path: Path) -> None:
    content = sheets()
    content["settings"][1][0] = "CLP"
    for row in [*content["consignments"][1:], *content["charges"][1:]]:
        row[row.index("USD") if "USD" in row else 3] = "CLP" if "USD" in row else row[3]
    content["charges"][1][2] = "1500"
    content["charges"][2][6] = "0=90; 10=85"
    problem, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", content))
    assert problem.charges[0].amount_minor == 1_500
    content["charges"][1][2] = "1500.5"
    with pytest.raises(InputError, match="a whole number of amount_minor"):
        read_problem(write_workbook(tmp_path / "libro.xlsx", content))


def test_date_cells_and_dates_in_text_are_the_same(tmp_path: Path) -> None:
    from datetime import datetime

    plain, _ = read_problem(write_workbook(tmp_path / "plain.xlsx", sheets()))
    content = sheets()
    content["departures"][1][4] = datetime(2026, 3, 9)  # noqa: DTZ001 - a day of the calendar has no zone
    found, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", content))
    assert found == plain


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_headers_and_sheets_may_be_in_any_language(language: str, tmp_path: Path) -> None:
    from consortium.formats.header_words import SHEET_WORDS

    content = {
        SHEET_WORDS[sheet][language]: [[label(header, language) for header in rows[0]], *rows[1:]]
        for sheet, rows in sheets().items()
    }
    plain, _ = read_problem(write_workbook(tmp_path / "plain.xlsx", sheets()))
    found, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", content))
    assert found == plain


@pytest.mark.parametrize("sheet", SHEET_NAMES)
def test_every_header_of_a_sheet_names_one_column(sheet: str) -> None:
    for column in columns_of(sheet):
        names = {column.header, *(name for all_names in labels(column.header).values() for name in all_names)}
        assert {headers_of(sheet)[normal(name)].header for name in names} == {column.header}
    assert sheet_of(sheet) == sheet


def test_hidden_extra_sheets_are_ignored_and_told_and_help_sheets_are_left_alone(tmp_path: Path) -> None:
    book = workbook({**sheets(), "borrador": [["anything"]], "Ayuda": [["how to fill in"]]})
    book["borrador"].sheet_state = "hidden"
    book.save(tmp_path / "libro.xlsx")
    plain, _ = read_problem(write_workbook(tmp_path / "plain.xlsx", sheets()))
    found, warnings = read_problem(tmp_path / "libro.xlsx")
    assert found == plain
    assert [(one.code, one.place.sheet) for one in warnings] == [("hidden_sheet", "borrador")]


def test_wholly_empty_rows_are_skipped_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    content = sheets()
    content["members"].insert(2, [None, "  "])
    found, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", content))
    assert [one.id for one in found.members] == ["andina", "boyaca"]
    content["members"][3][0] = None
    with pytest.raises(InputError, match="members, row 4, column id"):
        read_problem(write_workbook(tmp_path / "libro.xlsx", content))


def test_numbers_as_ids_are_taken_as_they_are_written(tmp_path: Path) -> None:
    content = sheets()
    content["members"][1][0] = 17
    content["consignments"][1][1] = 17
    found, _ = read_problem(write_workbook(tmp_path / "libro.xlsx", content))
    assert found.members[0].id == "17"


def test_other_files_in_a_folder_are_told_and_ignored(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "tablas", sheets())
    (folder / "notas.txt").write_text("hello", encoding="utf-8")
    (folder / ".DS_Store").write_bytes(b"\x00")
    _, warnings = read_problem(folder)
    assert codes(warnings) == ["ignored_file"]
