"""Pallets and what stands on them: cartons are put onto pallets first, and the pallets are loaded as packages."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective
from optimizer.load_result import LoadAnswer
from optimizer.problem_parts import PalletType as PalletType
from optimizer.result import BuiltPallet, Placement

FLAT_PERMILLE = 850
"""Part of the boards that the highest cartons must cover for another pallet to stand on them."""


def pallet_container(pallet: PalletType) -> LoadContainer:
    """Return the room above a pallet's boards as a container of which there are as many as needed."""
    return LoadContainer(
        code=pallet.code,
        length_mm=pallet.length_mm,
        width_mm=pallet.width_mm,
        height_mm=pallet.most_height_mm - pallet.height_mm,
        payload_g=None if pallet.most_mass_g is None else pallet.most_mass_g - pallet.mass_g,
        count=None,
        tare_g=pallet.mass_g,
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
    return LoadProblem(objective=Objective.CONTAINERS, containers=(pallet_container(pallet),), packages=tuple(packages))


def goods_for_pallets(problem: LoadProblem) -> tuple[LoadPackage, ...]:
    """Return what goes onto pallets first: nothing that is to stay loose or stands pinned already."""
    held = Counter((one.consignment, one.package) for pin in problem.pinned for one in pin.placements)
    return tuple(
        replace(one, quantity=one.quantity - held[one.key])
        for one in problem.packages
        if not one.loose and one.quantity > held[one.key]
    )


def on_pallets(problem: LoadProblem, pallets: Sequence[BuiltPallet]) -> LoadProblem:
    """Return the problem to load pallets as they were built, and everything else as it is.

    With the objective VOLUME a pallet is worth what its cartons are worth, not its own volume.
    """
    assert problem.pallet is not None
    taken: Counter[tuple[str, str]] = Counter()
    for one in pallets:
        for carton in one.cartons:
            taken[carton.consignment, carton.package] += one.quantity
    left = (replace(one, quantity=one.quantity - taken[one.key], loose=False) for one in problem.packages
            if one.quantity > taken[one.key])  # fmt: skip
    built = [as_package(problem, problem.pallet, one) for one in pallets if one.cartons]
    return replace(problem, packages=(*built, *left), pallet=None)


def as_package(problem: LoadProblem, pallet: PalletType, one: BuiltPallet) -> LoadPackage:
    """Return built pallets as packages to load; cartons that the problem does not know count as nothing."""
    goods = [kind for each in one.cartons if (kind := problem.package.get((each.consignment, each.package)))]
    return LoadPackage(
        id=one.id,
        consignment=one.consignment,
        length_mm=pallet.length_mm,
        width_mm=pallet.width_mm,
        height_mm=one.height_mm,
        quantity=one.quantity,
        mass_g=one.mass_g,
        vertical=("height",),
        max_load_g=one.max_load_g,
        owner=one.owner,
        stop=goods[0].stop if goods else 1,
        cargo_class=goods[0].cargo_class if goods else "",
        value=sum(kind.worth for kind in goods) if problem.objective is Objective.VOLUME else None,
    )


def built_pallets(answer: PalletAnswer) -> tuple[BuiltPallet, ...]:
    """Return the pallets of an answer as a load plan holds them."""
    return tuple(
        BuiltPallet(
            id=one.package.id, consignment=one.package.consignment, quantity=one.package.quantity,
            height_mm=one.package.height_mm, mass_g=one.package.mass_g, max_load_g=one.package.max_load_g,
            owner=one.package.owner, cartons=one.cartons,
        )
        for one in answer.pallets
    )  # fmt: skip


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
