"""Which orders may travel in which pooled shipment: pure rules, shared by services and queries."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from consortium import reference_data
from consortium.errors import Fault
from consortium.models import Consortium, DepartureRow, Order, OrderLine, OrderState, PooledShipment, ShipmentState
from optimizer.problem import ContainerType, MissedDueDate, Package
from optimizer.units import MM3_PER_CM3

DONE = frozenset({ShipmentState.SHIPPED, ShipmentState.SETTLED})
"""States of a shipment that has left."""


def is_past_cut_off(shipment: PooledShipment, now: datetime) -> bool:
    """Say whether an open shipment can no longer be joined, and freezes when it is planned."""
    return shipment.state is ShipmentState.OPEN and now >= shipment.cut_off_at


def cut_off_day(shipment: PooledShipment, consortium: Consortium) -> date:
    """Return the day of a shipment's cut-off where the consortium is: late in the evening UTC is a day ahead."""
    return shipment.cut_off_at.astimezone(ZoneInfo(consortium.time_zone)).date()


def is_frozen(shipment: PooledShipment, now: datetime) -> bool:
    """Say whether the orders in a shipment can no longer be changed or withdrawn."""
    return shipment.state is not ShipmentState.OPEN or is_past_cut_off(shipment, now)


def can_change(order: Order, shipment: PooledShipment | None, now: datetime) -> bool:
    """Say whether an order, and the shipment it is gathered in if any, let it be changed or withdrawn."""
    if order.state is OrderState.ENTERED:
        return True
    return order.state is OrderState.GATHERED and shipment is not None and not is_frozen(shipment, now)


def container_types_of(codes: Iterable[str] = ()) -> list[ContainerType]:
    """Return the container types with these codes, or all that are known when there are none."""
    wanted = set(codes)
    return [one for one in reference_data.container_types().values() if not wanted or one.code in wanted]


def packages_of(lines: Iterable[OrderLine]) -> list[Package]:
    """Return an order's lines as the optimiser's packages."""
    return [
        Package(
            id=line.code,
            quantity=line.quantity,
            length_mm=line.length_mm,
            width_mm=line.width_mm,
            height_mm=line.height_mm,
            mass_g=line.mass_g,
            vertical=tuple(line.vertical),
            max_load_g=line.max_load_g,
        )
        for line in lines
    ]


def size_faults(order: Order, lines: Sequence[OrderLine], types: Iterable[ContainerType]) -> Iterator[Fault]:
    """Yield what does not fit any of these container types; the rules are those of a consolidation problem."""
    usable = [one for one in types if order.cargo_class in one.cargo_classes]
    if not usable:
        return
    names = ", ".join(one.code for one in usable)
    packages = packages_of(lines)
    for index, one in enumerate(packages):
        if not any(one.fits(kind) and one.mass_g <= kind.payload_g for kind in usable):
            found = f"{one.length_mm} x {one.width_mm} x {one.height_mm} mm, {one.mass_g} g"
            expected = f"a package that passes the door and the payload of one of {names}"
            yield Fault(f"lines[{index}]", "package_too_large", expected, found)
    if order.divisible and sum(one.quantity for one in packages) > 1:
        return
    volume_mm3 = sum(one.quantity * one.unit_volume_mm3 for one in packages) or (order.volume_cm3 or 0) * MM3_PER_CM3
    mass_g = order.mass_g or 0
    if not any(volume_mm3 <= kind.usable_volume_mm3 and mass_g <= kind.payload_g for kind in usable):
        expected = "goods that fit one container, or divisible ones with several packages"
        found = f"{volume_mm3 // MM3_PER_CM3} cm3, {mass_g} g"
        yield Fault("divisible", "consignment_too_big", expected, found)


def gather_faults(
    order: Order,
    lines: Sequence[OrderLine],
    shipment: PooledShipment,
    consortium: Consortium,
    departures: Iterable[DepartureRow],
) -> Iterator[Fault]:
    """Yield why an order cannot travel in a shipment, apart from its state.

    Parameters
    ----------
    consortium
        Whose currency and time zone count.
    departures
        The consortium's departures. Where the lane has some after the shipment's cut-off, one must suit the order;
        where it has none yet, they may still be registered.
    """
    if order.currency != consortium.currency:
        yield Fault("currency", "currency_mismatch", consortium.currency, order.currency)
    late = shipment.settings.get("missed_due_date") == MissedDueDate.ALLOWED
    cut_off = cut_off_day(shipment, consortium)
    if order.due_date is not None and order.due_date < cut_off and not late:
        yield Fault("due_date", "date_order", f"a date >= the shipment's cut-off {cut_off}", str(order.due_date))
    lane = [one for one in departures_of_lane(order, departures) if one.cut_off >= cut_off]
    if lane and not any(_suits(order, one, late) for one in lane):
        expected = "dates that suit one of " + ", ".join(f"{one.code} ({one.cut_off} to {one.arrival})" for one in lane)
        found = f"ready {order.ready_date}, due {order.due_date or 'any day'}"
        yield Fault("ready_date", "no_departure_fits", expected, found)
    yield from size_faults(order, lines, container_types_of(shipment.container_types))


def departures_of_lane(order: Order, departures: Iterable[DepartureRow]) -> list[DepartureRow]:
    """Return the departures of an order's lane."""
    return [one for one in departures if (one.origin, one.destination) == (order.origin, order.destination)]


def _suits(order: Order, departure: DepartureRow, late: bool) -> bool:
    in_time = order.due_date is None or late or departure.arrival <= order.due_date
    return order.ready_date <= departure.cut_off and in_time
