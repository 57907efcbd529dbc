"""Lies planted in a plan's certificate, each by somebody who writes all files anew so that nothing else gives it away.

The liar keeps the fingerprints right, rebuilds the verdict from the changed numbers with the program's own code and
changes the number wherever it stands. `consortium verify` has to find every lie, and to accept the honest files.
"""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from consortium.certificate_checks import JudgedPlan, check_certificate
from consortium.cli import main
from consortium.formats.allocation_json import allocation_to_json, game_of, properties_of
from consortium.formats.canonical import sha256
from consortium.formats.certificate_json import certificate_to_json, read_certificate_document
from consortium.formats.plan_json import plan_to_json
from consortium.formats.problem_json import problem_sha256, problem_to_json
from consortium.plan_making import MadePlan, make_plan
from consortium.texts import LANGUAGES, translate
from consortium.violation_texts import MEANINGS, violation_sentence
from optimizer.allocation.shares import certify_shares, share_costs
from optimizer.apportion import round_shares
from optimizer.certificate import certificate_numbers, certify
from optimizer.limits import Limits
from optimizer.problem import AllocationKey, ConsolidationProblem, IncotermStage
from optimizer.result import Violation
from tests.builders import charge, consignment, container_20, problem, random_problem, settings
from tests.consortium.formats.files import write_json

Output = pytest.CaptureFixture[str]
Json = dict[str, Any]

LITRES = {"andina": 14_000, "bahia": 9_000, "cumbre": 6_000, "delta": 12_500}


def world() -> ConsolidationProblem:
    """Return four members who share containers, with charges of every key and one whose buyer pays the carriage."""
    goods = [
        consignment(
            f"C-{name}", name, litres=litres, value_minor=litres * 100, incoterm="FOB" if name == "cumbre" else "CIF"
        )
        for name, litres in LITRES.items()
    ]
    charges = [
        charge("OFR", "container", 100_001, modes=["fcl"], incoterm_stage=IncotermStage.MAIN_CARRIAGE),
        charge("LCL", "freight_tonne", 9_000, modes=["lcl"], incoterm_stage=IncotermStage.MAIN_CARRIAGE),
        charge("DOC", "departure", 4_001, allocation_key=AllocationKey.EQUAL),
        charge(
            "INS",
            "value",
            0,
            rate_ppm=3_333,
            allocation_key=AllocationKey.VALUE,
            incoterm_stage=IncotermStage.INSURANCE,
        ),
        charge("CUS", "consignment", 2_503, allocation_key=AllocationKey.DIRECT),
    ]
    return problem(goods, charges, container_types=[container_20()], settings=settings("fcl", "lcl"))


@dataclass(frozen=True)
class Files:
    """What is handed to the judge."""

    problem: Json
    plan: Json
    certificate: Json

    def changed(self, tell: Callable[[Json], Any]) -> "Files":
        """Return the files with another allocation, the plan and the certificate issued anew around it."""
        allocation = deepcopy(self.plan["allocation"])
        tell(allocation)
        plan = {**self.plan, "allocation": allocation}
        certificate = {**deepcopy(self.certificate), "allocation": allocation, "plan_sha256": sha256(plan)}
        return replace(self, plan=plan, certificate=certificate)

    def certified(self, tell: Callable[[Json], Any]) -> "Files":
        """Return the files with something else changed in the certificate alone."""
        certificate = deepcopy(self.certificate)
        tell(certificate)
        return replace(self, certificate=certificate)


RULES = ("shapley", "nucleolus", "equal_profit", "proportional_volume")


@cache
def made(rule: str) -> MadePlan:
    return make_plan(
        world(), rule=rule, tie_key="PS-1", limits=Limits(time_limit_s=60), with_comparison=False, with_load_plan=False
    )


@cache
def honest(rule: str) -> Files:
    """Return the files of a plan's shares by a rule."""
    found = made(rule)
    plan = found.document()
    return Files(problem_to_json(found.problem), plan, json.loads(json.dumps(found.certificate_document(plan))))


def by_rule(rule: str, name: str) -> Files:
    """Return the honest files of a rule whose name is then changed wherever it stands."""
    files = honest(rule)

    def tell(one: Json) -> None:
        one["method"] = one["certificate"]["rule"] = name

    return files.changed(tell)


def rebuilt(one: Json) -> None:
    """Write the verdict anew from shares and groups, as the program would."""
    certificate = one["certificate"]
    game = game_of(certificate["coalitions"])
    exact = {member: Fraction(share) for member, share in one["shares"].items()}
    weights = {game.mask(row["coalition"]): Fraction(row["weight"]) for row in certificate["balanced_weights"]}
    point = {member: Fraction(share) for member, share in certificate["core_point"].items()}
    found = certify(
        game, one["shares_minor"], one["total_minor"], exact_shares=exact, balanced_weights=weights, core_point=point
    )
    certificate |= certificate_numbers(found)
    one["properties"] = properties_of(found)


def move(one: Json, giver: str, taker: str, amount: int, *, exactly: bool = False) -> None:
    """Move an amount of the joint part from one member to another wherever it stands."""
    part = one["certificate"]["optimised"]
    for member, change in ((giver, -amount), (taker, amount)):
        one["shares_minor"][member] += change
        one["pays_minor"][member] += change
        part["shares_minor"][member] += change
        one["why"][member]["optimised_minor"] += change
        if exactly:
            for shares in (one["shares"], part["shares"]):
                shares[member] = str(Fraction(shares[member]) + change)
    rebuilt(one)


def odd_cent(one: Json) -> None:
    """Give the odd cent of rounding to another member: everybody stays within a cent of its exact share."""
    part = one["certificate"]["optimised"]
    missing = {member: part["shares_minor"][member] - Fraction(share) for member, share in part["shares"].items()}
    giver, taker = max(missing, key=missing.__getitem__), min(missing, key=missing.__getitem__)
    assert missing[giver] > 0 > missing[taker]
    move(one, giver, taker, 1)


def swap(one: Json) -> None:
    """Exchange two members' names in all shares, but not in the table of groups."""
    names = {"andina": "bahia", "bahia": "andina"}
    part = one["certificate"]["optimised"]
    for holder in (one, part):
        for key in (
            "shares",
            "shares_minor",
            "pays_minor",
            "buyers_pay_minor",
            "why",
            "direct_minor",
            "shares_decimal",
        ):
            if key in holder:
                holder[key] = {names.get(member, member): value for member, value in holder[key].items()}
    rebuilt(one)


def total_edited(one: Json) -> None:
    """Charge 1.00 more than the plan costs to one member, and make all of them together that much dearer."""
    part = one["certificate"]["optimised"]
    one["total_minor"] += 100
    part["total_minor"] += 100
    one["certificate"]["coalitions"]["andina,bahia,cumbre,delta"] += 100
    for shares in (one["shares"], part["shares"]):
        shares["andina"] = str(Fraction(shares["andina"]) + 100)
    for amounts in (one["shares_minor"], one["pays_minor"], part["shares_minor"]):
        amounts["andina"] += 100
    one["why"]["andina"]["optimised_minor"] += 100
    rebuilt(one)


def direct_moved(one: Json) -> None:
    part = one["certificate"]["optimised"]
    for member, change in (("andina", -500), ("bahia", 500)):
        part["direct_minor"][member] += change
        one["shares_minor"][member] += change
        one["pays_minor"][member] += change
        one["why"][member]["direct_minor"] += change
        one["shares"][member] = str(Fraction(one["shares"][member]) + change)
    rebuilt(one)


def buyers_spared(one: Json) -> None:
    one["pays_minor"]["cumbre"] += 10
    one["buyers_pay_minor"]["cumbre"] -= 10


def heavier(one: Json) -> None:
    """Measure one member's goods higher, and share by that."""
    certificate, part = one["certificate"], one["certificate"]["optimised"]
    weights = {member: Fraction(weight) for member, weight in certificate["weights"].items()}
    weights["andina"] *= 2
    certificate["weights"] = {member: int(weight) for member, weight in weights.items()}
    exact = {member: part["total_minor"] * weight / sum(weights.values()) for member, weight in weights.items()}
    part["shares"] = {member: str(share) for member, share in exact.items()}
    part["shares_minor"] = round_shares(exact, part["total_minor"], tie_key=f"{certificate['tie_key']}|optimised")
    for member, share in exact.items():
        direct = part["direct_minor"][member]
        one["shares"][member] = str(direct + share)
        one["shares_minor"][member] = direct + part["shares_minor"][member]
        one["why"][member]["optimised_minor"] = part["shares_minor"][member]
        one["pays_minor"][member] = one["shares_minor"][member] - one["buyers_pay_minor"][member]
    rebuilt(one)


def dearer_alone() -> Files:
    """Make one member dearer alone, and share by the rule on that: nothing but its own plan tells."""
    found = made("shapley")
    assert found.game is not None
    game = found.game.game
    upper = list(game.upper)
    bit = game.mask(["andina"])
    upper[bit] += 20_000
    dear = replace(game, upper=tuple(upper), lower=tuple(upper))
    shares = share_costs(found.problem, found.plan, dear, found.game.direct, "shapley", tie_key="PS-1")
    allocation = allocation_to_json(
        shares,
        currency="USD",
        problem_sha256=problem_sha256(found.problem),
        game=dear,
        certificate=certify_shares(dear, shares),
    )
    plan = plan_to_json(found.plan, found.problem, allocation=allocation)
    certificate = certificate_to_json(found.problem, plan, found.game.stand_alone_plans)
    return Files(honest("shapley").problem, plan, json.loads(json.dumps(certificate)))


def dearer_alone_with_its_plan() -> Files:
    """The same, with a dearer charge in the member's own plan too."""

    def tell(certificate: Json) -> None:
        alone = certificate["stand_alone_plans"]["andina"]
        alone["charges"][0]["amount_minor"] += 20_000
        alone["cost_minor"] += 20_000
        alone["lower_bound_minor"] += 20_000

    return dearer_alone().certified(tell)


def stale_plan() -> Files:
    files = honest("shapley")
    return replace(files, plan={**files.plan, "seed": 0, "limits": {**files.plan["limits"], "work_limit": 1}})


def stale_problem() -> Files:
    files = honest("shapley")
    return replace(files, problem={**files.problem, "title": "changed after the vote"})


def set_in(*path: str, to: Any) -> Callable[[Json], None]:
    def tell(one: Json) -> None:
        for key in path[:-1]:
            one = one[key]
        one[path[-1]] = to(one[path[-1]]) if callable(to) else to

    return tell


def without(*path: str) -> Callable[[Json], None]:
    def tell(one: Json) -> None:
        for key in path[:-1]:
            one = one[key]
        del one[path[-1]]

    return tell


def verdict_turned(one: Json) -> None:
    one["properties"]["in_core"] = one["certificate"]["in_core"] = "undecided"


def excess_edited(one: Json) -> None:
    one["certificate"]["tightest"][0]["excess"] -= 1


def exact_edited(one: Json) -> None:
    """Move a fraction of a cent in the exact shares, too little to change any whole cent."""
    for member, change in (("andina", Fraction(1, 1000)), ("bahia", Fraction(-1, 1000))):
        for shares in (one["shares"], one["certificate"]["optimised"]["shares"]):
            shares[member] = str(Fraction(shares[member]) + change)
    rebuilt(one)


def level_edited(one: Json) -> None:
    level = one["certificate"]["proof"]["levels"][0]
    level["value"] = str(Fraction(level["value"]) - 1)


LIES: dict[str, tuple[Callable[[], Files], str]] = {
    "a cent moved": (
        lambda: honest("shapley").changed(lambda one: move(one, "andina", "bahia", 1)),
        "allocation_rounding",
    ),
    "the odd cent given to another": (lambda: honest("shapley").changed(odd_cent), "allocation_rounding"),
    "an amount moved, exact shares too": (
        lambda: honest("shapley").changed(lambda one: move(one, "andina", "bahia", 700, exactly=True)),
        "rule_shares",
    ),
    "less than a cent moved": (lambda: honest("shapley").changed(exact_edited), "rule_shares"),
    "an edited total": (lambda: honest("shapley").changed(total_edited), "allocation_total"),
    "a coalition left out": (
        lambda: honest("shapley").changed(without("certificate", "coalitions", "andina,bahia")),
        "certificate_readable",
    ),
    "a coalition made dearer": (
        lambda: honest("shapley").changed(
            lambda one: (
                set_in("certificate", "coalitions", "andina,bahia", to=lambda cost: cost + 5)(one),
                rebuilt(one),
            )
        ),
        "rule_shares",
    ),
    "a stale plan": (stale_plan, "plan_sha256"),
    "a stale problem": (stale_problem, "problem_sha256"),
    "two members swapped": (lambda: honest("shapley").changed(swap), "direct_part"),
    "a member replaced by a stranger": (
        lambda: honest("shapley").certified(
            set_in("members", to=lambda them: [{"id": "ghost", "name": "x"}, *them[1:]])
        ),
        "allocation_members",
    ),
    "another rule's shares": (lambda: by_rule("nucleolus", "shapley"), "rule_shares"),
    "another rule's name": (lambda: by_rule("shapley", "nucleolus"), "proof_missing"),
    "another rule's proof": (lambda: by_rule("nucleolus", "equal_profit"), "proof_"),
    "a level of the proof edited": (lambda: honest("nucleolus").changed(level_edited), "proof_level"),
    "another version of the rule": (
        lambda: honest("shapley").changed(set_in("certificate", "rule_version", to=0)),
        "rule_version",
    ),
    "another seed": (lambda: honest("shapley").certified(set_in("seed", to=7)), "seed"),
    "a verdict turned": (lambda: honest("shapley").changed(verdict_turned), "certificate_in_core"),
    "an excess edited": (lambda: honest("shapley").changed(excess_edited), "certificate_readable"),
    "a core invented": (
        lambda: honest("shapley").changed(set_in("certificate", "core_empty", to="refuted")),
        "certificate_core_empty",
    ),
    "a direct charge moved": (lambda: honest("shapley").changed(direct_moved), "direct_part"),
    "buyers spared": (lambda: honest("shapley").changed(buyers_spared), "buyers_part"),
    "goods measured higher": (lambda: honest("proportional_volume").changed(heavier), "weight"),
    "dearer alone": (dearer_alone, "alone_cost"),
    "dearer alone, with a dearer plan": (dearer_alone_with_its_plan, "charge_amount"),
    "a plan of its own left out": (
        lambda: honest("shapley").certified(without("stand_alone_plans", "andina")),
        "allocation_members",
    ),
    "another explanation": (
        lambda: honest("shapley").changed(set_in("why", "andina", "optimised_minor", to=1)),
        "allocation_parts",
    ),
    "another currency": (lambda: honest("shapley").certified(set_in("currency", to="EUR")), "currency"),
    "shares of another plan": (
        lambda: replace(honest("shapley"), certificate=honest("nucleolus").certificate),
        "certificate_of_others",
    ),
}


def judged(files: Files, folder: Path, language: str, capsys: Output) -> tuple[int, str]:
    names = ("problem", "plan", "certificate")
    paths = [write_json(folder / f"{name}.json", getattr(files, name)) for name in names]
    capsys.readouterr()
    status = main(["verify", *map(str, paths), "--lang", language])
    said = capsys.readouterr()
    return status, said.out + said.err


@pytest.mark.parametrize("rule", RULES)
def test_honest_certificates_are_accepted(rule: str, tmp_path: Path, capsys: Output) -> None:
    status, said = judged(honest(rule), tmp_path, "en", capsys)
    assert status == 0, said
    assert "certificate.json: no violation found (consortium/certificate@1)" in said


@pytest.mark.parametrize("seed", [5, 12, 34, 41])
def test_honest_certificates_of_goods_that_are_divided_or_stay_behind_are_accepted(seed: int) -> None:
    # 34: goods of one member, priced in two parts, end in one container as one lot that is rounded once.
    mixed = random_problem(seed, members=1 + seed % 5, consignments=3 + seed % 6)
    keys = [AllocationKey.OPTIMISED, *(one for one in AllocationKey if one is not AllocationKey.CONTAINER_USE)]
    charges = [replace(one, allocation_key=keys[(seed + turn) % len(keys)]) for turn, one in enumerate(mixed.charges)]
    found = make_plan(
        replace(mixed, charges=tuple(charges)) if seed != 34 else mixed,
        rule=RULES[seed % 3],
        limits=Limits(time_limit_s=60, work_limit=0.5),
        with_comparison=False,
        with_load_plan=False,
    )
    plan = found.document()
    certificate = read_certificate_document(found.certificate_document(plan))
    assert check_certificate(certificate, JudgedPlan(document=plan, plan=found.plan, problem=found.problem)) == ()


@pytest.mark.parametrize("name", LIES)
def test_a_planted_lie_is_found_and_told_in_every_language(name: str, tmp_path: Path, capsys: Output) -> None:
    lie, rule = LIES[name]
    files = lie()
    for language in LANGUAGES:
        status, said = judged(files, tmp_path, language, capsys)
        assert status == 4, said
        assert rule in said
        told = [translate(language).gettext(text) for code, text in MEANINGS.items() if code in said]
        assert rule.startswith(("certificate_", "charge_")) or any(text in said for text in told)


def test_a_certificate_alone_is_judged_by_what_it_holds(tmp_path: Path, capsys: Output) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    path = write_json(folder / "certificate.json", honest("nucleolus").certificate)
    assert main(["verify", str(path)]) == 0
    lied = honest("nucleolus").changed(lambda one: move(one, "andina", "bahia", 700, exactly=True)).certificate
    assert main(["verify", str(write_json(folder / "certificate.json", lied))]) == 4


def test_every_meaning_is_a_sentence() -> None:
    for code, meaning in MEANINGS.items():
        one = Violation(rule=code, subject="x", claimed="1", found="2")
        said = {violation_sentence(one, translate(language)) for language in LANGUAGES}
        assert len(said) == len(LANGUAGES)
        assert all(sentence.endswith(".") for sentence in said)
        assert meaning
