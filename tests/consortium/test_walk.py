"""One order through everything: entered, gathered, planned, judged, shared, certified, agreed, shipped, re-checked."""

import json
from pathlib import Path

from consortium.cli import main
from consortium.models import OrderState, ShipmentState
from consortium.queries.audit import audit_events
from consortium.queries.orders import order as order_view
from consortium.queries.plans import member_plan, plan
from consortium.queries.shipments import shipment as shipment_view
from consortium.services.documents import SHIPMENT_DOCUMENTS, shipment_document
from consortium.services.orders import enter_order
from consortium.services.planning import request_plan, work
from consortium.services.shipments import agree, freeze, gather, mark_shipped, open_shipment
from tests.consortium.builders import line, make_world, order_draft, shipment_draft
from tests.consortium.test_planning import with_prices


def test_one_order_walks_from_the_member_to_the_ship_and_every_number_is_checked_again(
    database: str, tmp_path: Path
) -> None:
    world = make_world()
    with_prices(world)

    mine = enter_order(
        world.member, world.consortium_id, order_draft(member_id=world.members["andina"], lines=[line(quantity=6)])
    )
    theirs = [
        enter_order(
            world.manager, world.consortium_id, order_draft(member_id=world.members[firm], lines=[line(quantity=9)])
        )
        for firm in ("bahia", "cumbre")
    ]
    shipment = open_shipment(world.manager, world.consortium_id, shipment_draft())
    gather(world.manager, shipment, [mine, *theirs])
    freeze(world.manager, shipment)
    request_plan(world.manager, shipment)
    assert work(once=True) == 1

    stored = plan(world.manager, shipment)
    assert stored is not None
    assert stored.lower_bound_minor <= stored.cost_minor
    agree(world.manager, shipment, stored.id)
    mark_shipped(world.manager, shipment)
    assert shipment_view(world.manager, shipment).state is ShipmentState.SHIPPED
    assert order_view(world.member, mine).state is OrderState.SHIPPED

    own = member_plan(world.member, shipment)
    assert own is not None
    (share,) = own.shares
    assert share.stand_alone_cost_minor is not None
    assert share.cost_share_minor == share.pays_minor + share.buyers_pay_minor <= share.stand_alone_cost_minor

    for name in SHIPMENT_DOCUMENTS:
        (tmp_path / name).write_bytes(shipment_document(world.auditor, shipment, name).content)
    allocation = json.loads((tmp_path / "allocation.json").read_text(encoding="utf-8"))
    assert sum(allocation["shares_minor"].values()) == stored.cost_minor
    assert allocation["shares_minor"]["andina"] == share.cost_share_minor
    assert main(["verify", str(tmp_path / "plan.json"), str(tmp_path / "allocation.json"), "--json"]) == 0

    acts = [one.action for one in audit_events(world.auditor, world.consortium_id)]
    for act in ("enter_order", "open_shipment", "gather", "freeze", "request_plan", "store_plan", "agree"):
        assert act in acts
