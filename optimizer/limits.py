"""How long a search may go on, and what it tells while it runs."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one search.

    Parameters
    ----------
    time_limit_s
        Wall-clock seconds, > 0; a safety net: an answer cut short by it may differ from run to run.
    work_limit
        Deterministic work units, > 0, roughly seconds of one core; ends a search the same way on every machine.
    """

    time_limit_s: float = 60.0
    work_limit: float = 60.0

    def __post_init__(self) -> None:
        if self.time_limit_s <= 0 or self.work_limit <= 0:
            raise ValueError(f"limits: expected > 0, found {self.time_limit_s} s and {self.work_limit}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a running search knows so far: a stage name, the best cost and the best bound (None: none yet)."""

    stage: str
    cost_minor: int | None = None
    lower_bound_minor: int | None = None
    done_permille: int = 0


OnProgress = Callable[[Progress], None]
ShouldStop = Callable[[], bool]


def ignore_progress(progress: Progress) -> None:
    """Do nothing with a progress message."""


def seldom(on_progress: OnProgress, interval_s: float = 0.1) -> OnProgress:
    """Return what passes the first progress message on at once, and others only so long after the last one."""
    last = float("-inf")

    def tell(progress: Progress) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= interval_s:
            last = now
            on_progress(progress)

    return tell


def never_stop() -> bool:
    """Say that nobody asked to stop."""
    return False
