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
from math import comb, factorial

import numpy as np

from optimizer.allocation.exact import Numbers, as_fraction, common_integers, integer_array, sizes, subset_sums
from optimizer.allocation.rule import Shares, ShareStatus, answer, undefined
from optimizer.cost_game import CostGame

EXACT_PLAYERS = 8
"""Players up to which the weighted value is a sum of exact fractions: its denominators grow without limit."""

_DOUBLE = 1 << 53
"""Integers below this are exact in floating point, where sums of products are much faster."""


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
    shares = [share / numbers.denominator for share in _shapley_of(numbers.values)]
    return answer("shapley", game, shares)


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
    whole = [game.mask(union) for union in game.unions]
    shares = [Fraction(0)] * len(game.players)
    for union, mask in enumerate(whole):
        others = [other for index, other in enumerate(whole) if index != union]
        members = [bit for bit in range(len(game.players)) if mask >> bit & 1]
        inner, scale = _within(numbers.values, members, others)
        for bit, share in zip(members, _shapley_of(inner), strict=True):
            shares[bit] = share / (scale * numbers.denominator)
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


def _shapley_of(values: Numbers) -> list[Fraction]:
    """Return the Shapley value of a table of numbers.

    A player's share needs the table's sums by size of the coalitions with it and without it. The table is cut in
    two: coalitions are pairs of a low half and a high half of players, so that one product with the sizes of the
    high halves leaves a table of the low half alone, and the other way round.
    """
    players = int(values.size).bit_length() - 1
    low = players // 2
    table = _summable(values, values.size).reshape(1 << (players - low), 1 << low)
    by_high = _by_size(players - low, table.dtype) @ table
    by_low = (_by_size(low, table.dtype) @ table.T).astype(table.dtype)
    sums = [*_size_sums(by_high, low), *_size_sums(by_low, players - low)]
    total = factorial(players)
    shares = []
    for with_player, without in sums:
        share = sum(
            (as_fraction(one) - as_fraction(other)) * (factorial(size) * factorial(players - 1 - size))
            for size, (one, other) in enumerate(zip(with_player[1:], without, strict=False))
        )
        shares.append(Fraction(share) / total)
    return shares


def _size_sums(table: Numbers, players: int) -> list[tuple[Numbers, Numbers]]:
    """Return for each player of one half the sums by size over coalitions with it, and without it.

    Parameters
    ----------
    table
        Entry (k, S): the sum over coalitions with k members in the other half, and S in this half.
    """
    kinds, size_of = table.shape[0], sizes(players)
    sums = []
    for bit in range(players):
        found = []
        for member in (1, 0):
            mine = table.reshape(kinds, -1, 2, 1 << bit)[:, :, member, :].reshape(kinds, -1)
            own_sizes = size_of.reshape(-1, 2, 1 << bit)[:, member, :].reshape(-1)
            by_size = np.zeros(kinds + players, dtype=table.dtype)
            for size in range(players + 1):
                by_size[size : size + kinds] += mine[:, own_sizes == size].sum(axis=1)
            found.append(by_size)
        sums.append((found[0], found[1]))
    return sums


def _by_size(players: int, kind: np.dtype) -> Numbers:
    """Return a matrix of zeros and ones: row k marks the coalitions with k members."""
    marked: Numbers = (sizes(players)[None, :] == np.arange(players + 1)[:, None]).astype(kind)
    return marked


def _summable(values: Numbers, terms: int) -> Numbers:
    """Return the numbers in a type in which sums of so many of them are exact, floats where those are enough."""
    if values.dtype == np.float64:
        return values
    safe = integer_array(values, terms)
    if safe.dtype == np.int64 and int(np.abs(safe).max(initial=0)) * terms < _DOUBLE:
        return safe.astype(np.float64)
    return safe


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


def _within(values: Numbers, members: Sequence[int], others: Sequence[int]) -> tuple[Numbers, int]:
    """Return the game inside a union: what its parts add to the other unions, summed over the orders of unions.

    Returns
    -------
    tuple
        The table of the members' coalitions, times the scale that is returned with it.
    """
    rest = len(others)
    inside = subset_sums(np.array([1 << bit for bit in members], dtype=np.int64))
    outside = subset_sums(np.array(others, dtype=np.int64))[np.argsort(sizes(rest), kind="stable")]
    starts = np.cumsum([0, *(comb(rest, size) for size in range(rest))])
    table = _summable(values, 2 << rest)[inside[:, None] | outside[None, :]]
    added = np.add.reduceat(table - table[:1], starts, axis=1)
    orders = [factorial(size) * factorial(rest - size) for size in range(rest + 1)]
    if values.dtype == np.float64:
        return added @ np.array(orders, dtype=np.float64), factorial(rest + 1)
    exact = [sum(int(one) * number for one, number in zip(row, orders, strict=True)) for row in added.tolist()]
    return np.array(exact, dtype=object), factorial(rest + 1)


def _without(index: int, player: int) -> int:
    """Return the bit mask of the coalition at a squeezed index."""
    low = index & ((1 << player) - 1)
    return (index >> player) << (player + 1) | low
