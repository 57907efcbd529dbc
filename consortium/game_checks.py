"""Judge of a game's shares as their file holds them: sums, rounding, certificate, by additions and comparisons."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from consortium.formats.allocation_json import AllocationDocument, decimal, game_of
from consortium.formats.game_answer_json import properties_of_airport, properties_of_game
from consortium.formats.game_json import GameDocument
from consortium.formats.game_json import game_of as game_of_document
from consortium.rule_checks import (
    UNREADABLE,
    RuleGiven,
    check_game_rule,
    check_properties,
    check_status,
    rule_given,
    unreadable,
)
from optimizer.certificate import certificate_of, verify_certificate
from optimizer.certificate_airport import AIRPORT_RULES, airport_shares, judge_airport
from optimizer.certificate_rules import compare, is_defined, whole_units
from optimizer.cost_game import CostGame
from optimizer.game_generators import MOST_PLAYERS
from optimizer.result import Violation


def needs_game(claims: AllocationDocument) -> bool:
    """Say whether the judge needs the game's own file: the certificate holds no table."""
    return bool(claims.shares) and not {"coalitions", "needs"} & set(claims.certificate)


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
        needs = _needs(claims, found)
    except UNREADABLE as error:
        return (*wrong, unreadable(error))
    if needs:
        return (*wrong, *_airport(claims, needs, given))
    return (*wrong, *_certificate(claims, None if found is None else game_of_document(found), given))


def _undefined(claims: AllocationDocument, found: GameDocument | None) -> Iterator[Violation]:
    if claims.shares or claims.shares_minor:
        yield _broken("undefined_with_shares", claims.method, "undefined", "shares")
    if found is None or claims.reason == "time_limit" or len(found.players) > MOST_PLAYERS:
        return
    if is_defined(claims.method, game_of_document(found)):
        yield _broken("rule_defined", claims.method, claims.reason, "shares")


def _needs(claims: AllocationDocument, found: GameDocument | None) -> dict[str, Fraction]:
    """Return the needs of an airport game that is judged without a table; empty for others."""
    if found is not None and found.needs and len(found.players) > MOST_PLAYERS:
        return dict(found.needs)
    return {player: Fraction(need) for player, need in claims.certificate.get("needs", {}).items()}


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


def _airport(claims: AllocationDocument, needs: dict[str, Fraction], given: RuleGiven) -> Iterator[Violation]:
    exact = {player: Fraction(share) for player, share in claims.shares.items()}
    if set(exact) != set(needs) or any(need < 0 for need in needs.values()):
        yield _broken("allocation_members", "shares", ", ".join(exact), ", ".join(needs))
        return
    yield from given.violations
    verdict = judge_airport(needs, exact)
    if not verdict.budget_balanced:
        yield _broken("budget_balance", "shares", sum(exact.values()), max(needs.values()))
    yield from check_properties(claims, properties_of_airport(verdict))
    if claims.status == "sampled":
        return
    if claims.method not in AIRPORT_RULES:
        yield _broken("rule_unknown", "method", claims.method, ", ".join(AIRPORT_RULES))
        return
    found = airport_shares(claims.method, needs, given.weights, given.unions)
    if found is None:
        yield _broken("rule_undefined", claims.method, "shares", "undefined")
    else:
        yield from compare(exact, found)


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
