"""Step 2 of a pooled shipment: ask for a plan and watch it being made; the page stays free meanwhile."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.components.plan_words import bound_sentence, stage_words
from app.components.running_jobs import ACTIVE, LOOK_EVERY_S
from app.components.states import attempt, empty_state, error_box, show_faults
from app.formats import moment, money, percent_ppm
from app.labels import JOB_STATES, word
from app.layout import Viewer, viewer
from app.texts import _, mark
from consortium.errors import InputFault
from consortium.permissions import Action
from consortium.services import jobs, planning, shipments
from consortium.services.jobs import JobView
from consortium.views import ShipmentView

FAILURES = {
    "judge_found_violations": mark(
        "The judge found an error in the plan, so it was not stored. Please report this with the number of the job."
    ),
    "problem_refused": mark("The orders, departures and tariffs do not fit together. Correct them and plan again."),
    "no_longer_possible": mark("The shipment was changed while it was being planned. Plan it again."),
    "unexpected": mark("Planning stopped unexpectedly. Plan again; if it fails again, report the number of the job."),
}


def show_planning(who: Viewer, shipment: ShipmentView) -> None:
    """Show the newest planning job, and the button that asks for another plan."""
    if shipment.state == "open":
        empty_state(_("Freeze the shipment first"), _("A plan is made for a fixed set of orders: finish step 1."))
        return
    job = jobs.latest_job(who.actor, shipment.id)
    active = job is not None and job.state in ACTIVE
    if job is not None:
        panel = st.fragment(run_every=LOOK_EVERY_S)(_live_job) if active else _show_job
        panel(job.id, who.here.currency)
    elif shipment.plan_id is None:
        empty_state(
            _("No plan yet"),
            _("Planning compares every way to travel and proves how good the best one found is."),
            icon=":material/route:",
        )
    if not active and who.may(Action.MANAGE_SHIPMENTS) and shipment.state in ("frozen", "planned"):
        _ask(who, shipment)


def _ask(who: Viewer, shipment: ShipmentView) -> None:
    with st.expander(_("Limits of the search")):
        seconds = st.number_input(
            _("Seconds at most"),
            min_value=1,
            max_value=3600,
            value=240,
            help=_("The search ends as soon as the plan is proven cheapest. More time helps only large shipments."),
            key="plan_seconds",
        )
        seed = st.number_input(
            _("Seed"), min_value=0, value=0, help=_("The same orders and seed give the same plan."), key="plan_seed"
        )
    with st.container(horizontal=True):
        label = _("Make the plan") if shipment.plan_id is None else _("Plan again")
        plan = st.button(label, type="primary", icon=":material/play_arrow:", key="plan")
        reopen = st.button(_("Reopen the shipment"), icon=":material/lock_open:", key="reopen")
    if plan:
        with attempt(_("Planning has begun.")):
            planning.request_plan(who.actor, shipment.id, time_limit_s=int(seconds), seed=int(seed))
    if reopen:
        with attempt(_("Shipment {code} is open again.", code=shipment.code)):
            shipments.reopen(who.actor, shipment.id)


def _live_job(job_id: int, currency: str) -> None:
    """Look at a running job every second; when it has ended, make the page afresh once."""
    with error_box():
        job = jobs.job(viewer().actor, job_id)
        if job.state not in ACTIVE:
            st.rerun()
        _show_job_view(job, currency)
        if job.cancel_requested:
            st.caption(_("Stopping; the best plan found so far is kept."))
        elif st.button(_("Cancel planning"), icon=":material/stop:", key="cancel_job"):
            jobs.cancel_job(viewer().actor, job_id)


def _show_job(job_id: int, currency: str) -> None:
    _show_job_view(jobs.job(viewer().actor, job_id), currency)


def _show_job_view(job: JobView, currency: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{word(JOB_STATES, job.state)}**")
        if job.state == "queued":
            st.progress(0.0, text=_("It begins as soon as the plans before it are done."))
        elif job.state == "running":
            stage = stage_words(job.stage)
            st.progress(min(max(job.done_permille, 0), 1000) / 1000, text=stage)
        elif job.state == "failed":
            st.error(_(FAILURES.get(str(job.error.get("code")), FAILURES["unexpected"])), icon=":material/error:")
            if faults := _faults(job.error):
                show_faults(faults)
        elif job.state == "cancelled":
            st.caption(_("The best plan found until then is kept if there was one; it has no cost shares."))
        _numbers(job, currency)
        if job.finished_at is not None:
            st.caption(_("Job {number}, ended {moment}", number=job.id, moment=moment(job.finished_at)))


def _faults(error: Mapping[str, Any]) -> list[InputFault]:
    """Return what a failed job found wrong with the problem, when it says so."""
    return [
        InputFault(*(str(one.get(name, "")) for name in ("path", "code", "expected", "found")))
        for one in error.get("faults") or ()
    ]


def _numbers(job: JobView, currency: str) -> None:
    """Show the best cost so far, and the bound as soon as it says something."""
    if job.cost_minor is None:
        return
    with st.grid(3, min_column_width=180):
        st.metric(_("Best cost so far"), money(job.cost_minor, currency))
        if job.lower_bound_minor is not None and 2 * job.lower_bound_minor > job.cost_minor:
            st.metric(_("Least possible cost"), money(job.lower_bound_minor, currency))
            gap = (job.cost_minor - job.lower_bound_minor) * 1_000_000 // max(job.cost_minor, 1)
            st.metric(_("Cheaper by at most"), percent_ppm(gap), help=bound_sentence(gap))
