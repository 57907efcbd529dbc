"""Closed forms of airport games against the whole table, and their judge against the judge of tables."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from optimizer.allocation.airport import AirportGame, share_airport
from optimizer.allocation.registry import RULES
from optimizer.allocation.rule import ShareStatus
from optimizer.certificate import Verdict, certify
from optimizer.certificate_airport import judge_airport
from optimizer.game_generators import airport, bin_packing, fixed_plus

CLOSED = [name for name in RULES if share_airport(name, AirportGame(needs={"A": Fraction(1)}, unions=(("A",),))).shares]


def needs_of(seed: int) -> dict[str, Fraction]:
    draw = Random(seed)
    return {f"P{index}": Fraction(draw.randint(0, 12)) for index in range(draw.randint(1, 6))}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms_give_what_the_whole_table_gives(name: str) -> None:
    for seed in range(40):
        needs = needs_of(seed)
        unions = tuple(part for part in (tuple(needs)[::2], tuple(needs)[1::2]) if part)
        table = replace(airport(needs), unions=unions)
        closed, whole = share_airport(name, AirportGame(needs=needs, unions=unions)), RULES[name].function(table)
        assert (closed.shares, closed.status) == (whole.shares, whole.status), seed


def test_most_rules_have_a_closed_form_and_the_others_say_that_they_have_none() -> None:
    assert len(CLOSED) >= 12
    for name in set(RULES) - set(CLOSED):
        found = share_airport(name, AirportGame(needs=needs_of(5)))
        assert (found.status, found.reason) == (ShareStatus.UNDEFINED, "too_many_players")


def test_a_hundred_aircraft_share_their_runway() -> None:
    needs = {f"P{index}": Fraction(index % 17 + 1) for index in range(100)}
    for name in ("shapley", "nucleolus", "constrained_egalitarian", "tau"):
        shares = share_airport(name, AirportGame(needs=needs)).shares
        assert sum(shares.values()) == 17
        assert judge_airport(needs, shares).in_core


def test_the_judge_of_airports_agrees_with_the_judge_of_tables() -> None:
    for seed in range(60):
        draw, needs = Random(seed), needs_of(seed)
        shares = {player: Fraction(draw.randint(-3, 9)) for player in needs}
        if seed % 2:
            shares = dict(share_airport("shapley", AirportGame(needs=needs)).shares)
        found, whole = judge_airport(needs, shares), certify(airport(needs), shares, max(needs.values()))
        assert found.largest_excess == whole.largest_excess
        assert found.budget_balanced == whole.budget_balanced
        assert found.in_core == (whole.in_core is Verdict.PROVEN)
        assert found.individually_rational == (whole.all_rational is Verdict.PROVEN)
        if len(needs) > 1:
            group = found.worst_coalition
            assert 0 < len(group) < len(needs)
            assert sum(shares[one] for one in group) - max(needs[one] for one in group) == found.largest_excess


def test_a_fixed_cost_is_paid_once_by_every_coalition() -> None:
    game = fixed_plus(10, {"A": 1, "B": Fraction(1, 2)})
    assert list(game.upper) == [0, 11, Fraction(21, 2), Fraction(23, 2)]


def test_goods_are_packed_into_the_fewest_containers() -> None:
    draw = Random(0)
    for _ in range(10):
        sizes = {name: draw.randint(0, 9) for name in "ABCDEF"}
        game = bin_packing(sizes, 9, 100)
        assert game.upper[-1] == 100 * fewest(list(sizes.values()), 9)


def fewest(sizes: list[int], capacity: int) -> int:
    """Return the fewest containers by trying every place of every size; goods of no size take a container too."""
    best = len(sizes)

    def place(rest: list[int], loads: list[int]) -> None:
        nonlocal best
        if len(loads) >= best:
            return
        if not rest:
            best = len(loads)
            return
        for index, load in enumerate(loads):
            if load + rest[0] <= capacity:
                place(rest[1:], [*loads[:index], load + rest[0], *loads[index + 1 :]])
        place(rest[1:], [*loads, rest[0]])

    place(sorted(sizes, reverse=True), [])
    return best
