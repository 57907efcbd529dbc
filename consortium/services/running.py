"""A claimed job while it is done: its progress is written, a stop is heard, its end is told.

Every kind of job runs the same way; what it does is a function of the job and of the watch beside it.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from consortium.database import unit_of_work
from consortium.errors import Fault, InputError, NotFoundError, StateError
from consortium.models import Job, JobState
from consortium.permissions import Actor, ForbiddenError
from consortium.services import jobs
from consortium.services.access import actor_of_user
from optimizer.limits import Progress
from optimizer.problem import ProblemError
from optimizer.result import Violation

SECONDS_BETWEEN_LOOKS = 0.25
"""How often a running job writes its progress and looks whether somebody asked it to stop."""


class JudgedError(RuntimeError):
    """The judge found violations: the plan is not stored."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        self.violations = violations
        super().__init__("\n".join(map(str, violations)))


def owner_and_subject(job: Job, act: str) -> tuple[Actor, int]:
    """Return who asked for a job, with the roles of this moment, and the id of what it is about.

    Raises
    ------
    ForbiddenError
        Named after the act, when the owner may no longer sign in, or the job is about nothing.
    """
    actor = actor_of_user(job.owner_id)
    if actor is None or job.subject_id is None:
        raise ForbiddenError(act)
    return actor, job.subject_id


class Watch:
    """Writes a running job's progress and looks for a stop, from a thread beside the search."""

    def __init__(self, job_id: int, leave: threading.Event) -> None:
        self.job_id = job_id
        self.leave = leave
        self.cancelled = threading.Event()
        self._latest = Progress(stage="building")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True, name=f"job-{job_id}")

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, progress: Progress) -> None:
        """Remember what the search says; the thread writes it."""
        self._latest = progress

    def should_stop(self) -> bool:
        """Say whether the owner asked the job to stop, or the worker has to leave."""
        return self.cancelled.is_set() or self.leave.is_set()

    def _look(self) -> None:
        while True:
            with unit_of_work() as session:
                if jobs.tell_progress(self.job_id, asdict(self._latest), session=session):
                    self.cancelled.set()
            if self._over.wait(SECONDS_BETWEEN_LOOKS):
                return


def run_job(job: Job, do: Callable[[Job, Watch], int | None], leave: threading.Event | None = None) -> None:
    """Do a claimed job: it ends done, cancelled or failed, or goes back to the queue.

    Parameters
    ----------
    do
        Returns the id of what it stored, or None when the worker has to leave.
    leave
        Set when the worker has to leave.
    """
    assert job.id is not None
    watch = Watch(job.id, leave or threading.Event())
    try:
        with watch:
            stored_id = do(job, watch)
        if stored_id is None:
            _finish(job.id, JobState.QUEUED)
        else:
            _finish(job.id, JobState.CANCELLED if watch.cancelled.is_set() else JobState.DONE, result_id=stored_id)
    except JudgedError as error:
        _finish(job.id, JobState.FAILED, error={"code": "judge_found_violations", "found": str(error)})
    except (InputError, ProblemError) as error:
        refused = {"code": "problem_refused", "found": str(error), "faults": _as_data(error.faults)}
        _finish(job.id, JobState.FAILED, error=refused)
    except (StateError, ForbiddenError, NotFoundError) as error:
        why = {"state": error.code, "values": error.values} if isinstance(error, StateError) else {}
        _finish(job.id, JobState.FAILED, error={"code": "no_longer_possible", "found": str(error)} | why)
    except Exception as error:
        _finish(job.id, JobState.FAILED, error={"code": "unexpected", "found": f"{type(error).__name__}: {error}"})
        raise


def _as_data(faults: Iterable[Fault]) -> list[dict[str, str]]:
    """Return faults as a job keeps them: pages say them later, each in its reader's language."""
    return [{"path": one.path, "code": one.code, "expected": one.expected, "found": one.found} for one in faults]


def _finish(job_id: int, state: JobState, *, result_id: int | None = None, error: dict[str, Any] | None = None) -> None:
    with unit_of_work() as session:
        jobs.finish(job_id, state, session=session, result_id=result_id, error=error)
