"""Who pays whom so that all balances become zero with the fewest transfers.

Fewest transfers is the number of members less the number of groups that balance within themselves, so the most such
groups are searched: all subsets of up to `MOST_EXACT` members, after those who owe each other exactly are paired
(which never costs a group). Beyond that the transfers may not be the fewest.

References
----------
Verhoeff, T. (2004). Settling multiple debts efficiently: an invitation to computing science. Informatics in Education
3, 105-126. https://doi.org/10.15388/infedu.2004.07
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_EXACT = 16
"""Members left after pairing for whom all subsets are searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A payment > 0 in minor units."""

    payer: str
    payee: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Transfers that bring all balances to zero; `fewest` where no smaller number can."""

    transfers: tuple[Transfer, ...]
    fewest: bool


def settle(balances_minor: Mapping[str, int]) -> Settlement:
    """Return transfers from those who owe (< 0) to those who are owed (> 0).

    Nobody both pays and receives, and there is at least one transfer less than members with a balance.

    Raises
    ------
    ValueError
        When the balances do not sum to 0.
    """
    if sum(balances_minor.values()):
        raise ValueError(f"balances: expected the sum 0, found {sum(balances_minor.values())}")
    pairs, rest = _pairs({member: balance for member, balance in balances_minor.items() if balance})
    fewest = len(rest) <= MOST_EXACT
    groups = [*pairs, *(_groups(rest) if fewest else [list(rest)])]
    place = {member: index for index, member in enumerate(balances_minor)}
    transfers = [one for group in groups for one in _within({member: balances_minor[member] for member in group})]
    transfers.sort(key=lambda one: (place[one.payer], place[one.payee]))
    return Settlement(transfers=tuple(transfers), fewest=fewest)


def _pairs(balances: Mapping[str, int]) -> tuple[list[list[str]], dict[str, int]]:
    """Return the pairs that owe each other exactly, and all others."""
    waiting: dict[int, list[str]] = {}
    pairs = []
    for member, balance in balances.items():
        opposite = waiting.get(-balance)
        if opposite:
            pairs.append([opposite.pop(), member])
        else:
            waiting.setdefault(balance, []).append(member)
    paired = {member for pair in pairs for member in pair}
    return pairs, {member: balance for member, balance in balances.items() if member not in paired}


def _groups(balances: Mapping[str, int]) -> Iterable[list[str]]:
    """Return the most groups that balance within themselves."""
    members = list(balances)
    everybody = (1 << len(members)) - 1
    sums = [0] * (everybody + 1)
    most = [0] * (everybody + 1)
    last = [-1] * (everybody + 1)
    for mask in range(1, everybody + 1):
        low = (mask & -mask).bit_length() - 1
        sums[mask] = sums[mask & (mask - 1)] + balances[members[low]]
        for index in range(len(members)):
            if mask >> index & 1 and (last[mask] < 0 or most[mask ^ 1 << index] > most[mask]):
                most[mask], last[mask] = most[mask ^ 1 << index], index
        most[mask] += sums[mask] == 0
    group: list[str] = []
    mask = everybody
    while mask:
        group.append(members[last[mask]])
        mask ^= 1 << last[mask]
        if sums[mask] == 0:
            yield group
            group = []


def _within(balances: Mapping[str, int]) -> Iterable[Transfer]:
    """Settle one group: one transfer less than it has members, at most."""
    owing = sorted(((-balance, member) for member, balance in balances.items() if balance < 0), reverse=True)
    owed = sorted(((balance, member) for member, balance in balances.items() if balance > 0), reverse=True)
    while owing and owed:
        (debt, payer), (claim, payee) = owing.pop(0), owed.pop(0)
        amount = min(debt, claim)
        yield Transfer(payer=payer, payee=payee, amount_minor=amount)
        if debt > amount:
            owing.insert(0, (debt - amount, payer))
        if claim > amount:
            owed.insert(0, (claim - amount, payee))
