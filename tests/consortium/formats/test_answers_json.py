"""Answers about plans survive their file, are described by their schema, and are refused field by field."""

import json

import jsonschema
import pytest

from consortium.errors import InputError
from consortium.formats.answers_json import answers_schema, answers_to_json, read_answers_document
from consortium.formats.canonical import dumps
from consortium.plan_answers import all_answers, quick_answers
from optimizer.planning import plan
from tests import builders as build


@pytest.mark.parametrize("seed", range(4))
def test_all_answers_come_back_as_they_were(seed: int) -> None:
    problem = build.random_problem(seed, consignments=5, divisible=seed == 2)
    found = all_answers(problem, plan(problem), "0" * 64)
    assert found.alternatives is not None
    document = json.loads(dumps(answers_to_json(found)))
    jsonschema.validate(document, answers_schema(), jsonschema.Draft202012Validator)
    read = read_answers_document(document)
    assert (read.alternatives, read.wishes, read.own_wishes) == (found.alternatives, found.wishes, found.own_wishes)
    assert answers_to_json(read) == document


def test_what_was_not_asked_is_null_and_stays_so() -> None:
    problem = build.random_problem(1, consignments=3)
    document = answers_to_json(quick_answers(problem, plan(problem), "0" * 64))
    assert (document["alternatives"], document["wishes"], document["complete"]) == (None, None, True)
    read = read_answers_document(document)
    assert (read.alternatives, read.wishes) == (None, None)


def test_a_stop_leaves_out_the_rest_and_says_so() -> None:
    problem = build.random_problem(1, consignments=3)
    found = all_answers(problem, plan(problem), "0" * 64, should_stop=lambda: True)
    assert (found.alternatives, found.wishes, found.complete) == ((), (), False)
    assert found.own_wishes


def test_a_wrong_field_is_named() -> None:
    problem = build.random_problem(1, consignments=3)
    document = answers_to_json(quick_answers(problem, plan(problem), "0" * 64))
    document["own_wishes"][0]["change"] = "fly"
    with pytest.raises(InputError) as refused:
        read_answers_document(document)
    assert [one.path for one in refused.value.faults] == ["own_wishes[0].change"]
