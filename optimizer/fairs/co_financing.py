"""Co-financing by the terms of a programme: from the claims of all firms at one fair or mission to the aid of each.

Terms are data (`Programme`); the order in which they bind is fixed here and told step by step:
gates of the group (firms, regions), gates of a firm (size, years, times), what is eligible of each line (category,
persons, area, part of the project), rates, caps of a firm, what other aid leaves room for, caps of the group.
Caps of the group are shared in proportion to the aid that they cut.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from math import floor

from optimizer.apportion import apportion
from optimizer.fairs.public_money import headroom

ANY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A part of eligible cost that is paid; the first rate of a programme that matches a line counts.

    Parameters
    ----------
    rate
        From 0 to 1.
    categories, firm_sizes
        Those it is for; empty: all.
    from_edition, to_edition
        Supported participations, this one included, for which it is; None: without end.
    """

    rate: Fraction
    categories: frozenset[str] = frozenset()
    firm_sizes: frozenset[str] = frozenset()
    from_edition: int = 1
    to_edition: int | None = None

    def matches(self, category: str, firm: "FirmClaim") -> bool:
        """Say whether it is the rate of a line of a firm."""
        edition = firm.supported_before + 1
        return (
            (not self.categories or category in self.categories)
            and (not self.firm_sizes or firm.firm_size in self.firm_sizes)
            and self.from_edition <= edition
            and (self.to_edition is None or edition <= self.to_edition)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """The terms of a programme of co-financing, amounts in minor units of its currency.

    Parameters
    ----------
    activities
        Kinds of activity that it pays for, such as ``fair`` or ``mission``.
    categories
        Categories of cost that are eligible.
    indirect_rate
        Paid for overhead, as a part of the direct eligible cost.
    first_time_bonus
        Added to the rate of a firm that was never supported before.
    category_limits
        Category -> largest part of a firm's eligible cost that it may be.
    cap_by_zone_minor
        Zone (``national``, ``union``, ``abroad`` ...) -> most that a firm is paid for one activity; ``*``: any zone.
    cap_by_activity_minor
        Activity -> most that all firms together are paid for it; ``*``: any activity.
    cap_firm_year_minor, pot_minor
        Most that a firm is paid in a year; what the programme still holds.
    most_persons, most_area_cm2
        Persons and area of a firm whose cost is eligible; lines beyond count in proportion.
    most_editions, most_times_same_fair, most_activities_a_year
        Supported participations after which nothing more is paid.
    total_rate
        Part of the eligible cost that all public money together may be.
    de_minimis_ceiling_minor, de_minimis_years
        Ceiling over rolling years where the aid is de minimis.
    handling_fee_rate
        Part of the aid that the association keeps.
    evidence
        Codes of what a claim must be accompanied by.
    """

    code: str
    currency: str
    activities: frozenset[str]
    categories: frozenset[str]
    rates: tuple[Rate, ...]
    indirect_rate: Fraction = Fraction(0)
    first_time_bonus: Fraction = Fraction(0)
    category_limits: Mapping[str, Fraction] = field(default_factory=dict)
    cap_by_zone_minor: Mapping[str, int] = field(default_factory=dict)
    cap_by_activity_minor: Mapping[str, int] = field(default_factory=dict)
    cap_firm_year_minor: int | None = None
    pot_minor: int | None = None
    most_persons: int | None = None
    most_area_cm2: int | None = None
    firm_sizes: frozenset[str] = frozenset()
    minimum_firms: int = 1
    minimum_regions: int = 1
    minimum_project_minor: int = 0
    maximum_project_minor: int | None = None
    most_editions: int | None = None
    most_times_same_fair: int | None = None
    most_activities_a_year: int | None = None
    total_rate: Fraction = Fraction(1)
    de_minimis_ceiling_minor: int | None = None
    de_minimis_years: int = 3
    handling_fee_rate: Fraction = Fraction(0)
    paid_in_advance: bool = False
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    """A cost of one firm, with the persons or the area that it is for where these count."""

    category: str
    amount_minor: int
    persons: int | None = None
    area_cm2: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmClaim:
    """What a firm claims and what it had before.

    Parameters
    ----------
    supported_before, times_same_fair_before, activities_this_year
        Participations that this programme supported before this one.
    aid_this_year_minor
        Aid of this programme in the same year.
    other_aid_minor
        Other public money for the same costs.
    de_minimis
        Dates and amounts of de-minimis aid from any programme.
    """

    firm: str
    lines: tuple[CostLine, ...]
    firm_size: str = ""
    region: str = ""
    supported_before: int = 0
    times_same_fair_before: int = 0
    activities_this_year: int = 0
    aid_this_year_minor: int = 0
    other_aid_minor: int = 0
    de_minimis: tuple[tuple[date, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The claims of all firms for one activity; `zone` says where it is, `day` when the right to the aid arises."""

    activity: str
    zone: str
    day: date
    firms: tuple[FirmClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a term did: the aid of the firm after it, and the numbers of the term as exact values."""

    term: str
    aid_minor: int
    found: Fraction | int | str = ""
    expected: Fraction | int | str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmAid:
    """The aid of one firm with all terms that mattered, in order; the last one holds."""

    firm: str
    cost_minor: int
    eligible_minor: int
    aid_minor: int
    handling_fee_minor: int
    steps: tuple[Step, ...]

    @property
    def net_benefit_minor(self) -> int:
        """What reaches the firm."""
        return self.aid_minor - self.handling_fee_minor


def aid_of_all(programme: Programme, application: Application) -> dict[str, FirmAid]:
    """Return the aid of every firm, in whole minor units rounded down.

    A programme in which any gate of the group is shut pays nothing to anybody, and says why.
    """
    shut = list(_group_gates(programme, application))
    found = {}
    for claim in application.firms:
        one = _firm_aid(programme, application, claim)
        if shut:
            one = _after(one, *(replace(step, aid_minor=0) for step in shut))
        found[claim.firm] = one
    caps = programme.cap_by_activity_minor
    for term, cap in (
        ("cap_by_activity", caps.get(application.activity, caps.get(ANY))),
        ("pot", programme.pot_minor),
    ):
        _share_cap(found, term, cap)
    return {
        firm: replace(one, handling_fee_minor=floor(one.aid_minor * programme.handling_fee_rate))
        for firm, one in found.items()
    }


def cut_after_audit(granted: Mapping[str, FirmAid], accepted: Mapping[str, FirmAid]) -> dict[str, int]:
    """Return by firm what an audit changes: the aid on accepted cost less the aid granted, < 0 for a cut."""
    return {
        firm: (accepted[firm].net_benefit_minor if firm in accepted else 0) - one.net_benefit_minor
        for firm, one in granted.items()
    }


def _group_gates(programme: Programme, application: Application) -> Iterator[Step]:
    """Yield the terms of the group that are not met."""
    firms = application.firms
    if application.activity not in programme.activities:
        yield Step(term="activity", aid_minor=0, found=application.activity)
    if len(firms) < programme.minimum_firms:
        yield Step(term="minimum_firms", aid_minor=0, found=len(firms), expected=programme.minimum_firms)
    regions = len({claim.region for claim in firms})
    if programme.minimum_regions > 1 and regions < programme.minimum_regions:
        yield Step(term="minimum_regions", aid_minor=0, found=regions, expected=programme.minimum_regions)
    project = sum(line.amount_minor for claim in firms for line in claim.lines if line.category in programme.categories)
    if project < programme.minimum_project_minor:
        yield Step(term="minimum_project", aid_minor=0, found=project, expected=programme.minimum_project_minor)
    most = programme.maximum_project_minor
    if most is not None and project > most:
        yield Step(term="maximum_project", aid_minor=0, found=project, expected=most)


def _firm_gates(programme: Programme, claim: FirmClaim) -> Iterator[Step]:
    """Yield the terms of a firm that are not met."""
    if programme.firm_sizes and claim.firm_size not in programme.firm_sizes:
        yield Step(term="firm_sizes", aid_minor=0, found=claim.firm_size)
    for term, before, most in (
        ("most_editions", claim.supported_before, programme.most_editions),
        ("most_times_same_fair", claim.times_same_fair_before, programme.most_times_same_fair),
        ("most_activities_a_year", claim.activities_this_year, programme.most_activities_a_year),
    ):
        if most is not None and before >= most:
            yield Step(term=term, aid_minor=0, found=before, expected=most)


def _firm_aid(programme: Programme, application: Application, claim: FirmClaim) -> FirmAid:
    eligible = _eligible(programme, claim)
    whole = sum(eligible.values(), start=Fraction(0))
    bonus = programme.first_time_bonus if claim.supported_before == 0 else Fraction(0)
    direct = Fraction(0)
    for category, amount in eligible.items():
        rate = next((one.rate for one in programme.rates if one.matches(category, claim)), None)
        # The bonus adds to a rate; where the programme has none for a firm there is nothing to add to.
        direct += amount * min(Fraction(1), rate + bonus) if rate is not None else 0
    aid = floor(min(whole, direct + whole * programme.indirect_rate if direct else direct))
    found = FirmAid(
        firm=claim.firm,
        cost_minor=sum(line.amount_minor for line in claim.lines),
        eligible_minor=floor(whole),
        aid_minor=aid,
        handling_fee_minor=0,
        steps=(Step(term="rate", aid_minor=aid, found=floor(whole)),),
    )
    found = _after(found, *_firm_gates(programme, claim))
    for term, most in _firm_caps(programme, application, claim, floor(whole)):
        if most is not None and found.aid_minor > most:
            found = _after(found, Step(term=term, aid_minor=max(0, most), found=found.aid_minor, expected=most))
    return found


def _eligible(programme: Programme, claim: FirmClaim) -> dict[str, Fraction]:
    """Return category -> eligible cost of a firm, after limits of persons, area and parts of the project."""
    found: dict[str, Fraction] = {}
    for line in claim.lines:
        if line.category not in programme.categories:
            continue
        amount = Fraction(line.amount_minor)
        for held, most in ((line.persons, programme.most_persons), (line.area_cm2, programme.most_area_cm2)):
            if held is not None and most is not None and held > most:
                amount = amount * most / held
        found[line.category] = found.get(line.category, Fraction(0)) + amount
    limits = {category: part for category, part in programme.category_limits.items() if category in found}
    # A limited category may be part p of a whole that it is in itself: p / (1 - p) of what the free ones come to.
    free = sum((amount for category, amount in found.items() if category not in limits), start=Fraction(0))
    kept = 1 - sum(limits.values(), start=Fraction(0))
    for category, part in limits.items():
        if kept > 0:
            found[category] = min(found[category], part * free / kept)
    return found


def _firm_caps(
    programme: Programme, application: Application, claim: FirmClaim, eligible_minor: int
) -> Iterator[tuple[str, int | None]]:
    zones = programme.cap_by_zone_minor
    yield "cap_by_zone", zones.get(application.zone, zones.get(ANY))
    year = programme.cap_firm_year_minor
    yield "cap_firm_year", None if year is None else max(0, year - claim.aid_this_year_minor)
    yield "total_rate", max(0, floor(eligible_minor * programme.total_rate) - claim.other_aid_minor)
    ceiling = programme.de_minimis_ceiling_minor
    if ceiling is not None:
        room = headroom(ceiling, programme.de_minimis_years, claim.de_minimis, application.day)
        yield "de_minimis", max(0, room.headroom_minor)


def _after(found: FirmAid, *steps: Step) -> FirmAid:
    return replace(found, aid_minor=steps[-1].aid_minor, steps=(*found.steps, *steps)) if steps else found


def _share_cap(found: dict[str, FirmAid], term: str, cap_minor: int | None) -> None:
    """Cut the aid of all in proportion where together it is above a cap."""
    asked = {firm: one.aid_minor for firm, one in found.items()}
    whole = sum(asked.values())
    if cap_minor is None or whole <= cap_minor:
        return
    for firm, amount in apportion(cap_minor, asked).items():
        if amount != asked[firm]:
            step = Step(term=term, aid_minor=amount, found=whole, expected=cap_minor)
            found[firm] = _after(found[firm], step)


def terms_that_bound(aid: Iterable[Step]) -> tuple[str, ...]:
    """Return the terms beyond the rate that made the aid what it is, in order."""
    return tuple(step.term for step in aid if step.term != "rate")
