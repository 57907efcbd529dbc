"""The integer master: choose among given patterns so that every piece travels at least cost, with CP-SAT."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from optimizer.consolidation.cp_search import Found, run
from optimizer.consolidation.patterns import Column, Layout, bits
from optimizer.limits import ShouldStop


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
    carried = absent
    for column in columns:
        carried |= column.mask
    left = len(layout.pieces) - carried.bit_count()
    return layout.total(columns) + left * layout.penalty


def select(
    layout: Layout,
    columns: Sequence[Column],
    *,
    under: int,
    hint: Sequence[Column] = (),
    absent: int = 0,
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
    """
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in columns]
    cost = _objective(model, layout, columns, chosen, absent)
    model.add(cost <= under - 1)
    model.minimize(cost)
    hinted = {(one.place, one.mask) for one in hint}
    if hinted:
        for column, variable in zip(columns, chosen, strict=True):
            model.add_hint(variable, (column.place, column.mask) in hinted)
    solver = cp_model.CpSolver()
    # The rows are all of set partitioning: without its linear relaxation the search is blind.
    solver.parameters.linearization_level = 2
    found = run(model, solver, work=work, seed=seed, should_stop=should_stop, deadline=deadline, on_better=on_better)
    picked = tuple(one for one, v in zip(columns, chosen, strict=True) if solver.value(v)) if found.solved else ()
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
    by_piece: list[list[cp_model.IntVar]] = [[] for _ in layout.pieces]
    by_place: dict[int, list[cp_model.IntVar]] = {q: [] for q in layout.limits}
    users: dict[int, dict[int, list[cp_model.IntVar]]] = {}
    lines: list[list[tuple[cp_model.IntVar, int]]] = [[] for _ in layout.counters]
    for column, variable in zip(columns, chosen, strict=True):
        for i in bits(column.mask):
            by_piece[i].append(variable)
        if column.place in by_place:
            by_place[column.place].append(variable)
        for s, mask in layout.triggers_at[column.place]:
            for i in bits(mask & column.mask):
                users.setdefault(s, {}).setdefault(i, []).append(variable)
        for c, count in layout.counted(column):
            lines[c].append((variable, count))
    terms = [(variable, column.cost) for column, variable in zip(columns, chosen, strict=True)]
    terms += _carried(model, layout, by_piece, absent)
    for q, boxes in by_place.items():
        model.add(sum(boxes) <= layout.limits[q])
    fired = _triggers(model, layout, users)
    terms += [(on, layout.triggers[s].cost) for s, on in fired.items() if layout.triggers[s].cost]
    totals = (_counter(model, layout, c, lines[c], fired) for c in range(len(layout.counters)))
    terms += [(total, 1) for total in totals if total is not None]
    return cp_model.LinearExpr.weighted_sum([variable for variable, _ in terms], [weight for _, weight in terms])


def _carried(
    model: cp_model.CpModel, layout: Layout, by_piece: list[list[cp_model.IntVar]], absent: int
) -> list[tuple[cp_model.IntVar, int]]:
    """Carry every piece once, or leave it behind where a limit may demand it; return what that costs."""
    terms: list[tuple[cp_model.IntVar, int]] = []
    for i, carriers in enumerate(by_piece):
        if absent >> i & 1:
            continue
        if layout.stranded >> i & 1:
            left = model.new_bool_var("")
            terms.append((left, layout.penalty))
            carriers.append(left)
        model.add_exactly_one(carriers)
    return terms


def _triggers(
    model: cp_model.CpModel, layout: Layout, users: dict[int, dict[int, list[cp_model.IntVar]]]
) -> dict[int, cp_model.IntVar]:
    fired: dict[int, cp_model.IntVar] = {}
    for s, pieces in sorted(users.items()):
        on = model.new_bool_var("")
        fired[s] = on
        for carriers in pieces.values():
            # At most one of these is chosen, so that the sum is as strong as all implications together.
            model.add(sum(carriers) <= on)
        if layout.triggers[s].counted:
            model.add_bool_or([*(v for carriers in pieces.values() for v in carriers), on.negated()])
    return fired


def _counter(
    model: cp_model.CpModel,
    layout: Layout,
    c: int,
    lines: list[tuple[cp_model.IntVar, int]],
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
