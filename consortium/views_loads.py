"""What pages, papers and shared links see of the load of one container, as far as the viewer may know it."""

from dataclasses import dataclass
from datetime import date

from optimizer.load_result import Balance
from optimizer.result import Violation

NEUTRAL_LOOK = -1
"""The look of packages whose owner the viewer does not learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerLook:
    """Whose a package is, for people: a label and the index of a colour and pattern.

    `label` is empty and `look` is `NEUTRAL_LOOK` where the viewer does not learn the owner.
    """

    label: str
    look: int


NEUTRAL = OwnerLook(label="", look=NEUTRAL_LOOK)
"""What stands for every firm that the viewer does not learn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlace:
    """Where one package stands and when it is loaded; what names it is empty where the owner is neutral.

    Parameters
    ----------
    step
        Order of loading among the places of its view, from 1 on.
    x_mm, y_mm, z_mm
        From the front wall to the door, across, and up.
    mass_g
        Gross mass; None where the owner is neutral.
    """

    step: int
    package: str
    description: str
    consignment: str
    owner: OwnerLook
    x_mm: int
    y_mm: int
    z_mm: int
    dx_mm: int
    dy_mm: int
    dz_mm: int
    mass_g: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletView:
    """Equal loaded pallets, and what stands on each.

    Parameters
    ----------
    package, consignment
        What their places in the container call them.
    quantity
        How many of them the view shows.
    board_mm
        Height of the empty pallet: what stands on it begins there.
    mass_g, pallet_mass_g
        Of one with everything on it, and of the empty one.
    max_load_g
        Mass that may stand on it; None is no limit.
    places
        Where each package stands from a corner of the boards: along the pallet's length, across, and up; in the order
        in which they are put there.
    """

    package: str
    consignment: str
    owner: OwnerLook
    quantity: int
    length_mm: int
    width_mm: int
    board_mm: int
    height_mm: int
    mass_g: int
    pallet_mass_g: int
    max_load_g: int | None
    places: tuple[LoadPlace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadView:
    """One container of a stored plan and what stands in it, as far as a viewer may know.

    Parameters
    ----------
    container_id
        As in the plan; for a member its own count "1", "2" …: numbers with gaps would tell how many others there are.
    top_mm
        Height that cargo may reach: the load line, or the ceiling.
    door_width_mm, door_height_mm
        Opening at the end x = length_mm.
    tare_g
        None where it is not known.
    support
        Policy that holds, as in files: ``full``, ``partial:750``, ``none``.
    places
        In the order of loading; empty for a container without a load plan.
    has_load_plan
        False where the plan says what is in the container and not where it stands.
    is_whole
        Whether `places` holds everything that stands in the container. Where it does not, the numbers about the
        whole (fill, mass, centre of gravity, balance) are None and steps are counted among the places shown.
    centre_of_gravity_permille
        Of the cargo, along the length from the front wall, across, and up, each of the inside size.
    verdict
        What the judge found wrong; empty: accepted. Without names or numbers for who does not see every owner.
    pallets
        What stands on the pallets among `places`, as far as the viewer may know it.
    """

    container_id: str
    container_type: str
    length_mm: int
    width_mm: int
    height_mm: int
    top_mm: int
    door_width_mm: int
    door_height_mm: int
    tare_g: int | None
    payload_g: int
    departure: str
    origin: str
    destination: str
    carrier: str
    departs: date
    support: str
    places: tuple[LoadPlace, ...]
    has_load_plan: bool
    is_whole: bool
    fill_permille: int | None
    cargo_mass_g: int | None
    centre_of_gravity_permille: tuple[int, int, int] | None
    balance: Balance | None
    verdict: tuple[Violation, ...]
    pallets: tuple[PalletView, ...] = ()

    @property
    def pallets_mass_g(self) -> int:
        """Mass of all empty pallets whose load the viewer may know: of all of them for who sees everything."""
        return sum(one.pallet_mass_g * one.quantity for one in self.pallets)

    @property
    def owners(self) -> tuple[OwnerLook, ...]:
        """Owners of what stands here, each once, in the order of their looks, the neutral ones last."""
        found = {place.owner: None for place in self.places}
        return tuple(sorted(found, key=lambda one: (one.look == NEUTRAL_LOOK, one.look, one.label)))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersLevelView:
    """What the plan's goods cost under one level of keeping members' goods apart, in minor units.

    Parameters
    ----------
    owners
        ``free``, ``preferred`` or ``strict``.
    is_asked
        Whether the plan in force is planned under it.
    found_by
        How its plan was found: ``search``, ``plan_in_force``, ``stricter_level``.
    cost_minor, extra_minor
        Of its plan, and beyond that of the level ``free``; None where no plan of it was accepted.
    status
        What is known of its plan: ``optimal``, ``feasible``; empty where there is none.
    containers
        Code of the container type and number of containers, by code.
    loose_lots
        Lots that travel as LCL or by post.
    packages_left
        Packages that do not travel.
    """

    owners: str
    is_asked: bool
    found_by: str
    cost_minor: int | None
    extra_minor: int | None
    status: str
    containers: tuple[tuple[str, int], ...]
    loose_lots: int
    packages_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadChoice:
    """A container that a viewer may open: its position among those, from 1 on, and what tells it from the others."""

    number: int
    container_id: str
    container_type: str
    departs: date
    has_load_plan: bool
    on_pallets: bool = False
