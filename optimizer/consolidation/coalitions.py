"""Least costs of many coalitions of the same consignments: part by part, every set of goods searched once."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from optimizer.consolidation.bounds import connected, separate_parts, without_dominated
from optimizer.consolidation.budgets import Budget
from optimizer.consolidation.charges import price
from optimizer.consolidation.coalition_ends import cut_costs, draw_ends
from optimizer.consolidation.coalition_search import SHARE_OF_WORK, Block, Drawn, Known, PartOfGame, search_block
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.lots import EndedBy, LotPlan
from optimizer.consolidation.master import improve
from optimizer.consolidation.parts import PartSearch
from optimizer.consolidation.patterns import Column, Layout, Place, bits, whole_piece
from optimizer.consolidation.plans import columns_of, lot_plan_of
from optimizer.consolidation.relaxation import Relaxation
from optimizer.consolidation.splitting import divided_as, grain_layout
from optimizer.limits import Limits, ShouldStop, ignore_progress
from optimizer.problem import MEASURING_KEYS, ConsolidationProblem
from optimizer.runner import InProcess, OnDone, Runner, ignore_done

FEW_SETS = 160
"""Sets of a part up to which they are one task."""

DIVIDING = 3
"""Players whose presence divides the sets of a large part into tasks."""

AGAIN = 24
"""Sets in a task of the last round, in which every end drawn from other sets is known."""

MOST_AGAIN = 16
"""Tasks of a part in that round: each is sent what is known of all sets."""

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


class Coalitions:
    """Prices all coalitions of some players; goods that can be split travel divided as in the plan for all.

    Parameters
    ----------
    players
        Members; bit k of a coalition is player k.
    plan
        A plan for all of them, to begin with.
    """

    def __init__(self, problem: ConsolidationProblem, players: tuple[str, ...], plan: LotPlan) -> None:
        self.problem = problem
        self.players = players
        self.splits = any(one.can_split for one in problem.consignments)
        pieces = divided_as(problem, plan) if self.splits else [whole_piece(one) for one in problem.consignments]
        layout = without_dominated(layout_of(problem, pieces))
        self.parts = [part_of_game(layout.restricted(keep), players, plan) for keep in separate_parts(layout)]
        self.known: list[dict[int, Known]] = [{} for _ in self.parts]
        self.drawn: list[tuple[PartOfGame, Drawn]] = []
        direct = DirectCharges(problem)
        self._direct = [direct.within(part.layout) for part in self.parts]
        self._divided = _Divided(self) if self.splits else None

    def search(
        self, *, work: float, deadline: float, seed: int, runner: Runner | None = None, should_stop: ShouldStop,
        on_done: OnDone = ignore_done,
    ) -> EndedBy:  # fmt: skip
        """Price every coalition; return why the search ended (``proof`` where nothing cut it short).

        Parameters
        ----------
        work
            Deterministic work of all of them together, at least 0.05 for each set of goods that is begun.
        deadline
            As `time.monotonic`.
        runner
            Runs the tasks; in this process when None. The answer does not depend on it.
        """
        given = work / 2 if self._divided else work
        rounds = _Rounds(self, given, deadline, seed, runner or InProcess(), should_stop, on_done)
        ended_by = rounds.run()
        if self._divided and ended_by != "stopped":
            budget = Budget(rounds.work + work - given, deadline, seed, should_stop)
            self._divided.price_all(budget)
            ended_by = budget.ended_by if ended_by == "proof" else ended_by
        return ended_by

    def priced(self, mask: int) -> PricedCoalition:
        """Return the interval of a coalition that was priced."""
        if self._divided and mask in self._divided.known:
            return self._divided.known[mask]
        upper = lower = direct = 0
        for part, known, charges in zip(self.parts, self.known, self._direct, strict=True):
            for one in connected(part.near, part.pieces(mask)):
                upper += known[one].upper
                lower += known[one].lower
                direct += charges.of(known[one].columns)
        return PricedCoalition(upper, lower, direct)

    def at_once(self) -> list[PricedCoalition]:
        """Return what can be said of all coalitions without a search: the plan for all without the others' goods."""
        masks = np.arange(1 << len(self.players))
        table = np.zeros((3, len(masks)), dtype=np.int64)
        for part, charges in zip(self.parts, self._direct, strict=True):
            owner = [player for i in range(len(part.own)) for player in part.present if part.pieces_of[player] >> i & 1]
            present = (masks[:, None] >> np.array(owner, dtype=np.int64) & 1).astype(bool)
            table[0] += cut_costs(part.layout, part.start, present)
            table[1] += present @ np.array(part.own, dtype=np.int64)
            if charges.layout is not None:
                moved = [replace(one, place=charges.places[one.place]) for one in part.start]
                table[2] += cut_costs(charges.layout, moved, present)
        # How goods are split may be changed, at less than what they cost as they are.
        lower = np.minimum(table[0], 0 if self.splits else table[1])
        return [
            PricedCoalition(upper, least, direct)
            for upper, least, direct in zip(table[0].tolist(), lower.tolist(), table[2].tolist(), strict=True)
        ]

    def forget(self) -> None:
        """Let go of what was searched, so that plans are those of `at_once`."""
        for known in self.known:
            known.clear()
        if self._divided:
            self._divided.alone.clear()

    def plan(self, mask: int) -> LotPlan:
        """Return the best plan known of a priced coalition."""
        if self._divided and mask in self._divided.alone:
            return self._divided.alone[mask]
        chosen = [
            (part.layout, column)
            for part, known in zip(self.parts, self.known, strict=True)
            for one in connected(part.near, part.pieces(mask))
            for column in (known[one].columns if one in known else part.cut(part.start, one))
        ]
        return lot_plan_of(self.goods_of(mask), chosen)

    def goods_of(self, mask: int) -> ConsolidationProblem:
        """Return the problem of a coalition."""
        members = {player for bit, player in enumerate(self.players) if mask >> bit & 1}
        return self.problem.restricted_to(one.id for one in self.problem.consignments if one.member in members)

    @property
    def is_monotone(self) -> bool:
        """Whether a plan never costs more when goods are taken out of it."""
        return all(part.monotone for part in self.parts)

    def ways(self) -> dict[str, int]:
        """Return how many sets of goods were closed in which way, as `Known.how`."""
        found: dict[str, int] = {}
        for known in self.known:
            for one in known.values():
                found[one.how] = found.get(one.how, 0) + 1
        return found


def part_of_game(layout: Layout, players: tuple[str, ...], plan: LotPlan) -> PartOfGame:
    """Return what the players have in a part, with what a plan does there."""
    pieces_of = tuple(
        sum(1 << i for i, piece in enumerate(layout.pieces) if piece.consignment.member == player) for player in players
    )
    return PartOfGame(layout, pieces_of, columns_of(layout, plan))


def sets_of(part: PartOfGame, should_stop: ShouldStop) -> list[int]:
    """Return every set of pieces that some coalition falls apart into: single players' first, then larger ones first.

    A single player's cost tells by how much at least a larger set gets cheaper without it.
    """
    found: dict[int, None] = {}
    for chosen in range(1, 1 << len(part.present)):
        if should_stop():
            break
        for one in connected(part.near, part.pieces(sum(1 << part.present[bit] for bit in bits(chosen)))):
            found[one] = None

    def rank(pieces: int) -> tuple[bool, int, int, int]:
        owners = part.players(pieces).bit_count()
        return owners > 1, -owners, -pieces.bit_count(), pieces

    return sorted(found, key=rank)


class _Rounds:
    """The tasks of one search, in three rounds: what the others build on, the rest, and again what is not closed."""

    def __init__(
        self, table: Coalitions, work: float, deadline: float, seed: int, runner: Runner, should_stop: ShouldStop,
        on_done: OnDone,
    ) -> None:  # fmt: skip
        self.table = table
        self.work = work
        self.until = time.time() + (deadline - time.monotonic())
        self.seed = seed
        self.runner = runner
        self.should_stop = should_stop
        self.on_done = on_done
        self.sets = [sets_of(part, should_stop) for part in table.parts]
        self.done = 0
        self.ended_by: list[EndedBy] = []

    def run(self) -> EndedBy:
        everything = sum(map(_weight, self.sets))
        first = [(p, tops) for p, sets in enumerate(self.sets) if (tops := _first(self.table.parts[p], sets))]
        self._round(first, everything, handing_down=True)
        if self._stopped:
            return "stopped"
        rest = [(p, block) for p, sets in enumerate(self.sets) for block in self._blocks(p, sets)]
        self._round(rest, sum(_weight(block) for _, block in rest))
        if self._stopped:
            return "stopped"
        self._draw()
        again = [
            (p, tuple(open_[at : at + size]))
            for p, sets in enumerate(self.sets)
            if (open_ := [one for one in sets if not self.table.known[p][one].proven])
            for size in [max(AGAIN, -(-len(open_) // MOST_AGAIN))]
            for at in range(0, len(open_), size)
        ]
        if again and not {"stopped", "time_limit"} & set(self.ended_by) and self.work > 0:
            self._round(again, sum(_weight(block) for _, block in again))
            if self._stopped:
                return "stopped"
            self._draw()
        if all(known.proven for part in self.table.known for known in part.values()):
            return "proof"
        return next((one for one in ("stopped", "time_limit") if one in self.ended_by), "work_limit")

    @property
    def _stopped(self) -> bool:
        return "stopped" in self.ended_by or self.should_stop()

    def _blocks(self, p: int, sets: list[int]) -> Iterator[tuple[int, ...]]:
        """Yield the sets of a part that are still to be searched, by who of its largest players is there."""
        part, known = self.table.parts[p], self.table.known[p]
        left = [one for one in sets if one not in known]
        if len(sets) <= FEW_SETS:
            yield tuple(left)
            return
        largest = sorted(part.present, key=lambda player: (-part.pieces_of[player].bit_count(), player))[:DIVIDING]
        for who in range(1 << len(largest)):
            here = sum(1 << player for bit, player in enumerate(largest) if who >> bit & 1)
            among = sum(1 << player for player in largest)
            block = tuple(one for one in left if part.players(one) & among == here)
            if block:
                yield block

    def _round(self, tasks: list[tuple[int, tuple[int, ...]]], weight: int, *, handing_down: bool = False) -> None:
        """Run tasks, each with the share of the work that its sets have in a weight of all."""
        table = self.table
        total = sum(len(sets) for sets in self.sets)
        blocks = [
            Block(
                table.parts[p], sets, dict(table.known[p]), self.work * _weight(sets) / max(1, weight), self.until,
                self.seed, handing_down,
            )
            for p, sets in tasks
        ]  # fmt: skip

        def tell(done: int) -> None:
            self.on_done(1000 * (self.done + sum(len(one.sets) for one in blocks[:done])) // max(1, total))

        answers = self.runner.run(search_block, blocks, should_stop=self.should_stop, on_done=tell)
        for (p, sets), answer in zip(tasks, answers, strict=True):
            table.known[p].update(answer.known)
            table.drawn.extend((table.parts[p], one) for one in answer.drawn)
            self.work -= answer.work
            self.done = min(total, self.done + len(sets))
            self.ended_by.append(answer.ended_by)

    def _draw(self) -> None:
        for p, part in enumerate(self.table.parts):
            self.table.drawn.extend((part, one) for one in draw_ends(part, self.table.known[p]))


def _weight(sets: Iterable[int]) -> int:
    """Return the weight by which sets share the work."""
    return sum(one.bit_count() ** 2 for one in sets)


def _first(part: PartOfGame, sets: list[int]) -> tuple[int, ...]:
    """Return the sets of a large part on which all others build: of one player, of all, and of all but one."""
    if len(sets) <= FEW_SETS:
        return ()
    most = len(part.present) - 1
    return tuple(one for one in sets if (n := part.players(one).bit_count()) == 1 or n >= most)


class _Divided:
    """Bounds that hold however goods are split, and single members' goods divided anew."""

    def __init__(self, table: Coalitions) -> None:
        self.table = table
        self.bounding = Relaxation(grain_layout(table.problem, table.problem.consignments))
        self.known: dict[int, PricedCoalition] = {}
        self.alone: dict[int, LotPlan] = {}

    def price_all(self, budget: Budget) -> None:
        """Bound every coalition, the larger ones first."""
        order = sorted(range(1, 1 << len(self.table.players)), key=lambda mask: (-mask.bit_count(), mask))
        for done, mask in enumerate(order):
            self.price(mask, budget, max(0.2, SHARE_OF_WORK * budget.work / (len(order) - done)))

    def price(self, mask: int, budget: Budget, work: float) -> None:
        """Bound a coalition however its goods are split; of a single member, divide them anew."""
        priced = self.table.priced(mask)
        members = {player for bit, player in enumerate(self.table.players) if mask >> bit & 1}
        pieces = self.bounding.layout.pieces
        if not any(piece.consignment.member in members and piece.grain is not None for piece in pieces):
            return
        absent = sum(1 << i for i, piece in enumerate(pieces) if piece.consignment.member not in members)
        mine = replace(budget, work=min(work, MOST_WORK_BOUNDING, budget.work))
        given = mine.work
        search = PartSearch(self.bounding, (), mine, lambda *_: None, absent)
        search.relax(priced.upper)
        search.run()
        budget.spend(given - mine.work)
        self.known[mask] = PricedCoalition(priced.upper, min(priced.upper, search.bound), priced.direct)
        if mask.bit_count() == 1:
            self._alone(mask, budget, work)

    def _alone(self, mask: int, budget: Budget, work: float) -> None:
        priced, here = self.known[mask], self.table.goods_of(mask)
        limits = Limits(
            work_limit=max(0.1, min(work, MOST_WORK_ALONE)),
            time_limit_s=max(0.1, budget.deadline - time.monotonic()),
        )
        found = improve(
            here, self.table.plan(mask), limits=limits, seed=budget.seed, on_progress=ignore_progress,
            should_stop=budget.should_stop,
        )  # fmt: skip
        cost = price(here, found.plan.containers, found.plan.lcl, found.plan.postal)
        lower = max(priced.lower, min(found.lower_bound_minor, cost.cost_minor))
        if cost.cost_minor >= priced.upper:
            self.known[mask] = replace(priced, lower=min(priced.upper, lower))
            return
        self.alone[mask] = found.plan
        keys = {one.code for one in here.charges if one.allocation_key in MEASURING_KEYS}
        direct = sum(line.amount_minor for line in cost.charges if line.code in keys)
        self.known[mask] = PricedCoalition(cost.cost_minor, min(lower, cost.cost_minor), direct)


class DirectCharges:
    """The same problem with only the charges that have a sharing key of their own."""

    def __init__(self, problem: ConsolidationProblem) -> None:
        charges = tuple(one for one in problem.charges if one.allocation_key in MEASURING_KEYS)
        undelayed = tuple(replace(one, delay_cost_ppm_per_day=0) for one in problem.consignments)
        self.problem = replace(problem, charges=charges, consignments=undelayed) if charges else None

    def within(self, layout: Layout) -> "DirectCost":
        """Return their cost for the patterns of a layout."""
        if self.problem is None:
            return DirectCost(None, ())
        known = self.problem.consignment
        pieces = [replace(piece, consignment=known[piece.consignment.id]) for piece in layout.pieces]
        direct = layout_of(self.problem, pieces)
        index = {_key(place): q for q, place in enumerate(direct.places)}
        return DirectCost(direct, tuple(index[_key(place)] for place in layout.places))


@dataclass(frozen=True, slots=True)
class DirectCost:
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
