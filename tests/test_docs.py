"""The documentation: its links lead somewhere, its commands parse, its tables and figures are those of the code."""

import itertools
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

from consortium.cli import main as run_command
from consortium.cli import make_app
from consortium.cli_support import Status
from consortium.formats.load_fields import LOAD_CONTAINER, LOAD_PACKAGE, LOAD_PLAN, LOAD_PROBLEM
from consortium.formats.load_json import load_problem_of, read_load_plan_document
from consortium.importing_columns import INPUTS, KINDS, SHEETS_OF
from consortium.importing_mapping import ORDER_KEYS, Mapping
from consortium.mapping_problems import Lane, TariffFile
from consortium.models import Role
from consortium.permissions import ALLOWED, OWN_ONLY, Action
from consortium.texts import translate
from optimizer.allocation.covering import SELLER_PAYS
from optimizer.allocation.registry import RULES
from optimizer.allocation.shares import PLAN_RULES
from optimizer.checking_loads import check_loads
from optimizer.load_result import StaysOut
from optimizer.problem import AllocationKey, IncotermStage
from optimizer.result import Reason, SolveStatus

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), ROOT / "README.md"]
COMMAND_PAGES = [
    DOCS / "command-line.md",
    DOCS / "allocation.md",
    DOCS / "imports.md",
    DOCS / "cost-shares.md",
    ROOT / "README.md",
]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """Return what stands under a heading, up to the next of the same or a higher level."""
    level = len(title) - len(title.lstrip("#"))
    start = page.index(f"\n{title}\n") + len(title) + 2
    end = re.search(rf"^#{{1,{level}}} ", page[start:], re.MULTILINE)
    return page[start : start + end.start()] if end else page[start:]


def rows(part: str, first_header: str) -> list[list[str]]:
    """Return the cells of the table whose first header is the one given."""
    lines = part.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"| {first_header} |"))
    found = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def commands(page: Path) -> Iterator[list[str]]:
    for language, body in _FENCE.findall(page.read_text(encoding="utf-8")):
        for line in body.splitlines():
            if not language and line.startswith("consortium "):
                yield shlex.split(line, comments=True)[1:]


def outputs(page: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the commands that are followed by their output, with the lines of it."""
    blocks = _FENCE.findall(page)
    for (language, body), (following, shown) in itertools.pairwise(blocks):
        if not language and following == "text" and body.startswith("consortium "):
            yield shlex.split(body.splitlines()[-1], comments=True)[1:], shown.splitlines()


def links() -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        prose = _FENCE.sub("", page.read_text(encoding="utf-8"))
        found += [(page.name, link) for link in _LINK.findall(prose) if "://" not in link]
    return found


@pytest.mark.parametrize(("page", "link"), links())
def test_every_relative_link_leads_to_a_file(page: str, link: str) -> None:
    folder = ROOT if page == "README.md" else DOCS
    target = link.partition("#")[0]
    assert not target or (folder / target).is_file()


@pytest.mark.parametrize(("page", "link"), [one for one in links() if "#" in one[1]])
def test_every_link_within_a_page_leads_to_a_heading(page: str, link: str) -> None:
    target, _, anchor = link.partition("#")
    headings = re.findall(r"^#+ (.+)$", text(target or page), re.MULTILINE)
    slugs = {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", one).strip().lower()) for one in headings}
    assert anchor in slugs


def test_the_navigation_lists_every_page_once() -> None:
    named = re.findall(r": ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(page.name for page in DOCS.glob("*.md"))


def test_no_page_names_a_path_of_one_machine() -> None:
    named = [
        (page.name, found) for page in PAGES for found in re.findall(r"/(?:work|tmp|root)/", page.read_text("utf-8"))
    ]
    assert named == []


@cache
def all_commands() -> dict[str, Any]:
    group: Any = typer.main.get_command(make_app(translate("en")))
    commands: dict[str, Any] = group.commands
    return commands


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """Return the command that words name, and its own arguments."""
    rest = words[2:] if words[0] == "--lang" else list(words)
    command = all_commands()[rest.pop(0)]
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    return command, rest


@pytest.mark.parametrize("words", [one for page in COMMAND_PAGES for one in commands(page)], ids=" ".join)
def test_every_command_shown_parses(words: list[str]) -> None:
    command, arguments = command_of(words)
    context = command.make_context(words[0], arguments)
    assert context.params


COMMAND_NAMES = [
    "plan",
    "load",
    "allocate",
    "fairs",
    "verify",
    "check",
    "schema",
    "import",
    "export",
    "template",
    "run",
    "worker",
    "migrate",
]


@pytest.mark.parametrize("name", COMMAND_NAMES)
def test_every_option_of_a_command_is_described(name: str) -> None:
    described = section(text("command-line.md"), f"## {name}")
    command, _ = command_of([name])
    known = {option for one in command.params for option in one.opts if option.startswith("--")}
    missing = {option for option in known - {"--help", "--lang"} if option not in described}
    assert missing == set()


def test_every_command_of_users_and_its_options_are_described() -> None:
    described = {codes(cells[0])[0].split()[2]: cells[1] for cells in rows(text("command-line.md"), "command")}
    users = all_commands()["users"].commands
    assert set(described) == set(users)
    for name, command in users.items():
        known = {option for one in command.params for option in one.opts if option.startswith("--")}
        assert {option for option in known - {"--help"} if option not in described[name]} == set()


def test_all_commands_have_a_section() -> None:
    assert set(all_commands()) == {*COMMAND_NAMES, "users"}


def test_the_exit_statuses_are_those_of_the_code() -> None:
    assert [int(cells[0]) for cells in rows(text("command-line.md"), "exit status")] == [one.value for one in Status]


def test_the_rules_named_for_plan_are_those_there_are() -> None:
    described = next(cells for cells in rows(text("command-line.md"), "option") if cells[0].startswith("`--method"))
    assert codes(re.sub(r"\[.*?\]\(.*?\)", "", described[1])) == list(PLAN_RULES)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example and, under `answer`, its plan as the pages make it."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(ROOT / "data" / "demo", folder / "data" / "demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run_command(["--lang", "en", "plan", "data/demo/problem.json", "--out", "answer"]) == Status.DONE
    return folder


RUNNABLE = {"plan", "verify", "schema"}
"""Commands that are quick and need no database."""

SHOWN = [one for one in outputs(text("command-line.md")) if one[0][0] in RUNNABLE]


@pytest.mark.parametrize(("words", "shown"), SHOWN, ids=[" ".join(words) for words, _ in SHOWN])
def test_the_output_shown_is_what_the_command_says(
    words: list[str],
    shown: list[str],
    answers: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(answers)
    assert run_command(["--lang", "en", *words]) == Status.DONE
    said = capsys.readouterr().out.splitlines()
    assert [line for line in shown if line != "..." and line not in said] == []


def test_the_check_by_hand_gives_the_group_that_the_page_names(
    answers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(answers)
    code = next(body for language, body in _FENCE.findall(text("cost-shares.md")) if language == "python")
    exec(compile(code, "cost-shares.md", "exec"), {})
    assert capsys.readouterr().out.strip() == code.rpartition("# ")[2].strip()


def test_the_shapley_value_by_hand_is_the_share_of_the_certificate(
    answers: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(answers)
    code = next(body for language, body in _FENCE.findall(text("certificates.md")) if language == "python")
    exec(compile(code, "certificates.md", "exec"), {})
    said = capsys.readouterr().out.strip()
    assert f"{float(said):.2f}" == code.rpartition("# ")[2].strip()
    joint = json.loads((answers / "answer" / "allocation.json").read_text(encoding="utf-8"))["certificate"]["optimised"]
    assert f"{joint['direct_minor']['QUINUA']}" in text("certificates.md")


@pytest.mark.parametrize("method", ["shapley", "nucleolus", "proportional_volume"])
def test_the_shares_of_the_example_are_those_in_the_table(
    method: str, answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(answers)
    arguments = ["--lang", "en", "plan", "data/demo/problem.json", "--method", method, "--out", method]
    assert run_command(arguments) == Status.DONE
    found = json.loads((answers / method / "allocation.json").read_text(encoding="utf-8"))
    table = rows(section(text("cost-shares.md"), "## The example"), "member")
    column = ["alone", "shapley", "nucleolus", "proportional_volume"].index(method) + 1
    shown = {cells[0]: round(float(cells[column].replace(",", "")) * 100) for cells in table}
    assert shown == {**found["shares_minor"], "together": found["total_minor"]}
    alone = {cells[0]: round(float(cells[1].replace(",", "")) * 100) for cells in table}
    assert alone.pop("together") == sum(alone.values())
    assert alone == found["stand_alone_minor"]


def test_the_largest_excesses_told_are_those_of_the_certificates(
    answers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(answers)
    assert run_command(["plan", "data/demo/problem.json", "--method", "nucleolus", "--out", "n"]) == Status.DONE
    told = text("cost-shares.md").replace("\n", " ")
    for folder, words in (
        ("answer", "the five pay {:.2f} USD"),
        ("n", "its largest excess is {:.0f} and the verdict is"),
    ):
        certificate = json.loads((answers / folder / "allocation.json").read_text(encoding="utf-8"))["certificate"]
        assert words.format(certificate["largest_excess"] / 100) in told
        assert certificate["core_empty"] == "refuted"


def test_the_promises_are_those_of_the_registry() -> None:
    words = {
        "always": "always",
        "not_promised": "no",
        "if_core": "if core",
        "if_subadditive": "if subadditive",
        "if_concave": "if concave",
    }
    table = rows(section(text("allocation.md"), "## What each rule promises"), "rule")
    shown = {codes(cells[0])[0]: cells[1:6] for cells in table}
    promised = {
        name: [
            words[promise.value]
            for promise in (one.individually_rational, one.in_core, one.additive, one.monotone, one.dummy)
        ]
        for name, one in RULES.items()
    }
    assert shown == promised
    assert {codes(cells[0])[0]: codes(cells[7]) for cells in table} == {
        name: [one.requires] if one.requires else [] for name, one in RULES.items()
    }
    formulae = rows(section(text("allocation.md"), "## What each rule does"), "rule")
    assert [codes(cells[0])[0] for cells in formulae] == list(RULES)


def test_the_allocation_keys_are_those_of_the_format() -> None:
    assert {key for cells in rows(text("cost-shares.md"), "key") for key in codes(cells[0])} == set(AllocationKey)


def test_who_pays_by_incoterms_is_what_the_code_says() -> None:
    stages = list(IncotermStage)
    shown = {
        name: {stage for stage, cell in zip(stages, cells[1:], strict=True) if cell == "yes"}
        for cells in rows(text("cost-shares.md"), "Incoterms 2020")
        for name in cells[0].split(", ")
    }
    assert shown == {name: set(paid) for name, paid in SELLER_PAYS.items()}


def test_the_roles_may_do_what_the_table_of_permissions_says() -> None:
    def word(role: Role, action: Action) -> str:
        if action not in ALLOWED[role]:
            return ""
        return "own" if role is Role.MEMBER and action in OWN_ONLY else "yes"

    shown = rows(text("access.md"), "action")
    assert shown == [[f"`{action}`", *(word(role, action) for role in Role)] for action in Action]


def test_the_statuses_and_reasons_are_those_of_plans() -> None:
    page = text("consolidation.md")
    assert {codes(cells[0])[0] for cells in rows(page, "status")} == set(SolveStatus)
    assert {reason for cells in rows(page, "reason") for reason in codes(cells[0])} == set(Reason)


def test_the_reasons_and_rules_of_load_plans_are_those_of_the_code() -> None:
    page = text("load-plans.md")
    reasons = {codes(cells[0])[0] for cells in rows(page, "reason why packages stay out")}
    assert reasons == set(StaysOut)
    judges = ["geometry", "stacking", "loads", "placements", "pallets", "levels", "answers", "load_plans"]
    sources = "".join((ROOT / "optimizer" / f"checking_{name}.py").read_text(encoding="utf-8") for name in judges)
    named = set(re.findall(r"""broken\(\s*"(\w+)\"""", sources)) - {"placed_packages"}
    assert {rule for cells in rows(page, "rule") for rule in codes(cells[0])} == named


def test_the_keys_of_load_problems_are_those_that_are_read() -> None:
    page = text("load-plans.md")
    for record, header in (
        (LOAD_PROBLEM, "key of the problem"),
        (LOAD_CONTAINER, "key of a container"),
        (LOAD_PACKAGE, "key of a package"),
    ):
        shown = rows(page, header)
        assert {key for cells in shown for key in codes(cells[0])} == {one.key for one in record.fields} - {"format"}
        needed = {key for cells in shown if cells[2] == "must be there" for key in codes(cells[0])}
        assert needed == {one.key for one in record.fields if one.required} - {"format"}


def test_the_examples_of_load_plans_are_read_and_right_but_for_the_fingerprint() -> None:
    problem, plan = (json.loads(body) for language, body in _FENCE.findall(text("load-plans.md")) if language == "json")
    assert plan.pop("problem_sha256") == "..."
    assert check_loads(load_problem_of(problem), read_load_plan_document(plan)[0]) == ()
    only_where_asked = {"pallets", "owner_levels"}
    assert set(plan) == {one.key for one in LOAD_PLAN.fields} - {"problem_sha256"} - only_where_asked


def test_the_columns_of_imports_are_those_that_are_read() -> None:
    shown = {cells[1]: cells[2].split(", ") for cells in rows(text("imports.md"), "kind")}
    assert list(shown) == [sheet for kind in KINDS for sheet in SHEETS_OF[kind]]
    for sheet, columns in shown.items():
        assert columns == [one.key + "*" * one.required for one in INPUTS[sheet]]


def test_the_keys_of_mappings_and_tariff_files_are_those_that_are_read() -> None:
    page = text("imports.md")
    mapping, tariff = (
        section(page, "### Keys of a mapping, `consortium/mapping@1`"),
        section(page, "### Keys of a tariff file, `consortium/tariff@1`"),
    )

    def keys(table: list[list[str]]) -> set[str]:
        return {name.strip("[]").partition(".")[0] for cells in table for name in codes(cells[0])}

    assert keys(rows(mapping, "key")) == set(Mapping.model_fields)
    assert keys(rows(tariff, "key")) == set(TariffFile.model_fields)
    assert {key for key in ORDER_KEYS if f"`{key}`" not in mapping} == set()
    assert {key for key in Lane.model_fields if f"`{key}`" not in tariff} == set()
