"""A member's part of a certificate: what is taken from the whole, and nothing else.

What is left out, because a rival's figure could be derived from it: exact shares before rounding (their denominators
tell how many members there are), lower ends of costs (drawn from other groups), which group is worst off and by how
much, direct charges one by one (a line shared equally tells by how many), fingerprints of plan and problem (whoever
knows most of a document can try out the rest), and the total where fewer than three other firms stand behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consortium.formats.canonical import sha256
from consortium.formats.kinds import Reading
from consortium.formats.member_certificate_json import OWN_PLAN, MemberCertificate, OwnPlan
from consortium.views_plans import CertificateView, CostShareView
from optimizer import __version__
from optimizer.certificate import Verdict
from optimizer.problem import Party
from optimizer.result import SolveStatus


@dataclass(frozen=True, kw_only=True)
class PartOf:
    """What a part is taken from.

    Parameters
    ----------
    certificate
        The whole (`consortium/certificate@1`); empty where the plan was stored without one.
    verdict
        On all shares; None where no coalition was priced.
    total_minor
        The plan's cost; None where this member is not to know it.
    """

    shipment: str
    rule: str
    status: str
    certificate: Mapping[str, Any]
    verdict: CertificateView | None
    total_minor: int | None


def member_part(share: CostShareView, whole: PartOf) -> MemberCertificate:
    """Return the part of one member.

    Parameters
    ----------
    share
        Its own share.
    """
    member = share.member_code
    inside: Mapping[str, Any] = whole.certificate.get("allocation", {}).get("certificate", {})
    own_verdict = inside.get("individually_rational", {}).get(member)
    direct = share.why.get("direct_minor") if whole.total_minor is not None else None
    return MemberCertificate(
        certificate_sha256=sha256(whole.certificate) if whole.certificate else "",
        shipment=whole.shipment,
        currency=share.currency,
        member=Party(id=member, name=share.member_name),
        rule=whole.rule,
        rule_version=int(inside.get("rule_version", 0)),
        plan_status=SolveStatus(whole.status),
        cost_share_minor=share.cost_share_minor,
        direct_minor=direct,
        optimised_minor=None if direct is None else share.cost_share_minor - direct,
        pays_minor=share.pays_minor,
        buyers_pay_minor=share.buyers_pay_minor,
        stand_alone_minor=share.stand_alone_cost_minor,
        saving_minor=share.saving_minor,
        total_minor=whole.total_minor,
        individually_rational=Verdict(own_verdict) if own_verdict else None,
        in_core=_verdict(whole.verdict.verdict) if whole.verdict else None,
        core_empty=_verdict(whole.verdict.core_empty) if whole.verdict else None,
        stand_alone_plan=_own_plan(whole.certificate.get("stand_alone_plans", {}).get(member)),
        version=__version__,
    )


def _verdict(known: str) -> Verdict | None:
    return Verdict(known) if known in set(Verdict) else None


def _own_plan(plan: Mapping[str, Any] | None) -> OwnPlan | None:
    """Return the goods and the charges of a plan, without bound, gap, fingerprint and limits."""
    if plan is None:
        return None
    found: OwnPlan = OWN_PLAN.read({one.key: plan[one.key] for one in OWN_PLAN.fields}, "", Reading())
    return found
