"""Shares of many members against full tables of the same plans, and lies about their certificate."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from benchmarks.instances import instance
from optimizer.allocation import many_members
from optimizer.allocation.many_members import ManyMembers
from optimizer.allocation.rule import ShareStatus
from optimizer.allocation.shares import share_costs
from optimizer.allocation.stable_total import shortfall
from optimizer.certificate import Verdict, certify
from optimizer.certificate_many import many_certificate, many_numbers
from optimizer.game_generators import bin_packing, fixed_plus
from optimizer.limits import Limits, ignore_progress, never_stop
from optimizer.planning import plan
from optimizer.problem import AllocationKey, ConsolidationProblem, Mode
from optimizer.result import ShipmentPlan
from optimizer.shipment_game import shipment_game
from tests.builders import charge, consignment, departure, problem, settings

LIMITS = Limits(work_limit=2, time_limit_s=600)

SOME = (
    ("A", "NLRTM", 9000), ("B", "NLRTM", 15_000), ("C", "NLRTM", 21_000), ("A", "ESVLC", 12_000),
    ("D", "ESVLC", 8000), ("E", "USMIA", 5000),
)  # fmt: skip
"""Three share one lane, two another, one is alone in a third: whose goods, to where, litres."""


def lanes(**keys: AllocationKey) -> ConsolidationProblem:
    goods = [consignment(f"C-{at}", who, litres=litres, destination=to) for at, (who, to, litres) in enumerate(SOME)]
    sailings = [departure(f"S-{to}", destination=to) for to in dict.fromkeys(to for _, to, _ in SOME)]
    charges = [
        charge("OFR", "container", 150_000, allocation_key=keys.get("freight", AllocationKey.OPTIMISED)),
        charge("STUFF", "cubic_metre", 1100, allocation_key=keys.get("stuffing", AllocationKey.OPTIMISED)),
        charge("DOCS", "member", 2500, allocation_key=keys.get("documents", AllocationKey.OPTIMISED)),
    ]
    return problem(goods, charges, departures=sailings, settings=settings(Mode.FCL))


def members_of(case: ConsolidationProblem, planned: ShipmentPlan, **more: Any) -> ManyMembers:
    return ManyMembers(problem=case, plan=planned, limits=LIMITS, **more)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"stuffing": AllocationKey.VOLUME, "documents": AllocationKey.DIRECT},
        {"freight": AllocationKey.VOLUME},
    ],
    ids=["all optimised", "some direct", "freight by volume"],
)
def test_few_members_get_what_the_full_table_gives_them(keys: dict[str, AllocationKey]) -> None:
    case = lanes(**keys)
    planned = plan(case)
    game = shipment_game(case, planned, limits=LIMITS, seed=0, on_progress=ignore_progress, should_stop=never_stop)
    table = share_costs(case, planned, game.game, game.direct, "shapley")
    many = members_of(case, planned)
    found = many.shares("shapley")
    assert found.exact_shares == table.exact_shares
    assert found.shares_minor == table.shares_minor
    assert [one.stand_alone_minor for one in found.members] == [one.stand_alone_minor for one in table.members]
    certificate, whole = many.certificate(found), certify(game.game, found.shares_minor, planned.cost_minor)
    if whole.in_core is not Verdict.REFUTED:
        assert certificate.verdict.in_core is not Verdict.REFUTED
    assert certificate.verdict.largest_excess <= whole.largest_excess <= certificate.verdict.largest_possible_excess
    alone = many.alone["E"][1]
    assert found.shares_minor["E"] == alone


@pytest.fixture(scope="module")
def planned() -> tuple[ConsolidationProblem, ShipmentPlan]:
    case = instance(23, 1)
    return case, plan(case, limits=LIMITS)


def test_shares_by_prices_charge_no_group_more_than_the_factor_times_its_cost(
    planned: tuple[ConsolidationProblem, ShipmentPlan],
) -> None:
    many = members_of(*planned)
    shares = many.shares("lp_prices")
    assert (shares.status, shares.reason) == (ShareStatus.BOUNDED, "lp_prices")
    assert sum(shares.shares_minor.values()) == planned[1].cost_minor
    found = many.certificate(shares)
    factor = shares.detail["factor"]
    assert found.verdict.largest_factor == pytest.approx(factor, abs=1e-4)
    for coalition, (_, most) in many.known.items():
        assert sum(shares.shares_minor[one] for one in coalition) <= factor * most + len(coalition)
    assert 0 <= found.discount_at_least <= found.discount_at_most
    assert 0 <= found.surcharge_at_least <= found.surcharge_at_most


def test_an_estimate_says_how_sure_it_is_and_a_lie_about_it_changes_what_is_worked_out(
    planned: tuple[ConsolidationProblem, ShipmentPlan], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_members, "MOST_EVALUATIONS", 1000)
    monkeypatch.setattr(many_members, "MOST_SEARCHED", 60)
    many = members_of(*planned)
    shares, again = many.shares("shapley"), members_of(*planned).shares("shapley")
    assert (shares.status, shares.detail["ended_by"]) == (ShareStatus.SAMPLED, "evaluations")
    assert shares.shares_minor == again.shares_minor
    assert sum(shares.exact_shares.values()) == sum(shares.shares_minor.values()) == planned[1].cost_minor
    for one in shares.members:
        assert one.why["standard_error_minor"] == round(shares.standard_errors[one.member])
        assert not {"coalitions", "binding_coalitions", "worst_coalition"} & set(one.why)
    found = many.certificate(shares)
    numbers = many_numbers(found)
    rebuilt = many_certificate(numbers)
    assert many_numbers(rebuilt) == numbers
    assert (rebuilt.verdict.in_core, rebuilt.core_empty) == (found.verdict.in_core, found.core_empty)
    player = many.players[0]
    dear = {**numbers, "prices": {"base": 0, "by_member": dict.fromkeys(many.players, 10**9)}}
    assert many_certificate(dear).verdict.largest_possible_excess != found.verdict.largest_possible_excess
    for wrong in (
        {**numbers, "alone": {}},
        {**numbers, "compared": [[[player, player], 1, 2]]},
        {**numbers, "compared": [[[player], 3, 2]]},
        {**numbers, "compared": [[list(many.players), 1, 2]]},
    ):
        with pytest.raises(ValueError, match="expected"):
            many_certificate(wrong)


def test_rules_that_need_every_group_have_no_answer_and_others_are_none(
    planned: tuple[ConsolidationProblem, ShipmentPlan],
) -> None:
    many = members_of(*planned)
    assert (many.shares("nucleolus").reason, many.shares("nucleolus").members) == ("too_many_members", ())
    assert many.shares("equal").standard_errors == {}
    with pytest.raises(ValueError, match="expected one of"):
        many.shares("fair")


def test_balanced_weights_add_up_what_is_short_and_lies_about_them_are_refused() -> None:
    game = bin_packing(dict.fromkeys("ABC", 5), 10, 1000)
    costs = {frozenset(game.members(mask)): game.upper[mask] for mask in game.proper_coalitions()}
    found = shortfall(game.players, 2000, costs)
    # Any two fit one container: 1500 can be charged in all, or whoever leaves pays a third of 1000.
    assert found.discount == 500
    assert found.surcharge == pytest.approx(1000 / 3)
    calm = fixed_plus(10, {"A": 1, "B": 2, "C": 3})
    costs = {frozenset(calm.members(mask)): calm.upper[mask] for mask in calm.proper_coalitions()}
    found = shortfall(calm.players, 16, costs)
    assert (found.discount, found.weights) == (0, {})
    numbers: dict[str, Any] = {
        "total": 2000, "shares": {"A": 667, "B": 667, "C": 666}, "alone": {one: [1000, 1000] for one in "ABC"},
        "compared": [[list(pair), 1000, 1000] for pair in ("AB", "AC", "BC")],
        "balanced": [[list(pair), "1/2"] for pair in ("AB", "AC", "BC")], "asked": 6,
    }  # fmt: skip
    told = many_certificate(numbers)
    assert (told.discount_at_least, told.core_empty, told.discount_at_most) == (500, Verdict.PROVEN, None)
    for weights in ([["A", "B"], "3/2"], [["A"], 2]), ([["A", "B"], -1],), ([["A", "C", "B"], 1],):
        with pytest.raises(ValueError, match="weights"):
            _ = many_certificate({**numbers, "balanced": list(weights)}).core_empty
    assert replace(told, weights=()).core_empty is Verdict.UNDECIDED
    assert isinstance(told.discount_at_least, Fraction)
