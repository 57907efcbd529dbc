"""Questions about fairs as JSON (``consortium/fair-problem@1``): what each kind takes, read exactly."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.game_json import EXACT, Exact
from consortium.formats.json_text import show
from consortium.formats.kinds import (
    ID,
    MAX_INTEGER,
    Boolean,
    Constant,
    Day,
    Integer,
    Kind,
    ListOf,
    MapOf,
    OneOf,
    Reading,
    child,
)
from consortium.formats.schema_model import Field, Record
from optimizer.fairs.contracts import EVENT_KEYS

FAIR_FORMAT = "consortium/fair-problem@1"
UTILITIES = ("cost", "cardinality", "score", "weight*net_cost")
STAND_RULES = ("per_head", "area", "airport", "serial", "shapley", "scrb")
MOST_SCORE = 1_000


@dataclass(frozen=True)
class Number(Exact):
    """An exact number within a range."""

    expected: str = "a number >= 0"
    above_zero: bool = False
    most: int | None = None

    def read(self, value: Any, path: str, reading: Reading) -> Fraction:
        """Return the number, or 1 after a fault."""
        before = len(reading.faults)
        found = super().read(value, path, reading)
        if len(reading.faults) > before:
            return Fraction(1)
        if found < 0 or (self.above_zero and not found) or (self.most is not None and found > self.most):
            reading.fault(path, "out_of_range", self.expected, show(value))
            return Fraction(1)
        return found


AMOUNT = Integer()
SIGNED = Integer(-MAX_INTEGER)
COUNT = Integer(0, 1_000_000)
POSITIVE_COUNT = Integer(1, 1_000_000)
NUMBER = Number()
POSITIVE = Number("a number > 0", above_zero=True)
RATE = Number("a rate from 0 to 1", most=1)
YES_NO = Boolean()
PROJECTS_OF_MEMBERS = MapOf(ListOf(ID))


def _fields(required: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None) -> tuple[Field, ...]:
    return (
        *(Field(key=key, kind=kind, required=True) for key, kind in required.items()),
        *(Field(key=key, kind=kind) for key, kind in (optional or {}).items()),
    )


def _names(path: str, given: Iterable[str], known: Iterable[str], what: str, reading: Reading) -> None:
    """Note every name that stands for nothing."""
    allowed = set(known)
    for name in given:
        if name not in allowed:
            reading.fault(child(path, name), "unknown_reference", what, show(name))


def _complete(path: str, given: Mapping[str, Any], wanted: Iterable[str], expected: str, reading: Reading) -> None:
    """Note everybody of whom a number is missing."""
    for name in wanted:
        if name not in given:
            reading.fault(child(path, name), "missing", expected, "nothing")


MEMBER = "a member of this question"
PROJECT = "a project of this question"


def _check_projects(values: dict[str, Any], path: str, reading: Reading) -> None:
    projects, members = values["projects"], values.get("endowments", values.get("annual_caps"))
    for key in ("approvals", "scores", "willingness_to_pay"):
        for member, chosen in values.get(key, {}).items():
            if members is not None:
                _names(child(path, key), [member], members, MEMBER, reading)
            _names(child(child(path, key), member), chosen, projects, PROJECT, reading)
    if members is not None:
        _names(child(path, "weights"), values.get("weights", {}), members, MEMBER, reading)
    _names(child(path, "tied_co_financing"), values.get("tied_co_financing", {}), projects, PROJECT, reading)
    if "endowments" in values and ("approvals" in values) == ("scores" in values):
        code, found = ("duplicate", show("scores")) if "scores" in values else ("missing", "nothing")
        reading.fault(child(path, "approvals"), code, "only one of approvals, scores", found)


def _check_weights(values: dict[str, Any], path: str, reading: Reading) -> None:
    members = values["bids"]
    for key in ("own_costs", "weights", "levels"):
        _names(child(path, key), values.get(key, {}), members, MEMBER, reading)
    if "levels" in values:
        _complete(child(path, "levels"), values["levels"], members, AMOUNT.expected, reading)


def _check_separable(values: dict[str, Any], path: str, reading: Reading) -> None:
    _names(child(path, "alone"), values["alone"], values["separable"], MEMBER, reading)
    _complete(child(path, "alone"), values["alone"], values["separable"], EXACT.expected, reading)


def _check_cost_function(values: dict[str, Any], path: str, reading: Reading) -> None:
    if ("coefficients" in values) == ("blocks" in values):
        code, found = ("duplicate", show("blocks")) if "blocks" in values else ("missing", "nothing")
        reading.fault(child(path, "coefficients"), code, "only one of coefficients, blocks", found)
    starts = [one["from"] for one in values.get("blocks", ())]
    if starts and (starts[0] != 0 or any(late <= early for early, late in pairwise(starts))):
        reading.fault(child(path, "blocks"), "wrong_steps", "steps that start at 0 and rise", show(str(starts[0])))


def _check_balances(values: dict[str, Any], path: str, reading: Reading) -> None:
    total = sum(values["balances"].values())
    if total:
        reading.fault(child(path, "balances"), "out_of_range", "balances that sum to 0", str(total))


ASKED = {
    "first_time_bonus": "years_supported_before",
    "maximum_supported_years": "years_supported_before",
    "minimum_firms": "firms",
    "maximum_times_same_fair": "times_same_fair_before",
}
"""Key of a rule -> what a claim must then state."""


def _check_claims(values: dict[str, Any], path: str, reading: Reading) -> None:
    wanted = [asked for key, asked in ASKED.items() if key in values["rule"]]
    for index, claim in enumerate(values["claims"]):
        _complete(f"{path}.claims[{index}]", claim, dict.fromkeys(wanted), COUNT.expected, reading)


def _check_event(values: dict[str, Any], path: str, reading: Reading) -> None:
    if "invoiced" in values and "order_to_actual" not in values:
        reading.fault(child(path, "order_to_actual"), "missing", AMOUNT.expected, "nothing")


def _check_lines(values: dict[str, Any], path: str, reading: Reading) -> None:
    for index, line in enumerate(values["lines"]):
        if line["currency"] == values["base_currency"] and line["amount"] != line["base_amount"]:
            place = f"{path}.lines[{index}]"
            expected = f"the same as amount, {line['amount']}"
            reading.fault(child(place, "base_amount"), "wrong_pair", expected, str(line["base_amount"]))


def _check_instalments(values: dict[str, Any], path: str, reading: Reading) -> None:
    if sum(values["instalments"]) != 1:
        reading.fault(
            child(path, "instalments"), "out_of_range", "rates that sum to 1", str(sum(values["instalments"]))
        )
    if values["paid_instalments"] > len(values["instalments"]):
        most = f"integer from 0 to {len(values['instalments'])}"
        reading.fault(child(path, "paid_instalments"), "out_of_range", most, str(values["paid_instalments"]))


def _check_scale(values: dict[str, Any], path: str, reading: Reading) -> None:
    least = min((row["minimum_days"] for row in values["scale"]), default=0)
    for index, days in enumerate(values["days_before"]):
        if days < least:
            reading.fault(f"{path}.days_before[{index}]", "out_of_range", f"integer >= {least}", str(days))


def _check_withdrawal(values: dict[str, Any], path: str, reading: Reading) -> None:
    _names(child(path, "own_costs"), values.get("own_costs", {}), values["weights"], MEMBER, reading)
    if values["withdraws"] not in values["weights"]:
        reading.fault(child(path, "withdraws"), "unknown_reference", MEMBER, show(values["withdraws"]))


def _object(name: str, required: Mapping[str, Kind], optional: Mapping[str, Kind] | None = None, **more: Any) -> Record:
    return Record(name=name, fields=_fields(required, optional), **more)


_BLOCK = _object("block", {"from": NUMBER, "unit_price": NUMBER})
_COST_FUNCTION = _object(
    "cost_function",
    {},
    {"coefficients": ListOf(NUMBER, least=1, most=3), "blocks": ListOf(_BLOCK, least=1)},
    check=_check_cost_function,
)
_RULE = _object(
    "aid_rule",
    {"rate": RATE},
    {
        "indirect_rate": RATE,
        "first_time_bonus": RATE,
        "cap": AMOUNT,
        "maximum_supported_years": COUNT,
        "minimum_firms": COUNT,
        "maximum_times_same_fair": COUNT,
        "handling_fee_rate": RATE,
    },
)
_CLAIM = _object(
    "claim",
    {"eligible_cost": AMOUNT},
    {"years_supported_before": COUNT, "firms": COUNT, "times_same_fair_before": COUNT},
)
_GRANT = _object("dated_amount", {"date": Day(), "amount": AMOUNT})
_EVENT = _object(
    "event", {}, {key: SIGNED if key in ("actual", "invoiced") else AMOUNT for key in EVENT_KEYS}, check=_check_event
)
_LINE = _object("exchange_line", {"currency": ID, "amount": SIGNED, "base_amount": SIGNED})
_SCALE_ROW = _object("scale_row", {"minimum_days": COUNT, "rate": RATE})
_VOTED: dict[str, Kind] = {"projects": MapOf(AMOUNT), "budget": AMOUNT, "approvals": PROJECTS_OF_MEMBERS}

_TALLIES = Record(name="phragmen", fields=_fields(_VOTED), check=_check_projects)
_LEVELS: dict[str, Kind] = {"levels": MapOf(AMOUNT)}


def _stand(rule: str, required: Mapping[str, Kind], name: str = "", **more: Any) -> Record:
    return _object(name or f"share_stand_{rule}", {"rule": OneOf((rule,)), **required}, **more)


RECORDS: dict[str, Record] = {
    "equal_shares": _object(
        "equal_shares",
        {"projects": MapOf(AMOUNT), "endowments": MapOf(NUMBER), "utility": OneOf(UTILITIES)},
        {
            "tied_co_financing": MapOf(AMOUNT),
            "weights": MapOf(NUMBER),
            "approvals": PROJECTS_OF_MEMBERS,
            "scores": MapOf(MapOf(Integer(0, MOST_SCORE))),
        },
        check=_check_projects,
    ),
    "equal_shares_own_money": _object(
        "equal_shares_own_money",
        {"projects": MapOf(AMOUNT), "annual_caps": MapOf(NUMBER), "willingness_to_pay": MapOf(MapOf(AMOUNT))},
        check=_check_projects,
    ),
    "phragmen": _TALLIES,
    "most_votes": Record(name="most_votes", fields=_TALLIES.fields, check=_check_projects),
    "participation": _object(
        "participation",
        {"bids": MapOf(AMOUNT), "common_cost": AMOUNT},
        {"own_costs": MapOf(AMOUNT), "weights": MapOf(POSITIVE), "minimum_group": COUNT},
        check=_check_weights,
    ),
    "participation/levels": _object(
        "participation_levels",
        {"bids": MapOf(AMOUNT), **_LEVELS},
        {"minimum_group": COUNT},
        check=_check_weights,
    ),
    "share_stand/per_head": _stand("per_head", {"common_cost": AMOUNT, "members": ListOf(ID, least=1)}),
    "share_stand/area": _stand("area", {"common_cost": AMOUNT, "areas": MapOf(NUMBER)}),
    "share_stand/airport": _stand("airport", _LEVELS),
    "share_stand/serial": _stand("serial", {"demands": MapOf(NUMBER), "cost_function": _COST_FUNCTION}),
    "share_stand/shapley": _stand("shapley", {"costs": MapOf(EXACT)}),
    "share_stand/scrb": _stand("scrb", {"costs": MapOf(EXACT)}),
    "share_stand/scrb/separable": _stand(
        "scrb",
        {"total": EXACT, "alone": MapOf(EXACT), "separable": MapOf(EXACT)},
        "share_stand_scrb_separable",
        check=_check_separable,
    ),
    "overhead": Record(
        name="overhead",
        fields=(
            *_fields({"total": AMOUNT, "equal_part": RATE, "driver": MapOf(NUMBER)}),
            Field(key="cap_per_member", kind=AMOUNT, nullable=True),
        ),
    ),
    "apportion": _object("apportion", {"total": SIGNED, "weights": MapOf(NUMBER)}),
    "settle": _object("settle", {"balances": MapOf(SIGNED)}, check=_check_balances),
    "co_financing": _object("co_financing", {"rule": _RULE, "claims": ListOf(_CLAIM)}, check=_check_claims),
    "de_minimis": _object(
        "de_minimis",
        {"ceiling": AMOUNT, "years": Integer(1, 100), "granted": ListOf(_GRANT), "requests": ListOf(_GRANT)},
    ),
    "budget_control": _object("budget_control", {"budget": AMOUNT, "events": ListOf(_EVENT)}),
    "exchange_entry": _object("exchange_entry", {"base_currency": ID, "lines": ListOf(_LINE)}, check=_check_lines),
    "exchange_variance": _object(
        "exchange_variance",
        {"budget_foreign": SIGNED, "budget_rate": POSITIVE, "actual_foreign": SIGNED, "actual_rate": POSITIVE},
    ),
    "cancellation": _object(
        "cancellation",
        {"contract": AMOUNT, "instalments": ListOf(RATE, least=1), "penalty": RATE, "paid_instalments": COUNT},
        check=_check_instalments,
    ),
    "cancellation/scale": _object(
        "cancellation_scale",
        {"contract": AMOUNT, "scale": ListOf(_SCALE_ROW, least=1), "days_before": ListOf(COUNT)},
        check=_check_scale,
    ),
    "deposit": _object(
        "deposit",
        {"fee": AMOUNT, "deposit": AMOUNT, "late": YES_NO, "report_delivered": YES_NO},
        {"late_surcharge": RATE},
    ),
    "withdrawal": _object(
        "withdrawal",
        {"common_cost": AMOUNT, "weights": MapOf(NUMBER), "withdraws": ID, "replaced": YES_NO},
        {"own_costs": MapOf(AMOUNT), "caused_cost": AMOUNT},
        check=_check_withdrawal,
    ),
}
"""Kind, and its variant where the keys decide: what `input` holds."""

FAIR_KINDS = tuple(dict.fromkeys(name.partition("/")[0] for name in RECORDS))

_VARIANTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "participation": lambda given: "participation/levels" if "levels" in given else "participation",
    "cancellation": lambda given: "cancellation/scale" if "scale" in given else "cancellation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FairQuestion:
    """One question: its kind, the name of its record in `RECORDS`, and its input as read."""

    kind: str
    record: str
    values: Mapping[str, Any]


def read_fair_question(document: Any) -> FairQuestion:
    """Turn a parsed JSON document into a question.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    reading = Reading()
    if not isinstance(document, dict):
        raise InputError([InputFault("$", "wrong_type", "an object", show(document))])
    if "format" in document:
        Constant(FAIR_FORMAT).read(document["format"], "format", reading)
    kind = OneOf(FAIR_KINDS).read(document.get("kind"), "kind", reading)
    given = document.get("input")
    if not reading.faults:
        name = _variant(kind, given if isinstance(given, dict) else {}, reading)
    if reading.faults:
        raise InputError(reading.faults)
    envelope = _object(
        "question", {"kind": OneOf(FAIR_KINDS), "input": RECORDS[name]}, {"format": Constant(FAIR_FORMAT)}
    )
    values = envelope.read(document, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    return FairQuestion(kind=kind, record=name, values=values["input"])


def _variant(kind: str, given: dict[str, Any], reading: Reading) -> str:
    if kind != "share_stand":
        return _VARIANTS[kind](given) if kind in _VARIANTS else kind
    rule = OneOf(STAND_RULES).read(given.get("rule"), "input.rule", reading)
    if rule == "scrb" and "costs" not in given:
        return "share_stand/scrb/separable"
    return f"share_stand/{rule}"


def fair_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/fair-problem@1``."""
    definitions: dict[str, Any] = {}
    shapes = [
        {
            "properties": {"kind": {"const": name.partition("/")[0]}, "input": record.schema(definitions)},
            "required": ["kind", "input"],
        }
        for name, record in RECORDS.items()
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": FAIR_FORMAT,
        "title": FAIR_FORMAT,
        "type": "object",
        "properties": {"format": {"const": FAIR_FORMAT}, "kind": {"enum": list(FAIR_KINDS)}, "input": {}},
        "additionalProperties": False,
        "anyOf": shapes,
        "$defs": dict(sorted(definitions.items())),
    }
