"""The load problem: packages and containers, frozen and validated (format ``consortium/load-problem@1``)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import permutations

from optimizer.problem_parts import DIMENSIONS, Fault, PalletType, ProblemError
from optimizer.problem_parts import FULL_SUPPORT as FULL_SUPPORT
from optimizer.problem_parts import Owners as Owners
from optimizer.result import Placement

SUPPORT_NAMES = r"full|none|partial:([1-9][0-9]{0,2}|1000)"
"""What the name of a support policy matches."""


FARTHEST_MM = 1_000_000
"""Pinned packages may break rules, which the judge then tells, but not stand farther away than this."""


class Objective(StrEnum):
    """What a load problem asks for."""

    VOLUME = "volume"
    COST = "cost"
    CONTAINERS = "containers"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadContainer:
    """A container on offer: inside and door sizes in mm, masses in g, cost in minor units.

    Parameters
    ----------
    payload_g
        Greatest mass of the cargo; None is no limit.
    door_width_mm, door_height_mm
        Opening that every package passes as it stands, > 0; None is as wide or high as the inside.
    count
        How many there are, >= 1; None is as many as needed.
    load_line_mm
        Height above which nothing may stand (the red line of a reefer), > 0; None is the ceiling.
    line_load_g_per_m
        Greatest mass on any metre of the floor's length, > 0; None is no limit.
    cargo_classes
        Cargo classes that may travel in it; None is all.
    tare_g
        Mass of the empty container, >= 0.
    """

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    payload_g: int | None = None
    door_width_mm: int | None = None
    door_height_mm: int | None = None
    count: int | None = 1
    cost_minor: int = 0
    load_line_mm: int | None = None
    line_load_g_per_m: int | None = None
    cargo_classes: frozenset[str] | None = None
    tare_g: int = 0

    @property
    def volume_mm3(self) -> int:
        """Volume of the inside."""
        return self.length_mm * self.width_mm * self.height_mm

    @property
    def top_mm(self) -> int:
        """Height that cargo may reach."""
        return min(self.height_mm, self.load_line_mm or self.height_mm)

    @property
    def door_mm(self) -> tuple[int, int]:
        """Width and height of the opening."""
        return (
            min(self.width_mm, self.door_width_mm or self.width_mm),
            min(self.height_mm, self.door_height_mm or self.height_mm),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPackage:
    """Equal packages of one owner.

    Parameters
    ----------
    quantity
        Number of packages, > 0.
    length_mm, width_mm, height_mm
        Outer sizes of one, > 0.
    mass_g
        Gross mass of one, >= 0.
    vertical
        Which of length, width, height may stand upright, one at least; the other two may be swapped on the floor.
    max_load_g
        Mass that may rest on one package, passed down included; None is no limit, 0 nothing on top.
    owner
        Whose it is; empty: nobody's in particular.
    stop
        Where it is unloaded, >= 1; stop 1 is unloaded first and stands nearest to the door.
    value
        What loading one is worth to the objective ``volume``, >= 0; None: its volume in mm3.
    consignment
        Consignment that it is part of; packages are told apart by (consignment, id).
    loose
        Never goes onto a pallet, where pallets are asked for.
    """

    id: str
    length_mm: int
    width_mm: int
    height_mm: int
    quantity: int
    mass_g: int = 0
    vertical: tuple[str, ...] = DIMENSIONS
    max_load_g: int | None = None
    owner: str = ""
    stop: int = 1
    value: int | None = None
    consignment: str = ""
    cargo_class: str = ""
    loose: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What tells this kind of package from all others of the problem."""
        return self.consignment, self.id

    @property
    def volume_mm3(self) -> int:
        """Volume of one package."""
        return self.length_mm * self.width_mm * self.height_mm

    @property
    def worth(self) -> int:
        """What loading one package is worth to the objective ``volume``."""
        return self.volume_mm3 if self.value is None else self.value

    def stances(self) -> tuple[tuple[int, int, int], ...]:
        """Return every (dx, dy, dz) in mm in which one package may stand, without repetition, in a fixed order."""
        sizes = dict(zip(DIMENSIONS, (self.length_mm, self.width_mm, self.height_mm), strict=True))
        found: dict[tuple[int, int, int], None] = {}
        for upright in self.vertical:
            for along, across in permutations([sizes[name] for name in DIMENSIONS if name != upright]):
                found[along, across, sizes[upright]] = None
        return tuple(found)

    def stances_in(self, container: LoadContainer) -> tuple[tuple[int, int, int], ...]:
        """Return the stances that fit the inside, below the load line, and pass the door as they stand."""
        door_width, door_height = container.door_mm
        return tuple(
            (dx, dy, dz)
            for dx, dy, dz in self.stances()
            if dx <= container.length_mm and dy <= door_width and dz <= min(door_height, container.top_mm)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """Placements that stay as they are in the container of this position (0 is the first).

    `loaded`: they are in the container already, everything else is brought in after them.
    """

    container: str
    position: int = 0
    placements: tuple[Placement, ...] = ()
    loaded: bool = False


@dataclass(frozen=True, kw_only=True)
class LoadProblem:
    """Packages to load, containers to load them into, and the rules.

    Parameters
    ----------
    objective
        VOLUME: one container, packages may stay out, greatest packed value. CONTAINERS, COST: everything travels
        in the fewest or cheapest containers.
    support_permille
        Part of every package's base that must rest on the floor or on packages: 1000 full, 0 none.
    incompatible_classes
        Pairs of cargo classes that may not share a container.
    pinned
        What already stands, to be kept and continued.
    pallet
        Everything that is neither loose nor pinned goes onto such pallets first, which are then loaded; None: nothing.

    Raises
    ------
    ProblemError
        When ids repeat or an amount is out of range. A package that fits no container is no fault of the problem:
        it stays out, with the reason.
    """

    objective: Objective
    containers: tuple[LoadContainer, ...]
    packages: tuple[LoadPackage, ...]
    owners: Owners = Owners.FREE
    support_permille: int = FULL_SUPPORT
    incompatible_classes: frozenset[frozenset[str]] = frozenset()
    pinned: tuple[Pinned, ...] = field(default=())
    title: str = ""
    pallet: PalletType | None = None

    def __post_init__(self) -> None:
        faults = list(_faults(self))
        if faults:
            raise ProblemError(faults)

    @cached_property
    def package(self) -> dict[tuple[str, str], LoadPackage]:
        """Packages by (consignment, id)."""
        return {one.key: one for one in self.packages}

    @cached_property
    def container(self) -> dict[str, LoadContainer]:
        """Containers by code."""
        return {one.code: one for one in self.containers}

    def compatible(self, one: str, other: str) -> bool:
        """Say whether two cargo classes may share a container."""
        return frozenset({one, other}) not in self.incompatible_classes


def support_name(permille: int) -> str:
    """Return the policy as it is written in files: ``full``, ``partial:750`` or ``none``."""
    if permille >= FULL_SUPPORT:
        return "full"
    return f"partial:{permille}" if permille else "none"


def support_permille(name: str) -> int | None:
    """Return the permille of a policy's name (``full``, ``partial:N`` with 1 <= N <= 1000, ``none``), else None."""
    if name in ("full", "none"):
        return FULL_SUPPORT if name == "full" else 0
    return int(name.partition(":")[2]) if re.fullmatch(SUPPORT_NAMES, name) else None


def _faults(problem: LoadProblem) -> Iterator[Fault]:
    if not problem.containers:
        yield Fault("containers", "empty_list", "a list of 1 or more", "list with 0 entries")
    if not 0 <= problem.support_permille <= FULL_SUPPORT:
        yield Fault("support", "out_of_range", "integer from 0 to 1000", str(problem.support_permille))
    codes: set[str] = set()
    for index, box in enumerate(problem.containers):
        path = f"containers[{index}]"
        if box.code in codes:
            yield Fault(f"{path}.code", "duplicate", "each id once", repr(box.code))
        codes.add(box.code)
        yield from _above(path, 1, box, ("length_mm", "width_mm", "height_mm"))
        optional = ("door_width_mm", "door_height_mm", "count", "load_line_mm", "line_load_g_per_m")
        yield from _above(path, 1, box, optional)
        yield from _above(path, 0, box, ("payload_g", "cost_minor", "tare_g"))
    keys: set[tuple[str, str]] = set()
    for index, one in enumerate(problem.packages):
        path = f"packages[{index}]"
        if one.key in keys:
            yield Fault(f"{path}.id", "duplicate", "each id once", repr(one.id))
        keys.add(one.key)
        yield from _above(path, 1, one, ("length_mm", "width_mm", "height_mm", "quantity", "stop"))
        yield from _above(path, 0, one, ("mass_g", "max_load_g", "value"))
        if not one.vertical or set(one.vertical) - set(DIMENSIONS):
            yield Fault(
                f"{path}.vertical", "unknown_value", f"one or more of {', '.join(DIMENSIONS)}", repr(one.vertical)
            )
    if problem.pallet is not None:
        yield from _names_of_pallets(problem, problem.pallet.code)
    yield from _pinned_faults(problem, codes, keys)


def _names_of_pallets(problem: LoadProblem, code: str) -> Iterator[Fault]:
    for index, one in enumerate(problem.packages):
        start, _, number = one.id.rpartition("-")
        if start == code and number.isdecimal():
            yield Fault(f"packages[{index}].id", "reserved", f"an id other than {code}- and a number", repr(one.id))


def _pinned_faults(problem: LoadProblem, codes: set[str], keys: set[tuple[str, str]]) -> Iterator[Fault]:
    for index, pin in enumerate(problem.pinned):
        path = f"pinned[{index}]"
        if pin.container not in codes:
            yield Fault(f"{path}.container", "unknown_reference", "a container of this problem", repr(pin.container))
        if pin.position < 0:
            yield Fault(f"{path}.position", "out_of_range", "integer >= 0", str(pin.position))
        for place, placement in enumerate(pin.placements):
            if (placement.consignment, placement.package) not in keys:
                where = f"{path}.placements[{place}].package"
                yield Fault(where, "unknown_reference", "a package of this problem", repr(placement.package))
            for name, least in (*((one, -FARTHEST_MM) for one in ("x_mm", "y_mm", "z_mm")),
                                *((one, 1) for one in ("dx_mm", "dy_mm", "dz_mm"))):  # fmt: skip
                found = getattr(placement, name)
                if not least <= found <= FARTHEST_MM:
                    where = f"{path}.placements[{place}].{name}"
                    yield Fault(where, "out_of_range", f"integer from {least} to {FARTHEST_MM}", str(found))


def _above(path: str, least: int, thing: LoadContainer | LoadPackage, names: tuple[str, ...]) -> Iterator[Fault]:
    for name in names:
        found = getattr(thing, name)
        if found is not None and found < least:
            yield Fault(f"{path}.{name}", "out_of_range", f"integer >= {least}", str(found))
