"""Better choices for large parts: some containers are emptied, and what was in them is planned anew, exactly.

Large-neighbourhood search (Shaw 1998) on departures that lie close together: the rest of the choice stays as it is,
with what it has paid for already, so that each small problem is a part like any other.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from optimizer.consolidation.patterns import Column, Layout

SMALLEST, FIRST_SIZE, LARGEST = 10, 18, 50
"""Pieces that are planned anew at a time: fewest, at first, most."""

PATIENCE = 3
"""Attempts without success, for each container or lot of the choice, after which it counts as settled."""


class Around:
    """Chooses what is planned anew, larger and larger while that is easy.

    Parameters
    ----------
    seed
        Chooses where; the same seed and the same answers give the same choices.
    """

    def __init__(self, seed: int) -> None:
        self._draw = Random(seed)
        self._size = FIRST_SIZE
        self._failed = 0

    def settled(self, columns: Sequence[Column]) -> bool:
        """Say whether a choice has been tried around for long without success."""
        return len(columns) < 2 or self._failed > PATIENCE * len(columns) + 5

    def learn(self, *, better: bool, proven: bool) -> None:
        """Remember how planning anew went: whether a better choice was found, and whether it was proven best."""
        self._failed = 0 if better else self._failed + 1
        if not proven:
            self._size = max(SMALLEST, self._size - 2)
        elif self._draw.random() < 0.5:
            self._size = min(LARGEST, self._size + 1)

    def choose(self, layout: Layout, columns: Sequence[Column]) -> tuple[Column, ...]:
        """Return columns of a choice on departures close together, or with goods that could share departures."""
        draw = self._draw
        days = [layout.places[one.place].departure.departure.toordinal() for one in columns]
        # Containers draw what is near them more than loose lots do: they are where a better choice begins.
        weights = [one.mask.bit_count() for one in columns]
        seed = draw.choices(range(len(columns)), weights)[0]
        reach = _reach(layout, columns[seed].mask) if draw.random() < 0.5 else 0

        def distance(k: int) -> float:
            apart = abs(days[k] - days[seed]) + draw.uniform(0, 10)
            if reach:
                apart -= 10 * (_reach(layout, columns[k].mask) & reach).bit_count() / reach.bit_count()
            return apart

        chosen, held = [columns[seed]], columns[seed].mask.bit_count()
        for _, k in sorted((distance(k), k) for k in range(len(columns)) if k != seed):
            more = columns[k].mask.bit_count()
            if held + more <= self._size or held < SMALLEST:
                chosen.append(columns[k])
                held += more
            if held >= self._size:
                break
        return tuple(chosen)


def _reach(layout: Layout, mask: int) -> int:
    """Return the mask of the places that are open to any of these pieces."""
    return sum(1 << q for q, is_open in enumerate(layout.open) if is_open & mask)


def freed(layout: Layout, fixed: Sequence[Column], keep: Sequence[int]) -> tuple[Layout, tuple[int, ...]]:
    """Return the layout of some pieces, the others travelling as they do, and its places in the old numbering.

    What the others have paid for is free, price breaks begin where they have come, and limits are what they leave.
    """
    fired = {
        s
        for column in fixed
        for s, mask in layout.triggers_at[column.place]
        if column.mask & mask
    }
    triggers = tuple(
        replace(one, masks={}, cost=0) if s in fired else one for s, one in enumerate(layout.triggers)
    )
    lines = [sum(s in fired for s in one.triggers) for one in layout.counters]
    for column in fixed:
        for c, more in layout.counted(column):
            lines[c] += more
    counters = tuple(
        replace(one, totals=tuple(total - one.totals[n] for total in one.totals[n:]))
        for one, n in zip(layout.counters, lines, strict=True)
    )
    limits = {
        q: most - sum(column.place == q for column in fixed) for q, most in layout.limits.items()
    }
    inside = sum(1 << i for i in keep)
    places = tuple(q for q, is_open in enumerate(layout.open) if is_open & inside)
    left = replace(layout, triggers=triggers, counters=counters, limits=limits)
    return left.restricted(keep), places
