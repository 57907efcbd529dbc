from dataclasses import replace
from fractions import Fraction
from json import dumps
from random import Random
from typing import Any

import pytest

from optimizer.allocation.covering import SELLER_PAYS, covered_lines, travelling_lots
from optimizer.allocation.rule import ShareStatus
from optimizer.allocation.shares import PLAN_RULES, CostShares, certify_shares, share_costs
from optimizer.apportion import apportion
from optimizer.certificate import Verdict, verify_certificate
from optimizer.cost_game import CostGame
from optimizer.problem import AllocationKey, Charge, ConsolidationProblem, IncotermStage
from optimizer.result import ShipmentPlan
from tests import builders
from tests.optimizer.plans import load, loose, priced, random_plan


def two_in_a_container(*charges: Charge, **goods: Any) -> tuple[ConsolidationProblem, ShipmentPlan]:
    """A sends 3 m3, 6 t, worth 1000; B 9 m3, 2 t, worth 3000; together in a 20'."""
    problem = builders.problem(
        [
            builders.consignment("C-A", "A", litres=3_000, kg=6_000, value_minor=1_000, **goods),
            builders.consignment("C-B", "B", litres=9_000, kg=2_000, value_minor=3_000, cargo_class="food"),
        ],
        charges,
        container_types=[builders.container_20(cargo_classes=frozenset({"dry", "food"}))],
    )
    return problem, priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B"])])


def direct_shares(key: AllocationKey, amount: int = 1_000, **filters: Any) -> dict[str, int]:
    problem, plan = two_in_a_container(builders.charge("X", "container", amount, allocation_key=key, **filters))
    shares = share_costs(problem, plan, None, (), "equal")
    assert (shares.direct_minor, shares.optimised_minor) == (amount, 0)
    return shares.shares_minor


def game(problem: ConsolidationProblem, upper: list[int]) -> CostGame:
    return CostGame(players=tuple(one.id for one in problem.members), upper=upper)


@pytest.mark.parametrize(
    ("key", "part_of_a"),
    [
        (AllocationKey.VOLUME, Fraction(3, 12)),
        (AllocationKey.MASS, Fraction(6, 8)),
        (AllocationKey.FREIGHT_TONNE, Fraction(6, 15)),
        (AllocationKey.VALUE, Fraction(1, 4)),
        (AllocationKey.EQUAL, Fraction(1, 2)),
        (AllocationKey.DIRECT, Fraction(1, 2)),
    ],
)
def test_a_direct_key_shares_a_line_by_its_measure(key: AllocationKey, part_of_a: Fraction) -> None:
    assert direct_shares(key) == {"A": 1000 * part_of_a, "B": 1000 * (1 - part_of_a)}


def test_container_use_counts_volume_or_mass_whichever_fills_more() -> None:
    # A uses 6/28.26 of the payload, B 9/33.2 of the volume.
    assert direct_shares(AllocationKey.CONTAINER_USE) == apportion(
        1000, {"A": Fraction(6000, 28260), "B": Fraction(9000, 33200)}
    )


def test_a_line_is_paid_by_those_whose_goods_it_meets() -> None:
    assert direct_shares(AllocationKey.VOLUME, cargo_classes=["food"]) == {"A": 0, "B": 1000}


def test_goods_without_value_are_measured_in_freight_tonnes() -> None:
    problem, plan = two_in_a_container(builders.charge("X", "container", 1_000, allocation_key=AllocationKey.VALUE))
    worthless = tuple(replace(one, value_minor=0) for one in problem.consignments)
    shares = share_costs(replace(problem, consignments=worthless), plan, None, (), "equal")
    assert shares.shares_minor == {"A": 400, "B": 600}


def test_lines_that_name_a_consignment_or_a_member_go_to_it() -> None:
    problem, plan = two_in_a_container(
        builders.charge("DOC", "member", 70, allocation_key=AllocationKey.DIRECT, members=["B"]),
        builders.charge("INS", "value", rate_ppm=100_000, allocation_key=AllocationKey.DIRECT),
    )
    assert share_costs(problem, plan, None, (), "equal").shares_minor == {"A": 100, "B": 370}


def test_the_optimised_part_follows_the_rule_on_the_game_without_direct_lines() -> None:
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000),
        builders.charge("DOC", "member", 50, allocation_key=AllocationKey.DIRECT),
    )
    # Alone A pays 650 (600 without its document), B 1050.
    shares = share_costs(problem, plan, game(problem, [0, 650, 1050, 1100]), (), "shapley")
    assert shares.shares_minor == {"A": 50 + 300, "B": 50 + 700}
    assert shares.total_minor == 1100 == sum(shares.shares_minor.values())
    first = shares.members[0]
    assert (first.direct_minor, first.optimised_minor, first.stand_alone_minor) == (50, 300, 650)
    assert first.why["saving_minor"] == 300
    assert (first.why["lowest_marginal_minor"], first.why["highest_marginal_minor"]) == (0, 600)
    assert first.why["proportional_volume_minor"] == 50 + 250
    assert first.why["direct_lines"][0]["code"] == "DOC"


def test_a_measured_line_is_left_out_of_the_game_as_each_group_would_have_it() -> None:
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000),
        builders.charge("CFS", "container", 100, allocation_key=AllocationKey.EQUAL),
    )
    # Alone A pays 600 without such a line, B 1100 with it; together the line is shared equally, whatever they pay.
    shares = share_costs(problem, plan, game(problem, [0, 600, 1100, 1100]), [0, 0, 100, 100], "shapley")
    assert shares.shares_minor == {"A": 50 + 300, "B": 50 + 700}


def test_the_nucleolus_is_in_the_core_of_the_whole_cost_when_only_causers_pay_directly() -> None:
    # A's direct line arises in the common plan only (its samples go by post when alone): the game must count it.
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_000),
        builders.charge("DOC", "member", 90, allocation_key=AllocationKey.DIRECT, members=["A"]),
    )
    whole = game(problem, [0, 300, 800, 1090])
    shares = share_costs(problem, plan, whole, (), "nucleolus")
    assert shares.shares_minor == {"A": 295, "B": 795}
    assert certify_shares(whole, shares).in_core is Verdict.PROVEN


@pytest.mark.parametrize(
    ("rule", "part_of_a"),
    [
        ("proportional_volume", 250),
        ("proportional_mass", 750),
        ("proportional_freight_tonne", 400),
        ("proportional_value", 250),
        ("equal", 500),
        ("proportional", 375),
        ("shapley", 300),
        ("nucleolus", 300),
        ("least_core", 300),
    ],
)
def test_every_rule_shares_the_optimised_part(rule: str, part_of_a: int) -> None:
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_000))
    shares = share_costs(problem, plan, game(problem, [0, 600, 1000, 1000]), (), rule)
    assert shares.shares_minor == {"A": part_of_a, "B": 1000 - part_of_a}
    assert shares.above_stand_alone == (("A",) if part_of_a > 600 else ())


def test_the_nucleolus_names_the_groups_that_bind() -> None:
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_000))
    shares = share_costs(problem, plan, game(problem, [0, 600, 1000, 1000]), (), "nucleolus")
    assert shares.members[0].why["binding_coalitions"] == [["A"]]
    assert shares.members[0].why["binding_excess_minor"] == -300


@pytest.mark.parametrize(
    ("incoterm", "stages_of_the_member"),
    [("EXW", ""), ("FCA", "o"), ("FOB", "o"), ("CFR", "om"), ("CIP", "omi"), ("DAP", "omid"), (None, "omid")],
)
def test_an_incoterm_leaves_stages_to_the_buyer(incoterm: str | None, stages_of_the_member: str) -> None:
    amounts = {"origin": 100, "main_carriage": 1000, "insurance": 10, "destination": 200}
    charges = [
        builders.charge(name, "consignment", amount, incoterm_stage=IncotermStage(name))
        for name, amount in amounts.items()
    ]
    free = builders.charge("free", "consignment", 7)
    problem, plan = two_in_a_container(*charges, free, incoterm=incoterm)
    expected = 7 + sum(amount for name, amount in amounts.items() if name[0] in stages_of_the_member)
    for key in (AllocationKey.OPTIMISED, AllocationKey.DIRECT):
        keyed = replace(problem, charges=tuple(replace(one, allocation_key=key) for one in problem.charges))
        (first, second) = share_costs(keyed, plan, None, (), "equal").members
        assert (first.cost_share_minor, first.pays_minor, first.buyers_pay_minor) == (1317, expected, 1317 - expected)
        assert (second.pays_minor, second.buyers_pay_minor) == (1317, 0)


def test_waiting_is_the_members_own_cost_whatever_the_incoterm() -> None:
    problem, plan = two_in_a_container(
        builders.charge("OFR", "container", 1_500, incoterm_stage=IncotermStage.MAIN_CARRIAGE),
        incoterm="FOB",
        delay_cost_ppm_per_day=100_000,
    )
    # A waits 11 days for 1000 x 10 %: 1100; its notional freight is 600 of 1500 (6 of 15 freight tonnes).
    assert plan.cost_minor == 2600
    (first, _) = share_costs(problem, plan, None, (), "equal").members
    assert first.cost_share_minor == 1300
    assert first.pays_minor == round(1300 * Fraction(1100, 1700))


def test_every_incoterm_rule_of_2020_is_known() -> None:
    assert set(SELLER_PAYS) == {"EXW", "FCA", "FAS", "FOB", "CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP"}
    assert all(SELLER_PAYS["FOB"] <= SELLER_PAYS[one] for one in SELLER_PAYS if one != "EXW")


def test_bills_of_lading_cover_containers_together_and_loose_lots_alone() -> None:
    problem, _ = two_in_a_container(builders.charge("BL", "bill_of_lading", 60))
    other = builders.consignment("C-C", "C", litres=500)
    problem = replace(
        problem, members=(*problem.members, builders.Party(id="C")), consignments=(*problem.consignments, other)
    )
    plan = priced(problem, [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B"])], [loose(problem, "S-1", "C-C")])
    lots = travelling_lots(problem, plan)
    covered = [{lot.consignment.id for lot in one.lots} for one in covered_lines(problem, plan, lots)]
    assert covered == [{"C-A", "C-B"}, {"C-C"}]


def test_three_half_containers_are_shared_and_the_empty_core_is_said() -> None:
    problem = builders.three_half_containers()
    plan = priced(
        problem,
        [load(problem, "K-1", "22G1", "S-1", ["C-A", "C-B"]), load(problem, "K-2", "22G1", "S-1", ["C-C"])],
    )
    whole = game(problem, [0, 1000, 1000, 1000, 1000, 1000, 1000, 2000])
    shares = share_costs(problem, plan, whole, (), "nucleolus")
    assert sorted(shares.shares_minor.values()) == [666, 667, 667]
    certificate = certify_shares(whole, shares)
    assert (certificate.in_core, certificate.core_empty) == (Verdict.REFUTED, Verdict.PROVEN)
    assert verify_certificate(certificate, whole) == ()


def test_odd_cents_take_turns_between_shipments() -> None:
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 101))
    first = [share_costs(problem, plan, None, (), "equal", tie_key=f"S-{k}").shares_minor["A"] for k in range(40)]
    assert set(first) == {50, 51}


def test_no_answer_is_an_answer_with_a_reason() -> None:
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_000))
    shares = share_costs(problem, plan, game(problem, [0, 400, 500, 1000]), (), "nucleolus")
    assert (shares.status, shares.reason, shares.members) == (ShareStatus.UNDEFINED, "no_imputations", ())
    assert share_costs(problem, plan, None, (), "shapley").reason == "game_missing"
    worthless = replace(problem, consignments=tuple(replace(one, value_minor=0) for one in problem.consignments))
    assert share_costs(worthless, plan, None, (), "proportional_value").reason == "no_weights"


def test_intervals_are_said_to_be_bounds() -> None:
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_000))
    open_game = CostGame(players=("A", "B"), upper=[0, 600, 1000, 1000], lower=[0, 500, 1000, 1000])
    shares = share_costs(problem, plan, open_game, (), "shapley")
    assert (shares.status, shares.reason) == (ShareStatus.BOUNDED, "open_intervals")


def test_what_does_not_belong_together_is_refused() -> None:
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_000))
    with pytest.raises(ValueError, match="expected players A, B, found A, Z"):
        share_costs(problem, plan, CostGame(players=("A", "Z"), upper=[0, 1, 1, 1]), (), "shapley")
    with pytest.raises(ValueError, match=r"expected one of equal, .*proportional_value, found 'fair'"):
        share_costs(problem, plan, None, (), "fair")
    with pytest.raises(ValueError, match="expected 4 coalitions, found 2"):
        share_costs(problem, plan, game(problem, [0, 600, 1000, 1000]), [0, 1], "shapley")


def test_a_plan_that_carries_nothing_costs_nobody_anything() -> None:
    problem = builders.problem()
    shares = share_costs(problem, priced(problem), None, (), "equal")
    assert (shares.total_minor, shares.members) == (0, ())


def random_shares(seed: int, rule: str) -> tuple[ShipmentPlan, CostGame, CostShares]:
    """Share a random plan under keys drawn at random, with a made-up game above its cost."""
    draw = Random(seed)
    for attempt in range(50):
        problem = builders.random_problem(seed + 1000 * attempt, limits=False)
        plan = random_plan(problem, seed)
        if plan is not None:
            break
    assert plan is not None
    keys = [*AllocationKey, AllocationKey.OPTIMISED, AllocationKey.OPTIMISED]
    charges = [replace(one, allocation_key=draw.choice(keys)) for one in problem.charges]
    incoterms = ["EXW", "FOB", "CFR", "CIF", "DAP", None]
    stages = [*IncotermStage, None]
    problem = replace(
        problem,
        charges=tuple(
            replace(
                one,
                incoterm_stage=draw.choice(stages),
                allocation_key=AllocationKey.VOLUME
                if one.allocation_key is AllocationKey.CONTAINER_USE and one.basis not in ("container", "package")
                else one.allocation_key,
            )
            for one in charges
        ),
        consignments=tuple(replace(one, incoterm=draw.choice(incoterms)) for one in problem.consignments),
    )
    players = tuple(one.id for one in problem.members)
    alone = [draw.randint(plan.cost_minor // 2, plan.cost_minor) for _ in players]
    upper = [
        sum(cost for bit, cost in enumerate(alone) if mask >> bit & 1) * 9 // 10 + plan.cost_minor // 10
        for mask in range(1 << len(players))
    ]
    upper[0], upper[-1] = 0, plan.cost_minor
    made_up = CostGame(players=players, upper=upper)
    return plan, made_up, share_costs(problem, plan, made_up, (), rule, tie_key=str(seed))


REASONS = {
    *((name, "no_imputations") for name in ("nucleolus", "per_capita_nucleolus", "proportional_nucleolus")),
    ("tau", "not_quasi_balanced"),
    ("marginal", "negative_weight"),
    ("marginal", "no_weights"),
    ("proportional_nucleolus", "cost_not_positive"),
    ("equal_profit", "stand_alone_not_positive"),
    ("constrained_egalitarian", "core_empty"),
}
"""Why a rule may have no answer on these plans."""


@pytest.mark.parametrize("rule", PLAN_RULES)
@pytest.mark.parametrize("seed", range(8))
def test_shares_sum_to_the_plans_cost_and_survive_their_certificate(seed: int, rule: str) -> None:
    plan, made_up, shares = random_shares(seed, rule)
    if shares.status is ShareStatus.UNDEFINED:
        assert (rule, shares.reason) in REASONS
        return
    assert sum(shares.shares_minor.values()) == plan.cost_minor == shares.total_minor
    assert sum(shares.exact_shares.values()) == plan.cost_minor
    assert sum(one.direct_minor for one in shares.members) == shares.direct_minor
    for one in shares.members:
        assert one.pays_minor + one.buyers_pay_minor == one.cost_share_minor == one.direct_minor + one.optimised_minor
        assert abs(one.cost_share_minor - one.exact_minor) < 1
        assert sum(line["amount_minor"] for line in one.why["direct_lines"]) == one.direct_minor
        assert one.why["saving_minor"] == one.stand_alone_minor - one.cost_share_minor
        dumps(one.why)
    assert sum(one.why["proportional_volume_minor"] for one in shares.members) == plan.cost_minor
    above = {one.member for one in shares.members if one.why["saving_minor"] < 0}
    assert set(shares.above_stand_alone) == above
    assert verify_certificate(certify_shares(made_up, shares), made_up) == ()
    assert random_shares(seed, rule)[2] == shares


def test_weights_of_the_game_serve_the_rule_that_needs_them_and_no_weights_are_an_answer_with_a_reason() -> None:
    problem, plan = two_in_a_container(builders.charge("OFR", "container", 1_100))
    whole = game(problem, [0, 600, 1_000, 1_100])
    # What the two save together, 500, is shared one to three.
    weighted = share_costs(problem, plan, replace(whole, weights={"A": 1, "B": 3}), (), "weighted_shapley")
    assert weighted.shares_minor == {"A": 600 - 125, "B": 1_000 - 375}
    without = share_costs(problem, plan, whole, (), "weighted_shapley")
    assert (without.status, without.shares_minor) == (ShareStatus.UNDEFINED, {})
    assert share_costs(problem, plan, whole, (), "owen").reason == "no_unions"
