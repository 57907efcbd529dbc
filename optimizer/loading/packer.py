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
from optimizer.load_result import GOOD_PERMILLE
from optimizer.loading.blocks import Blocks, boxes_of, make_blocks
from optimizer.loading.kinds import UNLIMITED, Kinds, kinds_of
from optimizer.loading.ordering import without_rings
from optimizer.loading.pins import NOTHING_STANDS, open_spaces, pins_of, stand
from optimizer.loading.rules import BIN_MM, Boxes, Rules
from optimizer.loading.search import expand
from optimizer.loading.spaces import scratch_rows
from optimizer.loading.states import Priced, Reaches, Room, States, Weights, copy_state, make_states

SETTINGS = ((1.0, 4), (0.98, 2), (1.0, 2), (0.98, 4))
"""Least fill of blocks and power of the contact, by turns: none is best everywhere."""

AIM = 0.8 * GOOD_PERMILLE / 1_000
"""Part of the length and width by which the centre of gravity may be off the middle: a little less than is allowed, as
nobody loads to the millimetre."""

MOST_BLOCKS, QUICK_BLOCKS = 6_000, 3_000
"""Blocks made for one load: the most, and where several quick loads are worth more than a dense one."""

QUICK_TURN = 2
"""The setting that a quick search begins with: its first loads are better on the whole."""

MOST_PLACED = 400
WIDEST = 400
QUICK_WORK = 0.002
"""Work with which a first load is wanted at once rather than a good one later."""

GROWTH = 2
NUMBER_POWER = 0.2
"""How much less a block of many packages is worth: few left-over packages leave more choice later."""

SHAKE = 0.03
"""Part by which a seed other than 0 may raise what a block is worth."""

REACH_STEPS = 600
"""Grid steps along the longest side on which reachable lengths are looked up."""

STEPS_PER_UNIT = 150e6
"""Steps of the search that make one unit of work, roughly a second of one core."""

STEPS_PER_PACKAGE = 200
"""Steps counted for each package of each state that a search makes, where packages are looked at one by one."""

OnValue = Callable[[float], None]


def ignore_value(value: float) -> None:
    """Do nothing with the value of a load."""


@dataclass(slots=True)
class Budget:
    """What a search may spend: `spent` is shared with the compiled code, which stops when its second number is set.

    `cut_by` says whether a stop (``stopped``) or the clock (``time_limit``) cut short what came after `ended_by`.
    """

    work_limit: float
    deadline: float = math.inf
    should_stop: Callable[[], bool] = lambda: False
    spent: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))
    ended_by: str = ""
    cut_by: str = ""

    @property
    def work(self) -> float:
        """Units of work spent."""
        return float(self.spent[0]) / STEPS_PER_UNIT

    def charge(self, work: float) -> None:
        """Add units of work that were done elsewhere."""
        self.spent[0] += int(work * STEPS_PER_UNIT)

    def over(self) -> bool:
        """Say whether the search has to end, and note why."""
        if not self.ended_by and self.work >= self.work_limit:
            self.ended_by = "work_limit"
        return bool(self.ended_by)

    def late(self) -> bool:
        """Say whether the clock or whoever may ask to stop has ended the search, and note which."""
        if self.should_stop():
            self.cut_by = "stopped"
        elif time.monotonic() > self.deadline:
            self.cut_by = self.cut_by or "time_limit"
        return bool(self.cut_by)

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
    """Where packages stand: one row (kind, x, y, z, dx, dy, dz) each, those pinned first; `value` leaves these out."""

    value: float
    rows: NDArray[np.int32]


NOTHING = Packed(0.0, NOTHING_STANDS)


@dataclass(slots=True)
class _Beam:
    """One setting with its blocks, ready to search."""

    blocks: Blocks
    priced: Priced
    boxes: Boxes
    order: NDArray[np.intp]
    weights: Weights


@dataclass(frozen=True, slots=True)
class _Task:
    """What `Packer.pack` was asked for; `everything` is what all packages at hand are worth."""

    budget: Budget
    quantities: NDArray[np.int32]
    values: NDArray[np.float64]
    everything: float
    room: Room
    pinned: NDArray[np.int32]
    seed: int
    on_value: OnValue
    balance: float


class Packer:
    """Packs packages of one problem into one kind of container, as often as wanted, with any values.

    Parameters
    ----------
    packages
        Those of `problem` that may be loaded; their positions are the kinds.
    quick
        Whether many loads are to be packed, rather quickly than densely.
    """

    def __init__(
        self, problem: LoadProblem, container: LoadContainer, packages: Sequence[LoadPackage],
        quick: bool = False,
    ) -> None:  # fmt: skip
        self._most_blocks = QUICK_BLOCKS if quick else MOST_BLOCKS
        self._turn = QUICK_TURN if quick else 0
        self.kinds = kinds_of(problem, container, packages)
        self._problem = problem
        self._known: tuple[tuple[float, int, float, bytes], NDArray[np.int32], _Beam] | None = None
        self._rules = _rules(problem, container, self.kinds)
        self._room = _room(problem, container, self.kinds)
        self._reaches = _reaches(self.kinds, self._room)

    def pack(
        self,
        budget: Budget,
        quantities: NDArray[np.int32],
        values: NDArray[np.float64],
        *,
        pinned: NDArray[np.int32] = NOTHING.rows,
        loaded: int = 0,
        seed: int = 0,
        on_value: OnValue = ignore_value,
        balance: float = 0.0,
    ) -> Packed:
        """Return the most valuable load found within the budget.

        Parameters
        ----------
        quantities
            Packages at hand by kind, without those pinned.
        values
            What loading one package is worth by kind, > 0 where it is to be loaded.
        pinned
            What stands already, rows as in `Packed`; it stays, whatever rule it breaks.
        loaded
            How many of the first of these are in the container already: all else is brought in after them.
        seed
            Another one makes the search prefer other blocks among those worth about as much.
        on_value
            Told the value of every load that is better than those before, the first at once.
        balance
            Part of the value of everything that a load is worth less for each whole length or width by which its
            centre of gravity is too far from the middle.
        """
        room = self._room._replace(pins=pins_of(self._problem, self.kinds, pinned, loaded))
        everything = float(quantities @ values)
        task = _Task(budget, quantities, values, everything, room, pinned, seed, on_value, balance * everything)
        best = Packed(0.0, pinned)
        if everything <= 0.0:
            budget.ended_by = budget.ended_by or "proof"
        if budget.ended_by or budget.spent[1]:
            return best
        turn = (self._turn + seed) % len(SETTINGS)
        beams: dict[float, _Beam] = {}
        quick = budget.work_limit - budget.work <= QUICK_WORK
        with budget.watched():
            width = 1
            while width <= WIDEST:
                for fill, power in SETTINGS[turn:] + SETTINGS[:turn]:
                    if budget.over():
                        return best
                    if fill not in beams:
                        beams[fill] = self._known_beam(task, fill) if quick else self._beam(task, fill)
                    best = self._search(task, beams[fill], power, width, best)
                    if best.value >= everything - 1e-6:
                        budget.ended_by = budget.ended_by or "proof"
                        return best
                width = max(width + 1, round(width * GROWTH))
        budget.ended_by = budget.ended_by or "work_limit"
        return best

    def _known_beam(self, task: _Task, fill: float) -> _Beam:
        """Return blocks made before, as long as half of what they were made of is at hand."""
        asked = (fill, task.seed, task.balance, task.values.tobytes())
        if self._known is not None and self._known[0] == asked:
            _, before, beam = self._known
            if (task.quantities <= before).all() and 2 * task.everything >= float(before @ task.values):
                return beam
        beam = self._beam(task, fill)
        self._known = (asked, task.quantities, beam)
        return beam

    def _beam(self, task: _Task, fill: float) -> _Beam:
        room = task.room
        blocks = make_blocks(
            self.kinds, task.quantities, room.size, fill=fill, full=room.grounded, most=self._most_blocks
        )
        value = task.values @ blocks.counts
        rank = value * blocks.number**-NUMBER_POWER
        if task.seed:
            rank *= 1.0 + SHAKE * np.random.default_rng(task.seed).random(len(rank))
        order = np.argsort(-rank, kind="stable")
        order = order[value[order] > 0]
        tried = blocks.chosen(order)
        steps = (-(-tried.size // room.step_mm)).astype(np.int32)
        boxes = _boxes(blocks, order) if self._rules.any or task.balance else _no_boxes(tried)
        return _Beam(
            blocks=blocks,
            priced=Priced(tried, steps, value[order], rank[order], contact_power=0),
            boxes=boxes,
            order=order,
            weights=_weights(boxes, self.kinds.mass, task.balance),
        )

    def _search(self, task: _Task, beam: _Beam, power: int, width: int, beaten: Packed) -> Packed:
        """Search with one width; return the best load that is better than `beaten`, or that one."""
        room, rules, budget, pinned = task.room, self._rules, task.budget, len(task.pinned)
        priced = beam.priced._replace(contact_power=power)
        placed = MOST_PLACED + pinned
        kinds = len(task.quantities)
        boxes = int(task.quantities.sum()) + pinned if rules.any else 1
        bins = room.size[0] // BIN_MM + 2 if rules.line_g_per_m >= 0 else 1
        states = make_states(width, placed, kinds, boxes, bins)
        children = make_states(width * width, placed, kinds, boxes, bins)
        done = make_states(2, placed, kinds, boxes, bins)
        estimates = np.zeros(width * width)
        best = np.array([beaten.value])
        states.left[0] = task.quantities
        if pinned:
            stand(states, 0, room, rules, self.kinds.classes, self.kinds.refused)
            open_spaces(states, 0, room, priced.blocks, scratch_rows(), budget.spent)
        else:
            states.spaces[0, 0] = (0, 0, 0, *room.size, -1)
            states.n_spaces[0] = 1
        number, told = 1, beaten.value
        while number and not budget.over() and best[0] < task.everything - 1e-6:
            made = 0
            for row in range(number):
                made = expand(
                    states, row, width, children, made, estimates, done, best, room, priced, self._reaches, rules,
                    beam.boxes, beam.weights, budget.spent,
                )  # fmt: skip
                if best[0] > told:
                    told = float(best[0])
                    task.on_value(told)
                if budget.over():
                    break
            if rules.any:
                budget.spent[0] += made * boxes * STEPS_PER_PACKAGE
            number = _keep(children, estimates[:made], states, width)
        if best[0] <= beaten.value + 1e-9:
            return beaten
        found = _in_reach(task, _rows(beam, done.placed[1, pinned : done.n_placed[1]]), float(best[0]))
        return found if found.value > beaten.value + 1e-9 else beaten


def _in_reach(task: _Task, rows: NDArray[np.int32], value: float) -> Packed:
    """Return a load with what is pinned, less what could not be brought in through the door."""
    together = np.concatenate([task.pinned, rows])
    free = without_rings(together, len(task.pinned))
    if len(free) < len(together):
        value = float(task.values[free[len(task.pinned) :, 0]].sum())
    return Packed(value, free)


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
        pins=pins_of(problem, kinds, NOTHING.rows, 0),
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
    chosen = beam.order[placed[:, 6]]
    start, rows = boxes_of(beam.blocks, chosen)
    each = np.repeat(np.arange(len(placed)), np.diff(start))
    for axis in range(2):
        turned = beam.blocks.size[chosen, axis][each] - rows[:, 1 + axis] - rows[:, 4 + axis]
        rows[:, 1 + axis] = np.where(placed[each, 7 + axis] == 1, turned, rows[:, 1 + axis])
    rows[:, 1:4] += placed[each, :3]
    return rows


def _boxes(blocks: Blocks, order: NDArray[np.intp]) -> Boxes:
    start, rows = boxes_of(blocks, order)
    return Boxes(start=start, rows=rows, size=blocks.size[order], mass=blocks.mass[order])


def _weights(boxes: Boxes, mass: NDArray[np.float64], worth: float) -> Weights:
    """Weigh blocks; where balance is of no account nothing is looked at."""
    if not worth:
        return Weights(boxes.mass, np.zeros((len(boxes.mass), 2)), 0.0, AIM)
    moments = mass[boxes.rows[:, 0], None] * (boxes.rows[:, 1:3] + boxes.rows[:, 4:6] / 2)
    return Weights(boxes.mass, np.add.reduceat(moments, boxes.start[:-1], axis=0), worth, AIM)


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
