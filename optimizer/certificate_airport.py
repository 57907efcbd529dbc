"""Judge of shares of an airport game: c(S) is the largest need of S, so that few coalitions decide, however many.

Of the coalitions that need as much as player k, the one that is charged most holds k and everybody who needs no more
and is charged something. Additions along the players sorted by need find the worst of all.
"""

from collections.abc import Callable, Mapping, Sequence
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


def airport_shares(
    method: str,
    needs: Mapping[str, Number],
    weights: Mapping[str, Number],
    unions: Sequence[Sequence[str]],
) -> dict[str, Fraction] | None:
    """Return the shares that a rule gives to the players of an airport game; None where it gives none.

    Parameters
    ----------
    method
        One of `AIRPORT_RULES`.
    weights, unions
        For `proportional` and for `owen`; may be empty.
    """
    order = sorted(needs, key=lambda player: needs[player])
    return _FORMS[method](_Runway(order, {one: Fraction(need) for one, need in needs.items()}, weights, unions))


@dataclass(frozen=True, slots=True)
class _Runway:
    """An airport game, its players sorted by need."""

    order: Sequence[str]
    needs: Mapping[str, Fraction]
    weights: Mapping[str, Number]
    unions: Sequence[Sequence[str]]

    @property
    def largest(self) -> Fraction:
        return self.needs[self.order[-1]]

    @property
    def second(self) -> Fraction:
        return self.needs[self.order[-2]] if len(self.order) > 1 else Fraction(0)

    @property
    def own(self) -> dict[str, Fraction]:
        """What each adds to all others: nothing but the last stretch of the runway."""
        return {one: self.largest - self.second if one == self.order[-1] else Fraction(0) for one in self.needs}

    def beyond_own(self, parts: Mapping[str, Number]) -> dict[str, Fraction]:
        """Charge what each adds, and the rest in these proportions; in equal parts where all are 0."""
        own, whole = self.own, sum(parts.values())
        rest = self.largest - sum(own.values())
        return {one: own[one] + (rest * parts[one] / whole if whole else rest / len(own)) for one in own}

    def by(self, parts: Mapping[str, Number]) -> dict[str, Fraction] | None:
        """Charge the largest need in these proportions."""
        whole = sum(parts.values())
        if not whole:
            return None if self.largest else dict.fromkeys(self.needs, Fraction(0))
        return {one: self.largest * parts[one] / whole for one in self.needs}


def _equal_saving(runway: _Runway) -> dict[str, Fraction]:
    saving = (sum(runway.needs.values()) - runway.largest) / len(runway.needs)
    return {one: need - saving for one, need in runway.needs.items()}


def _scrb(runway: _Runway) -> dict[str, Fraction]:
    own = runway.own
    return runway.beyond_own({one: need - own[one] for one, need in runway.needs.items()})


def _by_sections(
    order: Sequence[str], needs: Mapping[str, Fraction], unions: Sequence[Sequence[str]]
) -> dict[str, Fraction]:
    """Share each section of the runway equally among the unions that need it, then among their members that do."""
    union_of = {player: index for index, union in enumerate(unions) for player in union}
    inside = [len(union) for union in unions]
    left = len(unions)
    paid = [Fraction(0)] * len(unions)
    """What a member of the union that needs all sections so far has paid."""
    shares, before = {}, Fraction(0)
    for player in order:
        section = needs[player] - before
        before = needs[player]
        if section:
            paid = [
                one + section / (left * members) if members else one for one, members in zip(paid, inside, strict=True)
            ]
        mine = union_of[player]
        shares[player] = paid[mine]
        inside[mine] -= 1
        left -= not inside[mine]
    return {player: shares[player] for player in needs}


def _groups(order: Sequence[str], needs: Mapping[str, Fraction], *, one_more: bool) -> dict[str, Fraction]:
    """Take again and again the longest run of players along the order whose fee a head is least.

    Parameters
    ----------
    one_more
        Whether a fee counts one player more than those who pay it, as in the nucleolus (Littlechild 1974); the last
        run has nobody more to count.
    """
    shares: dict[str, Fraction] = {}
    paid = Fraction(0)
    while len(shares) < len(order):
        start = len(shares)
        fees = [
            (needs[order[last]] - paid) / (last - start + 1 + (one_more and last < len(order) - 1))
            for last in range(start, len(order))
        ]
        fee = min(fees)
        run = len(fees) - fees[::-1].index(fee)
        shares |= dict.fromkeys(order[start : start + run], fee)
        paid += fee * run
    return {player: shares[player] for player in needs}


_FORMS: Mapping[str, Callable[[_Runway], dict[str, Fraction] | None]] = {
    "equal": lambda one: dict.fromkeys(one.needs, one.largest / len(one.needs)),
    "equal_saving": _equal_saving,
    "proportional": lambda one: one.by(one.weights or one.needs),
    "shapley": lambda one: _by_sections(one.order, one.needs, [one.order]),
    "owen": lambda one: _by_sections(one.order, one.needs, one.unions),
    "nucleolus": lambda one: _groups(one.order, one.needs, one_more=True),
    "least_core": lambda one: _groups(one.order, one.needs, one_more=True),
    "tau": lambda one: one.beyond_own({player: min(need, one.second) for player, need in one.needs.items()}),
    "separable": lambda one: one.beyond_own(dict.fromkeys(one.needs, 1)),
    "scrb": _scrb,
    "marginal": lambda one: one.by(one.own),
    "constrained_egalitarian": lambda one: _groups(one.order, one.needs, one_more=False),
}

AIRPORT_RULES = tuple(_FORMS)
"""Rules with a closed form for airport games of any size."""
