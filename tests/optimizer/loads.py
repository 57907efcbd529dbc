"""Small load problems and hand-made loads for tests: a container of 10 x 4 x 4 dm, packages of whole decimetres."""

from collections.abc import Iterable
from typing import Any

from optimizer.checking_loads import centre_of_gravity_permille
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective
from optimizer.load_result import LoadAnswer, LoadedContainer, Unloaded
from optimizer.result import Placement, SolveStatus

DM = 100
"""Millimetres in a decimetre."""


def container(**changes: Any) -> LoadContainer:
    """Return a container of 1000 x 400 x 400 mm, as many as needed, with no limits."""
    sizes = {"length_mm": 1000, "width_mm": 400, "height_mm": 400}
    return LoadContainer(**{"code": "BOX", **sizes, "count": None, **changes})


def package(id: str = "P", dm: tuple[int, int, int] = (2, 2, 2), quantity: int = 1, **changes: Any) -> LoadPackage:  # noqa: A002
    """Return packages of so many decimetres and 1 kg each that must stand on their base."""
    length, width, height = (DM * size for size in dm)
    sizes = {"length_mm": length, "width_mm": width, "height_mm": height, "vertical": ("height",)}
    return LoadPackage(**{"id": id, **sizes, "quantity": quantity, "mass_g": 1000, **changes})


def put(kind: LoadPackage, x: int, y: int, z: int, step: int = 1, *, turned: bool = False) -> Placement:
    """Return one package with its corner at these millimetres, its length along the container unless turned."""
    dx, dy = (kind.width_mm, kind.length_mm) if turned else (kind.length_mm, kind.width_mm)
    return Placement(
        package=kind.id,
        consignment=kind.consignment,
        x_mm=x,
        y_mm=y,
        z_mm=z,
        dx_mm=dx,
        dy_mm=dy,
        dz_mm=kind.height_mm,
        step=step,
    )


def problem(*packages: LoadPackage, **changes: Any) -> LoadProblem:
    """Return the problem to carry these packages in the fewest containers."""
    return LoadProblem(
        **{"objective": Objective.CONTAINERS, "containers": (container(),), "packages": packages, **changes}
    )


def loaded(one: LoadProblem, placements: Iterable[Placement], code: str = "BOX") -> LoadedContainer:
    """Return a loaded container with right numbers."""
    held, kind = tuple(placements), one.container[code]
    return LoadedContainer(
        container=code,
        placements=held,
        fill_permille=1000 * sum(each.dx_mm * each.dy_mm * each.dz_mm for each in held) // kind.volume_mm3,
        mass_g=sum(one.package[each.consignment, each.package].mass_g for each in held),
        centre_of_gravity_permille=centre_of_gravity_permille(
            kind, [(each, one.package[each.consignment, each.package]) for each in held]
        ),
    )


def answer(
    one: LoadProblem, *loads: Iterable[Placement], unloaded: Iterable[Unloaded] = (), **changes: Any
) -> LoadAnswer:
    """Return the answer of these loads: feasible, with the bound 0."""
    fields: dict[str, Any] = {
        "status": SolveStatus.FEASIBLE,
        "lower_bound": 0,
        "loads": tuple(loaded(one, each) for each in loads),
        "unloaded": tuple(unloaded),
    }
    return LoadAnswer(**{**fields, **changes})
