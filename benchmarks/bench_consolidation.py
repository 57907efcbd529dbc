"""Measure the proof of consolidation plans on generated lanes: `python benchmarks/bench_consolidation.py [N ...]`.

One lane with 26 weekly departures, 20', 40' and 40' high cube, LCL and post; consignments of 0.1-40 m3 with
values, delay costs and due dates, ready over half a year ("spread") or within three weeks ("peak").
Prices are of the order of published tariffs. The table states seconds, gap and proof.
"""

import sys
import time
from datetime import date, timedelta
from random import Random

from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.master import improve
from optimizer.limits import Limits, ignore_progress, never_stop
from optimizer.problem import (
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    IncotermStage,
    Mode,
    Party,
    Settings,
)
from optimizer.units import gap_ppm

FIRST = date(2026, 1, 5)
LITRE_MM3 = 1_000_000


def lane(
    seed: int, consignments: int, *, members: int = 12, weeks: int = 26, window_days: int = 150
) -> ConsolidationProblem:
    """Return a realistic lane."""
    draw = Random(seed)
    names = [f"m{index}" for index in range(members)]
    goods = [_consignment(draw, index, names[index % members], window_days) for index in range(consignments)]
    return ConsolidationProblem(
        currency="USD",
        members=tuple(Party(id=name) for name in names),
        consignments=tuple(goods),
        container_types=_types(),
        departures=tuple(_departure(week) for week in range(weeks)),
        charges=_charges(),
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}),
        settings=Settings(modes=(Mode.FCL, Mode.LCL, Mode.POSTAL)),
    )


def _types() -> tuple[ContainerType, ...]:
    both = frozenset({"dry", "food", "chemical"})
    sizes = [
        ("22G1", 5898, 2352, 2393, 28_260_000, 2_220_000, 33_200),
        ("42G1", 12_032, 2352, 2393, 26_730_000, 3_750_000, 67_700),
        ("45G1", 12_032, 2352, 2698, 26_500_000, 3_900_000, 76_300),
    ]
    return tuple(
        ContainerType(
            code=code,
            length_mm=length,
            width_mm=width,
            height_mm=height,
            payload_g=payload,
            tare_g=tare,
            volume_mm3=litres * LITRE_MM3,
            usable_volume_permille=850,
            cargo_classes=both,
        )
        for code, length, width, height, payload, tare, litres in sizes
    )


def _departure(week: int) -> Departure:
    leaves = FIRST + timedelta(days=7 * week + 3)
    return Departure(
        id=f"S-{week:02d}", origin="COCTG", destination="NLRTM", cut_off=leaves - timedelta(days=3), departure=leaves,
        arrival=leaves + timedelta(days=21),
    )  # fmt: skip


def _consignment(draw: Random, index: int, member: str, window_days: int) -> Consignment:
    ready = FIRST + timedelta(days=draw.randrange(max(1, window_days)))
    litres = int(min(40_000, max(100, draw.lognormvariate(8.6, 1.0))))
    mass_g = int(litres * draw.uniform(120, 500))
    return Consignment(
        id=f"C-{index:02d}", member=member, origin="COCTG", destination="NLRTM", ready_date=ready,
        due_date=ready + timedelta(days=draw.randrange(40, 75)) if draw.random() < 0.5 else None,
        volume_mm3=litres * LITRE_MM3, mass_g=min(mass_g, 24_000_000), value_minor=int(litres * draw.uniform(80, 400)),
        delay_cost_ppm_per_day=draw.choice([300, 500, 1000]),
        cargo_class=draw.choices(["dry", "food", "chemical"], [6, 3, 1])[0],
    )  # fmt: skip


def _charges() -> tuple[Charge, ...]:
    fcl, lcl, postal = frozenset({Mode.FCL}), frozenset({Mode.LCL}), frozenset({Mode.POSTAL})
    carriage = IncotermStage.MAIN_CARRIAGE

    def box(code: str, kind: str, amount: int) -> Charge:
        return Charge(
            code=code, basis=Basis.CONTAINER, amount_minor=amount, container_types=frozenset({kind}), modes=fcl,
            incoterm_stage=carriage,
        )  # fmt: skip

    return (
        box("OFR-20", "22G1", 165_000),
        box("OFR-40", "42G1", 270_000),
        box("OFR-40HC", "45G1", 282_000),
        Charge(code="THC", basis=Basis.CONTAINER, amount_minor=24_000, modes=fcl),
        Charge(code="OVERWEIGHT", basis=Basis.CONTAINER, amount_minor=20_000, gross_mass_over_g=24_000_000),
        Charge(code="HAZ", basis=Basis.CONTAINER, amount_minor=35_000, cargo_classes=frozenset({"chemical"})),
        Charge(code="STUFFING", basis=Basis.CUBIC_METRE, amount_minor=900, modes=fcl),
        Charge(code="LCL", basis=Basis.FREIGHT_TONNE, amount_minor=9_500, minimum_minor=9_500, modes=lcl),
        Charge(code="LCL-CFS", basis=Basis.FREIGHT_TONNE, amount_minor=2_500, minimum_minor=5_000, modes=lcl),
        Charge(code="POST", basis=Basis.TONNE, amount_minor=650_000, minimum_minor=4_000, modes=postal),
        Charge(code="BL", basis=Basis.BILL_OF_LADING, amount_minor=7_500, modes=frozenset({Mode.FCL, Mode.LCL})),
        Charge(code="DOC", basis=Basis.MEMBER, amount_minor=4_500, modes=frozenset({Mode.FCL, Mode.LCL})),
        Charge(code="CUSTOMS", basis=Basis.CONSIGNMENT, amount_minor=6_000),
        Charge(code="AGENT", basis=Basis.DEPARTURE, amount_minor=12_000, modes=fcl),
        Charge(code="INSURANCE", basis=Basis.VALUE, rate_ppm=3_000, minimum_minor=2_500),
    )


def main(sizes: list[int]) -> None:
    print(
        f"{'instance':<22}{'cost':>12}{'bound':>12}{'gap %':>8}{'proven':>8}{'seconds':>9}  ended (seconds of one core)"
    )
    for size in sizes or [10, 20, 30, 42]:
        for kind, days in (("spread", 150), ("month", 40), ("peak", 14)):
            for seed in (1, 2):
                problem = lane(seed, size, window_days=days)
                begun = time.process_time()
                found = improve(
                    problem, first_plan(problem), limits=Limits(time_limit_s=60, work_limit=60), seed=1,
                    on_progress=ignore_progress, should_stop=never_stop,
                )  # fmt: skip
                taken = time.process_time() - begun
                cost = price(problem, found.plan.containers, found.plan.lcl, found.plan.postal).cost_minor
                gap = gap_ppm(cost, found.lower_bound_minor) / 10_000
                print(
                    f"{f'{size} {kind} seed {seed}':<22}{cost:>12}{found.lower_bound_minor:>12}{gap:>8.3f}"
                    f"{found.proven!s:>8}{taken:>9.2f}  {found.ended_by}",
                    flush=True,
                )


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]])
