"""A member's part of a certificate as JSON: ``consortium/member-certificate@1``, with nobody else's figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from consortium.errors import InputError, InputFault
from consortium.formats.allocation_json import SIGNED
from consortium.formats.certificate_json import MEMBER
from consortium.formats.json_text import show
from consortium.formats.kinds import ID, Constant, Integer, ListOf, OneOf, Reading, Text
from consortium.formats.plan_fields import CHARGE_LINE, CONTAINER, DELAY_COST, LOT, SHA256
from consortium.formats.plan_json import without_nulls
from consortium.formats.schema_model import Field, Record, json_schema
from optimizer.certificate import Verdict
from optimizer.problem import Party
from optimizer.result import ChargeLine, ContainerLoad, DelayCost, LooseLot, SolveStatus

MEMBER_CERTIFICATE_FORMAT = "consortium/member-certificate@1"


@dataclass(frozen=True, kw_only=True)
class OwnPlan:
    """The plan that the member would have alone, without the fingerprint of a problem that others are in."""

    cost_minor: int
    containers: Sequence[ContainerLoad] = ()
    lcl: Sequence[LooseLot] = ()
    postal: Sequence[LooseLot] = ()
    charges: Sequence[ChargeLine] = ()
    delay_costs: Sequence[DelayCost] = ()


@dataclass(frozen=True, kw_only=True)
class MemberCertificate:
    """What a member is told of its share; amounts in minor units of `currency`.

    Parameters
    ----------
    certificate_sha256
        Fingerprint of the whole certificate, which holds a random text: it can be compared, nothing can be read from
        it. Empty where the plan was stored without one.
    total_minor
        The plan's cost; None where too few other firms stand behind it.
    direct_minor, optimised_minor
        None where the total is withheld: what a charge shared by a measure comes to tells the measure of all.
    individually_rational, in_core, core_empty
        What is proven; None where no coalition was priced. The first is about this member.
    stand_alone_plan
        None where it was not worked out.
    """

    certificate_sha256: str
    shipment: str
    currency: str
    member: Party
    rule: str
    rule_version: int
    plan_status: SolveStatus
    cost_share_minor: int
    pays_minor: int
    buyers_pay_minor: int
    version: str
    direct_minor: int | None = None
    optimised_minor: int | None = None
    stand_alone_minor: int | None = None
    saving_minor: int | None = None
    total_minor: int | None = None
    individually_rational: Verdict | None = None
    in_core: Verdict | None = None
    core_empty: Verdict | None = None
    stand_alone_plan: OwnPlan | None = None


OWN_PLAN = Record(
    name="own_plan",
    make=OwnPlan,
    note="The plan that the member would have alone.",
    fields=(
        Field(key="cost_minor", kind=SIGNED, required=True),
        Field(key="containers", kind=ListOf(CONTAINER), required=True),
        Field(key="lcl", kind=ListOf(LOT), required=True),
        Field(key="postal", kind=ListOf(LOT), required=True),
        Field(key="charges", kind=ListOf(CHARGE_LINE), required=True),
        Field(key="delay_costs", kind=ListOf(DELAY_COST), required=True),
    ),
)

MEMBER_CERTIFICATE = Record(
    name="member_certificate",
    make=MemberCertificate,
    note="One member's share and what is proven of it, without any figure of another member.",
    fields=(
        Field(key="format", kind=Constant(MEMBER_CERTIFICATE_FORMAT), required=True),
        Field(key="certificate_sha256", kind=Text(0, "([0-9a-f]{64})?", SHA256.expected), required=True),
        Field(key="shipment", kind=ID, required=True),
        Field(key="currency", kind=Text(), required=True),
        Field(key="member", kind=MEMBER, required=True),
        Field(key="rule", kind=Text(1), required=True),
        Field(key="rule_version", kind=Integer(0), required=True),
        Field(key="plan_status", kind=OneOf(SolveStatus), required=True),
        *(Field(key=key, kind=SIGNED, required=True) for key in ("cost_share_minor", "pays_minor", "buyers_pay_minor")),
        *(
            Field(key=key, kind=SIGNED, nullable=True, note="Null where the total is withheld.")
            for key in ("direct_minor", "optimised_minor")
        ),
        Field(key="stand_alone_minor", kind=SIGNED, nullable=True),
        Field(key="saving_minor", kind=SIGNED, nullable=True),
        Field(key="total_minor", kind=SIGNED, nullable=True, note="Of the plan; null where it is withheld."),
        Field(key="individually_rational", kind=OneOf(Verdict), nullable=True, note="Of this member."),
        Field(key="in_core", kind=OneOf(Verdict), nullable=True),
        Field(key="core_empty", kind=OneOf(Verdict), nullable=True),
        Field(key="stand_alone_plan", kind=OWN_PLAN, nullable=True),
        Field(key="version", kind=Text(), required=True),
    ),
)


def member_certificate_to_json(found: MemberCertificate) -> dict[str, Any]:
    """Return the document of a member's part."""
    written: dict[str, Any] = without_nulls(MEMBER_CERTIFICATE.write(found))
    return written


def read_member_certificate(document: Any) -> MemberCertificate:
    """Turn a parsed JSON document into a member's part.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    wanted = MEMBER_CERTIFICATE_FORMAT
    if isinstance(document, dict) and document.get("format", wanted) != wanted:
        raise InputError([InputFault("format", "wrong_format", f'"{wanted}"', show(document["format"]))])
    reading = Reading()
    found: MemberCertificate = MEMBER_CERTIFICATE.read(document, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    return found


def member_certificate_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/member-certificate@1``."""
    return json_schema(MEMBER_CERTIFICATE, MEMBER_CERTIFICATE_FORMAT)
