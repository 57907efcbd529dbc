"""From an estimate to what was invoiced: only the difference is shared, by the rule that shared the estimate.

What is shared by a measure has its difference shared by the same measure. What the rule shares is one pool, and every
rule scales with the costs: were all of them dearer by a part, every share would be dearer by that part. So a
difference in the pool is shared in proportion to the shares of the pool. What an invoice attributes to a member, and
the difference of what a member causes itself (key `direct`), goes to that member and never enters the pool.

The whole difference is rounded anew after each invoice, and what is posted is the step from the last state: the sum is
exact, and the order in which invoices come makes no difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from optimizer.allocation.covering import (
    CoveredLine,
    by_consignment,
    covered_lines,
    seller_pays,
    split_line,
    travelling_lots,
)
from optimizer.apportion import apportion, round_shares
from optimizer.problem import AllocationKey, Charge, ConsolidationProblem
from optimizer.problem_sharing import EVENTS, ChargeClass, SharingTerms, class_of
from optimizer.result import ShipmentPlan
from optimizer.result_true_up import InvoicedAmount, Slot, SlotId, SlotTrueUp, TrueUp

Weights = dict[str, Fraction]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """The slots of a shared plan, and how to make one for what nobody foresaw.

    Parameters
    ----------
    members
        Members that share the plan's cost.
    slots
        Slots with their part of the estimate; their sum is the cost of the plan without waiting.
    charges
        Code -> charge of the problem, be it that the plan has no line of it.
    goods
        Measuring key -> member -> measure of all goods that travel.
    pool
        Member -> weight in the pool.
    """

    members: tuple[str, ...]
    slots: Mapping[SlotId, Slot]
    terms: SharingTerms
    charges: Mapping[str, Charge]
    goods: Mapping[AllocationKey, Weights]
    pool: Weights

    def slot(self, wanted: SlotId) -> Slot:
        """Return a slot of the estimate, or one with the estimate 0 for what was not in it.

        Raises
        ------
        ValueError
            When its member takes no part, or something without one belongs to a cause by the terms.
        """
        if wanted in self.slots:
            return self.slots[wanted]
        if wanted.member:
            if wanted.member not in self.members:
                raise ValueError(f"member: expected one of {', '.join(self.members)}, found {wanted.member!r}")
            weights = {wanted.member: Fraction(1)}
            own = self._own_part(wanted)
            return Slot(id=wanted, key=AllocationKey.DIRECT, estimate_minor=0, weights=weights, own_part=own)
        charge = self.charges.get(wanted.code)
        key = self.terms.key_of(ChargeClass(wanted.charge_class)) if charge is None else charge.allocation_key
        if key is AllocationKey.DIRECT:
            raise ValueError(f"member: expected the one that caused {wanted.code or wanted.charge_class}, found none")
        weights = self.pool if key is AllocationKey.OPTIMISED else self.goods[key]
        return Slot(id=wanted, key=key, estimate_minor=0, weights=weights)

    def _own_part(self, wanted: SlotId) -> Weights:
        """Return who pays what a member caused: itself, or its buyers as they pay that charge anyway."""
        if ChargeClass(wanted.charge_class) in EVENTS:
            return {}
        same = next((one for one in self.slots.values() if wanted.code and one.id.code == wanted.code), None)
        part = None if same is None else same.own_part.get(wanted.member)
        return {} if part is None else {wanted.member: part}


def estimate_of(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    pool_shares: Mapping[str, Fraction],
    terms: SharingTerms,
    *,
    tie_key: str = "",
) -> Estimate:
    """Return what a shared plan's estimate is made of.

    Parameters
    ----------
    problem
        The plan's problem, its charges under the terms.
    pool_shares
        Member -> exact share of the part that the rule shared.
    terms
        What the shipment's rule in force says; it decides on what no charge of the problem foresaw.
    tie_key
        That of the shares.
    """
    lots = travelling_lots(problem, plan)
    members = tuple(pool_shares)
    member_of = {lot.consignment.id: lot.consignment.member for lot in lots}
    goods: dict[AllocationKey, Weights] = {
        key: _by_member(by_consignment(lots, key), member_of, members)
        for key in AllocationKey
        if key not in (AllocationKey.OPTIMISED, AllocationKey.DIRECT, AllocationKey.EQUAL)
    }
    tonnes = goods[AllocationKey.FREIGHT_TONNE]
    goods = {key: weights if any(weights.values()) else tonnes for key, weights in goods.items()}
    goods[AllocationKey.EQUAL] = {member: Fraction(weight > 0) for member, weight in tonnes.items()}
    pool = dict(pool_shares) if sum(pool_shares.values()) else tonnes
    lines: defaultdict[str, list[CoveredLine]] = defaultdict(list)
    for covered in covered_lines(problem, plan, lots):
        lines[covered.charge.code].append(covered)
    slots: dict[SlotId, Slot] = {}
    for code, covered_by_code in lines.items():
        for slot in _slots(problem, code, covered_by_code, pool, tie_key):
            slots[slot.id] = slot
    charges = {charge.code: charge for charge in problem.charges}
    return Estimate(members=members, slots=slots, terms=terms, charges=charges, goods=goods, pool=pool)


def true_up(estimate: Estimate, invoiced: Iterable[InvoicedAmount], *, tie_key: str = "") -> TrueUp:
    """Share the difference between what was invoiced and the estimate.

    Parameters
    ----------
    invoiced
        Every amount of every invoice that counts, in any order.
    tie_key
        Decides, with the slot and the members' ids, who gets odd minor units; the same for all invoices.

    Raises
    ------
    ValueError
        As `Estimate.slot`.
    """
    sums: Counter[SlotId] = Counter()
    closed: set[SlotId] = set()
    for one in invoiced:
        sums[one.slot] += one.amount_minor
        if one.closes:
            closed.add(one.slot)
    known = [*estimate.slots.values(), *(estimate.slot(one) for one in sums if one not in estimate.slots)]
    return TrueUp(
        slots=tuple(
            _settled(slot, sums.get(slot.id), slot.id in closed, tie_key)
            for slot in sorted(known, key=lambda slot: slot.id)
        )
    )


def steps(before: TrueUp, after: TrueUp) -> dict[str, tuple[int, int]]:
    """Return member -> (what it owes since then, the part that it bears itself), for those with a change."""
    moved = {
        member: (
            after.deltas.get(member, 0) - before.deltas.get(member, 0),
            after.pays.get(member, 0) - before.pays.get(member, 0),
        )
        for member in {**before.deltas, **after.deltas}
    }
    return {member: step for member, step in moved.items() if any(step)}


def split_among_causes(amount_minor: int, members: Sequence[str], *, tie_key: str) -> dict[str, int]:
    """Split an amount that several members caused together, in equal parts, as the key `direct` does."""
    return apportion(amount_minor, dict.fromkeys(members, 1), tie_key=tie_key)


def _settled(slot: Slot, invoiced_minor: int | None, closed: bool, tie_key: str) -> SlotTrueUp:
    actual = _actual(slot.estimate_minor, invoiced_minor, closed)
    difference, whole = actual - slot.estimate_minor, sum(slot.weights.values())
    turn = "|".join([tie_key, slot.id.charge_class, slot.id.code, slot.id.member])
    exact = {member: difference * weight / whole for member, weight in slot.weights.items()}
    parts = round_shares(exact, difference, tie_key=turn)
    pays = {member: _own(part, slot.own_part.get(member, Fraction(1)), turn) for member, part in parts.items()}
    return SlotTrueUp(slot=slot, actual_minor=actual, is_open=not closed, parts=parts, pays=pays)


def _actual(estimate_minor: int, invoiced_minor: int | None, closed: bool) -> int:
    """Return what a slot came to: until it is invoiced completely, the estimate where that is not exceeded."""
    if invoiced_minor is None:
        return estimate_minor
    if closed or not estimate_minor:
        return invoiced_minor
    return max(estimate_minor, invoiced_minor) if estimate_minor > 0 else min(estimate_minor, invoiced_minor)


def _own(part_minor: int, own: Fraction, turn: str) -> int:
    return apportion(part_minor, {"member": own, "buyers": 1 - own}, tie_key=turn)["member"]


def _by_member(weights: Mapping[str, Fraction], member_of: Mapping[str, str], members: Sequence[str]) -> Weights:
    summed = dict.fromkeys(members, Fraction(0))
    for consignment, weight in weights.items():
        summed[member_of[consignment]] += weight
    return summed


def _slots(
    problem: ConsolidationProblem, code: str, lines: Sequence[CoveredLine], pool: Weights, tie_key: str
) -> Iterator[Slot]:
    """Yield the slots of one charge: one, or one for each member that causes it."""
    charge = lines[0].charge
    amount = sum(one.line.amount_minor for one in lines)
    own = _own_parts(problem, lines)
    name = class_of(charge).value
    if charge.allocation_key is AllocationKey.DIRECT:
        caused: Counter[str] = Counter()
        for covered in lines:
            for consignment, minor in split_line(problem, covered, tie_key=tie_key).items():
                caused[problem.consignment[consignment].member] += minor
        for member, minor in caused.items():
            yield Slot(
                id=SlotId(charge_class=name, code=code, member=member),
                key=AllocationKey.DIRECT,
                estimate_minor=minor,
                weights={member: Fraction(1)},
                own_part={member: own[member]},
            )
        return
    weights = pool if charge.allocation_key is AllocationKey.OPTIMISED else _measured(problem, lines)
    yield Slot(
        id=SlotId(charge_class=name, code=code),
        key=charge.allocation_key,
        estimate_minor=amount,
        weights=weights,
        own_part={member: part for member, part in own.items() if member in weights},
    )


def _measured(problem: ConsolidationProblem, lines: Sequence[CoveredLine]) -> Weights:
    """Return each member's exact part of a charge's lines under its measuring key."""
    total: defaultdict[str, Fraction] = defaultdict(Fraction)
    for covered in lines:
        weights = _line_weights(problem, covered)
        whole = sum(weights.values())
        for member, weight in weights.items():
            total[member] += covered.line.amount_minor * weight / whole
    return dict(total)


def _line_weights(problem: ConsolidationProblem, covered: CoveredLine) -> Weights:
    key = covered.charge.allocation_key
    found = by_consignment(covered.lots, key)
    if not any(found.values()):
        found = by_consignment(covered.lots, AllocationKey.FREIGHT_TONNE)
    summed: defaultdict[str, Fraction] = defaultdict(Fraction)
    for consignment, weight in found.items():
        summed[problem.consignment[consignment].member] += weight
    return dict.fromkeys(summed, Fraction(1)) if key is AllocationKey.EQUAL else dict(summed)


def _own_parts(problem: ConsolidationProblem, lines: Sequence[CoveredLine]) -> Weights:
    """Return the part of a charge that each member pays itself, by the freight tonnes of its goods under it."""
    whole: defaultdict[str, Fraction] = defaultdict(Fraction)
    own: defaultdict[str, Fraction] = defaultdict(Fraction)
    for covered in lines:
        for name, weight in by_consignment(covered.lots, AllocationKey.FREIGHT_TONNE).items():
            consignment = problem.consignment[name]
            whole[consignment.member] += weight
            own[consignment.member] += weight * seller_pays(consignment, covered.charge)
    return {member: own[member] / weight for member, weight in whole.items() if weight}
