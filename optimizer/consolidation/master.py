"""Least-cost plans by set partitioning: separate parts, column generation, integer choice, proof."""

import time
from collections.abc import Sequence

from optimizer.consolidation.bounds import separate_parts, without_dominated
from optimizer.consolidation.charges import price
from optimizer.consolidation.lots import Improved, LotPlan
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.parts import Budget, PartSearch, search_part
from optimizer.consolidation.patterns import Column, Layout, layout_of, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of
from optimizer.limits import Limits, OnProgress, ShouldStop
from optimizer.problem import ConsolidationProblem


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
    """
    return _Search(problem, start, limits, seed, on_progress, should_stop).run()


class _Search:
    """One call of `improve`: separate parts one after the other."""

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
        self.on_progress = on_progress
        self.budget = Budget(limits.work_limit, time.monotonic() + limits.time_limit_s, seed, should_stop)
        self.hopeless = [one.id for one in problem.consignments if not feasible_options(problem, one)]

    def run(self) -> Improved:
        if any(one.can_split for one in self.problem.consignments):
            return Improved(plan=self.start, lower_bound_minor=0, proven=False, ended_by="work_limit")
        left = set(self.hopeless)
        pieces = [whole_piece(one) for one in self.problem.consignments if one.id not in left]
        layout = without_dominated(layout_of(self.problem, pieces))
        parts = [layout.restricted(keep) for keep in separate_parts(layout)]
        found: list[PartSearch] = []
        begun = [self._start_of(part) for part in parts]
        for part, columns in zip(parts, begun, strict=True):
            found.append(search_part(part, columns, self.budget, lambda _value, _bound: None))
        chosen = [(one.layout, column) for one in found for column in one.columns]
        plan = lot_plan_of(self.problem, chosen, self.hopeless)
        cost = price(self.problem, plan.containers, plan.lcl, plan.postal).cost_minor
        bound = 0
        for one in found:
            lost = len(one.layout.pieces) - sum(c.mask.bit_count() for c in one.columns)
            bound += max(0, one.bound - lost * one.layout.penalty)
        return Improved(
            plan=plan,
            lower_bound_minor=min(bound, cost),
            proven=all(one.proven for one in found),
            ended_by=self.budget.ended_by,
        )

    def _start_of(self, part: Layout) -> Sequence[Column]:
        return columns_of(part, self.start)
