"""The fields of ``consortium/answers@1``, once: what can be asked of a plan, as the engine answers it."""

from dataclasses import dataclass, fields
from typing import Any

from consortium.formats.kinds import ID, MAX_INTEGER, Boolean, Constant, Day, Integer, ListOf, OneOf, Reading, Text
from consortium.formats.plan_fields import PLAN, SHA256, TOTAL_VOLUME, PackageCounts
from consortium.formats.problem_fields import DEPARTURE
from consortium.formats.schema_model import Field, Record
from optimizer.alternatives import AlternativePlan, Wish, WishKind
from optimizer.fillers import Filler, FreeRoom
from optimizer.moves import ConsignmentChange, Measures, Way
from optimizer.obstacles import Limit, Obstacle
from optimizer.own_wishes import OwnChange, OwnWish
from optimizer.owner_prices import FoundBy, PlanOfLevel
from optimizer.problem import Mode
from optimizer.problem_parts import Owners
from optimizer.result import ShipmentPlan
from optimizer.why_not import ContainerChoice, CostDifference, Cure, WhyNot
from optimizer.wishes import Change, WishPrice

ANSWERS_FORMAT = "consortium/answers@1"

SIGNED = Integer(-MAX_INTEGER, MAX_INTEGER)
"""Amounts and days that may be negative: what is saved."""

COUNT = Integer()
NAMES = ListOf(ID)


@dataclass(frozen=True)
class PackagePairs(PackageCounts):
    """Package ids with quantities: pairs inside, in the order of the file."""

    def read(self, value: Any, path: str, reading: Reading) -> Any:
        """Return the pairs."""
        return tuple(super().read(value, path, reading).items())

    def write(self, value: Any) -> list[Any]:
        """Return the list in the order of the pairs."""
        return super().write(dict(value))


def _all(kind: Any, *keys: str, nullable: bool = False) -> tuple[Field, ...]:
    return tuple(Field(key=key, kind=kind, required=not nullable, nullable=nullable) for key in keys)


def _with_nulls(make: Any, *names: str) -> Any:
    """Return a maker that gives these names None when the file leaves them out."""

    def made(**values: Any) -> Any:
        return make(**{**dict.fromkeys(names), **values})

    return made


WAY = Record(
    name="way",
    make=Way,
    note="How a consignment, or a part of it, travels.",
    fields=(
        Field(key="departure", kind=ID, required=True),
        Field(key="mode", kind=OneOf(Mode), required=True),
        Field(key="container_type", kind=Text(), note="Empty for LCL and post."),
        Field(key="packages", kind=PackagePairs()),
    ),
)

CONSIGNMENT_CHANGE = Record(
    name="consignment_change",
    make=_with_nulls(ConsignmentChange, "days_before", "days_after"),
    note="A consignment that two plans send differently; days run from its ready date to its last departure.",
    fields=(
        *_all(ID, "consignment", "member"),
        *_all(ListOf(WAY), "before", "after"),
        *_all(SIGNED, "days_before", "days_after", nullable=True),
    ),
)

MEASURES = Record(
    name="measures",
    make=Measures,
    note="What people care about in a plan; of every number less is better.",
    fields=_all(COUNT, *(one.name for one in fields(Measures))),
)

WISH = Record(
    name="wish",
    make=Wish,
    fields=(
        Field(key="kind", kind=OneOf(WishKind), required=True),
        *_all(COUNT, "days", nullable=True),
        *_all(ID, "container_type", nullable=True),
    ),
)

OTHER_PLAN = Record(
    name="other_plan",
    make=ShipmentPlan,
    note="A plan of the same problem, its fields as in consortium/plan@1.",
    fields=tuple(one for one in PLAN.fields if one.name in {each.name for each in fields(ShipmentPlan)}),
)

ALTERNATIVE = Record(
    name="alternative",
    make=AlternativePlan,
    note="Another plan of the same goods, which meets a wish.",
    fields=(
        Field(key="wishes", kind=ListOf(WISH), required=True),
        *_all(SIGNED, "extra_cost_minor", "lower_bound_minor"),
        Field(key="measures", kind=MEASURES, required=True),
        Field(key="changes", kind=ListOf(CONSIGNMENT_CHANGE), required=True),
        Field(key="plan", kind=OTHER_PLAN, required=True),
    ),
)

WISH_PRICE = Record(
    name="wish_price",
    make=WishPrice,
    note="What one change of one lane saves or costs: without_minor - cost_minor, where the same goods travel.",
    fields=(
        Field(key="change", kind=OneOf(Change), required=True),
        *_all(ID, "origin", "destination"),
        Field(key="days", kind=COUNT, note="Days by which dates move."),
        Field(key="departure", kind=DEPARTURE, nullable=True, note="With one container more, with its limits raised."),
        *_all(ID, "container_type", nullable=True),
        *_all(SIGNED, "without_minor", "cost_minor", "lower_bound_minor"),
        *_all(NAMES, "left_behind", "newly_carried"),
        Field(key="changes", kind=ListOf(CONSIGNMENT_CHANGE), required=True),
    ),
)

OBSTACLE = Record(
    name="obstacle",
    make=Obstacle,
    note="A limit that a consignment would break, and by how much.",
    fields=(
        Field(key="limit", kind=OneOf(Limit), required=True),
        Field(key="days", kind=COUNT),
        Field(key="volume_cm3", kind=TOTAL_VOLUME, attribute="volume_mm3"),
        Field(key="mass_g", kind=COUNT),
        Field(key="names", kind=NAMES),
    ),
)

CURE = Record(
    name="cure",
    make=_with_nulls(Cure, "container"),
    note="Everything that would have to be different at once, and the change of the plan's cost then.",
    fields=(
        *_all(ID, "container", nullable=True),
        Field(key="days_ready_earlier", kind=COUNT),
        *_all(Day(), "ready_date", nullable=True),
        Field(key="days_due_later", kind=COUNT),
        *_all(Day(), "due_date", nullable=True),
        Field(key="smaller_by_cm3", kind=TOTAL_VOLUME, attribute="smaller_by_mm3"),
        Field(key="lighter_by_g", kind=COUNT),
        *_all(ID, "container_type", "allowed_type", nullable=True),
        Field(key="raised_limit", kind=Boolean()),
        *_all(SIGNED, "extra_cost_minor"),
    ),
)

CHOICE = Record(
    name="choice",
    make=_with_nulls(ContainerChoice, "container"),
    note="A container of others as a consignment finds it.",
    fields=(
        *_all(ID, "container", nullable=True),
        *_all(ID, "departure", "container_type"),
        *_all(NAMES, "members"),
        *_all(ListOf(OBSTACLE), "obstacles"),
        *_all(SIGNED, "extra_cost_minor", nullable=True),
        *_all(SIGNED, "days_added"),
        Field(key="cure", kind=CURE, nullable=True),
    ),
)

COST_DIFFERENCE = Record(
    name="cost_difference",
    make=_with_nulls(CostDifference, "code"),
    note="What one charge, or with null the waiting, would cost more.",
    fields=(Field(key="code", kind=ID, nullable=True), *_all(SIGNED, "amount_minor")),
)

WHY_NOT = Record(
    name="why_not",
    make=_with_nulls(WhyNot, "obstacle", "best", "cure"),
    note="Why a consignment does not share a container: the limit that binds, and the cheapest cure.",
    fields=(
        *_all(ID, "consignment", "member"),
        *_all(ListOf(WAY), "travels"),
        Field(key="reason", kind=OneOf(Limit), required=True),
        Field(key="obstacle", kind=OBSTACLE, nullable=True),
        *_all(ListOf(CHOICE), "choices"),
        Field(key="best", kind=CHOICE, nullable=True),
        *_all(ListOf(COST_DIFFERENCE), "because"),
        Field(key="cure", kind=CURE, nullable=True),
    ),
)

FILLER = Record(
    name="filler",
    make=Filler,
    fields=(
        *_all(ID, "consignment", "member"),
        Field(key="volume_cm3", kind=TOTAL_VOLUME, required=True, attribute="volume_mm3"),
        *_all(COUNT, "mass_g"),
        *_all(SIGNED, "change_minor"),
        Field(key="travels", kind=Boolean(), required=True),
        *_all(SIGNED, "days_added"),
    ),
)

FREE_ROOM = Record(
    name="free_room",
    make=_with_nulls(FreeRoom, "least_freight_minor", "alone_minor"),
    note="The room left in a container, who could fill it, and on what terms it may be offered to others.",
    fields=(
        *_all(ID, "container", "container_type", "departure"),
        Field(key="free_volume_cm3", kind=TOTAL_VOLUME, required=True, attribute="free_volume_mm3"),
        *_all(COUNT, "free_mass_g"),
        Field(key="is_placed", kind=Boolean(), required=True),
        *_all(ListOf(FILLER), "fillers"),
        *_all(COUNT, "offered_mass_g"),
        *_all(SIGNED, "least_freight_minor", "alone_minor", nullable=True),
    ),
)

OWN_WISH = Record(
    name="own_wish",
    make=OwnWish,
    note="What one consignment's wish would change, all other goods staying where they are.",
    fields=(
        *_all(ID, "consignment", "member"),
        Field(key="change", kind=OneOf(OwnChange), required=True),
        Field(key="days", kind=COUNT),
        Field(key="way", kind=WAY, nullable=True),
        Field(key="with_others", kind=Boolean()),
        *_all(SIGNED, "change_minor", "days_added"),
    ),
)


PLAN_OF_LEVEL = Record(
    name="plan_of_level",
    make=_with_nulls(PlanOfLevel, "plan"),
    note="The same goods planned under one level of keeping members' goods apart, with the same limits.",
    fields=(
        Field(key="owners", kind=OneOf(Owners), required=True),
        Field(key="found_by", kind=OneOf(FoundBy), required=True),
        Field(key="plan", kind=OTHER_PLAN, nullable=True, note="Null: none was found that the judge accepts."),
    ),
)


@dataclass(frozen=True, kw_only=True)
class PlanAnswers:
    """What was asked of a plan, and the answers.

    Parameters
    ----------
    problem_sha256, plan_sha256
        Fingerprints of the problem and of the plan's document: answers are of no other plan.
    alternatives, wishes
        None while nobody has asked: these take searches.
    complete
        Whether the searches ended by themselves; a stop or the clock leaves out the rest.
    owner_levels
        Plans under every level of keeping members' goods apart, the laxest first; None while nobody has asked.
    """

    problem_sha256: str
    plan_sha256: str
    currency: str = ""
    why_not: tuple[WhyNot, ...] = ()
    own_wishes: tuple[OwnWish, ...] = ()
    free_room: tuple[FreeRoom, ...] = ()
    alternatives: tuple[AlternativePlan, ...] | None = None
    wishes: tuple[WishPrice, ...] | None = None
    complete: bool = True
    owner_levels: tuple[PlanOfLevel, ...] | None = None
    version: str = ""


ANSWERS = Record(
    name="answers",
    make=PlanAnswers,
    note="Answers about one plan: why not in a shared container, other plans, prices of wishes, room left.",
    fields=(
        Field(key="format", kind=Constant(ANSWERS_FORMAT), required=True),
        Field(key="problem_sha256", kind=SHA256, required=True),
        Field(key="plan_sha256", kind=SHA256, required=True, note="Of the canonical text of the plan's document."),
        Field(key="currency", kind=Text()),
        *_all(ListOf(WHY_NOT), "why_not"),
        *_all(ListOf(OWN_WISH), "own_wishes"),
        *_all(ListOf(FREE_ROOM), "free_room"),
        Field(key="alternatives", kind=ListOf(ALTERNATIVE), nullable=True, note="Null: not asked."),
        Field(key="wishes", kind=ListOf(WISH_PRICE), nullable=True, note="Null: not asked."),
        Field(key="complete", kind=Boolean(), required=True),
        Field(key="owner_levels", kind=ListOf(PLAN_OF_LEVEL), nullable=True, omit=(None,), note="Absent: not asked."),
        Field(key="version", kind=Text()),
    ),
)
