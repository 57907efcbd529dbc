"""From a checked plan and its cost game to money: what each member is charged, who pays it, and why.

The cost of a plan has a direct part, charge lines whose key says how they are shared, and an optimised part,
everything else and the delay costs (unless each member bears its own). The optimised part is shared by the rule on
the game g(S) = c(S) - measured(S) - caused(S), where measured(S) are the lines that a measure shares (volume, mass ...)
in S's own best plan, and caused(S) what the members of S cause and pay themselves (key `direct`) in the common plan.
Taking the latter from the common plan keeps core and nucleolus what they are of the whole cost: x(S) <= c(S)
exactly when the shares of the optimised part satisfy g(S). Both parts are whole minor units that sum to the cost.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from optimizer.allocation.core import core_evidence
from optimizer.allocation.covering import (
    CoveredLine,
    by_consignment,
    covered_lines,
    seller_pays,
    split_line,
    travelling_lots,
)
from optimizer.allocation.registry import RULES, rule
from optimizer.allocation.rule import Shares, ShareStatus, undefined
from optimizer.allocation.shapley import marginal_ranges
from optimizer.apportion import apportion, round_shares
from optimizer.certificate import Certificate, certify
from optimizer.certificate_levels import Proof
from optimizer.checking_lots import Lot
from optimizer.cost_game import CostGame
from optimizer.problem import AllocationKey, ConsolidationProblem, DelayKey
from optimizer.result import DelayCost, ShipmentPlan
from optimizer.units import round_half_up

MEASURES: Mapping[str, AllocationKey] = {
    "proportional_volume": AllocationKey.VOLUME,
    "proportional_mass": AllocationKey.MASS,
    "proportional_freight_tonne": AllocationKey.FREIGHT_TONNE,
    "proportional_value": AllocationKey.VALUE,
}
"""Rules that measure the goods instead of asking what groups would pay alone: they need no game."""

PLAN_RULES = (*(name for name, one in RULES.items() if not one.requires), *MEASURES)
"""Names of all rules that can share a plan's cost: those that need only the costs of coalitions, or a measure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberShare:
    """What one member is charged for a plan.

    Parameters
    ----------
    cost_share_minor
        `direct_minor` + `optimised_minor` = `pays_minor` + `buyers_pay_minor`.
    exact_minor
        The share before the optimised part was rounded.
    stand_alone_minor
        Best known cost of shipping alone; None where no game was given.
    why
        The numbers behind the share, as plain values; keys that name other members are
        ``binding_coalitions`` and ``coalitions``.
    """

    member: str
    cost_share_minor: int
    pays_minor: int
    buyers_pay_minor: int
    direct_minor: int
    optimised_minor: int
    exact_minor: Fraction
    stand_alone_minor: int | None = None
    why: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShares:
    """The shares of a plan's cost, or the reason why the rule gives none.

    Parameters
    ----------
    above_stand_alone
        Members charged more than they would pay alone: possible, never hidden.
    basis
        What a judge needs to work the shares out anew.
    standard_errors
        By member, in minor units, where the shares are estimated.
    """

    rule: str
    status: ShareStatus
    total_minor: int
    direct_minor: int
    optimised_minor: int
    members: tuple[MemberShare, ...] = ()
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    above_stand_alone: tuple[str, ...] = ()
    basis: "ShareBasis | None" = None
    standard_errors: Mapping[str, float] = field(default_factory=dict)

    @property
    def shares_minor(self) -> dict[str, int]:
        """Member -> what it and its buyers are charged."""
        return {one.member: one.cost_share_minor for one in self.members}

    @property
    def exact_shares(self) -> dict[str, Fraction]:
        """Member -> share before the optimised part was rounded."""
        return {one.member: one.exact_minor for one in self.members}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareBasis:
    """What the rule was given: with it, a judge works the shares of the optimised part out anew.

    Parameters
    ----------
    tie_key
        Decided, with the members' ids, who got odd minor units.
    caused_minor
        Member -> what it causes and pays itself (key `direct`) in the common plan.
    measured_minor
        By coalition mask: the part of its cost that a measuring key shares; empty without a game.
    weights, unions
        What the rule shares by, where it needs any.
    proof
        For rules that search.
    """

    tie_key: str
    caused_minor: Mapping[str, int]
    measured_minor: Sequence[int] = ()
    weights: Mapping[str, Fraction | int] = field(default_factory=dict)
    unions: Sequence[Sequence[str]] = ()
    proof: Proof | None = None


def share_costs(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    game: CostGame | None,
    direct: Sequence[int],
    rule_name: str,
    *,
    tie_key: str = "",
) -> CostShares:
    """Share the cost of a plan among the members whose goods it carries.

    Parameters
    ----------
    plan
        A plan without violations.
    game
        c(S) of the members; the entry of all members is replaced by the plan's cost. None will do for rules
        that need no game: `equal` and those of `MEASURES`. Its weights and unions serve the rules that need them.
    direct
        For every coalition the part of its upper cost that consists of lines with a measuring key; may be empty
        where there are none.
    rule_name
        One of `PLAN_RULES`, or another of `optimizer.allocation.registry.RULES`.
    tie_key
        Decides, with the members' ids, who gets odd minor units.

    Raises
    ------
    ValueError
        When there is no such rule, or a member of the plan is no player of the game.
    """
    ledger = Ledger(problem, plan, tie_key)
    players = game.players if game else tuple(ledger.members)
    if not set(ledger.members) <= set(players):
        raise ValueError(f"game: expected players {', '.join(ledger.members)}, found {', '.join(players)}")
    optimised_game = _optimised_game(game, direct, ledger.caused, ledger.optimised_minor) if game else None
    found = _by_rule(rule_name, ledger, optimised_game, players)
    alone = {player: int(game.upper[1 << bit]) for bit, player in enumerate(players)} if game else {}
    shares = in_money(rule_name, ledger, players, found, alone, _explainer(rule_name, found, optimised_game))
    if game is None or shares.basis is None:
        return shares
    basis, weights = shares.basis, shares.basis.weights or game.weights
    return replace(shares, basis=replace(basis, measured_minor=tuple(direct), weights=weights, unions=game.unions))


Explain = Callable[[str], Mapping[str, Any]]
"""What a rule has to say on a member's share."""


def in_money(
    rule_name: str,
    ledger: "Ledger",
    players: Sequence[str],
    found: Shares,
    alone: Mapping[str, int],
    explain: Explain = lambda _: {},
) -> CostShares:
    """Return the shares of a plan's cost, in whole minor units, from those of its optimised part.

    Parameters
    ----------
    found
        Shares of the optimised part, or why there are none.
    alone
        By member: the best known cost of shipping alone; may be empty.
    """
    result = CostShares(
        rule=rule_name,
        status=found.status,
        total_minor=ledger.plan.cost_minor,
        direct_minor=sum(ledger.direct.values()),
        optimised_minor=ledger.optimised_minor,
        reason=found.reason,
        detail=found.detail if found.status is ShareStatus.UNDEFINED else {},
        standard_errors=found.standard_errors,
    )
    if found.status is ShareStatus.UNDEFINED:
        return result
    rounded = round_shares(found.shares, ledger.optimised_minor, tie_key=f"{ledger.tie_key}|optimised")
    members = []
    for player in players:
        share = ledger.member_share(player, rounded[player], found.shares[player], alone.get(player))
        members.append(replace(share, why={**share.why, **explain(player)}))
    above = tuple(one.member for one in members if one.cost_share_minor > alone.get(one.member, one.cost_share_minor))
    basis = ShareBasis(
        tie_key=ledger.tie_key,
        caused_minor=dict(ledger.caused),
        weights=found.detail.get("weights", {}),
        proof=found.proof,
    )
    return replace(result, members=tuple(members), above_stand_alone=above, basis=basis)


def certify_shares(game: CostGame, shares: CostShares) -> Certificate:
    """Return the certificate of shares against the whole cost c(S), with what decides whether the core is empty."""
    evidence = core_evidence(game, shares.total_minor)
    return certify(
        game,
        shares.shares_minor,
        shares.total_minor,
        exact_shares=shares.exact_shares,
        balanced_weights=evidence.balanced_weights,
        core_point=evidence.core_point,
    )


def _optimised_game(
    game: CostGame, measured: Sequence[int], caused: Mapping[str, int], optimised_minor: int
) -> CostGame:
    """Return g(S) = c(S) - measured(S) - caused(S), with what the plan really costs for all together."""
    size = len(game.upper)
    if measured and len(measured) != size:
        raise ValueError(f"direct: expected {size} coalitions, found {len(measured)}")
    taken = list(measured or [0] * size)
    own = [0] * size
    for mask in range(1, size):
        last = mask.bit_length() - 1
        own[mask] = own[mask ^ 1 << last] + caused.get(game.players[last], 0)
        taken[mask] += own[mask]
    upper = [cost - part for cost, part in zip(game.upper, taken, strict=True)]
    lower = [cost - part for cost, part in zip(game.lower, taken, strict=True)]
    upper[-1] = lower[-1] = optimised_minor
    return replace(game, upper=upper, lower=lower)


def _by_rule(name: str, ledger: "Ledger", game: CostGame | None, players: Sequence[str]) -> Shares:
    if name not in (known := (*RULES, *MEASURES)):
        raise ValueError(f"method: expected one of {', '.join(known)}, found {name!r}")
    measured = by_measure(name, ledger, players)
    if measured is not None:
        return measured
    if game is None:
        return undefined(name, "game_missing")
    return rule(name).function(game)


def by_measure(name: str, ledger: "Ledger", players: Sequence[str]) -> Shares | None:
    """Return the shares of the optimised part by a rule that needs no game; None for all other rules."""
    if name in MEASURES:
        return _in_proportion(name, ledger, {player: ledger.measure(player, MEASURES[name]) for player in players})
    if name == "equal":
        return _in_proportion(name, ledger, {player: Fraction(player in ledger.members) for player in players})
    return None


def _in_proportion(name: str, ledger: "Ledger", weights: Mapping[str, Fraction]) -> Shares:
    whole, total = sum(weights.values(), start=Fraction(0)), ledger.optimised_minor
    if whole == 0 and total:
        return undefined(name, "no_weights", total=total)
    shares = {player: total * weight / (whole or 1) for player, weight in weights.items()}
    return Shares(method=name, status=ShareStatus.EXACT, shares=shares, detail={"weights": weights})


class Ledger:
    """A plan's cost member by member: direct lines, measures of the goods, and who pays by Incoterm."""

    def __init__(self, problem: ConsolidationProblem, plan: ShipmentPlan, tie_key: str) -> None:
        lots = travelling_lots(problem, plan)
        self.problem, self.plan, self.tie_key = problem, plan, tie_key
        self.lots: defaultdict[str, list[Lot]] = defaultdict(list)
        for lot in lots:
            self.lots[lot.consignment.member].append(lot)
        self.members = tuple(one.id for one in problem.members if one.id in self.lots)
        self.direct: Counter[str] = Counter()
        self.caused: Counter[str] = Counter()
        self.direct_buyers: Counter[str] = Counter()
        self.direct_lines: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.notional: defaultdict[str, dict[str, Fraction]] = defaultdict(
            lambda: {"member": Fraction(0), "buyers": Fraction(0)}
        )
        for covered in covered_lines(problem, plan, lots):
            if covered.charge.allocation_key is AllocationKey.OPTIMISED:
                self._attribute(covered)
            else:
                self._charge_directly(covered)
        for delay in plan.delay_costs:
            member = problem.consignment[delay.consignment].member
            if problem.settings.delay_key is DelayKey.OPTIMISED:
                self.notional[member]["member"] += delay.amount_minor
            elif delay.amount_minor:
                self._bear_delay(member, delay)
        self.optimised_minor = plan.cost_minor - sum(self.direct.values())
        volumes = {member: self.measure(member, AllocationKey.VOLUME) for member in self.members}
        self.by_volume = apportion(self.optimised_minor, volumes, tie_key=tie_key) if volumes else {}

    def _attribute(self, covered: CoveredLine) -> None:
        """Attribute an optimised line to consignments by freight tonnes, only to split member and buyers."""
        weights = by_consignment(covered.lots, AllocationKey.FREIGHT_TONNE)
        whole = sum(weights.values(), start=Fraction(0))
        for name, weight in weights.items():
            consignment = self.problem.consignment[name]
            side = "member" if seller_pays(consignment, covered.charge) else "buyers"
            self.notional[consignment.member][side] += covered.line.amount_minor * weight / whole

    def _charge_directly(self, covered: CoveredLine) -> None:
        split = split_line(self.problem, covered, tie_key=self.tie_key)
        mine: Counter[str] = Counter()
        for name, amount in split.items():
            consignment = self.problem.consignment[name]
            mine[consignment.member] += amount
            if not seller_pays(consignment, covered.charge):
                self.direct_buyers[consignment.member] += amount
        self.direct.update(mine)
        if covered.charge.allocation_key is AllocationKey.DIRECT:
            self.caused.update(mine)
        for member, amount in mine.items():
            self.direct_lines[member].append(
                {
                    "code": covered.line.code,
                    "departure": covered.line.departure,
                    "key": covered.charge.allocation_key.value,
                    "amount_minor": amount,
                }
            )

    def _bear_delay(self, member: str, delay: DelayCost) -> None:
        """Let a member bear its own waiting in the common plan, like any cost that it causes."""
        self.direct[member] += delay.amount_minor
        self.caused[member] += delay.amount_minor
        self.direct_lines[member].append(
            {
                "code": "delay",
                "departure": delay.departure,
                "key": DelayKey.DIRECT.value,
                "amount_minor": delay.amount_minor,
            }
        )

    def measure(self, member: str, key: AllocationKey) -> Fraction:
        """Return a measure of all goods of a member that travel."""
        return sum(by_consignment(self.lots.get(member, ()), key).values(), start=Fraction(0))

    def member_share(self, member: str, optimised_minor: int, exact: Fraction, alone: int | None) -> MemberShare:
        """Add up a member's share and split it between the member and its buyers."""
        direct, parts = self.direct[member], self.notional[member]
        weights = parts if any(parts.values()) else {"member": Fraction(1), "buyers": Fraction(0)}
        sides = apportion(optimised_minor, weights, tie_key=f"{self.tie_key}|{member}")
        buyers = self.direct_buyers[member] + sides["buyers"]
        share = direct + optimised_minor
        why: dict[str, Any] = {
            "direct_minor": direct,
            "optimised_minor": optimised_minor,
            "proportional_volume_minor": direct + self.by_volume.get(member, 0),
            "direct_lines": self.direct_lines[member],
            "measures": {
                "volume_mm3": int(self.measure(member, AllocationKey.VOLUME)),
                "mass_g": int(self.measure(member, AllocationKey.MASS)),
                "freight_tonnes": str(self.measure(member, AllocationKey.FREIGHT_TONNE)),
                "value_minor": round_half_up(self.measure(member, AllocationKey.VALUE)),
            },
            "notional_minor": {side: round_half_up(amount) for side, amount in parts.items()},
        }
        if alone is not None:
            why |= {"stand_alone_minor": alone, "saving_minor": alone - share}
        return MemberShare(
            member=member,
            cost_share_minor=share,
            pays_minor=share - buyers,
            buyers_pay_minor=buyers,
            direct_minor=direct,
            optimised_minor=optimised_minor,
            exact_minor=direct + exact,
            stand_alone_minor=alone,
            why=why,
        )


def _explainer(name: str, found: Shares, game: CostGame | None) -> Explain:
    """Return what the rule itself has to say on a member's share of the optimised part."""
    if name == "shapley" and game is not None:
        ranges = marginal_ranges(game)
        return lambda player: {
            "lowest_marginal_minor": _plain(ranges[player].lowest),
            "highest_marginal_minor": _plain(ranges[player].highest),
            "coalitions": {
                "lowest_marginal_with": list(ranges[player].lowest_with),
                "highest_marginal_with": list(ranges[player].highest_with),
            },
        }
    if name in ("nucleolus", "least_core") and "levels" in found.detail:
        return lambda player: _binding(player, found.detail["levels"])
    return lambda _: {}


def _binding(player: str, levels: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the groups with the player that save least, so that its share could not be higher, and their excess."""
    for level in levels:
        groups = [list(group) for group in level["coalitions"] if player in group]
        if groups:
            return {"binding_excess_minor": _plain(level["excess"]), "binding_coalitions": groups}
    return {}


def _plain(number: Fraction) -> int | str:
    return int(number) if number.denominator == 1 else str(number)
