"""A planned shipment whose one container has a load plan, for tests of links and of manual work."""

from sqlmodel import Session

from consortium.database import unit_of_work
from consortium.services.orders import enter_order
from consortium.services.shipments import freeze, gather, open_shipment
from consortium.services.tariffs import register_charge, register_departure, register_tariff
from tests.consortium.builders import (
    World,
    charge_draft,
    departure_draft,
    line,
    load_containers_of,
    order_draft,
    shipment_draft,
    store_plan_of,
    tariff_draft,
)

PALLETS = {"andina": 2, "bahia": 2, "cumbre": 1}
"""Pallets of 1200 x 800 x 1000 mm by firm; all of them fit into one 40' high-cube container."""


def loaded_shipment(world: World, pallets: dict[str, int] | None = None) -> tuple[int, int]:
    """Store a shipment with a plan in force and its load; return both ids."""
    with unit_of_work() as session:
        return load_shipment(world, pallets or PALLETS, session)


def load_shipment(world: World, pallets: dict[str, int], session: Session) -> tuple[int, int]:
    manager, key = world.manager, world.consortium_id
    register_departure(manager, key, departure_draft(), session=session)
    tariff = register_tariff(manager, key, tariff_draft(), session=session)
    register_charge(manager, tariff, charge_draft(), session=session)
    orders = [
        enter_order(
            manager,
            key,
            order_draft(
                member_id=world.members[firm],
                code=f"O-{number}",
                lines=[line(quantity=count, description=f"goods of number {number}")],
            ),
            session=session,
        )
        for number, (firm, count) in enumerate(pallets.items(), start=1)
    ]
    shipment = open_shipment(manager, key, shipment_draft(container_types=["45G1"]), session=session)
    gather(manager, shipment, orders, session=session)
    freeze(manager, shipment, session=session)
    plan = store_plan_of(shipment, session=session)
    load_containers_of(plan, session=session)
    return shipment, plan
