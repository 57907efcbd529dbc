"""Small builders of problems with sensible defaults, shared by the tests: name what matters, leave out the rest.

The lane is COCTG -> NLRTM, goods are ready on 1 March 2026, the departure leaves on the 12th and arrives on
2 April. Volumes are given in litres (dm3), masses in kilograms, money in minor units.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any

from optimizer.problem import (
    Basis,
    Charge,
    ChargeStep,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    LclRounding,
    Mode,
    Package,
    Party,
    Settings,
)

ORIGIN, DESTINATION, ELSEWHERE = "COCTG", "NLRTM", "ESVLC"
READY = date(2026, 3, 1)
LITRE_MM3, KG = 1_000_000, 1_000


def package(id: str = "P1", quantity: int = 1, *, litres: int = 1000, kg: int = 100, **changes: Any) -> Package:  # noqa: A002
    """Return packages of 1000 x 1000 mm whose height gives the volume (default: one cubic metre each)."""
    sizes = {"length_mm": 1000, "width_mm": 1000, "height_mm": litres}
    return Package(**{"id": id, "quantity": quantity, **sizes, "mass_g": kg * KG, **changes})


def consignment(
    id: str = "C-1",  # noqa: A002
    member: str | None = None,
    *,
    litres: int = 5000,
    kg: int = 2000,
    packages: Iterable[Package] = (),
    **changes: Any,
) -> Consignment:
    """Return a consignment of 5 m3 and 2 t, its member named as it; packages prevail over volume and mass."""
    held = tuple(packages)
    fields: dict[str, Any] = {
        "id": id,
        "member": member or f"member of {id}",
        "origin": ORIGIN,
        "destination": DESTINATION,
        "ready_date": READY,
        "volume_mm3": sum(one.quantity * one.unit_volume_mm3 for one in held) or litres * LITRE_MM3,
        "mass_g": sum(one.quantity * one.mass_g for one in held) or kg * KG,
        "packages": held,
    }
    return Consignment(**{**fields, **changes})


def container_20(**changes: Any) -> ContainerType:
    """Return a 20' dry container: 33.2 m3 of which all may be used, payload 28.26 t, tare 2.22 t."""
    fields: dict[str, Any] = {
        "code": "22G1",
        "length_mm": 5898,
        "width_mm": 2352,
        "height_mm": 2393,
        "payload_g": 28_260_000,
        "tare_g": 2_220_000,
        "volume_mm3": 33_200 * LITRE_MM3,
    }
    return ContainerType(**{**fields, **changes})


def container_40hc(**changes: Any) -> ContainerType:
    """Return a 40' high-cube container: 76.3 m3 of which all may be used, payload 28.6 t, tare 3.9 t."""
    fields: dict[str, Any] = {
        "code": "45G1",
        "length_mm": 12_032,
        "width_mm": 2352,
        "height_mm": 2698,
        "payload_g": 28_600_000,
        "tare_g": 3_900_000,
        "volume_mm3": 76_300 * LITRE_MM3,
    }
    return ContainerType(**{**fields, **changes})


def departure(id: str = "S-1", *, days: int = 11, transit: int = 21, **changes: Any) -> Departure:  # noqa: A002
    """Return a departure `days` after the goods are ready, its cut-off three days earlier (at least day 0)."""
    leaves = READY + timedelta(days=days)
    fields: dict[str, Any] = {
        "id": id,
        "origin": ORIGIN,
        "destination": DESTINATION,
        "cut_off": leaves - timedelta(days=min(3, max(0, days))),
        "departure": leaves,
        "arrival": leaves + timedelta(days=transit),
    }
    return Departure(**{**fields, **changes})


def charge(
    code: str = "OFR",
    basis: Basis | str = Basis.CONTAINER,
    amount_minor: int = 0,
    *,
    steps: Mapping[int, int] | None = None,
    **filters: Any,
) -> Charge:
    """Return a charge; `steps` maps units -> price, filters may be any iterables of strings."""
    as_sets = {"modes", "container_types", "departures", "origins", "destinations", "cargo_classes", "members"}
    fields = {key: frozenset(value) if key in as_sets else value for key, value in filters.items()}
    if "modes" in fields:
        fields["modes"] = frozenset(Mode(mode) for mode in fields["modes"])
    breaks = tuple(ChargeStep(from_units=start, amount_minor=price) for start, price in (steps or {}).items())
    return Charge(code=code, basis=Basis(basis), amount_minor=amount_minor, steps=breaks, **fields)


def problem(
    consignments: Iterable[Consignment] = (),
    charges: Iterable[Charge] = (),
    *,
    container_types: Iterable[ContainerType] | None = None,
    departures: Iterable[Departure] | None = None,
    **changes: Any,
) -> ConsolidationProblem:
    """Return a problem with a 20', a 40' high cube and one departure unless told otherwise; members follow."""
    goods = tuple(consignments)
    members = tuple(Party(id=member) for member in dict.fromkeys(one.member for one in goods))
    fields: dict[str, Any] = {
        "currency": "USD",
        "members": members,
        "consignments": goods,
        "container_types": (container_20(), container_40hc()) if container_types is None else tuple(container_types),
        "departures": (departure(),) if departures is None else tuple(departures),
        "charges": tuple(charges),
    }
    return ConsolidationProblem(**{**fields, **changes})


def settings(*modes: Mode | str, **changes: Any) -> Settings:
    """Return settings with these modes, all three when none is named."""
    chosen = tuple(Mode(mode) for mode in modes) or (Mode.FCL, Mode.LCL, Mode.POSTAL)
    return Settings(**{"modes": chosen, **changes})


def three_half_containers() -> ConsolidationProblem:
    """Return three members with half a 20' each, 1000 a container and no LCL: an empty core, c = 1000 or 2000."""
    goods = [consignment(f"C-{name}", name, litres=16_600) for name in "ABC"]
    return problem(
        goods,
        [charge("OFR", Basis.CONTAINER, 1000)],
        container_types=[container_20()],
        settings=settings(Mode.FCL),
    )


def random_problem(
    seed: int,
    *,
    members: int = 4,
    consignments: int = 8,
    departures: int = 3,
    lanes: int = 1,
    classes: int = 2,
    divisible: bool = True,
    limits: bool = True,
    spanning: bool = True,
) -> ConsolidationProblem:
    """Return a varied small problem, the same for the same arguments.

    Every basis occurs, with filters, minima, maxima, price breaks and overweight; consignments have classes,
    values, delay costs, due dates, some packages, some can be split, some are confined to one type.

    Parameters
    ----------
    divisible, limits, spanning
        Whether consignments that can be split, container limits, and charges with price breaks across
        lots occur.
    """
    draw = Random(seed)
    names = [f"m{index}" for index in range(members)]
    ports = [DESTINATION, ELSEWHERE, "BRSSZ", "CLVAP"][:lanes]
    cargo_classes = ["dry", "food", "chemical"][:classes]
    types = [
        container_20(usable_volume_permille=draw.choice([850, 1000]), cargo_classes=frozenset(cargo_classes)),
        container_40hc(usable_volume_permille=draw.choice([850, 1000]), cargo_classes=frozenset(cargo_classes[:2])),
    ]
    sailings = [_random_departure(draw, port, index, limits) for port in ports for index in range(departures)]
    goods = [
        _random_consignment(draw, index, draw.choice(names), draw.choice(ports), draw.choice(cargo_classes), divisible)
        for index in range(consignments)
    ]
    return ConsolidationProblem(
        currency="USD",
        members=tuple(Party(id=name) for name in names),
        consignments=tuple(goods),
        container_types=tuple(types),
        departures=tuple(sailings),
        charges=_random_charges(draw, names, sailings, spanning),
        incompatible_classes=frozenset({frozenset({"food", "chemical"})}) if draw.random() < 0.7 else frozenset(),
        settings=Settings(
            modes=draw.choice([(Mode.FCL, Mode.LCL), (Mode.FCL, Mode.LCL, Mode.POSTAL), (Mode.FCL,)]),
            lcl_rounding=draw.choice([LclRounding.EXACT, LclRounding.UP]),
            delay_counts_transit=draw.random() < 0.3,
        ),
    )


def _random_departure(draw: Random, port: str, index: int, limits: bool) -> Departure:
    bounded = {"22G1": draw.randint(0, 3), "45G1": draw.randint(0, 2)} if limits and draw.random() < 0.4 else {}
    return departure(
        f"S-{port}-{index}",
        days=4 + 9 * index,
        transit=draw.randint(12, 30),
        destination=port,
        container_limits=bounded,
    )


def _random_consignment(
    draw: Random, index: int, member: str, port: str, cargo_class: str, divisible: bool
) -> Consignment:
    ready = READY + timedelta(days=draw.randint(0, 12))
    fields: dict[str, Any] = {
        "destination": port,
        "cargo_class": cargo_class,
        "ready_date": ready,
        "due_date": ready + timedelta(days=draw.randint(30, 70)) if draw.random() < 0.3 else None,
        "value_minor": draw.randint(1, 40) * 100_000,
        "delay_cost_ppm_per_day": draw.choice([0, 200, 1500, 5000]),
        "contained_in": frozenset({"22G1"}) if draw.random() < 0.1 else None,
        "divisible": divisible and draw.random() < 0.5,
    }
    if draw.random() < 0.4:
        held = [
            package(f"P{kind}", draw.randint(1, 6), litres=draw.randint(300, 1500), kg=draw.randint(50, 900))
            for kind in range(draw.randint(1, 2))
        ]
        return consignment(f"C-{index}", member, packages=held, **fields)
    litres = draw.randint(200, 26_000)
    return consignment(
        f"C-{index}", member, litres=litres, kg=max(20, litres * draw.randint(100, 900) // 1000), **fields
    )


def _random_charges(draw: Random, names: list[str], sailings: list[Departure], spanning: bool) -> tuple[Charge, ...]:
    first = [sailings[0].id]
    base = draw.randint(120, 260) * 1000
    charges = [
        charge("OFR-20", "container", base, container_types=["22G1"], modes=["fcl"]),
        charge("OFR-40", "container", base * 17 // 10, container_types=["45G1"]),
        charge("OVERWEIGHT", "container", 25_000, gross_mass_over_g=18_000_000),
        charge("FOOD-CLEAN", "container", 7_777, cargo_classes=["food"]),
        charge("LCL", "freight_tonne", draw.randint(8, 16) * 1000, modes=["lcl"], minimum_minor=9_000),
        charge("POSTAL", "tonne", 0, steps={0: 900_000, 1: 600_000}, modes=["postal"], minimum_minor=3_000),
        charge("POSTAL-M3", "cubic_metre", 90_000, modes=["postal"]),
        charge("CFS", "cubic_metre", 1_250, modes=["fcl"], maximum_minor=20_000),
        charge("TALLY", "package", 333, modes=["fcl", "lcl"]),
        charge("BL", "bill_of_lading", 6_500),
        charge("DOC", "member", 4_200, members=names[: max(1, len(names) // 2)]),
        charge("CUSTOMS", "consignment", 3_100),
        charge("AGENT", "departure", 11_000),
        charge("INSURANCE", "value", rate_ppm=3_500, minimum_minor=1_500),
        charge("PEAK", "container", draw.choice([0, 15_000]), departures=first),
    ]
    if spanning:
        charges += [
            charge("TERMINAL", "container", steps={0: 20_000, 2: 17_000, 4: 15_000}),
            charge("FILES", "consignment", steps={0: 900, 3: 500}),
            charge("BOOKING", "member", steps={0: 2_000, 2: 1_500}, modes=["fcl"]),
        ]
    return tuple(charges)
