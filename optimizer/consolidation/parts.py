"""The exact search of one separate part: column generation at every node of a tree, integer choice at its ends."""

import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from optimizer.consolidation.branching import branches
from optimizer.consolidation.lots import EndedBy
from optimizer.consolidation.patterns import Column, Layout
from optimizer.consolidation.pricing import SCALE, Prices, patterns_within, price_patterns
from optimizer.consolidation.relaxation import Node, Relaxation
from optimizer.consolidation.selection import select, value_of
from optimizer.limits import ShouldStop
from optimizer.units import ceil_division

WORK_PER_LABEL = 1e-7
"""Deterministic work of one label of the pricing problem, roughly seconds."""

WORK_PER_VARIANT = 5e-5
"""Deterministic work of looking at one variant, roughly seconds."""

WORK_PER_PIVOT = 3e-5
"""Deterministic work of one simplex iteration, roughly seconds."""

FEW_PATTERNS = 400
"""A node with no more patterns within its gap is handed to the integer choice."""

MOST_PATTERNS = 20_000
"""Patterns that the integer choice is given at most, where nothing is left to split."""

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


@dataclass
class PartSearch:
    """The state of one part: the best choice of patterns and what is proven of it."""

    layout: Layout
    budget: Budget
    on_bound: OnBound
    columns: tuple[Column, ...] = ()
    value: int = 0
    bound: int = 0
    relaxation: Relaxation = field(init=False)
    nodes: int = 0
    chosen_among: int = 0
    """How many columns the master held when they were last chosen among."""

    def __post_init__(self) -> None:
        self.relaxation = Relaxation(self.layout)
        self.value = value_of(self.layout, self.columns)
        self.relaxation.add(self.columns)

    @property
    def proven(self) -> bool:
        """Whether no choice is better."""
        return self.bound >= self.value

    def offer(self, columns: Sequence[Column]) -> None:
        """Take a choice of patterns if it is better than the best so far."""
        value = value_of(self.layout, columns)
        if value < self.value:
            self.columns, self.value = tuple(columns), value
            self.on_bound(self.value, self.bound)

    def raise_bound(self, bound: int) -> None:
        """Note a proven bound."""
        if bound > self.bound:
            self.bound = min(bound, self.value)
            self.on_bound(self.value, self.bound)


@dataclass(frozen=True, slots=True)
class _Generated:
    """What column generation made of a node: prices that prove its bound, and whether it came to its end."""

    bound_scaled: int
    prices: Prices | None
    finished: bool

    @property
    def bound(self) -> int:
        return ceil_division(self.bound_scaled, SCALE)


def search_part(layout: Layout, start: Sequence[Column], budget: Budget, on_bound: OnBound) -> PartSearch:
    """Search a part for its best choice of patterns, from a start that leaves nothing behind needlessly."""
    search = PartSearch(layout, budget, on_bound, tuple(start))
    heap: list[tuple[int, int, int, Node]] = [(0, 0, 0, Node())]
    unsolved: list[int] = []
    count = 0
    while heap and not search.proven and not budget.over():
        bound, _, _, node = heapq.heappop(heap)
        search.raise_bound(min([bound, *unsolved]))
        if bound >= search.value:
            break
        found, children = _visit(search, node)
        if children is None:
            unsolved.append(max(bound, found))
            continue
        for child in children:
            count += 1
            heapq.heappush(heap, (max(bound, found), -child.depth, count, child))
    if not budget.over() or heap:
        search.raise_bound(min([search.value, *unsolved, *(entry[0] for entry in heap)]))
    if not search.proven and budget.ended_by == "proof":
        budget.ended_by = "work_limit"
    return search


def _visit(search: PartSearch, node: Node) -> tuple[int, tuple[Node, ...] | None]:
    """Work on a node: return its bound and its children, none when it is closed; None when it cannot be decided."""
    relaxation, budget = search.relaxation, search.budget
    relaxation.enter(node)
    search.nodes += 1
    generated = generate(search)
    if search.nodes == 1:
        search.raise_bound(generated.bound)
    if generated.bound >= search.value:
        return generated.bound, ()
    if not generated.finished or generated.prices is None:
        return generated.bound, None
    fractions, paid = relaxation.fractions(), relaxation.paid()
    whole = [c for c, value in zip(relaxation.columns, fractions, strict=True) if value > 0.5]
    if all(value < 1e-6 or value > 1 - 1e-6 for value in fractions):
        search.offer(whole)
    if search.nodes == 1 or len(relaxation.columns) > 1.15 * search.chosen_among:
        _choose_among_generated(search)
    if generated.bound >= search.value:
        return generated.bound, ()
    bound = _finish(search, generated, FEW_PATTERNS, min(0.5, budget.work))
    if bound is not None:
        return max(bound, generated.bound), ()
    children = branches(relaxation, fractions, paid)
    if children:
        return generated.bound, children
    bound = _finish(search, generated, MOST_PATTERNS, budget.work)
    return (generated.bound, None) if bound is None else (max(bound, generated.bound), ())


def generate(search: PartSearch) -> _Generated:
    """Generate columns at the present node until no pattern improves its linear master or the node is beaten."""
    relaxation, budget = search.relaxation, search.budget
    width = 2_000
    best = _Generated(-(1 << 62), None, finished=False)
    while not budget.over():
        before = relaxation.pivots
        prices = relaxation.solve()
        if prices is None:
            return _Generated(search.value * SCALE, None, finished=True)
        priced = price_patterns(relaxation, prices, width=width)
        budget.spend((relaxation.pivots - before) * WORK_PER_PIVOT + priced.work * WORK_PER_LABEL)
        budget.spend(len(relaxation.variants) * WORK_PER_VARIANT)
        if priced.bound_scaled > best.bound_scaled:
            best = _Generated(priced.bound_scaled, priced.prices, finished=False)
            if best.bound >= search.value:
                break
        if not relaxation.add(priced.columns):
            if best.bound_scaled >= (relaxation.value - 1) * SCALE or width > 500_000:
                break
            width *= 8
    else:
        return best
    return _Generated(best.bound_scaled, best.prices, finished=True)


def _choose_among_generated(search: PartSearch) -> None:
    """Choose among all columns that the master holds, whatever the node allows."""
    budget = search.budget
    search.chosen_among = len(search.relaxation.columns)
    chosen = select(
        search.layout, search.relaxation.columns, under=search.value, hint=search.columns,
        work=min(budget.work, 1.5), seed=budget.seed, should_stop=budget.should_stop, deadline=budget.deadline,
        on_better=lambda value, _: search.on_bound(value, search.bound),
    )  # fmt: skip
    budget.spend(chosen.work)
    if chosen.columns:
        search.offer(chosen.columns)


def _finish(search: PartSearch, generated: _Generated, most: int, work: float) -> int | None:
    """Choose among all patterns within the gap of a node; return what is then proven of it, None if undecided."""
    budget = search.budget
    gap = (search.value - 1) * SCALE - generated.bound_scaled
    if generated.prices is None or budget.over():
        return None
    columns = patterns_within(search.relaxation, generated.prices, gap, width=20 * most, most=most)
    budget.spend(0.02)
    if columns is None:
        return None
    chosen = select(
        search.layout, columns, under=search.value, hint=search.columns, work=work, seed=budget.seed,
        should_stop=budget.should_stop, deadline=budget.deadline,
        on_better=lambda value, _: search.on_bound(value, search.bound),
    )  # fmt: skip
    budget.spend(chosen.work)
    if chosen.columns:
        search.offer(chosen.columns)
    return chosen.bound if chosen.proven else None
