"""Every rule of one loaded container checked at once, for what moves packages about after the search.

Sizes and contents are taken as they are: who only moves packages changes neither how they stand nor their mass.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import FULL_SUPPORT, LoadContainer, LoadProblem, Owners
from optimizer.loading.rules import SLACK_G

MM_PER_M = 1_000
X, Y, Z = range(3)
"""The axes: from the front wall to the door, across, up."""

ROUNDING = 1e-12
"""Part of a limit kept free where loads are added up as floats."""

Rows = NDArray[np.int32]
"""Packages where they stand: (kind, x, y, z, dx, dy, dz), the kind being a position in the problem's packages."""
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Standing:
    """The rules of one container; what goes by kind is an array in the order of the problem's packages.

    `max_load_g` is infinite where a package bears any load; `slice` numbers the slices of the length that owners have,
    -1 where a package may stand anywhere.
    """

    size_mm: Ints
    support_permille: int
    line_load_g_per_m: float
    mass_g: Floats
    max_load_g: Floats
    stop: Ints
    owner: Ints
    slice: Ints

    @classmethod
    def of(cls, problem: LoadProblem, container: LoadContainer) -> "Standing":
        """Return the rules that a problem asks of a container."""
        packages = problem.packages
        owners = sorted({one.owner for one in packages})
        keys = sorted({(one.owner, one.stop) for one in packages})
        strict = problem.owners is Owners.STRICT
        line = container.line_load_g_per_m
        return cls(
            size_mm=np.array([container.length_mm, container.width_mm, container.top_mm], np.int64),
            support_permille=problem.support_permille,
            line_load_g_per_m=np.inf if line is None else float(line),
            mass_g=np.array([one.mass_g for one in packages], np.float64),
            max_load_g=np.array([np.inf if one.max_load_g is None else one.max_load_g for one in packages], np.float64),
            stop=np.array([one.stop for one in packages], np.int64),
            owner=np.array([owners.index(one.owner) for one in packages], np.int64),
            slice=np.array(
                [keys.index((one.owner, one.stop)) if strict and one.owner else -1 for one in packages], np.int64
            ),
        )

    def kept(self, rows: Rows) -> bool:
        """Say whether a load keeps every rule of space, support, load on packages and floor, order and owners.

        Where loads are shared among packages, sums of floats are not exact: a millionth of a gram below the limit
        counts as too much unless it is a whole number of grams.
        """
        kind, low = rows[:, 0], rows[:, 1:4]
        high = low + rows[:, 4:7]
        if (low < 0).any() or (high > self.size_mm).any():
            return False
        # starts[axis][i, j]: i begins before j ends.
        starts = [low[:, None, axis] < high[None, :, axis] for axis in range(3)]
        over = [one & one.T for one in starts]
        column, row = over[X] & over[Y], over[Y] & over[Z]
        if np.count_nonzero(column & over[Z]) > len(rows):
            return False
        before = (column & ~starts[Z].T) | (row & ~starts[X].T)
        return (
            self._borne(kind, low, high, column)
            and self._in_order(kind, *np.nonzero(before))
            and self._sliced(kind, low[:, X], high[:, X])
            and self._line_load(kind, low[:, X], high[:, X])
        )

    def _borne(self, kind: Rows, low: Rows, high: Rows, column: Bools) -> bool:
        """Say whether every base rests on enough and no package bears too much."""
        lower, upper = np.nonzero(column & (high[:, None, Z] == low[None, :, Z]))
        sides = np.minimum(high[lower, :Z], high[upper, :Z]) - np.maximum(low[lower, :Z], low[upper, :Z])
        # Areas are whole numbers far below 2 ** 53: as floats they are exact.
        area = sides[:, X].astype(np.float64) * sides[:, Y]
        rests = np.bincount(upper, area, len(kind))
        base = (high[:, X] - low[:, X]).astype(np.float64) * (high[:, Y] - low[:, Y])
        if ((low[:, Z] > 0) & (rests * FULL_SUPPORT < base * self.support_permille)).any():
            return False
        limit = self.max_load_g[kind]
        if np.isinf(limit).all():
            return True
        part, mass, arriving = area / rests[upper], self.mass_g[kind], np.zeros(len(kind))
        level = low[upper, Z]
        for height in np.unique(level)[::-1]:
            at = level == height
            arriving += np.bincount(lower[at], (part * (mass + arriving)[upper])[at], len(kind))
        whole = np.round(arriving)
        fine = (arriving <= limit - SLACK_G) | ((np.abs(arriving - whole) < SLACK_G / 1_000) & (whole <= limit))
        fine[lower] &= limit[lower] > 0  # nothing at all may touch its top
        return bool(fine.all())

    def _in_order(self, kind: Rows, first: Ints, then: Ints) -> bool:
        """Say whether packages can be loaded `first` before `then`, and unloaded by stops the other way round."""
        if (self.stop[kind[then]] > self.stop[kind[first]]).any():
            return False
        waits = np.bincount(then, minlength=len(kind))
        while len(first):
            going = waits[first] == 0
            if not going.any():
                return False
            waits -= np.bincount(then[going], minlength=len(kind))
            first, then = first[~going], then[~going]
        return True

    def _sliced(self, kind: Rows, low: Rows, high: Rows) -> bool:
        """Say whether the slices of different owners are apart."""
        slices = [
            (int(low[these].min()), int(high[these].max()), int(self.owner[kind[these][0]]))
            for one in np.unique(self.slice[kind])
            if one >= 0
            for these in [self.slice[kind] == one]
        ]
        return all(
            mine[2] == other[2] or mine[1] <= other[0] or other[1] <= mine[0]
            for position, mine in enumerate(slices)
            for other in slices[:position]
        )

    def _line_load(self, kind: Rows, low: Rows, high: Rows) -> bool:
        """Say whether no metre of the floor bears too much."""
        if np.isinf(self.line_load_g_per_m):
            return True
        load = self.mass_g[kind] * MM_PER_M / (high - low)
        points, at = np.unique(np.concatenate([low, high]), return_inverse=True)
        line = np.cumsum(np.bincount(at, np.concatenate([load, -load]), len(points)))
        if line.max() > self.line_load_g_per_m * (1 + ROUNDING):
            return False
        # At the limit the load is added up exactly.
        return all(
            sum(
                Fraction(int(self.mass_g[one]) * MM_PER_M, int(end - start))
                for one, start, end in zip(kind, low, high, strict=True)
                if start <= place < end
            )
            <= self.line_load_g_per_m
            for place in points[line > self.line_load_g_per_m * (1 - ROUNDING)].tolist()
        )
