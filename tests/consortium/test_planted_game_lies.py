"""Lies planted in the shares of a game, its own verdict rebuilt around them: `consortium verify` finds each."""

import json
from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from consortium.cli import main
from consortium.errors import InputError
from consortium.formats.allocation_json import decimal, game_of
from consortium.formats.game_answer_json import properties_of_game
from consortium.formats.game_json import read_game_document
from consortium.formats.json_text import parse_json
from consortium.game_sharing import GameSharing
from consortium.texts import LANGUAGES, translate
from consortium.violation_texts import MEANINGS
from optimizer.certificate import certificate_numbers, certify
from tests.consortium.formats.files import write_json
from tests.consortium.formats.games import GAME, MAJORITY

Output = pytest.CaptureFixture[str]
Json = dict[str, Any]


def shared(method: str, game: Json = GAME) -> Json:
    """Return the honest shares of a game, as a file holds them."""
    sharing = GameSharing(
        found=read_game_document(parse_json(json.dumps(game).encode(), "game")), unit_minor=1, tie_key="0"
    )
    found: Json = json.loads(json.dumps(sharing.document(method)))
    return found


def rebuilt(one: Json) -> Json:
    """Write decimals, verdict and properties anew from shares and groups, as the program would."""
    game = game_of(one["certificate"]["coalitions"], one["certificate"]["kind"])
    exact = {player: Fraction(share) for player, share in one["shares"].items()}
    point = {player: Fraction(share) for player, share in one["certificate"]["core_point"].items()}
    weights = {game.mask(row["coalition"]): Fraction(row["weight"]) for row in one["certificate"]["balanced_weights"]}
    total = Fraction(one["certificate"]["total"])
    found = certify(game, exact, total, core_point=point, balanced_weights=weights)
    one["certificate"] |= certificate_numbers(found)
    one["properties"] = properties_of_game(found, game)
    one["shares_decimal"] = {player: decimal(share) for player, share in exact.items()}
    return one


def moved(one: Json, amount: Fraction, *, in_units: int = 0) -> Json:
    """Move an amount from A to B wherever it stands."""
    for player, sign in (("A", -1), ("B", 1)):
        one["shares"][player] = str(Fraction(one["shares"][player]) + sign * amount)
        one["shares_minor"][player] += sign * in_units
    return rebuilt(one)


def odd_unit(one: Json) -> Json:
    missing = {player: amount - Fraction(one["shares"][player]) for player, amount in one["shares_minor"].items()}
    giver, taker = max(missing, key=missing.__getitem__), min(missing, key=missing.__getitem__)
    one["shares_minor"][giver] -= 1
    one["shares_minor"][taker] += 1
    return one


def renamed(one: Json, method: str) -> Json:
    one["method"] = one["certificate"]["rule"] = method
    return one


def swapped(one: Json) -> Json:
    names = {"A": "B", "B": "A"}
    for key in ("shares", "shares_minor"):
        one[key] = {names.get(player, player): value for player, value in one[key].items()}
    return rebuilt(one)


def changed(one: Json, path: str, value: Any) -> Json:
    *keys, last = path.split("/")
    place = one
    for key in keys:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return one


def dearer(one: Json) -> Json:
    one["certificate"]["coalitions"]["A,B"] = "51/2"
    return rebuilt(one)


def estimated(one: Json, **changes: Any) -> Json:
    """Return shares as an estimate states them."""
    return one | {"status": "sampled", "standard_errors": {"A": 0.1, "B": 0.1, "C": 0.1}} | changes


def without_tie(one: Json) -> Json:
    """Round as if it had been another player's turn: the tie key is another."""
    one["certificate"]["tie_key"] = "another"
    return odd_unit(one)


def undefined(method: str) -> Json:
    one = shared(method)
    kept = {key: one[key] for key in ("format", "method", "game_sha256")}
    return kept | {"status": "undefined", "reason": "no_imputations", "properties": {"core_empty": "refuted"}}


HONEST: dict[str, Callable[[], Json]] = {
    **{method: (lambda method=method: shared(method)) for method in ("shapley", "nucleolus", "owen", "tau", "scrb")},
    "weighted_shapley": lambda: shared("weighted_shapley"),
    "equal_profit": lambda: shared("equal_profit"),
    "an estimate": lambda: moved(estimated(shared("shapley")), Fraction(1, 8)),
}

LIES: dict[str, tuple[Callable[[], Json], str]] = {
    "a unit moved": (lambda: moved(shared("shapley"), Fraction(0), in_units=1), "allocation_rounding"),
    "the odd unit given to another": (lambda: odd_unit(shared("shapley")), "allocation_rounding"),
    "an amount moved": (lambda: moved(shared("shapley"), Fraction(1)), "rule_shares"),
    "an amount moved from a nucleolus": (lambda: moved(shared("nucleolus"), Fraction(1, 9)), "proof_"),
    "two players swapped": (lambda: swapped(shared("shapley")), "rule_shares"),
    "a player left out": (lambda: changed(shared("shapley"), "shares/A", None), "certificate_of_others"),
    "another rule's shares": (lambda: renamed(shared("nucleolus"), "shapley"), "rule_shares"),
    "another rule's name": (lambda: renamed(shared("shapley"), "nucleolus"), "proof_missing"),
    "another rule's proof": (lambda: renamed(shared("proportional_nucleolus"), "nucleolus"), "proof_"),
    "a rule that there is not": (lambda: renamed(shared("shapley"), "fair"), "rule_unknown"),
    "a rule in the certificate": (lambda: changed(shared("shapley"), "certificate/rule", "tau"), "rule_name"),
    "another version": (lambda: changed(shared("shapley"), "certificate/rule_version", 9), "rule_version"),
    "other weights": (lambda: changed(shared("weighted_shapley"), "certificate/weights/A", 5), "rule_"),
    "other unions": (lambda: changed(shared("owen"), "certificate/unions", [["A"], ["B", "C"]]), "rule_"),
    "a group left out": (lambda: changed(shared("tau"), "certificate/coalitions/A,B", None), "certificate_readable"),
    "a group made dearer": (lambda: dearer(shared("shapley")), "certificate_coalitions"),
    "an edited total": (lambda: changed(shared("shapley"), "certificate/total", 26), "certificate_of_others"),
    "a decimal": (lambda: changed(shared("shapley"), "shares_decimal/A", "5.0000"), "allocation_decimal"),
    "a verdict turned": (lambda: changed(shared("shapley"), "properties/in_core", "undecided"), "properties"),
    "the excess": (lambda: changed(shared("shapley"), "properties/largest_excess", "-7"), "properties"),
    "an estimate passed off as exact": (
        lambda: moved(shared("shapley"), Fraction(1, 8)),
        "rule_shares",
    ),
    "errors beside exact shares": (
        lambda: changed(shared("shapley"), "standard_errors", {"A": 0.1}),
        "standard_errors",
    ),
    "an estimate without an error": (
        lambda: estimated(shared("shapley"), standard_errors={"A": 0.1, "B": 0.1}),
        "standard_errors",
    ),
    "a negative error": (
        lambda: estimated(shared("shapley"), standard_errors={"A": -0.1, "B": 0.1, "C": 0.1}),
        "standard_errors",
    ),
    "an estimate far from the truth": (lambda: moved(estimated(shared("shapley")), Fraction(4)), "sampled_far"),
    "an estimate of another rule": (lambda: estimated(renamed(shared("tau"), "tau")), "standard_errors"),
    "an answer kept back": (lambda: undefined("shapley"), "rule_defined"),
    "a nucleolus kept back": (lambda: undefined("nucleolus"), "rule_defined"),
    "shares of another game": (lambda: changed(shared("shapley"), "game_sha256", "0" * 64), "game_sha256"),
}


def judged(
    document: Json, folder: Path, capsys: Output, language: str = "en", *, with_game: bool = True
) -> tuple[int, str]:
    paths = [write_json(folder / "answer.json", document)]
    if with_game:
        paths.append(write_json(folder / "game.json", GAME))
    capsys.readouterr()
    status = main(["verify", *map(str, paths), "--lang", language])
    said = capsys.readouterr()
    return status, said.out + said.err


@pytest.mark.parametrize("with_game", [True, False])
@pytest.mark.parametrize("name", HONEST)
def test_honest_shares_are_accepted(name: str, with_game: bool, tmp_path: Path, capsys: Output) -> None:
    status, said = judged(HONEST[name](), tmp_path, capsys, with_game=with_game)
    assert status == 0, said


@pytest.mark.parametrize("name", LIES)
def test_a_planted_lie_is_found_and_told_in_every_language(name: str, tmp_path: Path, capsys: Output) -> None:
    lie, rule = LIES[name]
    document = lie()
    for language in LANGUAGES:
        status, said = judged(document, tmp_path, capsys, language)
        assert status == 4, said
        assert rule in said
        assert any(translate(language).gettext(text) in said for text in MEANINGS.values())


def test_a_lie_is_found_without_the_game_too(tmp_path: Path, capsys: Output) -> None:
    for name in (
        "a group made dearer",
        "another rule's shares",
        "another rule's proof",
        "a unit moved",
        "two players swapped",
    ):
        status, said = judged(LIES[name][0](), tmp_path, capsys, with_game=False)
        assert status == 4, said


def test_shares_where_the_rule_has_no_answer_are_refused(tmp_path: Path, capsys: Output) -> None:
    document = renamed(shared("equal", MAJORITY), "tau")
    status, said = judged(document, tmp_path, capsys, with_game=False)
    assert (status, "rule_" in said) == (4, True)


def test_a_proof_that_cannot_be_read_is_no_crash(tmp_path: Path, capsys: Output) -> None:
    for spoiled in ("x", {}, {"levels": [1]}, {"levels": [{"value": "1/0", "goals": []}]}, {"levels": [{}]}):
        document = changed(shared("nucleolus"), "certificate/proof", spoiled)
        status, said = judged(deepcopy(document), tmp_path, capsys)
        assert (status, "certificate_readable" in said) == (4, True), said


def test_the_total_must_be_whole_to_be_rounded() -> None:
    with pytest.raises(InputError):
        shared("shapley", GAME | {"coalitions": GAME["coalitions"] | {"A,B,C": "51/2"}})
