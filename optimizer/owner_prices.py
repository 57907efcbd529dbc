"""What keeping members' goods apart costs a whole plan: planned under every level of `Owners` with the same limits.

Three ways lead to a plan of a level, and the best that the judge accepts is taken: the level's own search, the plan in
force with its containers loaded anew under the level, and the plan of a stricter level, which keeps the rules of this
one too. So no level is dearer than one that asks for more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from optimizer.checking import check_plan
from optimizer.container_loads import can_be_placed
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.load_planning import load_as_planned, plan_with_loads
from optimizer.problem import ConsolidationProblem
from optimizer.problem_parts import Owners
from optimizer.result import ShipmentPlan


class FoundBy(StrEnum):
    """How the plan of a level was found."""

    SEARCH = "search"
    PLAN_IN_FORCE = "plan_in_force"
    STRICTER_LEVEL = "stricter_level"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOfLevel:
    """The best plan found under one level, accepted by the judge; None where there is none that is shown to load."""

    owners: Owners
    found_by: FoundBy
    plan: ShipmentPlan | None


def under(problem: ConsolidationProblem, owners: Owners) -> ConsolidationProblem:
    """Return the problem with another level of keeping members' goods apart."""
    return replace(problem, settings=replace(problem.settings, owners=owners))


def price_owners(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    limits: Limits,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> tuple[PlanOfLevel, ...]:
    """Plan the same goods under every level.

    Parameters
    ----------
    plan
        The plan in force, of any level.
    limits
        Of the search of each level.

    Returns
    -------
    tuple[PlanOfLevel, ...]
        The laxest level first. After a stop, levels whose search had not begun hold what the other ways give.
    """
    best: PlanOfLevel | None = None
    found = []
    for place, owners in enumerate(reversed(Owners)):
        asked = under(problem, owners)

        def tell(progress: Progress, place: int = place) -> None:
            done = (1000 * place + progress.done_permille) // len(Owners)
            on_progress(replace(progress, cost_minor=None, lower_bound_minor=None, done_permille=done))

        # The judge has no rule for what is only preferred: loads that mixed goods freely do not count for it.
        counts = not (owners is Owners.PREFERRED and problem.settings.owners is Owners.FREE) and _holds(asked, plan)
        ways = _ways(asked, plan, counts, limits, seed, tell, should_stop)
        accepted = [PlanOfLevel(owners=owners, found_by=by, plan=one) for by, one in ways if _holds(asked, one)]
        if best is not None and best.plan is not None and _holds(asked, best.plan):
            accepted.append(replace(best, owners=owners, found_by=FoundBy.STRICTER_LEVEL))
        nothing = PlanOfLevel(owners=owners, found_by=FoundBy.SEARCH, plan=None)
        best = min(accepted, key=_rank, default=nothing)
        found.append(best)
    return tuple(reversed(found))


def _ways(
    asked: ConsolidationProblem,
    plan: ShipmentPlan,
    counts: bool,
    limits: Limits,
    seed: int,
    tell: OnProgress,
    should_stop: ShouldStop,
) -> Iterator[tuple[FoundBy, ShipmentPlan]]:
    if not should_stop():
        yield (
            FoundBy.SEARCH,
            plan_with_loads(asked, limits=limits, seed=seed, on_progress=tell, should_stop=should_stop),
        )
    if counts:
        yield FoundBy.PLAN_IN_FORCE, plan
    elif not should_stop():
        tell(Progress(stage="loading", done_permille=999))
        yield FoundBy.PLAN_IN_FORCE, load_as_planned(asked, plan, limits=limits, seed=seed, should_stop=should_stop)


def _holds(asked: ConsolidationProblem, plan: ShipmentPlan) -> bool:
    """Say whether every container is shown to load under the level, and the judge finds nothing."""
    shown = all(one.load_plan is not None or not can_be_placed(asked, one) for one in plan.containers)
    return shown and not check_plan(asked, plan)


def _rank(one: PlanOfLevel) -> tuple[int, int]:
    assert one.plan is not None
    return len(one.plan.unplanned), one.plan.cost_minor
