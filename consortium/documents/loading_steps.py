"""Loading steps for people: equal packages that stand together as one block are one step of the sheet.

A plan counts one step for each package. Here packages of one kind that stand the same way, side by side, one before
the other and on top of each other without a gap, become one step, in an order in which every block can be brought in
through the door: nothing loaded earlier stands above it, or between it and the door in its way.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import Generic, Protocol, TypeVar

import numpy as np

from optimizer.loading.ordering import loaded_before

FACE_MM = 3_000
"""How far a step may reach towards the door beyond the place nearest to the front wall that is still empty.

People load from a face that they can reach: a long row along one wall would leave a lane too narrow to work in.
"""


class Place(Protocol):
    """Where one package stands and of what kind it is: a `LoadPlace` of a view, or a `Placement` of a plan."""

    @property
    def package(self) -> str:
        """Its kind within the consignment."""

    @property
    def consignment(self) -> str:
        """Its consignment, which has one owner."""

    @property
    def step(self) -> int:
        """When it is loaded, package by package."""

    @property
    def x_mm(self) -> int:
        """Distance from the front wall."""

    @property
    def y_mm(self) -> int:
        """Distance from the left wall."""

    @property
    def z_mm(self) -> int:
        """Height above the floor."""

    @property
    def dx_mm(self) -> int:
        """Size along the length."""

    @property
    def dy_mm(self) -> int:
        """Size across."""

    @property
    def dz_mm(self) -> int:
        """Size upright."""


P = TypeVar("P", bound=Place)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingStep(Generic[P]):
    """Equal packages that stand as one block without a gap.

    Parameters
    ----------
    number
        From 1 on, in the order of loading.
    places
        Its packages in an order in which they can be loaded: wall by wall from the front, each from below.
    deep, across, high
        Packages along the length, side by side, and on top of each other; their product is the number of packages.
    x_mm, y_mm, z_mm
        The block's corner nearest to the front wall, the left wall and the floor.
    """

    number: int
    places: tuple[P, ...]
    deep: int
    across: int
    high: int
    x_mm: int
    y_mm: int
    z_mm: int

    @property
    def one(self) -> P:
        """Any of its packages: all are alike but for where they stand."""
        return self.places[0]

    @property
    def size_mm(self) -> tuple[int, int, int]:
        """Size of the block along the length, across and upright."""
        one = self.one
        return self.deep * one.dx_mm, self.across * one.dy_mm, self.high * one.dz_mm


def loading_steps(places: Sequence[P]) -> tuple[LoadingStep[P], ...]:
    """Return every package of a container in exactly one step, steps in an order that keeps every prefix loadable.

    The next step starts at the place nearest to the front wall, then lowest, then farthest to the right, that can be
    filled now: so the door side and the left side of what is loaded stay in view. Places that wait for each other in
    a ring (no valid plan has any) become steps of one package in the order of the plan.

    Parameters
    ----------
    places
        What stands in one container, in any order.
    """
    return tuple(_Grouping(places).steps())


class _Grouping(Generic[P]):
    """Takes places block by block; an index stands for a place."""

    def __init__(self, places: Sequence[P]) -> None:
        self.places = places
        self.boxes = np.array([_box(one) for one in places], np.int32).reshape(len(places), 6)
        before = loaded_before(self.boxes)
        self.waits_for = [set(np.flatnonzero(column).tolist()) for column in before.T]
        self.kinds: list[Hashable] = [
            (one.consignment, one.package, getattr(one, "owner", None), one.dx_mm, one.dy_mm, one.dz_mm)
            for one in places
        ]
        self.at = {
            (kind, *_corner(one)): index for index, (kind, one) in enumerate(zip(self.kinds, places, strict=True))
        }
        self.rank = [(one.x_mm, one.z_mm, -one.y_mm - one.dy_mm, index) for index, one in enumerate(places)]
        self.left = set(range(len(places)))

    def steps(self) -> Iterator[LoadingStep[P]]:
        """Yield the steps."""
        number = 0
        while self.left:
            number += 1
            ready = [one for one in self.left if not self.waits_for[one] & self.left]
            if ready:
                grid, counts = self._block(min(ready, key=self.rank.__getitem__))
            else:
                grid, counts = [min(self.left, key=lambda one: self.places[one].step)], (1, 1, 1)
            self.left -= set(grid)
            held = tuple(sorted((self.places[one] for one in grid), key=lambda one: (one.x_mm, one.z_mm, one.y_mm)))
            low = self.boxes[grid, :3].min(axis=0).tolist()
            yield LoadingStep(
                number=number, places=held, deep=counts[0], across=counts[1], high=counts[2],
                x_mm=low[0], y_mm=low[1], z_mm=low[2],
            )  # fmt: skip

    def _block(self, seed: int) -> tuple[list[int], tuple[int, int, int]]:
        """Return the largest block with this place as its corner that can be loaded now, and its counts."""
        nearest = min(self.places[one].x_mm for one in self.left)
        found = [self._grown(seed, axes, nearest + FACE_MM) for axes in permutations(range(3))]
        return max(found, key=lambda one: len(one[0]))

    def _grown(self, seed: int, axes: tuple[int, ...], reach_mm: int) -> tuple[list[int], tuple[int, int, int]]:
        """Return the block that grows from a place as far as it can along one axis after the other."""
        counts = [1, 1, 1]
        block = [seed]
        for axis in axes:
            while True:
                side = [range(count) for count in counts]
                side[axis] = range(counts[axis], counts[axis] + 1)
                more = self._cells(seed, side, reach_mm)
                if not more or not set().union(*(self.waits_for[one] for one in more)) & self.left <= {*block, *more}:
                    break
                block += more
                counts[axis] += 1
        return block, (counts[0], counts[1], counts[2])

    def _cells(self, seed: int, side: Sequence[range], reach_mm: int) -> list[int]:
        """Return the places of a grid around a place: towards the door, to the left, up; empty unless all are there."""
        x, y, z, dx, dy, dz = self.boxes[seed].tolist()
        if x + (side[0][-1] + 1) * dx > reach_mm:
            return []
        grid = [(self.kinds[seed], x + i * dx, y - j * dy, z + k * dz) for i, j, k in product(*side)]
        cells = [self.at.get(corner, -1) for corner in grid]
        return cells if self.left.issuperset(cells) else []


def _corner(one: Place) -> tuple[int, int, int]:
    return one.x_mm, one.y_mm, one.z_mm


def _box(one: Place) -> tuple[int, int, int, int, int, int]:
    return *_corner(one), one.dx_mm, one.dy_mm, one.dz_mm
