"""From mapped order lines to consolidation problems, one for each period, with departures and charges of a tariff file.

This is the way to plan historical or foreign data without a database: the orders of `importing_mapping`, a tariff
stated openly in TOML (`data/mappings/README.md`), and ``consortium/problem@1`` as the result.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from consortium.draft_kinds import Currency, Port, faults_of
from consortium.errors import Fault, InputError, InputFault
from consortium.formats.json_text import show
from consortium.formats.problem_json import problem_of, problem_to_json
from consortium.importing_mapping import Mapping, is_too_large
from consortium.importing_tables import Entry
from consortium.reference_data import container_types
from optimizer.problem import ConsolidationProblem, ContainerType
from optimizer.units import volume_cm3

PERIODS = ("half-year", "quarter", "year", "all")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lane(_Part):
    """A regular service: one departure every so many weeks, on one weekday."""

    origin: Port
    destination: Port
    carrier: str = ""
    weekday: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    every_weeks: Annotated[int, Field(ge=1, le=52)] = 1
    cut_off_days: Annotated[int, Field(ge=0, le=60)] = 0
    transit_days: Annotated[int, Field(ge=0, le=200)]


class TariffFile(_Part):
    """A tariff as written: lanes, and charges and settings with the keys of the problem format."""

    format: Literal["consortium/tariff@1"]
    title: str = ""
    currency: Currency
    container_types: Annotated[tuple[str, ...], Field(min_length=1)]
    lanes: tuple[Lane, ...]
    charges: list[dict[str, Any]]
    settings: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodProblem:
    """The problem of one period.

    Parameters
    ----------
    period
        Such as ``2008-H1``.
    lines
        Rows of the file that its consignments stand for.
    recorded_freight_minor
        Sum of the freight recorded on those rows, as far as it was.
    """

    period: str
    problem: ConsolidationProblem
    lines: int
    recorded_freight_minor: int


def parse_tariff(text: str) -> TariffFile:
    """Read a tariff file.

    Raises
    ------
    InputError
        With all faults; paths start with ``tariff``.
    """
    try:
        found = TariffFile(**tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError([Fault("tariff", "bad_toml", "valid TOML", str(error))]) from error
    except ValidationError as refused:
        faults = [Fault(f"tariff.{one.path}", one.code, one.expected, one.found) for one in faults_of(refused)]
        raise InputError(faults) from None
    if not found.lanes:
        raise InputError([Fault("tariff.lanes", "missing", "at least one lane", "nothing")])
    unknown = sorted(set(found.container_types) - set(container_types()))
    if unknown:
        expected = f"some of {', '.join(container_types())}"
        raise InputError([Fault("tariff.container_types", "unknown_reference", expected, show(unknown[0]))])
    return found


def period_of(day: date, by: str) -> str:
    """Return the period of a day: ``2008-H1``, ``2008-Q1``, ``2008`` or ``all``."""
    if by == "half-year":
        return f"{day.year}-H{1 if day.month <= 6 else 2}"
    if by == "quarter":
        return f"{day.year}-Q{(day.month + 2) // 3}"
    return str(day.year) if by == "year" else "all"


def problems_by_period(
    entries: Iterable[Entry], rules: Mapping, tariff: TariffFile, by: str
) -> tuple[list[PeriodProblem], list[InputFault]]:
    """Return a problem for each period of due dates, and the faults of consignments that fit none.

    Parameters
    ----------
    entries
        Orders of `importing_mapping.read_mapped`; those with faults are passed over, their faults are told there.
    rules
        The mapping; says whether goods that are too large may travel in parts.
    tariff
        Departures and charges; its currency must be the mapping's.
    by
        One of `PERIODS`. A period is that of the due date, so a consignment is in exactly one.
    """
    if by not in PERIODS:
        raise InputError([Fault("by", "unknown_value", f"one of {', '.join(PERIODS)}", show(by))])
    if tariff.currency != rules.currency:
        raise InputError([Fault("tariff.currency", "currency_mismatch", rules.currency, show(tariff.currency))])
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        if not entry.all_faults():
            groups.setdefault(period_of(entry.values["due_date"], by), []).append(entry)
    found, faults = [], []
    for period, group in sorted(groups.items()):
        usable, refused = _unique(group)
        faults += refused
        problem, _ = problem_of(_document(period, usable, rules, tariff))
        freight = sum(one.values.get("recorded_freight_minor", 0) for one in usable)
        lines = sum(one.rows for one in usable)
        found.append(PeriodProblem(period=period, problem=problem, lines=lines, recorded_freight_minor=freight))
    return found, faults


def consignment_id(entry: Entry) -> str:
    """Return the id of a mapped order: ``member/order``, as in problems built from the database."""
    return f"{entry.values['member']}/{entry.values['code']}"


def _unique(group: list[Entry]) -> tuple[list[Entry], list[InputFault]]:
    seen: dict[str, Entry] = {}
    faults = []
    for entry in group:
        name = consignment_id(entry)
        if name in seen:
            place = entry.cells.get("code", entry.place)
            expected = f"an order not already in row {seen[name].place.row}"
            faults.append(InputFault("code", "duplicate", expected, show(name), place))
        else:
            seen[name] = entry
    return list(seen.values()), faults


def _document(period: str, entries: list[Entry], rules: Mapping, tariff: TariffFile) -> dict[str, Any]:
    types = [container_types()[code] for code in tariff.container_types]
    names = {one.values["member"]: one.values.get("member_name", "") for one in entries}
    ready = min(one.values["ready_date"] for one in entries)
    due = max(one.values["due_date"] for one in entries)
    document = {
        "format": "consortium/problem@1",
        "currency": tariff.currency,
        "title": " ".join(part for part in (rules.title, period) if part),
        "members": [{"id": code, "name": name} for code, name in sorted(names.items())],
        "consignments": [_consignment(one, rules, types) for one in entries],
        "departures": [departure for lane in tariff.lanes for departure in _departures(lane, ready, due)],
        "charges": tariff.charges,
        "settings": tariff.settings,
    }
    frame = ConsolidationProblem(currency=tariff.currency, members=(), consignments=(), container_types=tuple(types))
    return document | {"container_types": problem_to_json(frame)["container_types"]}


def _consignment(entry: Entry, rules: Mapping, types: list[ContainerType]) -> dict[str, Any]:
    values = entry.values
    packages = [
        {**{key: value for key, value in line.values.items() if key != "code"}, "id": line.values["code"]}
        for line in entry.lines
    ]
    volume_mm3 = sum(one["quantity"] * one["length_mm"] * one["width_mm"] * one["height_mm"] for one in packages)
    mass_g = sum(one["quantity"] * one["mass_g"] for one in packages)
    cargo_class = values.get("cargo_class", "dry")
    divisible = values["divisible"]
    if rules.divisible == "when_too_large":
        divisible = is_too_large(volume_mm3, mass_g, cargo_class, types)
    return {
        "id": consignment_id(entry),
        "member": values["member"],
        "origin": values["origin"],
        "destination": values["destination"],
        "consignee": values.get("buyer"),
        "ready_date": values["ready_date"].isoformat(),
        "due_date": values["due_date"].isoformat(),
        "cargo_class": cargo_class,
        "incoterm": values.get("incoterm"),
        "value_minor": values["value_minor"],
        "delay_cost_ppm_per_day": values.get("delay_cost_ppm_per_day", 0),
        "divisible": divisible,
        "packages": packages,
        "volume_cm3": volume_cm3(volume_mm3),
        "mass_g": mass_g,
    }


def _departures(lane: Lane, ready: date, due: date) -> Iterable[dict[str, Any]]:
    """Yield the departures of a lane that somebody ready on the first day or due on the last could join.

    The weeks are counted from Monday 2000-01-03, so that the same service gives the same dates in every period.
    """
    first = date(2000, 1, 3) + timedelta(days=WEEKDAYS.index(lane.weekday))
    step = timedelta(weeks=lane.every_weeks)
    start = ready + timedelta(days=lane.cut_off_days)
    day = first + step * -((first - start) // step)
    while day + timedelta(days=lane.transit_days) <= due:
        yield {
            "id": f"{lane.origin}-{lane.destination}-{day.isoformat()}",
            "origin": lane.origin,
            "destination": lane.destination,
            "carrier": lane.carrier,
            "cut_off": (day - timedelta(days=lane.cut_off_days)).isoformat(),
            "departure": day.isoformat(),
            "arrival": (day + timedelta(days=lane.transit_days)).isoformat(),
        }
        day += step
