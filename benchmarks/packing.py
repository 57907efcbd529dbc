"""Packing problems from the literature, reduced to consolidation problems, with optima that can be checked by hand.

An item becomes a consignment (first size: cm3, second size: g), a bin type a container type with one charge for each
container; one lane, no LCL, nothing waits at a cost. The cost of a plan is the cost of the bins in `UNIT` minor units.

Why an optimum is known is said with each instance (`why`):
- `construction`: the items were cut from full bins, so that the bins hold all and the volume bound says no fewer do;
- `bound`: a packing was published or is found here whose cost equals the volume (or mass) bound;
- `arc flow`: proven by an independent arc-flow model with SCIP (`arc_flow_optimum`).
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from optimizer.problem import (
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
    Party,
    Settings,
)
from optimizer.units import ceil_division

UNIT = 100
"""Minor units of one unit of bin cost."""
CM3 = 1000
START = date(2026, 3, 2)


@dataclass(frozen=True, kw_only=True)
class Packing:
    """Items to pack into bins of several types at least cost.

    Parameters
    ----------
    bins
        (first capacity, second capacity, cost) of each type; without a second size the capacity is 0.
    items
        (first size, second size); the second is 0 where there is only one.
    optimum
        Least cost of the bins.
    """

    name: str
    source: str
    why: str
    optimum: int
    bins: tuple[tuple[int, int, int], ...]
    items: tuple[tuple[int, int], ...]


def problem_of(packing: Packing, departures: int = 1) -> ConsolidationProblem:
    """Return the consolidation problem of a packing problem, with as many identical departures as wanted."""
    free_g = sum(second for _, second in packing.items) + len(packing.items) + 1
    names = [f"M{index + 1}" for index in range(4)]
    return ConsolidationProblem(
        title=packing.name,
        currency="USD",
        members=tuple(Party(id=name) for name in names),
        consignments=tuple(
            Consignment(
                id=f"I-{index + 1:03d}", member=names[index % 4], origin="COCTG", destination="NLRTM", ready_date=START,
                volume_mm3=first * CM3, mass_g=max(1, second),
            )
            for index, (first, second) in enumerate(packing.items)
        ),
        container_types=tuple(
            ContainerType(
                code=f"B{index + 1}", length_mm=1000, width_mm=1000, height_mm=1000, volume_mm3=first * CM3,
                payload_g=second or free_g,
            )
            for index, (first, second, _) in enumerate(packing.bins)
        ),
        departures=tuple(
            Departure(
                id=f"S-{index + 1}", origin="COCTG", destination="NLRTM", cut_off=START + timedelta(days=5),
                departure=START + timedelta(days=7), arrival=START + timedelta(days=28),
            )
            for index in range(departures)
        ),
        charges=tuple(
            Charge(
                code=f"BIN-{index + 1}", basis=Basis.CONTAINER, amount_minor=cost * UNIT,
                container_types=frozenset({f"B{index + 1}"}),
            )
            for index, (_, _, cost) in enumerate(packing.bins)
        ),
        settings=Settings(modes=(Mode.FCL,)),
    )  # fmt: skip


def area_bound(packing: Packing) -> int:
    """Return a bound by totals alone: equal bins, or bins that cost their capacity, or 0 where neither holds."""
    first = sum(one for one, _ in packing.items)
    if len(packing.bins) == 1:
        volume, mass, cost = packing.bins[0]
        second = sum(one for _, one in packing.items)
        return cost * max(ceil_division(first, volume), ceil_division(second, mass) if mass else 0)
    if all(volume == cost for volume, _, cost in packing.bins):
        reachable = {0}
        while min(reachable) < first:
            reachable = {total if total >= first else total + bin_[0] for total in reachable for bin_ in packing.bins}
        return min(reachable)
    return 0


def arc_flow_optimum(packing: Packing, time_limit_s: float = 60.0) -> int | None:
    """Return the proven optimum of a one-dimensional instance by an arc-flow model, None when it is not proven.

    Source: J. M. Valerio de Carvalho, Exact solution of bin-packing problems using column generation and
    branch-and-bound, Annals of Operations Research 86, 1999, 629-659. A unit of flow is a bin; a bin type ends its
    flow at its capacity.
    """
    from ortools.linear_solver import pywraplp

    sizes = Counter(first for first, _ in packing.items)
    largest = max(volume for volume, _, _ in packing.bins)
    solver = pywraplp.Solver.CreateSolver("SCIP")
    solver.SetTimeLimit(int(time_limit_s * 1000))
    balance = [solver.Constraint(0, 0) for _ in range(largest + 1)]
    objective = solver.Objective()
    objective.SetMinimization()
    reached = {0}
    for size in sorted(sizes, reverse=True):
        demand = solver.Constraint(sizes[size], sizes[size])
        for tail in sorted(reached):
            # Items lie in decreasing order, equal ones side by side, at most as many as there are.
            for count in range(sizes[size]):
                start = tail + count * size
                if start + size > largest:
                    break
                reached.add(start + size)
        for tail in sorted(node for node in reached if node + size <= largest):
            arc = solver.IntVar(0, sizes[size], "")
            balance[tail].SetCoefficient(arc, -1)
            balance[tail + size].SetCoefficient(arc, 1)
            demand.SetCoefficient(arc, 1)
    for tail in range(1, largest):
        loss = solver.IntVar(0, len(packing.items), "")
        balance[tail].SetCoefficient(loss, -1)
        balance[tail + 1].SetCoefficient(loss, 1)
    for volume, _, cost in packing.bins:
        used = solver.IntVar(0, len(packing.items), "")
        balance[volume].SetCoefficient(used, -1)
        balance[0].SetCoefficient(used, 1)
        objective.SetCoefficient(used, cost)
    status = solver.Solve()
    return round(objective.Value()) if status == pywraplp.Solver.OPTIMAL else None


def triplets(items: int, seed: int) -> Packing:
    """Return three items for each of `items` / 3 full bins of 1000.

    Source of the recipe: E. Falkenauer, A hybrid grouping genetic algorithm for bin packing, Journal of Heuristics 2,
    1996, 5-30: the first item from [380, 490], the second from [250, half of what is left), the third fills the bin.
    """
    draw = Random(f"triplets {items} {seed}")
    found: list[tuple[int, int]] = []
    for _ in range(items // 3):
        first = draw.randint(380, 490)
        second = draw.randint(250, (1000 - first) // 2 - 1)
        found += [(first, 0), (second, 0), (1000 - first - second, 0)]
    draw.shuffle(found)
    return Packing(
        name=f"triplets-{items}-{seed}", source="drawn by the recipe of Falkenauer (1996), class t", why="construction",
        optimum=items // 3, bins=((1000, 0, 1),), items=tuple(found),
    )  # fmt: skip


def vector_triplets(items: int, seed: int) -> Packing:
    """Return three items for each of `items` / 3 bins that are full in both sizes, 100 each.

    Source of the recipe: class 10 of A. Caprara and P. Toth, Lower bounds and algorithms for the 2-dimensional vector
    packing problem, Discrete Applied Mathematics 111, 2001, 231-262: two items from [25, 50] in both sizes, the
    third fills the bin.
    """
    draw = Random(f"vector triplets {items} {seed}")
    found: list[tuple[int, int]] = []
    for _ in range(items // 3):
        one, other = ((draw.randint(25, 49), draw.randint(25, 49)) for _ in range(2))
        found += [one, other, (100 - one[0] - other[0], 100 - one[1] - other[1])]
    draw.shuffle(found)
    return Packing(
        name=f"vector-triplets-{items}-{seed}", source="drawn by the recipe of Caprara and Toth (2001), class 10",
        why="construction", optimum=items // 3, bins=((100, 100, 1),), items=tuple(found),
    )  # fmt: skip


def variable_bins(items: int, smallest: int, bins: tuple[int, ...], seed: int) -> Packing:
    """Return items from [`smallest`, 100] for bins that cost their capacity; the optimum by arc flow.

    Source of the recipe: M. Monaci, Algorithms for packing and scheduling problems, PhD thesis, University of Bologna,
    2002: bins of 100, 120, 150 (or 60, 80, 100, 120, 150), items from [1, 100], [20, 100] or [50, 100].
    """
    draw = Random(f"variable bins {items} {smallest} {bins} {seed}")
    found = tuple((draw.randint(smallest, 100), 0) for _ in range(items))
    name = f"variable-{items}-{smallest}-{len(bins)}-{seed}"
    empty = Packing(
        name=name, source="drawn by the recipe of Monaci (2002)", why="arc flow", optimum=0,
        bins=tuple((one, 0, one) for one in bins), items=found,
    )  # fmt: skip
    optimum = arc_flow_optimum(empty)
    return Packing(**{**vars(empty), "optimum": optimum or 0, "why": "arc flow" if optimum else "unknown"})


def cut_bins(bins: tuple[tuple[int, int, int], ...], counts: tuple[int, ...], pieces: int, seed: int) -> Packing:
    """Return items cut from full bins of several types that all cost their capacity, so that no volume is free.

    Source: own construction. Every size of a full bin is cut at random places into 2 to `pieces` items.
    """
    draw = Random(f"cut {bins} {counts} {pieces} {seed}")
    found: list[tuple[int, int]] = []
    for (volume, mass, _), count in zip(bins, counts, strict=True):
        for _ in range(count):
            parts = draw.randint(2, pieces)
            firsts, seconds = _cut(draw, volume, parts), _cut(draw, mass, parts) if mass else [0] * parts
            found += zip(firsts, seconds, strict=True)
    draw.shuffle(found)
    optimum = sum(cost * count for (_, _, cost), count in zip(bins, counts, strict=True))
    return Packing(
        name=f"cut-{len(found)}-{seed}", source="own construction: full bins cut into items", why="construction",
        optimum=optimum, bins=bins, items=tuple(found),
    )  # fmt: skip


def _cut(draw: Random, whole: int, parts: int) -> list[int]:
    places = sorted(draw.sample(range(1, whole), parts - 1))
    return [end - start for start, end in zip([0, *places], [*places, whole], strict=True)]


def read_packings(folder: Path) -> list[Packing]:
    """Read the stored packing problems of a folder, by name."""
    found = []
    for path in sorted(folder.glob("*.json")):
        held = json.loads(path.read_text(encoding="utf-8"))
        held["bins"] = tuple(tuple(one) for one in held["bins"])
        held["items"] = tuple(tuple(one) for one in held["items"])
        found.append(Packing(**held))
    return found
