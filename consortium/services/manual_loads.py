"""Manual work on the load of a container: acts that can be undone, the rest solved around pins, a new plan saved.

Nothing of a stored plan changes: what is saved is another plan with the same contents, cost and shares, in force from
then on, and only when the judge accepts it.
"""

import threading
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from sqlmodel import Session, col, select

from consortium.database import in_transaction, need, unit_of_work
from consortium.draft_kinds import Draft
from consortium.errors import Fault, InputError, StateError
from consortium.formats.canonical import sha256
from consortium.formats.plan_fields import LOAD_PLAN
from consortium.formats.problem_json import problem_sha256
from consortium.models import CostShare, Job, JobState, ManualLoad, ShipmentState, StoredPlan
from consortium.permissions import Actor
from consortium.problem_builder import build_problem
from consortium.reach import id_of, lock
from consortium.services import jobs
from consortium.services.answers import AGREED, answers_of, keep_answers
from consortium.services.audit import record
from consortium.services.running import JudgedError, Watch, owner_and_subject, run_job
from consortium.time_limits import DEFAULT_LOAD_TIME_LIMIT_S, load_limits_of
from consortium.working_loads import (
    Bench,
    PlannedContainer,
    acts_of,
    reach_bench,
    reach_container,
    write_working_load,
)
from optimizer.checking import check_plan
from optimizer.checking_loads import check_loads
from optimizer.loading.engine import plan_loads
from optimizer.manual_loading import (
    WorkingLoad,
    around_pins,
    judged,
    moved,
    pinned,
    put_out,
    solved,
    turned,
    turns_of,
    unpinned,
)
from optimizer.manual_snapping import nearest_place
from optimizer.result import ContainerLoad

FARTHEST_MM = 100_000
LONGEST_SOLVE_S = 600
SOLVE_JOB = "solve_load"

Millimetres = Annotated[int, Field(strict=True, ge=-FARTHEST_MM, le=FARTHEST_MM)]
Axis = Annotated[int, Field(strict=True, ge=0, le=2)]


class Act(StrEnum):
    """What can be done with packages by hand."""

    MOVE = "move"
    SNAP = "snap"
    PUT_OUT = "put_out"
    PIN = "pin"
    UNPIN = "unpin"
    SOLVE = "solve"


class ChangeDraft(Draft):
    """One act on packages of a container.

    Parameters
    ----------
    numbers
        The packages, by the numbers that `ManualLoadView` gives them.
    to
        Where the lowest corner of what holds them all comes, in mm along, across, up; only with MOVE and SNAP (the
        nearest free corner).
    axes
        Which present axis comes along, across and up: turns the packages together before they are moved.
    """

    act: Act
    numbers: tuple[int, ...] = Field(min_length=1)
    to: tuple[Millimetres, Millimetres, Millimetres] | None = None
    axes: tuple[Axis, Axis, Axis] = (0, 1, 2)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.act in (Act.MOVE, Act.SNAP) and self.to is None:
            raise InputError([Fault("to", "missing", "a place in mm", "nothing")])
        if self.act is Act.SOLVE or sorted(self.axes) != [0, 1, 2]:
            raise InputError([Fault("act", "unknown_value", "one of move, snap, put_out, pin, unpin", self.act)])
        return self


@in_transaction
def change_load(
    actor: Actor, shipment_id: int, plan_id: int, container: str, draft: ChangeDraft, *, session: Session | None = None
) -> None:
    """Do one act on the load of a container; the load may break rules until it is saved.

    Raises
    ------
    ForbiddenError, NotFoundError
    InputError
        When there is no such package, or it may not stand as it would be turned.
    StateError
        ``plan_not_in_force``, ``shipment_already_agreed``, ``shipment_not_planned``, ``load_being_solved``;
        ``no_free_place`` when a package snaps nowhere.
    """
    db = need(session)
    bench = _hold(actor, shipment_id, plan_id, container, db)
    load = _changed(bench, draft)
    _add(actor, bench, draft.act, load, db)
    detail = {"container": container} | draft.model_dump(mode="json", exclude_defaults=True)
    record(actor, bench.shipment.consortium_id, "change_load", f"shipment {bench.shipment.code}", detail, session=db)


def _changed(bench: Bench, draft: ChangeDraft) -> WorkingLoad:
    load, numbers = bench.now, frozenset(draft.numbers)
    if unknown := sorted(numbers - load.by_number.keys()):
        raise InputError([Fault("numbers", "unknown_reference", "a package of this container", str(unknown[0]))])
    if draft.act is Act.PUT_OUT:
        return put_out(load, numbers)
    if draft.act is Act.PIN:
        return pinned(load, numbers)
    if draft.act is Act.UNPIN:
        return unpinned(load, numbers)
    assert draft.to is not None
    if draft.axes not in turns_of(bench.asked, load, sorted(numbers)):
        raise InputError([Fault("axes", "out_of_range", "a way in which the package may stand", str(draft.axes))])
    load = turned(load, numbers, draft.axes)
    place = draft.to if draft.act is Act.MOVE else nearest_place(bench.asked, load, numbers, draft.to)
    if place is None:
        raise StateError("no_free_place", {})
    return moved(load, numbers, place)


@in_transaction
def undo_change(
    actor: Actor, shipment_id: int, plan_id: int, container: str, *, session: Session | None = None
) -> None:
    """Take back the newest act on a load; without any, nothing happens to it.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        As `change_load`.
    """
    _take_back(actor, shipment_id, plan_id, container, "undo_change", slice(-1, None), need(session))


@in_transaction
def discard_changes(
    actor: Actor, shipment_id: int, plan_id: int, container: str, *, session: Session | None = None
) -> None:
    """Take back all acts on a load.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        As `change_load`.
    """
    _take_back(actor, shipment_id, plan_id, container, "discard_changes", slice(None), need(session))


def _take_back(
    actor: Actor, shipment_id: int, plan_id: int, container: str, name: str, which: slice, session: Session
) -> None:
    bench = _hold(actor, shipment_id, plan_id, container, session)
    for row in bench.rows[which]:
        session.delete(row)
    detail = {"container": container}
    record(actor, bench.shipment.consortium_id, name, f"shipment {bench.shipment.code}", detail, session=session)


@in_transaction
def request_solve(
    actor: Actor,
    shipment_id: int,
    plan_id: int,
    container: str,
    *,
    time_limit_s: int = int(DEFAULT_LOAD_TIME_LIMIT_S),
    seed: int = 0,
    session: Session | None = None,
) -> int:
    """Queue the loading of everything around what is pinned and return the job's id.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        As `change_load`; ``time_limit_out_of_range``; ``pins_not_accepted`` when what is pinned breaks rules by itself.
    """
    db = need(session)
    bench = _hold(actor, shipment_id, plan_id, container, db)
    if not 1 <= time_limit_s <= LONGEST_SOLVE_S:
        raise StateError("time_limit_out_of_range", {"found": time_limit_s, "most": LONGEST_SOLVE_S})
    load = bench.now
    loose = [one.number for one in load.standing if not one.is_pinned]
    if len(loose) < len(load.standing) and judged(bench.asked, put_out(load, loose)):
        raise StateError("pins_not_accepted", {})
    newest = bench.rows[-1].id if bench.rows else None
    payload = {
        "plan_id": plan_id, "container": container, "newest": newest, "time_limit_s": time_limit_s, "seed": seed,
    }  # fmt: skip
    job = jobs.enqueue(actor, bench.shipment.consortium_id, SOLVE_JOB, shipment_id, payload, session=db)
    detail = {"container": container, "pinned": len(load.standing) - len(loose)}
    record(actor, bench.shipment.consortium_id, "request_solve", f"shipment {bench.shipment.code}", detail, session=db)
    return id_of(job)


def run_solve_job(job: Job, *, leave: threading.Event | None = None) -> None:
    """Do a claimed job: load around the pins and keep what was found (also when stopped) as an act."""
    run_job(job, _solve_and_keep, leave)


def _solve_and_keep(job: Job, watch: Watch) -> int | None:
    """Return the id of the kept load, or None when the worker has to leave."""
    actor, subject_id = owner_and_subject(job, "request_solve")
    place = (actor, subject_id, int(job.payload["plan_id"]), str(job.payload["container"]))
    with unit_of_work() as session:
        bench = reach_bench(*place, session)
        load = bench.now
    asked = around_pins(bench.asked, load)
    answer = plan_loads(
        asked,
        limits=load_limits_of(float(job.payload["time_limit_s"])),
        seed=int(job.payload["seed"]),
        on_progress=watch.tell,
        should_stop=watch.should_stop,
    )
    if watch.leave.is_set():
        return None
    if violations := check_loads(asked, answer):
        raise JudgedError(violations)
    with unit_of_work() as session:
        bench = reach_bench(*place, session)
        lock(bench.shipment, session)
        if job.payload["newest"] != (bench.rows[-1].id if bench.rows else None):
            raise StateError("load_changed_meanwhile", {})
        return _add(actor, bench, Act.SOLVE, solved(load, answer), session)


@in_transaction
def save_load(actor: Actor, shipment_id: int, plan_id: int, container: str, *, session: Session | None = None) -> int:
    """Make the plan with this load the shipment's plan in force and return its id; what it costs and who pays stays.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        As `change_load`; ``planning_under_way``, ``shipment_changed_meanwhile``; ``load_not_accepted`` when the
        judge finds a rule broken or a package is out.
    """
    db = need(session)
    bench = _hold(actor, shipment_id, plan_id, container, db)
    after = put_in_force(actor, bench, bench.with_load(bench.now), "save_load", db)
    for row in bench.rows:
        db.delete(row)
    return after


def put_in_force(actor: Actor, held: PlannedContainer, load: ContainerLoad, name: str, db: Session) -> int:
    """Make the plan with another load of one container the shipment's plan in force and return its id.

    Parameters
    ----------
    name
        What the audit trail calls it.

    Raises
    ------
    StateError
        ``planning_under_way``, ``shipment_changed_meanwhile``; ``load_not_accepted`` when the judge finds something.
    """
    shipment, before = held.shipment, held.stored
    if _active(id_of(shipment), "plan", db) is not None:
        raise StateError("planning_under_way", {})
    if problem_sha256(build_problem(shipment, session=db)) != before.problem_sha256:
        raise StateError("shipment_changed_meanwhile", {})
    containers = tuple(load if one.id == load.id else one for one in held.plan.containers)
    if violations := check_plan(held.problem, replace(held.plan, containers=containers)):
        raise StateError("load_not_accepted", {"number": len(violations)})
    document = dict(before.plan) | {"containers": _with_load_plan(before.plan["containers"], load.id, load.load_plan)}
    kept = before.model_dump(exclude={"id", "created_at", "created_by", "plan", "plan_sha256"})
    after = StoredPlan(**kept, plan=document, plan_sha256=sha256(document), created_by=actor.user_id)
    db.add(after)
    db.flush()
    _copy_shares_and_answers(before, after, db)
    shipment.plan_id = id_of(after)
    db.add(shipment)
    detail = {"plan": after.id, "plan_sha256": after.plan_sha256, "instead_of": before.id, "container": load.id}
    record(actor, shipment.consortium_id, name, f"shipment {shipment.code}", detail, session=db)
    return id_of(after)


def _with_load_plan(containers: list[Mapping[str, Any]], container: str, load_plan: object) -> list[dict[str, Any]]:
    written = LOAD_PLAN.write(load_plan)
    return [dict(one) | ({"load_plan": written} if one["id"] == container else {}) for one in containers]


def _copy_shares_and_answers(before: StoredPlan, after: StoredPlan, session: Session) -> None:
    """Carry over what depends on contents and cost alone: neither changes with where packages stand."""
    for share in session.exec(select(CostShare).where(CostShare.plan_id == before.id)).all():
        session.add(CostShare(**share.model_dump(exclude={"id", "plan_id"}), plan_id=id_of(after)))
    answers = answers_of(id_of(before), session=session)
    if answers is not None:
        keep_answers(id_of(after), replace(answers, plan_sha256=after.plan_sha256), session=session)


def hold_container(actor: Actor, shipment_id: int, plan_id: int, container: str, session: Session) -> PlannedContainer:
    """Return a container whose shipment is held and may still change.

    Raises
    ------
    ForbiddenError, NotFoundError
    StateError
        ``plan_not_in_force``, ``shipment_already_agreed``, ``shipment_not_planned``.
    """
    held = reach_container(actor, shipment_id, plan_id, container, session)
    lock(held.shipment, session)
    if held.shipment.state in AGREED:
        raise StateError("shipment_already_agreed", {"state": held.shipment.state.value})
    if held.shipment.state is not ShipmentState.PLANNED:
        raise StateError("shipment_not_planned", {"state": held.shipment.state.value})
    if held.shipment.plan_id != plan_id:
        raise StateError("plan_not_in_force", {"plan": plan_id})
    return held


def _hold(actor: Actor, shipment_id: int, plan_id: int, container: str, session: Session) -> Bench:
    """Return a bench whose shipment is held and may still change."""
    hold_container(actor, shipment_id, plan_id, container, session)
    bench = reach_bench(actor, shipment_id, plan_id, container, session)
    if (job := _active(shipment_id, SOLVE_JOB, session)) is not None:
        raise StateError("load_being_solved", {"job": job})
    return replace(bench, rows=acts_of(actor, plan_id, container, session))


def _active(shipment_id: int, kind: str, session: Session) -> int | None:
    """Return a job of a kind about a shipment that waits or runs."""
    states = (JobState.QUEUED, JobState.RUNNING)
    return session.exec(
        select(Job.id).where(Job.subject_id == shipment_id, Job.kind == kind, col(Job.state).in_(states))
    ).first()


def _add(actor: Actor, bench: Bench, act: Act, load: WorkingLoad, session: Session) -> int:
    row = ManualLoad(
        plan_id=id_of(bench.stored),
        container=bench.load.id,
        user_id=actor.user_id,
        act=act.value,
        document=write_working_load(load),
    )
    session.add(row)
    session.flush()
    return id_of(row)
