"""How long planning may take: seconds for people, work for the searches."""

from optimizer.limits import Limits

DEFAULT_TIME_LIMIT_S = 120.0
"""Wall-clock seconds for planning and pricing the groups of members together, unless somebody chooses others."""

WORK_PER_SECOND = 1 / 6
"""Work that goes with a second of the time limit.

So little that the work ends a search long before the clock on a computer of our day, also a busy one: only then is
the answer the same on every computer and at every hour.
"""


def limits_of(time_limit_s: float) -> Limits:
    """Return the limits that go with a wall-clock limit in seconds, > 0."""
    return Limits(time_limit_s=time_limit_s, work_limit=time_limit_s * WORK_PER_SECOND)
