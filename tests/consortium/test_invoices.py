"""The carrier's invoice against the estimate: only the difference is posted, by the rule that shared the estimate."""

from typing import Any

import pytest
from sqlmodel import select

from consortium import queries
from consortium.database import unit_of_work
from consortium.drafts_rules import InvoiceDraft, RuleDraft
from consortium.errors import InputError, NotFoundError, StateError
from consortium.models import CostDelta
from consortium.permissions import Actor
from consortium.services import rules
from consortium.services.invoices import enter_invoice
from consortium.services.shipments import freeze, mark_shipped
from consortium.services.tariffs import register_charge, register_tariff
from consortium.views_rules import InvoicesView
from tests.consortium.builders import World, charge_draft, day, make_world, tariff_draft
from tests.consortium.test_planning import with_prices
from tests.consortium.test_rules import agreed_shipment, decision, gathered


@pytest.fixture
def world(database: str) -> World:
    made = make_world()
    with_prices(made)
    return made


def decide(world: World, **values: Any) -> None:
    rules.decide_rule(world.manager, world.consortium_id, decision(**values))


def invoice(*lines: dict[str, Any], **values: Any) -> InvoiceDraft:
    usual = {"supplier": "Line", "reference": "F-1", "invoice_date": day(0), "currency": "USD", "invoice_lines": lines}
    return InvoiceDraft(**(usual | values))


def seen(actor: Actor, shipment: int) -> InvoicesView:
    found = queries.invoices(actor, shipment)
    assert found is not None
    return found


def totals(world: World, shipment: int) -> dict[str, int]:
    return {one.member_code: one.difference_minor for one in seen(world.manager, shipment).members}


def posted(world: World, shipment: int, number: int) -> dict[str, int]:
    found = next(one for one in seen(world.manager, shipment).invoices if one.number == number)
    return {one.member_code: one.difference_minor for one in found.differences}


def refused(world: World, shipment: int, draft: InvoiceDraft) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        enter_invoice(world.manager, shipment, draft)
    assert seen(world.manager, shipment).invoices == ()
    return [(one.path, one.code) for one in caught.value.faults]


def test_only_the_difference_is_posted_by_the_rule_in_force(world: World) -> None:
    # The container cost 1,500.00 in the estimate, in equal parts; the bill 50.00, by volume 1 : 2 : 3.
    decide(world, keys={"documents": "volume"})
    shipment = agreed_shipment(world)
    enter_invoice(
        world.manager,
        shipment,
        invoice({"charge_code": "OFR", "amount_minor": 156_000}, {"charge_code": "BL", "amount_minor": 4_400}),
    )
    assert posted(world, shipment, 1) == {"andina": 2_000 - 100, "bahia": 2_000 - 200, "cumbre": 2_000 - 300}
    whole = seen(world.manager, shipment)
    assert sum(one.share_minor for one in whole.members) == 156_000 + 4_400
    assert {(one.code, one.estimate_minor, one.actual_minor, one.is_open) for one in whole.slots} == {
        ("OFR", 150_000, 156_000, False),
        ("BL", 5_000, 4_400, False),
    }


def test_an_invoice_equal_to_the_estimate_posts_nothing_and_stays_on_record(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    enter_invoice(world.manager, shipment, invoice({"charge_code": "OFR", "amount_minor": 150_000}))
    whole = seen(world.manager, shipment)
    assert [(one.number, one.differences) for one in whole.invoices] == [(1, ())]
    with unit_of_work() as session:
        assert session.exec(select(CostDelta)).all() == []


def test_a_corrected_invoice_posts_the_step_from_the_last_version(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    enter_invoice(world.manager, shipment, invoice({"charge_code": "OFR", "amount_minor": 150_301}))
    first = posted(world, shipment, 1)
    assert sum(first.values()) == 301
    corrected = invoice({"charge_code": "OFR", "amount_minor": 149_999}, replaces=1, reference="F-1 bis")
    enter_invoice(world.manager, shipment, corrected)
    assert sum(posted(world, shipment, 2).values()) == -302
    assert sorted(totals(world, shipment).values()) == [-1, 0, 0]
    assert [(one.number, one.stands, one.replaces) for one in seen(world.auditor, shipment).invoices] == [
        (1, False, None),
        (2, True, 1),
    ]
    with pytest.raises(StateError, match="invoice_replaced"):
        enter_invoice(world.manager, shipment, corrected)
    again = invoice({"charge_code": "OFR", "amount_minor": 149_999}, replaces=2, reference="F-1 ter")
    enter_invoice(world.manager, shipment, again)
    assert posted(world, shipment, 3) == {}


def test_a_credit_note_gives_back_what_the_invoice_took(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    enter_invoice(world.manager, shipment, invoice({"charge_code": "OFR", "amount_minor": 150_101}))
    enter_invoice(world.manager, shipment, invoice({"charge_code": "OFR", "amount_minor": -101}, reference="NC-1"))
    assert set(totals(world, shipment).values()) == {0}


def test_costs_with_a_cause_go_to_it_when_the_rule_says_so(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    enter_invoice(
        world.manager,
        shipment,
        invoice(
            {"charge_class": "demurrage", "amount_minor": 30_000, "causes": ["bahia"]},
            {"charge_class": "late_document", "amount_minor": 4_001, "causes": ["bahia", "cumbre"]},
            {"charge_class": "other", "amount_minor": 900},
        ),
    )
    found = totals(world, shipment)
    assert found["andina"] == 300
    assert found["bahia"] + found["cumbre"] == 30_000 + 4_001 + 600
    assert 30_000 + 2_000 <= found["bahia"] - 300 <= 30_000 + 2_001


def test_a_cause_is_needed_when_the_rule_charges_it_and_refused_when_it_does_not(world: World) -> None:
    decide(world, keys={"no_show": "equal"})
    shipment = agreed_shipment(world)
    assert refused(world, shipment, invoice({"charge_class": "dead_freight", "amount_minor": 1})) == [
        ("invoice_lines[0].causes", "cause_needed")
    ]
    assert refused(world, shipment, invoice({"charge_class": "no_show", "amount_minor": 1, "causes": ["andina"]})) == [
        ("invoice_lines[0].causes", "cause_shared")
    ]
    enter_invoice(world.manager, shipment, invoice({"charge_class": "no_show", "amount_minor": 300}))
    assert totals(world, shipment) == {"andina": 100, "bahia": 100, "cumbre": 100}


def test_a_direct_charge_never_enters_the_pool(world: World) -> None:
    decide(world, keys={"documents": "direct"})
    shipment = agreed_shipment(world)
    slots = {one.member_code: one.estimate_minor for one in seen(world.manager, shipment).slots if one.code == "BL"}
    assert set(slots) == {"andina", "bahia", "cumbre"}
    assert sum(slots.values()) == 5_000
    assert refused(world, shipment, invoice({"charge_code": "BL", "amount_minor": 6_000})) == [
        ("invoice_lines[0].causes", "cause_needed")
    ]
    enter_invoice(world.manager, shipment, invoice({"charge_code": "BL", "amount_minor": 6_000, "causes": ["cumbre"]}))
    assert totals(world, shipment) == {"andina": 0, "bahia": 0, "cumbre": 6_000 - slots["cumbre"]}


def test_both_amounts_of_a_foreign_invoice_are_kept_and_only_the_booked_one_is_shared(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    lines = ({"charge_code": "OFR", "amount_minor": 140_000}, {"charge_class": "other", "amount_minor": 1})
    assert refused(world, shipment, invoice(*lines, currency="EUR")) == [("booked_minor", "missing")]
    enter_invoice(world.manager, shipment, invoice(*lines, currency="EUR", booked_minor=154_001))
    (found,) = seen(world.manager, shipment).invoices
    assert [(one.amount_minor, one.booked_minor) for one in found.lines] == [(140_000, 154_000), (1, 1)]
    assert sum(totals(world, shipment).values()) == 4_001
    assert refused_sum(world, shipment) == [("booked_minor", "out_of_range")]


def refused_sum(world: World, shipment: int) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        enter_invoice(
            world.manager,
            shipment,
            invoice({"charge_code": "OFR", "amount_minor": 5}, reference="F-9", booked_minor=6),
        )
    return [(one.path, one.code) for one in caught.value.faults]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"charge_code": "XXX", "amount_minor": 1}, ("invoice_lines[0].charge_code", "unknown")),
        ({"charge_code": "OFR", "amount_minor": 1, "causes": ["delta"]}, ("invoice_lines[0].causes", "unknown")),
    ],
)
def test_a_line_that_names_nothing_of_the_shipment_is_refused(
    world: World, line: dict[str, Any], expected: tuple[str, str]
) -> None:
    decide(world)
    assert refused(world, agreed_shipment(world), invoice(line)) == [expected]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"amount_minor": 1}, "missing"),
        ({"charge_class": "delay", "amount_minor": 1}, "unknown_value"),
        ({"charge_class": "other", "amount_minor": 1.5}, "wrong_type"),
        ({"charge_class": "other", "amount_minor": 1, "causes": ["a", "a"]}, "duplicate"),
    ],
)
def test_a_line_that_is_none_is_refused(line: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        invoice(line)
    assert code in {one.code for one in caught.value.faults}
    with pytest.raises(InputError):
        invoice()


def test_an_invoice_is_entered_once(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    draft = invoice({"charge_code": "OFR", "amount_minor": 150_010})
    enter_invoice(world.manager, shipment, draft)
    with pytest.raises(InputError) as caught:
        enter_invoice(world.manager, shipment, draft)
    assert [(one.path, one.code) for one in caught.value.faults] == [("reference", "duplicate")]
    with pytest.raises(NotFoundError):
        enter_invoice(world.manager, shipment, invoice({"charge_code": "OFR", "amount_minor": 1}, replaces=7))


def test_there_is_nothing_to_true_up_before_the_plan_is_agreed(world: World) -> None:
    shipment = gathered(world)
    freeze(world.manager, shipment)
    with pytest.raises(StateError, match="shipment_not_agreed"):
        enter_invoice(world.manager, shipment, invoice({"charge_code": "OFR", "amount_minor": 1}))
    assert queries.invoices(world.manager, shipment) is None


def test_invoices_come_after_the_shipment_left_and_a_later_decision_does_not_touch_them(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    mark_shipped(world.manager, shipment)
    decide(world, rule="proportional_volume", keys={"demurrage": "equal"})
    enter_invoice(world.manager, shipment, invoice({"charge_code": "OFR", "amount_minor": 150_300}))
    assert totals(world, shipment) == {"andina": 100, "bahia": 100, "cumbre": 100}


def test_a_member_sees_its_own_delta_and_no_figure_of_others(world: World) -> None:
    decide(world)
    shipment = agreed_shipment(world)
    enter_invoice(
        world.manager,
        shipment,
        invoice(
            {"charge_code": "OFR", "amount_minor": 150_300},
            {"charge_class": "demurrage", "amount_minor": 777, "causes": ["andina"]},
        ),
    )
    only_rivals = {"charge_class": "no_show", "amount_minor": 31_313, "causes": ["bahia"]}
    enter_invoice(world.manager, shipment, invoice(only_rivals, reference="F-2"))
    own = seen(world.member, shipment)
    assert (own.slots, dict(own.charges)) == ((), {})
    assert [one.member_code for one in own.members] == ["andina"]
    assert [one.number for one in own.invoices] == [1]  # the second changes nothing for it
    (delta,) = own.invoices[0].differences
    assert (delta.difference_minor, own.invoices[0].booked_minor, own.invoices[0].lines) == (877, None, ())
    told = {one.charge_class: (one.step_minor, one.actual_minor, one.weight) for one in delta.reasons}
    assert told == {"demurrage": (777, 777, "1"), "freight": (100, None, None)}
    assert not [one for one in ("bahia", "cumbre", "31313", "150300") if one in repr(own).casefold()]


def test_a_member_sees_the_figures_of_a_charge_only_with_three_others_under_it(world: World) -> None:
    decide(world)
    tariff = register_tariff(world.manager, world.consortium_id, tariff_draft(code="T-2"))
    pair = ("andina", "bahia")
    register_charge(
        world.manager,
        tariff,
        charge_draft(code="PAIR", basis="departure", amount_minor=600, members=pair, allocation_key="volume"),
    )
    shipment = agreed_shipment(world, pallets=(4, 8, 12, 6))
    lines = ({"charge_code": "OFR", "amount_minor": 150_400}, {"charge_code": "PAIR", "amount_minor": 900})
    enter_invoice(world.manager, shipment, invoice(*lines))
    (delta,) = seen(world.member, shipment).invoices[0].differences
    told = {one.code: (one.step_minor, one.estimate_minor, one.actual_minor, one.weight) for one in delta.reasons}
    assert told == {"OFR": (100, 150_000, 150_400, "1/4"), "PAIR": (100, None, None, None)}


def test_a_delta_is_explained_by_its_parts(world: World) -> None:
    decide(world, keys={"documents": "volume"})
    shipment = agreed_shipment(world)
    enter_invoice(
        world.manager,
        shipment,
        invoice({"charge_code": "OFR", "amount_minor": 150_300}, {"charge_code": "BL", "amount_minor": 5_600}),
    )
    (found,) = seen(world.manager, shipment).invoices
    for one in found.differences:
        assert sum(reason.step_minor for reason in one.reasons) == one.difference_minor
        assert one.pays_minor + one.buyers_pay_minor == one.difference_minor
    cumbre = next(one for one in found.differences if one.member_code == "cumbre")
    assert {(one.code, one.key, one.weight, one.step_minor) for one in cumbre.reasons} == {
        ("OFR", "optimised", "1/3", 100),
        ("BL", "volume", "1/2", 300),
    }


def test_a_decision_may_be_described_by_its_votes() -> None:
    votes = RuleDraft(
        rule="equal", decided_on=day(-1), valid_from=day(0), text="Equal.", votes_for=3, votes_against=1, abstentions=0
    )
    assert votes.votes_for == 3
