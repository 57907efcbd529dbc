"""Well-formed inputs of the three forms, to be spoiled by the tests one fault at a time."""

import csv
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from openpyxl import Workbook

DOCUMENT: dict[str, Any] = {
    "format": "consortium/problem@1",
    "currency": "USD",
    "title": "Café y cacao",
    "members": [{"id": "andina", "name": "Andina S.A.S."}, {"id": "boyaca", "name": "Boyacá Ltda."}],
    "consignments": [
        {
            "id": "C-17",
            "member": "andina",
            "origin": "COCTG",
            "destination": "NLRTM",
            "consignee": "B-3",
            "ready_date": "2026-03-02",
            "due_date": "2026-04-20",
            "cargo_class": "dry",
            "incoterm": "CFR",
            "value_minor": 1_850_000,
            "delay_cost_ppm_per_day": 8_000,
            "divisible": False,
            "contained_in": ["22G1"],
            "packages": [
                {
                    "id": "P1",
                    "quantity": 10,
                    "length_mm": 1200,
                    "width_mm": 800,
                    "height_mm": 1400,
                    "mass_g": 450_000,
                    "vertical": ["height"],
                    "max_load_g": 900_000,
                    "description": "coffee, 24 bags a pallet",
                    "hs": "090121",
                }
            ],
            "volume_cm3": 13_440_000,
            "mass_g": 4_500_000,
        },
        {
            "id": "C-18",
            "member": "boyaca",
            "origin": "COCTG",
            "destination": "NLRTM",
            "ready_date": "2026-03-05",
            "volume_cm3": 9_000_000,
            "mass_g": 3_000_000,
        },
    ],
    "container_types": [
        {
            "code": "22G1",
            "name": "20' dry",
            "length_mm": 5898,
            "width_mm": 2352,
            "height_mm": 2393,
            "door_width_mm": 2338,
            "door_height_mm": 2280,
            "payload_g": 28_260_000,
            "tare_g": 2_220_000,
            "volume_cm3": 33_200_000,
            "usable_volume_permille": 850,
            "cargo_classes": ["dry"],
        }
    ],
    "departures": [
        {
            "id": "S-12",
            "origin": "COCTG",
            "destination": "NLRTM",
            "carrier": "X",
            "cut_off": "2026-03-09",
            "departure": "2026-03-12",
            "arrival": "2026-04-02",
            "container_limits": {"22G1": 10},
        }
    ],
    "charges": [
        {
            "code": "OFR-20",
            "description": "ocean freight",
            "basis": "container",
            "amount_minor": 150_000,
            "container_types": ["22G1"],
            "departures": ["S-12"],
            "modes": ["fcl"],
            "minimum_minor": 0,
            "maximum_minor": None,
            "incoterm_stage": "main_carriage",
            "allocation_key": "optimised",
        },
        {"code": "LCL", "basis": "freight_tonne", "amount_minor": 9_000, "modes": ["lcl"]},
        {"code": "BL", "basis": "bill_of_lading", "amount_minor": 5_000, "allocation_key": "equal"},
    ],
    "incompatible_classes": [["food", "chemical"]],
    "settings": {"modes": ["fcl", "lcl"], "lcl_rounding": "exact", "missed_due_date": "forbidden"},
}
"""The problem of the format's description, with a second member."""

Sheets = dict[str, list[list[Any]]]

SHEETS: Sheets = {
    "members": [["id", "name"], ["andina", "Andina S.A.S."], ["boyaca", "Boyacá Ltda."]],
    "consignments": [
        [
            "id",
            "member",
            "origin",
            "destination",
            "ready_date",
            "due_date",
            "value",
            "currency",
            "volume_m3",
            "mass_kg",
        ],
        ["C-17", "andina", "COCTG", "NLRTM", "2026-03-02", "2026-04-20", "18500.00", "USD", None, None],
        ["C-18", "boyaca", "COCTG", "NLRTM", "2026-03-05", None, None, None, "9", "3000"],
    ],
    "packages": [
        ["consignment", "id", "quantity", "length_cm", "width_cm", "height_cm", "mass_kg", "vertical", "hs"],
        ["C-17", "P1", "10", "120", "80", "140", "450", "height", "090121"],
    ],
    "container_types": [
        ["code", "length_mm", "width_mm", "height_mm", "payload_kg", "tare_kg", "volume_m3", "usable_volume_percent"],
        ["22G1", "5898", "2352", "2393", "28260", "2220", "33.2", "85"],
    ],
    "departures": [
        ["id", "origin", "destination", "carrier", "cut_off", "departure", "arrival", "container_limits"],
        ["S-12", "COCTG", "NLRTM", "X", "2026-03-09", "2026-03-12", "2026-04-02", "22G1=10"],
    ],
    "charges": [
        ["code", "basis", "amount", "currency", "modes", "container_types", "steps_amount"],
        ["OFR-20", "container", "1500.00", "USD", "fcl", "22G1", None],
        ["LCL", "freight_tonne", None, None, "lcl", None, "0=90; 10=85.50"],
    ],
    "settings": [
        ["currency", "number_format", "modes", "incompatible_classes"],
        ["USD", "1234.5", "fcl; lcl", "food+chemical"],
    ],
}
"""The same in sheets, in the units that people write."""


def document() -> dict[str, Any]:
    """Return a copy of the document that a test may spoil."""
    return deepcopy(DOCUMENT)


def sheets() -> Sheets:
    """Return a copy of the sheets that a test may spoil."""
    return deepcopy(SHEETS)


def write_json(path: Path, content: Any) -> Path:
    """Write a document, or a text as it is."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def write_workbook(path: Path, content: Sheets) -> Path:
    """Write sheets as a workbook, cells with the types that they have."""
    book = workbook(content)
    book.save(path)
    return path


def workbook(content: Sheets) -> Workbook:
    """Return a workbook with these sheets."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in content.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def write_folder(folder: Path, content: Sheets, delimiter: str = ",") -> Path:
    """Write sheets as CSV files."""
    folder.mkdir(exist_ok=True)
    for name, rows in content.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=delimiter).writerows(rows)
    return folder
