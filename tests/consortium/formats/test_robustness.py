"""Whatever stands in a file, the reader answers with a problem or with faults, never with anything else."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consortium.errors import InputError, InputFault
from consortium.formats.allocation_json import read_allocation_document
from consortium.formats.codes import COUNTRIES, CURRENCY_EXPONENT, INCOTERMS
from consortium.formats.load_json import load_problem_of, read_load_plan_document
from consortium.formats.plan_json import plan_to_json, read_plan_document
from consortium.formats.problem_json import problem_of, read_problem_json
from consortium.formats.problem_tables import problem_of_tables
from consortium.formats.tables import Table, Tables
from consortium.reference_data import countries, currencies, incoterms, ports
from optimizer.checking_loads import check_loads
from optimizer.planning import plan
from optimizer.result import Violation
from tests.builders import three_half_containers
from tests.consortium.formats.files import document, sheets
from tests.consortium.formats.loads import LOAD_PLAN, LOAD_PROBLEM

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.text(max_size=8),
    st.sampled_from(
        ["22G1", "andina", "C-17", "2026-03-02", "COCTG", "fcl", "\ud800", "container", "value", "0", "a=1"]
    ),
)
VALUES = st.recursive(SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=5), one))
PLAN = plan_to_json(plan(three_half_containers()), three_half_containers())


def faults_of(read: Callable[..., Any], *arguments: Any) -> tuple[InputFault, ...]:
    """Return what a reader refuses, nothing when it reads; any other error fails the test."""
    try:
        read(*arguments)
    except InputError as error:
        return error.faults or pytest.fail("refused without a fault")
    return ()


def paths(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value within a document, its own first."""
    here = [path]
    children = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    for key, value in children:
        here += paths(value, (*path, key))
    return here


def with_value(found: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return the document with another value at a path."""
    if not path:
        return value
    place = found
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return found


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(paths(document())), VALUES)
def test_any_value_anywhere_in_a_problem_is_read_or_refused(path: tuple[Any, ...], value: Any) -> None:
    found = with_value(document(), path, value)
    assert all(fault.path and "\n" not in fault.path for fault in faults_of(problem_of, found))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(paths(PLAN)), VALUES)
def test_any_value_anywhere_in_a_plan_is_read_or_refused(path: tuple[Any, ...], value: Any) -> None:
    found = with_value(json.loads(json.dumps(PLAN)), path, value)
    for read in (read_plan_document, read_allocation_document):
        assert all(fault.path for fault in faults_of(read, found))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(paths(LOAD_PROBLEM)), VALUES)
def test_any_value_anywhere_in_a_load_problem_is_read_or_refused(path: tuple[Any, ...], value: Any) -> None:
    found = with_value(deepcopy(LOAD_PROBLEM), path, value)
    assert all(fault.path and "\n" not in fault.path for fault in faults_of(load_problem_of, found))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(paths(LOAD_PLAN)), VALUES)
def test_any_value_anywhere_in_a_load_plan_is_read_or_refused_and_what_is_read_is_judged(
    path: tuple[Any, ...], value: Any
) -> None:
    def judged(found: Any) -> tuple[Violation, ...]:
        return check_loads(load_problem_of(LOAD_PROBLEM), read_load_plan_document(found)[0])

    assert all(fault.path for fault in faults_of(judged, with_value(deepcopy(LOAD_PLAN), path, value)))


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2500), st.binary(max_size=3))
def test_any_bytes_within_a_file_are_read_or_refused(at: int, noise: bytes) -> None:
    content = json.dumps(document()).encode()
    spoiled = content[:at] + noise + content[at + len(noise) :]
    assert all(fault.place.file == "x.json" for fault in faults_of(read_problem_json, spoiled, "x.json"))


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.text(min_size=1, max_size=6).map(str.strip).map(lambda text: text or None),
    st.sampled_from(["C-17", "22G1=3; 45G1", "0=5;;", "food+chemical", "si", "1.5", "1,5", ";", "=", "+"]),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_any_cell_anywhere_is_read_or_refused_with_its_place(data: st.DataObject) -> None:
    content = sheets()
    sheet = data.draw(st.sampled_from(sorted(content)))
    row = data.draw(st.integers(1, len(content[sheet]) - 1))
    column = data.draw(st.integers(0, len(content[sheet][0]) - 1))
    content[sheet][row] = [*content[sheet][row]]
    content[sheet][row][column] = data.draw(CELLS)
    tables = {
        name: Table(
            file="x.xlsx",
            sheet=name,
            title=name,
            header=tuple(rows[0]),
            rows=tuple((number, tuple(cells)) for number, cells in enumerate(rows[1:], start=2)),
        )
        for name, rows in content.items()
    }
    assert all(fault.place.sheet for fault in faults_of(problem_of_tables, Tables("x.xlsx", tables, (), ())))


def test_the_codes_agree_with_the_reference_data() -> None:
    assert {code: one.exponent for code, one in currencies().items()}.items() <= CURRENCY_EXPONENT.items()
    assert set(countries()) <= COUNTRIES
    assert {code[:2] for code in ports()} <= COUNTRIES
    assert set(incoterms()) == set(INCOTERMS)


def test_a_large_problem_is_read_whole() -> None:
    size = 2_000
    found = document()
    model = found["consignments"][1]
    found["consignments"] = [{**model, "id": f"C-{number}"} for number in range(size)]
    problem, _ = read_problem_json(json.dumps(found).encode(), "x.json")
    assert [one.id for one in problem.consignments] == [f"C-{number}" for number in range(size)]
