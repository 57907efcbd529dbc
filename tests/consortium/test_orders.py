"""Orders and products: entered, changed, withdrawn; totals from lines; nothing that cannot travel."""

import pytest
from sqlmodel import select

from consortium import queries
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import AuditEvent, Order, OrderLine, OrderState
from consortium.services import orders, shipments
from tests.consortium.builders import (
    departure_draft,
    line,
    make_world,
    moment,
    order_draft,
    product_draft,
    shipment_draft,
)

pytestmark = pytest.mark.usefixtures("database")


def faults(act):
    with pytest.raises(InputError) as refused:
        act()
    return [(one.path, one.code) for one in refused.value.faults]


def test_a_member_enters_an_order_and_reads_it_again():
    world = make_world()
    key = orders.enter_order(world.member, world.consortium_id, order_draft(note="two\nlines"))
    found = queries.order(world.member, key)
    assert (found.member_code, found.buyer, found.state) == ("andina", "Kaffee GmbH", OrderState.ENTERED)
    assert (found.packages, found.currency, found.note) == (2, "USD", "two\nlines")
    assert found.can_change
    assert [(one.code, one.quantity, one.vertical) for one in found.lines] == [("1", 2, ("height",))]


def test_totals_are_those_of_the_lines():
    world = make_world()
    draft = order_draft(
        lines=[line(), line(quantity=3, length_mm=333, width_mm=333, height_mm=333)], volume_cm3=1, mass_g=1
    )
    found = queries.order(world.member, orders.enter_order(world.member, world.consortium_id, draft))
    assert found.mass_g == 5 * 300_000
    assert found.volume_cm3 == 2 * 960_000 + 110_778  # 3 x 36,926.037 cm3, rounded half up once
    assert found.packages == 5


def test_without_lines_the_totals_are_the_users():
    world = make_world()
    draft = order_draft(lines=[], volume_cm3=2_000_000, mass_g=900_000)
    found = queries.order(world.member, orders.enter_order(world.member, world.consortium_id, draft))
    assert (found.volume_cm3, found.mass_g, found.packages) == (2_000_000, 900_000, 0)


def test_a_line_takes_from_its_product_what_it_does_not_say():
    world = make_world()
    product = orders.register_product(world.member, world.members["andina"], product_draft(max_load_g=5))
    draft = order_draft(lines=[{"product_id": product, "quantity": 4, "mass_g": 250_000}])
    (found,) = queries.order(world.member, orders.enter_order(world.member, world.consortium_id, draft)).lines
    assert (found.length_mm, found.mass_g, found.hs, found.max_load_g) == (1200, 250_000, "090111", 5)
    assert found.description == "Green coffee"
    orders.change_product(world.member, product, product_draft(package_length_mm=1000))
    assert queries.products(world.member, world.members["andina"])[0].package_length_mm == 1000
    assert queries.orders(world.member, world.consortium_id)[0].packages == 4


def test_a_rivals_product_is_no_product():
    world = make_world()
    theirs = orders.register_product(world.rival, world.members["bahia"], product_draft())
    for key in (theirs, 99_999):
        draft = order_draft(lines=[line(), {"product_id": key, "quantity": 1}])
        assert faults(lambda draft=draft: orders.enter_order(world.member, world.consortium_id, draft)) == [
            ("lines[1].product_id", "unknown_reference")
        ]
        with pytest.raises(NotFoundError):
            orders.change_product(world.member, key, product_draft())


def test_goods_have_the_class_of_their_product_and_one_that_containers_know():
    world = make_world()
    cold = orders.register_product(world.member, world.members["andina"], product_draft(cargo_class="frozen"))
    draft = order_draft(lines=[{"product_id": cold, "quantity": 1}])
    assert faults(lambda: orders.enter_order(world.member, world.consortium_id, draft)) == [
        ("cargo_class", "class_mismatch")
    ]
    odd = order_draft(cargo_class="unheard_of")
    assert faults(lambda: orders.enter_order(world.member, world.consortium_id, odd)) == [
        ("cargo_class", "unknown_value")
    ]


def test_money_is_in_the_consortiums_currency():
    world = make_world(currency="CLP")
    assert faults(lambda: orders.enter_order(world.member, world.consortium_id, order_draft(currency="USD"))) == [
        ("currency", "currency_mismatch")
    ]
    key = orders.enter_order(world.member, world.consortium_id, order_draft(currency="CLP"))
    assert queries.order(world.member, key).currency == "CLP"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"lines": [line(), line(length_mm=14_000)], "divisible": True}, ("lines[1]", "package_too_large")),
        ({"lines": [line(height_mm=2_650)], "divisible": True}, ("lines[0]", "package_too_large")),
        ({"lines": [line(mass_g=40_000_000)], "divisible": True}, ("lines[0]", "package_too_large")),
        ({"lines": [line(quantity=500)]}, ("divisible", "consignment_too_big")),
        ({"lines": [], "volume_cm3": 90_000_000, "mass_g": 1}, ("divisible", "consignment_too_big")),
        ({"lines": [], "volume_cm3": 1, "mass_g": 90_000_000}, ("divisible", "consignment_too_big")),
    ],
)
def test_what_no_container_takes_is_refused(values, expected):
    world = make_world()
    assert faults(lambda: orders.enter_order(world.member, world.consortium_id, order_draft(**values))) == [expected]


def test_a_big_order_may_travel_in_parts():
    world = make_world()
    draft = order_draft(lines=[line(quantity=500)], divisible=True)
    assert orders.enter_order(world.member, world.consortium_id, draft)
    endless = order_draft(code="O-2", lines=[line(quantity=10**9)], divisible=True)
    assert faults(lambda: orders.enter_order(world.member, world.consortium_id, endless)) == [
        ("volume_cm3", "out_of_range"),
        ("mass_g", "out_of_range"),
    ]


def test_a_code_is_used_once_by_a_member_and_again_by_its_rival():
    world = make_world()
    orders.enter_order(world.member, world.consortium_id, order_draft())
    assert faults(lambda: orders.enter_order(world.member, world.consortium_id, order_draft())) == [
        ("code", "duplicate")
    ]
    assert orders.enter_order(world.rival, world.consortium_id, order_draft())


def test_a_refused_order_leaves_the_unit_of_work_usable():
    world = make_world()
    with unit_of_work() as session:
        orders.enter_order(world.member, world.consortium_id, order_draft(), session=session)
        with pytest.raises(InputError):
            orders.enter_order(world.member, world.consortium_id, order_draft(), session=session)
        orders.enter_order(world.member, world.consortium_id, order_draft(code="O-2"), session=session)
    assert [one.code for one in queries.orders(world.member, world.consortium_id)] == ["O-2", "O-1"]


def test_a_manager_enters_for_any_firm_and_names_it():
    world = make_world()
    assert faults(lambda: orders.enter_order(world.manager, world.consortium_id, order_draft())) == [
        ("member_id", "missing")
    ]
    key = orders.enter_order(world.manager, world.consortium_id, order_draft(member_id=world.members["cumbre"]))
    assert queries.order(world.manager, key).member_code == "cumbre"
    for actor in (world.member, world.rival):
        with pytest.raises(NotFoundError):
            orders.enter_order(actor, world.consortium_id, order_draft(member_id=world.members["cumbre"]))


def test_a_firm_of_another_consortium_is_no_firm_here():
    world, other = make_world("one"), make_world("two")
    with pytest.raises(NotFoundError):
        orders.enter_order(world.manager, world.consortium_id, order_draft(member_id=other.members["andina"]))
    with pytest.raises(NotFoundError):
        orders.enter_order(world.member, other.consortium_id, order_draft())


def test_an_order_is_changed_as_a_whole():
    world = make_world()
    key = orders.enter_order(world.member, world.consortium_id, order_draft(lines=[line(), line(code="B")]))
    orders.change_order(world.member, key, order_draft(buyer="Koffie BV", lines=[line(quantity=7)]))
    found = queries.order(world.member, key)
    assert (found.buyer, found.packages, found.mass_g) == ("Koffie BV", 7, 2_100_000)
    with unit_of_work() as session:
        assert len(session.exec(select(OrderLine)).all()) == 1
        detail = session.exec(select(AuditEvent).where(AuditEvent.action == "change_order")).one().detail
    assert detail["buyer"] == ["Kaffee GmbH", "Koffie BV"]
    assert "origin" not in detail
    assert faults(lambda: orders.change_order(world.member, key, order_draft(member_id=world.members["bahia"]))) == [
        ("member_id", "wrong_key")
    ]


def test_a_withdrawn_order_stays_on_record_and_changes_no_more():
    world = make_world()
    key = orders.enter_order(world.member, world.consortium_id, order_draft())
    orders.withdraw_order(world.member, key)
    assert queries.order(world.member, key).state is OrderState.WITHDRAWN
    for act in (
        lambda: orders.withdraw_order(world.member, key),
        lambda: orders.change_order(world.member, key, order_draft()),
    ):
        with pytest.raises(StateError) as refused:
            act()
        assert (refused.value.code, refused.value.values) == ("order_cannot_change", {"state": "withdrawn"})


def test_a_gathered_order_changes_until_its_shipment_freezes():
    world = make_world()
    key = orders.enter_order(world.member, world.consortium_id, order_draft())
    shipment = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft())
    shipments.gather(world.manager, shipment, [key])
    assert queries.order(world.member, key).can_change
    orders.change_order(world.member, key, order_draft(buyer="Koffie BV"))
    shipments.freeze(world.manager, shipment)
    assert not queries.order(world.member, key).can_change
    for actor in (world.member, world.manager):
        for act in (
            lambda actor=actor: orders.withdraw_order(actor, key),
            lambda actor=actor: orders.change_order(actor, key, order_draft()),
        ):
            with pytest.raises(StateError) as refused:
                act()
            assert refused.value.values == {"state": "gathered", "shipment": "PS-1", "shipment_state": "frozen"}
    shipments.reopen(world.manager, shipment)
    orders.withdraw_order(world.member, key)
    assert queries.shipment(world.manager, shipment).consignments == ()


def test_a_gathered_order_changes_only_into_one_that_can_still_travel():
    world = make_world()
    key = orders.enter_order(world.member, world.consortium_id, order_draft())
    shipment = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft(container_types=["22G1"]))
    shipments.gather(world.manager, shipment, [key])
    long = order_draft(lines=[line(length_mm=7_000)])
    assert faults(lambda: orders.change_order(world.member, key, long)) == [
        ("lines[0]", "package_too_large"),
    ]
    assert queries.order(world.member, key).lines[0].length_mm == 1200


def test_after_the_cut_off_orders_are_as_good_as_frozen():
    world = make_world()
    key = orders.enter_order(world.member, world.consortium_id, order_draft())
    shipment = shipments.open_shipment(world.manager, world.consortium_id, shipment_draft(cut_off_at=moment(-1)))
    shipments.gather(world.manager, shipment, [key])
    assert not queries.order(world.member, key).can_change
    with pytest.raises(StateError):
        orders.withdraw_order(world.member, key)


def test_a_member_sees_its_own_orders_only():
    world = make_world()
    mine = orders.enter_order(world.member, world.consortium_id, order_draft())
    theirs = orders.enter_order(world.rival, world.consortium_id, order_draft())
    assert [one.id for one in queries.orders(world.member, world.consortium_id)] == [mine]
    assert {one.id for one in queries.orders(world.manager, world.consortium_id)} == {mine, theirs}
    for key in (theirs, 99_999):
        for act in (
            lambda key=key: queries.order(world.member, key),
            lambda key=key: orders.withdraw_order(world.member, key),
            lambda key=key: orders.change_order(world.member, key, order_draft()),
        ):
            with pytest.raises(NotFoundError):
                act()


def test_the_operator_at_the_command_line_leaves_no_user_behind():
    world = make_world()
    nameless = type(world.manager)(user_id=0, username="operator", grants=world.manager.grants)
    orders.enter_order(nameless, world.consortium_id, order_draft(member_id=world.members["andina"]))
    with unit_of_work() as session:
        assert session.exec(select(Order)).one().entered_by is None
    assert queries.audit_events(world.auditor, world.consortium_id)[0].username is None


def test_departures_do_not_bind_an_order_that_is_not_gathered():
    from consortium.services import tariffs

    world = make_world()
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    key = orders.enter_order(world.member, world.consortium_id, order_draft())
    orders.change_order(world.member, key, order_draft(due_date=None))
    assert queries.order(world.member, key).due_date is None
