"""Combining listed patterns against the choice by CP-SAT, and quick plans against the rules."""

import time

import numpy as np
import pytest

from benchmarks.instances import instance
from optimizer.consolidation.bounds import separate_parts, without_dominated
from optimizer.consolidation.budgets import Budget
from optimizer.consolidation.coalition_search import SetSearch
from optimizer.consolidation.layouts import layout_of
from optimizer.consolidation.parts import PartSearch
from optimizer.consolidation.patterns import whole_piece
from optimizer.consolidation.plans import cheapest_loose
from optimizer.consolidation.quick_choice import filler_of
from optimizer.consolidation.relaxation import Relaxation
from optimizer.limits import never_stop


def parts_of(seed):
    problem = instance(8, seed)
    layout = without_dominated(layout_of(problem, [whole_piece(one) for one in problem.consignments]))
    return [layout.restricted(keep) for keep in separate_parts(layout) if 3 <= len(keep) <= 14]


def budget():
    return Budget(20, time.monotonic() + 600, 0, never_stop)


@pytest.mark.parametrize("seed", range(1, 9))
def test_combining_proves_what_choosing_proves(seed):
    for layout in parts_of(seed):
        start = [cheapest_loose(layout, i) for i in range(len(layout.pieces))]
        chosen = PartSearch(Relaxation(layout), start, budget(), lambda *_: None)
        chosen.run()
        combined = SetSearch(Relaxation(layout), start, budget(), 0)
        combined.run()
        assert chosen.proven
        assert combined.proven
        assert combined.value == chosen.value == layout.total(combined.columns)


@pytest.mark.parametrize("seed", range(1, 9))
def test_quick_plans_carry_everything_once_within_every_limit(seed):
    for layout in parts_of(seed):
        relaxation = Relaxation(layout)
        filler = filler_of(layout, relaxation.variants)
        plans = filler.columns(np.arange(len(layout.pieces)))
        for columns in plans:
            assert sum(one.mask for one in columns) == (1 << len(layout.pieces)) - 1
            assert filler.total(columns) == layout.total(columns)
            for one in columns:
                assert not one.mask & ~layout.open[one.place]
            for q, most in layout.limits.items():
                assert sum(one.place == q for one in columns) <= most
            held = [[i for i in range(len(layout.pieces)) if one.mask >> i & 1] for one in columns]
            for one, pieces in zip(columns, held, strict=True):
                kind = layout.places[one.place].container_type
                if kind is not None:
                    assert layout.volumes[pieces].sum() <= kind.usable_volume_mm3
                    assert layout.masses[pieces].sum() <= kind.payload_g
                    classes = [layout.pieces[i].consignment.cargo_class for i in pieces]
                    assert all(layout.problem.compatible(a, b) for a in classes for b in classes)
