"""Shares of a shipment, invoices, payments, advances, exchanges, reversals: known amounts, booked once, to the cent."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from consortium.books_drafts import BudgetMove, CallDraft, ExchangeDraft, InvoiceDraft, PaymentDraft, RateDraft
from consortium.database import unit_of_work
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import CostShare, PooledShipment, ShipmentState, StoredPlan
from consortium.services import books, fees, rates, shipment_books
from tests.consortium.booked import DAY, assert_sound, base_of, entries, standing
from tests.consortium.builders import make_world, store_plan_of
from tests.consortium.loaded import loaded_shipment


@pytest.fixture
def world(database):
    return make_world()


@pytest.fixture
def agreed(world):
    """Return an agreed shipment of andina, bahia and cumbre: 1,500.00 in equal shares."""
    shipment, _ = loaded_shipment(world)
    with unit_of_work() as session:
        session.get_one(PooledShipment, shipment).state = ShipmentState.AGREED
    return shipment


def invoice(world, amount, number="1", **values):
    about = values if {"expense", "shipment_id"} & set(values) else {"expense": "office"} | values
    draft = InvoiceDraft(supplier="Line", number=number, value_date=DAY, amount_minor=amount, **about)
    return books.record_invoice(world.manager, world.consortium_id, draft)


def payment(world, direction, amount, **values):
    party = values if {"supplier", "member_id"} & set(values) else {"member_id": world.members["andina"]} | values
    draft = PaymentDraft(direction=direction, value_date=DAY, amount_minor=amount, **party)
    return books.record_payment(world.manager, world.consortium_id, draft)


def account(world, firm, kind="member"):
    return f"{kind}/{world.members[firm]}"


def test_shares_are_owed_once(world, agreed):
    assert shipment_books.post_shares(world.manager, agreed, DAY) == 1
    assert shipment_books.post_shares(world.manager, agreed, DAY) == 0
    owed = {account(world, firm): 50_000 for firm in ("andina", "bahia", "cumbre")}
    assert standing() == {**owed, f"accrued/shipment-{agreed}": -150_000}
    (entry,) = entries()
    assert entry.cites["rule"] == "shapley"
    assert len(entry.cites["plan_sha256"]) == len(entry.cites["shares_sha256"]) == 64
    assert_sound()


def test_a_shipment_that_is_not_agreed_is_not_posted(world):
    shipment, _ = loaded_shipment(world)
    with pytest.raises(StateError) as refused:
        shipment_books.post_shares(world.manager, shipment, DAY)
    assert refused.value.code == "shipment_not_agreed"
    assert entries() == []


def test_another_plan_posts_only_the_difference(world, agreed):
    shipment_books.post_shares(world.manager, agreed, DAY)
    with unit_of_work() as session:
        plan = store_plan_of(agreed, session=session)
        shipment = session.get_one(PooledShipment, agreed)
        shipment.plan_id, shipment.state = plan, ShipmentState.AGREED
        for share, pays in zip(
            session.exec(select(CostShare).where(CostShare.plan_id == plan)), (60_000, 50_000, 40_000), strict=True
        ):
            share.cost_share_minor = share.pays_minor = pays
    assert shipment_books.post_shares(world.manager, agreed, DAY) == 1
    assert [standing()[account(world, firm)] for firm in ("andina", "bahia", "cumbre")] == [60_000, 50_000, 40_000]
    assert len(entries()) == 2
    assert_sound()


def test_what_a_firm_bore_by_waiting_is_not_owed_and_buyers_owe_their_part(world, agreed):
    with unit_of_work() as session:
        plan = session.get_one(StoredPlan, session.get_one(PooledShipment, agreed).plan_id)
        first = plan.problem["consignments"][0]["id"]
        plan.plan = {**plan.plan, "delay_costs": [{"consignment": first, "days": 3, "amount_minor": 9_000}]}
        share = session.exec(select(CostShare).where(CostShare.member_id == world.members["bahia"])).one()
        share.pays_minor, share.buyers_pay_minor = 20_000, 30_000
    shipment_books.post_shares(world.manager, agreed, DAY)
    assert standing() == {
        account(world, "andina"): 41_000,
        account(world, "bahia"): 20_000,
        account(world, "bahia", "buyers"): 30_000,
        account(world, "cumbre"): 50_000,
        f"accrued/shipment-{agreed}": -141_000,
    }
    assert_sound()


def test_invoices_true_up_by_the_difference_and_leave_nothing_accrued(world, agreed):
    shipment_books.post_shares(world.manager, agreed, DAY)
    with pytest.raises(StateError) as refused:
        shipment_books.true_up(world.manager, agreed, DAY)
    assert refused.value.code == "nothing_invoiced"
    invoice(world, 100_000, "1", shipment_id=agreed)
    invoice(world, 51_000, "2", shipment_id=agreed)
    assert shipment_books.true_up(world.manager, agreed, DAY) == 1
    assert shipment_books.true_up(world.manager, agreed, DAY) == 0
    owed = [standing()[account(world, firm)] for firm in ("andina", "bahia", "cumbre")]
    assert sorted(owed) == [50_333, 50_333, 50_334]
    assert standing()["supplier/Line"] == -151_000
    assert f"accrued/shipment-{agreed}" not in standing()
    invoice(world, -1_000, "C-1", shipment_id=agreed)  # a credit note: back to the plan, no cent left over
    shipment_books.true_up(world.manager, agreed, DAY)
    assert [standing()[account(world, firm)] for firm in ("andina", "bahia", "cumbre")] == [50_000] * 3
    assert_sound()


def test_the_same_invoice_is_booked_once(world):
    invoice(world, 100)
    with pytest.raises(InputError) as refused:
        invoice(world, 100)
    assert [(one.path, one.code) for one in refused.value.faults] == [("number", "duplicate")]
    assert standing() == {"expense/office": 100, "supplier/Line": -100}


def test_an_invoice_is_about_one_s_own_shipment(world, agreed):
    other = make_world("other")
    with pytest.raises(NotFoundError):
        invoice(other, 100, shipment_id=agreed)


def test_advances_are_called_paid_and_set_against_shares(world, agreed):
    amounts = {world.members["andina"]: 60_000, world.members["bahia"]: 30_000}
    call = CallDraft(code="C-1", text="Advance", value_date=DAY, due_on=DAY, amounts_minor=amounts)
    books.call_for_funds(world.manager, world.consortium_id, call)
    with pytest.raises(InputError):
        books.call_for_funds(world.manager, world.consortium_id, call)
    payment(world, "in", 60_000, reference="R-1")
    assert standing()["bank/main"] == 60_000
    assert books.apply_advances(world.manager, world.consortium_id, DAY) == 0  # nothing is charged yet
    shipment_books.post_shares(world.manager, agreed, DAY)
    assert books.apply_advances(world.manager, world.consortium_id, DAY) == 2
    assert books.apply_advances(world.manager, world.consortium_id, DAY) == 0
    found = standing()
    assert account(world, "andina") not in found
    assert found[account(world, "andina", "advance")] == -10_000
    assert found[account(world, "bahia")] == 50_000
    assert account(world, "bahia", "advance") not in found
    assert_sound()


def test_a_payment_reference_is_booked_once(world):
    payment(world, "in", 100, reference="R-1")
    with pytest.raises(InputError) as refused:
        payment(world, "in", 100, reference="R-1")
    assert refused.value.faults[0].path == "reference"
    payment(world, "out", 40, reference="R-2")
    assert standing() == {account(world, "andina"): -60, "bank/main": 60}


def test_a_reversal_takes_back_everything_and_only_once(world):
    seq = invoice(world, 100)
    reversal = books.reverse_entry(world.manager, world.consortium_id, seq, DAY, "not ours")
    assert standing() == {}
    for number, code in ((seq, "entry_reversed"), (reversal, "entry_is_reversal")):
        with pytest.raises(StateError) as refused:
            books.reverse_entry(world.manager, world.consortium_id, number, DAY, "again")
        assert refused.value.code == code
    with pytest.raises(NotFoundError):
        books.reverse_entry(world.manager, world.consortium_id, 99, DAY, "nothing")
    assert_sound()


def rate(world, value, day=DAY, base="EUR", quote="USD"):
    draft = RateDraft(on_date=day, base=base, quote=quote, rate=value, source="bank letter")
    rates.record_rate(world.manager, world.consortium_id, draft)


def test_a_foreign_invoice_keeps_both_amounts_and_payment_shows_what_the_rate_cost(world):
    rate(world, "1.1")
    invoice(world, 10_000, currency="EUR")
    assert standing() == {"expense/office": 11_000, "supplier/Line EUR": -10_000}
    books.exchange_money(
        world.manager,
        world.consortium_id,
        ExchangeDraft(value_date=DAY, from_currency="USD", from_minor=11_500, to_currency="EUR", to_minor=10_000),
    )
    assert (standing()["bank/main EUR"], standing()["bank/main"]) == (10_000, -11_500)
    payment(world, "out", 4_000, supplier="Line", currency="EUR")
    payment(world, "out", 6_000, supplier="Line", currency="EUR")
    assert standing() == {"expense/office": 11_000, "bank/main": -11_500, "exchange/differences": 500}
    assert base_of("supplier/Line") == 0
    assert_sound()


def test_a_foreign_invoice_without_a_rate_is_refused_unless_both_amounts_are_given(world):
    rate(world, "1.1", DAY - timedelta(days=11))
    with pytest.raises(InputError) as refused:
        invoice(world, 10_000, currency="EUR")
    assert refused.value.faults[0].code == "rate_missing"
    invoice(world, 10_000, currency="EUR", base_minor=11_111)
    assert standing()["expense/office"] == 11_111


def test_a_debt_in_one_currency_is_paid_in_another_by_both_amounts(world):
    rate(world, "0.0002", base="COP", quote="USD")
    payment(world, "in", 5_000, bank_amount_minor=25_000_000, bank_currency="COP")
    assert standing() == {account(world, "andina"): -5_000, "bank/main COP": 25_000_000}
    assert base_of("bank/main") == 5_000
    with pytest.raises(InputError) as refused:
        payment(world, "in", 5_000, bank_currency="COP")
    assert refused.value.faults[0].path == "bank_amount_minor"


def test_a_reversed_exchange_takes_every_currency_back(world):
    draft = ExchangeDraft(value_date=DAY, from_currency="USD", from_minor=11_500, to_currency="EUR", to_minor=10_000)
    seq = books.exchange_money(world.manager, world.consortium_id, draft)
    books.reverse_entry(world.manager, world.consortium_id, seq, DAY, "cancelled by the bank")
    assert standing() == {}
    assert_sound()


def test_the_ecb_file_is_read_once_and_a_changed_past_is_refused(world):
    file = b"Date,USD,COP,CYP,\n2026-03-02,1.1,4500.5,N/A,\n2026-02-27,1.09,N/A,0.58,\n"
    assert rates.import_rates(world.manager, world.consortium_id, "hist.csv", file) == 3
    assert rates.import_rates(world.manager, world.consortium_id, "hist.csv", file) == 0
    invoice(world, 450_050_000, currency="COP")  # through the euro: 4,500,500 COP = 1,000 EUR = 1,100 USD
    assert standing()["expense/office"] == 110_000
    assert set(entries()[0].cites["rates"]) == {"EUR/COP", "EUR/USD"}
    with pytest.raises(InputError) as refused:
        rates.import_rates(world.manager, world.consortium_id, "hist.csv", file.replace(b"1.09", b"1.08"))
    assert refused.value.faults[0].code == "rate_differs"
    daily = b"Date, USD, JPY, \n03 March 2026, 1.2, 170, \n"
    assert rates.import_rates(world.manager, world.consortium_id, "daily.csv", daily) == 2


def test_a_bad_rate_file_names_every_cell(world):
    file = b"Date,USD,JPY\n2026-03-02,x,170\n02/03/2026,1.1,1\n"
    with pytest.raises(InputError) as refused:
        rates.import_rates(world.manager, world.consortium_id, "hist.csv", file)
    assert [(one.place.row, one.place.column) for one in refused.value.faults] == [(2, "USD"), (3, "Date")]


def move(world, start, end, amount):
    draft = BudgetMove(line="space", from_stage=start, to_stage=end, amount_minor=amount, value_date=DAY)
    fees.move_budget(world.manager, world.consortium_id, draft)


def test_a_budget_amount_is_in_exactly_one_stage(world):
    move(world, "budget", "available", 1_000)
    move(world, "available", "requested", 600)
    move(world, "requested", "ordered", 600)
    move(world, "ordered", "actual", 550)
    move(world, "ordered", "available", 50)
    expected = {"budget": -1_000, "available": 450, "actual": 550}
    assert standing() == {f"memo_{stage}/space": amount for stage, amount in expected.items()}
    with pytest.raises(StateError) as refused:
        move(world, "available", "ordered", 451)
    assert refused.value.code == "budget_exceeded"
    assert all(one.is_memo for one in entries())
    assert_sound()


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: PaymentDraft(direction="in", value_date=DAY, amount_minor=1), ""),
        (lambda: PaymentDraft(direction="in", value_date=DAY, amount_minor=0, member_id=1), "amount_minor"),
        (lambda: InvoiceDraft(supplier="x", number="1", value_date=DAY, amount_minor=1), ""),
        (lambda: CallDraft(code="c", text="t", value_date=DAY, due_on=DAY, amounts_minor={}), "amounts_minor"),
        (
            lambda: CallDraft(code="c", text="t", value_date=DAY, due_on=date(2026, 1, 1), amounts_minor={1: 1}),
            "",
        ),
        (lambda: RateDraft(on_date=DAY, base="EUR", quote="EUR", rate="1", source="x"), ""),
        (lambda: RateDraft(on_date=DAY, base="EUR", quote="USD", rate="1e3", source="x"), "rate"),
        (lambda: RateDraft(on_date=DAY, base="EUR", quote="USD", rate="0.00", source="x"), "rate"),
    ],
)
def test_bad_drafts_are_refused_with_their_field(make, path):
    with pytest.raises(InputError) as refused:
        make()
    assert [one.path for one in refused.value.faults] == [path]
