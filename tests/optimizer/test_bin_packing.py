"""Few containers for groups: bounds and packings against a full table, and the judge of shares by packings."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from optimizer.allocation.fixed_plus import FixedPlusGame, share_fixed_plus
from optimizer.allocation.registry import RULES
from optimizer.allocation.rule import ShareStatus
from optimizer.bin_packing import Containers
from optimizer.certificate import Verdict, certify
from optimizer.certificate_formula import judge_containers, judge_fixed_plus
from optimizer.game_generators import bin_packing, fixed_plus


@pytest.mark.parametrize("seed", range(40))
def test_bounds_hold_the_fewest_containers_and_a_search_finds_them(seed: int) -> None:
    draw = Random(seed)
    players, capacity = draw.randint(1, 9), draw.randint(5, 30)
    sizes = {f"P{at}": draw.randint(0, capacity) for at in range(players)}
    game, containers = bin_packing(sizes, capacity, 1), Containers(sizes, capacity)
    marks = (np.arange(1, 1 << players)[:, None] >> np.arange(players) & 1).astype(bool)
    least, most = containers.numbers(marks).T.tolist()
    for mask in range(1, 1 << players):
        assert least[mask - 1] <= game.upper[mask] <= most[mask - 1]
    for mask in draw.sample(range(1, 1 << players), min(12, (1 << players) - 1)):
        found = containers.packing(game.members(mask))
        assert sorted(player for one in found for player in one) == sorted(game.members(mask))
        assert all(sum(sizes[player] for player in one) <= capacity for one in found)
        assert len(found) == game.upper[mask]


def test_packings_refute_and_the_price_of_the_volume_proves() -> None:
    sizes = {"A": 5, "B": 5, "C": 10}
    packings = [[["A", "B"], ["C"]], [["A", "B"]]]
    fair = judge_containers(sizes, 10, 100, {"A": 50, "B": 50, "C": 100}, packings)
    assert (fair.in_core, fair.budget_balanced, fair.largest_excess) == (Verdict.PROVEN, True, 0)
    unfair = judge_containers(sizes, 10, 100, {"A": 60, "B": 60, "C": 80}, packings)
    assert (unfair.in_core, unfair.worst_coalition, unfair.largest_excess) == (Verdict.REFUTED, ("A", "B"), 20)
    for wrong in ([[["A", "B"]]], [[["A", "C"], ["B"]]], [[["A", "B"], ["A"], ["C"]]], []):
        with pytest.raises(ValueError, match="packings"):
            judge_containers(sizes, 10, 100, {"A": 50, "B": 50, "C": 100}, wrong)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("fixed", [0, 10, -4])
def test_closed_forms_of_a_fixed_cost_are_what_the_table_gives(name: str, fixed: int) -> None:
    own = {"A": 12, "B": Fraction(13, 2), "C": 9, "D": 7}
    unions = (("A", "C"), ("B",), ("D",))
    game = FixedPlusGame(fixed=Fraction(fixed), own=own, unions=unions)
    found = share_fixed_plus(name, game)
    if found.reason == "too_many_players":
        return
    table = fixed_plus(fixed, own)
    expected = RULES[name].function(type(table)(players=table.players, upper=table.upper, unions=unions))
    assert (found.status, found.reason) == (expected.status, expected.reason)
    assert found.shares == expected.shares
    if found.status is not ShareStatus.UNDEFINED:
        whole = certify(table, found.shares, game.total)
        judged = judge_fixed_plus(game.fixed, game.own, found.shares)
        assert (judged.largest_excess, judged.in_core) == (whole.largest_excess, whole.in_core)


def test_a_judge_of_a_fixed_cost_finds_the_worst_of_all_coalitions() -> None:
    draw = Random(4)
    for _ in range(200):
        own = {name: draw.randint(0, 9) for name in "ABCDE"}
        shares = {name: draw.randint(-5, 15) for name in own}
        fixed = draw.randint(-5, 20)
        table = fixed_plus(fixed, own)
        whole = certify(table, shares, table.upper[table.grand])
        judged = judge_fixed_plus(fixed, own, shares)
        assert judged.largest_excess == whole.largest_excess
        assert judged.budget_balanced == whole.budget_balanced
        if whole.budget_balanced:
            assert judged.in_core is whole.in_core
