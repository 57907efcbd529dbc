"""The search of a separate part in which consignments can be split: several divisions to plan with, one bound."""

import time
from dataclasses import replace

from optimizer.consolidation.bounds import without_dominated
from optimizer.consolidation.charges import price
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.parts import Budget, OnBound, PartSearch
from optimizer.consolidation.patterns import Layout, Piece, layout_of, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of, not_carried
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.splitting import divided_as, divided_for
from optimizer.problem import Consignment, ConsolidationProblem

SHARE_OF_BOUND = 0.5
"""Share of the budget that is kept for the bound."""


class DividedSearch:
    """Plans a part under several divisions of what can be split, and bounds it by letting packages flow.

    Parameters
    ----------
    grains
        The layout of the part with grains, for the bound.
    start
        A plan of the whole problem; its own division of the part is tried first.
    """

    def __init__(self, problem: ConsolidationProblem, grains: Layout, start: LotPlan) -> None:
        ids = {piece.consignment.id for piece in grains.pieces}
        self.problem = problem.restricted_to(ids)
        self.grains = grains
        self.start = LotPlan(
            containers=tuple(one for one in start.containers if one.contents[0].consignment in ids),
            lcl=tuple(one for one in start.lcl if one.part.consignment in ids),
            postal=tuple(one for one in start.postal if one.part.consignment in ids),
        )
        self.plan = self.start
        self.value = self._cost(self.start)
        self.left = not_carried(self.problem, self.start)
        self.bound = 0

    @property
    def proven(self) -> bool:
        """Whether the plan is known to be best."""
        return self.bound >= self.value and self.left == 0

    def run(self, budget: Budget, on_bound: OnBound) -> None:
        """Try the divisions, then bound the best plan."""
        divisions = self._divisions()
        for_bound = budget.work * SHARE_OF_BOUND
        for index, pieces in enumerate(divisions):
            share = (budget.work - for_bound) / (len(divisions) - index)
            now = time.monotonic()
            seconds = max(0.0, budget.deadline - now) * (1 - SHARE_OF_BOUND) / (len(divisions) - index)
            self._try(pieces, budget, share, now + seconds)
            on_bound(self.value, self.bound)
            if budget.ended_by == "stopped":
                return
        relaxed = PartSearch(Relaxation(self.grains), (), budget, lambda _, bound: on_bound(self.value, bound))
        relaxed.relax(self.value)
        relaxed.run()
        self.bound = 0 if self.left else min(self.value, relaxed.bound)

    def _divisions(self) -> list[list[Piece]]:
        split = [one for one in self.problem.consignments if one.can_split]
        rigid = [whole_piece(one) for one in self.problem.consignments if not one.can_split]
        own = divided_as(self.problem, self.start)
        divisions = [own] if own else []
        for kind in self.problem.container_types:
            pieces = list(rigid)
            for one in split:
                pieces += divided_for(one, kind) or self._as_started(one, own)
            if _keys(pieces) not in [_keys(known) for known in divisions]:
                divisions.append(pieces)
        return divisions

    def _as_started(self, consignment: Consignment, own: list[Piece]) -> list[Piece]:
        return [piece for piece in own if piece.consignment.id == consignment.id]

    def _try(self, pieces: list[Piece], budget: Budget, work: float, deadline: float) -> None:
        layout = without_dominated(layout_of(self.problem, pieces))
        if not all((layout.cost[i] >= 0).any() for i in range(len(layout.pieces))):
            return
        own = replace(budget, work=work, deadline=deadline)
        search = PartSearch(Relaxation(layout), columns_of(layout, self.start), own, lambda *_: None)
        search.run()
        budget.spend(work - own.work)
        if own.ended_by == "stopped":
            budget.ended_by = "stopped"
        plan = lot_plan_of(self.problem, [(layout, column) for column in search.columns])
        found = (not_carried(self.problem, plan), self._cost(plan))
        if found < (self.left, self.value):
            self.left, self.value = found
            self.plan = plan

    def _cost(self, plan: LotPlan) -> int:
        return price(self.problem, plan.containers, plan.lcl, plan.postal).cost_minor


def _keys(pieces: list[Piece]) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    return sorted((piece.consignment.id, tuple(sorted(piece.packages.items()))) for piece in pieces)
