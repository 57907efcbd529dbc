"""Tasks run in this process, in a pool and on a cluster: the same answers in the same order, and a stop."""

import time

import pytest

from optimizer.runner import Cluster, InProcess, ProcessPool


def squared(task: int, should_stop) -> int:
    return task * task


def patient(task: float, should_stop) -> str:
    """Work for some seconds unless told to stop."""
    end = time.monotonic() + task
    while time.monotonic() < end:
        if should_stop():
            return "stopped"
        time.sleep(0.01)
    return "done"


def failing(task: int, should_stop) -> int:
    raise ValueError(f"task {task}")


@pytest.fixture(scope="module")
def pool():
    with ProcessPool(2) as made:
        yield made


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, protocol="tcp"
        ) as made,
        Cluster(made.scheduler_address) as client,
    ):
        yield client


def check(runner) -> None:
    told: list[int] = []
    assert runner.run(squared, list(range(7)), on_done=told.append) == [n * n for n in range(7)]
    assert told[-1] == 7
    assert told == sorted(told)
    assert runner.run(squared, []) == []


def check_stop(runner) -> None:
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    # Each would take a minute; those that have not begun end as soon as they do.
    assert runner.run(patient, [60.0] * 4, should_stop=should_stop) == ["stopped"] * 4
    assert runner.run(patient, [0.0]) == ["done"]


def test_in_this_process():
    check(InProcess())
    check_stop(InProcess())


def test_in_a_pool(pool):
    check(pool)
    check_stop(pool)


def test_on_a_cluster(cluster):
    check(cluster)
    check_stop(cluster)


def test_an_error_of_a_task_is_the_callers(pool):
    for runner in (InProcess(), pool):
        with pytest.raises(ValueError, match="task 3"):
            runner.run(failing, [3])


def test_a_pool_needs_a_worker():
    with pytest.raises(ValueError, match="expected >= 1, found 0"):
        ProcessPool(0)


def test_a_cluster_needs_its_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(ImportError):
        Cluster("tcp://127.0.0.1:1")
