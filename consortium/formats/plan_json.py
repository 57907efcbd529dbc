"""Plans as JSON (``consortium/plan@1``)."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from consortium.errors import InputError, InputFault, Place
from consortium.formats.guards import MAX_JSON_BYTES, read_bytes
from consortium.formats.json_text import parse_json, show
from consortium.formats.kinds import Reading
from consortium.formats.plan_fields import PLAN, PLAN_FORMAT, PlanDocument
from consortium.formats.problem_json import problem_sha256
from consortium.formats.schema_model import json_schema
from optimizer import __version__
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan

_NULLS_LEFT_OUT = frozenset({"container", "consignment", "member", "mode", "load_plan"})
"""Keys that say nothing when they are null, so they are left out."""

_PLAN_FIELDS = tuple(one.name for one in fields(ShipmentPlan))


def plan_to_json(
    plan: ShipmentPlan, problem: ConsolidationProblem, *, allocation: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the document of a plan.

    Parameters
    ----------
    problem
        The problem that it answers: the plan names it by its fingerprint.
    allocation
        The document of its cost shares, when there is one.
    """
    document = PlanDocument(
        problem_sha256=problem_sha256(problem),
        currency=problem.currency,
        gap_ppm=plan.gap_ppm,
        allocation=allocation or {},
        version=__version__,
        **{name: getattr(plan, name) for name in _PLAN_FIELDS},
    )
    written: dict[str, Any] = without_nulls(PLAN.write(document))
    return written


def read_plan_document(document: Any) -> tuple[ShipmentPlan, PlanDocument]:
    """Turn a parsed JSON document into a plan and what its file says beside it.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    if isinstance(document, dict) and document.get("format", PLAN_FORMAT) != PLAN_FORMAT:
        raise InputError([InputFault("format", "wrong_format", f'"{PLAN_FORMAT}"', show(document["format"]))])
    reading = Reading()
    found: PlanDocument = PLAN.read(document, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    return plan_of(found), found


def plan_of(found: PlanDocument) -> ShipmentPlan:
    """Return the plan itself, without what its file says beside it."""
    return ShipmentPlan(**{name: getattr(found, name) for name in _PLAN_FIELDS})


def read_plan(path: Path | str, problem: ConsolidationProblem) -> ShipmentPlan:
    """Read the plan of a problem from its file.

    Raises
    ------
    InputError
        When the file is no plan, or one of another problem.
    """
    file = str(path)
    try:
        plan, found = read_plan_document(parse_json(read_bytes(Path(path), MAX_JSON_BYTES), file))
    except InputError as error:
        raise error.in_file(file) from error
    wanted = problem_sha256(problem)
    if found.problem_sha256 != wanted:
        expected = f"the problem of the plan, {wanted}"
        fault = InputFault("problem_sha256", "wrong_problem", expected, found.problem_sha256, Place(file=file))
        raise InputError([fault])
    return plan


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/plan@1``."""
    return json_schema(PLAN, PLAN_FORMAT)


def without_nulls(value: Any) -> Any:
    """Return a document without the keys that say nothing when they are null."""
    if isinstance(value, dict):
        return {key: without_nulls(one) for key, one in value.items() if one is not None or key not in _NULLS_LEFT_OUT}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    return value
