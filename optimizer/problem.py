"""The consolidation problem: frozen inputs, validated on construction (format ``consortium/problem@1``)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property

from optimizer.problem_checks import faults_of
from optimizer.problem_parts import (
    DIMENSIONS,
    LOT_BASES,
    MEASURING_KEYS,
    AllocationKey,
    Basis,
    Charge,
    ChargeStep,
    Consignment,
    ContainerType,
    DelayKey,
    Departure,
    Fault,
    IncotermStage,
    LclRounding,
    MissedDueDate,
    Mode,
    Owners,
    Package,
    Party,
    ProblemError,
    Settings,
)

__all__ = [
    "DIMENSIONS",
    "LOT_BASES",
    "MEASURING_KEYS",
    "AllocationKey",
    "Basis",
    "Charge",
    "ChargeStep",
    "Consignment",
    "ConsolidationProblem",
    "ContainerType",
    "DelayKey",
    "Departure",
    "Fault",
    "IncotermStage",
    "LclRounding",
    "MissedDueDate",
    "Mode",
    "Owners",
    "Package",
    "Party",
    "ProblemError",
    "Settings",
]


@dataclass(frozen=True, kw_only=True)
class ConsolidationProblem:
    """Everything that a consolidation needs to know, and nothing that it does not.

    Raises
    ------
    ProblemError
        When ids repeat, references lead nowhere, an amount is out of range, or an indivisible
        consignment (or one package) fits no container although containers are offered.
    """

    currency: str
    members: tuple[Party, ...]
    consignments: tuple[Consignment, ...]
    container_types: tuple[ContainerType, ...] = ()
    departures: tuple[Departure, ...] = ()
    charges: tuple[Charge, ...] = ()
    incompatible_classes: frozenset[frozenset[str]] = frozenset()
    settings: Settings = field(default_factory=Settings)
    title: str = ""

    def __post_init__(self) -> None:
        faults = faults_of(
            self.members, self.container_types, self.departures, self.consignments, self.charges, self.settings
        )
        if faults:
            raise ProblemError(faults)

    @cached_property
    def consignment(self) -> dict[str, Consignment]:
        """Consignments by id."""
        return {one.id: one for one in self.consignments}

    @cached_property
    def departure(self) -> dict[str, Departure]:
        """Departures by id."""
        return {one.id: one for one in self.departures}

    @cached_property
    def container_type(self) -> dict[str, ContainerType]:
        """Container types by code."""
        return {one.code: one for one in self.container_types}

    def compatible(self, one: str, other: str) -> bool:
        """Say whether two cargo classes may share a container."""
        return frozenset({one, other}) not in self.incompatible_classes

    def restricted_to(self, consignment_ids: Iterable[str]) -> "ConsolidationProblem":
        """Return the same problem with only these consignments, in the same order, and the same charges."""
        wanted = frozenset(consignment_ids)
        return replace(self, consignments=tuple(one for one in self.consignments if one.id in wanted))
