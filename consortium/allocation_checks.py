"""Judge of cost shares as their file holds them: sums, splits and the certificate, by additions and comparisons."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import inf

from consortium.formats.allocation_json import AllocationDocument, game_of, properties_of, properties_of_many
from optimizer.certificate import Number, certificate_of, verify_certificate
from optimizer.certificate_many import many_certificate
from optimizer.result import ShipmentPlan, Violation


def check_allocation(claims: AllocationDocument, plan: ShipmentPlan | None = None) -> tuple[Violation, ...]:
    """List everything in which shares contradict themselves, their certificate or their plan.

    Parameters
    ----------
    plan
        The plan whose cost is shared, when it is at hand.
    """
    certificate = _many if "compared" in claims.certificate else _certificate
    found = [*_sums(claims), *check_errors(claims), *certificate(claims)]
    if plan is not None and claims.total_minor != plan.cost_minor:
        found.append(_broken("allocation_total", "total_minor", claims.total_minor, plan.cost_minor))
    return tuple(found)


def _broken(rule: str, subject: str, claimed: object, found: object) -> Violation:
    return Violation(rule=rule, subject=subject, claimed=str(claimed), found=str(found))


def _sums(claims: AllocationDocument) -> Iterator[Violation]:
    if claims.status == "undefined":
        if claims.shares_minor or claims.shares:
            yield _broken("undefined_with_shares", claims.method, "undefined", "shares")
        return
    charged = sum(claims.shares_minor.values())
    if charged != claims.total_minor:
        yield _broken("budget_balance", "shares_minor", claims.total_minor, charged)
    exact = sum((Fraction(one) for one in claims.shares.values()), start=Fraction(0))
    if exact != claims.total_minor:
        yield _broken("budget_balance", "shares", claims.total_minor, exact)
    for name, split in (("pays_minor", claims.pays_minor), ("buyers_pay_minor", claims.buyers_pay_minor)):
        if set(split) != set(claims.shares_minor):
            yield _broken("allocation_members", name, ", ".join(split), ", ".join(claims.shares_minor))
    if set(claims.shares) != set(claims.shares_minor):
        yield _broken("allocation_members", "shares", ", ".join(claims.shares), ", ".join(claims.shares_minor))
    for member, share in claims.shares_minor.items():
        both = claims.pays_minor.get(member, 0) + claims.buyers_pay_minor.get(member, 0)
        if both != share:
            yield _broken("allocation_split", member, share, both)
        before = claims.shares.get(member)
        if before is not None and abs(Fraction(before) - share) >= 1:
            yield _broken("allocation_rounding", member, share, before)


def check_errors(claims: AllocationDocument) -> Iterator[Violation]:
    """Only estimated shares have standard errors, of those who have shares, and none is negative."""
    told = claims.standard_errors
    if (claims.status == "sampled") != bool(told) or not set(told) <= set(claims.shares):
        yield _broken("standard_errors", claims.status, ", ".join(told), ", ".join(claims.shares))
    for member, error in told.items():
        if isinstance(error, bool) or not isinstance(error, int | float) or not 0 <= error < inf:
            yield _broken("standard_errors", member, error, "a number >= 0")


def _many(claims: AllocationDocument) -> Iterator[Violation]:
    """Rebuild the certificate of many members from the coalitions, prices and weights that it names."""
    try:
        certificate = many_certificate(claims.certificate)
        rebuilt = properties_of_many(certificate)
    except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        yield _broken("certificate_readable", "certificate", "a certificate", f"{type(error).__name__}: {error}")
        return
    yield from _of_these_shares(claims, certificate.shares, certificate.total)
    yield from _properties(claims, rebuilt)
    for member, alone in claims.stand_alone_minor.items():
        found = certificate.alone[member][1] if member in certificate.alone else "no such player"
        if alone != found:
            yield _broken("stand_alone", member, alone, found)


def _of_these_shares(claims: AllocationDocument, shares: Mapping[str, Number], total: Number) -> Iterator[Violation]:
    if dict(shares) != dict(claims.shares_minor):
        yield _broken("certificate_of_others", "shares_minor", claims.shares_minor, dict(shares))
    if total != claims.total_minor:
        yield _broken("certificate_of_others", "total_minor", claims.total_minor, total)


def _properties(claims: AllocationDocument, rebuilt: Mapping[str, object]) -> Iterator[Violation]:
    stated = claims.properties or {}
    for name, value in rebuilt.items():
        claimed = list(stated[name]) if isinstance(stated.get(name), tuple) else stated.get(name)
        if claimed != value:
            yield _broken("properties", name, claimed, value)


def _certificate(claims: AllocationDocument) -> Iterator[Violation]:
    """Rebuild the certificate from its own table of coalitions, and compare all that it says."""
    if not claims.certificate:
        if claims.properties is not None:
            yield _broken("certificate_missing", "properties", "stated", "no certificate")
        return
    numbers = dict(claims.certificate)
    try:
        game = game_of(numbers.pop("coalitions"))
        certificate = certificate_of(numbers)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        yield _broken("certificate_readable", "certificate", "a certificate", f"{type(error).__name__}: {error}")
        return
    yield from verify_certificate(certificate, game)
    yield from _of_these_shares(claims, certificate.shares, certificate.total)
    yield from _properties(claims, properties_of(certificate, game))
    for member, alone in claims.stand_alone_minor.items():
        if member not in game.players or game.cost([member]) != alone:
            found = game.cost([member]) if member in game.players else "no such player"
            yield _broken("stand_alone", member, alone, found)
