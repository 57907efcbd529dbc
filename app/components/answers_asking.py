"""Asking for the answers that take searches, and watching the job that works them out."""

import streamlit as st

from app.components.plan_words import stage_words
from app.components.states import attempt, empty_state, error_box
from app.layout import Viewer, viewer
from app.texts import _
from consortium.permissions import Action
from consortium.services import answers as answering
from consortium.services import jobs
from consortium.services.jobs import JobView
from consortium.views_answers import PlanAnswersView

ACTIVE = ("queued", "running")
LOOK_EVERY_S = 1.0


def ask_for_more(who: Viewer, shipment_id: int, job: JobView | None, found: PlanAnswersView | None) -> None:
    """Offer to work out other plans and prices of wishes; while a job does, show how far it is."""
    if job is not None and job.state in ACTIVE:
        st.fragment(run_every=LOOK_EVERY_S)(_live_job)(job.id)
        return
    if found is not None and found.alternatives is not None:
        st.info(_("The search was ended before all of it was done."), icon=":material/timer:")
    else:
        empty_state(
            _("Not worked out yet"),
            _("Other plans and prices of wishes take a search for each: seconds for a few orders, minutes for many."),
            icon=":material/manage_search:",
        )
    if job is not None and job.state == "failed":
        st.error(_("The last attempt failed. Try again; if it fails again, report job {number}.", number=job.id))
    if not who.may(Action.MANAGE_SHIPMENTS):
        return
    if st.button(_("Work it out"), type="primary", icon=":material/manage_search:", key="work_out"):
        with attempt(_("The search has begun.")):
            answering.request_answers(who.actor, shipment_id)


def _live_job(job_id: int) -> None:
    """Look at the job every second; when it has ended, make the page afresh once."""
    with error_box():
        job = jobs.job(viewer().actor, job_id)
        if job.state not in ACTIVE:
            st.rerun()
        with st.container(border=True):
            waits = job.state == "queued"
            text = _("It begins as soon as the work before it is done.") if waits else stage_words(job.stage)
            st.progress(min(max(job.done_permille, 0), 1000) / 1000, text=text)
            if job.cancel_requested:
                st.caption(_("Stopping; what was found so far is kept."))
            elif st.button(_("Stop the search"), icon=":material/stop:", key="stop_answers"):
                jobs.cancel_job(viewer().actor, job_id)
