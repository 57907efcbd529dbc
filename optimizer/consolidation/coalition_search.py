"""Least costs of many sets of goods of one separate part, larger sets first: each begins with what larger ones found.

Before a set is searched, what is known of others may close it: the cheapest plan of a larger set without what is not
here, against the prices that proved a larger set (prices under which no pattern is a gain stay so for fewer goods), or
against the cost of a larger set less that of what is not here (two groups apart never cost less than together, where
limits and price breaks allow). Only then columns are generated, from those of the larger set.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from optimizer.consolidation.bounds import connected, neighbours
from optimizer.consolidation.budgets import Budget
from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.lots import EndedBy
from optimizer.consolidation.parts import NEVER_CHOOSE, PartSearch
from optimizer.consolidation.patterns import CLOSED, Column, Counter, Layout, bits
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.relaxation import Relaxation
from optimizer.limits import ShouldStop
from optimizer.units import ceil_division

SHARE_OF_WORK = 8
"""How many times its even share of the remaining work one set may use."""

LEAST_WORK = 0.05
"""Work that a set may use at least, while there is any."""

WARM = 80
"""Patterns that a set hands down to smaller ones."""


@dataclass(frozen=True, eq=False)
class PartOfGame:
    """What the players have in one separate part.

    Parameters
    ----------
    pieces_of
        By player: the mask of its pieces here, 0 for none.
    start
        A plan for all of them.
    """

    layout: Layout
    pieces_of: tuple[int, ...]
    start: tuple[Column, ...]

    @cached_property
    def near(self) -> list[int]:
        """By piece: the mask of those with which it shares anything."""
        return neighbours(self.layout)

    @cached_property
    def present(self) -> tuple[int, ...]:
        """The players with pieces here."""
        return tuple(player for player, pieces in enumerate(self.pieces_of) if pieces)

    @cached_property
    def own(self) -> tuple[int, ...]:
        """By piece: the least that it costs by itself, wherever it travels."""
        return tuple(int(row[row != CLOSED].min(initial=1 << 60)) for row in self.layout.cost)

    @cached_property
    def monotone(self) -> bool:
        """Whether a plan never costs more when goods are taken out of it."""
        return all(list(one.totals) == sorted(one.totals) for one in self.layout.counters)

    @cached_property
    def subadditive(self) -> bool:
        """Whether two plans never cost more together than apart, where container limits allow both."""
        return all(_subadditive(one) for one in self.layout.counters)

    def pieces(self, mask: int) -> int:
        """Return the pieces of a coalition."""
        together = 0
        for player in bits(mask):
            together |= self.pieces_of[player]
        return together

    def players(self, pieces: int) -> int:
        """Return the players who own any of these pieces, as a mask."""
        return sum(1 << player for player in self.present if self.pieces_of[player] & pieces)

    def cut(self, columns: Iterable[Column], pieces: int) -> tuple[Column, ...]:
        """Return patterns without what is not among these pieces."""
        return tuple(self.layout.column(one.place, one.mask & pieces) for one in columns if one.mask & pieces)

    def is_free(self, columns: Iterable[Column]) -> bool:
        """Say whether patterns take nothing of what is limited."""
        return not any(one.place in self.layout.limits for one in columns)

    def fits(self, columns: Sequence[Column]) -> bool:
        """Say whether patterns keep the limits together."""
        return all(sum(one.place == q for one in columns) <= most for q, most in self.layout.limits.items())


def _subadditive(counter: Counter) -> bool:
    totals = counter.totals
    return all(
        max(totals[b : a + b + 1]) <= totals[a] + totals[b] for b in range(1, len(totals)) for a in range(1, b + 1)
    )


@dataclass(frozen=True, eq=False)
class Proof:
    """Prices that bound every set of these goods or fewer: no pattern of theirs costs less than they are worth.

    Parameters
    ----------
    base
        What the bound holds beside goods and triggers, in 1/SCALE minor units.
    rows
        By piece of the part: what carrying it is worth.
    paid, links
        By trigger: its cost, and by piece what using it costs the piece, <= 0.
    """

    base: int
    rows: Ints
    paid: Ints
    links: Ints

    def bound(self, held: Ints) -> int:
        """Return what some of the goods cost at least, in minor units; `held` lists the pieces."""
        triggers = np.minimum(0, self.paid + self.links[:, held].sum(axis=1)).sum()
        return ceil_division(self.base + int(self.rows[held].sum()) + int(triggers), SCALE)

    def additive(self) -> tuple[Fraction, list[Fraction]]:
        """Return a base <= 0 and prices by piece, in minor units, that add up to no more than `bound` for any set.

        What a trigger takes off, min(0, paid + links), is concave in the links that are met, and so lies above its
        chord from none of them to all.
        """
        base = Fraction(self.base)
        prices = [Fraction(row) for row in self.rows.tolist()]
        for paid, links in zip(self.paid.tolist(), self.links.tolist(), strict=True):
            none, every = min(0, paid), min(0, paid + sum(links))
            base += none
            if every < none:
                slope = Fraction(every - none, sum(links))
                prices = [price + slope * link for price, link in zip(prices, links, strict=True)]
        return min(base, Fraction(0)) / SCALE, [price / SCALE for price in prices]


def proof_of(relaxation: Relaxation, prices: Prices, keep: Sequence[int], pieces: int) -> Proof:
    """Return the prices of the first node of a search of the pieces `keep`, in a part of so many pieces."""
    layout = relaxation.layout
    base = 0
    for g, price in prices.counts.items():
        fewest, most = relaxation.bounds(g)
        base += price * (fewest if price > 0 else most or 0)
    paid = np.array([one.cost * SCALE for one in layout.triggers], dtype=np.int64)
    for c, counter in enumerate(layout.counters):
        kappa = int(prices.counters[c])
        paid[list(counter.triggers)] -= kappa
        base += min(amount * SCALE + kappa * n for n, amount in enumerate(counter.totals))
    rows = np.zeros(pieces, dtype=np.int64)
    links = np.zeros((len(layout.triggers), pieces), dtype=np.int64)
    # Grains of one package are all there or none: one of them stands for their row.
    of_row = {row: keep[i] for i, ((row, _),) in enumerate(layout.rows)}
    for row, i in of_row.items():
        rows[i] = prices.rows[row] * layout.demand[row]
    for (s, row), price in prices.links.items():
        links[s, of_row[row]] = price * layout.demand[row]
    return Proof(base, rows, paid, links)


@dataclass(frozen=True, eq=False)
class Known:
    """What is known of a set of pieces that stands alone.

    Parameters
    ----------
    columns
        The cheapest choice known, in the part's own terms.
    how
        Why no more was done: ``subset``, ``union`` or ``prices`` of other sets close it without a search,
        ``linear``, ``combined`` or ``branched`` tell how far a search had to go, ``open`` that it was not proven.
    proof, warm
        For smaller sets: prices that bound them too, and patterns to begin with.
    """

    upper: int
    lower: int
    columns: tuple[Column, ...]
    how: str
    proof: Proof | None = None
    warm: tuple[tuple[int, int], ...] = ()
    gap: int = 0

    @property
    def proven(self) -> bool:
        """Whether nothing is cheaper."""
        return self.lower >= self.upper


@dataclass(frozen=True, slots=True)
class Drawn:
    """A lower or upper end that was drawn from other sets: `kind` as in `optimizer.shipment_game.Repair`."""

    kind: str
    pieces: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Block:
    """A task: sets of pieces of one part, to be searched in this order.

    Parameters
    ----------
    known
        Pieces -> what is known already; sets of the block may be among them.
    work
        Deterministic work for all of them.
    until
        Seconds since the epoch: processes and computers share no other clock.
    handing_down
        Whether others will build on the answer, and need its prices and patterns.
    """

    part: PartOfGame
    sets: tuple[int, ...]
    known: Mapping[int, Known]
    work: float
    until: float
    seed: int
    handing_down: bool = False


@dataclass(frozen=True, eq=False)
class Searched:
    """The answer of a block; sets that a stop kept from their turn are not in it."""

    known: Mapping[int, Known]
    drawn: tuple[Drawn, ...]
    work: float
    ended_by: EndedBy


def search_block(block: Block, should_stop: ShouldStop) -> Searched:
    """Search the sets of a block; those that do not get their turn keep an interval."""
    deadline = time.monotonic() + (block.until - time.time())
    return _Searcher(block, Budget(block.work, deadline, block.seed, should_stop)).run()


@dataclass
class _Searcher:
    """A block while it is searched."""

    block: Block
    budget: Budget
    known: dict[int, Known] = field(default_factory=dict)
    drawn: list[Drawn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.part = self.block.part
        self.known.update(self.block.known)

    def run(self) -> Searched:
        weights = [pieces.bit_count() ** 2 for pieces in self.block.sets]
        waiting = sum(weights)
        for pieces, weight in zip(self.block.sets, weights, strict=True):
            work = max(LEAST_WORK, SHARE_OF_WORK * self.budget.work * weight / waiting)
            waiting -= weight
            if self.budget.over() and self.budget.ended_by == "stopped":
                break
            self.known[pieces] = self._priced(pieces, work)
        answer = {pieces: self.known[pieces] for pieces in self.block.sets if pieces in self.known}
        if not self.block.handing_down:
            answer = {pieces: replace(one, proof=None, warm=()) for pieces, one in answer.items()}
        return Searched(answer, tuple(self.drawn), self.block.work - self.budget.work, self.budget.ended_by)

    def _priced(self, pieces: int, work: float) -> Known:
        before = self.known.get(pieces)
        if self.budget.over():
            return before or self._at_once(pieces)
        around = self._around(pieces)
        parents = list(around.values())
        columns = self._cheapest_cut(pieces, parents, before)
        upper = self.part.layout.total(columns)
        lower, how = self._drawn_lower(pieces, upper, around, before)
        warm = next((parent.warm for parent in parents if parent.warm), ())
        if lower >= upper:
            proof = next((parent.proof for parent in parents if parent.proof), None)
            return Known(upper, upper, columns, how, proof, warm)
        gaps = [one.gap for one in parents if one.gap]
        likely = sum(gaps) // len(gaps) if gaps else 0
        return self._search(pieces, columns, lower, warm, likely, min(work, self.budget.work))

    def _at_once(self, pieces: int) -> Known:
        """Return what can be said without any search."""
        columns = self.part.cut(self.part.start, pieces)
        upper = self.part.layout.total(columns)
        return Known(upper, min(upper, sum(self.part.own[i] for i in bits(pieces))), columns, "open")

    def _around(self, pieces: int) -> dict[int, Known]:
        """Return what is known of the sets around this one, of coalitions with one player more."""
        part = self.part
        mask = part.players(pieces)
        found: dict[int, Known] = {}
        for player in part.present:
            if not mask >> player & 1:
                around = next(one for one in connected(part.near, part.pieces(mask | 1 << player)) if one & pieces)
                if around & pieces == pieces and around != pieces and around in self.known:
                    found[around] = self.known[around]
        return found

    def _cheapest_cut(self, pieces: int, parents: Sequence[Known], before: Known | None) -> tuple[Column, ...]:
        cuts = [before.columns] if before else []
        cuts += [self.part.cut(columns, pieces) for columns in (self.part.start, *(one.columns for one in parents))]
        totals = [self.part.layout.total(one) for one in cuts]
        return cuts[totals.index(min(totals))]

    def _drawn_lower(
        self, pieces: int, upper: int, around: Mapping[int, Known], before: Known | None
    ) -> tuple[int, str]:
        """Return the best lower end that other sets give, and which of them."""
        held = np.array(list(bits(pieces)), dtype=np.int64)
        lower, how = (before.lower, before.how) if before else (0, "open")
        least = sum(self.part.own[i] for i in held)
        if least > lower:
            lower = least
        best = max((one.proof.bound(held) for one in around.values() if one.proof), default=0)
        if best > lower:
            lower, how = best, "prices"
        if lower < upper and self.part.subadditive:
            apart = max((self._less(larger, pieces) for larger in around), default=0)
            if apart > lower:
                self.drawn.append(Drawn("union", pieces, lower, min(apart, upper)))
                lower, how = apart, "union"
        return min(lower, upper), how

    def _less(self, around: int, pieces: int) -> int:
        """Return the least cost of a larger set less the cost of what is not here, 0 where that is not known."""
        paid = 0
        for rest in connected(self.part.near, around & ~pieces):
            known = self.known.get(rest)
            if known is None or not self.part.is_free(known.columns):
                return 0
            paid += known.upper
        return self.known[around].lower - paid

    def _search(
        self,
        pieces: int,
        start: tuple[Column, ...],
        lower: int,
        warm: Iterable[tuple[int, int]],
        likely: int,
        work: float,
    ) -> Known:
        part = self.part
        keep = tuple(bits(pieces))
        here = _Here(part.layout, keep)
        budget = replace(self.budget, work=work)
        relaxation = Relaxation(here.layout)
        relaxation.probing = False
        relaxation.add(here.inward((q, held) for q, mask in warm if (held := mask & pieces)))
        search = SetSearch(relaxation, here.inward((one.place, one.mask) for one in start), budget, likely)
        search.run()
        self.budget.spend(work - budget.work)
        if budget.ended_by in ("stopped", "time_limit"):
            self.budget.ended_by = budget.ended_by
        lower = max(lower, search.bound)
        how = "open" if lower < search.value else "branched" if search.nodes > 1 else search.how
        proof = proof_of(relaxation, search.prices, keep, len(part.layout.pieces)) if search.prices else None
        handed = tuple(here.outward(search.cheapest)) or tuple(warm)
        columns = tuple(part.layout.column(q, mask) for q, mask in here.outward(search.columns))
        gap = search.value - search.first_bound if search.prices and lower >= search.value else 0
        return Known(search.value, min(lower, search.value), columns, how, proof, handed, gap)


class _Here:
    """The tables of some of the pieces of a part, and the way between their terms and the part's."""

    def __init__(self, layout: Layout, keep: tuple[int, ...]) -> None:
        self.whole = layout
        self.keep = keep
        self.layout = layout.restricted(keep)
        place_of = {id(place): q for q, place in enumerate(layout.places)}
        self.places = [place_of[id(place)] for place in self.layout.places]
        self.at = {q: here for here, q in enumerate(self.places)}
        self.index = {i: here for here, i in enumerate(keep)}

    def inward(self, patterns: Iterable[tuple[int, int]]) -> list[Column]:
        """Return patterns (place, pieces), given in the part's terms, in those of these pieces."""
        moved = dict.fromkeys((self.at[q], sum(1 << self.index[i] for i in bits(mask))) for q, mask in patterns)
        return [self.layout.column(q, mask) for q, mask in moved]

    def outward(self, columns: Iterable[Column]) -> list[tuple[int, int]]:
        """Return patterns in the part's terms."""
        return [(self.places[one.place], sum(1 << self.keep[i] for i in bits(one.mask))) for one in columns]


class SetSearch(PartSearch):
    """The search of one set, which begins with a good choice: nodes are closed by combining listed patterns.

    Combinations are sought close to the bound first. Where there is one, none beyond it matters; where there is
    none, the bound is that much higher.
    """

    def __init__(self, relaxation: Relaxation, start: Sequence[Column], budget: Budget, likely: int) -> None:
        super().__init__(relaxation, start, budget, lambda *_: None)
        self.likely = likely
        self.small = True
        self.first_choice = NEVER_CHOOSE
        self.prices: Prices | None = None
        """Those that prove the bound of the first node."""
        self.cheapest: list[Column] = []
        """The patterns of the first node that are worth most."""
        self.first_bound = 0

    def _generate(self):  # type: ignore[no-untyped-def]
        found = super()._generate()
        if self.nodes == 1:
            self.prices, self.first_bound = found.prices, found.bound
            if found.finished or found.bound >= self.value:
                # Only now: reduced costs are those of the last solution, until a column is added.
                self.cheapest = self.relaxation.cheapest(WARM)
        return found
