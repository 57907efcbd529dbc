"""What a common pot buys: the Method of Equal Shares, with unequal endowments, in exact arithmetic.

Each round buys the project whose supporters pay the least per unit of utility. A group that owns a part of the pot
and agrees on a project can therefore always afford it with its own part: no majority spends what others put in.

References
----------
Peters, D., Pierczynski, G., Skowron, P. (2021). Proportional participatory budgeting with additive utilities.
Advances in Neural Information Processing Systems 34. https://arxiv.org/abs/2008.13276
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import gcd, lcm

Exact = Fraction | int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """One round: the project bought, and what each supporter pays for it.

    Parameters
    ----------
    rho
        Price of one unit of utility; a supporter pays this times its utility, or all that it has left.
    payments
        Member -> amount > 0 in minor units; they sum to the net cost.
    """

    project: str
    rho: Fraction
    payments: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is bought, in order, and why the rest is not.

    Parameters
    ----------
    left
        Member -> what is left of its endowment, in minor units.
    missing
        Rejected project -> what its supporters are short of, in minor units, > 0.
    """

    purchases: tuple[Purchase, ...]
    left: Mapping[str, Fraction]
    missing: Mapping[str, Fraction]

    @property
    def selected(self) -> tuple[str, ...]:
        """The projects bought, in the order of the rounds."""
        return tuple(one.project for one in self.purchases)


def equal_shares(
    net_costs_minor: Mapping[str, int],
    endowments_minor: Mapping[str, Exact],
    utilities: Mapping[str, Mapping[str, Exact]],
    *,
    highest_rho: Exact | None = None,
) -> Choice:
    """Buy projects until no supporters can pay for another one; nothing is bought only to use up money.

    Parameters
    ----------
    net_costs_minor
        Project -> cost less the public money tied to it; 0 or less is bought at once if anybody supports it.
    endowments_minor
        Member -> its part of the pot, >= 0.
    utilities
        Project -> supporters -> utility >= 0; who is not named does not support it.
    highest_rho
        Projects at a dearer price per utility are not bought. With 1 and the willingness to pay as utility, nobody
        pays more than it stated.

    Returns
    -------
    Choice
        Equal prices per utility are decided by the lower net cost, then more supporters, then the id.
    """
    pot = _Pot(endowments_minor, utilities)
    waiting = [
        (Fraction(0), cost, -len(utilities[project]), project)
        for project, cost in net_costs_minor.items()
        if utilities.get(project)
    ]
    heapify(waiting)
    purchases: list[Purchase] = []
    # Prices only rise as money is spent, so the price of a project is worked out again only when an older one made it
    # the cheapest.
    fresh: dict[str, int] = {}
    while waiting:
        rho, cost, supporters, project = heappop(waiting)
        if fresh.get(project) != len(purchases):
            found = pot.price(project, cost)
            fresh[project] = len(purchases)
            if found is not None and (highest_rho is None or found <= highest_rho):
                heappush(waiting, (found, cost, supporters, project))
            continue
        purchases.append(Purchase(project=project, rho=rho, payments=pot.pay(project, rho)))
    bought = {one.project for one in purchases}
    missing = {
        project: cost - pot.within_reach(project, highest_rho)
        for project, cost in net_costs_minor.items()
        if project not in bought
    }
    return Choice(purchases=tuple(purchases), left=pot.left(), missing=missing)


@dataclass(slots=True)
class _Pot:
    """What every member has left and every project is worth to it, as integers over common denominators.

    Fractions would be reduced after every sum, which costs most of the time once many rounds have made them long.
    """

    endowments: Mapping[str, Exact]
    utilities: Mapping[str, Mapping[str, Exact]]
    _money: dict[str, int] = field(init=False)
    _money_over: int = field(init=False)
    _worth: dict[str, dict[str, int]] = field(init=False)
    _worth_over: int = field(init=False)

    def __post_init__(self) -> None:
        self._money_over = lcm(*(Fraction(one).denominator for one in self.endowments.values()))
        self._money = {member: int(one * self._money_over) for member, one in self.endowments.items()}
        exact = [Fraction(one) for supporters in self.utilities.values() for one in supporters.values()]
        self._worth_over = lcm(*(one.denominator for one in exact))
        self._worth = {
            project: {member: int(one * self._worth_over) for member, one in supporters.items() if one > 0}
            for project, supporters in self.utilities.items()
        }

    def price(self, project: str, cost: int) -> Fraction | None:
        """Return the least rho with sum min(left, rho x utility) = cost; None where all together have too little."""
        if cost <= 0:
            return Fraction(0)
        worth, money = self._worth[project], self._money
        need = cost * self._money_over
        if sum(money[member] for member in worth) < need:
            return None
        # Those who have least per utility pay all they have, until the others can pay in proportion.
        spread = sum(worth.values())
        for member in sorted(worth, key=lambda one: Fraction(money[one], worth[one])):
            if need * worth[member] <= money[member] * spread:
                break
            need -= money[member]
            spread -= worth[member]
        return Fraction(need * self._worth_over, spread * self._money_over)

    def pay(self, project: str, rho: Fraction) -> dict[str, Fraction]:
        """Take the payments of a project from its supporters and return them."""
        factor = rho.denominator * self._worth_over // gcd(self._money_over, rho.denominator * self._worth_over)
        self._money_over *= factor
        for member in self._money:
            self._money[member] *= factor
        unit = rho.numerator * (self._money_over // (rho.denominator * self._worth_over))
        payments = {}
        for member, worth in self._worth[project].items():
            paid = min(self._money[member], unit * worth)
            self._money[member] -= paid
            if paid:
                payments[member] = Fraction(paid, self._money_over)
        common = gcd(self._money_over, *self._money.values())
        self._money_over //= common
        for member in self._money:
            self._money[member] //= common
        return payments

    def left(self) -> dict[str, Fraction]:
        """Return what every member has left."""
        return {member: Fraction(money, self._money_over) for member, money in self._money.items()}

    def within_reach(self, project: str, highest_rho: Exact | None) -> Fraction:
        """Return the most that the supporters could pay for a project now."""
        left = self.left()
        return sum(
            (
                left[member] if highest_rho is None else min(left[member], highest_rho * Fraction(utility))
                for member, utility in self.utilities.get(project, {}).items()
            ),
            start=Fraction(0),
        )
