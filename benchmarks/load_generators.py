"""Seeded loading instances with the rules of real containers; everything follows from the seed, nothing is stored.

Boxes are drawn by the procedure of Bischoff and Ratcliff (see `benchmarks.load_instances`), in the ranges of BR1-BR15,
and may stand as their stability limit says.

- `multi_problem`: everything travels in the fewest equal containers of 587 x 233 x 220 cm, no masses.
- `rich_problem`: one container that cannot hold everything, of 6 to 20 types: 100-600 kg/m3, a load limit of 0, 1, 2, 4
  or 8 times the own mass, four owners, one to four stops, and the door and payload of a 20' container. What else is on
  follows from the seed: the three ways of keeping owners together, full or partial support, a road limit of 8 t, a line
  load of 2 t/m, two classes that may not meet, a reefer with its load line and one dry type that may not travel in it.
- `mix_problem`: everything travels at the least cost in 20', 40', 40' high-cube and 45' high-cube containers.
- `large_problem`: 2,000 packages of 60 types, about twelve 20' containers.
"""

from collections.abc import Iterator
from csv import DictReader
from dataclasses import replace
from functools import cache
from math import prod
from pathlib import Path
from random import Random

from benchmarks.load_instances import CONTAINER_CM, MM_PER_CM, Sizes, drawn_boxes, may_stand, thpack_problem
from optimizer.load_problem import FULL_SUPPORT, LoadContainer, LoadPackage, LoadProblem, Objective, Owners

TYPES_FILE = Path(__file__).resolve().parents[1] / "data" / "container_types.csv"
CM3_PER_M3 = 1_000_000
COST_MINOR = {"22G1": 185_000, "42G1": 290_000, "45G1": 305_000, "L5G1": 365_000}
"""Freight and handling of a container, in US cents."""
PARTIAL_SUPPORT = 750
ROAD_LIMIT_G = 8_000_000
LINE_LOAD_G_PER_M = 2_000_000
AIR_GAP_MM = 80
"""Between the ceiling of a reefer and its load line."""
OWNERS = 4
LARGE_TYPES, LARGE_PACKAGES = 60, 2000
LARGE_LOWEST, LARGE_HIGHEST = (27, 22, 18), (108, 90, 72)
"""Ranges of sizes in cm with which 2,000 packages fill about twelve 20' containers."""


@cache
def _sizes_on_offer() -> dict[str, dict[str, str]]:
    with TYPES_FILE.open(newline="", encoding="utf-8") as file:
        return {row["code"]: row for row in DictReader(file)}


def container(code: str) -> LoadContainer:
    """Return a container of `data/container_types.csv`, as many as needed."""
    row = _sizes_on_offer()[code]
    return LoadContainer(
        code=code, length_mm=int(row["length_mm"]), width_mm=int(row["width_mm"]), height_mm=int(row["height_mm"]),
        door_width_mm=int(row["door_width_mm"]), door_height_mm=int(row["door_height_mm"]),
        payload_g=int(row["payload_g"]), tare_g=int(row["tare_g"]), count=None, cost_minor=COST_MINOR.get(code, 0),
    )  # fmt: skip


def _packages(draw: Random, boxes: list[tuple[Sizes, int]]) -> Iterator[LoadPackage]:
    """Yield a package with mass and load limit for each type."""
    for index, (sizes, quantity) in enumerate(boxes, start=1):
        length, width, height = (MM_PER_CM * size for size in sizes)
        # kg/m3 x mm3 = mg; masses are whole hundreds of grams.
        mass_g = round(draw.randint(100, 600) * length * width * height / 1e6, -2)
        yield LoadPackage(
            id=f"t{index}", length_mm=length, width_mm=width, height_mm=height, quantity=quantity,
            vertical=may_stand(sizes), mass_g=int(mass_g),
            max_load_g=int(mass_g) * draw.choices((0, 1, 2, 4, 8), (1, 3, 4, 4, 4))[0],
        )  # fmt: skip


def multi_problem(types: int, fill: int, seed: int) -> LoadProblem:
    """Return packages that would fill `fill` containers to the last corner."""
    draw = Random(f"multi {types} {fill} {seed}")
    boxes = drawn_boxes(draw.getrandbits(31), types, fill * prod(CONTAINER_CM))
    return thpack_problem(CONTAINER_CM, [(f"t{index}", sizes, quantity, may_stand(sizes))
                                         for index, (sizes, quantity) in enumerate(boxes, start=1)],
                          Objective.CONTAINERS)  # fmt: skip


def rich_problem(seed: int) -> LoadProblem:
    """Return a load of four owners with many rules; which ones, the remainders of the seed say."""
    draw = Random(f"rich {seed}")
    reefer, classes = seed % 5 == 0, seed % 2 == 1
    offered = container("22R1" if reefer else "22G1")
    box = replace(
        offered, count=1,
        payload_g=ROAD_LIMIT_G if seed % 3 == 0 else offered.payload_g,
        line_load_g_per_m=LINE_LOAD_G_PER_M if seed % 4 == 0 else None,
        load_line_mm=offered.height_mm - AIR_GAP_MM if reefer else None,
        cargo_classes=frozenset({"chilled", "food"}) if reefer else None,
    )  # fmt: skip
    types = (6, 10, 14, 20)[seed % 4]
    boxes = drawn_boxes(draw.getrandbits(31), types, box.volume_mm3 // MM_PER_CM**3)
    stops = draw.choice((1, 2, 3, 4, 4))
    packages = []
    for index, one in enumerate(_packages(draw, boxes)):
        owner = index % OWNERS
        kind = "chilled" if reefer else "chemical" if classes and owner == 0 else "food" if owner == 1 else "dry"
        if reefer and index == types - 1:
            kind = "dry"
        packages.append(replace(one, owner=f"m{owner + 1}", stop=1 + owner % stops, cargo_class=kind))
    return LoadProblem(
        objective=Objective.VOLUME, containers=(box,), packages=tuple(packages), owners=tuple(Owners)[seed % 3],
        support_permille=PARTIAL_SUPPORT if seed % 7 == 0 else FULL_SUPPORT,
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}) if classes else frozenset(),
    )  # fmt: skip


def mix_problem(seed: int) -> LoadProblem:
    """Return 5 to 30 types, 30 to 250 m3 in all; every third seed has one 40' high cube and one 45' at most."""
    draw = Random(f"mix {seed}")
    boxes = drawn_boxes(draw.getrandbits(31), draw.randint(5, 30), draw.randint(30, 250) * CM3_PER_M3)
    scarce = {"45G1", "L5G1"} if seed % 3 == 0 else set()
    offered = [container(code) for code in COST_MINOR]
    return LoadProblem(
        objective=Objective.COST,
        containers=tuple(replace(one, count=1 if one.code in scarce else None) for one in offered),
        packages=tuple(_packages(draw, boxes)),
    )


def large_problem(seed: int) -> LoadProblem:
    """Return the large order: eight owners, no stops, everything travels in the fewest 20' containers."""
    draw = Random(f"large {seed}")
    sizes = [sizes for sizes, _ in drawn_boxes(draw.getrandbits(31), LARGE_TYPES, 0, LARGE_LOWEST, LARGE_HIGHEST)]
    cuts = sorted(draw.sample(range(1, LARGE_PACKAGES), LARGE_TYPES - 1))
    quantities = [end - start for start, end in zip([0, *cuts], [*cuts, LARGE_PACKAGES], strict=True)]
    packages = tuple(_packages(draw, list(zip(sizes, quantities, strict=True))))
    return LoadProblem(
        objective=Objective.CONTAINERS, containers=(container("22G1"),),
        packages=tuple(replace(one, owner=f"m{index % 8 + 1}") for index, one in enumerate(packages)),
    )  # fmt: skip
