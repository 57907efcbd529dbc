"""Settlements in the books: every balance comes to zero, one transfer at a time, and the plan stays what it was."""

from datetime import date

import pytest

from consortium.books_drafts import FeeDraft, InvoiceDraft, PaymentDraft
from consortium.errors import NotFoundError, StateError
from consortium.services import books, fees
from consortium.services.settlement import CONSORTIUM, Way, execute_transfer, settlement
from tests.consortium.booked import DAY, assert_sound, standing
from tests.consortium.builders import make_world


@pytest.fixture
def world(database):
    """Return a world in which two pairs of firms can settle among themselves: +5/-5 and +7/-7."""
    world = make_world()
    for firm, amount in {"andina": 5, "bahia": 7, "cumbre": -5, "delta": -7}.items():
        direction = "out" if amount > 0 else "in"
        paid = PaymentDraft(
            direction=direction, member_id=world.members[firm], value_date=DAY, amount_minor=abs(amount)
        )
        books.record_payment(world.manager, world.consortium_id, paid)
    return world


def plan(world, way=Way.CONSORTIUM):
    return settlement(world.manager, world.consortium_id, "S-1", way)


def execute(world, number, way=Way.CONSORTIUM):
    return execute_transfer(world.manager, world.consortium_id, "S-1", number, DAY, way=way)


@pytest.mark.parametrize(("way", "count"), [(Way.CONSORTIUM, 4), (Way.FEWEST, 2)])
def test_every_balance_comes_to_zero(world, way, count):
    found = plan(world, way)
    assert (len(found.transfers), found.is_fewest, found.has_begun) == (count, way is Way.FEWEST, False)
    for one in found.transfers:
        execute(world, one.number, way)
    assert not [code for code in standing() if code.startswith("member/")]
    assert all(one.is_done for one in plan(world).transfers)
    assert_sound()


def test_executing_one_leaves_the_others_as_they_were_whatever_is_booked_meanwhile(world):
    before = plan(world, Way.FEWEST).transfers
    execute(world, 2, Way.FEWEST)
    levy = FeeDraft(kind="levy", name="roof", first_on=DAY, last_on=DAY, value_date=DAY, amount_minor=400)
    fees.run_fee(world.manager, world.consortium_id, levy)
    after = plan(world)  # another way is asked for: too late, the plan has begun
    assert (after.way, after.has_begun) == (Way.FEWEST, True)
    assert [(one.payer, one.payee, one.amount_minor) for one in after.transfers] == [
        (one.payer, one.payee, one.amount_minor) for one in before
    ]
    assert [one.is_done for one in after.transfers] == [False, True]
    with pytest.raises(StateError) as refused:
        execute(world, 2)
    assert refused.value.code == "transfer_done"
    with pytest.raises(NotFoundError):
        execute(world, 3)


def test_a_transfer_that_was_taken_back_can_be_executed_again(world):
    seq = execute(world, 1, Way.FEWEST)
    books.reverse_entry(world.manager, world.consortium_id, seq, DAY, "the bank sent it back")
    assert [one.is_done for one in plan(world).transfers] == [False, False]
    execute(world, 1)
    assert plan(world).transfers[0].is_done


def test_the_consortium_takes_part_with_what_members_owe_it_together(world):
    bill = InvoiceDraft(supplier="x", number="1", value_date=date(2026, 3, 2), amount_minor=8, expense="office")
    books.record_invoice(world.manager, world.consortium_id, bill)
    levy = FeeDraft(kind="levy", name="roof", first_on=DAY, last_on=DAY, value_date=DAY, amount_minor=8)
    fees.run_fee(world.manager, world.consortium_id, levy)
    transfers = plan(world, Way.FEWEST).transfers
    assert sum(one.amount_minor for one in transfers if one.payee == CONSORTIUM) == 8
    assert len(transfers) <= 4
