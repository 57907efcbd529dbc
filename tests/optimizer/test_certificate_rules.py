"""The judge of rules: its own formulas, its own reading of proofs; what it accepts and what it finds."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.allocation.airport import AirportGame, share_airport
from optimizer.allocation.registry import RULES
from optimizer.apportion import round_shares
from optimizer.certificate_airport import AIRPORT_RULES, airport_shares
from optimizer.certificate_levels import PROVEN_RULES, Proof, ProofLevel, check_proof, proof_numbers, proof_of
from optimizer.certificate_rules import FORMULAS, check_rule, is_defined, shares_by_formula, whole_units
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import game_of, random_game, table_game

HALF_CONTAINERS = game_of(3, lambda group: 1000 * -(-len(group) // 2))
THREE = table_game("cost", {"A": 10, "B": 20, "C": 30, "AB": 24, "AC": 33, "BC": 42, "ABC": 45})


def with_input(game: CostGame, seed: int) -> CostGame:
    """Return a game with weights and unions for the rules that need them."""
    cut = 1 + seed % len(game.players)
    unions = tuple(part for part in (game.players[:cut], game.players[cut:]) if part)
    weights = {player: Fraction(1 + (seed + bit) % 3, 2) for bit, player in enumerate(game.players)}
    return replace(game, weights=weights if seed % 2 else {}, unions=unions)


def test_every_rule_of_the_registry_has_a_judge() -> None:
    assert set(FORMULAS) | set(PROVEN_RULES) == set(RULES)


@pytest.mark.parametrize("seed", range(24))
def test_the_judge_agrees_with_every_rule_and_objects_to_other_shares(seed: int) -> None:
    game = with_input(random_game(seed, 1 + seed % 6), seed)
    for kind in ("cost", "value"):
        asked = replace(game, kind=kind)
        for name, rule in RULES.items():
            found = rule.function(asked)
            assert is_defined(name, asked) in (None, bool(found.shares))
            if not found.shares:
                continue
            proof = proof_of(proof_numbers(found.proof)) if found.proof else None
            assert list(check_rule(name, asked, found.shares, proof)) == []
            first, *others = game.players
            if others:
                lie = {**found.shares, first: found.shares[first] + 1, others[0]: found.shares[others[0]] - 1}
                assert list(check_rule(name, asked, lie, proof)) != []


@pytest.mark.parametrize("seed", range(20))
def test_the_proof_of_one_rule_is_none_of_another_rule_with_other_shares(seed: int) -> None:
    game = random_game(seed, 4)
    answers = {name: RULES[name].function(game) for name in PROVEN_RULES}
    for name in PROVEN_RULES:
        for other, found in answers.items():
            if found.shares and answers[name].shares and dict(found.shares) != dict(answers[name].shares):
                assert list(check_rule(name, game, found.shares, found.proof)) != [], (name, other)


def test_a_level_that_is_fixed_without_proof_is_not_believed() -> None:
    # The mistake of Guajardo and Joernsten: fixing what is tight in one optimum. Any point of the least core of this
    # game has the same largest excess, so that a first level alone proves nothing of the point.
    game = table_game("cost", {"A": 10, "B": 10, "C": 10, "AB": 12, "AC": 20, "BC": 20, "ABC": 22})
    honest = RULES["nucleolus"].function(game)
    assert honest.proof is not None
    first = honest.proof.levels[0]
    assert [one.rule for one in check_proof("nucleolus", game, honest.shares, Proof(levels=(first,)))] == ["proof_open"]
    moved = {**honest.shares, "A": honest.shares["A"] + 1, "B": honest.shares["B"] - 1}
    tight = ProofLevel(value=first.value, goals=tuple((group, Fraction(1, 2)) for group in (("A",), ("B",))))
    wrong = list(check_proof("nucleolus", game, moved, Proof(levels=(first, tight))))
    assert wrong


PROOF_LIES: dict[str, Any] = {
    "value": lambda proof: replace(proof, levels=(replace(proof.levels[0], value=7), *proof.levels[1:])),
    "no levels": lambda proof: replace(proof, levels=()),
    "a level left out": lambda proof: replace(proof, levels=proof.levels[1:]),
    "a negative weight": lambda proof: replace(
        proof, levels=(replace(proof.levels[0], goals=((("A",), -1), (("B",), 2))), *proof.levels[1:])
    ),
    "a stranger": lambda proof: replace(proof, levels=(replace(proof.levels[0], goals=((("Z",), 1),)),)),
    "a limit that is none": lambda proof: replace(
        proof, levels=(replace(proof.levels[0], limits=((("A", "B"), 1),)), *proof.levels[1:])
    ),
}


@pytest.mark.parametrize("name", PROOF_LIES)
def test_a_changed_proof_is_refused(name: str) -> None:
    found = RULES["nucleolus"].function(THREE)
    assert list(check_proof("nucleolus", THREE, found.shares, found.proof)) == []
    assert list(check_proof("nucleolus", THREE, found.shares, PROOF_LIES[name](found.proof))) != []


def test_where_the_core_is_empty_the_raised_limits_are_proven_too() -> None:
    found = RULES["equal_profit"].function(HALF_CONTAINERS)
    assert found.proof is not None
    assert found.proof.slack == Fraction(1000, 3)
    assert list(check_proof("equal_profit", HALF_CONTAINERS, found.shares, found.proof)) == []
    for lie in (
        replace(found.proof, slack=400),
        replace(found.proof, slack=0),
        replace(found.proof, slack_weights=()),
        replace(found.proof, slack_weights=((("A", "B"), 1), (("C",), 1))),
    ):
        assert list(check_proof("equal_profit", HALF_CONTAINERS, found.shares, lie)) != []


def test_a_rule_without_answer_or_name_is_told() -> None:
    shares = dict.fromkeys(THREE.players, 15)
    assert [one.rule for one in check_rule("fair", THREE, shares)] == ["rule_unknown"]
    assert [one.rule for one in check_rule("owen", THREE, shares)] == ["rule_undefined"]
    assert [one.rule for one in check_rule("nucleolus", THREE, shares)] == ["proof_missing"]


def test_large_numbers_and_fractions_are_exact() -> None:
    huge = [number * 10**17 + Fraction(1, 7) * bool(number) for number in (0, 3, 4, 6, 5, 7, 8, 9)]
    game = CostGame(players=("A", "B", "C"), upper=huge)
    for name in ("shapley", "nucleolus", "tau", "equal_profit"):
        found = RULES[name].function(game)
        if found.shares:
            assert list(check_rule(name, game, found.shares, found.proof)) == []
            lie = {
                **found.shares,
                "A": found.shares["A"] + Fraction(1, 10**6),
                "B": found.shares["B"] - Fraction(1, 10**6),
            }
            assert list(check_rule(name, game, lie, found.proof)) != []


def test_published_shapley_value_of_an_airport_is_that_of_its_table() -> None:
    needs = {"A": 12, "B": 20, "C": 32}  # Littlechild and Owen 1973: 12/3, then 8/2 more, then 12 more
    assert airport_shares("shapley", needs, {}, ()) == {"A": 4, "B": 8, "C": 20}
    table = game_of(3, lambda group: max(list(needs.values())[bit] for bit in group))
    assert shares_by_formula("shapley", table) == {"A": 4, "B": 8, "C": 20}


needs_of = st.lists(st.fractions(0, 12, max_denominator=3), min_size=1, max_size=7)


@given(needs_of, st.integers(0, 6))
def test_closed_forms_of_airports_are_those_of_the_rules(needs: list[Fraction], cut: int) -> None:
    named = {f"P{index}": need for index, need in enumerate(needs)}
    players = list(named)
    unions = [part for part in (players[: cut % len(players)], players[cut % len(players) :]) if part]
    game = AirportGame(needs=named, weights={}, unions=unions)
    for name in AIRPORT_RULES:
        rule = share_airport(name, game)
        assert airport_shares(name, named, {}, unions) == (dict(rule.shares) or None)


@given(
    st.lists(st.fractions(-50, 50, max_denominator=9), min_size=1, max_size=8),
    st.integers(1, 7),
    st.text(max_size=3),
)
def test_rounding_is_the_same_whoever_works_it_out(shares: list[Fraction], unit: int, tie_key: str) -> None:
    total = round(sum(shares))
    named = {f"P{index}": share for index, share in enumerate(shares)}
    named["rest"] = total - sum(shares)
    assert whole_units(named, total, unit=unit, tie_key=tie_key) == round_shares(
        named, total, unit_minor=unit, tie_key=tie_key
    )
