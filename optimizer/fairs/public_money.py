"""What a programme of co-financing pays for a claim, and how much de-minimis aid a firm may still take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import floor


@dataclass(frozen=True, slots=True, kw_only=True)
class AidRule:
    """The terms of a programme; what is None or 0 does not apply.

    Parameters
    ----------
    rate, indirect_rate
        Parts of the eligible cost, from 0 to 1, for the cost itself and for overhead.
    first_time_bonus
        Added to the rate of a firm that was never supported before.
    cap_minor
        Most that is paid for one claim.
    maximum_supported_years, maximum_times_same_fair
        Years of support, and supported visits to one fair, after which nothing is paid.
    minimum_firms
        Firms below which nothing is paid.
    handling_fee_rate
        Part of the aid that the association keeps.
    """

    rate: Fraction
    indirect_rate: Fraction = Fraction(0)
    first_time_bonus: Fraction = Fraction(0)
    cap_minor: int | None = None
    maximum_supported_years: int | None = None
    minimum_firms: int | None = None
    maximum_times_same_fair: int | None = None
    handling_fee_rate: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim states; what the rule does not ask for may be None."""

    eligible_cost_minor: int
    years_supported_before: int | None = None
    firms: int | None = None
    times_same_fair_before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aid:
    """What is paid for a claim, what the association keeps of it, and the terms that lowered it."""

    aid_minor: int
    handling_fee_minor: int
    bound_by: tuple[str, ...]

    @property
    def net_benefit_minor(self) -> int:
        """What reaches the firms."""
        return self.aid_minor - self.handling_fee_minor


def aid_of(rule: AidRule, claim: Claim) -> Aid:
    """Return what a rule pays for one claim, rounded down, never more than the eligible cost."""
    rate = rule.rate + rule.indirect_rate
    if claim.years_supported_before == 0:
        rate += rule.first_time_bonus
    full = floor(claim.eligible_cost_minor * min(rate, Fraction(1)))
    closed = {
        "maximum_supported_years": _reached(claim.years_supported_before, rule.maximum_supported_years),
        "minimum_firms": rule.minimum_firms is not None and (claim.firms or 0) < rule.minimum_firms,
        "maximum_times_same_fair": _reached(claim.times_same_fair_before, rule.maximum_times_same_fair),
    }
    bound_by = tuple(key for key, shut in closed.items() if shut and full)
    aid = 0 if bound_by else full
    if rule.cap_minor is not None and aid > rule.cap_minor:
        aid, bound_by = rule.cap_minor, ("cap",)
    return Aid(aid_minor=aid, handling_fee_minor=floor(aid * rule.handling_fee_rate), bound_by=bound_by)


def _reached(before: int | None, most: int | None) -> bool:
    return most is not None and (before or 0) >= most


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """How much de-minimis aid could be granted on a day; negative where the ceiling was broken before."""

    window_from: date
    headroom_minor: int


def headroom(ceiling_minor: int, years: int, granted: Iterable[tuple[date, int]], day: date) -> Headroom:
    """Return what the ceiling leaves on a day after all grants of the rolling years that end with it.

    The day exactly `years` before is outside: a period of three years that ends on 1 March 2026 begins on
    2 March 2023.
    """
    since = _years_before(day, years) + timedelta(days=1)
    taken = sum(amount for when, amount in granted if since <= when <= day)
    return Headroom(window_from=since, headroom_minor=ceiling_minor - taken)


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February, in a year that has none
        return day.replace(year=day.year - years, day=28)
