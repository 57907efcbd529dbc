"""Levels of excess: the exact proof of a nucleolus, and Kohlberg's check of it against the full table.

References
----------
Kohlberg, E. (1971). On the nucleolus of a characteristic function game. SIAM Journal on Applied Mathematics
20, 62-66. https://doi.org/10.1137/0120009
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer.allocation.exact import Numbers, Span, common_integers, indicator, integer_array, subset_sums
from optimizer.cost_game import CostGame


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of excess and the exact proof that it cannot be lowered.

    Parameters
    ----------
    excess
        What the coalitions pay above their cost (negative: their saving).
    coalitions, capped
        Coalition -> weight, and index of a player held at its stand-alone cost -> weight: the weighted
        coalitions add up to what earlier levels have fixed. The weights of `coalitions` sum to 1.
    """

    excess: Fraction
    coalitions: Mapping[int, Fraction]
    capped: Mapping[int, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """All levels and the shares that they determine, one exact share per player."""

    levels: tuple[Level, ...]
    shares: tuple[Fraction, ...]


def kohlberg_holds(
    costs: CostGame, shares: Sequence[Fraction], levels: Sequence[Level], *, individually_rational: bool
) -> bool:
    """Check by additions and comparisons that shares are the nucleolus (or the prenucleolus) of a cost game.

    The levels give the proof: at each, the coalitions named have the largest excess of all that earlier levels
    leave open, and positive weights add them up to what is fixed already, so that none can gain but at
    another's expense.

    Parameters
    ----------
    shares
        One exact share per player.
    levels
        Coalitions with weights, and players at their stand-alone cost with weights, of each level.
    """
    players = len(costs.players)
    numbers, denominator = common_integers([*costs.upper, *shares])
    table = integer_array(numbers[:-players], players + 1)
    excess = subset_sums(integer_array(numbers[-players:], players + 1)) - table
    alone: list[Fraction | int] = [costs.upper[1 << bit] for bit in range(players)]
    if excess[-1] != 0:
        return False
    if individually_rational and any(share > cost for share, cost in zip(shares, alone, strict=True)):
        return False
    span = Span(players)
    span.add(indicator(costs.grand, players), costs.upper[costs.grand])
    for level in levels:
        if not _level_holds(level, span, excess, denominator, individually_rational=individually_rational):
            return False
        if any(shares[bit] != alone[bit] for bit in level.capped):
            return False
        for coalition in [*level.coalitions, *(1 << bit for bit in level.capped)]:
            span.add(indicator(coalition, players), 0)
    return span.rank == players


def _level_holds(level: Level, span: Span, excess: Numbers, denominator: int, *, individually_rational: bool) -> bool:
    open_coalitions = ~span.contained()
    largest = excess[open_coalitions].max()
    if not level.coalitions or any(weight <= 0 for weight in [*level.coalitions.values(), *level.capped.values()]):
        return False
    if level.capped and not individually_rational:
        return False
    if any(excess[coalition] != largest for coalition in level.coalitions):
        return False
    if level.excess * denominator != int(largest):
        return False
    total = [Fraction(0)] * span.columns
    for coalition, weight in [*level.coalitions.items(), *((1 << bit, one) for bit, one in level.capped.items())]:
        for bit in range(span.columns):
            total[bit] += weight * (coalition >> bit & 1)
    return not any(span.reduced(total)[0])
