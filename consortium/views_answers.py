"""What pages see of the answers about a plan; amounts in minor units, negative when something is saved."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LegView:
    """How a consignment, or a part of it, travels; `container_type` is empty for LCL and post."""

    mode: str
    departure: str
    departs: date
    container_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CureView:
    """All that would let a consignment into a container at once, and the change of the plan's cost then.

    Sizes are None where they would tell how full somebody else's container is.
    """

    days_ready_earlier: int
    ready_date: date | None
    days_due_later: int
    due_date: date | None
    is_smaller: bool
    smaller_by_cm3: int | None
    lighter_by_g: int | None
    container_type: str | None
    allowed_type: str | None
    raised_limit: bool
    departs: date | None
    change_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostDifferenceView:
    """What one charge, or with an empty name the waiting, would cost more."""

    charge: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNotView:
    """Why a consignment shares no container: the limit that binds and the cheapest cure.

    Parameters
    ----------
    reason
        A code of `optimizer.obstacles.Limit`.
    days, volume_cm3, mass_g, names
        Behind the reason; sizes are None and names empty where they would tell of a rival's goods.
    container
        The container meant; empty for a member, or for a new one.
    is_new
        Whether it would be a new container, shared with goods that travel loose now.
    departs
        When that container leaves.
    change_minor
        What going there would change, where nothing but the cost speaks against it.
    because
        Of what that change is made.
    """

    consignment: str
    member_code: str
    member_name: str
    order_code: str
    travels: tuple[LegView, ...]
    reason: str
    days: int
    volume_cm3: int | None
    mass_g: int | None
    names: tuple[str, ...]
    container: str
    is_new: bool
    departs: date | None
    change_minor: int | None
    because: tuple[CostDifferenceView, ...]
    cure: CureView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnWishView:
    """What a wish of one consignment would change; `leg` is None when nothing would be better than now."""

    consignment: str
    member_code: str
    member_name: str
    order_code: str
    change: str
    days: int
    leg: LegView | None
    with_others: bool
    change_minor: int
    days_added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WishView:
    """What another plan was asked for."""

    kind: str
    days: int | None
    container_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuresView:
    """What people care about in a plan."""

    cost_minor: int
    departures: int
    containers: int
    split_consignments: int
    loose_lots: int
    waiting_days: int
    longest_waiting_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDaysView:
    """Days of waiting that a member's goods gain (negative: lose) in a plan in which they travel differently."""

    member_name: str
    days_added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeView:
    """Another plan of the same goods; `number` names it to the service that takes it."""

    number: int
    wishes: tuple[WishView, ...]
    extra_cost_minor: int
    is_proven: bool
    measures: MeasuresView
    members: tuple[MemberDaysView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WishPriceView:
    """What one change of a lane saves (negative: costs); None when not the same goods would travel."""

    change: str
    origin: str
    destination: str
    days: int
    departs: date | None
    container_type: str | None
    saving_minor: int | None
    is_proven: bool
    left_behind: tuple[str, ...]
    newly_carried: tuple[str, ...]
    members: tuple[MemberDaysView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FillerView:
    """A consignment that could fill room left; `waits` when its order is in no shipment yet."""

    member_name: str
    order_code: str
    volume_cm3: int
    mass_g: int
    change_minor: int
    travels: bool
    waits: bool
    days_added: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeRoomView:
    """The room left in one container, who could fill it, and what it may be offered for."""

    container: str
    container_type: str
    origin: str
    destination: str
    departs: date
    free_volume_cm3: int
    free_mass_g: int
    fillers: tuple[FillerView, ...]
    offered_mass_g: int
    least_freight_minor: int | None
    alone_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswersView:
    """Everything that is answered about the plan in force, for who may see whole plans.

    Parameters
    ----------
    is_current
        Whether orders, departures and charges are still those that the plan was made for.
    alternatives, wishes
        None while nobody has asked.
    complete
        Whether the searches behind them ended by themselves.
    """

    plan_id: int
    shipment_id: int
    currency: str
    is_current: bool
    measures: MeasuresView
    why_not: tuple[WhyNotView, ...]
    own_wishes: tuple[OwnWishView, ...]
    free_room: tuple[FreeRoomView, ...]
    alternatives: tuple[AlternativeView, ...] | None
    wishes: tuple[WishPriceView, ...] | None
    complete: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAnswersView:
    """What a member is told: of its own consignments alone, and nothing that tells of a rival's."""

    plan_id: int
    currency: str
    why_not: tuple[WhyNotView, ...]
    own_wishes: tuple[OwnWishView, ...]
