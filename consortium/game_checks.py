"""Judge of a game's shares as their file holds them: sums, rounding, certificate, by additions and comparisons."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from consortium.formats.allocation_json import AllocationDocument, decimal, game_of
from consortium.formats.game_answer_json import properties_of_airport, properties_of_game, properties_of_large
from consortium.formats.game_json import GameDocument
from consortium.formats.game_json import game_of as game_of_document
from consortium.rule_checks import (
    UNREADABLE,
    RuleGiven,
    check_estimate,
    check_game_rule,
    check_properties,
    check_status,
    rule_given,
    unreadable,
)
from optimizer.certificate import Verdict, certificate_of, verify_certificate
from optimizer.certificate_airport import AIRPORT_RULES, airport_shares, judge_airport
from optimizer.certificate_formula import (
    CONTAINER_RULES,
    FIXED_PLUS_RULES,
    container_shares,
    core_of_containers,
    fixed_plus_shares,
    judge_containers,
    judge_fixed_plus,
)
from optimizer.certificate_rules import compare, is_defined, whole_units
from optimizer.cost_game import CostGame
from optimizer.game_generators import MOST_PLAYERS
from optimizer.result import Violation

ENDED = ("time_limit", "stopped", "evaluations")
"""Reasons why there are no shares that say nothing of the rule."""


def needs_game(claims: AllocationDocument) -> bool:
    """Say whether the judge needs the game's own file: the certificate holds no table."""
    return bool(claims.shares) and not {"coalitions", *_FORMULAS} & set(claims.certificate)


def check_game_allocation(
    claims: AllocationDocument, found: GameDocument | None = None, found_sha256: str = ""
) -> tuple[Violation, ...]:
    """List everything in which shares of a game contradict themselves, their certificate, their rule or the game.

    Parameters
    ----------
    found, found_sha256
        The game and its fingerprint, when it is at hand.
    """
    wrong = []
    if found is not None and claims.game_sha256 != found_sha256:
        wrong.append(_broken("game_sha256", "game", claims.game_sha256, found_sha256))
    if claims.status == "undefined":
        return (*wrong, *_undefined(claims, found))
    if not claims.shares:
        return (*wrong, _broken("shares_missing", claims.method, claims.status, "nothing"))
    wrong += [*_rounding(claims), *check_status(claims)]
    try:
        given = rule_given(claims, found)
        numbers = _formula_of(claims, found)
        judge = next((one for key, one in _FORMULAS.items() if key in numbers), None)
        if judge is not None:
            return (*wrong, *given.violations, *judge(claims, numbers, given))
    except UNREADABLE as error:
        return (*wrong, unreadable(error))
    return (*wrong, *_certificate(claims, None if found is None else game_of_document(found), given))


def _undefined(claims: AllocationDocument, found: GameDocument | None) -> Iterator[Violation]:
    if claims.shares or claims.shares_minor:
        yield _broken("undefined_with_shares", claims.method, "undefined", "shares")
    if found is None or claims.reason in ENDED or len(found.players) > MOST_PLAYERS:
        return
    if is_defined(claims.method, game_of_document(found)):
        yield _broken("rule_defined", claims.method, claims.reason, "shares")


def _formula_of(claims: AllocationDocument, found: GameDocument | None) -> Mapping[str, Any]:
    """Return the numbers of a game that is judged by its formula, of the game itself where it is at hand."""
    if found is None:
        return claims.certificate
    return _of_generator(found) if found.generator is not None and len(found.players) > MOST_PLAYERS else {}


def _of_generator(found: GameDocument) -> dict[str, Any]:
    """Return the numbers of a formula under the names that a certificate has for them."""
    generator = found.generator
    assert generator is not None
    numbers = {"needs": generator.needs, "fixed": generator.fixed, "costs": generator.costs, "sizes": generator.sizes}
    numbers |= {"capacity": generator.capacity, "price": generator.price}
    return {key: value for key, value in numbers.items() if value is not None}


def _broken(rule: str, subject: str, claimed: object, found: object) -> Violation:
    return Violation(rule=rule, subject=subject, claimed=str(claimed), found=str(found))


def _rounding(claims: AllocationDocument) -> Iterator[Violation]:
    """Compare the exact shares with their decimals and with the whole units."""
    exact = {player: Fraction(share) for player, share in claims.shares.items()}
    for player, share in exact.items():
        told = claims.shares_decimal.get(player)
        if told is not None and told != decimal(share):
            yield _broken("allocation_decimal", player, told, decimal(share))
    if not claims.shares_minor:
        return
    if set(claims.shares_minor) != set(exact):
        yield _broken("allocation_members", "shares_minor", ", ".join(claims.shares_minor), ", ".join(exact))
        return
    total = sum(claims.shares_minor.values())
    if total != sum(exact.values()):
        yield _broken("budget_balance", "shares_minor", total, sum(exact.values()))
    unit = claims.unit_minor
    tie_key = str(claims.certificate.get("tie_key", ""))
    due = whole_units(exact, total, unit=unit, tie_key=tie_key) if total == sum(exact.values()) else {}
    for player, amount in claims.shares_minor.items():
        if due.get(player, amount) != amount:
            yield _broken("allocation_rounding", player, amount, due[player])


def _shares(claims: AllocationDocument, players: Mapping[str, Any]) -> dict[str, Fraction]:
    exact = {player: Fraction(share) for player, share in claims.shares.items()}
    if set(exact) != set(players):
        raise ValueError(f"expected shares of {', '.join(players)}, found {', '.join(exact)}")
    return exact


def _airport(claims: AllocationDocument, numbers: Mapping[str, Any], given: RuleGiven) -> Iterator[Violation]:
    needs = {player: Fraction(need) for player, need in numbers["needs"].items()}
    if any(need < 0 for need in needs.values()):
        raise ValueError("expected needs >= 0")
    exact, largest = _shares(claims, needs), max(needs.values())
    verdict = judge_airport(needs, exact)
    if not verdict.budget_balanced:
        yield _broken("budget_balance", "shares", sum(exact.values()), largest)
    yield from check_properties(claims, properties_of_airport(verdict))
    known = claims.method in AIRPORT_RULES
    found = airport_shares(claims.method, needs, given.weights, given.unions) if known else None
    yield from _by_formula(claims, exact, found, AIRPORT_RULES, largest)


def _fixed_plus(claims: AllocationDocument, numbers: Mapping[str, Any], given: RuleGiven) -> Iterator[Violation]:
    fixed = Fraction(numbers["fixed"])
    own = {player: Fraction(cost) for player, cost in numbers["costs"].items()}
    exact, total = _shares(claims, own), fixed + sum(own.values())
    verdict = judge_fixed_plus(fixed, own, exact)
    if not verdict.budget_balanced:
        yield _broken("budget_balance", "shares", sum(exact.values()), total)
    alone = {player: fixed + cost for player, cost in own.items()}
    core_empty = Verdict.PROVEN if fixed < 0 else Verdict.REFUTED
    yield from check_properties(claims, properties_of_large(verdict, exact, alone, core_empty))
    known = claims.method in FIXED_PLUS_RULES
    found = fixed_plus_shares(claims.method, fixed, own, given.weights, given.unions) if known else None
    yield from _by_formula(claims, exact, found, FIXED_PLUS_RULES, max(abs(total), *map(abs, alone.values())))


def _containers(claims: AllocationDocument, numbers: Mapping[str, Any], given: RuleGiven) -> Iterator[Violation]:
    sizes = {player: int(size) for player, size in numbers["sizes"].items()}
    capacity, price = int(numbers["capacity"]), Fraction(numbers["price"])
    if capacity <= 0 or any(size < 0 for size in sizes.values()):
        raise ValueError("expected a capacity > 0 and sizes >= 0")
    exact, packings = _shares(claims, sizes), claims.certificate["packings"]
    verdict = judge_containers(sizes, capacity, price, exact, packings)
    total = price * len(packings[0])
    if not verdict.budget_balanced:
        yield _broken("budget_balance", "shares", sum(exact.values()), total)
    core_empty = core_of_containers(sizes, capacity, len(packings[0]))
    yield from check_properties(claims, properties_of_large(verdict, exact, dict.fromkeys(sizes, price), core_empty))
    if claims.status != "sampled":  # the draws of an estimate are not in the file
        known = claims.method in CONTAINER_RULES
        found = container_shares(claims.method, tuple(sizes), total, given.weights) if known else None
        yield from _by_formula(claims, exact, found, CONTAINER_RULES, total)


def _by_formula(
    claims: AllocationDocument,
    exact: Mapping[str, Fraction],
    found: Mapping[str, Fraction] | None,
    known: Collection[str],
    largest: Fraction,
) -> Iterator[Violation]:
    """Compare shares with those that the formula of their rule gives; estimates may miss them, but not by anything."""
    if claims.method not in known:
        yield _broken("rule_unknown", "method", claims.method, ", ".join(known))
    elif found is None:
        yield _broken("rule_undefined", claims.method, "shares", "undefined")
    elif claims.status == "sampled":
        yield from check_estimate(claims, exact, found, largest)
    else:
        yield from compare(exact, found)


_FORMULAS: dict[str, Callable[[AllocationDocument, Mapping[str, Any], RuleGiven], Iterator[Violation]]] = {
    "needs": _airport,
    "fixed": _fixed_plus,
    "sizes": _containers,
}
"""Judges of games with a formula, by what their certificate holds."""


def _certificate(claims: AllocationDocument, game: CostGame | None, given: RuleGiven) -> Iterator[Violation]:
    """Rebuild the certificate from the game, or from the table that it holds itself, and work the rule out anew."""
    numbers = dict(claims.certificate)
    try:
        table = numbers.pop("coalitions", None)
        embedded = None if table is None else game_of(table, str(numbers["kind"]))
        certificate = certificate_of(numbers)
    except UNREADABLE as error:
        yield unreadable(error)
        return
    if game is not None and embedded is not None and not _same(game, embedded):
        yield _broken("certificate_coalitions", "certificate", "the coalitions of the game", "others")
    judged = game or embedded
    if judged is None:
        yield _broken("certificate_coalitions", "certificate", "a table", "no table, and no game")
        return
    yield from verify_certificate(certificate, judged)
    exact = {player: Fraction(share) for player, share in claims.shares.items()}
    if exact != dict(certificate.shares):
        yield _broken("certificate_of_others", "shares", exact, dict(certificate.shares))
    best = judged.upper if judged.kind == "cost" else judged.lower
    if certificate.total != best[judged.grand]:
        yield _broken("certificate_of_others", "total", certificate.total, best[judged.grand])
    yield from check_properties(claims, properties_of_game(certificate, judged))
    if set(exact) == set(judged.players):
        asked = replace(judged, weights=given.weights, unions=given.unions)
        yield from check_game_rule(claims, asked, exact, given)


def _same(one: CostGame, other: CostGame) -> bool:
    if one.kind != other.kind or set(one.players) != set(other.players):
        return False
    return all(
        one.upper[mask] == other.upper[moved] and one.lower[mask] == other.lower[moved]
        for mask in range(len(one.upper))
        for moved in [other.mask(one.members(mask))]
    )
