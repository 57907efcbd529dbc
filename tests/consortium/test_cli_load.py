"""`consortium load`, and `consortium verify` for load plans: statuses, streams, files; the engine is hand-made."""

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest

from consortium.cli import main
from consortium.formats.load_json import (
    load_plan_schema,
    load_problem_of,
    load_problem_schema,
    load_problem_sha256,
    load_problem_to_json,
    read_load_plan_document,
)
from optimizer.limits import Progress
from optimizer.load_problem import LoadProblem
from optimizer.load_result import LoadAnswer, StaysOut, Unloaded
from optimizer.result import SolveStatus
from tests.consortium.formats.files import write_json
from tests.consortium.formats.loads import LOAD_PLAN, LOAD_PROBLEM, changed

Output = pytest.CaptureFixture[str]
RIGHT, _ = read_load_plan_document(LOAD_PLAN)


class Engine:
    """Gives one answer, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer = RIGHT
        self.problem: LoadProblem | None = None
        self.options: dict[str, Any] = {}
        self.before: Callable[[], None] = lambda: None

    def plan_loads(self, problem: LoadProblem, **options: Any) -> LoadAnswer:
        self.problem, self.options = problem, options
        options["on_progress"](Progress(stage="loading", cost_minor=7, done_permille=500))
        self.before()
        return replace(self.answer, seed=options["seed"], limits={"ended_by": "work_limit"})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    found = Engine()
    module = ModuleType("optimizer.loading.engine")
    module.plan_loads = found.plan_loads  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "optimizer.loading.engine", module)
    return found


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_json(tmp_path / "input.json", LOAD_PROBLEM)


def run(*arguments: str | Path) -> int:
    return main([str(one) for one in arguments])


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_load_prints_a_table_and_writes_problem_and_plan(
    engine: Engine, source: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "deep" / "out"
    assert run("load", source, "--out", out, "--lang", "en") == 0
    printed = capsys.readouterr()
    lines = [" ".join(line.split()) for line in printed.out.splitlines()]
    assert "Status: good, not proven best (feasible)" in lines
    assert "Containers: 1; lower bound: 1" in lines
    assert "Support: partial:750" in lines
    assert "1 20GP 6.6 900.0 10.2 / 17.2 / 45.5 outside the limits 3 C-1 P1 andina 2" in lines
    assert "P1 × 1: the search ended before a place was found" in lines
    assert "times: reading" in printed.err
    assert sorted(path.name for path in out.iterdir()) == ["load-plan.json", "load-problem.json"]
    jsonschema.validate(load(out / "load-problem.json"), load_problem_schema(), jsonschema.Draft202012Validator)
    jsonschema.validate(load(out / "load-plan.json"), load_plan_schema(), jsonschema.Draft202012Validator)
    assert run("verify", out / "load-plan.json") == 0


def test_json_prints_one_document_that_names_its_problem_and_nothing_else(
    engine: Engine, source: Path, capsys: Output
) -> None:
    assert run("load", source, "--json", "--seed", "7", "--time-limit", "3") == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["problem_sha256"] == load_problem_sha256(load_problem_of(LOAD_PROBLEM))
    assert (found["seed"], found["support"], found["limits"]) == (7, "partial:750", {"ended_by": "work_limit"})
    assert found["version"]
    assert found["loads"] == LOAD_PLAN["loads"]
    assert engine.options["limits"].time_limit_s == 3
    assert printed.err


@pytest.mark.parametrize(("named", "permille"), [("full", 1000), ("partial:800", 800), ("none", 0)])
def test_the_support_asked_for_prevails_over_the_file(
    named: str, permille: int, engine: Engine, source: Path, tmp_path: Path, capsys: Output
) -> None:
    engine.answer = replace(RIGHT, support=named)
    assert run("load", source, "--support", named, "--json") == 0
    assert engine.problem is not None
    assert engine.problem.support_permille == permille
    plan = tmp_path / "plan.json"
    plan.write_text(capsys.readouterr().out, encoding="utf-8")
    assert run("verify", plan, source, "--lang", "en") == 0
    assert f"(consortium/load-plan@1 under the support policy {named})" in capsys.readouterr().out


def test_an_answer_under_a_weaker_policy_than_asked_for_is_refused(
    engine: Engine, source: Path, capsys: Output
) -> None:
    assert run("load", source, "--support", "full", "--lang", "en") == 4
    assert "support_policy (answer): claimed partial:750, found full asked for" in capsys.readouterr().err


def test_a_load_plan_that_the_judge_refuses_is_status_4_and_is_never_written(
    engine: Engine, source: Path, tmp_path: Path, capsys: Output
) -> None:
    engine.answer = replace(RIGHT, lower_bound=2)
    assert run("load", source, "--out", tmp_path / "out", "--lang", "en", "--json") == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "bound (answer): claimed bound 2, found value 1" in printed.err
    assert not (tmp_path / "out").exists()


def test_nothing_loaded_is_status_3_and_still_tells_why(engine: Engine, source: Path, capsys: Output) -> None:
    out = [Unloaded(package="P1", consignment=name, quantity=2, reason=StaysOut.TIME_LIMIT) for name in ("C-1", "")]
    engine.answer = replace(RIGHT, status=SolveStatus.UNKNOWN, lower_bound=0, loads=(), unloaded=tuple(out))
    unpinned = write_json(source, changed(LOAD_PROBLEM, "pinned", []))
    assert run("load", unpinned, "--lang", "pt") == 3
    printed = capsys.readouterr().out
    assert "Fica de fora" in printed
    assert "C-1 P1 × 2: a busca terminou" in printed


def test_nothing_to_load_is_done(engine: Engine, source: Path, capsys: Output) -> None:
    engine.answer = replace(RIGHT, status=SolveStatus.OPTIMAL, lower_bound=0, loads=(), unloaded=())
    assert run("load", write_json(source, {**LOAD_PROBLEM, "packages": [], "pinned": []})) == 0


def test_ctrl_c_writes_the_best_plan_so_far_and_is_status_130(
    engine: Engine, source: Path, tmp_path: Path, capsys: Output
) -> None:
    engine.before = lambda: signal.raise_signal(signal.SIGINT)
    assert run("load", source, "--out", tmp_path / "out", "--json") == 130
    assert json.loads(capsys.readouterr().out) == load(tmp_path / "out" / "load-plan.json")
    assert engine.options["should_stop"]()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["load"], "missing argument INPUT"),
        (["load", "x.json"], "x.json: there is no such file"),
        (["load", "x.json", "--support", "half"], "wrong value of --support: expected full, none, or partial:N"),
        (["load", "x.json", "--support", "partial:0"], "wrong value of --support"),
        (["load", "x.json", "--time-limit", "0"], "wrong value of --time-limit"),
        (["load", "x.json", "--seed", "-1"], "wrong value of --seed"),
        (["load", "x.json", "--method", "shapley"], "unknown option --method"),
    ],
)
def test_wrong_usage_is_status_2_and_one_sentence(
    arguments: list[str], message: str, capsys: Output, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONSORTIUM_LANG", "en")
    assert run(*arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert "Traceback" not in printed.err


def test_a_wrong_input_is_status_2_with_file_path_and_values(engine: Engine, tmp_path: Path, capsys: Output) -> None:
    source = write_json(tmp_path / "input.json", changed(LOAD_PROBLEM, "packages/0/mass_g", -5))
    assert run("load", source, "--out", tmp_path / "out", "--lang", "es") == 2
    printed = capsys.readouterr()
    assert "input.json, packages[0].mass_g: se esperaba entero >= 0, se encontró -5" in printed.err
    assert printed.out == ""
    assert not (tmp_path / "out").exists()
    assert engine.problem is None


def test_a_file_where_the_folder_should_be_is_refused_before_loading(
    engine: Engine, source: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    assert run("load", source, "--out", tmp_path / "out", "--lang", "en") == 2
    assert "is not a folder" in capsys.readouterr().err
    assert engine.problem is None


# Pallets, and the price of keeping owners apart: with the real engine


def small(**changes: Any) -> dict[str, Any]:
    box = {"code": "22G1", "length_mm": 5898, "width_mm": 2352, "height_mm": 2393, "count": None, "cost_minor": 150_000}
    case = {"length_mm": 2900, "width_mm": 1500, "height_mm": 1100, "vertical": ["height"]}
    packages = [{"id": one, "quantity": count, "owner": one, **case} for one, count in (("a", 2), ("b", 1), ("c", 1))]
    document = {"format": LOAD_PROBLEM["format"], "objective": "cost", "containers": [box], "packages": packages}
    return {**document, **changes}


PALLET = {"code": "EUR", "length_mm": 1200, "width_mm": 800, "height_mm": 144, "most_height_mm": 1500, "mass_g": 25_000}
CARTONS = [
    {"id": "box", "quantity": 16, "length_mm": 400, "width_mm": 300, "height_mm": 300, "vertical": ["height"],
     "mass_g": 8_000, "owner": "andina"},
]  # fmt: skip


def test_the_price_of_keeping_owners_apart_is_told_kept_and_judged(tmp_path: Path, capsys: Output) -> None:
    source, out = write_json(tmp_path / "input.json", small()), tmp_path / "out"
    options = ("--owner-prices", "--time-limit", "60", "--out", out, "--lang", "en")
    assert run("load", source, *options) == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "What keeping owners apart costs" in lines
    assert "free owners mixed freely 1 150,000 0 proven best" in lines
    strict = "strict a part of the length each 2 300,000 0 +1 / +150,000 / +0 good, not proven best"
    assert strict in lines
    plan = load(out / "load-plan.json")
    jsonschema.validate(plan, load_plan_schema(), jsonschema.Draft202012Validator)
    assert [(one["owners"], one["cost_minor"]) for one in plan["owner_levels"]] == [
        ("free", 150_000), ("preferred", 150_000), ("strict", 300_000),
    ]  # fmt: skip
    assert run("verify", out / "load-plan.json") == 0
    write_json(out / "load-plan.json", changed(plan, "owner_levels/2/cost_minor", 150_000))
    assert run("verify", out / "load-plan.json", "--lang", "en") == 4
    assert "level_stated (strict: cost): claimed 150000, found 300000" in capsys.readouterr().out


def test_cartons_on_pallets_are_told_kept_and_judged(tmp_path: Path, capsys: Output) -> None:
    source, out = write_json(tmp_path / "input.json", small(packages=CARTONS, pallet=PALLET)), tmp_path / "out"
    assert run("load", source, "--time-limit", "60", "--out", out, "--lang", "en") == 0
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "EUR-1 1 744 153.0 0.0 andina box 16" in lines
    plan = load(out / "load-plan.json")
    jsonschema.validate(load(out / "load-problem.json"), load_problem_schema(), jsonschema.Draft202012Validator)
    jsonschema.validate(plan, load_plan_schema(), jsonschema.Draft202012Validator)
    assert [(one["package"], one["dz_mm"]) for one in plan["loads"][0]["placements"]] == [("EUR-1", 744)]
    assert run("verify", out / "load-plan.json") == 0
    write_json(out / "load-plan.json", changed(plan, "pallets/0/cartons/0/z_mm", 50))
    assert run("verify", out / "load-plan.json", "--lang", "en") == 4
    assert "placed_" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("most_height_mm", 144, "pallet.most_height_mm: expected integer >= 145, found 144"),
        ("max_load_g", -1, "pallet.max_load_g: expected integer >= 0, or null, found -1"),
        ("mixed", 1, "pallet.mixed: expected true or false"),
        ("size", 1, 'pallet.size: unknown key "size": expected one of code, length_mm'),
    ],
)
def test_a_wrong_pallet_is_told_by_its_field(key: str, value: Any, told: str, tmp_path: Path, capsys: Output) -> None:
    source = write_json(tmp_path / "input.json", small(packages=CARTONS, pallet={**PALLET, key: value}))
    assert run("load", source, "--lang", "en") == 2
    assert told in capsys.readouterr().err


def test_a_problem_without_pallets_keeps_its_fingerprint() -> None:
    document = load_problem_to_json(load_problem_of(small()))
    assert "pallet" not in document
    assert "loose" not in document["packages"][0]


@pytest.mark.parametrize("name", ["load-problem", "load-plan"])
def test_schema_prints_the_schemas_of_loading(name: str, capsys: Output) -> None:
    assert run("schema", name) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == f"consortium/{name}@1"


# The judge


def with_fingerprint(plan: dict[str, Any]) -> dict[str, Any]:
    return {**plan, "problem_sha256": load_problem_sha256(load_problem_of(LOAD_PROBLEM))}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    plan = write_json(tmp_path / "plan.json", with_fingerprint(LOAD_PLAN))
    return [plan, write_json(tmp_path / "problem of loading.json", LOAD_PROBLEM)]


def test_verify_finds_nothing_in_a_right_load_plan(files: list[Path], capsys: Output) -> None:
    assert run("verify", *files, "--json") == 0
    assert json.loads(capsys.readouterr().out)["files"] == [
        {"file": str(files[0]), "format": "consortium/load-plan@1", "support": "partial:750", "violations": []},
        {"file": str(files[1]), "format": "consortium/load-problem@1", "violations": []},
    ]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("loads/0/placements/1/z_mm", 1001, "placed_support (loads[0] 20GP: C-1 P1 step 2): claimed 0 mm2"),
        ("loads/0/mass_g", 1, "mass_stated (loads[0] 20GP): claimed 1 g, found 900000 g"),
        ("unloaded", [], "package_places (P1): claimed 1 loaded, 0 unloaded, found 2 packages"),
        ("problem_sha256", "0" * 64, "problem_sha256 (plan): claimed 0000"),
    ],
)
def test_verify_names_what_was_altered(path: str, value: Any, told: str, files: list[Path], capsys: Output) -> None:
    write_json(files[0], changed(with_fingerprint(LOAD_PLAN), path, value))
    assert run("verify", *files, "--lang", "en") == 4
    assert f"{files[0]}: {told}" in capsys.readouterr().out


def test_verify_finds_the_problem_beside_a_load_plan_also_when_it_names_none(tmp_path: Path, capsys: Output) -> None:
    plan = write_json(tmp_path / "plan.json", LOAD_PLAN)
    assert run("verify", plan, "--lang", "en") == 2
    assert "missing: expected the problem of the plan, load-problem.json" in capsys.readouterr().err
    write_json(tmp_path / "load-problem.json", LOAD_PROBLEM)
    assert run("verify", plan) == 0


def test_verify_tells_the_faults_of_a_load_plan_and_of_its_problem(files: list[Path], capsys: Output) -> None:
    write_json(files[0], changed(LOAD_PLAN, "status", "best"))
    write_json(files[1], changed(LOAD_PROBLEM, "owners", "loose"))
    assert run("verify", *files, "--lang", "en") == 2
    printed = capsys.readouterr().err
    assert f"{files[0]}, status: expected one of optimal" in printed
    assert f"{files[1]}, owners: expected one of free" in printed


def test_what_is_pinned_is_loaded_around(source: Path, tmp_path: Path) -> None:
    assert run("load", source, "--out", tmp_path / "out", "--time-limit", "120") == 0
    (pin,) = load(source)["pinned"]
    stand = [{**one, "step": 0} for one in load(tmp_path / "out" / "load-plan.json")["loads"][0]["placements"]]
    assert [{**one, "step": 0} for one in pin["placements"] if {**one, "step": 0} not in stand] == []
    assert run("verify", tmp_path / "out" / "load-plan.json") == 0


def test_a_pin_that_breaks_a_rule_is_told_in_words(source: Path, capsys: Output) -> None:
    problem = load(source)
    problem["pinned"][0]["placements"][0]["z_mm"] = 700
    assert run("load", write_json(source, problem), "--lang", "en", "--time-limit", "120") == 4
    assert "placed_support" in capsys.readouterr().err
