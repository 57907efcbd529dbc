"""`consortium allocate`, and `consortium verify` for its answers: statuses, streams, files, planted lies."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from consortium.cli import main
from consortium.formats.allocation_json import allocation_schema
from consortium.formats.game_answer_json import allocations_schema
from consortium.formats.game_json import read_game_document
from consortium.game_sharing import GameSharing
from optimizer.allocation.registry import RULES
from tests.consortium.formats.files import write_json
from tests.consortium.formats.games import AIRPORT, BINS, FIXED, GAME, MAJORITY

Output = pytest.CaptureFixture[str]


def run(*arguments: str | Path) -> int:
    return main([str(one) for one in arguments])


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_json(tmp_path / "game.json", GAME)


def answered(source: Path, capsys: Output, *arguments: str | Path, status: int = 0) -> Any:
    capsys.readouterr()
    assert run("allocate", source, "--json", *arguments) == status
    return json.loads(capsys.readouterr().out)


def test_one_method_gives_one_allocation(source: Path, capsys: Output) -> None:
    found = answered(source, capsys, "--method", "nucleolus")
    jsonschema.validate(found, allocation_schema())
    assert (found["format"], found["method"], found["status"]) == ("consortium/allocation@1", "nucleolus", "exact")
    assert sum(Fraction(share) for share in found["shares"].values()) == 25
    properties = found["properties"]
    assert (properties["budget_balanced"], properties["individually_rational"]) == (True, True)
    assert (properties["in_core"], properties["core_empty"]) == ("proven", "refuted")
    excess = sum(Fraction(found["shares"][player]) for player in properties["worst_coalition"])
    key = ",".join(properties["worst_coalition"])
    assert excess - Fraction(found["certificate"]["coalitions"][key]) == Fraction(properties["largest_excess"])


def test_all_methods_are_those_whose_input_is_there(source: Path, tmp_path: Path, capsys: Output) -> None:
    found = answered(source, capsys, "--method", "all")
    jsonschema.validate(found, allocations_schema())
    assert [one["method"] for one in found["allocations"]] == list(RULES)
    bare = write_json(tmp_path / "bare.json", MAJORITY)
    found = answered(bare, capsys, "--method", "all")
    named = [one["method"] for one in found["allocations"]]
    assert named == [name for name, one in RULES.items() if not one.requires]
    by_name = {one["method"]: one for one in found["allocations"]}
    assert (by_name["tau"]["status"], by_name["tau"]["reason"]) == ("undefined", "not_quasi_balanced")
    assert {one["properties"]["core_empty"] for one in found["allocations"]} == {"proven"}


def test_several_methods_come_in_the_order_asked(source: Path, capsys: Output) -> None:
    found = answered(source, capsys, "--method", "tau,equal")
    assert [one["method"] for one in found["allocations"]] == ["tau", "equal"]


def test_no_answer_is_status_3_only_where_it_is_the_only_one(tmp_path: Path, capsys: Output) -> None:
    source = write_json(tmp_path / "game.json", MAJORITY)
    found = answered(source, capsys, "--method", "tau", status=3)
    assert (found["status"], found["reason"]) == ("undefined", "not_quasi_balanced")
    assert "shares" not in found
    answered(source, capsys, "--method", "tau,equal", status=0)


@pytest.mark.parametrize(
    ("method", "told"),
    [("fair", 'found "fair"'), ("owen", "what owen needs"), ("weighted_shapley", "what weighted_shapley needs")],
)
def test_a_method_that_there_is_not_or_that_lacks_its_input_is_status_2(
    method: str, told: str, tmp_path: Path, capsys: Output
) -> None:
    source = write_json(tmp_path / "game.json", MAJORITY)
    assert run("allocate", source, "--method", method, "--lang", "en") == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.out == ""


def test_a_wrong_game_is_told_fault_by_fault_and_nothing_is_written(tmp_path: Path, capsys: Output) -> None:
    coalitions = {key: cost for key, cost in GAME["coalitions"].items() if key not in ("A", "B,C")}
    source = write_json(tmp_path / "game.json", {**GAME, "coalitions": coalitions})
    assert run("allocate", source, "--out", tmp_path / "out", "--lang", "es") == 2
    said = capsys.readouterr().err
    assert "coalitions.A: falta" in said
    assert 'coalitions."B,C": falta' in said
    assert not (tmp_path / "out").exists()


def test_units_are_rounded_so_that_the_sum_is_exact(source: Path, capsys: Output) -> None:
    found = answered(source, capsys, "--method", "all", "--unit-minor", "2")
    for one in found["allocations"]:
        rounded = one.get("shares_minor", {})
        if "shares" not in one:
            continue
        assert sum(rounded.values()) == 25
        assert sum(amount % 2 != 0 for amount in rounded.values()) == 1
        assert all(abs(Fraction(one["shares"][player]) - amount) < 2 for player, amount in rounded.items())


def test_a_total_that_is_no_whole_number_cannot_be_rounded(tmp_path: Path, capsys: Output) -> None:
    source = write_json(tmp_path / "game.json", {**GAME, "coalitions": {**GAME["coalitions"], "A,B,C": "51/2"}})
    assert run("allocate", source, "--unit-minor", "1") == 2
    assert "--unit-minor" in capsys.readouterr().err


def test_the_odd_unit_is_another_player_s_turn_under_another_seed(tmp_path: Path, capsys: Output) -> None:
    coalitions = {**MAJORITY["coalitions"], "A,B,C": 100}
    source = write_json(tmp_path / "game.json", {**MAJORITY, "coalitions": coalitions})
    turns = set()
    for seed in range(12):
        rounded = answered(source, capsys, "--unit-minor", "1", "--seed", str(seed))["shares_minor"]
        turns.add(max(rounded, key=rounded.__getitem__))
    assert turns == {"A", "B", "C"}


def test_a_table_says_what_the_document_says(source: Path, capsys: Output) -> None:
    assert run("allocate", source, "--method", "nucleolus,tau", "--unit-minor", "1", "--lang", "en") == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "Core empty: no, refuted" in lines
    assert "nucleolus: exact" in lines
    assert "player share exactly rounded" in lines


def test_rules_that_look_at_marginal_costs_warn_where_containers_are_whole(tmp_path: Path, capsys: Output) -> None:
    sizes = dict.fromkeys("ABC", 1)
    bins = {**BINS, "generator": {**BINS["generator"], "sizes": sizes, "capacity": 4}}
    source = write_json(tmp_path / "game.json", bins)
    assert run("allocate", source, "--method", "all", "--lang", "en") == 0
    said = capsys.readouterr().err
    for name, rule in RULES.items():
        assert (f"{name} looks at marginal costs only" in said) == (rule.degenerates and name != "marginal")


def test_an_airport_of_a_hundred_players_is_shared_and_verified(tmp_path: Path, capsys: Output) -> None:
    needs = {f"P{index}": (index * 37) % 101 for index in range(100)}
    game = {**AIRPORT, "players": list(needs), "generator": {"type": "airport", "needs": needs}}
    source, out = write_json(tmp_path / "game.json", game), tmp_path / "out"
    found = answered(source, capsys, "--method", "shapley,nucleolus,equal_profit", "--out", out)
    shapley, nucleolus, equal_profit = found["allocations"]
    assert shapley["properties"]["in_core"] == nucleolus["properties"]["in_core"] == "proven"
    assert (equal_profit["status"], equal_profit["reason"]) == ("undefined", "too_many_players")
    assert run("verify", out / "allocations.json") == 0
    shapley["properties"]["largest_excess"] = "-1"
    assert run("verify", write_json(tmp_path / "lie.json", found)) == 4


@pytest.fixture
def files(source: Path, tmp_path: Path) -> Path:
    out = tmp_path / "out"
    assert run("allocate", source, "--method", "shapley", "--unit-minor", "1", "--out", out) == 0
    return out


def test_answers_are_verified_alone_and_beside_their_game(files: Path, capsys: Output) -> None:
    assert run("verify", files / "allocation.json") == 0
    assert run("verify", files / "allocation.json", files / "game.json", "--lang", "en") == 0
    assert "no violation found (consortium/allocation@1)" in capsys.readouterr().out


def test_without_a_table_the_judge_asks_for_the_game(tmp_path: Path) -> None:
    players = [f"P{index}" for index in range(11)]
    generator = {"type": "fixed_plus", "fixed": 10, "costs": dict.fromkeys(players, 1)}
    game = {**BINS, "players": players, "generator": generator}
    out = tmp_path / "out"
    assert run("allocate", write_json(tmp_path / "source.json", game), "--out", out) == 0
    assert "coalitions" not in json.loads((out / "allocation.json").read_text())["certificate"]
    assert run("verify", out / "allocation.json") == 0
    (out / "game.json").unlink()
    assert run("verify", out / "allocation.json") == 2


def lie(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy with another value at a path of keys."""
    changed = json.loads(json.dumps(document))
    *keys, last = path.split("/")
    place = changed
    for key in keys:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return changed


LIES = {
    "a share": ("shares/A", "11/2"),
    "a decimal": ("shares_decimal/A", "5.0000"),
    "a unit moved": ("shares_minor/A", 99),
    "a player left out": ("shares_minor/A", None),
    "a cost of the table": ("certificate/coalitions/A,B", 26),
    "a coalition left out": ("certificate/coalitions/A,B", None),
    "the certificate's total": ("certificate/total", 26),
    "the certificate's share": ("certificate/shares/A", "11/2"),
    "the verdict": ("properties/in_core", "undecided"),
    "the core": ("properties/core_empty", "proven"),
    "the excess": ("properties/largest_excess", "-7"),
    "the worst coalition": ("properties/worst_coalition", ["A"]),
    "the game": ("game_sha256", "0" * 64),
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_is_found(name: str, files: Path, tmp_path: Path, capsys: Output) -> None:
    path, value = LIES[name]
    document = json.loads((files / "allocation.json").read_text(encoding="utf-8"))
    planted = write_json(tmp_path / "lie.json", lie(document, path, value))
    assert run("verify", planted, files / "game.json") == 4, capsys.readouterr().out


def near(found: Any, expected: dict[str, Fraction], errors: float = 5.0) -> bool:
    return all(
        abs(Fraction(found["shares"][player]) - share) <= Fraction(errors * found["standard_errors"][player])
        for player, share in expected.items()
    )


@pytest.mark.parametrize(
    "game", [GAME, MAJORITY, AIRPORT, FIXED, BINS], ids=["table", "value", "airport", "fixed", "bins"]
)
def test_samples_force_an_estimate_with_an_error_for_every_player(
    game: dict[str, Any], tmp_path: Path, capsys: Output
) -> None:
    source = write_json(tmp_path / "game.json", game)
    exact = answered(source, capsys)
    found = answered(source, capsys, "--samples", "50", "--seed", "3")
    jsonschema.validate(found, allocation_schema())
    assert found["status"] == "sampled"
    assert list(found["standard_errors"]) == game["players"]
    assert sum(map(Fraction, found["shares"].values())) == sum(map(Fraction, exact["shares"].values()))
    assert near(found, {player: Fraction(share) for player, share in exact["shares"].items()})
    assert {**answered(source, capsys, "--samples", "50", "--seed", "3"), "times": {}} == {**found, "times": {}}


def test_samples_are_for_shapley_alone(source: Path, capsys: Output) -> None:
    found = answered(source, capsys, "--method", "nucleolus,shapley", "--samples", "20")
    assert [one["status"] for one in found["allocations"]] == ["exact", "sampled"]


def test_forty_aircraft_are_estimated_near_the_closed_form_and_in_whole_units(tmp_path: Path, capsys: Output) -> None:
    needs = {f"P{index}": (index * 37) % 101 for index in range(40)}
    game = {**AIRPORT, "players": list(needs), "generator": {"type": "airport", "needs": needs}}
    source, out = write_json(tmp_path / "game.json", game), tmp_path / "out"
    exact = answered(source, capsys)
    found = answered(source, capsys, "--samples", "40", "--unit-minor", "1", "--out", out)
    assert near(found, {player: Fraction(share) for player, share in exact["shares"].items()})
    assert sum(found["shares_minor"].values()) == max(needs.values())
    assert run("verify", out / "allocation.json") == 0
    other = answered(source, capsys, "--samples", "40", "--seed", "1")
    assert other["shares"] != found["shares"]


def test_a_fixed_cost_among_thirty_is_exact_without_a_table(tmp_path: Path, capsys: Output) -> None:
    costs = {f"P{index}": index for index in range(30)}
    game = {**FIXED, "players": list(costs), "generator": {"type": "fixed_plus", "fixed": 10, "costs": costs}}
    source, out = write_json(tmp_path / "game.json", game), tmp_path / "out"
    found = answered(source, capsys, "--method", "shapley,nucleolus,equal,lp_prices", "--out", out)
    for one in found["allocations"][:2]:
        assert one["status"] == "exact"
        assert {player: Fraction(share) for player, share in one["shares"].items()} == {
            player: cost + Fraction(1, 3) for player, cost in costs.items()
        }
        assert (one["properties"]["in_core"], one["properties"]["core_empty"]) == ("proven", "refuted")
    assert found["allocations"][2]["properties"]["in_core"] == "refuted"
    assert found["allocations"][3]["reason"] == "too_many_players"
    assert run("verify", out / "allocations.json", out / "game.json") == 0


def bins_of(players: int) -> dict[str, Any]:
    sizes = {f"P{index}": 5 + (index * 31) % 53 for index in range(players)}
    generator = {"type": "bin_packing", "sizes": sizes, "capacity": 100, "price": 1500}
    return {**BINS, "players": list(sizes), "generator": generator}


def test_whole_containers_of_many_players_are_estimated_without_being_asked_and_verified(
    tmp_path: Path, capsys: Output
) -> None:
    source, out = write_json(tmp_path / "game.json", bins_of(30)), tmp_path / "out"
    found = answered(source, capsys, "--out", out)
    assert (found["status"], found["detail"]["ended_by"]) == ("sampled", "aim")
    total = sum(map(Fraction, found["shares"].values()))
    containers = found["certificate"]["packings"][0]
    assert total == 1500 * len(containers)
    for player, error in found["standard_errors"].items():
        share = float(Fraction(found["shares"][player]))
        assert error <= max(0.01 * share, 0.0002 * float(total)) + 1e-9
    assert run("verify", out / "allocation.json") == 0
    lied = json.loads((out / "allocation.json").read_text(encoding="utf-8"))
    lied["certificate"]["packings"][0] = [*containers[:-2], containers[-2] + containers[-1]]
    assert run("verify", write_json(out / "allocation.json", lied)) == 4
    lied = {**found, "standard_errors": {**found["standard_errors"], "P0": -1}}
    assert run("verify", write_json(out / "allocation.json", lied)) == 4
    assert run("verify", write_json(out / "allocation.json", {**found, "standard_errors": {}})) == 4
    assert run("verify", write_json(out / "allocation.json", {**found, "status": "exact"})) == 4


def test_what_the_time_does_not_suffice_for_says_so() -> None:
    found = GameSharing(found=read_game_document(bins_of(30))).document("shapley", time_limit_s=-1.0)
    assert (found["status"], found["reason"]) == ("undefined", "time_limit")


def test_an_empty_core_says_what_it_would_take_and_the_judge_adds_it_up(tmp_path: Path, capsys: Output) -> None:
    bins = {**BINS, "generator": {**BINS["generator"], "sizes": dict.fromkeys("ABC", 5), "capacity": 10, "price": 1000}}
    out = tmp_path / "out"
    found = answered(write_json(tmp_path / "game.json", bins), capsys, "--method", "least_core", "--out", out)
    properties = found["properties"]
    # Any two fit one container: 1500 can be charged in all, or whoever leaves pays a third of 1000.
    assert properties["core_empty"] == "proven"
    assert (properties["stabilising_discount"], properties["stabilising_surcharge"]) == (["500"], ["1000/3"])
    assert properties["stabilising_surcharge"] == [properties["largest_excess"]]
    assert run("verify", out / "allocation.json") == 0
    lied = {**found, "properties": {**properties, "stabilising_discount": ["400"]}}
    assert run("verify", write_json(out / "allocation.json", lied)) == 4
    gain = answered(write_json(tmp_path / "game.json", MAJORITY), capsys)
    assert gain["properties"]["stabilising_discount"] == ["1/2"]
