"""Packs one container: blocks in several settings, beams that grow wider until the budget is spent."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import FULL_SUPPORT, LoadContainer, LoadPackage, LoadProblem, Owners
from optimizer.loading.blocks import Blocks, boxes_of, make_blocks
from optimizer.loading.kinds import UNLIMITED, Kinds, kinds_of
from optimizer.loading.rules import BIN_MM, Boxes, Rules
from optimizer.loading.search import Priced, Reaches, Room, States, copy_state, expand, make_states

SETTINGS = ((1.0, 4), (0.98, 2), (1.0, 2), (0.98, 4))
"""Least fill of blocks and power of the contact, by turns: none is best everywhere."""

MOST_BLOCKS = 6_000
MOST_PLACED = 400
WIDEST = 400
GROWTH = 2
NUMBER_POWER = 0.2
"""How much less a block of many packages is worth: few left-over packages leave more choice later."""

REACH_STEPS = 600
"""Grid steps along the longest side on which reachable lengths are looked up."""

STEPS_PER_UNIT = 150e6
"""Steps of the search that make one unit of work, roughly a second of one core."""

STEPS_PER_PACKAGE = 200
"""Steps counted for each package of each state that a search makes, where packages are looked at one by one."""


@dataclass(slots=True)
class Budget:
    """What a search may spend: `spent` is shared with the compiled code, which stops when its second number is set."""

    work_limit: float
    deadline: float = math.inf
    should_stop: Callable[[], bool] = lambda: False
    spent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))
    ended_by: str = ""

    @property
    def work(self) -> float:
        """Units of work spent."""
        return float(self.spent[0]) / STEPS_PER_UNIT

    def over(self) -> bool:
        """Say whether the search has to end, and note why."""
        if not self.ended_by and self.work >= self.work_limit:
            self.ended_by = "work_limit"
        return bool(self.ended_by)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at the clock and at whoever may ask to stop while compiled code runs."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.02):
                stopped = self.should_stop()
                if stopped or time.monotonic() > self.deadline:
                    self.ended_by = self.ended_by or ("stopped" if stopped else "time_limit")
                    self.spent[1] = 1
                    return

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


@dataclass(frozen=True, slots=True)
class Packed:
    """Where packages stand: one row (kind, x, y, z, dx, dy, dz) each, in the order in which the search placed them."""

    value: float
    rows: NDArray[np.int32]


NOTHING = Packed(0.0, np.zeros((0, 7), np.int32))


@dataclass(slots=True)
class _Beam:
    """One setting with its blocks, ready to search."""

    blocks: Blocks
    priced: Priced
    boxes: Boxes
    order: NDArray[np.intp]


class Packer:
    """Packs packages of one problem into one kind of container, as often as wanted, with any values.

    Parameters
    ----------
    packages
        Those of `problem` that may be loaded; their positions are the kinds.
    """

    def __init__(self, problem: LoadProblem, container: LoadContainer, packages: Sequence[LoadPackage]) -> None:
        self.kinds = kinds_of(problem, container, packages)
        self._rules = _rules(problem, container, self.kinds)
        self._room = _room(problem, container, self.kinds)
        self._reaches = _reaches(self.kinds, self._room)

    def pack(self, budget: Budget, quantities: NDArray[np.int32], values: NDArray[np.float64]) -> Packed:
        """Return the most valuable load found within the budget.

        Parameters
        ----------
        quantities
            Packages at hand by kind.
        values
            What loading one package is worth by kind, > 0 where it is to be loaded.
        """
        everything = float(quantities @ values)
        best = NOTHING
        beams: dict[float, _Beam] = {}
        with budget.watched():
            width = 1
            while width <= WIDEST:
                for fill, power in SETTINGS:
                    if budget.over():
                        return best
                    if fill not in beams:
                        beams[fill] = self._beam(quantities, values, fill)
                    best = self._search(beams[fill], power, quantities, width, budget, best, everything)
                    if best.value >= everything - 1e-6:
                        budget.ended_by = budget.ended_by or "proof"
                        return best
                width = max(width + 1, round(width * GROWTH))
        budget.ended_by = budget.ended_by or "work_limit"
        return best

    def _beam(self, quantities: NDArray[np.int32], values: NDArray[np.float64], fill: float) -> _Beam:
        room = self._room
        blocks = make_blocks(self.kinds, quantities, room.size, fill=fill, full=room.grounded, most=MOST_BLOCKS)
        value = values @ blocks.counts
        rank = value * blocks.number**-NUMBER_POWER
        order = np.argsort(-rank, kind="stable")
        order = order[value[order] > 0]
        tried = blocks.chosen(order)
        steps = (-(-tried.size // room.step_mm)).astype(np.int32)
        return _Beam(
            blocks=blocks,
            priced=Priced(tried, steps, value[order], rank[order], contact_power=0),
            boxes=_boxes(blocks, order) if self._rules.any else _no_boxes(tried),
            order=order,
        )

    def _search(
        self, beam: _Beam, power: int, quantities: NDArray[np.int32], width: int, budget: Budget, beaten: Packed,
        everything: float,
    ) -> Packed:  # fmt: skip
        """Search with one width; return the best load that is better than `beaten`, or that one."""
        room, rules = self._room, self._rules
        priced = beam.priced._replace(contact_power=power)
        kinds = len(quantities)
        boxes = int(quantities.sum()) if rules.any else 1
        bins = room.size[0] // BIN_MM + 2 if rules.line_g_per_m >= 0 else 1
        states = make_states(width, MOST_PLACED, kinds, boxes, bins)
        children = make_states(width * width, MOST_PLACED, kinds, boxes, bins)
        done = make_states(2, MOST_PLACED, kinds, boxes, bins)
        estimates = np.zeros(width * width)
        best = np.array([beaten.value])
        states.left[0] = quantities
        states.spaces[0, 0] = (0, 0, 0, *room.size, -1)
        states.n_spaces[0] = 1
        number = 1
        while number and not budget.over() and best[0] < everything - 1e-6:
            made = 0
            for row in range(number):
                made = expand(
                    states, row, width, children, made, estimates, done, best, room, priced, self._reaches, rules,
                    beam.boxes, budget.spent,
                )  # fmt: skip
                if budget.over():
                    break
            if rules.any:
                budget.spent[0] += made * boxes * STEPS_PER_PACKAGE
            number = _keep(children, estimates[:made], states, width)
        if best[0] <= beaten.value + 1e-9:
            return beaten
        return Packed(float(best[0]), _rows(beam, done.placed[1, : done.n_placed[1]]))


def _rules(problem: LoadProblem, container: LoadContainer, kinds: Kinds) -> Rules:
    loads = bool((kinds.max_load != UNLIMITED).any())
    payload = -1.0 if container.payload_g is None else float(container.payload_g)
    line = -1.0 if container.line_load_g_per_m is None else float(container.line_load_g_per_m)
    partial = 0.0 if problem.support_permille >= FULL_SUPPORT else problem.support_permille / FULL_SUPPORT
    return Rules(
        any=loads or payload >= 0 or line >= 0 or partial > 0 or bool(kinds.refused.any()),
        loads=loads,
        payload_g=payload,
        line_g_per_m=line,
        support=partial,
        mass_g=kinds.mass,
        max_load_g=kinds.max_load,
    )


def _room(problem: LoadProblem, container: LoadContainer, kinds: Kinds) -> Room:
    stances = kinds.stances
    size = np.array([container.length_mm, container.width_mm, container.top_mm], np.int32)
    phases = int(kinds.phase.max(initial=0)) + 1
    return Room(
        size=size,
        least=np.array([stances[:, 1:3].min(initial=1 << 30), stances[:, 3].min(initial=1 << 30)], np.int32),
        full=problem.support_permille >= FULL_SUPPORT,
        grounded=problem.support_permille > 0,
        from_front=phases > 1,
        sliced=problem.owners is Owners.STRICT,
        phases=phases,
        step_mm=_step(stances, int(size.max())),
    )


def _keep(children: States, estimates: NDArray[np.float64], states: States, width: int) -> int:
    """Keep the most promising children, one of those that look the same; return how many."""
    seen: set[tuple[float, float]] = set()
    for child in np.argsort(-estimates, kind="stable"):
        key = (float(estimates[child]), float(children.value[child]))
        if key in seen:
            continue
        copy_state(children, child, states, len(seen))
        seen.add(key)
        if len(seen) == width:
            break
    return len(seen)


def _rows(beam: _Beam, placed: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the packages of placed blocks, one row each."""
    found = []
    for place in placed:
        block = int(beam.order[place[6]])
        rows = boxes_of(beam.blocks, block)
        size = beam.blocks.size[block]
        for axis in range(2):
            if place[7 + axis]:
                rows[:, 1 + axis] = size[axis] - rows[:, 1 + axis] - rows[:, 4 + axis]
        rows[:, 1:4] += place[:3]
        found.append(rows)
    return np.concatenate(found) if found else NOTHING.rows


def _boxes(blocks: Blocks, order: NDArray[np.intp]) -> Boxes:
    rows = [boxes_of(blocks, int(one)) for one in order]
    start = np.concatenate([[0], np.cumsum([len(one) for one in rows])]).astype(np.int64)
    together = np.concatenate(rows) if rows else NOTHING.rows
    return Boxes(start=start, rows=together, size=blocks.size[order], mass=blocks.mass[order])


def _no_boxes(blocks: Blocks) -> Boxes:
    return Boxes(start=np.zeros(1, np.int64), rows=NOTHING.rows, size=blocks.size, mass=blocks.mass)


def _step(stances: NDArray[np.int32], longest: int) -> int:
    """Return the grid of reachable lengths: the common divisor of all sizes, or a coarser one for long containers."""
    common = int(np.gcd.reduce(stances[:, 1:].ravel())) if stances.size else 1
    return max(common, -(-longest // REACH_STEPS))


def _reaches(kinds: Kinds, room: Room) -> Reaches:
    number = kinds.volume.shape[0]
    sizes: list[list[set[int]]] = [[set() for _ in range(number)] for _ in range(3)]
    for kind, dx, dy, dz in kinds.stances.tolist():
        for axis, size in ((0, dx), (1, dy), (2, dz)):
            sizes[axis][kind].add(-(-size // room.step_mm))
    table = np.zeros((3, number, 3), np.int32)
    numbers = np.zeros((3, number), np.int32)
    for axis in range(3):
        for kind in range(number):
            for position, size in enumerate(sorted(sizes[axis][kind])):
                table[axis, kind, position] = size
                numbers[axis, kind] = position + 1
    return Reaches(sizes=table, numbers=numbers, below=np.zeros((3, int(max(room.size)) // room.step_mm + 1), np.int32))
