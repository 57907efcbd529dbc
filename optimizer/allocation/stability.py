"""Whether a group of many members would do better apart: coalitions that might, found one after the other.

The costs of coalitions are asked for as intervals, as from `optimizer.coalition_prices`. Where a member is charged much
against its price, a coalition of such members is tried: growing by that order, then changed by one member at a time.
This refutes or finds nothing; what is proven, the judge says from the prices (`optimizer.certificate_large`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from optimizer.certificate import Compared, Number
from optimizer.certificate_large import LargeVerdict, MemberPrices, judge_large
from optimizer.limits import ShouldStop, never_stop

STARTS = 3
"""Coalitions from which a search by single changes begins."""

CHANGES = 60
"""Single changes of a coalition that are tried: of the members whose charge is nearest to their price."""

LISTED = 20
"""Coalitions that an answer lists with their numbers, the most charged first."""

IntervalOracle = Callable[[Sequence[tuple[str, ...]]], Sequence[tuple[Number, Number]]]
"""Answers what coalitions cost, many at once: at least, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """The verdict on shares, and the coalitions behind it.

    Parameters
    ----------
    compared
        The coalitions priced that are charged most against their cost; the first decides.
    asked
        Coalitions priced.
    """

    verdict: LargeVerdict
    compared: tuple[Compared, ...]
    asked: int


def look_for_coalitions(
    shares: Mapping[str, Number],
    total: Number,
    price: IntervalOracle,
    *,
    prices: MemberPrices | None = None,
    groups: Iterable[Iterable[str]] = (),
    most_coalitions: int = 2000,
    known: dict[frozenset[str], tuple[Number, Number]] | None = None,
    should_stop: ShouldStop = never_stop,
) -> Stability:
    """Look for a coalition that is charged more than it would pay alone, until one is found or nothing better is.

    Parameters
    ----------
    shares, total
        What every member is charged, and what this is to sum to.
    prices
        Prices that bound every coalition's cost from below, for the order of search and for proofs.
    groups
        Coalitions to try beside, such as the members of each lane.
    most_coalitions
        Coalitions that may be priced.
    known
        Costs of coalitions that were priced before; those asked for are added.
    should_stop
        Asked before each batch; what was found so far is answered.
    """
    search = _Search(shares, price, prices, most_coalitions, should_stop)
    search.known = {} if known is None else known
    search.most += len(search.known)
    search.ask([frozenset([one]) for one in shares])
    everybody = frozenset(shares)
    search.ask([*(everybody - {one} for one in shares), *(frozenset(one) & everybody for one in groups)])
    for order in search.orders():
        search.ask([frozenset(one) for one in accumulate(([member] for member in order), list.__add__)])
    for start in search.best(STARTS):
        search.improve(start)
    compared = tuple(search.compared(one) for one in search.best(LISTED))
    return Stability(verdict=judge_large(shares, total, compared, prices), compared=compared, asked=len(search.known))


class _Search:
    def __init__(
        self, shares: Mapping[str, Number], price: IntervalOracle, prices: MemberPrices | None, most: int,
        should_stop: ShouldStop,
    ) -> None:  # fmt: skip
        self.shares, self.price, self.prices, self.most = shares, price, prices, most
        self.should_stop = should_stop
        self.known: dict[frozenset[str], tuple[Number, Number]] = {}

    def ask(self, coalitions: Iterable[frozenset[str]]) -> None:
        """Price the proper coalitions among these that are not known, as far as the limits allow."""
        new = [one for one in dict.fromkeys(coalitions) if 0 < len(one) < len(self.shares) and one not in self.known]
        new = new[: max(0, self.most - len(self.known))]
        if new and not self.should_stop():
            self.known.update(zip(new, self.price([self._named(one) for one in new]), strict=True))

    def best(self, number: int) -> list[frozenset[str]]:
        """Return the coalitions charged most against their best known cost."""
        return sorted(self.known, key=lambda one: (-self.excess(one), self._named(one)))[:number]

    def excess(self, coalition: frozenset[str]) -> Number:
        return sum(self.shares[one] for one in coalition) - self.known[coalition][1]

    def compared(self, coalition: frozenset[str]) -> Compared:
        lower, upper = self.known[coalition]
        charged = sum(self.shares[one] for one in coalition)
        return Compared(coalition=self._named(coalition), share=charged, lower=lower, upper=upper)

    def orders(self) -> list[list[str]]:
        """Return the members by how much they are charged above their price, by difference and by proportion."""
        value = self._values()
        by_difference = sorted(self.shares, key=lambda one: value[one] - self.shares[one])
        by_proportion = sorted(self.shares, key=lambda one: float(value[one]) / (float(abs(self.shares[one])) or 1.0))
        return [by_difference, by_proportion]

    def improve(self, coalition: frozenset[str]) -> None:
        """Add or remove the member that helps most, while one does and nothing is refuted."""
        value = self._values()
        near = sorted(self.shares, key=lambda one: (abs(self.shares[one] - value[one]), one))[:CHANGES]
        while len(self.known) < self.most and not self.should_stop():
            changed = [coalition ^ {one} for one in near]
            self.ask(changed)
            following = max((one for one in changed if one in self.known), key=self.excess, default=coalition)
            if self.excess(coalition) > 0 or self.excess(following) <= self.excess(coalition):
                return
            coalition = following

    def _values(self) -> Mapping[str, Number]:
        """Return prices of members: those given, else what each would pay alone where that is known."""
        if self.prices:
            return self.prices.prices
        return {one: self.known.get(frozenset([one]), (0, self.shares[one]))[1] for one in self.shares}

    def _named(self, coalition: frozenset[str]) -> tuple[str, ...]:
        return tuple(one for one in self.shares if one in coalition)
