"""Judge of shares of an airport game: c(S) is the largest need of S, so that few coalitions decide, however many.

Of the coalitions that need as much as player k, the one that is charged most holds k and everybody who needs no more
and is charged something. Additions along the players sorted by need find the worst of all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Number = Fraction | int


@dataclass(frozen=True, slots=True, kw_only=True)
class AirportVerdict:
    """What shares of an airport game come to; the core of such a game is never empty."""

    budget_balanced: bool
    individually_rational: bool
    largest_excess: Number
    worst_coalition: tuple[str, ...]

    @property
    def in_core(self) -> bool:
        """Whether no coalition is charged more than it would pay alone."""
        return self.budget_balanced and self.largest_excess <= 0


def judge_airport(needs: Mapping[str, Number], shares: Mapping[str, Number]) -> AirportVerdict:
    """Judge shares of the largest need.

    Parameters
    ----------
    needs
        Player -> need >= 0.
    shares
        Share of every player.

    Raises
    ------
    ValueError
        When shares are not given for exactly the players.
    """
    if set(shares) != set(needs):
        raise ValueError(f"shares: expected {', '.join(needs)}, found {', '.join(shares)}")
    order = sorted(needs, key=lambda player: needs[player])
    worst: tuple[Number, int] | None = None
    paid: Number = 0
    for place, player in enumerate(order):
        share = shares[player]
        # All players together are no coalition of interest: without one who is charged least, they are.
        together = paid + share
        if place == len(order) - 1 and len(order) > 1 and all(shares[one] > 0 for one in order[:-1]):
            together -= min(shares[one] for one in order[:-1])
        if len(order) > 1 and (worst is None or together - needs[player] > worst[0]):
            worst = (together - needs[player], place)
        paid += max(share, 0)
    return AirportVerdict(
        budget_balanced=sum(shares.values()) == max(needs.values()),
        individually_rational=all(shares[player] <= need for player, need in needs.items()),
        largest_excess=worst[0] if worst else 0,
        worst_coalition=_members(order, worst[1], needs, shares) if worst else (),
    )


def _members(
    order: list[str], place: int, needs: Mapping[str, Number], shares: Mapping[str, Number]
) -> tuple[str, ...]:
    """Return the coalition that was meant, in the order of the players."""
    inside = {player for player in order[:place] if shares[player] > 0} | {order[place]}
    if len(inside) == len(order):
        inside.remove(min(order[:-1], key=lambda player: shares[player]))
    return tuple(player for player in needs if player in inside)
