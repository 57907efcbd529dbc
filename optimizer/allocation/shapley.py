"""The Shapley value, its weighted form and the Owen value, from the full table of coalitions.

All three are means of marginal costs. Whatever the number of players, the sums that they need are taken over the
integers of the table; fractions appear only at the end.

References
----------
Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games II, 307-317.
Kalai, E., Samet, D. (1987). On weighted Shapley values. International Journal of Game Theory 16, 205-222.
https://doi.org/10.1007/BF01756292
Owen, G. (1977). Values of games with a priori unions. Mathematical Economics and Game Theory, 76-88.
https://doi.org/10.1007/978-3-642-45494-3_7
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import comb, factorial, lcm
from operator import mul

import numpy as np
from numpy.typing import NDArray

from optimizer.allocation.exact import Numbers, as_fraction, common_integers, integer_array, sizes, subset_sums
from optimizer.allocation.rule import Shares, ShareStatus, answer, undefined
from optimizer.cost_game import CostGame

EXACT_PLAYERS = 8
"""Players up to which the weighted value is a sum of exact fractions: its denominators grow without limit."""

_DOUBLE = 1 << 53
"""Integers below this are exact in floating point, where sums of products are much faster."""


_LONGEST = 4_000
"""Bits of a common denominator up to which the weighted value is exact, whatever the weights."""

_MISSED = 1e-9
"""What shares in floating point may miss of their sum, relative to the largest cost, to count as verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalRange:
    """The least and the greatest cost that a player adds to any group, and which group that is."""

    lowest: Fraction
    lowest_with: tuple[str, ...]
    highest: Fraction
    highest_with: tuple[str, ...]


def shapley(game: CostGame) -> Shares:
    """Return the Shapley value: the mean of what a player adds, over all orders in which players may join."""
    numbers = game.costs.numbers
    return answer("shapley", game, _shapley_of(numbers.values, numbers.denominator))


def weighted_shapley(game: CostGame) -> Shares:
    """Return the weighted Shapley value: each coalition's dividend is shared by its members' weights.

    The dividend of a coalition is what it costs beyond the dividends of its parts. With equal weights this is the
    Shapley value. Undefined where a player has no weight (``missing_weight``) or one that is not positive
    (``weight_not_positive``).
    """
    missing = [player for player in game.players if player not in game.weights]
    if missing:
        return undefined("weighted_shapley", "missing_weight", players=tuple(missing))
    wrong = [player for player in game.players if game.weights[player] <= 0]
    if wrong:
        return undefined("weighted_shapley", "weight_not_positive", players=tuple(wrong))
    weights, _ = common_integers([Fraction(game.weights[player]) for player in game.players])
    numbers = game.costs.numbers
    dividends = _dividends(numbers.values)
    together = subset_sums(integer_array(weights, len(weights)))
    exact = numbers.exact and len(weights) <= EXACT_PLAYERS
    exact = exact and lcm(*together[1:].tolist()).bit_length() <= _LONGEST
    parts = _fractions(dividends, together) if exact else dividends / np.maximum(together, 1)
    shares = []
    for bit, weight in enumerate(weights):
        with_player = parts.reshape(-1, 2, 1 << bit)[:, 1, :]
        shares.append(weight * as_fraction(with_player.sum()) / numbers.denominator)
    found = answer("weighted_shapley", game, shares, rounded=not exact)
    missed = abs(float(sum(shares) - Fraction(game.costs.upper[game.grand])))
    if missed > _MISSED * float(abs(numbers.values).max()) / numbers.denominator:
        return replace(found, status=ShareStatus.BOUNDED, reason="not_verified")
    return found


def owen(game: CostGame) -> Shares:
    """Return the Owen value: unions join in any order, each without being interrupted, its members in any order.

    Undefined where the game has no unions (``no_unions``) or they do not hold every player once (``wrong_unions``).
    """
    if not game.unions:
        return undefined("owen", "no_unions")
    if sorted(player for union in game.unions for player in union) != sorted(game.players):
        return undefined("owen", "wrong_unions", unions=tuple(tuple(union) for union in game.unions))
    numbers = game.costs.numbers
    table = _summable(numbers.values, numbers.values.size)
    whole = [game.mask(union) for union in game.unions]
    shares = [Fraction(0)] * len(game.players)
    for union, mask in enumerate(whole):
        others = [other for index, other in enumerate(whole) if index != union]
        members = [bit for bit in range(len(game.players)) if mask >> bit & 1]
        inner, scale = _within(table, members, others, in_floats=not numbers.exact)
        for bit, share in zip(members, _shapley_of(inner, scale * numbers.denominator), strict=True):
            shares[bit] = share
    return answer("owen", game, shares)


def marginal_ranges(game: CostGame) -> dict[str, MarginalRange]:
    """Return for each player between which limits its marginal costs lie, as costs (value games: less gain)."""
    costs = game.costs
    table = _summable(costs.numbers.values, 2)
    ranges = {}
    for bit, player in enumerate(costs.players):
        pairs = table.reshape(-1, 2, 1 << bit)
        marginals = (pairs[:, 1, :] - pairs[:, 0, :]).reshape(-1)
        low, high = int(np.argmin(marginals)), int(np.argmax(marginals))
        ranges[player] = MarginalRange(
            lowest=as_fraction(marginals[low]) / costs.numbers.denominator,
            lowest_with=costs.members(_without(low, bit)),
            highest=as_fraction(marginals[high]) / costs.numbers.denominator,
            highest_with=costs.members(_without(high, bit)),
        )
    return ranges


def _shapley_of(values: Numbers, denominator: int) -> list[Fraction]:
    """Return the Shapley value of a table of numbers over a denominator.

    A player's share needs the table's sums by size over the coalitions with it, and without it. The table is cut in
    two: a coalition is a pair of a low half and a high half of players. One matrix product sums over the high halves
    of each size and leaves the low half, or the other way round; a second one sums over the half that is left.
    """
    players = int(values.size).bit_length() - 1
    low = players // 2
    table = _summable(values, values.size).reshape(1 << (players - low), 1 << low)
    by_high = _marks(players - low, table.dtype.char).by_size @ table
    by_low = _marks(low, table.dtype.char).by_size @ table.T
    sums = np.vstack((_by_player(by_high, low)[:-1], _by_player(by_low, players - low)))
    # Row i: sums over coalitions with player i, by size; the last row: over all coalitions.
    added = sums[:-1, 1:] + sums[:-1, :-1] - sums[-1:, :-1]
    orders = [factorial(size) * factorial(players - 1 - size) for size in range(players)]
    total = factorial(players) * denominator
    if values.dtype == np.float64:
        return [Fraction(float(row @ np.array(orders, dtype=np.float64)) / total) for row in added]
    rows = added.astype(np.int64).tolist() if added.dtype == np.float64 else added.tolist()
    return [Fraction(sum(map(mul, row, orders)), total) for row in rows]


@dataclass(frozen=True, slots=True)
class _Marks:
    """Zeros and ones over the coalitions of one half of the players.

    Parameters
    ----------
    by_size
        Row k marks the coalitions of k members.
    by_player
        Row (i, k) marks those of k members with player i; the last block, for no player, all of k members.
    """

    by_size: Numbers
    by_player: Numbers


@lru_cache(maxsize=64)
def _marks(players: int, kind: str) -> _Marks:
    by_size = sizes(players)[None, :] == np.arange(players + 1)[:, None]
    masks = np.arange(1 << players)
    blocks = [by_size & (masks >> bit & 1 == 1) for bit in range(players)]
    return _Marks(by_size.astype(kind), np.concatenate([*blocks, by_size]).astype(kind))


def _by_player(table: Numbers, players: int) -> Numbers:
    """Return for each player of one half, and last for none, the sums by size over the coalitions with it.

    Parameters
    ----------
    table
        Entry (k, S): the sum over coalitions with k members in the other half, and S in this half.
    """
    others = table.shape[0]
    pairs = _marks(players, table.dtype.char).by_player @ table.T
    found: Numbers = pairs.reshape(players + 1, (players + 1) * others) @ _together(players, others, table.dtype.char)
    return found


@lru_cache(maxsize=64)
def _together(players: int, others: int, kind: str) -> Numbers:
    """Return zeros and ones that add up the pairs of sizes (k, m) with the same k + m."""
    size = np.add.outer(np.arange(players + 1), np.arange(others)).reshape(-1, 1)
    marked: Numbers = (size == np.arange(players + others)).astype(kind)
    return marked


def _summable(values: Numbers, terms: int) -> Numbers:
    """Return the numbers in a type in which sums of so many of them are exact, floats where those are enough."""
    if values.dtype == np.float64:
        return values
    if values.dtype == np.int64 and max(int(values.max()), -int(values.min())) * terms < _DOUBLE:
        return values.astype(np.float64)
    return integer_array(values, terms)


def _dividends(values: Numbers) -> Numbers:
    """Return Harsanyi's dividend of every coalition: its cost less the dividends of all its parts."""
    players = int(values.size).bit_length() - 1
    found = values.copy() if values.dtype == np.float64 else integer_array(values, 1 << players).copy()
    for bit in range(players):
        pairs = found.reshape(-1, 2, 1 << bit)
        pairs[:, 1, :] -= pairs[:, 0, :]
    return found


def _fractions(dividends: Numbers, together: Numbers) -> Numbers:
    """Return every dividend divided by the weight of its coalition, exactly."""
    pairs = zip(dividends[1:].tolist(), together[1:].tolist(), strict=True)
    return np.array([Fraction(0), *(Fraction(one, weight) for one, weight in pairs)], dtype=object)


def _within(table: Numbers, members: Sequence[int], others: Sequence[int], *, in_floats: bool) -> tuple[Numbers, int]:
    """Return the game inside a union: what its parts add to the other unions, summed over the orders of unions.

    Returns
    -------
    tuple
        The table of the members' coalitions, times the scale that is returned with it.
    """
    rest = len(others)
    inside = subset_sums(np.array([1 << bit for bit in members], dtype=np.int64))
    outside = subset_sums(np.array(others, dtype=np.int64))[_order_by_size(rest)]
    starts = np.cumsum([0, *(comb(rest, size) for size in range(rest))])
    costs = table[inside[:, None] | outside[None, :]]
    added = np.add.reduceat(costs - costs[:1], starts, axis=1)
    orders = [factorial(size) * factorial(rest - size) for size in range(rest + 1)]
    if in_floats:
        return added @ np.array(orders, dtype=np.float64), factorial(rest + 1)
    exact = [sum(int(one) * number for one, number in zip(row, orders, strict=True)) for row in added.tolist()]
    return np.array(exact, dtype=object), factorial(rest + 1)


@lru_cache(maxsize=8)
def _order_by_size(players: int) -> NDArray[np.int64]:
    return np.argsort(sizes(players), kind="stable")


def _without(index: int, player: int) -> int:
    """Return the bit mask of the coalition at a squeezed index."""
    low = index & ((1 << player) - 1)
    return (index >> player) << (player + 1) | low
