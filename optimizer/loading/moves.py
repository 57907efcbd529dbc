"""Moves that change where the mass of a load is and leave its parts as they are; whether rules allow them is not asked.

What stands in a part keeps its support by construction when the part reaches the floor and the top of the load; all
other rules, and other parts, are for `Standing` to check.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from optimizer.loading.parts import Parts
from optimizer.loading.standing import Floats, Ints, Rows, Standing, X, Y, Z

MOST_DIVIDED = 120
"""Parts, the heaviest, whose slices change places."""
MOST_APART = 8
"""Slices that lie between two which change places, and one."""

MIRRORS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)])
"""Along which axes a part is mirrored."""

Excess = Callable[[Floats], Floats]
"""What is to be made less, given centres of gravity (rows of x, y, z in mm)."""


class Move(NamedTuple):
    """What the excess would be after a move, and how it is made."""

    excess: float
    made: Callable[[Rows], Rows]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A load with its parts: mass and moment (g mm) of each package and part, and the centre of gravity."""

    rows: Rows
    parts: Parts
    mass_g: Floats
    part_mass_g: Floats
    part_moment: Floats
    centre_mm: Floats

    @classmethod
    def of(cls, rows: Rows, parts: Parts, standing: Standing) -> "Weighed":
        """Weigh a load and its parts."""
        mass = standing.mass_g[rows[:, 0]]
        moment = mass[:, None] * middles(rows)
        return cls(rows, parts, mass, parts.member @ mass, parts.member @ moment, moment.sum(axis=0) / mass.sum())

    def after(self, moment: Floats) -> Floats:
        """Return the centres of gravity after changes of the moment."""
        return self.centre_mm + moment / self.mass_g.sum()


def middles(rows: Rows) -> Floats:
    """Return the middle of each package, mm."""
    return np.asarray(rows[:, 1:4] + rows[:, 4:7] / 2)


def mirrored(one: Weighed, excess: Excess) -> Iterator[Move]:
    """Yield every part mirrored along x, along y, or both."""
    none = np.zeros_like(one.parts.low_mm)
    for mirror in MIRRORS[1:]:
        yield from _turned(one, excess, mirror, none, np.arange(len(none)))


def pushed(one: Weighed, excess: Excess) -> Iterator[Move]:
    """Yield every part, mirrored or not, pushed along x or y as far as it goes."""
    parts = one.parts
    for axis in (X, Y):
        for way in (parts.from_mm - parts.low_mm, parts.to_mm - parts.high_mm):
            push = np.zeros_like(way)
            push[:, axis] = way[:, axis]
            for mirror in MIRRORS:
                yield from _turned(one, excess, mirror, push, np.flatnonzero(way[:, axis]))


def _turned(one: Weighed, excess: Excess, mirror: Ints, push: Ints, which: Ints) -> Iterator[Move]:
    mass, span = one.part_mass_g[:, None], one.parts.low_mm + one.parts.high_mm
    left = excess(one.after(mirror * (mass * span - 2 * one.part_moment) + mass * push))
    for part in which:
        yield Move(float(left[part]), partial(_turn, one.parts, part, mirror, push[part]))


def _turn(parts: Parts, part: int, mirror: Ints, push: Ints, rows: Rows) -> Rows:
    made, these = rows.copy(), parts.member[part]
    far = parts.low_mm[part] + parts.high_mm[part] - rows[these, 1:4] - rows[these, 4:7]
    made[these, 1:4] = np.where(mirror, far, rows[these, 1:4]) + push
    return made


def reordered(one: Weighed, excess: Excess) -> Iterator[Move]:
    """Yield every part with two of the slices that no package crosses, along x or y, in each other's place."""
    for part in np.argsort(-one.part_mass_g, kind="stable")[:MOST_DIVIDED]:
        these = np.flatnonzero(one.parts.member[part])
        for axis in (X, Y):
            low, high = one.rows[these, 1 + axis], one.rows[these, 1 + axis] + one.rows[these, 4 + axis]
            order = np.argsort(low, kind="stable")
            begins = np.concatenate([[True], low[order][1:] >= np.maximum.accumulate(high[order])[:-1]])
            number = int(begins.sum())
            inside = np.empty(len(these), np.int64)
            inside[order] = np.cumsum(begins) - 1
            edges = np.append(low[order][begins], one.parts.high_mm[part, axis]).astype(np.int64)
            mass = np.bincount(inside, one.mass_g[these], number)
            for first in range(number):
                for last in range(first + 1, min(number, first + MOST_APART + 1)):
                    by = _exchange(edges, first, last)
                    moment = np.zeros(3)
                    moment[axis] = mass @ by
                    yield Move(float(excess(one.after(moment))), partial(_slide, these, axis, by[inside]))


def _exchange(edges: Ints, first: int, last: int) -> Ints:
    """Return by how much each slice moves when two of them change places."""
    long, between, short = (
        edges[first + 1] - edges[first],
        edges[last] - edges[first + 1],
        edges[last + 1] - edges[last],
    )
    by = np.zeros(len(edges) - 1, np.int64)
    by[first], by[last] = between + short, -(long + between)
    by[first + 1 : last] = short - long
    return by


def _slide(these: Ints, axis: int, by: Ints, rows: Rows) -> Rows:
    made = rows.copy()
    made[these, 1 + axis] += by.astype(np.int32)
    return made


def exchanged(one: Weighed, excess: Excess) -> Iterator[Move]:
    """Yield every two parts, apart from each other, in each other's place where there may be room."""
    parts = one.parts
    size, room = parts.high_mm - parts.low_mm, parts.to_mm - parts.from_mm
    fits = (size[:, None] <= room[None]).all(axis=2)
    # As floats: only these are multiplied fast.
    member = parts.member.astype(np.float32)
    first, other = np.nonzero(np.triu(fits & fits.T & (member @ member.T == 0), 1))
    there, here = (_room_for(size[a], parts, b) for a, b in ((first, other), (other, first)))
    away, back = there - parts.low_mm[first], here - parts.low_mm[other]
    moment = away * one.part_mass_g[first, None] + back * one.part_mass_g[other, None]
    left = excess(one.after(moment))
    for pair in range(len(first)):
        made = partial(_swap, parts.member[first[pair]], away[pair], parts.member[other[pair]], back[pair])
        yield Move(float(left[pair]), made)


def _room_for(size: Ints, parts: Parts, place: Ints) -> Ints:
    """Return the low corners at which parts of these sizes would stand in the places of others."""
    corner = np.clip(parts.low_mm[place], parts.from_mm[place], parts.to_mm[place] - size)
    corner[:, Z] = parts.low_mm[place, Z]
    return np.asarray(corner)


def _swap(one: Ints, away: Ints, other: Ints, back: Ints, rows: Rows) -> Rows:
    made = rows.copy()
    made[one, 1:4] += away.astype(np.int32)
    made[other, 1:4] += back.astype(np.int32)
    return made
