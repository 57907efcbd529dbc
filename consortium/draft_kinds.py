"""What drafts are made of: the kinds of values a user may write, and how pydantic's refusals become faults."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from consortium.errors import Fault, InputError
from consortium.formats.codes import COUNTRIES, CURRENCY_EXPONENT, INCOTERMS
from consortium.reference_data import ports
from optimizer.problem import DIMENSIONS

MAX_INTEGER = 2_000_000_000
"""Greatest count, length or mass: what a four-byte integer column holds."""

MAX_MONEY_MINOR = 10**15
"""Greatest amount in minor units: products with parts per million stay exact everywhere."""

EARLIEST, LATEST = date(1990, 1, 1), date(2199, 12, 31)
"""Dates outside are slips of the keyboard."""

_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PORT = re.compile(r"[A-Z]{2}[A-Z2-9]{3}")


def refusal(code: str, expected: str) -> PydanticCustomError:
    """Return an error of a validator that becomes a fault with this code and what was expected."""
    return PydanticCustomError("fault", "refused", {"code": code, "expected": expected})


def _text(least: int, most: int, lines: bool = False) -> BeforeValidator:
    control = _CONTROL_BUT_LINES if lines else _CONTROL

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise refusal("missing" if value is None else "wrong_type", "text")
        tidy = value.strip()
        if len(tidy) < least:
            raise refusal("missing", "a text that is not empty")
        if len(tidy) > most:
            raise refusal("too_long", f"at most {most} characters")
        if control.search(tidy):
            raise refusal("wrong_text", "text without control characters")
        return tidy

    return BeforeValidator(read)


def _without(characters: str) -> AfterValidator:
    def check(value: str) -> str:
        if any(one in value for one in characters):
            raise refusal("wrong_text", f"a code without {' '.join(characters)}")
        return value

    return AfterValidator(check)


def _one_of(code: str, known: frozenset[str], expected: str) -> AfterValidator:
    def check(value: str) -> str:
        if value.upper() not in known:
            raise refusal(code, expected)
        return value.upper()

    return AfterValidator(check)


def _port(value: str) -> str:
    value = value.replace(" ", "").upper()
    if not _PORT.fullmatch(value) or value[:2] not in COUNTRIES:
        raise refusal("wrong_port", "a UN/LOCODE such as COCTG")
    if value not in ports():
        raise refusal("wrong_port", "a port of the list of ports")
    return value


def _hs(value: str) -> str:
    value = re.sub(r"[. ]", "", value)
    if value and not re.fullmatch(r"\d{4,12}", value):
        raise refusal("wrong_text", "4 to 12 digits of the Harmonized System")
    return value


def _cargo_class(value: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", value):
        raise refusal("wrong_text", "lower-case letters, digits and _")
    return value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise refusal("unknown_value", "a time zone such as America/Bogota")
    return value


def _day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise refusal("wrong_date", "a date as 2026-03-31") from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise refusal("missing" if value is None else "wrong_date", "a date as 2026-03-31")
    if not EARLIEST <= value <= LATEST:
        raise refusal("out_of_range", f"a date from {EARLIEST} to {LATEST}")
    return value


def _moment(value: datetime) -> datetime:
    if not EARLIEST <= value.date() <= LATEST:
        raise refusal("out_of_range", f"a moment from {EARLIEST} to {LATEST}")
    return value


def _upright(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or not set(value) <= set(DIMENSIONS):
        raise refusal("unknown_value", "one or more of " + ", ".join(DIMENSIONS))
    return tuple(name for name in DIMENSIONS if name in value)


def optional(value: Any) -> Any:
    """Read an empty text as nothing: what a page's empty field gives."""
    return None if isinstance(value, str) and not value.strip() else value


Positive = Annotated[int, Field(strict=True, ge=1, le=MAX_INTEGER)]
NotNegative = Annotated[int, Field(strict=True, ge=0, le=MAX_INTEGER)]
RatePpm = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Money = Annotated[int, Field(strict=True, ge=0, le=MAX_MONEY_MINOR)]
Code = Annotated[str, _text(1, 60), _without(",;")]
ShortCode = Annotated[str, _text(1, 40), _without(",;/")]
Name = Annotated[str, _text(1, 200)]
Text40 = Annotated[str, _text(0, 40)]
Text200 = Annotated[str, _text(0, 200)]
Text300 = Annotated[str, _text(0, 300)]
Text500 = Annotated[str, _text(0, 500)]
Note = Annotated[str, _text(0, 1000, lines=True)]
CargoClass = Annotated[str, _text(1, 30), AfterValidator(_cargo_class)]
Hs = Annotated[str, _text(0, 20), AfterValidator(_hs)]
Port = Annotated[str, _text(1, 10), AfterValidator(_port)]
Country = Annotated[str, _text(1, 10), _one_of("unknown_country", COUNTRIES, "a country of ISO 3166 such as CO")]
Currency = Annotated[
    str, _text(1, 10), _one_of("unknown_currency", frozenset(CURRENCY_EXPONENT), "a currency of ISO 4217 such as USD")
]
Incoterm = Annotated[
    str, _text(1, 10), _one_of("unknown_value", frozenset(INCOTERMS), "one of " + ", ".join(INCOTERMS))
]
TimeZone = Annotated[str, _text(1, 60), AfterValidator(_time_zone)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment)]
Vertical = Annotated[tuple[str, ...], AfterValidator(_upright)]


class Draft(BaseModel):
    """Values that a user gives, checked as soon as they are put together.

    Raises
    ------
    InputError
        With every fault found; the path is the name of the field, such as ``lines[2].mass_g``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def __init__(self, /, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as refused:
            raise InputError(faults_of(refused)) from None


def faults_of(refused: ValidationError) -> list[Fault]:
    """Return pydantic's refusals as faults, those of drafts within drafts with their whole path."""
    found: list[Fault] = []
    for error in refused.errors(include_url=False):
        path = _path(error["loc"])
        inner = error.get("ctx", {}).get("error")
        if isinstance(inner, InputError):
            found += [
                Fault(".".join(filter(None, (path, one.path))), one.code, one.expected, one.found)
                for one in inner.faults
            ]
        else:
            found.append(_fault(path, error))
    return found


def _path(place: tuple[int | str, ...]) -> str:
    path = ""
    for step in place:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path


_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_key",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "enum": "unknown_value",
    "literal_error": "unknown_value",
    "timezone_aware": "wrong_time_zone",
    "too_long": "too_long",
    "too_short": "missing",
}
"""Codes of this project for pydantic's; every other kind is a ``wrong_type``."""


def _fault(path: str, error: ErrorDetails) -> Fault:
    values: Mapping[str, Any] = error.get("ctx", {})
    found = "nothing" if error["type"] == "missing" or error["input"] is None else repr(error["input"])[:200]
    if error["type"] == "fault":
        return Fault(values.get("path", path), values["code"], values["expected"], values.get("found", found))
    code = "missing" if error["input"] is None else _CODES.get(error["type"], "wrong_type")
    return Fault(path, code, _expected(error["type"], values, error["msg"]), found)


def _expected(kind: str, values: Mapping[str, Any], message: str) -> str:
    if kind == "extra_forbidden":
        return "no such key"
    if kind == "greater_than_equal":
        return f"integer >= {values['ge']}"
    if kind == "less_than_equal":
        return f"integer <= {values['le']}"
    if kind == "timezone_aware":
        return "a moment with its time zone"
    if "expected" in values:
        return f"one of {values['expected']}"
    if kind.startswith("int"):
        return "an integer"
    return "a value" if kind == "missing" else message
