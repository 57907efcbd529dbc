"""The linear master: fractions of patterns that carry every piece, solved with GLOP.

Rows: every piece is carried once; groups of places hold a number of containers between bounds; a trigger is
paid by as much as any piece uses it (rows added where the solution breaks them); a counter pays at least the
convex hull of its price breaks. A `Node` narrows the master without changing what pricing has to solve.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from ortools.linear_solver import pywraplp

from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.patterns import CLOSED, Column, Layout, bits
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.variants import table_of, variants_of
from optimizer.problem import Mode

LINK_TOLERANCE = 1e-6
"""By how much a piece must use a trigger beyond what is paid before its row is added."""


NEGLIGIBLE = 1e-9
"""A column that a solution uses by no more is not used."""

PROBE_FAILED = 1e15
"""Value of a node at which the solver failed."""

PRIMAL = "use_preprocessing: false use_dual_simplex: false"
"""Of the linear solver when columns are new; presolving would forget where the last solution was."""

DUAL = "use_preprocessing: false use_dual_simplex: true"
"""Of the linear solver when bounds or rows are new."""

RESCUE = "use_preprocessing: true use_dual_simplex: true"
"""Of the linear solver where it broke down otherwise."""

ROWS_A_TRIGGER = 2
"""Rows added for one trigger at a time, those broken most."""


@dataclass(frozen=True)
class Node:
    """What a branch has decided: counts of containers, options closed, triggers paid.

    Parameters
    ----------
    counts
        Group of places -> fewest and most containers; most None is no limit.
    closed
        By place: pieces that may not go there any more.
    paid
        Triggers that are paid in any case.
    lines
        Counter -> fewest and most of its lines.
    together
        Masks of pieces that travel in one container, without a piece in common.
    apart
        Pairs of pieces that do not travel in one container.
    absent
        Pieces that do not travel at all: a coalition without them is priced.
    """

    counts: Mapping[int, tuple[int, int | None]] = field(default_factory=dict)
    closed: Mapping[int, int] = field(default_factory=dict)
    paid: frozenset[int] = frozenset()
    lines: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    together: tuple[int, ...] = ()
    apart: tuple[tuple[int, int], ...] = ()
    absent: int = 0
    depth: int = 0

    def allows(self, column: Column) -> bool:
        """Say whether a pattern keeps to the options left open."""
        mask = column.mask
        return (
            not mask & (self.closed.get(column.place, 0) | self.absent)
            and all(mask & group in (0, group) for group in self.together)
            and not any(mask >> one & mask >> other & 1 for one, other in self.apart)
        )


def groups_of(layout: Layout) -> tuple[tuple[int, ...], ...]:
    """Return the groups of container places whose numbers are worth deciding: all, by type, by departure, each."""
    boxes = [(q, place) for q, place in enumerate(layout.places) if place.mode is Mode.FCL]
    groups: dict[tuple[int, ...], None] = {tuple(q for q, _ in boxes): None}
    for key in dict.fromkeys(place.container_type.code for _, place in boxes if place.container_type):
        groups[tuple(q for q, place in boxes if place.container_type and place.container_type.code == key)] = None
    for name in dict.fromkeys(place.departure.id for _, place in boxes):
        groups[tuple(q for q, place in boxes if place.departure.id == name)] = None
    for q, _ in boxes:
        groups[(q,)] = None
    return tuple(group for group in groups if group)


class Relaxation:
    """A growing linear master over one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.variants = variants_of(layout)
        self.table = table_of(layout, self.variants)
        self.row_of = np.array([row for row, _ in layout.rows], dtype=np.int64)
        self.amounts = np.array([amount for _, amount in layout.rows], dtype=np.int64)
        self.costs = np.ascontiguousarray(layout.cost.T) * SCALE
        self.closed = layout.cost.T == CLOSED
        self._cells: dict[tuple[int, int], tuple[Ints, Ints]] = {}
        self.groups = groups_of(layout)
        self.node = Node()
        self.columns: list[Column] = []
        self.known: set[tuple[int, int]] = set()
        self.value = float("inf")
        self.pivots = 0
        self.probing = True
        """Whether splits are tried before one is chosen."""
        self.groups_at: list[list[int]] = [[] for _ in layout.places]
        for g, group in enumerate(self.groups):
            for q in group:
                self.groups_at[q].append(g)
        self.limits = {g: layout.limits[group[0]] for g, group in enumerate(self.groups)
                       if len(group) == 1 and group[0] in layout.limits}  # fmt: skip
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._x: list[pywraplp.Variable] = []
        self._of_row: list[list[int]] = [[] for _ in layout.demand]
        self._shut: list[bool] = []
        self._fresh = False
        """Whether nothing has changed since the last solution."""
        self._narrowed = False
        """Whether bounds or rows have."""
        self._used: list[float] = []
        self._paid: list[float] = []
        self._rows = [self._solver.Constraint(float(most), float(most)) for most in layout.demand]
        self._counts: dict[int, pywraplp.Constraint] = {}
        """By group whose number of containers has been bounded at some node; the others need no row."""
        self._links: dict[tuple[int, int], pywraplp.Constraint] = {}
        self._counters = [self._solver.Constraint(0.0, 0.0) for _ in layout.counters]
        self._y = [self._variable(float(one.cost), 1.0) for one in layout.triggers]
        self._hull = self._hulls()
        self.hulls: list[tuple[float, float]] = []
        """By counter: lines of the last solution, and what they cost there."""
        for row in self._rows:
            # Leaving a piece behind keeps every node feasible, at a cost that no plan reaches.
            row.SetCoefficient(self._variable(float(layout.penalty), self._solver.infinity()), 1.0)
        self.enter(Node())
        for q in layout.loose:
            self.add(layout.column(q, 1 << i) for i in bits(layout.open[q]))

    def _variable(self, cost: float, upper: float) -> pywraplp.Variable:
        variable = self._solver.NumVar(0.0, upper, "")
        self._objective.SetCoefficient(variable, cost)
        return variable

    def _hulls(self) -> list[list[pywraplp.Variable]]:
        """Let each counter's lines cost a mix of what numbers of lines cost; return the shares of each mix."""
        hulls = []
        for c, counter in enumerate(self.layout.counters):
            for s in counter.triggers:
                self._counters[c].SetCoefficient(self._y[s], 1.0)
            one = self._solver.Constraint(1.0, 1.0)
            shares = []
            for n, total in enumerate(counter.totals):
                variable = self._variable(float(total), 1.0)
                one.SetCoefficient(variable, 1.0)
                self._counters[c].SetCoefficient(variable, -float(n))
                shares.append(variable)
            # Lines that a node demands or forbids in vain: it is never without a solution, only dear.
            for sign in (1.0, -1.0):
                self._counters[c].SetCoefficient(
                    self._variable(float(self.layout.penalty), self._solver.infinity()), sign
                )
            hulls.append(shares)
        return hulls

    def enter(self, node: Node) -> None:
        """Narrow the master to a node."""
        self._fresh, self._narrowed = False, True
        self.node = node
        away = {self.layout.rows[i][0] for i in bits(node.absent)}
        for r, row in enumerate(self._rows):
            carried = 0.0 if r in away else float(self.layout.demand[r])
            row.SetBounds(carried, carried)
        for g in sorted({*self._counts, *node.counts, *self.limits}):
            least, most = self.bounds(g)
            row = self._counts.get(g) or self._new_count(g)
            row.SetBounds(float(least), self._solver.infinity() if most is None else float(most))
        for s, variable in enumerate(self._y):
            variable.SetLb(1.0 if s in node.paid else 0.0)
        for c, shares in enumerate(self._hull):
            fewest, most = self.lines(c)
            for n, variable in enumerate(shares):
                variable.SetUb(1.0 if fewest <= n <= most else 0.0)
        simple = not (node.closed or node.together or node.apart)
        for j, column in enumerate(self.columns):
            shut = bool(column.mask & node.absent) if simple else not node.allows(column)
            if shut != self._shut[j]:
                self._shut[j] = shut
                self._x[j].SetUb(0.0 if shut else self._solver.infinity())

    def _new_count(self, group: int) -> pywraplp.Constraint:
        row = self._solver.Constraint(0.0, self._solver.infinity())
        self._counts[group] = row
        places = set(self.groups[group])
        for column, variable in zip(self.columns, self._x, strict=True):
            if column.place in places:
                row.SetCoefficient(variable, 1.0)
        # Containers that are demanded but not found yet: a node is never without a solution, only dear.
        row.SetCoefficient(self._variable(float(self.layout.penalty), self._solver.infinity()), 1.0)
        return row

    def bounds(self, group: int) -> tuple[int, int | None]:
        """Return the fewest and the most containers of a group at the present node."""
        return self.node.counts.get(group, (0, self.limits.get(group)))

    def lines(self, counter: int) -> tuple[int, int]:
        """Return the fewest and the most lines of a counter at the present node."""
        return self.node.lines.get(counter, (0, len(self.layout.counters[counter].totals) - 1))

    def add(self, columns: Iterable[Column]) -> int:
        """Add patterns that the master does not hold yet and return how many were new."""
        before = len(self.columns)
        for column in columns:
            key = (column.place, column.mask)
            if key not in self.known:
                self.known.add(key)
                self.columns.append(column)
                self._x.append(self._add(column))
        return len(self.columns) - before

    def _add(self, column: Column) -> pywraplp.Variable:
        self._fresh = False
        variable = self._variable(float(column.cost), self._solver.infinity())
        self._shut.append(not self.node.allows(column))
        if self._shut[-1]:
            variable.SetUb(0.0)
        amounts: dict[int, int] = {}
        for i in bits(column.mask):
            row, amount = self.layout.rows[i]
            amounts[row] = amounts.get(row, 0) + amount
        for row, amount in amounts.items():
            self._of_row[row].append(len(self._x))
            self._rows[row].SetCoefficient(variable, float(amount))
        for g in self.groups_at[column.place]:
            if g in self._counts:
                self._counts[g].SetCoefficient(variable, 1.0)
        for key, amount in self.uses(column).items():
            if key in self._links:
                self._links[key].SetCoefficient(variable, float(amount))
        for c, lines in self.layout.counted(column):
            self._counters[c].SetCoefficient(variable, float(lines))
        return variable

    def solve(self) -> Prices | None:
        """Solve the master over its columns, adding trigger rows until none is broken; return its prices.

        Returns
        -------
        Prices, or None where the solver failed: nothing is known then (the master always has a solution).
        """
        while True:
            if not self._optimized(DUAL if self._narrowed else PRIMAL) and not self._optimized(RESCUE):
                return None
            self._narrowed, self._fresh = False, True
            self.value = self._objective.Value()
            self._used = [
                0.0 if shut else variable.solution_value() for shut, variable in zip(self._shut, self._x, strict=True)
            ]
            self._paid = [variable.solution_value() for variable in self._y]
            self.hulls = [self._hull_of(c) for c in range(len(self._hull))]
            if not self._add_links():
                return self._read_prices()
            self._narrowed = True

    def _hull_of(self, c: int) -> tuple[float, float]:
        shares = [variable.solution_value() for variable in self._hull[c]]
        totals = self.layout.counters[c].totals
        return sum(n * one for n, one in enumerate(shares)), sum(
            total * one for total, one in zip(totals, shares, strict=True)
        )

    def _optimized(self, parameters: str) -> bool:
        self._solver.SetSolverSpecificParametersAsString(parameters)
        status = self._solver.Solve()
        self.pivots += 1 + max(0, self._solver.iterations())
        return bool(status == pywraplp.Solver.OPTIMAL)

    def probe(self, node: Node) -> float:
        """Return the value of the master over its present columns at another node, without staying there."""
        here, value = self.node, self.value
        self.enter(node)
        found = self._objective.Value() if self._optimized(DUAL) else PROBE_FAILED
        self.enter(here)
        self.value = value
        return found

    def used(self) -> list[tuple[Column, float]]:
        """Return the columns that the last solution uses, with how much of each."""
        return [(one, value) for one, value in zip(self.columns, self._used, strict=False) if value > NEGLIGIBLE]

    def cheapest(self, most: int) -> list[Column]:
        """Return the columns open at the node whose reduced cost is least."""
        if not self._fresh:
            self._optimized(PRIMAL)
        ranked = sorted(
            (variable.reduced_cost(), j)
            for j, (shut, variable) in enumerate(zip(self._shut, self._x, strict=True))
            if not shut
        )
        return [self.columns[j] for _, j in ranked[:most]]

    def cells_of(self, key: tuple[int, int]) -> tuple[Ints, Ints]:
        """Return where the pieces of a row meet a trigger, as flat indices of (place, piece), and their amounts."""
        if key not in self._cells:
            s, row = key
            held = self.layout.pieces_of_row[row]
            met = [(q, i) for q, mask in self.layout.triggers[s].masks.items() for i in bits(mask & held)]
            at = np.array([q * len(self.layout.pieces) + i for q, i in met], dtype=np.int64)
            self._cells[key] = at, self.amounts[[i for _, i in met]]
        return self._cells[key]

    def paid(self) -> list[float]:
        """Return how much of each trigger the last solution pays."""
        return self._paid

    def uses(self, column: Column) -> dict[tuple[int, int], int]:
        """Return how much of each row a pattern carries under each trigger that it sets off."""
        uses: dict[tuple[int, int], int] = {}
        for s, mask in self.layout.triggers_at[column.place]:
            for i in bits(mask & column.mask):
                row, amount = self.layout.rows[i]
                uses[s, row] = uses.get((s, row), 0) + amount
        return uses

    def _add_links(self) -> int:
        used: dict[tuple[int, int], float] = {}
        for column, value in zip(self.columns, self._used, strict=True):
            if value > LINK_TOLERANCE:
                for key, amount in self.uses(column).items():
                    used[key] = used.get(key, 0.0) + value * amount / self.layout.demand[key[1]]
        paid = self.paid()
        over: dict[int, list[tuple[float, int]]] = {}
        for (s, r), value in used.items():
            if value > paid[s] + LINK_TOLERANCE and (s, r) not in self._links:
                over.setdefault(s, []).append((-value, r))
        broken = [(s, r) for s, rows in sorted(over.items()) for _, r in sorted(rows)[:ROWS_A_TRIGGER]]
        for s, r in broken:
            row = self._solver.Constraint(-self._solver.infinity(), 0.0)
            row.SetCoefficient(self._y[s], -float(self.layout.demand[r]))
            masks = self.layout.triggers[s].masks
            for j in self._of_row[r]:
                column, variable = self.columns[j], self._x[j]
                amount = sum(
                    self.layout.rows[i][1]
                    for i in bits(column.mask & masks.get(column.place, 0))
                    if self.layout.rows[i][0] == r
                )
                if amount:
                    row.SetCoefficient(variable, float(amount))
            self._links[s, r] = row
        return len(broken)

    def _read_prices(self) -> Prices:
        def rounded(row: pywraplp.Constraint) -> int:
            return int(np.floor(row.dual_value() * SCALE))

        counts: dict[int, int] = {}
        for g, row in self._counts.items():
            price = rounded(row)
            least, most = self.bounds(g)
            # A price on a side without a bound is noise.
            if (price > 0 and least > 0) or (price < 0 and most is not None):
                counts[g] = price
        away = {self.layout.rows[i][0] for i in bits(self.node.absent)}
        return Prices(
            rows=np.array([0 if r in away else rounded(row) for r, row in enumerate(self._rows)], dtype=np.int64),
            counts=counts,
            links={key: min(0, rounded(row) + 1) for key, row in self._links.items() if row.dual_value() < 0},
            counters=np.array([rounded(row) for row in self._counters], dtype=np.int64),
        )
