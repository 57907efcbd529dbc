"""The floors of the house: who may import whom, read from the sources; a broken rule names its line."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SEARCHING = ("ortools", "numba")
JUDGES = {
    "checking*.py": (
        *("optimizer.units", "optimizer.problem", "optimizer.result", "optimizer.checking"),
        *("optimizer.load_problem", "optimizer.load_result", "optimizer.pallets"),
    ),
    "certificate*.py": ("optimizer.units", "optimizer.cost_game", "optimizer.result", "optimizer.certificate"),
}
"""Judges re-check claims with additions and comparisons: what each family of files may import of its floor."""
FORBIDDEN = {
    "optimizer": ("sqlmodel", "sqlalchemy", "streamlit", "pandas", "plotly", "typer", "consortium", "app"),
    "consortium": ("streamlit", "plotly", "ortools", "app"),
    "app": ("sqlmodel", "sqlalchemy", "ortools", "optimizer"),
}
MAY_SEARCH = {
    "optimizer/allocation/search.py",
    "optimizer/allocation/stable_total.py",
    "optimizer/consolidation/combining.py",
    "optimizer/consolidation/cp_search.py",
    "optimizer/consolidation/fillings.py",
    "optimizer/consolidation/lowering.py",
    "optimizer/consolidation/model.py",
    "optimizer/consolidation/quick_choice.py",
    "optimizer/consolidation/relaxation.py",
    "optimizer/consolidation/selection.py",
    "optimizer/loading/blocks.py",
    "optimizer/loading/bounds.py",
    "optimizer/loading/cover.py",
    "optimizer/loading/ordering.py",
    "optimizer/loading/pins.py",
    "optimizer/loading/rules.py",
    "optimizer/loading/search.py",
    "optimizer/loading/spaces.py",
    "optimizer/loading/states.py",
}
"""The only files that may import OR-Tools or numba."""


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, full module name) of every import, wherever it stands in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)}:{node.lineno}: relative import"
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def under(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def offences(path: Path, packages: tuple[str, ...]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: imports {module}"
        for line, module in imports(path)
        if any(under(module, package) for package in packages)
    ]


@pytest.mark.parametrize("floor", FORBIDDEN)
def test_no_floor_imports_what_stands_above_it_or_is_not_its_trade(floor: str) -> None:
    broken = [line for path in sources(floor) for line in offences(path, FORBIDDEN[floor])]
    assert broken == []


def test_only_the_files_that_search_import_a_solver() -> None:
    broken = [
        line
        for path in sources("optimizer")
        if path.relative_to(ROOT).as_posix() not in MAY_SEARCH
        for line in offences(path, SEARCHING)
    ]
    assert broken == []


@pytest.mark.parametrize("judge", JUDGES)
def test_a_judge_imports_nothing_of_what_it_judges(judge: str) -> None:
    files = sorted((ROOT / "optimizer").glob(judge))
    assert files
    broken = [
        f"{path.relative_to(ROOT)}:{line}: imports {module}"
        for path in files
        for line, module in imports(path)
        if under(module, "optimizer") and not module.startswith(JUDGES[judge])
    ]
    assert broken == []


def test_modules_import_each_other_in_one_direction_only() -> None:
    modules = {
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__"): path
        for path in sources("app", "consortium", "optimizer")
    }
    graph = {
        name: {target for _, target in imports(path) if target in modules and target != name}
        for name, path in modules.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, "circle: " + " -> ".join((*trail[trail.index(name) :], name))
        if name in done:
            return
        for target in sorted(graph[name]):
            # A package's own __init__ gathers its modules; that is a table of contents, no circle.
            if not under(name, target):
                visit(target, (*trail, name))
        done.add(name)

    for name in sorted(graph):
        visit(name, ())


def test_nothing_that_is_run_reads_outside_the_project() -> None:
    broken = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in [*sources("app", "consortium", "optimizer", "benchmarks"), ROOT / "run.py"]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "../shared" in line or "/work/" in line
    ]
    assert broken == []
