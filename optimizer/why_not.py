"""Why a consignment does not share a container: what every container of others lacks, and the cheapest cure.

Nothing is searched here: each consignment is put whole into each container by itself, and the plan priced again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from optimizer.consolidation.charges import price
from optimizer.consolidation.drafts import has_room
from optimizer.moves import Moves, Way, plan_with, ways_of
from optimizer.obstacles import Limit, Obstacle, may_become, obstacles, smaller
from optimizer.problem import Consignment, ConsolidationProblem, ContainerType, Departure
from optimizer.result import ChargeLine, ContainerLoad, DelayCost, LooseLot, ShipmentPlan

_OnDeparture = TypeVar("_OnDeparture", ContainerLoad, LooseLot, ChargeLine, DelayCost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cure:
    """What would let a consignment into a container, everything at once, and what it would change.

    Parameters
    ----------
    container
        The container it would join; None for one that it would share with goods that travel loose now.
    days_ready_earlier, ready_date
        How much earlier it would have to be ready (or the cut-off later), and when; 0 and None when in time.
    days_due_later, due_date
        How much later it would have to be allowed to arrive, and when.
    smaller_by_mm3, lighter_by_g
        What would have to stay away, in proportion of both, or whole packages; less than half.
    container_type
        The type that the container would have to become.
    allowed_type
        The type that the consignment would have to allow.
    raised_limit
        Whether one container more of that type would have to be had on the departure.
    extra_cost_minor
        Change of the plan's cost then, negative when it saves; of smaller goods, against the same smaller goods
        as they travel now.
    """

    container: str | None
    days_ready_earlier: int = 0
    ready_date: date | None = None
    days_due_later: int = 0
    due_date: date | None = None
    smaller_by_mm3: int = 0
    lighter_by_g: int = 0
    container_type: str | None = None
    allowed_type: str | None = None
    raised_limit: bool = False
    extra_cost_minor: int = 0

    @property
    def number_of_changes(self) -> int:
        """How many things would have to be different."""
        changes: tuple[object, ...] = (
            self.days_ready_earlier, self.days_due_later, self.smaller_by_mm3, self.container_type, self.allowed_type,
            self.raised_limit,
        )  # fmt: skip
        return sum(bool(change) for change in changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerChoice:
    """One container of others, as a consignment finds it.

    Parameters
    ----------
    container
        Id in the plan; None for a container that it would share with goods that travel loose now.
    members
        Those whose other goods are in it; `is_pooled` when they are two or more without the consignment.
    obstacles
        Limits that the consignment would break; empty when it could go there.
    extra_cost_minor
        Change of the plan's cost if it went there, negative when it saves; None with obstacles.
    days_added
        Days by which it would leave later than now, negative when sooner; 0 when it does not travel now.
    cure
        The change of fewest things, then of least cost, that would let it in; None without obstacles, or when
        nothing would.
    """

    container: str | None
    departure: str
    container_type: str
    members: tuple[str, ...]
    obstacles: tuple[Obstacle, ...] = ()
    extra_cost_minor: int | None = None
    days_added: int = 0
    cure: Cure | None = None

    @property
    def is_pooled(self) -> bool:
        """Whether members share the container even without the consignment."""
        return len(self.members) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDifference:
    """What one charge, or with None the waiting, would cost more (or less, negative)."""

    code: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """Why one consignment does not share a container.

    Parameters
    ----------
    travels
        How it travels now; empty when it does not.
    reason
        COST when it could go somewhere but that would not save anything, or a search cut short did not look there
        (`best` then saves); NO_CONTAINER when no other member's goods are in a container of its lane; else the
        first limit that it breaks in the container that is nearest, by its cure.
    obstacle
        That limit with its numbers; None with COST and NO_CONTAINER.
    choices
        Every container of its lane with goods of other members, in the order of the plan; where there is none,
        the cheapest new one that it could share with goods that travel loose.
    best
        The choice without obstacles that costs least.
    because
        Of what its extra cost is made, by charge; their sum is that of `best`. Empty for a new container.
    cure
        Of all cures, the one of fewest changes, then of least cost.
    """

    consignment: str
    member: str
    travels: tuple[Way, ...]
    reason: Limit
    obstacle: Obstacle | None
    choices: tuple[ContainerChoice, ...]
    best: ContainerChoice | None
    because: tuple[CostDifference, ...]
    cure: Cure | None


def why_not(problem: ConsolidationProblem, plan: ShipmentPlan) -> tuple[WhyNot, ...]:
    """Explain every consignment that is not wholly in containers that two or more members share.

    Parameters
    ----------
    plan
        A plan of this problem.

    Returns
    -------
    tuple[WhyNot, ...]
        In the order of the consignments; the same for the same plan.
    """
    return tuple(_Explainer(problem, plan).explanations())


class _Explainer:
    """The plan as priced departures, and one consignment after another put into its containers."""

    def __init__(self, problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
        self.problem = problem
        self.plan = plan
        self.moves = Moves(problem, plan)
        self.ways = ways_of(problem, plan)

    def explanations(self) -> Iterator[WhyNot]:
        pooled: dict[str, int] = defaultdict(int)
        for load in self.moves.loads.values():
            if len({piece.consignment.member for piece in load.pieces}) > 1:
                for piece in load.pieces:
                    pooled[piece.consignment.id] += 1
        for one in self.problem.consignments:
            ways = self.ways[one.id]
            if (
                not ways
                or pooled[one.id] < len(ways)
                or any(one.id == entry.consignment for entry in self.plan.unplanned)
            ):
                yield self._explained(one)

    def _explained(self, one: Consignment) -> WhyNot:
        choices = tuple(self._choices(one)) or tuple(self._new_container(one))
        open_ones = [choice for choice in choices if not choice.obstacles]
        best = min(open_ones, key=lambda choice: choice.extra_cost_minor or 0, default=None)
        curable = [choice for choice in choices if choice.cure is not None]
        nearest = min(curable, key=_nearness, default=None)
        obstacle = None
        if choices and best is None:
            obstacle = (nearest or min(choices, key=lambda choice: len(choice.obstacles))).obstacles[0]
        reason = Limit.COST if best is not None else obstacle.limit if obstacle else Limit.NO_CONTAINER
        return WhyNot(
            consignment=one.id,
            member=one.member,
            travels=self.ways[one.id],
            reason=reason,
            obstacle=obstacle,
            choices=choices,
            best=best,
            because=self._because(one, best) if best and best.container else (),
            cure=nearest.cure if nearest else None,
        )

    def _choices(self, one: Consignment) -> Iterator[ContainerChoice]:
        """Yield every container of the lane with goods of others, priced or with what it lacks."""
        for name, load in self.moves.loads.items():
            ship, kind = load.departure, load.container_type
            if (ship.origin, ship.destination) != (one.origin, one.destination):
                continue
            others = self.moves.others(name, one.id)
            members = tuple(dict.fromkeys(piece.consignment.member for piece in others))
            if set(members) <= {one.member}:
                continue
            found = obstacles(self.problem, one, ship, kind, others)
            cures = list(self._cures(one, name)) if found else []
            if any(each.limit in _SIZES for each in found):
                used_up = tuple(cure.container_type for cure in cures if cure.raised_limit and cure.container_type)
                found += (Obstacle(limit=Limit.CONTAINER_LIMITS, names=used_up),) if used_up else ()
            yield ContainerChoice(
                container=name,
                departure=ship.id,
                container_type=kind.code,
                members=members,
                obstacles=found,
                extra_cost_minor=None if found else self.moves.into(one, name),
                days_added=self._days_added(one, ship),
                cure=min(cures, key=_ease, default=None),
            )

    def _days_added(self, one: Consignment, ship: Departure) -> int:
        leaves = [self.problem.departure[way.departure].departure for way in self.ways[one.id]]
        return (ship.departure - max(leaves)).days if leaves else 0

    def _cures(self, one: Consignment, name: str) -> Iterator[Cure]:
        """Yield what would let a consignment into a container, as it is or as another type."""
        load = self.moves.loads[name]
        others = self.moves.others(name, one.id)
        for kind in self.problem.container_types:
            same = kind is load.container_type
            if not same and not may_become(kind, others):
                continue
            found = obstacles(self.problem, one, load.departure, kind, others)
            if any(each.limit in _FIXED for each in found) or (
                not same and any(each.limit in _SIZES for each in found)
            ):
                continue
            cure = self._cure(one, name, kind, found)
            if cure is not None:
                yield cure

    def _cure(self, one: Consignment, name: str, kind: ContainerType, found: Iterable[Obstacle]) -> Cure | None:
        """Return one cure of all obstacles at once, priced."""
        load = self.moves.loads[name]
        same = kind is load.container_type
        at = self.moves.sailings[load.departure.id]
        here = [other for other in at.loads if other is not load]
        cure = Cure(
            container=name,
            container_type=None if same else kind.code,
            raised_limit=not same and not has_room(load.departure, kind, here),
        )
        variant, excess_mm3, excess_g = one, 0, 0
        for each in found:
            if each.limit is Limit.CUT_OFF:
                variant = replace(variant, ready_date=load.departure.cut_off)
                cure = replace(cure, days_ready_earlier=each.days, ready_date=load.departure.cut_off)
            elif each.limit is Limit.DUE_DATE:
                variant = replace(variant, due_date=load.departure.arrival)
                cure = replace(cure, days_due_later=each.days, due_date=load.departure.arrival)
            elif each.limit is Limit.CONTAINED_IN:
                variant = replace(variant, contained_in=(variant.contained_in or frozenset()) | {kind.code})
                cure = replace(cure, allowed_type=kind.code)
            else:
                excess_mm3, excess_g = max(excess_mm3, each.volume_mm3), max(excess_g, each.mass_g)
        if not excess_mm3 and not excess_g:
            return replace(cure, extra_cost_minor=self.moves.into(variant, name, kind))
        small, as_now = smaller(variant, excess_mm3, excess_g), smaller(one, excess_mm3, excess_g)
        if small is None or as_now is None or len(self.ways[one.id]) > 1 or not _is_most_of(small, one):
            return None
        return replace(
            cure,
            smaller_by_mm3=one.volume_mm3 - small.volume_mm3,
            lighter_by_g=one.mass_g - small.mass_g,
            extra_cost_minor=self.moves.into(small, name, kind) - self.moves.exchanged(as_now),
        )

    def _new_container(self, one: Consignment) -> Iterator[ContainerChoice]:
        """Yield the cheapest container that a consignment could share with goods that travel loose now."""
        loose = [
            piece.consignment
            for lots in self.moves.loose.values()
            for _, piece in lots
            if piece.quantities is None
            and (piece.consignment.origin, piece.consignment.destination) == (one.origin, one.destination)
        ]
        loose.sort(key=lambda other: (-other.volume_mm3, other.id))
        best: ContainerChoice | None = None
        for ship in self.problem.departures:
            if (ship.origin, ship.destination) != (one.origin, one.destination):
                continue
            for kind in self.problem.container_types:
                if not has_room(ship, kind, self.moves.sailings[ship.id].loads):
                    continue
                group = self._group(one, loose, ship, kind)
                members = tuple(dict.fromkeys(other.member for other in group[1:]))
                if set(members) <= {one.member}:
                    continue
                extra = self.moves.together(group, ship, kind)
                if best is None or extra < (best.extra_cost_minor or 0):
                    best = ContainerChoice(
                        container=None,
                        departure=ship.id,
                        container_type=kind.code,
                        members=members,
                        extra_cost_minor=extra,
                        days_added=self._days_added(one, ship),
                    )
        if best is not None:
            yield best

    def _group(
        self, one: Consignment, loose: Iterable[Consignment], ship: Departure, kind: ContainerType
    ) -> list[Consignment]:
        """Return a consignment and the loose ones, largest first, that go with it into one empty container."""
        group: list[Consignment] = []
        for other in (one, *(other for other in loose if other is not one)):
            pieces = [self.moves.whole(member) for member in group]
            if not obstacles(self.problem, other, ship, kind, pieces):
                group.append(other)
            elif other is one:
                break
        return group

    def _because(self, one: Consignment, best: ContainerChoice) -> tuple[CostDifference, ...]:
        """Return by charge what a choice costs more than the plan, on the departures that it touches."""
        touched = {best.departure, *(way.departure for way in self.ways[one.id])}

        def here(found: Iterable[_OnDeparture]) -> list[_OnDeparture]:
            return [each for each in found if each.departure in touched]

        moved = plan_with(self.problem, self.plan, one.id, best.container or "")
        after = price(self.problem, here(moved.containers), here(moved.lcl), here(moved.postal))
        more = _by_code(after.charges, after.delay_costs)
        less = _by_code(here(self.plan.charges), here(self.plan.delay_costs))
        codes: list[str | None] = [*(charge.code for charge in self.problem.charges), None]
        differences = (CostDifference(code=code, amount_minor=more[code] - less[code]) for code in codes)
        return tuple(one for one in differences if one.amount_minor)


_SIZES = frozenset({Limit.VOLUME, Limit.MASS})
_FIXED = frozenset({Limit.CARGO_CLASS, Limit.INCOMPATIBLE, Limit.PACKAGE_SIZE})


def _is_most_of(small: Consignment, one: Consignment) -> bool:
    """Say whether more than half of a consignment would still travel: to leave it behind is no cure."""
    return 2 * small.volume_mm3 > one.volume_mm3 and 2 * small.mass_g > one.mass_g


def _ease(cure: Cure) -> tuple[int, int, int, int]:
    days = cure.days_ready_earlier + cure.days_due_later
    return cure.number_of_changes, cure.extra_cost_minor, days, cure.smaller_by_mm3


def _nearness(choice: ContainerChoice) -> tuple[int, int, int, int]:
    assert choice.cure is not None
    return _ease(choice.cure)


def _by_code(charges: Iterable[ChargeLine], delays: Iterable[DelayCost]) -> dict[str | None, int]:
    found: dict[str | None, int] = defaultdict(int)
    for line in charges:
        found[line.code] += line.amount_minor
    for delay in delays:
        found[None] += delay.amount_minor
    return found
