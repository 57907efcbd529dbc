"""Costs of any coalitions of any number of members, as intervals: for shares and certificates of large consortia.

The lower end comes from prices of the goods under which no container pays: together, the prices of a coalition's goods
are no more than what it would pay alone (a point in the core of the linear game; Deng, Ibaraki and Nagamochi 1999). The
upper end is a plan: the plan for all without the others' goods, or one filled quickly. More work narrows both.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from optimizer.certificate_large import MemberPrices
from optimizer.consolidation.bounds import connected, separate_parts, without_dominated
from optimizer.consolidation.budgets import Budget
from optimizer.consolidation.coalition_search import Block, Known, PartOfGame, Proof, proof_of, search_block
from optimizer.consolidation.coalitions import DirectCharges, DirectCost, part_of_game
from optimizer.consolidation.fillings import Ints
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.lots import LotPlan
from optimizer.consolidation.parts import PartSearch
from optimizer.consolidation.patterns import CLOSED, Layout, whole_piece
from optimizer.consolidation.quick_choice import Filler, filler_of
from optimizer.consolidation.relaxation import Node, Relaxation
from optimizer.consolidation.splitting import divided_as, grain_layout
from optimizer.limits import Limits, ShouldStop, never_stop
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan
from optimizer.runner import InProcess, Runner

TOGETHER = 64
"""Coalitions in one task."""

NOT_KNOWN = 1 << 60


@dataclass(frozen=True, slots=True)
class CoalitionInterval:
    """What a coalition pays at least and at most for the goods of its members that the plan carries.

    Parameters
    ----------
    direct_minor
        Of what it pays at most: the part that a measuring key (volume, mass, value ...) shares.
    """

    lower_minor: int
    upper_minor: int
    direct_minor: int = 0


def price_coalitions(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    coalitions: Sequence[Collection[str]],
    *,
    limits: Limits,
    seed: int = 0,
    runner: Runner | None = None,
    should_stop: ShouldStop = never_stop,
    work_each: float = 0.0,
) -> list[CoalitionInterval]:
    """Price coalitions as intervals.

    Parameters
    ----------
    coalitions
        Ids of members; those without goods in the plan add nothing.
    limits, seed, runner, should_stop, work_each
        As for `CoalitionOracle` and its `price`; the limits are for all of it.
    """
    deadline = time.monotonic() + limits.time_limit_s
    oracle = CoalitionOracle(problem, plan, limits=limits, seed=seed, should_stop=should_stop)
    left = max(0.0, deadline - time.monotonic())
    return oracle.price(coalitions, time_limit_s=left, runner=runner, should_stop=should_stop, work_each=work_each)


class CoalitionOracle:
    """Prices coalitions of a plan's members, any number of times, from one set of prices for all goods.

    Parameters
    ----------
    limits
        Of finding the prices, by column generation on each separate part; cut short, the lower ends are lower.
    """

    def __init__(
        self, problem: ConsolidationProblem, plan: ShipmentPlan, *, limits: Limits, seed: int = 0,
        should_stop: ShouldStop = never_stop,
    ) -> None:  # fmt: skip
        carried = {part.consignment for load in plan.containers for part in load.contents}
        carried |= {lot.part.consignment for lot in (*plan.lcl, *plan.postal)}
        self.problem = problem.restricted_to(carried)
        self.seed = seed
        with_goods = {one.member for one in self.problem.consignments}
        self.players = tuple(member.id for member in problem.members if member.id in with_goods)
        lots = LotPlan(containers=plan.containers, lcl=plan.lcl, postal=plan.postal)
        splits = any(one.can_split for one in self.problem.consignments)
        pieces = divided_as(self.problem, lots) if splits else [whole_piece(one) for one in self.problem.consignments]
        layout = without_dominated(layout_of(self.problem, pieces))
        uppers = [layout.restricted(keep) for keep in separate_parts(layout)]
        lowers = uppers
        if splits:
            grains = without_dominated(grain_layout(self.problem, self.problem.consignments))
            lowers = [grains.restricted(keep) for keep in separate_parts(grains)]
        budget = Budget(limits.work_limit, time.monotonic() + limits.time_limit_s, seed, should_stop)
        priced = self._priced(lowers, budget)
        bounds = tuple(
            _Bounds(self._owners(one), _own(one), proof) for one, (_, proof) in zip(lowers, priced, strict=True)
        )
        makers = []
        direct = DirectCharges(self.problem)
        for at, part in enumerate(uppers):
            relaxation = None if splits else priced[at][0]
            variants = Relaxation(part).variants if relaxation is None else relaxation.variants
            game = part_of_game(part, self.players, lots)
            makers.append(
                _Maker(
                    game,
                    filler_of(part, variants),
                    self._owners(part),
                    priced[at][1] if not splits else None,
                    direct.within(part),
                )
            )
        self._tables = _Tables(bounds, tuple(makers), splits=splits)

    def _priced(self, layouts: Iterable[Layout], budget: Budget) -> list[tuple[Relaxation, Proof | None]]:
        """Find the prices of each part: small ones first, so that what they leave goes to the large ones."""
        found: dict[int, tuple[Relaxation, Proof | None]] = {}
        parts = sorted(enumerate(layouts), key=lambda one: len(one[1].pieces))
        weights = [len(layout.pieces) ** 2 for _, layout in parts]
        for done, (at, layout) in enumerate(parts):
            share = weights[done] / sum(weights[done:])
            now = time.monotonic()
            mine = Budget(
                budget.work * share, now + max(0.0, budget.deadline - now) * share, budget.seed, budget.should_stop
            )
            given = mine.work
            search = _FirstNode(Relaxation(layout), (), mine, lambda *_: None)
            search.run()
            budget.spend(given - mine.work)
            n = len(layout.pieces)
            proof = proof_of(search.relaxation, search.prices, range(n), n) if search.prices else None
            found[at] = search.relaxation, proof
        return [found[at] for at in range(len(found))]

    def _owners(self, layout: Layout) -> Ints:
        index = {player: at for at, player in enumerate(self.players)}
        return np.array([index[piece.consignment.member] for piece in layout.pieces], dtype=np.int64)

    def parts(self) -> list["SeparatePart"]:
        """Return the separate parts, whose costs add up; one of everything where goods are divided otherwise."""
        if self._tables.splits:
            makers = self._tables.makers
            total, direct = (sum(getattr(one, name) for one in makers) for name in ("total_minor", "direct_minor"))
            return [SeparatePart(players=self.players, total_minor=total, direct_minor=direct, oracle=self)]
        found = []
        for bounds, maker in zip(self._tables.bounds, self._tables.makers, strict=True):
            alone = copy(self)
            alone._tables = _Tables((bounds,), (maker,), splits=False)  # noqa: SLF001 (its own class)
            players = tuple(self.players[at] for at in sorted(set(maker.owners.tolist())))
            found.append(
                SeparatePart(
                    players=players, total_minor=maker.total_minor, direct_minor=maker.direct_minor, oracle=alone
                )
            )
        return found

    def member_prices(self) -> MemberPrices:
        """Return a price for every member such that no coalition pays less than the prices of its members, and a base.

        They are the prices of the goods, added up by member: weaker than the lower ends of `price`, but the same for
        all coalitions at once.
        """
        base = Fraction(0)
        prices = [Fraction(0)] * len(self.players)
        for part in self._tables.bounds:
            fixed, by_piece = part.prices()
            base += fixed
            for player, price in zip(part.owners.tolist(), by_piece, strict=True):
                prices[player] += price
        return MemberPrices(base=base, prices=dict(zip(self.players, prices, strict=True)))

    def price(
        self, coalitions: Sequence[Collection[str]], *, time_limit_s: float = 60.0, runner: Runner | None = None,
        should_stop: ShouldStop = never_stop, work_each: float = 0.0,
    ) -> list[CoalitionInterval]:  # fmt: skip
        """Price coalitions in the order given.

        Parameters
        ----------
        time_limit_s
            After which only lower ends of nothing but single lots, and the plan without the others' goods, are given.
        work_each
            Deterministic work of searching each coalition beyond quick plans and known prices, roughly seconds.
        """
        index = {player: at for at, player in enumerate(self.players)}
        chosen = [sorted({index[one] for one in members if one in index}) for members in coalitions]
        until = time.time() + time_limit_s
        tasks = [
            _Batch(
                self._tables,
                tuple(map(tuple, chosen[at : at + TOGETHER])),
                len(self.players),
                work_each,
                until,
                self.seed,
            )
            for at in range(0, len(chosen), TOGETHER)
        ]
        answers = (runner or InProcess()).run(_price_batch, tasks, should_stop=should_stop)
        return [one for answer in answers for one in answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparatePart:
    """Goods that share nothing with others: the members who own some, what the plan pays for them, and their costs.

    Parameters
    ----------
    direct_minor
        The part of what the plan pays that a measuring key shares.
    """

    players: tuple[str, ...]
    total_minor: int
    direct_minor: int
    oracle: CoalitionOracle


class _FirstNode(PartSearch):
    """Column generation at the first node alone."""

    prices = None

    def _visit(self, node: Node):  # type: ignore[no-untyped-def]
        self.relaxation.enter(node)
        self.nodes += 1
        generated = self._generate()
        self.prices = generated.prices
        return generated.bound, None


def _own(layout: Layout) -> Ints:
    """Return by piece the least that it costs by itself, wherever it travels."""
    cost = np.where(layout.cost == CLOSED, NOT_KNOWN, layout.cost)
    own: Ints = cost.min(axis=1, initial=NOT_KNOWN)
    own[own == NOT_KNOWN] = 0
    return own


@dataclass(frozen=True, eq=False)
class _Bounds:
    """Lower ends from one separate part."""

    owners: Ints
    own: Ints
    proof: Proof | None

    def lower(self, present: Ints) -> int:
        held = np.flatnonzero(present[self.owners])
        least = int(self.own[held].sum())
        return max(least, self.proof.bound(held)) if self.proof and len(held) else least

    def prices(self) -> tuple[Fraction, list[Fraction]]:
        """Return a base <= 0 and a price of each piece that no set of pieces costs less than."""
        own = [Fraction(cost) for cost in self.own.tolist()]
        if self.proof is None:
            return Fraction(0), own
        base, rows = self.proof.additive()
        return (base, rows) if base + sum(rows) > sum(own) else (Fraction(0), own)


@dataclass(frozen=True, eq=False)
class _Maker:
    """Upper ends from one separate part."""

    game: PartOfGame
    filler: Filler
    owners: Ints
    proof: Proof | None
    direct: DirectCost

    @property
    def direct_minor(self) -> int:
        """What a measuring key shares of that."""
        return self.direct.of(self.game.start)

    @property
    def total_minor(self) -> int:
        """What the plan pays for all goods here."""
        return self.game.layout.total(self.game.start)

    def upper(self, present: Ints, *, quickly: bool) -> Known | None:
        """Return the cheapest quick plan of a coalition's goods here, None where it has none."""
        held = np.flatnonzero(present[self.owners])
        if not len(held):
            return None
        pieces = sum(1 << int(i) for i in held)
        plans = [list(self.game.cut(self.game.start, pieces))]
        if not quickly:
            wanted = len(held)
            plans += [one for one in self.filler.columns(held) if sum(c.mask.bit_count() for c in one) == wanted]
        totals = [self.filler.total(one) for one in plans]
        best = min(totals)
        return Known(best, 0, tuple(plans[totals.index(best)]), "open")


@dataclass(frozen=True, eq=False)
class _Tables:
    bounds: tuple[_Bounds, ...]
    makers: tuple[_Maker, ...]
    splits: bool


@dataclass(frozen=True, eq=False)
class _Batch:
    """A task: some coalitions, each a tuple of player numbers."""

    tables: _Tables
    coalitions: tuple[tuple[int, ...], ...]
    players: int
    work_each: float
    until: float
    seed: int


def _price_batch(batch: _Batch, should_stop: ShouldStop) -> list[CoalitionInterval]:
    found = []
    for members in batch.coalitions:
        present = np.zeros(batch.players, dtype=np.int64)
        present[list(members)] = 1
        over = should_stop() or time.time() > batch.until
        known = [(maker, one) for maker in batch.tables.makers if (one := maker.upper(present, quickly=over))]
        if batch.work_each > 0 and not over and not batch.tables.splits:
            lower, upper, direct = _searched(batch, known, present, should_stop)
        else:
            lower = sum(one.lower(present) for one in batch.tables.bounds)
            upper = sum(one.upper for _, one in known)
            direct = sum(maker.direct.of(one.columns) for maker, one in known)
        found.append(CoalitionInterval(min(lower, upper), upper, direct))
    return found


def _searched(
    batch: _Batch, known: Sequence[tuple[_Maker, Known]], present: Ints, should_stop: ShouldStop
) -> tuple[int, int, int]:
    """Return both ends after a search of each part, with work in proportion to the squares of their pieces.

    The third number is what a measuring key shares of the upper one.
    """
    held = [np.flatnonzero(present[maker.owners]) for maker, _ in known]
    all_ = sum(len(one) ** 2 for one in held)
    lower = upper = direct = 0
    for (maker, quick), pieces in zip(known, held, strict=True):
        mask = sum(1 << int(i) for i in pieces)
        sets = connected(maker.game.near, mask)
        cut = {one: maker.game.cut(quick.columns, one) for one in sets}
        begun = {one: Known(maker.game.layout.total(columns), 0, columns, "open") for one, columns in cut.items()}
        work = batch.work_each * len(pieces) ** 2 / all_
        answer = search_block(Block(maker.game, sets, begun, work, batch.until, batch.seed), should_stop)
        ends = [answer.known[one] for one in sets]
        proven = max(sum(one.lower for one in ends), maker.proof.bound(pieces) if maker.proof else 0)
        least = min(quick.upper, sum(one.upper for one in ends))
        lower += min(proven, least)
        upper += least
        columns = quick.columns if quick.upper == least else tuple(one for end in ends for one in end.columns)
        direct += maker.direct.of(columns)
    return lower, upper, direct
