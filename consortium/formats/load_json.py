"""Load problems and load plans as JSON (``consortium/load-problem@1``, ``consortium/load-plan@1``)."""

from dataclasses import fields
from typing import Any

from consortium.errors import InputError, InputFault, located
from consortium.formats.canonical import sha256
from consortium.formats.json_text import show
from consortium.formats.kinds import Reading
from consortium.formats.load_fields import (
    LOAD_PLAN,
    LOAD_PLAN_FORMAT,
    LOAD_PROBLEM,
    LOAD_PROBLEM_FORMAT,
    LoadDocument,
)
from consortium.formats.schema_model import Record, json_schema
from optimizer import __version__
from optimizer.load_problem import LoadProblem
from optimizer.load_result import LoadAnswer
from optimizer.problem import ProblemError

_ANSWER_FIELDS = tuple(one.name for one in fields(LoadAnswer))


def load_problem_of(document: Any) -> LoadProblem:
    """Turn a parsed JSON document into a load problem.

    Raises
    ------
    InputError
        With all faults, each with its path: wrong types and values; if there are none, what does not fit together.
    """
    values = _read(LOAD_PROBLEM, LOAD_PROBLEM_FORMAT, document)
    try:
        return LoadProblem(**values)
    except ProblemError as error:
        raise InputError(located(fault) for fault in error.faults) from error


def load_problem_to_json(problem: LoadProblem) -> dict[str, Any]:
    """Return the document of a load problem, defaults filled in."""
    return LOAD_PROBLEM.write(problem)


def load_problem_sha256(problem: LoadProblem) -> str:
    """Return the fingerprint by which a load plan names its problem: SHA-256 of the canonical JSON."""
    return sha256(load_problem_to_json(problem))


def load_plan_to_json(answer: LoadAnswer, problem: LoadProblem) -> dict[str, Any]:
    """Return the document of an answer; it names its problem by the fingerprint.

    Parameters
    ----------
    problem
        The problem as it was given; the answer may be under another support policy, which it names itself.
    """
    document = LoadDocument(
        problem_sha256=load_problem_sha256(problem),
        version=__version__,
        **{name: getattr(answer, name) for name in _ANSWER_FIELDS},
    )
    return LOAD_PLAN.write(document)


def read_load_plan_document(document: Any) -> tuple[LoadAnswer, LoadDocument]:
    """Turn a parsed JSON document into an answer and what its file says beside it.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    found: LoadDocument = _read(LOAD_PLAN, LOAD_PLAN_FORMAT, document)
    return LoadAnswer(**{name: getattr(found, name) for name in _ANSWER_FIELDS}), found


def load_problem_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/load-problem@1``."""
    return json_schema(LOAD_PROBLEM, LOAD_PROBLEM_FORMAT)


def load_plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/load-plan@1``."""
    return json_schema(LOAD_PLAN, LOAD_PLAN_FORMAT)


def _read(record: Record, name: str, document: Any) -> Any:
    if isinstance(document, dict) and document.get("format", name) != name:
        raise InputError([InputFault("format", "wrong_format", f'"{name}"', show(document["format"]))])
    reading = Reading()
    found = record.read(document, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    return found
