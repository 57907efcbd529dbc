"""Invoices entered on a shipment's page, booked with what they change for each member: nothing stays accrued."""

import pytest

from consortium.books_drafts import InvoiceDraft as SupplierInvoice
from consortium.errors import StateError
from consortium.services import books, shipment_books
from consortium.services.invoices import enter_invoice
from tests.consortium.booked import DAY, assert_sound, entries, standing
from tests.consortium.builders import World, make_world
from tests.consortium.test_invoices import invoice, seen
from tests.consortium.test_planning import with_prices
from tests.consortium.test_rules import agreed_shipment


@pytest.fixture
def world(database: str) -> World:
    made = make_world()
    with_prices(made)
    return made


def owed(world: World) -> dict[str, int]:
    """Return code of a member -> what it and its buyers owe."""
    code_of = {str(key): code for code, key in world.members.items()}
    found: dict[str, int] = {}
    for account, balance in standing().items():
        kind, _, name = account.partition("/")
        if kind in ("member", "buyers"):
            found[code_of[name]] = found.get(code_of[name], 0) + balance
    return found


def lines(shipment: int, world: World, more: int) -> list[dict[str, object]]:
    """Return one line for each charge of the plan, the first one dearer than planned."""
    slots = seen(world.manager, shipment).slots
    amounts: dict[str, int] = {}
    for one in slots:
        amounts[one.code] = amounts.get(one.code, 0) + one.estimate_minor
    first = next(iter(amounts))
    return [
        {"charge_code": code, "amount_minor": amount + (more if code == first else 0)}
        for code, amount in amounts.items()
    ]


def test_entered_invoices_are_booked_by_the_rule_and_leave_nothing_accrued(world: World) -> None:
    shipment = agreed_shipment(world)
    shipment_books.post_shares(world.manager, shipment, DAY)
    before = owed(world)
    enter_invoice(world.manager, shipment, invoice(*lines(shipment, world, 1_001)))
    assert shipment_books.true_up(world.manager, shipment, DAY) == 2
    assert shipment_books.true_up(world.manager, shipment, DAY) == 0
    changed = {code: amount - before.get(code, 0) for code, amount in owed(world).items()}
    told = {one.member_code: one.difference_minor for one in seen(world.manager, shipment).members}
    assert {code: amount for code, amount in changed.items() if amount} == {c: a for c, a in told.items() if a}
    assert sum(changed.values()) == 1_001
    assert f"accrued/shipment-{shipment}" not in standing()
    assert_sound()


def test_a_corrected_invoice_takes_back_the_one_that_it_replaces(world: World) -> None:
    shipment = agreed_shipment(world)
    shipment_books.post_shares(world.manager, shipment, DAY)
    before = owed(world)
    enter_invoice(world.manager, shipment, invoice(*lines(shipment, world, 1_001)))
    shipment_books.true_up(world.manager, shipment, DAY)
    enter_invoice(world.manager, shipment, invoice(*lines(shipment, world, 0), reference="F-1b", replaces=1))
    assert shipment_books.true_up(world.manager, shipment, DAY) == 2
    assert owed(world) == before
    assert standing()["supplier/Line"] == -sum(before.values())
    assert f"accrued/shipment-{shipment}" not in standing()
    assert_sound()


def test_a_shipment_has_its_invoices_in_one_place(world: World) -> None:
    shipment = agreed_shipment(world)
    plain = {"supplier": "Line", "value_date": DAY, "shipment_id": shipment}
    direct = SupplierInvoice(number="7", amount_minor=5, **plain)
    enter_invoice(world.manager, shipment, invoice(*lines(shipment, world, 0)))
    with pytest.raises(StateError) as refused:
        books.record_invoice(world.manager, world.consortium_id, direct)
    assert refused.value.code == "invoices_entered"
    assert entries() == []


def test_invoices_of_the_books_alone_are_not_entered_again(world: World) -> None:
    shipment = agreed_shipment(world)
    direct = SupplierInvoice(number="7", amount_minor=5, supplier="Line", value_date=DAY, shipment_id=shipment)
    books.record_invoice(world.manager, world.consortium_id, direct)
    with pytest.raises(StateError) as refused:
        enter_invoice(world.manager, shipment, invoice(*lines(shipment, world, 0)))
    assert refused.value.code == "invoices_booked"
