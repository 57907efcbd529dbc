"""The linear master: fractions of patterns that carry every piece, solved with GLOP.

Rows: every piece is carried once; groups of places hold a number of containers between bounds; a trigger is
paid by as much as any piece uses it (rows added where the solution breaks them); a counter pays at least the
convex hull of its price breaks. A `Node` narrows the master without changing what pricing has to solve.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.linear_solver import pywraplp

from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.patterns import CLOSED, Column, Group, Layout, bits
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.consolidation.variants import table_of, variants_of
from optimizer.limits import ShouldStop, never_stop
from optimizer.problem import Mode

LINK_TOLERANCE = 1e-6
"""By how much a piece must use a trigger beyond what is paid before its row is added."""


FEW_CUTS = 30
"""Cuts of a consignment up to which each of them alone in a container or lot is a column from the start."""

PRIMAL = "use_preprocessing: false change_status_to_imprecise: false use_dual_simplex: false"
"""Of GLOP when columns are new: a growing master goes on from its last basis, which presolving would forget.

Prices need not be precise, as the bound is Lagrangian.
"""

DUAL = "use_preprocessing: false change_status_to_imprecise: false use_dual_simplex: true"
"""Of GLOP when bounds or rows are new."""

ROWS_A_TRIGGER = 2
"""Rows added for one trigger at a time, those broken most."""

NEGLIGIBLE = 1e-9
"""A column that a solution uses by no more is not used."""

PROBE_FAILED = 1e15
"""Value of a node at which GLOP gave up."""

LONG_FROM, POLL_S = 60, 0.05
"""Pieces from which solving may take long enough to look whether it must stop, and how often, in seconds."""


@dataclass(frozen=True)
class Node:
    """What a branch has decided: counts of containers, options closed, triggers paid.

    Parameters
    ----------
    counts
        Group of places -> fewest and most containers; most None is no limit.
    closed
        By place: pieces that may not go there any more.
    lines
        Counter -> fewest and most lines.
    paid
        Triggers that are paid in any case.
    together
        Masks of pieces that travel in one container, without a piece in common.
    apart
        Pairs of pieces that do not travel in one container.
    absent
        Pieces that do not travel at all: a coalition without them is priced.
    """

    counts: Mapping[int, tuple[int, int | None]] = field(default_factory=dict)
    lines: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    closed: Mapping[int, int] = field(default_factory=dict)
    paid: frozenset[int] = frozenset()
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


def groups_of(layout: Layout) -> tuple[Group, ...]:
    """Return the groups whose numbers are worth deciding: containers, then lots of each consignment in cuts."""
    boxes = [q for q, place in enumerate(layout.places) if place.mode is Mode.FCL]
    groups = [Group(places) for places in _places_of(layout, boxes)]
    for mask in layout.choices:
        for where in (boxes, layout.loose):
            groups.extend(
                Group(places, mask) for places in _places_of(layout, [q for q in where if layout.open[q] & mask])
            )
    return tuple(groups)


def _places_of(layout: Layout, places: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return sets of places: all, by type or mode, by departure, each."""
    found: dict[tuple[int, ...], None] = {tuple(places): None}
    kinds = [(layout.places[q].mode, layout.places[q].container_type) for q in places]
    for key in dict.fromkeys(kinds):
        found[tuple(q for q, kind in zip(places, kinds, strict=True) if kind == key)] = None
    for name in dict.fromkeys(layout.places[q].departure.id for q in places):
        found[tuple(q for q in places if layout.places[q].departure.id == name)] = None
    for q in places:
        found[(q,)] = None
    return tuple(one for one in found if one)


class Relaxation:
    """A growing linear master over one layout."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.variants = variants_of(layout)
        self.table = table_of(layout, self.variants)
        self.costs = np.ascontiguousarray(layout.cost.T) * SCALE
        self.closed = layout.cost.T == CLOSED
        self.stop: ShouldStop = never_stop
        """Asked while a large master is solved."""
        self._cells: dict[tuple[int, int], tuple[Ints, Ints]] = {}
        self.groups = list(groups_of(layout))
        self.node = Node()
        self.columns: list[Column] = []
        self.known: set[tuple[int, int]] = set()
        self.value = float("inf")
        self.pivots = 0
        self.probing = True
        """Whether splits are tried before one is chosen."""
        self.groups_at: list[list[int]] = [[] for _ in layout.places]
        """By place: the groups of containers."""
        self.lots_at: list[list[int]] = [[] for _ in layout.places]
        """By place: the groups of lots that hold some of a consignment in cuts."""
        self.limits: dict[int, int] = {}
        for g, group in enumerate(self.groups):
            for q in group.places:
                (self.lots_at if group.mask else self.groups_at)[q].append(g)
            q = group.places[0]
            if len(group.places) == 1 and not group.mask and q in layout.limits:
                self.limits[g] = layout.limits[q]
            elif len(group.places) == 1 and group.mask and q in layout.loose:
                self.limits[g] = 1  # loose lots of a consignment on a departure are one lot
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        self._dear = float(layout.dear)
        self._x: list[pywraplp.Variable] = []
        self._of_row: list[list[int]] = [[] for _ in layout.demand]
        self._shut: list[bool] = []
        self._fresh = False
        """Whether nothing has changed since the last solution."""
        self._narrowed = False
        """Whether bounds or rows have."""
        self._used: list[float] = []
        self._paid: list[float] = []
        self._counted: list[tuple[float, float]] = []
        self._rows = [self._solver.Constraint(float(most), float(most)) for most in layout.demand]
        self._counts: dict[int, pywraplp.Constraint] = {}
        """By group whose number is bounded at some node; the others need no row."""
        self._links: dict[tuple[int, int], pywraplp.Constraint] = {}
        self._counters = [self._solver.Constraint(0.0, 0.0) for _ in layout.counters]
        self._y = [self._variable(float(one.cost), 1.0) for one in layout.triggers]
        self._hulls: list[dict[int, pywraplp.Variable]] = []
        """By counter: what a number of lines costs, as a share of a mix."""
        self._mixes: list[pywraplp.Constraint] = []
        self._lines: dict[int, tuple[int, int]] = {}
        for c, counter in enumerate(layout.counters):
            for s in counter.triggers:
                self._counters[c].SetCoefficient(self._y[s], 1.0)
            for way in (1.0, -1.0):
                # As with pieces left behind: no number of lines is out of reach.
                self._counters[c].SetCoefficient(self._variable(self._dear, self._solver.infinity()), way)
            self._hulls.append({})
            self._mixes.append(self._solver.Constraint(1.0, 1.0))
            self._mix(c, 0, len(counter.totals) - 1)
        stranded = {row for i in bits(layout.stranded) for row, _ in layout.rows[i]}
        for r, row in enumerate(self._rows):
            # Leaving a piece behind keeps every node feasible, at a cost that no plan reaches.
            penalty = float(layout.penalties[r]) if r in stranded else min(self._dear, float(layout.penalties[r]))
            row.SetCoefficient(self._variable(penalty, self._solver.infinity()), 1.0)
        self.enter(Node())
        for q in range(len(layout.places)):
            self.add(layout.column(q, 1 << i) for i in _singles(layout, q))

    def _variable(self, cost: float, upper: float) -> pywraplp.Variable:
        variable = self._solver.NumVar(0.0, upper, "")
        self._objective.SetCoefficient(variable, cost)
        return variable

    def _mix(self, c: int, least: int, most: int) -> None:
        """Let the lines of a counter cost a mix of what numbers of lines from least to most cost."""
        totals, hull = self.layout.counters[c].totals, self._hulls[c]
        for n in _lower_hull(totals, least, most):
            if n not in hull:
                hull[n] = self._variable(float(totals[n]), 1.0)
                self._mixes[c].SetCoefficient(hull[n], 1.0)
                self._counters[c].SetCoefficient(hull[n], -float(n))
        for n, variable in hull.items():
            variable.SetUb(1.0 if least <= n <= most else 0.0)

    def enter(self, node: Node) -> None:
        """Narrow the master to a node."""
        self._fresh, self._narrowed = False, True
        self.node = node
        away = {row for i in bits(node.absent) for row, _ in self.layout.rows[i]}
        for r, row in enumerate(self._rows):
            carried = 0.0 if r in away else float(self.layout.demand[r])
            row.SetBounds(carried, carried)
        for g in sorted({*self._counts, *node.counts, *self.limits}):
            least, most = self.bounds(g)
            row = self._counts.get(g) or self._new_count(g)
            row.SetBounds(float(least), self._solver.infinity() if most is None else float(most))
        for c in range(len(self._hulls)):
            if node.lines.get(c) != self._lines.get(c):
                self._mix(c, *self.lines(c))
        self._lines = dict(node.lines)
        for s, variable in enumerate(self._y):
            variable.SetLb(1.0 if s in node.paid else 0.0)
        simple = not (node.closed or node.together or node.apart)
        for j, column in enumerate(self.columns):
            shut = bool(column.mask & node.absent) if simple else not node.allows(column)
            if shut != self._shut[j]:
                self._shut[j] = shut
                self._x[j].SetUb(0.0 if shut else self._solver.infinity())

    def bounds(self, group: int) -> tuple[int, int | None]:
        """Return the fewest and the most containers of a group at the present node."""
        return self.node.counts.get(group, (0, self.limits.get(group)))

    def lines(self, counter: int) -> tuple[int, int]:
        """Return the fewest and the most lines of a counter at the present node."""
        return self.node.lines.get(counter, (0, len(self.layout.counters[counter].totals) - 1))

    def counted(self, counter: int) -> tuple[float, float]:
        """Return the lines of a counter in the last solution, and what it pays for them."""
        return self._counted[counter]

    def _mixed(self, c: int) -> tuple[float, float]:
        totals = self.layout.counters[c].totals
        mix = [(n, variable.solution_value()) for n, variable in self._hulls[c].items()]
        return sum(n * share for n, share in mix), sum(totals[n] * share for n, share in mix)

    def _new_count(self, g: int) -> pywraplp.Constraint:
        row = self._solver.Constraint(0.0, self._solver.infinity())
        self._counts[g] = row
        for column, variable in zip(self.columns, self._x, strict=True):
            if self.groups[g].counts(column):
                row.SetCoefficient(variable, 1.0)
        # A number of which no pattern is known yet: a node is never without a solution, only dear.
        row.SetCoefficient(self._variable(self._dear, self._solver.infinity()), 1.0)
        return row

    def group(self, group: Group) -> int:
        """Return the number of a group of lots, which is counted from now on."""
        if group in self.groups:
            return self.groups.index(group)
        g = len(self.groups)
        self.groups.append(group)
        for q in group.places:
            self.lots_at[q].append(g)
        return g

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
            for row, amount in self.layout.rows[i]:
                amounts[row] = amounts.get(row, 0) + amount
        for row, amount in amounts.items():
            self._of_row[row].append(len(self._x))
            self._rows[row].SetCoefficient(variable, float(amount))
        for g in self.groups_at[column.place]:
            if g in self._counts:
                self._counts[g].SetCoefficient(variable, 1.0)
        for g in self.lots_at[column.place]:
            if g in self._counts and column.mask & self.groups[g].mask:
                self._counts[g].SetCoefficient(variable, 1.0)
        for key, amount in self.uses(column).items():
            if key in self._links:
                self._links[key].SetCoefficient(variable, float(amount))
        for c, lines in self.layout.counted(column):
            self._counters[c].SetCoefficient(variable, float(lines))
        return variable

    def _optimized(self, parameters: str) -> bool:
        """Solve, anew where the basis at hand leads the simplex method astray; say whether that came to an end."""
        self._solver.SetSolverSpecificParametersAsString(parameters)
        for incremental in (True, False):
            if self._status(incremental=incremental) == pywraplp.Solver.OPTIMAL:
                return True
            if self.stop():
                break
        return False

    def _status(self, *, incremental: bool) -> int:
        how = pywraplp.MPSolverParameters()
        if not incremental:
            how.SetIntegerParam(how.INCREMENTALITY, how.INCREMENTALITY_OFF)
        if len(self.layout.pieces) < LONG_FROM:
            status = int(self._solver.Solve(how))
        else:
            found: list[int] = []
            thread = threading.Thread(target=lambda: found.append(int(self._solver.Solve(how))), daemon=True)
            thread.start()
            while thread.is_alive():
                thread.join(POLL_S)
                if thread.is_alive() and self.stop():
                    self._solver.InterruptSolve()
                    thread.join()
            status = found[0] if found else int(pywraplp.Solver.NOT_SOLVED)
        self.pivots += 1 + max(0, self._solver.iterations())
        return status

    def solve(self) -> Prices | None:
        """Solve the master over its columns, adding trigger rows until none is broken; return its prices.

        Returns
        -------
        Prices, or None where GLOP gave up or had to stop: nothing is known then (the master always has a solution).
        """
        while True:
            if not self._optimized(DUAL if self._narrowed else PRIMAL):
                return None
            self._narrowed, self._fresh = False, True
            self.value = self._objective.Value()
            self._used = [
                0.0 if shut else variable.solution_value() for shut, variable in zip(self._shut, self._x, strict=True)
            ]
            self._paid = [variable.solution_value() for variable in self._y]
            self._counted = [self._mixed(c) for c in range(len(self._hulls))]
            if not self._add_links():
                return self._read_prices()
            self._narrowed = True

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
        """Return the columns open at the node whose reduced cost is least; none where GLOP gave up or had to stop."""
        if not self._fresh and not self._optimized(PRIMAL):
            return []
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
            met = [(q, int(i)) for q, held in self.layout.linked(s, row) for i in held]
            at = np.array([q * len(self.layout.pieces) + i for q, i in met], dtype=np.int64)
            self._cells[key] = at, self.layout.amounts[[i for _, i in met], row]
        return self._cells[key]

    def paid(self) -> list[float]:
        """Return how much of each trigger the last solution pays."""
        return self._paid

    def uses(self, column: Column) -> dict[tuple[int, int], int]:
        """Return how much of each row a pattern carries under each trigger that it sets off."""
        uses: dict[tuple[int, int], int] = {}
        for s, mask in self.layout.triggers_at[column.place]:
            for i in bits(mask & column.mask):
                for row, amount in self.layout.rows[i]:
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
                amount = sum(int(self.layout.amounts[i, r]) for i in bits(column.mask & masks.get(column.place, 0)))
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
        away = {row for i in bits(self.node.absent) for row, _ in self.layout.rows[i]}
        return Prices(
            rows=np.array([0 if r in away else rounded(row) for r, row in enumerate(self._rows)], dtype=np.int64),
            counts=counts,
            links={key: min(0, rounded(row) + 1) for key, row in self._links.items() if row.dual_value() < 0},
            counters=np.array([rounded(row) for row in self._counters], dtype=np.int64),
        )


def _singles(layout: Layout, q: int) -> Iterator[int]:
    """Yield the pieces whose lot alone at a place is known from the start: of the cuts of a consignment only some."""
    cuts = 0
    for mask in layout.choices:
        cuts |= mask
    if q in layout.loose:
        yield from bits(layout.open[q] & ~cuts)
    for mask in layout.choices:
        held = list(bits(layout.open[q] & mask))
        largest = sorted(held, key=lambda i: (-int(layout.volumes[i]), i))
        yield from held if len(held) <= FEW_CUTS else {*largest[:1], *largest[-1:]}


def _lower_hull(totals: Sequence[int], least: int, most: int) -> list[int]:
    """Return the corners of the lower convex hull of the totals from least to most."""
    hull: list[int] = []
    for n in range(least, most + 1):
        while len(hull) > 1:
            a, b = hull[-2:]
            if (totals[b] - totals[a]) * (n - a) < (totals[n] - totals[a]) * (b - a):
                break
            hull.pop()
        hull.append(n)
    return hull
