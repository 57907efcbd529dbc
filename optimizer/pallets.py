"""Pallets and what stands on them: cartons are put onto pallets first, and the pallets are loaded as packages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective
from optimizer.load_result import LoadAnswer
from optimizer.problem_parts import Fault, ProblemError
from optimizer.result import Placement

FLAT_PERMILLE = 850
"""Part of the boards that the highest cartons must cover for another pallet to stand on them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PalletType:
    """An empty pallet and how it may be loaded: nothing hangs over its edge.

    Parameters
    ----------
    length_mm, width_mm, height_mm, mass_g
        Of the empty pallet; sizes > 0, mass >= 0.
    most_height_mm
        Greatest height with everything on it, > `height_mm`.
    most_mass_g
        Greatest mass with everything on it, > `mass_g`; None is no limit.
    max_load_g
        Mass that may stand on the loaded pallet, such as further pallets; None is no limit, 0 nothing on top.

    Raises
    ------
    ProblemError
        When an amount is out of range.
    """

    code: str
    length_mm: int
    width_mm: int
    height_mm: int
    most_height_mm: int
    mass_g: int = 0
    most_mass_g: int | None = None
    max_load_g: int | None = 0

    def __post_init__(self) -> None:
        least = {
            "length_mm": 1, "width_mm": 1, "height_mm": 1, "mass_g": 0, "max_load_g": 0,
            "most_height_mm": self.height_mm + 1, "most_mass_g": self.mass_g + 1,
        }  # fmt: skip
        faults = [
            Fault(f"pallets.{name}", "out_of_range", f"integer >= {low}", str(found))
            for name, low in least.items()
            if (found := getattr(self, name)) is not None and found < low
        ]
        if faults:
            raise ProblemError(faults)

    @property
    def container(self) -> LoadContainer:
        """The room above the pallet's boards, as a container of which there are as many as needed."""
        return LoadContainer(
            code=self.code,
            length_mm=self.length_mm,
            width_mm=self.width_mm,
            height_mm=self.most_height_mm - self.height_mm,
            payload_g=None if self.most_mass_g is None else self.most_mass_g - self.mass_g,
            count=None,
            tare_g=self.mass_g,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedPallet:
    """Equal loaded pallets: as a package, and where the cartons stand, from a corner of the boards upwards."""

    package: LoadPackage
    cartons: tuple[Placement, ...]


@dataclass(frozen=True, kw_only=True)
class PalletAnswer:
    """Cartons on pallets.

    Parameters
    ----------
    pallets
        All pallets, equal ones together; each carries goods of one stop and cargo class.
    loose
        Packages that no pallet takes, with their number.
    parts
        For each group of goods that may share a pallet: the load problem with the pallet as the container, and its
        answer, to be judged like any other.
    """

    pallet: PalletType
    pallets: tuple[LoadedPallet, ...]
    loose: tuple[LoadPackage, ...]
    parts: tuple[tuple[LoadProblem, LoadAnswer], ...]

    @cached_property
    def packages(self) -> tuple[LoadPackage, ...]:
        """What is to be loaded into containers now."""
        return (*(one.package for one in self.pallets), *self.loose)


def pallet_problem(pallet: PalletType, packages: Sequence[LoadPackage]) -> LoadProblem:
    """Return the problem to put packages of one stop onto the fewest pallets, each wholly supported."""
    return LoadProblem(objective=Objective.CONTAINERS, containers=(pallet.container,), packages=tuple(packages))


def carton_places(answer: PalletAnswer, placements: Sequence[Placement]) -> tuple[Placement, ...]:
    """Return where every carton stands once pallets stand in a container, and loose packages as they are.

    Steps are counted anew, pallet by pallet; within one they are those in which it was built.
    """
    return tuple(
        Placement(
            package=one.package, consignment=one.consignment, x_mm=one.x_mm, y_mm=one.y_mm, z_mm=one.z_mm,
            dx_mm=one.dx_mm, dy_mm=one.dy_mm, dz_mm=one.dz_mm, step=step,
        )
        for step, one in enumerate(_places(answer, placements), start=1)
    )  # fmt: skip


def _places(answer: PalletAnswer, placements: Sequence[Placement]) -> Iterator[Placement]:
    built = {one.package.key: one.cartons for one in answer.pallets}
    pallet = answer.pallet
    for stands in sorted(placements, key=lambda one: one.step):
        cartons = built.get((stands.consignment, stands.package))
        if cartons is None:
            yield stands
            continue
        turned = stands.dx_mm != pallet.length_mm
        for one in sorted(cartons, key=lambda each: each.step):
            # A quarter turn: what was at the right edge is at the front edge now.
            x, dx = (pallet.width_mm - one.y_mm - one.dy_mm, one.dy_mm) if turned else (one.x_mm, one.dx_mm)
            y, dy = (one.x_mm, one.dx_mm) if turned else (one.y_mm, one.dy_mm)
            yield Placement(
                package=one.package, consignment=one.consignment, step=one.step,
                x_mm=stands.x_mm + x, y_mm=stands.y_mm + y, z_mm=stands.z_mm + pallet.height_mm + one.z_mm,
                dx_mm=dx, dy_mm=dy, dz_mm=one.dz_mm,
            )  # fmt: skip
