"""The loop between consolidation and loading: every container of the plan loads, and its room is used.

Plan by volume, load every container, mend what does not load. Then plan once more with containers that may be filled to
the top: what that costs is a lower bound of every plan that loads. Where its containers do not load, plan their lanes
again with no more volume in that type than what was really loaded. The cheapest plan that loads is the answer.
"""

import time
from collections.abc import Iterable
from dataclasses import replace

from optimizer.consolidation.charges import price
from optimizer.consolidation.heuristics import first_plan
from optimizer.consolidation.lots import EndedBy, Improved, LotPlan
from optimizer.consolidation.master import TELLING, improve
from optimizer.consolidation.options import admits
from optimizer.consolidation.plans import together
from optimizer.container_loads import Loader, can_be_placed
from optimizer.fitting import Failure, Fitting, roomy
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.planning import assemble, plan_by_volume, tell_planned
from optimizer.problem import ConsolidationProblem, Departure, Mode
from optimizer.result import ContainerLoad, LooseLot, ShipmentPlan, SolveStatus

BY_VOLUME, TO_THE_TOP, AGAIN = 0.6, 0.2, 0.2
"""Parts of the work for planning by volume, for planning with full containers, for planning lanes again."""

LOADING = 1.0
"""Work for loading beside it, as a part of all work for planning."""

MOST_ROUNDS = 4
"""Times that lanes are planned again."""

STAGE, BOUND_STAGE = "loading", "bounding"
"""Names of these stages in progress messages: making plans load, and planning with containers filled to the top."""

Lane = tuple[str, str]
"""Origin and destination."""


def plan_with_loads(
    problem: ConsolidationProblem,
    *,
    limits: Limits | None = None,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> ShipmentPlan:
    """Plan as `optimizer.planning.plan` does, every container with a load plan where its goods have sizes.

    A container with goods that state only volume and mass has none, and is planned by its usable volume.

    Returns
    -------
    ShipmentPlan
        OPTIMAL when proven among all plans whose containers hold what they have room for, filled to the top: no plan
        that loads costs less. Where the clock or `should_stop` came first, containers that were not loaded yet have no
        load plan, keep to their usable volume, and nothing is called optimal.
    """
    limits = limits or Limits()
    loop = _Loop(problem, limits, seed, on_progress, should_stop)
    answer = loop.run() if loop.can_load else loop.by_volume(1.0)
    tell_planned(answer, on_progress)
    return answer


def load_as_planned(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    limits: Limits,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
) -> ShipmentPlan:
    """Return a plan that somebody chose with load plans where its containers load; nothing else is changed."""
    loader = Loader(problem, limits.work_limit, time.monotonic() + limits.time_limit_s, seed, should_stop)
    return replace(plan, containers=tuple(loader.load(one).load for one in plan.containers))


class _Loop:
    """One call of `plan_with_loads`."""

    def __init__(
        self,
        problem: ConsolidationProblem,
        limits: Limits,
        seed: int,
        on_progress: OnProgress,
        should_stop: ShouldStop,
    ) -> None:
        self.problem, self.limits, self.seed = problem, limits, seed
        self.on_progress, self.should_stop = on_progress, should_stop
        self.deadline = time.monotonic() + limits.time_limit_s
        self.full = roomy(problem)
        loader = Loader(problem, limits.work_limit * LOADING, self.deadline, seed, should_stop, self._tell)
        self.fitting = Fitting(problem, loader)
        self.best: LotPlan | None = None
        self.cost_minor = 0
        self.planned_minor: int | None = None
        """What the plan by volume costs, which is the answer until a plan loads."""
        self.by_volume_minor = 0
        """No plan within the usable volumes costs less, whether it loads or not."""
        self.ends: list[EndedBy] = []

    @property
    def can_load(self) -> bool:
        """Whether anything has sizes and may travel in a container."""
        return Mode.FCL in self.problem.settings.modes and any(one.packages for one in self.problem.consignments)

    def by_volume(self, share: float) -> ShipmentPlan:
        """Return a plan by volume, made with a share of the work."""
        tell = self._tell_planned if self.can_load else self.on_progress
        found = plan_by_volume(self.problem, self._limits(share), self.seed, tell, self.should_stop)
        self.ends.append(found.ended_by)
        return assemble(self.problem, found, limits=self.limits, seed=self.seed)

    def run(self) -> ShipmentPlan:
        """Plan, load, and plan again within the limits."""
        first = self.by_volume(BY_VOLUME)
        self.by_volume_minor, self.planned_minor = first.lower_bound_minor, first.cost_minor
        start = LotPlan(containers=first.containers, lcl=first.lcl, postal=first.postal)
        self._take(start)
        if self.best is None:
            return self._as_far_as_loaded(start)
        bound = self._improved(self.full, self.best, TO_THE_TOP)
        self._take(bound.plan)
        self._plan_again(bound.plan)
        return self._answer(bound)

    def _limits(self, share: float) -> Limits:
        # Of the time left never all, unless nothing is to be loaded afterwards.
        seconds = max(0.01, (self.deadline - time.monotonic()) * max(share, BY_VOLUME))
        return Limits(time_limit_s=seconds, work_limit=self.limits.work_limit * share)

    def _improved(self, problem: ConsolidationProblem, start: LotPlan, share: float) -> Improved:
        found = improve(
            problem, start, limits=self._limits(share), seed=self.seed, on_progress=self._tell_bound,
            should_stop=self.should_stop,
        )  # fmt: skip
        self.ends.append(found.ended_by)
        return found

    def _tell_planned(self, progress: Progress) -> None:
        """Tell of planning by volume without its bound, which a plan that loads may undercut."""
        self.on_progress(replace(progress, lower_bound_minor=None))

    def _tell(self) -> None:
        """Tell how much of the work for loading is used, and what the plan costs that a stop would give now."""
        left = max(0.0, self.fitting.loader.work_limit) / (self.limits.work_limit * LOADING)
        done = round(1000 * (1 - left))
        self.on_progress(Progress(stage=STAGE, cost_minor=self.cost_minor or self.planned_minor, done_permille=done))

    def _tell_bound(self, progress: Progress) -> None:
        self.on_progress(replace(progress, stage=BOUND_STAGE, cost_minor=self.cost_minor))

    def _take(self, plan: LotPlan) -> None:
        """Make a plan load, and keep it where it is better than the best."""
        self._tell()
        found = self.fitting.fit(plan)
        if found is None:
            return
        fitted, cost_minor = found
        if self.best is None or (len(fitted.unplanned), cost_minor) < (len(self.best.unplanned), self.cost_minor):
            self.best, self.cost_minor = fitted, cost_minor

    def _plan_again(self, plan: LotPlan) -> None:
        """Plan lanes again with less room, as long as containers fail and a plan is cheaper than the best."""
        room: dict[tuple[Lane, str], int] = {}
        share = AGAIN / MOST_ROUNDS
        for _ in range(MOST_ROUNDS):
            failures = self.fitting.failures
            if not failures or self.fitting.loader.over or self.fitting.loader.spent:
                return
            lanes = {self._lane(self.problem.departure[one.departure]) for one in failures}
            self._narrow(room, plan, failures)
            plans = [self._only(plan, {self._lane(one) for one in self.problem.departures} - lanes)]
            for lane in sorted(lanes):
                smaller = self._with_room(lane, {code: mm3 for (where, code), mm3 in room.items() if where == lane})
                start = first_plan(smaller, self.should_stop)
                plans.append(self._improved(smaller, start, share / len(lanes)).plan)
            plan = together(plans)
            cost_minor = self._cost(plan)
            if self.best is not None and not self.best.unplanned and cost_minor >= self.cost_minor:
                return
            self._take(plan)

    def _cost(self, plan: LotPlan) -> int:
        return price(self.problem, plan.containers, plan.lcl, plan.postal).cost_minor

    def _lane(self, departure: Departure) -> Lane:
        return departure.origin, departure.destination

    def _narrow(self, room: dict[tuple[Lane, str], int], plan: LotPlan, failures: Iterable[Failure]) -> None:
        """Lower the room of the types that failed on a lane to the largest volume that was loaded there."""
        for one in failures:
            lane = self._lane(self.problem.departure[one.departure])
            failed = {(each.departure, each.container_type, each.volume_mm3) for each in failures}
            loaded = [
                load.volume_mm3
                for load in plan.containers
                if load.container_type == one.container_type
                and self._lane(self.problem.departure[load.departure]) == lane
                and (load.departure, load.container_type, load.volume_mm3) not in failed
            ]
            most = min(max([one.loaded_mm3, *loaded]), one.volume_mm3 - 1)
            room[lane, one.container_type] = min(room.get((lane, one.container_type), most), most)

    def _with_room(self, lane: Lane, room: dict[str, int]) -> ConsolidationProblem:
        """Return the problem of one lane with less room in some types, though no less than one consignment needs."""
        here = [one for one in self.problem.consignments if (one.origin, one.destination) == lane]
        types = []
        for kind, full in zip(self.problem.container_types, self.full.container_types, strict=True):
            needed = [
                one.volume_mm3
                for one in here
                if not one.can_split and admits(kind, one) and one.volume_mm3 <= kind.usable_volume_mm3
            ]
            most = max([room.get(kind.code, full.volume_mm3), *needed])
            types.append(replace(full, volume_mm3=max(1, most)))
        return replace(self.problem, container_types=tuple(types), consignments=tuple(here))

    def _only(self, plan: LotPlan, lanes: set[Lane]) -> LotPlan:
        def stays(one: ContainerLoad | LooseLot) -> bool:
            return self._lane(self.problem.departure[one.departure]) in lanes

        return LotPlan(
            containers=tuple(filter(stays, plan.containers)),
            lcl=tuple(filter(stays, plan.lcl)),
            postal=tuple(filter(stays, plan.postal)),
        )

    def _answer(self, bound: Improved) -> ShipmentPlan:
        """Return the best plan with what the plan of full containers proves of it."""
        assert self.best is not None
        same = _behind(self.best) == _behind(bound.plan)
        proven_minor = self._cost(bound.plan) if bound.proven else bound.lower_bound_minor
        lower_bound_minor = proven_minor if same else 0
        proven = same and bound.proven and self.cost_minor <= lower_bound_minor
        found = Improved(
            plan=self.best,
            lower_bound_minor=lower_bound_minor,
            proven=proven,
            ended_by="proof" if proven else self._ended_by(),
        )
        return self._assembled(found)

    def _assembled(self, found: Improved) -> ShipmentPlan:
        answer = assemble(self.problem, found, limits=self.limits, seed=self.seed, bounding=self.full)
        return replace(answer, limits={**answer.limits, "lower_bound_by_volume_minor": self.by_volume_minor})

    def _as_far_as_loaded(self, plan: LotPlan) -> ShipmentPlan:
        """Return a plan by volume with the load plans that there are: the limits came before all were loaded."""
        plan = replace(plan, containers=tuple(self.fitting.loader.load(one).load for one in plan.containers))
        found = Improved(plan=plan, lower_bound_minor=0, proven=False, ended_by=self._ended_by())
        answer = self._assembled(found)
        missing = any(one.load_plan is None and can_be_placed(self.problem, one) for one in answer.containers)
        return replace(answer, status=SolveStatus.FEASIBLE) if missing and answer.containers else answer

    def _ended_by(self) -> EndedBy:
        if self.should_stop():
            return "stopped"
        late: list[EndedBy] = ["time_limit"] if time.monotonic() > self.deadline else []
        return min([*late, *(one for one in self.ends if one != "proof")], key=TELLING.index, default="method")


def _behind(plan: LotPlan) -> set[object]:
    return {
        entry if isinstance(entry, str) else (entry.consignment, *sorted(entry.packages.items()))
        for entry in plan.unplanned
    }
