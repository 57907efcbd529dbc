"""Large parts: prices that settle soon, and a choice made by following the linear master down.

The simplex method jumps from one extreme set of prices to another, and with a hundred pieces to choose among some
container is always far too good. Prices pulled towards the average of the last ones (Neame 1999) settle sooner, and
prove more. A choice is made by diving (Sadykov and others 2019): the patterns that the master uses most are taken, the
rest is a smaller part whose columns are generated further, and so on down to a part that the exact search takes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from optimizer.consolidation.budgets import (
    FIRST_NODES,
    WORK_PER_CELL,
    WORK_PER_PIVOT,
    WORK_PER_VARIANT,
    Budget,
    Generated,
)
from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.lowering import lower_prices
from optimizer.consolidation.neighbourhoods import freed
from optimizer.consolidation.patterns import Column, Layout, bits, mask_of
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.pricing import Priced
from optimizer.consolidation.quick_choice import filler_of
from optimizer.consolidation.relaxation import Node, Relaxation
from optimizer.consolidation.selection import value_of
from optimizer.consolidation.variants import variants_of

KEPT, TOWARDS = 900, 700
"""Per mille: how much of the average stays when new prices come, and how far prices are pulled towards it."""

FAR = 1.2
"""While the linear master is so many times its bound, prices change too much for an average."""

CUTS = 10
"""Fillings of one container whose pieces are lowered in a usual round."""

THOROUGH_EVERY, THOROUGH_CUTS, THOROUGH_NODES = 10, 300, 20_000
"""Every so many rounds the average is lowered with all the care that pays: that proves most."""

DIVE_ROUNDS = 3
"""Rounds of column generation after each step of a dive."""

STEP = 0.15
"""Share of the pieces that each step of a dive settles at least."""

SURELY = 0.99
"""A pattern that the linear master uses so much is taken in any case."""

DIVE_TO = 30
"""Pieces that the exact search takes over."""

Finish = Callable[[Layout, Sequence[Column], Budget], Sequence[Column]]
"""Chooses for a small part, from a choice to begin with."""


class Converging:
    """Column generation with averaged prices; it can be taken up again."""

    def __init__(self, relaxation: Relaxation, begun: Generated, seed: int) -> None:
        self.relaxation = relaxation
        self.best = begun
        self.settled = False
        """Whether no more columns were found: what is left is to prove it."""
        self._average: Prices | None = None
        self._draw = np.random.default_rng(seed)
        self._rounds = 0

    def run(self, budget: Budget, rounds: int | None = None) -> None:
        """Generate columns until none is found, the budget is over, or so many rounds are done."""
        relaxation = self.relaxation
        relaxation.stop = budget.over
        while not self.settled and not budget.over() and (rounds is None or rounds > 0):
            rounds = rounds - 1 if rounds is not None else None
            self._rounds += 1
            pivots = relaxation.pivots
            prices = relaxation.solve()
            if prices is None:
                return
            budget.spend((relaxation.pivots - pivots) * WORK_PER_PIVOT)
            if self._average is None or relaxation.value * SCALE > FAR * max(0, self.best.bound_scaled):
                self._average = prices
            else:
                self._average = prices.toward(self._average, KEPT)
            found = self._lower(prices.toward(self._average, TOWARDS), budget)
            if rounds is None and self._rounds % THOROUGH_EVERY == 0:
                found += self._lower(self._average, budget, THOROUGH_CUTS, THOROUGH_NODES)
            self.settled = not found and not self._lower(prices, budget) and not budget.over()
        if rounds is None and self._average is not None and not budget.should_stop():
            # Beyond the budget, by a fraction of a second: what the rounds since the last time are worth shows here.
            allowed = replace(budget, work=1.0, deadline=float("inf"), ended_by="proof")
            self._lower(self._average, allowed, THOROUGH_CUTS, THOROUGH_NODES)
            budget.spend(1.0 - allowed.work)

    def _lower(self, prices: Prices, budget: Budget, most: int = CUTS, nodes: int = FIRST_NODES) -> int:
        """Lower prices, remember what that proves, and return how many columns it gave."""
        order: Ints = self._draw.permutation(len(self.relaxation.variants))
        priced: Priced = lower_prices(self.relaxation, prices, order, nodes=nodes, most=most, stop=budget.over)
        budget.spend(priced.work * WORK_PER_CELL + len(order) * WORK_PER_VARIANT)
        if priced.bound_scaled > self.best.bound_scaled:
            self.best = Generated(priced.bound_scaled, priced.prices, finished=False)
        return self.relaxation.add(priced.columns)


def dive(relaxation: Relaxation, budget: Budget, finish: Finish) -> list[Column]:
    """Return a choice made by settling what the linear master uses most, again and again.

    Parameters
    ----------
    relaxation
        The master of the whole part, at its first node and solved before. It returns there with more columns.
    finish
        Chooses for what is left when that is small.
    """
    layout, first = relaxation.layout, relaxation.node
    fixed: list[Column] = []
    everything = (1 << len(layout.pieces)) - 1
    left = everything & ~first.absent
    while left:
        taken = [one for one in _most_used(relaxation.used(), max(1, int(STEP * left.bit_count()))) if one.mask & left]
        fixed += taken
        left &= ~_union(taken)
        if not taken or left.bit_count() <= DIVE_TO or budget.over():
            break
        relaxation.enter(_after(relaxation, first, fixed, everything & ~left))
        going = Converging(relaxation, Generated(-(1 << 62), None, finished=False), budget.seed)
        going.run(budget, DIVE_ROUNDS)
        if relaxation.solve() is None:
            break
    relaxation.enter(first)
    if left:
        keep = list(bits(left))
        inner, places = freed(layout, fixed, keep)
        start = _quick(inner)
        rest = start if budget.over() or len(keep) > DIVE_TO else finish(inner, start, budget)
        fixed += [layout.column(places[one.place], mask_of(keep[k] for k in bits(one.mask))) for one in rest]
    return fixed


def _after(relaxation: Relaxation, first: Node, fixed: Sequence[Column], gone: int) -> Node:
    """Return the node of what is left: fees that are paid already are free, limits are what the choice leaves."""
    layout = relaxation.layout
    fired = {s for one in fixed for s, mask in layout.triggers_at[one.place] if one.mask & mask}
    counts = {
        g: (0, max(0, limit - sum(relaxation.groups[g].counts(one) for one in fixed)))
        for g, limit in relaxation.limits.items()
    }
    return replace(first, absent=first.absent | gone, paid=first.paid | fired, counts={**first.counts, **counts})


def _most_used(used: Sequence[tuple[Column, float]], least: int) -> list[Column]:
    """Return patterns without a piece in common, those used most first, that hold so many pieces or are used wholly."""
    taken: list[Column] = []
    held = 0
    for column, value in sorted(used, key=lambda one: (-one[1], one[0].place, one[0].mask)):
        if value < SURELY and held.bit_count() >= least:
            break
        if not column.mask & held:
            taken.append(column)
            held |= column.mask
    return taken


def _union(columns: Iterable[Column]) -> int:
    together = 0
    for one in columns:
        together |= one.mask
    return together


def _quick(layout: Layout) -> list[Column]:
    """Return the best of some quick choices."""
    plans = filler_of(layout, variants_of(layout)).columns(np.arange(len(layout.pieces)))
    return min(plans, key=lambda plan: value_of(layout, plan))
