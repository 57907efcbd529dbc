"""Judge of shares of many members: coalitions that were priced, and prices below which no coalition's cost can be.

Not every coalition can be looked at. One that is charged more than its best known cost refutes stability by itself.
Prices p with c(S) >= base + p(S) for every S bound all of them: a coalition is charged at most what its members are
charged above their prices, added up over those who are (Deng, Ibaraki and Nagamochi 1999; the prices come from the
search, and are taken as given here).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.certificate import Compared, Number, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberPrices:
    """Prices with c(S) >= `base` + sum of the prices of S for every coalition S; `base` <= 0."""

    base: Number
    prices: Mapping[str, Number]


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeVerdict:
    """What is known of the stability of shares.

    Parameters
    ----------
    largest_excess, worst_coalition
        The most that a coalition that was priced is charged above its best known cost, and which it is; None where
        none was.
    largest_possible_excess
        What no coalition's excess can be above; None without prices.
    largest_factor
        No coalition is charged more than this times its cost; None without prices, or where they allow no such number.
    """

    budget_balanced: bool
    in_core: Verdict
    largest_excess: Number | None
    worst_coalition: tuple[str, ...]
    largest_possible_excess: Number | None
    largest_factor: float | None


def judge_large(
    shares: Mapping[str, Number], total: Number, compared: Sequence[Compared], prices: MemberPrices | None = None
) -> LargeVerdict:
    """Judge shares by additions and comparisons.

    Parameters
    ----------
    compared
        Coalitions with their costs, at least and at most; what they are charged is added up anew.
    prices
        By member, for all members that have shares.

    Raises
    ------
    ValueError
        When a coalition or the prices name others than those who have shares.
    """
    strangers = {one for group in compared for one in group.coalition} - set(shares)
    if strangers or (prices and set(prices.prices) != set(shares)):
        named = sorted(strangers) or list(prices.prices if prices else ())
        raise ValueError(f"members: expected {', '.join(shares)}, found {', '.join(named)}")
    excesses = [sum(shares[one] for one in group.coalition) - group.upper for group in compared]
    worst = max(range(len(excesses)), key=excesses.__getitem__, default=None)
    possible = _possible(shares, prices) if prices else None
    balanced = sum(shares.values()) == total
    refuted = not balanced or (worst is not None and excesses[worst] > 0)
    proven = possible is not None and possible <= 0
    return LargeVerdict(
        budget_balanced=balanced,
        in_core=Verdict.REFUTED if refuted else Verdict.PROVEN if proven else Verdict.UNDECIDED,
        largest_excess=None if worst is None else excesses[worst],
        worst_coalition=() if worst is None else compared[worst].coalition,
        largest_possible_excess=possible,
        largest_factor=_factor(shares, prices) if prices else None,
    )


def _possible(shares: Mapping[str, Number], prices: MemberPrices) -> Number:
    above = [shares[one] - price for one, price in prices.prices.items()]
    # Without anybody above its price the coalition nearest to them is of one member.
    return (sum(one for one in above if one > 0) or max(above)) - prices.base


def _factor(shares: Mapping[str, Number], prices: MemberPrices) -> float | None:
    # A coalition has a member: its cost is at least the sum of what is left of the prices after the base.
    rows = [(shares[one], price + prices.base) for one, price in prices.prices.items()]
    if any(price < 0 or share > 0 == price for share, price in rows):
        return None
    return max((float(share / price) for share, price in rows if price > 0 and share > 0), default=0.0)
