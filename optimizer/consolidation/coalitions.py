"""Least costs of many coalitions of the same consignments, from one pool of patterns for all of them."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from optimizer.consolidation.bounds import connected, neighbours, separate_parts, without_dominated
from optimizer.consolidation.charges import price
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.master import improve
from optimizer.consolidation.parts import Budget, PartSearch
from optimizer.consolidation.patterns import Column, Layout, Place, bits, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.splitting import divided_as, grain_layout
from optimizer.limits import Limits, ignore_progress
from optimizer.problem import MEASURING_KEYS, ConsolidationProblem

SHARE_OF_WORK = 8
"""How many times its even share of the remaining work one coalition may use."""


MOST_WORK_BOUNDING = 0.5
"""Work for the bound of one coalition whose goods can be split."""


MOST_WORK_ALONE = 2.0
"""Work for dividing the goods of one member anew."""


@dataclass(frozen=True, slots=True)
class PricedCoalition:
    """The cost of a coalition as an interval, and the part of the best plan's cost that is shared directly."""

    upper: int
    lower: int
    direct: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one set of pieces that stands alone."""

    upper: int
    lower: int
    direct: int
    columns: tuple[Column, ...]


def replace_lower(priced: PricedCoalition, lower: int) -> PricedCoalition:
    """Return a priced coalition with another lower end."""
    return PricedCoalition(priced.upper, lower, priced.direct)


class CoalitionPricer:
    """Prices coalitions of members; goods that can be split travel divided as in the plan for all.

    Parameters
    ----------
    players
        Members; bit k of a coalition is player k.
    plan
        A plan for all of them, to begin with.
    budget
        Of all coalitions together.
    """

    def __init__(self, problem: ConsolidationProblem, players: tuple[str, ...], plan: LotPlan, budget: Budget) -> None:
        self.problem = problem
        self.players = players
        self.budget = budget
        self.splits = any(one.can_split for one in problem.consignments)
        pieces = divided_as(problem, plan) if self.splits else [whole_piece(one) for one in problem.consignments]
        layout = without_dominated(layout_of(problem, pieces))
        direct = _DirectCharges(problem)
        self.parts = [
            _PartPricer(layout.restricted(keep), players, plan, budget, direct) for keep in separate_parts(layout)
        ]
        self.is_monotone = not layout.counters
        self.bounding = Relaxation(grain_layout(problem, problem.consignments)) if self.splits else None
        self.alone: dict[int, LotPlan] = {}
        """Plans of single members whose goods are divided otherwise than in the plan for all."""

    def price(self, mask: int, waiting: int) -> PricedCoalition:
        """Price one coalition; larger ones should come first.

        Parameters
        ----------
        waiting
            How many coalitions still want their share of the work, this one included.
        """
        work = max(0.2, SHARE_OF_WORK * self.budget.work / waiting)
        found = [known for part in self.parts for known in part.price(mask, work)]
        priced = PricedCoalition(
            sum(one.upper for one in found), sum(one.lower for one in found), sum(one.direct for one in found)
        )
        return priced if self.bounding is None else self._divided(self.bounding, mask, priced, work)

    def _divided(self, bounding: Relaxation, mask: int, priced: PricedCoalition, work: float) -> PricedCoalition:
        """Bound a coalition however its goods are split, and divide a single member's goods anew."""
        members = self._members(mask)
        layout = bounding.layout
        here = any(piece.consignment.member in members and piece.grain is not None for piece in layout.pieces)
        if not here:
            return priced
        absent = sum(1 << i for i, piece in enumerate(layout.pieces) if piece.consignment.member not in members)
        budget = replace(self.budget, work=min(work, MOST_WORK_BOUNDING, self.budget.work))
        given = budget.work
        search = PartSearch(bounding, (), budget, lambda *_: None, absent)
        search.relax(priced.upper)
        search.run()
        self.budget.spend(given - budget.work)
        lower = min(priced.upper, search.bound)
        if mask.bit_count() > 1:
            return PricedCoalition(priced.upper, lower, priced.direct)
        return self._alone(mask, replace_lower(priced, lower), work)

    def _alone(self, mask: int, priced: PricedCoalition, work: float) -> PricedCoalition:
        here = self.problem.restricted_to(
            one.id for one in self.problem.consignments if one.member in self._members(mask)
        )
        limits = Limits(
            work_limit=max(0.1, min(work, MOST_WORK_ALONE)),
            time_limit_s=max(0.1, self.budget.deadline - time.monotonic()),
        )
        found = improve(
            here, self.plan(mask), limits=limits, seed=self.budget.seed, on_progress=ignore_progress,
            should_stop=self.budget.should_stop,
        )  # fmt: skip
        cost = price(here, found.plan.containers, found.plan.lcl, found.plan.postal)
        lower = max(priced.lower, min(found.lower_bound_minor, cost.cost_minor))
        if cost.cost_minor >= priced.upper:
            return replace_lower(priced, min(priced.upper, lower))
        self.alone[mask] = found.plan
        keys = {one.code for one in here.charges if one.allocation_key in MEASURING_KEYS}
        direct = sum(line.amount_minor for line in cost.charges if line.code in keys)
        return PricedCoalition(cost.cost_minor, min(lower, cost.cost_minor), direct)

    def _members(self, mask: int) -> set[str]:
        return {player for bit, player in enumerate(self.players) if mask >> bit & 1}

    def plan(self, mask: int) -> LotPlan:
        """Return the best plan known of a priced coalition."""
        if mask in self.alone:
            return self.alone[mask]
        members = self._members(mask)
        here = self.problem.restricted_to(one.id for one in self.problem.consignments if one.member in members)
        return lot_plan_of(here, [(part.layout, column) for part in self.parts for column in part.columns(mask)])


class _PartPricer:
    """Prices what coalitions have in one separate part; sets of pieces are searched once."""

    def __init__(
        self, layout: Layout, players: tuple[str, ...], plan: LotPlan, budget: Budget, direct: "_DirectCharges"
    ) -> None:
        self.layout = layout
        self.budget = budget
        self.relaxation = Relaxation(layout)
        self.relaxation.probing = False
        self.near = neighbours(layout)
        self.everything = (1 << len(layout.pieces)) - 1
        self.pieces_of = [
            sum(1 << i for i, piece in enumerate(layout.pieces) if piece.consignment.member == player)
            for player in players
        ]
        self.start = columns_of(layout, plan)
        self.direct = direct.within(layout)
        self.known: dict[int, _Known] = {}

    def price(self, mask: int, work: float) -> list[_Known]:
        """Return what is known of the sets of pieces that a coalition falls apart into, searching new ones."""
        pieces = self._pieces(mask)
        sets = connected(self.near, pieces)
        for one in sets:
            if one not in self.known:
                self.known[one] = self._search(one, mask, work)
        return [self.known[one] for one in sets]

    def columns(self, mask: int) -> list[Column]:
        """Return the best choice known for a priced coalition."""
        return [c for one in connected(self.near, self._pieces(mask)) for c in self.known[one].columns]

    def _pieces(self, mask: int) -> int:
        together = 0
        for bit in bits(mask):
            together |= self.pieces_of[bit]
        return together

    def _search(self, pieces: int, mask: int, work: float) -> _Known:
        budget = replace(self.budget, work=min(work, self.budget.work))
        given = budget.work
        absent = self.everything & ~pieces
        search = PartSearch(self.relaxation, self._best_start(pieces, mask), budget, lambda *_: None, absent)
        search.first_choice = 6
        search.run()
        self.budget.spend(given - budget.work)
        if budget.ended_by in ("stopped", "time_limit"):
            self.budget.ended_by = budget.ended_by
        return _Known(search.value, search.bound, self.direct.of(search.columns), search.columns)

    def _best_start(self, pieces: int, mask: int) -> tuple[Column, ...]:
        """Return the cheapest of the choices of coalitions with one member more, without what is not here."""
        best = self._cut(self.start, pieces)
        least = self.layout.total(best)
        for bit, own in enumerate(self.pieces_of):
            if mask >> bit & 1 or not own:
                continue
            sets = [one for one in connected(self.near, self._pieces(mask | 1 << bit)) if one & pieces]
            if all(one in self.known for one in sets):
                cut = self._cut((c for one in sets for c in self.known[one].columns), pieces)
                total = self.layout.total(cut)
                if total < least:
                    best, least = cut, total
        return best

    def _cut(self, columns: Iterable[Column], pieces: int) -> tuple[Column, ...]:
        return tuple(self.layout.column(one.place, one.mask & pieces) for one in columns if one.mask & pieces)


class _DirectCharges:
    """The same problem with only the charges that have a sharing key of their own."""

    def __init__(self, problem: ConsolidationProblem) -> None:
        charges = tuple(one for one in problem.charges if one.allocation_key in MEASURING_KEYS)
        undelayed = tuple(replace(one, delay_cost_ppm_per_day=0) for one in problem.consignments)
        self.problem = replace(problem, charges=charges, consignments=undelayed) if charges else None

    def within(self, layout: Layout) -> "_DirectCost":
        """Return their cost for the patterns of a layout."""
        if self.problem is None:
            return _DirectCost(None, ())
        known = self.problem.consignment
        pieces = [replace(piece, consignment=known[piece.consignment.id]) for piece in layout.pieces]
        direct = layout_of(self.problem, pieces)
        index = {_key(place): q for q, place in enumerate(direct.places)}
        return _DirectCost(direct, tuple(index[_key(place)] for place in layout.places))


@dataclass(frozen=True, slots=True)
class _DirectCost:
    """What the charges with a key of their own amount to in a choice of patterns."""

    layout: Layout | None
    places: tuple[int, ...]

    def of(self, columns: tuple[Column, ...]) -> int:
        """Return the amount in minor units."""
        if self.layout is None:
            return 0
        return self.layout.total(self.layout.column(self.places[one.place], one.mask) for one in columns)


def _key(place: Place) -> tuple[str, str, str | None]:
    return place.departure.id, place.mode, place.container_type.code if place.container_type else None
