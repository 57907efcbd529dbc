"""Who pays whom, so that every balance comes to zero: through the consortium, or with the fewest transfers.

The fewest transfers are those of the most groups that settle among themselves: n members in g groups need n - g. The
groups are found by a search over all sets of members up to `MOST_EXACT`; beyond, each debt goes to the largest credit
that is left, which takes at most n - 1 transfers and is called what it is (the problem is NP-hard).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

MOST_EXACT = 12
"""Members with a balance up to which the number of transfers is proven to be the least."""


class Transfer(NamedTuple):
    """An amount > 0 that one party pays to another."""

    payer: int
    payee: int
    amount_minor: int


class Settling(NamedTuple):
    """Transfers, and whether no plan has fewer."""

    transfers: tuple[Transfer, ...]
    is_fewest: bool


def fewest_transfers(balances_minor: Mapping[int, int]) -> Settling:
    """Return transfers that bring all balances to zero.

    Parameters
    ----------
    balances_minor
        Member -> what it owes (> 0) or is owed (< 0); the sum is 0.

    Returns
    -------
    Settling
        No member both pays and receives, and with n balances other than 0 there are at most n - 1 transfers; the
        order of `balances_minor` does not matter.

    Raises
    ------
    ValueError
        When the balances do not sum to 0.
    """
    if found := sum(balances_minor.values()):
        raise ValueError(f"balances: expected the sum 0, found {found}")
    members = sorted(one for one, balance in balances_minor.items() if balance)
    is_exact = len(members) <= MOST_EXACT
    groups = _most_groups([balances_minor[one] for one in members]) if is_exact else [range(len(members))]
    transfers = [
        transfer
        for group in groups
        for transfer in _chain({members[one]: balances_minor[members[one]] for one in group})
    ]
    return Settling(tuple(sorted(transfers)), is_exact)


def through_the_consortium(balances_minor: Mapping[int, int], consortium: int = 0) -> tuple[Transfer, ...]:
    """Return one transfer for each member with a balance: who owes pays the consortium, who is owed gets it from there.

    Parameters
    ----------
    balances_minor
        Member -> what it owes (> 0) or is owed (< 0), any sum.
    consortium
        The id that stands for the consortium.
    """
    return tuple(
        Transfer(one, consortium, balance) if balance > 0 else Transfer(consortium, one, -balance)
        for one, balance in sorted(balances_minor.items())
        if balance
    )


def _most_groups(balances: Sequence[int]) -> list[Sequence[int]]:
    """Return the most groups of positions that each sum to zero and together are all; sets are bit masks."""
    everything = (1 << len(balances)) - 1
    sums = [0] * (everything + 1)
    for mask in range(1, everything + 1):
        low = mask & -mask
        sums[mask] = sums[mask ^ low] + balances[low.bit_length() - 1]
    # most[mask]: how many prefixes of the best order of a set sum to zero; the last such set that is left behind
    most, came_from = [0] * (everything + 1), [0] * (everything + 1)
    for mask in range(1, everything + 1):
        rest = mask
        best, origin = -1, 0
        while rest:
            low = rest & -rest
            if most[mask ^ low] > best:
                best, origin = most[mask ^ low], mask ^ low
            rest ^= low
        most[mask], came_from[mask] = best + (sums[mask] == 0), origin
    groups: list[Sequence[int]] = []
    mask, members = everything, 0
    while mask:
        members |= mask ^ came_from[mask]
        mask = came_from[mask]
        if sums[mask] == 0:
            groups.append([one for one in range(len(balances)) if members >> one & 1])
            members = 0
    return groups[::-1]


def _chain(balances: Mapping[int, int]) -> list[Transfer]:
    """Settle one group: the largest debt and the largest credit, again and again; each step closes one of them."""
    left = dict(balances)
    transfers = []
    while any(left.values()):
        payer = max(left, key=lambda one: (left[one], -one))
        payee = min(left, key=lambda one: (left[one], one))
        amount = min(left[payer], -left[payee])
        transfers.append(Transfer(payer, payee, amount))
        left[payer] -= amount
        left[payee] += amount
    return transfers
