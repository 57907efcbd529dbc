"""How a stand, a block tariff or an overhead is shared once it is known who takes part.

References
----------
Littlechild, S. C., Owen, G. (1973). A simple expression for the Shapley value in a special case. Management Science
20, 370-372. https://doi.org/10.1287/mnsc.20.3.370 (levels)
Moulin, H., Shenker, S. (1992). Serial cost sharing. Econometrica 60, 1009-1037. https://doi.org/10.2307/2951537
Young, H. P., Okada, N., Hashimoto, T. (1982). Cost allocation in water resources development. Water Resources
Research 18, 463-475. https://doi.org/10.1029/WR018i003p00463 (separable costs, remaining benefits)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from optimizer.allocation.airport import AirportGame, share_airport

Exact = Fraction | int
CostFunction = Callable[[Fraction], Fraction]
"""Quantity >= 0 -> cost in minor units, 0 for nothing."""


def in_proportion(total: Exact, weights: Mapping[str, Exact]) -> dict[str, Fraction] | None:
    """Share an amount of any sign by weights >= 0; None where all are 0 although there is something to share."""
    whole = sum((Fraction(one) for one in weights.values()), start=Fraction(0))
    if not whole:
        return None if total else dict.fromkeys(weights, Fraction(0))
    return {member: Fraction(total) * weight / whole for member, weight in weights.items()}


def airport(levels: Mapping[str, Exact]) -> dict[str, Fraction]:
    """Share the cost of the highest level: each step in equal parts among those who need it."""
    needs = {member: Fraction(level) for member, level in levels.items()}
    return dict(share_airport("shapley", AirportGame(needs=needs)).shares)


def serial(demands: Mapping[str, Exact], cost: CostFunction) -> dict[str, Fraction]:
    """Share the cost of all demands so that nobody pays for another's wish to have more than itself.

    The smallest demand pays an equal part of what the whole would cost if all wanted as little, and so on upwards.
    """
    shares, paid, before = {}, Fraction(0), Fraction(0)
    order = sorted(demands, key=lambda member: demands[member])
    smaller = Fraction(0)
    for place, member in enumerate(order):
        after = cost(smaller + (len(order) - place) * Fraction(demands[member]))
        paid += (after - before) / (len(order) - place)
        shares[member] = paid
        before = after
        smaller += demands[member]
    return {member: shares[member] for member in demands}


def polynomial_cost(coefficients: Sequence[Exact]) -> CostFunction:
    """Return fixed cost, cost per unit and cost per unit squared; the fixed part arises with the first unit."""
    return lambda quantity: sum(
        (coefficient * quantity**power for power, coefficient in enumerate(coefficients) if quantity),
        start=Fraction(0),
    )


def block_cost(blocks: Iterable[tuple[Exact, Exact]]) -> CostFunction:
    """Return a block tariff: each unit costs the price of the block in which it lies.

    Parameters
    ----------
    blocks
        Where a block begins and its price per unit, rising, the first from 0.
    """
    steps = list(blocks)
    ends = [*(start for start, _ in steps[1:]), None]

    def cost(quantity: Fraction) -> Fraction:
        return sum(
            (
                price * max(Fraction(0), (quantity if end is None else min(quantity, Fraction(end))) - start)
                for (start, price), end in zip(steps, ends, strict=True)
            ),
            start=Fraction(0),
        )

    return cost


def remaining_benefits(total: Exact, alone: Mapping[str, Exact], separable: Mapping[str, Exact]) -> dict[str, Fraction]:
    """Charge everybody its separable cost, and the rest in proportion to what it would pay alone beyond that.

    Where these remaining benefits sum to 0 the rest is shared in equal parts.
    """
    benefits = {member: Fraction(alone[member]) - low for member, low in separable.items()}
    whole = sum(benefits.values(), start=Fraction(0))
    rest = total - sum(separable.values(), start=Fraction(0))
    return {
        member: separable[member] + rest * (benefit / whole if whole else Fraction(1, len(benefits)))
        for member, benefit in benefits.items()
    }


def overhead(
    total_minor: int, equal_part: Exact, driver: Mapping[str, Exact], cap_minor: int | None
) -> dict[str, Fraction] | None:
    """Share a cost that nobody can stay out of: a part equally, the rest by a driver, nobody above the cap.

    Parameters
    ----------
    equal_part
        From 0 to 1.
    driver
        Member -> number >= 0, such as last year's export sales; what the cap cuts goes to the others by it.
    cap_minor
        Most that one member pays; None: no cap.

    Returns
    -------
    dict[str, Fraction] | None
        None where the caps cannot carry the total, or no driver is above 0 although something is left for it.
    """
    base = Fraction(equal_part) * total_minor / len(driver)
    if cap_minor is not None and base > cap_minor:
        return None
    rest = total_minor - base * len(driver)
    room = rest if cap_minor is None else cap_minor - base
    parts = dict.fromkeys(driver, Fraction(0))
    below = {member: Fraction(weight) for member, weight in driver.items() if weight > 0}
    while rest:
        if not below:
            return None
        level = rest / sum(below.values(), start=Fraction(0))
        full = [member for member, weight in below.items() if level * weight >= room]
        for member in full or below:
            parts[member] = min(level * below[member], room)
        rest -= sum((parts[member] for member in full or below), start=Fraction(0))
        below = {member: weight for member, weight in below.items() if member not in full}
    return {member: base + part for member, part in parts.items()}
