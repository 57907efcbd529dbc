"""Judge of allocations: what shares claim of balance and fairness, in numbers that additions re-check.

Nothing is assumed of the rule that made the shares. The costs of coalitions are taken from the game, as
intervals: what is proven holds at every cost within them, what is refuted at none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from fractions import Fraction
from heapq import nsmallest
from math import ceil, lcm
from typing import Any

from optimizer.cost_game import CostGame
from optimizer.result import Violation

Number = Fraction | int

TIGHTEST = 10
"""Number of coalitions that a certificate lists with their numbers."""


class Verdict(StrEnum):
    """What is known of a claim."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One coalition: what its members are charged together and what they would pay alone, at least and at most.

    For value games: what they receive together and what they would gain alone.
    """

    coalition: tuple[str, ...]
    share: Number
    lower: Number
    upper: Number

    def excess(self, kind: str) -> Number:
        """Return what they are charged beyond that at most; of gains: what they lack of it at least."""
        return self.share - self.upper if kind == "cost" else self.lower - self.share


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The verdict on shares, with the numbers behind it.

    Parameters
    ----------
    budget_balanced
        The shares sum to the total, exactly.
    individually_rational
        Player -> whether it is charged no more than it would pay alone.
    in_core
        Whether no coalition is charged more than it would pay alone, with no tolerance.
    largest_excess, worst_coalition
        The most that a proper coalition is charged above its best known cost (negative: the least that one
        saves), and which it is.
    largest_possible_excess
        The same, were every coalition's cost at the lower end of its interval.
    coalitions_compared
        Number of coalitions compared: all proper ones.
    tightest
        The coalitions with the largest excess, in that order.
    exact_shares, exact_in_core
        The shares before rounding, where given, and the verdict on them.
    rounding_units
        When the shares before rounding are in the core but the rounded ones are not: by how many units.
    core_empty
        Proven by `balanced_weights`, refuted by shares or by `core_point` in the core; else undecided.
    balanced_weights
        Coalition -> weight: around every player they sum to 1, yet weighted costs stay below the total.
    """

    kind: str
    total: Number
    shares: Mapping[str, Number]
    budget_balanced: bool
    individually_rational: Mapping[str, Verdict]
    in_core: Verdict
    largest_excess: Number
    worst_coalition: tuple[str, ...]
    largest_possible_excess: Number
    coalitions_compared: int
    tightest: tuple[Compared, ...]
    exact_shares: Mapping[str, Number] = field(default_factory=dict)
    exact_in_core: Verdict | None = None
    rounding_units: int = 0
    core_empty: Verdict = Verdict.UNDECIDED
    balanced_weights: Mapping[tuple[str, ...], Number] = field(default_factory=dict)
    core_point: Mapping[str, Number] = field(default_factory=dict)

    @property
    def all_rational(self) -> Verdict:
        """Whether nobody is charged more than it would pay alone."""
        return _all(self.individually_rational.values())


def certify(
    game: CostGame,
    shares_minor: Mapping[str, Number],
    total_minor: Number,
    *,
    exact_shares: Mapping[str, Number] | None = None,
    balanced_weights: Mapping[int, Number] | None = None,
    core_point: Mapping[str, Number] | None = None,
) -> Certificate:
    """Judge shares of a total against what every coalition would pay alone.

    Parameters
    ----------
    shares_minor, total_minor
        Share of every player, and what they are to sum to; in the unit of the game.
    exact_shares
        The same shares before rounding.
    balanced_weights, core_point
        Evidence that the core is empty (coalition as bit mask -> weight) or not; re-checked here, and left
        out of the certificate where it proves nothing.

    Raises
    ------
    ValueError
        When shares are not given for exactly the players of the game.
    """
    for given in (shares_minor, exact_shares, core_point):
        if given and set(given) != set(game.players):
            raise ValueError(f"shares: expected {', '.join(game.players)}, found {', '.join(given)}")
    table = _Table(game)
    found = table.excesses(shares_minor, total_minor)
    exact = table.excesses(exact_shares, total_minor) if exact_shares else None
    broken_by_rounding = exact is not None and exact.in_core is Verdict.PROVEN and found.in_core is not Verdict.PROVEN
    weights = {mask: one for mask, one in (balanced_weights or {}).items() if one}
    empty = table.proves_empty(weights, total_minor)
    point = core_point if core_point and table.excesses(core_point, total_minor).in_core is Verdict.PROVEN else {}
    filled = bool(point) or Verdict.PROVEN in (found.in_core, exact.in_core if exact else None)
    return Certificate(
        kind=game.kind,
        total=total_minor,
        shares=dict(shares_minor),
        budget_balanced=found.balanced,
        individually_rational={
            player: _verdict(table.sign * shares_minor[player], table.lower[1 << bit], table.upper[1 << bit])
            for bit, player in enumerate(game.players)
        },
        in_core=found.in_core,
        largest_excess=found.largest,
        worst_coalition=game.members(found.worst),
        largest_possible_excess=found.largest_possible,
        coalitions_compared=max(0, len(game.upper) - 2),
        tightest=tuple(table.compared(mask, found) for mask in found.tightest),
        exact_shares=dict(exact_shares or {}),
        exact_in_core=exact.in_core if exact else None,
        rounding_units=ceil(max(found.largest_possible, 0)) if broken_by_rounding and found.balanced else 0,
        core_empty=Verdict.PROVEN if empty else Verdict.REFUTED if filled else Verdict.UNDECIDED,
        balanced_weights={game.members(mask): weight for mask, weight in sorted(weights.items())} if empty else {},
        core_point=dict(point),
    )


def verify_certificate(certificate: Certificate, game: CostGame) -> tuple[Violation, ...]:
    """List everything in which a certificate is not what the game gives, and shares that do not sum to the total.

    Returns
    -------
    tuple[Violation, ...]
        One violation per claim that is wrong, with the claimed and the found value; empty for a right one.
    """
    given = (certificate.shares, certificate.exact_shares, certificate.core_point)
    named = [set(certificate.shares), *(set(one) for one in given if one)]
    if any(one != set(game.players) for one in named):
        claimed, found = "; ".join(", ".join(one) for one in given), ", ".join(game.players)
        return (Violation(rule="certificate_players", subject="certificate", claimed=claimed, found=found),)
    unknown = [one for one in certificate.balanced_weights if not set(one) <= set(game.players)]
    if unknown:
        claimed, found = str(unknown), ", ".join(game.players)
        return (Violation(rule="certificate_balanced_weights", subject="certificate", claimed=claimed, found=found),)
    rebuilt = certify(
        game,
        certificate.shares,
        certificate.total,
        exact_shares=certificate.exact_shares,
        balanced_weights={game.mask(one): weight for one, weight in certificate.balanced_weights.items()},
        core_point=certificate.core_point,
    )
    wrong = [
        Violation(
            rule=f"certificate_{one.name}",
            subject="certificate",
            claimed=_text(getattr(certificate, one.name)),
            found=_text(getattr(rebuilt, one.name)),
        )
        for one in fields(Certificate)
        if getattr(certificate, one.name) != getattr(rebuilt, one.name)
    ]
    if not rebuilt.budget_balanced:
        total = sum(certificate.shares.values())
        wrong.append(
            Violation(rule="budget_balance", subject="shares", claimed=str(certificate.total), found=str(total))
        )
    return tuple(wrong)


def certificate_numbers(certificate: Certificate) -> dict[str, Any]:
    """Return a certificate as plain values for files: numbers as integers or as fractions in text."""
    return {
        "kind": certificate.kind,
        "total": _plain(certificate.total),
        "shares": _plain(certificate.shares),
        "budget_balanced": certificate.budget_balanced,
        "individually_rational": _plain(certificate.individually_rational),
        "in_core": certificate.in_core.value,
        "largest_excess": _plain(certificate.largest_excess),
        "worst_coalition": list(certificate.worst_coalition),
        "largest_possible_excess": _plain(certificate.largest_possible_excess),
        "coalitions_compared": certificate.coalitions_compared,
        "tightest": [
            {
                "coalition": list(one.coalition),
                "share": _plain(one.share),
                "lower": _plain(one.lower),
                "upper": _plain(one.upper),
                "excess": _plain(one.excess(certificate.kind)),
            }
            for one in certificate.tightest
        ],
        "exact_shares": _plain(certificate.exact_shares),
        "exact_in_core": certificate.exact_in_core.value if certificate.exact_in_core else None,
        "rounding_units": certificate.rounding_units,
        "core_empty": certificate.core_empty.value,
        "balanced_weights": [
            {"coalition": list(coalition), "weight": _plain(weight)}
            for coalition, weight in certificate.balanced_weights.items()
        ],
        "core_point": _plain(certificate.core_point),
    }


def certificate_of(numbers: Mapping[str, Any]) -> Certificate:
    """Return the certificate that `certificate_numbers` wrote.

    Raises
    ------
    KeyError, TypeError, ValueError
        When the values are not those of a certificate, or a stated excess is not the difference beside it.
    """
    kind = str(numbers["kind"])
    for one in numbers["tightest"]:
        if "excess" in one and _number(one["excess"]) != _compared(one).excess(kind):
            raise ValueError(f"tightest: expected the excess {_compared(one).excess(kind)}, found {one['excess']}")
    return Certificate(
        kind=kind,
        total=_number(numbers["total"]),
        shares=_numbers(numbers["shares"]),
        budget_balanced=bool(numbers["budget_balanced"]),
        individually_rational={one: Verdict(value) for one, value in numbers["individually_rational"].items()},
        in_core=Verdict(numbers["in_core"]),
        largest_excess=_number(numbers["largest_excess"]),
        worst_coalition=tuple(numbers["worst_coalition"]),
        largest_possible_excess=_number(numbers["largest_possible_excess"]),
        coalitions_compared=int(numbers["coalitions_compared"]),
        tightest=tuple(map(_compared, numbers["tightest"])),
        exact_shares=_numbers(numbers["exact_shares"]),
        exact_in_core=Verdict(numbers["exact_in_core"]) if numbers["exact_in_core"] else None,
        rounding_units=int(numbers["rounding_units"]),
        core_empty=Verdict(numbers["core_empty"]),
        balanced_weights={tuple(one["coalition"]): _number(one["weight"]) for one in numbers["balanced_weights"]},
        core_point=_numbers(numbers["core_point"]),
    )


def _compared(one: Mapping[str, Any]) -> Compared:
    return Compared(
        coalition=tuple(one["coalition"]),
        share=_number(one["share"]),
        lower=_number(one["lower"]),
        upper=_number(one["upper"]),
    )


@dataclass(frozen=True, slots=True)
class _Excesses:
    """What shares come to, compared with every proper coalition."""

    balanced: bool
    sums: Mapping[int, Number]
    in_core: Verdict
    largest: Number
    largest_possible: Number
    worst: int
    tightest: tuple[int, ...]


class _Table:
    """A game as costs: the signs of a value game turned, so that less is always better."""

    def __init__(self, game: CostGame) -> None:
        self.game = game
        self.sign = 1 if game.kind == "cost" else -1
        self.upper = game.upper if self.sign == 1 else [-value for value in game.lower]
        self.lower = game.lower if self.sign == 1 else [-value for value in game.upper]
        self.denominator = lcm(*{cost.denominator for table in (self.upper, self.lower) for cost in table})
        self.upper_whole = _over(self.upper, self.denominator)
        self.lower_whole = self.upper_whole if game.is_exact else _over(self.lower, self.denominator)

    def excesses(self, shares: Mapping[str, Number], total: Number) -> _Excesses:
        # Integers over one denominator: adding fractions takes far longer, and there are 2^n sums.
        more = lcm(self.denominator, *(share.denominator for share in shares.values())) // self.denominator
        whole = self.denominator * more
        sums: list[int] = [0]
        for player in self.game.players:
            share = self.sign * shares[player]
            part = share.numerator * (whole // share.denominator)
            sums += [one + part for one in sums]
        proper = range(1, self.game.grand)
        known = [one - more * cost for one, cost in zip(sums, self.upper_whole, strict=True)]
        order = nsmallest(TIGHTEST, proper, key=lambda mask: (-known[mask], mask))
        possible = known
        if self.lower_whole is not self.upper_whole:
            possible = [one - more * cost for one, cost in zip(sums, self.lower_whole, strict=True)]
        largest_possible = max((possible[mask] for mask in proper), default=0)
        largest = known[order[0]] if order else 0
        balanced = sums[-1] * Fraction(1, whole) == self.sign * total
        stable = Verdict.REFUTED if largest > 0 else Verdict.PROVEN if largest_possible <= 0 else Verdict.UNDECIDED
        return _Excesses(
            balanced=balanced,
            sums={mask: _number_of(sums[mask], whole) for mask in order},
            in_core=stable if balanced else Verdict.REFUTED,
            largest=_number_of(largest, whole),
            largest_possible=_number_of(largest_possible, whole),
            worst=order[0] if order else 0,
            tightest=tuple(order),
        )

    def compared(self, mask: int, found: _Excesses) -> Compared:
        return Compared(
            coalition=self.game.members(mask),
            share=self.sign * found.sums[mask],
            lower=self.game.lower[mask],
            upper=self.game.upper[mask],
        )

    def proves_empty(self, weights: Mapping[int, Number], total: Number) -> bool:
        """Say whether balanced weights show that no shares of the total can satisfy every coalition."""
        if not weights or any(weight < 0 or not 0 < mask < self.game.grand for mask, weight in weights.items()):
            return False
        for bit in range(len(self.game.players)):
            if sum(weight for mask, weight in weights.items() if mask >> bit & 1) != 1:
                return False
        return sum(weight * self.upper[mask] for mask, weight in weights.items()) < self.sign * total


def _over(numbers: Sequence[Number], denominator: int) -> list[int]:
    """Return numbers as integers over a denominator that all of them divide."""
    return [number.numerator * (denominator // number.denominator) for number in numbers]


def _number_of(numerator: int, denominator: int) -> Number:
    exact = Fraction(numerator, denominator)
    return exact.numerator if exact.denominator == 1 else exact


def _verdict(share: Number, lower: Number, upper: Number) -> Verdict:
    return Verdict.REFUTED if share > upper else Verdict.PROVEN if share <= lower else Verdict.UNDECIDED


def _all(verdicts: Any) -> Verdict:
    found = set(verdicts)
    if Verdict.REFUTED in found:
        return Verdict.REFUTED
    return Verdict.UNDECIDED if Verdict.UNDECIDED in found else Verdict.PROVEN


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else str(value)
    return value.value if isinstance(value, Verdict) else value


def _text(value: Any) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], Compared):
        return "; ".join(f"{', '.join(one.coalition)}: {one.share} ({one.lower} - {one.upper})" for one in value)
    return str(_plain(value))


def _number(value: int | str) -> Number:
    return value if isinstance(value, int) else Fraction(value)


def _numbers(values: Mapping[str, int | str]) -> dict[str, Number]:
    return {key: _number(value) for key, value in values.items()}
