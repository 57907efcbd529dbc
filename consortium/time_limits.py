"""How long planning may take: seconds for people, work for the searches."""

from optimizer.limits import Limits

DEFAULT_TIME_LIMIT_S = 240.0
"""Wall-clock seconds for planning and pricing the groups of members together, unless somebody chooses others."""

DEFAULT_WORK_LIMIT = 20.0
"""Work that goes with it.

So little that the work ends a search long before the clock on a computer of our day, also a busy one: only then is
the answer the same on every computer and at every hour. A shorter time leaves the work as it is.
"""


def limits_of(time_limit_s: float) -> Limits:
    """Return the limits that go with a wall-clock limit in seconds, > 0."""
    work = DEFAULT_WORK_LIMIT * max(1.0, time_limit_s / DEFAULT_TIME_LIMIT_S)
    return Limits(time_limit_s=time_limit_s, work_limit=work)


DEFAULT_LOAD_TIME_LIMIT_S = 20.0
"""Wall-clock seconds for a load plan, unless somebody chooses others."""


def load_limits_of(time_limit_s: float) -> Limits:
    """Return the limits of loading that go with a wall-clock limit in seconds, > 0.

    The work is half of it, so that on a computer that is not too busy the work ends the search, the same way each time.
    """
    return Limits(time_limit_s=time_limit_s, work_limit=time_limit_s / 2)
