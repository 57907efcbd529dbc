"""What every group of members would pay for its own shipment: the cost game of a plan.

c(S) is the least cost of the same problem with only the consignments of S that the plan carries, under the
same charges. Containers are priced by volume, as full as the plan's own or as the usable volume, whichever is more;
whether those of a group would load is not tried. The cost of all together is that of the plan. Groups fall apart into
sets of consignments that have nothing to do with each other; each such set is searched once, with one pool of patterns
for all.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.certificate_many import MOST_IN_TABLE
from optimizer.consolidation.coalitions import Coalitions
from optimizer.consolidation.lots import EndedBy, Improved, LotPlan
from optimizer.cost_game import CostGame
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop
from optimizer.planning import assemble
from optimizer.problem import MEASURING_KEYS, ConsolidationProblem, ContainerType
from optimizer.result import ShipmentPlan
from optimizer.runner import Runner

MOST_MEMBERS = MOST_IN_TABLE
"""Members up to which every coalition is priced."""

STAGE = "coalitions"
"""Name of this stage in progress messages."""


class TooManyMembers(ValueError):  # noqa: N818 (a value that callers show, not an accident)
    """More members than a full table of coalitions is kept for; `members` and `most` say how many."""

    def __init__(self, members: int, most: int = MOST_MEMBERS) -> None:
        self.members = members
        self.most = most
        super().__init__(f"members with consignments: expected <= {most}, found {members}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A bound of one coalition that was drawn from others: `kind` is ``subset`` or ``union``.

    ``subset``: c(S) is at least the cost of a part of S. ``union``: two groups never cost more together than apart,
    so that c(S) is at most that of two parts of it, and at least that of a larger group less the difference's. The
    amounts are of what the coalition's goods cost in one separate part, or of all of them.
    """

    kind: str
    coalition: tuple[str, ...]
    before_minor: int
    after_minor: int


@dataclass(frozen=True, kw_only=True)
class ShipmentGame:
    """The cost game of a plan, with what the certificates and the statements need beside it.

    Parameters
    ----------
    game
        Every coalition's cost in minor units, as an interval where it is not proven.
    direct
        By coalition mask: the part of its best plan's cost that a measuring key (volume, mass, value ...) shares.
    stand_alone_plans
        Member -> the priced plan that it would have alone.
    proven
        Whether every coalition's cost is proven.
    repairs
        Bounds drawn from other coalitions.
    monotone, subadditive
        Whether no coalition is dearer than a larger one, and no two apart cheaper than together; container
        limits and price breaks may break both.
    better_plan
        A cheaper plan for all than the one given, by volume, if one was found on the way; none is named for a plan
        with load plans, as nobody knows whether it would load.
    ended_by
        ``proof``, or what left coalitions open.
    ways
        How many sets of goods that stand alone were closed how: without a search by ``subset``, ``union`` or
        ``prices`` of others; by the ``linear`` master, by patterns ``combined``, by a search that ``branched``;
        afterwards, ``drawn`` from others; or left ``open``.
    """

    game: CostGame
    direct: tuple[int, ...]
    stand_alone_plans: Mapping[str, ShipmentPlan]
    proven: bool
    repairs: tuple[Repair, ...] = ()
    monotone: bool = True
    subadditive: bool = True
    better_plan: ShipmentPlan | None = None
    ended_by: EndedBy = "proof"
    ways: Mapping[str, int] = field(default_factory=dict)


def shipment_game(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    limits: Limits,
    seed: int,
    on_progress: OnProgress,
    should_stop: ShouldStop,
    runner: Runner | None = None,
) -> ShipmentGame:
    """Price every coalition of the members whose consignments a plan carries.

    Parameters
    ----------
    limits
        Of the whole table; coalitions that do not get their turn keep an interval.
    runner
        Runs the searches, in this process when None; the answer is the same with any, whatever its workers,
        unless the clock or `should_stop` ended the search.

    Raises
    ------
    TooManyMembers
        When more than `MOST_MEMBERS` members have consignments in the plan.
    """
    carried = {part.consignment for load in plan.containers for part in load.contents}
    carried |= {lot.part.consignment for lot in (*plan.lcl, *plan.postal)}
    here = as_full_as(problem.restricted_to(carried), plan)
    with_goods = {one.member for one in here.consignments}
    players = tuple(member.id for member in problem.members if member.id in with_goods)
    if len(players) > MOST_MEMBERS:
        raise TooManyMembers(len(players))
    return _Table(here, plan, players, limits, seed, on_progress).fill(runner, should_stop)


def as_full_as(problem: ConsolidationProblem, plan: ShipmentPlan) -> ConsolidationProblem:
    """Return a problem in which every container may be filled as far as the fullest of its type in a plan.

    Load plans may fill containers beyond the usable volume: what the plan does, every group may claim too.
    """
    fullest: dict[str, int] = {}
    for load in plan.containers:
        fullest[load.container_type] = max(fullest.get(load.container_type, 0), load.volume_mm3)

    def opened(kind: ContainerType) -> ContainerType:
        found = fullest.get(kind.code, 0)
        if found <= kind.usable_volume_mm3:
            return kind
        return replace(kind, volume_mm3=found, usable_volume_permille=1000)

    return replace(problem, container_types=tuple(map(opened, problem.container_types)))


@dataclass
class _Table:
    """The table of coalitions while it is filled."""

    problem: ConsolidationProblem
    plan: ShipmentPlan
    players: tuple[str, ...]
    limits: Limits
    seed: int
    on_progress: OnProgress

    def __post_init__(self) -> None:
        lots = LotPlan(containers=self.plan.containers, lcl=self.plan.lcl, postal=self.plan.postal)
        self.deadline = time.monotonic() + self.limits.time_limit_s
        self.coalitions = Coalitions(self.problem, self.players, lots)

    def fill(self, runner: Runner | None, should_stop: ShouldStop) -> ShipmentGame:
        """Price every coalition, and give the grand one what is known of the plan."""
        ended_by = self.coalitions.search(
            work=self.limits.work_limit, deadline=self.deadline, seed=self.seed, runner=runner,
            should_stop=should_stop,
            on_done=lambda permille: self.on_progress(Progress(stage=STAGE, done_permille=permille)),
        )  # fmt: skip
        size = 1 << len(self.players)
        stopped = ended_by == "stopped"
        # Whoever stops waits for an answer: what was found on the way is let go.
        priced = self.coalitions.at_once() if stopped else [self.coalitions.priced(mask) for mask in range(size)]
        if stopped:
            self.coalitions.forget()
        self.upper = [one.upper for one in priced]
        self.lower = [one.lower for one in priced]
        direct = [one.direct for one in priced]
        grand = size - 1
        better = self._better_plan(grand)
        self.upper[grand] = self.plan.cost_minor
        self.lower[grand] = min(max(self.lower[grand], self.plan.lower_bound_minor), self.plan.cost_minor)
        direct[grand] = _direct_part(self.problem, self.plan)
        repairs = [] if stopped else [*self._drawn(), *self._raised(grand)]
        alone = {player: self._stand_alone(bit) for bit, player in enumerate(self.players)}
        self._as_planned(alone, direct)
        game = CostGame(players=self.players, upper=tuple(self.upper), lower=tuple(self.lower))
        return ShipmentGame(
            game=game,
            direct=tuple(direct),
            stand_alone_plans=alone,
            proven=game.is_exact,
            repairs=tuple(repairs),
            monotone=_is_monotone(self.upper),
            subadditive=not stopped and _is_subadditive(self.upper),
            better_plan=better,
            ended_by="proof" if game.is_exact else "work_limit" if ended_by == "proof" else ended_by,
            ways=self.coalitions.ways(),
        )

    def _better_plan(self, grand: int) -> ShipmentPlan | None:
        placed = any(load.load_plan is not None for load in self.plan.containers)
        if not self.players or placed or self.upper[grand] >= self.plan.cost_minor:
            return None
        found = self._priced(grand)
        return replace(found, unplanned=self.plan.unplanned)

    def _as_planned(self, alone: Mapping[str, ShipmentPlan], direct: list[int]) -> None:
        """Let everybody's cost alone be that of its plan.

        Goods that can be split are priced part by part; parts that end in one container are one lot, whose charges
        are rounded once, which may be a cent more or less.
        """
        for bit, plan in enumerate(alone.values() if len(alone) > 1 else ()):
            self.upper[1 << bit] = plan.cost_minor
            self.lower[1 << bit] = min(self.lower[1 << bit], plan.cost_minor)
            direct[1 << bit] = _direct_part(self.problem, plan)

    def _stand_alone(self, bit: int) -> ShipmentPlan:
        return self._priced(1 << bit) if len(self.players) > 1 else self.plan

    def _priced(self, mask: int) -> ShipmentPlan:
        lots = self.coalitions.plan(mask)
        proven = self.lower[mask] == self.upper[mask]
        found = Improved(
            plan=lots, lower_bound_minor=self.lower[mask], proven=proven, ended_by="proof" if proven else "work_limit"
        )
        members = {player for bit, player in enumerate(self.players) if mask >> bit & 1}
        here = self.problem.restricted_to(one.id for one in self.problem.consignments if one.member in members)
        return assemble(here, found, limits=self.limits, seed=self.seed)

    def _drawn(self) -> Iterator[Repair]:
        for part, one in self.coalitions.drawn:
            mask = part.players(one.pieces)
            members = tuple(player for bit, player in enumerate(self.players) if mask >> bit & 1)
            yield Repair(kind=one.kind, coalition=members, before_minor=one.before, after_minor=one.after)

    def _raised(self, grand: int) -> Iterator[Repair]:
        """Raise lower ends to those of fewer members where removing a member never costs more."""
        if not self.coalitions.is_monotone or self.upper == self.lower:
            return
        for mask in sorted(range(1, grand + 1), key=int.bit_count):
            least = max((self.lower[mask ^ 1 << bit] for bit in range(len(self.players)) if mask >> bit & 1), default=0)
            least = min(least, self.upper[mask])
            if least > self.lower[mask]:
                members = tuple(player for bit, player in enumerate(self.players) if mask >> bit & 1)
                yield Repair(kind="subset", coalition=members, before_minor=self.lower[mask], after_minor=least)
                self.lower[mask] = least


def _is_monotone(upper: Sequence[int]) -> bool:
    table = np.array(upper, dtype=np.int64)
    masks = np.arange(len(table))
    return all(bool((table[masks & ~bit] <= table).all()) for bit in _single_bits(len(table)))


def _is_subadditive(upper: Sequence[int]) -> bool:
    table = np.array(upper, dtype=np.int64)
    for mask in range(3, len(table)):
        parts = np.zeros(1, dtype=np.int64)
        # Without the highest member, so that each pair of groups is looked at once.
        for bit in _single_bits(1 << mask.bit_length() - 1):
            if mask & bit:
                parts = np.concatenate([parts, parts | bit])
        if (table[parts] + table[mask ^ parts] < table[mask]).any():
            return False
    return True


def _single_bits(size: int) -> Iterator[int]:
    bit = 1
    while bit < size:
        yield bit
        bit <<= 1


def _direct_part(problem: ConsolidationProblem, plan: ShipmentPlan) -> int:
    direct = {charge.code for charge in problem.charges if charge.allocation_key in MEASURING_KEYS}
    return sum(line.amount_minor for line in plan.charges if line.code in direct)
