"""How few containers of one size hold goods that stay together: bounds for many groups at once, and packings.

References
----------
Martello, S., Toth, P. (1990). Lower bounds and reduction procedures for the bin packing problem. Discrete Applied
Mathematics 28, 59-70. https://doi.org/10.1016/0166-218X(90)90094-S (the bound, and the order of the search)
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

MOST_NODES = 100_000
"""Steps of the search for a better packing."""


class Containers:
    """Goods by owner, and containers of one size for them.

    Parameters
    ----------
    sizes
        Player -> size of its goods, which stay together, from 0 to `capacity`.
    capacity
        Size that one container holds.
    """

    def __init__(self, sizes: Mapping[str, int], capacity: int) -> None:
        self.players = tuple(sizes)
        self.sizes = np.array(list(sizes.values()), dtype=np.int64)
        self.capacity = capacity
        self._order = np.argsort(-self.sizes, kind="stable")

    def numbers(self, marks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return how many containers groups need at least and at most, a row for each.

        Parameters
        ----------
        marks
            A row for each group, a column for every player.
        """
        most = self._first_fit(marks)
        found: NDArray[np.int64] = np.column_stack((np.minimum(self._least(marks), most), most))
        return found

    def _first_fit(self, marks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the containers that are filled when the largest goods come first, each into the first with room."""
        rows = np.arange(len(marks))
        free = np.full((len(marks), int(marks.sum(axis=1).max(initial=0)) + 1), self.capacity, dtype=np.int64)
        opened = np.zeros(len(marks), dtype=np.int64)
        for player in self._order.tolist():
            here = rows[marks[:, player]]
            width = int(opened[here].max(initial=0)) + 1
            at = (free[here, :width] >= self.sizes[player]).argmax(axis=1)
            free[here, at] -= self.sizes[player]
            opened[here] = np.maximum(opened[here], at + 1)
        return opened

    def _least(self, marks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return the bound L2: whole containers for what is more than half, and for the sum of what fits beside."""
        sizes, capacity = self.sizes, self.capacity
        numbers = marks.astype(np.float64)
        large = sizes * 2 > capacity
        least = np.array(marks.any(axis=1), dtype=np.int64)
        for limit in sorted({0, *sizes[~large].tolist()}):
            alone = sizes > capacity - limit
            beside = large & ~alone
            small = ~large & (sizes >= limit)
            room = numbers @ np.where(beside, capacity - sizes, 0)
            over = np.maximum(numbers @ np.where(small, sizes, 0) - room, 0)
            whole = numbers @ (alone | beside).astype(np.float64) + np.ceil(over / capacity)
            np.maximum(least, whole.astype(np.int64), out=least)
        return least

    def packing(self, members: Sequence[str]) -> list[list[str]]:
        """Return containers with their owners for a group: the fewest that a search of limited length finds."""
        place = {player: at for at, player in enumerate(self.players)}
        goods = sorted((place[one] for one in members), key=lambda at: (-int(self.sizes[at]), at))
        marks = np.zeros((1, len(self.players)), dtype=np.bool_)
        marks[0, goods] = True
        search = _Search([int(self.sizes[at]) for at in goods], self.capacity, int(self._least(marks)[0]))
        filled = [[self.players[goods[item]] for item in container] for container in search.best()]
        return [sorted(one, key=place.__getitem__) for one in filled]


class _Search:
    """Depth first, the largest goods first, into the fullest container with room first."""

    def __init__(self, sizes: Sequence[int], capacity: int, least: int) -> None:
        self.sizes, self.capacity, self.least = sizes, capacity, least
        self.left = [0] * (len(sizes) + 1)
        for item in reversed(range(len(sizes))):
            self.left[item] = self.left[item + 1] + sizes[item]
        self.free: list[int] = []
        self.held: list[list[int]] = []
        self.found: list[list[int]] = [[item] for item in range(len(sizes))]
        self.nodes = 0

    def best(self) -> list[list[int]]:
        # A stack of its own: there may be more goods than Python has room for in calls.
        stack: list[tuple[int, list[int]]] = [(0, self._choices(0))] if self.sizes else []
        while stack and len(self.found) > self.least and self.nodes < MOST_NODES:
            item, choices = stack[-1]
            self._take_out(item)
            if not choices:
                stack.pop()
                continue
            self.nodes += 1
            self._put(item, choices.pop(0))
            if item + 1 == len(self.sizes):
                if len(self.held) < len(self.found):
                    self.found = [list(one) for one in self.held]
            elif len(self.held) + self._more(item + 1) < len(self.found):
                stack.append((item + 1, self._choices(item + 1)))
        return self.found

    def _more(self, item: int) -> int:
        """Return how many containers more the rest needs at least."""
        return max(0, -(-(self.left[item] - sum(self.free)) // self.capacity))

    def _choices(self, item: int) -> list[int]:
        """Return the containers to try, one of each room, and a new one where that may still be better."""
        size = self.sizes[item]
        by_room = {room: at for at, room in enumerate(self.free) if room >= size}
        choices = [by_room[room] for room in sorted(by_room)]
        exact = bool(by_room) and min(by_room) == size
        new = [] if exact or len(self.held) + 1 >= len(self.found) else [len(self.held)]
        return choices[:1] if exact else choices + new

    def _put(self, item: int, at: int) -> None:
        if at == len(self.held):
            self.held.append([])
            self.free.append(self.capacity)
        self.held[at].append(item)
        self.free[at] -= self.sizes[item]

    def _take_out(self, item: int) -> None:
        """Take an item out where it is in; nothing was put in after it."""
        for at, one in enumerate(self.held):
            if one[-1] == item:
                one.pop()
                self.free[at] += self.sizes[item]
                if not one:
                    self.held.pop(at)
                    self.free.pop(at)
                return
