"""The terms by which members agreed to share costs: one rule for the pool, and a key for each class of charge.

What a container costs and what waiting saves hang together: a plan trades one for the other, so that all of it is
one pool, shared by one rule. A class with a key of its own leaves the pool and is shared by that key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from optimizer.problem import AllocationKey, Basis, Charge, ConsolidationProblem, DelayKey, IncotermStage


class ChargeClass(StrEnum):
    """What a charge is for; the last four arise only when something goes wrong, and only on invoices."""

    FREIGHT = "freight"
    DOCUMENTS = "documents"
    INSURANCE = "insurance"
    ORIGIN = "origin"
    DESTINATION = "destination"
    OTHER = "other"
    DELAY = "delay"
    DEAD_FREIGHT = "dead_freight"
    NO_SHOW = "no_show"
    LATE_DOCUMENT = "late_document"
    DEMURRAGE = "demurrage"


EVENTS = (ChargeClass.DEAD_FREIGHT, ChargeClass.NO_SHOW, ChargeClass.LATE_DOCUMENT, ChargeClass.DEMURRAGE)
"""Classes with a cause: empty space paid for, goods that did not come, papers that came late, days too many."""

INVOICED = tuple(one for one in ChargeClass if one is not ChargeClass.DELAY)
"""Classes that somebody invoices; waiting is a cost that nobody does."""

_BY_STAGE = {
    IncotermStage.ORIGIN: ChargeClass.ORIGIN,
    IncotermStage.MAIN_CARRIAGE: ChargeClass.FREIGHT,
    IncotermStage.INSURANCE: ChargeClass.INSURANCE,
    IncotermStage.DESTINATION: ChargeClass.DESTINATION,
}
_PER_PAPER = (Basis.BILL_OF_LADING, Basis.CONSIGNMENT)


def class_of(charge: Charge) -> ChargeClass:
    """Return the class of a tariff's charge: insurance by its stage, papers by their basis, the rest by stage."""
    if charge.incoterm_stage is not IncotermStage.INSURANCE and charge.basis in _PER_PAPER:
        return ChargeClass.DOCUMENTS
    return ChargeClass.OTHER if charge.incoterm_stage is None else _BY_STAGE[charge.incoterm_stage]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingTerms:
    """A rule for the pool and the keys of the classes that the members decided on.

    Parameters
    ----------
    rule
        One of `optimizer.allocation.shares.PLAN_RULES`.
    keys
        Class -> key. A class of charges without one is shared as the tariff says of each charge; waiting is shared
        with the pool, and an event goes to its cause.

    Raises
    ------
    ValueError
        When waiting has a measuring key.
    """

    rule: str
    keys: Mapping[ChargeClass, AllocationKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if (found := self.keys.get(ChargeClass.DELAY, DelayKey.OPTIMISED)) not in tuple(DelayKey):
            raise ValueError(f"keys.delay: expected one of {', '.join(DelayKey)}, found {found}")

    def key_of(self, charge_class: ChargeClass) -> AllocationKey:
        """Return by what something of a class is shared that no tariff foresaw."""
        usual = AllocationKey.DIRECT if charge_class in EVENTS else AllocationKey.OPTIMISED
        return self.keys.get(charge_class, usual)


def under_terms(problem: ConsolidationProblem, terms: SharingTerms) -> ConsolidationProblem:
    """Return a problem whose charges, and whose waiting, are shared as the members decided; costs stay the same."""
    charges = tuple(
        replace(charge, allocation_key=terms.keys.get(class_of(charge), charge.allocation_key))
        for charge in problem.charges
    )
    settings = replace(problem.settings, delay_key=DelayKey(terms.key_of(ChargeClass.DELAY).value))
    return replace(problem, charges=charges, settings=settings)
