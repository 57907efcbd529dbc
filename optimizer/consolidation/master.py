"""Least-cost plans by set partitioning: separate parts, column generation, integer choice, proof."""

import time
from dataclasses import replace

from optimizer.consolidation.bounds import separate_parts, without_dominated
from optimizer.consolidation.charges import price
from optimizer.consolidation.divided import DividedSearch
from optimizer.consolidation.lots import EndedBy, Improved, LotPlan
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.parts import Budget, OnBound, PartSearch
from optimizer.consolidation.patterns import Layout
from optimizer.consolidation.plans import columns_of, lot_plan_of, not_carried, unplanned
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.selection import value_of
from optimizer.consolidation.splitting import grain_layout
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop
from optimizer.problem import ConsolidationProblem

STAGE = "improve"
"""Name of this stage in progress messages."""

TELLING: tuple[EndedBy, ...] = ("stopped", "time_limit", "work_limit", "method", "proof")
"""Reasons for an end, the one that matters most to who wants the same answer again first."""


def improve(
    problem: ConsolidationProblem,
    start: LotPlan,
    *,
    limits: Limits,
    seed: int,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> Improved:
    """Improve a plan until it is proven or the limits end the search.

    Parameters
    ----------
    start
        A feasible plan; the answer carries as many consignments and costs no more.
    limits
        Work ends the search the same way on every machine; the clock is a safety net.
    on_progress
        Told the cost of the best plan so far and a bound on it.
    should_stop
        Asked at least every half second; the best plan so far is then returned.
    """
    return _Search(problem, start, limits, seed, on_progress, should_stop).run()


class _Whole:
    """A separate part whose consignments all travel whole."""

    def __init__(self, problem: ConsolidationProblem, layout: Layout, start: LotPlan) -> None:
        self.problem = problem
        self.layout = layout
        self.columns = columns_of(layout, start)
        self.value = value_of(layout, self.columns) - self.lost
        self.bound = 0
        self.proven = False

    @property
    def lost(self) -> int:
        """What the penalties of pieces left behind add."""
        return (len(self.layout.pieces) - sum(one.mask.bit_count() for one in self.columns)) * self.layout.penalty

    @property
    def plan(self) -> LotPlan:
        """The best plan of the part."""
        here = self.problem.restricted_to(piece.consignment.id for piece in self.layout.pieces)
        return lot_plan_of(here, [(self.layout, column) for column in self.columns])

    def run(self, budget: Budget, on_bound: OnBound) -> None:
        """Search the part."""
        search: PartSearch

        def tell(value: int, bound: int) -> None:
            self.columns = search.columns
            on_bound(value - self.lost, max(0, bound - self.lost))

        search = PartSearch(Relaxation(self.layout), self.columns, budget, tell)
        search.run()
        self.columns = search.columns
        self.value, self.bound = search.value - self.lost, max(0, search.bound - self.lost)
        self.proven = search.proven


class _Search:
    """One call of `improve`: separate parts one after the other, each with its share of what is left."""

    def __init__(
        self,
        problem: ConsolidationProblem,
        start: LotPlan,
        limits: Limits,
        seed: int,
        on_progress: OnProgress,
        should_stop: ShouldStop,
    ) -> None:
        self.problem = problem
        self.start = start
        self.seed = seed
        self.on_progress = on_progress
        self.should_stop = should_stop
        self.work = limits.work_limit
        self.deadline = time.monotonic() + limits.time_limit_s
        self.done_cost = self.done_bound = 0

    def run(self) -> Improved:
        """Search part by part and put the best plans together."""
        hopeful = [one for one in self.problem.consignments if feasible_options(self.problem, one)]
        layout = without_dominated(grain_layout(self.problem, hopeful))
        # Small parts first: what they leave of the budget goes to the large ones.
        keeps = sorted(separate_parts(layout), key=len)
        parts = [self._part(layout.restricted(keep)) for keep in keeps]
        sizes = [len(keep) ** 2 for keep in keeps]
        reasons: list[EndedBy] = []
        for index, part in enumerate(parts):
            share = sizes[index] / sum(sizes[index:])
            ended_by = self._search(part, share, sum(one.value for one in parts[index + 1 :]))
            if not part.proven:
                reasons.append(ended_by)
        return self._answer(parts, reasons)

    def _part(self, layout: Layout) -> "_Whole | DividedSearch":
        return (DividedSearch if layout.grains else _Whole)(self.problem, layout, self.start)

    def _search(self, part: "_Whole | DividedSearch", share: float, waiting: int) -> EndedBy:
        now = time.monotonic()
        given = self.work * share
        deadline = now + max(0.0, self.deadline - now) * share
        budget = Budget(given, deadline, self.seed, self.should_stop)

        def tell(value: int, bound: int) -> None:
            cost = self.done_cost + waiting + value
            self.on_progress(Progress(stage=STAGE, cost_minor=cost, lower_bound_minor=self.done_bound + bound))

        part.run(budget, tell)
        self.work -= given - budget.work
        self.done_cost += part.value
        self.done_bound += part.bound
        tell(0, 0)
        return budget.ended_by if budget.ended_by != "proof" else "method"

    def _answer(self, parts: "list[_Whole | DividedSearch]", reasons: list[EndedBy]) -> Improved:
        plans = [part.plan for part in parts]
        carried = LotPlan(
            containers=tuple(one for plan in plans for one in plan.containers),
            lcl=tuple(one for plan in plans for one in plan.lcl),
            postal=tuple(one for plan in plans for one in plan.postal),
        )
        found = replace(carried, unplanned=unplanned(self.problem, carried))
        cost = price(self.problem, found.containers, found.lcl, found.postal).cost_minor
        begun = price(self.problem, self.start.containers, self.start.lcl, self.start.postal).cost_minor
        proven = not reasons
        if (not_carried(self.problem, self.start), begun) < (not_carried(self.problem, found), cost):
            # Only where the start keeps to other rules than this search, as containers with a load plan may.
            found, cost, proven = self.start, begun, False
        return Improved(
            plan=found,
            lower_bound_minor=min(self.done_bound, cost),
            proven=proven,
            ended_by="proof" if proven else min(reasons, key=TELLING.index, default="method"),
        )
