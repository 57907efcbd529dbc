"""The exact search of one separate part: column generation at every node of a tree, integer choice at its ends."""

import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optimizer.consolidation.branching import branches
from optimizer.consolidation.lots import EndedBy
from optimizer.consolidation.patterns import Column, Group
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.pricing import patterns_within, price_patterns
from optimizer.consolidation.relaxation import Node, Relaxation
from optimizer.consolidation.selection import Selection, select, value_of
from optimizer.limits import ShouldStop
from optimizer.units import ceil_division

WORK_PER_LABEL = 1e-7
"""Deterministic work of one label of the pricing problem, roughly seconds."""

WORK_PER_VARIANT = 5e-5
"""Deterministic work of looking at one variant, roughly seconds."""

WORK_PER_PIVOT = 3e-5
"""Deterministic work of one simplex iteration, roughly seconds."""

WORK_PER_LISTING = 0.02
"""Deterministic work of listing the patterns within a gap, roughly seconds."""

FEW_PATTERNS = 400
"""A node with no more patterns within its gap is handed to the integer choice."""

MOST_PATTERNS = 20_000
"""Patterns that the integer choice is given at most, where nothing is left to split."""

MOST_CHOSEN_AMONG = 500
"""Columns among which a better choice is sought on the way."""

WORK_OF_CHOICE = 1.0
"""Deterministic work of one such search."""

SHARE_OF_CHOICE = 0.4
"""Share of the budget of a large part that is kept for choosing among the columns of its first node."""

ROUGH_FROM = 60
"""Pieces of a part from which good containers are sought before the best ones."""

EARLY_FROM = 30
"""Pieces of a part from which a share of the budget is kept for choosing among its first columns."""

MOST_RELAXED_NODES = 100
"""Nodes of a search for a bound alone, which rarely closes: later ones hardly raise it."""

OnBound = Callable[[int, int], None]
"""Told the value of the best choice and the bound of a part."""


@dataclass
class Budget:
    """What is left of a search: deterministic work, the clock, and whether somebody asked to stop."""

    work: float
    deadline: float
    seed: int
    should_stop: ShouldStop
    ended_by: EndedBy = "proof"

    def spend(self, work: float) -> None:
        """Take off work done."""
        self.work -= work

    def over(self) -> bool:
        """Say whether the search must end, and remember why."""
        if self.ended_by != "proof":
            return True
        if self.should_stop():
            self.ended_by = "stopped"
        elif time.monotonic() > self.deadline:
            self.ended_by = "time_limit"
        elif self.work <= 0:
            self.ended_by = "work_limit"
        return self.ended_by != "proof"


@dataclass(frozen=True, slots=True)
class _Generated:
    """What column generation made of a node: prices that prove its bound, and whether it came to its end."""

    bound_scaled: int
    prices: Prices | None
    finished: bool

    @property
    def bound(self) -> int:
        return ceil_division(self.bound_scaled, SCALE)


class PartSearch:
    """The search of one part for its best choice of patterns.

    Parameters
    ----------
    relaxation
        The master of the part; columns found stay in it, for the next search of the same part.
    start
        A choice to begin with, which leaves nothing behind needlessly.
    absent
        Pieces that do not travel.
    """

    def __init__(
        self, relaxation: Relaxation, start: Sequence[Column], budget: Budget, on_bound: OnBound, absent: int = 0
    ) -> None:
        self.relaxation = relaxation
        self.layout = relaxation.layout
        self.budget = budget
        self.on_bound = on_bound
        self.absent = absent
        self.columns = tuple(start)
        self.value = value_of(self.layout, self.columns, absent)
        self.bound = 0
        self.nodes = 0
        self._chosen_among = 0
        self._relaxed = False
        self.first_choice = 1
        """The node at which the columns generated are first chosen among; later where the start is good."""
        self._work_for_choice = budget.work * SHARE_OF_CHOICE
        self._clock_for_choice = budget.deadline - (budget.deadline - time.monotonic()) * SHARE_OF_CHOICE
        self._rationed = self._hurried = False
        """Whether the clock rather than the work cut the columns of the first node short."""
        relaxation.add(start)

    def relax(self, value: int) -> None:
        """Search for a bound alone, towards a value known from elsewhere: the layout has grains."""
        self._relaxed, self.value = True, value

    @property
    def proven(self) -> bool:
        """Whether no choice is better."""
        return self.bound >= self.value

    def run(self) -> None:
        """Search until proof or until the budget is over."""
        heap: list[tuple[int, int, int, Node]] = [(0, 0, 0, Node(absent=self.absent))]
        undecided: list[int] = []
        count = 0
        while heap and not self.budget.over() and not (self._relaxed and self.nodes >= MOST_RELAXED_NODES):
            bound, _, _, node = heapq.heappop(heap)
            self._raise_bound(min([bound, *undecided]))
            if self.proven or bound >= self.value:
                heap.clear()
                break
            found, children = self._visit(node)
            if children is None:
                undecided.append(max(bound, found))
                continue
            for child in children:
                count += 1
                heapq.heappush(heap, (max(bound, found), -child.depth, count, child))
        self._raise_bound(min([self.value, *undecided, *(entry[0] for entry in heap)]))
        if not self.proven and self.budget.ended_by == "proof":
            used_up = self._rationed or self.budget.work <= 0
            self.budget.ended_by = "time_limit" if self._hurried else "work_limit" if used_up else "method"

    def _offer(self, columns: Sequence[Column]) -> None:
        value = value_of(self.layout, columns, self.absent)
        if value < self.value:
            self.columns, self.value = tuple(columns), value
            self.on_bound(self.value, self.bound)

    def _raise_bound(self, bound: int) -> None:
        if bound > self.bound:
            self.bound = min(bound, self.value)
            self.on_bound(self.value, self.bound)

    def _visit(self, node: Node) -> tuple[int, tuple[Node, ...] | None]:
        """Work on a node: return its bound and its children, none when it is closed; None when it stays undecided."""
        relaxation = self.relaxation
        relaxation.enter(node)
        self.nodes += 1
        generated = self._generate()
        if self.nodes == 1:
            self._raise_bound(generated.bound)
        if generated.bound >= self.value:
            return generated.bound, ()
        if not generated.finished or generated.prices is None:
            if self._chooses_early and relaxation.solve() is not None:
                self._choose_among_generated(8 * len(self.layout.pieces), self.budget.work)
            return generated.bound, None
        fractions, paid = relaxation.fractions(), relaxation.paid()
        if self._relaxed:
            return generated.bound, branches(relaxation, fractions, paid) or None
        if all(value < 1e-6 or value > 1 - 1e-6 for value in fractions):
            self._offer([c for c, value in zip(relaxation.columns, fractions, strict=True) if value > 0.5])
        grown = len(relaxation.columns) > 1.15 * self._chosen_among
        if generated.bound < self.value and self.nodes >= self.first_choice and grown:
            self._choose_among_generated()
        if generated.bound >= self.value:
            return generated.bound, ()
        bound = self._finish(generated, FEW_PATTERNS, 0.5)
        if bound is not None:
            return max(bound, generated.bound), ()
        children = branches(relaxation, fractions, paid)
        if children:
            return generated.bound, children
        bound = self._finish(generated, MOST_PATTERNS, self.budget.work)
        return (generated.bound, None) if bound is None else (max(bound, generated.bound), ())

    def _generate(self) -> _Generated:
        """Generate columns at the present node until none improves its linear master or the node is beaten."""
        relaxation, budget = self.relaxation, self.budget
        width = 2_000
        best = _Generated(-(1 << 62), None, finished=False)
        large = len(self.layout.pieces) >= ROUGH_FROM and not self.layout.amassed
        rough = large
        while not budget.over() and not self._time_to_choose():
            before = relaxation.pivots
            prices = relaxation.solve()
            if prices is None and relaxation.failed:
                return best
            if prices is None:
                return _Generated(self.value * SCALE, None, finished=True)
            priced = price_patterns(relaxation, prices, width=width, rough=rough, stop=budget.over)
            budget.spend((relaxation.pivots - before) * WORK_PER_PIVOT + priced.work * WORK_PER_LABEL)
            budget.spend(len(relaxation.variants) * WORK_PER_VARIANT)
            if priced.bound_scaled > best.bound_scaled:
                best = _Generated(priced.bound_scaled, priced.prices, finished=False)
                if best.bound >= self.value:
                    return best
            if relaxation.add(priced.columns):
                rough = large
            elif rough:
                rough = False
            else:
                if best.bound_scaled >= (relaxation.value - 1) * SCALE or width > 500_000:
                    return _Generated(best.bound_scaled, best.prices, finished=True)
                width *= 8
        return best

    @property
    def _chooses_early(self) -> bool:
        """Whether the present node is the first of a large part, whose columns may not come to an end."""
        return self.nodes == 1 and len(self.layout.pieces) >= EARLY_FROM and not self._relaxed

    def _time_to_choose(self) -> bool:
        """Say whether the rest of the budget must go to the choice among the columns of the first node."""
        if self._chooses_early and time.monotonic() > self._clock_for_choice:
            self._hurried = True
        self._rationed = self._chooses_early and self.budget.work < self._work_for_choice
        return self._hurried or self._rationed

    def _choose_among_generated(self, most: int = MOST_CHOSEN_AMONG, work: float = WORK_OF_CHOICE) -> None:
        """Choose among the most promising columns of the node, and those of the best choice so far."""
        self._chosen_among = len(self.relaxation.columns)
        columns = dict.fromkeys([*self.relaxation.cheapest(max(most, MOST_CHOSEN_AMONG)), *self.columns])
        self._select(list(columns), min(self.budget.work, work))

    def _finish(self, generated: _Generated, most: int, work: float) -> int | None:
        """Choose among all patterns within the gap of a node; return what is then proven of it, None if undecided."""
        gap = (self.value - 1) * SCALE - generated.bound_scaled
        if generated.prices is None or self.budget.over():
            return None
        columns = patterns_within(
            self.relaxation, generated.prices, gap, width=20 * most, most=most, stop=self.budget.over
        )
        self.budget.spend(WORK_PER_LISTING)
        if columns is None:
            return None
        counts = [(self.relaxation.groups[g], *limits) for g, limits in self.relaxation.node.counts.items()]
        chosen = self._select(columns, min(self.budget.work, work), counts)
        return chosen.bound if chosen.proven else None

    def _select(
        self, columns: Sequence[Column], work: float, counts: Sequence[tuple[Group, int, int | None]] = ()
    ) -> Selection:
        budget = self.budget
        chosen = select(
            self.layout, columns, under=self.value, hint=self.columns, absent=self.absent, counts=counts, work=work,
            seed=budget.seed, should_stop=budget.should_stop, deadline=budget.deadline,
            on_better=lambda value, _: self.on_bound(min(value, self.value), self.bound),
        )  # fmt: skip
        budget.spend(chosen.work)
        if chosen.columns:
            self._offer(chosen.columns)
        return chosen
