"""The exact search of one separate part: column generation at every node of a tree, integer choice at its ends."""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import replace

from optimizer.consolidation.branching import branches
from optimizer.consolidation.budgets import (
    FIRST_NODES,
    WORK_PER_CELL,
    WORK_PER_PIVOT,
    WORK_PER_VARIANT,
    Budget,
    Generated,
)
from optimizer.consolidation.combining import combine
from optimizer.consolidation.descent import Converging, dive
from optimizer.consolidation.neighbourhoods import Around, freed
from optimizer.consolidation.patterns import Column, Group, Layout, bits
from optimizer.consolidation.prices import SCALE
from optimizer.consolidation.pricing import fluid_prices, patterns_within, price_patterns
from optimizer.consolidation.relaxation import Node, Relaxation
from optimizer.consolidation.selection import Selection, select, value_of

PULL = 800
"""How far, per mille, prices are pulled towards those of the best bound."""

LEAST_PULL = 100
"""A smaller pull is none; and by how much it rises again where it served."""

WORK_PER_LISTING = 0.02
"""Deterministic work of listing the patterns within a gap, roughly seconds."""

FIRST_GAP, WIDER = 1000, 5
"""Combinations are first sought within the bound divided by the one, then within so many times more, and so on."""

FEW_LISTED = 1_500
"""Patterns listed of a node for that at most, while it can still be split."""

WORK_OF_COMBINING = 0.1
"""Deterministic work of one search of combinations."""

FEW_PATTERNS = 1_000
"""A node with no more patterns within its gap is handed to the integer choice."""

MOST_PATTERNS = 20_000
"""Patterns that the integer choice is given at most, where nothing is left to split."""

WORK_OF_CLOSING = 0.5
"""Deterministic work of such an integer choice, while there is something left to split."""

GROWN = 1.25
"""How many times more columns there must be before a better choice is sought among them again."""

MOST_CHOSEN_AMONG = 500
"""Columns of the linear master among which a better choice is sought on the way."""

MOST_PROMISING = 1_500
"""Further patterns among which it is sought."""

MOST_REACHES = 6
"""Times that these are listed until about as many are found as are wanted."""

FIRST_REACH = 100
"""Share of the gap, per mille, up to whose reduced cost patterns are promising at first."""

NODES_WITHIN = 300_000
"""Nodes searched for one container when promising patterns are listed."""

WORK_OF_CHOICE = 0.7
"""Deterministic work of one such choice."""

SMALL_TO = 30
"""Pieces of a part up to which the tree alone is searched."""

MOST_AROUND, AROUND_PER_PIECE = 4.0, 40
"""Work on improving the choice for each unit that goes to the tree: at most, and the pieces that add one to it."""

NEVER_CHOOSE = 1 << 30
"""A node that is not reached: small parts are searched by their tree alone."""

HUGE_FROM = 150
"""Pieces of a part from which its first linear master takes so long that a choice is sought before it is solved."""

SHARE_OF_PRICES, SHARE_OF_DIVE, SHARE_AROUND = 0.45, 0.9, 0.7
"""Shares of what is left of the budget that go to that master, then at most to a dive, then to choices around it."""

WORK_OF_REST = 0.5
"""Deterministic work of the exact search for what is left of a dive."""

WORK_AROUND = 0.25
"""Deterministic work of planning some containers anew."""

MOST_RELAXED_NODES = 100
"""Nodes of a search for a bound alone, which rarely closes: later ones hardly raise it."""

OnBound = Callable[[int, int], None]
"""Told the value of the best choice and the bound of a part."""


class PartSearch:
    """The search of one part for its best choice of patterns; it can be run again with more of a budget.

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
        self.small = len(self.layout.pieces) <= SMALL_TO or bool(absent) or bool(self.layout.amassed)
        """Whether the tree alone will do: no time is spent on improving the choice on the way."""
        self.first_choice = 1
        """The node at which the columns generated are first chosen among; later where the start is good."""
        self._chosen_among = 0
        self._relaxed = False
        self._last = Generated(-(1 << 62), None, finished=False)
        self._unfinished: tuple[Node, Generated] | None = None
        """A node that waits to be searched, or searched further, and what is known of it."""
        self._heap: list[tuple[int, int, int, Node]] = [(0, 0, 0, Node(absent=absent))]
        self._undecided: list[int] = []
        self._count = 0
        self._around = Around(budget.seed)
        self._reach = FIRST_REACH
        self._converging: Converging | None = None
        """Of a large part: the column generation of its first node."""
        self._converged = False
        self.likely = 0
        """A guess at the gap of the first node."""
        self.how = "linear"
        """What closed the last node: its linear master, or combining listed patterns."""
        self._owed = 0.0
        """Work that may still go to improving the choice."""
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
        heap = self._heap
        self.relaxation.stop = self.budget.over
        if self.nodes <= 1 and heap and self._is_huge and not self._converged:
            self._descend(heap[0][3])
        while heap and not self.budget.over() and not (self._relaxed and self.nodes >= MOST_RELAXED_NODES):
            bound, _, _, node = heapq.heappop(heap)
            self._raise_bound(min([bound, *self._undecided]))
            if self.proven or bound >= self.value:
                heap.clear()
                break
            before = self.budget.work
            found, children = self._visit(node)
            bound = max(bound, found)
            self._search_around(before - self.budget.work)
            if children is None:
                if self.budget.over():
                    self._push(bound, node)
                    self._unfinished = (node, self._last)
                else:
                    self._undecided.append(bound)
                continue
            for child in children:
                self._push(bound, child)
        self._raise_bound(min([self.value, *self._undecided, *(entry[0] for entry in heap)]))
        if not self.proven and self.budget.ended_by == "proof":
            self.budget.ended_by = "work_limit" if self.budget.work <= 0 else "method"

    @property
    def _is_huge(self) -> bool:
        return len(self.layout.pieces) > HUGE_FROM and not self.layout.amassed and not self.absent

    def _begin_fluid(self, node: Node) -> Generated:
        """Return prices to begin with, and what they prove of a node, before its linear master is solved."""
        self.relaxation.enter(node)
        prices = fluid_prices(self.relaxation)
        priced = price_patterns(self.relaxation, prices, nodes=FIRST_NODES, stop=self.budget.over)
        return Generated(priced.bound_scaled, priced.prices, finished=False)

    def _descend(self, node: Node) -> None:
        """Work on the first node of a large part: prices and their bound, a choice by diving, and better ones around.

        Its linear master takes long, and where the clock ends the search it may never come to its end.
        """
        if self._converging is None:
            begun = self._begin_fluid(node)
            self._raise_bound(begun.bound)
            self._converging = Converging(self.relaxation, begun, self.budget.seed)
        converging = self._converging
        self.relaxation.enter(node)
        self._within_share(SHARE_OF_PRICES, converging.run)
        self._converged = converging.settled
        self._unfinished = (node, converging.best)
        self._raise_bound(converging.best.bound)
        if not self.proven and not self.budget.over():
            self._within_share(SHARE_OF_DIVE, self._dive)
        if not self.proven and not self.budget.over():
            self._within_share(SHARE_AROUND, self._around_for)
        self.relaxation.stop = self.budget.over

    def _within_share(self, part: float, act: Callable[[Budget], None]) -> None:
        own = self.budget.share(part)
        given = own.work
        act(own)
        self.budget.spend(given - own.work)

    def _dive(self, budget: Budget) -> None:
        self.relaxation.stop = budget.over
        if self.relaxation.solve() is not None:
            self._offer(dive(self.relaxation, budget, _finish))

    def _around_for(self, budget: Budget) -> None:
        """Improve the choice around it until a budget is over."""
        whole, self.budget = self.budget, budget
        self._owed = 0.0
        self._search_around(budget.work)
        self.budget, self._owed = whole, 0.0

    def _push(self, bound: int, node: Node) -> None:
        self._count += 1
        heapq.heappush(self._heap, (bound, -node.depth, self._count, node))

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
        generated = self._last = self._generate()
        if self.nodes == 1:
            self._raise_bound(generated.bound)
        if generated.bound >= self.value:
            return generated.bound, ()
        if generated.prices is None or (self._relaxed and not generated.finished):
            return generated.bound, None
        used, paid = relaxation.used(), relaxation.paid()
        if self._relaxed:
            return generated.bound, branches(relaxation, used, paid) or None
        bound, closed = self._close(generated, FEW_LISTED, FEW_PATTERNS, WORK_OF_CLOSING)
        if closed:
            return bound, ()
        self._improve_choice(generated, used)
        if bound >= self.value:
            return bound, ()
        if not generated.finished:
            return bound, None
        relaxation.enter(node)
        children = branches(relaxation, used, paid)
        if children:
            return bound, children
        further, closed = self._close(generated, MOST_PATTERNS, MOST_PATTERNS, self.budget.work)
        return max(bound, further), () if closed else None

    def _improve_choice(self, generated: Generated, used: Sequence[tuple[Column, float]]) -> None:
        """Take over a whole solution of the linear master, or choose among its patterns where these are new."""
        if all(value < 1e-6 or value > 1 - 1e-6 for _, value in used):
            self._offer([column for column, value in used if value > 0.5])
        grown = len(self.relaxation.columns) > GROWN * self._chosen_among and self.nodes >= self.first_choice
        if not self.budget.over() and (grown or (self.nodes == 1 and not self.small)):
            self._choose_among_promising(generated)

    def _close(self, generated: Generated, listed: int, patterns: int, work: float) -> tuple[int, bool]:
        """Try to find the best choice of a node among its patterns close to the bound.

        Returns
        -------
        tuple
            What is proven of the node, and whether that closes it.
        """
        if not generated.finished:
            return generated.bound, False
        bound, closed = self._combine(generated, listed)
        if closed:
            return bound, True
        found = self._finish(generated, patterns, work)
        return (bound, False) if found is None else (max(bound, found), True)

    def _generate(self) -> Generated:
        """Generate columns at the present node until none improves its linear master or the node is beaten.

        Prices are smoothed: pulled towards those of the best bound (Wentges 1997), less and less while that does
        not lower the value of the master.
        """
        relaxation, budget = self.relaxation, self.budget
        best = Generated(-(1 << 62), None, finished=False)
        if self._unfinished is not None and self._unfinished[0] is relaxation.node:
            best = self._unfinished[1]
        nodes, pull, before = FIRST_NODES, PULL, float("inf")
        while not budget.over():
            pivots = relaxation.pivots
            prices = relaxation.solve()
            if prices is None:
                return best
            stuck = relaxation.value > before * (1 - 1e-7)
            pull = min(PULL, pull + LEAST_PULL) if not stuck else pull // 2 if pull > LEAST_PULL else 0
            before = relaxation.value
            smoothed = prices if best.prices is None else prices.toward(best.prices, pull)
            priced = price_patterns(relaxation, smoothed, nodes=nodes, stop=budget.over)
            budget.spend((relaxation.pivots - pivots) * WORK_PER_PIVOT + priced.work * WORK_PER_CELL)
            budget.spend(len(relaxation.variants) * WORK_PER_VARIANT)
            if priced.bound_scaled > best.bound_scaled:
                best = Generated(priced.bound_scaled, priced.prices, finished=False)
                if best.bound >= self.value:
                    return best
            if relaxation.add(priced.columns) or (pull and best.prices is not None):
                continue
            if best.bound_scaled >= (relaxation.value - 1) * SCALE or priced.finished:
                return Generated(best.bound_scaled, best.prices, finished=True)
            nodes *= 8
        return best

    def _choose_among_promising(self, generated: Generated) -> None:
        """Choose among the patterns of least reduced cost, those of the linear master and the best choice so far."""
        relaxation, budget = self.relaxation, self.budget
        self._chosen_among = len(relaxation.columns)
        columns = dict.fromkeys([*relaxation.cheapest(MOST_CHOSEN_AMONG), *self.columns])
        if generated.prices is not None:
            gap = max(0, self.value * SCALE - generated.bound_scaled)
            for _ in range(MOST_REACHES):
                if budget.over():
                    break
                within = patterns_within(
                    relaxation, generated.prices, gap * self._reach // 1000, nodes=NODES_WITHIN, most=MOST_PROMISING,
                    stop=budget.over,
                )  # fmt: skip
                budget.spend(WORK_PER_LISTING)
                if within is None:
                    self._reach = max(1, self._reach * 2 // 3)
                    continue
                columns.update(dict.fromkeys(within))
                if len(within) > MOST_PROMISING // 3 or self._reach >= 1000:
                    break
                self._reach = min(1000, self._reach * 5 // 4 + 1)
        self._select(list(columns), min(budget.work, WORK_OF_CHOICE))

    def _search_around(self, work: float) -> None:
        """Plan some containers anew, exactly, for a share of the work that the tree has used."""
        budget = self.budget
        size = len(self.layout.pieces)
        self._owed += work * min(MOST_AROUND, (max(0, size - SMALL_TO) / AROUND_PER_PIECE) ** 2)
        while self._owed > 0 and not self.small and not self.proven and not self._around.settled(self.columns):
            if budget.over():
                break
            before = budget.work
            self._plan_anew(self._around.choose(self.layout, self.columns))
            self._owed -= before - budget.work
        self.relaxation.add(self.columns)

    def _plan_anew(self, chosen: Sequence[Column]) -> None:
        """Plan the pieces of some columns of the choice anew, and those left behind with them."""
        layout, budget = self.layout, self.budget
        out = set(chosen)
        fixed = [one for one in self.columns if one not in out]
        carried = self.absent
        for one in fixed:
            carried |= one.mask
        keep = [i for i in range(len(layout.pieces)) if not carried >> i & 1]
        inner, places = freed(layout, fixed, keep)
        place_of, piece_of = {q: k for k, q in enumerate(places)}, {i: k for k, i in enumerate(keep)}
        start = [inner.column(place_of[one.place], sum(1 << piece_of[i] for i in bits(one.mask))) for one in chosen]
        own = Budget(min(WORK_AROUND, budget.work), budget.deadline, budget.seed, budget.should_stop)
        given = own.work
        search = PartSearch(Relaxation(inner), start, own, lambda *_: None)
        search.small, search.first_choice = True, NEVER_CHOOSE
        begun = search.value
        search.run()
        budget.spend(given - own.work + WORK_PER_LISTING)
        met = [one for one, _ in search.relaxation.used()]
        self.relaxation.add(layout.column(places[one.place], sum(1 << keep[k] for k in bits(one.mask))) for one in met)
        better = search.value < begun
        if better:
            back = [
                layout.column(places[one.place], sum(1 << keep[k] for k in bits(one.mask))) for one in search.columns
            ]
            self._offer([*fixed, *back])
        self._around.learn(better=better, proven=search.proven)

    def _combine(self, generated: Generated, listed: int) -> tuple[int, bool]:
        """Search the combinations of patterns close to the bound, wider and wider.

        Where there is one, none beyond it matters; where there is none, the bound is that much higher.

        Returns
        -------
        tuple
            What is proven of the node, and whether that closes it.
        """
        bound, base = generated.bound, generated.bound_scaled
        if generated.prices is None:
            return bound, False
        whole = (self.value - 1) * SCALE - base
        likely = self.likely * SCALE * 5 // 4 if self.nodes == 1 else 0
        gap = min(whole, max(SCALE, base // FIRST_GAP, likely))
        self.how = "combined"
        while not self.budget.over():
            columns = patterns_within(
                self.relaxation, generated.prices, gap, nodes=30 * listed, most=listed, stop=self.budget.over
            )
            self.budget.spend(WORK_PER_LISTING / 4)
            if columns is None:
                break
            under = min(self.value, (base + gap) // SCALE + 1)
            found = combine(
                self.relaxation, generated.prices, base, columns, under=under,
                work=min(WORK_OF_COMBINING, self.budget.work),
            )  # fmt: skip
            if found is None:
                break
            self.budget.spend(found.work)
            if found.columns is not None:
                self._offer(found.columns)
            if not found.complete:
                break
            if found.columns is not None or gap >= whole:
                return self.value, True
            bound = max(bound, under)
            gap = min(whole, gap * WIDER)
        return bound, False

    def _finish(self, generated: Generated, most: int, work: float) -> int | None:
        """Choose among all patterns within the gap of a node; return what is then proven of it, None if undecided."""
        gap = (self.value - 1) * SCALE - generated.bound_scaled
        if generated.prices is None or self.budget.over():
            return None
        columns = patterns_within(
            self.relaxation, generated.prices, gap, nodes=100 * most, most=most, stop=self.budget.over
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


def _finish(layout: Layout, start: Sequence[Column], budget: Budget) -> Sequence[Column]:
    """Choose for what is left of a dive."""
    own = replace(budget, work=min(budget.work, WORK_OF_REST))
    given = own.work
    search = PartSearch(Relaxation(layout), start, own, lambda *_: None)
    search.small = True
    search.run()
    budget.spend(given - own.work)
    return search.columns
