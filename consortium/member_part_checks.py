"""Judge of a member's part: its own sums, and that it says what the whole certificate says, where that is at hand."""

from collections.abc import Iterator, Mapping
from typing import Any

from consortium.formats.canonical import sha256
from consortium.formats.certificate_json import read_certificate_document
from consortium.formats.member_certificate_json import MemberCertificate
from consortium.rule_checks import broken
from optimizer.certificate import Verdict
from optimizer.result import Violation


def check_member_part(claims: MemberCertificate, whole: Mapping[str, Any] | None = None) -> tuple[Violation, ...]:
    """List everything in which a member's part contradicts itself or the certificate that it is taken from.

    Parameters
    ----------
    whole
        The document of the whole certificate, one that can be read, when it is at hand.
    """
    return (*_sums(claims), *_verdict(claims), *(_compared(claims, whole) if whole is not None else ()))


def _sums(claims: MemberCertificate) -> Iterator[Violation]:
    share, alone = claims.cost_share_minor, claims.stand_alone_minor
    parts = (claims.direct_minor, claims.optimised_minor)
    for name, sides in (
        ("direct_minor + optimised_minor", share if parts == (None, None) else sum(one or 0 for one in parts)),
        ("pays_minor + buyers_pay_minor", claims.pays_minor + claims.buyers_pay_minor),
    ):
        if sides != share:
            yield broken("part_sums", name, share, sides)
    if claims.saving_minor != (None if alone is None else alone - share):
        yield broken("part_sums", "saving_minor", claims.saving_minor, None if alone is None else alone - share)
    plan = claims.stand_alone_plan
    if plan is not None:
        lines = sum(one.amount_minor for one in plan.charges) + sum(one.amount_minor for one in plan.delay_costs)
        if not lines == plan.cost_minor == alone:
            yield broken("part_sums", "stand_alone_plan", f"{alone}, {plan.cost_minor}", lines)


def _verdict(claims: MemberCertificate) -> Iterator[Violation]:
    alone, verdict = claims.stand_alone_minor, claims.individually_rational
    if verdict is None:
        return
    dearer = alone is None or claims.cost_share_minor > alone
    if dearer != (verdict is Verdict.REFUTED):
        found = f"{claims.cost_share_minor} - {alone}"
        yield broken("part_verdict", "individually_rational", verdict.value, found)
    if verdict is Verdict.REFUTED and claims.in_core is not Verdict.REFUTED:
        yield broken("part_verdict", "in_core", claims.in_core, Verdict.REFUTED.value)


def _compared(claims: MemberCertificate, whole: Mapping[str, Any]) -> Iterator[Violation]:
    if claims.certificate_sha256 != sha256(whole):
        yield broken("certificate_sha256", "member", claims.certificate_sha256, sha256(whole))
    found = read_certificate_document(whole)
    shares, member = found.allocation, claims.member.id
    if member not in shares.shares_minor:
        yield broken("allocation_members", "member", member, ", ".join(shares.shares_minor))
        return
    properties = shares.properties or {}
    direct = shares.certificate.get("optimised", {}).get("direct_minor", {}).get(member)
    right: dict[str, Any] = {
        "currency": found.currency,
        "rule": shares.method,
        "cost_share_minor": shares.shares_minor[member],
        "pays_minor": shares.pays_minor.get(member),
        "buyers_pay_minor": shares.buyers_pay_minor.get(member),
        "stand_alone_minor": shares.stand_alone_minor.get(member),
        "individually_rational": shares.certificate.get("individually_rational", {}).get(member),
        "in_core": properties.get("in_core"),
        "core_empty": properties.get("core_empty"),
    }
    if claims.total_minor is not None:
        right["total_minor"] = shares.total_minor
    if claims.direct_minor is not None:
        right["direct_minor"] = direct
    for name, value in right.items():
        if getattr(claims, name) != value:
            yield broken("part_changed", name, getattr(claims, name), value)
    own = found.stand_alone_plans.get(member)
    if (own is None) != (claims.stand_alone_plan is None):
        yield broken("part_changed", "stand_alone_plan", claims.stand_alone_plan is not None, own is not None)
    elif own is not None and claims.stand_alone_plan is not None:
        for name in ("containers", "lcl", "postal", "charges", "delay_costs"):
            if tuple(getattr(own, name)) != tuple(getattr(claims.stand_alone_plan, name)):
                yield broken("part_changed", f"stand_alone_plan.{name}", "other lines", "those of the certificate")
