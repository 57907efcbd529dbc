"""Certificates of a plan's cost shares as JSON: ``consortium/certificate@1``, the whole that a third party checks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.allocation_json import ALLOCATION, AllocationDocument
from consortium.formats.canonical import sha256
from consortium.formats.json_text import show
from consortium.formats.kinds import ID, Constant, Integer, ListOf, MapOf, Reading, Text
from consortium.formats.plan_fields import PLAN, SHA256, PlanDocument
from consortium.formats.plan_json import plan_to_json
from consortium.formats.problem_json import problem_sha256
from consortium.formats.schema_model import Field, Record, json_schema
from optimizer import __version__
from optimizer.problem import ConsolidationProblem, Party
from optimizer.result import ShipmentPlan

CERTIFICATE_FORMAT = "consortium/certificate@1"


@dataclass(frozen=True, kw_only=True)
class CertificateDocument:
    """A certificate as its file holds it.

    Parameters
    ----------
    plan_sha256, problem_sha256
        Of the plan whose cost is shared (its document, shares included), and of its problem.
    salt
        Random text, so that whoever sees only the fingerprint of a certificate cannot try out what it may hold.
    allocation
        The shares with all numbers behind them: rule, coalitions, excesses, proof, rounding.
    stand_alone_plans
        Member -> the plan that it would have alone, which shows that its stand-alone cost can be had.
    """

    plan_sha256: str
    problem_sha256: str
    currency: str
    seed: int
    version: str
    members: Sequence[Party]
    allocation: AllocationDocument
    stand_alone_plans: Mapping[str, PlanDocument] = field(default_factory=dict)
    salt: str = ""


MEMBER = Record(
    name="certified_member",
    make=Party,
    fields=(Field(key="id", kind=ID, required=True), Field(key="name", kind=Text(), required=True)),
)

CERTIFICATE = Record(
    name="certificate",
    make=CertificateDocument,
    note="What a third party needs to check cost shares by additions and comparisons, without the tool.",
    fields=(
        Field(key="format", kind=Constant(CERTIFICATE_FORMAT), required=True),
        Field(key="problem_sha256", kind=SHA256, required=True),
        Field(key="plan_sha256", kind=SHA256, required=True, note="Of the plan's canonical JSON."),
        Field(key="currency", kind=Text(), required=True),
        Field(key="seed", kind=Integer(), required=True),
        Field(key="version", kind=Text(), required=True),
        Field(key="salt", kind=Text(), omit=("",), note="So that its fingerprint gives nothing away."),
        Field(key="members", kind=ListOf(MEMBER, least=1), required=True),
        Field(key="allocation", kind=ALLOCATION, required=True),
        Field(key="stand_alone_plans", kind=MapOf(PLAN), note="Member -> the plan that it would have alone."),
    ),
)


def certificate_to_json(
    problem: ConsolidationProblem,
    plan_document: Mapping[str, Any],
    stand_alone_plans: Mapping[str, ShipmentPlan],
    *,
    salt: str = "",
) -> dict[str, Any]:
    """Return the certificate of a published plan's shares.

    Parameters
    ----------
    plan_document
        The plan with its allocation in it (`consortium/plan@1`).
    stand_alone_plans
        Member -> its own plan; empty where no coalition was priced.
    """
    allocation = plan_document["allocation"]
    names = {member.id: member.name or member.id for member in problem.members}
    return {
        "format": CERTIFICATE_FORMAT,
        "problem_sha256": problem_sha256(problem),
        "plan_sha256": sha256(plan_document),
        "currency": problem.currency,
        "seed": plan_document["seed"],
        "version": __version__,
        **({"salt": salt} if salt else {}),
        "members": [{"id": member, "name": names[member]} for member in allocation["shares_minor"]],
        "allocation": allocation,
        "stand_alone_plans": {
            member: _alone(alone, own_problem(problem, plan_document, member))
            for member, alone in stand_alone_plans.items()
        },
    }


def _alone(alone: ShipmentPlan, own: ConsolidationProblem) -> dict[str, Any]:
    # A single member's plan is that of all: what it leaves behind is nobody's cost.
    kept = tuple(one for one in alone.unplanned if one.consignment in own.consignment)
    # What was left of the time differs from run to run; the same problem and seed give the same certificate.
    limits = {name: value for name, value in alone.limits.items() if name != "time_limit_s"}
    return plan_to_json(replace(alone, unplanned=kept, limits=limits), own)


def own_problem(problem: ConsolidationProblem, plan_document: Mapping[str, Any], member: str) -> ConsolidationProblem:
    """Return the problem that a member would have alone: its consignments of which the plan carries something."""
    parts = [part["consignment"] for load in plan_document["containers"] for part in load["contents"]]
    parts += [lot["consignment"] for mode in ("lcl", "postal") for lot in plan_document[mode]]
    return problem.restricted_to(one for one in parts if problem.consignment[one].member == member)


def read_certificate_document(document: Any) -> CertificateDocument:
    """Turn a parsed JSON document into a certificate.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    if isinstance(document, dict) and document.get("format", CERTIFICATE_FORMAT) != CERTIFICATE_FORMAT:
        raise InputError([InputFault("format", "wrong_format", f'"{CERTIFICATE_FORMAT}"', show(document["format"]))])
    reading = Reading()
    found: CertificateDocument = CERTIFICATE.read(document, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    return found


def certificate_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/certificate@1``."""
    return json_schema(CERTIFICATE, CERTIFICATE_FORMAT)
