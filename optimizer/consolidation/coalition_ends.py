"""Intervals of coalitions narrowed by those of others: a part of it, two apart, a larger one less the difference."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.consolidation.bounds import connected
from optimizer.consolidation.coalition_search import Drawn, Known, PartOfGame
from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.patterns import Column, Fee, Layout, bits

TRIED = 8
"""Pairs of groups apart that are looked at where limits may forbid both."""


def draw_ends(part: PartOfGame, known: dict[int, Known]) -> Iterator[Drawn]:
    """Narrow the intervals of sets that are not closed by those of others, and yield what was narrowed.

    A set costs at most what two sets apart cost together; at least what it costs without some player, and that
    player's goods as little as they can; and at least what a larger set costs less what the difference costs.
    """
    if any(not one.proven for one in known.values()):
        yield from _Ends(part, known).draw()


class _Ends:
    """The coalitions of the players of a part; bit k of a mask is its k-th player."""

    def __init__(self, part: PartOfGame, known: dict[int, Known]) -> None:
        self.part = part
        self.known = known
        size = 1 << len(part.present)
        self.pieces = [0] * size
        for mask in range(1, size):
            low = mask & -mask
            self.pieces[mask] = self.pieces[mask ^ low] | part.pieces_of[part.present[low.bit_length() - 1]]
        self.sets = [connected(part.near, pieces) for pieces in self.pieces]
        held = [[known[one] for one in sets] for sets in self.sets]
        self.upper = np.array([sum(one.upper for one in row) for row in held], dtype=np.int64)
        self.lower = np.array([sum(one.lower for one in row) for row in held], dtype=np.int64)
        self.free = np.array([all(part.is_free(one.columns) for one in row) for row in held])

    def draw(self) -> Iterator[Drawn]:
        """Narrow from small to large by parts, then from large to small by differences."""
        open_ = [mask for mask, sets in enumerate(self.sets) if len(sets) == 1 and not self.known[sets[0]].proven]
        for mask in sorted(open_, key=lambda one: (one.bit_count(), one)):
            yield from self._from_two(mask)
            if self.part.monotone:
                yield from self._from_fewer(mask)
        if self.part.subadditive:
            for mask in sorted(open_, key=lambda one: (-one.bit_count(), one)):
                yield from self._from_more(mask)

    def _from_two(self, mask: int) -> Iterator[Drawn]:
        some = _submasks(mask)[1:-1]
        apart = self.upper[some] + self.upper[mask ^ some]
        for at in np.argsort(apart, kind="stable")[:TRIED]:
            if apart[at] >= self.upper[mask]:
                return
            columns = (*self._columns(int(some[at])), *self._columns(mask ^ int(some[at])))
            if self.part.fits(columns):
                total = self.part.layout.total(columns)
                yield self._drawn("union", mask, int(self.upper[mask]), total)
                self.upper[mask] = total
                self.free[mask] = self.part.is_free(columns)
                self._note(mask, columns)
                return

    def _from_fewer(self, mask: int) -> Iterator[Drawn]:
        least = 0
        for bit in bits(mask):
            gone = self.pieces[1 << bit]
            least = max(least, int(self.lower[mask ^ 1 << bit]) + sum(self.part.own[i] for i in bits(gone)))
        yield from self._raised("subset", mask, least)

    def _from_more(self, mask: int) -> Iterator[Drawn]:
        more = _submasks(len(self.upper) - 1 & ~mask)[1:]
        more = more[self.free[more]]
        if len(more):
            yield from self._raised("union", mask, int((self.lower[mask | more] - self.upper[more]).max()))

    def _raised(self, kind: str, mask: int, least: int) -> Iterator[Drawn]:
        least = min(least, int(self.upper[mask]))
        if least > self.lower[mask]:
            yield self._drawn(kind, mask, int(self.lower[mask]), least)
            self.lower[mask] = least
            self._note(mask)

    def _columns(self, mask: int) -> tuple[Column, ...]:
        return tuple(column for one in self.sets[mask] for column in self.known[one].columns)

    def _drawn(self, kind: str, mask: int, before: int, after: int) -> Drawn:
        return Drawn(kind, self.pieces[mask], before, after)

    def _note(self, mask: int, columns: tuple[Column, ...] | None = None) -> None:
        now = self.known[self.pieces[mask]]
        upper, lower = int(self.upper[mask]), int(self.lower[mask])
        self.known[self.pieces[mask]] = replace(
            now, upper=upper, lower=min(lower, upper), columns=columns or now.columns,
            how="drawn" if lower >= upper else now.how,
        )  # fmt: skip


def cut_costs(layout: Layout, columns: Iterable[Column], present: npt.NDArray[np.bool_]) -> Ints:
    """Return what patterns cost without what is not there: one amount for each row of `present`, by piece."""
    total = np.zeros(len(present), dtype=np.int64)
    fired = np.zeros((len(layout.triggers), len(present)), dtype=bool)
    lines = np.zeros((len(layout.counters), len(present)), dtype=np.int64)
    for column in columns:
        held, q = list(bits(column.mask)), column.place
        total += present[:, held] @ layout.cost[held, q]
        mass = present[:, held] @ layout.masses[held]
        kind = layout.places[q].container_type

        def met(mask: int, held: list[int] = held) -> npt.NDArray[np.bool_]:
            return present[:, [i for i in held if mask >> i & 1]]

        def due(fee: Fee, mass: Ints = mass, tare: int = kind.tare_g if kind else 0) -> npt.NDArray[np.bool_]:
            over = mass >= 0 if fee.over_g is None else mass + tare > fee.over_g
            return np.asarray(met(fee.mask).any(axis=1) & over)

        for fee in layout.fees[q]:
            total += due(fee) * fee.amount
        for s, mask in layout.triggers_at[q]:
            fired[s] |= met(mask).any(axis=1)
        for c, counter in enumerate(layout.counters):
            lines[c] += met(counter.lots.get(q, 0)).sum(axis=1)
            if q in counter.boxes:
                lines[c] += due(counter.boxes[q])
    for s, trigger in enumerate(layout.triggers):
        total += fired[s] * trigger.cost
    for c, counter in enumerate(layout.counters):
        number = lines[c] + fired[list(counter.triggers)].sum(axis=0)
        total += np.array(counter.totals, dtype=np.int64)[number]
    return total


def _submasks(mask: int) -> Ints:
    """Return every part of a mask, none and all of it included, the empty one first and the full one last."""
    found = np.zeros(1, dtype=np.int64)
    for bit in bits(mask):
        found = np.concatenate([found, found | 1 << bit])
    return found
