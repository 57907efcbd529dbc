"""Judges of shares of many players in games with a formula: a fixed cost with own costs, and whole containers.

Of a fixed cost and own costs the worst coalition is known: everybody who is charged more than its own cost. Of
containers it is not: the coalitions named come with a packing, which is an upper end of their cost that anybody can
count, and all others are bounded by the price of the volume (`certificate_large`).
"""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

from optimizer.certificate import Compared, Number, Verdict
from optimizer.certificate_large import LargeVerdict, MemberPrices, judge_large
from optimizer.certificate_rules import in_proportion

Packing = Sequence[Sequence[str]]
"""Containers, each with the players whose goods are in it."""

_IMPUTATIONS = ("nucleolus", "per_capita_nucleolus", "tau")
_ALIKE = (*_IMPUTATIONS, "shapley", "least_core", "separable", "scrb", "equal_saving")

FIXED_PLUS_RULES: Collection[str] = (*_ALIKE, "equal", "owen", "proportional", "marginal")
"""Rules with a formula for a fixed cost with own costs."""

CONTAINER_RULES: Collection[str] = ("equal", "proportional")
"""Rules with a formula for whole containers."""


def judge_fixed_plus(fixed: Number, own: Mapping[str, Number], shares: Mapping[str, Number]) -> LargeVerdict:
    """Judge shares of a fixed cost and own costs, exactly.

    Parameters
    ----------
    fixed, own
        What every coalition pays once, and what each player adds.

    Raises
    ------
    ValueError
        When shares are not given for exactly the players, three or more.
    """
    if set(shares) != set(own) or len(own) < 3:
        raise ValueError(f"shares: expected three players or more, {', '.join(own)}, found {', '.join(shares)}")
    above = {player: shares[player] - cost for player, cost in own.items()}
    inside = {player for player, more in above.items() if more > 0} or {max(above, key=above.__getitem__)}
    if len(inside) == len(above):
        inside.remove(min(above, key=above.__getitem__))
    worst = tuple(player for player in own if player in inside)
    excess = sum(above[player] for player in worst) - fixed
    balanced = sum(shares.values()) == fixed + sum(own.values())
    return LargeVerdict(
        budget_balanced=balanced,
        in_core=Verdict.PROVEN if balanced and excess <= 0 else Verdict.REFUTED,
        largest_excess=excess,
        worst_coalition=worst,
        largest_possible_excess=excess,
        largest_factor=None,
    )


def judge_containers(
    sizes: Mapping[str, int],
    capacity: int,
    price: Number,
    shares: Mapping[str, Number],
    packings: Sequence[Packing],
) -> LargeVerdict:
    """Judge shares of whole containers by packings of all players and of some coalitions.

    Parameters
    ----------
    sizes, capacity, price
        What each player's goods, which stay together, take of what one container holds, and what it costs.
    packings
        Of all players first, then of the coalitions to compare.

    Raises
    ------
    ValueError
        When a packing holds somebody twice or more than fits, the first is not of all players, or shares are not
        given for exactly the players.
    """
    if set(shares) != set(sizes) or price < 0:
        raise ValueError(f"shares: expected {', '.join(sizes)}, found {', '.join(shares)}")
    compared = [_compared(sizes, capacity, price, packing) for packing in packings]
    if not compared or len(compared[0].coalition) != len(sizes):
        raise ValueError("packings: expected the first to be of all players")
    by_volume = {player: Fraction(price * size, capacity) for player, size in sizes.items()}
    prices = MemberPrices(base=0, prices=by_volume)
    return judge_large(shares, compared[0].upper, compared[1:], prices)


def _compared(sizes: Mapping[str, int], capacity: int, price: Number, packing: Packing) -> Compared:
    """Return what a packing costs, and at least: a container, one for each that is too large to share, the volume."""
    members = [player for container in packing for player in container]
    for container in packing:
        if not container or sum(sizes[player] for player in container) > capacity:
            raise ValueError(f"packings: expected at most {capacity} in a container, found {', '.join(container)}")
    if len(set(members)) != len(members):
        raise ValueError(f"packings: expected everybody once, found {', '.join(members)}")
    large = sum(2 * sizes[player] > capacity for player in members)
    whole = -(-sum(sizes[player] for player in members) // capacity)
    inside = set(members)
    return Compared(
        coalition=tuple(player for player in sizes if player in inside),
        share=0,
        lower=price * max(1, large, whole),
        upper=price * len(packing),
    )


def core_of_containers(sizes: Mapping[str, int], capacity: int, containers: int) -> Verdict:
    """Say whether the core of whole containers is empty: not where all are full, as the price of the volume is in it.

    Parameters
    ----------
    containers
        How many all players need.
    """
    return Verdict.REFUTED if sum(sizes.values()) == capacity * containers else Verdict.UNDECIDED


def fixed_plus_shares(
    method: str,
    fixed: Number,
    own: Mapping[str, Number],
    weights: Mapping[str, Number],
    unions: Sequence[Sequence[str]],
) -> dict[str, Fraction] | None:
    """Return the shares that a rule gives to the players of a fixed cost and own costs; None where it gives none.

    Parameters
    ----------
    method
        One of `FIXED_PLUS_RULES`.
    weights, unions
        For `proportional` and for `owen`; may be empty.
    """
    players, total = len(own), Fraction(fixed + sum(own.values()))
    if method in _IMPUTATIONS and fixed < 0:
        return None
    if method in _ALIKE:
        return {player: cost + Fraction(fixed, players) for player, cost in own.items()}
    if method == "equal":
        return dict.fromkeys(own, total / players)
    if method == "owen":
        if sorted(one for union in unions for one in union) != sorted(own):
            return None
        parts = {one: Fraction(fixed) / (len(unions) * len(union)) for union in unions for one in union}
        return {player: cost + parts[player] for player, cost in own.items()}
    alone = {player: fixed + cost for player, cost in own.items()}
    by = own if method == "marginal" else weights or alone
    found = in_proportion(total, [by[player] for player in own])
    return None if found is None else dict(zip(own, found, strict=True))


def container_shares(
    method: str, players: Sequence[str], total: Number, weights: Mapping[str, Number]
) -> dict[str, Fraction] | None:
    """Return the shares that a rule gives to the players of whole containers; None where it gives none.

    Parameters
    ----------
    method
        One of `CONTAINER_RULES`.
    weights
        For `proportional`; where there are none all pay alike, as all pay one container alone.
    """
    by = weights if weights and method == "proportional" else dict.fromkeys(players, 1)
    found = in_proportion(total, [by[player] for player in players])
    return None if found is None else dict(zip(players, found, strict=True))
