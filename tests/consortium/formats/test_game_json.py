"""Games as JSON: every way of writing a number, every fault by its path."""

import json
from fractions import Fraction
from typing import Any

import jsonschema
import pytest

from consortium.errors import InputError
from consortium.formats.canonical import sha256
from consortium.formats.game_json import game_of, game_schema, game_to_json, read_game_document
from consortium.formats.json_text import parse_json
from tests.consortium.formats.games import AIRPORT, BINS, FIXED, GAME, MAJORITY


def read(document: dict[str, Any]) -> Any:
    return read_game_document(parse_json(json.dumps(document).encode(), "game.json"))


def table(document: dict[str, Any]) -> list[Fraction | int]:
    return list(game_of(read(document)).upper)


def test_numbers_are_read_exactly_whatever_way_they_are_written() -> None:
    assert table(GAME) == [0, 10, Fraction(41, 2), Fraction(49, 2), 7, 12, Fraction(41, 2), 25]
    game = game_of(read(GAME))
    assert (game.kind, game.unions, game.weights["B"]) == ("cost", (("A", "B"), ("C",)), Fraction(3, 2))
    assert game_of(read(MAJORITY)).kind == "value"


def test_formulas_give_their_tables() -> None:
    assert table(AIRPORT) == [0, 12, 20, 20, Fraction(41, 2), Fraction(41, 2), Fraction(41, 2), Fraction(41, 2)]
    assert table(FIXED) == [0, 11, 12, 13, Fraction(21, 2), Fraction(23, 2), Fraction(25, 2), Fraction(27, 2)]
    assert table(BINS) == [0, 100, 100, 100, 100, 100, 200, 200]


def test_intervals_stand_beside_costs_or_in_their_place() -> None:
    document = {**GAME, "intervals": {"B,A": ["24", "49/2"]}}
    game = game_of(read(document))
    assert (game.lower[3], game.upper[3], game.is_exact) == (24, Fraction(49, 2), False)
    only = {key: cost for key, cost in GAME["coalitions"].items() if key != "A,B"}
    assert game_of(read({**document, "coalitions": only})).lower[3] == 24


@pytest.mark.parametrize("document", [GAME, MAJORITY, AIRPORT, FIXED, BINS])
def test_a_game_that_is_written_is_the_same_game_again(document: dict[str, Any]) -> None:
    found = read(document)
    written = game_to_json(found)
    assert read(written) == found
    assert sha256(game_to_json(read(written))) == sha256(written)
    jsonschema.validate(written, game_schema())
    jsonschema.validate(document, game_schema())


def changed(document: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {key: value for key, value in {**document, **values}.items() if value is not None}


def coalition(**values: Any) -> dict[str, Any]:
    coalitions = {**GAME["coalitions"], **{key.replace("_", ","): value for key, value in values.items()}}
    return changed(GAME, coalitions={key: value for key, value in coalitions.items() if value is not None})


FAULTS = {
    "another format": (changed(GAME, format="consortium/plan@1"), "format", "wrong_format"),
    "no kind": (changed(GAME, kind=None), "kind", "missing"),
    "another kind": (changed(GAME, kind="gain"), "kind", "unknown_value"),
    "no players": (changed(GAME, players=[]), "players", "empty_list"),
    "a player twice": (changed(GAME, players=["A", "B", "A"]), "players[2]", "duplicate"),
    "a comma in an id": (changed(GAME, players=["A", "B,C"]), "players[1]", "comma_in_id"),
    "an unknown key": (changed(GAME, player=["A"]), "player", "unknown_key"),
    "no number": (coalition(A="ten"), "coalitions.A", "wrong_number"),
    "a fraction by 0": (coalition(A="1/0"), "coalitions.A", "wrong_number"),
    "an exponent": (coalition(A="1e400"), "coalitions.A", "wrong_number"),
    "true": (coalition(A=True), "coalitions.A", "wrong_number"),
    "a coalition missing": (coalition(A_B=None), 'coalitions."A,B"', "missing"),
    "an unknown player": (coalition(Z=1), "coalitions.Z", "unknown_reference"),
    "a coalition twice": (coalition(B_A=1), 'coalitions."B,A"', "duplicate"),
    "a player twice in a coalition": (coalition(A_A=1), 'coalitions."A,A"', "duplicate"),
    "neither table nor formula": (changed(GAME, coalitions=None), "coalitions", "missing"),
    "table and formula": (changed(GAME, generator=AIRPORT["generator"]), "generator", "duplicate"),
    "an interval turned round": (changed(GAME, intervals={"A": [11, 9]}), "intervals.A", "wrong_pair"),
    "an interval beside its cost": (changed(GAME, intervals={"A": [1, 2]}), "intervals.A", "wrong_pair"),
    "a weight of nobody": (changed(GAME, weights={"Z": 1}), "weights.Z", "unknown_reference"),
    "a union too few": (changed(GAME, unions=[["A"], ["B"]]), "unions", "wrong_key"),
    "a union too many": (changed(GAME, unions=[["A", "B"], ["B", "C"]]), "unions", "wrong_key"),
    "no needs": (changed(AIRPORT, generator={"type": "airport"}), "generator.needs", "missing"),
    "a need too few": (changed(AIRPORT, generator={"type": "airport", "needs": {"A": 1, "B": 2}}),
                       "generator.needs.C", "missing"),
    "a need below 0": (changed(AIRPORT, generator={"type": "airport", "needs": {"A": -1, "B": 2, "C": 1}}),
                       "generator.needs.A", "out_of_range"),
    "another formula": (changed(AIRPORT, generator={"type": "tree"}), "generator.type", "unknown_value"),
    "a capacity of 0": (changed(BINS, generator={**BINS["generator"], "capacity": 0}),
                        "generator.capacity", "out_of_range"),
    "goods that do not fit": (changed(BINS, generator={**BINS["generator"], "capacity": 4}),
                              "generator.sizes.C", "out_of_range"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_is_told_with_its_place(name: str) -> None:
    document, path, code = FAULTS[name]
    with pytest.raises(InputError) as caught:
        game_of(read(document))
    assert (path, code) in {(fault.path, fault.code) for fault in caught.value.faults}


def test_a_table_is_kept_for_twenty_players_and_an_airport_needs_none() -> None:
    players = [f"P{index}" for index in range(21)]
    needs = dict.fromkeys(players, 1)
    document = {**AIRPORT, "players": players, "generator": {"type": "airport", "needs": needs}}
    assert read(document).needs == needs
    with pytest.raises(InputError, match="at most 20"):
        game_of(read(document))


@pytest.mark.parametrize("value", [None, [], "game", 7, {}])
def test_what_is_no_game_at_all_is_refused(value: Any) -> None:
    with pytest.raises(InputError):
        read_game_document(value)
