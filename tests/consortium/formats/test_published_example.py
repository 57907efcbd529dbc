"""The example of a problem that other programs are written against is read, with a warning where it names nothing."""

import json

from consortium.formats.problem_json import read_problem_json
from optimizer.planning import plan
from optimizer.result import SolveStatus

EXAMPLE = {
    "format": "consortium/problem@1",
    "currency": "USD",
    "title": "...",
    "members": [{"id": "andina", "name": "Andina S.A.S."}],
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
            "value_minor": 1850000,
            "delay_cost_ppm_per_day": 8000,
            "divisible": False,
            "contained_in": ["45G1"],
            "packages": [
                {
                    "id": "P1",
                    "quantity": 10,
                    "length_mm": 1200,
                    "width_mm": 800,
                    "height_mm": 1400,
                    "mass_g": 450000,
                    "vertical": ["height"],
                    "max_load_g": 900000,
                    "description": "coffee, 24 bags a pallet",
                    "hs": "090121",
                }
            ],
            "volume_cm3": 13440000,
            "mass_g": 4500000,
        }
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
            "payload_g": 28260000,
            "tare_g": 2220000,
            "volume_cm3": 33200000,
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
            "amount_minor": 150000,
            "container_types": ["22G1"],
            "departures": ["S-12"],
            "modes": ["fcl"],
            "minimum_minor": 0,
            "maximum_minor": None,
            "incoterm_stage": "main_carriage",
            "allocation_key": "optimised",
        }
    ],
    "incompatible_classes": [["food", "chemical"]],
    "settings": {
        "modes": ["fcl", "lcl", "postal"],
        "lcl_rounding": "exact",
        "missed_due_date": "forbidden",
        "own_container_always_possible": True,
    },
}


def test_the_published_example_is_accepted_and_the_container_it_does_not_offer_is_named() -> None:
    problem, warnings = read_problem_json(json.dumps(EXAMPLE).encode(), "example.json")
    loose = [one for one in warnings if one.code == "name_of_nothing"]
    assert [(one.path, one.found) for one in loose] == [("consignments[0].contained_in", "'45G1'")]
    found = plan(problem)
    # Only a 45G1 may hold it and none is offered: it goes loose, and no charge meets loose lots here.
    assert found.status is SolveStatus.OPTIMAL
    assert (found.containers, found.cost_minor) == ((), 1850000 * 8000 * 10 // 1_000_000)
