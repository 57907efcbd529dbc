"""Why a member pays what it pays: a waterfall from its cost alone to its payment, as numbers that add up.

alone -> pooled, charge by charge -> co-financing -> rounding -> what its buyers pay -> to pay. Every amount is a whole
number of minor units, and the steps sum to the payment exactly. The rule shares the optimised part as one amount;
that amount is laid out over the charges in proportion to what each costs for the member's own goods, a line being
attributed to the goods under it by freight tonnes (the same attribution that splits member and buyers). The layout
explains a share and never changes it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from optimizer.allocation.covering import by_consignment, covered_lines, travelling_lots
from optimizer.allocation.shares import CostShares, MemberShare
from optimizer.problem import AllocationKey, ConsolidationProblem
from optimizer.result import ShipmentPlan
from optimizer.units import round_half_up

WAITING, JOINT = "waiting", "joint"
"""Keys of amounts that no charge is behind: the cost of waiting; a joint cost that no charge of the member explains."""


class StepKind(StrEnum):
    """What a step of a waterfall is: the first is what it begins with, the others change it."""

    ALONE = "alone"
    POOLING = "pooling"
    CHARGE = "charge"
    CO_FINANCING = "co_financing"
    ROUNDING = "rounding"
    BUYERS = "buyers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `code` names the charge where the step is about one, `amount_minor` is added."""

    kind: StepKind
    amount_minor: int
    code: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargePart:
    """What one charge costs a member alone and pooled.

    Parameters
    ----------
    code, key
        The charge and its allocation key; the code is empty and the key `WAITING` or `JOINT` where there is none.
    alone_minor
        In the member's own plan, by itself; None where that plan is not known.
    """

    code: str
    key: str
    alone_minor: int | None
    pooled_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The way from a member's cost alone to its payment.

    Parameters
    ----------
    alone_minor
        Cost of the member's goods by themselves; None where it is not known: then the way begins with the charges.
    charges
        In the order of the tariff, waiting last; with a known cost alone their `alone_minor` sum to it, or none has
        one and the saving is one step.
    co_financing_minor, buyers_minor
        What a grant and the member's buyers pay of it, >= 0 for a grant.
    rounding_minor
        What whole units leave between the charges and the share: a few units.
    """

    alone_minor: int | None
    charges: tuple[ChargePart, ...]
    co_financing_minor: int
    rounding_minor: int
    buyers_minor: int

    @property
    def pooled_minor(self) -> int:
        """What the goods cost in the pool, before rounding."""
        return sum(part.pooled_minor for part in self.charges)

    @property
    def share_minor(self) -> int:
        """The cost share."""
        return self.pooled_minor + self.rounding_minor

    @property
    def to_pay_minor(self) -> int:
        """What the member itself pays: the sum of all steps."""
        return self.share_minor - self.co_financing_minor - self.buyers_minor

    def steps(self) -> Iterator[Step]:
        """Iterate over the steps, those that change nothing left out; their amounts sum to `to_pay_minor`."""
        changes: list[Step] = []
        if self.alone_minor is None:
            changes += [
                Step(kind=StepKind.CHARGE, code=one.code, key=one.key, amount_minor=one.pooled_minor)
                for one in self.charges
            ]
        elif any(one.alone_minor is None for one in self.charges):
            changes.append(Step(kind=StepKind.POOLING, amount_minor=self.pooled_minor - self.alone_minor))
        else:
            for one in self.charges:
                saved = one.pooled_minor - (one.alone_minor or 0)
                changes.append(Step(kind=StepKind.POOLING, code=one.code, key=one.key, amount_minor=saved))
        changes += [
            Step(kind=StepKind.CO_FINANCING, amount_minor=-self.co_financing_minor),
            Step(kind=StepKind.ROUNDING, amount_minor=self.rounding_minor),
            Step(kind=StepKind.BUYERS, amount_minor=-self.buyers_minor),
        ]
        if self.alone_minor is not None:
            yield Step(kind=StepKind.ALONE, amount_minor=self.alone_minor)
        yield from (step for step in changes if step.amount_minor)

    def in_one(self) -> "Waterfall":
        """Return the same way without its charges: for readers who could tell a rival's figures from them."""
        whole = ChargePart(code="", key=JOINT, alone_minor=self.alone_minor, pooled_minor=self.share_minor)
        return Waterfall(
            alone_minor=self.alone_minor,
            charges=(whole,),
            co_financing_minor=self.co_financing_minor,
            rounding_minor=0,
            buyers_minor=self.buyers_minor,
        )


def waterfall_numbers(waterfall: Waterfall) -> dict[str, Any]:
    """Return a waterfall as plain values."""
    return asdict(waterfall) | {"charges": [asdict(one) for one in waterfall.charges]}


def waterfall_of(numbers: Mapping[str, Any]) -> Waterfall:
    """Return the waterfall that `waterfall_numbers` wrote."""
    charges = tuple(ChargePart(**one) for one in numbers["charges"])
    return Waterfall(**{**numbers, "charges": charges})


def waterfalls(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    shares: CostShares,
    alone_plans: Mapping[str, ShipmentPlan] | None = None,
    *,
    co_financing_minor: Mapping[str, int] | None = None,
) -> dict[str, Waterfall]:
    """Return the waterfall of every member of a plan's shares.

    Parameters
    ----------
    shares
        Of this plan; those of an undefined rule have no waterfall.
    alone_plans
        Member -> the plan of its goods by themselves (`ShipmentGame.stand_alone_plans`).
    co_financing_minor
        Member -> what a grant pays of its share, >= 0.
    """
    granted = co_financing_minor or {}
    if wrong := [member for member, amount in granted.items() if amount < 0]:
        raise ValueError(f"co_financing_minor: expected >= 0, found {granted[wrong[0]]} for {wrong[0]}")
    attributed = _attributed(problem, plan)
    keys = {charge.code: charge.allocation_key.value for charge in problem.charges}
    order = {code: place for place, code in enumerate(keys)}

    def one(share: MemberShare) -> Waterfall:
        pooled = _laid_out(share, attributed[share.member])
        for line in share.why["direct_lines"]:
            pooled[line["code"]] = pooled.get(line["code"], Fraction(0)) + line["amount_minor"]
        alone = _alone_by_charge(share, (alone_plans or {}).get(share.member))
        names = sorted({*pooled, *(alone or {})}, key=lambda name: (order.get(name, len(order)), name))
        charges = tuple(
            ChargePart(
                code=name if name in keys else "",
                key=keys.get(name, JOINT if name == _JOINT else WAITING),
                alone_minor=None if alone is None else alone.get(name, 0),
                pooled_minor=round_half_up(pooled.get(name, Fraction(0))),
            )
            for name in names
        )
        return Waterfall(
            alone_minor=share.stand_alone_minor,
            charges=charges,
            co_financing_minor=granted.get(share.member, 0),
            rounding_minor=share.cost_share_minor - sum(part.pooled_minor for part in charges),
            buyers_minor=share.buyers_pay_minor,
        )

    return {share.member: one(share) for share in shares.members}


_WAITING, _JOINT = "\x00waiting", "\x00joint"
"""Names beside the codes of charges, which they cannot equal."""


def _attributed(problem: ConsolidationProblem, plan: ShipmentPlan) -> defaultdict[str, dict[str, Fraction]]:
    """Return member -> charge -> what the optimised lines over its goods cost, by freight tonnes; waiting too."""
    found: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)

    def add(consignment: str, code: str, amount: Fraction) -> None:
        mine = found[problem.consignment[consignment].member]
        mine[code] = mine.get(code, Fraction(0)) + amount

    for covered in covered_lines(problem, plan, travelling_lots(problem, plan)):
        if covered.charge.allocation_key is AllocationKey.OPTIMISED:
            weights = by_consignment(covered.lots, AllocationKey.FREIGHT_TONNE)
            whole = sum(weights.values(), start=Fraction(0))
            for name, weight in weights.items():
                add(name, covered.line.code, covered.line.amount_minor * weight / whole)
    for delay in plan.delay_costs:
        add(delay.consignment, _WAITING, Fraction(delay.amount_minor))
    return found


def _laid_out(share: MemberShare, attributed: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Lay a member's exact optimised share out over the charges in proportion to what is attributed to it."""
    exact = share.exact_minor - share.direct_minor
    whole = sum(attributed.values(), start=Fraction(0))
    if not whole:
        return {_JOINT: exact} if exact else {}
    return {name: exact * amount / whole for name, amount in attributed.items()}


def _alone_by_charge(share: MemberShare, plan: ShipmentPlan | None) -> dict[str, int] | None:
    """Return what each charge costs a member alone, or None where no plan of just that cost is at hand."""
    if plan is None or share.stand_alone_minor is None or plan.cost_minor != share.stand_alone_minor:
        return None
    found: Counter[str] = Counter()
    for line in plan.charges:
        found[line.code] += line.amount_minor
    for delay in plan.delay_costs:
        found[_WAITING] += delay.amount_minor
    return {name: amount for name, amount in found.items() if amount}


def alone_plan_numbers(plan: ShipmentPlan) -> dict[str, Any]:
    """Return how a member's goods would travel by themselves, as plain values: its own figures and nobody else's."""
    return {
        "cost_minor": plan.cost_minor,
        "is_proven": plan.cost_minor == plan.lower_bound_minor,
        "containers": [
            {"container_type": one.container_type, "departure": one.departure, "volume_mm3": one.volume_mm3}
            for one in plan.containers
        ],
        "lcl": len(plan.lcl),
        "postal": len(plan.postal),
        "unplanned": sorted({one.consignment for one in plan.unplanned}),
    }
