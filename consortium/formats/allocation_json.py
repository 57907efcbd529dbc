"""Cost shares as JSON (``consortium/allocation@1``), with the certificate and the game that it is about."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from consortium.errors import InputError, InputFault
from consortium.formats.json_text import show
from consortium.formats.kinds import ID, Anything, Boolean, Constant, Integer, ListOf, MapOf, OneOf, Reading, Text
from consortium.formats.plan_fields import SHA256
from consortium.formats.schema_model import Field, Record, json_schema
from optimizer.certificate import Certificate, Number, Verdict, certificate_numbers
from optimizer.certificate_levels import proof_numbers
from optimizer.certificate_many import ManyCertificate, many_numbers
from optimizer.certificate_rules import RULE_VERSION
from optimizer.cost_game import CostGame

if TYPE_CHECKING:  # these import what searches; this file is also read by judges
    from optimizer.allocation.shares import CostShares

ALLOCATION_FORMAT = "consortium/allocation@1"
DECIMALS = 4
STATUSES = ("exact", "sampled", "bounded", "undefined")
MAX_MINOR = 10**15

SIGNED = Integer(-MAX_MINOR, MAX_MINOR)
MAX_DIGITS = 10_000
"""Characters of an exact share: sums over many players have long denominators."""

FRACTION = Text(1, r"-?[0-9]+(/[1-9][0-9]*)?", "a fraction such as 3 or 7/2", MAX_DIGITS)
DECIMAL = Text(1, r"-?[0-9]+\.[0-9]+", "a decimal such as 6.3333")
ENDS = ListOf(FRACTION, least=1, most=2)
"""At least, and at most where that is known."""


@dataclass(frozen=True)
class Amounts(MapOf):
    """Member -> amount in minor units."""

    kind: Any = SIGNED


PROPERTIES = Record(
    name="properties",
    note="What is proven of the shares.",
    fields=(
        Field(key="budget_balanced", kind=Boolean()),
        Field(key="individually_rational", kind=Boolean()),
        Field(key="in_core", kind=OneOf(Verdict)),
        Field(key="core_empty", kind=OneOf(Verdict), required=True),
        Field(key="largest_excess", kind=FRACTION),
        Field(key="worst_coalition", kind=ListOf(ID)),
        Field(key="largest_possible_excess", kind=FRACTION, note="Many members: what no coalition's excess is above."),
        Field(key="largest_factor", kind=DECIMAL, note="No coalition pays more than this times its own cost."),
        Field(key="stabilising_discount", kind=ENDS, note="Less in all for nobody to object: at least, at most."),
        Field(key="stabilising_surcharge", kind=ENDS, note="To be paid by who leaves for nobody to gain by it."),
    ),
)


@dataclass(frozen=True, kw_only=True)
class AllocationDocument:
    """Shares as their file holds them: of a plan's cost, in minor units of `currency`, or of a game."""

    method: str
    status: str
    reason: str = ""
    currency: str = ""
    problem_sha256: str = ""
    game_sha256: str = ""
    total_minor: int = 0
    shares: Mapping[str, str] = field(default_factory=dict)
    shares_decimal: Mapping[str, str] = field(default_factory=dict)
    standard_errors: Mapping[str, Any] = field(default_factory=dict)
    shares_minor: Mapping[str, int] = field(default_factory=dict)
    unit_minor: int = 1
    stand_alone_minor: Mapping[str, int] = field(default_factory=dict)
    pays_minor: Mapping[str, int] = field(default_factory=dict)
    buyers_pay_minor: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, Any] | None = None
    why: Mapping[str, Any] = field(default_factory=dict)
    certificate: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    times: Mapping[str, Any] = field(default_factory=dict)


ALLOCATION = Record(
    name="allocation",
    make=AllocationDocument,
    note="Shares of a plan's cost, in minor units of the currency, or of a cooperative game.",
    fields=(
        Field(key="format", kind=Constant(ALLOCATION_FORMAT), required=True),
        Field(key="method", kind=Text(1), required=True),
        Field(key="status", kind=OneOf(STATUSES), required=True),
        Field(key="reason", kind=Text(), note="Why there are no shares, or why they are not exact."),
        Field(key="currency", kind=Text()),
        Field(key="problem_sha256", kind=SHA256, note="Of the plan's problem."),
        Field(key="game_sha256", kind=SHA256, note="Of the game, where shares of a game are meant."),
        Field(key="total_minor", kind=SIGNED),
        Field(key="shares", kind=MapOf(FRACTION), note="Exact, before rounding."),
        Field(key="shares_decimal", kind=MapOf(DECIMAL)),
        Field(key="standard_errors", kind=Anything()),
        Field(key="shares_minor", kind=Amounts(), note="What is charged; sums to total_minor, or to c(N)."),
        Field(key="unit_minor", kind=Integer(1, MAX_MINOR), note="Multiple to which shares_minor are rounded."),
        Field(key="stand_alone_minor", kind=Amounts(), note="Best known cost of shipping alone."),
        Field(key="pays_minor", kind=Amounts(), note="What the member pays itself."),
        Field(key="buyers_pay_minor", kind=Amounts(), note="What its buyers pay, by Incoterm."),
        Field(key="properties", kind=PROPERTIES, nullable=True),
        Field(key="why", kind=Anything(), note="The numbers behind each member's share."),
        Field(key="certificate", kind=Anything(), note="What a judge needs to re-check it by additions."),
        Field(key="detail", kind=Anything(), note="The numbers behind a reason, or behind the shares."),
        Field(key="times", kind=Anything(), note="Seconds by stage."),
    ),
)


def allocation_to_json(
    shares: "CostShares",
    *,
    currency: str,
    problem_sha256: str,
    game: CostGame | None = None,
    certificate: Certificate | ManyCertificate | None = None,
) -> dict[str, Any]:
    """Return the document of a plan's cost shares.

    Parameters
    ----------
    game, certificate
        The game c(S) that the certificate is about; without them the document says nothing of fairness. The certificate
        of many members needs no game.
    """
    document: dict[str, Any] = {
        "format": ALLOCATION_FORMAT,
        "method": shares.rule,
        "status": shares.status.value,
        "reason": shares.reason,
        "currency": currency,
        "problem_sha256": problem_sha256,
        "total_minor": shares.total_minor,
        "shares": {one.member: str(one.exact_minor) for one in shares.members},
        "shares_decimal": {one.member: decimal(one.exact_minor) for one in shares.members},
        "standard_errors": {member: round(error, 2) for member, error in shares.standard_errors.items()},
        "shares_minor": {one.member: one.cost_share_minor for one in shares.members},
        "stand_alone_minor": {
            one.member: one.stand_alone_minor for one in shares.members if one.stand_alone_minor is not None
        },
        "pays_minor": {one.member: one.pays_minor for one in shares.members},
        "buyers_pay_minor": {one.member: one.buyers_pay_minor for one in shares.members},
        "properties": None if certificate is None else _properties(certificate, game),
        "why": {one.member: dict(one.why) for one in shares.members},
        "certificate": rule_of_plan(shares, game),
    }
    if isinstance(certificate, ManyCertificate):
        document["certificate"] |= many_numbers(certificate)
        document["detail"] = dict(shares.detail)
    elif certificate is not None and game is not None:
        document["certificate"] |= {**certificate_numbers(certificate), "coalitions": coalitions_of(game)}
    return document


def rule_of_plan(shares: "CostShares", game: CostGame | None) -> dict[str, Any]:
    """Return what the judge needs to work the shares of a plan out anew: the rule, and the part that it shares.

    Each member's share is its direct part and its share of the optimised part; the latter is the rule's on the game
    of the coalitions' costs less what they are measured and what they cause.
    """
    basis = shares.basis
    if basis is None:
        return {}
    measured = {
        ",".join(game.members(mask)): amount for mask, amount in enumerate(basis.measured_minor) if game and amount
    }
    optimised = {
        "total_minor": shares.optimised_minor,
        "shares": {one.member: _plain(one.exact_minor - one.direct_minor) for one in shares.members},
        "shares_minor": {one.member: one.optimised_minor for one in shares.members},
        "direct_minor": {one.member: one.direct_minor for one in shares.members},
        "caused_minor": dict(basis.caused_minor),
        "measured_minor": measured,
    }
    return {
        "rule": shares.rule,
        "rule_version": RULE_VERSION,
        "tie_key": basis.tie_key,
        "optimised": optimised,
        **({"weights": {one: _plain(weight) for one, weight in basis.weights.items()}} if basis.weights else {}),
        **({"unions": [list(union) for union in basis.unions]} if basis.unions else {}),
        **({"proof": proof_numbers(basis.proof)} if basis.proof else {}),
    }


def _properties(certificate: Certificate | ManyCertificate, game: CostGame | None) -> dict[str, Any]:
    if isinstance(certificate, ManyCertificate):
        return properties_of_many(certificate)
    return properties_of(certificate, game)


def properties_of_many(certificate: ManyCertificate) -> dict[str, Any]:
    """Return what a certificate of many members says of the shares that are charged."""
    verdict = certificate.verdict
    found: dict[str, Any] = {
        "budget_balanced": verdict.budget_balanced,
        "individually_rational": certificate.individually_rational is Verdict.PROVEN,
        "in_core": verdict.in_core.value,
        "core_empty": certificate.core_empty.value,
        "largest_excess": str(verdict.largest_excess),
        "worst_coalition": list(verdict.worst_coalition),
        "stabilising_discount": _ends(certificate.discount_at_least, certificate.discount_at_most),
        "stabilising_surcharge": _ends(certificate.surcharge_at_least, certificate.surcharge_at_most),
    }
    if verdict.largest_possible_excess is not None:
        found["largest_possible_excess"] = str(verdict.largest_possible_excess)
    if verdict.largest_factor is not None:
        found["largest_factor"] = f"{verdict.largest_factor:.6f}"
    return found


def _ends(low: Number | None, high: Number | None) -> list[str]:
    return [str(low or 0), *([] if high is None else [str(high)])]


def properties_of(certificate: Certificate, game: CostGame | None = None) -> dict[str, Any]:
    """Return what a certificate says of the shares that are charged.

    Parameters
    ----------
    game
        The game that it is about: where balanced weights prove its core empty, they say what it takes at least that
        no group objects. Weighted costs short of the total are charged too much in all, and spread over the weights
        they are what some group is charged too much, whatever the shares.
    """
    found: dict[str, Any] = {
        "budget_balanced": certificate.budget_balanced,
        "individually_rational": certificate.all_rational is Verdict.PROVEN,
        "in_core": certificate.in_core.value,
        "core_empty": certificate.core_empty.value,
        "largest_excess": str(certificate.largest_excess),
        "worst_coalition": list(certificate.worst_coalition),
    }
    if game is not None and certificate.core_empty is Verdict.PROVEN:
        costs, weights = game.costs, certificate.balanced_weights
        alone = sum((Fraction(weight) * costs.upper[costs.mask(one)] for one, weight in weights.items()), Fraction(0))
        short = (certificate.total if game.kind == "cost" else -certificate.total) - alone
        found["stabilising_discount"] = [str(short)]
        found["stabilising_surcharge"] = [str(short / sum(map(Fraction, weights.values())))]
    return found


def coalitions_of(game: CostGame) -> dict[str, Any]:
    """Return the table of a game: coalition -> its cost, or [least, most] where it is not proven."""
    return {
        ",".join(game.members(mask)): _plain(low) if low == high else [_plain(low), _plain(high)]
        for mask, (low, high) in enumerate(zip(game.lower, game.upper, strict=True))
        if mask
    }


def game_of(coalitions: Mapping[str, Any], kind: str = "cost") -> CostGame:
    """Return the game that `coalitions_of` wrote, of kind ``cost`` or ``value``.

    Raises
    ------
    KeyError, TypeError, ValueError
        When it is no whole table of intervals.
    """
    players = tuple(name for name in coalitions if "," not in name)
    if len(players) > 20 or len(coalitions) != (1 << len(players)) - 1:
        raise ValueError(f"coalitions: expected all of {len(players)} players, found {len(coalitions)}")
    bit = {name: 1 << index for index, name in enumerate(players)}
    lower: list[Fraction | int] = [0] * (1 << len(players))
    upper: list[Fraction | int] = [0] * (1 << len(players))
    seen: set[int] = {0}
    for key, cost in coalitions.items():
        mask = sum(bit[name] for name in key.split(","))
        low, high = cost if isinstance(cost, list) else (cost, cost)
        lower[mask], upper[mask] = _number(low), _number(high)
        if upper[mask] < lower[mask]:
            raise ValueError(f"coalitions.{key}: expected least <= most, found {cost}")
        seen.add(mask)
    if len(seen) != 1 << len(players):
        raise ValueError("coalitions: expected each one once")
    return CostGame(players=players, upper=upper, lower=lower, kind="cost" if kind == "cost" else "value")


def read_allocation_document(document: Any) -> AllocationDocument:
    """Turn a parsed JSON document into shares.

    Raises
    ------
    InputError
        With all faults, each with its path.
    """
    if isinstance(document, dict) and document.get("format", ALLOCATION_FORMAT) != ALLOCATION_FORMAT:
        raise InputError([InputFault("format", "wrong_format", f'"{ALLOCATION_FORMAT}"', show(document["format"]))])
    reading = Reading()
    found: AllocationDocument = ALLOCATION.read(document, "", reading)
    if reading.faults:
        raise InputError(reading.faults)
    return found


def allocation_schema() -> dict[str, Any]:
    """Return the JSON Schema of ``consortium/allocation@1``."""
    return json_schema(ALLOCATION, ALLOCATION_FORMAT)


def decimal(number: Fraction) -> str:
    """Return a fraction with a fixed number of decimals, the last one rounded half up."""
    scale = 10**DECIMALS
    scaled = (2 * number.numerator * scale + number.denominator) // (2 * number.denominator)
    sign, digits = "-" if scaled < 0 else "", abs(scaled)
    return f"{sign}{digits // scale}.{digits % scale:0{DECIMALS}d}"


def _plain(number: Fraction | int) -> int | str:
    exact = Fraction(number)
    return exact.numerator if exact.denominator == 1 else str(exact)


def _number(value: Any) -> Fraction | int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"expected an integer or a fraction, found {value!r}")
    return value if isinstance(value, int) else Fraction(value)
