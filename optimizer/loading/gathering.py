"""Brings packages of one owner together where it costs nothing: the same packages, no rule lost, no worse balance.

What is made less is how far goods are from the middle of their owner's: the sum of their volume times the square of the
distance. Packages of equal size change places, and parts of the load as in balancing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from optimizer.limits import ShouldStop, never_stop
from optimizer.load_problem import LoadContainer, LoadProblem
from optimizer.loading.balancing import TIDY, Scales, movable_of
from optimizer.loading.moves import Weighed, exchanged, middles
from optimizer.loading.parts import parts_of
from optimizer.loading.standing import Bools, Floats, Ints, Rows, Standing

LEAST_GAIN = 1e-6
"""Part of what is made less by which a change makes it less, at the least."""

MOST_CHANGES, MOST_REFUSED = 300, 60
"""Changes made to one load, and changes in a row that a rule forbids before the search ends."""

MOST_LOOKED_AT = 1_500
"""Moves of parts, drawn at random, of which the best are tried."""


def gathered(
    problem: LoadProblem,
    container: LoadContainer,
    rows: Rows,
    *,
    pinned: Rows | None = None,
    seed: int = 0,
    should_stop: ShouldStop = never_stop,
) -> Rows:
    """Return a load of the same packages in which goods of one owner are nearer to each other, or the one given.

    Parameters
    ----------
    rows
        Packages of one container, (kind, x, y, z, dx, dy, dz) in mm, in any order.
    pinned
        Those of `rows` that stay where they are.
    """
    names = sorted({one.owner for one in problem.packages if one.owner})
    owner = np.array([names.index(one.owner) if one.owner else -1 for one in problem.packages], np.int64)
    if len(np.unique(owner[rows[:, 0]])) < 2:
        return rows
    scales, standing = Scales.of(problem, container), Standing.of(problem, container)
    search = _Gathering(scales, standing, owner, movable_of(rows, pinned), np.random.default_rng(seed), should_stop)
    return search.gathered(rows)


def scattered(rows: Rows, owner: Ints) -> float:
    """Return the sum over packages of volume times squared distance from the middle of their owner's, mm5.

    Parameters
    ----------
    owner
        By kind; goods of -1 are nobody's and do not count.
    """
    whose = owner[rows[:, 0]]
    volume = np.where(whose < 0, 0.0, rows[:, 4:7].prod(axis=1, dtype=np.float64))
    middle = middles(rows)
    total, moment = _sums(whose, volume, middle)
    return float(volume @ (middle**2).sum(axis=1) - ((moment**2).sum(axis=1) / np.maximum(total, 1.0)).sum())


def _sums(whose: Ints, volume: Floats, middle: Floats) -> tuple[Floats, Floats]:
    """Return volume and moment by owner; nobody's come first."""
    total: Floats = np.bincount(whose + 1, volume).astype(np.float64)
    return total, np.stack([np.bincount(whose + 1, volume * middle[:, axis]) for axis in range(3)], axis=1)


@dataclass(frozen=True, slots=True)
class _Gathering:
    """Changes loads of one container as long as goods of an owner come nearer to each other."""

    scales: Scales
    standing: Standing
    owner: Ints
    movable: Bools
    random: np.random.Generator
    should_stop: ShouldStop

    def gathered(self, rows: Rows) -> Rows:
        """Return the best load found from one that is given."""
        for _ in range(MOST_CHANGES):
            better = self._first_better(rows, self._exchanges(rows)) or self._first_better(rows, self._moves(rows))
            if better is None:
                return rows
            rows = better[0]
        return rows

    def _first_better(self, rows: Rows, changes: Iterator[Rows]) -> tuple[Rows] | None:
        """Return the first change that no rule forbids and that leaves the balance as good, in a tuple."""
        excess = self.scales.excess(rows)
        good = self.scales.good(rows)
        for _ in range(MOST_REFUSED):
            made = None if self.should_stop() else next(changes, None)
            if made is None:
                return None
            fine = self.scales.good(made) if good else self.scales.excess(made) <= excess
            if fine and self.standing.kept(made):
                return (made,)
        return None

    def _exchanges(self, rows: Rows) -> Iterator[Rows]:
        """Yield loads with two packages of equal size and different owners in each other's place, the best first."""
        whose, middle = self.owner[rows[:, 0]], middles(rows)
        volume = np.where(whose < 0, 0.0, rows[:, 4:7].prod(axis=1, dtype=np.float64))
        total, moment = _sums(whose, volume, middle)
        same = (rows[:, None, 4:7] == rows[None, :, 4:7]).all(axis=2) & self.movable[:, None] & self.movable
        one, other = np.nonzero(np.triu(same & (whose[:, None] != whose), 1))
        size = np.maximum(volume[one], volume[other])
        step = (middle[other] - middle[one]) * size[:, None]
        square = ((middle[other] ** 2).sum(axis=1) - (middle[one] ** 2).sum(axis=1)) * size
        gain = np.zeros(len(one))
        for which, way in ((one, 1.0), (other, -1.0)):
            at = whose[which] + 1
            closer = (((moment[at] + way * step) ** 2).sum(axis=1) - (moment[at] ** 2).sum(axis=1)) / np.maximum(
                total[at], 1.0
            )
            gain += np.where(at > 0, closer - way * square, 0.0)  # what is nobody's has no middle to be near to
        for best in np.argsort(-gain, kind="stable").tolist():
            if gain[best] <= LEAST_GAIN * scattered(rows, self.owner):
                return
            made = rows.copy()
            made[[one[best], other[best]], 0] = rows[[other[best], one[best]], 0]
            yield made

    def _moves(self, rows: Rows) -> Iterator[Rows]:
        """Yield loads with parts mirrored, reordered or exchanged, the best of some drawn at random first."""
        least = max(self.scales.excess(rows), LEAST_GAIN) * (1 + LEAST_GAIN)
        parts = parts_of(rows, self.movable, self.standing.size_mm, self.random, self.should_stop)
        weighed = Weighed.of(rows, parts, self.standing, self.scales.beyond, least, self.should_stop)
        found = [move.made for kind in (*TIDY, exchanged) for move in kind(weighed)]
        drawn = [found[at](rows) for at in self.random.permutation(len(found))[:MOST_LOOKED_AT]]
        left = np.array([scattered(made, self.owner) for made in drawn])
        now = scattered(rows, self.owner)
        for best in np.argsort(left, kind="stable").tolist():
            if left[best] >= now * (1 - LEAST_GAIN):
                return
            yield drawn[best]
