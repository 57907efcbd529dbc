"""Running independent tasks: in this process, in a pool of processes, or on a Dask cluster.

A task is a plain value and its function a module's own, so that both can be sent elsewhere. What a task answers must
depend on the task alone: then every runner, and every number of workers, gives the same answers in the same order.
"""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from typing import Any, Protocol, TypeVar

from optimizer.limits import ShouldStop, never_stop

POLL_S = 0.1
"""How often a runner looks whether its tasks must stop, and a task on a cluster whether it must."""

Task = TypeVar("Task")
Answer = TypeVar("Answer")

Work = Callable[[Task, ShouldStop], Answer]
"""A function of a task that asks often whether to stop, and then answers with what it has."""

OnDone = Callable[[int], None]
"""Told how many tasks are done."""


def ignore_done(done: int) -> None:
    """Do nothing with the number of tasks done."""


class Runner(Protocol):
    """Runs tasks and returns their answers in the order of the tasks."""

    def run(
        self, work: Work[Task, Answer], tasks: Sequence[Task], *, should_stop: ShouldStop = never_stop,
        on_done: OnDone = ignore_done,
    ) -> list[Answer]:  # fmt: skip
        """Run all tasks; once `should_stop` says yes, those running are told and the rest answer at once.

        Parameters
        ----------
        should_stop
            Asked in this process, at least every `POLL_S` seconds.
        on_done
            Told in this process.
        """


class InProcess:
    """Runs tasks one after the other in this process."""

    def run(
        self, work: Work[Task, Answer], tasks: Sequence[Task], *, should_stop: ShouldStop = never_stop,
        on_done: OnDone = ignore_done,
    ) -> list[Answer]:  # fmt: skip
        """Run all tasks, as `Runner.run`."""
        answers = []
        for task in tasks:
            answers.append(work(task, should_stop))
            on_done(len(answers))
        return answers


@dataclass
class ProcessPool:
    """Runs tasks in processes of this computer, started afresh: solvers have threads, which a fork would break.

    Parameters
    ----------
    workers
        Processes, >= 1. They start with the first tasks and stay until `close`.
    """

    workers: int
    _pool: ProcessPoolExecutor | None = field(default=None, init=False)
    _stop: Event | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if self.workers < 1:
            raise ValueError(f"workers: expected >= 1, found {self.workers}")

    def run(
        self, work: Work[Task, Answer], tasks: Sequence[Task], *, should_stop: ShouldStop = never_stop,
        on_done: OnDone = ignore_done,
    ) -> list[Answer]:  # fmt: skip
        """Run all tasks, as `Runner.run`."""
        if self._pool is None or self._stop is None:
            context = multiprocessing.get_context("spawn")
            self._stop = context.Event()
            self._pool = ProcessPoolExecutor(self.workers, context, _begin, (self._stop,))
        self._stop.clear()
        futures = [self._pool.submit(_in_worker, work, task) for task in tasks]
        waiting: set[Future[Any]] = set(futures)
        while waiting:
            done, waiting = wait(waiting, POLL_S, FIRST_COMPLETED)
            if done:
                on_done(len(futures) - len(waiting))
            if waiting and should_stop():
                self._stop.set()
        return [future.result() for future in futures]

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = self._stop = None

    def __enter__(self) -> "ProcessPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_told: list[Event] = []
"""In a worker: what says that its tasks must stop."""


def _begin(stop: Event) -> None:
    _told[:] = [stop]


def _in_worker(work: Work[Task, Answer], task: Task) -> Answer:
    return work(task, _told[0].is_set)


class Cluster:
    """Runs tasks on a Dask cluster; needs the extra ``cluster``.

    Parameters
    ----------
    address
        Of the scheduler, as ``tcp://host:8786``; its workers must have this package in the same version.

    Raises
    ------
    ImportError
        When `distributed` is not installed.
    """

    def __init__(self, address: str) -> None:
        # Only here, so that nobody needs a cluster to plan.
        import distributed

        self._distributed = distributed
        self._client = distributed.Client(address, set_as_default=False)
        self._runs = 0

    def run(
        self, work: Work[Task, Answer], tasks: Sequence[Task], *, should_stop: ShouldStop = never_stop,
        on_done: OnDone = ignore_done,
    ) -> list[Answer]:  # fmt: skip
        """Run all tasks, as `Runner.run`."""
        self._runs += 1
        name = f"stop-{self._client.id}-{self._runs}"
        stop = self._distributed.Event(name, client=self._client)
        futures = [self._client.submit(_on_cluster, work, task, name, pure=False) for task in tasks]
        told, done = False, -1
        while not all(future.done() for future in futures):
            time.sleep(POLL_S / 4)
            if (now := sum(future.done() for future in futures)) != done:
                done = now
                on_done(done)
            if not told and should_stop():
                told = True
                stop.set()
        answers: list[Answer] = self._client.gather(futures)
        return answers

    def close(self) -> None:
        """Let go of the cluster; it goes on running."""
        self._client.close()

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _on_cluster(work: Work[Task, Answer], task: Task, name: str) -> Answer:
    import distributed

    stop = distributed.Event(name)
    asked, stopped = time.monotonic(), bool(stop.is_set())

    def should_stop() -> bool:
        nonlocal asked, stopped
        # Every look goes over the network.
        if not stopped and time.monotonic() - asked > POLL_S:
            asked, stopped = time.monotonic(), bool(stop.is_set())
        return stopped

    return work(task, should_stop)
