"""How shares would change: a member leaves, joins, is late, ships less; a charge or a volume moves.

Each question is planned and shared again, by the rule of the plan and as it was made. Used by the worker; it neither
reads nor writes records. Answers are plain values: amounts in minor units, members by code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from consortium.plan_making import MadePlan, make_plan
from optimizer.allocation.population import Joining, corrected
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.problem import ConsolidationProblem, ProblemError
from optimizer.what_if import PERMILLE, delayed, repriced, resized, volume_mm3, without_member


@dataclass(frozen=True, kw_only=True)
class Studied:
    """A plan whose shares are studied, and how it was made.

    Parameters
    ----------
    shares_minor, alone_minor
        What the plan in force charges each member, and what it would pay alone where that is known.
    with_load_plan
        Whether its containers were loaded: then those of every other plan are, too.
    """

    problem: ConsolidationProblem
    cost_minor: int
    gap_ppm: int
    shares_minor: Mapping[str, int]
    alone_minor: Mapping[str, int]
    rule: str
    tie_key: str
    limits: Limits
    seed: int = 0
    with_load_plan: bool = True
    on_progress: OnProgress = ignore_progress
    should_stop: ShouldStop = never_stop

    @property
    def members(self) -> list[str]:
        """Members that the plan charges."""
        return list(self.shares_minor)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a question: shares, or the reason why there are none.

    Parameters
    ----------
    missing
        ``refused`` when the goods then fit no container, or why there are no shares (`MadePlan.shares_missing`).
    unplanned
        Consignments that then stay behind.
    """

    cost_minor: int | None = None
    gap_ppm: int | None = None
    shares_minor: Mapping[str, int] = field(default_factory=dict)
    alone_minor: Mapping[str, int] = field(default_factory=dict)
    unplanned: tuple[str, ...] = ()
    missing: str = ""

    def numbers(self) -> dict[str, Any]:
        """Return the outcome as plain values."""
        return {
            "cost_minor": self.cost_minor,
            "gap_ppm": self.gap_ppm,
            "shares_minor": dict(self.shares_minor),
            "alone_minor": dict(self.alone_minor),
            "unplanned": list(self.unplanned),
            "missing": self.missing,
        }


def leaving(studied: Studied, member: str) -> dict[str, Any]:
    """Say what all others would pay without a member, and so who pays more because it is there."""
    found = _shared_anew(studied, without_member(studied.problem, member))
    return _before(studied) | {
        "after": found.numbers(),
        "joining": _joining(member, found.shares_minor, studied.shares_minor, studied.alone_minor.get(member)),
    }


def joining(studied: Studied, larger: ConsolidationProblem, member: str) -> dict[str, Any]:
    """Say what everybody would pay with a member's further orders, which `larger` holds."""
    found = _shared_anew(studied, larger)
    newcomer = member not in studied.shares_minor
    told = _joining(member, studied.shares_minor, found.shares_minor, found.alone_minor.get(member))
    return _before(studied) | {"after": found.numbers()} | ({"joining": told} if newcomer else {})


def delaying(studied: Studied, member: str, days: int) -> dict[str, Any]:
    """Say what everybody would pay were a member's goods ready so many days later."""
    return _before(studied) | {"after": _shared_anew(studied, delayed(studied.problem, member, days)).numbers()}


def shipping_less(studied: Studied, member: str, percent: int) -> dict[str, Any]:
    """Say what everybody would pay if a member shipped so many per cent less, in whole packages."""
    return _before(studied) | _at_volume(studied, member, PERMILLE - 10 * percent)


def every_joining(studied: Studied) -> dict[str, Any]:
    """Say of each member, as if it had joined last, who of the others pays more because of it."""
    told = []
    for place, member in enumerate(studied.members):
        if studied.should_stop():
            break
        found = _shared_anew(_part_of(studied, place, len(studied.members)), without_member(studied.problem, member))
        told.append(_joining(member, found.shares_minor, studied.shares_minor, studied.alone_minor.get(member)))
    return _before(studied) | {"joinings": told, "complete": len(told) == len(studied.members)}


def sensitivity(
    studied: Studied, percent: int, charges: tuple[str, ...] = (), members: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Say how shares move when charges, and the volumes of members, are so many per cent lower and higher."""
    subjects = [*(("charge", name) for name in charges), *(("member", name) for name in members)]
    asked = [(kind, name, sign) for kind, name in subjects for sign in (-1, 1)]
    moved: list[dict[str, Any]] = []
    for place, (kind, name, sign) in enumerate(asked):
        if studied.should_stop():
            break
        here, permille = _part_of(studied, place, len(asked)), PERMILLE + 10 * sign * percent
        if kind == "charge":
            after = {"after": _shared_anew(here, repriced(studied.problem, name, permille)).numbers()}
        else:
            after = _at_volume(here, name, permille)
        moved.append({"kind": kind, "name": name, "permille": permille} | after)
    return _before(studied) | {"percent": percent, "variations": moved, "complete": len(moved) == len(asked)}


def _before(studied: Studied) -> dict[str, Any]:
    return {
        "before": Outcome(
            cost_minor=studied.cost_minor,
            gap_ppm=studied.gap_ppm,
            shares_minor=studied.shares_minor,
            alone_minor=studied.alone_minor,
        ).numbers()
    }


def _at_volume(studied: Studied, member: str, permille: int) -> dict[str, Any]:
    """Share anew with so many thousandths of a member's goods; whole packages may make it another volume."""
    before = volume_mm3(studied.problem, member)
    try:
        changed = resized(studied.problem, member, permille)
    except ProblemError:
        return {"after": Outcome(missing="refused").numbers(), "volume_permille": permille}
    return {
        "after": _shared_anew(studied, changed).numbers(),
        "volume_permille": volume_mm3(changed, member) * PERMILLE // before,
    }


def _shared_anew(studied: Studied, problem: ConsolidationProblem) -> Outcome:
    """Plan and share a problem as the plan that is studied; the same problem comes back with the same shares."""
    if not problem.consignments:
        return Outcome(cost_minor=0, gap_ppm=0)
    if problem == studied.problem:
        return Outcome(
            cost_minor=studied.cost_minor,
            gap_ppm=studied.gap_ppm,
            shares_minor=studied.shares_minor,
            alone_minor=studied.alone_minor,
        )
    made = make_plan(
        problem,
        rule=studied.rule,
        tie_key=studied.tie_key,
        limits=studied.limits,
        seed=studied.seed,
        with_comparison=False,
        with_load_plan=studied.with_load_plan,
        on_progress=studied.on_progress,
        should_stop=studied.should_stop,
    )
    return _outcome(made)


def _outcome(made: MadePlan) -> Outcome:
    if made.violations:
        return Outcome(missing="judge_found_violations")
    members = made.shares.members if made.shares else ()
    return Outcome(
        cost_minor=made.plan.cost_minor,
        gap_ppm=made.plan.gap_ppm,
        shares_minor={one.member: one.cost_share_minor for one in members},
        alone_minor={one.member: one.stand_alone_minor for one in members if one.stand_alone_minor is not None},
        unplanned=tuple(sorted({one.consignment for one in made.plan.unplanned})),
        missing=made.shares_missing,
    )


def _joining(
    newcomer: str, before: Mapping[str, int], after: Mapping[str, int], alone: int | None
) -> dict[str, Any] | None:
    """Return who pays more because a member joined, and the correction; None where one of the answers is missing.

    Who is in only one of the two (its goods stay behind in the other) is not compared.
    """
    if newcomer not in after or (not before and len(after) > 1):
        return None
    both = {member: paid for member, paid in before.items() if member in after}
    found = Joining(
        newcomer=newcomer,
        before=both,
        after={member: paid for member, paid in after.items() if member in both or member == newcomer},
        alone=alone,
    )
    correction = corrected(found)
    return {
        "newcomer": newcomer,
        "changes_minor": {member: after[member] - paid for member, paid in both.items()},
        "worse_off_minor": dict(found.worse_off),
        "correction": {
            "shares_minor": dict(correction.shares),
            "gap_minor": correction.gap,
            "over_alone_minor": correction.over_alone,
            "is_possible": correction.is_possible,
            "some_way": correction.some_way,
        },
    }


def _part_of(studied: Studied, place: int, parts: int) -> Studied:
    """Return the same, with its progress told as that of one part among several."""

    def tell(told: Progress) -> None:
        studied.on_progress(
            Progress(stage=told.stage, done_permille=(1000 * place + min(told.done_permille, 1000)) // parts)
        )

    return replace(studied, on_progress=tell)
