"""The one place that rounds shares: exact fractions become whole minor units whose sum is exact.

The largest remainder decides who gets the odd unit. Equal remainders are ordered by a hash of the caller's
`tie_key` and the member's id: reproducible, yet another member's turn under another key.
"""

from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256

from optimizer.units import round_half_up


def apportion(total_minor: int, weights: Mapping[str, Fraction | int], *, tie_key: str = "") -> dict[str, int]:
    """Split an amount in proportion to weights, in whole minor units.

    Parameters
    ----------
    total_minor
        Amount to split, any sign; a negative amount mirrors the positive one.
    weights
        Member -> exact weight >= 0, at least one > 0 unless the amount is 0.
    tie_key
        Rotates the order in which equal remainders are served.

    Returns
    -------
    dict[str, int]
        Member -> amount in the order of `weights`, each less than one minor unit from its exact share,
        with the exact sum `total_minor`.

    Raises
    ------
    ValueError
        When a weight is negative, or all are 0 although there is something to split.
    """
    if any(weight < 0 for weight in weights.values()):
        raise ValueError(f"weights: expected numbers >= 0, found {min(weights.values())}")
    total_weight = sum(weights.values(), start=Fraction(0))
    if total_weight == 0:
        if total_minor:
            raise ValueError(f"weights: expected one > 0 to split {total_minor}, found none")
        return dict.fromkeys(weights, 0)
    exact = {member: Fraction(weight) * total_minor / total_weight for member, weight in weights.items()}
    return round_shares(exact, total_minor, tie_key=tie_key)


def round_shares(
    shares: Mapping[str, Fraction | int], total_minor: int, *, unit_minor: int = 1, tie_key: str = ""
) -> dict[str, int]:
    """Round exact shares to multiples of a unit without changing their sum.

    Parameters
    ----------
    shares
        Member -> exact share, any sign, with the exact sum `total_minor`.
    unit_minor
        Multiple to round to, >= 1; one member takes what is left of a total that is no multiple itself.
    tie_key
        Rotates the order in which equal remainders are served.

    Returns
    -------
    dict[str, int]
        Member -> amount in the order of `shares`, each less than `unit_minor` from its share.

    Raises
    ------
    ValueError
        When the shares do not sum to the total exactly, or the unit is less than 1.
    """
    if unit_minor < 1:
        raise ValueError(f"unit_minor: expected integer >= 1, found {unit_minor}")
    found = sum(shares.values(), start=Fraction(0))
    if found != total_minor:
        raise ValueError(f"shares: expected the sum {total_minor}, found {found}")
    return _largest_remainders(shares, total_minor, unit_minor, tie_key)


def round_to_minor(shares: Mapping[str, Fraction | int], *, tie_key: str = "") -> dict[str, int]:
    """Round exact shares to whole minor units whose sum is their total, rounded to the nearest unit if need be.

    Returns
    -------
    dict[str, int]
        Member -> amount in the order of `shares`, each less than one minor unit from its share.
    """
    return _largest_remainders(shares, round_half_up(sum(shares.values(), start=Fraction(0))), 1, tie_key)


def _largest_remainders(
    shares: Mapping[str, Fraction | int], total_minor: int, unit_minor: int, tie_key: str
) -> dict[str, int]:
    sign = -1 if total_minor < 0 else 1
    floors = {member: sign * share // unit_minor * unit_minor for member, share in shares.items()}
    order = sorted(shares, key=lambda member: (floors[member] - sign * shares[member], _turn(tie_key, member), member))
    steps, rest = divmod(sign * total_minor - sum(floors.values()), unit_minor)
    # Every remainder is less than a unit, so more members have one than there are units to hand out.
    for member in order[:steps]:
        floors[member] += unit_minor
    if rest:
        floors[order[steps]] += rest
    return {member: sign * int(floor) for member, floor in floors.items()}


def _turn(tie_key: str, member: str) -> str:
    return sha256(f"{tie_key}\0{member}".encode()).hexdigest()
