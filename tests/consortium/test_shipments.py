"""Pooled shipments: the life from open to shipped, who is in, and what is refused on the way."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from consortium import queries
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import ConsignmentRow, Consortium, Order, OrderState, PooledShipment, ShipmentState, StoredPlan
from consortium.permissions import ForbiddenError
from consortium.services import orders, shipments, tariffs
from tests.consortium.builders import (
    World,
    day,
    departure_draft,
    line,
    make_world,
    moment,
    order_draft,
    shipment_draft,
    store_plan_of,
)

pytestmark = pytest.mark.usefixtures("database")


def faults(act):
    with pytest.raises(InputError) as refused:
        act()
    return [(one.path, one.code) for one in refused.value.faults]


def refusal(act):
    with pytest.raises(StateError) as refused:
        act()
    return refused.value.code


def enter(world: World, firm: str = "andina", **values) -> int:
    draft = order_draft(member_id=world.members[firm], **values)
    return orders.enter_order(world.manager, world.consortium_id, draft)


def open_one(world: World, **values) -> int:
    return shipments.open_shipment(world.manager, world.consortium_id, shipment_draft(**values))


def planned(world: World, **values) -> tuple[int, int, int]:
    """Return a planned shipment of one order: its id, the order's, the plan's."""
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    order, shipment = enter(world), open_one(world, **values)
    shipments.gather(world.manager, shipment, [order])
    shipments.freeze(world.manager, shipment)
    with unit_of_work() as session:
        return shipment, order, store_plan_of(shipment, session=session)


def test_a_shipment_goes_from_open_to_shipped():
    world = make_world()
    shipment, _, plan = planned(world)
    shipments.agree(world.manager, shipment, plan)
    assert queries.shipment(world.member, shipment).state is ShipmentState.AGREED
    shipments.mark_shipped(world.manager, shipment)
    found = queries.shipment(world.member, shipment)
    assert (found.state, found.plan_id) == (ShipmentState.SHIPPED, plan)
    assert found.consignments[0].order.state is OrderState.SHIPPED
    assert not found.consignments[0].order.can_change
    trail = [one.action for one in queries.audit_events(world.auditor, world.consortium_id)]
    assert trail[:5] == ["mark_shipped", "agree", "freeze", "gather", "open_shipment"]


def test_a_shipment_takes_the_rule_of_its_consortium_or_its_own():
    world = make_world()
    assert queries.shipment(world.manager, open_one(world)).allocation_rule == "shapley"
    own = open_one(world, code="PS-2", allocation_rule="nucleolus")
    assert queries.shipment(world.manager, own).allocation_rule == "nucleolus"
    assert faults(lambda: open_one(world)) == [("code", "duplicate")]
    assert faults(lambda: open_one(world, code="PS-3", container_types=["22G1", "99X9"])) == [
        ("container_types[1]", "unknown_reference")
    ]


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (ShipmentState.OPEN, {"change", "gather", "drop", "freeze"}),
        (ShipmentState.FROZEN, {"reopen"}),
        (ShipmentState.PLANNED, {"reopen", "agree"}),
        (ShipmentState.AGREED, {"ship"}),
        (ShipmentState.SHIPPED, set()),
        (ShipmentState.SETTLED, set()),
    ],
)
def test_each_state_allows_its_own_acts_only(state, allowed):
    world = make_world()
    shipment, order, plan = planned(world)
    waiting = enter(world, code="O-2")
    acts = {
        "change": lambda session: shipments.change_shipment(world.manager, shipment, shipment_draft(), session=session),
        "gather": lambda session: shipments.gather(world.manager, shipment, [waiting], session=session),
        "drop": lambda session: shipments.drop(world.manager, shipment, [order], session=session),
        "freeze": lambda session: shipments.freeze(world.manager, shipment, session=session),
        "reopen": lambda session: shipments.reopen(world.manager, shipment, session=session),
        "agree": lambda session: shipments.agree(world.manager, shipment, plan, session=session),
        "ship": lambda session: shipments.mark_shipped(world.manager, shipment, session=session),
    }
    done = set()
    for name, act in acts.items():
        with unit_of_work() as session:
            session.get_one(PooledShipment, shipment).state = state
            session.flush()
            try:
                act(session)
                done.add(name)
            except StateError as refused:
                expected = {"reopen": "frozen", "agree": "planned", "ship": "agreed"}.get(name, "open")
                assert (refused.code, refused.values) == (f"shipment_not_{expected}", {"state": state.value})  # noqa: PT017
            session.rollback()
    assert done == allowed


def test_gathering_is_all_or_nothing():
    world = make_world()
    good, withdrawn, elsewhere = enter(world), enter(world, code="O-2"), enter(world, code="O-3")
    orders.withdraw_order(world.manager, withdrawn)
    shipments.gather(world.manager, open_one(world, code="OTHER"), [elsewhere])
    shipment = open_one(world)
    assert faults(lambda: shipments.gather(world.manager, shipment, [good, withdrawn, elsewhere, good])) == [
        ("order_ids[1]", "order_withdrawn"),
        ("order_ids[2]", "order_gathered"),
        ("order_ids[3]", "duplicate"),
    ]
    assert faults(lambda: shipments.gather(world.manager, shipment, [])) == [("order_ids", "missing")]
    assert queries.order(world.manager, good).state is OrderState.ENTERED
    shipments.gather(world.manager, shipment, [good])
    assert queries.order(world.manager, good).shipment_code == "PS-1"


def test_orders_of_another_consortium_do_not_exist_here():
    world, other = make_world("one"), make_world("two")
    shipment, foreign = open_one(world), enter(other)
    for key in (foreign, 99_999):
        with pytest.raises(NotFoundError):
            shipments.gather(world.manager, shipment, [enter(world, code=f"O-{key}"), key])
        with pytest.raises(NotFoundError):
            shipments.drop(world.manager, shipment, [key])


def test_orders_that_cannot_travel_are_not_gathered():
    world = make_world()
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    shipment = open_one(world, container_types=["22G1"])
    late, soon, early = (
        enter(world, code="late", ready_date=day(21)),
        enter(world, code="soon", due_date=day(43)),
        enter(world, code="early", due_date=day(19)),
    )
    long = enter(world, code="long", lines=[line(length_mm=7_000)])
    with unit_of_work() as session:
        session.get_one(Order, enter(world, code="pesos")).currency = "CLP"
        pesos = session.exec(select(Order.id).where(Order.code == "pesos")).one()
    assert faults(lambda: shipments.gather(world.manager, shipment, [late, soon, early, long, pesos])) == [
        ("order_ids[0].ready_date", "no_departure_fits"),
        ("order_ids[1].ready_date", "no_departure_fits"),
        ("order_ids[2].due_date", "date_order"),
        ("order_ids[2].ready_date", "no_departure_fits"),
        ("order_ids[3].lines[0]", "package_too_large"),
        ("order_ids[4].currency", "currency_mismatch"),
    ]


def test_a_shipment_that_may_arrive_late_takes_orders_that_are_due_before():
    world = make_world()
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    order = enter(world, due_date=day(19))
    shipment = open_one(world, settings={"missed_due_date": "allowed"})
    shipments.gather(world.manager, shipment, [order])
    assert faults(lambda: shipments.change_shipment(world.manager, shipment, shipment_draft())) == [
        ("orders[O-1].due_date", "date_order"),
        ("orders[O-1].ready_date", "no_departure_fits"),
    ]


def test_where_no_departure_is_known_yet_orders_may_be_gathered():
    world = make_world()
    order = enter(world, ready_date=day(60), due_date=day(90))
    shipment = open_one(world)
    shipments.gather(world.manager, shipment, [order])
    assert len(queries.shipment(world.manager, shipment).consignments) == 1


def test_the_day_of_the_cut_off_is_the_consortiums_own():
    world = make_world()
    evening = moment(20).replace(hour=2, minute=0)  # in Bogotá it is still the evening of day 19
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft(cut_off=day(19)))
    shipment = open_one(world, cut_off_at=evening)
    late = enter(world, ready_date=day(20))
    assert queries.gatherable_orders(world.manager, shipment) != ()  # in UTC no departure is left: none is known
    with unit_of_work() as session:
        session.get_one(Consortium, world.consortium_id).time_zone = "America/Bogota"
    assert queries.gatherable_orders(world.manager, shipment) == ()
    assert faults(lambda: shipments.gather(world.manager, shipment, [late])) == [
        ("order_ids[0].ready_date", "no_departure_fits")
    ]


def test_what_can_be_gathered_is_what_gathering_accepts():
    world = make_world()
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    shipment = open_one(world)
    fits, waits = enter(world, code="fits"), enter(world, code="waits", ready_date=day(5))
    enter(world, code="late", ready_date=day(21))
    orders.withdraw_order(world.manager, enter(world, code="gone"))
    assert [one.id for one in queries.gatherable_orders(world.manager, shipment)] == [waits, fits]
    shipments.gather(world.manager, shipment, [fits])
    assert [one.id for one in queries.gatherable_orders(world.auditor, shipment)] == [waits]


def test_dropped_orders_are_free_again():
    world = make_world()
    order, shipment = enter(world), open_one(world)
    shipments.gather(world.manager, shipment, [order])
    with pytest.raises(NotFoundError):
        shipments.drop(world.manager, shipment, [order, enter(world, code="O-2")])
    shipments.drop(world.manager, shipment, [order])
    assert queries.order(world.manager, order).state is OrderState.ENTERED
    shipments.gather(world.manager, open_one(world, code="PS-2"), [order])


def test_an_empty_shipment_does_not_freeze():
    world = make_world()
    shipment = open_one(world)
    assert refusal(lambda: shipments.freeze(world.manager, shipment)) == "nothing_gathered"


def test_reopening_keeps_the_plans_and_puts_none_in_force():
    world = make_world()
    shipment, _, plan = planned(world)
    shipments.reopen(world.manager, shipment)
    found = queries.shipment(world.manager, shipment)
    assert (found.state, found.plan_id, len(found.consignments)) == (ShipmentState.OPEN, None, 1)
    with unit_of_work() as session:
        assert session.get(StoredPlan, plan) is not None


def test_only_the_plan_in_force_is_agreed_and_only_with_its_shares():
    world = make_world()
    shipment, _, old = planned(world)
    with unit_of_work() as session:
        bare = store_plan_of(shipment, session=session, shares=False)
    assert refusal(lambda: shipments.agree(world.manager, shipment, old)) == "plan_not_in_force"
    assert refusal(lambda: shipments.agree(world.manager, shipment, bare)) == "plan_without_shares"
    with pytest.raises(NotFoundError):
        shipments.agree(world.manager, shipment, 99_999)
    with unit_of_work() as session:
        session.get_one(PooledShipment, shipment).plan_id = old
        session.get_one(StoredPlan, old).status = "unknown"
    assert refusal(lambda: shipments.agree(world.manager, shipment, old)) == "plan_without_answer"


def test_a_plan_of_another_shipment_is_no_plan_of_this_one():
    world, other = make_world("one"), make_world("two")
    shipment, _, _ = planned(world)
    _, _, foreign = planned(other)
    with pytest.raises(NotFoundError):
        shipments.agree(world.manager, shipment, foreign)


def test_what_no_plan_carries_is_free_after_shipping():
    world = make_world()
    tariffs.register_departure(world.manager, world.consortium_id, departure_draft())
    travels, stays = enter(world), enter(world, "bahia")
    shipment = open_one(world)
    shipments.gather(world.manager, shipment, [travels, stays])
    shipments.freeze(world.manager, shipment)
    with unit_of_work() as session:
        plan = session.get_one(StoredPlan, store_plan_of(shipment, session=session))
        document = dict(plan.plan)
        kept = [part for part in document["containers"][0]["contents"] if part["consignment"] == "andina/O-1"]
        document["containers"] = [document["containers"][0] | {"contents": kept}]
        document["unplanned"] = [{"consignment": "bahia/O-1", "reason": "container_limits", "detail": {}}]
        plan.plan = document
        key = plan.id
    shipments.agree(world.manager, shipment, key)
    shipments.mark_shipped(world.manager, shipment)
    assert queries.order(world.manager, travels).state is OrderState.SHIPPED
    free = queries.order(world.manager, stays)
    assert (free.state, free.shipment_id, free.can_change) == (OrderState.ENTERED, None, True)


def test_members_look_and_do_not_touch():
    world = make_world()
    shipment, order, plan = planned(world)
    for actor in (world.member, world.auditor):
        for act in (
            lambda actor=actor: shipments.open_shipment(actor, world.consortium_id, shipment_draft(code="X")),
            lambda actor=actor: shipments.gather(actor, shipment, [order]),
            lambda actor=actor: shipments.reopen(actor, shipment),
            lambda actor=actor: shipments.agree(actor, shipment, plan),
        ):
            with pytest.raises(ForbiddenError):
                act()


def test_two_managers_who_gather_the_same_order_at_once_gather_it_once():
    world = make_world()
    order, one, two = enter(world), open_one(world), open_one(world, code="PS-2")
    together = threading.Barrier(2)

    def gather(shipment: int) -> str:
        together.wait()
        try:
            shipments.gather(world.manager, shipment, [order])
        except InputError as refused:
            return refused.faults[0].code
        return "gathered"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(gather, [one, two])) == ["gathered", "order_gathered"]
    with unit_of_work() as session:
        assert len(session.exec(select(ConsignmentRow)).all()) == 1


def test_of_freezing_and_changing_at_once_one_sees_the_other():
    world = make_world()
    order, shipment = enter(world), open_one(world)
    shipments.gather(world.manager, shipment, [order])
    together = threading.Barrier(2)

    def freeze() -> str:
        together.wait()
        shipments.freeze(world.manager, shipment)
        return queries.order(world.manager, order).buyer

    def change() -> str:
        together.wait()
        try:
            orders.change_order(world.member, order, order_draft(buyer="Koffie BV"))
        except StateError:
            return "Kaffee GmbH"
        return "Koffie BV"

    with ThreadPoolExecutor(2) as pool:
        frozen, changed = pool.submit(freeze), pool.submit(change)
        assert frozen.result() == changed.result() == queries.order(world.manager, order).buyer


def test_a_shipment_is_past_its_cut_off_only_while_it_is_open():
    world = make_world()
    order, shipment = enter(world), open_one(world, cut_off_at=moment(-1))
    shipments.gather(world.manager, shipment, [order])
    assert queries.shipment(world.member, shipment).is_past_cut_off
    shipments.freeze(world.manager, shipment)
    assert not queries.shipment(world.member, shipment).is_past_cut_off
