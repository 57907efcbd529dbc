"""`consortium fairs`: the published examples, statuses, streams, faults, and planted lies before the judge."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from consortium.cli import main
from consortium.fair_answers import answer_fair_question
from consortium.fair_checks import check_fair_answer
from consortium.formats.fair_answer_json import fair_answer_schema, fair_answers_schema
from consortium.formats.fair_json import FAIR_KINDS, FairQuestion, fair_schema, read_fair_question
from consortium.formats.json_text import parse_json
from tests.consortium.formats.files import write_json

Output = pytest.CaptureFixture[str]

POT = {
    "projects": {"F1": 1000, "F2": 500, "F3": 240},
    "tied_co_financing": {"F1": 400},
    "utility": "weight*net_cost",
    "endowments": {"A": 800, "B": 400, "C": "1000/3"},
    "weights": {"A": 2, "B": 1, "C": 1},
    "approvals": {"A": ["F1", "F3"], "B": ["F1", "F2", "F3"], "C": ["F2", "F3"]},
}
BIDS = {
    "common_cost": 600,
    "own_costs": {"A": 50},
    "weights": {"A": 2, "B": 1, "C": 1, "D": 1},
    "bids": {"A": 400, "B": 160, "C": 150, "D": 100},
    "minimum_group": 2,
}
VOTES = {"projects": {"F1": 12, "F2": 8}, "budget": 20, "approvals": {"A": ["F1"], "B": ["F1", "F2"], "C": ["F1"]}}
AID = {"rate": "0.30", "cap": 500, "minimum_firms": 4, "handling_fee_rate": "0.10"}
COSTS = {"A": 90, "B": 70, "C": 60, "A,B": 120, "A,C": 114, "B,C": 102, "A,B,C": 150}

EXAMPLES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "equal_shares",
        POT,
        {
            "selected": ["F3", "F1"],
            "rounds": [
                {
                    "project": "F3",
                    "rho": "1/4",
                    "payments": {"A": "120", "B": "60", "C": "60"},
                    "payments_minor": {"A": 120, "B": 60, "C": 60},
                },
                {
                    "project": "F1",
                    "rho": "1/3",
                    "payments": {"A": "400", "B": "200"},
                    "payments_minor": {"A": 400, "B": 200},
                },
            ],
            "left": {"A": "280", "B": "140", "C": "820/3"},
            "rejected": {"F2": {"missing": "260/3"}},
        },
    ),
    (
        "equal_shares_own_money",
        {
            "projects": {"F1": 6000, "F2": 4000},
            "annual_caps": {"A": 5000, "B": 4000, "C": 3000},
            "willingness_to_pay": {"A": {"F1": 4000, "F2": 100}, "B": {"F1": 3000}, "C": {"F1": 1000, "F2": 200}},
        },
        {
            "selected": ["F1"],
            "rounds": [
                {
                    "project": "F1",
                    "rho": "3/4",
                    "payments": {"A": "3000", "B": "2250", "C": "750"},
                    "payments_minor": {"A": 3000, "B": 2250, "C": 750},
                }
            ],
            "left": {"A": "2000", "B": "1750", "C": "2250"},
            "rejected": {"F2": {"missing": "3700"}},
        },
    ),
    (
        "phragmen",
        VOTES,
        {
            "selected": ["F1", "F2"],
            "rounds": [{"project": "F1", "time": "4"}, {"project": "F2", "time": "12"}],
            "spent": 20,
            "loads": {"A": "4", "B": "12", "C": "4"},
        },
    ),
    ("most_votes", {**VOTES, "budget": 15}, {"selected": ["F1"], "votes": {"F1": 3, "F2": 1}, "spent": 12}),
    (
        "participation",
        BIDS,
        {
            "participants": ["A", "B", "C"],
            "shares": {"A": "350", "B": "150", "C": "150"},
            "shares_minor": {"A": 350, "B": 150, "C": 150},
            "rounds": [
                {"shares": {"A": "290", "B": "120", "C": "120", "D": "120"}, "dropped": ["D"]},
                {"shares": {"A": "350", "B": "150", "C": "150"}, "dropped": []},
            ],
        },
    ),
    (
        "participation",
        {"bids": {"A": 10, "B": 30}, "levels": {"A": 20, "B": 50}, "minimum_group": 1},
        {
            "participants": [],
            "shares": {},
            "shares_minor": {},
            "rounds": [{"shares": {"A": "10", "B": "40"}, "dropped": ["B"]}, {"shares": {"A": "20"}, "dropped": ["A"]}],
        },
    ),
    (
        "share_stand",
        {"rule": "per_head", "common_cost": 100, "members": ["A", "B"]},
        {"shares": {"A": "50", "B": "50"}, "shares_minor": {"A": 50, "B": 50}, "total": "100"},
    ),
    (
        "share_stand",
        {"rule": "area", "common_cost": 100, "areas": {"A": "4.5", "B": 9}},
        {"shares": {"A": "100/3", "B": "200/3"}, "shares_minor": {"A": 33, "B": 67}, "total": "100"},
    ),
    (
        "share_stand",
        {"rule": "airport", "levels": {"A": 20, "B": 50}},
        {"shares": {"A": "10", "B": "40"}, "shares_minor": {"A": 10, "B": 40}, "total": "50"},
    ),
    (
        "share_stand",
        {"rule": "serial", "demands": {"A": 4, "B": 8, "C": 12}, "cost_function": {"coefficients": [3000, 250]}},
        {
            "shares": {"A": "2000", "B": "3000", "C": "4000"},
            "shares_minor": {"A": 2000, "B": 3000, "C": 4000},
            "total": "9000",
        },
    ),
    (
        "share_stand",
        {
            "rule": "serial",
            "demands": {"A": "0.5", "B": 2},
            "cost_function": {"blocks": [{"from": 0, "unit_price": 3}, {"from": 1, "unit_price": 1}]},
        },
        {"shares": {"A": "3/2", "B": "3"}, "shares_minor": {"A": 2, "B": 3}, "total": "9/2"},
    ),
    (
        "share_stand",
        {"rule": "shapley", "costs": COSTS},
        {
            "shares": {"A": "190/3", "B": "142/3", "C": "118/3"},
            "shares_minor": {"A": 63, "B": 48, "C": 39},
            "total": "150",
        },
    ),
    (
        "share_stand",
        {"rule": "scrb", "costs": COSTS},
        {
            "shares": {"A": "3300/53", "B": "2520/53", "C": "2130/53"},
            "shares_minor": {"A": 62, "B": 48, "C": 40},
            "total": "150",
            "separable": {"A": "48", "B": "36", "C": "30"},
        },
    ),
    (
        "share_stand",
        {"rule": "scrb", "total": 150, "alone": {"A": 90, "B": 70}, "separable": {"A": 90, "B": 70}},
        {
            "shares": {"A": "85", "B": "65"},
            "shares_minor": {"A": 85, "B": 65},
            "total": "150",
            "separable": {"A": "90", "B": "70"},
        },
    ),
    (
        "overhead",
        {"total": 2400, "equal_part": "1/2", "driver": {"A": 4, "B": 3, "C": 2, "D": 1}, "cap_per_member": 700},
        {
            "shares": {"A": "700", "B": "700", "C": "1700/3", "D": "1300/3"},
            "shares_minor": {"A": 700, "B": 700, "C": 567, "D": 433},
            "capped": ["A", "B"],
        },
    ),
    (
        "apportion",
        {"total": -10, "weights": {"A": 2, "B": 1, "C": 0}},
        {"quotas": {"A": "-20/3", "B": "-10/3", "C": "0"}, "shares_minor": {"A": -7, "B": -3, "C": 0}},
    ),
    (
        "settle",
        {"balances": {"A": 70, "B": -40, "C": -30, "D": 0}},
        {"transfers": [{"from": "B", "to": "A", "amount": 40}, {"from": "C", "to": "A", "amount": 30}]},
    ),
    (
        "co_financing",
        {
            "rule": AID,
            "claims": [
                {"eligible_cost": 1001, "firms": 4},
                {"eligible_cost": 2000, "firms": 5},
                {"eligible_cost": 900, "firms": 3},
            ],
        },
        {
            "claims": [
                {"aid": 300, "handling_fee": 30, "net_benefit": 270, "bound_by": []},
                {"aid": 500, "handling_fee": 50, "net_benefit": 450, "bound_by": ["cap"]},
                {"aid": 0, "handling_fee": 0, "net_benefit": 0, "bound_by": ["minimum_firms"]},
            ]
        },
    ),
    (
        "de_minimis",
        {
            "ceiling": 1000,
            "years": 2,
            "granted": [{"date": "2021-02-10", "amount": 300}, {"date": "2022-06-01", "amount": 600}],
            "requests": [{"date": "2022-12-01", "amount": 101}, {"date": "2023-03-01", "amount": 400}],
        },
        {
            "requests": [
                {"window_from": "2020-12-02", "headroom": 100, "allowed": False},
                {"window_from": "2021-03-02", "headroom": 400, "allowed": True},
            ]
        },
    ),
    (
        "budget_control",
        {"budget": 100, "events": [{"request": 60}, {"request_to_order": 50, "cancel_request": 10}]},
        {
            "after_each": [
                {"requested": 60, "ordered": 0, "actual": 0, "available": 40, "allowed": True},
                {"requested": 0, "ordered": 50, "actual": 0, "available": 50, "allowed": True},
            ]
        },
    ),
    (
        "exchange_entry",
        {
            "base_currency": "PEN",
            "lines": [
                {"currency": "USD", "amount": -50, "base_amount": -187},
                {"currency": "PEN", "amount": 187, "base_amount": 187},
            ],
        },
        {"balanced": True, "base_total": 0},
    ),
    (
        "exchange_variance",
        {"budget_foreign": 2000, "budget_rate": "3.70", "actual_foreign": 1900, "actual_rate": "3.80"},
        {"budget_base": 7400, "actual_base": 7220, "variance": -180, "price_part": -370, "rate_part": 190},
    ),
    (
        "cancellation",
        {"contract": 1000, "instalments": ["0.50", "0.50"], "penalty": "0.20", "paid_instalments": 1},
        {"instalments": [500, 500], "penalty": 200, "refund": 300, "still_due": 0},
    ),
    (
        "cancellation",
        {
            "contract": 1000,
            "scale": [{"minimum_days": 30, "rate": "0.25"}, {"minimum_days": 0, "rate": "0.90"}],
            "days_before": [31, 30, 29],
        },
        {"fees": [250, 250, 900]},
    ),
    (
        "deposit",
        {"fee": 700, "deposit": 200, "late_surcharge": "0.10", "late": True, "report_delivered": False},
        {"due": 970, "income": 770, "refund": 0},
    ),
    (
        "withdrawal",
        {
            "common_cost": 900,
            "weights": {"A": 1, "B": 1, "C": 1},
            "own_costs": {"A": 80, "B": 80, "C": 70},
            "withdraws": "C",
            "caused_cost": 40,
            "replaced": False,
        },
        {"owed": 340, "avoided": 70, "others_change": {"A": 0, "B": 0}},
    ),
]
NAMED = [pytest.param(*one, id=f"{index}-{one[0]}") for index, one in enumerate(EXAMPLES)]


def problem(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"format": "consortium/fair-problem@1", "kind": kind, "input": given}


def question(kind: str, given: dict[str, Any]) -> FairQuestion:
    return read_fair_question(parse_json(json.dumps(problem(kind, given)).encode(), "question"))


def run(*arguments: str | Path) -> int:
    return main(["fairs", *(str(one) for one in arguments)])


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == set(FAIR_KINDS)


@pytest.mark.parametrize(("kind", "given", "wanted"), NAMED)
def test_examples_by_the_command(
    kind: str, given: dict[str, Any], wanted: dict[str, Any], tmp_path: Path, capsys: Output
) -> None:
    jsonschema.validate(problem(kind, given), fair_schema())
    assert run(write_json(tmp_path / "question.json", problem(kind, given)), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, fair_answer_schema())
    assert found == {"format": "consortium/fair-answer@1", "kind": kind, "status": "exact", "answer": wanted}


@pytest.mark.parametrize(("kind", "given", "wanted"), NAMED)
@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_examples_as_tables(
    kind: str, given: dict[str, Any], wanted: dict[str, Any], language: str, tmp_path: Path, capsys: Output
) -> None:
    assert run(write_json(tmp_path / "question.json", problem(kind, given)), "--lang", language) == 0
    lines = capsys.readouterr().out
    for key in ("shares", "left"):
        assert all(f"{member}  " in lines for member in wanted.get(key, {}))


def test_several_files_give_their_answers_in_order(tmp_path: Path, capsys: Output) -> None:
    files = [write_json(tmp_path / f"{index}.json", problem(*EXAMPLES[index][:2])) for index in (3, 0)]
    assert run(*files, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, fair_answers_schema())
    assert [one["kind"] for one in found["answers"]] == ["most_votes", "equal_shares"]


def test_one_bad_file_and_nothing_is_answered(tmp_path: Path, capsys: Output) -> None:
    good = write_json(tmp_path / "good.json", problem(*EXAMPLES[0][:2]))
    bad = write_json(tmp_path / "bad.json", problem("settle", {"balances": {"A": 5, "B": -4}}))
    assert run(good, bad, "--json") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "bad.json, input.balances" in printed.err
    assert "found 1" in printed.err


@pytest.mark.parametrize(
    ("kind", "given", "reason"),
    [
        ("apportion", {"total": 5, "weights": {"A": 0}}, "no_weights"),
        ("overhead", {"total": 10, "equal_part": 1, "driver": {"A": 1, "B": 1}, "cap_per_member": 4}, "caps_too_low"),
        ("overhead", {"total": 10, "equal_part": 0, "driver": {"A": 0}, "cap_per_member": None}, "no_weights"),
        ("share_stand", {"rule": "area", "common_cost": 1, "areas": {"A": 0}}, "no_weights"),
    ],
)
def test_what_has_no_answer_says_why(
    kind: str, given: dict[str, Any], reason: str, tmp_path: Path, capsys: Output
) -> None:
    assert run(write_json(tmp_path / "question.json", problem(kind, given)), "--json") == 3
    found = json.loads(capsys.readouterr().out)
    jsonschema.validate(found, fair_answer_schema())
    assert (found["status"], found["reason"], "answer" in found) == ("undefined", reason, False)


def changed(given: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {key: value for key, value in {**given, **keys}.items() if value is not ...}


@pytest.mark.parametrize(
    ("kind", "given", "path", "expected"),
    [
        ("equal_shares", changed(POT, utility="joy"), "input.utility", "one of cost"),
        ("equal_shares", changed(POT, scores={"A": {"F1": 2}}), "input.approvals", "only one of approvals, scores"),
        ("equal_shares", changed(POT, approvals=...), "input.approvals", "missing"),
        ("equal_shares", changed(POT, approvals={"A": ["F9"]}), "input.approvals.A.F9", "a project of this question"),
        ("equal_shares", changed(POT, approvals={"Z": ["F1"]}), "input.approvals.Z", "a member of this question"),
        ("equal_shares", changed(POT, endowments={"A": -1}), "input.endowments.A", "a number >= 0"),
        ("equal_shares", changed(POT, budget=3), "input.budget", "unknown key"),
        ("participation", changed(BIDS, levels={"A": 1}), "input.common_cost", "unknown key"),
        ("participation", changed(BIDS, weights={"A": 0}), "input.weights.A", "a number > 0"),
        ("participation", {"bids": {"A": 3}, "levels": {}}, "input.levels.A", "missing"),
        ("share_stand", {"rule": "fair"}, "input.rule", "one of per_head"),
        ("share_stand", {"rule": "shapley", "costs": {"A": 1, "B": 1}}, "input.costs.", "missing"),
        ("share_stand", {"rule": "scrb", "costs": {"A": 1, "A,B": 1}}, "input.costs.B", "missing"),
        ("overhead", {"total": 1, "equal_part": "1.1", "driver": {"A": 1}}, "input.equal_part", "a rate from 0 to 1"),
        ("co_financing", {"rule": AID, "claims": [{"eligible_cost": 3}]}, "input.claims[0].firms", "missing"),
        ("budget_control", {"budget": 5, "events": [{"cancel_order": 1}]}, "input.events[0].cancel_order", "at most 0"),
        ("budget_control", {"budget": 5, "events": [{"invoiced": 1}]}, "input.events[0].order_to_actual", "missing"),
        (
            "exchange_entry",
            {"base_currency": "PEN", "lines": [{"currency": "PEN", "amount": 5, "base_amount": 6}]},
            "input.lines[0].base_amount",
            "the same as amount, 5",
        ),
        (
            "cancellation",
            {"contract": 5, "instalments": ["0.5"], "penalty": 0, "paid_instalments": 2},
            "input.instalments",
            "rates that sum to 1",
        ),
        (
            "cancellation",
            {"contract": 5, "scale": [{"minimum_days": 7, "rate": 1}], "days_before": [3]},
            "input.days_before[0]",
            "integer >= 7",
        ),
        ("withdrawal", changed(EXAMPLES[-1][1], withdraws="Z"), "input.withdraws", "a member of this question"),
        ("wedding", {}, "kind", "one of equal_shares"),
    ],
)
def test_faults_name_the_place_and_what_was_expected(
    kind: str, given: dict[str, Any], path: str, expected: str, tmp_path: Path, capsys: Output
) -> None:
    assert run(write_json(tmp_path / "question.json", problem(kind, given)), "--lang", "en") == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if path in line]
    assert any(expected in line for line in lines), lines


LIES: list[tuple[int, tuple[str | int, ...], Any]] = [
    (0, ("rounds", 0, "payments", "A"), "119"),
    (0, ("rounds", 0, "rho"), "1/3"),
    (0, ("rounds", 1, "payments_minor", "B"), 201),
    (0, ("left", "C"), "273"),
    (0, ("rejected", "F2", "missing"), "1"),
    (0, ("selected",), ["F1", "F3"]),
    (1, ("rounds", 0, "payments", "C"), "751"),
    (4, ("rounds", 0, "dropped"), []),
    (4, ("shares", "A"), "349"),
    (4, ("rounds", 1, "shares", "B"), "151"),
    (4, ("participants",), ["A", "B"]),
    (7, ("shares_minor", "A"), 34),
    (8, ("shares", "A"), "11"),
    (14, ("capped",), ["A"]),
    (14, ("shares", "C"), "567"),
    (15, ("shares_minor", "A"), -6),
    (16, ("transfers", 0, "amount"), 41),
    (16, ("transfers", 1, "to"), "B"),
]


@pytest.mark.parametrize(("index", "place", "lie"), LIES)
def test_the_judge_finds_planted_lies(index: int, place: tuple[str | int, ...], lie: Any) -> None:
    asked = question(*EXAMPLES[index][:2])
    document: Any = answer_fair_question(asked)
    assert check_fair_answer(asked, document) == ()
    told = deepcopy(document)
    inside = told["answer"]
    for key in place[:-1]:
        inside = inside[key]
    assert inside[place[-1]] != lie
    inside[place[-1]] = lie
    assert check_fair_answer(asked, told) != ()


def test_the_judge_knows_a_cheaper_project() -> None:
    """F1 first, at its own right price, although F3 was cheaper."""
    asked = question("equal_shares", POT)
    document: Any = answer_fair_question(asked)
    rounds = document["answer"]["rounds"]
    rounds.reverse()
    document["answer"]["selected"].reverse()
    assert "fair_order" in {one.rule for one in check_fair_answer(asked, document)}


def test_another_seed_gives_the_odd_unit_to_another() -> None:
    weights = dict.fromkeys("ABCDEFG", 1)
    asked = question("apportion", {"total": 1, "weights": weights})
    turns = {max(found, key=found.__getitem__) for seed in range(30) for found in [minor(asked, str(seed))]}
    assert len(turns) > 3


def minor(asked: FairQuestion, tie_key: str) -> dict[str, int]:
    found: dict[str, int] = answer_fair_question(asked, tie_key=tie_key)["answer"]["shares_minor"]
    return found
