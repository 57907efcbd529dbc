"""The shipped reference data: complete where it claims to be, consistent with the formats, found where it lies."""

import re
import shutil
from pathlib import Path

import pytest

from consortium import reference_data
from consortium.formats.codes import COUNTRIES, CURRENCY_EXPONENT, INCOTERMS
from optimizer.problem import AllocationKey, Basis, IncotermStage, Mode

STAGES = [stage.value for stage in IncotermStage]


def test_a_container_holds_no_more_than_its_inside_and_its_door_is_no_larger() -> None:
    for one in reference_data.container_types().values():
        inside_mm3 = one.length_mm * one.width_mm * one.height_mm
        assert one.door_width_mm is not None
        assert one.door_height_mm is not None
        assert abs(one.volume_mm3 - inside_mm3) * 100 <= 2 * inside_mm3, one.code
        assert one.door_width_mm <= one.width_mm
        assert one.door_height_mm <= one.height_mm
        assert one.payload_g + one.tare_g <= 36_000_000
        assert 700 <= one.usable_volume_permille <= 1000


def test_the_usual_container_types_are_there_and_reefers_hold_no_dry_cargo() -> None:
    types = reference_data.container_types("es")
    assert list(types) == ["22G1", "42G1", "45G1", "L5G1", "22R1", "45R1"]
    assert types["45G1"].name == "40' seco alto"
    assert {"dry", "food", "odorous", "chemical"} <= types["22G1"].cargo_classes
    assert "dry" not in types["45R1"].cargo_classes


def test_ports_are_well_formed_and_lie_in_known_countries() -> None:
    ports = reference_data.ports()
    assert len(ports) >= 250
    for code, port in ports.items():
        assert re.fullmatch(r"[A-Z]{2}[A-Z2-9]{3}", code)
        assert port.country == code[:2]
        assert port.country in reference_data.countries()
        assert port.function in ("port", "inland")
        assert port.name == port.name.strip() != ""


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("COCTG", "Cartagena"),
        ("PECLL", "Callao"),
        ("NLRTM", "Rotterdam"),
        ("DEHAM", "Hamburg"),
        ("USNYC", "New York"),
        ("HTPAP", "Port-au-Prince"),
        ("CLSAI", "San Antonio"),
        ("MXZLO", "Manzanillo"),
        ("BRSSZ", "Santos"),
    ],
)
def test_well_known_places_have_their_codes(code: str, name: str) -> None:
    assert reference_data.ports()[code].name == name


@pytest.mark.parametrize(
    ("code", "stages"),
    [("EXW", 0), ("FCA", 1), ("FOB", 1), ("CFR", 2), ("CPT", 2), ("CIF", 3), ("CIP", 3), ("DAP", 4), ("DDP", 4)],
)
def test_an_incoterm_names_the_stages_that_the_seller_pays(code: str, stages: int) -> None:
    assert reference_data.incoterms()[code].seller_pays == set(STAGES[:stages])


def test_the_eleven_rules_of_incoterms_2020_are_there() -> None:
    rules = reference_data.incoterms()
    assert set(rules) == set(INCOTERMS)
    assert {code for code, rule in rules.items() if rule.modes == "water"} == {"FAS", "FOB", "CFR", "CIF"}


def test_currencies_agree_with_the_exponents_of_the_formats() -> None:
    for code, currency in reference_data.currencies().items():
        assert CURRENCY_EXPONENT[code] == currency.exponent, code
    assert reference_data.currency_exponent("CLP") == 0
    assert reference_data.currency_exponent("TND") == 3


def test_all_countries_of_iso_3166_have_names_in_three_languages() -> None:
    countries = reference_data.countries()
    assert len(countries) == 249
    assert set(countries) | {"XK", "XZ"} == COUNTRIES
    assert all(one.names.es and one.names.pt and one.names.en for one in countries.values())
    assert countries["DE"].names.in_language("pt") == "Alemanha"
    assert countries["DE"].names.in_language("fr") == "Germany"


def test_the_charge_catalogue_speaks_the_words_of_the_problem_format() -> None:
    for one in reference_data.charge_catalogue().values():
        assert Basis(one.basis)
        assert IncotermStage(one.incoterm_stage)
        assert AllocationKey(one.allocation_key)
        assert {Mode(mode) for mode in one.modes}
        assert one.names.es
        assert one.names.pt
        assert one.names.en


def test_another_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in reference_data.reference_folder().glob("*.csv"):
        shutil.copy(file, tmp_path)
    (tmp_path / "ports.csv").write_text("code,name,country,function\nXKPRN,Prishtina,XK,inland\n", encoding="utf-8")
    monkeypatch.setenv(reference_data.ENVIRONMENT_NAME, str(tmp_path))
    assert list(reference_data.ports()) == ["XKPRN"]


def test_a_folder_without_the_data_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(reference_data.ENVIRONMENT_NAME, str(tmp_path))
    with pytest.raises(FileNotFoundError, match=re.escape(str(tmp_path))):
        reference_data.ports()
