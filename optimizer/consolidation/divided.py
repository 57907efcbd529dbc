"""The search of a separate part in which consignments can be split: several divisions to plan with, one bound."""

import time
from dataclasses import replace
from fractions import Fraction
from itertools import product

from optimizer.consolidation.bounds import without_dominated
from optimizer.consolidation.budgets import Budget
from optimizer.consolidation.charges import price
from optimizer.consolidation.cuts import number_of_parts
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.levelling import levelled
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.parts import OnBound, PartSearch
from optimizer.consolidation.patterns import Layout, Piece, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of, not_carried
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.splitting import (
    LOOSE_CASES,
    REMAINDERS,
    cuts_of,
    divided_as,
    divided_for,
    fixed_cost,
    grain_layout,
)
from optimizer.problem import Consignment, ConsolidationProblem

MOST_SPLIT_BY_CASES = 3
"""Consignments that can be split, up to which a part is bounded case by case."""

SHARES_OF_MINIMA = (Fraction(1, 2), Fraction(0), Fraction(3, 4), Fraction(1, 4))
"""Shares of the minima of a first loose lot that count as fixed, in the order in which they are tried."""

FEW_CUTS = 60
"""Cuts of a part up to which they are chosen among at once."""

MOST_CUTS = 4_000
"""Cuts of a part up to which they are chosen among at all."""

SHARE_OF_BOUND = 0.7
"""Share of the budget that is kept from the divisions, for the choice among cuts or the bound."""


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
        self._cut_short = False
        """Whether the clock ended the search of a division, so that another run may differ."""

        self.proven = False
        """Whether the plan is known to be best."""

    def run(self, budget: Budget, on_bound: OnBound) -> None:
        """Choose among all cuts; where these are many, try some divisions first, or bound them by grains instead."""
        cuts = sum(number_of_parts(one) for one in self.problem.consignments if one.can_split)
        if cuts > FEW_CUTS:
            self._divide(budget, on_bound)
        if budget.ended_by == "stopped":
            return
        if cuts <= MOST_CUTS:
            self._choose(budget, on_bound)
        elif not self.left:
            self._bound_by_grains(budget, on_bound)
        self.proven = self.proven or (self.bound >= self.value and self.left == 0)
        self._own_up(budget)

    def _choose(self, budget: Budget, on_bound: OnBound) -> None:
        """Search all plans, every part of every consignment being a piece of its own."""
        pieces: list[Piece] = []
        for one in self.problem.consignments:
            pieces += cuts_of(one) if one.can_split else [whole_piece(one)]
        layout = without_dominated(layout_of(self.problem, pieces))
        search: PartSearch

        def tell(value: int, bound: int) -> None:
            self._take(layout, search)
            lost = layout.left(search.columns) * layout.penalty
            on_bound(min(self.value, value - lost), max(0, bound - lost))

        search = PartSearch(Relaxation(layout), columns_of(layout, self.plan), budget, tell)
        search.run()
        self._take(layout, search)
        if not search.proven:
            self._accept(levelled(self.problem, self.plan, budget.should_stop))
        lost = layout.left(search.columns) * layout.penalty
        self.bound = max(self.bound, min(self.value, search.bound - lost))
        self.proven = search.proven and (self.left, self.value) == (
            layout.left(search.columns), search.value - lost
        )  # fmt: skip

    def _take(self, layout: Layout, search: PartSearch) -> None:
        """Take over a better plan of a search."""
        self._accept(lot_plan_of(self.problem, [(layout, column) for column in search.columns]))

    def _accept(self, plan: LotPlan) -> None:
        found = (not_carried(self.problem, plan), self._cost(plan))
        if found < (self.left, self.value):
            self.left, self.value = found
            self.plan = plan

    def _divide(self, budget: Budget, on_bound: OnBound) -> None:
        """Try the divisions and level what they give."""
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
        self._level(budget, for_bound)
        on_bound(self.value, self.bound)

    def _bound_by_grains(self, budget: Budget, on_bound: OnBound) -> None:
        """Bound the plan by letting packages flow."""
        self._raise_bound(self._relaxed(self.grains, budget, on_bound), on_bound)
        if self.bound < self.value:
            self._raise_bound(self._by_cases(budget), on_bound)

    def _own_up(self, budget: Budget) -> None:
        """Say that the clock ended the search where it did so for one of the divisions."""
        if self._cut_short and budget.ended_by != "stopped":
            budget.ended_by = "time_limit"

    def _level(self, budget: Budget, for_bound: float) -> None:
        """Search again around the division of the best plan, as long as that finds a better one."""
        before = None
        while before != self.value and not budget.over():
            before = self.value
            now = time.monotonic()
            share = max(0.0, budget.work - for_bound) / 2
            self._try(divided_as(self.problem, self.plan), budget, share, now + max(0.0, budget.deadline - now) / 4)

    def _raise_bound(self, bound: int, on_bound: OnBound) -> None:
        self.bound = max(self.bound, min(self.value, bound))
        on_bound(self.value, self.bound)

    def _relaxed(self, layout: Layout, budget: Budget, on_bound: OnBound) -> int:
        relaxed = PartSearch(Relaxation(layout), (), budget, lambda _, bound: on_bound(self.value, bound))
        relaxed.relax(self.value)
        relaxed.run()
        if budget.ended_by == "method":
            budget.ended_by = "proof"  # its nodes ended it, not the budget: there is more to try
        return relaxed.bound

    def _by_cases(self, budget: Budget) -> int:
        """Return the least bound of all cases: what can be split travels in containers only, or loose too.

        A first loose lot brings fixed costs (bill, minima), which a linear bound over all cases at once spreads
        until nothing is left of them. For the minima the best of several weights counts.
        """
        split = [one for one in self.problem.consignments if one.can_split]
        if len(split) > MOST_SPLIT_BY_CASES:
            return 0
        least = self.value
        for case in product(LOOSE_CASES, repeat=len(split)):
            found = 0
            for share in SHARES_OF_MINIMA if any(one.some for one in case) else SHARES_OF_MINIMA[:1]:
                if budget.over() or found >= least:
                    break
                assumed = {one.id: replace(loose, share=share) for one, loose in zip(split, case, strict=True)}
                fixed = sum(fixed_cost(self.problem, one, assumed[one.id]) for one in split)
                layout = without_dominated(grain_layout(self.problem, self.problem.consignments, assumed))
                found = max(found, fixed + self._relaxed(layout, budget, lambda *_: None))
            least = min(least, found)
            if least <= self.bound:
                return 0
        return least

    def _divisions(self) -> list[list[Piece]]:
        split = [one for one in self.problem.consignments if one.can_split]
        rigid = [whole_piece(one) for one in self.problem.consignments if not one.can_split]
        own = divided_as(self.problem, self.start)
        divisions = [own] if own else []
        for kind, remainders in product(self.problem.container_types, REMAINDERS):
            pieces = list(rigid)
            for one in split:
                pieces += divided_for(one, kind, remainders) or self._as_started(one, own)
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
        self._cut_short = self._cut_short or own.ended_by == "time_limit"
        plan = lot_plan_of(self.problem, [(layout, column) for column in search.columns])
        # Also one that is not best: it may become so.
        self._accept(levelled(self.problem, plan, budget.should_stop))

    def _cost(self, plan: LotPlan) -> int:
        return price(self.problem, plan.containers, plan.lcl, plan.postal).cost_minor


def _keys(pieces: list[Piece]) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    return sorted((piece.consignment.id, tuple(sorted(piece.packages.items()))) for piece in pieces)
