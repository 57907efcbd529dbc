"""Who takes part in something that each pays for itself: the cost-sharing mechanism of Moulin and Shenker.

Nobody, alone or with others, gains by bidding anything but the most that taking part is worth to it, as long as a
firm more never makes the others pay more. Fixed weights and the airport rule have that property.

References
----------
Moulin, H., Shenker, S. (2001). Strategyproof sharing of submodular costs: budget balance versus efficiency. Economic
Theory 18, 511-533. https://doi.org/10.1007/PL00004200
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer.fairs.cost_sharing import airport

ShareOut = Callable[[Sequence[str]], Mapping[str, Fraction]]
"""Members who stay -> what each would pay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What those still in would pay, and who leaves because that is more than its bid."""

    shares: Mapping[str, Fraction]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participation:
    """Who takes part and what each pays, with all rounds; nobody where too few stay."""

    shares: Mapping[str, Fraction]
    rounds: tuple[Round, ...]


def participation(bids_minor: Mapping[str, int], share_out: ShareOut, *, minimum_group: int = 1) -> Participation:
    """Ask all bidders for their share, let go at once those who bid less, and ask again until nobody leaves.

    Parameters
    ----------
    bids_minor
        Member -> the most that it would pay for all of it, its own costs included.
    share_out
        Cross-monotonic: a member's share never rises when another one joins.
    minimum_group
        With fewer than this nobody takes part or pays.
    """
    inside = list(bids_minor)
    rounds = []
    while inside:
        shares = dict(share_out(inside))
        dropped = tuple(member for member in inside if bids_minor[member] < shares[member])
        rounds.append(Round(shares=shares, dropped=dropped))
        if not dropped:
            break
        inside = [member for member in inside if member not in dropped]
    held = len(inside) >= max(1, minimum_group)
    return Participation(shares=rounds[-1].shares if held else {}, rounds=tuple(rounds))


def by_weights(common_minor: int, own_minor: Mapping[str, int], weights: Mapping[str, Fraction | int]) -> ShareOut:
    """Return shares of a common cost by fixed weights > 0, on top of everybody's own cost."""

    def share_out(inside: Sequence[str]) -> dict[str, Fraction]:
        whole = sum((Fraction(weights[member]) for member in inside), start=Fraction(0))
        return {member: own_minor.get(member, 0) + common_minor * weights[member] / whole for member in inside}

    return share_out


def by_levels(levels_minor: Mapping[str, int]) -> ShareOut:
    """Return shares by the airport rule on the levels of those who stay."""
    return lambda inside: airport({member: levels_minor[member] for member in inside})
