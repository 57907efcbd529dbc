"""A world with a loaded container: four firms with packages of sizes and masses of their own, rivals' words marked."""

from collections.abc import Callable
from typing import Any

from consortium.database import unit_of_work
from consortium.services import orders, shipments, tariffs
from tests.consortium.builders import (
    FIRMS,
    World,
    charge_draft,
    departure_draft,
    line,
    load_containers_of,
    make_world,
    order_draft,
    shipment_draft,
    store_plan_of,
    tariff_draft,
)

SIZES_MM = {
    "andina": (1200, 800, 1000),
    "bahia": (1110, 790, 980),
    "cumbre": (1130, 770, 960),
    "delta": (1150, 750, 940),
}
MASSES_G = {"andina": 300_000, "bahia": 211_111, "cumbre": 322_222, "delta": 433_333}
PACKAGES = {"andina": 4, "bahia": 3, "cumbre": 2, "delta": 5}
MARK = "secreto"


def goods_of(firm: str) -> list[dict[str, Any]]:
    """Return the one line of a firm's order."""
    mark = "" if firm == "andina" else f"{MARK}-{firm}"
    length, width, height = SIZES_MM[firm]
    sizes = {"length_mm": length, "width_mm": width, "height_mm": height, "mass_g": MASSES_G[firm]}
    return [line(code=f"L-{mark or 'own'}", description=f"Goods {mark}", quantity=PACKAGES[firm], **sizes)]


def many_goods_of(firm: str) -> list[dict[str, Any]]:
    """Return two lines of cartons, every one of another size: 300 packages for four firms."""
    place = FIRMS.index(firm)
    return [
        line(
            code=f"C-{firm}-{number}",
            description=f"Cartons {number}",
            quantity=quantity,
            length_mm=600 - 10 * place - 20 * number,
            width_mm=390,
            height_mm=300,
            mass_g=12_000 + 500 * place,
        )
        for number, quantity in ((1, 38), (2, 37))
    ]


def loaded(
    *firms: str,
    with_places: bool = True,
    code: str = "cafe",
    goods: Callable[[str], list[dict[str, Any]]] = goods_of,
    priced: bool = False,
) -> tuple[World, int]:
    """Return a world with a planned shipment of these firms in one container; rivals' words bear a mark.

    With `priced` the plan costs what its tariff says, so that the judge of plans accepts it whole.
    """
    world = make_world(code)
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    if priced:
        tariff = tariffs.register_tariff(world.manager, world.consortium_id, tariff_draft())
        tariffs.register_charge(world.manager, tariff, charge_draft())
    shipment = shipments.open_shipment(
        world.manager, world.consortium_id, shipment_draft(container_types=["45G1"] if priced else [])
    )
    for firm in firms:
        mark = "own" if firm == "andina" else f"{MARK}-{firm}"
        draft = order_draft(member_id=world.members[firm], code=f"O-{mark}", lines=goods(firm))
        shipments.gather(world.manager, shipment, [orders.enter_order(world.manager, world.consortium_id, draft)])
    shipments.freeze(world.manager, shipment)
    with unit_of_work() as session:
        plan = store_plan_of(shipment, session=session)
        if with_places:
            load_containers_of(plan, session=session)
    return world, shipment
