"""What a search of a part may still use, and what its column generation has proven so far."""

import time
from dataclasses import dataclass

from optimizer.consolidation.lots import EndedBy
from optimizer.consolidation.prices import SCALE, Prices
from optimizer.limits import ShouldStop
from optimizer.units import ceil_division

WORK_PER_CELL = 1e-9
"""Deterministic work of one cell or node of the pricing problem, roughly seconds."""

FIRST_NODES = 300
"""Nodes searched for one container at first; more only where the linear master would end otherwise."""

WORK_PER_VARIANT = 5e-6
"""Deterministic work of looking at one variant, roughly seconds."""

WORK_PER_PIVOT = 3e-5
"""Deterministic work of one simplex iteration, roughly seconds."""


@dataclass
class Budget:
    """What is left of a search: deterministic work, the clock, and whether somebody asked to stop."""

    work: float
    deadline: float
    seed: int
    should_stop: ShouldStop
    ended_by: EndedBy = "proof"

    def spend(self, work: float) -> None:
        """Take off work done."""
        self.work -= work

    def over(self) -> bool:
        """Say whether the search must end, and remember why."""
        if self.ended_by != "proof":
            return True
        if self.should_stop():
            self.ended_by = "stopped"
        elif time.monotonic() > self.deadline:
            self.ended_by = "time_limit"
        elif self.work <= 0:
            self.ended_by = "work_limit"
        return self.ended_by != "proof"

    def share(self, part: float) -> "Budget":
        """Return a budget of a part of what is left, from 0 to 1, of work and of time; what it uses is to be spent."""
        now = time.monotonic()
        return Budget(self.work * part, now + max(0.0, self.deadline - now) * part, self.seed, self.should_stop)


@dataclass(frozen=True, slots=True)
class Generated:
    """What column generation made of a node: prices, the bound that they prove, and whether it came to its end."""

    bound_scaled: int
    prices: Prices | None
    finished: bool

    @property
    def bound(self) -> int:
        """Return the bound in minor units, rounded up as costs are whole."""
        return ceil_division(self.bound_scaled, SCALE)
