"""Answers about a plan as JSON (``consortium/answers@1``)."""

from typing import Any

from consortium.errors import InputError
from consortium.formats.answers_fields import ANSWERS, ANSWERS_FORMAT, PlanAnswers
from consortium.formats.kinds import Reading
from consortium.formats.schema_model import json_schema


def answers_to_json(answers: PlanAnswers) -> dict[str, Any]:
    """Return the document of answers about a plan."""
    return ANSWERS.write(answers)


def read_answers_document(document: Any) -> PlanAnswers:
    """Turn a parsed JSON document into answers.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    reading = Reading()
    found: PlanAnswers = ANSWERS.read(document, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    return found


def answers_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/answers@1``."""
    return json_schema(ANSWERS, ANSWERS_FORMAT)
