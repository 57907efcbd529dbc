"""The Shapley value, exactly: the mean of a player's marginal costs over all orders of joining."""

from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial

import numpy as np

from optimizer.allocation.exact import Numbers, common_integers, integer_array
from optimizer.allocation.rule import Shares, answer, as_costs
from optimizer.cost_game import CostGame


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalRange:
    """The least and the greatest cost that a player adds to any group, and which group that is."""

    lowest: Fraction
    lowest_with: tuple[str, ...]
    highest: Fraction
    highest_with: tuple[str, ...]


def shapley(game: CostGame) -> Shares:
    """Return the Shapley value in exact fractions, from the full table of coalitions.

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
    """
    costs = as_costs(game)
    players = len(costs.players)
    integers, denominator = common_integers(costs.upper)
    table = integer_array(integers, 2 << players)
    order = np.argsort(_sizes(players - 1), kind="stable")
    starts = np.cumsum([0, *(comb(players - 1, size) for size in range(players - 1))])
    shares = []
    for player in range(players):
        # Sums of integers by size first, so that only n numbers a player need long arithmetic.
        by_size = np.add.reduceat(_marginals(table, player)[order], starts)
        weighted = (int(total) * factorial(size) * factorial(players - size - 1) for size, total in enumerate(by_size))
        shares.append(Fraction(sum(weighted), factorial(players) * denominator))
    return answer("shapley", game, shares)


def marginal_ranges(game: CostGame) -> dict[str, MarginalRange]:
    """Return for each player between which limits its marginal costs lie, as costs (value games: less gain)."""
    costs = as_costs(game)
    integers, denominator = common_integers(costs.upper)
    table = integer_array(integers, 2)
    ranges = {}
    for bit, player in enumerate(costs.players):
        marginals = _marginals(table, bit)
        low, high = int(np.argmin(marginals)), int(np.argmax(marginals))
        ranges[player] = MarginalRange(
            lowest=Fraction(int(marginals[low]), denominator),
            lowest_with=costs.members(_without(low, bit)),
            highest=Fraction(int(marginals[high]), denominator),
            highest_with=costs.members(_without(high, bit)),
        )
    return ranges


def _marginals(table: Numbers, player: int) -> Numbers:
    """Return c(S with player) - c(S) for every S without it; index: S with the player's bit squeezed out."""
    pairs = table.reshape(-1, 2, 1 << player)
    marginals: Numbers = (pairs[:, 1, :] - pairs[:, 0, :]).reshape(-1)
    return marginals


def _without(index: int, player: int) -> int:
    """Return the bit mask of the coalition at a squeezed index."""
    low = index & ((1 << player) - 1)
    return (index >> player) << (player + 1) | low


def _sizes(players: int) -> Numbers:
    sizes = np.zeros(1, dtype=np.int64)
    for _ in range(players):
        sizes = np.concatenate((sizes, sizes + 1))
    return sizes
