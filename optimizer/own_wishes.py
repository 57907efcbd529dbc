"""What a wish of one consignment would cost: to leave at once, to be due later, to be ready earlier.

Nothing is searched here: the consignment is put whole into every way open to it, all other goods stay where they are,
and the plan is priced again. A new plan could serve the wish at less, never at more.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from optimizer.consolidation.drafts import has_room
from optimizer.consolidation.options import feasible_options, open_departures
from optimizer.moves import Moves, Way, ways_of
from optimizer.obstacles import obstacles
from optimizer.problem import Consignment, ConsolidationProblem, Departure, MissedDueDate, Mode
from optimizer.result import ShipmentPlan
from optimizer.wishes import WEEK


class OwnChange(StrEnum):
    """What one consignment wishes."""

    LEAVE_FIRST = "leave_first"
    DUE_LATER = "due_later"
    READY_EARLIER = "ready_earlier"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWish:
    """One wish of one consignment and what it would change.

    Parameters
    ----------
    days
        Days by which its due date or its ready date moves; 0 with LEAVE_FIRST.
    way
        How it would travel then; None when there is nothing better than now.
    with_others
        Whether it would join a container of the plan that holds other goods.
    change_minor
        Change of the plan's cost, negative when it saves; 0 without a way.
    days_added
        Days by which it would leave later than now, negative when sooner.
    """

    consignment: str
    member: str
    change: OwnChange
    days: int = 0
    way: Way | None = None
    with_others: bool = False
    change_minor: int = 0
    days_added: int = 0


def own_wishes(problem: ConsolidationProblem, plan: ShipmentPlan, *, days: int = WEEK) -> tuple[OwnWish, ...]:
    """Price the wishes of every consignment that travels.

    To leave at once is asked where an earlier departure is open to it than the one that its last part takes; later
    due dates where missing them is forbidden. Of a moved date only departures count that were not open before.

    Parameters
    ----------
    plan
        A plan of this problem.
    days
        Days by which dates move, > 0.

    Returns
    -------
    tuple[OwnWish, ...]
        In the order of the consignments; a moved date that saves nothing has no way.
    """
    asking = _Asking(problem, plan)
    return tuple(wish for one in problem.consignments for wish in asking.wishes(one, timedelta(days=days)))


class _Asking:
    """The plan as priced departures, and one consignment after another put on others."""

    def __init__(self, problem: ConsolidationProblem, plan: ShipmentPlan) -> None:
        self.problem = problem
        self.moves = Moves(problem, plan)
        self.ways = ways_of(problem, plan)

    def wishes(self, one: Consignment, step: timedelta) -> Iterator[OwnWish]:
        """Yield the wishes of one consignment."""
        if not self.ways[one.id]:
            return
        open_now = open_departures(self.problem, one)
        last = max(self.problem.departure[way.departure].departure for way in self.ways[one.id])
        first = min((ship.departure for ship in open_now), default=last)
        if first < last:
            sooner = OwnWish(consignment=one.id, member=one.member, change=OwnChange.LEAVE_FIRST)
            found = self._best(sooner, one, [ship for ship in open_now if ship.departure == first])
            if found is not None:
                yield found
        if one.due_date is not None and self.problem.settings.missed_due_date is MissedDueDate.FORBIDDEN:
            yield self._moved(one, OwnChange.DUE_LATER, replace(one, due_date=one.due_date + step), step)
        yield self._moved(one, OwnChange.READY_EARLIER, replace(one, ready_date=one.ready_date - step), step)

    def _moved(self, one: Consignment, change: OwnChange, moved: Consignment, step: timedelta) -> OwnWish:
        before = {ship.id for ship in open_departures(self.problem, one)}
        ships = [ship for ship in open_departures(self.problem, moved) if ship.id not in before]
        wish = OwnWish(consignment=one.id, member=one.member, change=change, days=step.days)
        found = self._best(wish, moved, ships)
        return found if found is not None and found.change_minor < 0 else wish

    def _best(self, wish: OwnWish, one: Consignment, ships: Iterable[Departure]) -> OwnWish | None:
        """Return a wish with the cheapest way on these departures, the first of equals."""
        wanted = {ship.id for ship in ships}
        last = max(self.problem.departure[way.departure].departure for way in self.ways[one.id])
        found = [
            replace(
                wish,
                way=way,
                with_others=with_others,
                change_minor=change_minor,
                days_added=(self.problem.departure[way.departure].departure - last).days,
            )
            for way, with_others, change_minor in (*self._joined(one, wanted), *self._apart(one, wanted))
        ]
        return min(found, key=lambda each: each.change_minor, default=None)

    def _joined(self, one: Consignment, wanted: set[str]) -> Iterator[tuple[Way, bool, int]]:
        """Yield the containers of the plan that have room for it."""
        for name, load in self.moves.loads.items():
            if load.departure.id not in wanted:
                continue
            others = self.moves.others(name, one.id)
            if others and not obstacles(self.problem, one, load.departure, load.container_type, others):
                way = Way(departure=load.departure.id, mode=Mode.FCL, container_type=load.container_type.code)
                yield way, True, self.moves.into(one, name)

    def _apart(self, one: Consignment, wanted: set[str]) -> Iterator[tuple[Way, bool, int]]:
        """Yield a container of its own and loose lots."""
        for option in feasible_options(self.problem, one):
            ship, kind = option.departure, option.container_type
            if ship.id not in wanted or not option.whole:
                continue
            if kind is None:
                yield Way(departure=ship.id, mode=option.mode), False, self.moves.alone(one, ship, option.mode)
            elif has_room(ship, kind, self.moves.sailings[ship.id].loads):
                way = Way(departure=ship.id, mode=option.mode, container_type=kind.code)
                yield way, False, self.moves.together([one], ship, kind)
