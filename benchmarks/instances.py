"""Seeded consortium instances: small firms, a few lanes, eight weekly departures, prices of a realistic size.

Everything follows from `members` and `seed`, and the manifest holds the SHA-256 of every instance, so that two
computers measure the same problems. What is drawn, with the sizes that were meant:

- Members: one of six towns 20-380 km from the port, a main cargo class, a main lane and two others.
- Consignments: 2-5 a member up to 12 members, 2-10 beyond; log-normal volumes around 6 m3 (0.2-50 m3, reefers up to
  20 m3), 80-800 kg/m3, 300-20,000 USD/m3, ready within six weeks; three in five must arrive by a date that leaves
  the first departure that they can join and up to four weeks more.
- Classes: dry, food, chemical and reefer; food and chemical never share a container, reefers have their own boxes.
- Containers: 20', 40', 40' high cube, 45' high cube, 20' and 40' high-cube reefers; 85 % of the volume is usable.
- Charges in US cents: ocean freight by lane and type, peak weeks, terminal handling, seal, overweight beyond 24 t
  gross, dangerous goods, stuffing by m3, a truck for each town that a container stops at, documents by bill and by
  member, customs by consignment, an agent by departure, LCL by freight tonne with a minimum (dearer for chemicals and
  reefers) with its own trucking and handling, insurance by value.
- Waiting costs 0.03-0.07 % of the value a day (about 11-26 % a year).
- Every third seed limits the containers of departures; every fourth has handling that is cheaper from three containers.

LCL takes everything, so that no consignment has to stay behind.
"""

import gzip
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from consortium.formats.problem_json import problem_sha256, problem_to_json, read_problem_json
from optimizer.problem import (
    Basis,
    Charge,
    ChargeStep,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
    Party,
    Settings,
)

FIRST = date(2026, 1, 5)
WEEKS = 8
LITRE_MM3 = 1_000_000
ORIGIN = "COCTG"
TOWNS_KM = (20, 60, 110, 170, 240, 380)
DRY = ("dry", "food", "chemical")
STORED = Path(__file__).resolve().parent / "stored"
MANIFEST = STORED / "manifest.json"

SEEDS = {3: 20, 8: 20, 12: 20, 23: 10, 73: 3, 405: 1}
"""Members -> how many seeds (1, 2, ...) belong to the set."""


class Lane(NamedTuple):
    """A destination with days at sea and a price level in per mille."""

    port: str
    transit: int
    level: int


LANES = (
    Lane("NLRTM", 21, 1000),
    Lane("ESVLC", 18, 900),
    Lane("USMIA", 9, 800),
    Lane("BRSSZ", 24, 1250),
    Lane("CLVAP", 16, 1050),
    Lane("CNSHA", 34, 1600),
)

BOXES = (
    # code, name, inside mm, volume l, payload kg, tare kg, freight USD, handling USD, reefer
    ("22G1", "20' dry", (5898, 2352, 2393), 33_200, 28_000, 2_220, 1300, 180, False),
    ("42G1", "40' dry", (12_032, 2352, 2393), 67_700, 26_700, 3_750, 2050, 260, False),
    ("45G1", "40' high cube", (12_032, 2352, 2698), 76_300, 26_500, 3_900, 2150, 260, False),
    ("L5G1", "45' high cube", (13_556, 2352, 2698), 86_000, 27_700, 4_800, 2600, 300, False),
    ("22R1", "20' reefer", (5444, 2268, 2272), 28_000, 27_400, 3_080, 2900, 250, True),
    ("45R1", "40' high-cube reefer", (11_583, 2294, 2544), 67_000, 29_400, 4_600, 4400, 360, True),
)


def instance(members: int, seed: int) -> ConsolidationProblem:
    """Return the instance of a number of members and a seed, always the same one."""
    draw = Random(f"consortium {members} {seed}")
    lanes = LANES[: _lanes(members, draw)]
    towns = [draw.choice(TOWNS_KM) for _ in range(members)]
    names = [f"M{index + 1:03d}" for index in range(members)]
    sailings = [one for lane in lanes for one in _departures(draw, lane, limited=seed % 3 == 0)]
    goods = [one for name in names for one in _goods(draw, members, name, lanes, sailings)]
    return ConsolidationProblem(
        title=f"{members} members, seed {seed}",
        currency="USD",
        members=tuple(Party(id=name) for name in names),
        consignments=tuple(goods),
        container_types=tuple(_boxes()),
        departures=tuple(sailings),
        charges=tuple(_charges(draw, lanes, sailings, dict(zip(names, towns, strict=True)), seed % 4 == 1)),
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}),
        settings=Settings(modes=(Mode.FCL, Mode.LCL)),
    )


def _lanes(members: int, draw: Random) -> int:
    if members <= 12:
        return min(draw.randint(1, 6), max(2, members // 2))
    return 3 if members < 50 else 5 if members < 200 else 6


def _boxes() -> Iterator[ContainerType]:
    for code, name, (length, width, height), litres, payload, tare, _, _, reefer in BOXES:
        yield ContainerType(
            code=code, name=name, length_mm=length, width_mm=width, height_mm=height, payload_g=payload * 1000,
            tare_g=tare * 1000, volume_mm3=litres * LITRE_MM3, usable_volume_permille=850,
            cargo_classes=frozenset({"reefer"} if reefer else DRY),
        )  # fmt: skip


def _departures(draw: Random, lane: Lane, *, limited: bool) -> Iterator[Departure]:
    for week in range(WEEKS):
        leaves = FIRST + timedelta(days=7 * week + 10)
        limits = {"45G1": draw.randint(0, 2), "42G1": draw.randint(0, 2), "22R1": 1} if limited and week % 2 else {}
        yield Departure(
            id=f"{lane.port}-{week + 1}", origin=ORIGIN, destination=lane.port, cut_off=leaves - timedelta(days=3),
            departure=leaves, arrival=leaves + timedelta(days=lane.transit), container_limits=limits,
        )  # fmt: skip


def _goods(
    draw: Random, members: int, name: str, lanes: tuple[Lane, ...], sailings: list[Departure]
) -> Iterator[Consignment]:
    profile = draw.choices(["dry", "food", "chemical", "reefer"], [45, 27, 14, 14])[0]
    main, others = draw.choice(lanes), draw.sample(lanes, min(2, len(lanes)))
    density = min(800, max(80, round(draw.lognormvariate(5.56, 0.5))))
    worth = min(20_000, max(300, round(draw.lognormvariate(7.82, 0.7))))
    for index in range(draw.randint(2, 5 if members <= 12 else 10)):
        lane = main if draw.random() < 0.6 else draw.choice(others)
        kind = profile if draw.random() < 0.7 else "dry"
        litres = min(20_000 if kind == "reefer" else 50_000, max(200, round(draw.lognormvariate(8.7, 0.8), -2)))
        ready = FIRST + timedelta(days=draw.randrange(7 * (WEEKS - 2)))
        first = next(one for one in sailings if one.destination == lane.port and ready <= one.cut_off)
        yield Consignment(
            id=f"{name}-{index + 1}", member=name, origin=ORIGIN, destination=lane.port, cargo_class=kind,
            ready_date=ready,
            due_date=first.arrival + timedelta(days=draw.randint(0, 28)) if draw.random() < 0.6 else None,
            volume_mm3=int(litres) * LITRE_MM3,
            mass_g=min(24_000_000, int(litres) * density * draw.randint(80, 125) // 100),
            value_minor=int(litres) * worth * draw.randint(80, 120) // 1000,
            delay_cost_ppm_per_day=draw.choice([300, 500, 700]),
        )  # fmt: skip


def _charges(
    draw: Random, lanes: tuple[Lane, ...], sailings: list[Departure], town_of: dict[str, int], stepped: bool
) -> Iterator[Charge]:
    fcl, lcl = {"modes": frozenset({Mode.FCL})}, {"modes": frozenset({Mode.LCL})}
    for lane in lanes:
        to = {"destinations": frozenset({lane.port})}
        for code, _, _, _, _, _, freight, _, _ in BOXES:
            price = freight * lane.level // 10 * draw.randint(95, 105) // 100
            yield _charge(f"OFR-{lane.port}-{code}", Basis.CONTAINER, price, container_types=frozenset({code}), **to)
        base = 8500 * (700 + 3 * lane.level // 10) // 1000
        for classes, times in ((("dry", "food"), 10), (("chemical",), 16), (("reefer",), 28)):
            yield _charge(
                f"LCL-{lane.port}-{classes[0]}", Basis.FREIGHT_TONNE, base * times // 10,
                minimum_minor=base * times // 10, cargo_classes=frozenset(classes), **to, **lcl,
            )  # fmt: skip
    peak = frozenset(one.id for one in sailings if draw.random() < 0.25)
    yield _charge("PEAK", Basis.CONTAINER, 20_000, departures=peak, **fcl)
    for code, _, _, _, _, _, _, handling, _ in BOXES:
        yield _charge(f"THC-{code}", Basis.CONTAINER, handling * 100, container_types=frozenset({code}))
    for town in sorted(set(town_of.values())):
        at = {"members": frozenset(name for name, km in town_of.items() if km == town)}
        yield _charge(f"TRUCK-{town}", Basis.CONTAINER, 12_000 + 150 * town, **at, **fcl)
        yield _charge(f"LTL-{town}", Basis.FREIGHT_TONNE, 400 + 6 * town, minimum_minor=3_000, **at, **lcl)
    yield _charge("OVERWEIGHT", Basis.CONTAINER, 30_000, gross_mass_over_g=24_000_000)
    yield _charge("DANGEROUS", Basis.CONTAINER, 35_000, cargo_classes=frozenset({"chemical"}), **fcl)
    yield _charge("STUFFING", Basis.CUBIC_METRE, 600, **fcl)
    yield _charge("CFS", Basis.FREIGHT_TONNE, 1_200, minimum_minor=3_500, **lcl)
    yield _charge("BILL", Basis.BILL_OF_LADING, 7_500)
    yield _charge("DOCUMENTS", Basis.MEMBER, 4_500)
    yield _charge("CUSTOMS", Basis.CONSIGNMENT, 6_000)
    yield _charge("AGENT", Basis.DEPARTURE, 9_000, **fcl)
    yield _charge("INSURANCE", Basis.VALUE, rate_ppm=3_000, minimum_minor=2_500)
    if stepped:
        steps = (ChargeStep(from_units=0, amount_minor=9_000), ChargeStep(from_units=3, amount_minor=5_000))
        yield _charge("HANDLING", Basis.CONTAINER, steps=steps, **fcl)
    else:
        yield _charge("SEAL", Basis.CONTAINER, 2_000, **fcl)


def _charge(code: str, basis: Basis, amount_minor: int = 0, **more: Any) -> Charge:
    return Charge(code=code, basis=basis, amount_minor=amount_minor, **more)


def name_of(members: int, seed: int) -> str:
    """Return the short name of an instance, also the name of its file."""
    return f"m{members:03d}-s{seed:02d}"


def write(problem: ConsolidationProblem, path: Path) -> None:
    """Write a problem as JSON, compressed when the name ends in .gz, byte for byte the same every time."""
    content = json.dumps(problem_to_json(problem), ensure_ascii=False, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def read(path: Path) -> ConsolidationProblem:
    """Read a problem file, compressed or not."""
    content = path.read_bytes()
    return read_problem_json(gzip.decompress(content) if path.suffix == ".gz" else content, path.name)[0]


def record(members: int, seed: int, problem: ConsolidationProblem) -> dict[str, Any]:
    """Return what the manifest says of an instance."""
    return {
        "members": members,
        "seed": seed,
        "consignments": len(problem.consignments),
        "departures": len(problem.departures),
        "sha256": problem_sha256(problem),
    }


def manifest() -> dict[str, dict[str, Any]]:
    """Return the stored manifest: instance name -> `record`."""
    known: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8")) if MANIFEST.exists() else {}
    return known


def write_manifest(known: dict[str, dict[str, Any]]) -> None:
    """Store the manifest, one instance a line."""
    rows = [f"{json.dumps(name)}: {json.dumps(held)}" for name, held in sorted(known.items())]
    MANIFEST.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
