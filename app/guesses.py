"""Slows down whoever guesses passwords: each wrong guess at a name, or from an address, makes the next wait longer."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

FREE_GUESSES_PER_NAME = 5
"""Wrong passwords for one name before waiting begins; typing errors cost nothing."""

FREE_GUESSES_PER_ADDRESS = 20
"""Wrong passwords from one address before waiting begins; an office shares one."""

FIRST_DELAY_S = 2.0
LONGEST_DELAY_S = 300.0
"""A delay doubles up to this; short enough that nobody can be locked out for long by a stranger."""

FORGOTTEN_AFTER_S = 3600.0
MOST_REMEMBERED = 20_000


@dataclass(slots=True)
class _Count:
    guesses: int = 0
    last_at: float = 0.0
    open_at: float = 0.0


class GuessLimiter:
    """Counts guesses by name and by address, in the memory of this process.

    Parameters
    ----------
    clock
        Seconds that only grow; tests bring their own.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def ask(self, name: str, address: str) -> float:
        """Return how many seconds to wait; 0 means go, and counts as a wrong guess until `right` is called.

        Counting first keeps a hundred guesses at once from passing together.
        """
        with self._lock:
            now = self._clock()
            name_count, address_count = self._count("name", name, now), self._count("address", address, now)
            wait_s = max(name_count.open_at, address_count.open_at) - now
            if wait_s > 0:
                return wait_s
            self._add(name_count, FREE_GUESSES_PER_NAME, now)
            self._add(address_count, FREE_GUESSES_PER_ADDRESS, now)
            return 0.0

    def right(self, name: str, address: str) -> None:
        """Forget the guesses at a name, and the one that `ask` counted for the address: the password was right."""
        with self._lock:
            self._counts.pop(("name", name), None)
            count = self._counts.get(("address", address))
            if count is not None and count.guesses > 0:
                count.guesses -= 1
                if count.guesses < FREE_GUESSES_PER_ADDRESS:
                    count.open_at = 0.0

    def _count(self, kind: str, key: str, now: float) -> _Count:
        count = self._counts.setdefault((kind, key), _Count())
        self._counts.move_to_end((kind, key))
        if now - count.last_at > FORGOTTEN_AFTER_S:
            count.guesses, count.open_at = 0, 0.0
        while len(self._counts) > MOST_REMEMBERED:
            self._counts.popitem(last=False)
        return count

    @staticmethod
    def _add(count: _Count, free: int, now: float) -> None:
        count.guesses += 1
        count.last_at = now
        over = count.guesses - free
        if over >= 0:
            count.open_at = now + min(FIRST_DELAY_S * 2.0 ** min(over, 20), LONGEST_DELAY_S)
