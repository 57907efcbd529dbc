"""Judge of a game's shares as their file holds them: sums, rounding, certificate, by additions and comparisons."""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from consortium.allocation_checks import check_errors
from consortium.formats.allocation_json import AllocationDocument, decimal, game_of
from consortium.formats.game_answer_json import properties_of_airport, properties_of_game, properties_of_large
from consortium.formats.game_json import GameDocument
from consortium.formats.game_json import game_of as game_of_document
from optimizer.certificate import Verdict, certificate_of, verify_certificate
from optimizer.certificate_airport import judge_airport
from optimizer.certificate_formula import core_of_containers, judge_containers, judge_fixed_plus
from optimizer.cost_game import CostGame
from optimizer.game_generators import MOST_PLAYERS
from optimizer.result import Violation


def needs_game(claims: AllocationDocument) -> bool:
    """Say whether the judge needs the game's own file: the certificate holds no table."""
    return bool(claims.shares) and not {"coalitions", *_FORMULAS} & set(claims.certificate)


def check_game_allocation(
    claims: AllocationDocument, found: GameDocument | None = None, found_sha256: str = ""
) -> tuple[Violation, ...]:
    """List everything in which shares of a game contradict themselves, their certificate or the game.

    Parameters
    ----------
    found, found_sha256
        The game and its fingerprint, when it is at hand.
    """
    wrong = []
    if found is not None and claims.game_sha256 != found_sha256:
        wrong.append(_broken("game_sha256", "game", claims.game_sha256, found_sha256))
    if claims.status == "undefined":
        if claims.shares or claims.shares_minor:
            wrong.append(_broken("undefined_with_shares", claims.method, "undefined", "shares"))
        return tuple(wrong)
    wrong += [*_rounding(claims), *check_errors(claims)]
    formula = next((key for key in _FORMULAS if key in claims.certificate), "")
    large = found is not None and found.generator is not None and len(found.players) > MOST_PLAYERS
    if large or formula:
        judge = _FORMULAS[formula] if formula else None
        try:
            numbers = _of_generator(found) if large and found is not None else claims.certificate
            judge = judge or next(one for key, one in _FORMULAS.items() if key in numbers)
            return (*wrong, *judge(claims, numbers))
        except (AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            return (*wrong, _unreadable(error))
    return (*wrong, *_certificate(claims, None if found is None else game_of_document(found)))


def _of_generator(found: GameDocument) -> dict[str, Any]:
    """Return the numbers of a formula under the names that a certificate has for them."""
    generator = found.generator
    assert generator is not None
    numbers = {"needs": generator.needs, "fixed": generator.fixed, "costs": generator.costs, "sizes": generator.sizes}
    numbers |= {"capacity": generator.capacity, "price": generator.price}
    return {key: value for key, value in numbers.items() if value is not None}


def _broken(rule: str, subject: str, claimed: object, found: object) -> Violation:
    return Violation(rule=rule, subject=subject, claimed=str(claimed), found=str(found))


def _unreadable(error: Exception) -> Violation:
    return _broken("certificate_readable", "certificate", "a certificate", f"{type(error).__name__}: {error}")


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
    if sum(amount % unit != 0 for amount in claims.shares_minor.values()) > 1:
        yield _broken("allocation_unit", "shares_minor", unit, "more than one other amount")
    for player, amount in claims.shares_minor.items():
        if abs(exact[player] - amount) >= unit:
            yield _broken("allocation_rounding", player, amount, claims.shares[player])


def _shares(claims: AllocationDocument, players: Mapping[str, Any]) -> dict[str, Fraction]:
    exact = {player: Fraction(share) for player, share in claims.shares.items()}
    if set(exact) != set(players):
        raise ValueError(f"expected shares of {', '.join(players)}, found {', '.join(exact)}")
    return exact


def _airport(claims: AllocationDocument, numbers: Mapping[str, Any]) -> Iterator[Violation]:
    needs = {player: Fraction(need) for player, need in numbers["needs"].items()}
    if any(need < 0 for need in needs.values()):
        raise ValueError("expected needs >= 0")
    verdict = judge_airport(needs, _shares(claims, needs))
    if not verdict.budget_balanced:
        total = sum(Fraction(share) for share in claims.shares.values())
        yield _broken("budget_balance", "shares", total, max(needs.values()))
    yield from _properties(claims, properties_of_airport(verdict))


def _fixed_plus(claims: AllocationDocument, numbers: Mapping[str, Any]) -> Iterator[Violation]:
    fixed = Fraction(numbers["fixed"])
    own = {player: Fraction(cost) for player, cost in numbers["costs"].items()}
    exact = _shares(claims, own)
    verdict = judge_fixed_plus(fixed, own, exact)
    if not verdict.budget_balanced:
        yield _broken("budget_balance", "shares", sum(exact.values()), fixed + sum(own.values()))
    alone = {player: fixed + cost for player, cost in own.items()}
    core_empty = Verdict.PROVEN if fixed < 0 else Verdict.REFUTED
    yield from _properties(claims, properties_of_large(verdict, exact, alone, core_empty))


def _containers(claims: AllocationDocument, numbers: Mapping[str, Any]) -> Iterator[Violation]:
    sizes = {player: int(size) for player, size in numbers["sizes"].items()}
    capacity, price = int(numbers["capacity"]), Fraction(numbers["price"])
    if capacity <= 0 or any(size < 0 for size in sizes.values()):
        raise ValueError("expected a capacity > 0 and sizes >= 0")
    exact, packings = _shares(claims, sizes), claims.certificate["packings"]
    verdict = judge_containers(sizes, capacity, price, exact, packings)
    if not verdict.budget_balanced:
        yield _broken("budget_balance", "shares", sum(exact.values()), price * len(packings[0]))
    core_empty = core_of_containers(sizes, capacity, len(packings[0]))
    yield from _properties(claims, properties_of_large(verdict, exact, dict.fromkeys(sizes, price), core_empty))


_FORMULAS: dict[str, Callable[[AllocationDocument, Mapping[str, Any]], Iterator[Violation]]] = {
    "needs": _airport,
    "fixed": _fixed_plus,
    "sizes": _containers,
}
"""Judges of games with a formula, by what their certificate holds."""


def _certificate(claims: AllocationDocument, game: CostGame | None) -> Iterator[Violation]:
    """Rebuild the certificate from the game, or from the table that it holds itself."""
    numbers = dict(claims.certificate)
    try:
        table = numbers.pop("coalitions", None)
        embedded = None if table is None else game_of(table, str(numbers["kind"]))
        certificate = certificate_of(numbers)
    except (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError) as error:
        yield _unreadable(error)
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
    yield from _properties(claims, properties_of_game(certificate, judged))


def _same(one: CostGame, other: CostGame) -> bool:
    if one.kind != other.kind or set(one.players) != set(other.players):
        return False
    return all(
        one.upper[mask] == other.upper[moved] and one.lower[mask] == other.lower[moved]
        for mask in range(len(one.upper))
        for moved in [other.mask(one.members(mask))]
    )


def _properties(claims: AllocationDocument, rebuilt: dict[str, object]) -> Iterator[Violation]:
    stated = claims.properties or {}
    for name, value in rebuilt.items():
        claimed = list(stated[name]) if isinstance(stated.get(name), tuple) else stated.get(name)
        if claimed != value:
            yield _broken("properties", name, claimed, value)
