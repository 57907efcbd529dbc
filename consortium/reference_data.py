"""Reference data that the product ships: container types, ports, Incoterms rules, currencies, countries, charges.

The files are plain CSV in `data/`, described in `data/README.md`; they are data, to be corrected and extended
without touching code. Each reader reads its file once.
"""

import csv
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from optimizer.problem import ContainerType
from optimizer.units import MM3_PER_CM3

ENVIRONMENT_NAME = "CONSORTIUM_DATA"
LANGUAGES = ("es", "pt", "en")


@dataclass(frozen=True, slots=True)
class Names:
    """What something is called in the three languages."""

    es: str
    pt: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the name in a language, in English when the language is not one of the three."""
        return {"es": self.es, "pt": self.pt}.get(language, self.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceContainer:
    """A container type of ISO 6346 with typical sizes in mm, g and cm3; `source` says whose sizes."""

    code: str
    names: Names
    length_mm: int
    width_mm: int
    height_mm: int
    door_width_mm: int
    door_height_mm: int
    payload_g: int
    tare_g: int
    volume_cm3: int
    usable_volume_permille: int
    cargo_classes: tuple[str, ...]
    source: str

    def as_container_type(self, language: str = "en") -> ContainerType:
        """Return the container type of a consolidation problem."""
        return ContainerType(
            code=self.code,
            name=self.names.in_language(language),
            length_mm=self.length_mm,
            width_mm=self.width_mm,
            height_mm=self.height_mm,
            payload_g=self.payload_g,
            tare_g=self.tare_g,
            volume_mm3=self.volume_cm3 * MM3_PER_CM3,
            usable_volume_permille=self.usable_volume_permille,
            cargo_classes=frozenset(self.cargo_classes),
            door_width_mm=self.door_width_mm,
            door_height_mm=self.door_height_mm,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A place of UN/LOCODE; `function` is ``port`` or ``inland``."""

    code: str
    name: str
    country: str
    function: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncotermRule:
    """A rule of Incoterms 2020: the stages that the seller pays, and the modes it is meant for."""

    code: str
    names: Names
    modes: str
    seller_pays: frozenset[str]
    risk_passes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """A currency of ISO 4217; one unit is 10**exponent minor units."""

    code: str
    names: Names
    exponent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country or territory of ISO 3166-1."""

    code: str
    names: Names


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeKind:
    """A usual charge with its default basis, stage, allocation key and modes."""

    code: str
    names: Names
    basis: str
    incoterm_stage: str
    allocation_key: str
    modes: tuple[str, ...]


def reference_folder() -> Path:
    """Return the folder of the reference data.

    Returns
    -------
    Path
        The folder named by the environment variable CONSORTIUM_DATA, else `consortium/_data` of an installed
        wheel, else `data/` of a checkout.

    Raises
    ------
    FileNotFoundError
        When none of them holds `ports.csv`.
    """
    package = Path(__file__).resolve().parent
    given = os.environ.get(ENVIRONMENT_NAME)
    candidates = [Path(given)] if given else [package / "_data", package.parent / "data"]
    for folder in candidates:
        if (folder / "ports.csv").is_file():
            return folder
    raise FileNotFoundError(f"reference data: expected ports.csv in {' or '.join(map(str, candidates))}")


def reference_containers() -> dict[str, ReferenceContainer]:
    """Return the container types with names and source by ISO 6346 size-type code."""
    return _container_types(reference_folder())


def container_types(language: str = "en") -> dict[str, ContainerType]:
    """Return the container types as problems hold them, by ISO 6346 size-type code."""
    return {code: one.as_container_type(language) for code, one in reference_containers().items()}


def ports() -> dict[str, Port]:
    """Return the ports and inland places by UN/LOCODE."""
    return _ports(reference_folder())


def incoterms() -> dict[str, IncotermRule]:
    """Return the eleven rules of Incoterms 2020 by code."""
    return _incoterms(reference_folder())


def currencies() -> dict[str, Currency]:
    """Return the currencies by ISO 4217 code."""
    return _currencies(reference_folder())


def countries() -> dict[str, Country]:
    """Return the countries by ISO 3166-1 alpha-2 code."""
    return _countries(reference_folder())


def charge_catalogue() -> dict[str, ChargeKind]:
    """Return the usual charges by code."""
    return _charge_catalogue(reference_folder())


def currency_exponent(code: str) -> int:
    """Return how many decimals a currency has (2 when it is not in the list)."""
    known = currencies().get(code)
    return 2 if known is None else known.exponent


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _names(row: dict[str, str]) -> Names:
    return Names(row["name_es"], row["name_pt"], row["name_en"])


def _list(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


@lru_cache(maxsize=4)
def _container_types(folder: Path) -> dict[str, ReferenceContainer]:
    return {
        row["code"]: ReferenceContainer(
            code=row["code"],
            names=_names(row),
            length_mm=int(row["length_mm"]),
            width_mm=int(row["width_mm"]),
            height_mm=int(row["height_mm"]),
            door_width_mm=int(row["door_width_mm"]),
            door_height_mm=int(row["door_height_mm"]),
            payload_g=int(row["payload_g"]),
            tare_g=int(row["tare_g"]),
            volume_cm3=int(row["volume_cm3"]),
            usable_volume_permille=int(row["usable_volume_permille"]),
            cargo_classes=_list(row["cargo_classes"]),
            source=row["source"],
        )
        for row in _rows(folder, "container_types.csv")
    }


@lru_cache(maxsize=4)
def _ports(folder: Path) -> dict[str, Port]:
    return {
        row["code"]: Port(code=row["code"], name=row["name"], country=row["country"], function=row["function"])
        for row in _rows(folder, "ports.csv")
    }


@lru_cache(maxsize=4)
def _incoterms(folder: Path) -> dict[str, IncotermRule]:
    return {
        row["code"]: IncotermRule(
            code=row["code"],
            names=_names(row),
            modes=row["modes"],
            seller_pays=frozenset(_list(row["seller_pays"])),
            risk_passes=row["risk_passes"],
        )
        for row in _rows(folder, "incoterms.csv")
    }


@lru_cache(maxsize=4)
def _currencies(folder: Path) -> dict[str, Currency]:
    return {
        row["code"]: Currency(code=row["code"], names=_names(row), exponent=int(row["exponent"]))
        for row in _rows(folder, "currencies.csv")
    }


@lru_cache(maxsize=4)
def _countries(folder: Path) -> dict[str, Country]:
    return {row["code"]: Country(code=row["code"], names=_names(row)) for row in _rows(folder, "countries.csv")}


@lru_cache(maxsize=4)
def _charge_catalogue(folder: Path) -> dict[str, ChargeKind]:
    return {
        row["code"]: ChargeKind(
            code=row["code"],
            names=_names(row),
            basis=row["basis"],
            incoterm_stage=row["incoterm_stage"],
            allocation_key=row["allocation_key"],
            modes=_list(row["modes"]),
        )
        for row in _rows(folder, "charge_catalogue.csv")
    }
