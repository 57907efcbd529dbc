"""Only the difference between invoice and estimate is shared, by the same rule, to the cent, whatever the order."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.allocation.shares import share_costs
from optimizer.allocation.true_up import Estimate, estimate_of, split_among_causes, steps, true_up
from optimizer.checking_true_up import check_steps, check_true_up
from optimizer.problem import AllocationKey, Charge, DelayKey, IncotermStage
from optimizer.problem_sharing import EVENTS, ChargeClass, SharingTerms, class_of, under_terms
from optimizer.result_true_up import InvoicedAmount, SlotId, TrueUp
from tests import builders
from tests.optimizer.plans import load, priced

FREIGHT = SlotId(charge_class="freight", code="OFR")
PAPERS = SlotId(charge_class="documents", code="BL")
CUSTOMS = {member: SlotId(charge_class="origin", code="CUS", member=member) for member in "ABC"}
DEMURRAGE = SlotId(charge_class="demurrage")
STAGE, KEY = IncotermStage, AllocationKey
CHARGES = (
    builders.charge("OFR", "container", 150_000, incoterm_stage=STAGE.MAIN_CARRIAGE),
    builders.charge("BL", "bill_of_lading", 10_000, allocation_key=KEY.EQUAL),
    builders.charge("CUS", "member", 7_000, incoterm_stage=STAGE.ORIGIN, allocation_key=KEY.DIRECT),
    builders.charge("FLAT", "container", 0, incoterm_stage=STAGE.DESTINATION, allocation_key=KEY.VOLUME),
)


def estimate(charges: Iterable[Charge] = CHARGES, terms: SharingTerms | None = None, **goods: Any) -> Estimate:
    """A, B, C send 3, 9 and 12 m3 in one container; the rule shares the pool 30 : 50 : 70."""
    problem = builders.problem(
        [
            builders.consignment(f"C-{member}", member, litres=litres, kg=100, **goods)
            for member, litres in (("A", 3_000), ("B", 9_000), ("C", 12_000))
        ],
        charges,
    )
    terms = terms or SharingTerms(rule="shapley")
    problem = under_terms(problem, terms)
    plan = priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B", "C-C"])])
    return estimate_of(problem, plan, {"A": Fraction(30), "B": Fraction(50), "C": Fraction(70)}, terms, tie_key="PS")


def amount(slot: SlotId, minor: int, closes: bool = True) -> InvoicedAmount:
    return InvoicedAmount(slot=slot, amount_minor=minor, closes=closes)


def judged(known: Estimate, invoiced: list[InvoicedAmount]) -> TrueUp:
    found = true_up(known, invoiced, tie_key="PS")
    assert check_true_up(found, invoiced) == ()
    return found


def test_the_slots_of_an_estimate_are_its_charges_and_a_direct_one_is_each_member_s() -> None:
    known = estimate()
    assert {slot.id: slot.estimate_minor for slot in known.slots.values()} == {
        FREIGHT: 150_000,
        PAPERS: 10_000,
        **dict.fromkeys(CUSTOMS.values(), 7000),
    }


def test_dearer_freight_goes_by_the_shares_of_the_pool_and_papers_in_equal_parts() -> None:
    found = judged(estimate(), [amount(FREIGHT, 165_000), amount(PAPERS, 10_003)])
    assert found.deltas == {"A": 3_000 + 1, "B": 5_000 + 1, "C": 7_000 + 1}
    assert found.difference_minor == 15_003


def test_a_cheaper_invoice_gives_back_what_a_dearer_one_would_take() -> None:
    up, down = judged(estimate(), [amount(FREIGHT, 150_101)]), judged(estimate(), [amount(FREIGHT, 149_899)])
    assert down.deltas == {member: -delta for member, delta in up.deltas.items()}


def test_a_charge_of_the_tariff_that_the_plan_did_not_need_is_shared_by_its_measure() -> None:
    found = judged(estimate(), [amount(SlotId(charge_class="destination", code="FLAT"), 2_400)])
    assert found.deltas == {"A": 300, "B": 900, "C": 1_200}


def test_what_a_member_causes_goes_to_it_and_leaves_the_others_alone() -> None:
    late = SlotId(charge_class="late_document", member="B")
    found = judged(estimate(), [amount(late, 9_999), amount(CUSTOMS["A"], 8_500), amount(FREIGHT, 150_000)])
    assert found.deltas == {"A": 1_500, "B": 9_999, "C": 0}


def test_an_amount_attributed_within_a_common_charge_does_not_close_the_charge() -> None:
    own = replace(FREIGHT, member="C")
    found = judged(estimate(), [amount(own, 4_200)])
    assert found.deltas == {"A": 0, "B": 0, "C": 4_200}
    assert next(one for one in found.slots if one.slot.id == FREIGHT).is_open


def test_direct_costs_never_enter_the_pool() -> None:
    with pytest.raises(ValueError, match="expected the one that caused CUS"):
        true_up(estimate(), [amount(SlotId(charge_class="origin", code="CUS"), 21_000)])


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_needs_its_cause_unless_the_terms_share_it(event: ChargeClass) -> None:
    slot = SlotId(charge_class=event.value)
    with pytest.raises(ValueError, match=f"expected the one that caused {event.value}"):
        true_up(estimate(), [amount(slot, 100)])
    by_volume = SharingTerms(rule="shapley", keys={event: KEY.VOLUME})
    assert judged(estimate(terms=by_volume), [amount(slot, 2_400)]).deltas == {"A": 300, "B": 900, "C": 1_200}
    pooled = SharingTerms(rule="shapley", keys={event: KEY.OPTIMISED})
    assert judged(estimate(terms=pooled), [amount(slot, 150)]).deltas == {"A": 30, "B": 50, "C": 70}


def test_a_member_that_takes_no_part_causes_nothing() -> None:
    with pytest.raises(ValueError, match="expected one of A, B, C, found 'Z'"):
        true_up(estimate(), [amount(replace(DEMURRAGE, member="Z"), 100)])


def test_several_causes_pay_equal_parts() -> None:
    assert sorted(split_among_causes(101, ["A", "B"], tie_key="i").values()) == [50, 51]


def test_until_a_charge_is_invoiced_completely_the_estimate_stands_where_it_is_not_exceeded() -> None:
    first = [amount(FREIGHT, 60_000, closes=False)]
    assert judged(estimate(), first).difference_minor == 0
    assert judged(estimate(), [*first, amount(FREIGHT, 120_000, closes=False)]).difference_minor == 30_000
    assert judged(estimate(), [*first, amount(FREIGHT, 60_000)]).difference_minor == -30_000


def test_buyers_pay_the_part_of_a_difference_that_their_incoterm_leaves_them() -> None:
    known = estimate(incoterm="FOB")
    penalty = replace(DEMURRAGE, member="A")
    found = judged(known, [amount(FREIGHT, 165_000), amount(CUSTOMS["B"], 7_100), amount(penalty, 900)])
    # Free on board: the buyers pay the main carriage, the members what happens at the origin, and what they cause.
    assert found.deltas == {"A": 3_900, "B": 5_100, "C": 7_000}
    assert found.pays == {"A": 900, "B": 100, "C": 0}


def test_a_pool_with_the_sum_zero_is_shared_by_freight_tonnes() -> None:
    known = estimate()
    empty = estimate_of_nothing_pooled()
    assert sum(known.pool.values()) == 150
    assert judged(empty, [amount(SlotId(charge_class="other"), 2_400)]).deltas == {"A": 300, "B": 900, "C": 1_200}


def estimate_of_nothing_pooled() -> Estimate:
    problem = builders.problem(
        [
            builders.consignment(f"C-{member}", member, litres=litres, kg=100)
            for member, litres in (("A", 3_000), ("B", 9_000), ("C", 12_000))
        ]
    )
    plan = priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B", "C-C"])])
    return estimate_of(problem, plan, dict.fromkeys("ABC", Fraction(0)), SharingTerms(rule="equal"))


SLOTS = (
    FREIGHT,
    PAPERS,
    SlotId(charge_class="destination", code="FLAT"),
    SlotId(charge_class="other"),
    *CUSTOMS.values(),
    *(replace(DEMURRAGE, member=member) for member in "ABC"),
    replace(FREIGHT, member="B"),
)
AMOUNTS = st.lists(
    st.builds(
        InvoicedAmount,
        slot=st.sampled_from(SLOTS),
        amount_minor=st.integers(-200_000, 400_000),
        closes=st.booleans(),
    ),
    max_size=8,
)
KNOWN = estimate(incoterm="CIF")


@settings(max_examples=150, deadline=None)
@given(AMOUNTS, st.randoms(use_true_random=False))
def test_the_order_of_invoices_makes_no_difference_and_the_steps_add_up_to_the_whole(
    invoiced: list[InvoicedAmount], random: Random
) -> None:
    whole = judged(KNOWN, invoiced)
    mixed = list(invoiced)
    random.shuffle(mixed)
    assert judged(KNOWN, mixed) == whole
    posted = dict.fromkeys("ABC", 0)
    before = judged(KNOWN, [])
    for count in range(1, len(mixed) + 1):
        after = judged(KNOWN, mixed[:count])
        moved = steps(before, after)
        assert check_steps(before, after, moved) == ()
        for member, (step, _) in moved.items():
            posted[member] += step
        before = after
    assert posted == {member: whole.deltas.get(member, 0) for member in "ABC"}
    assert sum(posted.values()) == whole.difference_minor


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 400_000), min_size=5, max_size=5))
def test_deltas_sum_to_the_invoice_less_the_estimate(amounts: list[int]) -> None:
    slots = tuple(KNOWN.slots)
    invoiced = [amount(slot, minor) for slot, minor in zip(slots, amounts, strict=True)]
    found = judged(KNOWN, invoiced)
    assert sum(found.deltas.values()) == sum(amounts) - sum(slot.estimate_minor for slot in KNOWN.slots.values())
    assert not any(one.is_open for one in found.slots)


def test_an_invoice_that_says_what_the_estimate_said_posts_nothing() -> None:
    same = [amount(slot.id, slot.estimate_minor) for slot in KNOWN.slots.values()]
    assert steps(judged(KNOWN, []), judged(KNOWN, same)) == {}
    assert steps(judged(KNOWN, same), judged(KNOWN, same)) == {}


def test_the_judge_finds_what_was_moved() -> None:
    invoiced = [amount(FREIGHT, 165_001), amount(CUSTOMS["A"], 8_000)]
    true = judged(estimate(), invoiced)
    at = next(index for index, one in enumerate(true.slots) if one.slot.id == FREIGHT)
    direct = next(index for index, one in enumerate(true.slots) if one.slot.id == CUSTOMS["A"])

    def changed(index: int, **values: Any) -> TrueUp:
        return TrueUp(slots=(*true.slots[:index], replace(true.slots[index], **values), *true.slots[index + 1 :]))

    parts = true.slots[at].parts
    lies = {
        "part": changed(at, parts={**parts, "A": parts["A"] + 2, "B": parts["B"] - 2}),
        "parts_sum": changed(at, parts={**parts, "A": parts["A"] + 1}),
        "actual": changed(at, actual_minor=165_000),
        "slot_open": changed(at, is_open=True),
        "part_of_the_member": changed(at, pays={**true.slots[at].pays, "A": 0}),
        "cause": changed(direct, parts={"A": 500, "B": 500}),
        "slot_once": TrueUp(slots=(*true.slots, true.slots[at])),
    }
    for rule, lie in lies.items():
        assert rule in {one.rule for one in check_true_up(lie, invoiced)}, rule
    before = judged(estimate(), [])
    posted = steps(before, true)
    assert {one.rule for one in check_steps(before, true, {**posted, "A": (0, 0)})} >= {"posting", "postings_sum"}
    assert {one.rule for one in check_steps(before, true, {**posted, "Z": (0, 0)})} == {"empty_posting"}


@pytest.mark.parametrize(
    ("basis", "stage", "expected"),
    [
        ("container", STAGE.MAIN_CARRIAGE, ChargeClass.FREIGHT),
        ("container", STAGE.ORIGIN, ChargeClass.ORIGIN),
        ("freight_tonne", STAGE.DESTINATION, ChargeClass.DESTINATION),
        ("bill_of_lading", STAGE.MAIN_CARRIAGE, ChargeClass.DOCUMENTS),
        ("consignment", STAGE.ORIGIN, ChargeClass.DOCUMENTS),
        ("value", STAGE.INSURANCE, ChargeClass.INSURANCE),
        ("consignment", STAGE.INSURANCE, ChargeClass.INSURANCE),
        ("departure", None, ChargeClass.OTHER),
    ],
)
def test_the_class_of_a_charge(basis: str, stage: IncotermStage | None, expected: ChargeClass) -> None:
    assert class_of(builders.charge("X", basis, 1, incoterm_stage=stage)) is expected


def waiting(terms: SharingTerms) -> dict[str, int]:
    """A is ready 11 days before the departure and B on its day: A's waiting costs 1,000, the container 300."""
    goods = [
        builders.consignment("C-A", "A", litres=3_000, value_minor=1_000_000, delay_cost_ppm_per_day=91),
        builders.consignment("C-B", "B", litres=9_000),
    ]
    problem = under_terms(builders.problem(goods, [builders.charge("OFR", "container", 300)]), terms)
    plan = priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B"])])
    shares = share_costs(problem, plan, None, (), terms.rule)
    assert sum(shares.shares_minor.values()) == plan.cost_minor
    return shares.shares_minor


def test_waiting_is_shared_with_the_pool_or_borne_by_each() -> None:
    assert sorted(waiting(SharingTerms(rule="equal")).values()) == [650, 651]
    own = SharingTerms(rule="equal", keys={ChargeClass.DELAY: KEY.DIRECT})
    assert waiting(own) == {"A": 1_151, "B": 150}


def test_waiting_has_no_measure_by_which_to_charge_it_to_others() -> None:
    with pytest.raises(ValueError, match="expected one of optimised, direct, found volume"):
        SharingTerms(rule="equal", keys={ChargeClass.DELAY: KEY.VOLUME})
    assert set(DelayKey) == {"optimised", "direct"}
