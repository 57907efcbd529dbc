"""Answers of the optimiser: plans and their parts (format ``consortium/plan@1``)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from optimizer.problem_parts import PalletType
from optimizer.units import gap_ppm


class SolveStatus(StrEnum):
    """What is known of an answer; the four never stand for one another."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a consignment could not be planned: the limit that binds."""

    NO_DEPARTURE_ON_LANE = "no_departure_on_lane"
    NO_DEPARTURE_AFTER_READY = "no_departure_after_ready_date"
    NO_DEPARTURE_BEFORE_DUE = "no_departure_before_due_date"
    NO_CONTAINER_FOR_CLASS = "no_container_for_cargo_class"
    NO_ALLOWED_CONTAINER = "no_allowed_container_type"
    TOO_LARGE = "too_large_for_every_container"
    TOO_HEAVY = "too_heavy_for_every_container"
    CONTAINER_LIMITS = "container_limits"
    NO_MODE = "no_mode_of_transport"
    TIME_LIMIT = "time_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A consignment, or the part of it, that travels in one container or lot.

    `packages` maps package id -> quantity; empty only for a consignment described without packages,
    which then travels whole.
    """

    consignment: str
    packages: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where one package stands: x from the front wall to the door, y across, z up, all in mm."""

    package: str
    consignment: str
    x_mm: int
    y_mm: int
    z_mm: int
    dx_mm: int
    dy_mm: int
    dz_mm: int
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltPallet:
    """Equal loaded pallets: where the cartons stand from a corner of the boards upwards, and what that comes to.

    Parameters
    ----------
    id
        What placements call one of them; their consignment is that of all its goods, empty where there are several.
    quantity
        How many are built the same way, >= 1.
    height_mm, mass_g
        With the pallet itself.
    max_load_g
        Mass that may stand on it; None is no limit, 0 nothing on top.
    owner
        Whose goods it carries; empty where they are several owners'.
    """

    id: str
    consignment: str
    quantity: int
    height_mm: int
    mass_g: int
    max_load_g: int | None
    owner: str
    cartons: tuple[Placement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """Placements of everything in one container, under a support policy.

    Parameters
    ----------
    pallet, pallets
        Onto which goods were put first, and what stands on each: placements then name these pallets by their ids.
    """

    support: str
    placements: tuple[Placement, ...]
    pallet: PalletType | None = None
    pallets: tuple[BuiltPallet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLoad:
    """One planned container and what is in it."""

    id: str
    container_type: str
    departure: str
    contents: tuple[Part, ...]
    mass_g: int
    volume_mm3: int
    load_plan: LoadPlan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseLot:
    """One LCL or postal lot."""

    departure: str
    part: Part
    mass_g: int
    volume_mm3: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unplanned:
    """A consignment (or the packages of it that stay behind) with the binding reason and the cheapest cure.

    `detail` holds the numbers behind the reason and, under ``cure``, what would let it travel.
    """

    consignment: str
    reason: Reason
    detail: Mapping[str, Any] = field(default_factory=dict)
    packages: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLine:
    """One charge line of a plan: what was counted, how many exact units, how much.

    Which of container, consignment, member are set depends on the basis: container lines name the
    container; lot lines the consignment (and the container for FCL lots); consignment and value lines
    the consignment; member lines the member. `mode` is set on lines of LCL and postal lots and bills.
    `units` is an integer or a fraction in lowest terms as text.
    """

    code: str
    departure: str
    units: str
    amount_minor: int
    container: str | None = None
    consignment: str | None = None
    member: str | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DelayCost:
    """What a consignment's waiting costs on one departure."""

    consignment: str
    departure: str
    days: int
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlan:
    """A plan with its price and its proof: status, cost, lower bound.

    When something cannot travel, the cost and the bound are those of what does, and `unplanned` says why.
    """

    status: SolveStatus
    cost_minor: int
    lower_bound_minor: int
    containers: tuple[ContainerLoad, ...] = ()
    lcl: tuple[LooseLot, ...] = ()
    postal: tuple[LooseLot, ...] = ()
    unplanned: tuple[Unplanned, ...] = ()
    charges: tuple[ChargeLine, ...] = ()
    delay_costs: tuple[DelayCost, ...] = ()
    seed: int = 0
    limits: Mapping[str, Any] = field(default_factory=dict)

    @property
    def gap_ppm(self) -> int:
        """Optimality gap in parts per million of the cost."""
        return gap_ppm(self.cost_minor, self.lower_bound_minor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One broken rule found by a judge, with both numbers."""

    rule: str
    subject: str
    claimed: str
    found: str

    def __str__(self) -> str:
        return f"{self.rule} ({self.subject}): claimed {self.claimed}, found {self.found}"
