"""The whole answer to a load problem: pallets first where they are asked for, then containers, under one or all levels.

A load found under a stricter level of keeping owners apart is also one under a laxer level, and is taken there where it
is the better one: so keeping owners apart never seems to pay.
"""

from collections.abc import Iterator
from dataclasses import replace

from optimizer.checking_levels import rank
from optimizer.checking_loads import check_loads, objective_value
from optimizer.limits import Limits, OnProgress, ShouldStop, ignore_progress, never_stop
from optimizer.load_problem import LoadProblem, Owners
from optimizer.load_result import LoadAnswer, OwnersLevel, StaysOut
from optimizer.pallets import built_pallets, goods_for_pallets, on_pallets
from optimizer.result import BuiltPallet, SolveStatus

PALLET_SHARE = 0.3
"""Part of the work and time for putting cartons onto pallets, where that is asked for."""


def answer_load(
    problem: LoadProblem,
    *,
    with_levels: bool = False,
    limits: Limits | None = None,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> LoadAnswer:
    """Load a problem's packages, those that may on pallets first.

    Parameters
    ----------
    with_levels
        Load the same goods under every level of keeping owners apart, each with the same limits.
    limits
        Of pallets and containers together; with levels, the part for containers is that of each level.
    """
    limits = limits or Limits()
    pallets: tuple[BuiltPallet, ...] = ()
    if problem.pallet is not None:
        pallets = _built(problem, _part(limits, PALLET_SHARE), seed, on_progress, should_stop)
        problem, limits = on_pallets(problem, pallets), _part(limits, 1 - PALLET_SHARE)
    levels = tuple(Owners) if with_levels else (problem.owners,)
    found = {}
    for owners in sorted(levels, key=lambda one: one is not problem.owners):  # what is asked for comes first
        found[owners] = _loaded(replace(problem, owners=owners), limits, seed, on_progress, should_stop)
    if not with_levels:
        return replace(found[problem.owners], pallets=pallets)
    priced = tuple(_carried(problem, found))[::-1]
    asked = next(answer for level, answer in priced if level.owners is problem.owners)
    return replace(asked, pallets=pallets, levels=tuple(level for level, _ in priced))


def _part(limits: Limits, share: float) -> Limits:
    return Limits(time_limit_s=limits.time_limit_s * share, work_limit=limits.work_limit * share)


def _built(
    problem: LoadProblem, limits: Limits, seed: int, on_progress: OnProgress, should_stop: ShouldStop
) -> tuple[BuiltPallet, ...]:
    from optimizer.loading.pallets import onto_pallets

    goods = goods_for_pallets(problem)
    if problem.pallet is None or not goods:
        return ()
    found = onto_pallets(
        problem.pallet, goods, mixed=problem.pallet.mixed, limits=limits, seed=seed,
        on_progress=lambda progress: on_progress(replace(progress, stage="pallets")), should_stop=should_stop,
    )  # fmt: skip
    return built_pallets(found)


def _loaded(
    problem: LoadProblem, limits: Limits, seed: int, on_progress: OnProgress, should_stop: ShouldStop
) -> LoadAnswer:
    from optimizer.loading.engine import plan_loads

    return plan_loads(problem, limits=limits, seed=seed, on_progress=on_progress, should_stop=should_stop)


def _carried(problem: LoadProblem, found: dict[Owners, LoadAnswer]) -> Iterator[tuple[OwnersLevel, LoadAnswer]]:
    """Yield every level with its answer, the strictest first, the better of its own and of those before it."""
    best, under = None, Owners.STRICT
    for owners in reversed(Owners):
        asked, own = replace(problem, owners=owners), found[owners]
        taken = None if best is None else _taken(asked, best, own)
        # A pin may break the rule of a stricter level: such loads are not passed on.
        if taken is not None and rank(asked, taken) < rank(asked, own) and not check_loads(asked, taken):
            best = taken
        else:
            best, under = own, owners
        yield _level(problem, owners, under, best), best


def _taken(problem: LoadProblem, best: LoadAnswer, own: LoadAnswer) -> LoadAnswer:
    """Return the loads of a stricter level with what the own search proves of them."""
    value = objective_value(problem, best)
    bound = min(own.lower_bound, value)
    late = any(one.reason is StaysOut.TIME_LIMIT for one in best.unloaded)
    status = SolveStatus.OPTIMAL if value == bound and not late else SolveStatus.FEASIBLE
    return replace(own, status=status, lower_bound=bound, loads=best.loads, unloaded=best.unloaded)


def _level(problem: LoadProblem, owners: Owners, under: Owners, answer: LoadAnswer) -> OwnersLevel:
    return OwnersLevel(
        owners=owners,
        found_under=under,
        status=answer.status,
        lower_bound=answer.lower_bound,
        containers=len(answer.loads),
        cost_minor=sum(problem.container[load.container].cost_minor for load in answer.loads),
        packages_left=sum(one.quantity for one in answer.unloaded),
        loads=answer.loads,
        unloaded=answer.unloaded,
    )
