"""Least-cost plans by set partitioning: separate parts, column generation, integer choice, proof."""

import time

from optimizer.consolidation.bounds import separate_parts, without_dominated
from optimizer.consolidation.charges import price
from optimizer.consolidation.lots import EndedBy, Improved, LotPlan
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.parts import Budget, PartSearch
from optimizer.consolidation.patterns import layout_of, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of, missing
from optimizer.consolidation.relaxation import Relaxation
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop
from optimizer.problem import ConsolidationProblem

STAGE = "improve"
"""Name of this stage in progress messages."""


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
    if any(one.can_split for one in problem.consignments):
        return Improved(plan=start, lower_bound_minor=0, proven=False, ended_by="work_limit")
    return _Search(problem, start, limits, seed, on_progress, should_stop).run()


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
        self.hopeless = [one.id for one in problem.consignments if not feasible_options(problem, one)]
        self.done_cost = self.done_bound = 0

    def run(self) -> Improved:
        """Search part by part and put the best choices together."""
        hopeless = set(self.hopeless)
        pieces = [whole_piece(one) for one in self.problem.consignments if one.id not in hopeless]
        layout = without_dominated(layout_of(self.problem, pieces))
        # Small parts first: what they leave of the budget goes to the large ones.
        parts = sorted((layout.restricted(keep) for keep in separate_parts(layout)), key=lambda one: len(one.pieces))
        searches = [
            PartSearch(Relaxation(part), columns_of(part, self.start), self._budget(), lambda *_: None)
            for part in parts
        ]
        for index, search in enumerate(searches):
            self._search(search, searches[index + 1 :])
        return self._answer(searches)

    def _budget(self) -> Budget:
        return Budget(self.work, self.deadline, self.seed, self.should_stop)

    def _search(self, search: PartSearch, later: list[PartSearch]) -> None:
        weight = len(search.layout.pieces) ** 2
        share = weight / (weight + sum(len(one.layout.pieces) ** 2 for one in later))
        now = time.monotonic()
        budget = search.budget
        budget.work, budget.deadline = self.work * share, now + max(0.0, self.deadline - now) * share
        given = budget.work
        waiting = sum(one.value - _left_behind(one) * one.layout.penalty for one in later)

        def tell(value: int, bound: int) -> None:
            lost = _left_behind(search) * search.layout.penalty
            self.on_progress(
                Progress(
                    stage=STAGE,
                    cost_minor=self.done_cost + waiting + value - lost,
                    lower_bound_minor=self.done_bound + max(0, bound - lost),
                )
            )

        search.on_bound = tell
        search.run()
        self.work -= given - budget.work
        lost = _left_behind(search) * search.layout.penalty
        self.done_cost += search.value - lost
        self.done_bound += max(0, search.bound - lost)
        tell(lost, 0)

    def _answer(self, searches: list[PartSearch]) -> Improved:
        chosen = [(one.layout, column) for one in searches for column in one.columns]
        plan = lot_plan_of(self.problem, chosen, self.hopeless)
        cost = price(self.problem, plan.containers, plan.lcl, plan.postal).cost_minor
        proven = all(one.proven for one in searches)
        begun = price(self.problem, self.start.containers, self.start.lcl, self.start.postal).cost_minor
        if (len(missing(self.problem, self.start)), begun) < (len(missing(self.problem, plan)), cost):
            # Only where the start keeps to other rules than this search, as containers with a load plan may.
            plan, cost, proven = self.start, begun, False
        reasons: list[EndedBy] = [one.budget.ended_by for one in searches if not one.proven]
        return Improved(
            plan=plan,
            lower_bound_minor=min(self.done_bound, cost),
            proven=proven,
            ended_by="proof" if proven or not reasons else reasons[-1],
        )


def _left_behind(search: PartSearch) -> int:
    return len(search.layout.pieces) - sum(column.mask.bit_count() for column in search.columns)
