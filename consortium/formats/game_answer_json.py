"""Shares of a cooperative game as JSON: ``consortium/allocation@1``, or ``consortium/allocations@1`` for several."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from consortium.errors import InputError, InputFault
from consortium.formats.allocation_json import (
    ALLOCATION,
    ALLOCATION_FORMAT,
    AllocationDocument,
    coalitions_of,
    decimal,
    properties_of,
    read_allocation_document,
)
from consortium.formats.json_text import show
from consortium.formats.kinds import Constant, ListOf
from consortium.formats.schema_model import Field, Record, json_schema
from optimizer.certificate import Certificate, Verdict, certificate_numbers
from optimizer.certificate_airport import AirportVerdict
from optimizer.certificate_large import LargeVerdict
from optimizer.certificate_levels import proof_numbers
from optimizer.certificate_rules import RULE_VERSION
from optimizer.cost_game import CostGame

if TYPE_CHECKING:  # these import what searches; this file is also read by judges
    from optimizer.allocation.rule import Shares

ALLOCATIONS_FORMAT = "consortium/allocations@1"

WITH_INPUT = frozenset({"proportional", "weighted_shapley", "owen"})
"""Rules that take weights or unions."""

MOST_EMBEDDED = 10
"""Players up to which the certificate holds the table of coalitions; beyond, the judge needs the game's file."""

ALLOCATIONS = Record(
    name="allocations",
    note="Shares of one game by several methods.",
    fields=(
        Field(key="format", kind=Constant(ALLOCATIONS_FORMAT), required=True),
        Field(key="allocations", kind=ListOf(ALLOCATION, least=1), required=True),
    ),
)


def game_allocation_to_json(
    shares: "Shares",
    *,
    game_sha256: str,
    core_empty: Verdict,
    certificate: Mapping[str, Any],
    properties: Mapping[str, Any],
    shares_minor: Mapping[str, int],
    unit_minor: int,
    seconds: float,
) -> dict[str, Any]:
    """Return the document of a game's shares by one rule.

    Parameters
    ----------
    core_empty
        What is known of the core; it stands in every answer, with shares or without.
    certificate, properties
        What the judge said of the shares; empty where there are none.
    shares_minor, unit_minor
        The shares in multiples of a unit; empty where none were asked for.
    """
    document: dict[str, Any] = {
        "format": ALLOCATION_FORMAT,
        "method": shares.method,
        "status": shares.status.value,
        "reason": shares.reason,
        "game_sha256": game_sha256,
        "shares": {player: str(share) for player, share in shares.shares.items()},
        "shares_decimal": {player: decimal(share) for player, share in shares.shares.items()},
        "standard_errors": dict(shares.standard_errors),
        "shares_minor": dict(shares_minor),
        **({"unit_minor": unit_minor} if shares_minor else {}),
        "properties": {**properties, "core_empty": core_empty.value},
        "certificate": dict(certificate),
        "detail": plain(shares.detail),
        "times": {"sharing": round(seconds, 6)},
    }
    return {key: value for key, value in document.items() if value != {} or key in ("standard_errors", "certificate")}


def certificate_of_game(certificate: Certificate, game: CostGame) -> dict[str, Any]:
    """Return a certificate of a game's shares as plain values, with the table where the game is small."""
    numbers = certificate_numbers(certificate)
    return {**numbers, "coalitions": coalitions_of(game)} if len(game.players) <= MOST_EMBEDDED else numbers


def rule_of_game(
    shares: "Shares",
    *,
    tie_key: str,
    weights: Mapping[str, Fraction | int],
    unions: Sequence[Sequence[str]],
) -> dict[str, Any]:
    """Return what the judge needs to work the rule out anew: its name, its version, what it was given, its proof.

    Parameters
    ----------
    tie_key
        Decided, with the players' ids, who got odd units.
    """
    needed = {"weights": weights, "unions": unions} if shares.method in WITH_INPUT else {}
    return {
        "rule": shares.method,
        "rule_version": RULE_VERSION,
        "tie_key": tie_key,
        **{key: plain(value) for key, value in needed.items() if value},
        **({"proof": proof_numbers(shares.proof)} if shares.proof else {}),
    }


def properties_of_game(certificate: Certificate, game: CostGame) -> dict[str, Any]:
    """Return what a certificate says of the shares; an excess below 1e-9 of the largest cost counts as none."""
    found = properties_of(certificate, game)
    tolerance = max(abs(Fraction(cost)) for cost in game.upper) / 10**9
    if certificate.budget_balanced and 0 < certificate.largest_possible_excess < tolerance:
        found["in_core"] = Verdict.PROVEN.value
    return found


def airport_certificate(needs: Mapping[str, Fraction]) -> dict[str, Any]:
    """Return what the judge needs of an airport game in place of a table."""
    return {"needs": plain(needs)}


def properties_of_airport(verdict: AirportVerdict) -> dict[str, Any]:
    """Return what the judge of airport games says of the shares."""
    return {
        "budget_balanced": verdict.budget_balanced,
        "individually_rational": verdict.individually_rational,
        "in_core": (Verdict.PROVEN if verdict.in_core else Verdict.REFUTED).value,
        "core_empty": Verdict.REFUTED.value,
        "largest_excess": str(verdict.largest_excess),
        "worst_coalition": list(verdict.worst_coalition),
    }


def fixed_plus_certificate(fixed: Fraction, own: Mapping[str, Fraction]) -> dict[str, Any]:
    """Return what the judge needs of a game of a fixed cost and own costs in place of a table."""
    return {"fixed": plain(fixed), "costs": plain(own)}


def containers_certificate(
    sizes: Mapping[str, int], capacity: int, price: Fraction, packings: Sequence[Sequence[Sequence[str]]]
) -> dict[str, Any]:
    """Return what the judge needs of a game of whole containers in place of a table.

    Parameters
    ----------
    packings
        Of all players first, then of coalitions to compare: containers, each with its players.
    """
    return {"sizes": dict(sizes), "capacity": capacity, "price": plain(price), "packings": plain(packings)}


def properties_of_large(
    verdict: LargeVerdict, shares: Mapping[str, Fraction], alone: Mapping[str, Fraction], core_empty: Verdict
) -> dict[str, Any]:
    """Return what a judge of many players says of the shares.

    Parameters
    ----------
    alone
        By player: what it would pay alone.
    core_empty
        What is known of the core.
    """
    return {
        "budget_balanced": verdict.budget_balanced,
        "individually_rational": all(shares[player] <= cost for player, cost in alone.items()),
        "in_core": verdict.in_core.value,
        "core_empty": core_empty.value,
        "largest_excess": str(verdict.largest_excess or 0),
        "worst_coalition": list(verdict.worst_coalition),
    }


def several(documents: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one document of several allocations."""
    return {"format": ALLOCATIONS_FORMAT, "allocations": list(documents)}


def read_allocations_document(document: Any) -> list[AllocationDocument]:
    """Turn a parsed JSON document, of one allocation or of several, into the allocations.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    if not isinstance(document, dict) or document.get("format") != ALLOCATIONS_FORMAT:
        return [read_allocation_document(document)]
    found, faults = [], []
    inner = document.get("allocations")
    if not isinstance(inner, list) or not inner:
        raise InputError([InputFault("allocations", "wrong_type", "a list of 1 or more", show(inner))])
    for index, one in enumerate(inner):
        try:
            found.append(read_allocation_document(one))
        except InputError as error:
            faults += [
                InputFault(f"allocations[{index}].{fault.path}", fault.code, fault.expected, fault.found)
                for fault in error.faults
            ]
    if faults:
        raise InputError(faults)
    return found


def allocations_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/allocations@1``."""
    return json_schema(ALLOCATIONS, ALLOCATIONS_FORMAT)


def plain(value: Any) -> Any:
    """Return nested numbers and tuples as what JSON holds: fractions as integers or texts."""
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    return value
