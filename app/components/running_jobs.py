"""Watching a job while it waits or runs: how far it is, and a button that stops it."""

import streamlit as st

from app.components.plan_words import stage_words
from app.components.states import error_box
from app.layout import viewer
from app.texts import _
from consortium.services import jobs

ACTIVE = ("queued", "running")
LOOK_EVERY_S = 1.0


def watch_search(job_id: int, stop_key: str) -> None:
    """Show a search until it has ended, then make the page afresh once.

    Parameters
    ----------
    stop_key
        Key of the button that stops it.
    """
    st.fragment(run_every=LOOK_EVERY_S)(_look)(job_id, stop_key)


def _look(job_id: int, stop_key: str) -> None:
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
            elif st.button(_("Stop the search"), icon=":material/stop:", key=stop_key):
                jobs.cancel_job(viewer().actor, job_id)
