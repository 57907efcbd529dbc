"""Shares of a plan's cost among more members than a table of coalitions is kept for, and what is known of them.

Goods that share nothing separate the game: the Shapley value adds up over the parts exactly, and a member alone in a
part pays it. Within a part coalitions are drawn (`sampling`). Every coalition's cost is an interval from
`optimizer.coalition_prices`; the upper ends, costs of real plans, are what is shared by.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import compress
from typing import Any

import numpy as np

from optimizer.allocation.rule import Shares, ShareStatus, undefined
from optimizer.allocation.sampling import Aim, SeparateGame, sampled_shapley
from optimizer.allocation.shares import PLAN_RULES, CostShares, Ledger, by_measure, in_money
from optimizer.allocation.stability import look_for_coalitions
from optimizer.allocation.stable_total import Shortfall, shortfall
from optimizer.allocation.strata import Marks
from optimizer.certificate import Compared, Number
from optimizer.certificate_many import ManyCertificate
from optimizer.coalition_prices import CoalitionInterval, CoalitionOracle, SeparatePart
from optimizer.limits import Limits, OnProgress, ShouldStop, ignore_progress, never_stop
from optimizer.problem import AllocationKey, ConsolidationProblem
from optimizer.result import ShipmentPlan
from optimizer.shipment_game import as_full_as

EXACT_PLAYERS = 8
"""Members of a part up to which every coalition is priced."""

TOGETHER = 8
"""Pairs of coalitions priced at once: between them is looked at the clock."""

MOST_EVALUATIONS = 2_000_000
"""Coalitions priced at most for an estimate."""

MOST_SEARCHED = 1500
"""Coalitions priced at most in one look for a group that objects."""

WORK_ALONE = 0.1
"""Work of searching what one member would pay alone, roughly seconds."""

ROUNDS = 3
"""Looks for groups that object to the shares to which those known so far object least."""

DECISIVE = 20
"""Coalitions that a certificate names beside those with weights."""

PART_FOR_PRICES, PART_FOR_SHARES = 0.2, 0.55
"""Parts of the time for the prices of all goods, and for an estimate; the rest is for what each would pay alone and for
stability."""

GOOD_ENOUGH = Aim()

Costs = dict[frozenset[str], tuple[Number, Number]]


@dataclass
class ManyMembers:
    """The game of a plan with many members, by prices of its goods.

    Parameters
    ----------
    limits
        Of everything that is asked of it, from now on.
    """

    problem: ConsolidationProblem
    plan: ShipmentPlan
    limits: Limits
    seed: int = 0
    should_stop: ShouldStop = never_stop
    on_progress: OnProgress = ignore_progress
    known: Costs = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begun = time.monotonic()
        part = Limits(
            time_limit_s=self.limits.time_limit_s * PART_FOR_PRICES, work_limit=self.limits.work_limit * PART_FOR_PRICES
        )
        self.oracle = CoalitionOracle(
            as_full_as(self.problem, self.plan), self.plan, limits=part, seed=self.seed, should_stop=self.should_stop
        )
        self.players = self.oracle.players
        self.parts = self.oracle.parts()
        self.prices = self.oracle.member_prices()
        found = self._priced([(player,) for player in self.players], work_each=WORK_ALONE)
        self.alone = {
            player: (one.lower_minor, one.upper_minor) for player, one in zip(self.players, found, strict=True)
        }
        self.known |= {frozenset([player]): ends for player, ends in self.alone.items()}

    @property
    def left_s(self) -> float:
        """Seconds that are left."""
        return max(0.0, self.limits.time_limit_s - (time.monotonic() - self.begun))

    def shares(self, rule_name: str, *, tie_key: str = "", aim: Aim = GOOD_ENOUGH) -> CostShares:
        """Share the plan's cost by a rule: `shapley` (estimated), `lp_prices`, or one that measures the goods.

        Others have no answer (``too_many_members``).

        Raises
        ------
        ValueError
            When there is no such rule.
        """
        if rule_name not in PLAN_RULES:
            raise ValueError(f"method: expected one of {', '.join(PLAN_RULES)}, found {rule_name!r}")
        ledger = Ledger(self.problem, self.plan, tie_key)
        found = by_measure(rule_name, ledger, self.players)
        if found is None and rule_name == "shapley":
            found = self._shapley(ledger, aim)
        elif found is None and rule_name == "lp_prices":
            found = self._by_prices(ledger)
        elif found is None:
            found = undefined(rule_name, "too_many_members", members=len(self.players))
        alone = {player: high for player, (_, high) in self.alone.items()}
        errors = found.standard_errors

        def explain(player: str) -> Mapping[str, Any]:
            # Of the member itself only: what is drawn of others says nothing here.
            return {"standard_error_minor": round(errors[player])} if player in errors else {}

        shares = in_money(rule_name, ledger, self.players, found, alone, explain)
        told = {name: value for name, value in found.detail.items() if name != "weights"}  # they are in the basis
        # What is alone or in a small part is exact, and an estimate says so of everybody.
        errors = {player: errors.get(player, 0.0) for player in self.players} if errors else {}
        return replace(shares, detail=told, standard_errors=errors if shares.members else {})

    def _shapley(self, ledger: Ledger, aim: Aim) -> Shares:
        """Return the value of g(S) = c(S) - measured(S) - caused(S), as for few members."""
        games = [self._separate(part, ledger) for part in self.parts]
        # What the plan costs otherwise than part by part belongs to all.
        missing = ledger.optimised_minor + sum(ledger.caused.values()) - sum(game.total for game in games)
        found = sampled_shapley(
            games,
            aim=aim,
            most_evaluations=MOST_EVALUATIONS,
            time_limit_s=self.left_s * PART_FOR_SHARES / (1 - PART_FOR_PRICES),
            seed=self.seed,
            exact_players=EXACT_PLAYERS,
            together=TOGETHER,
            should_stop=self.should_stop,
            on_progress=self.on_progress,
        )
        if not found.shares:
            return found
        each = Fraction(missing) / len(self.players)
        shares = {player: found.shares[player] - ledger.caused[player] + each for player in self.players}
        about = {name: found.detail[name] for name in ("evaluations", "ended_by", "seed")}
        return replace(found, shares=shares, detail={**about, "parts": len(self.parts)})

    def _separate(self, part: SeparatePart, ledger: Ledger) -> SeparateGame:
        def cost(marks: Marks) -> Any:
            groups = [tuple(compress(part.players, row)) for row in marks.tolist()]
            found = part.oracle.price(groups, time_limit_s=float("inf"))
            return np.array([(one.lower_minor - one.direct_minor, one.upper_minor - one.direct_minor) for one in found])

        measures = {
            key.value: [float(ledger.measure(player, key)) for player in part.players]
            for key in (AllocationKey.VOLUME, AllocationKey.FREIGHT_TONNE)
        }
        total = part.total_minor - part.direct_minor
        return SeparateGame(players=part.players, total=total, cost=cost, measures=measures)

    def _by_prices(self, ledger: Ledger) -> Shares:
        """Charge the prices of the goods, raised to the plan's cost: what is direct is a part of that."""
        prices = {player: max(Fraction(0), Fraction(price)) for player, price in self.prices.prices.items()}
        whole = sum(prices.values())
        if not whole:
            return undefined("lp_prices", "no_weights", total=self.plan.cost_minor)
        factor = Fraction(self.plan.cost_minor) / whole
        shares = {player: factor * price - ledger.direct[player] for player, price in prices.items()}
        detail = {"factor": round(float(factor), 6)}
        return Shares(method="lp_prices", status=ShareStatus.BOUNDED, shares=shares, reason="lp_prices", detail=detail)

    def certificate(self, shares: CostShares) -> ManyCertificate:
        """Look for groups that object, and for what it would take that none does; return what anybody can re-check."""
        charged = shares.shares_minor
        lanes = [part.players for part in self.parts]
        deadline = time.monotonic() + self.left_s

        def over() -> bool:
            return self.should_stop() or time.monotonic() > deadline

        def look(tried: Mapping[str, Any], most: int) -> None:
            look_for_coalitions(
                tried, shares.total_minor, self._intervals, prices=self.prices, groups=lanes, most_coalitions=most,
                known=self.known, should_stop=over,
            )  # fmt: skip

        look(charged, MOST_SEARCHED)
        found = self._shortfall(shares.total_minor)
        for _ in range(ROUNDS):
            before = len(self.known)
            if over() or not found.shares:
                break
            look(found.shares, MOST_SEARCHED // ROUNDS)
            if len(self.known) == before:
                break
            found = self._shortfall(shares.total_minor)
        return ManyCertificate(
            total=shares.total_minor,
            shares=charged,
            alone=self.alone,
            compared=self._decisive(charged, found),
            prices=self.prices,
            weights=tuple((self._named(one), weight) for one, weight in found.weights.items()),
            asked=len(self.known),
            surcharge_at_least=max(0, int(found.surcharge)),
        )

    def _shortfall(self, total: int) -> Shortfall:
        return shortfall(self.players, total, {one: high for one, (_, high) in self.known.items()})

    def _decisive(self, charged: Mapping[str, int], found: Shortfall) -> tuple[Compared, ...]:
        """Return the groups that are charged most against their cost, and those with weights."""

        def compared(one: frozenset[str]) -> Compared:
            low, high = self.known[one]
            return Compared(coalition=self._named(one), share=sum(charged[who] for who in one), lower=low, upper=high)

        several = [one for one in self.known if len(one) > 1]
        several.sort(key=lambda one: (self.known[one][1] - sum(charged[who] for who in one), self._named(one)))
        chosen = dict.fromkeys([*several[:DECISIVE], *(one for one in found.weights if len(one) > 1)])
        return tuple(compared(one) for one in chosen)

    def _intervals(self, groups: Sequence[tuple[str, ...]]) -> list[tuple[Number, Number]]:
        return [(one.lower_minor, one.upper_minor) for one in self._priced(groups)]

    def _priced(self, groups: Sequence[tuple[str, ...]], work_each: float = 0.0) -> list[CoalitionInterval]:
        found = []
        for at in range(0, len(groups), TOGETHER):
            # Late, or stopped: quick answers, which are costs of real plans all the same.
            found += self.oracle.price(
                groups[at : at + TOGETHER],
                time_limit_s=self.left_s,
                work_each=work_each,
                should_stop=self.should_stop,
            )
        return found

    def _named(self, coalition: frozenset[str]) -> tuple[str, ...]:
        return tuple(one for one in self.players if one in coalition)
