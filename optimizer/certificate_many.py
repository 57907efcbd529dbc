"""Certificate of the shares of many members, as numbers that additions re-check without the search.

It holds the coalitions that decide, prices below which no coalition's cost can be (both taken as given from the
search), and the balanced weights that prove the core empty. What else it says is worked out from these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from optimizer.certificate import Compared, Number, Verdict
from optimizer.certificate_large import LargeVerdict, MemberPrices, judge_large

MOST_IN_TABLE = 14
"""Members of a plan up to which every coalition is priced, so that a table decides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyCertificate:
    """The verdict on shares of many members, with the numbers behind it.

    Parameters
    ----------
    alone
        By player: the best known cost of shipping alone, at least and at most.
    compared
        The coalitions that decide.
    weights
        Pairs of a coalition among those compared and its weight, around every player 1: with them the core is empty.
    asked
        Coalitions that were priced in the search.
    surcharge_at_least
        What whoever leaves would have to pay on top for nobody to gain, at least, as far as the search found.
    """

    total: Number
    shares: Mapping[str, Number]
    alone: Mapping[str, tuple[Number, Number]]
    compared: tuple[Compared, ...]
    prices: MemberPrices | None = None
    weights: Sequence[tuple[tuple[str, ...], Fraction]] = ()
    asked: int = 0
    surcharge_at_least: Number | None = None
    verdict: LargeVerdict = field(init=False)

    def __post_init__(self) -> None:
        singles = tuple(
            Compared(coalition=(player,), share=self.shares[player], lower=low, upper=high)
            for player, (low, high) in self.alone.items()
        )
        found = judge_large(self.shares, self.total, (*self.compared, *singles), self.prices)
        object.__setattr__(self, "verdict", found)

    @property
    def individually_rational(self) -> Verdict:
        """Whether nobody is charged more than it would pay alone."""
        if any(self.shares[player] > high for player, (_, high) in self.alone.items()):
            return Verdict.REFUTED
        known = all(self.shares[player] <= low for player, (low, _) in self.alone.items())
        return Verdict.PROVEN if known else Verdict.UNDECIDED

    @property
    def discount_at_least(self) -> Number:
        """By how much less would have to be charged in all for nobody to object: what balanced weights prove."""
        if not self.weights:
            return 0
        costs = {one.coalition: one.upper for one in self.compared}
        costs |= {(player,): high for player, (_, high) in self.alone.items()}
        around = dict.fromkeys(self.shares, Fraction(0))
        for coalition, weight in self.weights:
            if weight < 0 or coalition not in costs or len(coalition) == len(self.shares):
                raise ValueError(f"weights: expected a weight >= 0 of a coalition that was compared, found {coalition}")
            for player in coalition:
                around[player] += weight
        if any(one != 1 for one in around.values()):
            raise ValueError("weights: expected 1 around every player")
        return max(Fraction(0), self.total - sum(weight * costs[coalition] for coalition, weight in self.weights))

    @property
    def discount_at_most(self) -> Number | None:
        """The discount with which the prices themselves are stable; None without prices."""
        if self.prices is None:
            return None
        stable = sum(price + self.prices.base for price in self.prices.prices.values())
        return max(Fraction(0), Fraction(self.total - stable))

    @property
    def surcharge_at_most(self) -> Number | None:
        """The surcharge with which the prices, raised to sum to the total, are stable; None without prices."""
        if self.prices is None:
            return None
        return max(Fraction(0), Fraction(self.total - sum(self.prices.prices.values()) - self.prices.base))

    @property
    def core_empty(self) -> Verdict:
        """Proven by balanced weights, refuted by shares or prices that are in the core; else undecided."""
        if self.discount_at_least > 0:
            return Verdict.PROVEN
        stable = self.verdict.in_core is Verdict.PROVEN or self.discount_at_most == 0
        return Verdict.REFUTED if stable else Verdict.UNDECIDED


def many_numbers(found: ManyCertificate) -> dict[str, Any]:
    """Return a certificate as plain values."""
    numbers: dict[str, Any] = {
        "total": _plain(found.total),
        "shares": {player: _plain(share) for player, share in found.shares.items()},
        "alone": {player: [_plain(low), _plain(high)] for player, (low, high) in found.alone.items()},
        "compared": [[list(one.coalition), _plain(one.lower), _plain(one.upper)] for one in found.compared],
        "balanced": [[list(coalition), _plain(weight)] for coalition, weight in found.weights],
        "asked": found.asked,
    }
    if found.prices is not None:
        prices = {player: _plain(price) for player, price in found.prices.prices.items()}
        numbers["prices"] = {"base": _plain(found.prices.base), "by_member": prices}
    if found.surcharge_at_least is not None:
        numbers["surcharge_at_least"] = _plain(found.surcharge_at_least)
    return numbers


def many_certificate(numbers: Mapping[str, Any]) -> ManyCertificate:
    """Return the certificate that `many_numbers` wrote.

    Raises
    ------
    AttributeError, KeyError, TypeError, ValueError, ZeroDivisionError
        When it is none.
    """
    shares = {player: Fraction(share) for player, share in numbers["shares"].items()}
    alone = {player: (Fraction(low), Fraction(high)) for player, (low, high) in numbers["alone"].items()}
    if set(alone) != set(shares):
        raise ValueError(f"alone: expected {', '.join(shares)}, found {', '.join(alone)}")
    compared = tuple(
        Compared(coalition=tuple(who), share=sum(shares[one] for one in who), lower=Fraction(low), upper=Fraction(high))
        for who, low, high in numbers["compared"]
    )
    for one in compared:
        if not 0 < len(set(one.coalition)) == len(one.coalition) < len(shares) or one.lower > one.upper:
            raise ValueError(f"compared: expected a proper coalition and at least <= at most, found {one}")
    prices = None
    if "prices" in numbers:
        by_member = {player: Fraction(price) for player, price in numbers["prices"]["by_member"].items()}
        prices = MemberPrices(base=Fraction(numbers["prices"]["base"]), prices=by_member)
    least = numbers.get("surcharge_at_least")
    return ManyCertificate(
        total=Fraction(numbers["total"]),
        shares=shares,
        alone=alone,
        compared=compared,
        prices=prices,
        weights=tuple((tuple(who), Fraction(weight)) for who, weight in numbers.get("balanced", ())),
        asked=int(numbers["asked"]),
        surcharge_at_least=None if least is None else Fraction(least),
    )


def _plain(number: Number) -> int | str:
    exact = Fraction(number)
    return exact.numerator if exact.denominator == 1 else str(exact)
