"""What an estimate was made of, what was invoiced instead, and what each member owes or gets back for the difference.

A *slot* is a part of the estimate whose difference is shared in one way: a charge of the pool or with a measuring key
is one slot, a charge with the key `direct` is one for each member, and so is what an invoice attributes to a member.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from optimizer.problem_parts import AllocationKey


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SlotId:
    """Which slot: its class, the charge's code (empty: no charge of the estimate), its one member (empty: common)."""

    charge_class: str
    code: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A part of the estimate and how a difference from it is shared.

    Parameters
    ----------
    estimate_minor
        What the plan says it costs; 0 for what nobody foresaw.
    weights
        Member -> exact weight, any sign, with a sum other than 0.
    own_part
        Member -> the part of its weight, from 0 to 1, that it pays itself; its buyers pay the rest. Absent: all.
    """

    id: SlotId
    key: AllocationKey
    estimate_minor: int
    weights: Mapping[str, Fraction]
    own_part: Mapping[str, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicedAmount:
    """An amount that an invoice claims for a slot, in minor units of the estimate's currency.

    Parameters
    ----------
    amount_minor
        Any sign: a credit note is negative.
    closes
        Whether the slot is invoiced completely with it; until then the estimate stands where it is not exceeded.
    """

    slot: SlotId
    amount_minor: int
    closes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotTrueUp:
    """One slot after all invoices: what it came to, and each member's part of the difference."""

    slot: Slot
    actual_minor: int
    is_open: bool
    parts: Mapping[str, int]
    pays: Mapping[str, int]

    @property
    def difference_minor(self) -> int:
        """What it came to less the estimate."""
        return self.actual_minor - self.slot.estimate_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueUp:
    """All slots after all invoices: a function of the set of invoiced amounts, whatever their order."""

    slots: tuple[SlotTrueUp, ...]

    @property
    def difference_minor(self) -> int:
        """What everything came to less the estimate."""
        return sum(one.difference_minor for one in self.slots)

    @property
    def deltas(self) -> dict[str, int]:
        """Member -> what it owes beyond the estimate, negative where it gets something back."""
        return _summed(one.parts for one in self.slots)

    @property
    def pays(self) -> dict[str, int]:
        """Member -> the part of its delta that it bears itself; its buyers bear the rest."""
        return _summed(one.pays for one in self.slots)


def _summed(tables: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for table in tables:
        for member, amount in table.items():
            total[member] = total.get(member, 0) + amount
    return total
