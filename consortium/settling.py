"""Who pays whom, so that every balance comes to zero: through the consortium, or with the fewest transfers.

The fewest transfers are those of the most groups that settle among themselves (`optimizer.fairs.settling`).
"""

from collections.abc import Mapping
from typing import NamedTuple

from optimizer.fairs.settling import settle


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
    members = sorted(one for one, balance in balances_minor.items() if balance)
    found = settle({str(one): -balances_minor[one] for one in members})
    transfers = (Transfer(int(one.payer), int(one.payee), one.amount_minor) for one in found.transfers)
    return Settling(tuple(sorted(transfers)), found.fewest)


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
