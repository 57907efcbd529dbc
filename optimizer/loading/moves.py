"""Moves that change where the mass of a load is and leave its parts as they are; whether rules allow them is not asked.

What stands in a part keeps its support by construction when the part reaches the floor and the top of the load; all
other rules, and other parts, are for `Standing` to check.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from optimizer.limits import ShouldStop, never_stop
from optimizer.loading.parts import Parts
from optimizer.loading.standing import Bools, Floats, Ints, Rows, Standing, X, Y, Z

MOST_DIVIDED = 120
"""Parts, the heaviest, whose slices change places."""
MOST_APART = 8
"""Slices that lie between two which change places, and one."""

MIRRORS = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)])
"""Along which axes a part is mirrored."""

MOST_MOVED = 3_000
"""Places elsewhere, the best, that are looked at for free room."""

LOOKED_AT = 300
"""So many of them at a time, between looks at whether to stop."""

ON_TOP = Z
PLACES = [(where, far_x, far_y) for far_x in (False, True) for far_y in (False, True) for where in (ON_TOP, X, Y)]
"""Places by a package: on its top or beside it along x or y, flush with its far or near sides along x and y."""

HALF_BORNE = 0.5
"""Part of the base under which there is something, lest hopeless places be looked at closely."""

Excess = Callable[[Floats], Floats]
"""What is to be made less, given centres of gravity (rows of x, y, z in mm)."""


class Move(NamedTuple):
    """What the excess would be after a move, and how it is made."""

    excess: float
    made: Callable[[Rows], Rows]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A load with its parts: mass and moment (g mm) of each package and part, centre of gravity, middle of the room.

    Kinds of moves that take long end early when `should_stop` says so.
    """

    rows: Rows
    parts: Parts
    mass_g: Floats
    part_mass_g: Floats
    part_moment: Floats
    centre_mm: Floats
    middle_mm: Floats
    excess: Excess
    least: float
    should_stop: ShouldStop

    @classmethod
    def of(
        cls, rows: Rows, parts: Parts, standing: Standing, excess: Excess, least: float,
        should_stop: ShouldStop = never_stop,
    ) -> "Weighed":  # fmt: skip
        """Weigh a load and its parts; only moves that leave less than `least` of the excess are wanted."""
        mass = standing.mass_g[rows[:, 0]]
        moment = mass[:, None] * middles(rows)
        centre = moment.sum(axis=0) / mass.sum()
        part_mass, part_moment = parts.member @ mass, parts.member @ moment
        middle = standing.size_mm / 2
        return cls(rows, parts, mass, part_mass, part_moment, centre, middle, excess, least, should_stop)

    def wanted(self, moment: Floats, allowed: Bools | bool = True) -> Iterator[tuple[int, float]]:
        """Yield which changes of the moment, a row each, are allowed and leave little excess, and how much."""
        left = np.where(allowed, self.excess(self.centre_mm + moment / self.mass_g.sum()), np.inf)
        for one in np.flatnonzero(left < self.least).tolist():
            yield one, float(left[one])


def middles(rows: Rows) -> Floats:
    """Return the middle of each package, mm."""
    return np.asarray(rows[:, 1:4] + rows[:, 4:7] / 2)


def mirrored(one: Weighed) -> Iterator[Move]:
    """Yield every part mirrored along x, along y, or both."""
    none = np.zeros_like(one.parts.low_mm)
    for mirror in MIRRORS[1:]:
        yield from _turned(one, mirror, none)


def pushed(one: Weighed) -> Iterator[Move]:
    """Yield every part pushed along x or y as far as it goes, mirrored or not, or just as far as balances the load."""
    parts, none = one.parts, np.zeros_like(MIRRORS[0])
    balancing = (one.middle_mm - one.centre_mm) * one.mass_g.sum() / np.maximum(one.part_mass_g, 1)[:, None]
    just = np.round(np.clip(balancing, parts.from_mm - parts.low_mm, parts.to_mm - parts.high_mm)).astype(np.int64)
    for axis in (X, Y):
        for way in (parts.from_mm - parts.low_mm, parts.to_mm - parts.high_mm):
            push = np.zeros_like(way)
            push[:, axis] = way[:, axis]
            for mirror in MIRRORS:
                yield from _turned(one, mirror, push)
        push = np.zeros_like(just)
        push[:, axis] = just[:, axis]
        yield from _turned(one, none, push)


def _turned(one: Weighed, mirror: Ints, push: Ints) -> Iterator[Move]:
    mass, span = one.part_mass_g[:, None], one.parts.low_mm + one.parts.high_mm
    for part, left in one.wanted(mirror * (mass * span - 2 * one.part_moment) + mass * push, ~one.parts.bears):
        yield Move(left, partial(_turn, one.parts, part, mirror, push[part]))


def _turn(parts: Parts, part: int, mirror: Ints, push: Ints, rows: Rows) -> Rows:
    made, these = rows.copy(), parts.member[part]
    far = parts.low_mm[part] + parts.high_mm[part] - rows[these, 1:4] - rows[these, 4:7]
    made[these, 1:4] = np.where(mirror, far, rows[these, 1:4]) + push
    return made


def reordered(one: Weighed) -> Iterator[Move]:
    """Yield every part with two of the slices that no package crosses, along x or y, in each other's place."""
    for part in np.argsort(-one.part_mass_g, kind="stable")[:MOST_DIVIDED]:
        if one.should_stop():
            return
        these = np.flatnonzero(one.parts.member[part])
        for axis in (X, Y):
            low, high = one.rows[these, 1 + axis], one.rows[these, 1 + axis] + one.rows[these, 4 + axis]
            order = np.argsort(low, kind="stable")
            begins = np.concatenate([[True], low[order][1:] >= np.maximum.accumulate(high[order])[:-1]])
            number = int(begins.sum())
            inside = np.empty(len(these), np.int64)
            inside[order] = np.cumsum(begins) - 1
            edges = np.append(low[order][begins], one.parts.high_mm[part, axis]).astype(np.int64)
            pairs = [(i, j) for i in range(number) for j in range(i + 1, min(number, i + MOST_APART + 1))]
            if not pairs:
                continue
            by = np.array([_exchange(edges, *pair) for pair in pairs])
            moment = np.zeros((len(pairs), 3))
            moment[:, axis] = by @ np.bincount(inside, one.mass_g[these], number)
            for pair, left in one.wanted(moment):
                yield Move(left, partial(_slide, these, axis, by[pair][inside]))


def _exchange(edges: Ints, first: int, last: int) -> Ints:
    """Return by how much each slice moves when two of them change places."""
    one, between, other = edges[first + 1] - edges[first], edges[last] - edges[first + 1], edges[last + 1] - edges[last]
    by = np.zeros(len(edges) - 1, np.int64)
    by[first], by[last] = between + other, -(one + between)
    by[first + 1 : last] = other - one
    return by


def _slide(these: Ints, axis: int, by: Ints, rows: Rows) -> Rows:
    made = rows.copy()
    made[these, 1 + axis] += by.astype(np.int32)
    return made


def exchanged(one: Weighed) -> Iterator[Move]:
    """Yield every two parts, apart from each other, in each other's place where there may be room."""
    parts = one.parts
    size, room = parts.high_mm - parts.low_mm, parts.to_mm - parts.from_mm
    fits = (size[:, None] <= room[None]).all(axis=2) & ~(parts.bears[:, None] | parts.bears)
    fits |= (size[:, None] == size[None]).all(axis=2)
    # As floats: only these are multiplied fast.
    member = parts.member.astype(np.float32)
    first, other = np.nonzero(np.triu(fits & fits.T & (member @ member.T == 0), 1))
    there, here = (_room_for(size[a], parts, b) for a, b in ((first, other), (other, first)))
    away, back = there - parts.low_mm[first], here - parts.low_mm[other]
    for pair, left in one.wanted(away * one.part_mass_g[first, None] + back * one.part_mass_g[other, None]):
        shifts = ((parts.member[first[pair]], away[pair]), (parts.member[other[pair]], back[pair]))
        yield Move(left, partial(_shift, shifts))


def _room_for(size: Ints, parts: Parts, place: Ints) -> Ints:
    """Return the low corners at which parts of these sizes would stand in the places of others."""
    corner = np.clip(parts.low_mm[place], parts.from_mm[place], parts.to_mm[place] - size)
    corner[:, Z] = parts.low_mm[place, Z]
    return np.asarray(corner)


def _shift(shifts: tuple[tuple[Bools, Ints], ...], rows: Rows) -> Rows:
    made = rows.copy()
    for these, by in shifts:
        made[these, 1:4] += by.astype(np.int32)
    return made


def moved(one: Weighed) -> Iterator[Move]:
    """Yield every part put on the floor or on a package elsewhere, flush with it, where room is free."""
    parts, rows = one.parts, one.rows
    low, high = rows[:, 1:4].astype(np.int64), (rows[:, 1:4] + rows[:, 4:7]).astype(np.int64)
    size = parts.high_mm - parts.low_mm
    left = np.full((len(size), len(PLACES), len(rows)), np.inf)
    for place in range(len(PLACES)):
        if one.should_stop():
            return
        by = _corner(place, low, high, size[:, None]) - parts.low_mm[:, None]
        left[:, place] = one.excess(one.centre_mm + by * one.part_mass_g[:, None, None] / one.mass_g.sum())
    left[parts.bears] = np.inf
    best = np.flatnonzero(left < one.least)
    best = best[np.argsort(left.ravel()[best], kind="stable")][:MOST_MOVED]
    for start in range(0, len(best), LOOKED_AT):
        if one.should_stop():
            return
        part, places, beside = np.unravel_index(best[start : start + LOOKED_AT], left.shape)
        at = np.empty((len(part), 3), np.int64)
        for each in np.unique(places):
            these = places == each
            at[these] = _corner(int(each), low[beside[these]], high[beside[these]], size[part[these]])
        for free in _free(parts, part, at, low, high).tolist():
            shift = parts.member[part[free]], at[free] - parts.low_mm[part[free]]
            yield Move(float(left[part[free], places[free], beside[free]]), partial(_shift, (shift,)))


def _free(parts: Parts, part: Ints, at: Ints, low: Ints, high: Ints) -> Ints:
    """Return which of these parts, put at these corners, meet no other package and stand on something."""
    size = (parts.high_mm - parts.low_mm)[part]
    others = ~parts.member[part]
    over = np.maximum(np.minimum(high, (at + size)[:, None]) - np.maximum(low, at[:, None]), 0)
    area = over[:, :, X] * over[:, :, Y]
    met = (others & (area > 0) & (over[:, :, Z] > 0)).any(axis=1)
    rests = np.where(others & (high[:, Z] == at[:, Z, None]), area, 0).sum(axis=1)
    borne = (at[:, Z] == 0) | (rests >= HALF_BORNE * size[:, X] * size[:, Y])
    return np.flatnonzero(~met & borne)


def _corner(place: int, low: Ints, high: Ints, size: Ints) -> Ints:
    """Return where parts of these sizes would have their low corners in a place of `PLACES` by packages."""
    where, far_x, far_y = PLACES[place]
    found = np.empty(np.broadcast_shapes(low.shape, size.shape), np.int64)
    found[..., X] = high[..., X] - size[..., X] if far_x else low[..., X]
    found[..., Y] = high[..., Y] - size[..., Y] if far_y else low[..., Y]
    found[..., Z] = high[..., Z] if where == ON_TOP else low[..., Z]
    if where != ON_TOP:
        low_side, high_side = low[..., where] - size[..., where], high[..., where]
        found[..., where] = high_side if (far_x, far_y)[where] else low_side
    return found
