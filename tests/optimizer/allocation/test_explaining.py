"""Waterfalls from cost alone to payment: they add up to the cent, and say by which charges."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.allocation.explaining import (
    JOINT,
    WAITING,
    Step,
    StepKind,
    alone_plan_numbers,
    waterfall_numbers,
    waterfall_of,
    waterfalls,
)
from optimizer.allocation.shares import CostShares, share_costs
from optimizer.cost_game import CostGame
from optimizer.problem import AllocationKey, Charge, ConsolidationProblem, IncotermStage
from optimizer.result import ShipmentPlan
from tests import builders
from tests.optimizer.plans import load, priced


def two_in_a_container(*charges: Charge, **goods: object) -> tuple[ConsolidationProblem, ShipmentPlan]:
    """A sends 4 m3 of light goods, B 12 m3, together in a 20'."""
    problem = builders.problem(
        [
            builders.consignment("C-A", "A", litres=4_000, kg=1_000, value_minor=1_000, **goods),
            builders.consignment("C-B", "B", litres=12_000, kg=2_000, value_minor=3_000),
        ],
        charges,
    )
    return problem, priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B"])])


def alone_plans(problem: ConsolidationProblem) -> dict[str, ShipmentPlan]:
    found = {}
    for one in problem.consignments:
        here = problem.restricted_to([one.id])
        found[one.member] = priced(here, [load(here, "K-1", "22G1", "S-1", [one.id])])
    return found


def shared(problem: ConsolidationProblem, plan: ShipmentPlan, rule: str = "shapley") -> CostShares:
    alone = alone_plans(problem)
    game = CostGame(players=("A", "B"), upper=[0, alone["A"].cost_minor, alone["B"].cost_minor, plan.cost_minor])
    measured = [0, 0, 0, 0]
    return share_costs(problem, plan, game, measured, rule)


def test_the_way_from_alone_to_the_payment_goes_charge_by_charge():
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000),
        builders.charge("BL", "bill_of_lading", 100),
        builders.charge("DOC", "member", 30, allocation_key=AllocationKey.DIRECT),
    )
    shares = shared(problem, plan)
    found = waterfalls(problem, plan, shares, alone_plans(problem))["A"]
    # Alone 1130. Together 1160, of which 60 are documents; Shapley halves the other 1100.
    assert (found.alone_minor, found.share_minor, found.to_pay_minor) == (1_130, 580, 580)
    assert [(one.code, one.alone_minor, one.pooled_minor) for one in found.charges] == [
        ("OFR", 1_000, 500),
        ("BL", 100, 50),
        ("DOC", 30, 30),
    ]
    assert list(found.steps()) == [
        Step(kind=StepKind.ALONE, amount_minor=1_130),
        Step(kind=StepKind.POOLING, code="OFR", key="optimised", amount_minor=-500),
        Step(kind=StepKind.POOLING, code="BL", key="optimised", amount_minor=-50),
    ]


def test_a_grant_and_the_buyers_take_their_part_at_the_end():
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000, incoterm_stage=IncotermStage.MAIN_CARRIAGE), incoterm="FOB"
    )
    shares = shared(problem, plan)
    found = waterfalls(problem, plan, shares, alone_plans(problem), co_financing_minor={"B": 120})
    assert [(one.kind, one.amount_minor) for one in found["A"].steps()] == [
        (StepKind.ALONE, 1_000),
        (StepKind.POOLING, -500),
        (StepKind.BUYERS, -500),
    ]
    assert found["A"].to_pay_minor == 0
    assert [(one.kind, one.amount_minor) for one in found["B"].steps()][2:] == [(StepKind.CO_FINANCING, -120)]
    assert found["B"].to_pay_minor == 380


def test_a_negative_grant_is_refused():
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_000))
    with pytest.raises(ValueError, match="expected >= 0, found -1 for A"):
        waterfalls(problem, plan, shared(problem, plan), co_financing_minor={"A": -1})


def test_waiting_is_a_part_of_its_own_behind_the_charges():
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_000), delay_cost_ppm_per_day=10_000)
    found = waterfalls(problem, plan, shared(problem, plan), alone_plans(problem))["A"]
    assert [(one.code, one.key) for one in found.charges] == [("OFR", "optimised"), ("", WAITING)]
    assert sum(step.amount_minor for step in found.steps()) == found.to_pay_minor


def test_without_the_plan_alone_the_saving_is_one_step_and_without_its_cost_the_charges_begin():
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000), builders.charge("BL", "bill_of_lading", 100)
    )
    shares = shared(problem, plan)
    known = waterfalls(problem, plan, shares)["A"]
    assert [(one.kind, one.code, one.amount_minor) for one in known.steps()] == [
        (StepKind.ALONE, "", 1_100),
        (StepKind.POOLING, "", -550),
    ]
    by_volume = share_costs(problem, plan, None, (), "proportional_volume")
    unknown = waterfalls(problem, plan, by_volume, alone_plans(problem))["A"]
    assert [(one.kind, one.code, one.amount_minor) for one in unknown.steps()] == [
        (StepKind.CHARGE, "OFR", 250),
        (StepKind.CHARGE, "BL", 25),
    ]


def test_a_share_that_no_charge_of_the_member_explains_is_a_joint_cost():
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000, allocation_key=AllocationKey.DIRECT),
    )
    shares = shared(problem, plan)
    member = replace(shares.members[0], exact_minor=shares.members[0].exact_minor + 7, cost_share_minor=507)
    found = waterfalls(problem, plan, replace(shares, members=(member,)))["A"]
    assert [(one.code, one.key, one.pooled_minor) for one in found.charges][-1] == ("", JOINT, 7)


def test_in_one_it_keeps_the_ends_and_no_charge():
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000), builders.charge("BL", "bill_of_lading", 101)
    )
    found = waterfalls(problem, plan, shared(problem, plan), alone_plans(problem))["A"]
    whole = found.in_one()
    assert (whole.alone_minor, whole.to_pay_minor) == (found.alone_minor, found.to_pay_minor)
    assert [one.code for one in whole.charges] == [""]


def test_the_plan_alone_in_numbers():
    problem, _ = two_in_a_container(builders.charge("OFR", "container", 1_000))
    assert alone_plan_numbers(alone_plans(problem)["A"]) == {
        "cost_minor": 1_000,
        "is_proven": False,
        "containers": [{"container_type": "22G1", "departure": "S-1", "volume_mm3": 4_000_000_000}],
        "lcl": 0,
        "postal": 0,
        "unplanned": [],
    }


AMOUNTS = st.integers(0, 99_999)
KEYS = st.sampled_from(list(AllocationKey))
STAGES = st.sampled_from([None, *IncotermStage])
RULES = ("shapley", "equal", "proportional", "equal_saving", "marginal", "nucleolus", "proportional_mass")


@given(
    charges=st.lists(st.tuples(AMOUNTS, KEYS, STAGES), min_size=1, max_size=6),
    rule=st.sampled_from(RULES),
    litres=st.integers(100, 9_000),
    grant=st.integers(0, 500),
    ppm=st.integers(0, 3_000),
    incoterm=st.sampled_from([None, "EXW", "FOB", "CIF", "DDP"]),
)
@settings(max_examples=150, deadline=None)
def test_every_waterfall_adds_up_to_the_cent(charges, rule, litres, grant, ppm, incoterm):
    tariff = [
        builders.charge(f"X{n}", "container", amount, allocation_key=key, incoterm_stage=stage)
        for n, (amount, key, stage) in enumerate(charges)
    ]
    problem = builders.problem(
        [
            builders.consignment(
                "C-A", "A", litres=litres, kg=900, value_minor=77_777, incoterm=incoterm, delay_cost_ppm_per_day=ppm
            ),
            builders.consignment("C-B", "B", litres=12_345, kg=7_000, value_minor=3_333),
        ],
        tariff,
    )
    plan = priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B"])])
    shares = shared(problem, plan, rule)
    found = waterfalls(problem, plan, shares, alone_plans(problem), co_financing_minor={"A": grant})
    assert set(found) == {one.member for one in shares.members}
    for member in shares.members:
        way = found[member.member]
        assert sum(step.amount_minor for step in way.steps()) == way.to_pay_minor
        assert way.to_pay_minor == member.pays_minor - way.co_financing_minor
        assert way.share_minor == member.cost_share_minor
        assert abs(way.rounding_minor) <= Fraction(len(way.charges), 2) + 1
        if way.alone_minor is not None:
            assert sum(one.alone_minor or 0 for one in way.charges) == way.alone_minor
        assert waterfall_of(waterfall_numbers(way)) == way
        assert sum(step.amount_minor for step in way.in_one().steps()) == way.to_pay_minor
