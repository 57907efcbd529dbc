"""Judge of a plan's cost shares as their file holds them: sums, splits, certificate and rule, by additions."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from consortium.direct_checks import check_direct_parts
from consortium.formats.allocation_json import AllocationDocument, game_of, properties_of, properties_of_many
from consortium.rule_checks import (
    UNREADABLE,
    RuleGiven,
    broken,
    check_properties,
    check_status,
    rule_given,
    says_unverified,
    unreadable,
)
from optimizer.certificate import Number, certificate_of, verify_certificate
from optimizer.certificate_many import MOST_IN_TABLE, ManyCertificate, many_certificate
from optimizer.certificate_rules import check_rule, compare, in_proportion, whole_units
from optimizer.cost_game import CostGame
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan, Violation

BY_WEIGHT = frozenset({"equal", *(f"proportional_{one}" for one in ("volume", "mass", "freight_tonne", "value"))})
"""Rules that share a plan's cost by weights that stand beside them."""


def check_allocation(
    claims: AllocationDocument, plan: ShipmentPlan | None = None, problem: ConsolidationProblem | None = None
) -> tuple[Violation, ...]:
    """List everything in which shares contradict themselves, their certificate, their rule or their plan.

    Parameters
    ----------
    plan
        The plan whose cost is shared, when it is at hand.
    problem
        The problem of the plan, when the judge of plans found both without fault: direct parts are counted anew.
    """
    found = [*_sums(claims)]
    if plan is not None and claims.total_minor != plan.cost_minor:
        found.append(broken("allocation_total", "total_minor", claims.total_minor, plan.cost_minor))
    if claims.status == "undefined":
        return tuple(found)
    found += check_status(claims)
    try:
        game = game_of(claims.certificate["coalitions"]) if "coalitions" in claims.certificate else None
        many = many_certificate(claims.certificate) if game is None and "compared" in claims.certificate else None
        found += _of_many(claims, many) if many is not None else _certificate(claims, game)
        found += _rule(claims, game, many)
        if plan is not None and problem is not None:
            found += check_direct_parts(claims, problem, plan)
    except UNREADABLE as error:
        found.append(unreadable(error))
    return tuple(found)


def _sums(claims: AllocationDocument) -> Iterator[Violation]:
    if claims.status == "undefined":
        if claims.shares_minor or claims.shares:
            yield broken("undefined_with_shares", claims.method, "undefined", "shares")
        return
    charged = sum(claims.shares_minor.values())
    if charged != claims.total_minor:
        yield broken("budget_balance", "shares_minor", claims.total_minor, charged)
    exact = sum((Fraction(one) for one in claims.shares.values()), start=Fraction(0))
    if exact != claims.total_minor:
        yield broken("budget_balance", "shares", claims.total_minor, exact)
    for name, split in (("pays_minor", claims.pays_minor), ("buyers_pay_minor", claims.buyers_pay_minor)):
        if set(split) != set(claims.shares_minor):
            yield broken("allocation_members", name, ", ".join(split), ", ".join(claims.shares_minor))
    if set(claims.shares) != set(claims.shares_minor):
        yield broken("allocation_members", "shares", ", ".join(claims.shares), ", ".join(claims.shares_minor))
    for member, share in claims.shares_minor.items():
        both = claims.pays_minor.get(member, 0) + claims.buyers_pay_minor.get(member, 0)
        if both != share:
            yield broken("allocation_split", member, share, both)
        before = claims.shares.get(member)
        if before is not None and abs(Fraction(before) - share) >= 1:
            yield broken("allocation_rounding", member, share, before)


def _of_many(claims: AllocationDocument, certificate: ManyCertificate) -> Iterator[Violation]:
    """Compare all that is said with the coalitions, prices and weights that a certificate of many members names."""
    if len(claims.shares_minor) <= MOST_IN_TABLE:
        yield broken("certificate_missing", claims.method, "shares", "no table of coalitions")
    yield from _of_these_shares(claims, certificate.shares, certificate.total)
    yield from check_properties(claims, properties_of_many(certificate))
    alone = {member: high for member, (_, high) in certificate.alone.items()}
    if dict(claims.stand_alone_minor) != alone:
        yield broken("stand_alone", "stand_alone_minor", dict(claims.stand_alone_minor), alone)


def _of_these_shares(claims: AllocationDocument, shares: Mapping[str, Number], total: Number) -> Iterator[Violation]:
    if dict(shares) != dict(claims.shares_minor):
        yield broken("certificate_of_others", "shares_minor", claims.shares_minor, dict(shares))
    if total != claims.total_minor:
        yield broken("certificate_of_others", "total_minor", claims.total_minor, total)


def _certificate(claims: AllocationDocument, game: CostGame | None) -> Iterator[Violation]:
    """Rebuild the certificate from its own table of coalitions, and compare all that it says."""
    if game is None:
        if claims.properties is not None:
            yield broken("certificate_missing", "properties", "stated", "no certificate")
        if claims.stand_alone_minor:
            yield broken("certificate_missing", "stand_alone_minor", "stated", "no certificate")
        return
    certificate = certificate_of(claims.certificate)
    yield from verify_certificate(certificate, game)
    yield from _of_these_shares(claims, certificate.shares, certificate.total)
    exact = {member: Fraction(share) for member, share in claims.shares.items()}
    if dict(certificate.exact_shares) != exact:
        yield broken("certificate_of_others", "shares", exact, dict(certificate.exact_shares))
    yield from check_properties(claims, properties_of(certificate, game))
    if set(claims.stand_alone_minor) != set(game.players):
        named = ", ".join(claims.stand_alone_minor)
        yield broken("allocation_members", "stand_alone_minor", named, ", ".join(game.players))
    for member, alone in claims.stand_alone_minor.items():
        if member in game.players and game.cost([member]) != alone:
            yield broken("stand_alone", member, alone, game.cost([member]))


def _rule(claims: AllocationDocument, game: CostGame | None, many: ManyCertificate | None) -> Iterator[Violation]:
    """Work the optimised part out anew by its rule, round it, and add the direct parts."""
    given = rule_given(claims)
    yield from given.violations
    part: Mapping[str, Any] = claims.certificate["optimised"]
    members, total = set(claims.shares_minor), int(part["total_minor"])
    shares = {member: Fraction(share) for member, share in part["shares"].items()}
    for name in ("shares", "shares_minor", "direct_minor"):
        if set(part[name]) != members:
            yield broken("allocation_members", f"optimised.{name}", ", ".join(part[name]), ", ".join(members))
            return
    if total + sum(part["direct_minor"].values()) != claims.total_minor:
        both = total + sum(part["direct_minor"].values())
        yield broken("allocation_total", "optimised.total_minor", claims.total_minor, both)
    if sum(shares.values()) != total:
        yield broken("budget_balance", "optimised.shares", total, sum(shares.values()))
        return
    due = whole_units(shares, total, tie_key=f"{given.tie_key}|optimised")
    for member, direct in part["direct_minor"].items():
        if due[member] != part["shares_minor"][member]:
            yield broken("allocation_rounding", member, part["shares_minor"][member], due[member])
        if direct + part["shares_minor"][member] != claims.shares_minor[member]:
            both = direct + part["shares_minor"][member]
            yield broken("allocation_parts", member, claims.shares_minor[member], both)
        if direct + shares[member] != Fraction(claims.shares[member]):
            yield broken("allocation_parts", member, claims.shares[member], direct + shares[member])
        why = claims.why.get(member, {})
        told = (why.get("direct_minor"), why.get("optimised_minor"))
        if told != (direct, part["shares_minor"][member]):
            yield broken("allocation_parts", f"why.{member}", told, (direct, part["shares_minor"][member]))
    if not says_unverified(claims):
        yield from _by_rule(claims, game or many, given, shares)


def _by_rule(
    claims: AllocationDocument,
    game: CostGame | ManyCertificate | None,
    given: RuleGiven,
    shares: Mapping[str, Fraction],
) -> Iterator[Violation]:
    part = claims.certificate["optimised"]
    if claims.method in BY_WEIGHT:
        if set(given.weights) != set(shares):
            yield broken("allocation_members", "weights", ", ".join(given.weights), ", ".join(shares))
            return
        found = in_proportion(int(part["total_minor"]), list(given.weights.values()))
        if found is None:
            yield broken("rule_undefined", claims.method, "shares", "undefined")
        else:
            yield from compare(shares, dict(zip(given.weights, found, strict=True)))
    elif isinstance(game, ManyCertificate):
        yield from _beyond(claims, game)
    elif game is None:
        yield broken("certificate_missing", claims.method, "shares", "no table of coalitions")
    elif set(game.players) == set(shares):
        yield from check_rule(claims.method, _optimised(game, part, given), shares, given.proof)


def _beyond(claims: AllocationDocument, certificate: ManyCertificate) -> Iterator[Violation]:
    """Work out anew what a rule says without a table: prices times one factor. An estimate cannot be, without draws."""
    if claims.method == "lp_prices" and certificate.prices is not None:
        prices = {member: max(Fraction(0), Fraction(one)) for member, one in certificate.prices.prices.items()}
        found = in_proportion(claims.total_minor, list(prices.values()))
        if found is None or set(prices) != set(claims.shares):
            yield broken("rule_undefined", claims.method, "shares", "undefined")
        else:
            exact = {member: Fraction(share) for member, share in claims.shares.items()}
            yield from compare(exact, dict(zip(prices, found, strict=True)))
    elif claims.method != "shapley":
        yield broken("certificate_missing", claims.method, "shares", "no table of coalitions")


def _optimised(game: CostGame, part: Mapping[str, Any], given: RuleGiven) -> CostGame:
    """Return the game that the rule shares: every coalition's cost less what it is measured and what it causes."""
    measured = {game.mask(key.split(",")): int(amount) for key, amount in part["measured_minor"].items()}
    caused = [int(part["caused_minor"].get(player, 0)) for player in game.players]
    upper = []
    for mask, cost in enumerate(game.upper):
        own = sum(amount for bit, amount in enumerate(caused) if mask >> bit & 1)
        upper.append(cost - measured.get(mask, 0) - own)
    upper[game.grand] = int(part["total_minor"])
    return CostGame(players=game.players, upper=upper, weights=given.weights, unions=given.unions)
