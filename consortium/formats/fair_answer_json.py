"""The published form of answers about fairs: ``consortium/fair-answer@1`` and ``consortium/fair-answers@1``."""

from collections.abc import Mapping, Sequence
from typing import Any

from consortium.formats.fair_json import FAIR_KINDS

ANSWER_FORMAT = "consortium/fair-answer@1"
ANSWERS_FORMAT = "consortium/fair-answers@1"
STATUSES = ("exact", "heuristic", "undefined")

_WHOLE: dict[str, Any] = {"type": "integer"}
_EXACT: dict[str, Any] = {"type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$"}
_NAME: dict[str, Any] = {"type": "string"}
_YES_NO: dict[str, Any] = {"type": "boolean"}


def _map(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": dict(shape)}


def _list(shape: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(shape)}


def _object(keys: Mapping[str, Any], optional: Sequence[str] = ()) -> dict[str, Any]:
    required = [key for key in keys if key not in optional]
    return {"type": "object", "properties": dict(keys), "required": required, "additionalProperties": False}


_SHARES = {"shares": _map(_EXACT), "shares_minor": _map(_WHOLE)}
_CHOICE = _object(
    {
        "selected": _list(_NAME),
        "rounds": _list(
            _object({"project": _NAME, "rho": _EXACT, "payments": _map(_EXACT), "payments_minor": _map(_WHOLE)})
        ),
        "left": _map(_EXACT),
        "rejected": _map(_object({"missing": _EXACT})),
    }
)
_ANSWERS: dict[str, dict[str, Any]] = {
    "equal_shares": _CHOICE,
    "equal_shares_own_money": _CHOICE,
    "phragmen": _object(
        {
            "selected": _list(_NAME),
            "rounds": _list(_object({"project": _NAME, "time": _EXACT})),
            "spent": _WHOLE,
            "loads": _map(_EXACT),
        }
    ),
    "most_votes": _object({"selected": _list(_NAME), "votes": _map(_WHOLE), "spent": _WHOLE}),
    "participation": _object(
        {
            "participants": _list(_NAME),
            **_SHARES,
            "rounds": _list(_object({"shares": _map(_EXACT), "dropped": _list(_NAME)})),
        }
    ),
    "share_stand": _object({**_SHARES, "total": _EXACT, "separable": _map(_EXACT)}, optional=("separable",)),
    "overhead": _object({**_SHARES, "capped": _list(_NAME)}),
    "apportion": _object({"quotas": _map(_EXACT), "shares_minor": _map(_WHOLE)}),
    "settle": _object({"transfers": _list(_object({"from": _NAME, "to": _NAME, "amount": _WHOLE}))}),
    "co_financing": _object(
        {
            "claims": _list(
                _object({"aid": _WHOLE, "handling_fee": _WHOLE, "net_benefit": _WHOLE, "bound_by": _list(_NAME)})
            )
        }
    ),
    "de_minimis": _object({"requests": _list(_object({"window_from": _NAME, "headroom": _WHOLE, "allowed": _YES_NO}))}),
    "budget_control": _object(
        {
            "after_each": _list(
                _object({**dict.fromkeys(("requested", "ordered", "actual", "available"), _WHOLE), "allowed": _YES_NO})
            )
        }
    ),
    "exchange_entry": _object({"balanced": _YES_NO, "base_total": _WHOLE}),
    "exchange_variance": _object(
        dict.fromkeys(("budget_base", "actual_base", "variance", "price_part", "rate_part"), _WHOLE)
    ),
    "cancellation": {
        "anyOf": [
            _object({"instalments": _list(_WHOLE), **dict.fromkeys(("penalty", "refund", "still_due"), _WHOLE)}),
            _object({"fees": _list(_WHOLE)}),
        ]
    },
    "deposit": _object(dict.fromkeys(("due", "income", "refund"), _WHOLE)),
    "withdrawal": _object({"owed": _WHOLE, "avoided": _WHOLE, "others_change": _map(_WHOLE)}),
}
"""Kind -> shape of `answer`; amounts are minor units, exact ones integers or fractions as text."""


def _head(name: str) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": name, "title": name}


def _answer_shape() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "format": {"const": ANSWER_FORMAT},
            "kind": {"enum": list(FAIR_KINDS)},
            "status": {"enum": list(STATUSES)},
            "reason": {"type": "string"},
            "answer": {},
        },
        "required": ["format", "kind", "status"],
        "additionalProperties": False,
        "anyOf": [
            {"properties": {"status": {"const": "undefined"}}, "required": ["reason"], "not": {"required": ["answer"]}},
            *(
                {"properties": {"kind": {"const": kind}, "answer": shape}, "required": ["answer"]}
                for kind, shape in _ANSWERS.items()
            ),
        ],
    }


def fair_answer_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/fair-answer@1``."""
    return {**_head(ANSWER_FORMAT), **_answer_shape()}


def fair_answers_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/fair-answers@1``: several answers in the order of their questions."""
    return {
        **_head(ANSWERS_FORMAT),
        **_object({"format": {"const": ANSWERS_FORMAT}, "answers": _list(_answer_shape())}),
    }
