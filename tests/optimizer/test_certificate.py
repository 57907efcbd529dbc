from dataclasses import replace
from fractions import Fraction
from json import dumps, loads
from typing import Any

import pytest

from optimizer.allocation.core import core_evidence
from optimizer.allocation.nucleolus import nucleolus
from optimizer.allocation.shapley import shapley
from optimizer.apportion import round_shares
from optimizer.certificate import Verdict, certificate_numbers, certificate_of, certify, verify_certificate
from optimizer.cost_game import CostGame
from tests.optimizer.allocation.slow import game_of, random_game, table_game

PAIR = table_game("cost", {"A": 10, "B": 10, "AB": 16})
HALF_CONTAINERS = game_of(3, lambda group: 1000 * -(-len(group) // 2))
HALVES = {"AB": Fraction(1, 2), "AC": Fraction(1, 2), "BC": Fraction(1, 2)}


def test_shares_in_the_core_are_proven_to_be() -> None:
    found = certify(PAIR, {"A": 7, "B": 9}, 16)
    assert (found.budget_balanced, found.in_core, found.core_empty) == (True, Verdict.PROVEN, Verdict.REFUTED)
    assert found.individually_rational == {"A": Verdict.PROVEN, "B": Verdict.PROVEN}
    assert (found.largest_excess, found.worst_coalition, found.coalitions_compared) == (-1, ("B",), 2)
    assert [(one.coalition, one.share, one.upper) for one in found.tightest] == [(("B",), 9, 10), (("A",), 7, 10)]


def test_a_coalition_that_pays_too_much_is_named() -> None:
    found = certify(PAIR, {"A": 11, "B": 5}, 16)
    assert (found.in_core, found.worst_coalition, found.largest_excess) == (Verdict.REFUTED, ("A",), 1)
    assert found.individually_rational == {"A": Verdict.REFUTED, "B": Verdict.PROVEN}
    assert found.all_rational is Verdict.REFUTED
    assert found.core_empty is Verdict.UNDECIDED


def test_shares_that_do_not_sum_to_the_total_are_in_no_core() -> None:
    found = certify(PAIR, {"A": 7, "B": 8}, 16)
    assert (found.budget_balanced, found.in_core) == (False, Verdict.REFUTED)
    assert [one.rule for one in verify_certificate(found, PAIR)] == ["budget_balance"]


def test_open_intervals_leave_the_verdict_open() -> None:
    game = CostGame(players=("A", "B"), upper=[0, 10, 10, 16], lower=[0, 10, 8, 16])
    assert certify(game, {"A": 7, "B": 9}, 16).in_core is Verdict.UNDECIDED
    assert certify(game, {"A": 7, "B": 9}, 16).individually_rational["B"] is Verdict.UNDECIDED
    assert certify(game, {"A": 8, "B": 8}, 16).in_core is Verdict.PROVEN
    assert certify(game, {"A": 5, "B": 11}, 16).in_core is Verdict.REFUTED
    assert certify(game, {"A": 7, "B": 9}, 16).largest_possible_excess == 1


def test_gains_are_judged_the_other_way_round() -> None:
    game = table_game("value", {"A": 2, "B": 3, "AB": 10})
    good, bad = certify(game, {"A": 4, "B": 6}, 10), certify(game, {"A": 1, "B": 9}, 10)
    assert (good.in_core, good.largest_excess, good.worst_coalition) == (Verdict.PROVEN, -2, ("A",))
    assert (bad.in_core, bad.largest_excess, bad.worst_coalition) == (Verdict.REFUTED, 1, ("A",))
    assert bad.tightest[0].share == 1


def test_an_empty_core_is_proven_by_balanced_weights() -> None:
    weights = {HALF_CONTAINERS.mask(pair): weight for pair, weight in HALVES.items()}
    found = certify(HALF_CONTAINERS, {"A": 667, "B": 667, "C": 666}, 2000, balanced_weights=weights)
    assert (found.in_core, found.core_empty) == (Verdict.REFUTED, Verdict.PROVEN)
    assert found.balanced_weights == {
        ("A", "B"): Fraction(1, 2),
        ("A", "C"): Fraction(1, 2),
        ("B", "C"): Fraction(1, 2),
    }
    assert verify_certificate(found, HALF_CONTAINERS) == ()


@pytest.mark.parametrize(
    "weights",
    [
        {"AB": Fraction(1, 2), "AC": Fraction(1, 2)},
        {"AB": Fraction(2, 5), "AC": Fraction(1, 2), "BC": Fraction(1, 2)},
        {"A": 1, "B": 1, "C": 1},
        {"ABC": 1},
        {"AB": 1, "C": 2, "AC": -1},
    ],
)
def test_weights_that_prove_nothing_are_left_out(weights: dict[str, Any]) -> None:
    masks = {HALF_CONTAINERS.mask(group): weight for group, weight in weights.items()}
    found = certify(HALF_CONTAINERS, {"A": 667, "B": 667, "C": 666}, 2000, balanced_weights=masks)
    assert (found.core_empty, found.balanced_weights) == (Verdict.UNDECIDED, {})


def test_a_point_of_the_core_refutes_that_it_is_empty() -> None:
    unfair = {"A": 11, "B": 5}
    assert certify(PAIR, unfair, 16, core_point={"A": 8, "B": 8}).core_empty is Verdict.REFUTED
    assert certify(PAIR, unfair, 16, core_point={"A": 8, "B": 7}).core_empty is Verdict.UNDECIDED
    assert certify(PAIR, unfair, 16, core_point={"A": 11, "B": 5}).core_point == {}


def test_rounding_that_breaks_the_core_by_a_unit_is_said() -> None:
    # The core is the single point (2/3, 2/3, 2/3): no whole numbers are in it.
    game = CostGame(
        players=("A", "B", "C"),
        upper=[0, 1, 1, Fraction(4, 3), 1, Fraction(4, 3), Fraction(4, 3), 2],
    )
    exact = dict(nucleolus(game).shares)
    found = certify(game, round_shares(exact, 2), 2, exact_shares=exact)
    assert (found.in_core, found.exact_in_core, found.rounding_units) == (Verdict.REFUTED, Verdict.PROVEN, 1)
    assert found.core_empty is Verdict.REFUTED
    assert certify(game, exact, 2, exact_shares=exact).rounding_units == 0


def test_a_single_member_is_alone_in_its_core() -> None:
    game = CostGame(players=("A",), upper=[0, 7])
    found = certify(game, {"A": 7}, 7)
    assert (found.in_core, found.coalitions_compared, found.worst_coalition) == (Verdict.PROVEN, 0, ())


def test_shares_of_strangers_are_refused() -> None:
    with pytest.raises(ValueError, match="expected A, B, found A, C"):
        certify(PAIR, {"A": 7, "C": 9}, 16)
    stranger = replace(certify(PAIR, {"A": 7, "B": 9}, 16), shares={"A": 7, "C": 9})
    assert [one.rule for one in verify_certificate(stranger, PAIR)] == ["certificate_players"]
    weights = replace(certify(PAIR, {"A": 7, "B": 9}, 16), balanced_weights={("Z",): 1})
    assert [one.rule for one in verify_certificate(weights, PAIR)] == ["certificate_balanced_weights"]


@pytest.mark.parametrize(
    ("field", "lie"),
    [
        ("budget_balanced", False),
        ("in_core", Verdict.REFUTED),
        ("largest_excess", -2),
        ("largest_possible_excess", -2),
        ("worst_coalition", ("A",)),
        ("coalitions_compared", 1),
        ("core_empty", Verdict.PROVEN),
        ("individually_rational", {"A": Verdict.PROVEN, "B": Verdict.REFUTED}),
        ("rounding_units", 1),
        ("tightest", ()),
        ("total", 15),
        ("shares", {"A": 11, "B": 5}),
        ("kind", "value"),
        ("core_point", {"A": 1, "B": 1}),
        ("balanced_weights", {("A",): 1, ("B",): 1}),
    ],
)
def test_every_wrong_claim_is_found(field: str, lie: object) -> None:
    right = certify(PAIR, {"A": 7, "B": 9}, 16)
    assert verify_certificate(right, PAIR) == ()
    assert verify_certificate(replace(right, **{field: lie}), PAIR) != ()


@pytest.mark.parametrize("seed", range(12))
def test_certificates_of_rules_survive_writing_and_verification(seed: int) -> None:
    game = random_game(seed, 3 + seed % 4)
    for rule in (shapley, nucleolus):
        exact = dict(rule(game).shares)
        total = int(game.upper[-1])
        evidence = core_evidence(game)
        found = certify(
            game,
            round_shares(exact, total),
            total,
            exact_shares=exact,
            balanced_weights=evidence.balanced_weights,
            core_point=evidence.core_point,
        )
        assert found.core_empty is (Verdict.PROVEN if evidence.balanced_weights else Verdict.REFUTED)
        written = loads(dumps(certificate_numbers(found)))
        assert certificate_of(written) == found
        assert verify_certificate(certificate_of(written), game) == ()
        if rule is nucleolus and not evidence.balanced_weights:
            assert found.exact_in_core is Verdict.PROVEN
            assert found.in_core is Verdict.PROVEN or found.rounding_units > 0
