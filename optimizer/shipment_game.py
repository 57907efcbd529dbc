"""What every group of members would pay for its own shipment: the cost game of a plan.

c(S) is the least cost of the same problem with only the consignments of S that the plan carries, under the
same charges. Groups fall apart into sets of consignments that have nothing to do with each other; each such
set is searched once, with one pool of patterns for all.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from optimizer.consolidation.coalitions import CoalitionPricer
from optimizer.consolidation.lots import EndedBy, Improved, LotPlan
from optimizer.consolidation.parts import Budget
from optimizer.cost_game import CostGame
from optimizer.limits import Limits, OnProgress, Progress, ShouldStop
from optimizer.planning import assemble
from optimizer.problem import MEASURING_KEYS, ConsolidationProblem
from optimizer.result import ShipmentPlan

MOST_MEMBERS = 14
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
    """A bound of one coalition that was drawn from another's: `kind` is ``subset`` or ``union``.

    ``subset``: c(S) is at least the cost of a part of S. ``union``: c(S) is at most that of two groups apart.
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
        A cheaper plan for all than the one given, if one was found on the way.
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


def shipment_game(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    *,
    limits: Limits,
    seed: int,
    on_progress: OnProgress,
    should_stop: ShouldStop,
) -> ShipmentGame:
    """Price every coalition of the members whose consignments a plan carries.

    Parameters
    ----------
    limits
        Of the whole table; coalitions that do not get their turn keep an interval.

    Raises
    ------
    TooManyMembers
        When more than `MOST_MEMBERS` members have consignments in the plan.
    """
    carried = {part.consignment for load in plan.containers for part in load.contents}
    carried |= {lot.part.consignment for lot in (*plan.lcl, *plan.postal)}
    here = problem.restricted_to(carried)
    with_goods = {one.member for one in here.consignments}
    players = tuple(member.id for member in problem.members if member.id in with_goods)
    if len(players) > MOST_MEMBERS:
        raise TooManyMembers(len(players))
    budget = Budget(limits.work_limit, time.monotonic() + limits.time_limit_s, seed, should_stop)
    return _Table(here, plan, players, limits, budget, on_progress).fill()


@dataclass
class _Table:
    """The table of coalitions while it is filled."""

    problem: ConsolidationProblem
    plan: ShipmentPlan
    players: tuple[str, ...]
    limits: Limits
    budget: Budget
    on_progress: OnProgress
    repairs: list[Repair] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = 1 << len(self.players)
        self.upper = [0] * size
        self.lower = [0] * size
        self.direct = [0] * size
        lots = LotPlan(containers=self.plan.containers, lcl=self.plan.lcl, postal=self.plan.postal)
        self.pricer = CoalitionPricer(self.problem, self.players, lots, self.budget)

    def fill(self) -> ShipmentGame:
        """Price the grand coalition first, then ever smaller ones: each begins with what larger ones found."""
        grand = len(self.upper) - 1
        order = sorted(range(1, len(self.upper)), key=lambda mask: (-mask.bit_count(), mask))
        for done, mask in enumerate(order):
            found = self.pricer.price(mask, len(order) - done)
            self.upper[mask], self.lower[mask], self.direct[mask] = found.upper, found.lower, found.direct
            if done % 16 == 0 or mask.bit_count() == 1:
                self.on_progress(Progress(stage=STAGE, done_permille=1000 * done // len(order)))
        better = self._better_plan(grand)
        self.upper[grand] = self.plan.cost_minor
        self.lower[grand] = min(max(self.lower[grand], self.plan.lower_bound_minor), self.plan.cost_minor)
        self.direct[grand] = _direct_part(self.problem, self.plan)
        self._draw_bounds(grand)
        stand_alone = {player: self._stand_alone(bit) for bit, player in enumerate(self.players)}
        game = CostGame(players=self.players, upper=tuple(self.upper), lower=tuple(self.lower))
        return ShipmentGame(
            game=game,
            direct=tuple(self.direct),
            stand_alone_plans=stand_alone,
            proven=game.is_exact,
            repairs=tuple(self.repairs),
            monotone=self._is_monotone(),
            subadditive=self._is_subadditive(),
            better_plan=better,
            ended_by=self._ended_by(game),
        )

    def _ended_by(self, game: CostGame) -> EndedBy:
        if game.is_exact:
            return "proof"
        return self.budget.ended_by if self.budget.ended_by != "proof" else "work_limit"

    def _better_plan(self, grand: int) -> ShipmentPlan | None:
        if not self.players or self.upper[grand] >= self.plan.cost_minor:
            return None
        found = self._priced(grand)
        return replace(found, unplanned=self.plan.unplanned)

    def _stand_alone(self, bit: int) -> ShipmentPlan:
        return self._priced(1 << bit) if len(self.players) > 1 else self.plan

    def _priced(self, mask: int) -> ShipmentPlan:
        lots = self.pricer.plan(mask)
        proven = self.lower[mask] == self.upper[mask]
        found = Improved(
            plan=lots, lower_bound_minor=self.lower[mask], proven=proven, ended_by="proof" if proven else "work_limit"
        )
        members = {player for bit, player in enumerate(self.players) if mask >> bit & 1}
        here = self.problem.restricted_to(one.id for one in self.problem.consignments if one.member in members)
        return assemble(here, found, limits=self.limits, seed=self.budget.seed)

    def _draw_bounds(self, grand: int) -> None:
        """Raise lower ends to those of subsets where removing a member never costs more."""
        if not self.pricer.is_monotone:
            return
        for mask in sorted(range(1, grand + 1), key=int.bit_count):
            least = max((self.lower[mask ^ 1 << bit] for bit in range(len(self.players)) if mask >> bit & 1), default=0)
            least = min(least, self.upper[mask])
            if least > self.lower[mask]:
                members = tuple(player for bit, player in enumerate(self.players) if mask >> bit & 1)
                self.repairs.append(
                    Repair(kind="subset", coalition=members, before_minor=self.lower[mask], after_minor=least)
                )
                self.lower[mask] = least

    def _is_monotone(self) -> bool:
        return all(
            self.upper[mask ^ 1 << bit] <= self.upper[mask]
            for mask in range(1, len(self.upper))
            for bit in range(len(self.players))
            if mask >> bit & 1
        )

    def _is_subadditive(self) -> bool:
        for mask in range(1, len(self.upper)):
            part = (mask - 1) & mask
            while part > mask ^ part:
                if self.upper[part] + self.upper[mask ^ part] < self.upper[mask]:
                    return False
                part = (part - 1) & mask
        return True


def _direct_part(problem: ConsolidationProblem, plan: ShipmentPlan) -> int:
    direct = {charge.code for charge in problem.charges if charge.allocation_key in MEASURING_KEYS}
    return sum(line.amount_minor for line in plan.charges if line.code in direct)
