"""Judge of true-ups: re-checks with additions and comparisons that a difference was shared as its slots say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

from optimizer.problem import AllocationKey
from optimizer.result import Violation
from optimizer.result_true_up import InvoicedAmount, SlotId, SlotTrueUp, TrueUp


def check_true_up(claim: TrueUp, invoiced: Iterable[InvoicedAmount]) -> tuple[Violation, ...]:
    """List everything in which a true-up contradicts its slots or what was invoiced.

    Parameters
    ----------
    claim
        Slots with their estimates, weights and parts; estimates and weights are taken as given.
    invoiced
        Every amount of every invoice that counts.
    """
    sums: Counter[SlotId] = Counter()
    closed: set[SlotId] = set()
    for one in invoiced:
        sums[one.slot] += one.amount_minor
        if one.closes:
            closed.add(one.slot)
    found = [violation for one in claim.slots for violation in _slot(one, sums, closed)]
    known = [one.slot.id for one in claim.slots]
    found += [_broken("slot_once", str(one), 1, known.count(one)) for one in {*known, *sums} if known.count(one) != 1]
    return tuple(found)


def check_steps(before: TrueUp, after: TrueUp, claimed: Mapping[str, tuple[int, int]]) -> tuple[Violation, ...]:
    """List every member whose posting is not the step from the state before an invoice to the state after it."""
    members = {*before.deltas, *after.deltas, *claimed}
    due = {
        member: (
            after.deltas.get(member, 0) - before.deltas.get(member, 0),
            after.pays.get(member, 0) - before.pays.get(member, 0),
        )
        for member in sorted(members)
    }
    wrong = [
        _broken("posting", member, claimed.get(member, (0, 0)), step)
        for member, step in due.items()
        if claimed.get(member, (0, 0)) != step
    ]
    idle = [_broken("empty_posting", member, step, "none") for member, step in claimed.items() if not any(step)]
    posted = sum(step for step, _ in claimed.values())
    moved = after.difference_minor - before.difference_minor
    return (*wrong, *idle, *([_broken("postings_sum", "all", posted, moved)] if posted != moved else []))


def _slot(claim: SlotTrueUp, sums: Mapping[SlotId, int], closed: set[SlotId]) -> Iterator[Violation]:
    slot, name = claim.slot, str(claim.slot.id)
    is_open = slot.id not in closed
    if claim.is_open != is_open:
        yield _broken("slot_open", name, claim.is_open, is_open)
    actual = _due(slot.estimate_minor, sums.get(slot.id), is_open)
    if claim.actual_minor != actual:
        yield _broken("actual", name, claim.actual_minor, actual)
    if sum(claim.parts.values()) != claim.difference_minor:
        yield _broken("parts_sum", name, sum(claim.parts.values()), claim.difference_minor)
    whole = sum(slot.weights.values(), start=Fraction(0))
    for member in sorted({*slot.weights, *claim.parts}):
        part, weight = claim.parts.get(member, 0), slot.weights.get(member, Fraction(0))
        # Less than one minor unit from the exact part, multiplied by the sum of the weights.
        if abs(part * whole - claim.difference_minor * weight) >= abs(whole):
            yield _broken("part", f"{name} {member}", part, f"{claim.difference_minor} x {weight} / {whole}")
        own, exact = claim.pays.get(member, 0), part * slot.own_part.get(member, Fraction(1))
        if abs(own - exact) >= 1:
            yield _broken("part_of_the_member", f"{name} {member}", own, exact)
    if slot.key is AllocationKey.DIRECT and set(claim.parts) != {slot.id.member}:
        yield _broken("cause", name, ", ".join(claim.parts), slot.id.member)


def _due(estimate_minor: int, invoiced_minor: int | None, is_open: bool) -> int:
    """Return what a slot has come to: an open one stays at its estimate until that is exceeded."""
    if invoiced_minor is None:
        return estimate_minor
    exceeded = invoiced_minor > estimate_minor if estimate_minor > 0 else invoiced_minor < estimate_minor
    return invoiced_minor if exceeded or not is_open or estimate_minor == 0 else estimate_minor


def _broken(rule: str, subject: str, claimed: object, found: object) -> Violation:
    return Violation(rule=rule, subject=subject, claimed=str(claimed), found=str(found))
