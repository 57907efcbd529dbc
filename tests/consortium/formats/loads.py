"""A well-formed load problem and its answer, to be spoiled by the tests one fault at a time."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any


def _placement(consignment: str, corner: tuple[int, int, int], size: tuple[int, int, int], step: int) -> dict[str, Any]:
    place = dict(zip(("x_mm", "y_mm", "z_mm", "dx_mm", "dy_mm", "dz_mm"), (*corner, *size), strict=True))
    return {"package": "P1", "consignment": consignment, **place, "step": step}


LOAD_PROBLEM: dict[str, Any] = {
    "format": "consortium/load-problem@1",
    "title": "Two members, one container",
    "objective": "containers",
    "containers": [
        {
            "code": "20GP",
            "length_mm": 5870,
            "width_mm": 2330,
            "height_mm": 2200,
            "payload_g": 28_000_000,
            "door_width_mm": 2300,
            "door_height_mm": 2100,
            "count": None,
            "cost_minor": 150_000,
            "load_line_mm": 2150,
            "line_load_g_per_m": 5_000_000,
            "cargo_classes": ["dry", "food"],
            "tare_g": 2_200_000,
        }
    ],
    "packages": [
        {
            "id": "P1",
            "length_mm": 1200,
            "width_mm": 800,
            "height_mm": 1000,
            "quantity": 2,
            "mass_g": 450_000,
            "vertical": ["height"],
            "max_load_g": 450_000,
            "owner": "andina",
            "stop": 1,
            "value": None,
            "consignment": "C-1",
            "cargo_class": "dry",
        },
        {"id": "P1", "length_mm": 600, "width_mm": 400, "height_mm": 300, "quantity": 2, "cargo_class": "food"},
    ],
    "owners": "preferred",
    "support": "partial:750",
    "incompatible_classes": [["chemical", "food"]],
    "pinned": [
        {
            "container": "20GP",
            "position": 0,
            "placements": [_placement("C-1", (0, 0, 0), (1200, 800, 1000), 1)],
        }
    ],
}


LOAD_PLAN: dict[str, Any] = {
    "format": "consortium/load-plan@1",
    "status": "feasible",
    "lower_bound": 1,
    "support": "partial:750",
    "loads": [
        {
            "container": "20GP",
            "placements": [
                _placement("C-1", (0, 0, 0), (1200, 800, 1000), 1),
                _placement("C-1", (0, 0, 1000), (1200, 800, 1000), 2),
                _placement("", (1200, 0, 0), (600, 400, 300), 3),
            ],
            "fill_permille": 66,
            "mass_g": 900_000,
            "centre_of_gravity_permille": [102, 172, 455],
        }
    ],
    "unloaded": [{"package": "P1", "quantity": 1, "reason": "time_limit"}],
}
"""Right in every number; without the keys that a program may leave out."""


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy of a document with one value changed, or removed when it is `...`; the path has slashes."""
    found = deepcopy(document)
    *steps, last = path.split("/")
    place: Any = found
    for step in steps:
        place = place[int(step) if isinstance(place, list) else step]
    key = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value(place[key]) if isinstance(value, Callable) else value  # type: ignore[arg-type]
    return found
