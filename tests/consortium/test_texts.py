"""Every sentence in every language, and a sentence for every fault."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

from consortium import draft_kinds
from consortium.errors import InputError, InputFault, Place, StateError
from consortium.fault_texts import DISCOVERIES, EXPECTATIONS, SENTENCES, in_language, sentence, state_sentence
from consortium.formats.problem_json import read_problem_json
from consortium.service_texts import STATES
from consortium.texts import LANGUAGES, language_of_environment, translate
from tests.consortium.formats.test_malformed import VALUES, changed

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2)}
MESSAGES = {
    message
    for path in sorted((ROOT / "consortium").rglob("*.py"))
    for _, message, _, _ in extract_from_file("python", path, keywords=KEYWORDS)
    if message
}


def catalogue(language: str) -> dict[str | tuple[str, ...], str | tuple[str, ...]]:
    path = ROOT / "consortium" / "locale" / language / "LC_MESSAGES" / "consortium.po"
    with path.open("rb") as lines:
        return {message.id: message.string for message in read_po(lines, locale=language)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_code_is_translated(language: str) -> None:
    found = catalogue(language)
    missing = sorted(str(one) for one in MESSAGES if not found.get(one))
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_places_of_the_original(language: str) -> None:
    def places(text: str | tuple[str, ...]) -> set[str]:
        return set(re.findall(r"\{\w+\}", text if isinstance(text, str) else " ".join(text)))

    wrong = [key for key, text in catalogue(language).items() if key and places(key) != places(text)]
    assert wrong == []


CODE_AT = {
    "Fault": 1, "InputFault": 1, "warn": 1, "fault": 1, "refuse": 1, "Trouble": 0, "refusal": 0, "_one_of": 0,
}  # fmt: skip
"""What makes a fault -> which of its arguments is the code."""

MADE_OF_STATES = {
    "order_": {"order_gathered", "order_shipped", "order_withdrawn"},
    "shipment_not_": {f"shipment_not_{state}" for state in ("open", "frozen", "planned", "agreed")},
}
"""Codes that end in a state: their beginning -> all that occur."""

PASSED_ON = {"code", "error.code", "fault.code", "inner.code", "one.code", "trouble.code", "values['code']"}
"""Codes that were made elsewhere and are only handed on."""


def codes_of(node: ast.expr) -> set[str]:
    """Return the codes that an argument may be, or the text of one that cannot be told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return codes_of(node.body) | codes_of(node.orelse)
    if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        return MADE_OF_STATES.get(str(node.values[0].value), {ast.unparse(node)})
    return set() if ast.unparse(node) in PASSED_ON else {ast.unparse(node)}


def codes_in_use(makers: dict[str, int]) -> dict[str, str]:
    """Return code -> where, of everything that the product makes with these calls."""
    found: dict[str, str] = {}
    problems = [ROOT / "optimizer" / name for name in ("problem_checks.py", "load_problem.py")]
    files = [*(ROOT / "consortium").rglob("*.py"), *problems]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            place = makers.get(node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
            if place is not None and len(node.args) > place:
                found |= dict.fromkeys(codes_of(node.args[place]), f"{path.name}:{node.lineno}")
    return found


def test_every_fault_has_a_sentence() -> None:
    found = codes_in_use(CODE_AT)
    assert {"out_of_range", "no_departure_fits", "order_gathered", "wrong_port"} <= set(found)
    assert {code: where for code, where in found.items() if code not in SENTENCES} == {}


def test_every_code_that_pydantic_s_refusals_become_has_a_sentence() -> None:
    assert {*draft_kinds._CODES.values(), "wrong_type"} - set(SENTENCES) == set()


def test_every_refusal_by_state_has_a_sentence() -> None:
    found = codes_in_use({"StateError": 0})
    assert {"shipment_not_open", "nothing_gathered", "database_is_newer"} <= set(found)
    assert {code: where for code, where in found.items() if code not in STATES} == {}
    assert set(STATES) - set(found) == set()


def test_a_refusal_by_state_is_said_with_its_values_and_without_those_that_it_lacks() -> None:
    portuguese = translate("pt")
    said = state_sentence(StateError("time_limit_out_of_range", {"found": 0, "most": 3600}), portuguese)
    assert said == "O limite da busca deve ser de 1 a 3600 segundos, não de 0."
    assert "{" not in state_sentence(StateError("departure_in_use"), portuguese)
    assert state_sentence(StateError("never heard of"), translate("en")).startswith("This cannot be done now")


def test_a_row_that_a_state_forbids_is_refused_in_words() -> None:
    fault = InputFault("", "member_left", "a state that allows it", "member_left", Place(file="x.csv", row=3))
    assert sentence(fault, translate("es")) == "x.csv, línea 3: El miembro dejó el consorcio."


@pytest.mark.parametrize("name", VALUES)
def test_what_was_expected_is_said_in_the_language_too(name: str) -> None:
    path, value, *_ = VALUES[name]
    with pytest.raises(InputError) as caught:
        read_problem_json(changed(path, value).encode(), "x.json")
    spanish = translate("es")
    for fault in caught.value.faults:
        if fault.expected.startswith('"'):
            continue  # the name of a format is the same in all languages
        assert in_language(fault.expected, EXPECTATIONS, spanish) != fault.expected
        assert "expected" not in sentence(fault, spanish)


def test_a_sentence_names_file_sheet_row_and_column() -> None:
    place = Place(file="libro.xlsx", sheet="bultos", row=5, column="masa (kg)")
    fault = InputFault("consignments[0].packages[1].mass_g", "out_of_range", "integer > 0", "-5", place)
    assert sentence(fault, translate("es")) == (
        "libro.xlsx, hoja bultos, fila 5, columna masa (kg): se esperaba entero > 0, se encontró -5"
    )
    assert sentence(InputFault("consignments[3].mass_g", "out_of_range", "integer > 0", "-5"), translate("en")) == (
        "consignments[3].mass_g: expected integer > 0, found -5"
    )


def test_values_of_the_user_are_never_translated() -> None:
    fault = InputFault("x", "unknown_value", "text", '"a member"')
    assert '"a member"' in sentence(fault, translate("pt"))
    assert in_language("macros (xl/vba.bin)", DISCOVERIES, translate("pt")) == "macros (xl/vba.bin)"


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "es_CO.UTF-8"}, "es"),
        ({"LANG": "pt_BR.UTF-8", "CONSORTIUM_LANG": "en"}, "en"),
        ({"LC_ALL": "C", "LANG": "es_CO"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], language: str) -> None:
    assert language_of_environment(environment) == language


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(KeyError):
        translate("fr")
