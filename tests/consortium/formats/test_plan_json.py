"""Plans and cost shares as files: nothing lost, nothing read that is not one."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from consortium.errors import InputError
from consortium.formats.allocation_json import allocation_schema, coalitions_of, decimal, game_of
from consortium.formats.canonical import dumps
from consortium.formats.plan_json import plan_schema, plan_to_json, read_plan, read_plan_document
from optimizer.cost_game import CostGame
from optimizer.limits import Limits
from optimizer.planning import plan
from optimizer.result import LoadPlan, Placement, ShipmentPlan
from tests.builders import random_problem, three_half_containers

SHORT = Limits(time_limit_s=10, work_limit=0.5)


@pytest.mark.parametrize("seed", range(6))
def test_a_plan_comes_back_from_its_file_unchanged(seed: int, tmp_path: Path) -> None:
    problem = random_problem(seed)
    made = plan(problem, limits=SHORT)
    document = plan_to_json(made, problem)
    jsonschema.validate(json.loads(dumps(document)), plan_schema(), jsonschema.Draft202012Validator)
    (tmp_path / "plan.json").write_text(dumps(document), encoding="utf-8")
    assert read_plan(tmp_path / "plan.json", problem) == made


def test_placements_are_kept() -> None:
    problem = three_half_containers()
    made = plan(problem, limits=SHORT)
    stands = Placement(package="P", consignment="C-A", x_mm=0, y_mm=0, z_mm=0, dx_mm=1, dy_mm=2, dz_mm=3, step=1)
    first, *others = made.containers
    from dataclasses import replace

    loaded = replace(first, load_plan=LoadPlan(support="full", placements=(stands,)))
    made = replace(made, containers=(loaded, *others))
    again, _ = read_plan_document(json.loads(dumps(plan_to_json(made, problem))))
    assert again == made


def test_a_plan_of_another_problem_is_refused(tmp_path: Path) -> None:
    problem = three_half_containers()
    (tmp_path / "plan.json").write_text(dumps(plan_to_json(plan(problem, limits=SHORT), problem)), encoding="utf-8")
    with pytest.raises(InputError, match="the problem of the plan"):
        read_plan(tmp_path / "plan.json", random_problem(1))


SPOILED: list[tuple[str, Any, str]] = [
    ("status", "great", "status: expected one of optimal"),
    ("cost_minor", 1.5, "cost_minor: expected integer >= 0"),
    ("gap_ppm", 2_000_000, "gap_ppm: expected integer <= 1000000"),
    ("problem_sha256", "abc", "problem_sha256: expected 64 hexadecimal digits"),
    ("containers", None, "containers: expected a list"),
    ("colour", "red", "colour: expected one of format"),
]


@pytest.mark.parametrize(("key", "value", "message"), SPOILED)
def test_a_document_that_is_no_plan_is_refused_with_its_path(key: str, value: Any, message: str) -> None:
    problem = three_half_containers()
    document = plan_to_json(plan(problem, limits=SHORT), problem)
    document[key] = value
    with pytest.raises(InputError, match=message):
        read_plan_document(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, plan_schema(), jsonschema.Draft202012Validator)


def test_packages_counted_twice_are_refused() -> None:
    problem = random_problem(0)
    document = plan_to_json(plan(problem, limits=SHORT), problem)
    part = {"consignment": "C-0", "packages": [{"id": "P0", "quantity": 1}, {"id": "P0", "quantity": 2}]}
    document["unplanned"] = [{**part, "reason": "time_limit"}]
    with pytest.raises(InputError, match=r"unplanned\[0\]\.packages\[1\]\.id: expected each id once"):
        read_plan_document(document)


def test_an_empty_plan_has_every_key_of_the_format() -> None:
    problem = three_half_containers()
    from optimizer.result import SolveStatus

    document = plan_to_json(ShipmentPlan(status=SolveStatus.UNKNOWN, cost_minor=0, lower_bound_minor=0), problem)
    keys = "format problem_sha256 status cost_minor lower_bound_minor gap_ppm containers lcl postal unplanned charges"
    assert set(keys.split()) | {"delay_costs", "allocation", "seed", "limits", "version"} <= set(document)


def test_a_game_comes_back_from_its_table() -> None:
    game = CostGame(players=("a", "b"), lower=(0, 5, 6, 10), upper=(0, 5, 7, 10))
    table = coalitions_of(game)
    assert table == {"a": 5, "b": [6, 7], "a,b": 10}
    again = game_of(json.loads(json.dumps(table)))
    assert (again.players, list(again.lower), list(again.upper)) == (("a", "b"), [0, 5, 6, 10], [0, 5, 7, 10])


@pytest.mark.parametrize("table", [{"a": 5}, {"a": 5, "b": 6}, {"a": 5, "b": [7, 6], "a,b": 1}, {"a": 1.5}])
def test_a_table_that_is_no_game_is_refused(table: dict[str, Any]) -> None:
    if table == {"a": 5}:
        assert game_of(table).upper == [0, 5]
        return
    with pytest.raises((ValueError, TypeError)):
        game_of(table)


def test_decimals_are_rounded_half_up() -> None:
    from fractions import Fraction

    assert decimal(Fraction(19, 3)) == "6.3333"
    assert decimal(Fraction(-19, 3)) == "-6.3333"
    assert decimal(Fraction(1, 20_000)) == "0.0001"
    jsonschema.Draft202012Validator.check_schema(allocation_schema())
