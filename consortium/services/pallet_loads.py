"""Pallets first: a container's goods put onto pallets and the pallets loaded, as the next plan of the shipment.

What is saved is another plan with the same contents, cost and shares, in force from then on, and only when everything
finds its place and the judge accepts it.
"""

import threading
from dataclasses import replace
from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from consortium.database import in_transaction, need, unit_of_work
from consortium.draft_kinds import Draft
from consortium.errors import StateError
from consortium.models import Job
from consortium.permissions import Actor
from consortium.reach import id_of
from consortium.services import jobs
from consortium.services.audit import record
from consortium.services.manual_loads import LONGEST_SOLVE_S, hold_container, put_in_force
from consortium.services.running import JudgedError, Watch, owner_and_subject, run_job
from consortium.time_limits import DEFAULT_LOAD_TIME_LIMIT_S, load_limits_of
from consortium.working_loads import reach_container
from optimizer.checking_answers import check_answer
from optimizer.container_loads import load_problem_of
from optimizer.load_answers import answer_load
from optimizer.load_problem import LoadProblem
from optimizer.problem_parts import PalletType
from optimizer.result import LoadPlan

PALLETS_JOB = "load_on_pallets"

Size = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Mass = Annotated[int, Field(strict=True, ge=0, le=10**8)]


class PalletDraft(Draft):
    """A kind of pallet; sizes in mm, masses in g.

    Parameters
    ----------
    most_height_mm, most_mass_g
        With everything on it.
    max_load_g
        Mass that may stand on a loaded one: 0 nothing.
    """

    code: Annotated[str, Field(pattern="^[A-Z0-9]{1,12}$")] = "EUR"
    length_mm: Size = 1200
    width_mm: Size = 800
    height_mm: Size = 144
    mass_g: Mass = 25_000
    most_height_mm: Size = 1_800
    most_mass_g: Mass = 1_500_000
    max_load_g: Mass = 0

    def pallet(self) -> PalletType:
        """Return it as the optimiser knows it.

        Raises
        ------
        ProblemError
            When nothing could stand on it.
        """
        return PalletType(**self.model_dump())


@in_transaction
def request_pallets(
    actor: Actor,
    shipment_id: int,
    plan_id: int,
    container: str,
    draft: PalletDraft | None,
    *,
    time_limit_s: int = int(DEFAULT_LOAD_TIME_LIMIT_S),
    seed: int = 0,
    session: Session | None = None,
) -> int:
    """Queue the loading of a container on pallets, or without (`draft` None), and return the job's id.

    Raises
    ------
    ForbiddenError, NotFoundError, ProblemError
    StateError
        ``plan_not_in_force``, ``shipment_already_agreed``, ``shipment_not_planned``, ``time_limit_out_of_range``.
    """
    db = need(session)
    held = hold_container(actor, shipment_id, plan_id, container, db)
    if not 1 <= time_limit_s <= LONGEST_SOLVE_S:
        raise StateError("time_limit_out_of_range", {"found": time_limit_s, "most": LONGEST_SOLVE_S})
    if draft is not None:
        draft.pallet()
    payload = {
        "plan_id": plan_id, "container": container, "pallet": None if draft is None else draft.model_dump(),
        "time_limit_s": time_limit_s, "seed": seed,
    }  # fmt: skip
    job = jobs.enqueue(actor, held.shipment.consortium_id, PALLETS_JOB, shipment_id, payload, session=db)
    if job.payload != payload:
        raise StateError("planning_under_way", {"job": id_of(job)})
    name, detail = f"shipment {held.shipment.code}", {"container": container, "pallet": payload["pallet"]}
    record(actor, held.shipment.consortium_id, "request_pallets", name, detail, session=db)
    return id_of(job)


def run_pallets_job(job: Job, *, leave: threading.Event | None = None) -> None:
    """Do a claimed job: put onto pallets, load, judge, make it the next plan; stopped or without room, nothing."""
    run_job(job, _load_and_keep, leave)


def _load_and_keep(job: Job, watch: Watch) -> int | None:
    """Return the id of the new plan, or None when the worker has to leave."""
    actor, subject_id = owner_and_subject(job, "request_pallets")
    place = (actor, subject_id, int(job.payload["plan_id"]), str(job.payload["container"]))
    with unit_of_work() as session:
        held = reach_container(*place, session)
    bare = load_problem_of(held.problem, held.load)
    assert bare is not None, "it has a load plan, so that its goods have sizes"
    chosen = job.payload["pallet"]
    asked: LoadProblem = replace(bare, pallet=None if chosen is None else PalletDraft(**chosen).pallet())
    answer = answer_load(
        asked,
        limits=load_limits_of(float(job.payload["time_limit_s"])),
        seed=int(job.payload["seed"]),
        on_progress=watch.tell,
        should_stop=watch.should_stop,
    )
    if watch.leave.is_set():
        return None
    if violations := check_answer(asked, answer):
        raise JudgedError(violations)
    if answer.unloaded or not answer.loads:
        left = sum(one.quantity for one in answer.unloaded)
        raise StateError("pallets_do_not_fit", {"number": left, "container": held.load.id})
    load_plan = LoadPlan(
        support=answer.support,
        placements=answer.loads[0].placements,
        pallet=asked.pallet if answer.pallets else None,
        pallets=answer.pallets,
    )
    with unit_of_work() as session:
        held = hold_container(*place, session)
        load = replace(held.load, load_plan=load_plan)
        return put_in_force(actor, held, load, "load_on_pallets", session)
