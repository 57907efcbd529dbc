"""Stability of shares of many members: what is refuted is refuted by a coalition, what is proven holds for all."""

from fractions import Fraction
from itertools import count
from random import Random

import pytest

from benchmarks.instances import instance
from optimizer.allocation.airport import AirportGame, share_airport
from optimizer.allocation.stability import look_for_coalitions
from optimizer.certificate import Compared, Verdict, certify
from optimizer.certificate_airport import judge_airport
from optimizer.certificate_large import MemberPrices, judge_large
from optimizer.coalition_prices import CoalitionOracle
from optimizer.game_generators import bin_packing, fixed_plus
from optimizer.limits import Limits
from optimizer.planning import plan

SMALL = Limits(work_limit=2, time_limit_s=600)


def oracle_of(game):
    return lambda groups: [(game.lower[game.mask(group)], game.upper[game.mask(group)]) for group in groups]


def test_what_is_found_is_what_the_table_says_and_most_of_what_it_refutes_is_found():
    refuted = found_too = 0
    for seed in range(60):
        draw = Random(seed)
        game = bin_packing({f"P{at}": draw.randint(1, 9) for at in range(7)}, 10, 100)
        total = game.upper[game.grand]
        cuts = sorted(draw.randint(0, total) for _ in range(6))
        shares = {one: b - a for one, a, b in zip(game.players, [0, *cuts], [*cuts, total], strict=True)}
        found = look_for_coalitions(shares, total, oracle_of(game), most_coalitions=60)
        table = certify(game, shares, total)
        assert found.asked <= 60
        assert found.verdict.largest_excess <= table.largest_excess
        if found.verdict.in_core is Verdict.REFUTED:
            named = found.verdict.worst_coalition
            assert sum(shares[one] for one in named) - game.cost(named) == found.verdict.largest_excess > 0
        assert found.verdict.in_core is not Verdict.PROVEN
        refuted += table.in_core is Verdict.REFUTED
        found_too += found.verdict.in_core is Verdict.REFUTED
    assert refuted >= 40
    assert found_too >= 0.95 * refuted


def test_a_hundred_aircraft_that_share_by_head_are_refuted_and_by_section_are_not():
    needs = {f"P{at}": Fraction(at % 17 + 1) for at in range(100)}

    def price(groups):
        return [(max(needs[one] for one in group),) * 2 for group in groups]

    equal = dict.fromkeys(needs, Fraction(17, 100))
    by_section = share_airport("shapley", AirportGame(needs=needs)).shares
    uneven = {one: share + (1 if one == "P0" else -1 if one == "P16" else 0) for one, share in by_section.items()}
    for shares in (equal, by_section, uneven):
        found = look_for_coalitions(shares, 17, price)
        expected = Verdict.UNDECIDED if judge_airport(needs, shares).in_core else Verdict.REFUTED
        assert found.verdict.in_core is expected


def test_prices_prove_where_they_sum_to_the_cost_and_bound_every_excess_where_they_do_not():
    own = {f"P{at}": at + 3 for at in range(9)}
    for fixed in (0, 10):
        game = fixed_plus(fixed, own)
        total = game.upper[game.grand]
        shares = {one: cost + Fraction(fixed, 9) for one, cost in own.items()}
        prices = MemberPrices(base=0, prices=own)
        found = look_for_coalitions(shares, total, oracle_of(game), prices=prices).verdict
        assert found.in_core is (Verdict.UNDECIDED if fixed else Verdict.PROVEN)
        assert found.largest_excess <= certify(game, shares, total).largest_excess <= found.largest_possible_excess
        factor = max(share / own[one] for one, share in shares.items())
        assert found.largest_factor == pytest.approx(float(factor))


def test_a_lie_about_a_coalition_or_the_total_changes_the_verdict_only_by_its_numbers():
    shares = {"A": 5, "B": 3}
    own = MemberPrices(base=0, prices={"A": 5, "B": 3})
    assert judge_large(shares, 8, [], own).in_core is Verdict.PROVEN
    assert judge_large(shares, 9, [], own).in_core is Verdict.REFUTED
    # What a coalition is charged is added up anew, whatever was written down.
    written = Compared(coalition=("A",), share=1, lower=4, upper=4)
    assert judge_large(shares, 8, [written]).in_core is Verdict.REFUTED
    assert judge_large(shares, 8, [written]).largest_excess == 1
    based = MemberPrices(base=-2, prices={"A": 7, "B": 6})
    found = judge_large(shares, 8, [], based)
    assert (found.largest_possible_excess, found.in_core, found.largest_factor) == (0, Verdict.PROVEN, 1.0)
    assert judge_large(shares, 8, [], MemberPrices(base=0, prices={"A": 5, "B": 0})).largest_factor is None
    for wrong in ([Compared(coalition=("C",), share=1, lower=1, upper=1)],):
        with pytest.raises(ValueError, match="found C"):
            judge_large(shares, 8, wrong)
    with pytest.raises(ValueError, match="expected A, B, found A"):
        judge_large(shares, 8, [], MemberPrices(base=0, prices={"A": 1}))


def test_a_stop_and_the_most_coalitions_are_kept_to():
    game = fixed_plus(5, {f"P{at}": at for at in range(9)})
    shares = dict.fromkeys(game.players, Fraction(game.upper[game.grand], 9))
    asked = count()
    found = look_for_coalitions(shares, game.upper[game.grand], oracle_of(game), should_stop=lambda: next(asked) > 0)
    assert found.asked == 9
    assert look_for_coalitions(shares, 1, oracle_of(game), most_coalitions=4).asked == 4
    none = look_for_coalitions(shares, game.upper[game.grand], oracle_of(game), should_stop=lambda: True)
    assert (none.asked, none.verdict.in_core, none.verdict.largest_excess) == (0, Verdict.UNDECIDED, None)


def test_prices_of_members_are_never_above_what_a_coalition_pays():
    case = instance(8, 2)
    planned = plan(case, limits=SMALL)
    oracle = CoalitionOracle(case, planned, limits=SMALL)
    prices = oracle.member_prices()
    assert prices.base <= 0
    draw = Random(2)
    groups = [[one for one in oracle.players if draw.random() < 0.5] for _ in range(60)] + [oracle.players]
    for group, found in zip(groups, oracle.price(groups), strict=True):
        assert prices.base + sum(prices.prices[one] for one in group) <= found.lower_minor
    everybody = prices.base + sum(prices.prices.values())
    assert everybody > Fraction(9, 10) * oracle.price([oracle.players])[0].lower_minor
    # Shares in proportion to the prices: nobody pays more than the part that the prices miss of the cost.
    total = planned.cost_minor
    whole = sum(prices.prices.values())
    shares = {one: total * price / whole for one, price in prices.prices.items()}

    def price(asked):
        return [(found.lower_minor, found.upper_minor) for found in oracle.price(asked)]

    found = look_for_coalitions(shares, total, price, prices=prices, most_coalitions=200)
    assert found.verdict.largest_excess <= found.verdict.largest_possible_excess
    assert found.verdict.largest_factor == pytest.approx(float(total / whole), rel=1e-5)


def test_separate_parts_add_up_to_the_whole():
    case = instance(20, 1)
    planned = plan(case, limits=Limits(work_limit=0.5, time_limit_s=600))
    oracle = CoalitionOracle(case, planned, limits=Limits(work_limit=0.5, time_limit_s=600))
    parts = oracle.parts()
    assert len(parts) > 1
    assert all(len(one.players) < len(oracle.players) for one in parts)
    assert sum(one.total_minor for one in parts) == planned.cost_minor
    draw = Random(1)
    groups = [[one for one in oracle.players if draw.random() < 0.5] for _ in range(20)]
    whole = oracle.price(groups)
    found = [one.oracle.price(groups) for one in parts]
    for at, interval in enumerate(whole):
        assert interval.upper_minor == sum(one[at].upper_minor for one in found)
        assert interval.lower_minor >= sum(one[at].lower_minor for one in found)
    game = parts[0]
    stranger = next(one for one in oracle.players if one not in game.players)
    assert game.oracle.price([[stranger]])[0].upper_minor == 0
