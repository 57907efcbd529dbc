"""Compile what is compiled on first use, so that no plan waits for it: `python -m optimizer.warming`.

The compiled code is kept beside the sources, or in the user's cache folder where these may not be written.
"""

from datetime import date

import numpy as np

from optimizer.coalition_prices import price_coalitions
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.lowering import lower_prices
from optimizer.consolidation.patterns import whole_piece
from optimizer.consolidation.pricing import fluid_prices
from optimizer.consolidation.quick_choice import filler_of
from optimizer.consolidation.relaxation import Relaxation
from optimizer.limits import Limits
from optimizer.load_problem import LoadContainer, LoadPackage, LoadProblem, Objective, Pinned
from optimizer.loading.engine import plan_loads
from optimizer.loading.ordering import loaded_before
from optimizer.planning import plan
from optimizer.problem import (
    Basis,
    Charge,
    Consignment,
    ConsolidationProblem,
    ContainerType,
    Departure,
    Mode,
    Party,
    Settings,
)
from optimizer.result import Placement

MEMBERS = ("A", "B", "C")
UNHURRIED_S = 3_600
"""The clock runs while compiling: on a busy computer two minutes ended the search before all of it was compiled."""


def tiny_problem() -> ConsolidationProblem:
    """Return a problem that takes every compiled way: three members with half a container each, a fee for each."""
    return ConsolidationProblem(
        title="warming",
        currency="USD",
        members=tuple(Party(id=name) for name in MEMBERS),
        consignments=tuple(
            Consignment(
                id=f"{name}-1", member=name, origin="COCTG", destination="NLRTM", ready_date=date(2026, 1, 1),
                volume_mm3=14 * 10**9, mass_g=3_000_000,
            )
            for name in MEMBERS
        ),
        container_types=(
            ContainerType(
                code="22G1", name="20'", length_mm=5898, width_mm=2352, height_mm=2393, payload_g=28_000_000,
                tare_g=2_220_000, volume_mm3=33_200_000_000, usable_volume_permille=850,
                cargo_classes=frozenset({"dry"}),
            ),
        ),
        departures=(
            Departure(
                id="S-1", origin="COCTG", destination="NLRTM", cut_off=date(2026, 1, 5), departure=date(2026, 1, 8),
                arrival=date(2026, 2, 1),
            ),
        ),
        charges=(
            Charge(code="OFR", basis=Basis.CONTAINER, amount_minor=150_000),
            *(
                Charge(code=f"TRUCK-{name}", basis=Basis.CONTAINER, amount_minor=9_000, members=frozenset({name}))
                for name in MEMBERS
            ),
            Charge(code="OVERWEIGHT", basis=Basis.CONTAINER, amount_minor=30_000, gross_mass_over_g=14_000_000),
            Charge(code="LCL", basis=Basis.FREIGHT_TONNE, amount_minor=12_000, modes=frozenset({Mode.LCL})),
            Charge(code="DOCUMENTS", basis=Basis.MEMBER, amount_minor=4_000),
        ),
        settings=Settings(modes=(Mode.FCL, Mode.LCL)),
    )  # fmt: skip


def tiny_load() -> LoadProblem:
    """Return a load problem with a package of its own for every compiled rule."""
    place = Placement(package="2", consignment="", x_mm=0, y_mm=0, z_mm=0, dx_mm=500, dy_mm=400, dz_mm=300, step=1)
    return LoadProblem(
        objective=Objective.VOLUME,
        containers=(LoadContainer(code="C", length_mm=2000, width_mm=2000, height_mm=2000, payload_g=900_000),),
        packages=(
            LoadPackage(
                id="1", length_mm=900, width_mm=800, height_mm=700, quantity=9, mass_g=9_000, max_load_g=20_000
            ),
            LoadPackage(id="2", length_mm=500, width_mm=400, height_mm=300, quantity=9, stop=2),
        ),
        pinned=(Pinned(container="C", placements=(place,)),),
    )


def warm() -> None:
    """Plan a tiny shipment, price groups of its members, load a container."""
    plan_loads(tiny_load(), limits=Limits(time_limit_s=UNHURRIED_S, work_limit=0.01))
    loaded_before(np.zeros((2, 6), np.int32))
    problem, limits = tiny_problem(), Limits(time_limit_s=UNHURRIED_S, work_limit=5)
    answer = plan(problem, limits=limits)
    price_coalitions(problem, answer, [("A",), ("A", "B")], limits=limits, seed=0)
    _warm_large(problem)


def _warm_large(problem: ConsolidationProblem) -> None:
    """Take the ways that only large parts take."""
    relaxation = Relaxation(layout_of(problem, [whole_piece(one) for one in problem.consignments]))
    lower_prices(relaxation, fluid_prices(relaxation), np.arange(len(relaxation.variants)), nodes=300, most=1)
    filler_of(relaxation.layout, relaxation.variants).columns(np.arange(len(problem.consignments)))


if __name__ == "__main__":
    warm()
