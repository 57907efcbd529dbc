"""Load problems and load plans as files: nothing lost, nothing guessed, every fault named with its path."""

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from consortium.errors import InputError
from consortium.fault_texts import EXPECTATIONS, in_language, sentence
from consortium.formats.canonical import dumps
from consortium.formats.load_json import (
    load_plan_schema,
    load_plan_to_json,
    load_problem_of,
    load_problem_schema,
    load_problem_sha256,
    load_problem_to_json,
    read_load_plan_document,
)
from consortium.texts import translate
from optimizer.checking_loads import check_loads
from optimizer.load_problem import Objective, Owners
from tests.consortium.formats.loads import LOAD_PLAN, LOAD_PROBLEM, changed

SMALLEST: dict[str, Any] = {
    "format": "consortium/load-problem@1",
    "objective": "volume",
    "containers": [{"code": "C", "length_mm": 5870, "width_mm": 2330, "height_mm": 2200}],
    "packages": [{"id": "1", "length_mm": 1080, "width_mm": 760, "height_mm": 300, "quantity": 40}],
}
"""Every key that may be left out is."""


def valid(document: Any, schema: dict[str, Any]) -> None:
    jsonschema.validate(document, schema, jsonschema.Draft202012Validator)


@pytest.mark.parametrize("document", [LOAD_PROBLEM, SMALLEST], ids=["full", "smallest"])
def test_a_load_problem_comes_back_from_its_file_unchanged(document: dict[str, Any]) -> None:
    problem = load_problem_of(document)
    written = json.loads(dumps(load_problem_to_json(problem)))
    assert load_problem_of(written) == problem
    assert load_problem_sha256(load_problem_of(written)) == load_problem_sha256(problem)
    valid(document, load_problem_schema())
    valid(written, load_problem_schema())


def test_every_key_of_a_load_problem_is_kept() -> None:
    problem = load_problem_of(LOAD_PROBLEM)
    written = load_problem_to_json(problem)
    for key, value in LOAD_PROBLEM.items():
        if key != "packages":
            assert written[key] == value
    assert written["packages"][0] == LOAD_PROBLEM["packages"][0]
    assert (problem.objective, problem.owners, problem.support_permille) == (
        Objective.CONTAINERS,
        Owners.PREFERRED,
        750,
    )
    assert set(problem.package) == {("C-1", "P1"), ("", "P1")}
    assert problem.containers[0].count is None


def test_absent_keys_have_the_defaults_of_the_format() -> None:
    problem = load_problem_of(SMALLEST)
    (container,), (package,) = problem.containers, problem.packages
    assert (container.count, container.payload_g, container.top_mm, container.door_mm) == (1, None, 2200, (2330, 2200))
    assert (package.mass_g, package.max_load_g, package.stop, package.owner, package.value) == (0, None, 1, "", None)
    assert package.vertical == ("length", "width", "height")
    assert (problem.owners, problem.support_permille, problem.pinned, problem.title) == (Owners.FREE, 1000, (), "")


def test_null_containers_are_as_many_as_needed_and_an_absent_number_is_one() -> None:
    assert load_problem_of(changed(SMALLEST, "containers/0/count", None)).containers[0].count is None
    assert load_problem_of(SMALLEST).containers[0].count == 1


def test_the_fingerprint_depends_on_what_is_said_and_not_on_how() -> None:
    said = {**SMALLEST, "owners": "free", "support": "full", "pinned": [], "incompatible_classes": []}
    assert load_problem_sha256(load_problem_of(said)) == load_problem_sha256(load_problem_of(SMALLEST))
    other = load_problem_of({**SMALLEST, "support": "none"})
    assert load_problem_sha256(other) != load_problem_sha256(load_problem_of(SMALLEST))


def test_a_load_plan_comes_back_from_its_file_unchanged() -> None:
    problem = load_problem_of(LOAD_PROBLEM)
    answer, _ = read_load_plan_document(LOAD_PLAN)
    answer = replace(answer, seed=3, limits={"time_limit_s": 20.0, "ended_by": "work_limit"})
    written = json.loads(dumps(load_plan_to_json(answer, problem)))
    again, document = read_load_plan_document(written)
    assert again == answer
    assert document.problem_sha256 == load_problem_sha256(problem)
    assert written["loads"] == LOAD_PLAN["loads"]
    assert written["unloaded"] == LOAD_PLAN["unloaded"]
    valid(LOAD_PLAN, load_plan_schema())
    valid(written, load_plan_schema())


def test_the_example_is_right_in_every_number() -> None:
    assert check_loads(load_problem_of(LOAD_PROBLEM), read_load_plan_document(LOAD_PLAN)[0]) == ()


def test_placements_may_leave_out_a_consignment_that_there_is_not() -> None:
    found, _ = read_load_plan_document(changed(LOAD_PLAN, "loads/0/placements/2/consignment", ...))
    assert found == read_load_plan_document(LOAD_PLAN)[0]


PROBLEMS: dict[str, tuple[str, Any, str, str]] = {
    "unknown key": ("containers/0/colour", "red", "containers[0].colour", '"colour"'),
    "unknown key of a package": ("packages/1/weight_g", 5, "packages[1].weight_g", '"weight_g"'),
    "unknown key at the top": ("colour", "red", "colour", '"colour"'),
    "no format": ("format", ..., "format", "nothing"),
    "another format": ("format", "consortium/problem@1", "format", '"consortium/problem@1"'),
    "another version": ("format", "consortium/load-problem@2", "format", '"consortium/load-problem@2"'),
    "no objective": ("objective", ..., "objective", "nothing"),
    "unknown objective": ("objective", "weight", "objective", '"weight"'),
    "no containers": ("containers", [], "containers", "list with 0 entries"),
    "container without a length": ("containers/0/length_mm", ..., "containers[0].length_mm", "nothing"),
    "length of nothing": ("containers/0/length_mm", 0, "containers[0].length_mm", "0"),
    "float": ("packages/0/length_mm", 1200.5, "packages[0].length_mm", "1200.5"),
    "zero containers": ("containers/0/count", 0, "containers[0].count", "0"),
    "containers in words": ("containers/0/count", "many", "containers[0].count", '"many"'),
    "two containers of one code": ("containers", lambda one: one * 2, "containers[1].code", "'20GP'"),
    "negative mass": ("packages/0/mass_g", -5, "packages[0].mass_g", "-5"),
    "zero packages": ("packages/0/quantity", 0, "packages[0].quantity", "0"),
    "unknown size upright": ("packages/0/vertical", ["depth"], "packages[0].vertical[0]", '"depth"'),
    "nothing upright": ("packages/0/vertical", [], "packages[0].vertical", "list with 0 entries"),
    "two packages of one id": ("packages", lambda one: [*one, one[1]], "packages[2].id", "'P1'"),
    "stop before the first": ("packages/0/stop", 0, "packages[0].stop", "0"),
    "unknown owners": ("owners", "loose", "owners", '"loose"'),
    "unknown support": ("support", "half", "support", '"half"'),
    "too much support": ("support", "partial:1001", "support", '"partial:1001"'),
    "one class alone": ("incompatible_classes/0", ["food"], "incompatible_classes[0]", "list with 1 entries"),
    "pin in no container": ("pinned/0/container", "BARGE", "pinned[0].container", "'BARGE'"),
    "pin of no package": ("pinned/0/placements/0/package", "P9", "pinned[0].placements[0].package", "'P9'"),
    "pin outside": ("pinned/0/placements/0/x_mm", -1, "pinned[0].placements[0].x_mm", "-1"),
    "a list": ("packages", {}, "packages", "object with 0 keys"),
}
"""Name -> path, wrong value, path and value told."""


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_wrong_value_of_a_load_problem_is_named_with_its_path_in_every_language(name: str) -> None:
    path, value, place, found = PROBLEMS[name]
    with pytest.raises(InputError) as caught:
        load_problem_of(changed(LOAD_PROBLEM, path, value))
    (fault,) = caught.value.faults
    assert (fault.path, fault.found) == (place, found)
    assert "expected" not in sentence(fault, translate("es"))
    if not fault.expected.startswith('"'):
        assert in_language(fault.expected, EXPECTATIONS, translate("pt")) != fault.expected


BEYOND_THE_SCHEMA = {"two containers of one code", "two packages of one id", "pin in no container", "pin of no package"}
"""Faults that compare values with one another."""


@pytest.mark.parametrize("name", [name for name in PROBLEMS if name not in BEYOND_THE_SCHEMA])
def test_what_the_reader_refuses_the_schema_refuses(name: str) -> None:
    path, value, *_ = PROBLEMS[name]
    with pytest.raises(jsonschema.ValidationError):
        valid(changed(LOAD_PROBLEM, path, value), load_problem_schema())


PLANS: dict[str, tuple[str, Any, str, str]] = {
    "unknown key": ("loads/0/colour", "red", "loads[0].colour", '"colour"'),
    "unknown status": ("status", "best", "status", '"best"'),
    "no bound": ("lower_bound", ..., "lower_bound", "nothing"),
    "unknown support": ("support", "half", "support", '"half"'),
    "no step": ("loads/0/placements/0/step", ..., "loads[0].placements[0].step", "nothing"),
    "size of nothing": ("loads/0/placements/0/dz_mm", 0, "loads[0].placements[0].dz_mm", "0"),
    "centre of two numbers": (
        "loads/0/centre_of_gravity_permille",
        [500, 500],
        "loads[0].centre_of_gravity_permille",
        "list with 2 entries",
    ),
    "centre outside": (
        "loads/0/centre_of_gravity_permille/0",
        1001,
        "loads[0].centre_of_gravity_permille[0]",
        "1001",
    ),
    "unknown reason": ("unloaded/0/reason", "lost", "unloaded[0].reason", '"lost"'),
    "nothing unloaded": ("unloaded/0/quantity", 0, "unloaded[0].quantity", "0"),
    "half a fingerprint": ("problem_sha256", "abc", "problem_sha256", '"abc"'),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_wrong_value_of_a_load_plan_is_named_with_its_path(name: str) -> None:
    path, value, place, found = PLANS[name]
    spoiled = changed(LOAD_PLAN, path, value)
    with pytest.raises(InputError) as caught:
        read_load_plan_document(spoiled)
    (fault,) = caught.value.faults
    assert (fault.path, fault.found) == (place, found)
    with pytest.raises(jsonschema.ValidationError):
        valid(spoiled, load_plan_schema())


@pytest.mark.parametrize("schema", [load_problem_schema, load_plan_schema])
def test_the_schemas_are_schemas(schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
