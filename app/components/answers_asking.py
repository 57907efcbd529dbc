"""Asking for the answers that take searches, and watching the job that works them out."""

import streamlit as st

from app.components.running_jobs import ACTIVE, watch_search
from app.components.states import attempt, empty_state
from app.layout import Viewer
from app.texts import _
from consortium.permissions import Action
from consortium.services import answers as answering
from consortium.services.jobs import JobView
from consortium.views_answers import PlanAnswersView


def ask_for_more(who: Viewer, shipment_id: int, job: JobView | None, found: PlanAnswersView | None) -> None:
    """Offer to work out other plans and prices of wishes; while a job does, show how far it is."""
    if job is not None and job.state in ACTIVE:
        watch_search(job.id, "stop_answers")
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
