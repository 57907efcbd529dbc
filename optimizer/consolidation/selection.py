"""The integer master: choose among given patterns so that every piece travels at least cost, with CP-SAT."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimizer.consolidation.cp_search import Found, run
from optimizer.consolidation.patterns import Column, Group, Layout, bits
from optimizer.limits import ShouldStop

Amounts = list[tuple[cp_model.IntVar, int]]
"""Variables, and how much each of them counts."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen patterns, what stays behind, and what is proven of all choices among the given patterns.

    Parameters
    ----------
    value
        Cost of the choice with `Layout.penalty` for each piece left behind; None without a choice.
    bound
        No choice among the given patterns has a smaller value; the upper limit given where none is under it.
    """

    columns: tuple[Column, ...]
    value: int | None
    bound: int
    proven: bool
    work: float
    interrupted: bool


def value_of(layout: Layout, columns: Sequence[Column], absent: int = 0) -> int:
    """Return the cost of patterns plus the penalty of every piece that is not absent and that they leave behind."""
    return layout.total(columns) + layout.left(columns, absent) * layout.penalty


def select(
    layout: Layout,
    columns: Sequence[Column],
    *,
    under: int,
    hint: Sequence[Column] = (),
    absent: int = 0,
    counts: Sequence[tuple[Group, int, int | None]] = (),
    work: float,
    seed: int,
    should_stop: ShouldStop,
    deadline: float,
    on_better: Callable[[int, int], None] | None = None,
) -> Selection:
    """Choose patterns at least value, of less than `under`.

    Parameters
    ----------
    under
        Only choices of a smaller value are wanted; with none, `bound` is `under` and `value` None.
    hint
        A known good choice, to start from.
    absent
        Pieces that do not travel; no column given holds any.
    counts
        Groups of containers or lots, with the fewest and the most that are wanted.
    """
    model = cp_model.CpModel()
    chosen = [model.new_int_var(0, layout.repeats(one), "") for one in columns]
    cost = _objective(model, layout, columns, chosen, absent)
    model.add(cost <= under - 1)
    for group, least, most in counts:
        held = sum(variable for one, variable in zip(columns, chosen, strict=True) if group.counts(one))
        model.add(held >= least)
        if most is not None:
            model.add(held <= most)
    model.minimize(cost)
    hinted = Counter((one.place, one.mask) for one in hint)
    if hinted:
        for column, variable in zip(columns, chosen, strict=True):
            model.add_hint(variable, hinted[column.place, column.mask])
    solver = cp_model.CpSolver()
    # The rows are all of set partitioning: without its linear relaxation the search is blind.
    solver.parameters.linearization_level = 2
    found = run(model, solver, work=work, seed=seed, should_stop=should_stop, deadline=deadline, on_better=on_better)
    times = [solver.value(variable) if found.solved else 0 for variable in chosen]
    picked = tuple(one for one, number in zip(columns, times, strict=True) for _ in range(number))
    return Selection(
        columns=picked,
        value=value_of(layout, picked, absent) if found.solved else None,
        bound=_bound(found, under),
        proven=found.proven or found.infeasible,
        work=found.work,
        interrupted=found.interrupted,
    )


def _bound(found: Found, under: int) -> int:
    return under if found.infeasible else found.value if found.proven else min(under, found.bound)


def _objective(
    model: cp_model.CpModel, layout: Layout, columns: Sequence[Column], chosen: list[cp_model.IntVar], absent: int
) -> cp_model.LinearExpr:
    """Add all rows and return the cost."""
    by_row: list[Amounts] = [[] for _ in layout.demand]
    by_place: dict[int, list[cp_model.IntVar]] = {q: [] for q in layout.limits}
    lots: dict[tuple[int, int], list[cp_model.IntVar]] = {}
    users: dict[int, dict[int, Amounts]] = {}
    lines: list[Amounts] = [[] for _ in layout.counters]
    for column, variable in zip(columns, chosen, strict=True):
        for row, amount in _carries(layout, column.mask):
            by_row[row].append((variable, amount))
        if column.place in by_place:
            by_place[column.place].append(variable)
        if column.place in layout.loose:
            for number, mask in enumerate(layout.choices):
                if column.mask & mask:
                    lots.setdefault((column.place, number), []).append(variable)
        for s, mask in layout.triggers_at[column.place]:
            for row, amount in _carries(layout, mask & column.mask):
                users.setdefault(s, {}).setdefault(row, []).append((variable, amount))
        for c, count in layout.counted(column):
            lines[c].append((variable, count))
    terms = [(variable, column.cost) for column, variable in zip(columns, chosen, strict=True)]
    terms += _carried(model, layout, by_row, absent)
    for one_lot in lots.values():
        model.add(sum(one_lot) <= 1)
    for q, boxes in by_place.items():
        model.add(sum(boxes) <= layout.limits[q])
    fired = _triggers(model, layout, users)
    terms += [(on, layout.triggers[s].cost) for s, on in fired.items() if layout.triggers[s].cost]
    totals = (_counter(model, layout, c, lines[c], fired) for c in range(len(layout.counters)))
    terms += [(total, 1) for total in totals if total is not None]
    return cp_model.LinearExpr.weighted_sum([variable for variable, _ in terms], [weight for _, weight in terms])


def _carries(layout: Layout, mask: int) -> Iterator[tuple[int, int]]:
    """Yield (row, amount) of what pieces carry; no two pieces of a pattern carry of the same row."""
    for i in bits(mask):
        yield from layout.rows[i]


def _sum(terms: Amounts) -> cp_model.LinearExprT:
    return cp_model.LinearExpr.weighted_sum([variable for variable, _ in terms], [amount for _, amount in terms])


def _carried(
    model: cp_model.CpModel, layout: Layout, by_row: list[Amounts], absent: int
) -> list[tuple[cp_model.IntVar, int]]:
    """Carry every piece once, or leave it behind where a limit may demand it; return what that costs."""
    away = {row for i in bits(absent) for row, _ in layout.rows[i]}
    stranded = {row for i in bits(layout.stranded) for row, _ in layout.rows[i]}
    behind: dict[str | int, cp_model.IntVar] = {}
    for row, carriers in enumerate(by_row):
        if row in away:
            continue
        demand = layout.demand[row]
        if row in stranded:
            owner = layout.owners[row]
            if owner not in behind:
                behind[owner] = model.new_bool_var("")
            left = behind[owner] if demand == 1 else model.new_int_var(0, demand, "")
            if demand > 1:
                model.add(left <= demand * behind[owner])
            elif sum(other == owner for other in layout.owners) > 1:
                left = model.new_bool_var("")
                model.add_implication(left, behind[owner])
            carriers.append((left, 1))
        if demand == 1:
            model.add_exactly_one([variable for variable, _ in carriers])
        else:
            model.add(_sum(carriers) == demand)
    return [(left, layout.penalty) for left in behind.values()]


def _triggers(
    model: cp_model.CpModel, layout: Layout, users: dict[int, dict[int, Amounts]]
) -> dict[int, cp_model.IntVar]:
    fired: dict[int, cp_model.IntVar] = {}
    for s, rows in sorted(users.items()):
        on = model.new_bool_var("")
        fired[s] = on
        for row, carriers in rows.items():
            # No more of a row is carried than it demands, so that the sum is as strong as all implications together.
            model.add(_sum(carriers) <= layout.demand[row] * on)
        if layout.triggers[s].counted:
            model.add(sum(variable for carriers in rows.values() for variable, _ in carriers) >= on)
    return fired


def _counter(
    model: cp_model.CpModel,
    layout: Layout,
    c: int,
    lines: Amounts,
    fired: dict[int, cp_model.IntVar],
) -> cp_model.IntVar | None:
    counter = layout.counters[c]
    triggers = [fired[s] for s in counter.triggers if s in fired]
    if not lines and not triggers:
        return None
    number = model.new_int_var(0, len(counter.totals) - 1, "")
    terms = [variable for variable, _ in lines] + triggers
    weights = [count for _, count in lines] + [1] * len(triggers)
    model.add(cp_model.LinearExpr.weighted_sum(terms, weights) == number)
    total = model.new_int_var(0, max(counter.totals), "")
    model.add_element(number, list(counter.totals), total)
    return total
