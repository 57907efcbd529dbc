"""Views of loads built pile by pile, with numbers that can be told by heart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from consortium.views_loads import LoadPlace, LoadView, OwnerLook
from optimizer.load_result import Balance

ANDINA, BAHIA, CUMBRE = (OwnerLook(label=name, look=look) for look, name in enumerate(("Andina", "Bahía", "Cumbre")))


@dataclass(frozen=True, kw_only=True)
class Pile:
    """Equal packages that stand as a block: where, of which size, how many along, across and up."""

    at: tuple[int, int, int]
    size: tuple[int, int, int] = (600, 400, 300)
    counts: tuple[int, int, int] = (1, 1, 1)
    owner: OwnerLook = ANDINA
    consignment: str = "andina/O-1"
    package: str = "1"
    description: str = "Honey 1 kg"
    mass_g: int | None = 12_000

    def corners(self) -> list[tuple[int, int, int]]:
        """Return where each package stands."""
        return [
            tuple(self.at[axis] + step[axis] * self.size[axis] for axis in range(3))
            for step in (
                (i, j, k) for i in range(self.counts[0]) for j in range(self.counts[1]) for k in range(self.counts[2])
            )
        ]


def places_of(piles: Iterable[Pile]) -> tuple[LoadPlace, ...]:
    """Return the packages of piles, counted in this order."""
    found: list[dict[str, Any]] = []
    for pile in piles:
        for x, y, z in pile.corners():
            dx, dy, dz = pile.size
            found.append(
                {
                    "package": pile.package, "description": pile.description, "consignment": pile.consignment,
                    "owner": pile.owner, "mass_g": pile.mass_g,
                    "x_mm": x, "y_mm": y, "z_mm": z, "dx_mm": dx, "dy_mm": dy, "dz_mm": dz,
                }
            )  # fmt: skip
    return tuple(LoadPlace(step=step, **values) for step, values in enumerate(found, start=1))


def view_of(piles: Sequence[Pile], **changes: Any) -> LoadView:
    """Return a 20' container with these piles, seen by who may see everything."""
    places = places_of(piles)
    usual: dict[str, Any] = {
        "container_id": "K-1",
        "container_type": "22G1",
        "length_mm": 5_898,
        "width_mm": 2_352,
        "height_mm": 2_393,
        "top_mm": 2_393,
        "door_width_mm": 2_338,
        "door_height_mm": 2_280,
        "tare_g": 2_220_000,
        "payload_g": 28_260_000,
        "departure": "S-1",
        "origin": "COCTG",
        "destination": "NLRTM",
        "carrier": "Line",
        "departs": date(2027, 3, 4),
        "support": "full",
        "places": places,
        "has_load_plan": True,
        "is_whole": True,
        "fill_permille": 123,
        "cargo_mass_g": sum(one.mass_g or 0 for one in places),
        "centre_of_gravity_permille": (481, 512, 345),
        "balance": Balance.GOOD,
        "verdict": (),
    }
    return LoadView(**(usual | changes))


HONEY = Pile(at=(0, 0, 0), counts=(2, 3, 4))
"""24 cartons against the front wall and the left wall: 2 deep, 3 side by side, 4 high."""
COFFEE = Pile(
    at=(0, 1_200, 0), size=(500, 384, 400), counts=(3, 3, 3), owner=BAHIA, consignment="bahia/O-7", package="C",
    description="Coffee sack", mass_g=20_500,
)  # fmt: skip
"""27 sacks against the front wall and the right wall."""
PLATES = Pile(
    at=(1_205, 0, 0), size=(400, 400, 250), counts=(4, 3, 2), owner=CUMBRE, consignment="cumbre/O-3", package="P",
    description="Plates", mass_g=9_000,
)  # fmt: skip
CUPS = Pile(
    at=(1_205, 0, 500), size=(400, 300, 350), counts=(3, 4, 1), owner=CUMBRE, consignment="cumbre/O-3", package="T",
    description="Cups", mass_g=4_250,
)  # fmt: skip
"""12 cartons on the plates."""
SHARED = (HONEY, COFFEE, PLATES, CUPS)
