"""Consolidation problems as JSON: read with every fault at once, written with every default filled in."""

import re
from typing import Any

from consortium.errors import InputError, InputFault, located
from consortium.formats.canonical import sha256
from consortium.formats.json_text import parse_json, show
from consortium.formats.kinds import Reading
from consortium.formats.problem_fields import PROBLEM, PROBLEM_FORMAT
from consortium.formats.schema_model import json_schema
from optimizer.problem import ConsolidationProblem, ProblemError, Settings
from optimizer.problem_checks import faults_of

Warnings = tuple[InputFault, ...]

NEED_OTHERS = frozenset({"unknown_reference", "package_too_large", "consignment_too_big", "never_matches"})
"""Faults that compare a part with others: not told while those others could not be read."""


def read_problem_json(content: bytes, file: str) -> tuple[ConsolidationProblem, Warnings]:
    """Read the text of a problem file.

    Raises
    ------
    InputError
        With all faults, each with the path within the document.
    """
    try:
        return problem_of(parse_json(content, file))
    except InputError as error:
        raise error.in_file(file) from error


def problem_of(document: Any) -> tuple[ConsolidationProblem, Warnings]:
    """Turn a parsed JSON document into a problem.

    Returns
    -------
    tuple
        The problem and the warnings about it.

    Raises
    ------
    InputError
        With all faults: wrong types and values, and what does not fit together among the parts that could be read.
    """
    if isinstance(document, dict) and document.get("format", PROBLEM_FORMAT) != PROBLEM_FORMAT:
        found = show(document["format"])
        raise InputError([InputFault("format", "wrong_format", f'"{PROBLEM_FORMAT}"', found)])
    reading = Reading()
    values = PROBLEM.read(document, "", reading)
    if reading.faults:
        raise InputError([*reading.faults, *_further_faults(values, reading.faults)])
    try:
        return ConsolidationProblem(**values), tuple(reading.warnings)
    except ProblemError as error:
        raise InputError(located(fault) for fault in error.faults) from error


def problem_to_json(problem: ConsolidationProblem) -> dict[str, Any]:
    """Return the document of a problem, all defaults filled in.

    Volumes are whole cubic centimetres in files: one that is not (of a problem made in code) is rounded half up.
    """
    return PROBLEM.write(problem)


def problem_sha256(problem: ConsolidationProblem) -> str:
    """Return the fingerprint by which a plan names its problem: SHA-256 of the canonical JSON."""
    return sha256(problem_to_json(problem))


def problem_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/problem@1``."""
    return json_schema(PROBLEM, PROBLEM_FORMAT)


def _further_faults(values: dict[str, Any], faults: list[InputFault]) -> list[InputFault]:
    """Return what else is wrong among the objects that were read whole, so that one look shows everything."""
    broken = {_object(fault.path) for fault in faults}
    lists_broken = {path.partition("[")[0] for path in broken}
    found = faults_of(
        values.get("members") or (),
        values.get("container_types") or (),
        values.get("departures") or (),
        values.get("consignments") or (),
        values.get("charges") or (),
        values.get("settings") or Settings(),
    )
    others_broken = bool(lists_broken & {"members", "container_types", "departures"})
    return [
        located(fault)
        for fault in found
        if _object(fault.path) not in broken and not (others_broken and fault.code in NEED_OTHERS)
    ]


def _object(path: str) -> str:
    found = re.match(r"[a-z_]+(\[[0-9]+\])?", path)
    return found[0] if found else path
