"""Judge of rules as files name them: which rule, of which version, given what, proven how. No rule is run here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import isfinite
from typing import Any

from consortium.formats.allocation_json import AllocationDocument
from consortium.formats.game_json import GameDocument
from optimizer.certificate_levels import Proof, proof_of
from optimizer.certificate_rules import RULE_VERSION, check_rule, shares_by_formula
from optimizer.cost_game import CostGame
from optimizer.result import Violation

Number = Fraction | int

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError)
"""What reading a certificate that is none may raise."""

FAR = 20
"""Standard errors beyond which an estimate cannot be honest, whatever its degrees of freedom."""

FAR_OF_LARGEST = Fraction(1, 100)
"""Part of the largest cost by which an estimate may be off without any word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleGiven:
    """What a certificate says of its rule; `violations` is what it says wrongly."""

    tie_key: str = ""
    weights: Mapping[str, Number] = field(default_factory=dict)
    unions: Sequence[Sequence[str]] = ()
    proof: Proof | None = None
    violations: tuple[Violation, ...] = ()


def broken(rule: str, subject: str, claimed: object, found: object) -> Violation:
    """Return a violation with both values as text."""
    return Violation(rule=rule, subject=subject, claimed=str(claimed), found=str(found))


def unreadable(error: Exception) -> Violation:
    """Return the violation that a certificate is none."""
    return broken("certificate_readable", "certificate", "a certificate", f"{type(error).__name__}: {error}")


def rule_given(claims: AllocationDocument, game: GameDocument | None = None) -> RuleGiven:
    """Read what a certificate says of its rule, and compare it with the allocation and with the game.

    Raises
    ------
    KeyError, TypeError, ValueError, AttributeError, ZeroDivisionError
        When it cannot be read (`UNREADABLE`).
    """
    numbers = claims.certificate
    weights = {str(one): Fraction(weight) for one, weight in numbers.get("weights", {}).items()}
    unions = tuple(tuple(map(str, union)) for union in numbers.get("unions", ()))
    wrong = []
    if numbers.get("rule") != claims.method:
        wrong.append(broken("rule_name", "certificate", claims.method, numbers.get("rule")))
    if numbers.get("rule_version") != RULE_VERSION:
        wrong.append(broken("rule_version", "certificate", numbers.get("rule_version"), RULE_VERSION))
    if game is not None:
        if weights and weights != dict(game.weights):
            wrong.append(broken("rule_input", "weights", _shown(weights), _shown(game.weights)))
        if unions and sorted(map(sorted, unions)) != sorted(map(sorted, game.unions)):
            wrong.append(broken("rule_input", "unions", unions, game.unions))
        weights, unions = dict(game.weights), tuple(tuple(union) for union in game.unions)
    return RuleGiven(
        tie_key=str(numbers.get("tie_key", "")),
        weights=weights,
        unions=unions,
        proof=proof_of(numbers["proof"]) if "proof" in numbers else None,
        violations=tuple(wrong),
    )


def check_game_rule(
    claims: AllocationDocument, game: CostGame, exact: Mapping[str, Number], given: RuleGiven
) -> Iterator[Violation]:
    """List what shows that exact shares are not those of the rule that they name, for a game with its table.

    Parameters
    ----------
    exact
        Shares of exactly the players of the game.
    """
    yield from given.violations
    if claims.status == "sampled":
        largest = max(abs(Fraction(cost)) for cost in game.upper)
        yield from check_estimate(claims, exact, shares_by_formula("shapley", game) or {}, largest)
    elif not says_unverified(claims):
        yield from check_rule(claims.method, game, exact, given.proof)


def says_unverified(claims: AllocationDocument) -> bool:
    """Say whether shares themselves say that they were not verified: then there is no claim to judge."""
    return (claims.status, claims.reason) == ("bounded", "not_verified")


def check_status(claims: AllocationDocument) -> Iterator[Violation]:
    """List standard errors that contradict the status: estimates have one for each player, nothing else has any."""
    errors = claims.standard_errors
    if claims.status != "sampled":
        if errors:
            yield broken("standard_errors", claims.method, claims.status, _shown(errors))
        return
    if claims.method != "shapley":
        yield broken("standard_errors", "status", "sampled", claims.method)
    if set(errors) != set(claims.shares):
        yield broken("standard_errors", "players", ", ".join(errors), ", ".join(claims.shares))
    for player, error in errors.items():
        if isinstance(error, bool) or not isinstance(error, int | float) or not (isfinite(error) and error >= 0):
            yield broken("standard_errors", player, error, "a number >= 0")


def check_properties(claims: AllocationDocument, rebuilt: Mapping[str, Any]) -> Iterator[Violation]:
    """List properties that are stated otherwise than the certificate gives them."""
    stated = claims.properties or {}
    for name, value in rebuilt.items():
        claimed = list(stated[name]) if isinstance(stated.get(name), tuple) else stated.get(name)
        if claimed != value:
            yield broken("properties", name, claimed, value)


def check_estimate(
    claims: AllocationDocument, exact: Mapping[str, Number], found: Mapping[str, Fraction], largest: Fraction
) -> Iterator[Violation]:
    """Compare an estimate with the exact value, where it can be had: it may miss it, but not by anything.

    Parameters
    ----------
    exact, found
        The shares that are claimed, as they stand before rounding, and the true ones.
    largest
        Size of the largest cost of the game.
    """
    for player, share in found.items():
        error = claims.standard_errors.get(player)
        if isinstance(error, int | float) and isfinite(error):
            allowed = max(FAR * Fraction(error), FAR_OF_LARGEST * largest)
            if abs(share - exact[player]) > allowed:
                yield broken("sampled_far", player, exact[player], share)


def _shown(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in values.items())
