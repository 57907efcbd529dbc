"""What each viewer sees: all, its own, or figures in which no firm can be made out."""

import pytest

from consortium import queries
from consortium.models import OrderState, ShipmentState
from consortium.permissions import Actor
from consortium.services import orders, shipments, tariffs
from tests.consortium.builders import (
    World,
    day,
    departure_draft,
    line,
    make_world,
    order_draft,
    shipment_draft,
)

pytestmark = pytest.mark.usefixtures("database")


def enter(world: World, firm: str, **values) -> int:
    draft = order_draft(member_id=world.members[firm], **values)
    return orders.enter_order(world.manager, world.consortium_id, draft)


def gathered(world: World, *firms: str) -> int:
    """Return an open shipment with one order of each firm."""
    shipment = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft())
    shipments.gather(world.manager, shipment, [enter(world, firm) for firm in firms])
    return shipment


def as_agency(world: World):
    found = queries.home(world.agency, world.consortium_id).aggregates
    assert found is not None
    return found


def test_a_manager_sees_all_consignments_a_member_its_own():
    world = make_world()
    shipment = gathered(world, "andina", "bahia")

    def firms(actor: Actor) -> list[str]:
        return [one.order.member_code for one in queries.shipment(actor, shipment).consignments]

    assert firms(world.manager) == firms(world.auditor) == ["andina", "bahia"]
    assert firms(world.member) == ["andina"]
    assert queries.shipments(world.member, world.consortium_id) == (queries.shipment(world.member, shipment),)


@pytest.mark.parametrize(
    ("firms", "seen"),
    [
        (("bahia", "cumbre"), False),
        (("andina", "bahia", "cumbre"), False),
        (("bahia", "cumbre", "delta"), True),
        (("andina", "bahia", "cumbre", "delta"), True),
    ],
)
def test_a_member_sees_totals_only_with_three_other_firms_behind_them(firms, seen):
    world = make_world()
    shipment = gathered(world, *firms)
    totals = queries.shipment(world.member, shipment).totals
    assert (totals is not None) == seen
    if totals is not None:
        assert (totals.firms, totals.consignments) == (None, None)
        assert totals.mass_g == len(firms) * 600_000
    whole = queries.shipment(world.manager, shipment).totals
    assert whole is not None
    assert (whole.firms, whole.consignments, whole.volume_cm3) == (len(firms), len(firms), len(firms) * 1_920_000)


def test_one_firms_many_orders_are_one_firm():
    world = make_world()
    shipment = gathered(world, "bahia", "cumbre")
    more = [enter(world, "bahia", code=f"X-{n}") for n in range(3)]
    shipments.gather(world.manager, shipment, more)
    assert queries.shipment(world.member, shipment).totals is None


def test_a_user_of_two_firms_counts_neither_as_another():
    world = make_world()
    shipment = gathered(world, "andina", "bahia", "cumbre", "delta")
    both = Actor(user_id=world.member.user_id, username="both", grants=world.member.grants + world.rival.grants)
    found = queries.shipment(both, shipment)
    assert [one.order.member_code for one in found.consignments] == ["andina", "bahia"]
    assert found.totals is None


def test_a_member_sees_the_departures_of_its_own_lanes():
    world = make_world()
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft(code="S-0", cut_off=day(19)))
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft(code="V-1", destination="ESVLC"))
    shipment = gathered(world, "andina")
    shipments.gather(world.manager, shipment, [enter(world, "bahia", destination="ESVLC")])
    assert [one.code for one in queries.shipment(world.member, shipment).departures] == ["S-1"]
    assert [one.code for one in queries.shipment(world.manager, shipment).departures] == ["S-1", "V-1"]


def test_home_counts_what_the_viewer_may_see():
    world = make_world()
    gathered(world, "andina", "bahia")
    enter(world, "bahia", code="O-2")
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    tariffs.register_departure(
        world.manager,
        world.consortium_id,
        departure_draft(code="gone", cut_off=day(-9), departure=day(-8), arrival=day(0)),
    )
    manager, member = (queries.home(one, world.consortium_id) for one in (world.manager, world.member))
    assert manager.orders_by_state == {OrderState.GATHERED: 2, OrderState.ENTERED: 1}
    assert member.orders_by_state == {OrderState.GATHERED: 1}
    assert (manager.members_active, member.members_active) == (4, None)
    assert manager.shipments_by_state == member.shipments_by_state == {ShipmentState.OPEN: 1}
    assert [one.code for one in manager.next_departures] == ["S-1"]
    assert member.aggregates is None
    assert member.consortium.member_ids == (world.members["andina"],)


def test_an_agency_sees_figures_of_three_firms_and_nothing_else():
    world = make_world()
    gathered(world, "andina", "bahia", "cumbre")
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    found = queries.home(world.agency, world.consortium_id)
    assert (found.orders_by_state, found.shipments, found.next_departures, found.shipments_by_state) == ({}, (), (), {})
    assert found.members_active is None
    aggregates = as_agency(world)
    assert (aggregates.firms, aggregates.pooled_shipments) == (4, 0)
    total = aggregates.all_orders
    assert (total.firms, total.orders, total.mass_g, total.value_minor) == (3, 3, 1_800_000, 3_000_000)
    assert [(one.label, one.firms) for one in aggregates.by_country] == [("NL", 3)]


def test_figures_of_fewer_than_three_firms_are_none():
    world = make_world(firms=("andina", "bahia"))
    gathered(world, "andina", "bahia")
    aggregates = as_agency(world)
    assert (aggregates.firms, aggregates.pooled_shipments) == (None, None)
    for one in (aggregates.all_orders, *aggregates.by_country):
        assert (one.firms, one.orders, one.volume_cm3, one.mass_g, one.value_minor) == (None,) * 5


def test_a_hidden_line_cannot_be_had_by_subtraction():
    world = make_world()
    for firm in ("andina", "bahia", "cumbre", "delta"):
        enter(world, firm, code="nl")
    for firm in ("andina", "bahia", "cumbre"):
        enter(world, firm, code="es", destination="ESVLC")
    enter(world, "delta", code="us", destination="USNYC", lines=[line(quantity=9)])
    aggregates = as_agency(world)
    assert aggregates.all_orders.orders == 8
    # US has one firm behind it; with ES hidden too, four stand behind the difference
    assert {one.label: one.orders for one in aggregates.by_country} == {"ES": None, "NL": 4, "US": None}


def test_withdrawn_orders_are_in_no_figure():
    world = make_world()
    gathered(world, "andina", "bahia", "cumbre")
    orders.withdraw_order(world.manager, enter(world, "delta"))
    assert as_agency(world).all_orders.orders == 3
    assert queries.home(world.manager, world.consortium_id).orders_by_state[OrderState.WITHDRAWN] == 1


def test_the_lists_take_a_fixed_number_of_queries():
    from sqlalchemy import event

    from consortium.database import engine

    world = make_world()
    counts = []
    for number in range(2):
        for firm in world.members:
            enter(world, firm, code=f"N-{number}")
        statements: list[str] = []
        event.listen(engine(), "before_cursor_execute", lambda *args, seen=statements: seen.append(args[2]))
        queries.orders(world.manager, world.consortium_id)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 8
