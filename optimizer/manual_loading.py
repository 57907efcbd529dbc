"""Manual work on the load of one container: packages moved, turned, put out and pinned, and the judge after each act.

Every act returns a new load and leaves the old one as it was, so that undoing is keeping what was before. Nothing is
forbidden here: a load may overlap or float while somebody works on it; `judged` says in what it breaks the rules.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from optimizer.checking_loads import check_loads, recounted
from optimizer.load_problem import LoadProblem, Pinned, support_name
from optimizer.load_result import LoadAnswer, LoadedContainer, StaysOut, Unloaded
from optimizer.loading.ordering import in_order
from optimizer.result import Placement, SolveStatus, Violation

Point = tuple[int, int, int]
Kind = tuple[str, str]
"""Consignment and package id: what tells one kind of package from another."""

UNPLACED = 0
"""The step of what does not stand in the container."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One package while somebody works on its load.

    Parameters
    ----------
    number
        What it is called by, from 1 on; it keeps its number wherever it goes.
    placement
        Where it stands; of one that is out, where and how it stood last, with the step 0.
    """

    number: int
    placement: Placement
    is_out: bool = False
    is_pinned: bool = False

    @property
    def kind(self) -> Kind:
        """Kind of package."""
        return self.placement.consignment, self.placement.package

    @property
    def low(self) -> Point:
        """Lowest corner in mm."""
        return self.placement.x_mm, self.placement.y_mm, self.placement.z_mm

    @property
    def size(self) -> Point:
        """Sizes as it stands, in mm."""
        return self.placement.dx_mm, self.placement.dy_mm, self.placement.dz_mm


@dataclass(frozen=True)
class WorkingLoad:
    """All packages of one container, those that are out included."""

    pieces: tuple[Piece, ...]

    @cached_property
    def by_number(self) -> dict[int, Piece]:
        """Packages by their number."""
        return {one.number: one for one in self.pieces}

    @cached_property
    def standing(self) -> tuple[Piece, ...]:
        """What stands in the container, in the order of loading."""
        return tuple(sorted((one for one in self.pieces if not one.is_out), key=lambda one: one.placement.step))

    @property
    def out(self) -> tuple[Piece, ...]:
        """What was put out."""
        return tuple(one for one in self.pieces if one.is_out)

    @property
    def placements(self) -> tuple[Placement, ...]:
        """Places of what stands in the container, in the order of loading."""
        return tuple(one.placement for one in self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One broken rule, and the numbers of the packages that it is about (none: the whole container)."""

    violation: Violation
    numbers: tuple[int, ...] = field(default=())


def working_load(placements: Iterable[Placement]) -> WorkingLoad:
    """Return a load plan's placements as a load to work on; numbers are the steps of the plan."""
    ordered = sorted(placements, key=lambda one: one.step)
    return WorkingLoad(tuple(Piece(number=number, placement=one) for number, one in enumerate(ordered, start=1)))


def equals_of(load: WorkingLoad, number: int) -> frozenset[int]:
    """Return the numbers of all packages of the same kind."""
    kind = load.by_number[number].kind
    return frozenset(one.number for one in load.pieces if one.kind == kind)


def block_of(load: WorkingLoad, number: int) -> frozenset[int]:
    """Return the numbers of the block around a package: what is equal, stands the same way and touches face to face."""
    first = load.by_number[number]
    if first.is_out:
        return frozenset({number})
    alike = {one.low: one for one in load.standing if one.kind == first.kind and one.size == first.size}
    block = {first.number}
    waiting = [first]
    while waiting:
        one = waiting.pop()
        for axis in range(3):
            for way in (-1, 1):
                beside = alike.get(_shifted(one.low, axis, way * one.size[axis]))
                if beside is not None and beside.number not in block:
                    block.add(beside.number)
                    waiting.append(beside)
    return frozenset(block)


def moved(load: WorkingLoad, numbers: Collection[int], to: Point) -> WorkingLoad:
    """Move packages together so that the lowest corner of what holds them all comes to a place; those out come in."""
    low, _ = extent(load, numbers)
    by = [goal - start for goal, start in zip(to, low, strict=True)]
    changed = {}
    for number in numbers:
        one = load.by_number[number]
        x, y, z = (start + step for start, step in zip(one.low, by, strict=True))
        changed[number] = replace(one, is_out=False, placement=replace(one.placement, x_mm=x, y_mm=y, z_mm=z))
    return _with(load, changed)


def turned(load: WorkingLoad, numbers: Collection[int], axes: Point) -> WorkingLoad:
    """Turn packages together around the lowest corner of what holds them all; those out stay out.

    Parameters
    ----------
    axes
        Which of the present axes (0, 1, 2) comes to lie along, across and up: (1, 0, 2) is a quarter turn on the floor.
    """
    low, _ = extent(load, numbers)
    changed = {}
    for number in numbers:
        one = load.by_number[number]
        x, y, z = (low[to] + one.low[axis] - low[axis] for to, axis in enumerate(axes))
        dx, dy, dz = (one.size[axis] for axis in axes)
        place = replace(one.placement, x_mm=x, y_mm=y, z_mm=z, dx_mm=dx, dy_mm=dy, dz_mm=dz)
        changed[number] = replace(one, placement=place)
    return _with(load, changed)


TURNS: tuple[Point, ...] = ((0, 1, 2), (1, 0, 2), (0, 2, 1), (1, 2, 0), (2, 0, 1), (2, 1, 0))
"""Every way to turn, the present one first."""


def turns_of(problem: LoadProblem, load: WorkingLoad, numbers: Collection[int]) -> tuple[Point, ...]:
    """Return the turns after which all of these packages stand as they may, each result once, the present first."""
    pieces = [load.by_number[number] for number in numbers]
    allowed = {one.kind: set(problem.package[one.kind].stances()) for one in pieces}
    found: dict[tuple[Point, ...], Point] = {}
    for axes in TURNS:
        sizes = tuple((one.size[axes[0]], one.size[axes[1]], one.size[axes[2]]) for one in pieces)
        if axes == TURNS[0] or all(size in allowed[one.kind] for one, size in zip(pieces, sizes, strict=True)):
            found.setdefault(sizes, axes)
    return tuple(found.values())


def put_out(load: WorkingLoad, numbers: Collection[int]) -> WorkingLoad:
    """Take packages out of the container; they are pinned no longer."""
    pieces = {number: load.by_number[number] for number in numbers}
    return _with(load, {number: replace(one, is_out=True, is_pinned=False) for number, one in pieces.items()})


def pinned(load: WorkingLoad, numbers: Collection[int]) -> WorkingLoad:
    """Pin packages that stand in the container, with all that they rest on: without it they would hang in the air."""
    held = {number for number in numbers if not load.by_number[number].is_out}
    return _with_pins(load, _reached(load, held, down=True), is_pinned=True)


def unpinned(load: WorkingLoad, numbers: Collection[int]) -> WorkingLoad:
    """Free packages, with all that rests on them."""
    return _with_pins(load, _reached(load, set(numbers), down=False), is_pinned=False)


def _with_pins(load: WorkingLoad, numbers: Collection[int], *, is_pinned: bool) -> WorkingLoad:
    return WorkingLoad(
        tuple(replace(one, is_pinned=is_pinned) if one.number in numbers else one for one in load.pieces)
    )


def resting_on(load: WorkingLoad, numbers: Collection[int]) -> set[int]:
    """Return packages that stand in the container, and all that rests on them, directly or not."""
    return _reached(load, set(numbers), down=False)


def _reached(load: WorkingLoad, numbers: set[int], *, down: bool) -> set[int]:
    """Return packages and all that they rest on, or that rests on them, directly or not."""
    found, waiting = set(numbers), list(numbers)
    while waiting:
        one = load.by_number[waiting.pop()]
        for other in load.standing:
            upper, lower = (one, other) if down else (other, one)
            if other.number not in found and _rests(upper, lower):
                found.add(other.number)
                waiting.append(other.number)
    return found


def _rests(upper: Piece, lower: Piece) -> bool:
    if upper.is_out or lower.low[2] + lower.size[2] != upper.low[2]:
        return False
    return all(
        upper.low[axis] < lower.low[axis] + lower.size[axis] and lower.low[axis] < upper.low[axis] + upper.size[axis]
        for axis in range(2)
    )


def extent(load: WorkingLoad, numbers: Collection[int]) -> tuple[Point, Point]:
    """Return the lowest and the highest corner, in mm, of what holds these packages (one at least)."""
    pieces = [load.by_number[number] for number in numbers]
    lows = [one.low for one in pieces]
    highs = [tuple(low + size for low, size in zip(one.low, one.size, strict=True)) for one in pieces]
    x, y, z = (min(low[axis] for low in lows) for axis in range(3))
    far_x, far_y, far_z = (max(high[axis] for high in highs) for axis in range(3))
    return (x, y, z), (far_x, far_y, far_z)


def around_pins(problem: LoadProblem, load: WorkingLoad) -> LoadProblem:
    """Return the problem to load everything around what is pinned."""
    places = tuple(one.placement for one in load.standing if one.is_pinned)
    code = problem.containers[0].code
    return replace(problem, pinned=(Pinned(container=code, placements=places),) if places else ())


def solved(load: WorkingLoad, answer: LoadAnswer) -> WorkingLoad:
    """Return a load with the places of an answer: what stays where it was keeps its number, what stays out is out."""
    places = answer.loads[0].placements if answer.loads else ()
    at: defaultdict[tuple[Kind, Point, Point], list[Placement]] = defaultdict(list)
    for one in places:
        at[(one.consignment, one.package), _low(one), _size(one)].append(one)
    found = {}
    for piece in load.pieces:
        same = at.get((piece.kind, piece.low, piece.size))
        if same and not piece.is_out:
            found[piece.number] = same.pop()
    left: defaultdict[Kind, list[Placement]] = defaultdict(list)
    for (kind, _, _), others in at.items():
        left[kind] += others
    pieces = []
    for piece in load.pieces:
        place = found.get(piece.number) or (left[piece.kind].pop(0) if left[piece.kind] else None)
        if place is None:
            gone = replace(piece.placement, step=UNPLACED)
            pieces.append(replace(piece, placement=gone, is_out=True, is_pinned=False))
        else:
            pieces.append(replace(piece, placement=place, is_out=False))
    return WorkingLoad(tuple(pieces))


def loaded(problem: LoadProblem, load: WorkingLoad) -> LoadedContainer:
    """Return what stands in the container with its numbers."""
    return recounted(
        problem.containers[0], [(one, problem.package[one.consignment, one.package]) for one in load.placements]
    )


def judged(problem: LoadProblem, load: WorkingLoad) -> tuple[Finding, ...]:
    """List everything in which a load breaks a rule, with the packages concerned; what is out breaks none."""
    out = Counter(one.kind for one in load.out)
    answer = LoadAnswer(
        status=SolveStatus.FEASIBLE,
        lower_bound=0,
        loads=(loaded(problem, load),),
        unloaded=tuple(
            Unloaded(consignment=kind[0], package=kind[1], quantity=count, reason=StaysOut.NO_ROOM)
            for kind, count in out.items()
        ),
        support=support_name(problem.support_permille),
    )
    names = {_name(problem, one): one.number for one in load.standing}
    return tuple(
        Finding(violation=one, numbers=tuple(_concerned(one, names)))
        for one in check_loads(replace(problem, pinned=()), answer)
    )


def _name(problem: LoadProblem, one: Piece) -> str:
    """Return how the judge calls a package."""
    goods = f"{one.placement.consignment} {one.placement.package}".strip()
    return f"loads[0] {problem.containers[0].code}: {goods} step {one.placement.step}"


def _concerned(violation: Violation, names: dict[str, int]) -> Iterator[int]:
    """Yield the numbers of the packages that a violation is about, then of those that are in the way of them."""
    subject, others = violation.subject, (violation.claimed, violation.found)
    for name, number in names.items():
        if subject == name or subject.startswith(f"{name} and ") or subject.endswith(f" and {name}"):
            yield number
    for name, number in names.items():
        if any(other.startswith((f"{name} in its way", f"{name} on top", f"{name} of stop ")) for other in others):
            yield number


def _shifted(point: Point, axis: int, by: int) -> Point:
    x, y, z = (value + (by if place == axis else 0) for place, value in enumerate(point))
    return x, y, z


def _low(one: Placement) -> Point:
    return one.x_mm, one.y_mm, one.z_mm


def _size(one: Placement) -> Point:
    return one.dx_mm, one.dy_mm, one.dz_mm


def _with(load: WorkingLoad, changed: dict[int, Piece]) -> WorkingLoad:
    """Return a load with some packages changed and all steps in an order in which they can be brought in."""
    pieces = [changed.get(one.number, one) for one in load.pieces]
    inside = [index for index, one in enumerate(pieces) if not one.is_out]
    rows = np.array([(index, *pieces[index].low, *pieces[index].size) for index in inside], np.int32).reshape(-1, 7)
    steps = {int(index): step for step, index in enumerate(in_order(rows)[:, 0].tolist(), start=1)} if inside else {}
    return WorkingLoad(
        tuple(
            replace(one, placement=replace(one.placement, step=steps.get(index, UNPLACED)))
            for index, one in enumerate(pieces)
        )
    )
