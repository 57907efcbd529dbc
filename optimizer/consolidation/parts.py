"""The exact search of one separate part: column generation, patterns within the gap, integer choice."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from optimizer.consolidation.lots import EndedBy
from optimizer.consolidation.patterns import Column, Layout, bits
from optimizer.consolidation.relaxation import SCALE, Prices, Relaxation, patterns_within, price_patterns
from optimizer.consolidation.selection import select, value_of
from optimizer.limits import ShouldStop
from optimizer.problem import Mode
from optimizer.units import ceil_division

WORK_PER_LABEL = 1e-7
"""Deterministic work of one label of the pricing problem, roughly seconds."""

WORK_PER_PIVOT = 3e-5
"""Deterministic work of one simplex iteration, roughly seconds."""

MOST_PATTERNS = 30_000
"""Patterns within the gap that the integer choice is given at most."""

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
    prices: Prices | None = None
    bound_scaled: int = -(1 << 62)

    def __post_init__(self) -> None:
        self.relaxation = Relaxation(self.layout)

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


def search_part(layout: Layout, start: Sequence[Column], budget: Budget, on_bound: OnBound) -> PartSearch:
    """Search a part for its best choice of patterns, from a start that leaves nothing behind needlessly."""
    search = PartSearch(layout, budget, on_bound, tuple(start), value_of(layout, start))
    search.relaxation.add(start)
    _single_containers(search)
    if generate(search):
        _choose_among_generated(search)
        _prove(search)
    return search


def _single_containers(search: PartSearch) -> None:
    """Give the master every piece alone in every container, so that each limit and price has a meaning at once."""
    layout = search.layout
    for q, place in enumerate(layout.places):
        if place.mode is Mode.FCL:
            search.relaxation.add(layout.column(q, 1 << i) for i in bits(layout.open[q]))


def generate(search: PartSearch) -> bool:
    """Generate columns until no pattern improves the linear master; say whether it was solved."""
    relaxation, budget = search.relaxation, search.budget
    width = 2_000
    while not search.proven:
        if budget.over():
            return False
        before = relaxation.work
        if not relaxation.solve() or relaxation.prices is None:
            return False
        priced = price_patterns(relaxation, relaxation.prices, width=width)
        budget.spend((relaxation.work - before) * WORK_PER_PIVOT + priced.work * WORK_PER_LABEL)
        if priced.bound_scaled > search.bound_scaled:
            search.bound_scaled, search.prices = priced.bound_scaled, priced.prices
            search.raise_bound(ceil_division(priced.bound_scaled, SCALE))
        if not relaxation.add(priced.columns):
            if priced.bound_scaled >= (relaxation.value - 1) * SCALE or width > 500_000:
                break
            width *= 8
    return True


def _choose_among_generated(search: PartSearch) -> None:
    budget = search.budget
    if search.proven or budget.over():
        return
    chosen = select(
        search.layout, search.relaxation.columns, under=search.value, hint=search.columns,
        work=min(budget.work, 1.0), seed=budget.seed, should_stop=budget.should_stop, deadline=budget.deadline,
        on_better=lambda value, _: search.on_bound(value, search.bound),
    )  # fmt: skip
    budget.spend(chosen.work)
    if chosen.columns:
        search.offer(chosen.columns)


def _prove(search: PartSearch) -> None:
    """List the patterns within the gap and choose among them, first within a part of the gap if they are many."""
    budget = search.budget
    least = 0
    while not search.proven and search.prices is not None and not budget.over():
        listed = _listed(search, least)
        if listed is None:
            budget.ended_by = "work_limit"
            return
        columns, within = listed
        under = min(search.value, within)
        chosen = select(
            search.layout, columns, under=under, hint=search.columns, work=budget.work, seed=budget.seed,
            should_stop=budget.should_stop, deadline=budget.deadline,
            on_better=lambda value, _: search.on_bound(value, search.bound),
        )  # fmt: skip
        budget.spend(chosen.work)
        if chosen.columns:
            search.offer(chosen.columns)
        search.raise_bound(chosen.bound)
        if not chosen.proven:
            budget.over()
            if budget.ended_by == "proof":
                budget.ended_by = "work_limit"
            return
        least = within


def _listed(search: PartSearch, least: int) -> tuple[list[Column], int] | None:
    """Return all patterns of plans that cost less than some value, and that value: greater than `least`."""
    assert search.prices is not None
    gap = (search.value - 1) * SCALE - search.bound_scaled
    while gap > 0:
        within = (search.bound_scaled + gap) // SCALE + 1
        if within <= least:
            return None
        columns = patterns_within(search.relaxation, search.prices, gap, width=200_000, most=MOST_PATTERNS)
        search.budget.spend(0.05)
        if columns is not None:
            return columns, within
        gap //= 2
    return None
