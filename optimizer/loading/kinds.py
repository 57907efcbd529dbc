"""Kinds of packages as arrays: what the search knows of them in one container."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Owners

UNLIMITED = -1.0
"""Written where a package bears any load."""


class Kinds(NamedTuple):
    """Kinds of packages, one row each, in the order of the problem.

    `stances` has a row (kind, dx, dy, dz) for every way in which a package of a kind may stand in the container;
    `phase` the part of the loading in which it is loaded; `owner` a number, -1 where owners do not matter;
    `classes` a bit of its cargo class and `refused` the bits of those that may not travel with it;
    `max_load` is UNLIMITED where there is none.
    """

    stances: NDArray[np.int32]
    volume: NDArray[np.float64]
    mass: NDArray[np.float64]
    max_load: NDArray[np.float64]
    phase: NDArray[np.int32]
    owner: NDArray[np.int32]
    classes: NDArray[np.int64]
    refused: NDArray[np.int64]


def kinds_of(problem: LoadProblem, container: LoadContainer, packages: Sequence[LoadPackage]) -> Kinds:
    """Return the packages as arrays; those that may not stand in the container have no stance.

    Loading goes by phases: what is unloaded last is loaded first, and under strict owners one owner after the other.
    """
    stances = [
        (index, *sizes)
        for index, one in enumerate(packages)
        if container.cargo_classes is None or one.cargo_class in container.cargo_classes
        for sizes in one.stances_in(container)
    ]
    strict = problem.owners is Owners.STRICT
    phases = sorted({_phase(one, strict=strict) for one in packages})
    owners = sorted({one.owner for one in packages})
    names = sorted(
        {one.cargo_class for one in packages} & {name for pair in problem.incompatible_classes for name in pair}
    )
    bit = {name: 1 << position for position, name in enumerate(names)}
    keep_apart = problem.owners is Owners.PREFERRED
    return Kinds(
        stances=np.array(stances, np.int32).reshape(-1, 4),
        volume=np.array([one.volume_mm3 for one in packages], np.float64),
        mass=np.array([one.mass_g for one in packages], np.float64),
        max_load=np.array([UNLIMITED if one.max_load_g is None else one.max_load_g for one in packages], np.float64),
        phase=np.array([phases.index(_phase(one, strict=strict)) for one in packages], np.int32),
        owner=np.array([owners.index(one.owner) if keep_apart else -1 for one in packages], np.int32),
        classes=np.array([bit.get(one.cargo_class, 0) for one in packages], np.int64),
        refused=np.array(
            [
                sum(bit[name] for name in names if not problem.compatible(one.cargo_class, name))
                for one in packages
            ],
            np.int64,
        ),
    )  # fmt: skip


def _phase(one: LoadPackage, *, strict: bool) -> tuple[int, str]:
    return -one.stop, one.owner if strict else ""
