"""Brings the centre of gravity of a loaded container to the middle: parts are mirrored, reordered, pushed, exchanged.

The packages loaded stay the same, and every load on the way keeps every rule. What is asked is the CTU Code (2014),
annex 7, 3.1.4: at most 5 % of the length and width from the middle, and below half the height.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from optimizer.limits import ShouldStop, never_stop
from optimizer.load_problem import LoadContainer, LoadProblem
from optimizer.load_result import GOOD_PERMILLE
from optimizer.loading.moves import Move, Weighed, exchanged, middles, mirrored, moved, pushed, reordered
from optimizer.loading.packer import AIM
from optimizer.loading.parts import parts_of
from optimizer.loading.standing import Bools, Floats, Rows, Standing, X, Y, Z

GOOD = GOOD_PERMILLE / 1_000
"""How far off the middle a load is left alone; one that is not good is brought to within `AIM`."""

HALF, AIM_HIGH = 0.5, 0.49
"""The centre of gravity has to be below half the height."""

Kind = Callable[[Weighed], Iterable[Move]]
TIDY: tuple[Kind, ...] = (mirrored, reordered)
UNTIDY: tuple[Kind, ...] = (pushed, exchanged, moved)
"""Kinds of moves: those that leave neighbours together and gaps as they are, and those for which it may take more."""

LEAST_GAIN = 1e-9

CHECK_WORK, CHECK_ALWAYS = 60_000_000, 40_000
"""Checks of all rules that one load may cost: their work is the square of the packages, and something always."""

MOVES_COST = 100
"""Checks that finding parts and moves counts as."""

TRIED = 400
"""Moves, the best, that are checked before a load counts as one that no single move makes better."""

SHAKEN, WORSE = 3, 0.1
"""Moves made at random where nothing makes a load better, and by how much of the length or width they may worsen it."""

SNUG_MM = 150
"""Gaps along the length, their sum, that need no bracing: rule of thumb of packers by the CTU Code, annex 7."""

LEAST_LOWERED_MM = 50
"""The ceiling for a load that is spread out is sought to so much."""

Repack = Callable[[int], Rows | None]
"""Packs all packages of a load again, none of them higher than so many mm; None where it does not succeed."""


def balance(
    problem: LoadProblem,
    container: LoadContainer,
    rows: Rows,
    *,
    pinned: Rows | None = None,
    repack: Repack | None = None,
    seed: int = 0,
    quick: bool = False,
    should_stop: ShouldStop = never_stop,
) -> Rows:
    """Return a load of the same packages whose centre of gravity is nearer to the middle, or the one given.

    Parameters
    ----------
    rows
        Packages of one container, (kind, x, y, z, dx, dy, dz) in mm, in any order.
    pinned
        Those of `rows` that stay where they are.
    repack
        Where a load leaves part of the length empty, the same goods are packed again under the lowest ceiling under
        which all of them find room, so that they stand low and from wall to wall; without it the load is pushed
        towards the middle in one piece.
    seed
        Of the random moves; the same seed gives the same load.
    quick
        Whether to end where no single move makes the load better, without random ones.
    """
    if not len(rows) or should_stop():
        return rows
    movable = movable_of(rows, pinned)
    standing = Standing.of(problem, container)
    scales = Scales.of(problem, container)
    search = _Search(standing, scales, movable, np.random.default_rng(seed), should_stop, quick)
    best = search.balanced(rows)
    if repack is None or not movable.all() or _empty(rows, container.length_mm) <= SNUG_MM:
        return best
    spread = _spread(standing, rows, repack, should_stop)
    if spread is None:
        return best
    spread = search.balanced(spread)
    return spread if scales.excess(spread) <= scales.excess(best) else best


def movable_of(rows: Rows, pinned: Rows | None) -> Bools:
    """Say of each package whether it may be moved."""
    places = {tuple(row) for row in ([] if pinned is None else pinned.tolist())}
    return np.array([tuple(row) not in places for row in rows.tolist()], np.bool_)


def _empty(rows: Rows, length_mm: float) -> float:
    """Return how much of the length lies before and behind a load, mm."""
    return length_mm - int((rows[:, 1] + rows[:, 4]).max() - rows[:, 1].min())


def _spread(standing: Standing, rows: Rows, repack: Repack, should_stop: ShouldStop) -> Rows | None:
    """Pack again under the lowest ceiling at which everything finds room; None where no lower one is found."""
    volume = int(rows[:, 4:7].prod(axis=1, dtype=np.int64).sum())
    low, high = volume // int(standing.size_mm[X] * standing.size_mm[Y]), int((rows[:, 3] + rows[:, 6]).max())
    best = None
    while high - low > LEAST_LOWERED_MM and not should_stop():
        ceiling = (low + high) // 2
        found = repack(ceiling)
        if found is None or sorted(found[:, 0].tolist()) != sorted(rows[:, 0].tolist()) or not standing.kept(found):
            low = ceiling
        else:
            best, high = found, ceiling
    return best


@dataclass(frozen=True, slots=True)
class Scales:
    """Weighs loads of one container.

    Parameters
    ----------
    mass_g
        Of one package, by kind.
    inside_mm
        Length, width and height of the inside.
    """

    mass_g: Floats
    inside_mm: Floats

    @classmethod
    def of(cls, problem: LoadProblem, container: LoadContainer) -> "Scales":
        """Return the scales for the packages of a problem in a container."""
        inside = (container.length_mm, container.width_mm, container.height_mm)
        return cls(np.array([one.mass_g for one in problem.packages], np.float64), np.array(inside, np.float64))

    def centre_mm(self, rows: Rows) -> Floats:
        """Return the centre of gravity; the middle of the floor where nothing has a mass."""
        mass = self.mass_g[rows[:, 0]]
        if mass.sum() == 0:
            return self.inside_mm * (HALF, HALF, 0)
        return np.asarray(mass @ middles(rows) / mass.sum())

    def good(self, rows: Rows) -> bool:
        """Say whether the centre of gravity is where the CTU Code wants it as a rule."""
        along, across, up = (self.centre_mm(rows) / self.inside_mm).tolist()
        return bool(max(abs(along - HALF), abs(across - HALF)) <= GOOD and up < HALF)

    def beyond(self, centre_mm: Floats) -> Floats:
        """Return by how much of length, width and height centres of gravity are beyond the aim, added up."""
        off = centre_mm / self.inside_mm - HALF
        beyond = np.maximum(np.abs(off[..., :Z]) - AIM, 0).sum(axis=-1)
        return np.asarray(beyond + np.maximum(off[..., Z] + HALF - AIM_HIGH, 0))

    def excess(self, rows: Rows) -> float:
        """Return by how much a load is beyond the aim, 0 where it is not."""
        return float(self.beyond(self.centre_mm(rows)))


@dataclass(slots=True)
class _Search:
    """Moves the parts of loads of one container about, as long as its work lasts."""

    standing: Standing
    scales: Scales
    movable: Bools
    random: np.random.Generator
    should_stop: ShouldStop
    quick: bool
    left: int = 0

    def balanced(self, rows: Rows) -> Rows:
        """Return the best load found from one that is given."""
        if self.scales.good(rows):
            return rows
        self.left = CHECK_WORK // (CHECK_ALWAYS + len(rows) ** 2)
        snug = _empty(rows, self.scales.inside_mm[X]) <= SNUG_MM
        best = self._descended(rows if snug else self._centred(rows))
        if snug and not self.scales.good(best):
            best = self._descended(self._centred(best))
        while not self.quick and self._goes_on() and not self.scales.good(best):
            found = self._descended(self._shaken(best))
            if self.scales.excess(found) < self.scales.excess(best):
                best = found
        return best

    def _goes_on(self) -> bool:
        return self.left > 0 and not self.should_stop()

    def _kept(self, rows: Rows) -> bool:
        self.left -= 1
        return self.standing.kept(rows)

    def _centred(self, rows: Rows) -> Rows:
        """Push the whole load as near to the middle as the walls allow."""
        if not self.movable.all():
            return rows
        low, high = rows[:, 1:3].min(axis=0), (rows[:, 1:3] + rows[:, 4:6]).max(axis=0)
        wanted = np.round(self.scales.inside_mm / 2 - self.scales.centre_mm(rows))[:Z]
        made = rows.copy()
        made[:, 1:3] += np.clip(wanted, -low, self.standing.size_mm[:Z] - high).astype(np.int32)
        return made if self.scales.excess(made) < self.scales.excess(rows) and self._kept(made) else rows

    def _moves(self, rows: Rows, kinds: Iterable[Kind], least: float) -> list[Move]:
        """Return the moves of some kinds that leave less than so much excess, the best first."""
        self.left -= MOVES_COST
        parts = parts_of(rows, self.movable, self.standing.size_mm, self.random, self.should_stop)
        weighed = Weighed.of(rows, parts, self.standing, self.scales.beyond, least - LEAST_GAIN, self.should_stop)
        found = [move for kind in kinds if self._goes_on() for move in kind(weighed)]
        return sorted(found, key=lambda move: move.excess)

    def _descended(self, rows: Rows) -> Rows:
        """Make the best move that the rules allow, as long as one makes the load better: tidy ones where they do."""
        while self._goes_on() and (now := self.scales.excess(rows)) > 0:
            for kinds in TIDY, UNTIDY:
                moves = takewhile(lambda _: self._goes_on(), self._moves(rows, kinds, now)[:TRIED])
                better = next((made for move in moves if self._kept(made := move.made(rows))), None)
                if better is not None or not self._goes_on():
                    break
            if better is None:
                return rows
            rows = better
        return rows

    def _shaken(self, rows: Rows) -> Rows:
        """Make some allowed moves at random."""
        moves = self._moves(rows, TIDY + UNTIDY, self.scales.excess(rows) + WORSE)
        made = 0
        for one in self.random.permutation(len(moves))[:TRIED]:
            if made == SHAKEN or not self._goes_on():
                break
            moved = moves[one].made(rows)
            if self._kept(moved):
                rows, made = moved, made + 1
        return rows
