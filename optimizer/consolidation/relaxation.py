"""The linear master: fractions of patterns that carry every piece, solved with GLOP, and what its prices prove.

Rows: every piece is carried once; a limited place has at most so many containers; a trigger is paid by as
much as any piece uses it (rows added where the solution breaks them); a counter pays at least the convex
hull of its price breaks. The bound is Lagrangian: prices are rounded to integers first, so that it is exact
whatever the floating-point solver did.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from ortools.linear_solver import pywraplp

from optimizer.consolidation.knapsack import Ints, fill, fractional_bound
from optimizer.consolidation.patterns import CLOSED, Column, Layout, bits
from optimizer.consolidation.variants import Variant, variants_of
from optimizer.problem import Mode

SCALE = 1024
"""Prices are whole numbers of 1/1024 of a minor unit."""

LINK_TOLERANCE = 1e-6
"""By how much a piece must use a trigger beyond what is paid before its row is added."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Integer prices in 1/SCALE minor units: what the rows of the master are worth.

    Parameters
    ----------
    pieces
        What carrying each piece is worth, any sign.
    limits
        By limited place: what one more container is worth, <= 0.
    links
        (trigger, piece) -> what the trigger costs that piece, <= 0.
    counters
        What one line costs, any sign, negative meaning a cost.
    """

    pieces: Ints
    limits: dict[int, int]
    links: dict[tuple[int, int], int]
    counters: Ints


class Relaxation:
    """A growing linear master over one layout."""

    def __init__(self, layout: Layout, *, strand: bool = True) -> None:
        self.layout = layout
        self.variants = variants_of(layout)
        self.columns: list[Column] = []
        self.known: set[tuple[int, int]] = set()
        self.members: list[Ints] = [np.array(list(bits(one.mask)), dtype=np.int64) for one in self.variants]
        self.value = float("inf")
        self.prices: Prices | None = None
        self.work = 0
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString("use_preprocessing: false")
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._x: list[pywraplp.Variable] = []
        self._rows = [self._solver.Constraint(1.0, 1.0) for _ in layout.pieces]
        self._limits = {q: self._solver.Constraint(0.0, float(limit)) for q, limit in layout.limits.items()}
        self._links: dict[tuple[int, int], pywraplp.Constraint] = {}
        self._counters = [self._solver.Constraint(0.0, 0.0) for _ in layout.counters]
        self._y = [self._variable(float(one.cost), 1.0) for one in layout.triggers]
        self._hulls()
        for c, counter in enumerate(layout.counters):
            for s in counter.triggers:
                self._counters[c].SetCoefficient(self._y[s], 1.0)
        if strand:
            for i in bits(layout.stranded):
                self._rows[i].SetCoefficient(self._variable(float(layout.penalty), 1.0), 1.0)
        for q, place in enumerate(layout.places):
            if place.mode is not Mode.FCL:
                self.add(layout.column(q, 1 << i) for i in bits(layout.open[q]))

    def _variable(self, cost: float, upper: float) -> pywraplp.Variable:
        variable = self._solver.NumVar(0.0, upper, "")
        self._objective.SetCoefficient(variable, cost)
        return variable

    def _hulls(self) -> None:
        """Let each counter's lines cost a mix of the ends of its steps."""
        for c, counter in enumerate(self.layout.counters):
            one = self._solver.Constraint(1.0, 1.0)
            for n in range(len(counter.totals)):
                variable = self._variable(float(counter.totals[n]), 1.0)
                one.SetCoefficient(variable, 1.0)
                self._counters[c].SetCoefficient(variable, -float(n))

    def add(self, columns: Iterable[Column]) -> int:
        """Add patterns that the master does not hold yet and return how many were new."""
        added = 0
        for column in columns:
            key = (column.place, column.mask)
            if key in self.known:
                continue
            self.known.add(key)
            self.columns.append(column)
            added += 1
            variable = self._variable(float(column.cost), self._solver.infinity())
            self._x.append(variable)
            for i in bits(column.mask):
                self._rows[i].SetCoefficient(variable, 1.0)
            if column.place in self._limits:
                self._limits[column.place].SetCoefficient(variable, 1.0)
            for s, mask in self.layout.triggers_at[column.place]:
                for i in bits(mask & column.mask):
                    if (s, i) in self._links:
                        self._links[s, i].SetCoefficient(variable, 1.0)
            for c, lines in self.layout.counted(column):
                self._counters[c].SetCoefficient(variable, float(lines))
        return added

    def solve(self) -> bool:
        """Solve the master over its columns, adding trigger rows until none is broken; say whether it has one."""
        while True:
            status = self._solver.Solve()
            self.work += 1 + self._solver.iterations()
            if status != pywraplp.Solver.OPTIMAL:
                return False
            self.value = self._objective.Value()
            if not self._add_links():
                break
        self.prices = self._read_prices()
        return True

    def fractions(self) -> npt.NDArray[np.float64]:
        """Return how much of each column the last solution uses."""
        return np.array([variable.solution_value() for variable in self._x])

    def _add_links(self) -> int:
        used: dict[tuple[int, int], float] = {}
        users: dict[tuple[int, int], list[int]] = {}
        for j, variable in enumerate(self._x):
            value = variable.solution_value()
            if value > LINK_TOLERANCE:
                column = self.columns[j]
                for s, mask in self.layout.triggers_at[column.place]:
                    for i in bits(mask & column.mask):
                        used[s, i] = used.get((s, i), 0.0) + value
        paid = [variable.solution_value() for variable in self._y]
        broken = {key for key, value in used.items() if value > paid[key[0]] + LINK_TOLERANCE}
        broken -= self._links.keys()
        if not broken:
            return 0
        for j, column in enumerate(self.columns):
            for s, mask in self.layout.triggers_at[column.place]:
                for i in bits(mask & column.mask):
                    if (s, i) in broken:
                        users.setdefault((s, i), []).append(j)
        for s, i in sorted(broken):
            row = self._solver.Constraint(-self._solver.infinity(), 0.0)
            row.SetCoefficient(self._y[s], -1.0)
            for j in users[s, i]:
                row.SetCoefficient(self._x[j], 1.0)
            self._links[s, i] = row
        return len(broken)

    def _read_prices(self) -> Prices:
        def rounded(value: float) -> int:
            return int(np.floor(value * SCALE))

        return Prices(
            pieces=np.array([rounded(row.dual_value()) for row in self._rows], dtype=np.int64),
            limits={q: min(0, rounded(row.dual_value())) for q, row in self._limits.items()},
            links={key: min(0, rounded(row.dual_value()) + 1) for key, row in self._links.items()},
            counters=np.array([rounded(row.dual_value()) for row in self._counters], dtype=np.int64),
        )


def worth_at(layout: Layout, prices: Prices, q: int) -> Ints:
    """Return what each piece earns as a lot at a place, in 1/SCALE minor units: its price less what it costs there."""
    worth = prices.pieces - layout.cost[:, q] * SCALE
    for s, mask in layout.triggers_at[q]:
        for i in bits(mask):
            worth[i] += prices.links.get((s, i), 0)
    for c, counter in enumerate(layout.counters):
        for i in bits(counter.lots.get(q, 0)):
            worth[i] += prices.counters[c]
    return worth


def fixed_at(variant: Variant, prices: Prices) -> int:
    """Return what opening a container of a variant costs at these prices, in 1/SCALE minor units."""
    counted = sum(int(prices.counters[c]) for c in variant.counted)
    return variant.fixed * SCALE - prices.limits.get(variant.place, 0) - counted


@dataclass(frozen=True, slots=True)
class Priced:
    """An answer of the pricing problem: improving patterns, and a bound that holds for all patterns.

    Parameters
    ----------
    bound_scaled
        Lower bound on the cost of any plan, in 1/SCALE minor units.
    prices
        The prices lowered until no pattern costs less than its pieces are worth; they prove the bound.
    """

    columns: list[Column]
    bound_scaled: int
    prices: Prices
    work: int


def price_patterns(
    relaxation: Relaxation, prices: Prices, *, width: int = 2_000, each: int = 3, tolerance: int = SCALE // 64
) -> Priced:
    """Search every variant for containers that cost less than their pieces are worth.

    Parameters
    ----------
    width
        Labels kept at most; where that was not enough the bound pays for it.
    each
        Patterns returned for each variant at most.
    tolerance
        Reduced costs down to minus this are not pursued; the bound pays for it.
    """
    layout = relaxation.layout
    columns: list[Column] = []
    shortfall: list[int] = []
    work = 0
    worth_of: dict[int, Ints] = {}
    for variant, members in zip(relaxation.variants, relaxation.members, strict=True):
        q = variant.place
        if q not in worth_of:
            worth_of[q] = worth_at(layout, prices, q)
        fixed = fixed_at(variant, prices)
        worth = worth_of[q][members]
        use = members[worth > 0]
        worth = worth[worth > 0]
        if int(worth.sum()) - fixed <= tolerance:
            shortfall.append(max(0, int(worth.sum()) - fixed))
            continue
        volumes, masses = layout.volumes[use], layout.masses[use]
        hope = min(
            fractional_bound(worth, volumes, variant.volume_mm3), fractional_bound(worth, masses, variant.mass_g)
        )
        work += len(use)
        if hope - fixed <= tolerance:
            shortfall.append(max(0, hope - fixed))
            continue
        found = fill(
            worth, volumes, masses, variant.volume_mm3, variant.mass_g, fixed + tolerance,
            width=width, most=each, best_only=True,
        )  # fmt: skip
        work += found.work
        shortfall.append(max(0, min(hope, found.bound) - fixed))
        columns.extend(layout.column(q, sum(1 << int(use[p]) for p in chosen)) for chosen in found.sets if chosen)
    proven = lowered(relaxation, prices, shortfall)
    return Priced(columns, bound_of(layout, proven), proven, work)


def lowered(relaxation: Relaxation, prices: Prices, shortfall: list[int]) -> Prices:
    """Lower the prices of pieces until every pattern costs at least what its pieces are worth.

    Whatever a container may fall short of its pieces' prices is taken off the price of every piece that it may
    hold: each holds at least one.
    """
    layout = relaxation.layout
    least = np.zeros(len(layout.pieces), dtype=np.int64)
    for members, short in zip(relaxation.members, shortfall, strict=True):
        if short:
            least[members] = np.maximum(least[members], short)
    for q, place in enumerate(layout.places):
        if place.mode is not Mode.FCL:
            open_ = layout.cost[:, q] != CLOSED
            least[open_] = np.maximum(least[open_], worth_at(layout, prices, q)[open_])
    for i in bits(layout.stranded):
        least[i] = max(least[i], int(prices.pieces[i]) - layout.penalty * SCALE)
    return replace(prices, pieces=prices.pieces - np.maximum(least, 0))


def bound_of(layout: Layout, prices: Prices) -> int:
    """Return the Lagrangian bound of prices under which no pattern is a gain, in 1/SCALE minor units."""
    total = int(prices.pieces.sum())
    total += sum(layout.limits[q] * price for q, price in prices.limits.items())
    paid = [one.cost * SCALE for one in layout.triggers]
    for (s, _), price in prices.links.items():
        paid[s] += price
    for c, counter in enumerate(layout.counters):
        for s in counter.triggers:
            paid[s] -= int(prices.counters[c])
        kappa = int(prices.counters[c])
        total += min(amount * SCALE + kappa * n for n, amount in enumerate(counter.totals))
    return total + sum(min(0, one) for one in paid)


def patterns_within(
    relaxation: Relaxation, prices: Prices, gap_scaled: int, *, width: int, most: int
) -> list[Column] | None:
    """List every pattern whose reduced cost is at most a gap.

    Parameters
    ----------
    prices
        Prices under which no pattern is a gain.
    gap_scaled
        In 1/SCALE minor units, >= 0.
    most
        How many may be listed.

    Returns
    -------
    list of Column, or None when there are more.
    """
    layout = relaxation.layout
    found: dict[tuple[int, int], Column] = {}
    for q, place in enumerate(layout.places):
        if place.mode is not Mode.FCL:
            worth = worth_at(layout, prices, q)
            for i in bits(layout.open[q]):
                if -int(worth[i]) <= gap_scaled:
                    found[q, 1 << i] = layout.column(q, 1 << i)
    for variant, members in zip(relaxation.variants, relaxation.members, strict=True):
        q = variant.place
        worth = worth_at(layout, prices, q)[members]
        fixed = fixed_at(variant, prices)
        if int(worth[worth > 0].sum()) - fixed < -gap_scaled:
            continue
        listed = fill(
            worth, layout.volumes[members], layout.masses[members], variant.volume_mm3, variant.mass_g,
            fixed - gap_scaled - 1, width=width, most=most,
        )  # fmt: skip
        if not listed.complete:
            return None
        for chosen in listed.sets:
            mask = sum(1 << int(members[p]) for p in chosen)
            if mask and (q, mask) not in found:
                found[q, mask] = layout.column(q, mask)
        if len(found) > most:
            return None
    return list(found.values())
