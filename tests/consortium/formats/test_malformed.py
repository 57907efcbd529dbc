"""Malformed inputs, one fault each: exit status 2, the place and the values named, nothing written."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from consortium.cli import main
from tests.consortium.formats.files import (
    document,
    sheets,
    workbook,
    write_folder,
    write_json,
    write_workbook,
)

Make = Callable[[Path], Path]


def told(source: Path, folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Plan an input that must be refused, and return what was told about it."""
    out = folder / "out"
    status = main(["plan", str(source), "--out", str(out), "--json", "--lang", "en"])
    printed = capsys.readouterr()
    assert status == 2, printed.err
    assert printed.out == ""
    assert not out.exists()
    assert "Traceback" not in printed.err
    assert "internal error" not in printed.err
    return printed.err


def changed(path: str, value: Any) -> str:
    """Return the document's text with one value changed; the path is written with slashes."""
    found = document()
    *steps, last = path.split("/")
    place: Any = found
    for step in steps:
        place = place[int(step) if isinstance(place, list) else step]
    if value is ...:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
    return json.dumps(found)


VALUES: dict[str, tuple[str, Any, str, str]] = {
    "text for a number": ("members/0/id", 5, "members[0].id", "found 5"),
    "negative mass": ("consignments/1/mass_g", -5, "consignments[1].mass_g: expected integer > 0", "found -5"),
    "number as text": ("consignments/1/mass_g", "500", "consignments[1].mass_g", 'found "500"'),
    "float": ("consignments/1/mass_g", 500.0, "consignments[1].mass_g: expected integer > 0", "found 500.0"),
    "true for a number": ("consignments/0/value_minor", True, "consignments[0].value_minor", "found true"),
    "number for true": ("consignments/0/divisible", 1, "consignments[0].divisible: expected true or false", "found 1"),
    "number beyond all sense": ("consignments/0/value_minor", 10**40, "consignments[0].value_minor", "found 1000"),
    "null where something must be": ("consignments/0/member", None, "consignments[0].member", "found null"),
    "zero packages": ("consignments/0/packages/0/quantity", 0, "consignments[0].packages[0].quantity", "found 0"),
    "list for an object": ("settings", [], "settings: expected an object", "found list with 0 entries"),
    "object for a list": ("members", {}, "members: expected a list", "found object with 0 keys"),
    "no members": ("members", [], "members: expected a list of 1 or more", "found list with 0 entries"),
    "port that cannot be": ("consignments/0/origin", "Cartagena", "consignments[0].origin", 'found "Cartagena"'),
    "port of no country": ("consignments/0/origin", "QQCTG", "consignments[0].origin", 'found "QQCTG"'),
    "port with a forbidden digit": ("departures/0/origin", "COC1G", "departures[0].origin", 'found "COC1G"'),
    "date that is none": ("departures/0/cut_off", "2026-02-30", "departures[0].cut_off", 'found "2026-02-30"'),
    "date the other way round": ("departures/0/cut_off", "09/03/2026", "departures[0].cut_off", 'found "09/03/2026"'),
    "due before ready": (
        "consignments/0/due_date",
        "2026-03-01",
        "consignments[0].due_date: the dates contradict each other: expected a date >= ready_date 2026-03-02",
        "found 2026-03-01",
    ),
    "departure before cut-off": ("departures/0/departure", "2026-03-08", "departures[0].departure", "2026-03-08"),
    "unknown basis": ("charges/0/basis", "pallet", "charges[0].basis: expected one of container", 'found "pallet"'),
    "unknown incoterm": ("consignments/0/incoterm", "FOT", "consignments[0].incoterm", 'found "FOT"'),
    "unknown currency": ("currency", "US$", "currency: expected a currency of ISO 4217", 'found "US$"'),
    "unknown member": ("consignments/0/member", "nobody", "consignments[0].member: expected a member", "'nobody'"),
    "duplicate consignment": ("consignments/1/id", "C-17", "consignments[1].id: used twice", "'C-17'"),
    "comma in a member's id": ("members/0/id", "a,b", "members[0].id", 'found "a,b"'),
    "unknown key": (
        "consignments/0/colour",
        "red",
        'consignments[0].colour: unknown key "colour"',
        "one of id, member",
    ),
    "misspelt key": ("consignments/0/mass_gr", 5, 'unknown key "mass_gr"', "expected perhaps mass_g"),
    "missing key": ("consignments/0/member", ..., "consignments[0].member: missing", "expected a non-empty text"),
    "missing totals": ("consignments/1/mass_g", ..., "consignments[1].mass_g: missing", "or packages"),
    "charge without a price": ("charges/1/amount_minor", ..., "charges[1].amount_minor: missing", "integer >= 0"),
    "wrong version": ("format", "consortium/problem@2", 'expected "consortium/problem@1"', '"consortium/problem@2"'),
    "another format": ("format", "consortium/plan@1", "another kind of file", '"consortium/plan@1"'),
    "no format": ("format", ..., "format: missing", '"consortium/problem@1"'),
    "package too long for all": (
        "consignments/0/packages/0/length_mm",
        7000,
        "consignments[0].packages[0]: the package fits no container",
        "found 7000 x 800 x 1400 mm",
    ),
    "consignment too big for all": ("consignments/1/volume_cm3", 40_000_000, "consignments[1]: too big", "40000000"),
    "control character": ("members/0/name", "a\x07b", "members[0].name", "without control characters"),
    "half of a character": ("members/0/name", "\ud800", "members[0].name", "\\ud800"),
    "too many permille": (
        "container_types/0/usable_volume_permille",
        1001,
        "expected integer <= 1000",
        "found 1001",
    ),
    "unknown support": ("settings/support", "half", "settings.support: expected full, none, or partial:N", '"half"'),
    "support of nothing": ("settings/support", "partial:0", "settings.support: expected full", '"partial:0"'),
    "unknown owners": ("settings/owners", "loose", "settings.owners: expected one of free, preferred", '"loose"'),
    "load line on the floor": ("container_types/0/load_line_mm", 0, "container_types[0].load_line_mm", "found 0"),
    "three incompatible classes": ("incompatible_classes/0", ["a", "b", "c"], "incompatible_classes[0]", "a list of 2"),
    "very long text": ("title", "x" * 5000, "title: too long: expected at most 2000 characters", "found 5000"),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_wrong_value_is_named_with_its_path(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, value, place, found = VALUES[name]
    source = write_json(tmp_path / "problem.json", changed(path, value))
    message = told(source, tmp_path, capsys)
    assert f"{source}, " in message
    assert place in message
    assert found in message


TEXTS: dict[str, tuple[Callable[[str], bytes], str, str]] = {
    "truncated": (lambda text: text[:300].encode(), "line 1, column", "not valid JSON"),
    "two documents": (lambda text: (text + text).encode(), "line 1, column", "not valid JSON"),
    "empty": (lambda _: b"", "problem.json", "the file is empty"),
    "blank": (lambda _: b" \n\t", "problem.json", "the file is empty"),
    "UTF-16": (lambda text: text.encode("utf-16"), "line 1, column 1", "found UTF-16"),
    "Latin-1": (lambda text: text.replace("20' dry", "é").encode("latin-1"), "line 1, column", "found byte 0xe9"),
    "NUL": (lambda text: text.encode() + b"\x00", "line 1, column", "found byte 0x00"),
    "NaN": (lambda text: text.replace("1850000", "NaN").encode(), "consignments[0].value_minor", "found NaN"),
    "minus infinity": (lambda text: text.replace("1850000", "-Infinity").encode(), "value_minor", "found -Infinity"),
    "exponent": (lambda text: text.replace("1850000", "1e6").encode(), "consignments[0].value_minor", "found 1e6"),
    "duplicate key": (
        lambda text: text.replace('"currency"', '"currency": "EUR", "currency"').encode(),
        "currency",
        'the key "currency" is written twice',
    ),
    "nested too deep": (lambda _: b"[" * 100_000, "line 1, column 33", "nested too deep"),
    "a list": (lambda _: b"[]", "$", "expected an object, found list"),
    "a comment": (lambda text: ("// hello\n" + text).encode(), "line 1, column 1", "not valid JSON"),
    "too large": (
        lambda text: b" " * (11 * 1024 * 1024) + text.encode(),
        "problem.json",
        "at most 10 MB, found 11.0 MB",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_no_such_document_is_named_with_its_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, place, found = TEXTS[name]
    source = tmp_path / "problem.json"
    source.write_bytes(spoil(json.dumps(document())))
    message = told(source, tmp_path, capsys)
    assert place in message
    assert found in message


def _set(sheet: str, row: int, column: str, value: Any) -> Callable[[Any], None]:
    """Return what changes one cell; rows count as in a spreadsheet."""

    def change(content: Any) -> None:
        header = content[sheet][0]
        content[sheet][row - 1][header.index(column)] = value

    return change


def _column(sheet: str, header: str, *values: Any) -> Callable[[Any], None]:
    """Return what adds one column."""

    def change(content: Any) -> None:
        for row, value in zip(content[sheet], (header, *values), strict=True):
            row.append(value)

    return change


def _without(sheet: str) -> Callable[[Any], None]:
    return lambda content: content.pop(sheet)


CELLS: dict[str, tuple[Callable[[Any], None], tuple[str, ...]]] = {
    "missing sheet": (_without("charges"), ("the sheet charges is missing",)),
    "unknown sheet": (lambda sheets: sheets.update({"tarifas": [["id"]]}), ("unknown sheet", "tarifas")),
    "unknown column": (_column("members", "fax", "1", "2"), ("members", "row 1, column fax", "unknown column")),
    "duplicate header": (_column("members", "Nombre", "a", "b"), ("members", "row 1, column Nombre", "same meaning")),
    "column without a header": (_column("members", None, "a", "b"), ("members", "row 2, column C", "a name for every")),
    "both units": (
        _column("consignments", "mass_g", None, 3_000_000),
        ("consignments", "row 3, column mass_g", "only one of mass_kg, mass_g", '"3000000"'),
    ),
    "negative mass": (
        _set("packages", 2, "mass_kg", "-450"),
        ("packages", "row 2, column mass_kg", "expected integer >= 0, found -450 (mass_g -450000)"),
    ),
    "too many decimals": (
        _set("packages", 2, "mass_kg", "450.12345"),
        ("packages", "row 2, column mass_kg", "a whole number of mass_g", "450.12345"),
    ),
    "wrong number format": (
        _set("charges", 2, "amount", "1.500,00"),
        ("charges", "row 2, column amount", "a number such as 1234.5", '"1.500,00"'),
    ),
    "no number format": (
        _set("settings", 2, "number_format", None),
        ("charges", "row 2, column amount", "two ways", "settings.number_format", '"1500.00"'),
    ),
    "unknown number format": (
        _set("settings", 2, "number_format", "1 234,5"),
        ("settings", "row 2, column number_format", '"1 234,5"'),
    ),
    "no number at all": (_set("charges", 2, "amount", "about 5"), ("row 2, column amount", '"about 5"')),
    "other currency": (_set("charges", 2, "currency", "EUR"), ("row 2, column currency", "expected USD", '"EUR"')),
    "unknown currency": (_set("settings", 2, "currency", "XX1"), ("settings", "row 2, column currency", '"XX1"')),
    "date of another form": (_set("departures", 2, "cut_off", "9-3-26"), ("row 2, column cut_off", '"9-3-26"')),
    "unknown basis": (_set("charges", 3, "basis", "pallet"), ("charges", "row 3, column basis", '"pallet"')),
    "unknown port": (_set("departures", 2, "origin", "CTG"), ("departures", "row 2, column origin", '"CTG"')),
    "missing cell": (_set("consignments", 2, "member", None), ("consignments", "row 2, column member", "missing")),
    "package of nobody": (_set("packages", 2, "consignment", "C-99"), ("row 2, column consignment", '"C-99"')),
    "package without owner": (_set("packages", 2, "consignment", None), ("row 2, column consignment", "missing")),
    "duplicate id": (_set("consignments", 3, "id", "C-17"), ("consignments", "row 3, column id", "'C-17'")),
    "package too long": (_set("packages", 2, "length_cm", "700"), ("packages", "row 2", "7000 x 800 x 1400 mm")),
    "broken limits": (_set("departures", 2, "container_limits", "22G1"), ("container_limits", "pairs such as")),
    "one class alone": (_set("settings", 2, "incompatible_classes", "food"), ("incompatible_classes", "food+chemical")),
    "two rows of settings": (lambda sheets: sheets["settings"].append(["EUR"]), ("settings", "one row of settings")),
    "no row of settings": (lambda sheets: sheets["settings"].pop(), ("settings", "one row of settings")),
    "no members": (lambda sheets: sheets.update({"members": [["id"]]}), ("members", "a list of 1 or more")),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_wrong_cell_of_a_workbook_is_named_with_sheet_row_and_column(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, words = CELLS[name]
    content = sheets()
    spoil(content)
    message = told(write_workbook(tmp_path / "libro.xlsx", content), tmp_path, capsys)
    for word in words:
        assert word in message


@pytest.mark.parametrize("name", CELLS)
def test_a_wrong_cell_of_a_csv_folder_is_named_with_file_row_and_column(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, words = CELLS[name]
    content = sheets()
    spoil(content)
    if name == "two rows of settings":
        content["settings"][-1] += ["", "", ""]
    message = told(write_folder(tmp_path / "tablas", content), tmp_path, capsys)
    for word in words:
        assert word in message


def test_all_faults_of_all_sheets_are_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = sheets()
    for name in ("negative mass", "unknown port", "wrong number format", "unknown basis"):
        CELLS[name][0](content)
    message = told(write_workbook(tmp_path / "libro.xlsx", content), tmp_path, capsys)
    for place in ("column mass_kg", "column origin", "column amount", "column basis"):
        assert place in message
    assert "4 errors; nothing was written" in message, message


def test_faults_among_whole_objects_are_told_beside_wrong_types(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = document()
    found["consignments"][0]["value_minor"] = "much"
    found["consignments"][1]["member"] = "nobody"
    message = told(write_json(tmp_path / "problem.json", found), tmp_path, capsys)
    assert 'consignments[0].value_minor: expected integer >= 0, found "much"' in message
    assert "consignments[1].member: expected a member of this problem, found 'nobody'" in message


def _formula(path: Path) -> Path:
    content = sheets()
    content["charges"][1][2] = "=1000+500"
    return write_workbook(path / "libro.xlsx", content)


def _merged(path: Path) -> Path:
    book = workbook(sheets())
    book["members"].merge_cells("A2:A3")
    book.save(path / "libro.xlsx")
    return path / "libro.xlsx"


def _error_cell(path: Path) -> Path:
    book = workbook(sheets())
    cell = book["charges"]["C2"]
    cell.value, cell.data_type = "#DIV/0!", "e"
    book.save(path / "libro.xlsx")
    return path / "libro.xlsx"


def _number_for_hs(path: Path) -> Path:
    content = sheets()
    content["packages"][1][8] = 90121
    return write_workbook(path / "libro.xlsx", content)


def _far_cell(path: Path) -> Path:
    book = workbook(sheets())
    book["members"]["A900000"] = "x"
    book.save(path / "libro.xlsx")
    return path / "libro.xlsx"


def _wide_sheet(path: Path) -> Path:
    book = workbook(sheets())
    book["members"]["ZZ1"] = "x"
    book.save(path / "libro.xlsx")
    return path / "libro.xlsx"


def _renamed_old_workbook(path: Path) -> Path:
    (path / "libro.xlsx").write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + b"\x00" * 2000)
    return path / "libro.xlsx"


def _renamed_text(path: Path) -> Path:
    (path / "libro.xlsx").write_text("id,name\n1,a\n")
    return path / "libro.xlsx"


def _renamed_archive(path: Path) -> Path:
    with zipfile.ZipFile(path / "libro.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    return path / "libro.xlsx"


def _cut_workbook(path: Path) -> Path:
    source = write_workbook(path / "libro.xlsx", sheets())
    source.write_bytes(source.read_bytes()[:3000])
    return source


def _with_part(path: Path, name: str, content: bytes) -> Path:
    source = write_workbook(path / "libro.xlsx", sheets())
    with zipfile.ZipFile(source, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return source


def _with_entities(path: Path) -> Path:
    """Return a workbook whose first sheet begins with a document type that multiplies itself."""
    source = write_workbook(path / "plain.xlsx", sheets())
    bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path / "libro.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, bomb + content if name == "xl/worksheets/sheet1.xml" else content)
    return path / "libro.xlsx"


def _huge_file(path: Path) -> Path:
    source = path / "libro.xlsx"
    with source.open("wb") as stream:
        stream.write(b"PK\x03\x04")
        stream.truncate(50 * 1024 * 1024)
    return source


def _old_ending(path: Path) -> Path:
    (path / "libro.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    return path / "libro.xls"


def _symlink_loop(path: Path) -> Path:
    (path / "a.json").symlink_to(path / "b.json")
    (path / "b.json").symlink_to(path / "a.json")
    return path / "a.json"


def _pipe(path: Path) -> Path:
    os.mkfifo(path / "pipe.json")
    return path / "pipe.json"


def _folder(path: Path, **files: bytes) -> Path:
    folder = write_folder(path / "tablas", sheets())
    for name, content in files.items():
        (folder / f"{name}.csv").write_bytes(content)
    return folder


def _empty_folder(path: Path) -> Path:
    (path / "tablas").mkdir()
    return path / "tablas"


FILES: dict[str, tuple[Make, tuple[str, ...]]] = {
    "formula": (_formula, ("sheet charges, row 2, column amount", "formulas are not read", '"=1000+500"')),
    "merged cells": (_merged, ("sheet members, row 2, column A", "merged cells are not read: A2:A3")),
    "error cell": (_error_cell, ("sheet charges, row 2, column amount", "#DIV/0!")),
    "number without its zero": (_number_for_hs, ("sheet packages, row 2, column hs", "leading zeros", "90121")),
    "cell far below": (_far_cell, ("sheet members", "at most 50000 rows, found 900000")),
    "cell far to the right": (_wide_sheet, ("sheet members", "at most 100 columns, found 702")),
    "old workbook renamed": (_renamed_old_workbook, ("libro.xlsx", "old or encrypted workbook (.xls)")),
    "text renamed": (_renamed_text, ("libro.xlsx", "found another kind of file")),
    "archive renamed": (_renamed_archive, ("libro.xlsx", "found an archive of another kind")),
    "half a workbook": (_cut_workbook, ("libro.xlsx", "found a damaged archive")),
    "empty workbook": (lambda path: _write(path / "libro.xlsx", b""), ("libro.xlsx", "the file is empty")),
    "macros": (lambda path: _with_part(path, "xl/vbaProject.bin", b"x"), ("macros (", "xl/vbaProject.bin")),
    "zip bomb": (
        lambda path: _with_part(path, "xl/media/big.bin", b"\0" * 40_000_000),
        ("too large: expected at most 200 times its packed size", "xl/media/big.bin"),
    ),
    "larger zip bomb": (
        lambda path: _with_part(path, "xl/media/big.bin", b"\0" * 120_000_000),
        ("too large: expected at most 100 MB unpacked",),
    ),
    "entity bomb": (_with_entities, ("an XML document type", "xl/worksheets/sheet1.xml")),
    "50 MB": (_huge_file, ("libro.xlsx", "at most 20 MB, found 50.0 MB")),
    "old ending": (_old_ending, ("libro.xls", "a problem .json, a workbook .xlsx or a folder", "found libro.xls")),
    "no such file": (lambda path: path / "nowhere.json", ("nowhere.json", "no such file")),
    "symlink loop": (_symlink_loop, ("a.json", "no such file or folder, or it cannot be read")),
    "pipe": (_pipe, ("pipe.json", "found pipe.json")),
    "folder without tables": (_empty_folder, ("tablas", "members.csv", "found no .csv file")),
    "table in UTF-16": (
        lambda path: _folder(path, members="id,name\na,b\n".encode("utf-16")),
        ("members.csv, line 1, column 1", "found UTF-16"),
    ),
    "table in Latin-1": (
        lambda path: _folder(path, members="id,name\nandina,Bogotá\n".encode("latin-1")),
        ("members.csv, line 2, column 13", "found byte 0xe1"),
    ),
    "empty table": (lambda path: _folder(path, members=b""), ("members.csv", "the file is empty")),
    "two delimiters": (
        lambda path: _folder(path, members=b"id,name;city\na,b,c\n"),
        ("members.csv, row 1", "commas or semicolons, not both"),
    ),
    "open quote": (lambda path: _folder(path, members=b'id,name\na,"b\n'), ("members.csv, row 2", "not a valid CSV")),
    "short row": (
        lambda path: _folder(path, members=b"id,name\nandina\nboyaca,B\n"),
        ("members.csv, row 2", "expected 2 cells, found 1 cells"),
    ),
    "long row": (
        lambda path: _folder(path, members=b"id,name\nandina,A,x\nboyaca,B\n"),
        ("members.csv, row 2", "expected 2 cells, found 3 cells"),
    ),
}


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_what_it_should_be_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make, words = FILES[name]
    if (name in ("symlink loop", "pipe")) and os.name == "nt":
        pytest.skip("no such files on Windows")
    message = told(make(tmp_path), tmp_path, capsys)
    for word in words:
        assert word in message
