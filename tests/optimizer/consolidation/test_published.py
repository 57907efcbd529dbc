"""Packing instances from the literature, reduced to consolidation problems: every optimum is met and proven."""

from dataclasses import replace

import pytest

from benchmarks.consolidation import PUBLISHED
from benchmarks.packing import (
    UNIT,
    arc_flow_optimum,
    area_bound,
    cut_bins,
    problem_of,
    read_packings,
    triplets,
    variable_bins,
    vector_triplets,
)
from optimizer.checking import check_plan
from optimizer.limits import Limits
from optimizer.planning import plan
from optimizer.result import SolveStatus

STORED = {one.name: one for one in read_packings(PUBLISHED)}
QUICK = ["falkenauer-t60-00", "falkenauer-t60-01", "hu-opt25-0"]
"""Stored instances that take a second or two; `python -m benchmarks.consolidation published` runs all."""

CUT = cut_bins(((100, 0, 100), (120, 0, 120), (150, 0, 150)), (2, 2, 3), 4, 1)
CUT_IN_TWO = cut_bins(((100, 80, 100), (150, 120, 150)), (3, 4), 4, 1)
DRAWN = [triplets(30, 1), triplets(45, 2), vector_triplets(24, 1), vector_triplets(51, 2), CUT, CUT_IN_TWO]


def meets(packing, departures=1, limits=None):
    case = problem_of(packing, departures)
    found = plan(case, limits=limits or Limits())
    assert check_plan(case, found) == ()
    assert not found.unplanned
    return found


@pytest.mark.parametrize("name", QUICK)
def test_a_published_optimum_is_met(name):
    assert meets(STORED[name]).cost_minor == STORED[name].optimum * UNIT


@pytest.mark.parametrize("packing", DRAWN, ids=lambda one: one.name)
def test_an_optimum_known_by_construction_is_met_and_proven(packing):
    found = meets(packing)
    assert area_bound(packing) == packing.optimum
    assert found.cost_minor == packing.optimum * UNIT
    assert found.status is SolveStatus.OPTIMAL


@pytest.mark.parametrize("smallest", [20, 50])
@pytest.mark.parametrize("bins", [(100, 120, 150), (60, 80, 100, 120, 150)], ids=["3 bins", "5 bins"])
def test_the_engine_and_an_arc_flow_model_agree_on_bins_of_several_sizes(smallest, bins):
    packing = variable_bins(20, smallest, bins, 1)
    assert packing.why == "arc flow"
    found = meets(packing)
    assert found.cost_minor == packing.optimum * UNIT
    assert found.status is SolveStatus.OPTIMAL


def test_identical_departures_change_nothing():
    for packing in (triplets(24, 3), vector_triplets(24, 3), CUT):
        assert meets(packing, departures=3).cost_minor == packing.optimum * UNIT


def test_an_answer_cut_short_still_has_a_bound_below_the_optimum():
    for packing in STORED.values():
        found = meets(packing, limits=Limits(work_limit=0.2))
        assert found.lower_bound_minor <= packing.optimum * UNIT <= found.cost_minor


def test_stored_instances_say_where_they_come_from_and_why_their_optimum_is_known():
    for packing in STORED.values():
        assert packing.source
        assert packing.why in ("construction", "bound")
        if len(packing.bins) == 1:
            assert area_bound(packing) == packing.optimum


def test_the_arc_flow_model_finds_optima_that_one_can_see():
    base = triplets(6, 1)
    assert arc_flow_optimum(base) == 2
    halves = replace(base, bins=((10, 0, 3), (20, 0, 5)), items=((6, 0), (6, 0), (6, 0)))
    # One bin of 20 takes three; three bins of 10 would cost 9.
    assert arc_flow_optimum(halves) == 5
    assert arc_flow_optimum(replace(halves, bins=((10, 0, 2), (20, 0, 7)))) == 6
