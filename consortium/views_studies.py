"""What pages see of questions about cost shares; amounts in minor units, members by code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeView:
    """Shares, or why there are none; cost, gap and the shares of others are left out for a member."""

    cost_minor: int | None
    gap_ppm: int | None
    shares_minor: Mapping[str, int]
    alone_minor: Mapping[str, int]
    unplanned: tuple[str, ...]
    missing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoiningView:
    """Who pays more because a member joined, and shares in which nobody does.

    Parameters
    ----------
    over_alone_minor
        What the newcomer would pay more than alone if it bore the gap: positive makes the correction impossible.
    some_way
        Whether any shares at all would do; None where the newcomer's cost alone is not known.
    """

    newcomer: str
    changes_minor: Mapping[str, int]
    worse_off_minor: Mapping[str, int]
    corrected_minor: Mapping[str, int]
    gap_minor: int
    over_alone_minor: int | None
    is_possible: bool
    some_way: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VariationView:
    """A charge (`kind` ``charge``) or a member's volume (``member``) that moved, and what came of it."""

    kind: str
    name: str
    permille: int
    volume_permille: int | None
    after: OutcomeView


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodView:
    """What one rule charges and promises, and what is proven of it; no verdict where no group was priced.

    Parameters
    ----------
    promises
        Property -> when it holds (`optimizer.allocation.registry.Promise`); empty for rules that measure goods.
    degenerates
        Whether it looks at marginal costs only, which say little with whole containers.
    """

    rule: str
    status: str
    reason: str
    shares_minor: Mapping[str, int]
    above_alone: tuple[str, ...]
    verdict: str
    core_empty: str
    largest_excess_minor: int | None
    worst_coalition: tuple[str, ...]
    promises: Mapping[str, str]
    degenerates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyView:
    """A question with its state and, when it is worked out, its answer: what does not belong to it is empty.

    Parameters
    ----------
    is_current
        Whether it is about the plan in force.
    complete
        False when it was stopped before all of it was done.
    """

    id: int
    kind: str
    currency: str
    names: Mapping[str, str]
    charge_names: Mapping[str, str]
    member: str
    days: int
    percent: int
    state: str
    stage: str
    done_permille: int
    cancel_requested: bool
    is_current: bool
    created_at: datetime
    complete: bool = True
    rule: str = ""
    before: OutcomeView | None = None
    after: OutcomeView | None = None
    volume_permille: int | None = None
    joinings: tuple[JoiningView, ...] = ()
    variations: tuple[VariationView, ...] = ()
    methods: tuple[MethodView, ...] = ()
    alone_minor: Mapping[str, int] = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    unions: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyChoicesView:
    """What may be asked about the plan in force: members that it charges, newcomers that wait, charges, by code."""

    members: Mapping[str, str]
    newcomers: Mapping[str, str]
    charges: Mapping[str, str]
