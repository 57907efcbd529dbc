"""A stop is answered within a piece of work: what was found is kept, every rule holds, and the answer says so."""

from collections import Counter
from itertools import count

import numpy as np
import pytest

from benchmarks.load_generators import multi_problem, rich_problem
from optimizer.checking_loads import check_loads
from optimizer.limits import Limits, ShouldStop
from optimizer.load_problem import LoadProblem
from optimizer.loading import centring
from optimizer.loading.balancing import Rows, Scales, balance
from optimizer.loading.cover import best_cover, load_of, prices
from optimizer.loading.engine import plan_loads
from optimizer.loading.moves import Weighed, moved, pushed, reordered
from optimizer.loading.packer import Budget, Packer
from optimizer.loading.parts import parts_of
from optimizer.loading.standing import Standing


def stop_at(look: int) -> ShouldStop:
    """Return what says stop from the given look on."""
    looks = count()
    return lambda: next(looks) >= look


def loaded(seed: int, work: float = 0.02) -> tuple[LoadProblem, Rows]:
    one = rich_problem(seed)
    quantities = np.array([each.quantity for each in one.packages], np.int32)
    values = np.array([each.volume_mm3 for each in one.packages], np.float64)
    return one, Packer(one, one.containers[0], one.packages).pack(Budget(work), quantities, values).rows


@pytest.mark.parametrize("look", [0, 1, 2, 5, 20, 60, 200])
def test_balancing_that_is_stopped_keeps_what_it_has_and_looks_no_further(look: int) -> None:
    one, rows = loaded(9702)
    looks = count()
    stopped = 0

    def stop() -> bool:
        nonlocal stopped
        ends = next(looks) >= look
        stopped += ends
        return ends

    found = balance(one, one.containers[0], rows, should_stop=stop)
    assert Counter(found[:, 0].tolist()) == Counter(rows[:, 0].tolist())
    assert Standing.of(one, one.containers[0]).kept(found)
    scales = Scales.of(one, one.containers[0])
    assert scales.excess(found) <= scales.excess(rows)
    # Every loop on the way out may look once more, none goes on.
    assert stopped <= 12


def test_parts_and_moves_end_early_with_what_was_found() -> None:
    one, rows = loaded(9702)
    standing, scales = Standing.of(one, one.containers[0]), Scales.of(one, one.containers[0])
    movable = np.ones(len(rows), np.bool_)

    def parts(should_stop: ShouldStop) -> int:
        return len(parts_of(rows, movable, standing.size_mm, np.random.default_rng(0), should_stop).member)

    everything = parts(lambda: False)
    assert parts(lambda: True) == 0
    assert parts(stop_at(1)) < everything
    whole = parts_of(rows, movable, standing.size_mm, np.random.default_rng(0))
    for kind in (moved, reordered, pushed):
        made = [len(list(kind(Weighed.of(rows, whole, standing, scales.beyond, 9.0, stop)))) for stop in
                (lambda: False, stop_at(3), lambda: True)]  # fmt: skip
        assert made[0] > 0
        assert made[0] >= made[1] >= made[2]
    assert made[2] == made[0]  # pushing takes no time worth a look


@pytest.mark.parametrize("make", [lambda: rich_problem(9702), lambda: multi_problem(8, 2, 1)], ids=["one", "many"])
def test_a_load_stopped_while_it_is_balanced_says_that_it_was_stopped(
    make: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = False
    real = centring.balance

    def balancing(*given: object, **named: object) -> Rows:
        nonlocal begun
        begun = True
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(centring, "balance", balancing)
    one = make()  # type: ignore[operator]
    answer = plan_loads(one, limits=Limits(time_limit_s=600, work_limit=0.1), should_stop=lambda: begun)
    assert begun
    assert check_loads(one, answer) == ()
    assert answer.limits["ended_by"] == "stopped"
    assert answer.loads


def test_covering_that_is_stopped_uses_no_load() -> None:
    loads = [load_of(0, np.array([(0, 0, 0, 0, 100, 100, 100)], np.int32), 1)]
    quantities = np.array([2], np.int32)
    budget = Budget(1.0, should_stop=lambda: True)
    assert best_cover(loads, quantities, np.ones(1), [2], budget, 0.1, 0) == [0]
    worth, used = prices(loads, quantities, [1.0], [None], np.array([7.0]), lambda: True)
    assert (worth.tolist(), used.tolist()) == ([7.0], [0.0])
    worth, used = prices(loads, quantities, [1.0], [None], np.array([7.0]))
    assert (worth.tolist(), used.tolist()) == ([1.0], [2.0])
