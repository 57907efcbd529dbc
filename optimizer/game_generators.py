"""Tables of games with a formula: the airport, a fixed cost with own costs, and whole containers."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.cost_game import CostGame

MOST_PLAYERS = 20
"""Players up to which a full table of coalitions is kept."""

Number = Fraction | int


def airport(needs: Mapping[str, Number]) -> CostGame:
    """Return the game in which a coalition costs the largest need of its members.

    Parameters
    ----------
    needs
        Player -> need >= 0, such as the cost of the runway that its aircraft needs.
    """
    table: list[Number] = [0]
    for need in needs.values():
        table += [max(cost, need) for cost in table]
    return CostGame(players=tuple(needs), upper=table)


def fixed_plus(fixed: Number, own: Mapping[str, Number]) -> CostGame:
    """Return the game in which every coalition costs a fixed amount and what its members cost by themselves."""
    table: list[Number] = [fixed]
    for cost in own.values():
        table += [known + cost for known in table]
    table[0] = 0
    return CostGame(players=tuple(own), upper=table)


def bin_packing(sizes: Mapping[str, int], capacity: int, price: Number) -> CostGame:
    """Return the game in which a coalition costs the fewest containers that hold its members' goods, times a price.

    Parameters
    ----------
    sizes
        Player -> size of its goods, which stay together, from 0 to `capacity`.
    capacity
        Size that one container holds.
    """
    members = tuple(sizes)
    # Best packing of a set: fewest containers, and of those the least in the last one, as one number.
    best: NDArray[np.int64] = np.zeros(1 << len(members), dtype=np.int64)
    counts = np.array([mask.bit_count() for mask in range(1 << len(members))])
    for size in range(1, len(members) + 1):
        masks = np.flatnonzero(counts == size)
        found = np.full(len(masks), np.iinfo(np.int64).max)
        for bit, member in enumerate(members):
            mine = masks >> bit & 1 == 1
            before = best[masks[mine] ^ 1 << bit]
            room = capacity - before % (capacity + 1)
            after = np.where(
                (before == 0) | (room < sizes[member]),
                (before // (capacity + 1) + 1) * (capacity + 1) + sizes[member],
                before + sizes[member],
            )
            found[mine] = np.minimum(found[mine], after)
        best[masks] = found
    containers = (best // (capacity + 1)).tolist()
    return CostGame(players=members, upper=[price * number for number in containers])
