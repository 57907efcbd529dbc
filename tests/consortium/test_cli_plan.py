"""`consortium plan` and `consortium verify`: statuses, streams, files, interruption, no solver in the judge."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from consortium.allocation_checks import check_allocation
from consortium.cli import main
from consortium.formats.allocation_json import allocation_schema, read_allocation_document
from consortium.formats.answers_json import answers_schema
from consortium.formats.canonical import sha256
from consortium.formats.certificate_json import certificate_schema
from consortium.formats.plan_json import plan_schema
from consortium.formats.problem_json import problem_of, problem_schema, problem_to_json
from optimizer.problem import AllocationKey, Mode
from optimizer.result import Violation
from tests.builders import charge, consignment, container_20, departure, package, problem, settings
from tests.consortium.formats.files import document, sheets, write_folder, write_json, write_workbook

Output = pytest.CaptureFixture[str]


@pytest.fixture
def problem_file(tmp_path: Path) -> Path:
    return write_json(tmp_path / "input.json", document())


def run(*arguments: str | Path) -> int:
    return main([str(one) for one in arguments])


def load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_plan_writes_its_files_and_prints_a_table(problem_file: Path, tmp_path: Path, capsys: Output) -> None:
    out = tmp_path / "deep" / "out"
    assert run("plan", problem_file, "--out", out, "--lang", "en") == 0
    printed = capsys.readouterr()
    names = ["allocation.json", "certificate.json", "plan.json", "problem.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert "Status: proven cheapest (optimal)" in printed.out
    assert "Cost: 3,030.00 USD" in printed.out
    assert "times: " in printed.err
    jsonschema.validate(load(out / "problem.json"), problem_schema(), jsonschema.Draft202012Validator)
    jsonschema.validate(load(out / "plan.json"), plan_schema(), jsonschema.Draft202012Validator)
    jsonschema.validate(load(out / "allocation.json"), allocation_schema(), jsonschema.Draft202012Validator)
    jsonschema.validate(load(out / "certificate.json"), certificate_schema(), jsonschema.Draft202012Validator)


def test_the_shares_sum_to_the_cost_and_are_split_between_members_and_buyers(
    problem_file: Path, tmp_path: Path
) -> None:
    assert run("plan", problem_file, "--out", tmp_path / "out") == 0
    plan, shares = load(tmp_path / "out" / "plan.json"), load(tmp_path / "out" / "allocation.json")
    assert plan["allocation"] == shares
    assert sum(shares["shares_minor"].values()) == plan["cost_minor"] == shares["total_minor"] == 303_000
    for member, share in shares["shares_minor"].items():
        assert shares["pays_minor"][member] + shares["buyers_pay_minor"][member] == share
        assert share <= shares["stand_alone_minor"][member]
    assert shares["currency"] == "USD"
    assert shares["properties"]["budget_balanced"] is True


def test_containers_have_load_plans_that_verify_unless_nobody_wants_them(tmp_path: Path, capsys: Output) -> None:
    boxes = [consignment(name, packages=[package(quantity=6, litres=1300, vertical=("height",))]) for name in "AB"]
    tall = problem(
        boxes, [charge("OFR", "container", 1000)], container_types=[container_20()], settings=settings("fcl")
    )
    source = write_json(tmp_path / "tall.json", problem_to_json(tall))
    assert run("plan", source, "--out", tmp_path / "out") == 0
    found = load(tmp_path / "out" / "plan.json")
    # By volume one container would do, but only ten such boxes stand in it.
    assert (found["cost_minor"], [len(one["load_plan"]["placements"]) for one in found["containers"]]) == (2000, [6, 6])
    assert run("verify", tmp_path / "out" / "plan.json") == 0
    capsys.readouterr()
    assert run("plan", source, "--no-load-plan", "--json") == 0
    bare = json.loads(capsys.readouterr().out)
    assert (bare["cost_minor"], ["load_plan" in one for one in bare["containers"]]) == (1000, [False])


def test_json_prints_one_document_and_nothing_else(problem_file: Path, capsys: Output) -> None:
    assert run("plan", problem_file, "--json") == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found["format"] == "consortium/plan@1"
    assert (found["status"], found["cost_minor"], found["lower_bound_minor"], found["gap_ppm"]) == (
        "optimal",
        303_000,
        303_000,
        0,
    )
    assert printed.err


def test_the_same_input_and_seed_give_the_same_bytes(problem_file: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("plan", problem_file, "--out", tmp_path / name, "--seed", "7") == 0
    for name in ("plan.json", "allocation.json", "certificate.json", "problem.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    text = (tmp_path / "one" / "plan.json").read_text(encoding="utf-8")
    assert load(tmp_path / "one" / "plan.json")["seed"] == 7
    assert text.endswith("}\n")
    assert "\r" not in text


def test_all_three_forms_of_a_problem_can_be_planned(tmp_path: Path, capsys: Output) -> None:
    costs = set()
    for source in (write_workbook(tmp_path / "libro.xlsx", sheets()), write_folder(tmp_path / "tablas", sheets())):
        assert run("plan", source, "--json", "--no-allocation") == 0
        costs.add(json.loads(capsys.readouterr().out)["cost_minor"])
    assert costs == {150_000}


def test_no_allocation_leaves_the_shares_out_and_removes_those_of_an_older_plan(
    problem_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run("plan", problem_file, "--out", out) == 0
    assert run("plan", problem_file, "--out", out, "--no-allocation") == 0
    assert load(out / "plan.json")["allocation"] == {}
    assert not (out / "allocation.json").exists()
    assert not (out / "certificate.json").exists()


def test_a_consignment_that_cannot_travel_is_listed_with_its_reason_and_its_cure(
    tmp_path: Path, capsys: Output
) -> None:
    found = document()
    found["consignments"][1]["ready_date"] = "2026-03-20"
    source = write_json(tmp_path / "input.json", found)
    assert run("plan", source, "--no-allocation", "--lang", "es") == 0
    printed = capsys.readouterr().out
    assert "No puede viajar" in printed
    assert "C-18: lista el 2026-03-20, después del último cierre 2026-03-09; viaja si está lista el" in printed


def test_nothing_can_travel_is_status_3_and_still_tells_why(tmp_path: Path, capsys: Output) -> None:
    found = document()
    found["departures"][0] |= {"origin": "BRSSZ"}
    source = write_json(tmp_path / "input.json", found)
    assert run("plan", source, "--out", tmp_path / "out", "--json") == 3
    printed = json.loads(capsys.readouterr().out)
    assert printed["status"] == "infeasible"
    assert {one["reason"] for one in printed["unplanned"]} == {"no_departure_on_lane"}
    assert load(tmp_path / "out" / "plan.json") == printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["plan"], "missing argument INPUT"),
        (["plan", "x.json", "--colour"], "unknown option --colour"),
        (["plan", "x.json", "--time-limit", "soon"], "wrong value of --time-limit"),
        (["plan", "x.json", "--time-limit", "inf"], "wrong value of --time-limit"),
        (["plan", "x.json", "--lang", "fr"], "wrong value of --lang"),
        (["plan", "x.json", "--method", "dice"], "unknown rule dice: expected one of"),
        (["plan", "x.json"], "x.json: there is no such file"),
        (["paint"], "unknown command"),
        (["schema", "tariff"], "unknown format tariff: expected one of problem, plan, allocation"),
        (["verify", "x.json"], "x.json: there is no such file"),
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


def test_a_file_where_the_folder_should_be_is_refused_before_planning(
    problem_file: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "out").write_text("x", encoding="utf-8")
    assert run("plan", problem_file, "--out", tmp_path / "out", "--lang", "pt") == 2
    assert "não é uma pasta" in capsys.readouterr().err


def test_a_plan_that_the_judge_refuses_is_status_4_and_is_never_written(
    problem_file: Path, tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Violation(rule="payload", subject="K-1", claimed="1", found="2")
    monkeypatch.setattr("consortium.plan_making.check_plan", lambda *_: (broken,))
    assert run("plan", problem_file, "--out", tmp_path / "out", "--lang", "en", "--json") == 4
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "payload (K-1): claimed 1, found 2" in printed.err
    assert not (tmp_path / "out").exists()


def pressing(times: int) -> Callable[..., Any]:
    """Return a planner that presses Ctrl-C while it plans, and then gives what it has."""
    from consortium import plan_making

    original = plan_making.plan_with_loads

    def plan(problem: Any, **options: Any) -> Any:
        for _ in range(times):
            signal.raise_signal(signal.SIGINT)
        assert options["should_stop"]()
        return original(problem, **options)

    return plan


def test_ctrl_c_writes_the_best_plan_so_far_and_is_status_130(
    problem_file: Path, tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("consortium.plan_making.plan_with_loads", pressing(1))
    assert run("plan", problem_file, "--out", tmp_path / "out", "--json", "--lang", "en") == 130
    printed = capsys.readouterr()
    plan = load(tmp_path / "out" / "plan.json")
    assert json.loads(printed.out) == plan
    assert plan["allocation"] == {}
    assert plan["limits"]["ended_by"] in ("stopped", "proof")
    assert "the best plan so far will be given" in printed.err


def test_ctrl_c_twice_leaves_at_once_and_writes_nothing(
    problem_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr("consortium.plan_making.plan_with_loads", pressing(2))
    assert run("plan", problem_file, "--out", tmp_path / "out") == 130
    assert not (tmp_path / "out").exists()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture
def many_members(tmp_path: Path) -> Path:
    """A problem whose fifteen members, in two lanes, share containers; the last is alone in a third."""
    lanes = ["NLRTM"] * 8 + ["USMIA"] * 6 + ["CNSHA"]
    goods = [
        consignment(f"C-{at}", f"M-{at}", litres=4_000 + 1_700 * at, destination=lane) for at, lane in enumerate(lanes)
    ]
    sailings = [departure(f"S-{lane}", destination=lane) for lane in dict.fromkeys(lanes)]
    charges = [
        charge("OFR", "container", 150_000),
        charge("B/L", "bill_of_lading", 9_000),
        charge("STUFF", "cubic_metre", 1_200, allocation_key=AllocationKey.VOLUME),
        charge("DOCS", "member", 2_500, allocation_key=AllocationKey.DIRECT),
    ]
    case = problem(goods, charges, departures=sailings, settings=settings(Mode.FCL))
    return write_json(tmp_path / "many.json", problem_to_json(case))


def test_fifteen_members_are_shared_lane_by_lane_with_errors_and_verdicts_and_verified(
    many_members: Path, tmp_path: Path, capsys: Output
) -> None:
    out = tmp_path / "out"
    asked = ("plan", many_members, "--no-load-plan", "--lang", "en", "--out", out)
    assert run(*asked) == 0
    printed = capsys.readouterr().out
    assert "no group is charged more than" in printed
    shares = json.loads((out / "allocation.json").read_text(encoding="utf-8"))
    assert sum(shares["shares_minor"].values()) == shares["total_minor"]
    # Eight and six members are few enough for every group of them, and one alone pays what it would pay alone.
    assert shares["shares_minor"]["M-14"] == shares["stand_alone_minor"]["M-14"]
    assert shares["status"] in ("exact", "bounded")
    assert (shares["properties"]["in_core"], shares["properties"]["core_empty"]) == ("refuted", "proven")
    low, high = map(Fraction, shares["properties"]["stabilising_discount"])
    assert 0 < low <= high < shares["total_minor"]
    assert run("verify", out / "plan.json", out / "allocation.json") == 0
    lied = json.loads(json.dumps(shares))
    lied["certificate"]["alone"]["M-3"][1] += 1
    assert run("verify", write_json(out / "lied.json", lied)) == 4
    lied = json.loads(json.dumps(shares))
    lied["certificate"]["prices"]["by_member"]["M-3"] = 10**9
    assert run("verify", write_json(out / "lied.json", lied)) == 4


def test_what_is_stored_of_many_members_is_what_is_stored_of_few_with_bounds(many_members: Path) -> None:
    from consortium.plan_making import make_plan
    from consortium.time_limits import limits_of

    case = problem_of(load(many_members))[0]
    kept = replace(case, consignments=tuple(one for one in case.consignments if one.destination == "USMIA"))
    of_many, of_few = (
        make_plan(one, rule="lp_prices", limits=limits_of(240), with_load_plan=False, with_comparison=False)
        for one in (case, kept)
    )
    stored = json.loads(json.dumps(of_many.certificate_numbers()))
    assert set(of_few.certificate_numbers()) <= set(stored)
    assert stored["members"] == 15
    low, high = stored["discount_minor"]
    assert 0 <= low <= high
    assert stored["largest_factor"] >= 1
    assert [one["member"] for one in of_many.member_shares()] == [f"M-{at}" for at in range(15)]


def test_the_judge_multiplies_the_prices_of_many_members_anew_and_wants_a_table_of_few(many_members: Path) -> None:
    from consortium.plan_making import make_plan
    from consortium.time_limits import limits_of

    case = problem_of(load(many_members))[0]
    made = make_plan(case, rule="lp_prices", limits=limits_of(240), with_load_plan=False, with_comparison=False)
    honest = made.document()["allocation"]

    def rules_broken(document: dict[str, Any]) -> set[str]:
        return {one.rule for one in check_allocation(read_allocation_document(document), made.plan, case)}

    assert rules_broken(honest) == set()
    lied = json.loads(json.dumps(honest))
    joint = lied["certificate"]["optimised"]
    for member, change in (("M-3", 1000), ("M-4", -1000)):
        for shares in (lied["shares"], joint["shares"]):
            shares[member] = str(Fraction(shares[member]) + change)
        for amounts in (lied["shares_minor"], lied["pays_minor"], joint["shares_minor"], lied["certificate"]["shares"]):
            amounts[member] = int(amounts[member]) + change
        lied["why"][member]["optimised_minor"] += change
    assert "rule_shares" in rules_broken(lied)
    nucleolus = {**honest, "method": "nucleolus", "certificate": {**honest["certificate"], "rule": "nucleolus"}}
    assert "certificate_missing" in rules_broken(nucleolus)
    certificate = honest["certificate"]
    few = [member for member in certificate["shares"] if member != "M-14"]
    some = {**honest, "shares_minor": {member: honest["shares_minor"][member] for member in few}}
    assert "certificate_missing" in rules_broken(some)


def test_a_rule_without_an_answer_for_many_members_is_a_warning_and_the_plan_is_given(
    many_members: Path, capsys: Output
) -> None:
    asked = ("plan", many_members, "--no-load-plan", "--method", "nucleolus")
    assert run(*asked, "--json", "--lang", "en") == 0
    printed = capsys.readouterr()
    allocation = json.loads(printed.out)["allocation"]
    assert (allocation["status"], allocation["shares_minor"]) == ("undefined", {})
    assert "no cost shares by the rule nucleolus: this rule has no answer for so many members" in printed.err


def test_a_disk_that_fails_leaves_the_old_files_whole(
    problem_file: Path, tmp_path: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    assert run("plan", problem_file, "--out", out) == 0
    old = {path.name: path.read_bytes() for path in out.iterdir()}

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    assert run("plan", problem_file, "--out", out, "--seed", "3", "--lang", "en") == 1
    assert "No space left on device" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == old


@pytest.mark.parametrize(("language", "words"), [("es", "se esperaba"), ("pt", "esperava-se"), ("en", "expected")])
def test_faults_are_told_in_the_language_asked_for(language: str, words: str, tmp_path: Path, capsys: Output) -> None:
    source = write_json(tmp_path / "input.json", {**document(), "currency": "US$"})
    assert run("plan", source, "--lang", language) == 2
    assert words in capsys.readouterr().err


def test_explain_writes_the_answers_about_this_plan_and_leaves_the_plan_as_it_is(
    problem_file: Path, tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "answers.json"
    assert run("plan", problem_file, "--out", tmp_path / "out", "--explain", file, "--json", "--lang", "en") == 0
    assert json.loads(capsys.readouterr().out) == load(tmp_path / "out" / "plan.json")
    found = load(file)
    jsonschema.validate(found, answers_schema(), jsonschema.Draft202012Validator)
    assert found["plan_sha256"] == sha256(load(tmp_path / "out" / "plan.json"))
    assert found["complete"] is True
    assert found["alternatives"]
    assert [one["change"] for one in found["wishes"]].count("ready_earlier") == 1
    again = tmp_path / "again.json"
    assert run("plan", problem_file, "--explain", again) == 0
    assert again.read_bytes() == file.read_bytes()


def test_explain_into_a_folder_that_is_not_there_is_refused_before_any_work(
    problem_file: Path, tmp_path: Path, capsys: Output
) -> None:
    assert run("plan", problem_file, "--explain", tmp_path / "none" / "answers.json", "--lang", "en") == 2
    assert "is not a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["problem", "plan", "allocation", "answers"])
def test_schema_prints_a_valid_schema(name: str, capsys: Output) -> None:
    assert run("schema", name) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"consortium/{name}@1"


def test_help_and_version_are_answers(capsys: Output) -> None:
    assert run("--version") == 0
    assert run("plan", "--help", "--lang", "es") == 0
    assert "Planifica los envíos" in capsys.readouterr().out


# The judge


@pytest.fixture
def planned(problem_file: Path, tmp_path: Path) -> Path:
    assert run("plan", problem_file, "--out", tmp_path / "out", "--lang", "en") == 0
    return tmp_path / "out"


def spoil(path: Path, change: Callable[[Any], None]) -> Path:
    found = load(path)
    change(found)
    return write_json(path, found)


def test_verify_finds_nothing_in_what_was_written(planned: Path, capsys: Output) -> None:
    capsys.readouterr()
    files = [planned / name for name in ("plan.json", "allocation.json", "problem.json")]
    assert run("verify", *files, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["format"]: one["violations"] for one in found["files"]} == {
        "consortium/plan@1": [],
        "consortium/allocation@1": [],
        "consortium/problem@1": [],
    }


SPOILED: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "cheaper": ("plan.json", lambda plan: plan.update(cost_minor=302_999), "cost (plan): claimed 302999"),
    "gap": ("plan.json", lambda plan: plan.update(gap_ppm=5), "gap (plan): claimed 5, found 0"),
    "bound": ("plan.json", lambda plan: plan.update(lower_bound_minor=400_000), "bound"),
    "lost goods": ("plan.json", lambda plan: plan["containers"][0]["contents"].pop(), "C-18"),
    "charge": ("plan.json", lambda plan: plan["charges"][0].update(amount_minor=1), "charge_amount"),
    "other problem": ("plan.json", lambda plan: plan.update(problem_sha256="0" * 64), "problem_sha256 (plan)"),
    "share within": ("plan.json", lambda plan: plan["allocation"]["shares_minor"].update(andina=1), "budget_balance"),
    "share": ("allocation.json", lambda one: one["shares_minor"].update(andina=1), "budget_balance"),
    "exact share": ("allocation.json", lambda one: one["shares"].update(andina="1/3"), "budget_balance (shares)"),
    "split": ("allocation.json", lambda one: one["pays_minor"].update(andina=1), "allocation_split (andina)"),
    "core": ("allocation.json", lambda one: one["properties"].update(in_core="refuted"), "properties (in_core)"),
    "alone": ("allocation.json", lambda one: one["stand_alone_minor"].update(andina=9), "stand_alone (andina)"),
    "table": ("allocation.json", lambda one: one["certificate"]["coalitions"].update(andina=9), "certificate_"),
    "no table": ("allocation.json", lambda one: one["certificate"].pop("coalitions"), "certificate_missing"),
    "total": ("allocation.json", lambda one: one.update(total_minor=5), "allocation_total (total_minor)"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_verify_names_every_altered_claim(name: str, planned: Path, capsys: Output) -> None:
    file, change, words = SPOILED[name]
    spoil(planned / file, change)
    assert run("verify", planned / "plan.json", planned / "allocation.json", "--lang", "en") == 4
    assert words in capsys.readouterr().out


def test_verify_matches_plans_and_problems_by_fingerprint(planned: Path, tmp_path: Path, capsys: Output) -> None:
    other = document()
    other["title"] = "another"
    moved = tmp_path / "moved.json"
    (planned / "plan.json").rename(moved)
    another = write_json(tmp_path / "other.json", other)
    assert run("verify", moved, another, planned / "problem.json") == 0
    assert run("verify", moved, "--lang", "en") == 2
    assert "the problem of the plan" in capsys.readouterr().err


def test_verify_refuses_other_documents(tmp_path: Path, capsys: Output) -> None:
    source = write_json(tmp_path / "x.json", {"format": "consortium/wish@1"})
    assert run("verify", source, "--lang", "en") == 2
    assert 'found "consortium/wish@1"' in capsys.readouterr().err


def test_verify_loads_no_solver(planned: Path) -> None:
    program = (
        "import sys; from consortium.cli import main; "
        f"status = main(['verify', {str(planned / 'plan.json')!r}, {str(planned / 'allocation.json')!r}]); "
        "searching = [name for name in sys.modules if name.split('.')[0] in ('ortools', 'highspy', 'scipy')]; "
        "assert status == 0 and not searching, searching"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_module_runs_as_a_program(problem_file: Path) -> None:
    command = [sys.executable, "-m", "consortium", "plan", str(problem_file), "--json", "--no-allocation"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cost_minor"] == 303_000


def test_a_share_above_standing_alone_is_never_hidden(
    problem_file: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    from consortium import plan_making

    original = plan_making.share_costs
    monkeypatch.setattr(
        plan_making,
        "share_costs",
        lambda *args, **options: replace(original(*args, **options), above_stand_alone=("andina",)),
    )
    assert run("plan", problem_file, "--lang", "en") == 0
    assert "andina is charged more than it would pay alone" in capsys.readouterr().err
