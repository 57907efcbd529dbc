"""Least-cost plans by set partitioning: separate parts, column generation, integer choice, proof."""

import time
from dataclasses import replace

from optimizer.consolidation.bounds import separate_parts, without_dominated
from optimizer.consolidation.budgets import Budget
from optimizer.consolidation.charges import price
from optimizer.consolidation.divided import DividedSearch
from optimizer.consolidation.lots import EndedBy, Improved, LotPlan
from optimizer.consolidation.options import feasible_options
from optimizer.consolidation.parts import SMALL_TO, OnBound, PartSearch
from optimizer.consolidation.patterns import Layout
from optimizer.consolidation.plans import columns_of, lot_plan_of, not_carried, together, unplanned
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.selection import value_of
from optimizer.consolidation.splitting import grain_layout
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop
from optimizer.problem import ConsolidationProblem

STAGE = "improve"
"""Name of this stage in progress messages."""

FIRST_SHARE = 0.6
"""Share of what is its due that a large part gets at first; the rest goes where most is unproven."""

LEAST_WORK, LEAST_LEFT_S = 0.05, 0.2
"""Work and seconds below which searching a part further is not worth it."""

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
        self._search: PartSearch | None = None

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
        """Search the part, or search it further."""
        if self._search is None:
            self._search = PartSearch(Relaxation(self.layout), self.columns, budget, lambda *_: None)
        search = self._search

        def tell(value: int, bound: int) -> None:
            self.columns = search.columns
            on_bound(value - self.lost, max(0, bound - self.lost))

        search.budget, search.on_bound = budget, tell
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
        self.parts: list[_Whole | DividedSearch] = []
        self.reasons: dict[int, EndedBy] = {}

    def run(self) -> Improved:
        """Search part by part and put the best plans together."""
        hopeful = [one for one in self.problem.consignments if feasible_options(self.problem, one)]
        layout = without_dominated(grain_layout(self.problem, hopeful))
        # Small parts first: what they leave of the budget goes to the large ones.
        keeps = sorted(separate_parts(layout), key=len)
        parts = [self._part(layout.restricted(keep)) for keep in keeps]
        self.parts = parts
        sizes = [len(keep) ** 1.5 for keep in keeps]
        for index, part in enumerate(parts):
            share = sizes[index] / sum(sizes[index:])
            again = isinstance(part, _Whole) and len(keeps[index]) > SMALL_TO and len(parts) > 1
            self._search(index, share * (FIRST_SHARE if again else 1.0))
        self._go_on()
        return self._answer(parts, [self.reasons[i] for i, part in enumerate(parts) if not part.proven])

    def _go_on(self) -> None:
        """Give what is left of the budget to the parts that are not proven, by how much of their cost is not."""
        while True:
            short = {
                i: part.value - part.bound
                for i, part in enumerate(self.parts)
                if isinstance(part, _Whole) and not part.proven and self.reasons[i] in ("work_limit", "time_limit")
            }
            left = self.deadline - time.monotonic()
            if not short or self.work <= LEAST_WORK or left <= LEAST_LEFT_S or self.should_stop():
                return
            ranked = sorted(short, key=lambda i: (short[i], i))
            for at, i in enumerate(ranked):
                # The last one, with the largest gap, may use all that is left.
                share = short[i] / sum(short[k] for k in ranked[at:])
                self._search(i, share)
                if self.should_stop():
                    return

    def _part(self, layout: Layout) -> "_Whole | DividedSearch":
        return (DividedSearch if layout.grains else _Whole)(self.problem, layout, self.start)

    def _search(self, index: int, share: float) -> None:
        """Search a part with a share of what is left."""
        part = self.parts[index]
        now = time.monotonic()
        given = self.work * share
        deadline = now + max(0.0, self.deadline - now) * share
        budget = Budget(given, deadline, self.seed, self.should_stop)
        others = [one for one in self.parts if one is not part]
        cost, bound = sum(one.value for one in others), sum(one.bound for one in others)

        def tell(value: int, found: int) -> None:
            self.on_progress(Progress(stage=STAGE, cost_minor=cost + value, lower_bound_minor=bound + found))

        part.run(budget, tell)
        self.work -= given - budget.work
        tell(part.value, part.bound)
        self.reasons[index] = budget.ended_by if budget.ended_by != "proof" else "method"

    def _answer(self, parts: "list[_Whole | DividedSearch]", reasons: list[EndedBy]) -> Improved:
        carried = together(part.plan for part in parts)
        found = replace(carried, unplanned=unplanned(self.problem, carried))
        cost = price(self.problem, found.containers, found.lcl, found.postal).cost_minor
        begun = price(self.problem, self.start.containers, self.start.lcl, self.start.postal).cost_minor
        proven = not reasons
        if (not_carried(self.problem, self.start), begun) < (not_carried(self.problem, found), cost):
            # Only where the start keeps to other rules than this search, as containers with a load plan may.
            found, cost, proven = self.start, begun, False
        return Improved(
            plan=found,
            lower_bound_minor=min(sum(part.bound for part in parts), cost),
            proven=proven,
            ended_by="proof" if proven else min(reasons, key=TELLING.index, default="method"),
        )
